// @ts-check
/**
 * The key that was given, as the package takes it; and keys that stand in where none was.
 *
 * @module
 */

/** What text in the key field is read as. */
export const FORMS = {
  secret: 'a secret',
  octets: 'a secret in base64url',
  pem: 'PEM',
  jwk: 'a JWK',
  jwks: 'a JWK Set',
  broken: 'JSON that breaks off',
}

/**
 * By its looks: JSON is a JWK or a set of them, PEM says so itself, all else is a secret.
 *
 * @param {string} text
 * @param {boolean} base64url Whether a secret is written in base64url.
 * @returns {keyof typeof FORMS}
 */
export function formOf(text, base64url) {
  if (text.trimStart().startsWith('{')) {
    const json = parsed(text)
    return json === undefined ? 'broken' : Object.hasOwn(json, 'keys') ? 'jwks' : 'jwk'
  }
  if (text.includes('-----BEGIN')) return 'pem'
  return base64url ? 'octets' : 'secret'
}

/**
 * The key as the package takes it.
 *
 * @param {string} text
 * @param {boolean} base64url
 * @returns {Record<string, unknown>}
 * @throws {TypeError} For what cannot be read; whether it can be used, the package says.
 */
export function keyOf(text, base64url) {
  switch (formOf(text, base64url)) {
    case 'broken':
      throw new TypeError('keys: this is not JSON yet')
    case 'jwk':
      return { jwk: parsed(text) }
    case 'jwks':
      return { jwks: parsed(text) }
    case 'pem':
      return { pem: text.trim() }
    case 'octets':
      return { secret: octets(text.trim()) }
    default:
      return { secret: text.replace(/\r?\n$/, '') }
  }
}

/**
 * Keys of every kind that nobody holds: with them the core gets past the choice of a key, and every check after the
 * signature can be shown although no key was given.
 *
 * @returns {Promise<Record<string, unknown>[]>}
 */
export async function standIns() {
  /** @type {readonly AlgorithmIdentifier[]} */
  const kinds = [
    ...['P-256', 'P-384', 'P-521'].map((namedCurve) => ({ name: 'ECDSA', namedCurve })),
    { name: 'Ed25519' },
  ]
  const made = await Promise.allSettled(kinds.map(publicJwk))
  const jwks = made.flatMap((one) => (one.status === 'fulfilled' ? [{ jwk: one.value }] : []))
  return [...looseStandIns(), ...jwks]
}

/** Those of them that need no promise. */
export function looseStandIns() {
  const modulus = crypto.getRandomValues(new Uint8Array(256))
  modulus[0] = (modulus[0] ?? 0) | 0x80
  modulus[255] = (modulus[255] ?? 0) | 1
  const secret = crypto.getRandomValues(new Uint8Array(64))
  return [{ secret }, { jwk: { kty: 'RSA', n: base64url(modulus), e: 'AQAB' } }]
}

/** @param {Uint8Array} bytes */
export function base64url(bytes) {
  const binary = Array.from(bytes, (octet) => String.fromCharCode(octet)).join('')
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}

/** @param {AlgorithmIdentifier} kind */
async function publicJwk(kind) {
  const pair = await crypto.subtle.generateKey(kind, true, ['sign', 'verify'])
  if (!('publicKey' in pair)) throw new TypeError('not a pair of keys')
  const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', pair.publicKey)
  return y === undefined ? { kty, crv, x } : { kty, crv, x, y }
}

/**
 * @param {string} text
 * @returns {Record<string, unknown> | undefined}
 */
function parsed(text) {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** @param {string} text */
function octets(text) {
  if (!/^[\w-]*={0,2}$/.test(text)) throw new TypeError('keys: this is not base64url')
  const binary = atob(text.replace(/=+$/, '').replaceAll('-', '+').replaceAll('_', '/'))
  return Uint8Array.from(binary, (character) => character.charCodeAt(0))
}
