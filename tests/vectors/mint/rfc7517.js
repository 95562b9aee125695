// @ts-check
/**
 * RFC 7517, JSON Web Key: which keys there are, what each may be used for, which one is taken.
 *
 * @module
 */

import {
  b64u,
  err,
  forge,
  keys,
  mint,
  NOW,
  ok,
  privatePem,
  publicJwk,
  publicPem,
  secret,
  signature,
  typeError,
  write,
} from './lib.js'

const open = { issuer: null, audience: null }
const exp = NOW + 300
const claims = { iss: 'https://a.example', exp }

/** @type {Record<string, any>[]} */
const vectors = []

/**
 * @param {string} name @param {string} ref @param {unknown} keys_ @param {unknown} token
 * @param {object} answer @param {{ options?: object, only?: string[] }} [given]
 */
function vector(name, ref, keys_, token, answer, { options, only } = {}) {
  vectors.push({
    name,
    ref,
    only,
    options: { ...open, ...options },
    keys: keys_,
    token,
    now: NOW,
    answer,
  })
}

const ed = keys.ed25519
const other = keys.ed25519Other
const rs = keys.rs256
const es = keys.es256
const bare = await mint(ed, claims)
const kidA = await mint(ed, claims, { kid: 'a' })
const kidB = await mint(ed, claims, { kid: 'b' })
const rsBare = await mint(rs, claims)
const rsA = await mint(rs, claims, { kid: 'a' })
const esBare = await mint(es, claims)
const invalid = err('signature_invalid')

// The forms of a key
const FORM = 'pkg/src/types.ts Key'
const JWK = 'RFC 7517 section 4'
vector('a JWK is a key', FORM, publicJwk(ed), bare, ok({ key: { kid: null, alg: 'EdDSA' } }))
vector('a tagged JWK is a key', FORM, { jwk: publicJwk(ed) }, bare, ok())
vector('a JWK Set is keys', 'RFC 7517 section 5', { keys: [publicJwk(ed)] }, bare, ok())
vector('a tagged JWK Set is keys', FORM, { jwks: { keys: [publicJwk(ed)] } }, bare, ok())
vector('an array of keys is keys', FORM, [{ jwk: publicJwk(other) }, { jwk: publicJwk(ed) }], bare, ok())
vector(
  'keys of every form stand side by side',
  FORM,
  [secret(keys.hs256), { pem: publicPem(rs) }, { keys: [publicJwk(es)] }, publicJwk(ed)],
  bare,
  ok({ key: { kid: null, alg: 'EdDSA' } }),
)
vector(
  'an SPKI PEM is an RSA key',
  'RFC 7468 section 13',
  { pem: publicPem(rs) },
  rsBare,
  ok({ key: { kid: null, alg: 'RS256' } }),
)
vector(
  'an SPKI PEM is an EC key',
  'RFC 7468 section 13',
  { pem: publicPem(es) },
  esBare,
  ok({ key: { kid: null, alg: 'ES256' } }),
)
vector(
  'an SPKI PEM is an Ed25519 key',
  'RFC 8410 section 4',
  { pem: publicPem(ed) },
  bare,
  ok({ key: { kid: null, alg: 'EdDSA' } }),
)
vector(
  'a PEM may have CRLF line ends',
  'RFC 7468 section 2',
  { pem: publicPem(rs).replaceAll('\n', '\r\n') },
  rsBare,
  ok(),
)
vector('a PEM takes a kid', FORM, { pem: publicPem(ed), kid: 'a' }, kidA, ok({ key: { kid: 'a', alg: 'EdDSA' } }))
vector('a JWK Set may hold other members', 'RFC 7517 section 5', { keys: [publicJwk(ed)], 'x-own': [1] }, bare, ok())
vector(
  'an issuer beside the keys of a set tags nothing, and is a mistake',
  'pkg/src/types.ts KeyTags',
  { keys: [publicJwk(ed)], issuer: 'https://a.example' },
  bare,
  { typeError: 'issuer' },
  { only: ['package'] },
)
vector('a JWK may hold other members', JWK, publicJwk(ed, { 'x-own': [1], use: 'sig', x5t: 'abc' }), bare, ok())
vector(
  'a secret is octets',
  FORM,
  secret(keys.hs256),
  await mint(keys.hs256, claims),
  ok({ key: { kid: null, alg: 'HS256' } }),
)
const text = 'a secret of thirty-two octets, äé'
vector(
  'a secret in text is its UTF-8 octets',
  FORM,
  { secret: text },
  await mint({ ...keys.hs256, jwk: { kty: 'oct', k: b64u(text) } }, claims),
  ok(),
)
vector(
  'a secret is not trimmed',
  FORM,
  { secret: `${text} ` },
  await mint({ ...keys.hs256, jwk: { kty: 'oct', k: b64u(text) } }, claims),
  invalid,
)

