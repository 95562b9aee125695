// @ts-check
/**
 * Mints `../controls.json`: for every algorithm and every form of key a token that must be accepted, so
 * that refusing everything never passes. Keys are generated for the occasion and forgotten.
 *
 * Two signers that know nothing of each other: jose over WebCrypto, and OpenSSL through `node:crypto`.
 * Certificates and RSASSA-PSS keys come from the `openssl` command.
 *
 * @module
 */

import { execFileSync } from 'node:child_process'
import {
  KeyObject,
  constants,
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
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
const openssl = (...args) =>
  execFileSync('openssl', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })

/** A private key of its own. @param {...string} args Of `openssl genpkey`. */
const generate = (...args) => createPrivateKey(openssl('genpkey', ...args))

/** @param {number} bits @param {number} [exponent] */
const rsa = (bits, exponent = 65537) =>
  generate(
    ...['-algorithm', 'RSA', '-pkeyopt', `rsa_keygen_bits:${bits}`],
    ...['-pkeyopt', `rsa_keygen_pubexp:${exponent}`],
  )

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
const pem = (key, type) =>
  createPublicKey(key).export({ type: /** @type {'spki'} */ (type), format: 'pem' })

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
    const encode = (/** @type {object} */ value) =>
      Buffer.from(JSON.stringify(value)).toString('base64url')
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
  [2056, 65537],
  [3072, 65539],
  [4096, 4294967291],
  [8192, 65537],
])) {
  const key = rsa(bits, exponent)
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

rmSync(folder, { recursive: true })
const file = new URL('../controls.json', import.meta.url)
writeFileSync(file, `${JSON.stringify({ now: NOW, claims: CLAIMS, cases: controls }, null, 1)}\n`)
