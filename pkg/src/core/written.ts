/**
 * Inspections as the core writes them, with its refusals as errors.
 *
 * @module
 */

import type { Refusal, TokenError } from '../error.js'
import { refuse } from '../error.js'
import type { Check, Inspection } from '../types.js'

/** An inspection as the core writes it: its refusals are not errors yet. */
export type Written = Omit<Inspection, 'error' | 'checks'> & {
  error?: Refusal
  checks: readonly (Omit<Check, 'error'> & { error?: Refusal })[]
}

/** The inspection that `written` describes. */
export function inspection(written: Written): Inspection {
  return { ...withError(written), checks: written.checks.map(withError) }
}

/** Replaces the core's refusal with an error. Only an own member is read: `Object.prototype` may have been polluted. */
function withError<T extends { error?: Refusal }>(written: T): Omit<T, 'error'> & { error?: TokenError } {
  const { error, ...rest } = written
  return error !== undefined && Object.hasOwn(written, 'error') ? { ...rest, error: refuse(error) } : rest
}

/** The inspection of what is no text of UTF-8 octets, and of a token over which the core traps. */
export function unreadable(): Inspection {
  const error = refuse({ code: 'token_malformed' })
  return { kind: 'malformed', parts: [], checks: [], warnings: [], looksLike: [], error }
}
