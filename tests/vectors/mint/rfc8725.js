// @ts-check
/**
 * RFC 8725, JSON Web Token Best Current Practices, and what stands beside it: `typ`, `cnf`.
 *
 * @module
 */

import { b64u, err, forge, keys, mint, NOW, ok, publicJwk, publicPem, publicPkcs1Pem, secret, write } from './lib.js'

const open = { issuer: null, audience: null }
const exp = NOW + 300
const claims = { iss: 'https://issuer.example', exp }

/** @type {Record<string, any>[]} */
const vectors = []

/**
 * @param {string} name @param {string} ref @param {object} options @param {unknown} keys_
 * @param {unknown} token @param {object} answer
 */
function vector(name, ref, options, keys_, token, answer) {
  vectors.push({
    name,
    ref,
    options: { ...open, ...options },
    keys: keys_,
    token,
    now: NOW,
    answer,
  })
}

const S31 = 'RFC 8725 section 3.1'
const rs = keys.rs256
const es = keys.es256
const ed = keys.ed25519

// The key's octets as a secret
const octetsOf = (/** @type {string | Buffer} */ bytes) => ({
  kty: 'oct',
  alg: 'HS256',
  jwk: { kty: 'oct', k: b64u(bytes) },
})
const confused = /** @type {[string, string | Buffer][]} */ ([
  ['the SPKI PEM', publicPem(rs)],
  ['the SPKI PEM without its last line end', publicPem(rs).trimEnd()],
  ['the PKCS#1 PEM', publicPkcs1Pem(rs)],
  ['the JWK', JSON.stringify(publicJwk(rs))],
  ['the modulus', Buffer.from(rs.jwk.n, 'base64url')],
])
for (const [what, bytes] of confused) {
  const token = forge(octetsOf(bytes), '{"alg":"HS256","typ":"JWT"}', JSON.stringify(claims))
  const refusal = err('alg_not_allowed', 'alg', { expected: ['RS256'], actual: 'HS256' })
  vector(`${what} of a public key is no secret`, S31, { algorithms: ['RS256'] }, { pem: publicPem(rs) }, token, refusal)
}
vector(
  'a public key is no secret even where HS256 is allowed',
  S31,
  { algorithms: ['RS256', 'HS256'] },
  { pem: publicPem(rs) },
  forge(octetsOf(publicPem(rs)), '{"alg":"HS256"}', JSON.stringify(claims)),
  err('alg_not_allowed', 'alg', { actual: 'HS256' }),
)
vector(
  'an EC key is no secret',
  S31,
  {},
  { jwk: publicJwk(es) },
  forge(octetsOf(Buffer.from(es.jwk.x, 'base64url')), '{"alg":"HS256"}', JSON.stringify(claims)),
  err('alg_not_allowed', 'alg', { actual: 'HS256' }),
)
vector(
  'a token does not choose its algorithm',
  S31,
  { algorithms: ['ES256'] },
  { keys: [publicJwk(es), publicJwk(rs)] },
  await mint(rs, claims),
  err('alg_not_allowed', 'alg', { expected: ['ES256'], actual: 'RS256' }),
)
vector(
  'every algorithm that the policy lists is allowed',
  S31,
  { algorithms: ['ES256', 'RS256'] },
  { keys: [publicJwk(es), publicJwk(rs)] },
  await mint(rs, claims),
  ok({ key: { alg: 'RS256' } }),
)
vector(
  'without a list whatever the keys allow is allowed',
  'pkg/src/types.ts Policy.algorithms',
  {},
  [{ jwk: publicJwk(es) }, secret(keys.hs256)],
  await mint(keys.hs256, claims),
  ok({ key: { alg: 'HS256' } }),
)
vector(
  'a listed algorithm still needs a key that allows it',
  'pkg/src/types.ts Policy.algorithms',
  { algorithms: ['ES256', 'RS256'] },
  { jwk: publicJwk(es) },
  await mint(rs, claims),
  err('alg_not_allowed', 'alg', { actual: 'RS256' }),
)
vector(
  'an algorithm is asked for before a key is',
  S31,
  { algorithms: ['ES256'] },
  { jwk: publicJwk(es) },
  forge(octetsOf('x'.repeat(32)), '{"alg":"HS256"}', '{}'),
  err('alg_not_allowed', 'alg', { expected: ['ES256'], actual: 'HS256' }),
)
vector(
  'a token with no algorithm at all is refused whatever it claims',
  'RFC 8725 section 3.2',
  { algorithms: ['ES256'] },
  { jwk: publicJwk(es) },
  `${b64u('{"alg":"none","typ":"JWT"}')}.${b64u(JSON.stringify(claims))}.`,
  err('alg_not_supported', 'alg', { actual: 'none' }),
)

