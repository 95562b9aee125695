// @ts-check
/**
 * publiq access tokens in three eras: the cases of systems.md D that need no HTTP.
 *
 * @module
 */

import { b64u, err, forge, keys, mint, NOW, ok, publicJwk, publicPem, typeError, write } from './lib.js'

const key = keys.rs256
const kid = 'publiq-test-1'
const verificationKeys = { keys: [publicJwk(key, { kid, use: 'sig', alg: 'RS256' })] }
const header = { typ: 'JWT', kid }
const APIS = 'https://publiq.be/publiq-apis'
const AUDIENCE = 'https://api.publiq.be'
const UITPAS = 'https://api.publiq.be/auth/uitpas'
const ENTRY = 'https://api.publiq.be/auth/uitdatabank-entry'

/** The default profile of these vectors. @param {object} [options] */
const publiq = (options) => ({ $profile: 'publiq', environment: 'test', ...options })
const entry = publiq({ api: 'entry' })
const times = { iat: NOW - 60, exp: NOW + 86340 }
const client = { sub: 'client-1@clients', azp: 'client-1', gty: 'client-credentials' }

/** A client access token of the Auth0 eras. @param {object} [claims] */
const auth0 = (claims) => ({
  iss: 'https://account-test.uitid.be/',
  aud: AUDIENCE,
  ...times,
  ...client,
  ...claims,
})
const eraB = (/** @type {object} */ claims = {}) => auth0({ [APIS]: 'ups sapi entry', ...claims })

/** @type {Record<string, any>[]} */
const vectors = []

/**
 * @param {string} name @param {string} ref @param {object} profile
 * @param {object | string} token Claims, or a token as it stands.
 * @param {object} answer
 * @param {{ options?: object, keys?: unknown, now?: number, expected?: object }} [given]
 */
async function vector(name, ref, profile, token, answer, given = {}) {
  vectors.push({
    name,
    ref: ref.startsWith('RFC') || ref.startsWith('pkg/') ? ref : `systems.md D ${ref}`,
    options: { profile, ...given.options },
    keys: given.keys ?? verificationKeys,
    token: typeof token === 'string' ? token : await mint(key, { ...token }, header),
    expected: given.expected,
    now: given.now ?? NOW,
    answer,
  })
}

