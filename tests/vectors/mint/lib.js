// @ts-check
/**
 * How vectors are minted: tokens by `jose`, deviant ones by `node:crypto`, files in one layout.
 *
 * Neither knows the code under test. ECDSA and PSS signatures are random, so a token whose JWS
 * Signing Input already stands in a committed vector is kept as long as its signature verifies.
 *
 * @module
 */

import {
  constants,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  sign as signBytes,
  verify as verifyBytes,
} from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { CompactSign, importJWK } from 'jose'

/** The moment every vector is held at, unless it says otherwise. */
export const NOW = 1_700_000_000

/** The token that the documentation of Cashfree and VTEX shows: the sample of jwt.io. */
export const SAMPLE = [
  'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9',
  'eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ',
  'SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c',
].join('.')

const folder = new URL('../', import.meta.url)

/** @typedef {{ kty: string, alg: string, jwk: Record<string, any> }} SigningKey */

const stored = JSON.parse(readFileSync(new URL('keys.json', import.meta.url), 'utf8'))

/** @param {string} name @param {string} alg @returns {SigningKey} */
const signing = (name, alg) => ({ kty: stored[name].kty, alg, jwk: stored[name] })

/** The test keys, each with the algorithm it signs with. */
export const keys = {
  es256: signing('es256', 'ES256'),
  es256Other: signing('es256Other', 'ES256'),
  es384: signing('es384', 'ES384'),
  es512: signing('es512', 'ES512'),
  es256k: signing('es256k', 'ES256K'),
  rs256: signing('rs256', 'RS256'),
  rs256Other: signing('rs256Other', 'RS256'),
  rsa1024: signing('rsa1024', 'RS256'),
  ed25519: signing('ed25519', 'EdDSA'),
  ed25519Other: signing('ed25519Other', 'EdDSA'),
  hs256: signing('secret', 'HS256'),
  hs256Other: signing('secretOther', 'HS256'),
}

/** PEM certificates, by the name of their key. @type {Record<string, string>} */
export const certificates = stored.certificates

/** @param {string | Uint8Array} bytes */
export const b64u = (bytes) => Buffer.from(bytes).toString('base64url')

/** base64url SHA-256, as `ath` holds it. @param {string} text */
export const hash = (text) => createHash('sha256').update(text).digest('base64url')

/**
 * The public JWK of a key, with further members.
 * @param {SigningKey} key @param {Record<string, unknown>} [members]
 */
export function publicJwk(key, members = {}) {
  const { kty, crv, x, y, n, e, k } = key.jwk
  const own = { EC: { kty, crv, x, y }, OKP: { kty, crv, x }, RSA: { kty, n, e }, oct: { kty, k } }
  return { .../** @type {Record<string, object>} */ (own)[kty], ...members }
}

