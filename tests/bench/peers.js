// @ts-check
/**
 * The libraries that are timed: each used as its documentation advises, its keys prepared once, configured to check all
 * that it can check.
 *
 * Everything is imported when it is asked for, so that this file runs where some of it does not.
 *
 * @module
 */

import { RULES } from './rules.js'

/**
 * @typedef {import('./tokens.js').Deck} Deck
 * @typedef {import('./tokens.js').Claims} Claims
 * @typedef {'issuer' | 'audience' | 'expiry' | 'scope'} Rule
 *
 * @typedef {{
 *   name: string,
 *   checks: readonly Rule[],
 *   algorithms?: readonly string[],
 *   load: (deck: Deck) => Promise<(token: string) => Claims | Promise<Claims>>,
 * }} Peer `checks` beside the signature; `algorithms` where they are fewer than all; what `load` gives refuses by throwing.
 */

/** @type {readonly Rule[]} */
const REGISTERED = ['issuer', 'audience', 'expiry']
/** @type {readonly Rule[]} */
const ALL = [...REGISTERED, 'scope']

/** @type {readonly Peer[]} */
export const PEERS = [
  { name: 'countersign', checks: ALL, load: (deck) => countersign(deck, { cache: false }) },
  {
    name: 'countersign, arithmetic wasm',
    checks: ALL,
    algorithms: ['HS256', 'RS256', 'PS256'],
    load: (deck) => countersign(deck, { cache: false, arithmetic: 'wasm' }),
  },
  { name: 'fast-jwt', checks: REGISTERED, load: (deck) => fastJwt(deck, { cache: false }) },
  { name: 'jose', checks: REGISTERED, load: jose },
  {
    name: 'jsonwebtoken',
    checks: REGISTERED,
    algorithms: ['HS256', 'ES256', 'RS256', 'PS256', 'ES384'],
    load: jsonwebtoken,
  },
  { name: 'hono/jwt', checks: REGISTERED, load: hono },
  { name: 'aws-jwt-verify', checks: ALL, algorithms: ['ES256', 'EdDSA', 'RS256', 'ES384'], load: awsJwtVerify },
  { name: '@node-rs/jsonwebtoken', checks: REGISTERED, load: nodeRs },
  { name: 'node:crypto, JSON.parse', checks: [], load: limit },
]

/** Those that remember tokens. @type {readonly Peer[]} */
export const REMEMBERING = [
  { name: 'countersign, remembered', checks: ALL, load: (deck) => countersign(deck, {}) },
  { name: 'fast-jwt, cache', checks: REGISTERED, load: (deck) => fastJwt(deck, { cache: true }) },
  {
    name: 'fast-jwt, cache by the whole token',
    checks: REGISTERED,
    load: (deck) => fastJwt(deck, { cache: true, cacheKeyBuilder: (token) => token }),
  },
]

/**
 * @param {Deck} deck
 * @param {{ cache?: false, arithmetic?: 'wasm' }} options
 */
export async function countersignVerifier({ alg, key }, options) {
  const { Verifier } = await import('countersign')
  const { kid, secret, jwk } = key
  const keys = secret === undefined ? { jwk: /** @type {object} */ (jwk) } : { secret: octets(secret), kid, alg }
  return new Verifier({ ...RULES, algorithms: [alg], keys, ...options })
}

/** @param {Deck} deck @param {Parameters<typeof countersignVerifier>[1]} options */
async function countersign(deck, options) {
  const verifier = await countersignVerifier(deck, options)
  return (/** @type {string} */ token) => /** @type {Claims} */ (verifier.verify(token).claims)
}

/**
 * @param {Deck} deck
 * @param {{ cache: boolean, cacheKeyBuilder?: (token: string) => string }} options
 */
async function fastJwt({ alg, key }, options) {
  const { createVerifier } = await import('fast-jwt')
  return createVerifier({
    key: key.secret === undefined ? String(key.pem) : Buffer.from(key.secret, 'base64url'),
    algorithms: [/** @type {import('fast-jwt').Algorithm} */ (alg)],
    allowedIss: RULES.issuer,
    allowedAud: RULES.audience,
    ...options,
  })
}

