/**
 * A guard for handlers of Request and Response: Workers, Deno, Bun, Next middleware, service workers.
 *
 * @module
 */

import { own } from '../core/options.js'
import type { TokenError, UnavailableError } from '../error.js'
import type { ClaimsSet, Verified } from '../types.js'
import type { Shadow } from './guard.js'
import { createGuard } from './guard.js'
import type { GuardOptions, OptionalCredentials, Shadowed, Verifies } from './guard-options.js'
import type { ProtectedResourceOptions, ResourceMetadata } from './metadata.js'
import { publishedMetadata, withMetadata } from './metadata.js'
import { REQUEST_READER, respond } from './response.js'
import type { ShadowVerdict } from './shadow.js'
import { ACCEPTED, verdictOfError, verdictOfStatus } from './shadow.js'

export type { PresentedCertificate } from './certificate.js'
export { cloudflareCertificate } from './certificate.js'
export type { GuardOptions, OptionalCredentials, RefusalAnswer, RefusalWriter, Shadowed } from './guard-options.js'
export type { ProtectedResourceOptions, ResourceMetadata } from './metadata.js'
export type { NonceOptions } from './nonce.js'
export type { ShadowDifference, ShadowOptions, ShadowVerdict } from './shadow.js'

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
   * headers. For a request for the document of `resourceMetadata`, the document.
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
/**
 * A guard beside an existing function of (request, …), which decides: see {@link Shadowed}. The result is that
 * function's own. It refuses a request if it throws, or if it returns a Response with an error status, `false` or an
 * object whose `ok` is false.
 */
export function guard<Claims extends object, R extends Request, Rest extends readonly unknown[], Result>(
  verifier: Verifies<Claims>,
  options: Shadowed<R, (request: R, ...rest: Rest) => Result>,
): (request: R, ...rest: Rest) => Promise<Awaited<Result>>
export function guard<Claims extends object = ClaimsSet, R extends Request = Request>(
  verifier: Verifies<Claims>,
  options: GuardOptions<R> | Shadowed<R, (request: R, ...rest: never) => unknown> = {},
): (request: R, ...rest: never) => unknown {
  const { check, shadow } = createGuard<R, Claims>(verifier, options, REQUEST_READER)
  if (shadow !== undefined) return beside(shadow)
  return async (request) => {
    const found = check(request)
    const result = found instanceof Promise ? await found : found
    if (result.kind !== 'verified' && result.kind !== 'unverified') {
      return { ok: false, response: respond(result.answer, request.method), error: result.error }
    }
    if (result.kind === 'unverified') return null
    const { verified, headers } = result
    return headers.length === 0 ? verified : { ...verified, responseHeaders: Object.fromEntries(headers) }
  }
}

/** Calls the existing function, and compares the guard's verdict with its own. */
function beside<R extends Request>({ existing, begin }: Shadow<R>): (request: R, ...rest: never) => Promise<unknown> {
  return async (request, ...rest) => {
    const report = begin(request)
    try {
      const result: unknown = await Reflect.apply(existing, undefined, [request, ...(rest as readonly unknown[])])
      report(verdictOfResult(result))
      return result
    } catch (error) {
      report(verdictOfError(error))
      throw error
    }
  }
}

function verdictOfResult(result: unknown): ShadowVerdict {
  if (result instanceof Response) return verdictOfStatus(result.status)
  if (result === false) return { outcome: 'refused' }
  if (typeof result !== 'object' || result === null || own(result, 'ok') !== false) return ACCEPTED
  const response = own(result, 'response')
  return response instanceof Response ? verdictOfStatus(response.status) : { outcome: 'refused' }
}

/**
 * The metadata of this resource (RFC 9728), as a function of a request: it returns the response to a request for the
 * document, and `undefined` for any other request. It is also the option `resourceMetadata` of a guard.
 *
 * @throws {TypeError} For options that cannot be used.
 *
 * @example
 * ```js
 * const resourceMetadata = protectedResourceMetadata({ resource, issuer, scope: 'orders:read' })
 * const protect = guard(verifier, { resourceMetadata })
 * ```
 */
export function protectedResourceMetadata(
  options: ProtectedResourceOptions,
): ((request: Request) => Response | undefined) & ResourceMetadata {
  const metadata = publishedMetadata(options)
  return withMetadata((request: Request) => {
    const found = metadata.answer(request.method, request.url)
    return found === undefined ? undefined : respond(found, request.method)
  }, metadata)
}
