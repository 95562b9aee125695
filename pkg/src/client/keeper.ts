/**
 * One token, kept and renewed: early renewal, single flight, back-off, and generations.
 *
 * State is shared between requests, promises are not: see {@link SingleFlight}.
 *
 * @module
 */

import { handleRejection } from '../core/callback.js'
import type { WaitUntil } from '../wait.js'
import { findWaitUntil, isWorkerd, SingleFlight, withDeadline } from '../wait.js'
import type { Clock, Moment } from './clock.js'
import { ClientError } from './error.js'
import type { Granted } from './granted.js'
import type { Stored } from './storage.js'

/** A token in hand. */
export interface Hand extends Granted {
  readonly obtainedAt: Moment
  /** The age from which it is renewed in the background. */
  readonly renewAfter: number
  /** The age from which callers wait for its successor. */
  readonly waitAfter: number
  /** The generation that was current when its request began. */
  readonly generation: number
  /** Whether it replaced a token that was refused. */
  readonly isReplacement: boolean
}

/** What a keeper asks of its owner. */
export interface Source {
  /** Sends the one token request. */
  request(): Promise<Granted>
  /** How long after an error no request begins, at least, in seconds. */
  pauseAfter(error: ClientError): number
  /** The stored record, if there is a storage. */
  read?(): Promise<Stored | undefined>
  /** Stores a record, if there is a storage. */
  write?(record: Stored): Promise<unknown>
}

/** A keeper's settings. */
export interface KeeperOptions {
  readonly clock: Clock
  readonly timeoutSeconds: number
  readonly renewBeforeSeconds: number | undefined
  readonly waitUntil: WaitUntil | undefined
}

/** What a keeper has done. */
export interface KeeperStats {
  requests: number
  failures: number
  storageFailures: number
}

/** Default of `renewBeforeSeconds`, at most a tenth of the life. */
const RENEW_BEFORE_SECONDS = 120

/** Before the end of its life a token is not handed out without trying to renew it, in seconds. */
const WAIT_BEFORE_SECONDS = 10

/** Renewals are spread over a tenth of `renewBeforeSeconds`, so that many processes do not renew together. */
const JITTER = 0.1

/** The longest pause after failures, and the time in which a refused successor is not replaced again, in seconds. */
const LONGEST_PAUSE_SECONDS = 30

/** The longest wait for a storage, in seconds. */
const STORAGE_SECONDS = 1

/** What others ask of a keeper. */
export type Keeps = Pick<Keeper, 'current' | 'replace'>

/** Keeps one token. */
export class Keeper {
  readonly stats: KeeperStats = { requests: 0, failures: 0, storageFailures: 0 }
  readonly #source: Source
  readonly #options: KeeperOptions
  readonly #flight: SingleFlight<Hand>
  #hand: Hand | undefined
  #generation = 0
  #refused: string | undefined
  #failure: { readonly at: Moment; readonly error: ClientError; readonly pauseSeconds: number } | undefined
  #failuresInARow = 0
  #waitUntil: WaitUntil | undefined
  #isDisposed = false

  constructor(source: Source, options: KeeperOptions) {
    this.#source = source
    this.#options = options
    this.#waitUntil = options.waitUntil
    // The request and the storage have deadlines of their own, which end first.
    this.#flight = new SingleFlight(() => this.#renew(), options.timeoutSeconds + STORAGE_SECONDS + 1)
  }

  /** The token in hand, if it is alive. */
  get hand(): Hand | undefined {
    const hand = this.#hand
    return hand !== undefined && this.#ageOf(hand) < hand.lifeSeconds ? hand : undefined
  }

  /**
   * A token that is alive.
   *
   * @throws {ClientError} If no token is alive, and none can be obtained now.
   */
  async current(): Promise<Hand> {
    this.#refuseDisposed()
    const hand = this.hand
    if (hand === undefined) return await this.#obtain(0)
    const age = this.#ageOf(hand)
    if (age < hand.renewAfter) return hand
    if (age < hand.waitAfter) {
      await this.#renewInBackground()
      return this.hand ?? hand
    }
    try {
      return await this.#obtain(0)
    } catch (error) {
      // The old token serves until its end.
      const still = this.hand
      if (still === undefined) throw error
      return still
    }
  }

  /**
   * Another token than `refused`, which an API refused.
   *
   * A request begins only if `refused` is still in hand; a run that began before the refusal does not count. If the
   * token in hand is a successor of less than 30 s, its age is not the reason: it is returned.
   *
   * @throws {ClientError} If none can be obtained now.
   */
  async replace(refused: string | undefined): Promise<Hand> {
    this.#refuseDisposed()
    const hand = this.hand
    if (hand === undefined) return await this.#obtain(0)
    if (refused !== undefined && refused !== hand.token) return hand
    if (hand.isReplacement && this.#ageOf(hand) < LONGEST_PAUSE_SECONDS) return hand
    if (hand.generation === this.#generation) {
      this.#generation += 1
      this.#refused = hand.token
    }
    return await this.#obtain(this.#generation)
  }

  /** Forgets the token. */
  dispose(): void {
    this.#isDisposed = true
    this.#hand = undefined
    this.#refused = undefined
  }

  /** A token whose request began in `generation` or later. */
  async #obtain(generation: number): Promise<Hand> {
    for (;;) {
      const failed = this.#pausedBy()
      if (failed !== undefined && !this.#flight.isRunning) throw failed
      const hand = await this.#run()
      if (hand.generation >= generation) return hand
    }
  }

  /** Joins the run that is going on, or begins one, which outlives this request where the runtime lets it. */
  async #run(): Promise<Hand> {
    await this.#findCarrier()
    const run = this.#flight.run()
    this.#carry(run)
    return await run
  }

