/**
 * What a profile says to the guards, kept beside its verifier: how requests carry its tokens and how refusals are worded.
 *
 * @module
 */

import type { Plain } from './core/snapshot.js'
import type { Carrier, RefusalStyle } from './types.js'

/** The members of a profile that no policy has. */
export interface Presentation {
  readonly carriers?: readonly Carrier[]
  readonly refusal?: RefusalStyle
}

const presentations = new WeakMap<object, Presentation>()

const NOTHING: Presentation = Object.freeze(Object.create(null))

/** Keeps what the profile in `policy`, if there is one, says to a guard of `verifier`. */
export function present(verifier: object, policy: Plain): void {
  // Both are snapshots without a prototype: what they lack, nobody can lend them.
  const { profile } = policy as { profile?: Presentation }
  if (profile === undefined) return
  const { carriers, refusal } = profile
  presentations.set(verifier, Object.freeze({ __proto__: null, ...(carriers && { carriers }), ...(refusal && { refusal }) }))
}

const counting = new WeakSet<object>()

/** Notes that `verifier` counts uses: a guard of it redeems. */
export function markCounting(verifier: object): void {
  counting.add(verifier)
}

/** Whether `verifier` counts uses. */
export function countsUses(verifier: object): boolean {
  return counting.has(verifier)
}

/** What the profile of `verifier` says to a guard; nothing if it has none. */
export function carrierOf(verifier: object): Presentation {
  return presentations.get(verifier) ?? NOTHING
}
