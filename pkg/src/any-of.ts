/**
 * Verifier for several issuers, each with keys and a policy of its own.
 *
 * @module
 */

import * as bindings from './core/bindings.js'
import { decodeUtf8 } from './core/utf8.js'
import { refusalOf, refuse, TokenError } from './error.js'
import type { ClaimsSet, Expected, Presented, Verdict } from './types.js'
import type { Verifier } from './verifier.js'
import type { Domain, Presentation } from './verifier-facts.js'
import { carrierOf, countsUses, decideFor, decideOf, domainOf, markCounting, presentAs } from './verifier-facts.js'

/** What {@link anyOf} returns: verifies like a {@link Verifier}, and guards take it as one. */
export type AnyVerifier<Claims extends object = ClaimsSet> = Pick<
  Verifier<Claims>,
  'verify' | 'tryVerify' | 'verifyAsync' | 'redeem'
>

/**
 * One verifier for several issuers. The `iss` in a token, which is not verified yet, only selects the verifier that
 * must accept the token: the answer is that verifier's. The token of an unknown issuer is `claim_mismatch (iss)`; no
 * key source is asked.
 *
 * @param verifiers Each for other issuers. A receipt (`evidence: 'receipt'`) is selected for by its own `iss`; one such
 *   verifier may have the issuer `null`, for receipts without `iss`.
 * @throws {TypeError} When two verifiers are for one issuer, or one does not check it.
 *
 * @example
 * ```js
 * const verifier = anyOf([
 *   new Verifier({ issuer: a, audience, keys: { issuer: a } }),
 *   new Verifier({ issuer: b, audience, keys: { issuer: b } }),
 * ])
 * ```
 */
export function anyOf<const Verifiers extends readonly Verifier<object>[]>(
  verifiers: Verifiers,
): AnyVerifier<ClaimsOf<Verifiers>> {
  if (!Array.isArray(verifiers) || verifiers.length === 0)
    throw new TypeError('verifiers must be an array of verifiers')
  type Claims = ClaimsOf<Verifiers>
  const all = Array.from(verifiers) as unknown as readonly Verifier<Claims>[]
  const routes: Routes<Claims> = { signature: new Map(), receipt: new Map() }
  for (const [index, verifier] of all.entries()) add(routes, verifier, `verifiers[${index}]`)
  const tryVerify = (token: Presented, expected?: Expected): Verdict<Claims> => {
    const found = select(routes, token)
    return found instanceof TokenError ? found : found.tryVerify(token, expected)
  }
  const any: AnyVerifier<Claims> = {
    tryVerify,
    verify(token, expected) {
      const outcome = tryVerify(token, expected)
      if (outcome.ok) return outcome
      throw outcome
    },
    async verifyAsync(token, expected) {
      const found = select(routes, token)
      if (found instanceof TokenError) throw found
      return await found.verifyAsync(token, expected)
    },
    async redeem(token, expected) {
      const found = select(routes, token)
      if (found instanceof TokenError) throw found
      return await found.redeem(token, expected)
    },
  }
  presentAs(any, agreed(all))
  decideFor(
    any,
    (token, expected, spends) => {
      const found = select(routes, token)
      if (found instanceof TokenError) return found
      const decide = decideOf(found)
      if (decide !== undefined) return decide(token, expected, spends)
      const call = spends ? found.redeem(token, expected) : found.verifyAsync(token, expected)
      return call.catch(refusalOf)
    },
    any,
  )
  if (all.some(countsUses)) markCounting(any)
  return Object.freeze(any)
}

/** The claims of the tokens that one of the verifiers accepts. */
type ClaimsOf<Verifiers> = Verifiers extends readonly Verifier<infer Claims>[] ? Claims : never

/** The verifiers of each kind of token, by issuer; under `null` the one that does not check it. */
type Routes<Claims extends object> = Readonly<Record<Domain['evidence'], Map<string | null, Verifier<Claims>>>>

