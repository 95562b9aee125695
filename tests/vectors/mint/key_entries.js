// @ts-check
/**
 * Keys of several entries: selection and limits of each entry, issuers of keys, and the reasons why a key is not used.
 *
 * @module
 */

import { b64u, err, forge, keys, mint, NOW, ok, publicJwk, publicPem, secret, typeError, write } from './lib.js'

const exp = NOW + 300
const claims = { exp }
const [A, B, C] = ['https://a.example', 'https://b.example', 'https://c.example']

/** @type {Record<string, any>[]} */
const vectors = []

/**
 * @param {string} name @param {string} ref @param {unknown} keys_ @param {unknown} token @param {object} answer
 * @param {{ options?: object, only?: string[] }} [given]
 */
function vector(name, ref, keys_, token, answer, { options, only } = {}) {
  vectors.push({
    name,
    ref,
    only,
    options: { issuer: null, audience: null, ...options },
    keys: keys_,
    token,
    now: NOW,
    answer,
  })
}

const [ed, other, rs, es] = [keys.ed25519, keys.ed25519Other, keys.rs256, keys.es256]
const bare = await mint(ed, claims)
const kidA = await mint(ed, claims, { kid: 'a' })
const by = (/** @type {string | null} */ kid) => ok({ key: { kid, alg: 'EdDSA' } })

// Each entry by itself
const SELECT = 'RFC 7517 section 4.5'
vector(
  'a key with the kid in one entry hides no key without one in another',
  SELECT,
  [{ pem: publicPem(ed) }, { jwks: { keys: [publicJwk(other, { kid: 'a' })] } }],
  kidA,
  by(null),
)
vector(
  'a key in one entry hides no key with a kid in another from a token without one',
  SELECT,
  [{ jwk: publicJwk(ed, { kid: 'mine' }) }, { jwks: { keys: [publicJwk(other)] } }],
  bare,
  by('mine'),
)
const eight = Array.from({ length: 8 }, () => publicJwk(other, { kid: 'a' }))
const nine = [...eight, publicJwk(ed, { kid: 'a' })]
vector(
  'eight keys of one entry leave room for those of another',
  SELECT,
  [{ keys: eight }, { keys: nine.slice(8) }],
  kidA,
  by('a'),
)
vector('the limit of an entry is its own', SELECT, [{ keys: nine }, publicJwk(rs)], kidA, err('key_not_found', 'kid'))
vector('a key beyond the limit of one entry may be in another', SELECT, [{ keys: nine }, publicJwk(ed)], kidA, by(null))
vector(
  'a kid may be in several entries',
  SELECT,
  [publicJwk(other, { kid: 'a' }), publicJwk(ed, { kid: 'a' })],
  kidA,
  by('a'),
)
vector(
  'the unfit key of one entry does not reject the token for another',
  SELECT,
  [{ keys: [publicJwk(other, { kid: 'a', use: 'enc' }), publicJwk(rs)] }, publicJwk(ed, { kid: 'a' })],
  kidA,
  by('a'),
)
vector(
  'the key with the kid of the token is tried before one without, in whatever entry',
  SELECT,
  [{ pem: publicPem(ed) }, publicJwk(ed, { kid: 'a' })],
  kidA,
  by('a'),
)

// Certificate thumbprints
const X5T = 'RFC 7515 section 4.1.7'
const ninth = [...eight, publicJwk(ed, { kid: 'b', x5t: 'thumb' })]
vector('x5t in the token puts its key first', X5T, { keys: ninth }, await mint(ed, claims, { x5t: 'thumb' }), by('b'))
vector(
  'x5t#S256 in the token puts its key first',
  'RFC 7515 section 4.1.8',
  { keys: [...eight, publicJwk(ed, { kid: 'b', 'x5t#S256': 'thumb' })] },
  await mint(ed, claims, { 'x5t#S256': 'thumb', x5t: 'unknown' }),
  by('b'),
)
vector(
  'x5t#S256 of a key is that of its certificate',
  'RFC 7517 section 4.9',
  { keys: [...eight, publicJwk(ed, { kid: 'b', x5c: ['QUJD'] })] },
  await mint(ed, claims, { 'x5t#S256': 'tdQEXD9Gb6kf4sxqvnkjKhpXzfEE96JucW4KHieJ33g' }),
  by('b'),
)
vector(
  'x5t of another key excludes none',
  X5T,
  { keys: [publicJwk(ed, { x5t: 'one' })] },
  await mint(ed, claims, { x5t: 'two' }),
  by(null),
)
vector(
  'beside a kid x5t selects nothing',
  X5T,
  { keys: ninth },
  await mint(ed, claims, { kid: 'a', x5t: 'thumb' }),
  err('signature_invalid'),
)

