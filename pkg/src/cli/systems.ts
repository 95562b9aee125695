/**
 * Token systems named on the command line: `NAME:option=value,option=value`.
 *
 * @module
 */

import type { Profile } from '../index.js'
import { profiles } from '../index.js'
import { closest } from './arguments.js'
import { escaped } from './escape.js'
import { UsageError } from './exit.js'

/** A system and its options, as the functions of `profiles` and `receipts` take them. */
export interface NamedSystem {
  readonly name: string
  readonly options: Readonly<Record<string, unknown>>
}

/** The names for --profile. */
export const PROFILES: readonly string[] = Object.keys(profiles).sort()

/**
 * Reads `NAME:option=value,…`. An option that is given twice is an array; `option:=value` is JSON.
 *
 * @param flag The option of the command that holds it, for the message.
 * @throws {UsageError} For an unknown name, and for what is not written this way.
 */
export function readSystem(text: string, flag: string, names: readonly string[]): NamedSystem {
  const [, name = '', rest = ''] = /^([^:]*)(?::([^]*))?$/.exec(text) ?? []
  const known = names.find((one) => one.toLowerCase() === name.toLowerCase().replace(/[-_]/g, ''))
  if (known === undefined) {
    const meant = closest(name, names)
    const hint = meant === undefined ? '' : `, did you mean ${meant}?`
    throw new UsageError(`${flag} must begin with one of ${names.join(', ')}${hint}`)
  }
  const options = assignments(rest === '' ? [] : rest.split(','), flag)
  return { name: known, options: Object.fromEntries(options) }
}

/**
 * The profile that `--profile` names.
 *
 * @throws {UsageError} If its options cannot mean anything.
 */
export function readProfile(text: string): Profile {
  const { name, options } = readSystem(text, '--profile', PROFILES)
  const profile = Object.entries(profiles).find(([known]) => known === name)?.[1] as (options: unknown) => Profile
  return explained(`--profile ${name}`, () => profile(options))
}

/**
 * Runs a call into the library, and rewords its TypeErrors as wrong calls of the command line.
 *
 * @param where What the message begins with.
 * @throws {UsageError}
 */
export function explained<T>(where: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(`${where}: ${escaped(error.message)}`)
    throw error
  }
}

/**
 * Reads `NAME=VALUE` and `NAME:=JSON`. A name that is given twice has an array of values.
 *
 * @throws {UsageError} For another form; the message does not repeat it.
 */
export function assignments(texts: readonly string[], flag: string): Map<string, unknown> {
  const found = new Map<string, unknown>()
  for (const text of texts) {
    const [, name, isJson, value = ''] = /^([^=]+?)(:?)=([^]*)$/.exec(text) ?? []
    if (name === undefined) throw new UsageError(`${flag} must be written NAME=VALUE, or NAME:=JSON`)
    const read = isJson === ':' ? json(value, flag) : value
    const before = found.get(name)
    found.set(name, before === undefined ? read : [before, read].flat())
  }
  return found
}

function json(text: string, flag: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new UsageError(`${flag}: the text after “:=” must be JSON, such as true, 7 or {"contains":"admin"}`)
  }
}
