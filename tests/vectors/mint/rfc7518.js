// @ts-check
/**
 * RFC 7518, JSON Web Algorithms, with RFC 8037, 8812 and 9864: each algorithm, and its keys.
 *
 * @module
 */

import {
  b64u,
  certificates,
  err,
  forge,
  keys,
  mint,
  NOW,
  ok,
  publicJwk,
  publicPem,
  publicPkcs1Pem,
  secret,
  typeError,
  write,
} from './lib.js'

const exp = NOW + 300
const claims = { iss: 'https://issuer.example', exp }
const text = JSON.stringify(claims)

/** @typedef {import('./lib.js').SigningKey} SigningKey */

/** @type {Record<string, any>[]} */
const vectors = []

/**
 * @param {string} name @param {string} ref @param {unknown} keys_ @param {unknown} token
 * @param {object} answer @param {object} [options]
 */
function vector(name, ref, keys_, token, answer, options) {
  vectors.push({
    name,
    ref,
    options: { issuer: null, audience: null, ...options },
    keys: keys_,
    token,
    now: NOW,
    answer,
  })
}

/** @param {SigningKey} key @param {string} alg @returns {SigningKey} */
const under = (key, alg) => ({ ...key, alg })
/** By node:crypto: jose signs no ES256K. @param {SigningKey} key @param {string} [alg] */
const forged = (key, alg = key.alg) => forge(key, JSON.stringify({ alg }), text)

// Every algorithm, and its signature with one bit flipped
const algorithms = /** @type {[string, string, SigningKey, string][]} */ ([
  ['HS384', 'RFC 7518 section 3.2', under(keys.hs256, 'HS384'), 'HS512'],
  ['HS512', 'RFC 7518 section 3.2', under(keys.hs256, 'HS512'), 'HS256'],
  ['RS384', 'RFC 7518 section 3.3', under(keys.rs256, 'RS384'), 'RS256'],
  ['RS512', 'RFC 7518 section 3.3', under(keys.rs256, 'RS512'), 'PS512'],
  ['PS256', 'RFC 7518 section 3.5', under(keys.rs256, 'PS256'), 'RS256'],
  ['PS384', 'RFC 7518 section 3.5', under(keys.rs256, 'PS384'), 'PS256'],
  ['PS512', 'RFC 7518 section 3.5', under(keys.rs256, 'PS512'), 'PS384'],
  ['ES384', 'RFC 7518 section 3.4', keys.es384, 'ES256'],
  ['ES512', 'RFC 7518 section 3.4', keys.es512, 'ES384'],
  ['ES256K', 'RFC 8812 section 3.2', keys.es256k, 'ES256'],
  ['Ed25519', 'RFC 9864 section 2.2', under(keys.ed25519, 'Ed25519'), 'ES256'],
])
for (const [alg, ref, key, another] of algorithms) {
  const verificationKeys = key.kty === 'oct' ? secret(key) : { jwk: publicJwk(key) }
  const token = alg === 'ES256K' ? forged(key) : await mint(key, claims)
  const [head = '', body = '', mark = ''] = token.split('.')
  const octets = Buffer.from(mark, 'base64url')
  vector(
    `a token signed with ${alg} is verified`,
    ref,
    verificationKeys,
    token,
    ok({ claims, key: { kid: null, alg } }),
  )
  vector(`a token signed with ${alg} is verified where that alone is allowed`, ref, verificationKeys, token, ok(), {
    algorithms: [alg],
  })
  vector(
    `a token signed with ${alg} is refused where ${another} alone is allowed`,
    ref,
    // A verifier whose keys allow none of the algorithms is not built.
    another.startsWith('ES') ? [verificationKeys, publicJwk(keys.es256), publicJwk(keys.es384)] : verificationKeys,
    token,
    err('alg_not_allowed', 'alg', { expected: [another], actual: alg }),
    { algorithms: [another] },
  )
  const flipped = b64u(octets.map((octet, at) => (at === octets.length - 1 ? octet ^ 1 : octet)))
  vector(
    `an ${alg} signature with one bit flipped is refused`,
    ref,
    verificationKeys,
    `${head}.${body}.${flipped}`,
    err('signature_invalid'),
  )
  vector(
    `an ${alg} signature an octet short is refused`,
    ref,
    verificationKeys,
    `${head}.${body}.${b64u(octets.subarray(1))}`,
    err('signature_invalid'),
  )
  vector(
    `an ${alg} signature an octet long is refused`,
    ref,
    verificationKeys,
    `${head}.${body}.${b64u(Buffer.concat([octets, Buffer.alloc(1)]))}`,
    err('signature_invalid'),
  )
  vector(
    `an ${alg} signature over another payload is refused`,
    ref,
    verificationKeys,
    `${head}.${b64u(text.replace('issuer', 'Issuer'))}.${mark}`,
    err('signature_invalid'),
  )
}

