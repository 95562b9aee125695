/**
 * Reading a token without trusting it.
 *
 * @module
 */

import * as bindings from './core/bindings.js'
import { members } from './core/snapshot.js'
import type { Inspection, Presented } from './types.js'

/** The limits of `maxTokenBytes`, as a policy has them. */
const DEFAULT_TOKEN_BYTES = 16_384
const MAX_TOKEN_BYTES = 1_048_576

/**
 * Reads a token without trusting it. Never throws for a token, and its result cannot be passed off as a `Verified`.
 *
 * @param options `now`: seconds since the Unix epoch; default: the runtime's clock. `maxTokenBytes`: a longer token is not
 *   read, its inspection holds the error `token_too_large`; default 16384, at most 1048576.
 * @throws {TypeError} For options that cannot mean anything.
 */
export function inspect(token: Presented, options: { now?: number; maxTokenBytes?: number } = {}): Inspection {
  const found = members(options, 'options')
  const now = found.has('now') ? found.get('now') : Date.now() / 1000
  const limit = found.has('maxTokenBytes') ? found.get('maxTokenBytes') : DEFAULT_TOKEN_BYTES
  found.delete('now')
  found.delete('maxTokenBytes')
  if (found.size > 0 || typeof now !== 'number')
    throw new TypeError('options must be { now, maxTokenBytes }, in seconds and octets')
  if (typeof limit !== 'number' || !Number.isInteger(limit) || limit < 1 || limit > MAX_TOKEN_BYTES) {
    throw new TypeError('maxTokenBytes must be a whole number of octets, 1 to 1048576')
  }
  return bindings.look(token, limit, now)
}
