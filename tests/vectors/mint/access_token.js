// @ts-check
/**
 * RFC 9068, JWT Profile for OAuth 2.0 Access Tokens.
 *
 * @module
 */

import { err, keys, mint, NOW, ok, publicJwk, typeError, write } from './lib.js'

const key = keys.rs256
const kid = 'as-1'
const verificationKeys = { jwk: publicJwk(key, { kid }) }
const issuer = 'https://authorization-server.example/'
const audience = 'https://rs.example/'
const profile = { $profile: 'accessToken', issuer, audience }
/** @type {Record<string, any>} */
const claims = {
  iss: issuer,
  sub: '5ba552d67',
  aud: audience,
  exp: NOW + 300,
  iat: NOW,
  jti: 'dbe39bf3a3ba4238a513f51d6e1691c4',
  client_id: 's6BhdRkqt3',
  scope: 'openid profile reademail',
}

/** @type {Record<string, any>[]} */
const vectors = []

/**
 * @param {string} name @param {string} section @param {object} token Claims. @param {object} answer
 * @param {{ profile?: object, options?: object, header?: object, expected?: object }} [given]
 */
async function vector(name, section, token, answer, given = {}) {
  vectors.push({
    name,
    ref: section.startsWith('pkg/') ? section : `RFC 9068 section ${section}`,
    options: { profile: given.profile ?? profile, ...given.options },
    keys: verificationKeys,
    token: await mint(key, { ...token }, { typ: 'at+jwt', kid, ...given.header }),
    expected: given.expected,
    now: NOW,
    answer,
  })
}

await vector(
  'a JWT access token is verified',
  '4',
  claims,
  ok({ claims, scope: ['openid', 'profile', 'reademail'], header: { typ: 'at+jwt' } }),
)
await vector('its type may be written out', '4', claims, ok(), {
  header: { typ: 'application/at+jwt' },
})
await vector('its type may be written in capitals', '4', claims, ok(), {
  header: { typ: 'AT+JWT' },
})
await vector('an ID token is no access token', '4', claims, err('typ_mismatch', 'typ', { actual: 'JWT' }), {
  header: { typ: 'JWT' },
})
await vector('a token without a type is no access token', '4', claims, err('typ_mismatch', 'typ'), {
  header: { typ: undefined },
})
await vector('the audience may be in an array', '4', { ...claims, aud: ['https://other.example/', audience] }, ok())
await vector(
  'another audience is refused',
  '4',
  { ...claims, aud: 'https://other.example/' },
  err('claim_mismatch', 'aud'),
)
await vector(
  'another issuer is refused',
  '4',
  { ...claims, iss: 'https://other.example/' },
  err('claim_mismatch', 'iss'),
)
await vector(
  'an issuer without its slash is another',
  '4',
  { ...claims, iss: issuer.slice(0, -1) },
  err('claim_mismatch', 'iss'),
)
await vector(
  'on the second of exp it has expired',
  '4',
  { ...claims, exp: NOW },
  err('token_expired', 'exp', { expected: NOW, actual: NOW }),
)
for (const name of ['iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti']) {
  await vector(`${name} is required`, '2.2', { ...claims, [name]: undefined }, err('claim_missing', name))
}
await vector('scope is optional', '2.2.3', { ...claims, scope: undefined }, ok({ scope: [] }))
const reading = { ...profile, scope: 'reademail' }
await vector('a scope that is required is there', '4', claims, ok(), { profile: reading })
await vector(
  'a scope that is required is not there',
  '4',
  { ...claims, scope: 'openid' },
  err('scope_insufficient', 'scope'),
  { profile: reading },
)
await vector('any of several scope-tokens is enough', '4', claims, ok(), {
  profile: { ...profile, scope: { any: ['write', 'profile'] } },
})
await vector(
  'a scope may be added beside the profile',
  'pkg/src/types.ts VerifierOptions',
  claims,
  err('scope_insufficient', 'scope'),
  { profile: reading, options: { scope: 'write' } },
)
await vector(
  'a scope beside the profile does not replace the profile’s',
  'pkg/src/types.ts VerifierOptions',
  { ...claims, scope: 'write' },
  err('scope_insufficient', 'scope'),
  { profile: reading, options: { scope: 'write' } },
)
await vector('another typ is a contradiction', 'pkg/src/types.ts VerifierOptions', claims, typeError('typ'), {
  options: { typ: 'JWT' },
})
await vector('the same typ, written out, is none', 'pkg/src/types.ts VerifierOptions', claims, ok(), {
  options: { typ: 'application/at+jwt' },
})

const mistake = (/** @type {string} */ name, /** @type {object} */ options, /** @type {string} */ word) =>
  vector(name, 'pkg/src/profiles.ts accessToken', claims, typeError(word), {
    profile: { $profile: 'accessToken', ...options },
  })
await mistake('the issuer must be named', { audience }, 'issuer')
await mistake('the audience must be named', { issuer }, 'audience')
await mistake('an issuer of null is a mistake', { issuer: null, audience }, 'issuer')
await mistake('an audience of null is a mistake', { issuer, audience: null }, 'audience')
await mistake('an audience of nothing is a mistake', { issuer, audience: '' }, 'audience')
await mistake('a scope of nothing is a mistake', { issuer, audience, scope: '' }, 'scope')
await mistake('an unknown option is a mistake', { issuer, audience, clientId: 'x' }, 'clientId')

write('access_token.json', vectors)
