// @ts-check
/**
 * VTEX user tokens: the cases of systems.md C that need no HTTP.
 *
 * @module
 */

import { b64u, err, forge, keys, mint, NOW, ok, publicJwk, SAMPLE, secret, signature, typeError, write } from './lib.js'

const key = keys.es256
const kid = '1AF291E0D640DD59DA93E84DC164260786DB6780'
const verificationKeys = { keys: [publicJwk(key, { kid })] }
const header = { kid, typ: 'jwt' }
const admin = { $profile: 'vtex', account: 'storea', audience: 'admin' }
const webstore = { $profile: 'vtex', account: 'storea', audience: 'webstore' }
const adminClaims = {
  sub: 'jo@example.org',
  account: 'storea',
  audience: 'admin',
  sess: '0f5c1f44-6f4e-4c35-8f0a-3b1d0f6f0a01',
  iat: NOW - 60,
  exp: NOW + 86340,
  userId: '7a1b2c3d-0000-4000-8000-000000000001',
  iss: 'token-emitter',
  jti: 'b7d4c1de-0000-4000-8000-000000000002',
}
const shopper = { ...adminClaims, audience: 'webstore', type: 'user' }

/** @type {Record<string, any>[]} */
const vectors = []

/**
 * @param {string} name @param {string} ref @param {object} profile
 * @param {object | string} token Claims, or a token as it stands.
 * @param {object} answer @param {{ options?: object, keys?: unknown, now?: number }} [given]
 */
async function vector(name, ref, profile, token, answer, given = {}) {
  vectors.push({
    name,
    ref: ref.startsWith('pkg/') ? ref : `systems.md C ${ref}`,
    options: { profile, ...given.options },
    keys: given.keys ?? verificationKeys,
    token: typeof token === 'string' ? token : await mint(key, { ...token }, header),
    now: given.now ?? NOW,
    answer,
  })
}

// Valid
const adminToken = await mint(key, adminClaims, header)
await vector(
  'an admin token opens an admin route',
  'V1',
  admin,
  adminToken,
  ok({
    header: { alg: 'ES256', kid, typ: 'jwt' },
    claims: adminClaims,
    expiresAt: NOW + 86340,
    key: { kid, alg: 'ES256' },
    evidence: 'signature',
  }),
)
await vector(
  'a shopper token opens a webstore route',
  'V2',
  webstore,
  shopper,
  ok({ claims: { audience: 'webstore' } }),
)
const { sess: _sess, userId: _userId, ...appClaims } = adminClaims
await vector(
  'an app token has no session, and lives six hours',
  'V3',
  admin,
  { ...appClaims, sub: 'vtexappkey-storea-YSWQFZ', iat: NOW - 60, exp: NOW - 60 + 21600 },
  ok({ claims: { sub: 'vtexappkey-storea-YSWQFZ' }, expiresAt: NOW + 21540 }),
)
await vector(
  'the claims of a representative come out',
  'V4',
  webstore,
  { ...shopper, isRepresentative: true, customerId: 'c-1', unitId: 'u-1' },
  ok({ claims: { isRepresentative: true, customerId: 'c-1', unitId: 'u-1' } }),
)
const two = { ...admin, account: ['storea', 'storeb'] }
await vector('an account of the list is accepted', 'C.2', two, { ...adminClaims, account: 'storeb' }, ok())
await vector(
  'an account outside the list is refused',
  'C.2',
  two,
  { ...adminClaims, account: 'storec' },
  err('claim_mismatch', 'account', { expected: ['storea', 'storeb'], actual: 'storec' }),
)