  /** In workerd without a carrier a run would end with this request: then it is awaited. */
  async #renewInBackground(): Promise<void> {
    if (this.#pausedBy() !== undefined || this.#flight.isRunning) return
    await this.#findCarrier()
    if (this.#flight.isRunning) return
    const run = this.#flight.run()
    if (!this.#carry(run) && isWorkerd()) await run.catch(ignore)
  }

  /** The last failure, while no request may begin after it. */
  #pausedBy(): ClientError | undefined {
    const failure = this.#failure
    const isPaused = failure !== undefined && this.#options.clock.age(failure.at) < failure.pauseSeconds
    return isPaused ? failure.error : undefined
  }

  async #findCarrier(): Promise<void> {
    if (this.#waitUntil === undefined && isWorkerd()) this.#waitUntil = await findWaitUntil()
  }

  /** Whether the runtime keeps the promise alive. Its rejection is handled in any case. */
  #carry(promise: Promise<unknown>): boolean {
    const settled = promise.catch(ignore)
    try {
      handleRejection(this.#waitUntil?.(settled))
      return this.#waitUntil !== undefined
    } catch {
      return false
    }
  }

  /** One run: the storage, else one request. */
  async #renew(): Promise<Hand> {
    const generation = this.#generation
    const before = this.hand
    const stored = await this.#readStored()
    if (stored !== undefined) return this.#adopt(stored, this.#momentOf(stored), generation, before)
    const obtainedAt = this.#options.clock.now()
    this.stats.requests += 1
    let granted: Granted
    try {
      granted = await withDeadline(() => this.#source.request(), this.#options.timeoutSeconds * 1000)
    } catch (error) {
      // A mistake in the options, found before a request was sent.
      if (error instanceof TypeError) throw error
      throw this.#note(error)
    }
    const hand = this.#adopt(granted, obtainedAt, generation, before)
    this.#store({ ...granted, obtainedAt: obtainedAt.wall })
    return hand
  }

  #note(error: unknown): ClientError {
    const failed = error instanceof ClientError ? error : new ClientError('endpoint_unreachable', null)
    const backOff = Math.min(2 ** this.#failuresInARow, LONGEST_PAUSE_SECONDS)
    this.#failuresInARow += 1
    this.stats.failures += 1
    const pauseSeconds = Math.max(backOff, this.#source.pauseAfter(failed))
    this.#failure = { at: this.#options.clock.now(), error: failed, pauseSeconds }
    return failed
  }

  #adopt(granted: Granted, obtainedAt: Moment, generation: number, before: Hand | undefined): Hand {
    const { token, scheme, lifeSeconds } = granted
    const { renewBeforeSeconds } = this.#options
    const wanted = renewBeforeSeconds ?? Math.min(RENEW_BEFORE_SECONDS, lifeSeconds / 10)
    const jittered = wanted * (1 + Math.random() * JITTER)
    // An endpoint that hands out one token until its end would be asked again and again.
    const renewAfter = token === before?.token ? lifeSeconds : Math.max(lifeSeconds - jittered, lifeSeconds / 2)
    const waitAfter = Math.max(renewAfter, lifeSeconds - WAIT_BEFORE_SECONDS)
    const isReplacement = generation > (before?.generation ?? generation)
    const hand = { token, scheme, lifeSeconds, obtainedAt, renewAfter, waitAfter, generation, isReplacement }
    this.#failure = undefined
    this.#failuresInARow = 0
    // A run that was given up may end after a later one: its token must not replace the later one's.
    const now = this.hand
    const isOutdated = now !== undefined && now !== before && now.generation >= generation
    if (!this.#isDisposed && !isOutdated) this.#hand = hand
    return hand
  }

  /** A stored token that is not due, not refused, and newer than the one in hand. */
  async #readStored(): Promise<Stored | undefined> {
    const read = this.#source.read
    if (read === undefined) return undefined
    const { timeoutSeconds, clock } = this.#options
    try {
      const stored = await withDeadline(read, Math.min(STORAGE_SECONDS, timeoutSeconds) * 1000)
      const hand = this.#hand
      if (stored === undefined || stored.token === this.#refused || stored.token === hand?.token) return undefined
      if (hand !== undefined && stored.obtainedAt < hand.obtainedAt.wall) return undefined
      const left = stored.lifeSeconds - clock.age(this.#momentOf(stored))
      return left > Math.min(RENEW_BEFORE_SECONDS, stored.lifeSeconds / 10) ? stored : undefined
    } catch {
      this.stats.storageFailures += 1
      return undefined
    }
  }

  #store(record: Stored): void {
    const write = this.#source.write
    if (write === undefined) return
    const counted = withDeadline(() => write(record), STORAGE_SECONDS * 1000).catch(() => {
      this.stats.storageFailures += 1
    })
    this.#carry(counted)
  }

  #momentOf({ obtainedAt }: Stored): Moment {
    const { monotonic, wall } = this.#options.clock.now()
    return { monotonic: monotonic - Math.max(0, wall - obtainedAt), wall: Math.min(wall, obtainedAt) }
  }

  #ageOf(hand: Hand): number {
    return this.#options.clock.age(hand.obtainedAt)
  }

  #refuseDisposed(): void {
    if (this.#isDisposed) throw new TypeError('this client must not be used any more: it is disposed of')
  }
}

function ignore(): void {}
