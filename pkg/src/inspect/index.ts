/**
 * Inspection of tokens for pages: `inspect` alone, as JavaScript without WebAssembly.
 *
 * @module
 */

import { look } from '../core/inspector.js'
import type { Inspection, Presented } from '../types.js'
import type { InspectOptions } from './settings.js'
import { settings } from './settings.js'

export type { ErrorCode } from '../error.js'
export { TokenError } from '../error.js'
export type { ClaimsSet, Inspection, JoseHeader, Presented, System, Warning, WarningCode } from '../types.js'
export type { InspectOptions } from './settings.js'

/**
 * Reads a token without trusting it. Never throws for a token, and its result cannot be passed off as a `Verified`.
 *
 * The result is that of `inspect` of `countersign`.
 *
 * @param options `now`: seconds since the Unix epoch; default: the runtime's clock. `maxTokenBytes`: a longer token is not
 *   read, its inspection holds the error `token_too_large`; default 16384, at most 1048576.
 * @throws {TypeError} For options that cannot mean anything.
 */
export function inspect(token: Presented, options: InspectOptions = {}): Inspection {
  const { now, limit } = settings(options)
  return look(token, limit, now)
}
