/**
 * A guard for Fastify.
 *
 * @module
 */

import type { ClaimsSet, Verified } from '../types.js'
import { judgeOf } from './guard.js'
import type { GuardOptions, Verifies } from './guard.js'
import { linesOf } from './message.js'

export type { GuardOptions } from './guard.js'

/**
 * The plugin type of whichever Fastify is installed; there is none without Fastify.
 * @ts-ignore */
type Plugin = import('fastify').FastifyPluginCallback

/**
 * The request of whichever Fastify is installed; there is none without Fastify.
 * @ts-ignore */
type Request = import('fastify').FastifyRequest

/**
 * What a request gains; without Fastify there is nothing to add to.
 * @ts-ignore */
declare module 'fastify' {
  interface FastifyRequest {
    /** What the token says; null where no guard stands, and for a request without a token under `credentials: 'optional'`. */
    verified: Verified | null
  }
}

/**
 * A guard as a plugin: every route of the scope that registers it gets `request.verified`, or is answered.
 *
 * It runs before the body is read; with `expected` after, so that `request.body` is there to be compared. A caller's own
 * mistake is thrown, so that the error handler sees it.
 *
 * @throws {TypeError} For options that cannot mean anything.
 *
 * @example
 * ```js
 * app.register(async (orders) => {
 *   orders.register(guard(verifier, { expected: (request) => ({ bind: { order_id: request.params.id } }) }))
 *   orders.get('/orders/:id', async (request) => ({ of: request.verified.claims.sub }))
 * })
 * ```
 */
export function guard<Claims extends ClaimsSet>(
  verifier: Verifies<Claims>,
  options: GuardOptions<Request> = {},
): Plugin {
  const judge = judgeOf(verifier, options)
  const plugin: Plugin = (instance, _options, done) => {
    if (!instance.hasRequestDecorator('verified')) instance.decorateRequest('verified', null)
    instance.addHook(
      options.expected === undefined ? 'onRequest' : 'preValidation',
      async (request, reply) => {
        const outcome = await judge(request, request.method, linesOf(request.raw))
        if (outcome.kind === 'verified') request.verified = outcome.verified
        if (outcome.kind !== 'refused') return undefined
        const { status, headers, body } = outcome.answer
        return await reply.code(status).headers(headers).send(body)
      },
    )
    done()
  }
  // The scope that registers a guard is the scope that it guards, and no scope of its own.
  return Object.assign(plugin, {
    [Symbol.for('skip-override')]: true,
    [Symbol.for('fastify.display-name')]: 'countersign',
  })
}
