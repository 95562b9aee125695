/**
 * The verifier: the core's, with keys and a clock around it.
 *
 * @module
 */

import * as bindings from './core/bindings.js'
import type { Blueprint, Handle } from './core/bindings.js'
import { encode, members, snapshot } from './core/snapshot.js'
import type { Plain } from './core/snapshot.js'
import { TokenError } from './error.js'
import { readKeys } from './keys/static.js'
import type { ClaimsSet, Expected, Inspection, Presented, Verified, VerifierOptions } from './types.js'

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
  readonly #blueprint: Blueprint
  readonly #clock: () => number
  #handle: Handle | undefined
  #disposed = false
  #verified = 0
  #refused = 0

  /** @throws {TypeError} When the options cannot mean anything: an unknown member, an unusable key, a contradictory policy. */
  constructor(options: VerifierOptions) {
    const found = members(options, 'options')
    const keys = found.get('keys')
    const clock = found.has('clock') ? found.get('clock') : systemClock
    if (typeof clock !== 'function') throw new TypeError('clock must be a function')
    found.delete('keys')
    found.delete('clock')
    this.#clock = clock as () => number
    this.#blueprint = { policy: plain(found, ''), keys: readKeys(keys) }
    this.#handle = bindings.build(this.#blueprint)
  }

  /**
   * Signature, time, claims, scope, bindings; nothing outside the process.
   *
   * @throws {TokenError} When the token must not be accepted.
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
  tryVerify(token: Presented, expected?: Expected): Verified<Claims> | TokenError {
    const { text, now } = this.#read(expected)
    return this.#check(token, text, now)
  }

  /**
   * {@link Verifier.tryVerify} over many tokens, in order, all as of one moment.
   *
   * @throws {TypeError} When the call is wrong.
   */
  tryVerifyMany(tokens: readonly Presented[], expected?: Expected): (Verified<Claims> | TokenError)[] {
    const { text, now } = this.#read(expected)
    return Array.from(tokens, (token) => this.#check(token, text, now))
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

  /** How many tokens were verified and refused, for metrics. */
  get stats(): { readonly verified: number; readonly refused: number } {
    return { verified: this.#verified, refused: this.#refused }
  }

  /** Frees the memory in the core at once; otherwise it goes with the object. */
  [Symbol.dispose](): void {
    if (this.#handle !== undefined) bindings.free(this.#handle)
    this.#handle = undefined
    this.#disposed = true
  }

  #check(token: Presented, expected: string, now: number): Verified<Claims> | TokenError {
    const outcome =
      typeof token === 'string' && token !== ''
        ? bindings.check(this.#live(), token, expected, now)
        : absent(token)
    if (outcome.ok) this.#verified += 1
    else this.#refused += 1
    return outcome as Verified<Claims> | TokenError
  }

  /** The verifier in the live instance: a new one where the old one's was given up. */
  #live(): Handle {
    if (this.#disposed) throw new TypeError('this verifier must not be used any more: it is disposed of')
    if (this.#handle === undefined || !bindings.isLive(this.#handle)) {
      this.#handle = bindings.build(this.#blueprint)
    }
    return this.#handle
  }

  #read(expected: Expected | undefined): { text: string; now: number } {
    if (expected === undefined) return { text: '', now: this.#clock() }
    const found = members(expected, 'expected')
    const now = found.has('now') ? found.get('now') : this.#clock()
    if (typeof now !== 'number') throw new TypeError('now must be a number of seconds')
    found.delete('now')
    return { text: found.size === 0 ? '' : encode(expectations(found)), now }
  }
}

function systemClock(): number {
  return Date.now() / 1000
}

function absent(token: unknown): TokenError {
  const missing = token === null || token === undefined || token === ''
  return new TokenError({ code: missing ? 'token_missing' : 'token_malformed' })
}

function plain(found: Map<string, unknown>, path: string): Plain {
  const object: { [name: string]: Plain } = Object.create(null)
  for (const [name, member] of found) object[name] = snapshot(member, path === '' ? name : `${path}.${name}`)
  return object
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
  return typeof id === 'string' ? !/\p{Surrogate}/u.test(id) : Number.isSafeInteger(id)
}
