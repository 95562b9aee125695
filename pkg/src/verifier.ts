/**
 * Verifier of tokens: the core's, with key sources, a clock and grants.
 *
 * Over 400 lines: one class, with its private state and its type.
 *
 * @module
 */

import type { Handle, Limits } from './core/bindings.js'
import * as bindings from './core/bindings.js'
import { readClock } from './core/callback.js'
import { missingOption, unknownOption } from './core/mistake.js'
import type { Host } from './core/node-crypto.js'
import { fasterHost, hostOf } from './core/node-crypto.js'
import type { Plain } from './core/options.js'
import { members, plain } from './core/options.js'
import { refusalOf, refuse, type TokenError, UnavailableError } from './error.js'
import type { Expectation } from './expected.js'
import { readExpected } from './expected.js'
import type { StaticKey } from './keys/read.js'
import { readKeys } from './keys/read.js'
import { SourceInUse } from './keys/source-in-use.js'
import type { Requirements, Stores, Use } from './redeem.js'
import { recordProof, refuseRevoked, requireStores, spendUse, takeStores, useOf } from './redeem.js'
import type {
  ClaimRule,
  ClaimsSet,
  Disposes,
  Expected,
  Inspection,
  PolicyClaims,
  Presented,
  ProfileOptions,
  Verdict,
  Verified,
  VerifierOptions,
} from './types.js'
import { decideFor, isComplete, markCounting, present } from './verifier-facts.js'

/** With `[Symbol.dispose]`, where the `lib` of TypeScript has it. */
// biome-ignore lint/correctness/noUnusedVariables: merged declarations have the same type parameters
interface PolicyVerifier<Claims extends object = ClaimsSet> extends Disposes {}