// Valid
await vector(
  'a client token for three APIs may use the one required',
  'V1',
  entry,
  eraB(),
  ok({
    claims: { azp: 'client-1', [APIS]: 'ups sapi entry' },
    expiresAt: NOW + 86340,
    evidence: 'signature',
    key: { kid, alg: 'RS256' },
  }),
)
await vector(
  'a client token of the scope era holds its scope in permissions',
  'V2',
  publiq({ scope: UITPAS }),
  auth0({ permissions: [UITPAS] }),
  ok(),
)
await vector(
  'a user token of the scope era holds its scope in scope',
  'V2',
  publiq({ scope: UITPAS }),
  {
    iss: 'https://account-test.uitid.be/',
    aud: AUDIENCE,
    ...times,
    sub: 'auth0|1',
    azp: 'app-1',
    scope: `openid ${UITPAS}`,
  },
  ok({ scope: ['openid', UITPAS] }),
)
await vector(
  'scope and permissions count together',
  'V2',
  publiq({ scope: [UITPAS, ENTRY] }),
  auth0({ permissions: [UITPAS], scope: ENTRY }),
  ok(),
)
await vector(
  'the audience may be in an array',
  'V3',
  entry,
  eraB({ aud: [AUDIENCE, 'https://publiq-test.eu.auth0.com/userinfo'] }),
  ok(),
)
const realm = 'https://account-test.uitid.be/realms/uitid'
const keycloak = {
  iss: realm,
  aud: AUDIENCE,
  ...times,
  sub: '5f1c',
  azp: 'client-1',
  typ: 'Bearer',
  [APIS]: 'entry',
}
await vector(
  'a Keycloak token is accepted where Keycloak issues',
  'V4',
  publiq({ api: 'entry', issuedBy: 'keycloak' }),
  keycloak,
  ok({ claims: { iss: realm, typ: 'Bearer' } }),
)
await vector(
  'a Keycloak token is accepted where its realm is named',
  'V4',
  publiq({ api: 'entry', issuer: realm }),
  keycloak,
  ok(),
)
await vector(
  'where Keycloak issues, an Auth0 token is accepted still',
  'V4',
  publiq({ api: 'entry', issuedBy: 'keycloak' }),
  eraB(),
  ok(),
)
await vector(
  'a Keycloak token is refused where Auth0 issues',
  'V4',
  entry,
  keycloak,
  err('claim_mismatch', 'iss', { actual: realm }),
)
await vector(
  'the Auth0 tenant is an issuer too',
  'D.1',
  entry,
  eraB({ iss: 'https://publiq-test.eu.auth0.com/' }),
  ok(),
)
await vector(
  'a token of the RFC 9068 profile is accepted',
  'D.1',
  entry,
  await mint(key, eraB({ client_id: 'client-1', jti: 'j-1' }), { typ: 'at+jwt', kid }),
  ok(),
)
for (const [environment, issuers] of /** @type {[string, string[]][]} */ ([
  ['test', ['https://account-test.uitid.be/', 'https://publiq-test.eu.auth0.com/']],
  ['acceptance', ['https://account-acc.uitid.be/', 'https://publiq-acc.eu.auth0.com/']],
  ['production', ['https://account.uitid.be/', 'https://publiq.eu.auth0.com/']],
])) {
  for (const iss of issuers) {
    await vector(`${iss} issues for ${environment}`, 'D.1', publiq({ api: 'entry', environment }), eraB({ iss }), ok())
    const other = environment === 'production' ? 'test' : 'production'
    await vector(
      `${iss} does not issue for ${other}`,
      'I3',
      publiq({ api: 'entry', environment: other }),
      eraB({ iss }),
      err('claim_mismatch', 'iss', { actual: iss }),
    )
  }
  const iss = `${issuers[0]}realms/uitid`
  await vector(
    `${iss} issues for ${environment} under Keycloak`,
    'D.1',
    publiq({ api: 'entry', environment, issuedBy: 'keycloak' }),
    { ...keycloak, iss },
    ok(),
  )
}

