/**
 * A guard for Hono.
 *
 * @module
 */

import type { ClaimsSet, Verified } from '../types.js'
import { judgeOf } from './guard.js'
import type { GuardOptions, Verifies } from './guard.js'
import { headersOf, respond } from './response.js'

export type { GuardOptions } from './guard.js'

/**
 * The middleware of whichever Hono is installed, for only its own type tells a handler what `c.var.verified` is;
 * there is none without Hono.
 * @ts-ignore */
type Middleware<Value> = import('hono').MiddlewareHandler<{ Variables: { verified: Value } }>

/**
 * The request as Hono shows it; there is none without Hono.
 * @ts-ignore */
type HonoRequest = import('hono').HonoRequest

/**
 * A guard as middleware: sets `c.var.verified`, or answers. `expected` and `onRefused` get `c.req`.
 *
 * A caller's own mistake is thrown, so that `app.onError` sees it.
 *
 * @throws {TypeError} For options that cannot mean anything.
 *
 * @example
 * ```js
 * app.get('/orders/:id', guard(verifier, { expected: (req) => ({ bind: { order_id: req.param('id') } }) }), (c) =>
 *   c.json({ order: c.req.param('id'), of: c.var.verified.claims.sub }),
 * )
 * ```
 */
export function guard<Claims extends ClaimsSet>(
  verifier: Verifies<Claims>,
  options: GuardOptions<HonoRequest> & { credentials: 'optional' },
): Middleware<Verified<Claims> | undefined>
export function guard<Claims extends ClaimsSet>(
  verifier: Verifies<Claims>,
  options?: GuardOptions<HonoRequest>,
): Middleware<Verified<Claims>>
export function guard<Claims extends ClaimsSet>(
  verifier: Verifies<Claims>,
  options: GuardOptions<HonoRequest> = {},
): Middleware<Verified<Claims>> | Middleware<Verified<Claims> | undefined> {
  const judge = judgeOf(verifier, options)
  const middleware: Middleware<Verified<Claims>> = async (context, next) => {
    const { method, raw } = context.req
    const outcome = await judge(context.req, method, headersOf(raw))
    if (outcome.kind === 'refused') return respond(outcome.answer, method)
    if (outcome.kind === 'verified') context.set('verified', outcome.verified)
    return await next()
  }
  return middleware
}
