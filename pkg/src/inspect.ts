/**
 * Reading a token without trusting it.
 *
 * @module
 */

import * as bindings from './core/bindings.js'
import { members } from './core/snapshot.js'
import type { Inspection, Presented } from './types.js'

/**
 * Reads a token without trusting it. Never throws for a token, and its result cannot be passed off as a `Verified`.
 *
 * @param options `now`: seconds since the Unix epoch. Default: the runtime's clock.
 * @throws {TypeError} For options that cannot mean anything.
 */
export function inspect(token: Presented, options: { now?: number } = {}): Inspection {
  const found = members(options, 'options')
  const now = found.has('now') ? found.get('now') : Date.now() / 1000
  found.delete('now')
  if (found.size > 0 || typeof now !== 'number') throw new TypeError('options must be { now }, in seconds')
  return bindings.look(token, now)
}
