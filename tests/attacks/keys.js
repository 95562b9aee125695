// @ts-check
/**
 * Keys of every algorithm, from a seed. OpenSSL does the arithmetic; nothing here is the code under test.
 *
 * @module
 */

import { checkPrimeSync, createECDH, createPrivateKey, createPublicKey } from 'node:crypto'
import { CURVES, inverse, toNumber, toOctets } from './numbers.js'

/** @typedef {import('./random.js').Random} Random */
/** @typedef {Record<string, any>} Jwk */

/**
 * A key that signs, and what verifies it.
 *
 * @typedef {object} Key
 * @property {string} alg
 * @property {'HMAC' | 'RSA' | 'EC' | 'OKP'} family
 * @property {import('node:crypto').KeyObject | undefined} privateKey Absent for HMAC.
 * @property {Buffer} secret Empty but for HMAC.
 * @property {Jwk} jwk Public; of HMAC, the secret one.
 */

/** Every algorithm, in the order of their registration. */
export const ALGORITHMS = /** @type {const} */ ([
  ...['HS256', 'HS384', 'HS512', 'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'ES256K', 'EdDSA', 'Ed25519'],
])

const E = 65537n

/** The family of an algorithm. @param {string} alg @returns {Key['family']} */
export function familyOf(alg) {
  if (alg.startsWith('HS')) return 'HMAC'
  if (/^[RP]S/.test(alg)) return 'RSA'
  return alg.startsWith('ES') ? 'EC' : 'OKP'
}

/**
 * A key of `alg`.
 *
 * @param {string} alg @param {Random} random @param {{ bits?: number, octets?: number }} [size]
 * @returns {Key}
 */
export function freshKey(alg, random, { bits = 2048, octets = 64 } = {}) {
  const family = familyOf(alg)
  if (family === 'HMAC') {
    const secret = random.octets(octets)
    const jwk = { kty: 'oct', k: secret.toString('base64url') }
    return { alg, family, privateKey: undefined, secret, jwk }
  }
  const privateKey = { RSA: () => rsa(random, bits), EC: () => ec(random, alg), OKP: () => okp(random) }[family]()
  const jwk = createPublicKey(privateKey).export({ format: 'jwk' })
  return { alg, family, privateKey, secret: Buffer.alloc(0), jwk }
}

/** The public key of a key that has one. @param {Key} key */
export const publicOf = ({ jwk }) => createPublicKey({ key: jwk, format: 'jwk' })

/** The SPKI PEM of a public JWK. @param {Jwk} jwk */
export const spki = (jwk) =>
  String(createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' }))

/** @param {Random} random @param {number} bits */
function rsa(random, bits) {
  for (;;) {
    const [p, q] = [prime(random, bits / 2), prime(random, bits / 2)]
    if (p === q || (p - 1n) % E === 0n || (q - 1n) % E === 0n) continue
    return privateRsa(p > q ? [p, q] : [q, p])
  }
}

/** A prime whose two highest bits are set, so that two of them make a modulus of full length. */
function prime(/** @type {Random} */ random, /** @type {number} */ bits) {
  for (;;) {
    const candidate = toNumber(random.octets(bits / 8)) | (3n << BigInt(bits - 2)) | 1n
    if (SIEVE.every((small) => candidate % small !== 0n) && checkPrimeSync(candidate)) return candidate
  }
}

const SIEVE = [3n, 5n, 7n, 11n, 13n, 17n, 19n, 23n, 29n, 31n, 37n, 41n, 43n, 47n, 53n]

/** @param {bigint[]} primes */
function privateRsa([p = 0n, q = 0n]) {
  const d = inverse(E, (p - 1n) * (q - 1n))
  const numbers = { n: p * q, e: E, d, p, q, dp: d % (p - 1n), dq: d % (q - 1n), qi: inverse(q, p) }
  const members = Object.entries(numbers).map(([name, number]) => [name, toOctets(number).toString('base64url')])
  return createPrivateKey({ key: { kty: 'RSA', ...Object.fromEntries(members) }, format: 'jwk' })
}

/** @param {Random} random @param {string} alg */
function ec(random, alg) {
  const { crv, openssl, size, n } = /** @type {NonNullable<typeof CURVES[string]>} */ (CURVES[alg])
  const d = toOctets(random.number(n), size)
  const pair = createECDH(openssl)
  pair.setPrivateKey(d)
  const point = pair.getPublicKey()
  const [x, y] = [point.subarray(1, 1 + size), point.subarray(1 + size)].map((octets) => octets.toString('base64url'))
  const key = { kty: 'EC', crv, x: String(x), y: String(y), d: d.toString('base64url') }
  return createPrivateKey({ key, format: 'jwk' })
}

/** PKCS#8 of an Ed25519 key, up to its seed (RFC 8410 section 10.3). */
const ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex')

/** @param {Random} random */
function okp(random) {
  return createPrivateKey({ key: Buffer.concat([ED25519, random.octets(32)]), format: 'der', type: 'pkcs8' })
}