// Invalid
const lenient = { options: { leewaySeconds: 30 } }
await vector('expired 29 s ago, with 30 s leeway', 'I1', entry, eraB({ iat: NOW - 3600, exp: NOW - 29 }), ok(), lenient)
await vector(
  'expired 30 s ago, with 30 s leeway',
  'I1',
  entry,
  eraB({ iat: NOW - 3600, exp: NOW - 30 }),
  err('token_expired', 'exp', { expected: NOW, actual: NOW - 30 }),
  lenient,
)
await vector(
  'expired 31 s ago, with 30 s leeway',
  'I1',
  entry,
  eraB({ iat: NOW - 3600, exp: NOW - 31 }),
  err('token_expired', 'exp'),
  lenient,
)
await vector(
  'expired on this second, and no profile sets leeway',
  'I1',
  entry,
  eraB({ exp: NOW }),
  err('token_expired', 'exp'),
)
await vector('a token without exp is refused', 'I2', entry, eraB({ exp: undefined }), err('claim_missing', 'exp'))
await vector(
  'an issuer without its slash is another',
  'I4',
  entry,
  eraB({ iss: 'https://account-test.uitid.be' }),
  err('claim_mismatch', 'iss'),
)
await vector(
  'an issuer in upper case is another',
  'I4',
  entry,
  eraB({ iss: 'https://ACCOUNT-TEST.uitid.be/' }),
  err('claim_mismatch', 'iss'),
)
await vector(
  'an issuer over http is another',
  'I4',
  entry,
  eraB({ iss: 'http://account-test.uitid.be/' }),
  err('claim_mismatch', 'iss'),
)
await vector('a token without iss is refused', 'I4', entry, eraB({ iss: undefined }), err('claim_missing', 'iss'))
await vector(
  'an audience with a slash is another',
  'I5',
  entry,
  eraB({ aud: `${AUDIENCE}/` }),
  err('claim_mismatch', 'aud', { actual: `${AUDIENCE}/` }),
)
await vector(
  'an audience of another API is refused',
  'I5',
  entry,
  eraB({ aud: 'https://other.example' }),
  err('claim_mismatch', 'aud'),
)
await vector('a token without aud is refused', 'I5', entry, eraB({ aud: undefined }), err('claim_missing', 'aud'))
await vector(
  'another audience may be named',
  'D.1',
  publiq({ api: 'entry', audience: 'https://api-test.publiq.be' }),
  eraB({ aud: 'https://api-test.publiq.be' }),
  ok(),
)
await vector(
  'where another audience is named, the default is refused',
  'D.1',
  publiq({ api: 'entry', audience: 'https://api-test.publiq.be' }),
  eraB(),
  err('claim_mismatch', 'aud'),
)
await vector(
  'the audience may be left unchecked in so many words',
  'D.1',
  publiq({ api: 'entry', audience: null }),
  eraB({ aud: undefined }),
  ok(),
)
await vector('a token for other APIs is refused', 'I6', entry, eraB({ [APIS]: 'ups' }), err('scope_insufficient', APIS))
for (const apis of ['entryx', 'xentry', 'Entry', 'ups,entry', 'ups:entry', 'uitdatabank-entry']) {
  await vector(
    `an API called ${apis} is not entry`,
    'I7',
    entry,
    eraB({ [APIS]: apis }),
    err('scope_insufficient', APIS),
  )
}
await vector('without its claim a token may use no API', 'I7', entry, auth0(), err('scope_insufficient', APIS))
await vector('a scope does not grant an API', 'I7', entry, auth0({ scope: 'entry' }), err('scope_insufficient', APIS))
await vector(
  'permissions do not grant an API',
  'I7',
  entry,
  auth0({ permissions: ['entry'] }),
  err('scope_insufficient', APIS),
)
await vector('an API does not grant a scope', 'I7', publiq({ scope: 'entry' }), eraB(), err('scope_insufficient'))
await vector(
  'the claim of APIs is a text',
  'I7',
  entry,
  eraB({ [APIS]: ['ups', 'entry'] }),
  err('claim_malformed', APIS),
)
await vector('the claim of APIs is no number', 'I7', entry, eraB({ [APIS]: 5 }), err('claim_malformed', APIS))
const both = publiq({ api: 'entry', scope: UITPAS })
await vector(
  'an API and a scope are both held',
  'pkg/src/profiles.ts publiq',
  both,
  eraB({ permissions: [UITPAS] }),
  ok(),
)
await vector(
  'an API without the scope is not enough',
  'pkg/src/profiles.ts publiq',
  both,
  eraB(),
  err('scope_insufficient'),
)
await vector(
  'a scope without the API is not enough',
  'pkg/src/profiles.ts publiq',
  both,
  auth0({ permissions: [UITPAS] }),
  err('scope_insufficient', APIS),
)
await vector(
  'an ID token of Keycloak is refused',
  'I8',
  publiq({ api: 'sapi', issuedBy: 'keycloak' }),
  { ...keycloak, typ: 'ID', [APIS]: 'sapi' },
  err('claim_mismatch', 'typ', { actual: 'ID' }),
)
await vector(
  'an ID token of Auth0 is refused',
  'I8',
  publiq({ api: 'sapi' }),
  eraB({ gty: undefined, nickname: 'jo', email: 'jo@example.org' }),
  err('claim_mismatch'),
)
await vector(
  'an ID token is refused among user tokens too',
  'I8',
  publiq({ api: 'sapi', tokens: 'user' }),
  eraB({ gty: undefined, nickname: 'jo', email: 'jo@example.org' }),
  err('claim_mismatch'),
)
const pem = publicPem(key)
const hmac = { kty: 'oct', alg: 'HS256', jwk: { kty: 'oct', k: b64u(pem) } }
const notAllowed = (/** @type {string} */ actual) => err('alg_not_allowed', 'alg', { expected: ['RS256'], actual })
await vector(
  'HS256 under the public PEM is refused',
  'I9',
  entry,
  forge(hmac, JSON.stringify({ alg: 'HS256', typ: 'JWT' }), JSON.stringify(eraB())),
  notAllowed('HS256'),
  { keys: { pem } },
)
await vector(
  'a token without an algorithm is refused',
  'I9',
  entry,
  `${b64u('{"alg":"none","typ":"JWT"}')}.${b64u(JSON.stringify(eraB()))}.`,
  err('alg_not_supported', 'alg', { actual: 'none' }),
)
await vector(
  'RS512 under the same key is refused',
  'I9',
  entry,
  forge({ ...key, alg: 'RS512' }, JSON.stringify({ alg: 'RS512', typ: 'JWT', kid }), JSON.stringify(eraB())),
  notAllowed('RS512'),
  { keys: { jwk: publicJwk(key) } },
)
await vector('ES256 under an EC key is refused', 'I9', entry, await mint(keys.es256, eraB()), notAllowed('ES256'), {
  keys: [{ jwk: publicJwk(keys.es256) }, { pem }],
})
await vector(
  'a PEM on disk verifies whatever the kid',
  'D.1',
  entry,
  eraB(),
  ok({ key: { kid: null, alg: 'RS256' } }),
  { keys: { pem } },
)
await vector(
  'a kid that no key has is refused',
  'D.1',
  entry,
  await mint(key, eraB(), { kid: 'other' }),
  err('key_not_found', 'kid', { actual: 'other' }),
)
await vector(
  'a token signed by somebody else is refused',
  'D.1',
  entry,
  await mint(keys.rs256Other, eraB(), header),
  err('signature_invalid'),
)
const clients = publiq({ api: 'entry', tokens: 'client' })
const users = publiq({ api: 'entry', tokens: 'user' })
const user = eraB({ gty: undefined, sub: 'auth0|1' })
await vector('a client token is accepted where clients call', 'I10', clients, eraB(), ok())
await vector(
  'a user token is refused where clients call',
  'I10',
  clients,
  user,
  err('claim_missing', 'gty', { expected: 'client-credentials' }),
)
await vector('a user token is accepted where users call', 'I10', users, user, ok())
await vector(
  'a client token is refused where users call',
  'I10',
  users,
  eraB(),
  err('claim_mismatch', 'gty', { actual: 'client-credentials' }),
)
await vector('by default a user token is accepted', 'I10', entry, user, ok())
await vector(
  'a scope that starts like the one required is refused',
  'I12',
  publiq({ scope: UITPAS }),
  auth0({ scope: `${UITPAS}_balie` }),
  err('scope_insufficient'),
)
await vector(
  'a scope that the one required starts like is refused',
  'I12',
  publiq({ scope: `${UITPAS}_balie` }),
  auth0({ scope: UITPAS }),
  err('scope_insufficient'),
)
await vector(
  'one of two scopes is not enough',
  'I12',
  publiq({ scope: [UITPAS, ENTRY] }),
  auth0({ permissions: [UITPAS] }),
  err('scope_insufficient'),
)
await vector(
  'scope-tokens are split at runs of spaces',
  'I13',
  publiq({ scope: UITPAS }),
  auth0({ scope: `${UITPAS}  ${ENTRY}` }),
  ok(),
)
await vector('APIs are split at runs of spaces', 'I13', entry, eraB({ [APIS]: 'ups  entry' }), ok())
for (const space of ['\t', '\n']) {
  await vector(
    `scope-tokens are not split at ${JSON.stringify(space)}`,
    'I13',
    publiq({ scope: UITPAS }),
    auth0({ scope: `${UITPAS}${space}${ENTRY}` }),
    err('claim_malformed', 'scope'),
  )
  await vector(
    `APIs are not split at ${JSON.stringify(space)}`,
    'I13',
    entry,
    eraB({ [APIS]: `ups${space}entry` }),
    err('claim_malformed', APIS),
  )
}
await vector(
  'the scheme before a token is no part of it',
  'I11',
  entry,
  `Bearer ${await mint(key, eraB(), header)}`,
  err('token_malformed'),
)

