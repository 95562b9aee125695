/**
 * The options of `inspect`.
 *
 * @module
 */

import { members } from '../core/options.js'

/** The limits of `maxTokenBytes`, as a policy has them. */
const DEFAULT_TOKEN_BYTES = 16_384
const MAX_TOKEN_BYTES = 1_048_576

/** When and how much of a token `inspect` reads. */
export interface InspectOptions {
  /** The time of the inspection, in seconds since the Unix epoch. Default: the runtime's clock. */
  now?: number
  /**
   * The longest token that is read, in octets. The inspection of a longer one has the error `token_too_large`. Default
   * 16384, at most 1048576.
   */
  maxTokenBytes?: number
}

/**
 * Reads the options.
 *
 * @throws {TypeError} For options that cannot mean anything.
 */
export function settings(options: InspectOptions): { now: number; limit: number } {
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
  return { now, limit }
}
