// @ts-check
/** Okta access tokens. @module */

import { err, NOW, ok, profiled } from './common.js'

const iss = 'https://acme.okta.com/oauth2/default'
const options = { domain: 'acme.okta.com', authorizationServer: 'default', audience: 'api://default' }
const claims = {
  ver: 1,
  jti: 'AT.0mP4JKAZX1iACIT4vbEDF7LpvDVjxypPMf0D7uX39RE',
  iss,
  aud: 'api://default',
  iat: NOW - 60,
  exp: NOW + 3540,
  cid: '0oa1gjh63g214q0Hq0g4',
  uid: '00uid4BxXw6I6TV4m0g3',
  scp: ['openid', 'orders.read'],
  sub: 'jo@example.org',
}
const { vector, mistake, common } = profiled('okta', options, claims, { header: {} })
await common()
await vector('scope is read from the array', {}, ok({ scope: ['openid', 'orders.read'] }), {
  options: { scope: 'orders.read' },
})
await vector('a scope that is not there is too little', {}, err('scope_insufficient', 'scp'), {
  options: { scope: 'orders.write' },
})
await vector(
  'scope in another claim is none',
  { scp: undefined, scope: 'orders.read' },
  err('scope_insufficient', 'scp'),
  { options: { scope: 'orders.read' } },
)
await vector(
  'an ID token names no client',
  { cid: undefined, uid: undefined, scp: undefined },
  err('claim_missing', 'cid'),
)
await vector(
  'an ID token is refused for its audience',
  { aud: claims.cid, cid: undefined, at_hash: 'h' },
  err('claim_mismatch', 'aud'),
)
await vector(
  'an ID token with a hash is refused, even for this audience',
  { at_hash: 'h' },
  err('claim_mismatch', 'at_hash'),
)
await vector(
  'a token of the org server is refused',
  { iss: 'https://acme.okta.com', aud: 'https://acme.okta.com' },
  err('claim_mismatch', 'iss'),
)
await vector(
  'another authorization server is refused',
  { iss: 'https://acme.okta.com/oauth2/aus1' },
  err('claim_mismatch', 'iss'),
)
await vector('another org is refused', { iss: 'https://other.okta.com/oauth2/default' }, err('claim_mismatch', 'iss'))
await vector(
  'the org for tests is refused',
  { iss: 'https://acme.oktapreview.com/oauth2/default' },
  err('claim_mismatch', 'iss'),
)
await vector('another audience is refused', { aud: 'api://other' }, err('claim_mismatch', 'aud'))
await vector('a client of the list is accepted', {}, ok(), { options: { clients: ['x', claims.cid] } })
await vector('a client beyond the list is refused', {}, err('claim_mismatch', 'cid'), { options: { clients: ['x'] } })
await vector('an empty client is none', { cid: '' }, err('claim_mismatch', 'cid'))
await vector('a token of a day is accepted', { iat: NOW, exp: NOW + 86400 }, ok())
await vector('a token of more than a day is refused', { iat: NOW, exp: NOW + 86401 }, err('lifetime_too_long', 'exp'))
await mistake('a domain with a scheme is a mistake', { domain: 'https://acme.okta.com' }, 'domain')
await mistake(
  'an authorization server in a path is a mistake',
  { authorizationServer: 'oauth2/default' },
  'authorizationServer',
)
