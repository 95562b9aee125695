// @ts-check
/** SPIFFE JWT-SVIDs. @module */

import { err, keys, NOW, ok, profiled, publicJwk } from './common.js'

const options = { trustDomain: 'td.example', audience: 'spiffe://td.example/api' }
const claims = { sub: 'spiffe://td.example/web', aud: ['spiffe://td.example/api'], exp: NOW + 300 }
const bundle = (/** @type {object} */ members) => ({
  jwks: { keys: [publicJwk(keys.es256, { kid: 'k1', ...members })], spiffe_sequence: 1 },
  use: 'jwt-svid',
})
const given = bundle({ use: 'jwt-svid' })
const { vector, mistake, common } = profiled('spiffe', options, claims, { key: keys.es256, given })
await common()
await vector('a token of the type JOSE is accepted', {}, ok(), { header: { typ: 'JOSE' } })
await vector('another trust domain is refused', { sub: 'spiffe://other.example/web' }, err('claim_mismatch', 'sub'))
await vector(
  'the trust domain for tests is refused',
  { sub: 'spiffe://td.example.test/web' },
  err('claim_mismatch', 'sub'),
)
await vector(
  'a trust domain that starts alike is refused',
  { sub: 'spiffe://td.example2/web' },
  err('claim_mismatch', 'sub'),
)
await vector('the trust domain itself is no workload', { sub: 'spiffe://td.example' }, err('claim_mismatch', 'sub'))
await vector('an ID token of a person is refused', { sub: 'jo@example.org' }, err('claim_mismatch', 'sub'))
await vector('a token without a subject is refused', { sub: undefined }, err('claim_missing', 'sub'))
await vector('another audience is refused', { aud: ['spiffe://td.example/db'] }, err('claim_mismatch', 'aud'))
await vector('a token without an audience is refused', { aud: undefined }, err('claim_missing', 'aud'))
await vector('the ID is accepted', {}, ok(), {
  options: { id: ['spiffe://td.example/web', 'spiffe://td.example/cron'] },
})
await vector('another ID is refused', { sub: 'spiffe://td.example/web/x' }, err('claim_mismatch', 'sub'), {
  options: { id: 'spiffe://td.example/web' },
})
await vector('EdDSA is refused', {}, err('alg_not_allowed', 'alg'), {
  key: keys.ed25519,
  keys: {
    jwks: {
      keys: [
        publicJwk(keys.es256, { kid: 'k1', use: 'jwt-svid' }),
        publicJwk(keys.ed25519, { kid: 'k1', use: 'jwt-svid' }),
      ],
    },
    use: 'jwt-svid',
  },
})
await vector('a bundle without the tag is a mistake', {}, { typeError: 'use' }, { keys: { jwks: given.jwks } })
await vector('a key for certificates is a mistake', {}, { typeError: 'use' }, { keys: bundle({ use: 'x509-svid' }) })
await mistake('a trust domain with a scheme is a mistake', { trustDomain: 'spiffe://td.example' }, 'trustDomain')
await mistake('an ID of another domain is a mistake', { id: 'spiffe://other.example/web' }, 'id')
await mistake('a bundle over http is a mistake', { bundle: 'http://td.example/bundle' }, 'bundle')
