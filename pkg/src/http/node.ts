/**
 * A guard for whatever speaks (request, response, next): node:http, Express 4 and 5, Connect.
 *
 * @module
 */

import type { ClaimsSet, Verified } from '../types.js'
import { judgeOf } from './guard.js'
import type { GuardOptions, Verifies } from './guard.js'
import { linesOf, settle } from './message.js'
import type { NodeRequest, NodeResponse } from './message.js'

export type { GuardOptions } from './guard.js'
export type { NodeRequest, NodeResponse } from './message.js'

declare global {
  namespace Express {
    interface Request {
      /** What the token says. There behind a guard, save for a request without a token under `credentials: 'optional'`. */
      verified?: Verified
    }
  }
}

/** A request behind a guard. */
export type Guarded<R, Claims extends ClaimsSet = ClaimsSet> = R & { verified?: Verified<Claims> }

/**
 * A guard in front of a handler: sets `request.verified` and calls `next()`, or answers. The request's body is left alone.
 *
 * A caller's own mistake goes to `next(error)`. A `next` that takes no parameter cannot know about it, so the guard answers
 * 500 in its place, and warns (`process.emitWarning`): in front of a plain node:http handler nothing opens by mistake.
 *
 * Headers are read as they came: of two `Authorization` lines node:http itself drops one.
 *
 * @throws {TypeError} For options that cannot mean anything.
 *
 * @example
 * ```js
 * app.get('/orders/:id', guard(verifier, { expected: (req) => ({ bind: { order_id: req.params.id } }) }), (req, res) => {
 *   res.json({ order: req.params.id, of: req.verified.claims.sub })
 * })
 * ```
 */
export function guard<Claims extends ClaimsSet, R extends NodeRequest = NodeRequest>(
  verifier: Verifies<Claims>,
  options: GuardOptions<R> = {},
): (request: R, response: NodeResponse, next: (error?: unknown) => void) => void {
  const judge = judgeOf(verifier, options)
  return (request: Guarded<R, Claims>, response, next) => {
    void judge(request, request.method, linesOf(request)).then(
      (outcome) => {
        if (outcome.kind === 'refused') return settle(response, outcome.answer)
        if (outcome.kind === 'verified') request.verified = outcome.verified
        next()
      },
      (error: unknown) => {
        if (next.length > 0) return next(error)
        process.emitWarning(error instanceof Error ? error : 'A guard failed.')
        settle(response, { status: 500, headers: {}, body: '' })
      },
    )
  }
}
