/**
 * The store in this process's memory.
 *
 * @module
 */

import { readClock } from '../core/callback.js'
import { unshared } from '../core/copy.js'
import { unknownOption } from '../core/mistake.js'
import { members } from '../core/options.js'
import { UnavailableError } from '../error.js'
import type { DenyStore, SeenStore, UseCounter } from '../types.js'
import { checkArguments, checkMoment, endOf, markBounded } from './store.js'

/** The settings of a {@link memoryStore}. */
export interface MemoryStoreOptions {
  /**
   * How many entries each of the three spaces holds: uses, seen ids, rules of deny lists. Default 100,000, at most
   * 10,000,000.
   */
  entries?: number
  /** Seconds since the Unix epoch. Default: the runtime's clock. A verifier with a clock of its own shares it here. */
  clock?: () => number
}

const DEFAULT_ENTRIES = 100_000

const MAX_ENTRIES = 10_000_000

/**
 * Counts uses, remembers seen ids and keeps the rules of deny lists in this process: exact for one process, unknown
 * to all others, and gone with it. An entry takes about 150 octets. The three are separate spaces.
 *
 * Bounded: a store that is full of live entries refuses with `store_unavailable` rather than forget one.
 *
 * @throws {TypeError} For an unknown option, or one out of range.
 */
export function memoryStore(options: MemoryStoreOptions = {}): UseCounter & SeenStore & DenyStore {
  const found = members(options, 'options')
  const entries = found.has('entries') ? found.get('entries') : DEFAULT_ENTRIES
  const clock = found.has('clock') ? found.get('clock') : () => Date.now() / 1000
  for (const name of found.keys()) {
    if (!OPTIONS.includes(name)) throw unknownOption(name, OPTIONS)
  }
  if (!Number.isInteger(entries) || Number(entries) < 1 || Number(entries) > MAX_ENTRIES) {
    throw new TypeError(`entries must be a whole number from 1 to ${MAX_ENTRIES}`)
  }
  if (typeof clock !== 'function') throw new TypeError('clock must be a function')
  const now = (): number => {
    try {
      return readClock(clock as () => unknown)
    } catch (cause) {
      throw new UnavailableError('store_unavailable', { cause })
    }
  }
  const uses = new Space(Number(entries))
  const seen = new Space(Number(entries))
  const rules = new Space(Number(entries))
  return markBounded({
    async spend(id: string, limit: number, expiresAt: number) {
      checkArguments(id, limit, expiresAt)
      return uses.spend(id, limit, expiresAt, now())
    },
    async add(id: string, expiresAt: number) {
      checkArguments(id, 1, expiresAt)
      return seen.spend(id, 1, expiresAt, now()) !== null
    },
    async deny(key: string, before: number, expiresAt: number) {
      checkArguments(key, 1, expiresAt)
      checkMoment(before)
      rules.raise(key, before, expiresAt, now())
    },
    async denied(keys: readonly string[]) {
      return keys.map((key) => rules.read(key, now()))
    },
  })
}

const OPTIONS = ['entries', 'clock']

interface Entry {
  /** In memory of its own, shared by both indexes. */
  readonly id: string
  /** The uses that were spent; of a rule, its moment. */
  value: number
  /** When it may be forgotten, in seconds. */
  end: number
}

/** The entries of one kind, found by id and, to be forgotten in time, by the minute in which they end. */
class Space {
  readonly #capacity: number
  readonly #entries = new Map<string, Entry>()
  readonly #ending = new Map<number, Set<string>>()
  /** The minute of the last sweep. */
  #swept = NaN
  /** The latest end of an entry that was forgotten. */
  #forgotten = -Infinity

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  spend(id: string, limit: number, expiresAt: number, now: number): number | null {
    this.#sweep(now)
    const end = endOf(expiresAt, now)
    const entry = this.#entries.get(id)
    if (entry === undefined) {
      this.#create(id, 1, end)
      return limit - 1
    }
    if (end > entry.end) this.#move(entry, end)
    if (entry.value >= limit) return null
    entry.value += 1
    return limit - entry.value
  }

  /** Keeps `value` unless a greater one is kept. */
  raise(id: string, value: number, expiresAt: number, now: number): void {
    this.#sweep(now)
    const end = endOf(expiresAt, now)
    const entry = this.#entries.get(id)
    if (entry === undefined) {
      this.#create(id, value, end)
      return
    }
    if (end > entry.end) this.#move(entry, end)
    entry.value = Math.max(entry.value, value)
  }

  read(id: string, now: number): number | null {
    this.#sweep(now)
    return this.#entries.get(id)?.value ?? null
  }

  #create(id: string, value: number, end: number): void {
    // The clock was set back: this id may be one of those that were forgotten meanwhile.
    if (end <= this.#forgotten) throw full('the clock was set back, and the entry may have been forgotten')
    if (this.#entries.size >= this.#capacity) throw full('the store is full of live entries')
    const entry = { id: unshared(id), value, end }
    this.#entries.set(entry.id, entry)
    this.#note(entry)
  }

  #move(entry: Entry, end: number): void {
    this.#ending.get(minuteOf(entry.end))?.delete(entry.id)
    entry.end = end
    this.#note(entry)
  }

  #note({ id, end }: Entry): void {
    const minute = minuteOf(end)
    const ids = this.#ending.get(minute)
    if (ids === undefined) this.#ending.set(minute, new Set([id]))
    else ids.add(id)
  }

  /** Forgets the entries of the minutes that have passed. */
  #sweep(now: number): void {
    const minute = minuteOf(now)
    if (minute === this.#swept) return
    this.#swept = minute
    for (const [ending, ids] of this.#ending) {
      if (ending >= minute) continue
      this.#ending.delete(ending)
      for (const id of ids) {
        this.#forgotten = Math.max(this.#forgotten, this.#entries.get(id)?.end ?? -Infinity)
        this.#entries.delete(id)
      }
    }
  }
}

/** An entry ends within the minute of this number. */
function minuteOf(seconds: number): number {
  return Math.floor(seconds / 60)
}

function full(message: string): UnavailableError {
  return new UnavailableError('store_unavailable', { cause: new RangeError(message) })
}
