/**
 * Keys that an issuer publishes at a URL: fetched when needed, kept while the issuer is unreachable.
 *
 * @module
 */

import { UnavailableError } from '../error.js'
import type { JwkSet, RemoteKeys, RemoteKeysOptions, RemoteKeysStats } from '../types.js'
import { isWorkerd, SingleFlight, withDeadline } from '../wait.js'
import { readUrl } from './address.js'
import { canCarry, carry, seekWaitUntil } from './background.js'
import type { Download } from './download.js'
import { DownloadError, download } from './download.js'
import type { Published } from './published.js'
import { readDocument } from './published.js'
import type { RemoteSettings } from './settings.js'
import { readSettings } from './settings.js'

/**
 * A source of the keys at `url`: a JWK Set, or an object of `kid` to PEM certificate as Google publishes it.
 *
 * Nothing is fetched before the first use, and nothing is scheduled: looks begin with calls. Two sources of one URL are
 * two caches: share the object.
 *
 * @param url An https URL; http is for loopback alone.
 * @throws {TypeError} For another URL, and for options that cannot mean anything.
 */
export function remoteKeys(url: string | URL, options: RemoteKeysOptions = {}): RemoteKeys {
  const { href } = readUrl(url, 'url')
  const locator: Locator = { name: href, steps: 1, locate: async () => href }
  return new RemoteSource(locator, readSettings(options))
}

/** Where a set is. */
export interface Locator {
  /** What the source is called in its storage. */
  readonly name: string
  /** How many times `timeoutSeconds` one look may take. */
  readonly steps: 1 | 2
  /**
   * The URL of the set.
   *
   * @param failures How many looks have failed since the last that did not.
   */
  locate(settings: RemoteSettings, failures: number): Promise<string>
}

/** The last good answer, on both clocks, in milliseconds. */
interface Answered {
  readonly monotonic: number
  readonly wall: number
}

/** One look's answer. */
interface Look {
  readonly startedAt: number
  readonly url: string
  readonly answer: Download
}

/** Milliseconds between looks while there is no set: 1, 2, 4, 8, 16 seconds, then the whole cooldown. */
const FIRST_BACKOFF_MS = 1000

/** A refresh begins this much before `maxAgeSeconds` at most, at random: not all processes at one moment. */
const JITTER = 0.1

/** How many of the keys that are not usable are named. */
const MOST_SKIPPED = 10

/** How far in the future the record of another machine may be, in milliseconds. */
const CLOCK_SKEW_MS = 60_000

/** The source behind {@link remoteKeys} and `discoverKeys`. */
export class RemoteSource implements RemoteKeys {
  declare readonly issuer?: string | readonly string[]
  declare readonly use?: string
  readonly #locator: Locator
  readonly #settings: RemoteSettings
  readonly #looking: SingleFlight<void>
  readonly #restoring: SingleFlight<void>
  #published: Published | undefined
  #body = ''
  #etag: { readonly url: string; readonly value: string } | undefined
  #answered: Answered | undefined
  /** The age until which the set is fresh, in milliseconds. */
  #freshMs = 0
  /** When the look began whose answer is in hand. */
  #adopted = -Infinity
  /** The moment from which the next look may begin. */
  #nextLook = -Infinity
  /** Why the last look failed; `undefined` if it did not. */
  #failure: Error | undefined
  #failuresInARow = 0
  #isRestored = false
  /** The set in hand is not in the storage yet. */
  #isUnwritten = false
  #writtenAt = -Infinity
  #looks = 0
  #failures = 0
  #storageFailures = 0

  constructor(locator: Locator, settings: RemoteSettings) {
    this.#locator = locator
    this.#settings = settings
    this.#isRestored = settings.storage === undefined
    if (settings.issuer !== undefined) this.issuer = settings.issuer
    if (settings.use !== undefined) this.use = settings.use
    // Each has a deadline of its own, which records the failure. This one ends what outlives it.
    this.#looking = new SingleFlight(() => this.#look(), settings.timeoutSeconds * locator.steps + 0.5)
    this.#restoring = new SingleFlight(() => this.#restore(), settings.timeoutSeconds + 0.5)
  }