// Mistakes: a key given alone that cannot be used
const MISTAKE = 'pkg/src/types.ts Key, errors.md'
/** @param {string} what @param {unknown} keys_ @param {string | true} word @param {string} [ref] */
const mistake = (what, keys_, word, ref = MISTAKE) => vector(`${what} is a mistake`, ref, keys_, bare, typeError(word))
/**
 * One that Rust has no way to make. @param {string} what @param {unknown} keys_
 * @param {string | true} word
 */
const untyped = (what, keys_, word) =>
  vector(`${what} is a mistake`, MISTAKE, keys_, bare, typeError(word), { only: ['package'] })
mistake('a private JWK', { jwk: ed.jwk }, true)
mistake('a private RSA JWK', { jwk: rs.jwk }, true)
mistake('a private EC JWK', { jwk: es.jwk }, true)
mistake('a private PEM', { pem: privatePem(ed) }, 'pem')
mistake('text as PEM', { pem: 'not a PEM' }, 'pem')
mistake('a PEM cut short', { pem: publicPem(rs).slice(0, 200) }, 'pem')
mistake('a PEM whose end names another thing', { pem: publicPem(rs).replace('END PUBLIC', 'END PRIVATE') }, 'pem')
const der = Buffer.from(publicPem(ed).split('\n')[1] ?? '', 'base64')
const longer = Buffer.concat([der, Buffer.from([0])]).toString('base64')
mistake(
  'a PEM with octets left over',
  {
    pem: `-----BEGIN PUBLIC KEY-----\n${longer}\n-----END PUBLIC KEY-----\n`,
  },
  'pem',
)
mistake('an RSA key of 1024 bits', { jwk: publicJwk(keys.rsa1024) }, true, 'RFC 7518 section 3.3')
mistake('an RSA key of 1024 bits in a PEM', { pem: publicPem(keys.rsa1024) }, true, 'RFC 7518 section 3.3')
mistake('an RSA key with exponent 1', { jwk: publicJwk(rs, { e: 'AQ' }) }, 'e')
mistake('an RSA key with an even exponent', { jwk: publicJwk(rs, { e: 'AQAA' }) }, 'e')
mistake('an RSA key without a modulus', { jwk: { kty: 'RSA', e: 'AQAB' } }, 'n')
mistake('an EC key off its curve', { jwk: publicJwk(es, { x: keys.es256Other.jwk.x }) }, true, 'RFC 7518 section 6.2.1')
mistake('an EC key without y', { jwk: { kty: 'EC', crv: 'P-256', x: es.jwk.x } }, 'y')
mistake(
  'an EC key with a short coordinate',
  { jwk: publicJwk(es, { x: b64u(Buffer.from(es.jwk.x, 'base64url').subarray(1)) }) },
  'x',
  'RFC 7518 section 6.2.1.2',
)
mistake('a key on a curve nobody knows', { jwk: publicJwk(es, { crv: 'P-257' }) }, 'crv')
mistake('a key of a type nobody knows', { jwk: { kty: 'XYZ' } }, 'kty')
mistake('a JWK without kty', { jwk: {} }, 'kty')
mistake('a JWK whose kty is a number', { jwk: { kty: 1 } }, 'kty')
mistake('a padded coordinate', { jwk: publicJwk(ed, { x: `${ed.jwk.x}=` }) }, 'x')
mistake('an Ed25519 key of 31 octets', { jwk: publicJwk(ed, { x: b64u(Buffer.alloc(31, 7)) }) }, 'x')
mistake('an encryption key given alone', { jwk: publicJwk(ed, { use: 'enc' }) }, 'use', 'RFC 7517 section 4.2')
mistake(
  'a key that may not verify, given alone',
  { jwk: publicJwk(ed, { key_ops: ['sign'] }) },
  'key_ops',
  'RFC 7517 section 4.3',
)
mistake('a key whose alg is of another type', { jwk: publicJwk(ed, { alg: 'RS256' }) }, 'alg', 'RFC 7517 section 4.4')
mistake('a tag alg of another type', { jwk: publicJwk(ed), alg: 'HS256' }, 'alg')
mistake('an alg tag nobody knows', { pem: publicPem(rs), alg: 'RS257' }, 'alg')
untyped('no key at all', {}, true)
untyped('keys of null', null, 'keys')
untyped('keys of text', publicPem(rs), 'keys')
untyped('a key tagged twice over', { pem: publicPem(rs), secret: text }, true)
mistake('an unknown tag', { jwk: publicJwk(ed), kit: 'a' }, 'kit')
mistake('a kid that is a number', { jwk: publicJwk(ed), kid: 5 }, 'kid')
mistake('an issuer tag of nothing', { jwk: publicJwk(ed), issuer: '' }, 'issuer')
mistake('an issuer tag of no issuers', { jwk: publicJwk(ed), issuer: [] }, 'issuer')
mistake('a JWK Set whose keys are no array', { keys: publicJwk(ed) }, 'keys')
untyped('a pem that is a number', { pem: 5 }, 'pem')
untyped('a secret that is a number', { secret: 5 }, 'secret')
mistake('an empty secret', { secret: '' }, 'secret')
mistake('a secret of 31 octets', secret(keys.hs256, 31), 'secret', 'RFC 7518 section 3.2')
mistake('a secret of 31 octets in text', { secret: 'x1'.repeat(16).slice(1) }, 'secret', 'RFC 7518 section 3.2')
mistake('a secret that reads as a public PEM', { secret: publicPem(rs) }, 'secret', 'RFC 8725 section 2.1')
mistake(
  'a secret that reads as a PEM, in octets',
  { secret: { $b64u: b64u(publicPem(rs)) } },
  'secret',
  'RFC 8725 section 2.1',
)
mistake(
  'a secret that reads as a PEM after white space',
  { secret: `\n  ${publicPem(rs)}` },
  'secret',
  'RFC 8725 section 2.1',
)
mistake('a secret that reads as a JWK', { secret: JSON.stringify(publicJwk(ed)) }, 'secret', 'RFC 8725 section 2.1')
mistake(
  'a secret that reads as a JWK Set',
  { secret: JSON.stringify({ keys: [publicJwk(ed)] }, null, 2) },
  'secret',
  'RFC 8725 section 2.1',
)
mistake('the secret of the jwt.io sample', { secret: 'your-256-bit-secret' }, 'secret', 'systems.md 4')
mistake(
  'the secret of the newer jwt.io sample',
  { secret: 'a-string-secret-at-least-256-bits-long' },
  'secret',
  'systems.md 4',
)
mistake(
  'the secret of the newer jwt.io sample, in octets',
  { secret: { $b64u: b64u('a-string-secret-at-least-256-bits-long') } },
  'secret',
  'systems.md 4',
)
mistake(
  'a secret of 47 octets for HS384',
  { ...secret(keys.hs256, 47), alg: 'HS384' },
  'secret',
  'RFC 7518 section 3.2',
)
mistake(
  'a secret of 63 octets for HS512',
  { ...secret(keys.hs256, 63), alg: 'HS512' },
  'secret',
  'RFC 7518 section 3.2',
)
vector(
  'a secret of 32 octets is long enough for HS256',
  'RFC 7518 section 3.2',
  secret(keys.hs256, 32),
  await mint(
    {
      ...keys.hs256,
      jwk: { kty: 'oct', k: b64u(Buffer.from(keys.hs256.jwk.k, 'base64url').subarray(0, 32)) },
    },
    claims,
  ),
  ok(),
)

