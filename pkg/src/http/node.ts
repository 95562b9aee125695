/**
 * A guard for handlers of (request, response, next): node:http, Express 4 and 5, Connect.
 *
 * @module
 */

import { memberOf } from '../core/snapshot.js'
import type { ClaimsSet, Verified } from '../types.js'
import type { GuardOptions, GuardResult, OptionalCredentials, Reads, Verifies } from './guard.js'
import { createGuard, faultOf, resultsOf } from './guard.js'
import type { NodeRequest, NodeResponse } from './message.js'
import { joined, linesOf, send, targetOf } from './message.js'

export type { PresentedCertificate } from './certificate.js'
export { nodeCertificate } from './certificate.js'
export type { GuardOptions, OptionalCredentials, Reads, RefusalAnswer, RefusalWriter } from './guard.js'
export type { NodeRequest, NodeResponse } from './message.js'
export type { NonceOptions } from './nonce.js'

declare global {
  namespace Express {
    interface Request {
      /**
       * What the token says. Present behind a guard, except for a request without a token under `credentials:
       * 'optional'`.
       */
      verified?: Verified | undefined
    }
  }
}

/** A request behind a guard. */
export type Guarded<R, Claims extends object = ClaimsSet> = R & {
  /** The verified token; absent where credentials are optional and the request has none. */
  verified?: Verified<Claims> | undefined
}

/** Calls the next handler, or the error handler. */
type Next = (error?: unknown) => unknown

/**
 * The request of the installed Express types; `any` without them.
 * @ts-ignore */
type ExpressRequest = import('express').Request

/**
 * The request of the installed Node types; `any` without them.
 * @ts-ignore */
type HttpRequest = import('node:http').IncomingMessage

type IsAny<T> = 0 extends 1 & T ? true : false

/**
 * The request that `expected`, `onRefused` and `refusal` get, unless their parameter is annotated: Express's if its
 * types are installed, or else that of node:http.
 */
export type AnyRequest =
  IsAny<ExpressRequest> extends false ? ExpressRequest : IsAny<HttpRequest> extends false ? HttpRequest : NodeRequest

/** A guard for handlers of (request, response, next). */
type Guard<R, Result> = ((request: R, response: NodeResponse, next: (error?: unknown) => void) => void) & Reads<Result>

/** With optional `credentials`: there is no verified token for a request without one. */
export function guard<Claims extends object = ClaimsSet>(
  verifier: Verifies<Claims>,
  options: GuardOptions<AnyRequest> & OptionalCredentials,
): Guard<NodeRequest, Verified<Claims> | undefined>
/**
 * A guard in front of a handler: it sets `request.verified` and calls `next()`, or answers. It does not read the body.
 *
 * The caller's own mistakes, and what `expected`, `onRefused` and `refusal` throw, go to `next(error)`. A `next`
 * without a parameter cannot handle an error, so the guard answers 500 in its place and warns (`process.emitWarning`):
 * in front of a plain node:http handler nothing opens by mistake. It does the same if such a `next` throws or rejects.
 *
 * The handler reads the token as `request.verified`, or, typed by the verifier's claims, as `protect.verified(request)`.
 *
 * Headers are read as they arrived: of two `Authorization` lines, node:http drops one.
 *
 * @param options See {@link GuardOptions}.
 * @throws {TypeError} For options that cannot be used.
 *
 * @example
 * ```js
 * app.get('/orders/:id', guard(verifier, { expected: (req) => ({ bind: { order_id: req.params.id } }) }), (req, res) =>
 *   { res.json({ order: req.params.id, of: req.verified.claims.sub })
 * })
 * ```
 */
export function guard<Claims extends object = ClaimsSet>(
  verifier: Verifies<Claims>,
  options?: GuardOptions<AnyRequest>,
): Guard<NodeRequest, Verified<Claims>>
/** The same, where the request's type is stated: by `options.expected`, or as a type argument. */
export function guard<Claims extends object = ClaimsSet, R extends NodeRequest = NodeRequest>(
  verifier: Verifies<Claims>,
  options: GuardOptions<R> & OptionalCredentials,
): Guard<R, Verified<Claims> | undefined>
/** The same, where the request's type is stated: by `options.expected`, or as a type argument. */
export function guard<Claims extends object = ClaimsSet, R extends NodeRequest = NodeRequest>(
  verifier: Verifies<Claims>,
  options: GuardOptions<R>,
): Guard<R, Verified<Claims>>
export function guard<Claims extends object = ClaimsSet, R extends NodeRequest = NodeRequest>(
  verifier: Verifies<Claims>,
  options: GuardOptions<R> = {},
): Guard<R, Verified<Claims> | undefined> {
  const { check } = createGuard(verifier, options)
  const results = resultsOf<Claims>()

  async function handle(request: Guarded<R, Claims>, response: NodeResponse, next: Next): Promise<void> {
    let result: GuardResult<Claims>
    try {
      result = await check(request, memberOf(request, 'method'), linesOf(request), targetOf(request))
    } catch (error) {
      if (next.length > 0) return void (await next(faultOf(error)))
      throw error
    }
    if (result.kind !== 'verified' && result.kind !== 'unverified') return send(response, result.answer)
    if (result.kind === 'verified') {
      for (const [name, value] of Object.entries(result.headers)) {
        response.setHeader(name, joined(response.getHeader?.(name), name, value))
      }
      request.verified = result.verified
    } else if (memberOf(request, 'verified') === undefined) request.verified = undefined
    results.keep(request, result.kind === 'verified' ? result.verified : undefined)
    await next()
  }

  const protect = (request: R, response: NodeResponse, next: Next): void => {
    handle(request, response, next).catch((error: unknown) => {
      process.emitWarning(error instanceof Error ? error : 'A guarded handler failed.')
      send(response, { status: 500, headers: {}, body: '' })
    })
  }
  return Object.assign(protect, { verified: results.verified })
}
