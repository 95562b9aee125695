/**
 * The frame that every networked store shares: arguments, attempt ids, deadline, retries, remembered refusals.
 *
 * An engine performs one atomic step. This module decides how often the step is sent, and what its answer means.
 *
 * @module
 */

import { isWellFormed } from '../core/utf8.js'
import { UnavailableError } from '../error.js'
import type { DenyStore, SeenStore, UseCounter } from '../types.js'
import { withDeadline } from '../wait.js'

/** Uses and seen ids are separate spaces: no id of one is found in the other. */
export type Space = 'u' | 's'

/** One spend, the same in all its retries. */
export interface Spend {
  readonly space: Space
  readonly id: string
  /** The uses that the token has in total. */
  readonly limit: number
  /** NumericDate: the last moment at which the token could be accepted. */
  readonly expiresAt: number
  /**
   * Identifies this spend among the retries of others: 8 random octets, base64. An engine that finds it in the entry
   * answers as it answered then.
   */
  readonly attempt: string
}

/** Where entries are kept. */
export interface Engine {
  /**
   * Performs one spend atomically. Resolves to the uses left, or to -1 when none was left.
   *
   * @param signal Aborts at the deadline.
   */
  spend(spend: Spend, signal: AbortSignal): Promise<number>
  /** Whether sending the same spend again may succeed after this error. */
  isTransient(error: unknown): boolean
}

/** The settings that all networked stores have in common. */
export interface StoreOptions {
  /**
   * The longest that one spend takes, in seconds, with its retries. Default 2, at most 60. After it, the spend is
   * `store_unavailable`, and at most one use is lost.
   */
  timeoutSeconds?: number
}

/**
 * How long an entry outlives its token, in seconds: the largest leeway, so that clocks may differ by as much.
 */
export const GRACE_SECONDS = 300

/** How many attempts an entry remembers: a lost reply is recognised while fewer spends of that token came after it. */
export const ATTEMPTS = 64

/** The characters of an attempt. The "=" at its end separates it from the next one in an entry. */
export const ATTEMPT_WIDTH = 12

/** The largest NumericDate that the package accepts, the last second of the year 9999, and the largest leeway. */
const LAST_MOMENT = 253_402_300_799 + GRACE_SECONDS

const MAX_LIMIT = 0xffff_ffff

const MAX_ID_LENGTH = 256

/** Stores that end every call by themselves. */
const bounded = new WeakSet<object>()

/** Whether `store` enforces a deadline of its own. */
export function hasDeadline(store: object): boolean {
  return bounded.has(store)
}

/** Notes that `store` enforces a deadline of its own. */
export function markBounded<Store extends object>(store: Store): Store {
  bounded.add(store)
  return store
}

/**
 * A counter and a store of seen ids over one engine.
 *
 * @throws {TypeError} For a `timeoutSeconds` out of range.
 */
export function storeOver(engine: Engine, timeoutSeconds: unknown): UseCounter & SeenStore {
  const timeoutMs = readTimeout(timeoutSeconds) * 1000
  const refused = new RefusedIds()

  async function spend(space: Space, id: string, limit: number, expiresAt: number): Promise<number | null> {
    checkArguments(id, limit, expiresAt)
    const key = `${space}${limit}:${id}`
    if (refused.has(key, expiresAt)) return null
    const step: Spend = { space, id, limit, expiresAt, attempt: newAttempt() }
    const left = await inTime(timeoutMs, (signal) => persist(engine, signal, () => engine.spend(step, signal)))
    if (!Number.isInteger(left) || left < -1 || left >= limit) {
      throw new UnavailableError('store_unavailable', { cause: new RangeError('the store answered with no count') })
    }
    if (left !== -1) return left
    refused.add(key, expiresAt)
    return null
  }

  return markBounded({
    spend: (id: string, limit: number, expiresAt: number) => spend('u', id, limit, expiresAt),
    add: async (id: string, expiresAt: number) => (await spend('s', id, 1, expiresAt)) !== null,
  })
}

/** Where rules of deny lists are kept. Each step may be sent again: it changes nothing the second time. */
export interface DenyEngine extends Pick<Engine, 'isTransient'> {
  /** @param end When the rule may be forgotten, in seconds. */
  deny(key: string, before: number, end: number): Promise<void>
  denied(keys: readonly string[]): Promise<readonly (number | null)[]>
}

/** The rules of deny lists over one engine, with the deadline of a store. */
export function denyStoreOver(engine: DenyEngine, timeoutSeconds: unknown): DenyStore {
  const timeoutMs = readTimeout(timeoutSeconds) * 1000
  const run = <T>(step: () => Promise<T>): Promise<T> => inTime(timeoutMs, (signal) => persist(engine, signal, step))
  return {
    async deny(key, before, expiresAt) {
      checkId(key)
      checkMoment(before)
      checkMoment(expiresAt)
      await run(() => engine.deny(key, before, endOf(expiresAt, 0)))
    },
    async denied(keys) {
      for (const key of keys) checkId(key)
      return run(() => engine.denied(keys))
    },
  }
}

/**
 * Runs `work` with a deadline. Whatever it throws is `store_unavailable`.
 *
 * @throws {UnavailableError}
 */
export async function inTime<T>(timeoutMs: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  try {
    return await withDeadline(work, timeoutMs)
  } catch (error) {
    throw unavailable(error)
  }
}