// Options
const PROFILE = 'pkg/src/profiles.ts publiq'
const mistake = (/** @type {string} */ name, /** @type {object} */ profile, /** @type {string | true} */ word) =>
  vector(name, PROFILE, { $profile: 'publiq', ...profile }, eraB(), typeError(word))
await mistake('an API or a scope must be named', { environment: 'test' }, 'scope')
await mistake('the environment must be named', { api: 'entry' }, 'environment')
await mistake('an environment nobody knows is a mistake', { environment: 'staging', api: 'entry' }, 'environment')
await mistake('an API of nothing is a mistake', { environment: 'test', api: '' }, 'api')
await mistake('a scope of nothing is a mistake', { environment: 'test', scope: '' }, 'scope')
await mistake('a scope of no scope-tokens is a mistake', { environment: 'test', scope: [] }, 'scope')
await mistake('an issuer of nothing is a mistake', { environment: 'test', api: 'entry', issuer: '' }, 'issuer')
await mistake('an audience of nothing is a mistake', { environment: 'test', api: 'entry', audience: '' }, 'audience')
await mistake(
  'tokens of a kind nobody knows are a mistake',
  { environment: 'test', api: 'entry', tokens: 'id' },
  'tokens',
)
await mistake(
  'an issuer that nobody knows is a mistake',
  { environment: 'test', api: 'entry', issuedBy: 'okta' },
  'issuedBy',
)
await mistake('an unknown option is a mistake', { environment: 'test', api: 'entry', apis: 'entry' }, 'apis')

