/**
 * The verifier: the core's, with keys and a clock around it.
 *
 * @module
 */

import * as bindings from './core/bindings.js'
import type { Handle, Limits } from './core/bindings.js'
import { fasterHost, hostOf } from './core/host.js'
import type { Host } from './core/host.js'
import { encode, members, plain } from './core/snapshot.js'
import type { Plain } from './core/snapshot.js'
import { isWellFormed } from './core/text.js'
import { refuse, UnavailableError } from './error.js'
import type { TokenError } from './error.js'
import { readKeys, readPublished } from './keys/static.js'
import type { StaticKey } from './keys/static.js'
import { markCounting, present } from './presentation.js'
import { refuseRevoked, requireStores, spendUse, takeStores } from './redeem.js'
import type { Requirements, Stores } from './redeem.js'
import type {
  ClaimsSet,
  Expected,
  Inspection,
  JwkSet,
  KeySource,
  Presented,
  Verified,
  VerifierOptions,
} from './types.js'

/** What comes of a token. */
type Outcome<Claims extends ClaimsSet> = Verified<Claims> | TokenError | UnavailableError

/**
 * Holds tokens to a policy, on the word of its keys, in this process: no network, no file, no promise.
 *
 * @example
 * ```js
 * import { profiles, Verifier } from 'countersign'
 *
 * const verifier = new Verifier({ profile: profiles.publiq({ environment: 'production', api: 'entry' }), keys })
 * const verified = verifier.tryVerify(token)
 * if (verified.ok) console.log(verified.claims.azp)
 * else console.log(verified.code)
 * ```
 */
export class Verifier<Claims extends ClaimsSet = ClaimsSet> {
  readonly #policy: Plain
  readonly #keys: readonly StaticKey[]
  readonly #sources: readonly KeySource[]
  readonly #grants: VerifierOptions['grants']
  readonly #stores: Stores
  readonly #requirements: Requirements
  readonly #clock: () => number
  readonly #limits: Limits
  readonly #host: Host | undefined
  /** The sets that the handle was built from, one for each source. */
  #sets: readonly (JwkSet | undefined)[] = []
  /** Whether a source has no set in hand. */
  #missing = false
  #handle: Handle | undefined
  /** The look at all sources that is going on. */
  #look: Promise<unknown> | undefined
  #disposed = false
  #verified = 0
  /** Of handles that are gone. */
  #hits = 0
  #refused = 0

