/**
 * Reading of the `keys` option: keys in hand, sources of keys, and the sets that sources bring.
 *
 * @module
 */

import type { StaticKey } from '../core/bindings.js'
import { maxKeySetBytes, maxKeys } from '../core/bindings.js'
import { refuseMisspelled } from '../core/mistake.js'
import type { Plain, Room } from '../core/options.js'
import { encode, join, memberOf, members, plain, snapshot } from '../core/options.js'
import { encodeUtf8, isWellFormed } from '../core/utf8.js'
import type { KeySource } from '../types.js'
import { readUse } from './settings.js'
import { sourceOf } from './short-form.js'

export type { StaticKey } from '../core/bindings.js'

/** A source of keys among the options. */
export interface SourceEntry {
  readonly source: KeySource
  /** Where it stands among the options. */
  readonly path: string
  /** Its `issuer`, if it has one, for every key that it brings. */
  readonly tags: Plain
}

const FORMS = ['secret', 'pem', 'jwk', 'jwks'] as const

const A_KEY = '{ secret }, { pem }, { jwk }, { jwks }, a JWK, a JWK Set, { issuer }, { url } or a KeySource'

/**
 * Reads the `keys` option.
 *
 * @throws {TypeError} For a value that has not the form of a key. Whether a key can be used is decided in the core.
 */
export function readKeys(value: unknown): { fixed: readonly StaticKey[]; sources: readonly SourceEntry[] } {
  const list: unknown[] = Array.isArray(value) ? Array.from(value) : [value]
  if (list.length === 0) throw new TypeError('keys must be at least one key')
  const path = (index: number): string => (Array.isArray(value) ? `keys[${index}]` : 'keys')
  const fixed: StaticKey[] = []
  const sources: SourceEntry[] = []
  for (const [index, key] of list.entries()) {
    const entry = isSource(key) ? readSource(key, path(index)) : readEntry(key, path(index))
    if ('source' in entry) sources.push(entry)
    else fixed.push(entry)
  }
  return { fixed, sources }
}

/**
 * A set that a source has brought, as the core takes it. A member that is no JSON data is as unfit as `null`.
 *
 * @throws {TypeError} For anything that is not a JWK Set within the limits, and whatever reading it throws.
 */
export function readPublished(set: unknown, source: SourceEntry): StaticKey {
  const room = roomFor(source.path)
  const most = maxKeys()
  try {
    return published(source, publishedText(set, source.path, most, room))
  } catch (cause) {
    throw new TypeError(`${source.path} must bring a JWK Set that can be read`, { cause })
  }
}

/** The entry of a source that has no set in hand. */
export function unpublished(source: SourceEntry): StaticKey {
  return published(source, '{"keys":[]}')
}

/** Whether two sets of one source hold the same, in the same order. */
export function isSameSet({ material: one }: StaticKey, { material: other }: StaticKey): boolean {
  return one.kind === 'publishedJwkSet' && other.kind === 'publishedJwkSet' && one.text === other.text
}

function published({ path, tags }: SourceEntry, text: string): StaticKey {
  return { path, material: { kind: 'publishedJwkSet', text }, tags }
}

function publishedText(set: unknown, path: string, most: number, room: Room): string {
  const keys = members(set, path).get('keys')
  if (!Array.isArray(keys)) throw new TypeError(`${path} must bring an array of JWKs`)
  const { length } = keys
  if (length > most) throw new TypeError(`${path} must bring at most ${most} JWKs`)
  const texts = Array.from({ length }, (_, index) => {
    try {
      return encode(snapshot(keys[index], path, 0, room))
    } catch (error) {
      if (error instanceof TypeError && room.left >= 0) return 'null'
      throw error
    }
  })
  return `{"keys":[${texts.join()}]}`
}

/** Whether both methods of a source are there: its own or its class's, and not from a polluted `Object.prototype`. */
function isSource(value: unknown): value is KeySource {
  if (typeof value !== 'object' || value === null) return false
  return ['current', 'refresh'].every((name) => typeof memberOf(value, name) === 'function')
}

/**
 * Reads what a source states about its keys, once.
 *
 * @throws {TypeError} For an `issuer` that is not one, and, on a plain object, for data that a source does not have: an
 *   option that would be ignored.
 */
function readSource(source: KeySource, path: string): SourceEntry {
  if (isRoot(Object.getPrototypeOf(source))) {
    for (const name of Object.getOwnPropertyNames(source)) {
      const own = Object.getOwnPropertyDescriptor(source, name)
      if (
        name === 'issuer' ||
        name === 'use' ||
        own === undefined ||
        own.get !== undefined ||
        typeof own.value === 'function'
      )
        continue
      throw new TypeError(`${join(path, name)} must be left out: issuer and use are the only options of a KeySource`)
    }
  }
  const issuer = memberOf(source, 'issuer')
  const use = memberOf(source, 'use')
  const tags: { issuer?: Plain; use?: Plain } = Object.create(null)
  if (issuer !== undefined) tags.issuer = readIssuer(issuer, join(path, 'issuer'))
  if (use !== undefined) tags.use = readUse(use, join(path, 'use'))
  return { source, path, tags: tags as Plain }
}

