/**
 * Redemption: what is asked of stores about a token that was verified. Revocation, replay, uses, in that order.
 *
 * @module
 */

import { unshared } from './core/copy.js'
import { memberOf } from './core/options.js'
import { refuse, UnavailableError } from './error.js'
import { DEFAULT_TIMEOUT_SECONDS, hasDeadline, inTime } from './stores/store.js'
import type { RevocationSource, SeenStore, UseCounter, Verified } from './types.js'

/** The stores that a verifier was given. */
export interface Stores {
  readonly uses?: UseCounter
  readonly replay?: SeenStore
  readonly revocation?: RevocationSource
}

/** What the policy of a verifier requires of stores. */
export interface Requirements {
  readonly limitsUses: boolean
  readonly singleUse: boolean
  /** How long after `exp` a token is accepted. */
  readonly leewaySeconds: number
}

/** The options that hold stores, and what each must be able to do. */
const METHODS = { uses: 'spend', replay: 'add', revocation: 'isRevoked' } as const

/**
 * Takes the stores out of the options of a verifier.
 *
 * @throws {TypeError} For one that is not a store.
 */
export function takeStores(options: Map<string, unknown>): Stores {
  const stores: Record<string, unknown> = Object.create(null)
  for (const [name, method] of Object.entries(METHODS)) {
    if (!options.has(name)) continue
    const store: unknown = options.get(name)
    options.delete(name)
    if (!can(store, method)) throw new TypeError(`${name} must be an object with a method ${method}`)
    stores[name] = store
  }
  return stores
}

/** Whether `store` has a method of its own or of its class; one in `Object.prototype` is neither. */
function can(store: unknown, method: string): boolean {
  return typeof store === 'object' && store !== null && typeof memberOf(store, method) === 'function'
}

/**
 * Holds a policy against the stores that it needs.
 *
 * @throws {TypeError} For a store that is missing.
 */
export function requireStores({ limitsUses, singleUse }: Requirements, { uses, replay }: Stores): void {
  if (limitsUses && uses === undefined) throw new TypeError('maxUses needs a counter: give one under uses')
  if (singleUse && replay === undefined) {
    throw new TypeError('singleUse needs a store of seen ids: give one under replay')
  }
}

/** Sources that look at one claim alone, by which a refusal names it. */
const claims = new WeakMap<object, string>()

/** Notes the claim that `source` looks at. */
export function markClaim<Source extends RevocationSource>(source: Source, claim: string): Source {
  claims.set(source, claim)
  return source
}

/** The claim that `source` looks at; nothing where it looks at several. */
function claimOf(source: RevocationSource): string | undefined {
  return claims.get(source)
}

/**
 * Asks whether the token was revoked.
 *
 * @throws {TokenError} `token_revoked`.
 * @throws {UnavailableError} `store_unavailable`, when the source fails, or answers with anything but true and false.
 */
export async function refuseRevoked(verified: Verified, source: RevocationSource | undefined): Promise<void> {
  if (source === undefined) return
  const isRevoked: unknown = await ask(source, REVOCATION_SECONDS, () => source.isRevoked(verified))
  if (isRevoked === true) throw refuse({ code: 'token_revoked', claim: claimOf(source) })
  if (isRevoked !== false) throw noAnswer('isRevoked must resolve to true or false')
}

/** One use of a token, as stores are asked about it. */
export interface Use {
  readonly id: string
  readonly limit: number
  /** The last moment at which the token is accepted. */
  readonly expiresAt: number
}

/** The use that a redemption of `verified` spends; `undefined` where its uses are not limited. */
export function useOf(verified: Verified, { leewaySeconds }: Requirements): Use | undefined {
  if (verified.uses === undefined || !Object.hasOwn(verified, 'uses')) return undefined
  // A token with limited uses has an expiry: the policy requires one.
  const expiresAt = (verified.expiresAt ?? NaN) + leewaySeconds
  return { id: unshared(verified.id), limit: verified.uses.limit, expiresAt }
}

/**
 * Spends one use of a token that was verified; of one for single use, its only one.
 *
 * @returns The uses left.
 * @throws {TokenError} `token_replayed`, `uses_exhausted`.
 * @throws {UnavailableError} `store_unavailable`.
 */
export async function spendUse(
  { id, limit, expiresAt }: Use,
  { singleUse }: Requirements,
  { uses, replay }: Stores,
): Promise<{ limit: number; left: number }> {
  if (singleUse && replay !== undefined) {
    await recordOnce(replay, id, expiresAt, 'token_replayed')
    if (uses === undefined) return { limit, left: limit - 1 }
  }
  if (uses === undefined) throw noAnswer('the uses of the token are limited, and the verifier has no counter')
  const left: unknown = await ask(uses, DEFAULT_TIMEOUT_SECONDS, () => uses.spend(id, limit, expiresAt))
  if (left === null) throw refuse({ code: 'uses_exhausted', expected: limit })
  if (!isCount(left, limit)) throw noAnswer('spend must resolve to the uses left, or to null')
  return { limit, left }
}

/**
 * Records that a DPoP proof was used (RFC 9449 section 11.1).
 *
 * @param proof Its id, and the last moment at which it is accepted.
 * @throws {TokenError} `proof_replayed`.
 * @throws {UnavailableError} `store_unavailable`.
 */
export async function recordProof(
  { id, expiresAt }: { readonly id: string; readonly expiresAt: number },
  replay: SeenStore,
): Promise<void> {
  await recordOnce(replay, id, expiresAt, 'proof_replayed')
}

/** Records `id`. @throws {TokenError} `code`, if it was recorded before. @throws {UnavailableError} `store_unavailable`. */
async function recordOnce(
  replay: SeenStore,
  id: string,
  expiresAt: number,
  code: 'token_replayed' | 'proof_replayed',
): Promise<void> {
  const isNew: unknown = await ask(replay, DEFAULT_TIMEOUT_SECONDS, () => replay.add(id, expiresAt))
  if (isNew === false) throw refuse({ code, claim: 'jti' })
  if (isNew !== true) throw noAnswer('add must resolve to true or false')
}

function isCount(left: unknown, limit: number): left is number {
  return typeof left === 'number' && Number.isInteger(left) && left >= 0 && left < limit
}

/** How long a source of revocations may take, in seconds: it may have to fetch a list. */
const REVOCATION_SECONDS = 10

/** Calls a store, which settles in time. */
function ask(store: object, seconds: number, call: () => unknown): Promise<unknown> {
  return inTime(hasDeadline(store) ? LONGEST_MS : seconds * 1000, async () => await call())
}

/** Longer than any store waits that ends its calls by itself. */
const LONGEST_MS = 70_000

function noAnswer(message: string): UnavailableError {
  return new UnavailableError('store_unavailable', { cause: new TypeError(message) })
}
