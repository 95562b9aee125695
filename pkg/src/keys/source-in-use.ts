/**
 * A key source as a verifier uses it: the set in hand as the core takes it, or the reason for its absence.
 *
 * @module
 */

import * as bindings from '../core/bindings.js'
import { handleRejection } from '../core/callback.js'
import type { JwkSet, KeySource } from '../types.js'
import { SingleFlight } from '../wait.js'
import { toJwkSet } from './published.js'
import type { SourceEntry, StaticKey } from './read.js'
import { isSameSet, readPublished, unpublished } from './read.js'
import { RemoteSource } from './remote.js'

/**
 * How long a verifier waits for `refresh()` of a source, in seconds. Sources of this package end sooner by
 * themselves.
 */
const TIMEOUT_SECONDS = 5

/** What a source brought, and what it was read as. */
interface Reading {
  readonly set: JwkSet | undefined
  readonly key: StaticKey | undefined
  /** Why it is not a set. */
  readonly problem: unknown
}

const NOTHING: Reading = { set: undefined, key: undefined, problem: undefined }

/** One source of one verifier. Nothing that a source does is thrown, save a `current()` that returns a promise. */
export class SourceInUse {
  readonly #source: KeySource
  readonly #entry: SourceEntry
  /** Its entry among the keys while it has no set in hand. */
  readonly empty: StaticKey
  readonly #refreshing: SingleFlight<unknown>
  #reading = NOTHING
  /** What `current()` threw. */
  #thrown: unknown
  /** Why the last refresh failed. */
  #failure: unknown

  constructor(entry: SourceEntry) {
    const { source } = entry
    this.#source = source
    this.#entry = entry
    this.empty = unpublished(entry)
    this.#refreshing = new SingleFlight(async () => source.refresh(), TIMEOUT_SECONDS)
  }

  /**
   * The keys in hand: the same object while they are equal.
   *
   * @throws {TypeError} If the source's `current()` returns a promise.
   */
  current(): StaticKey | undefined {
    let set: JwkSet | undefined
    this.#thrown = undefined
    try {
      set = this.#source.current()
    } catch (error) {
      this.#thrown = error ?? new Error('current() threw nothing')
      return undefined
    }
    if (set !== this.#reading.set) this.#reading = this.#read(set)
    return this.#reading.key
  }

  /** Whether there is no set in hand, or the last attempt to fetch one failed. */
  get isBlind(): boolean {
    return this.#thrown !== undefined || this.#reading.key === undefined || this.#lastFailure !== undefined
  }

  /** Why it {@link isBlind}; `undefined` if nothing has been tried. */
  get cause(): unknown {
    return this.#thrown ?? this.#reading.problem ?? this.#lastFailure
  }

  get #lastFailure(): unknown {
    return this.#source instanceof RemoteSource ? this.#source.failure : this.#failure
  }

  /** Lets the source fetch its set again, within {@link TIMEOUT_SECONDS}. It does not reject. */
  async refresh(): Promise<void> {
    const source = this.#source
    try {
      await (source instanceof RemoteSource ? source.refresh() : this.#refreshing.run())
      this.#failure = undefined
      const isSilent = this.current() === undefined && this.cause === undefined
      if (isSilent) this.#failure = new TypeError('current() of the key source returns no set after refresh()')
    } catch (error) {
      this.#failure = error ?? new Error('refresh() failed without a reason')
    }
  }

  /** Work that a source of this package leaves to the request after its verdict. It does not reject. */
  refreshBehind(): Promise<unknown> | undefined {
    return this.#source instanceof RemoteSource ? this.#source.refreshBehind() : undefined
  }

  #read(set: JwkSet | undefined): Reading {
    if (set === undefined) return NOTHING
    refusePromise(set)
    try {
      const key = readPublished(toJwkSet(set), this.#entry)
      const { key: before } = this.#reading
      if (before !== undefined && isSameSet(before, key)) return { ...this.#reading, set }
      const isProved = this.#source instanceof RemoteSource
      if (!isProved && !bindings.isUsable(key)) throw new TypeError('the core cannot read the key set')
      // Another set is in hand: that an attempt failed before is past.
      this.#failure = undefined
      return { set, key, problem: undefined }
    } catch (problem) {
      return { ...NOTHING, set, problem }
    }
  }
}

/** @throws {TypeError} For a promise: `current()` must not be asynchronous. */
function refusePromise(set: unknown): void {
  if (!handleRejection(set)) return
  throw new TypeError(
    'current() of a key source must return the set in hand, not a promise; refresh() is the asynchronous one',
  )
}