// The issuers of a key
const ISSUER = 'RFC 8725 section 3.8'
const issuers = { options: { issuer: [A, B, C] } }
const of = async (/** @type {string} */ iss, more = {}) => mint(ed, { iss, exp, ...more }, { kid: 'a' })
const key = publicJwk(ed, { kid: 'a' })
for (const [name, list] of /** @type {[string, unknown][]} */ ([
  [
    'in two entries',
    [
      { jwk: key, issuer: A },
      { jwk: key, issuer: B },
    ],
  ],
  [
    'in two sets',
    [
      { jwks: { keys: [key] }, issuer: A },
      { jwks: { keys: [key] }, issuer: [B] },
    ],
  ],
  [
    'with a kid and without one',
    [
      { jwk: key, issuer: A },
      { jwk: publicJwk(ed, { kid: 'a' }), issuer: B },
      { pem: publicPem(ed), issuer: B },
    ],
  ],
])) {
  vector(`a key ${name} vouches for the issuer of the first`, ISSUER, list, await of(A), by('a'), issuers)
  vector(`a key ${name} vouches for the issuer of the second`, ISSUER, list, await of(B), by('a'), issuers)
  vector(
    `a key ${name} vouches for no third issuer`,
    ISSUER,
    list,
    await of(C),
    err('claim_mismatch', 'iss', { actual: C }),
    issuers,
  )
}
vector(
  'a key that is also untagged vouches for every issuer',
  ISSUER,
  [{ jwk: key, issuer: A }, key],
  await of(C),
  by('a'),
  issuers,
)
vector(
  'an entry that the kid excludes vouches for nothing',
  ISSUER,
  [
    { jwk: key, issuer: A },
    { jwk: publicJwk(ed, { kid: 'b' }), issuer: B },
  ],
  await of(B),
  err('claim_mismatch', 'iss', { expected: A, actual: B }),
  issuers,
)
vector(
  'an entry that its alg excludes vouches for nothing',
  ISSUER,
  [
    { jwk: publicJwk(rs), alg: 'RS256', issuer: A },
    { jwk: publicJwk(rs), alg: 'RS512', issuer: B },
  ],
  await mint(rs, { iss: B, exp }),
  err('claim_mismatch', 'iss', { expected: A, actual: B }),
  issuers,
)
vector(
  'the key of one issuer does not sign for another',
  ISSUER,
  [
    { jwks: { keys: [publicJwk(other, { kid: 'b' })] }, issuer: A },
    { jwks: { keys: [key] }, issuer: B },
  ],
  await of(A),
  err('claim_mismatch', 'iss', { expected: B, actual: A }),
  issuers,
)

