// @ts-check
/**
 * Makes the tokens of the samples, with keys that exist only in this page.
 *
 * @module
 */

import { base64url } from './keys.js'

/**
 * A key pair of the page.
 *
 * @typedef {{ alg: 'ES256' | 'RS256', kid: string, privateKey: CryptoKey, publicKey: CryptoKey }} Pair
 */

const PARAMETERS = {
  ES256: { make: { name: 'ECDSA', namedCurve: 'P-256' }, sign: { name: 'ECDSA', hash: 'SHA-256' } },
  RS256: {
    make: {
      name: 'RSASSA-PKCS1-v1_5',
      modulusLength: 2048,
      publicExponent: new Uint8Array([1, 0, 1]),
      hash: 'SHA-256',
    },
    sign: { name: 'RSASSA-PKCS1-v1_5' },
  },
}

/** The key pairs by algorithm and `kid`. @type {Map<string, Promise<Pair>>} */
const pairs = new Map()

/**
 * @param {'ES256' | 'RS256'} alg
 * @param {string} [kid] Its key identifier.
 * @returns {Promise<Pair>}
 */
export function pairOf(alg, kid = 'sample-key') {
  const id = `${alg} ${kid}`
  const made = pairs.get(id) ?? makePair(alg, kid)
  pairs.set(id, made)
  return made
}

/** Deletes every key. */
export function throwAway() {
  pairs.clear()
}

/**
 * @param {'ES256' | 'RS256'} alg
 * @param {string} kid
 * @returns {Promise<Pair>}
 */
async function makePair(alg, kid) {
  const { privateKey, publicKey } = /** @type {CryptoKeyPair} */ (
    await crypto.subtle.generateKey(PARAMETERS[alg].make, true, ['sign', 'verify'])
  )
  return { alg, kid, privateKey, publicKey }
}

/**
 * The public key as a JWK.
 *
 * @param {Pair} pair
 * @returns {Promise<string>}
 */
export async function publicJwk({ alg, kid, publicKey }) {
  const { key_ops, ext, ...jwk } = await crypto.subtle.exportKey('jwk', publicKey)
  return JSON.stringify({ ...jwk, kid, alg, use: 'sig' }, null, 2)
}

/**
 * The public key as PEM (RFC 7468).
 *
 * @param {Pair} pair
 * @returns {Promise<string>}
 */
export async function publicPem({ publicKey }) {
  const spki = new Uint8Array(await crypto.subtle.exportKey('spki', publicKey))
  const base64 = btoa(Array.from(spki, (octet) => String.fromCharCode(octet)).join(''))
  return `-----BEGIN PUBLIC KEY-----\n${base64.replace(/.{64}/g, '$&\n').trimEnd()}\n-----END PUBLIC KEY-----\n`
}

/**
 * A JWS Compact Serialization.
 *
 * @param {Pair} pair
 * @param {Record<string, unknown>} claims
 * @param {Record<string, unknown>} [header] Beside `alg` and `kid`.
 */
export async function sign({ alg, kid, privateKey }, claims, header = { typ: 'JWT' }) {
  const input = `${json({ alg, ...header, kid })}.${json(claims)}`
  const signature = await crypto.subtle.sign(PARAMETERS[alg].sign, privateKey, octets(input))
  return `${input}.${base64url(new Uint8Array(signature))}`
}

/**
 * A JWS with an HMAC. The secret may be any text, such as a public key.
 *
 * @param {string} secret
 * @param {Record<string, unknown>} header
 * @param {Record<string, unknown>} claims
 */
export async function signHs256(secret, header, claims) {
  const parameters = { name: 'HMAC', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('raw', octets(secret), parameters, false, ['sign'])
  const input = `${json({ alg: 'HS256', ...header })}.${json(claims)}`
  return `${input}.${base64url(new Uint8Array(await crypto.subtle.sign('HMAC', key, octets(input))))}`
}

/**
 * @param {Record<string, unknown>} header
 * @param {Record<string, unknown>} claims
 */
export function unsigned(header, claims) {
  return `${json(header)}.${json(claims)}.`
}

/** A secret of 32 octets, as text. */
export function secret() {
  return base64url(crypto.getRandomValues(new Uint8Array(32)))
}

/** @param {number} length */
export function hex(length) {
  return Array.from(crypto.getRandomValues(new Uint8Array(length / 2)), (octet) =>
    octet.toString(16).padStart(2, '0'),
  ).join('')
}

/** @param {number} length */
export function alphanumeric(length) {
  return Array.from({ length: 4 }, secret)
    .join('')
    .replace(/[^A-Za-z0-9]/g, '')
    .slice(0, length)
}

/** @param {unknown} value */
function json(value) {
  return base64url(octets(JSON.stringify(value)))
}

/** @param {string} text */
function octets(text) {
  return new TextEncoder().encode(text)
}
