/**
 * What each key of a document is, and whether a verifier can use it.
 *
 * @module
 */

import { createHash, createPublicKey } from 'node:crypto'

import { Verifier } from '../index.js'
import type { Jwk } from '../index.js'

/** One key of a document. */
export interface KeyReport {
  readonly kid: string | null
  readonly kty: string | null
  readonly alg: string | null
  readonly use: string | null
  readonly usable: boolean
  /** Why it cannot be used. */
  readonly reason: string | null
  /** Its JWK Thumbprint (RFC 7638), if it can be used. */
  readonly thumbprint: string | null
  /** Its public key as SPKI PEM text, if it can be used. */
  readonly pem: string | null
}

/** The keys in the text of a document, or what it is instead. */
export type Document =
  | { readonly kind: 'keys'; readonly keys: readonly KeyReport[] }
  | { readonly kind: 'metadata' }
  | { readonly kind: 'other'; readonly what: string }

/** Reads a JWK Set, a JWK, PEM text, or an object of `kid` to PEM text. */
export function readDocument(text: string): Document {
  if (text.includes('-----BEGIN ') && !text.trimStart().startsWith('{'))
    return { kind: 'keys', keys: [reportOnPem(null, text)] }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { kind: 'other', what: /^\s*</.test(text) ? 'HTML or XML' : 'text that is neither JSON nor PEM' }
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { kind: 'other', what: 'JSON that is no object' }
  if (Object.hasOwn(value, 'keys')) {
    const { keys } = value as { keys: unknown }
    if (!Array.isArray(keys)) return { kind: 'other', what: 'an object whose `keys` is no array' }
    return { kind: 'keys', keys: keys.map(reportOnJwk) }
  }
  if (Object.hasOwn(value, 'kty')) return { kind: 'keys', keys: [reportOnJwk(value)] }
  if (Object.hasOwn(value, 'jwks_uri')) return { kind: 'metadata' }
  const members: [string, unknown][] = Object.entries(value)
  const isMap = members.length > 0 && members.every(([, pem]) => typeof pem === 'string' && pem.includes('-----BEGIN '))
  if (!isMap) return { kind: 'other', what: Object.hasOwn(value, 'error') ? 'an error body' : 'JSON without keys' }
  return { kind: 'keys', keys: members.map(([kid, pem]) => reportOnPem(kid, String(pem))) }
}

function reportOnJwk(value: unknown): KeyReport {
  const jwk: object = typeof value === 'object' && value !== null ? value : {}
  const text = (name: string): string | null => {
    const member: unknown = Object.hasOwn(jwk, name) ? Reflect.get(jwk, name) : undefined
    return typeof member === 'string' ? member : null
  }
  const pem = text('pem')
  if (pem !== null) return reportOnPem(text('kid'), pem)
  const stated = { kid: text('kid'), kty: text('kty'), alg: text('alg'), use: text('use') }
  const reason =
    text('kty') === 'oct'
      ? 'a symmetric key in a set that others can read is never used'
      : unfitness({ jwk: jwk as Jwk })
  if (reason !== null) return { ...stated, usable: false, reason, thumbprint: null, pem: null }
  return { ...stated, usable: true, reason, ...published(jwk as Jwk) }
}

function reportOnPem(kid: string | null, pem: string): KeyReport {
  const stated = { kid, kty: null, alg: null, use: null }
  const reason = unfitness({ pem })
  if (reason !== null) return { ...stated, usable: false, reason, thumbprint: null, pem: null }
  try {
    const jwk = createPublicKey(pem).export({ format: 'jwk' }) as Jwk
    return { ...stated, kty: jwk.kty ?? null, usable: true, reason, ...published(jwk) }
  } catch {
    // A runtime may lack a curve that the core has.
    return { ...stated, usable: true, reason, thumbprint: null, pem }
  }
}

/** Why a verifier cannot be built with the key. */
function unfitness(key: { jwk: Jwk } | { pem: string }): string | null {
  try {
    new Verifier({ issuer: null, audience: null, keys: key, cache: false })[Symbol.dispose]()
    return null
  } catch (error) {
    if (error instanceof TypeError) return error.message.replace(/^keys(?:\.(?:jwk|pem))?[.:]? */, '')
    throw error
  }
}

/** The members that a thumbprint is made of, in their order (RFC 7638 section 3.2, RFC 8037 section 2). */
const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  EC: ['crv', 'kty', 'x', 'y'],
  OKP: ['crv', 'kty', 'x'],
  RSA: ['e', 'kty', 'n'],
}

function published(jwk: Jwk): Pick<KeyReport, 'thumbprint' | 'pem'> {
  const required = REQUIRED[jwk.kty ?? ''] ?? []
  const members = Object.fromEntries(required.map((name) => [name, Reflect.get(jwk, name)]))
  const thumbprint = createHash('sha256').update(JSON.stringify(members)).digest('base64url')
  try {
    const pem = createPublicKey({ key: members, format: 'jwk' }).export({ format: 'pem', type: 'spki' })
    return { thumbprint, pem: String(pem) }
  } catch {
    // As above.
    return { thumbprint, pem: null }
  }
}
