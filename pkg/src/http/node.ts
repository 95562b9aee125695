/**
 * A guard for handlers of (request, response, next): node:http, Express 4 and 5, Connect.
 *
 * @module
 */

import { isThenable } from '../core/callback.js'
import { memberOf } from '../core/options.js'
import type { ClaimsSet, Verified } from '../types.js'
import type { GuardResult, Reads, Shadow } from './guard.js'
import { createGuard, faultOf, resultsOf } from './guard.js'
import type { GuardOptions, OptionalCredentials, Shadowed, Soon, Verifies } from './guard-options.js'
import type { NodeRequest, NodeResponse } from './message.js'
import { joined, NODE_READER, send, targetOf } from './message.js'
import type { ProtectedResourceOptions, ResourceMetadata } from './metadata.js'
import { publishedMetadata, withMetadata } from './metadata.js'
import type { Existing } from './shadow.js'
import { ACCEPTED, reportAtClose, verdictOfError } from './shadow.js'

export type { PresentedCertificate } from './certificate.js'
export { nodeCertificate } from './certificate.js'
export type { Reads } from './guard.js'
export type { GuardOptions, OptionalCredentials, RefusalAnswer, RefusalWriter, Shadowed } from './guard-options.js'
export type { NodeRequest, NodeResponse } from './message.js'
export type { ProtectedResourceOptions, ResourceMetadata } from './metadata.js'
export type { NonceOptions } from './nonce.js'
export type { ShadowDifference, ShadowOptions, ShadowVerdict } from './shadow.js'

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
/**
 * A guard beside existing middleware of (request, response, next), which decides: see {@link Shadowed}. The result is
 * used in its place. It refuses a request if it calls `next(error)`, throws, or answers with an error status.
 */
export function guard<Claims extends object, E extends Existing>(
  verifier: Verifies<Claims>,
  options: Shadowed<AnyRequest, E>,
): (...parameters: Parameters<E>) => ReturnType<E>
export function guard<Claims extends object = ClaimsSet, R extends NodeRequest = NodeRequest>(
  verifier: Verifies<Claims>,
  options: GuardOptions<R> | Shadowed<R, Existing> = {},
): (request: R, response: NodeResponse, next: (error?: unknown) => void) => unknown {
  const { check, shadow } = createGuard<R, Claims>(verifier, options, NODE_READER)
  if (shadow !== undefined) return beside(shadow)
  const results = resultsOf<Claims>()

  /** Lets the request pass, or sends the refusal. */
  function finish(result: GuardResult<Claims>, request: Guarded<R, Claims>, response: NodeResponse, next: Next): void {
    if (result.kind !== 'verified' && result.kind !== 'unverified') {
      send(response, result.answer)
      return
    }
    if (result.kind === 'verified') {
      for (const [name, value] of result.headers) {
        response.setHeader(name, joined(response.getHeader?.(name), name, value))
      }
      request.verified = result.verified
    } else if (memberOf(request, 'verified') === undefined) request.verified = undefined
    results.keep(request, result.kind === 'verified' ? result.verified : undefined)
    callNext(response, next)
  }

  const protect = (request: R, response: NodeResponse, next: Next): void => {
    const failed = (error: unknown) => {
      if (next.length > 0) callNext(response, next, faultOf(error))
      else answerFault(response, error)
    }
    let found: Soon<GuardResult<Claims>>
    try {
      found = check(request)
    } catch (error) {
      failed(error)
      return
    }
    if (found instanceof Promise) found.then((result) => finish(result, request, response, next), failed)
    else finish(found, request, response, next)
  }

  return Object.assign(protect, { verified: results.verified })
}

/** Calls `next`. What it throws or rejects with is answered with a 500: no error handler is behind it. */
function callNext(response: NodeResponse, next: Next, ...error: readonly object[]): void {
  try {
    const returned = next(...error)
    if (isThenable(returned)) returned.then(undefined, (fault: unknown) => answerFault(response, fault))
  } catch (fault) {
    answerFault(response, fault)
  }
}

function answerFault(response: NodeResponse, fault: unknown): void {
  process.emitWarning(fault instanceof Error ? fault : 'A guarded handler failed.')
  send(response, { status: 500, headers: {}, body: '' })
}

/** Calls the existing middleware, and compares the guard's verdict with its own. */
function beside<R extends NodeRequest>({
  existing,
  begin,
}: Shadow<R>): (request: R, response: NodeResponse, next: Next) => unknown {
  return (request, response, next) => {
    const report = begin(request)
    const failed = (error: unknown) => {
      report(verdictOfError(error))
      throw error
    }
    reportAtClose(response, report)
    const passOn = (...parameters: readonly unknown[]) => {
      const [error] = parameters
      const isPassed = !error || error === 'route' || error === 'router'
      report(isPassed ? ACCEPTED : verdictOfError(error))
      return Reflect.apply(next, undefined, parameters)
    }
    try {
      const result: unknown = Reflect.apply(existing, undefined, [request, response, passOn])
      return result instanceof Promise ? result.catch(failed) : result
    } catch (error) {
      return failed(error)
    }
  }
}

/**
 * The metadata of this resource (RFC 9728), as middleware: it answers a request for the document, and calls `next()` for
 * any other. It is also the option `resourceMetadata` of a guard.
 *
 * @throws {TypeError} For options that cannot be used.
 *
 * @example
 * ```js
 * const resourceMetadata = protectedResourceMetadata({ resource, issuer, scope: 'orders:read' })
 * app.use(resourceMetadata)
 * app.use('/orders', guard(verifier, { resourceMetadata }))
 * ```
 */
export function protectedResourceMetadata(
  options: ProtectedResourceOptions,
): ((request: NodeRequest, response: NodeResponse, next: () => void) => void) & ResourceMetadata {
  const metadata = publishedMetadata(options)
  return withMetadata((request: NodeRequest, response: NodeResponse, next: () => void) => {
    const found = metadata.answer(memberOf(request, 'method'), targetOf(request))
    if (found === undefined) next()
    else send(response, found)
  }, metadata)
}
