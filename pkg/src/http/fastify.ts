/**
 * A guard for Fastify.
 *
 * @module
 */

import { memberOf } from '../core/snapshot.js'
import type { ClaimsSet, Verified } from '../types.js'
import type { GuardOptions, GuardResult, OptionalCredentials, Reads, Verifies } from './guard.js'
import { createGuard, faultOf, resultsOf } from './guard.js'
import { joined, linesOf, targetOf } from './message.js'

export type { GuardOptions, OptionalCredentials, Reads, RefusalAnswer, RefusalWriter } from './guard.js'

/**
 * The plugin type of the installed Fastify; `any` without Fastify.
 * @ts-ignore */
type Plugin = import('fastify').FastifyPluginCallback

/**
 * The type of hooks of the installed Fastify; `any` without Fastify.
 * @ts-ignore */
type Hook = import('fastify').preHandlerHookHandler

/**
 * The instance of the installed Fastify; `any` without Fastify.
 * @ts-ignore */
type Instance = import('fastify').FastifyInstance

/**
 * The request of the installed Fastify; `any` without Fastify.
 * @ts-ignore */
type Request = import('fastify').FastifyRequest

/** The parameters and the query as they are without a schema. */
interface Unchecked {
  Params: Readonly<Record<string, string | undefined>>
  Querystring: Readonly<Record<string, unknown>>
}

/**
 * The request that `expected`, `onRefused` and `refusal` get, unless their parameter is annotated; `any` without
 * Fastify.
 * @ts-ignore */
export type AnyRequest = import('fastify').FastifyRequest<Unchecked>

/**
 * The reply of the installed Fastify; `any` without Fastify.
 * @ts-ignore */
type Reply = import('fastify').FastifyReply

/**
 * The member that a request gains; without Fastify there is nothing to add it to.
 * @ts-ignore */
declare module 'fastify' {
  interface FastifyRequest {
    /**
     * What the token says; null without a guard, and for a request without a token under `credentials: 'optional'`.
     */
    verified: Verified | null
  }
}

/** Ends a hook; with an error, by the error handler. */
type Done = (error?: Error) => void

/** With optional `credentials`: there is no verified token for a request without one. */
export function guard<Claims extends object = ClaimsSet, R = AnyRequest>(
  verifier: Verifies<Claims>,
  options: GuardOptions<R> & OptionalCredentials,
): Plugin & Hook & Reads<Verified<Claims> | undefined>
/**
 * A guard as a plugin, or as a hook of one route.
 *
 * As a plugin it guards every route of the scope that registers it, and sets `request.verified`. It runs before the
 * body is read; with `expected` it runs after, so that `request.body` can be compared, and only a request without one
 * well-formed token is refused before. As a hook it runs where you put it: `{ onRequest: guard(verifier) }`, or
 * `preHandler` if `expected` needs the body.
 *
 * The handler reads the token as `request.verified`, or, typed by the verifier's claims, as `protect.verified(request)`.
 *
 * The caller's own mistakes, and what `expected`, `onRefused` and `refusal` throw, go to the error handler.
 *
 * @param options See {@link GuardOptions}.
 * @throws {TypeError} For options that cannot be used.
 *
 * @example
 * ```js
 * app.register(async (orders) => {
 *   orders.register(guard(verifier, { expected: (request) => ({ bind: { order_id: request.params.id } }) }))
 *   orders.get('/orders/:id', async (request) => ({ of: request.verified.claims.sub }))
 * })
 * ```
 */
export function guard<Claims extends object = ClaimsSet, R = AnyRequest>(
  verifier: Verifies<Claims>,
  options?: GuardOptions<R>,
): Plugin & Hook & Reads<Verified<Claims>>
export function guard<Claims extends object = ClaimsSet, R = AnyRequest>(
  verifier: Verifies<Claims>,
  options: GuardOptions<R> = {},
): Plugin & Hook & Reads<Verified<Claims> | undefined> {
  // A route's own types are the caller's claim about its schema; a guard passes the request as it is.
  const { find, check, hasExpected } = createGuard(verifier, options as GuardOptions<Request>)
  const results = resultsOf<Claims>()

  /** Lets the request pass, or sends the refusal. Fastify continues after `done`, and stops after a reply. */
  function finish(result: GuardResult<Claims>, request: Request, reply: Reply, done: Done): void {
    if (result.kind !== 'verified' && result.kind !== 'unverified') {
      const { status, headers, body } = result.answer
      return void reply.code(status).headers(headers).send(body)
    }
    if (result.kind === 'verified') {
      for (const [name, value] of Object.entries(result.headers)) {
        reply.header(name, joined(reply.getHeader(name), name, value))
      }
      request.verified = result.verified as Verified
    } else if (memberOf(request, 'verified') === undefined) request.verified = null
    results.keep(request, result.kind === 'verified' ? result.verified : undefined)
    done()
  }

  function verify(request: Request, reply: Reply, done: Done): void {
    check(request, request.method, linesOf(request.raw), targetOf(request)).then(
      (result) => finish(result, request, reply, done),
      (error: unknown) => done(faultOf(error) as Error),
    )
  }

  function refuseEarly(request: Request, reply: Reply, done: Done): void {
    find(request, request.method, linesOf(request.raw)).then(
      (found) => ('token' in found ? done() : finish(found, request, reply, done)),
      (error: unknown) => done(faultOf(error) as Error),
    )
  }

  function register(instance: Instance, done: Done): void {
    if (!instance.hasRequestDecorator('verified')) instance.decorateRequest('verified', null)
    if (hasExpected) instance.addHook('onRequest', refuseEarly).addHook('preValidation', verify)
    else instance.addHook('onRequest', verify)
    done()
  }

  /** Fastify calls a plugin with (instance, options, done), and a hook with (request, reply, done). */
  function pluginOrHook(subject: Instance | Request, second: unknown, done: Done): void {
    if (typeof memberOf(subject, 'addHook') === 'function') register(subject as Instance, done)
    else verify(subject as Request, second as Reply, done)
  }

  // The guarded scope is the one that registers the guard, not one of its own.
  return Object.assign(pluginOrHook, {
    [Symbol.for('skip-override')]: true,
    [Symbol.for('fastify.display-name')]: 'countersign',
    verified: results.verified,
  }) as unknown as Plugin & Hook & Reads<Verified<Claims> | undefined>
}