// A set skips what it cannot use
const SKIP = 'RFC 7517 section 5'
for (const [what, member] of /** @type {[string, unknown][]} */ ([
  ['of a type nobody knows', { kty: 'XYZ', kid: 'x' }],
  ['without kty', { kid: 'x' }],
  ['on a curve nobody knows', publicJwk(es, { crv: 'P-257' })],
  ['off its curve', publicJwk(es, { x: keys.es256Other.jwk.x })],
  ['that is too weak', publicJwk(keys.rsa1024)],
  ['for encryption', publicJwk(other, { use: 'enc' })],
  ['that is no object', 'key'],
  ['that is null', null],
])) {
  vector(`in a set a key ${what} is skipped`, SKIP, { keys: [member, publicJwk(ed)] }, bare, ok())
}
vector('an empty set is a mistake', SKIP, { keys: [] }, bare, typeError('keys'))
vector('a set of which every key is skipped is a mistake', SKIP, { keys: [{ kty: 'XYZ' }] }, bare, typeError('kty'))

// What a key allows
const ALLOW = 'RFC 8725 section 3.1'
vector(
  'a key allows only the algorithms of its type',
  ALLOW,
  publicJwk(ed),
  rsBare,
  err('alg_not_allowed', 'alg', { actual: 'RS256' }),
)
vector(
  'a secret allows no public-key algorithm',
  ALLOW,
  secret(keys.hs256),
  bare,
  err('alg_not_allowed', 'alg', { actual: 'EdDSA' }),
)
vector(
  'a public key allows no HMAC',
  ALLOW,
  publicJwk(rs),
  await mint(keys.hs256, claims),
  err('alg_not_allowed', 'alg', { actual: 'HS256' }),
)
vector(
  'a key with alg allows that alone',
  'RFC 7517 section 4.4',
  publicJwk(rs, { alg: 'RS512' }),
  rsBare,
  err('alg_not_allowed', 'alg', { actual: 'RS256' }),
)
vector('a key with its token’s alg allows it', 'RFC 7517 section 4.4', publicJwk(rs, { alg: 'RS256' }), rsBare, ok())
vector(
  'a tag alg narrows a key',
  FORM,
  { pem: publicPem(rs), alg: 'RS512' },
  rsBare,
  err('alg_not_allowed', 'alg', { actual: 'RS256' }),
)
vector('a tag alg may be the token’s', FORM, { pem: publicPem(rs), alg: 'RS256' }, rsBare, ok())
vector('a key for signatures is used', 'RFC 7517 section 4.2', publicJwk(ed, { use: 'sig' }), bare, ok())
vector(
  'a key that may verify is used',
  'RFC 7517 section 4.3',
  publicJwk(ed, { key_ops: ['sign', 'verify'] }),
  bare,
  ok(),
)
vector(
  'a secret of 32 octets does not allow HS512',
  'RFC 7518 section 3.2',
  secret(keys.hs256, 32),
  await mint({ ...keys.hs256, alg: 'HS512' }, claims),
  err('alg_not_allowed', 'alg', { actual: 'HS512' }),
)