  /** The set in hand while it is fresh or stale; when it is not fresh, begins a look in the background. */
  current(): JwkSet | undefined {
    const age = this.#age()
    if (age <= this.#freshMs) return this.#published?.set
    this.#begin()
    return age <= this.#servedMs ? this.#published?.set : undefined
  }

  /**
   * Joins the look that is going on, or begins one if the cooldown allows it.
   *
   * @returns The set in hand.
   * @throws {UnavailableError} If the last look failed, or no set is in hand; `cause` says why.
   */
  async refresh(): Promise<JwkSet> {
    await seekWaitUntil()
    if (!this.#isRestored) {
      await this.#restoring.run().catch(() => {})
      // Whatever became of it: a storage that hangs is not read twice.
      this.#isRestored = true
      if (this.#age() <= this.#servedMs) return this.#inHand()
    }
    if (this.#looking.isRunning || this.#mayLook) {
      await this.#looking.run().catch(() => {})
      await this.#write()
    }
    return this.#inHand()
  }

  /** Resolves when a set is in hand. For start-up and readiness probes. */
  async ready(): Promise<void> {
    if (this.#age() > this.#servedMs) await this.refresh()
  }

  get stats(): RemoteKeysStats {
    const { set, skipped = [] } = this.#published ?? {}
    return {
      state: this.#state(),
      looks: this.#looks,
      failures: this.#failures,
      storageFailures: this.#storageFailures,
      lastSuccess: this.#answered === undefined ? null : this.#answered.wall / 1000,
      keys: set?.keys.length ?? 0,
      skipped: skipped.length,
      skippedKeys: skipped.slice(0, MOST_SKIPPED).map((key) => ({ ...key })),
    }
  }

  /** Why the last look failed; `undefined` if it did not. */
  get failure(): Error | undefined {
    return this.#failure
  }

  /**
   * In workerd without a way to carry background work: the look that a stale set needs, for the request to wait for
   * after its verdict. It does not reject.
   */
  refreshBehind(): Promise<unknown> | undefined {
    if (!isWorkerd() || canCarry(this.#settings.waitUntil) || this.#state() !== 'stale' || !this.#isDue)
      return undefined
    return this.refresh().catch(() => {})
  }

  #state(): RemoteKeysStats['state'] {
    const age = this.#age()
    if (this.#answered === undefined) return 'empty'
    return age <= this.#freshMs ? 'fresh' : age <= this.#servedMs ? 'stale' : 'dead'
  }

  /** Milliseconds since the last good answer, on the clock that says more; `Infinity` without one. */
  #age(): number {
    const answered = this.#answered
    if (answered === undefined) return Infinity
    return Math.max(performance.now() - answered.monotonic, this.#settings.now() - answered.wall)
  }

  get #servedMs(): number {
    return (this.#settings.maxAgeSeconds + this.#settings.staleSeconds) * 1000
  }

  get #mayLook(): boolean {
    return performance.now() >= this.#nextLook
  }

  /** Whether a refresh would begin something. */
  get #isDue(): boolean {
    return !this.#isRestored || (this.#mayLook && !this.#looking.isRunning)
  }

  #begin(): void {
    const { waitUntil } = this.#settings
    if (this.#isDue && !this.#restoring.isRunning && canCarry(waitUntil))
      carry(
        this.refresh().catch(() => {}),
        waitUntil,
      )
  }

  #inHand(): JwkSet {
    const set = this.#age() <= this.#servedMs ? this.#published?.set : undefined
    if (set !== undefined && this.#failure === undefined) return set
    throw new UnavailableError('keys_unavailable', this.#failure === undefined ? {} : { cause: this.#failure })
  }

  async #look(): Promise<void> {
    const startedAt = performance.now()
    const { timeoutSeconds, cooldownSeconds } = this.#settings
    const cooldownMs = cooldownSeconds * 1000
    this.#looks += 1
    // Should the runtime stop this look, the next one does not wait for the whole cooldown while there is no set.
    this.#nextLook = startedAt + (this.#published === undefined ? Math.min(FIRST_BACKOFF_MS, cooldownMs) : cooldownMs)
    try {
      const url = await this.#locator.locate(this.#settings, this.#failuresInARow)
      const answer = await withDeadline((signal) => this.#fetch(url, signal), timeoutSeconds * 1000)
      this.#adopt({ startedAt, url, answer })
    } catch (error) {
      this.#fail(startedAt, error instanceof Error ? error : new Error('the look failed', { cause: error }))
    }
  }

  #fetch(url: string, signal: AbortSignal): Promise<Download> {
    const { fetch, maxBytes } = this.#settings
    const etag = this.#published !== undefined && this.#etag?.url === url ? this.#etag.value : undefined
    return download(url, fetch, { maxBytes, signal }, etag)
  }

  /** Takes an answer, unless that of a later look is in hand. */
  #adopt({ startedAt, url, answer }: Look): void {
    if (startedAt < this.#adopted) return
    if (answer.status === 200) this.#take(answer.body)
    this.#adopted = startedAt
    if (answer.status === 200) this.#etag = answer.etag === undefined ? undefined : { url, value: answer.etag }
    this.#answeredAt(0)
    this.#nextLook = startedAt + this.#settings.cooldownSeconds * 1000
    this.#failure = undefined
    this.#failuresInARow = 0
    const isOld = performance.now() - this.#writtenAt >= (this.#settings.maxAgeSeconds * 1000) / 2
    if (isOld && this.#settings.storage !== undefined) this.#isUnwritten = true
  }

  /**
   * Takes a document. The set in hand stays the same object if its usable keys do.
   *
   * @throws {TypeError} If it holds no usable key: the set in hand stays.
   */
  #take(body: string): void {
    if (this.#published !== undefined && body === this.#body) return
    const published = readDocument(body, this.#settings.use)
    this.#body = body
    if (this.#published?.identity === published.identity) {
      this.#published = { ...published, set: this.#published.set }
      return
    }
    this.#published = published
    this.#writtenAt = -Infinity
  }

  /** @param age Of the answer, in milliseconds. */
  #answeredAt(age: number): void {
    this.#answered = { monotonic: performance.now() - age, wall: this.#settings.now() - age }
    this.#freshMs = this.#settings.maxAgeSeconds * 1000 * (1 - JITTER * Math.random())
  }

  #fail(startedAt: number, error: Error): void {
    this.#failures += 1
    this.#failuresInARow += 1
    if (startedAt >= this.#adopted) this.#failure = error
    // A conditional request may be what failed: across origins, browsers ask first whether its header is allowed.
    this.#etag = undefined
    const cooldownMs = this.#settings.cooldownSeconds * 1000
    const backoffMs =
      this.#published === undefined ? FIRST_BACKOFF_MS * 2 ** Math.min(this.#failuresInARow - 1, 10) : cooldownMs
    const asked = error instanceof DownloadError ? error.retryAfterMs : 0
    this.#nextLook = Math.max(startedAt + Math.min(backoffMs, cooldownMs), asked === 0 ? 0 : performance.now() + asked)
  }

  async #restore(): Promise<void> {
    const { storage, timeoutSeconds, maxBytes } = this.#settings
    try {
      const text = await withDeadline(() => storage?.read(), timeoutSeconds * 1000)
      // JSON writes an octet of a document in six characters at most.
      if (typeof text === 'string' && text.length <= 6 * maxBytes + 4096) this.#takeRecord(JSON.parse(text))
    } catch {
      this.#storageFailures += 1
    }
  }

  /**
   * @throws {TypeError} For what {@link #write} does not write. A record of another source, or a dead one, is
   * ignored.
   */
  #takeRecord(record: unknown): void {
    if (typeof record !== 'object' || record === null) throw new TypeError('the record must be an object')
    const { url, at, etag, body } = record as Record<string, unknown>
    if (url !== this.#locator.name || typeof at !== 'number' || typeof body !== 'string') return
    const age = this.#settings.now() - at * 1000
    if (!(age >= -CLOCK_SKEW_MS && age <= this.#servedMs) || this.#published !== undefined) return
    this.#take(body)
    if (typeof etag === 'string' && /^[\x21-\x7e]+$/.test(etag)) this.#etag = { url, value: etag }
    this.#answeredAt(Math.max(0, age))
    this.#writtenAt = performance.now()
  }

  /** Writes what is in hand, at most once per change and half `maxAgeSeconds`. A failure is counted. */
  async #write(): Promise<void> {
    const { storage, timeoutSeconds, waitUntil } = this.#settings
    const answered = this.#answered
    if (!this.#isUnwritten || storage === undefined || answered === undefined) return
    this.#isUnwritten = false
    this.#writtenAt = performance.now()
    const etag = this.#etag?.value ?? null
    const text = JSON.stringify({ url: this.#locator.name, at: answered.wall / 1000, etag, body: this.#body })
    const writing = withDeadline(() => storage.write(text), timeoutSeconds * 1000).catch(() => {
      this.#storageFailures += 1
    })
    if (canCarry(waitUntil)) carry(writing, waitUntil)
    else await writing
  }
}