function readIssuer(value: unknown, path: string): Plain {
  const issuer = snapshot(value, path)
  const issuers = Array.isArray(issuer) ? (issuer as readonly Plain[]) : [issuer]
  const isIssuer = (one: Plain): boolean => typeof one === 'string' && one !== ''
  if (issuers.length > 0 && issuers.every(isIssuer)) return issuer
  throw new TypeError(`${path} must be a string or an array of strings, none of them empty`)
}

/** Whether it ends a chain of prototypes: null, or the `Object.prototype` of some realm. */
function isRoot(prototype: unknown): boolean {
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/** A key in hand, or the source that a short form means. */
function readEntry(value: unknown, path: string): StaticKey | SourceEntry {
  const room = roomFor(path)
  const found = members(value, path, A_KEY, room)
  const source = shortForm(found, path)
  return source === undefined ? readKey(found, path, room) : readSource(source, path)
}

/** @throws {TypeError} As {@link sourceOf}, naming the entry; and for a source where an option of one is expected. */
function shortForm(found: Map<string, unknown>, path: string): KeySource | undefined {
  for (const [name, value] of found) {
    if (name !== 'jwks' && isSource(value)) {
      throw new TypeError(`${join(path, name)} must not be a KeySource: that is a key by itself, with its own issuer`)
    }
  }
  try {
    return sourceOf(found)
  } catch (error) {
    throw error instanceof TypeError ? new TypeError(`${path}: ${error.message}`) : error
  }
}

function readKey(found: Map<string, unknown>, path: string, room: Room): StaticKey {
  const [form, ...others] = FORMS.filter((name) => found.has(name))
  if (form === undefined) {
    if (found.has('issuer')) {
      throw new TypeError(`${path}.issuer must be beside a key, { jwk, issuer } or { jwks, issuer }, or in a KeySource`)
    }
    if (!found.has('keys') && !found.has('kty')) refuseMisspelled(path, found.keys(), [...FORMS, 'KeySource'])
    const kind = found.has('keys') ? 'jwkSet' : 'jwk'
    if (kind === 'jwkSet') boundSet(found.get('keys'), path)
    return { path, material: { kind, text: encode(plain(found, path, 0, room)) }, tags: {} }
  }
  if (others.length > 0) throw new TypeError(`${path} must be one key: a secret, a pem, a jwk or jwks`)
  const material = found.get(form)
  found.delete(form)
  return { path, material: readMaterial(form, material, join(path, form), room), tags: plain(found, path, 0, room) }
}

function readMaterial(form: (typeof FORMS)[number], value: unknown, path: string, room: Room): StaticKey['material'] {
  switch (form) {
    case 'secret':
      return { kind: 'secret', octets: readSecret(value, path) }
    case 'pem':
      if (typeof value !== 'string') throw new TypeError(`${path} must be PEM text, a string`)
      if (value.length > room.left) throw new TypeError(room.mistake)
      return { kind: 'pem', text: value }
    case 'jwk':
      return { kind: 'jwk', text: json(value, path, room) }
    case 'jwks': {
      if (isSource(value)) {
        throw new TypeError(`${path} must be a JWK Set: a KeySource is a key by itself, with its own issuer`)
      }
      const found = members(value, path, undefined, room)
      boundSet(found.get('keys'), path)
      return { kind: 'jwkSet', text: encode(plain(found, path, 0, room)) }
    }
  }
}

/**
 * Counts the keys of a set, before any of them is copied.
 *
 * @throws {TypeError} For more than the core takes.
 */
function boundSet(keys: unknown, path: string): void {
  const most = maxKeys()
  if (Array.isArray(keys) && keys.length > most) throw new TypeError(`${path}: keys must be at most ${most} JWKs`)
}

function roomFor(path: string): Room {
  const left = maxKeySetBytes()
  return { left, mistake: `${path} must be keys of at most ${left} characters of JSON` }
}

/**
 * The octets of a secret, copied; of a string, its UTF-8.
 *
 * @throws {TypeError} For what is neither; the message does not show it.
 */
export function readSecret(value: unknown, path: string): Uint8Array {
  if (typeof value === 'string') {
    if (!isWellFormed(value)) throw new TypeError(`${path} must be text that has UTF-8 octets`)
    return encodeUtf8(value)
  }
  if (Object.prototype.toString.call(value) === '[object Uint8Array]') return new Uint8Array(value as Uint8Array)
  throw new TypeError(`${path} must be a string or a Uint8Array`)
}

function json(value: unknown, path: string, room: Room): string {
  return encode(plain(members(value, path, undefined, room), path, 0, room))
}
