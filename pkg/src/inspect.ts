/**
 * Reading a token without trusting it.
 *
 * @module
 */

import * as bindings from './core/bindings.js'
import type { InspectOptions } from './inspect/settings.js'
import { settings } from './inspect/settings.js'
import type { Inspection, Presented } from './types.js'

/**
 * Reads a token without trusting it. Never throws for a token, and its result cannot be passed off as a `Verified`.
 *
 * @param options `now`: seconds since the Unix epoch; default: the runtime's clock. `maxTokenBytes`: a longer token is not
 *   read, its inspection holds the error `token_too_large`; default 16384, at most 1048576.
 * @throws {TypeError} For options that cannot mean anything.
 */
export function inspect(token: Presented, options: InspectOptions = {}): Inspection {
  const { now, limit } = settings(options)
  return bindings.look(token, limit, now)
}
