// @ts-check
/**
 * Mints `../controls.json`: for every algorithm and every form of key a token that must be accepted, so
 * that refusing everything never passes; and tokens that only the holder of the private key can make, and
 * that must be refused. Keys are generated for each run and not kept.
 *
 * Two signers that know nothing of each other: jose over WebCrypto, and OpenSSL through `node:crypto`.
 * Certificates and RSASSA-PSS keys come from the `openssl` command.
 *
 * @module
 */

import { execFileSync } from 'node:child_process'
import {
  constants,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  generatePrimeSync,
  KeyObject,
  randomBytes,
  sign,
} from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CompactSign } from 'jose'

const NOW = 1_700_000_000
const CLAIMS = {
  iss: 'https://issuer.example',
  aud: 'https://api.example',
  sub: 'user-1',
  iat: NOW - 60,
  exp: NOW + 600,
}

/**
 * `signed` counts the signing keys: two controls with one number are verified with forms of one key.
 *
 * @type {{ id: string, alg: string, signer: string, form: string, signed: number, key: object, token: string }[]}
 */
const controls = []

/** @type {KeyObject[]} */
const signingKeys = []

const folder = mkdtempSync(join(tmpdir(), 'controls-'))

/** What the `openssl` command prints. @param {...string} args */
const openssl = (...args) => execFileSync('openssl', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })

/** A private key of its own. @param {...string} args Of `openssl genpkey`. */
const generate = (...args) => createPrivateKey(openssl('genpkey', ...args))

/** @param {number} bits @param {number} [exponent] */
const rsa = (bits, exponent = 65537) =>
  generate(
    ...['-algorithm', 'RSA', '-pkeyopt', `rsa_keygen_bits:${bits}`],
    ...['-pkeyopt', `rsa_keygen_pubexp:${exponent}`],
  )

/** A private key whose modulus has 2049 bits, which `openssl` would make one of 2048. */
function rsa2049() {
  for (;;) {
    const p = generatePrimeSync(1025, { bigint: true })
    const q = generatePrimeSync(1024, { bigint: true })
    const [n, e] = [p * q, 65537n]
    if (n.toString(2).length !== 2049 || p % e === 1n || q % e === 1n) continue
    const d = inverse(e, (p - 1n) * (q - 1n))
    const numbers = { n, e, d, p, q, dp: d % (p - 1n), dq: d % (q - 1n), qi: inverse(q % p, p) }
    const members = Object.entries(numbers).map(([name, value]) => {
      const digits = value.toString(16)
      const octets = octetsOf(value, Math.ceil(digits.length / 2))
      return [name, octets.toString('base64url')]
    })
    const key = { kty: 'RSA', ...Object.fromEntries(members) }
    return createPrivateKey({ key, format: 'jwk' })
  }
}

/** The inverse of `value` modulo `modulus`, by Euclid. @param {bigint} value @param {bigint} modulus */
function inverse(value, modulus) {
  let [a, b, x, y] = [value, modulus, 1n, 0n]
  while (b > 0n) [a, b, x, y] = [b, a % b, y, x - (a / b) * y]
  return ((x % modulus) + modulus) % modulus
}

/** @param {bigint} value @param {number} length */
const octetsOf = (value, length) => Buffer.from(value.toString(16).padStart(2 * length, '0'), 'hex')

/** @param {string} curve */
const ec = (curve) => generate('-algorithm', 'EC', '-pkeyopt', `ec_paramgen_curve:${curve}`)

/** A certificate of the key's own. @param {KeyObject} key */
function certificate(key) {
  const file = join(folder, 'key.pem')
  writeFileSync(file, key.export({ type: 'pkcs8', format: 'pem' }))
  return openssl('req', '-x509', '-new', '-key', file, '-subj', '/CN=conformance', '-days', '1')
}

/** @param {KeyObject} key @param {object} [more] */
const publicJwk = (key, more) => ({ ...createPublicKey(key).export({ format: 'jwk' }), ...more })

/** @param {KeyObject} key @param {'spki' | 'pkcs1'} type */
const pem = (key, type) => createPublicKey(key).export({ type: /** @type {'spki'} */ (type), format: 'pem' })

const EC_HASHES = { ES256: 'sha256', ES384: 'sha384', ES512: 'sha512', ES256K: 'sha256' }

