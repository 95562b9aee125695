/**
 * Documents of published keys: a JWK Set (RFC 7517 section 5), or an object of `kid` to PEM text.
 *
 * @module
 */

import * as bindings from '../core/bindings.js'
import { encode } from '../core/options.js'
import { isWellFormed } from '../core/utf8.js'
import type { JwkSet, SkippedKey } from '../types.js'

/** The usable keys of a document. */
export interface Published {
  readonly set: JwkSet
  /** Equal for two documents whose usable keys differ in nothing that decides about tokens. */
  readonly identity: string
  /** The members that are not usable: private, symmetric, unknown or unfit. */
  readonly skipped: readonly SkippedKey[]
}

/**
 * Reads the body of a response.
 *
 * @param use What the `use` of each key must be. Default: `sig`, or none.
 * @throws {TypeError} If it is not such a document, or holds no usable key. The message says what came instead.
 */
export function readDocument(body: string, use?: string): Published {
  const { set, identity, skipped } = read(body, use)
  if (set.keys.length > 0) return { set, identity, skipped }
  const [first] = skipped
  const reason = first === undefined ? 'it is empty' : `of the first, ${first.reason}`
  throw new TypeError(`the key set holds no key that is usable for signatures: ${reason}`)
}

/**
 * What a source of the caller's own brings, as a JWK Set: kids and PEM texts are read, anything else is left as it is.
 *
 * @throws {TypeError} If it is neither a JWK Set nor an object of `kid` to PEM text (the message says what it is), or is
 *   longer than the core reads.
 */
export function toJwkSet(value: unknown): unknown {
  const keys =
    typeof value === 'object' && value !== null && Object.hasOwn(value, 'keys') ? Reflect.get(value, 'keys') : undefined
  if (Array.isArray(keys)) {
    const { length } = keys
    refuseMore(length)
    const list: readonly unknown[] = Array.from({ length }, (_, index) => keys[index])
    const pems = list.map(pemOf)
    if (pems.every((pem) => pem === undefined)) return value
    refuseLonger(pems.map((pem) => pem?.text ?? ''))
    return { keys: pems.flatMap((pem, index) => (pem === undefined ? [list[index]] : jwksOf(pem))) }
  }
  const problem = mistaken(value)
  if (problem !== undefined) throw new TypeError(`the key source brought ${problem}, not a JWK Set`)
  return readPemMap(value as object)
}

/** @throws {TypeError} For more keys than the core reads: then none is copied. */
function refuseMore(keys: number): void {
  if (keys > bindings.maxKeys()) throw new TypeError(`the key source brought more than ${bindings.maxKeys()} keys`)
}

/** @throws {TypeError} For more text than the core reads: then none is copied. */
function refuseLonger(pems: readonly string[]): void {
  const length = pems.reduce((sum, pem) => sum + pem.length, 0)
  if (length > bindings.maxKeySetBytes())
    throw new TypeError(`the key source brought more than ${bindings.maxKeySetBytes()} characters`)
}

/** What else a server or a source may answer with, in words; `undefined` for an object of texts. */
function mistaken(value: unknown): string | undefined {
  if (value === undefined || value === null) return String(value)
  if (typeof value === 'string') return value.trimStart().startsWith('{') ? 'JSON text' : 'text'
  if (Array.isArray(value)) return 'an array'
  if (typeof value !== 'object') return `a ${typeof value}`
  if (typeof (value as { then?: unknown }).then === 'function') return 'a promise'
  const has = (name: string) => Object.hasOwn(value, name)
  if (has('jwks_uri')) return 'a discovery document (its jwks_uri is where the keys are)'
  if (has('error') || has('errors')) return 'an error body'
  if (has('kty')) return 'a single JWK'
  if (has('keys')) return Array.isArray(Reflect.get(value, 'keys')) ? undefined : '`keys` that is not an array'
  const members = Object.values(value)
  if (members.length > 0 && members.every(isPem)) return undefined
  return 'another object'
}

function isPem(value: unknown): value is string {
  return typeof value === 'string' && value.includes('-----BEGIN ') && isWellFormed(value)
}

/** PEM text beside a `kid`. */
interface Pem {
  readonly text: string
  readonly kid: unknown
}

/** A member `{ pem, kid? }`; `undefined` for another one. */
function pemOf(member: unknown): Pem | undefined {
  if (typeof member !== 'object' || member === null || !Object.hasOwn(member, 'pem')) return undefined
  const text: unknown = Reflect.get(member, 'pem')
  if (!isPem(text)) return undefined
  return { text, kid: Object.hasOwn(member, 'kid') ? Reflect.get(member, 'kid') : undefined }
}

function jwksOf({ text, kid }: Pem): unknown[] {
  return read(encode({ '': text })).set.keys.map((jwk) => {
    const { kid: _, ...key } = jwk
    return kid === undefined ? key : { ...key, kid }
  })
}

function readPemMap(map: object): JwkSet {
  const entries = Object.entries(map) as [string, string][]
  refuseMore(entries.length)
  refuseLonger(entries.flat())
  const texts = Object.create(null) as Record<string, string>
  for (const [kid, pem] of entries) if (isWellFormed(kid)) texts[kid] = pem
  return read(encode(texts)).set
}

interface Read {
  readonly set: JwkSet
  readonly identity: string
  readonly skipped: readonly SkippedKey[]
}

function read(text: string, use?: string): Read {
  let document: ReturnType<typeof bindings.publishedKeys>
  try {
    document = bindings.publishedKeys(text, use)
  } catch (error) {
    throw error instanceof TypeError ? new TypeError(`the document is not a key set: ${whyNot(text, error)}`) : error
  }
  const { keys, identities, skipped } = document
  return { set: { keys }, identity: identities.sort().join('\n'), skipped }
}

/** Why the core does not read `text`, in words. */
function whyNot(text: string, { message }: TypeError): string {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return /^\s*</.test(text) ? 'it is HTML or XML' : 'it is not JSON'
  }
  const problem = mistaken(value)
  return problem === undefined ? message : `it is ${problem}`
}
