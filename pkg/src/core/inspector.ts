/**
 * The core with nothing but what inspects a token, as JavaScript: no WebAssembly, no other part of the core.
 *
 * An exception that leaves the script has skipped its destructors, so its instance is discarded, as that of the
 * WebAssembly is (`instance.ts`).
 *
 * @module
 */

import type { Inspection, Presented } from '../types.js'
import type { Inspector } from './generated/inspection.js'
import { instantiate } from './generated/inspection.js'
import { mustBe } from './mistake.js'
import type { TextCodecs } from './utf8.js'
import { isWellFormed, textCodecs } from './utf8.js'
import type { Written } from './written.js'
import { inspection, unreadable } from './written.js'

/** The longest token that is ever read, in octets. */
const MAX_TOKEN_BYTES = 1_048_576

/** An instance whose memory a long token has made larger than this is not kept. */
const MAX_KEPT_OCTETS = 4_194_304

/** The names of the states, in the order of their numbers (`src/inspection.rs`). */
const STATES = ['not_yet_valid', 'current', 'expired', 'never_expires'] as const

/** The last second of the year 9999: a NumericDate is not later (`src/claims/numeric_date.rs`). */
const LAST = 253_402_300_799

let live: Inspector | undefined
let codecs: TextCodecs | undefined

/**
 * Reads a token of at most `limit` octets without trusting it.
 *
 * @param now Seconds since the Unix epoch.
 * @throws {TypeError} When `now` is not in the range of a NumericDate.
 */
export function look(token: Presented, limit: number, now: number): Inspection {
  const text = token ?? ''
  if (typeof text !== 'string') return unreadable()
  // One character more than the limit tells that it is too long.
  const read = text.length > MAX_TOKEN_BYTES ? text.slice(0, MAX_TOKEN_BYTES + 1) : text
  if (!isWellFormed(read)) return unreadable()
  if (!(now >= 0 && now <= LAST)) throw mustBe('now', 'seconds since the Unix epoch, not milliseconds')
  codecs ??= textCodecs()
  try {
    const written = inspected(read, limit, now, codecs)
    return written === undefined ? unreadable() : inspection(written)
  } catch {
    live = undefined
    return unreadable()
  }
}

function inspected(token: string, limit: number, now: number, codecs: TextCodecs): Written | undefined {
  const octets = new codecs.TextEncoder().encode(token)
  live ??= instantiate({ number })
  const instance = live
  const view = (address: number, length: number) => new Uint8Array(instance.memory.buffer, address, length)
  const input = instance.input(octets.length)
  view(input, octets.length).set(octets)
  const length = instance.inspect(limit, now)
  const text = new codecs.TextDecoder('utf-8', { ignoreBOM: true }).decode(view(instance.output(), length))
  const time = timeOf(instance, now)
  if (instance.memory.buffer.byteLength > MAX_KEPT_OCTETS) live = undefined
  if (length === 0) return undefined
  const written = JSON.parse(`{${text}}`) as Omit<Written, 'time' | 'checks'>
  return { ...written, ...(time && { time }), checks: [] }

  function number(address: number, length: number): number {
    let digits = ''
    for (const octet of view(address, length)) digits += String.fromCharCode(octet)
    return Number(digits)
  }
}

function timeOf(instance: Inspector, now: number): Inspection['time'] | undefined {
  const state = STATES[instance.time(3)]
  if (state === undefined) return undefined
  const [issuedAt, notBefore, expiresAt] = [0, 1, 2].map((index) => {
    const moment = instance.time(index)
    return Number.isNaN(moment) ? null : moment
  }) as [number | null, number | null, number | null]
  const secondsLeft = expiresAt === null ? null : expiresAt - now
  return { issuedAt, notBefore, expiresAt, state, secondsLeft }
}
