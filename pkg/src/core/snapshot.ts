/**
 * Options as the caller means them at this moment: own members alone, each read once, as plain data.
 *
 * @module
 */

import { isWellFormed } from './text.js'

/** Data that can cross into the core. */
export type Plain = string | number | boolean | null | readonly Plain[] | { readonly [name: string]: Plain }

/** Far deeper than any option goes; a cycle ends here. */
const MAX_DEPTH = 32

/**
 * @param path Where the value stands among the options, for the message.
 * @throws {TypeError} For what is no JSON data: a member that is `undefined`, NaN, a function, a symbol.
 */
export function snapshot(value: unknown, path: string, depth = 0): Plain {
  switch (typeof value) {
    case 'boolean':
      return value
    case 'string':
      if (!isWellFormed(value)) throw new TypeError(`${path} must be text without half a surrogate pair`)
      return value
    case 'number':
      if (!Number.isFinite(value)) throw new TypeError(`${path} must be a finite number`)
      return value
    case 'object': {
      if (value === null) return null
      if (depth >= MAX_DEPTH) throw new TypeError(`${path} must not be nested so deep`)
      if (Array.isArray(value)) {
        return Array.from({ length: value.length }, (_, index) =>
          snapshot(value[index], `${path}[${index}]`, depth + 1),
        )
      }
      return plain(members(value, path), path, depth + 1)
    }
    default:
      throw new TypeError(`${path} must be plain data, and not ${typeof value}`)
  }
}

/**
 * Members that were read, as plain data.
 *
 * @throws {TypeError} As {@link snapshot}.
 */
export function plain(found: ReadonlyMap<string, unknown>, path: string, depth = 0): Plain {
  const object: { [name: string]: Plain } = Object.create(null)
  for (const [name, member] of found) object[name] = snapshot(member, join(path, name), depth)
  return object
}

/**
 * The own members of an options object, each read once.
 *
 * @param mustBe What is wanted, in words. Default "a plain object".
 * @throws {TypeError} If it is none, or has a member that is a symbol's or whose name has no UTF-8 octets.
 */
export function members(value: unknown, path: string, mustBe = 'a plain object'): Map<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || !isPlain(value)) {
    throw new TypeError(`${path} must be ${mustBe}`)
  }
  const found = new Map<string, unknown>()
  for (const name of Reflect.ownKeys(value)) {
    if (typeof name === 'symbol') throw new TypeError(`${path} must have no members named by symbols`)
    if (!isWellFormed(name)) throw new TypeError(`${path} must have no member whose name holds half a surrogate pair`)
    found.set(name, Reflect.get(value, name))
  }
  return found
}

/** Whether it is no instance of a class, a Promise or a Map, which would have no own members; of whatever realm. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/** A member of the object itself: what was put into `Object.prototype` is no data of a token's. */
export function own(object: object, name: string): unknown {
  return Object.hasOwn(object, name) ? Reflect.get(object, name) : undefined
}

/** The member called `name` of the options at `path`. */
export function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`
}

/** `plain` as JSON text. A `toJSON` that somebody put into `Object.prototype` has no say. */
export function encode(plain: Plain): string {
  if (typeof plain !== 'object' || plain === null) return JSON.stringify(plain)
  if (isArray(plain)) return `[${plain.map(encode).join()}]`
  const written = Object.entries(plain).map(([name, member]) => `${JSON.stringify(name)}:${encode(member)}`)
  return `{${written.join()}}`
}

function isArray(plain: Plain): plain is readonly Plain[] {
  return Array.isArray(plain)
}
