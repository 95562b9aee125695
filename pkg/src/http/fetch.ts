/**
 * A guard for handlers of Request and Response: Workers, Deno, Bun, Next middleware, service workers.
 *
 * @module
 */

import type { TokenError, UnavailableError } from '../error.js'
import type { ClaimsSet, Verified } from '../types.js'
import type { GuardOptions, OptionalCredentials, Verifies } from './guard.js'
import { createGuard } from './guard.js'
import { headersOf, respond } from './response.js'

export type { PresentedCertificate } from './certificate.js'
export { cloudflareCertificate } from './certificate.js'
export type { GuardOptions, OptionalCredentials, RefusalAnswer, RefusalWriter } from './guard.js'
export type { NonceOptions } from './nonce.js'

/** What the token says, with headers for the response. */
export type Passed<Claims extends object = ClaimsSet> = Verified<Claims> & {
  /** To be added to the response: the nonce for the client's next proof. Present only if the proof had the nonce before. */
  readonly responseHeaders?: Readonly<Record<string, string>>
}

/** A request that must not reach its handler, with the response that refuses it. */
export interface Refused {
  /** Always false; in a `Verified` it is true. */
  readonly ok: false
  /**
   * Ready to be returned. For a CORS preflight, a 204 without content: the code that decides on CORS adds its
   * headers.
   */
  readonly response: Response
  /** The reason; for logs, not for the client. */
  readonly error: TokenError | UnavailableError
}

/** With optional `credentials`: the result is null for a request without a token. */
export function guard<Claims extends object = ClaimsSet, R extends Request = Request>(
  verifier: Verifies<Claims>,
  options: GuardOptions<R> & OptionalCredentials,
): (request: R) => Promise<Verified<Claims> | null | Refused>
/**
 * A guard in front of a handler. It does not read the request's body.
 *
 * @param options See {@link GuardOptions}.
 * @returns A function to call with each request. It returns what the token says, or the response that refuses it; under
 *   `credentials: 'optional'` also `null`, for a request without a token. It rejects only with the caller's own
 *   mistakes: what `expected`, `onRefused` and `refusal` throw, and a TypeError for an expectation that cannot be used.
 * @throws {TypeError} For options that cannot be used.
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
export function guard<Claims extends object = ClaimsSet, R extends Request = Request>(
  verifier: Verifies<Claims>,
  options?: GuardOptions<R>,
): (request: R) => Promise<Passed<Claims> | Refused>
export function guard<Claims extends object = ClaimsSet, R extends Request = Request>(
  verifier: Verifies<Claims>,
  options: GuardOptions<R> = {},
): (request: R) => Promise<Passed<Claims> | null | Refused> {
  const { check } = createGuard(verifier, options)
  return async (request) => {
    const result = await check(request, request.method, headersOf(request), request.url)
    if (result.kind !== 'verified' && result.kind !== 'unverified') {
      return { ok: false, response: respond(result.answer, request.method), error: result.error }
    }
    if (result.kind === 'unverified') return null
    const { verified, headers } = result
    return Object.keys(headers).length === 0 ? verified : { ...verified, responseHeaders: headers }
  }
}