/** `error` as the one that says a store is out of reach. */
export function unavailable(error: unknown): UnavailableError {
  if (error instanceof UnavailableError && error.code === 'store_unavailable') return error
  return new UnavailableError('store_unavailable', { cause: error })
}

/** Sends one step until it is answered, with full jitter between two tries. */
async function persist<T>(
  engine: Pick<Engine, 'isTransient'>,
  signal: AbortSignal,
  step: () => Promise<T>,
): Promise<T> {
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    try {
      return await step()
    } catch (error) {
      if (signal.aborted || !engine.isTransient(error)) throw error
    }
    await new Promise((resolve) => setTimeout(resolve, 1 + Math.random() * pause))
    signal.throwIfAborted()
  }
}

const FIRST_PAUSE_MS = 20

const LONGEST_PAUSE_MS = 250

/** When the entry of a token that expires at `expiresAt` may be forgotten; both in seconds. */
export function endOf(expiresAt: number, now: number): number {
  return Math.ceil(Math.max(expiresAt, now)) + GRACE_SECONDS
}

/**
 * The uses that were left after the spend `attempt`, from what its entry holds; `undefined` if it is not among them.
 *
 * @param attempts The attempts of the last spends, oldest first, each {@link ATTEMPT_WIDTH} characters.
 * @param used The number of spends.
 */
export function leftAfter(attempt: string, attempts: string, used: number, limit: number): number | undefined {
  const at = attempts.indexOf(attempt)
  if (at === -1) return undefined
  const later = (attempts.length - at) / ATTEMPT_WIDTH - 1
  return limit - (used - later)
}

/** The attempts of an entry with one more, the oldest of too many left out. */
export function withAttempt(attempts: string, attempt: string): string {
  return (attempts + attempt).slice(-ATTEMPTS * ATTEMPT_WIDTH)
}

/** Random octets that are drawn together, for one call of the runtime costs more than the octets. */
const random = new Uint8Array(1024)

/** How many of them are used. */
let drawn = random.length

/** 8 random octets in base64: 12 characters, of which the last is "=" and no other is. */
function newAttempt(): string {
  if (drawn === random.length) {
    crypto.getRandomValues(random)
    drawn = 0
  }
  const from = drawn
  drawn += 8
  return btoa(String.fromCharCode(...random.subarray(from, drawn)))
}

/** @throws {TypeError} When one of them cannot mean anything. */
export function checkArguments(id: unknown, limit: unknown, expiresAt: unknown): void {
  checkId(id)
  if (!Number.isInteger(limit) || Number(limit) < 1 || Number(limit) > MAX_LIMIT) {
    throw new TypeError('limit must be a whole number, at least 1')
  }
  checkMoment(expiresAt)
}

/** @throws {TypeError} If it is no id. */
export function checkId(id: unknown): asserts id is string {
  const isId = typeof id === 'string' && id !== '' && id.length <= MAX_ID_LENGTH && isWellFormed(id)
  if (!isId || id.includes('\0')) throw new TypeError('id must be text of 1 to 256 characters')
}

/** @throws {TypeError} If it is no NumericDate. */
export function checkMoment(moment: unknown): asserts moment is number {
  if (typeof moment !== 'number' || !(moment >= 0 && moment <= LAST_MOMENT)) {
    throw new TypeError('expiresAt must be a number of seconds since the Unix epoch')
  }
}

/** The moment of a rule, as an engine answers: some clients give numbers as text or as bigints. NaN for anything else. */
export function momentOf(answer: unknown): number {
  const isNumber = typeof answer === 'number' || typeof answer === 'bigint'
  return isNumber || (typeof answer === 'string' && /^\d/.test(answer)) ? Number(answer) : NaN
}

/** @throws {TypeError} If it is not a number in range. */
export function readTimeout(value: unknown): number {
  if (value === undefined) return DEFAULT_TIMEOUT_SECONDS
  if (typeof value === 'number' && value > 0 && value <= MAX_TIMEOUT_SECONDS) return value
  throw new TypeError(`timeoutSeconds must be a number above 0, at most ${MAX_TIMEOUT_SECONDS}`)
}

export const DEFAULT_TIMEOUT_SECONDS = 2

const MAX_TIMEOUT_SECONDS = 60

/** How many refused ids are remembered. */
const REFUSED_IDS = 10_000

/**
 * Ids without a use left under some limit: that cannot change before their entries end, so no store is asked about them
 * again. A token that expires later than the one that was refused is asked about, for its entry has to live longer.
 * At most {@link REFUSED_IDS}; the oldest gives way.
 */
class RefusedIds {
  readonly #refused = new Map<string, { readonly expiresAt: number; readonly until: number }>()

  has(key: string, expiresAt: number): boolean {
    const refused = this.#refused.get(key)
    if (refused === undefined || expiresAt > refused.expiresAt) return false
    if (refused.until > Date.now() / 1000) return true
    this.#refused.delete(key)
    return false
  }

  add(key: string, expiresAt: number): void {
    this.#refused.set(key, { expiresAt, until: endOf(expiresAt, Date.now() / 1000) })
    if (this.#refused.size <= REFUSED_IDS) return
    for (const oldest of this.#refused.keys()) {
      this.#refused.delete(oldest)
      break
    }
  }
}