/** The signature by OpenSSL. @param {string} alg @param {Buffer} input @param {KeyObject} key */
function signature(alg, input, key) {
  const hash = `sha${alg.slice(2, 5)}`
  if (alg.startsWith('HS')) return createHmac(hash, key).update(input).digest()
  if (alg.startsWith('Ed')) return sign(null, input, key)
  if (alg.startsWith('ES')) {
    const name = EC_HASHES[/** @type {keyof typeof EC_HASHES} */ (alg)]
    return sign(name, input, { key, dsaEncoding: 'ieee-p1363' })
  }
  if (alg.startsWith('RS')) return sign(hash, input, key)
  const padding = constants.RSA_PKCS1_PSS_PADDING
  return sign(hash, input, { key, padding, saltLength: constants.RSA_PSS_SALTLEN_DIGEST })
}

/** @type {Record<string, (alg: string, key: KeyObject, header: object) => Promise<string>>} */
const signers = {
  async jose(alg, key, header) {
    const payload = new TextEncoder().encode(JSON.stringify(CLAIMS))
    return new CompactSign(payload).setProtectedHeader({ alg, ...header }).sign(key)
  },
  async openssl(alg, key, header) {
    const encode = (/** @type {object} */ value) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const input = `${encode({ alg, ...header })}.${encode(CLAIMS)}`
    return `${input}.${signature(alg, Buffer.from(input), key).toString('base64url')}`
  },
}

/**
 * One token by each signer that can make it.
 *
 * @param {string} alg @param {string} form @param {KeyObject} key
 * @param {object} verification The key that it is verified with. @param {object} [header]
 */
async function control(alg, form, key, verification, header = {}) {
  for (const [signer, token] of Object.entries(signers)) {
    // jose has neither secp256k1 nor keys that are for RSASSA-PSS alone.
    if (signer === 'jose' && (alg === 'ES256K' || key.asymmetricKeyType === 'rsa-pss')) continue
    if (!signingKeys.includes(key)) signingKeys.push(key)
    controls.push({
      id: `${alg} ${form} by ${signer}`,
      alg,
      signer,
      form,
      signed: signingKeys.indexOf(key),
      key: verification,
      token: await token(alg, key, header),
    })
  }
}

const decoys = [
  { kty: 'weird', kid: 'unknown type' },
  { kty: 'EC', crv: 'P-999', x: 'AA', y: 'AA', kid: 'unknown curve' },
  publicJwk(ec('P-256'), { kid: 'stranger', use: 'sig' }),
  publicJwk(rsa(2048), { kid: 'stranger', use: 'sig' }),
]

for (const [alg, length] of /** @type {const} */ ([
  ['HS256', 32],
  ['HS384', 48],
  ['HS512', 64],
])) {
  const secret = randomBytes(length)
  const key = createSecretKey(secret)
  const k = secret.toString('base64url')
  await control(alg, 'secret', key, { kind: 'secret', b64u: k })
  await control(alg, 'jwk', key, { kind: 'jwk', jwk: { kty: 'oct', k, alg, use: 'sig' } })
  const stranger = { kty: 'oct', k: randomBytes(64).toString('base64url'), kid: 'stranger' }
  const jwks = { keys: [stranger, { kty: 'oct', k, kid: 'signer' }] }
  await control(alg, 'jwks', key, { kind: 'jwks', jwks }, { kid: 'signer' })
}

/** Every form of a public key. @param {readonly string[]} algs @param {KeyObject} key */
async function forms(algs, key) {
  for (const alg of algs) {
    await control(alg, 'jwk', key, { kind: 'jwk', jwk: publicJwk(key) })
    const members = { alg, use: 'sig', key_ops: ['verify'], kid: 'signer', 'x-unknown': {} }
    const jwk = publicJwk(key, members)
    await control(alg, 'jwk with all its members', key, { kind: 'jwk', jwk }, { kid: 'signer' })
    const jwks = { keys: [...decoys, jwk] }
    await control(alg, 'jwks', key, { kind: 'jwks', jwks }, { kid: 'signer' })
    await control(alg, 'spki', key, { kind: 'pem', pem: pem(key, 'spki') })
    if (key.asymmetricKeyType === 'rsa') {
      await control(alg, 'pkcs1', key, { kind: 'pem', pem: pem(key, 'pkcs1') })
    }
    await control(alg, 'x509', key, { kind: 'pem', pem: certificate(key) })
  }
}

const RSA = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']
await forms(RSA, rsa(2048))
await forms(['ES256'], ec('P-256'))
await forms(['ES384'], ec('P-384'))
await forms(['ES512'], ec('P-521'))
await forms(['ES256K'], ec('secp256k1'))
await forms(['EdDSA', 'Ed25519'], generate('-algorithm', 'ED25519'))

