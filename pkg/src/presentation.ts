/**
 * Facts about a verifier that other modules need, kept beside it: for guards, how requests carry its tokens and how
 * refusals are worded; for `anyOf`, which tokens it is for.
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

/** Which tokens a verifier is for. */
export interface Domain {
  /** Those accepted in `iss`; `null` if it is not checked. */
  readonly issuers: readonly string[] | null
  readonly evidence: 'signature' | 'receipt'
}

const domains = new WeakMap<object, Domain>()

/** Which tokens `verifier` is for; `undefined` for an object that is not a verifier. */
export function domainOf(verifier: object): Domain | undefined {
  return domains.get(verifier)
}

/** Keeps what guards of `verifier` need. */
export function presentAs(verifier: object, presentation: Presentation): void {
  presentations.set(verifier, presentation)
}

/** Keeps what the profile in `policy`, if there is one, says to a guard of `verifier`. */
export function present(verifier: object, policy: Plain): void {
  // Both are snapshots without a prototype: they inherit nothing.
  const { profile, ...own } = policy as Requirements & { profile?: Presentation & Requirements }
  const evidence = own.evidence ?? profile?.evidence ?? 'signature'
  domains.set(verifier, { issuers: issuersOf(own, profile), evidence })
  if (profile === undefined) return
  const { carriers, refusal } = profile
  presentations.set(
    verifier,
    Object.freeze({ __proto__: null, ...(carriers && { carriers }), ...(refusal && { refusal }) }),
  )
}

const complete = new WeakSet<object>()

/** Notes that `profile`, as a function of `profiles` made it, may be the only argument of a verifier. */
export function markComplete(profile: object): void {
  complete.add(profile)
}

/** Whether {@link markComplete} was called with `options`. A copy that other members were spread into is another object. */
export function isComplete(options: object): boolean {
  return complete.has(options)
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

/** The defaults of the profile of `verifier`; no members if it has none. */
export function carrierOf(verifier: object): Presentation {
  return presentations.get(verifier) ?? NOTHING
}

/** The members of a policy that say which tokens it is for. */
interface Requirements {
  readonly issuer?: string | readonly string[] | null
  readonly evidence?: 'signature' | 'receipt'
}

/** The issuers that both the policy's own members and its profile accept. */
function issuersOf(own: Requirements, profile: Requirements | undefined): readonly string[] | null {
  const lists = [own, profile].flatMap((requirements) => {
    const issuer = requirements?.issuer ?? null
    return issuer === null ? [] : [typeof issuer === 'string' ? [issuer] : issuer]
  })
  const [first, ...others] = lists
  return first === undefined ? null : first.filter((issuer) => others.every((list) => list.includes(issuer)))
}
