/**
 * The options of a source of published keys, read once.
 *
 * @module
 */

import { unknownOption } from '../core/mistake.js'
import { members } from '../core/options.js'
import { isWellFormed } from '../core/utf8.js'
import type { RemoteKeysOptions } from '../types.js'

/** The options with their defaults. */
export interface RemoteSettings {
  readonly issuer: string | readonly string[] | undefined
  readonly use: string | undefined
  readonly timeoutSeconds: number
  readonly maxAgeSeconds: number
  readonly staleSeconds: number
  readonly cooldownSeconds: number
  readonly maxBytes: number
  readonly fetch: RemoteKeysOptions['fetch']
  readonly waitUntil: RemoteKeysOptions['waitUntil']
  readonly storage: RemoteKeysOptions['storage']
  /** The wall clock, in milliseconds. */
  readonly now: () => number
}

const YEAR_SECONDS = 31_536_000

/** Least, most and default of each number. Cooldown and timeout are more than nothing. */
const NUMBERS = {
  timeoutSeconds: [0.001, 300, 5],
  maxAgeSeconds: [0.001, YEAR_SECONDS, 600],
  staleSeconds: [0, YEAR_SECONDS, 86_400],
  cooldownSeconds: [0.001, 86_400, 30],
  maxBytes: [1, 64 * 1024 * 1024, 1024 * 1024],
} as const

/** Every option, for the message about one that does not exist. */
const OPTIONS = [...Object.keys(NUMBERS), 'issuer', 'origins', 'fetch', 'waitUntil', 'storage', 'clock']

/**
 * Reads the options. Each is read once, from own members.
 *
 * @throws {TypeError} For an unknown option, one that is `undefined`, and one that cannot mean anything.
 */
export function readSettings(options: unknown): RemoteSettings {
  const found = members(options, 'options')
  for (const [name, value] of found)
    if (value === undefined) throw new TypeError(`${name} must not be undefined: leave it out`)
  const take = (name: string): unknown => {
    const value = found.get(name)
    found.delete(name)
    return value
  }
  const numberOf = (name: keyof typeof NUMBERS): number => {
    const [least, most, usual] = NUMBERS[name]
    const value = take(name) ?? usual
    if (typeof value === 'number' && value >= least && value <= most) return value
    throw new TypeError(`${name} must be a number from ${least} to ${most}`)
  }
  const functionOf = <Type>(name: string): Type | undefined => {
    const value = take(name)
    if (value !== undefined && typeof value !== 'function') throw new TypeError(`${name} must be a function`)
    return value as Type | undefined
  }
  const clock = functionOf<() => number>('clock')
  const settings: RemoteSettings = {
    issuer: readIssuers(take('issuer')),
    use: found.has('use') ? readUse(take('use'), 'use') : undefined,
    timeoutSeconds: numberOf('timeoutSeconds'),
    maxAgeSeconds: numberOf('maxAgeSeconds'),
    staleSeconds: numberOf('staleSeconds'),
    cooldownSeconds: numberOf('cooldownSeconds'),
    maxBytes: numberOf('maxBytes'),
    fetch: functionOf('fetch'),
    waitUntil: functionOf('waitUntil'),
    storage: readStorage(take('storage')),
    now: clock === undefined ? Date.now : () => clock() * 1000,
  }
  for (const name of found.keys()) throw unknownOption(name, OPTIONS)
  return settings
}

/** @throws {TypeError} For what is no `use` of keys for signatures. */
export function readUse(value: unknown, path: string): string {
  if (typeof value === 'string' && value !== '' && value !== 'enc' && isWellFormed(value)) return value
  throw new TypeError(`${path} must be text: the use of keys for signatures`)
}

/** @throws {TypeError} For what no token's `iss` equals, and for none. */
function readIssuers(value: unknown): string | readonly string[] | undefined {
  if (value === undefined) return undefined
  const list: readonly unknown[] = Array.isArray(value) ? Array.from(value) : [value]
  const isText = (issuer: unknown): issuer is string =>
    typeof issuer === 'string' && issuer !== '' && isWellFormed(issuer)
  if (list.length > 0 && list.every(isText)) return typeof value === 'string' ? value : Object.freeze(list)
  throw new TypeError('issuer must be text, or an array of texts')
}

/** The storage may be of a class of its own: its methods are called as methods. */
function readStorage(value: unknown): RemoteKeysOptions['storage'] {
  if (value === undefined) return undefined
  if (typeof value === 'object' && value !== null) {
    const { read, write } = value as Record<'read' | 'write', unknown>
    if (typeof read === 'function' && typeof write === 'function')
      return value as NonNullable<RemoteKeysOptions['storage']>
  }
  throw new TypeError('storage must have the methods read() and write(text)')
}
