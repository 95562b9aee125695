/**
 * Results of the caller's functions that must return a value, not a promise.
 *
 * @module
 */

import { mustBe } from './mistake.js'

/** Whether `await` would wait for a value: it has a method `then`. What reading `then` throws is thrown. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  const canHave = typeof value === 'object' ? value !== null : typeof value === 'function'
  return canHave && typeof Reflect.get(value as object, 'then') === 'function'
}

/**
 * Handles the rejection of a promise that no caller waits for: an unhandled one ends the process.
 *
 * @returns Whether `result` is a promise or another thenable.
 */
export function handleRejection(result: unknown): boolean {
  try {
    if (!isThenable(result)) return false
  } catch {
    return false
  }
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
  handleRejection(seconds)
  throw mustBe('the result of clock()', 'a number of seconds', seconds)
}
