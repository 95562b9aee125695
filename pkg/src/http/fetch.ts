/**
 * A guard for whatever speaks Request and Response: Workers, Deno, Bun, Next middleware, service workers.
 *
 * @module
 */

import type { TokenError, UnavailableError } from '../error.js'
import type { ClaimsSet, Verified } from '../types.js'
import { judgeOf } from './guard.js'
import type { GuardOptions, Verifies } from './guard.js'
import { headersOf, respond } from './response.js'

export type { GuardOptions } from './guard.js'

/** A request that must not reach its handler, with the response that says so. */
export interface Refused {
  readonly ok: false
  /** Ready to be returned. Of a CORS preflight, a 204 without content: whoever decides on CORS adds its headers. */
  readonly response: Response
  /** Why; for logs, not for the client. */
  readonly error: TokenError | UnavailableError
}

/**
 * A guard in front of a handler. The request's body is left alone.
 *
 * @returns What to ask of each request: what its token says, or the response that refuses it; under
 *   `credentials: 'optional'` also `null`, for a request without a token. It rejects with the caller's own mistakes alone.
 * @throws {TypeError} For options that cannot mean anything.
 *
 * @example
 * ```js
 * const protect = guard(verifier)
 *
 * export default {
 *   async fetch(request) {
 *     const verified = await protect(request)
 *     if (!verified.ok) return verified.response
 *     return Response.json({ hello: verified.claims.sub })
 *   },
 * }
 * ```
 */
export function guard<Claims extends ClaimsSet, R extends Request = Request>(
  verifier: Verifies<Claims>,
  options: GuardOptions<R> & { credentials: 'optional' },
): (request: R) => Promise<Verified<Claims> | null | Refused>
export function guard<Claims extends ClaimsSet, R extends Request = Request>(
  verifier: Verifies<Claims>,
  options?: GuardOptions<R>,
): (request: R) => Promise<Verified<Claims> | Refused>
export function guard<Claims extends ClaimsSet, R extends Request = Request>(
  verifier: Verifies<Claims>,
  options: GuardOptions<R> = {},
): (request: R) => Promise<Verified<Claims> | null | Refused> {
  const judge = judgeOf(verifier, options)
  return async (request) => {
    const outcome = await judge(request, request.method, headersOf(request))
    if (outcome.kind === 'verified') return outcome.verified
    if (outcome.kind === 'unverified') return null
    return { ok: false, response: respond(outcome.answer, request.method), error: outcome.error }
  }
}