/** @param {Deck} deck */
async function jose({ alg, key }) {
  const { importJWK, jwtVerify } = await import('jose')
  const cryptoKey =
    key.secret === undefined ? await importJWK(/** @type {object} */ (key.jwk), alg) : await hmacKey(key.secret)
  const options = { issuer: RULES.issuer, audience: RULES.audience, algorithms: [alg] }
  return async (/** @type {string} */ token) =>
    /** @type {Claims} */ ((await jwtVerify(token, cryptoKey, options)).payload)
}

/** @param {Deck} deck */
async function jsonwebtoken({ alg, key }) {
  const { default: jwt } = /** @type {any} */ (await import('jsonwebtoken'))
  const { createPublicKey, createSecretKey } = await import('node:crypto')
  const keyObject =
    key.secret === undefined ? createPublicKey(String(key.pem)) : createSecretKey(Buffer.from(key.secret, 'base64url'))
  const options = { algorithms: [alg], issuer: RULES.issuer, audience: RULES.audience }
  return (/** @type {string} */ token) => /** @type {Claims} */ (jwt.verify(token, keyObject, options))
}

/** @param {Deck} deck */
async function hono({ alg, key }) {
  const { verify } = await import('hono/jwt')
  const cryptoKey =
    key.secret === undefined
      ? await crypto.subtle.importKey('jwk', publicOf(key), HONO[alg], false, ['verify'])
      : await hmacKey(key.secret)
  const options = { alg: /** @type {'HS256'} */ (alg), iss: RULES.issuer, aud: RULES.audience }
  return async (/** @type {string} */ token) => /** @type {Claims} */ (await verify(token, cryptoKey, options))
}

/** As hono imports them. */
const HONO = {
  HS256: { name: 'HMAC', hash: 'SHA-256' },
  ES256: { name: 'ECDSA', namedCurve: 'P-256' },
  ES384: { name: 'ECDSA', namedCurve: 'P-384' },
  EdDSA: { name: 'Ed25519' },
  RS256: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
  PS256: { name: 'RSA-PSS', hash: 'SHA-256' },
}

/** @param {Deck} deck */
async function awsJwtVerify({ key }) {
  const { JwtVerifier } = await import('aws-jwt-verify')
  const { issuer, audience, scope } = RULES
  const verifier = JwtVerifier.create({ issuer, audience, scope, jwksUri: `${issuer}/jwks.json` })
  verifier.cacheJwks({ keys: [/** @type {any} */ (key.jwk)] })
  return (/** @type {string} */ token) => /** @type {Claims} */ (/** @type {unknown} */ (verifier.verifySync(token)))
}

/** It takes keys as text or octets only, and parses them for every token. @param {Deck} deck */
async function nodeRs({ alg, key }) {
  if (globalThis.navigator?.userAgent === 'Cloudflare-Workers') throw new Error('native code cannot be loaded')
  const { createRequire } = await import('node:module')
  const { verifySync } = createRequire(import.meta.url)('@node-rs/jsonwebtoken-linux-x64-gnu')
  const octets = key.secret === undefined ? Buffer.from(String(key.pem)) : Buffer.from(key.secret, 'base64url')
  const validation = { algorithms: [alg], iss: [RULES.issuer], aud: [RULES.audience], leeway: 0 }
  return (/** @type {string} */ token) => /** @type {Claims} */ (verifySync(token, octets, validation))
}

/** The limit: nothing but the primitive, in Node OpenSSL's, and both objects parsed. @param {Deck} deck */
async function limit(deck) {
  const isSigned = await primitive(deck)
  return (/** @type {string} */ token) => {
    const dot = token.indexOf('.')
    const last = token.lastIndexOf('.')
    JSON.parse(Buffer.from(token.slice(0, dot), 'base64url').toString())
    const claims = JSON.parse(Buffer.from(token.slice(dot + 1, last), 'base64url').toString())
    const signature = Buffer.from(token.slice(last + 1), 'base64url')
    if (!isSigned({ input: Buffer.from(token.slice(0, last)), signature })) throw new Error('refused')
    return /** @type {Claims} */ (claims)
  }
}

