/**
 * Keys that the caller has in hand.
 *
 * @module
 */

import { maxKeys } from '../core/bindings.js'
import { refuseMisspelled } from '../core/mistake.js'
import { encode, join, members, plain, snapshot } from '../core/snapshot.js'
import type { Plain } from '../core/snapshot.js'
import { isWellFormed } from '../core/text.js'
import type { KeySource } from '../types.js'
import { sourceOf } from './short-form.js'

/** One key, or one set, as the core takes it: the caller can no longer change it. */
export interface StaticKey {
  /** Where it stands among the options. */
  readonly path: string
  readonly material:
    | { readonly kind: 'secret'; readonly octets: Uint8Array }
    | { readonly kind: 'pem' | 'jwk' | 'jwkSet' | 'publishedJwkSet'; readonly text: string }
  readonly tags: Plain
}

const FORMS = ['secret', 'pem', 'jwk', 'jwks'] as const

const A_KEY = '{ secret }, { pem }, { jwk }, { jwks }, a JWK, a JWK Set, { issuer }, { url } or a KeySource'

/**
 * Reads the option `keys`: the keys given, and the sources of others.
 *
 * @throws {TypeError} For what is no key by its form; whether it can be used, the core says.
 */
export function readKeys(value: unknown): { fixed: readonly StaticKey[]; sources: readonly KeySource[] } {
  const list: unknown[] = Array.isArray(value) ? Array.from(value) : [value]
  if (list.length === 0) throw new TypeError('keys must be at least one key')
  const path = (index: number): string => (Array.isArray(value) ? `keys[${index}]` : 'keys')
  const fixed: StaticKey[] = []
  const sources: KeySource[] = []
  for (const [index, key] of list.entries()) {
    const read = isSource(key) ? key : readEntry(key, path(index))
    if (isSource(read)) sources.push(read)
    else fixed.push(read)
  }
  return { fixed, sources }
}

/**
 * A set that others publish, as the core takes it. Members that no JSON could hold are skipped like other unfit ones.
 *
 * @param issuer The issuers that its keys vouch for. Default: every issuer of the policy.
 * @throws {TypeError} For what is no JWK Set.
 */
export function readPublished(set: unknown, issuer?: string | readonly string[]): StaticKey {
  const keys = members(set, 'keys').get('keys')
  if (!Array.isArray(keys)) throw new TypeError('keys must be an array of JWKs')
  boundSet(keys, 'keys')
  const texts = keys.flatMap((key: unknown) => {
    try {
      return [encode(snapshot(key, 'keys'))]
    } catch (error) {
      if (error instanceof TypeError) return []
      throw error
    }
  })
  const material = { kind: 'publishedJwkSet', text: `{"keys":[${texts.join()}]}` } as const
  return { path: 'keys', material, tags: issuer === undefined ? {} : { issuer } }
}

/** Whether it is a source, of a class of its own perhaps. Methods that `Object.prototype` has do not count. */
function isSource(value: unknown): value is KeySource {
  if (typeof value !== 'object' || value === null) return false
  return (['current', 'refresh'] as const).every((name) => {
    const method = (value as Partial<KeySource>)[name]
    return typeof method === 'function' && method !== (Object.prototype as Partial<KeySource>)[name]
  })
}

/** A key in hand, or the source that a short form means. */
function readEntry(value: unknown, path: string): StaticKey | KeySource {
  const found = members(value, path, A_KEY)
  return sourceOf(found) ?? readKey(found, path)
}

function readKey(found: Map<string, unknown>, path: string): StaticKey {
  const [form, ...others] = FORMS.filter((name) => found.has(name))
  if (form === undefined) {
    if (found.has('issuer')) throw new TypeError(`${path}.issuer must stand beside the key: { jwk, issuer } or { jwks, issuer }`)
    if (!found.has('keys') && !found.has('kty')) refuseMisspelled(path, found.keys(), [...FORMS, 'KeySource'])
    const kind = found.has('keys') ? 'jwkSet' : 'jwk'
    if (kind === 'jwkSet') boundSet(found.get('keys'), path)
    return { path, material: { kind, text: json(found, path) }, tags: {} }
  }
  if (others.length > 0) throw new TypeError(`${path} must be one key: a secret, a pem, a jwk or jwks`)
  const material = found.get(form)
  found.delete(form)
  return { path, material: readMaterial(form, material, join(path, form)), tags: plain(found, path) }
}

function readMaterial(form: (typeof FORMS)[number], value: unknown, path: string): StaticKey['material'] {
  switch (form) {
    case 'secret':
      return { kind: 'secret', octets: readSecret(value, path) }
    case 'pem':
      if (typeof value !== 'string') throw new TypeError(`${path} must be PEM text, a string`)
      return { kind: 'pem', text: value }
    case 'jwk':
      return { kind: 'jwk', text: json(members(value, path), path) }
    case 'jwks': {
      const found = members(value, path)
      boundSet(found.get('keys'), path)
      return { kind: 'jwkSet', text: json(found, path) }
    }
  }
}

/**
 * Counts the keys of a set, before any of them is copied.
 *
 * @throws {TypeError} For more than the core looks at.
 */
function boundSet(keys: unknown, path: string): void {
  const most = maxKeys()
  if (Array.isArray(keys) && keys.length > most) throw new TypeError(`${path}: keys must be at most ${most} JWKs`)
}

/**
 * The octets of a secret, copied; of a string, its UTF-8.
 *
 * @throws {TypeError} For what is neither; the message does not show it.
 */
export function readSecret(value: unknown, path: string): Uint8Array {
  if (typeof value === 'string') {
    if (!isWellFormed(value)) throw new TypeError(`${path} must be text that has UTF-8 octets`)
    return new TextEncoder().encode(value)
  }
  if (Object.prototype.toString.call(value) === '[object Uint8Array]') return new Uint8Array(value as Uint8Array)
  throw new TypeError(`${path} must be a string or a Uint8Array`)
}

function json(found: Map<string, unknown>, path: string): string {
  return encode(plain(found, path))
}
