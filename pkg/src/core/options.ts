/**
 * Copies of the caller's options: their own members only, each read once, as plain data.
 *
 * @module
 */

import { mustBe } from './mistake.js'
import { isWellFormed } from './utf8.js'

/** Data that can cross into the core. */
export type Plain = string | number | boolean | null | readonly Plain[] | { readonly [name: string]: Plain }

/** The deepest nesting of an option. A cycle ends here. */
const MAX_DEPTH = 32

/** How much data may still be copied, in characters of JSON text: never more than its text has. */
export interface Room {
  left: number
  /** The message of the TypeError for more than that. */
  readonly mistake: string
}

/** @throws {TypeError} When the room is less than `characters`; then none is left. */
function demand(room: Room | undefined, characters: number): void {
  if (room === undefined || characters <= room.left) return
  room.left = -1
  throw new TypeError(room.mistake)
}

/** @throws {TypeError} As {@link demand}. */
function take(room: Room | undefined, characters: number): void {
  demand(room, characters)
  if (room !== undefined) room.left -= characters
}

/**
 * Copies an option.
 *
 * @param path Where the value is among the options, for the message.
 * @param room Default: unlimited.
 * @throws {TypeError} For anything but JSON data: a member that is `undefined`, NaN, a function, a symbol, a Date.
 */
export function snapshot(value: unknown, path: string, depth = 0, room?: Room): Plain {
  take(room, 1)
  switch (typeof value) {
    case 'boolean':
      return value
    case 'string':
      take(room, value.length)
      if (!isWellFormed(value)) throw mustBe(path, 'text without half a surrogate pair')
      return value
    case 'number':
      if (!Number.isFinite(value)) throw mustBe(path, 'a finite number', value)
      return value
    case 'object': {
      if (value === null) return null
      if (depth >= MAX_DEPTH) throw mustBe(path, `nested at most ${MAX_DEPTH} levels deep`)
      if (Array.isArray(value)) {
        const { length } = value
        take(room, length)
        return Array.from({ length }, (_, index) => snapshot(value[index], `${path}[${index}]`, depth + 1, room))
      }
      return plain(members(value, path, 'plain data', room), path, depth + 1, room)
    }
    default:
      throw mustBe(path, 'plain data', value)
  }
}

/**
 * Members that were read, as plain data.
 *
 * @throws {TypeError} As {@link snapshot}.
 */
export function plain(found: ReadonlyMap<string, unknown>, path: string, depth = 0, room?: Room): Plain {
  const object: { [name: string]: Plain } = Object.create(null)
  for (const [name, member] of found) {
    take(room, name.length + NAMED)
    object[name] = snapshot(member, join(path, name), depth, room)
  }
  return object
}

/** The quotes, the colon and the comma of a member. */
const NAMED = 4

/**
 * The own members of an options object, each read once.
 *
 * @param expected What the object must be, in words. Default "a plain object".
 * @throws {TypeError} For any other value, and for a member named by a symbol or by text without UTF-8 octets.
 */
export function members(value: unknown, path: string, expected = 'a plain object', room?: Room): Map<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || !isPlain(value)) {
    throw mustBe(path, expected, value)
  }
  const found = new Map<string, unknown>()
  const names = Reflect.ownKeys(value)
  demand(room, names.length)
  for (const name of names) {
    if (typeof name === 'symbol') throw new TypeError(`${path} must have no members named by symbols`)
    if (!isWellFormed(name)) throw new TypeError(`${path} must have no member whose name holds half a surrogate pair`)
    found.set(name, Reflect.get(value, name))
  }
  return found
}

/** Whether it is a plain object of any realm, and not an instance of a class, whose members may not be its own. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/** A member of an object or of its class. A member that another module put into `Object.prototype` is not read. */
export function memberOf(object: object, name: string): unknown {
  if (Object.hasOwn(object, name)) return Reflect.get(object, name)
  for (let holder = Object.getPrototypeOf(object); holder !== null; holder = Object.getPrototypeOf(holder)) {
    if (!Object.hasOwn(holder, name)) continue
    const isEveryObjects = Object.getPrototypeOf(holder) === null
    return isEveryObjects ? undefined : Reflect.get(object, name)
  }
  return undefined
}

/** A member of the object itself: what was put into `Object.prototype` is no data of a token's. */
export function own(object: object, name: string): unknown {
  return Object.hasOwn(object, name) ? Reflect.get(object, name) : undefined
}

/** The member called `name` of the options at `path`. */
export function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`
}

/** Writes `plain` as JSON text, without calling a `toJSON` that another module put into `Object.prototype`. */
export function encode(plain: Plain): string {
  if (typeof plain !== 'object' || plain === null) return JSON.stringify(plain)
  if (isArray(plain)) return `[${plain.map(encode).join()}]`
  let written = ''
  for (const name of Object.keys(plain)) {
    written += `${written === '' ? '' : ','}${JSON.stringify(name)}:${encode(plain[name] ?? null)}`
  }
  return `{${written}}`
}

/**
 * Members that were read, as JSON text.
 *
 * @throws {TypeError} As {@link snapshot}.
 */
export function encodeMembers(found: ReadonlyMap<string, unknown>, path: string): string {
  let written = ''
  for (const [name, member] of found) {
    const value = encode(snapshot(member, join(path, name)))
    written += `${written === '' ? '' : ','}${JSON.stringify(name)}:${value}`
  }
  return `{${written}}`
}

function isArray(plain: Plain): plain is readonly Plain[] {
  return Array.isArray(plain)
}
