/**
 * Report on each key of a document: what it is, and whether a verifier can use it.
 *
 * @module
 */

import { createPublicKey } from 'node:crypto'

import { usability } from '../core/bindings.js'
import type { Jwk, KeyUsability } from '../index.js'
import { Verifier } from '../index.js'

/** One key of a document. */
export interface KeyReport extends KeyUsability {
  /** Its public key as SPKI PEM text, if it can be used and the runtime can write it. */
  readonly pem: string | null
}

/** The keys in the text of a document, or what it is instead. */
export type Document =
  | { readonly kind: 'keys'; readonly keys: readonly KeyReport[] }
  | { readonly kind: 'metadata' }
  | { readonly kind: 'other'; readonly what: string }

/** Reads a JWK Set, a JWK, PEM text, or an object of `kid` to PEM text. */
export function readDocument(text: string): Document {
  if (isPem(text) && !text.trimStart().startsWith('{')) return { kind: 'keys', keys: [reportOnPem(null, text)] }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { kind: 'other', what: /^\s*</.test(text) ? 'HTML or XML' : 'text that is neither JSON nor PEM' }
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { kind: 'other', what: 'JSON that is not an object' }
  }
  const keys: unknown = Object.hasOwn(value, 'keys') ? Reflect.get(value, 'keys') : undefined
  if (keys !== undefined) return readSet(text, Array.isArray(keys) ? keys : [])
  if (Object.hasOwn(value, 'kty')) return readSet(`{"keys":[${text}]}`, [value])
  if (Object.hasOwn(value, 'jwks_uri')) return { kind: 'metadata' }
  const members: [string, unknown][] = Object.entries(value)
  if (members.length === 0 || !members.every(([, pem]) => isPem(pem))) {
    return { kind: 'other', what: Object.hasOwn(value, 'error') ? 'an error body' : 'JSON without keys' }
  }
  return { kind: 'keys', keys: members.map(([kid, pem]) => reportOnPem(kid, String(pem))) }
}

/** @param members The members of the set, as `JSON.parse` has them. */
function readSet(text: string, members: readonly unknown[]): Document {
  let reports: readonly KeyUsability[]
  try {
    reports = usabilityOf(text)
  } catch (error) {
    if (error instanceof TypeError)
      return { kind: 'other', what: `a key set that a verifier refuses: ${error.message}` }
    throw error
  }
  const keys = reports.map((report, index): KeyReport => {
    const member = members[index]
    const pem = typeof member === 'object' && member !== null ? ownText(member, 'pem') : null
    if (isPem(pem)) return reportOnPem(report.kid, pem)
    return { ...report, pem: report.usable ? pemOf(member as Jwk) : null }
  })
  return { kind: 'keys', keys }
}

/** What the core states of each member of a set that others can read. @throws {TypeError} For what is not a JWK Set. */
function usabilityOf(text: string): readonly KeyUsability[] {
  return usability({ path: 'keys', material: { kind: 'publishedJwkSet', text }, tags: {} })
}

function reportOnPem(kid: string | null, pem: string): KeyReport {
  const stated = { kid, kty: null, alg: null, use: null, algorithms: [], thumbprint: null }
  try {
    new Verifier({ issuer: null, audience: null, keys: { pem }, cache: false })[Symbol.dispose]()
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    return { ...stated, usable: false, reason: error.message.replace(/^keys(?:\.pem)?[.:]? */, ''), pem: null }
  }
  try {
    const jwk = createPublicKey(pem).export({ format: 'jwk' })
    const [report] = usabilityOf(JSON.stringify({ keys: [jwk] }))
    if (report !== undefined) return { ...report, kid, pem: pemOf(jwk as Jwk) }
  } catch {
    // A runtime may lack a curve that the core has.
  }
  return { ...stated, usable: true, reason: null, pem }
}

/** The members that a public key consists of. */
const MEMBERS = ['kty', 'crv', 'x', 'y', 'n', 'e']

function pemOf(jwk: Jwk): string | null {
  const key = Object.fromEntries(
    MEMBERS.flatMap((name) => (Object.hasOwn(jwk, name) ? [[name, Reflect.get(jwk, name)]] : [])),
  )
  try {
    return String(createPublicKey({ key, format: 'jwk' }).export({ format: 'pem', type: 'spki' }))
  } catch {
    // A runtime may lack a curve that the core has.
    return null
  }
}

function isPem(value: unknown): value is string {
  return typeof value === 'string' && value.includes('-----BEGIN ')
}

function ownText(object: object, name: string): string | null {
  const value: unknown = Object.hasOwn(object, name) ? Reflect.get(object, name) : null
  return typeof value === 'string' ? value : null
}
