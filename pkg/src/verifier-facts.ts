/**
 * Facts about a verifier that other modules need, kept beside it: for guards, how requests carry its tokens and how
 * refusals are worded; for `anyOf`, which tokens it is for.
 *
 * @module
 */

import type { Plain } from './core/options.js'
import { memberOf } from './core/options.js'
import type { Carrier, Expected, Presented, RefusalStyle, Verdict } from './types.js'

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
  scopes.set(
    verifier,
    [profile?.scope, own.scope].filter((scope) => scope !== undefined),
  )
  if (profile === undefined) return
  const { carriers, refusal } = profile
  presentations.set(
    verifier,
    Object.freeze({ __proto__: null, ...(carriers && { carriers }), ...(refusal && { refusal }) }),
  )
}

const scopes = new WeakMap<object, readonly Plain[]>()

/** The `scope` of the policy of `verifier` and of its profile, each as it was written. */
export function scopesOf(verifier: object): readonly Plain[] {
  return scopes.get(verifier) ?? []
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

/** A verdict, which is a promise only where something outside the process has a say in it. */
export type Decide = (
  token: Presented,
  expected: Expected | undefined,
  spends: boolean,
) => Verdict<object> | Promise<Verdict<object>>

/** The public methods that a {@link Decide} is equal to. */
interface Methods {
  readonly verifyAsync: unknown
  readonly redeem: unknown
}

const deciders = new WeakMap<object, { readonly decide: Decide; readonly methods: Methods }>()

/** Keeps what a guard of `verifier` calls in place of `methods`, so that it waits only where it has to. */
export function decideFor(verifier: object, decide: Decide, methods: Methods): void {
  deciders.set(verifier, { decide, methods })
}

/** What decides for `verifier`; `undefined` for another's object, and where its methods were replaced. */
export function decideOf(verifier: object): Decide | undefined {
  const found = deciders.get(verifier)
  if (found === undefined) return undefined
  const { decide, methods } = found
  const isReplaced =
    memberOf(verifier, 'verifyAsync') !== methods.verifyAsync || memberOf(verifier, 'redeem') !== methods.redeem
  return isReplaced ? undefined : decide
}

/** The defaults of the profile of `verifier`; no members if it has none. */
export function carrierOf(verifier: object): Presentation {
  return presentations.get(verifier) ?? NOTHING
}

/** The members of a policy that say which tokens it is for, and what they must allow. */
interface Requirements {
  readonly issuer?: string | readonly string[] | null
  readonly evidence?: 'signature' | 'receipt'
  readonly scope?: Plain
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
