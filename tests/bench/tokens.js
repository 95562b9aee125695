// @ts-check
/**
 * The tokens that everyone is timed on: signed here, with keys made for the run, and passed on as plain data.
 *
 * @module
 */

import { createHmac, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { ALGORITHMS, RULES } from './rules.js'

/** How many distinct tokens an algorithm has. */
const TOKENS = 64

/** Characters, from the shortest to the longest token, as far as the signature leaves room. */
const LENGTHS = { least: 420, most: 890 }

/** The octets of a secret. */
const SECRET = 32

/**
 * @typedef {typeof ALGORITHMS[number]} Algorithm
 * @typedef {{ kid: string, secret?: string, jwk?: Jwk, pem?: string }} PublicKey A secret as base64url.
 * @typedef {{ kty: string, kid: string, alg: string, use: 'sig' } & Record<string, string>} Jwk
 * @typedef {{ [name: string]: unknown, sub: string }} Claims
 *
 * Each but `good` is to be refused, for the reason that is its name.
 *
 * @typedef {{ good: string[], badSignature: string[], expired: string[], garbage: string[] }} Tokens
 * @typedef {{ issuer: string, audience: string, scope: string }} Foreign One token each, of another issuer, audience, scope.
 * @typedef {{
 *   alg: Algorithm, key: PublicKey, tokens: Tokens, foreign: Foreign, subjects: string[]
 * }} Deck `subjects` as in `good`.
 */

/** @param {Algorithm} alg @param {number} [count] @returns {Deck} */
export function deckOf(alg, count = TOKENS) {
  const { key, signer } = keyPair(alg)
  const now = Math.floor(Date.now() / 1000)
  const claims = Array.from({ length: count }, (_, index) => claimsOf(index, now))
  const padded = claims.map((found, index) => pad(alg, signer, key.kid, found, lengthOf(index)))
  const [first] = padded
  if (first === undefined) throw new Error('there is no token')
  const mint = (/** @type {Claims} */ found) => token(alg, signer, key.kid, found)
  const good = padded.map(mint)
  return {
    alg,
    key,
    tokens: {
      good,
      badSignature: good.map(withBadSignature),
      expired: padded.map((found) => mint({ ...found, iat: now - 7200, exp: now - 3600 })),
      garbage: good.map((text, index) => garbage(text.length, index)),
    },
    foreign: {
      issuer: mint({ ...first, iss: 'https://another.example' }),
      audience: mint({ ...first, aud: 'https://another.example' }),
      scope: mint({ ...first, scope: 'invoices.read' }),
    },
    subjects: padded.map(({ sub }) => sub),
  }
}

/**
 * Tokens of about the same length, by that length, HS256.
 *
 * @param {readonly number[]} lengths In characters.
 * @returns {{ key: PublicKey, tokens: Map<number, string[]> }}
 */
export function tokensByLength(lengths) {
  const { key, signer } = keyPair('HS256')
  const now = Math.floor(Date.now() / 1000)
  const one = (/** @type {number} */ length, /** @type {number} */ index) =>
    token('HS256', signer, key.kid, pad('HS256', signer, key.kid, claimsOf(index, now), length))
  const some = (/** @type {number} */ length) => Array.from({ length: 16 }, (_, index) => one(length, index))
  return { key, tokens: new Map(lengths.map((length) => [length, some(length)])) }
}

/**
 * Keys with a `kid` each, and tokens of the last of them, HS256.
 *
 * @param {number} count
 */
export function keySetOf(count) {
  const pairs = Array.from({ length: count }, (_, index) => keyPair('HS256', `key-${index}`))
  const { signer, key } = /** @type {{ signer: Signer, key: PublicKey }} */ (pairs.at(-1))
  const now = Math.floor(Date.now() / 1000)
  const one = (/** @type {number} */ index) => token('HS256', signer, key.kid, claimsOf(index, now))
  return { keys: pairs.map((pair) => pair.key), tokens: Array.from({ length: TOKENS }, (_, index) => one(index)) }
}

/** @typedef {import('node:crypto').KeyObject | Buffer} Signer */

/** @param {Algorithm} alg @param {string} [kid] @returns {{ key: PublicKey, signer: Signer }} */
function keyPair(alg, kid = `${alg.toLowerCase()}-2026`) {
  if (alg === 'HS256') {
    const signer = randomBytes(SECRET)
    return { key: { kid, secret: signer.toString('base64url') }, signer }
  }
  const { publicKey, privateKey } = asymmetric(alg)
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' }
  const pem = String(publicKey.export({ type: 'spki', format: 'pem' }))
  return { key: { kid, jwk: /** @type {Jwk} */ (jwk), pem }, signer: privateKey }
}

/** @param {Exclude<Algorithm, 'HS256'>} alg */
function asymmetric(alg) {
  switch (alg) {
    case 'ES256':
      return generateKeyPairSync('ec', { namedCurve: 'P-256' })
    case 'ES384':
      return generateKeyPairSync('ec', { namedCurve: 'P-384' })
    case 'EdDSA':
      return generateKeyPairSync('ed25519')
    default:
      return generateKeyPairSync('rsa', { modulusLength: 2048 })
  }
}

/** @param {number} index @param {number} now @returns {Claims} */
function claimsOf(index, now) {
  return {
    iss: RULES.issuer,
    aud: RULES.audience,
    sub: `user-${1000 + index * 7}`,
    iat: now - 60,
    exp: now + 86_400,
    scope: 'orders.read orders.write',
    roles: ['clerk'],
  }
}

/** @param {number} index */
function lengthOf(index) {
  return Math.round(LENGTHS.least + ((LENGTHS.most - LENGTHS.least) * index) / (TOKENS - 1))
}

/**
 * Adds roles until the token is as long as it should be, to within a role.
 *
 * @param {Algorithm} alg @param {Signer} signer @param {string} kid @param {Claims} claims @param {number} length
 * @returns {Claims}
 */
function pad(alg, signer, kid, claims, length) {
  const roles = ['clerk']
  const missing = ((length - token(alg, signer, kid, claims).length) * 3) / 4
  const role = (/** @type {number} */ number) => `store:${100 + number}:manager`
  for (let room = missing - role(0).length - 3; room > 0; room -= role(0).length + 3) roles.push(role(roles.length))
  return { ...claims, roles }
}

/** @param {Algorithm} alg @param {Signer} signer @param {string} kid @param {Claims} claims */
function token(alg, signer, kid, claims) {
  const encode = (/** @type {unknown} */ value) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const input = `${encode({ alg, typ: 'JWT', kid })}.${encode(claims)}`
  return `${input}.${signature(alg, signer, Buffer.from(input)).toString('base64url')}`
}

/** `RSA_PKCS1_PSS_PADDING`, whose salt is as long as the hash (RFC 7518 section 3.5). */
const PSS = { padding: 6, saltLength: 32 }

/** @param {Algorithm} alg @param {Signer} signer @param {Buffer} input */
function signature(alg, signer, input) {
  if (Buffer.isBuffer(signer)) return createHmac('sha256', signer).update(input).digest()
  switch (alg) {
    case 'EdDSA':
      return sign(null, input, signer)
    case 'PS256':
      return sign('sha256', input, { key: signer, ...PSS })
    case 'RS256':
      return sign('sha256', input, signer)
    default:
      return sign(alg === 'ES384' ? 'sha384' : 'sha256', input, { key: signer, dsaEncoding: 'ieee-p1363' })
  }
}

/**
 * Changes one character, away from both ends: the length stays, and so do the bits that must be zero.
 *
 * @param {string} text
 */
function withBadSignature(text) {
  const at = text.lastIndexOf('.') + 12
  return `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`
}

/** No token, in one of three ways. @param {number} length @param {number} index */
function garbage(length, index) {
  const text = randomBytes(length).toString('base64url').slice(0, length)
  if (index % 3 === 0) return text
  if (index % 3 === 1) return `${text.slice(0, 80)}.${text.slice(81, -44)}.${text.slice(-43)}`
  return `${text.slice(0, 80)} ${text.slice(81)}`
}