// The padding of PSS loses its first octet where the modulus has 8k + 1 bits.
for (const [bits, exponent] of /** @type {const} */ ([
  [2049, 65537],
  [3072, 65539],
  [4096, 4294967291],
  [8192, 65537],
])) {
  const key = bits === 2049 ? rsa2049() : rsa(bits, exponent)
  const form = `jwk of ${bits} bits, exponent ${exponent}`
  for (const alg of ['RS256', 'PS256', 'PS512']) {
    await control(alg, form, key, { kind: 'jwk', jwk: publicJwk(key) })
  }
}

const pss = ['-algorithm', 'RSA-PSS', '-pkeyopt', 'rsa_keygen_bits:2048']
const unrestricted = generate(...pss)
for (const [alg, hash, salt] of /** @type {const} */ ([
  ['PS256', 'sha256', 32],
  ['PS384', 'sha384', 48],
  ['PS512', 'sha512', 64],
])) {
  const form = 'spki of an RSASSA-PSS key'
  await control(alg, form, unrestricted, { kind: 'pem', pem: pem(unrestricted, 'spki') })
  const restricted = generate(
    ...[...pss, '-pkeyopt', `rsa_pss_keygen_md:${hash}`],
    ...['-pkeyopt', `rsa_pss_keygen_mgf1_md:${hash}`],
    ...['-pkeyopt', `rsa_pss_keygen_saltlen:${salt}`],
  )
  const verification = { kind: 'pem', pem: pem(restricted, 'spki') }
  await control(alg, `${form} with parameters`, restricted, verification)
}

/** @type {{ id: string, why: string, key: object, token: string }[]} */
const refused = []

/**
 * A token whose signature is `forge` of its JWS Signing Input.
 *
 * @param {string} id @param {string} why @param {string} alg @param {object} key
 * @param {(input: Buffer) => Buffer} forge
 */
function refusal(id, why, alg, key, forge) {
  const encode = (/** @type {object} */ value) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const input = `${encode({ alg })}.${encode(CLAIMS)}`
  const token = `${input}.${forge(Buffer.from(input)).toString('base64url')}`
  refused.push({ id, why, key: { kind: 'jwk', jwk: key }, token })
}

/** @param {Buffer} octets */
const number = (octets) => BigInt(`0x${octets.toString('hex')}`)

/** @param {bigint} base @param {bigint} exponent @param {bigint} modulus */
function power(base, exponent, modulus) {
  let result = 1n
  let square = base
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % modulus
    square = (square * square) % modulus
  }
  return result
}

/** A number of a private JWK. @param {KeyObject} key @param {'n' | 'e' | 'd'} member */
const member = (key, member) => number(Buffer.from(String(key.export({ format: 'jwk' })[member]), 'base64url'))

const odd = rsa2049()
refusal(
  'PS256 in 2049 bits, the octet above the encoding is 1',
  'RFC 8017 section 8.1.2, step 2c',
  'PS256',
  publicJwk(odd),
  (input) => {
    const [n, e, d] = [member(odd, 'n'), member(odd, 'e'), member(odd, 'd')]
    for (;;) {
      const encoded = power(number(signature('PS256', input, odd)), e, n) + (1n << 2048n)
      if (encoded < n) return octetsOf(power(encoded, d, n), 257)
    }
  },
)

const ed = generate('-algorithm', 'ED25519')
refusal(
  'EdDSA, R is the neutral element',
  'RFC 8037 section 3.1, verified strictly: no small order',
  'EdDSA',
  publicJwk(ed),
  (input) => {
    const order = (1n << 252n) + 27742317777372353535851937790883648493n
    const { d, x } = ed.export({ format: 'jwk' })
    const seed = Buffer.from(String(d), 'base64url')
    const scalar = createHash('sha512').update(seed).digest().subarray(0, 32)
    scalar[0] = (scalar[0] ?? 0) & 248
    scalar[31] = ((scalar[31] ?? 0) & 127) | 64
    const neutral = Buffer.from([1, ...new Uint8Array(31)])
    const hash = createHash('sha512')
    for (const part of [neutral, Buffer.from(String(x), 'base64url'), input]) hash.update(part)
    const little = (/** @type {Buffer} */ octets) => number(Buffer.from(octets).reverse())
    const s = (little(hash.digest()) * little(scalar)) % order
    return Buffer.concat([neutral, octetsOf(s, 32).reverse()])
  },
)

rmSync(folder, { recursive: true })
const file = new URL('../controls.json', import.meta.url)
writeFileSync(file, `${JSON.stringify({ now: NOW, claims: CLAIMS, cases: controls, refused }, null, 1)}\n`)
