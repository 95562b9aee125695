/**
 * A deny list: tokens by their id, by their subject, by their session.
 *
 * @module
 */

import { unknownOption } from '../core/mistake.js'
import { members, own } from '../core/options.js'
import { encodeUtf8 } from '../core/utf8.js'
import { checkId, checkMoment, DEFAULT_TIMEOUT_SECONDS, hasDeadline, inTime } from '../stores/store.js'
import type { DenyStore, RevocationSource, Verified } from '../types.js'

/** The settings of a {@link denyList}. */
export interface DenyListOptions {
  /**
   * How long it may be taken as known that a token is not denied, in seconds. Default 0: the store is asked about
   * every token. That a token is denied is remembered in any case.
   */
  maxAgeSeconds?: number
}

/** A deny list. Its rules take effect in every process that shares the store. */
export interface DenyList extends RevocationSource {
  /** Denies one token, whatever its spelling. */
  revoke(token: Pick<Verified, 'id' | 'expiresAt'>): Promise<void>
  /**
   * Denies all tokens of a subject that were issued before a moment ("log out everywhere"), and those that do not
   * say when.
   *
   * @param rule `issuer` and `subject`: the tokens' `iss` and `sub`. `issuedBefore`: NumericDate, default now. `until`:
   *   NumericDate, when the last of those tokens has expired.
   */
  revokeSubject(rule: { issuer: string | null; subject: string; issuedBefore?: number; until: number }): Promise<void>
  /**
   * Denies all tokens of a session (OpenID Connect Front-Channel Logout section 3).
   *
   * @param rule `issuer` and `session`: the tokens' `iss` and `sid`. `until`: NumericDate, when the last of those tokens has
   *   expired.
   */
  revokeSession(rule: { issuer: string | null; session: string; until: number }): Promise<void>
}

/**
 * A deny list over a store: `memoryStore`, `sqliteStore`, `redisStore` or `postgresStore`. The store holds digests: no
 * token, subject or session can be read from it.
 *
 * @throws {TypeError} For a store that keeps no rules, or an option out of range.
 */
export function denyList(store: DenyStore, options: DenyListOptions = {}): DenyList {
  const found = members(options, 'options')
  for (const name of found.keys()) {
    if (name !== 'maxAgeSeconds') throw unknownOption(name, ['maxAgeSeconds'])
  }
  const maxAge = found.has('maxAgeSeconds') ? found.get('maxAgeSeconds') : 0
  if (typeof maxAge !== 'number' || !(maxAge >= 0 && maxAge <= MAX_AGE_SECONDS)) {
    throw new TypeError(`maxAgeSeconds must be a number from 0 to ${MAX_AGE_SECONDS}`)
  }
  if (typeof Object(store).deny !== 'function' || typeof Object(store).denied !== 'function') {
    throw new TypeError('the store must keep rules: memoryStore, sqliteStore, redisStore and postgresStore do')
  }
  const rules = new Rules(store, maxAge * 1000)
  return {
    async isRevoked({ id, claims }) {
      const [iss, sub, sid] = ['iss', 'sub', 'sid'].map((name) => own(claims, name))
      const issuer = typeof iss === 'string' ? iss : null
      const keys = [await keyOf('token', id)]
      // Under `numericSubject`, a number is the subject of its digits.
      if (typeof sub === 'string' || typeof sub === 'number') keys.push(await keyOf('subject', issuer, String(sub)))
      if (typeof sid === 'string') keys.push(await keyOf('session', issuer, sid))
      return rules.denies(keys, own(claims, 'iat'))
    },
    async revoke({ id, expiresAt }) {
      checkId(id)
      await rules.add(await keyOf('token', id), ALWAYS, expiresAt ?? LAST_MOMENT)
    },
    async revokeSubject({ issuer, subject, issuedBefore = Date.now() / 1000, until }) {
      checkText(subject, 'subject')
      checkMoment(issuedBefore)
      await rules.add(await keyOf('subject', issuer, subject), issuedBefore, until)
    },
    async revokeSession({ issuer, session, until }) {
      checkText(session, 'session')
      await rules.add(await keyOf('session', issuer, session), ALWAYS, until)
    },
  }
}

const MAX_AGE_SECONDS = 86_400

const LAST_MOMENT = 253_402_300_799

/** Later than any token was issued. */
const ALWAYS = LAST_MOMENT + 1

/** How many rules are remembered in this process. */
const REMEMBERED = 10_000

/** The rules of a store, and those of them that this process has seen. */
class Rules {
  readonly #store: DenyStore
  readonly #maxAgeMs: number
  readonly #known = new Map<string, { readonly before: number | null; readonly at: number }>()

  constructor(store: DenyStore, maxAgeMs: number) {
    this.#store = store
    this.#maxAgeMs = maxAgeMs
  }

  /** Whether one of the rules under `keys` denies a token that was issued at `issuedAt`. */
  async denies(keys: readonly string[], issuedAt: unknown): Promise<boolean> {
    const now = performance.now()
    const known = keys.map((key) => this.#known.get(key))
    // A rule is never taken back, and its moment never moves back.
    if (known.some((rule) => denies(rule?.before ?? null, issuedAt))) return true
    if (known.every((rule) => rule !== undefined && now - rule.at < this.#maxAgeMs)) return false
    const asked = async (): Promise<unknown> => this.#store.denied(keys)
    const found: unknown = hasDeadline(this.#store)
      ? await asked()
      : await inTime(DEFAULT_TIMEOUT_SECONDS * 1000, asked)
    const rules = keys.map((_, index) => readRule(Array.isArray(found) ? found[index] : undefined))
    for (const [index, before] of rules.entries()) this.#note(keys[index] ?? '', before, now)
    return rules.some((before) => denies(before, issuedAt))
  }

  async add(key: string, before: number, until: number): Promise<void> {
    checkMoment(until)
    await this.#store.deny(key, before, until)
    this.#known.delete(key)
  }

  #note(key: string, before: number | null, at: number): void {
    if (before === null && this.#maxAgeMs === 0) return
    this.#known.delete(key)
    this.#known.set(key, { before, at })
    if (this.#known.size <= REMEMBERED) return
    for (const oldest of this.#known.keys()) {
      this.#known.delete(oldest)
      break
    }
  }
}

/** A token that does not say when it was issued is denied by every rule. */
function denies(before: number | null, issuedAt: unknown): boolean {
  return before !== null && !(typeof issuedAt === 'number' && issuedAt >= before)
}

function readRule(rule: unknown): number | null {
  if (rule === null || (typeof rule === 'number' && rule >= 0)) return rule
  throw new TypeError('denied must resolve to a number or null for each key')
}

function checkText(value: unknown, name: string): void {
  if (typeof value !== 'string' || value === '') throw new TypeError(`${name} must be text`)
}

/** The key of a rule: a digest of its kind and of what it names. */
async function keyOf(kind: 'token' | 'subject' | 'session', ...names: readonly (string | null)[]): Promise<string> {
  const text = JSON.stringify([`countersign deny ${kind}`, ...names])
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', encodeUtf8(text)))
  return btoa(String.fromCharCode(...digest)).replace(/=+$/, '')
}
