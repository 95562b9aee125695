/**
 * A guard for Fastify.
 *
 * @module
 */

import { memberOf } from '../core/options.js'
import type { ClaimsSet, Verified } from '../types.js'
import type { RequestReader } from './carriers.js'
import type { GuardResult, Reads, Shadow } from './guard.js'
import { createGuard, faultOf, resultsOf } from './guard.js'
import type { GuardOptions, OptionalCredentials, Shadowed, Soon, Verifies } from './guard-options.js'
import { joined, linesOf, targetOf } from './message.js'
import type { ProtectedResourceOptions, PublishedMetadata, ResourceMetadata } from './metadata.js'
import { publishedMetadata, withMetadata } from './metadata.js'
import type { Existing } from './shadow.js'
import { ACCEPTED, reportAtClose, verdictOfError } from './shadow.js'

export type { Reads } from './guard.js'
export type { GuardOptions, OptionalCredentials, RefusalAnswer, RefusalWriter, Shadowed } from './guard-options.js'
export type { ProtectedResourceOptions, ResourceMetadata } from './metadata.js'
export type { ShadowDifference, ShadowOptions, ShadowVerdict } from './shadow.js'

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

/** What Fastify calls a hook with. */
type HookParameters = readonly [request: Request, reply: Reply, done: Done]

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
/**
 * A guard beside an existing hook, of callback style or async, which decides: see {@link Shadowed}. It is used as any
 * guard: as a hook where the existing one was, or as a plugin, which adds it to `onRequest`, with `expected` to
 * `preValidation`. The existing hook refuses a request if it passes on or throws an error, or sends a reply with an error
 * status.
 */
export function guard<Claims extends object = ClaimsSet, R = AnyRequest>(
  verifier: Verifies<Claims>,
  options: Shadowed<R, Existing>,
): Plugin & Hook
export function guard<Claims extends object = ClaimsSet, R = AnyRequest>(
  verifier: Verifies<Claims>,
  options: GuardOptions<R> | Shadowed<R, Existing> = {},
): Plugin & Hook {
  // A route's own types are the caller's claim about its schema; a guard passes the request as it is.
  const { find, check, hasExpected, shadow } = createGuard(
    verifier,
    options as GuardOptions<Request> | Shadowed<Request, Existing>,
    FASTIFY_READER,
  )
  const results = resultsOf<Claims>()

  /** Lets the request pass, or sends the refusal. Fastify continues after `done`, and stops after a reply. */
  function finish(result: GuardResult<Claims>, request: Request, reply: Reply, done: Done): void {
    if (result.kind !== 'verified' && result.kind !== 'unverified') {
      const { status, headers, body } = result.answer
      return void reply.code(status).headers(headers).send(body)
    }
    if (result.kind === 'verified') {
      for (const [name, value] of result.headers) {
        reply.header(name, joined(reply.getHeader(name), name, value))
      }
      request.verified = result.verified as Verified
    } else if (memberOf(request, 'verified') === undefined) request.verified = null
    results.keep(request, result.kind === 'verified' ? result.verified : undefined)
    done()
  }

  function verify(request: Request, reply: Reply, done: Done): void {
    settle(
      () => check(request),
      (result) => finish(result, request, reply, done),
      done,
    )
  }

  function refuseEarly(request: Request, reply: Reply, done: Done): void {
    settle(
      () => find(request),
      (found) => (found.kind === 'found' ? done() : finish(found, request, reply, done)),
      done,
    )
  }

  /** Calls the existing hook as Fastify would, and compares the guard's verdict with its own. */
  function beside(
    { existing, begin }: Shadow<Request>,
    instance: unknown,
    [request, reply, done]: HookParameters,
  ): unknown {
    const report = begin(request)
    reportAtClose(reply.raw, report)
    const passOn = (error?: Error) => {
      report(error ? verdictOfError(error) : ACCEPTED)
      done(error)
    }
    const failed = (error: unknown) => {
      report(verdictOfError(error))
      throw error
    }
    try {
      const result: unknown = Reflect.apply(existing, instance, [request, reply, passOn])
      if (!(result instanceof Promise)) return result
      return result.then(() => {
        if (!reply.sent) report(ACCEPTED)
      }, failed)
    } catch (error) {
      return failed(error)
    }
  }

  /** The guard as a hook. Fastify binds `this` to the instance. */
  function hook(this: unknown, ...parameters: HookParameters): unknown {
    return shadow === undefined ? verify(...parameters) : beside(shadow, this, parameters)
  }

  function register(instance: Instance, done: Done): void {
    if (!instance.hasRequestDecorator('verified')) instance.decorateRequest('verified', null)
    if (shadow !== undefined) instance.addHook(hasExpected ? 'preValidation' : 'onRequest', hook as Hook)
    else if (hasExpected) instance.addHook('onRequest', refuseEarly).addHook('preValidation', verify)
    else instance.addHook('onRequest', verify)
    done()
  }

  /** Fastify calls a plugin with (instance, options, done), and a hook with (request, reply, done). */
  function pluginOrHook(this: unknown, subject: Instance | Request, second: unknown, done: Done): unknown {
    if (typeof memberOf(subject, 'addHook') === 'function') return register(subject as Instance, done)
    return Reflect.apply(hook, this, [subject as Request, second as Reply, done])
  }

  // The guarded scope is the one that registers the guard, not one of its own.
  return Object.assign(pluginOrHook, IN_PLACE, { verified: results.verified }) as unknown as Plugin & Hook
}