// Which key is taken
const SELECT = 'src/README.md Keys'
const [edA, edB] = [publicJwk(ed, { kid: 'a' }), publicJwk(ed, { kid: 'b' })]
const [otherA, otherB] = [publicJwk(other, { kid: 'a' }), publicJwk(other, { kid: 'b' })]
const [edBare, otherBare] = [publicJwk(ed), publicJwk(other)]
vector('a key given alone without a kid fits any token', SELECT, edBare, kidA, ok({ key: { kid: null, alg: 'EdDSA' } }))
vector('the key with the kid is taken', SELECT, { keys: [otherB, edA] }, kidA, ok({ key: { kid: 'a', alg: 'EdDSA' } }))
vector('the key with another kid is not tried', SELECT, { keys: [otherA, edB] }, kidA, invalid)
vector('a kid that no key has finds none', SELECT, { keys: [edA] }, kidB, err('key_not_found', 'kid', { actual: 'b' }))
vector(
  'a kid is compared as a whole',
  SELECT,
  { keys: [edA] },
  await mint(ed, claims, { kid: 'A' }),
  err('key_not_found', 'kid', { actual: 'A' }),
)
vector(
  'an empty kid is a kid',
  SELECT,
  { keys: [edA] },
  await mint(ed, claims, { kid: '' }),
  err('key_not_found', 'kid', { actual: '' }),
)
vector(
  'of a kid that is too long 64 characters are told',
  SELECT,
  { keys: [edA] },
  await mint(ed, claims, { kid: 'k'.repeat(65) }),
  err('key_not_found', 'kid', { actual: 'k'.repeat(64) }),
)
vector(
  'a kid that climbs a path is text',
  SELECT,
  { keys: [edA] },
  await mint(ed, claims, { kid: '../../dev/null' }),
  err('key_not_found', 'kid', { actual: '../../dev/null' }),
)
vector(
  'where no key has the kid, those without one are tried',
  SELECT,
  { keys: [otherA, edBare] },
  kidB,
  ok({ key: { kid: null, alg: 'EdDSA' } }),
)
vector('where a key has the kid, those without one are not tried', SELECT, { keys: [edBare, otherA] }, kidA, invalid)
vector('two keys with the kid are both tried', SELECT, { keys: [otherA, edA] }, kidA, ok())
vector(
  'two keys with the kid, and neither signed',
  SELECT,
  { keys: [otherA, publicJwk(keys.ed25519Other, { kid: 'a' })] },
  kidA,
  invalid,
)
vector('without a kid in the token the keys without one are tried', SELECT, { keys: [otherBare, edBare] }, bare, ok())
vector(
  'without a kid in the token keys with one are tried, too',
  SELECT,
  { keys: [edA, otherBare] },
  bare,
  ok({ key: { kid: 'a', alg: 'EdDSA' } }),
)
vector(
  'without a kid in the token the only key that fits is taken',
  SELECT,
  { keys: [edA] },
  bare,
  ok({ key: { kid: 'a', alg: 'EdDSA' } }),
)
vector(
  'the only key that fits may stand beside keys that do not',
  SELECT,
  { keys: [edA, publicJwk(rs, { kid: 'r' }), publicJwk(es, { kid: 'e' })] },
  bare,
  ok(),
)
vector(
  'without a kid in the token all keys that fit are tried',
  SELECT,
  { keys: [otherB, edA] },
  bare,
  ok({ key: { kid: 'a', alg: 'EdDSA' } }),
)
vector(
  'keys of another type do not count for a kid',
  SELECT,
  { keys: [publicJwk(rs, { kid: 'a' }), edBare] },
  kidA,
  ok({ key: { kid: null, alg: 'EdDSA' } }),
)
vector(
  'a kid may be tagged beside a JWK',
  FORM,
  [
    { jwk: edBare, kid: 'a' },
    { jwk: otherBare, kid: 'b' },
  ],
  kidA,
  ok({ key: { kid: 'a', alg: 'EdDSA' } }),
)
const eight = Array.from({ length: 8 }, () => otherBare)
vector('the eighth key that fits is tried', SELECT, { keys: [...eight.slice(1), edBare] }, bare, ok())
vector(
  'the ninth key that fits is not tried, and the refusal says so',
  SELECT,
  { keys: [...eight, edBare] },
  bare,
  err('key_not_found', 'kid', {
    expected: 'of one of the first 8 keys that fit: of one entry no more are tried, and more fit',
  }),
)

