/**
 * Several sources of revocations as one.
 *
 * @module
 */

import type { RevocationSource, Verified } from '../types.js'

/**
 * Several sources as one. A token is revoked if any of them says so; if none does and one of them fails, no verdict
 * can be reached.
 *
 * @throws {TypeError} When there is no source, or one without a method isRevoked.
 */
export function anySource(...sources: readonly RevocationSource[]): RevocationSource {
  if (sources.length === 0) throw new TypeError('anySource needs at least one source')
  for (const source of sources) {
    if (typeof Object(source).isRevoked !== 'function') throw new TypeError('a source must have a method isRevoked')
  }
  return {
    async isRevoked(token: Verified): Promise<boolean> {
      const asked = sources.map(async (source): Promise<unknown> => source.isRevoked(token))
      const answers = await Promise.allSettled(asked)
      if (answers.some((answer) => answer.status === 'fulfilled' && answer.value === true)) return true
      for (const answer of answers) {
        if (answer.status === 'rejected') throw answer.reason
        if (answer.value !== false) throw new TypeError('isRevoked must resolve to true or false')
      }
      return false
    },
  }
}