/** How a request of Fastify is read. */
const FASTIFY_READER: RequestReader<Request> = {
  method: (request) => request.method,
  target: targetOf,
  headers: (request) => linesOf(request.raw),
}

/** Passes a result on, at once unless it has to be waited for; what is thrown goes to `done`. */
function settle<T>(find: () => Soon<T>, pass: (found: T) => void, done: Done): void {
  const failed = (error: unknown) => done(faultOf(error) as Error)
  let found: Soon<T>
  try {
    found = find()
  } catch (error) {
    failed(error)
    return
  }
  if (found instanceof Promise) found.then(pass, failed)
  else pass(found)
}

/** What makes a plugin one of the scope that registers it. */
const IN_PLACE = { [Symbol.for('skip-override')]: true, [Symbol.for('fastify.display-name')]: 'countersign' }

/**
 * The metadata of this resource (RFC 9728), as a plugin for the root instance: it adds the route of the document. It is
 * also the option `resourceMetadata` of a guard, which lets requests for the document pass.
 *
 * @throws {TypeError} For options that cannot be used.
 *
 * @example
 * ```js
 * const resourceMetadata = protectedResourceMetadata({ resource, issuer, scope: 'orders:read' })
 * app.register(resourceMetadata)
 * app.register(guard(verifier, { resourceMetadata }))
 * ```
 */
export function protectedResourceMetadata(options: ProtectedResourceOptions): Plugin & ResourceMetadata {
  const metadata = publishedMetadata(options)
  const plugin = (instance: Instance, _options: unknown, done: Done) => {
    if (instance.prefix !== '') {
      return done(new TypeError('protectedResourceMetadata() must be registered without a prefix'))
    }
    const method = ['GET', 'HEAD', 'OPTIONS']
    try {
      instance.route({ method, url: routeOf(metadata.path), handler: answerWith(metadata) })
      done()
    } catch (error) {
      done(error as Error)
    }
  }
  return withMetadata(Object.assign(plugin, IN_PLACE), metadata) as unknown as Plugin & ResourceMetadata
}

/**
 * A path as find-my-way takes it: decoded, with two colons for one, which would begin a parameter, and up to an asterisk,
 * which matches any rest.
 */
function routeOf(path: string): string {
  return decodeURI(path)
    .replace(/:/g, '::')
    .replace(/\*[^]*$/, '*')
}

/** The handler of the document's route. */
function answerWith(metadata: PublishedMetadata): (request: Request, reply: Reply) => unknown {
  return (request, reply) => {
    const found = metadata.answer(request.method, targetOf(request))
    if (found === undefined) return reply.callNotFound()
    return reply.code(found.status).headers(found.headers).send(found.body)
  }
}