/** The SPKI PEM of a key. @param {SigningKey} key @returns {string} */
export const publicPem = (key) =>
  createPublicKey({ key: key.jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' }).toString()

/** The PKCS#1 PEM of an RSA key. @param {SigningKey} key @returns {string} */
export const publicPkcs1Pem = (key) =>
  createPublicKey({ key: key.jwk, format: 'jwk' }).export({ type: 'pkcs1', format: 'pem' }).toString()

/** The PKCS#8 PEM of a private key. @param {SigningKey} key @returns {string} */
export const privatePem = (key) =>
  createPrivateKey({ key: key.jwk, format: 'jwk' }).export({ type: 'pkcs8', format: 'pem' }).toString()

/** A key's secret, as vectors write it. @param {SigningKey} key @param {number} [octets] */
export const secret = (key, octets = 64) => ({
  secret: { $b64u: b64u(Buffer.from(key.jwk.k, 'base64url').subarray(0, octets)) },
})

/** Tokens minted before, by JWS Signing Input. @type {Map<string, Set<string>>} */
const minted = new Map()

/** @param {string} token */
function remember(token) {
  const input = token.slice(0, Math.max(0, token.lastIndexOf('.')))
  minted.set(input, (minted.get(input) ?? new Set()).add(token))
}

for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
  for (const { token, expected } of JSON.parse(readFileSync(new URL(file, folder), 'utf8'))) {
    for (const jws of [token, expected?.proof?.jwt]) if (typeof jws === 'string') remember(jws)
  }
}

/** The hash of an algorithm, as node:crypto calls it. @param {string} alg */
const hashOf = (alg) => `sha${alg.slice(2, 5)}`

/** Whether its signatures differ each time. @param {string} alg */
const isRandom = (alg) => /^(ES|PS)/.test(alg)

/**
 * How node:crypto is told of an algorithm beside its hash.
 * @template {import('node:crypto').KeyObject} Key @param {SigningKey} key @param {Key} keyObject
 */
const means = (key, keyObject) =>
  key.alg.startsWith('PS')
    ? {
        key: keyObject,
        padding: constants.RSA_PKCS1_PSS_PADDING,
        saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
      }
    : { key: keyObject, dsaEncoding: /** @type {const} */ ('ieee-p1363') }

/** @param {SigningKey} key @param {string} input */
function keptSignature(key, input) {
  const given = means(key, createPublicKey({ key: key.jwk, format: 'jwk' }))
  for (const token of minted.get(input) ?? []) {
    const octets = Buffer.from(token.slice(input.length + 1), 'base64url')
    if (verifyBytes(hashOf(key.alg), Buffer.from(input), given, octets)) return b64u(octets)
  }
  return undefined
}

/**
 * The signature of `key` over `input`, by node:crypto. @param {SigningKey} key
 * @param {string} input
 */
export function signature(key, input) {
  const data = Buffer.from(input)
  if (key.kty === 'oct') {
    const secretBytes = Buffer.from(key.jwk.k, 'base64url')
    return createHmac(hashOf(key.alg), secretBytes).update(data).digest('base64url')
  }
  const privateKey = createPrivateKey({ key: key.jwk, format: 'jwk' })
  if (key.kty === 'OKP') return b64u(signBytes(null, data, privateKey))
  const kept = isRandom(key.alg) ? keptSignature(key, input) : undefined
  if (kept !== undefined) return kept
  const made = b64u(signBytes(hashOf(key.alg), data, means(key, privateKey)))
  remember(`${input}.${made}`)
  return made
}

/**
 * A JWS Compact Serialization by jose.
 * @param {SigningKey} key
 * @param {Record<string, unknown> | string | Uint8Array} payload An object is written as JSON.
 * @param {Record<string, unknown>} [header] Beside `alg`.
 */
export async function mint(key, payload, header = {}) {
  const bytes =
    typeof payload === 'string'
      ? Buffer.from(payload)
      : payload instanceof Uint8Array
        ? payload
        : Buffer.from(JSON.stringify(payload))
  // jose asks a key for its length and its algorithm; oct keys sign with any HMAC here.
  const signer = await importJWK({ ...key.jwk, alg: key.alg }, key.alg)
  const token = await new CompactSign(bytes).setProtectedHeader({ alg: key.alg, ...header }).sign(signer)
  if (!isRandom(key.alg)) return token
  const input = token.slice(0, token.lastIndexOf('.'))
  const kept = keptSignature(key, input)
  if (kept !== undefined) return `${input}.${kept}`
  remember(token)
  return token
}

/**
 * A JWS whose header and payload are octets as given, well formed or not, signed by node:crypto.
 * @param {SigningKey} key @param {string | Uint8Array} header @param {string | Uint8Array} payload
 */
export function forge(key, header, payload) {
  const input = `${b64u(header)}.${b64u(payload)}`
  return `${input}.${signature(key, input)}`
}

/** @param {Record<string, unknown>} [parts] */
export const ok = (parts = {}) => ({ ok: parts })

/**
 * A refusal. `expected` and `actual` are held against the error only where they are given.
 * @param {string} code @param {string} [claim]
 * @param {{ expected?: unknown, actual?: unknown }} [evidence]
 */
export const err = (code, claim, evidence = {}) => ({
  err: { code, ...(claim === undefined ? {} : { claim }), ...evidence },
})

/** A TypeError whose message names `word`. @param {string | true} word */
export const typeError = (word) => ({ typeError: word })

const WIDTH = 100

/**
 * JSON that breaks only what does not fit. @param {unknown} value @param {string} [indent]
 * @param {number} [taken] @returns {string}
 */
function layout(value, indent = '', taken = indent.length) {
  const flat = flatten(value)
  if (typeof value !== 'object' || value === null || flat.length + taken < WIDTH) return flat
  const deeper = `${indent}  `
  if (Array.isArray(value)) {
    const items = value.map((item) => `${deeper}${layout(item, deeper)}`)
    return `[\n${items.join(',\n')}\n${indent}]`
  }
  const members = Object.entries(value).map(([name, member]) => {
    const start = `${deeper}${JSON.stringify(name)}: `
    return `${start}${layout(member, deeper, start.length)}`
  })
  return `{\n${members.join(',\n')}\n${indent}}`
}

/** @param {unknown} value @returns {string} */
function flatten(value) {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(flatten).join(', ')}]`
  const members = Object.entries(value).map(([name, m]) => `${JSON.stringify(name)}: ${flatten(m)}`)
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`
}

/** Writes one file of vectors. @param {string} file @param {Record<string, any>[]} vectors */
export function write(file, vectors) {
  const names = new Set(vectors.map(({ name }) => name))
  if (names.size !== vectors.length) {
    const twice = vectors.map(({ name }) => name).filter((name, at, all) => all.indexOf(name) !== at)
    throw new Error(`${file}: two vectors are called ${twice.join(', ')}`)
  }
  // What is undefined is not written, at any depth.
  const data = JSON.parse(JSON.stringify(vectors))
  const text = data.map((/** @type {any} */ vector) => `  ${layoutVector(vector)}`).join(',\n')
  writeFileSync(new URL(file, folder), `[\n${text}\n]\n`)
}

/** A vector always has a line per member. @param {Record<string, unknown>} vector */
function layoutVector(vector) {
  const members = Object.entries(vector).map(([name, value]) => {
    const start = `    ${JSON.stringify(name)}: `
    return `${start}${layout(value, '    ', start.length)}`
  })
  return `{\n${members.join(',\n')}\n  }`
}