  /** @throws {TypeError} When the options cannot mean anything: an unknown member, an unusable key, a contradictory policy. */
  constructor(options: VerifierOptions) {
    const found = members(options, 'options')
    const { fixed, sources } = readKeys(found.get('keys'))
    const clock = found.has('clock') ? found.get('clock') : systemClock
    const grants = found.get('grants')
    if (typeof clock !== 'function') throw new TypeError('clock must be a function')
    if (found.has('grants') && typeof grants !== 'function') throw new TypeError('grants must be a function')
    const host = hostFor(found.has('arithmetic') ? found.get('arithmetic') : 'auto')
    const limits = found.has('cache') ? limitsOf(found.get('cache')) : REMEMBERED
    const stores = takeStores(found)
    for (const name of ['keys', 'clock', 'grants', 'cache', 'arithmetic']) found.delete(name)
    this.#clock = clock as () => number
    this.#limits = limits
    this.#host = host
    this.#grants = grants as VerifierOptions['grants']
    this.#policy = plain(found, '')
    this.#keys = fixed
    this.#sources = sources
    this.#stores = stores
    const handle = bindings.build(this.#policy, fixed, limits, host)
    this.#requirements = bindings.requirements(handle)
    try {
      requireStores(this.#requirements, stores)
    } catch (error) {
      bindings.free(handle)
      throw error
    }
    this.#handle = handle
    present(this, this.#policy)
    if (stores.uses !== undefined || this.#requirements.singleUse) markCounting(this)
  }

  /**
   * Signature, time, claims, scope, bindings; nothing outside the process: of a KeySource, the set in hand.
   *
   * @throws {TokenError} When the token must not be accepted.
   * @throws {UnavailableError} When a source has no set in hand that might hold the key.
   * @throws {TypeError} When the call is wrong: a missing `bind` name, `now` in milliseconds.
   */
  verify(token: Presented, expected?: Expected): Verified<Claims> {
    const outcome = this.tryVerify(token, expected)
    if (outcome.ok) return outcome
    throw outcome
  }

  /**
   * As {@link Verifier.verify}, but a refusal is returned, not thrown.
   *
   * @throws {TypeError} When the call is wrong.
   */
  tryVerify(token: Presented, expected?: Expected): Outcome<Claims> {
    const { text, now } = this.#read(expected)
    return this.#check(token, text, now)
  }

  /**
   * {@link Verifier.tryVerify} over many tokens in few calls into the core, in order, all as of one moment.
   *
   * @throws {TypeError} When the call is wrong.
   */
  tryVerifyMany(tokens: readonly Presented[], expected?: Expected): Outcome<Claims>[] {
    const { text, now } = this.#read(expected)
    if (typeof tokens !== 'object' || tokens === null) throw new TypeError('tokens must be an array')
    const all: readonly Presented[] = Array.from(tokens)
    const outcomes: Outcome<Claims>[] = []
    do {
      const some = handful(all, outcomes.length)
      const found = bindings.checkMany(this.#live(), some.map(textOf), text, now)
      some.forEach((token, index) => {
        const outcome = found?.[index]
        outcomes.push(outcome === undefined ? this.#check(token, text, now) : this.#settle(token, outcome))
      })
    } while (outcomes.length < all.length)
    return outcomes
  }

  /**
   * verify(), after looking for keys again where none are in hand or none fits; then `revocation`, then `grants`. It spends
   * and remembers nothing.
   *
   * @throws {TokenError} When the token must not be accepted; `token_revoked`; `grant_missing` when `grants` does not say true.
   * @throws {UnavailableError} When no keys can be had, or `revocation` or `grants` fails.
   * @throws {TypeError} When the call is wrong.
   */
  async verifyAsync(token: Presented, expected?: Expected): Promise<Verified<Claims>> {
    let outcome = this.tryVerify(token, expected)
    if (!outcome.ok && this.#sources.length > 0 && KEYS_MAY_HELP.has(outcome.code)) {
      const cause = await this.#lookAgain()
      outcome = this.tryVerify(token, expected)
      if (!outcome.ok && cause !== undefined && outcome.code === 'keys_unavailable') {
        throw new UnavailableError('keys_unavailable', { cause })
      }
    }
    if (!outcome.ok) throw outcome
    await refuseRevoked(outcome, this.#stores.revocation)
    if (this.#grants !== undefined && (await this.#granted(outcome, expected ?? {})) !== true) {
      throw refuse({ code: 'grant_missing' })
    }
    return outcome
  }

  /**
   * verifyAsync(), and then one use spent: under `singleUse` its only one, otherwise one of `uses.limit`. A token without a
   * limit, under a policy without one, is not counted.
   *
   * The use is spent before the caller's work is done, and stays spent if that fails. A refused token spends nothing.
   *
   * @throws {TokenError} When the token must not be accepted; `token_replayed`, `uses_exhausted`.
   * @throws {UnavailableError} When keys or a store are out of reach: then at most one use is lost. Also for a token with
   *   limited uses where the verifier has no counter.
   * @throws {TypeError} When the call is wrong.
   */
  async redeem(token: Presented, expected?: Expected): Promise<Verified<Claims>> {
    const verified = await this.verifyAsync(token, expected)
    return spendUse(verified, this.#requirements, this.#stores)
  }

  /**
   * Every check with its outcome, in order, for people: nothing stops at the first refusal. Never throws for a token.
   *
   * @throws {TypeError} When the call is wrong.
   */
  inspect(token: Presented, expected?: Expected): Inspection {
    const { text, now } = this.#read(expected)
    return bindings.report(this.#live(), token, text, now)
  }

  /** How many tokens were verified and refused, how many of the verified were remembered, and how many are; for metrics. */
  get stats(): { readonly verified: number; readonly refused: number; readonly cacheHits: number; readonly cacheEntries: number } {
    const handle = this.#handle
    const cacheEntries = handle !== undefined && bindings.isLive(handle) ? bindings.entries(handle) : 0
    return { verified: this.#verified, refused: this.#refused, cacheHits: this.#hits + (handle?.hits ?? 0), cacheEntries }
  }

  /** Frees the memory in the core at once; otherwise it goes with the object. */
  [Symbol.dispose](): void {
    this.#free()
    this.#disposed = true
  }

  #check(token: Presented, expected: string, now: number): Outcome<Claims> {
    return this.#settle(token, bindings.check(this.#live(), textOf(token), expected, now))
  }

  /** Counts what was found of a token. */
  #settle(token: Presented, found: Verified | TokenError): Outcome<Claims> {
    // What is neither text nor absent is no token, and is never converted to one.
    const isAbsent = token === null || token === undefined || typeof token === 'string'
    const outcome = isAbsent ? found : refuse({ code: 'token_malformed' })
    if (outcome.ok) {
      this.#verified += 1
      return outcome as Verified<Claims>
    }
    this.#refused += 1
    return this.#missing && KEYS_MAY_HELP.has(outcome.code) ? new UnavailableError('keys_unavailable') : outcome
  }

  /** The verifier in the live instance, with the sets in hand: a new one where either has changed. */
  #live(): Handle {
    const sets = this.#sources.length === 0 ? this.#sets : this.#inHand()
    // A source is the caller's code, and may have disposed of this verifier.
    if (this.#disposed) throw new TypeError(DISPOSED)
    const handle = this.#handle
    if (handle !== undefined && sets === this.#sets && bindings.isLive(handle)) return handle
    this.#free()
    const published = sets.map(readSet).filter((key) => key !== undefined)
    const built = bindings.build(this.#policy, [...this.#keys, ...published], this.#limits, this.#host)
    this.#handle = built
    this.#missing = published.length < sets.length
    this.#sets = sets
    return built
  }

  /** The sets of the sources: the same array while none has changed. */
  #inHand(): readonly (JwkSet | undefined)[] {
    const sets = this.#sources.map((source) => source.current())
    const same = sets.length === this.#sets.length && sets.every((set, index) => set === this.#sets[index])
    return same ? this.#sets : sets
  }

  #free(): void {
    const handle = this.#handle
    if (handle === undefined) return
    this.#hits += handle.hits
    this.#handle = undefined
    bindings.free(handle)
  }

  /** Asks every source again, once for all who wait; returns why one of them failed, if one did. */
  #lookAgain(): Promise<unknown> {
    this.#look ??= Promise.allSettled(this.#sources.map((source) => source.refresh()))
      .then((looks) => looks.find((look) => look.status === 'rejected')?.reason)
      .finally(() => {
        this.#look = undefined
      })
    return this.#look
  }

  async #granted(verified: Verified, expected: Expected): Promise<unknown> {
    try {
      return await this.#grants?.(verified, expected)
    } catch (cause) {
      throw new UnavailableError('store_unavailable', { cause })
    }
  }

  #read(expected: Expected | undefined): { text: string; now: number } {
    if (expected === undefined) return { text: '', now: moment(this.#clock()) }
    const found = members(expected, 'expected')
    const now = moment(found.has('now') ? found.get('now') : this.#clock())
    found.delete('now')
    return { text: found.size === 0 ? '' : encode(expectations(found)), now }
  }
}

/** Nothing, for what is no text. */
function textOf(token: Presented): string {
  return typeof token === 'string' ? token : ''
}

/** As many of the tokens from `start` on as are verified in one call. */
function handful(tokens: readonly Presented[], start: number): readonly Presented[] {
  const last = start + bindings.most()
  let end = start
  for (let room = MOST_CHARACTERS; end < last && end < tokens.length && room > 0; end += 1) {
    room -= textOf(tokens[end]).length
  }
  return tokens.slice(start, end)
}

/** The core keeps room for what it was given once. */
const MOST_CHARACTERS = 65_536

const DISPOSED = 'this verifier must not be used any more: it is disposed of'

/** Seconds, as far as their type goes. Converted, an object could run code of its own between two steps of one call. */
function moment(now: unknown): number {
  if (typeof now !== 'number') throw new TypeError('now must be a number of seconds')
  return now
}

function hostFor(arithmetic: unknown): Host | undefined {
  if (arithmetic === 'wasm') return undefined
  if (arithmetic === 'auto') return fasterHost()
  const host = arithmetic === 'host' ? hostOf() : undefined
  if (host === undefined) {
    throw new TypeError('arithmetic must be "auto", "wasm" or, where the runtime has node:crypto, "host"')
  }
  return host
}

/** What is remembered unless the options say otherwise. */
const REMEMBERED: Limits = { entries: 1000, bytes: 4 * 1024 * 1024 }

const MOST_REMEMBERED: Limits = { entries: 1_000_000, bytes: 1024 * 1024 * 1024 }

function limitsOf(cache: unknown): Limits {
  if (cache === false) return { entries: 0, bytes: 0 }
  const found = members(cache, 'cache', 'false or { entries, bytes }')
  const limit = (name: keyof Limits): number => {
    if (!found.has(name)) return REMEMBERED[name]
    const value = found.get(name)
    found.delete(name)
    if (Number.isInteger(value) && Number(value) >= 1 && Number(value) <= MOST_REMEMBERED[name]) return Number(value)
    throw new TypeError(`cache.${name} must be an integer from 1 to ${MOST_REMEMBERED[name]}`)
  }
  const limits = { entries: limit('entries'), bytes: limit('bytes') }
  for (const name of found.keys()) throw new TypeError(`cache.${name} must be left out: there is no such option`)
  return limits
}

/** Refusals that another look at the sources may turn. */
const KEYS_MAY_HELP: ReadonlySet<string> = new Set(['keys_unavailable', 'key_not_found', 'alg_not_allowed'])

/** The keys of a published set. What is no JWK Set is as good as none in hand. */
function readSet(set: JwkSet | undefined): StaticKey | undefined {
  try {
    const key = set === undefined ? undefined : readPublished(set)
    return key !== undefined && bindings.isUsable(key) ? key : undefined
  } catch (error) {
    if (error instanceof TypeError) return undefined
    throw error
  }
}

function systemClock(): number {
  return Date.now() / 1000
}

/** A request may hold anything where an id should stand; what is no id is the same as none. */
function expectations(found: Map<string, unknown>): Plain {
  const bind = found.get('bind')
  if (bind === undefined) return plain(found, 'expected')
  found.delete('bind')
  const ids: { [name: string]: Plain } = Object.create(null)
  for (const [name, id] of members(bind, 'expected.bind')) ids[name] = isId(id) ? id : null
  return Object.assign(Object.create(null), plain(found, 'expected'), { bind: ids })
}

function isId(id: unknown): id is string | number {
  return typeof id === 'string' ? id.length <= LONGEST_ID && isWellFormed(id) : Number.isSafeInteger(id)
}

/** No token that is read by default could hold a longer one; what is written to the core, it keeps room for. */
const LONGEST_ID = 16_384
