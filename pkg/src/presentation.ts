/**
 * A profile's defaults for the guards, by verifier: where requests carry its tokens, and how refusals are worded.
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

/** Keeps the defaults of the profile in `policy`, if there is one, for guards of `verifier`. */
export function present(verifier: object, policy: Plain): void {
  // Both are snapshots without a prototype, so nothing is inherited.
  const { profile } = policy as { profile?: Presentation }
  if (profile === undefined) return
  const { carriers, refusal } = profile
  presentations.set(verifier, Object.freeze({ __proto__: null, ...(carriers && { carriers }), ...(refusal && { refusal }) }))
}

/** The defaults of the profile of `verifier`; no members if it has none. */
export function carrierOf(verifier: object): Presentation {
  return presentations.get(verifier) ?? NOTHING
}
