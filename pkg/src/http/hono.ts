/**
 * A guard for Hono.
 *
 * @module
 */

import type { ClaimsSet, Verified } from '../types.js'
import type { RequestReader } from './carriers.js'
import type { Shadow } from './guard.js'
import { createGuard } from './guard.js'
import type { GuardOptions, OptionalCredentials, Shadowed, Verifies } from './guard-options.js'
import type { ProtectedResourceOptions, ResourceMetadata } from './metadata.js'
import { publishedMetadata, withMetadata } from './metadata.js'
import { headersOf, respond } from './response.js'
import type { Existing } from './shadow.js'
import { ACCEPTED, verdictOfError, verdictOfStatus } from './shadow.js'

export type { PresentedCertificate } from './certificate.js'
export { cloudflareCertificate } from './certificate.js'
export type { GuardOptions, OptionalCredentials, RefusalAnswer, RefusalWriter, Shadowed } from './guard-options.js'
export type { ProtectedResourceOptions, ResourceMetadata } from './metadata.js'
export type { NonceOptions } from './nonce.js'
export type { ShadowDifference, ShadowOptions, ShadowVerdict } from './shadow.js'

/**
 * The middleware type of the installed Hono, which types `c.var.verified` for the handlers after it; `any` without
 * Hono.
 * @ts-ignore */
type Middleware<Value> = import('hono').MiddlewareHandler<{ Variables: { verified: Value } }>

/**
 * The middleware type of the installed Hono, for an app with any variables; `any` without Hono.
 * @ts-ignore */
type AnyMiddleware = import('hono').MiddlewareHandler

/**
 * The request of the installed Hono; `any` without Hono.
 * @ts-ignore */
type HonoRequest = import('hono').HonoRequest

/** With optional `credentials`: `c.var.verified` is undefined for a request without a token. */
export function guard<Claims extends object = ClaimsSet>(
  verifier: Verifies<Claims>,
  options: GuardOptions<HonoRequest> & OptionalCredentials,
): Middleware<Verified<Claims> | undefined>
/**
 * A guard as middleware: it sets `c.var.verified`, or answers. `expected`, `onRefused` and `refusal` get `c.req`.
 *
 * The caller's own mistakes, and what those functions throw, are thrown, so that `app.onError` gets them.
 *
 * @param options See {@link GuardOptions}.
 * @throws {TypeError} For options that cannot be used.
 *
 * @example
 * ```js
 * app.get('/orders/:id', guard(verifier, { expected: (req) => ({ bind: { order_id: req.param('id') } }) }), (c) =>
 *   c.json({ order: c.req.param('id'), of: c.var.verified.claims.sub }),
 * )
 * ```
 */
export function guard<Claims extends object = ClaimsSet>(
  verifier: Verifies<Claims>,
  options?: GuardOptions<HonoRequest>,
): Middleware<Verified<Claims>>
/**
 * A guard beside existing middleware, which decides: see {@link Shadowed}. The result is used in its place. It
 * refuses a request if it throws, or returns or sets a response with an error status without calling `next()`.
 */
export function guard<Claims extends object, E extends Existing>(
  verifier: Verifies<Claims>,
  options: Shadowed<HonoRequest, E>,
): (...parameters: Parameters<E>) => ReturnType<E>
export function guard<Claims extends object = ClaimsSet>(
  verifier: Verifies<Claims>,
  options: GuardOptions<HonoRequest> | Shadowed<HonoRequest, Existing> = {},
): unknown {
  const { check, shadow } = createGuard(verifier, options, HONO_READER)
  if (shadow !== undefined) return beside(shadow)
  const middleware: Middleware<Verified<Claims>> = async (context, next) => {
    const found = check(context.req)
    const result = found instanceof Promise ? await found : found
    if (result.kind !== 'verified' && result.kind !== 'unverified') return respond(result.answer, context.req.method)
    const verified = result.kind === 'verified' ? result.verified : context.get('verified')
    // Set in either case: where it is not, `c.var` may inherit one from `Object.prototype`.
    context.set('verified', verified)
    await next()
    if (result.kind !== 'verified') return
    for (const [name, value] of result.headers) {
      context.header(name, value, { append: name === 'Access-Control-Expose-Headers' })
    }
  }
  return middleware
}

/** How a request of Hono is read. */
const HONO_READER: RequestReader<HonoRequest> = {
  method: (request) => request.method,
  target: (request) => request.raw.url,
  headers: (request) => headersOf(request.raw),
}

/** Calls the existing middleware, and compares the guard's verdict with its own. */
function beside({ existing, begin }: Shadow<HonoRequest>): Middleware<unknown> {
  return async (context, next) => {
    const report = begin(context.req)
    const passOn = () => {
      report(ACCEPTED)
      return next()
    }
    try {
      const result: unknown = await Reflect.apply(existing, undefined, [context, passOn])
      // `context.res` makes a response if there is none.
      const response = result instanceof Response ? result : context.finalized ? context.res : undefined
      report(verdictOfStatus(response?.status))
      return result as Response | undefined
    } catch (error) {
      report(verdictOfError(error))
      throw error
    }
  }
}

/**
 * The metadata of this resource (RFC 9728), as middleware: it answers a request for the document, and passes any other on.
 * It is also the option `resourceMetadata` of a guard.
 *
 * @throws {TypeError} For options that cannot be used.
 *
 * @example
 * ```js
 * const resourceMetadata = protectedResourceMetadata({ resource, issuer, scope: 'orders:read' })
 * app.use(resourceMetadata)
 * app.use('/orders/*', guard(verifier, { resourceMetadata }))
 * ```
 */
export function protectedResourceMetadata(options: ProtectedResourceOptions): AnyMiddleware & ResourceMetadata {
  const metadata = publishedMetadata(options)
  const middleware: AnyMiddleware = async (context, next) => {
    const { method, raw } = context.req
    const found = metadata.answer(method, raw.url)
    return found === undefined ? await next() : respond(found, method)
  }
  return withMetadata(middleware, metadata)
}