// typ
const TYP = 'RFC 8725 section 3.11'
/** @param {string | undefined} typ */
const typed = (typ) => mint(ed, claims, typ === undefined ? {} : { typ })
const key = { jwk: publicJwk(ed) }
for (const typ of ['at+jwt', 'application/at+jwt', 'AT+JWT', 'Application/At+Jwt']) {
  vector(`typ ${typ} is at+jwt`, TYP, { typ: 'at+jwt' }, key, await typed(typ), ok({ header: { typ } }))
}
vector('the policy may write the media type out', TYP, { typ: 'application/at+jwt' }, key, await typed('at+jwt'), ok())
for (const typ of [
  'JWT',
  'at+jw',
  'at+jwt2',
  ' at+jwt',
  'at+jwt ',
  'text/at+jwt',
  'application/application/at+jwt',
  'at+jwt; a=b',
  '',
]) {
  vector(
    `typ ${JSON.stringify(typ)} is not at+jwt`,
    TYP,
    { typ: 'at+jwt' },
    key,
    await typed(typ),
    err('typ_mismatch', 'typ', { actual: typ }),
  )
}
vector(
  'a required typ that is absent is refused',
  TYP,
  { typ: 'at+jwt' },
  key,
  await typed(undefined),
  err('typ_mismatch', 'typ'),
)
vector('one of several types is enough', TYP, { typ: ['at+jwt', 'JWT'] }, key, await typed('jwt'), ok())
vector(
  'none but the types is accepted',
  TYP,
  { typ: ['at+jwt', 'JWT'] },
  key,
  await typed('dpop+jwt'),
  err('typ_mismatch', 'typ', { actual: 'dpop+jwt' }),
)
vector(
  'of a typ that is too long 64 characters are told',
  TYP,
  { typ: 'at+jwt' },
  key,
  await typed('t'.repeat(65)),
  err('typ_mismatch', 'typ', { actual: 't'.repeat(64) }),
)
vector('where no typ is required any is accepted', TYP, {}, key, await typed('whatever'), ok())
vector('a typ with a slash keeps its type', TYP, { typ: 'text/plain' }, key, await typed('TEXT/PLAIN'), ok())
vector(
  'a receipt is no token',
  'src/README.md Receipts',
  {},
  key,
  await typed('receipt+jwt'),
  err('typ_mismatch', 'typ', { actual: 'receipt+jwt' }),
)
vector(
  'a receipt is no token, whatever its spelling',
  'src/README.md Receipts',
  {},
  key,
  await typed('application/Receipt+JWT'),
  err('typ_mismatch', 'typ'),
)
vector(
  'a receipt before its token is no token',
  'src/README.md Receipts',
  {},
  key,
  `${await typed('receipt+jwt')}~opaque`,
  err('typ_mismatch', 'typ', { actual: 'receipt+jwt' }),
)
vector(
  'a receipt before a good token is no token',
  'src/README.md Receipts',
  {},
  key,
  `${await typed('receipt+jwt')}~${await typed('JWT')}`,
  err('typ_mismatch', 'typ', { actual: 'receipt+jwt' }),
)
vector(
  'an SD-JWT is no token',
  'src/README.md Receipts',
  {},
  key,
  `${await typed('vc+sd-jwt')}~WyJzYWx0IiwiYSIsMV0~`,
  err('token_malformed'),
)

// cnf
const CNF = 'RFC 9449 section 7, RFC 8705 section 3, RFC 7800 section 3'
for (const cnf of [
  { jkt: '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I' },
  { 'x5t#S256': 'bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2' },
  { kid: 'a' },
  { jwk: publicJwk(es) },
]) {
  vector(
    `a token bound by ${Object.keys(cnf)} is refused without its proof`,
    CNF,
    {},
    key,
    await mint(ed, { ...claims, cnf }),
    err('proof_missing', 'cnf'),
  )
}

for (const cnf of [{}, null, 'x', []]) {
  vector(
    `a token bound by ${JSON.stringify(cnf)} is refused`,
    CNF,
    {},
    key,
    await mint(ed, { ...claims, cnf }),
    err('proof_missing', 'cnf'),
  )
}

// A name that JavaScript knows is not thereby a claim
for (const name of ['constructor', 'toString', '__proto__', 'hasOwnProperty']) {
  vector(
    `a required claim called ${name} must be there`,
    'pkg/src/types.ts Policy.requiredClaims',
    { requiredClaims: [name] },
    key,
    await mint(ed, claims),
    err('claim_missing', name),
  )
  vector(
    `a claim called ${name} is a claim`,
    'pkg/src/types.ts Policy.requiredClaims',
    { requiredClaims: [name] },
    key,
    forge(ed, '{"alg":"EdDSA"}', `{"exp":${exp},"${name}":1}`),
    ok(),
  )
}

write('rfc8725.json', vectors)