// The only key with the kid must not be used
const rsB = publicJwk(keys.rs256Other, { kid: 'b' })
vector(
  'an encryption key with the kid is rejected',
  'RFC 7517 section 4.2',
  { keys: [publicJwk(rs, { kid: 'a', use: 'enc' }), rsB] },
  rsA,
  err('key_rejected', 'use', { expected: 'sig', actual: 'enc' }),
)
vector(
  'a key with the kid that may only sign is rejected',
  'RFC 7517 section 4.3',
  { keys: [publicJwk(rs, { kid: 'a', key_ops: ['sign'] }), rsB] },
  rsA,
  err('key_rejected', 'key_ops'),
)
vector(
  'a key with the kid and another alg is rejected',
  'RFC 7517 section 4.4',
  { keys: [publicJwk(rs, { kid: 'a', alg: 'RS512' }), rsB] },
  rsA,
  err('key_rejected', 'alg', { expected: 'RS256', actual: 'RS512' }),
)
vector(
  'a key with the kid that is too weak is rejected',
  'RFC 7518 section 3.3',
  { keys: [publicJwk(keys.rsa1024, { kid: 'a' }), rsB] },
  forge(keys.rsa1024, '{"alg":"RS256","kid":"a"}', JSON.stringify(claims)),
  err('key_rejected'),
)
vector(
  'beside a rejected key one without a kid is tried',
  SELECT,
  { keys: [publicJwk(rs, { kid: 'a', use: 'enc' }), publicJwk(rs)] },
  rsA,
  ok(),
)
vector(
  'beside a rejected key another with the kid is tried',
  SELECT,
  { keys: [publicJwk(rs, { kid: 'a', use: 'enc' }), publicJwk(rs, { kid: 'a' })] },
  rsA,
  ok({ key: { kid: 'a', alg: 'RS256' } }),
)