/**
 * @param {Deck} deck
 * @returns {Promise<(signed: { input: Buffer, signature: Buffer }) => boolean>}
 */
export async function primitive({ alg, key }) {
  const { constants, createHmac, createPublicKey, createSecretKey, timingSafeEqual, verify } = await import(
    'node:crypto'
  )
  if (key.secret !== undefined) {
    const secret = createSecretKey(Buffer.from(key.secret, 'base64url'))
    return ({ input, signature }) => {
      const expected = createHmac('sha256', secret).update(input).digest()
      return expected.length === signature.length && timingSafeEqual(expected, signature)
    }
  }
  const keyObject = createPublicKey(String(key.pem))
  if (alg === 'EdDSA') return ({ input, signature }) => verify(null, input, keyObject, signature)
  const hash = alg === 'ES384' ? 'sha384' : 'sha256'
  if (alg === 'RS256') return ({ input, signature }) => verify(hash, input, keyObject, signature)
  const options =
    alg === 'PS256'
      ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }
      : { dsaEncoding: /** @type {const} */ ('ieee-p1363') }
  // Node reads them off the key as well; in Node 24 an object around the key costs 12 µs a call, and this is the limit.
  if (globalThis.process?.release?.name === 'node' && !('Bun' in globalThis) && !('Deno' in globalThis)) {
    Object.assign(keyObject, options)
    return ({ input, signature }) => verify(hash, input, keyObject, signature)
  }
  const prepared = { key: keyObject, ...options }
  return ({ input, signature }) => verify(hash, input, prepared, signature)
}

/**
 * Loads a peer and sees that it does its work: accepts every good token, refuses a changed signature, and whatever else it
 * is said to check.
 *
 * @param {Peer} peer
 * @param {Deck} deck
 * @throws {Error} Why it cannot be timed here.
 * @returns What verifies.
 */
export async function vetted(peer, deck) {
  const { tokens, foreign, subjects } = deck
  const verify = await peer.load(deck)
  for (const [index, token] of tokens.good.entries()) {
    const { sub } = await verify(token)
    if (sub !== subjects[index]) throw new Error('it reads another subject')
  }
  const wrong = {
    signature: tokens.badSignature,
    ...(peer.checks.includes('expiry') ? { expiry: tokens.expired } : {}),
    ...(peer.checks.includes('issuer') ? { issuer: [foreign.issuer] } : {}),
    ...(peer.checks.includes('audience') ? { audience: [foreign.audience] } : {}),
    ...(peer.checks.includes('scope') ? { scope: [foreign.scope] } : {}),
  }
  for (const [rule, refused] of Object.entries(wrong)) {
    for (const token of refused) {
      if (await accepts(verify, token)) throw new Error(`it accepts a token whose ${rule} is wrong`)
    }
  }
  return verify
}

/** @param {(token: string) => unknown} verify @param {string} token */
async function accepts(verify, token) {
  try {
    await verify(token)
    return true
  } catch {
    return false
  }
}

/** @param {string} secret base64url */
async function hmacKey(secret) {
  return await crypto.subtle.importKey('raw', octets(secret), { name: 'HMAC', hash: 'SHA-256' }, false, ['verify'])
}

/**
 * A JWK whose `alg` and `use` do not narrow it: WebCrypto knows other names.
 *
 * @param {import('./tokens.js').PublicKey} key
 */
function publicOf({ jwk }) {
  return Object.fromEntries(Object.entries(jwk ?? {}).filter(([name]) => !['alg', 'use', 'kid'].includes(name)))
}

/** @param {string} text base64url */
export function octets(text) {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  return Uint8Array.from(binary, (character) => character.charCodeAt(0))
}
