// @ts-check
/**
 * The key field: the form of its text, the key for the package, and placeholder keys for when it is empty.
 *
 * @module
 */

/** The form of the text in the key field, in words. */
export const KEY_FORMS = {
  secret: 'a secret',
  octets: 'a secret in base64url',
  pem: 'PEM',
  jwk: 'a JWK',
  jwks: 'a JWK Set',
  list: 'a list of JWKs',
  broken: 'incomplete JSON',
  metadata: 'issuer metadata',
  address: 'an address',
  token: 'a token',
  ssh: 'an OpenSSH key',
  der: 'a DER key in base64',
}

/** @typedef {keyof typeof KEY_FORMS} KeyForm */

/** Why text of a form is not a key, and what to give instead. @type {Readonly<Partial<Record<KeyForm, string>>>} */
const MISTAKES = {
  broken: 'this is not complete JSON',
  metadata: 'this describes an issuer; its keys are at the address in “jwks_uri”: open that and paste what it returns',
  address: 'this is an address, and this page makes no requests: open the address and paste what it returns',
  token: 'this is a token, not a key: a key is what its issuer publishes, or the secret that you share with it',
  ssh: 'this is an OpenSSH key: convert it with “ssh-keygen -e -m PKCS8 -f FILE” and paste the PEM text',
  der: 'this is a key without its PEM lines: put “-----BEGIN PUBLIC KEY-----” before it and “-----END PUBLIC KEY-----” after it',
}

/**
 * The form of a text. Text of no other form is a secret.
 *
 * @param {string} text
 * @param {boolean} base64url Whether a secret is written in base64url.
 * @returns {KeyForm}
 */
export function keyFormOf(text, base64url) {
  const trimmed = text.trim()
  if (trimmed.startsWith('{') || trimmed.startsWith('[')) return jsonFormOf(trimmed)
  if (text.includes('-----BEGIN')) return 'pem'
  if (/^https?:\/\/\S+$/i.test(trimmed)) return 'address'
  if (/^eyJ[\w-]*(?:\.[\w-]*){1,4}(?:~\S*)?$/.test(trimmed)) return 'token'
  if (/^(?:ssh-(?:rsa|ed25519)|ecdsa-sha2-nistp\d+) /.test(trimmed)) return 'ssh'
  if (isDer(trimmed)) return 'der'
  return base64url ? 'octets' : 'secret'
}

/**
 * The key as the package takes it.
 *
 * @param {string} text
 * @param {boolean} base64url
 * @returns {Record<string, unknown>}
 * @throws {TypeError} If the text is not a key. Whether a key can be used, the package decides.
 */
export function keyOf(text, base64url) {
  const form = keyFormOf(text, base64url)
  const mistake = MISTAKES[form]
  if (mistake !== undefined) throw new TypeError(mistake)
  switch (form) {
    case 'jwk':
      return { jwk: parsed(text) }
    case 'jwks':
      return { jwks: parsed(text) }
    case 'list':
      return { jwks: { keys: parsed(text) } }
    case 'pem':
      return { pem: text.trim() }
    case 'octets':
      return { jwk: { kty: 'oct', k: text.trim().replace(/={1,2}$/, '') } }
    default:
      return { secret: text.replace(/\r?\n$/, '') }
  }
}

/**
 * A message of the package about the key, for the key field: without the place of the key among the options.
 *
 * @param {string} message
 */
export function keyMistake(message) {
  return `The key cannot be used: ${message.replace(/^keys(?:\[\d+\])?(?:[.:]\s*|\s+)/, '')}.`
}

/** @param {string} text @returns {KeyForm} */
function jsonFormOf(text) {
  const json = parsed(text)
  if (json === undefined) return 'broken'
  if (Array.isArray(json)) return 'list'
  if (Object.hasOwn(json, 'keys')) return 'jwks'
  return Object.hasOwn(json, 'jwks_uri') ? 'metadata' : 'jwk'
}

/**
 * Whether the text is base64 of one DER sequence, which public keys and certificates are.
 *
 * @param {string} text
 */
function isDer(text) {
  if (!/^M[\w+/\s-]{40,}={0,2}$/.test(text)) return false
  const binary = binaryOf(text.replace(/\s/g, ''))
  const [first, size = 0] = [binary.charCodeAt(0), binary.charCodeAt(1)]
  if (first !== 0x30) return false
  if (size < 0x80) return binary.length === size + 2
  let length = 0
  const octets = size & 0x7f
  for (let at = 2; at < octets + 2; at += 1) length = length * 256 + binary.charCodeAt(at)
  return binary.length === length + octets + 2
}

/** @param {string} text Base64 or base64url; '' if it is neither. */
function binaryOf(text) {
  try {
    return atob(
      text
        .replace(/={1,2}$/, '')
        .replaceAll('-', '+')
        .replaceAll('_', '/'),
    )
  } catch {
    return ''
  }
}

/**
 * Random keys of every kind. With them the core selects a key and runs every check after the signature, although no key
 * was given.
 *
 * @returns {Promise<Record<string, unknown>[]>}
 */
export async function placeholderKeys() {
  /** @type {readonly AlgorithmIdentifier[]} */
  const kinds = [
    ...['P-256', 'P-384', 'P-521'].map((namedCurve) => ({ name: 'ECDSA', namedCurve })),
    { name: 'Ed25519' },
  ]
  const made = await Promise.allSettled(kinds.map(publicJwk))
  const jwks = made.flatMap((one) => (one.status === 'fulfilled' ? [{ jwk: one.value }] : []))
  return [...immediatePlaceholders(), ...jwks]
}

/** The placeholder keys that need no promise: a secret, and an RSA modulus. */
export function immediatePlaceholders() {
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
  if (!('publicKey' in pair)) throw new TypeError('not a key pair')
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