// A key vouches for its issuer
const VOUCH = 'pkg/src/types.ts KeyTags.issuer'
const [a, b] = ['https://a.example', 'https://b.example']
const both = { options: { issuer: [a, b] } }
const fromB = await mint(ed, { iss: b, exp }, { kid: 'a' })
const tagged = [
  { jwk: edA, issuer: a },
  { jwk: otherB, issuer: b },
]
vector('a key vouches for its issuer', VOUCH, tagged, kidA, ok({ claims: { iss: a } }), both)
vector(
  'a key does not vouch for another issuer of the policy',
  VOUCH,
  tagged,
  fromB,
  err('claim_mismatch', 'iss', { actual: b }),
  both,
)
vector(
  'a key vouches for every issuer it is tagged with',
  VOUCH,
  { jwk: edA, issuer: [a, b] },
  fromB,
  ok({ claims: { iss: b } }),
  both,
)
vector(
  'an untagged key vouches for every issuer of the policy',
  VOUCH,
  { jwk: edA },
  fromB,
  ok({ claims: { iss: b } }),
  both,
)
vector(
  'a tagged key asks for iss even where the policy does not',
  VOUCH,
  { jwk: edA, issuer: a },
  fromB,
  err('claim_mismatch', 'iss', { actual: b }),
)
vector(
  'under a tagged key a token without iss is refused',
  VOUCH,
  { jwk: edA, issuer: a },
  await mint(ed, { exp }, { kid: 'a' }),
  err('claim_missing', 'iss'),
)
vector(
  'a set is tagged as a whole',
  VOUCH,
  { jwks: { keys: [edA, otherB] }, issuer: a },
  fromB,
  err('claim_mismatch', 'iss', { actual: b }),
  both,
)
vector(
  'a policy’s issuer is asked for before the key’s',
  VOUCH,
  { jwk: edA, issuer: a },
  fromB,
  err('claim_mismatch', 'iss', { expected: 'https://c.example', actual: b }),
  { options: { issuer: 'https://c.example' } },
)
vector(
  'the same kid of two issuers: the key that signed decides',
  VOUCH,
  [
    { jwk: otherA, issuer: b },
    { jwk: edA, issuer: a },
  ],
  fromB,
  err('claim_mismatch', 'iss', { actual: b }),
  both,
)

// What the token says of keys is not believed
const EMBEDDED = 'RFC 7515 section 4.1.3, RFC 8725 section 3.10'
for (const [what, header] of /** @type {[string, object][]} */ ([
  ['jwk', { jwk: publicJwk(other) }],
  ['jku', { jku: 'https://attacker.example/keys' }],
  ['x5u', { x5u: 'https://attacker.example/cert' }],
  ['x5c', { x5c: ['MIIB'] }],
])) {
  vector(
    `a key named by ${what} in the header is not used`,
    EMBEDDED,
    publicJwk(ed),
    forge(other, JSON.stringify({ alg: 'EdDSA', ...header }), JSON.stringify(claims)),
    invalid,
  )
  vector(
    `a token may carry ${what}, unread`,
    EMBEDDED,
    publicJwk(ed),
    forge(ed, JSON.stringify({ alg: 'EdDSA', ...header }), JSON.stringify(claims)),
    ok(),
  )
}
const unsigned = `${b64u('{"alg":"HS256"}')}.${b64u(JSON.stringify(claims))}`
vector(
  'a MAC under an empty secret is refused',
  'RFC 8725 section 3.5',
  secret(keys.hs256),
  `${unsigned}.${signature({ ...keys.hs256, jwk: { kty: 'oct', k: '' } }, unsigned)}`,
  invalid,
)

write('rfc7517.json', vectors)