// Invalid
await vector(
  'a webstore token opens no admin route',
  'I1',
  admin,
  shopper,
  err('claim_mismatch', 'audience', { actual: 'webstore' }),
)
await vector(
  'an admin token opens no webstore route',
  'I1',
  webstore,
  adminClaims,
  err('claim_mismatch', 'audience', { actual: 'admin' }),
)
await vector(
  'a token of another account is refused',
  'I2',
  { ...admin, account: 'storeb' },
  adminClaims,
  err('claim_mismatch', 'account', { actual: 'storea' }),
)
await vector(
  'an account is compared as a whole',
  'I2',
  { ...admin, account: 'store' },
  adminClaims,
  err('claim_mismatch', 'account'),
)
await vector(
  'a token without an account is refused',
  'I2',
  admin,
  { ...adminClaims, account: undefined },
  err('claim_missing', 'account'),
)
await vector('the second before exp a token is good', 'I3', admin, adminClaims, ok(), {
  now: NOW + 86339,
})
await vector(
  'on the second of exp a token has expired',
  'I3',
  admin,
  adminClaims,
  err('token_expired', 'exp', { expected: NOW + 86340, actual: NOW + 86340 }),
  { now: NOW + 86340 },
)
await vector('a lifetime of 24 hours is accepted', 'I4', admin, { ...adminClaims, iat: NOW, exp: NOW + 86400 }, ok())
await vector(
  'a lifetime of 24 hours and a second is refused',
  'I4',
  admin,
  { ...adminClaims, iat: NOW, exp: NOW + 86401 },
  err('lifetime_too_long', 'exp', { expected: 86400, actual: 86401 }),
)
await vector(
  'a lifetime of 30 days is refused',
  'I4',
  admin,
  { ...adminClaims, iat: NOW - 60, exp: NOW - 60 + 30 * 86400 },
  err('lifetime_too_long', 'exp', { expected: 86400, actual: 2592000 }),
)
await vector(
  'a token without iat is refused',
  'I4',
  admin,
  { ...adminClaims, iat: undefined },
  err('claim_missing', 'iat'),
)
await vector(
  'a token without exp is refused',
  'I4',
  admin,
  { ...adminClaims, exp: undefined },
  err('claim_missing', 'exp'),
)
const x = Buffer.from(key.jwk.x, 'base64url')
const y = Buffer.from(key.jwk.y, 'base64url')
const notAllowed = (/** @type {string} */ actual) => err('alg_not_allowed', 'alg', { expected: ['ES256'], actual })
const hmac = (/** @type {Buffer} */ bytes) =>
  forge(
    { kty: 'oct', alg: 'HS256', jwk: { kty: 'oct', k: b64u(bytes) } },
    JSON.stringify({ alg: 'HS256', ...header }),
    JSON.stringify(adminClaims),
  )