function add<Claims extends object>(routes: Routes<Claims>, verifier: Verifier<Claims>, path: string): void {
  const domain = typeof verifier === 'object' && verifier !== null ? domainOf(verifier) : undefined
  if (domain === undefined) throw new TypeError(`${path} must be a Verifier`)
  const { issuers, evidence } = domain
  if (issuers === null && evidence === 'signature')
    throw new TypeError(`${path} must name its issuer: null selects nothing`)
  if (issuers?.some((issuer) => issuer.includes('{')))
    throw new TypeError(`${path} must name its issuers: one that is made of claims selects nothing`)
  const route = routes[evidence]
  for (const issuer of issuers ?? [null]) {
    if (route.has(issuer))
      throw new TypeError(`${path} must be for another issuer: two verifiers are for ${String(issuer)}`)
    route.set(issuer, verifier)
  }
}

/** The verifier for `token`, or the refusal if no verifier is for it. */
function select<Claims extends object>(routes: Routes<Claims>, token: Presented): Verifier<Claims> | TokenError {
  if (token === null || token === undefined || token === '') return refuse({ code: 'token_missing' })
  if (typeof token !== 'string') return refuse({ code: 'token_malformed' })
  const isReceipt = token.includes('~')
  const route = isReceipt ? routes.receipt : routes.signature
  if (route.size === 0) {
    // The verifiers are for tokens of the other kind, and refuse this one without a key.
    const [other] = (isReceipt ? routes.signature : routes.receipt).values()
    if (other !== undefined) return other
  }
  const claims = claimsOf(isReceipt ? token.slice(0, token.indexOf('~')) : token)
  if (claims === undefined) return unreadable(token)
  const iss = Object.hasOwn(claims, 'iss') ? Reflect.get(claims, 'iss') : undefined
  const found = route.get(typeof iss === 'string' ? iss : null)
  if (found !== undefined && (iss === undefined || typeof iss === 'string')) return found
  if (iss === undefined) return refuse({ code: 'claim_missing', claim: 'iss' })
  if (typeof iss !== 'string') return refuse({ code: 'claim_malformed', claim: 'iss', expected: 'string' })
  const issuers = [...route.keys()].filter((issuer) => issuer !== null)
  return refuse({ code: 'claim_mismatch', claim: 'iss', expected: issuers })
}

/** The core's refusal of a token whose claims cannot be read. */
function unreadable(token: string): TokenError {
  const inspection = bindings.look(token, LONGEST_TOKEN, 0)
  const error = Object.hasOwn(inspection, 'error') ? inspection.error : undefined
  return error ?? refuse({ code: 'token_malformed' })
}

/** The claims of a JWS, not verified; `undefined` if they cannot be read. */
function claimsOf(jws: string): object | undefined {
  const [, payload, , ...more] = jws.length > LONGEST_TOKEN ? [] : jws.split('.', 4)
  if (payload === undefined || more.length > 0) return undefined
  try {
    const text = atob(payload.replace(/-/g, '+').replace(/_/g, '/'))
    const octets = Uint8Array.from(text, (octet) => octet.charCodeAt(0))
    const claims: unknown = JSON.parse(decodeUtf8(octets))
    return typeof claims === 'object' && claims !== null && !Array.isArray(claims) ? claims : undefined
  } catch {
    return undefined
  }
}

/** The longest token that a policy can allow, in octets. */
const LONGEST_TOKEN = 1_048_576

/** What guards need, where all members agree on it; nothing where they do not: the guard's defaults. */
function agreed(verifiers: readonly object[]): Presentation {
  const [first = {}, ...others] = verifiers.map(carrierOf)
  const isSame = (name: keyof Presentation) =>
    first[name] !== undefined && others.every((other) => JSON.stringify(other[name]) === JSON.stringify(first[name]))
  const { carriers, refusal } = first
  return Object.freeze({
    __proto__: null,
    ...(carriers && isSame('carriers') && { carriers }),
    ...(refusal && isSame('refusal') && { refusal }),
  })
}