/** What {@link VerifierConstructor} makes. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the class has the member of the interface
class PolicyVerifier<Claims extends object = ClaimsSet> {
  static readonly name = 'Verifier'
  readonly #policy: Plain
  readonly #keys: readonly StaticKey[]
  readonly #sources: readonly SourceInUse[]
  readonly #grants: VerifierOptions['grants']
  readonly #stores: Stores
  readonly #requirements: Requirements
  readonly #clock: () => number
  readonly #limits: Limits
  readonly #host: Host | undefined
  /** The entries of the sources that the handle was built from. */
  #published: readonly StaticKey[]
  #handle: Handle | undefined
  #disposed = false
  #verified = 0
  #refused = 0
  /** Cache hits of handles that are freed. */
  #hits = 0

  /**
   * @param options A policy or a profile, with keys; or a profile alone whose keys follow from its options.
   * @throws {TypeError} When the options cannot mean anything: an unknown member, an unusable key, a contradictory
   * policy.
   */
  constructor(options: object) {
    const found = members(isComplete(options) ? { profile: options } : options, 'options')
    if (found.has('carriers') || found.has('refusal')) throw new TypeError(COPIED_PROFILE)
    const published = found.has('keys') ? undefined : keysOf(found)
    if (published !== undefined) found.set('keys', published)
    if (!found.has('keys')) throw missingOption('keys', 'a key, a KeySource or an array of them', found.keys())
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
    this.#sources = sources.map((source) => new SourceInUse(source))
    this.#published = this.#sources.map(({ empty }) => empty)
    this.#stores = stores
    const handle = bindings.build(this.#policy, [...fixed, ...this.#published], limits, host)
    this.#requirements = bindings.requirements(handle)
    try {
      requireStores(this.#requirements, stores)
    } catch (error) {
      bindings.free(handle)
      throw error
    }
    this.#handle = handle
    present(this, this.#policy)
    decideFor(this, (token, expected, spends) => this.#decide(token, expected, { spends }), {
      verifyAsync: PolicyVerifier.prototype.verifyAsync,
      redeem: PolicyVerifier.prototype.redeem,
    })
    if (stores.uses !== undefined || this.#requirements.singleUse) markCounting(this)
  }

  /**
   * Signature, time, claims, scope, bindings; nothing outside the process: of a KeySource, the set in hand.
   *
   * @throws {TokenError} When the token must not be accepted.
   * @throws {UnavailableError} When a source that might hold the key has no set in hand, or could not fetch it last
   *   time.
   * @throws {TypeError} When the call is wrong: a missing `bind` name, `now` in milliseconds.
   */
  verify(token: Presented, expected?: Expected): Verified<Claims> {
    return accept(this.tryVerify(token, expected))
  }

  /**
   * As {@link Verifier.verify}, but a refusal is returned, not thrown.
   *
   * @throws {TypeError} When the call is wrong.
   */
  tryVerify(token: Presented, expected?: Expected): Verdict<Claims> {
    const call = readExpected(expected)
    return this.#count(this.#verdict(token, this.#check(token, call)))
  }

  /**
   * {@link Verifier.tryVerify} over many tokens in few calls into the core, in order, all as of one moment.
   *
   * @throws {TypeError} When the call is wrong.
   */
  tryVerifyMany(tokens: readonly Presented[], expected?: Expected): Verdict<Claims>[] {
    const call = readExpected(expected)
    const { text } = call
    const now = this.#moment(call)
    if (typeof tokens !== 'object' || tokens === null) throw new TypeError('tokens must be an array')
    const all: readonly Presented[] = Array.from(tokens)
    const outcomes: Verdict<Claims>[] = []
    do {
      const some = handful(all, outcomes.length)
      const found = bindings.checkMany(this.#live(), some.map(textOf), text, now)
      some.forEach((token, index) => {
        const outcome = found?.[index]
        const checked: Verdict<Claims> =
          outcome === undefined ? this.#check(token, { ...call, now }) : ofText(token, outcome)
        outcomes.push(this.#count(this.#verdict(token, checked)))
      })
    } while (outcomes.length < all.length)
    return outcomes
  }

  /**
   * verify(), after waiting for sources that might hold the key, where no key in hand verifies the token; then
   * `revocation`, then `grants`. It spends and remembers nothing.
   *
   * A source is waited for if it has no set in hand, if the `kid` is not in its set, or if the token has no `kid` and
   * no key verifies it. The first source that brings the key ends the wait.
   *
   * @throws {TokenError} When the token must not be accepted; `token_revoked`; `grant_missing` when `grants` does not resolve to true.
   * @throws {UnavailableError} When no verdict can be reached, for want of keys or because `revocation` or `grants`
   * fails.
   * @throws {TypeError} When the call is wrong.
   */
  async verifyAsync(token: Presented, expected?: Expected): Promise<Verified<Claims>> {
    return accept(await this.#decide(token, expected, { spends: false }))
  }

  /**
   * verifyAsync(), and then one use spent: under `singleUse` its only one, otherwise one of `uses.limit`. A token without a
   * limit, under a policy without one, is not counted.
   *
   * The use is spent before the caller's work is done, and stays spent if that fails. A refused token spends nothing.
   * `expected.now` has no effect on a store, which keeps an entry by its own clock for 300 s beyond the token at least.
   *
   * @throws {TokenError} When the token must not be accepted; `token_replayed`, `uses_exhausted`.
   * @throws {UnavailableError} When keys or a store are out of reach: then at most one use is lost. Also for a token with
   *   limited uses where the verifier has no counter.
   * @throws {TypeError} When the call is wrong.
   */
  async redeem(token: Presented, expected?: Expected): Promise<Verified<Claims>> {
    return accept(await this.#decide(token, expected, { spends: true }))
  }

  /**
   * Every check with its outcome, in order, for people: nothing stops at the first refusal. Never throws for a token.
   *
   * @throws {TypeError} When the call is wrong.
   */
  inspect(token: Presented, expected?: Expected): Inspection {
    const call = readExpected(expected)
    return bindings.report(this.#live(), token, call.text, this.#moment(call))
  }

  /**
   * For metrics: tokens verified and refused (each once, with the final outcome), verifications that the cache
   * answered, and its entries.
   */
  get stats(): {
    /** Tokens that were accepted. */
    readonly verified: number
    /** Tokens that were refused. */
    readonly refused: number
    /** Verifications that the cache answered. */
    readonly cacheHits: number
    /** Tokens in the cache. */
    readonly cacheEntries: number
  } {
    const handle = this.#handle
    const cacheEntries = handle !== undefined && bindings.isLive(handle) ? bindings.entries(handle) : 0
    const cacheHits = this.#hits + (handle?.hits ?? 0)
    return { verified: this.#verified, refused: this.#refused, cacheHits, cacheEntries }
  }

  /**
   * Frees the memory in the core at once; otherwise it is freed with the object. Declared by {@link Disposes}.
   *
   * @internal
   */
  [Symbol.dispose](): void {
    this.#free()
    this.#disposed = true
  }

  /**
   * The steps of {@link Verifier.verifyAsync}, and then one use spent if `spends` says so. It is a promise only where
   * something outside the process has a say in the verdict.
   */
  #decide(
    token: Presented,
    expected: Expected | undefined,
    { spends }: { spends: boolean },
  ): Verdict<Claims> | Promise<Verdict<Claims>> {
    const call = readExpected(expected)
    const outcome = this.#check(token, call)
    return this.#isFinal(token, call, outcome, spends)
      ? this.#finish(outcome)
      : this.#conclude(token, call, outcome, spends)
  }

  /** Whether no key source, store or grant has a say in `outcome`. */
  #isFinal(token: Presented, call: Expectation, outcome: Verdict<Claims>, spends: boolean): boolean {
    if (!outcome.ok) return this.#mightHold(token, outcome).length === 0
    const { revocation, replay } = this.#stores
    if (revocation !== undefined || this.#grants !== undefined) return false
    if (call.proof !== undefined && replay !== undefined) return false
    return !spends || useOf(untyped(outcome), this.#requirements) === undefined
  }

  /** The steps that wait. A step that refuses the token is the last one. */
  async #conclude(
    token: Presented,
    call: Expectation,
    first: Verdict<Claims>,
    spends: boolean,
  ): Promise<Verdict<Claims>> {
    let outcome = first.ok ? first : await this.#checkAgain(token, call, first)
    // Read before the caller's own steps see the result: they cannot change what is spent.
    const use = spends && outcome.ok ? useOf(untyped(outcome), this.#requirements) : undefined
    if (outcome.ok) outcome = await outcomeOf(refuseRevoked(untyped(outcome), this.#stores.revocation), outcome)
    if (outcome.ok && this.#grants !== undefined) outcome = await this.#granted(outcome, call)
    if (outcome.ok && call.proof !== undefined) outcome = await outcomeOf(this.#recordProof(call), outcome)
    if (outcome.ok && use !== undefined) outcome = await outcomeOf(this.#spend(outcome, use))
    return this.#finish(outcome)
  }

  /** Counts the verdict, after the refreshes that must not outlive this call. */
  #finish(outcome: Verdict<Claims>): Verdict<Claims> | Promise<Verdict<Claims>> {
    const refreshes: Promise<unknown>[] = []
    for (const source of this.#sources) {
      const refresh = source.refreshBehind()
      if (refresh !== undefined) refreshes.push(refresh)
    }
    if (refreshes.length === 0) return this.#count(outcome)
    return Promise.all(refreshes).then(() => this.#count(outcome))
  }

  /** `verified` with the uses left after this one. */
  async #spend(verified: Verified<Claims>, use: Use): Promise<Verified<Claims>> {
    return { ...verified, uses: await spendUse(use, this.#requirements, this.#stores) }
  }

  /** The core's verdict, with the keys in hand. */
  #check(token: Presented, call: Expectation): Verdict<Claims> {
    const handle = this.#live()
    return ofText(token, bindings.check(handle, textOf(token), call.text, this.#moment(call)))
  }

  /** {@link #check} again, as long as a source that is waited for might bring the key. */
  async #checkAgain(token: Presented, call: Expectation, first: Verdict<Claims>): Promise<Verdict<Claims>> {
    let outcome = first
    const waiting = new Set<Promise<void>>()
    for (const source of this.#mightHold(token, outcome)) {
      const refresh: Promise<void> = source.refresh().finally(() => waiting.delete(refresh))
      waiting.add(refresh)
    }
    while (waiting.size > 0 && this.#mightHold(token, outcome).length > 0) {
      await Promise.race(waiting)
      outcome = this.#check(token, call)
    }
    return this.#verdict(token, outcome)
  }

  /** The sources that might hold the key that `outcome` lacks. */
  #mightHold(token: Presented, outcome: Verdict<Claims>): readonly SourceInUse[] {
    if (outcome.ok || this.#sources.length === 0 || !KEY_MAY_BE_ELSEWHERE.has(outcome.code)) return []
    const handle = this.#handle
    if (handle === undefined || !bindings.isLive(handle)) return this.#sources
    const lacking = new Set(bindings.lacking(handle, textOf(token)))
    return this.#sources.filter((_, index) => lacking.has(this.#keys.length + index))
  }

  /** `outcome`, or that there is no verdict: a source that might hold the key has no set, or could not fetch it. */
  #verdict(token: Presented, outcome: Verdict<Claims>): Verdict<Claims> {
    if (outcome.ok || this.#sources.length === 0) return outcome
    const blind = this.#mightHold(token, outcome).filter((source) => source.isBlind)
    if (blind.length === 0) return outcome
    const cause = blind.map((source) => source.cause).find((reason) => reason !== undefined)
    return new UnavailableError('keys_unavailable', cause === undefined ? {} : { cause })
  }

  #count(outcome: Verdict<Claims>): Verdict<Claims> {
    if (outcome.ok) this.#verified += 1
    else this.#refused += 1
    return outcome
  }

  /** The verifier in the live instance, with the keys in hand: built again where they have changed. */
  #live(): Handle {
    const published = this.#sources.length === 0 ? this.#published : this.#inHand()
    // A source is the caller's code, and may have disposed of this verifier.
    if (this.#disposed) throw new TypeError(DISPOSED)
    const handle = this.#handle
    if (handle !== undefined && published === this.#published && bindings.isLive(handle)) return handle
    this.#free()
    const built = bindings.build(this.#policy, [...this.#keys, ...published], this.#limits, this.#host)
    this.#handle = built
    this.#published = published
    return built
  }

  /** The entries of the sources, one for each: the same array while their keys are equal. */
  #inHand(): readonly StaticKey[] {
    const entries = this.#sources.map((source) => source.current() ?? source.empty)
    const before = this.#published
    return entries.every((entry, index) => entry === before[index]) ? before : entries
  }

  #free(): void {
    const handle = this.#handle
    if (handle === undefined) return
    this.#hits += handle.hits
    this.#handle = undefined
    bindings.free(handle)
  }

  /** `verified`, unless `grants` refuses it or fails. */
  async #granted(verified: Verified<Claims>, { text, now }: Expectation): Promise<Verdict<Claims>> {
    const copy: Expected = text === '' ? {} : JSON.parse(text)
    if (now !== undefined) copy.now = now
    try {
      const isGranted = await this.#grants?.(untyped(verified), copy)
      return isGranted === true ? verified : refuse({ code: 'grant_missing' })
    } catch (cause) {
      return new UnavailableError('store_unavailable', { cause })
    }
  }

  /** Records the proof of a request that passed every check before. Without a store nothing is recorded. */
  async #recordProof(call: Expectation): Promise<void> {
    const { replay } = this.#stores
    if (replay === undefined || call.proof === undefined) return
    const { jwt, isUnderNonce } = call.proof
    await recordProof(bindings.proofIdentity(jwt, isUnderNonce, this.#moment(call)), replay)
  }

  /** The moment that tokens are verified as of: what the call expects, or else what the clock says now. */
  #moment({ now }: Expectation): number {
    return now ?? readClock(this.#clock)
  }
}

/** The keys of the profile in `found`, which is replaced by a copy, read once. */
function keysOf(found: Map<string, unknown>): unknown {
  const profile = found.get('profile')
  if (typeof profile !== 'object' || profile === null) return undefined
  const copied = members(profile, 'profile')
  found.set('profile', Object.fromEntries(copied))
  return copied.get('keys')
}

/** The default for a type of claims: those that the policy requires. */
interface Derived {
  readonly [DERIVED]: never
}

declare const DERIVED: unique symbol

/**
 * Any value of an option, where the caller states a type of claims: nothing is derived from it then, and the defaults of
 * the type parameters must not restrict it.
 */
type Any<Claims, Name extends keyof ProfileOptions> = [Claims] extends [Derived] ? never : ProfileOptions[Name]

/**
 * Verifies tokens against a policy with its keys, in this process.
 *
 * `verify` and `tryVerify` use the network for nothing; `verifyAsync` waits for key sources and for `grants`.
 *
 * The claims of verified tokens are typed by the policy: see {@link PolicyClaims}. `new Verifier<Claims>(options)` states
 * another type, for which the caller answers.
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
export interface VerifierConstructor {
  /**
   * Builds a verifier: of a policy or a profile, with keys; or of a profile alone whose keys follow from its options.
   *
   * @typeParam Claims The claims of the tokens that it accepts. Default: what the policy requires of them.
   * @throws {TypeError} When the options cannot mean anything: an unknown member, an unusable key, a contradictory
   * policy.
   */
  new <
    Claims extends object = Derived,
    const Required extends readonly string[] = [],
    const Rules extends Readonly<Record<string, ClaimRule>> = Record<never, never>,
    const Bind extends readonly string[] | Readonly<Record<string, string>> = [],
    const Evidence extends 'signature' | 'receipt' = 'signature',
    OwnProfile = undefined,
  >(
    options: VerifierOptions & {
      /** See {@link Policy}. */
      requiredClaims?: Required | Any<Claims, 'requiredClaims'>
      /** See {@link Policy}. */
      claims?: Rules | Any<Claims, 'claims'>
      /** See {@link Policy}. */
      bind?: Bind | Any<Claims, 'bind'>
      /** See {@link Policy}. */
      evidence?: Evidence | Any<Claims, 'evidence'>
      /** See {@link ProfileOptions}. */
      profile?: OwnProfile | Any<Claims, 'profile'>
    },
  ): Verifier<
    [Claims] extends [Derived]
      ? // A receipt is bound by its own `bind`, and a profile may be one of receipts.
        PolicyClaims<Required, Rules, [Evidence, OwnProfile] extends ['signature', undefined] ? Bind : []>
      : Claims
  >
  /** The prototype of all verifiers. */
  readonly prototype: Verifier<object>
}

/** Verifies tokens against a policy with its keys, in this process: see {@link VerifierConstructor}. */
export const Verifier: VerifierConstructor = PolicyVerifier

/**
 * Verifies tokens against a policy with its keys, in this process: see {@link VerifierConstructor}.
 *
 * @typeParam Claims The claims of the tokens that it accepts.
 */
export type Verifier<Claims extends object = ClaimsSet> = PolicyVerifier<Claims>

/** The verified token; a refusal is thrown. */
function accept<Claims extends object>(verdict: Verdict<Claims>): Verified<Claims> {
  if (verdict.ok) return verdict
  throw verdict
}

/** What `step` resolves to, or `otherwise` if that is nothing; a refusal that it throws is returned. */
async function outcomeOf<Claims extends object>(
  step: Promise<Verified<Claims>> | Promise<void>,
  otherwise?: Verified<Claims>,
): Promise<Verdict<Claims>> {
  try {
    return ((await step) ?? otherwise) as Verified<Claims>
  } catch (error) {
    return refusalOf(error)
  }
}

/** `found`, the verdict on a text, unless `token` is not a text. */
function ofText<Claims extends object>(token: Presented, found: Verified | TokenError): Verdict<Claims> {
  const isText = token === null || token === undefined || typeof token === 'string'
  return isText ? (found as Verdict<Claims>) : refuse({ code: 'token_malformed' })
}

/** For functions that take any verified token: its claims are a Claims Set, whatever type the caller gave them. */
function untyped(verified: Verified<object>): Verified {
  return verified as Verified
}

/** The token if it is text; '' if not. */
function textOf(token: Presented): string {
  return typeof token === 'string' ? token : ''
}

/** The tokens from `start` on that one call into the core verifies. */
function handful(tokens: readonly Presented[], start: number): readonly Presented[] {
  const last = start + bindings.most()
  let end = start
  for (let room = MOST_CHARACTERS; end < last && end < tokens.length && room > 0; end += 1) {
    room -= textOf(tokens[end]).length
  }
  return tokens.slice(start, end)
}

/** The core's input buffer keeps its largest size: this bounds it. */
const MOST_CHARACTERS = 65_536

/** Rules spread beside those of a profile would replace them. */
const COPIED_PROFILE =
  'options must hold a profile as { profile, keys }: only one whose keys follow from its options may be given alone, as it is'

const DISPOSED = 'this verifier must not be used any more: it is disposed of'

function hostFor(arithmetic: unknown): Host | undefined {
  if (arithmetic === 'wasm') return undefined
  if (arithmetic === 'auto') return fasterHost()
  const host = arithmetic === 'host' ? hostOf() : undefined
  if (host === undefined) {
    throw new TypeError('arithmetic must be "auto", "wasm" or, where the runtime has node:crypto, "host"')
  }
  return host
}

/** Default limits of the cache. */
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
  for (const name of found.keys()) throw unknownOption(`cache.${name}`, Object.keys(limits))
  return limits
}

/** Refusals that another key would turn: one that a source might bring. */
const KEY_MAY_BE_ELSEWHERE: ReadonlySet<string> = new Set([
  'key_not_found',
  'alg_not_allowed',
  'key_rejected',
  'signature_invalid',
])

function systemClock(): number {
  return Date.now() / 1000
}