// The issuer that a JWK names
const OWN = 'pkg/src/types.ts KeyTags'
const named = (/** @type {unknown} */ issuer) => ({ keys: [publicJwk(ed, { kid: 'a', issuer })] })
const V2 = 'https://login.example/{tenantid}/v2.0'
const tenant = '11111111-2222-4333-8444-555555555555'
const v2 = V2.replace('{tenantid}', tenant)
const any = { options: { issuer: [A, B, v2, V2] } }
vector('the issuer that a JWK names is its only one', OWN, named(A), await of(A), by('a'), any)
vector(
  'a JWK that names an issuer vouches for no other',
  OWN,
  named(A),
  await of(B),
  err('claim_mismatch', 'iss', { expected: A, actual: B }),
  any,
)
vector(
  'without an issuer in the token there is none to vouch for',
  OWN,
  named(A),
  kidA,
  err('claim_missing', 'iss', { expected: A }),
)
vector(
  'the issuer that a JWK names narrows its tag',
  OWN,
  { jwks: named(A), issuer: [A, B] },
  await of(B),
  err('claim_mismatch', 'iss', { expected: A, actual: B }),
  any,
)
vector(
  'a tag narrows the issuer that a JWK names',
  OWN,
  { jwks: named(A), issuer: B },
  await of(A),
  err('claim_mismatch', 'iss', { expected: B, actual: A }),
  any,
)
vector('a tag and a JWK may name the same issuer', OWN, { jwks: named(A), issuer: [A, B] }, await of(A), by('a'), any)
vector(
  'a single JWK may name an issuer',
  OWN,
  { jwk: publicJwk(ed, { issuer: A }) },
  await of(B),
  err('claim_mismatch', 'iss'),
  any,
)
vector('null in a JWK names no issuer', OWN, named(null), await of(B), by('a'), any)
vector('an issuer that is not text makes a JWK unfit', OWN, named([A]), await of(A), typeError('issuer'), any)
vector('tid replaces {tenantid} in the issuer of a JWK', OWN, named(V2), await of(v2, { tid: tenant }), by('a'), any)
vector(
  'the tid of another tenant does not',
  OWN,
  named(V2),
  await of(v2, { tid: 'x' }),
  err('claim_mismatch', 'iss', { expected: 'https://login.example/x/v2.0', actual: v2 }),
  any,
)
vector('without tid no issuer fits {tenantid}', OWN, named(V2), await of(V2), err('claim_missing', 'tid'), any)
vector(
  'a tid that is not text is none',
  OWN,
  named(V2),
  await of(v2, { tid: [tenant] }),
  err('claim_mismatch', 'iss'),
  any,
)

// Why a key is not used
const FIT = 'RFC 7518 section 6'
const zero = (/** @type {string} */ text) => b64u(Buffer.concat([Buffer.of(0), Buffer.from(text, 'base64url')]))
const n = String(publicJwk(rs).n)
const rsA = await mint(rs, claims, { kid: 'a' })
const rsBare = await mint(rs, claims)
const esA = await mint(es, claims, { kid: 'a' })
const beside = (/** @type {object} */ jwk) => ({ keys: [jwk, publicJwk(ed, { kid: 'ed' })] })
const MINIMAL = 'a positive number without leading zero octets: strip them (RFC 7518 section 6.3.1)'
vector(
  'a modulus with a leading zero rejects the token that means it',
  FIT,
  beside(publicJwk(rs, { kid: 'a', n: zero(n) })),
  rsA,
  err('key_rejected', 'n', { expected: MINIMAL }),
)
vector(
  'an exponent with a leading zero does',
  FIT,
  beside(publicJwk(rs, { kid: 'a', e: 'AAEAAQ' })),
  rsA,
  err('key_rejected', 'e', { expected: MINIMAL }),
)
vector('a small exponent does', FIT, beside(publicJwk(rs, { kid: 'a', e: 'Aw' })), rsA, err('key_rejected', 'e'))
vector(
  'a short coordinate does',
  FIT,
  beside(publicJwk(es, { kid: 'a', x: b64u(Buffer.alloc(31, 7)) })),
  esA,
  err('key_rejected', 'x', { actual: 31 }),
)
vector(
  'a use of another kind does',
  FIT,
  beside(publicJwk(es, { kid: 'a', use: 'jwt-svid' })),
  esA,
  err('key_rejected', 'use', { actual: 'jwt-svid' }),
)
vector(
  'an empty key_ops does',
  FIT,
  beside(publicJwk(es, { kid: 'a', key_ops: [] })),
  esA,
  err('key_rejected', 'key_ops'),
)
vector('a private key does', FIT, beside(publicJwk(es, { kid: 'a', d: 'AQ' })), esA, err('key_rejected', 'd'))
vector('an unfit key without a kid does', FIT, beside(publicJwk(rs, { n: zero(n) })), rsA, err('key_rejected', 'n'))
vector(
  'an unfit key rejects a token without a kid',
  FIT,
  beside(publicJwk(rs, { kid: 'b', n: zero(n) })),
  rsBare,
  err('key_rejected', 'n'),
)
vector(
  'an unfit key with another kid does not reject a token with one',
  FIT,
  beside(publicJwk(rs, { kid: 'b', n: zero(n) })),
  rsA,
  err('alg_not_allowed', 'alg'),
)
vector(
  'an unfit key of another type does not',
  FIT,
  beside(publicJwk(rs, { kid: 'a', n: zero(n) })),
  esA,
  err('alg_not_allowed', 'alg'),
)
vector(
  'an algorithm that the policy does not list is refused first',
  FIT,
  beside(publicJwk(rs, { kid: 'a', n: zero(n) })),
  rsA,
  err('alg_not_allowed', 'alg', { expected: ['EdDSA'] }),
  { options: { algorithms: ['EdDSA'] } },
)
vector(
  'a secret that is too short says how long it must be',
  'RFC 7518 section 3.2',
  secret(keys.hs256, 40),
  await mint({ ...keys.hs256, alg: 'HS512' }, claims),
  err('alg_not_allowed', 'alg', { expected: 'a secret of at least 64 octets for HS512', actual: 'HS512' }),
)
for (const name of ['kid', 'use', 'key_ops', 'alg', 'x5u', 'x5c', 'x5t', 'x5t#S256', 'd', 'oth', 'issuer']) {
  vector(
    `null in ${name} is no member`,
    'RFC 7517 section 4',
    { keys: [publicJwk(rs, { [name]: null })] },
    rsBare,
    ok(),
  )
}