await vector(
  'HS256 under the EC point is refused',
  'I5',
  admin,
  hmac(Buffer.concat([Buffer.from([4]), x, y])),
  notAllowed('HS256'),
)
await vector('HS256 under the EC coordinate is refused', 'I5', admin, hmac(x), notAllowed('HS256'))
await vector(
  'a token without an algorithm is refused',
  'I5',
  admin,
  `${b64u(JSON.stringify({ alg: 'none', ...header }))}.${b64u(JSON.stringify(adminClaims))}.`,
  err('alg_not_supported', 'alg', { actual: 'none' }),
)
await vector(
  'a secret beside the EC key does not let HS256 in',
  'I5',
  admin,
  await mint(keys.hs256, adminClaims, header),
  notAllowed('HS256'),
  { keys: [verificationKeys, secret(keys.hs256)] },
)
await vector(
  'an unknown kid is told as such',
  'I6',
  admin,
  await mint(key, adminClaims, { kid: 'FFF291E0D640DD59DA93E84DC164260786DB6780', typ: 'jwt' }),
  err('key_not_found', 'kid', { actual: 'FFF291E0D640DD59DA93E84DC164260786DB6780' }),
)
await vector(
  'a kid in lower case is another',
  'I6',
  admin,
  await mint(key, adminClaims, { kid: kid.toLowerCase(), typ: 'jwt' }),
  err('key_not_found', 'kid'),
)
await vector('the sample of jwt.io is refused for its algorithm', 'I7', admin, SAMPLE, notAllowed('HS256'))
await vector('the secret of the sample is refused as a key', 'I7', admin, SAMPLE, typeError('secret'), {
  keys: { secret: 'your-256-bit-secret' },
})
await vector(
  'a session token in the place of a user token is refused',
  'I11',
  webstore,
  { ...shopper, iss: 'session/data-signer' },
  err('claim_mismatch', 'iss', { actual: 'session/data-signer' }),
)
await vector(
  'a token without iss is refused',
  'I11',
  webstore,
  { ...shopper, iss: undefined },
  err('claim_missing', 'iss'),
)
const [head = '', body = '', mark = ''] = adminToken.split('.')
const octets = Buffer.from(mark, 'base64url')
const integer = (/** @type {Buffer} */ part) => Buffer.concat([Buffer.from([2, 33, 0]), part])
const der = Buffer.concat([Buffer.from([0x30, 70]), integer(octets.subarray(0, 32)), integer(octets.subarray(32))])
for (const [what, bytes] of /** @type {[string, Buffer][]} */ ([
  ['in DER', der],
  ['of 63 octets', octets.subarray(1)],
  ['of 66 octets', Buffer.concat([octets, Buffer.alloc(2)])],
])) {
  await vector(
    `a signature ${what} is refused`,
    'I12',
    admin,
    `${head}.${body}.${b64u(bytes)}`,
    err('signature_invalid'),
  )
}
const text = JSON.stringify(adminClaims)
const forged = (/** @type {string} */ payload) => forge(key, JSON.stringify({ alg: 'ES256', ...header }), payload)
await vector(
  'an audience given twice is refused',
  'I13',
  admin,
  forged(text.replace('"audience":"admin"', '"audience":"webstore","audience":"admin"')),
  err('claims_malformed'),
)
await vector(
  'an audience given twice, the other way round, is refused',
  'I13',
  admin,
  forged(text.replace('"audience":"admin"', '"audience":"admin","audience":"webstore"')),
  err('claims_malformed'),
)
await vector(
  'an audience given twice, once escaped, is refused',
  'I13',
  admin,
  forged(text.replace('"audience":"admin"', '"audience":"webstore","audienc\\u0065":"admin"')),
  err('claims_malformed'),
)
await vector(
  'both audiences at once are refused',
  'I14',
  admin,
  { ...adminClaims, audience: ['admin', 'webstore'] },
  err('claim_mismatch', 'audience'),
)
await vector('one audience in an array is accepted', 'I14', admin, { ...adminClaims, audience: ['admin'] }, ok())
await vector(
  'exp in text is refused',
  'I14',
  admin,
  { ...adminClaims, exp: String(NOW + 300) },
  err('claim_malformed', 'exp', { expected: 'number', actual: String(NOW + 300) }),
)
await vector(
  'exp of 1e99 is refused',
  'I14',
  admin,
  forged(text.replace(/"exp":\d+/, '"exp":1e99')),
  err('claim_malformed', 'exp'),
)
await vector(
  'iat to come is refused',
  'I14',
  admin,
  { ...adminClaims, iat: NOW + 1, exp: NOW + 300 },
  err('token_not_yet_valid', 'iat', { expected: NOW, actual: NOW + 1 }),
)
await vector('iat of this second is accepted', 'I14', admin, { ...adminClaims, iat: NOW, exp: NOW + 300 }, ok())
await vector(
  'aud does not stand in for audience',
  'I14',
  admin,
  { ...adminClaims, aud: 'admin', audience: undefined },
  err('claim_missing', 'audience'),
)
for (const [what, token] of /** @type {[string, string][]} */ ([
  ['padded base64', `${head}.${body}.${mark}==`],
  ['the alphabet of plain base64', `${head}.${body}.+${mark.slice(1)}`],
  ['a space before it', ` ${adminToken}`],
  ['a space after it', `${adminToken} `],
  ['quotes around it', `"${adminToken}"`],
  ['percent-encoded dots', adminToken.replaceAll('.', '%2E')],
  ['the cookie’s name before it', `VtexIdclientAutCookie=${adminToken}`],
])) {
  await vector(`a token with ${what} is refused`, 'I15', admin, token, err('token_malformed'))
}
const invalidUtf8 = Buffer.concat([
  Buffer.from('{"account":"'),
  Buffer.from([0xe2, 0x28, 0xa1]),
  Buffer.from('","iss":"token-emitter"}'),
])
await vector(
  'a payload that is not UTF-8 is refused',
  'C.3',
  admin,
  forge(key, JSON.stringify({ alg: 'ES256', ...header }), invalidUtf8),
  err('claims_malformed'),
)
await vector(
  'a payload that is no base64url is refused',
  'C.3',
  admin,
  `${head}.${body.slice(0, body.length - (body.length % 4) + 1)}.${mark}`,
  err('token_malformed'),
)
const unsigned = `${b64u(JSON.stringify({ alg: 'ES256', ...header }))}.${b64u(text)}`
await vector(
  'a token signed by another EC key is refused',
  'C.2',
  admin,
  `${unsigned}.${signature(keys.es256Other, unsigned)}`,
  err('signature_invalid'),
)

