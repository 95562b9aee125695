/**
 * Results of the caller's functions that must return a value, not a promise.
 *
 * @module
 */

import { mustBe } from './mistake.js'

/**
 * Whether `result` is a promise or another thenable. Its rejection is handled here: no caller waits for it, and an
 * unhandled one ends the process.
 */
export function isPromise(result: unknown): boolean {
  if (typeof result !== 'object' || result === null) return false
  let then: unknown
  try {
    then = Reflect.get(result, 'then')
  } catch {
    return false
  }
  if (typeof then !== 'function') return false
  Promise.resolve(result).catch(() => {})
  return true
}

/**
 * Reads a clock of the caller's, in seconds since the Unix epoch. Other types are not converted: an object's `valueOf`
 * would run between two steps of one call.
 *
 * @throws {TypeError} If it returns anything but a finite number, or what it throws.
 */
export function readClock(clock: () => unknown): number {
  const seconds = clock()
  if (typeof seconds === 'number' && Number.isFinite(seconds)) return seconds
  isPromise(seconds)
  throw mustBe('the result of clock()', 'a number of seconds', seconds)
}
