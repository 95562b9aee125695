/**
 * A guard for Hono.
 *
 * @module
 */

import type { ClaimsSet, Verified } from '../types.js'
import type { GuardOptions, OptionalCredentials, Verifies } from './guard.js'
import { createGuard } from './guard.js'
import { headersOf, respond } from './response.js'

export type { PresentedCertificate } from './certificate.js'
export { cloudflareCertificate } from './certificate.js'
export type { GuardOptions, OptionalCredentials, RefusalAnswer, RefusalWriter } from './guard.js'
export type { NonceOptions } from './nonce.js'

/**
 * The middleware type of the installed Hono, which types `c.var.verified` for the handlers after it; `any` without
 * Hono.
 * @ts-ignore */
type Middleware<Value> = import('hono').MiddlewareHandler<{ Variables: { verified: Value } }>

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
export function guard<Claims extends object = ClaimsSet>(
  verifier: Verifies<Claims>,
  options: GuardOptions<HonoRequest> = {},
): Middleware<Verified<Claims>> | Middleware<Verified<Claims> | undefined> {
  const { check } = createGuard(verifier, options)
  const middleware: Middleware<Verified<Claims>> = async (context, next) => {
    const { method, raw } = context.req
    const result = await check(context.req, method, headersOf(raw), raw.url)
    if (result.kind !== 'verified' && result.kind !== 'unverified') return respond(result.answer, method)
    const verified = result.kind === 'verified' ? result.verified : context.get('verified')
    // Set in either case: where it is not, `c.var` may inherit one from `Object.prototype`.
    context.set('verified', verified)
    await next()
    if (result.kind !== 'verified') return
    for (const [name, value] of Object.entries(result.headers)) {
      context.header(name, value, { append: name === 'Access-Control-Expose-Headers' })
    }
  }
  return middleware
}