// Options
const PROFILE = 'pkg/src/profiles.ts vtex'
const mistake = (/** @type {string} */ name, /** @type {object} */ profile, /** @type {string | true} */ word) =>
  vector(name, PROFILE, { $profile: 'vtex', ...profile }, adminToken, typeError(word))
await mistake('the account must be named', { audience: 'admin' }, 'account')
await mistake('the audience must be named', { account: 'storea' }, 'audience')
await mistake('an account of nothing is a mistake', { account: '', audience: 'admin' }, 'account')
await mistake('no accounts are a mistake', { account: [], audience: 'admin' }, 'account')
await mistake('an account of null is a mistake', { account: null, audience: 'admin' }, 'account')
await mistake('an audience nobody knows is a mistake', { account: 'storea', audience: 'store' }, 'audience')
await mistake(
  'an unknown option is a mistake',
  { account: 'storea', audience: 'admin', accounts: ['storea'] },
  'accounts',
)

// What stands beside the profile narrows it
const NARROW = 'pkg/src/types.ts VerifierOptions'
await vector(
  'a shorter lifetime narrows the profile',
  NARROW,
  admin,
  adminClaims,
  err('lifetime_too_long', 'exp', { expected: 3600, actual: 86400 }),
  { options: { maxLifetimeSeconds: 3600 } },
)
await vector(
  'a longer lifetime does not widen the profile',
  NARROW,
  admin,
  { ...adminClaims, iat: NOW, exp: NOW + 86401 },
  err('lifetime_too_long', 'exp', { expected: 86400, actual: 86401 }),
  { options: { maxLifetimeSeconds: 172800 } },
)
await vector('another account is a contradiction', NARROW, admin, adminToken, typeError('claims'), {
  options: { claims: { account: 'storeb' } },
})
await vector(
  'an account of the list narrows the profile',
  NARROW,
  two,
  { ...adminClaims, account: 'storeb' },
  err('claim_mismatch', 'account'),
  { options: { claims: { account: 'storea' } } },
)
await vector('another issuer is a contradiction', NARROW, admin, adminToken, typeError('issuer'), {
  options: { issuer: 'https://issuer.example' },
})
await vector('the other audience is a contradiction', NARROW, admin, adminToken, typeError('audience'), {
  options: { audience: 'webstore' },
})
await vector('another audience claim is a contradiction', NARROW, admin, adminToken, typeError('audienceClaim'), {
  options: { audienceClaim: 'aud' },
})
await vector(
  'foreign audiences stay refused, even if a policy beside the profile allows them',
  NARROW,
  admin,
  { ...adminClaims, audience: ['admin', 'webstore'] },
  err('claim_mismatch', 'audience'),
  { options: { foreignAudience: 'allow' } },
)
await vector(
  'a receipt beside a profile of signatures is a contradiction',
  NARROW,
  admin,
  adminToken,
  { typeError: 'evidence' },
  {
    options: { evidence: 'receipt' },
  },
)
await vector('the same requirement twice is one', NARROW, admin, adminToken, ok(), {
  options: { issuer: 'token-emitter', algorithms: ['ES256'], claims: { account: 'storea' } },
})
await vector('a role may be required of the claims', NARROW, admin, adminToken, err('claim_missing', 'role'), {
  options: { claims: { role: 'owner' } },
})

write('vtex.json', vectors)