// What stands beside the profile narrows it
const NARROW = 'pkg/src/types.ts VerifierOptions'
const only = 'https://account-test.uitid.be/'
await vector(
  'a policy beside the profile narrows the issuers',
  NARROW,
  entry,
  eraB({ iss: 'https://publiq-test.eu.auth0.com/' }),
  err('claim_mismatch', 'iss'),
  { options: { issuer: only } },
)
await vector('a policy beside the profile keeps an issuer', NARROW, entry, eraB(), ok(), {
  options: { issuer: only },
})
await vector(
  'an issuer that the profile does not have is a contradiction',
  NARROW,
  entry,
  eraB(),
  typeError('issuer'),
  { options: { issuer: 'https://other.example' } },
)
await vector('another algorithm is a contradiction', NARROW, entry, eraB(), typeError('algorithms'), {
  options: { algorithms: ['ES256'] },
})
await vector(
  'an algorithm more does not widen the profile',
  NARROW,
  entry,
  await mint(keys.es256, eraB()),
  notAllowed('ES256'),
  { options: { algorithms: ['ES256', 'RS256'] }, keys: [{ jwk: publicJwk(keys.es256) }, { pem }] },
)
await vector('another audience is a contradiction', NARROW, entry, eraB(), typeError('audience'), {
  options: { audience: 'https://other.example' },
})
await vector('a subject narrows the profile', NARROW, entry, eraB(), err('claim_mismatch', 'sub'), {
  options: { subject: 'client-2@clients' },
})
await vector('a claim rule narrows the profile', NARROW, entry, eraB(), err('claim_mismatch', 'azp'), {
  options: { claims: { azp: 'client-2' } },
})
await vector(
  'a maximum age narrows the profile',
  NARROW,
  entry,
  eraB({ iat: NOW - 3601 }),
  err('token_too_old', 'iat'),
  { options: { maxAgeSeconds: 3600 } },
)
await vector('an unknown member beside the profile is a mistake', NARROW, entry, eraB(), typeError('leeway'), {
  options: { leeway: 30 },
})
await vector(
  'a call may expect a further scope',
  'pkg/src/types.ts Expected',
  publiq({ scope: UITPAS }),
  auth0({ permissions: [UITPAS] }),
  err('scope_insufficient'),
  { expected: { scope: ENTRY } },
)

write('publiq.json', vectors)