// One key, several algorithms: the header names one, and the signature must be of that one
vector(
  'a PSS signature is no PKCS#1 signature',
  'RFC 7518 section 3.5',
  publicJwk(keys.rs256),
  forged(under(keys.rs256, 'PS256'), 'RS256'),
  err('signature_invalid'),
)
vector(
  'a PKCS#1 signature is no PSS signature',
  'RFC 7518 section 3.5',
  publicJwk(keys.rs256),
  forged(keys.rs256, 'PS256'),
  err('signature_invalid'),
)
vector(
  'a signature over another hash is refused',
  'RFC 7518 section 3.3',
  publicJwk(keys.rs256),
  forged(under(keys.rs256, 'RS512'), 'RS256'),
  err('signature_invalid'),
)
vector(
  'a MAC over another hash is refused',
  'RFC 7518 section 3.2',
  secret(keys.hs256),
  forged(under(keys.hs256, 'HS384'), 'HS256'),
  err('signature_invalid'),
)
vector(
  'an ES256 token is refused under a key on another curve',
  'RFC 7518 section 3.4',
  publicJwk(keys.es384),
  forged(keys.es256),
  err('alg_not_allowed', 'alg', { actual: 'ES256' }),
)
vector(
  'an ES256K token is refused under a key on P-256',
  'RFC 8812 section 3.2',
  publicJwk(keys.es256),
  forged(keys.es256k),
  err('alg_not_allowed', 'alg', { actual: 'ES256K' }),
)
vector(
  'a key for Ed25519 verifies EdDSA, its older name',
  'RFC 9864 section 2.2',
  publicJwk(keys.ed25519),
  forged(keys.ed25519, 'EdDSA'),
  ok({ key: { alg: 'EdDSA' } }),
)
vector(
  'a key whose alg is RS256 does not verify PS256',
  'RFC 7517 section 4.4',
  publicJwk(keys.rs256, { alg: 'RS256' }),
  forged(under(keys.rs256, 'PS256')),
  err('alg_not_allowed', 'alg', { actual: 'PS256' }),
)

// Secrets are as long as their hash
vector(
  'a secret of 48 octets is long enough for HS384',
  'RFC 7518 section 3.2',
  secret(keys.hs256, 48),
  forged({
    ...keys.hs256,
    alg: 'HS384',
    jwk: { k: b64u(Buffer.from(keys.hs256.jwk.k, 'base64url').subarray(0, 48)) },
  }),
  ok(),
)
vector(
  'a secret of 47 octets does not allow HS384',
  'RFC 7518 section 3.2',
  secret(keys.hs256, 47),
  forged({
    ...keys.hs256,
    alg: 'HS384',
    jwk: { k: b64u(Buffer.from(keys.hs256.jwk.k, 'base64url').subarray(0, 47)) },
  }),
  err('alg_not_allowed', 'alg', { actual: 'HS384' }),
)
vector(
  'a secret of 63 octets does not allow HS512',
  'RFC 7518 section 3.2',
  secret(keys.hs256, 63),
  forged({
    ...keys.hs256,
    alg: 'HS512',
    jwk: { k: b64u(Buffer.from(keys.hs256.jwk.k, 'base64url').subarray(0, 63)) },
  }),
  err('alg_not_allowed', 'alg', { actual: 'HS512' }),
)

// Keys in PEM
const PKCS1 = 'RFC 8017 appendix A.1.1'
const X509 = 'RFC 5280 section 4.1'
vector(
  'a PKCS#1 PEM is an RSA key',
  PKCS1,
  { pem: publicPkcs1Pem(keys.rs256) },
  forged(keys.rs256),
  ok({ key: { alg: 'RS256' } }),
)
for (const name of /** @type {const} */ (['rs256', 'es256', 'ed25519'])) {
  const pem = certificates[name]
  vector(`a certificate lends its ${name} key, its dates unchecked`, X509, { pem }, forged(keys[name]), ok())
  vector(
    `a certificate lends its ${name} key to nobody else’s token`,
    X509,
    { pem },
    forged(name === 'rs256' ? keys.rs256Other : name === 'es256' ? keys.es256Other : keys.ed25519Other),
    err('signature_invalid'),
  )
}
for (const name of /** @type {const} */ (['es384', 'es512', 'es256k'])) {
  vector(
    `an SPKI PEM is an ${keys[name].alg} key`,
    'RFC 5480 section 2',
    { pem: publicPem(keys[name]) },
    forged(keys[name]),
    ok({ key: { kid: null, alg: keys[name].alg } }),
  )
}
vector(
  'a certificate cut short is a mistake',
  X509,
  { pem: (certificates.rs256 ?? '').replace(/\n[^\n]{64}\n/, '\n') },
  forged(keys.rs256),
  typeError('pem'),
)
vector(
  'a certificate request is a mistake',
  X509,
  { pem: (certificates.rs256 ?? '').replaceAll('CERTIFICATE', 'CERTIFICATE REQUEST') },
  forged(keys.rs256),
  typeError('pem'),
)

write('rfc7518.json', vectors)
