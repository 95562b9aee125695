/**
 * Input of the commands: standard input, files, environment variables. Bounded, as octets or as UTF-8 text.
 *
 * @module
 */

import { closeSync, openSync, readSync, statSync } from 'node:fs'

import { escaped } from './escape.js'
import { UsageError } from './exit.js'
import { LAST_SECOND } from './moments.js'

/** More octets than the longest token and the longest key set that are read. */
const MAX_OCTETS = 4 * 1024 * 1024

/** The longest text that is looked at as a token, in UTF-16 units: the core refuses one that long as too large. */
const MAX_TOKEN_LENGTH = 1_048_577

/** A token as it was given. */
export interface TokenInput {
  readonly text: string
  /** Where it was; an argument is visible to others. */
  readonly from: 'argument' | 'stdin'
}

/** Shown where a token was given as an argument. */
export const ARGUMENT_NOTE =
  'note: an argument stays in the shell’s history, and every process can read it; pass the token on standard input'

/**
 * The token in `positionals`, or all of standard input without one or for `-`.
 *
 * @param prompt Shows what to do at a terminal.
 * @throws {UsageError} If the argument is the name of a file.
 */
export async function readTokenText(
  positionals: readonly string[],
  prompt: (text: string) => unknown,
): Promise<TokenInput> {
  const [argument] = positionals
  if (argument !== undefined && argument !== '-') {
    if (isFile(argument)) throw new UsageError('the argument is the name of a file: pass its content on standard input')
    return { text: argument, from: 'argument' }
  }
  if (process.stdin.isTTY === true) prompt('Paste the token, then press Ctrl+D on a line of its own.\n')
  let text = ''
  for await (const part of process.stdin.setEncoding('utf8')) {
    text += part
    if (text.length > MAX_TOKEN_LENGTH) break
  }
  return { text: text.replace(/^\ufeff/, ''), from: 'stdin' }
}

/** Whether a file has this name; false too where Deno was not permitted to look. */
function isFile(name: string): boolean {
  try {
    return name.length <= MAX_NAME && statSync(name, { throwIfNoEntry: false })?.isFile() === true
  } catch {
    return false
  }
}

/** Tokens are longer than most names of files. */
const MAX_NAME = 255

/**
 * The octets of a file; `-` and 0 are standard input.
 *
 * @param option The option that names it, for the message.
 * @param isSecret Whether what is given may be the secret itself: then the message does not repeat it.
 * @throws {UsageError} If it cannot be read, or is larger than any that is of use.
 */
export function readOctets(path: string | number, option: string, isSecret = false): Buffer {
  const name = isSecret ? 'the file' : typeof path === 'number' ? `file descriptor ${path}` : `“${escaped(path)}”`
  const isOurs = typeof path === 'string' && path !== '-'
  let descriptor: number | undefined
  try {
    descriptor = typeof path === 'number' ? path : path === '-' ? 0 : openSync(path, 'r')
    return readAll(descriptor)
  } catch (error) {
    if (error instanceof UsageError) throw new UsageError(`${option}: ${name} ${error.message}`)
    const { code = '' } = error as NodeJS.ErrnoException
    throw new UsageError(
      `${option}: ${name} cannot be read${Object.hasOwn(PROBLEMS, code) ? `: ${PROBLEMS[code]}` : ''}`,
    )
  } finally {
    if (isOurs && descriptor !== undefined) closeSync(descriptor)
  }
}

const PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  EISDIR: 'it is a directory',
  EBADF: 'it is not open',
}

function readAll(descriptor: number): Buffer {
  const parts: Buffer[] = []
  let length = 0
  for (;;) {
    const part = Buffer.alloc(65_536)
    let count: number
    try {
      count = readSync(descriptor, part, 0, part.length, null)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      // A pipe that is not ready yet, and the end of standard input on Windows.
      if (code === 'EAGAIN') {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
        continue
      }
      if (code === 'EOF') break
      throw error
    }
    if (count === 0) break
    parts.push(part.subarray(0, count))
    length += count
    if (length > MAX_OCTETS) throw new UsageError(`is larger than ${MAX_OCTETS} octets`)
  }
  return Buffer.concat(parts)
}

/**
 * The text of a file.
 *
 * @throws {UsageError} As {@link readOctets}, and if it is not UTF-8.
 */
export function readText(path: string, option: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readOctets(path, option))
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UsageError(`${option}: “${escaped(path)}” is not UTF-8 text`)
  }
}

/**
 * The JSON value in a file.
 *
 * @throws {UsageError} As {@link readText}, and if it is not JSON. The message holds none of the text.
 */
export function readJson(path: string, option: string): unknown {
  const text = readText(path, option)
  try {
    return JSON.parse(text)
  } catch {
    throw new UsageError(`${option}: “${escaped(path)}” is not JSON`)
  }
}

/**
 * A moment: seconds since the Unix epoch, or RFC 3339 text with a zone.
 *
 * @throws {UsageError} For another text, and for a moment after the year 9999: those are milliseconds.
 */
export function readMoment(text: string, option: string): number {
  const isNumber = /^\d{1,16}(?:\.\d{1,9})?$/.test(text)
  const moment = isNumber ? Number(text) : RFC_3339.test(text) ? Date.parse(text.replace(' ', 'T')) / 1000 : NaN
  if (moment > LAST_SECOND) throw new UsageError(`${option} must be in seconds since 1970, not in milliseconds`)
  if (moment >= 0) return moment
  throw new UsageError(
    `${option} must be seconds since 1970, or a date and time with its zone such as 2026-01-31T12:00:00Z`,
  )
}

const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/

/** A number of seconds, not negative. @throws {UsageError} For another text. */
export function readSeconds(text: string, option: string): number {
  if (/^\d{1,10}(?:\.\d{1,9})?$/.test(text)) return Number(text)
  throw new UsageError(`${option} must be a number of seconds`)
}