// A set without one key that can be used
for (const [member, jwk] of /** @type {[string, object][]} */ ([
  ['n', publicJwk(rs, { n: zero(n) })],
  ['e', publicJwk(rs, { e: 'AAEAAQ' })],
  ['x', publicJwk(es, { x: b64u(Buffer.alloc(31, 7)) })],
  ['use', publicJwk(es, { use: 'enc' })],
  ['key_ops', publicJwk(es, { key_ops: [] })],
  ['d', publicJwk(es, { d: 'AQ' })],
  ['kty', { kty: 'XYZ', kid: 'b' }],
])) {
  vector(`a set whose only key has an unfit ${member} is a mistake`, FIT, { keys: [jwk] }, rsBare, typeError(member))
}
vector(
  'beside a set without a usable key no other entry helps',
  FIT,
  [publicJwk(rs), { keys: [{ kty: 'XYZ' }] }],
  rsBare,
  typeError('kty'),
)
vector(
  'algorithms of which no key has one are a mistake',
  'RFC 8725 section 3.1',
  [publicJwk(rs), publicJwk(ed)],
  rsBare,
  typeError('algorithms'),
  { options: { algorithms: ['ES256', 'HS256'] }, only: ['package'] },
)
vector('algorithms of which a key has one are none', 'RFC 8725 section 3.1', publicJwk(rs), rsBare, ok(), {
  options: { algorithms: ['ES256', 'RS256'] },
})

// The form of a PEM text
const PEM = 'RFC 7468 section 2'
const pem = publicPem(rs)
vector(
  'text before a PEM block is not read',
  PEM,
  { pem: `Bag Attributes\n    localKeyID: 01\nsubject=CN = x\n${pem}` },
  rsBare,
  ok(),
)
vector('text after a PEM block is not read', PEM, { pem: `${pem}\nkept since 2023\n` }, rsBare, ok())
for (const [name, text, word] of [
  ['with \\n as two characters', pem.replaceAll('\n', '\\n'), 'characters'],
  ['on one line', pem.replaceAll('\n', ' '), 'several'],
  ['in quotes', `"${pem}"`, 'quotes'],
  ['that is indented', pem.replace(/^/gm, '    '), 'indentation'],
  ['after a byte order mark', `\ufeff${pem}`, 'mark'],
  ['without its boundaries', pem.split('\n').slice(1, -2).join(''), 'BEGIN'],
  ['in a chain', pem + pem, 'chain'],
  ['with headers', pem.replace('-----\n', '-----\nProc-Type: 4,CLEAR\n\n'), 'headers'],
]) {
  vector(`a PEM block ${name} is named so`, PEM, { pem: text }, rsBare, typeError(String(word)))
}

// A header beyond its limit
vector(
  'a certificate chain beyond the limit of a header is named',
  'RFC 7515 section 4.1.6',
  publicJwk(rs),
  forge(rs, JSON.stringify({ alg: 'RS256', x5c: ['A'.repeat(7000)] }), JSON.stringify(claims)),
  err('token_too_large', 'x5c', { expected: 8192 }),
)
vector(
  'an unknown parameter beyond the limit of a header is not',
  'RFC 7515 section 4.1',
  publicJwk(rs),
  forge(rs, JSON.stringify({ alg: 'RS256', x: 'A'.repeat(7000) }), JSON.stringify(claims)),
  err('token_too_large', undefined, { expected: 8192 }),
)

write('key_entries.json', vectors)
