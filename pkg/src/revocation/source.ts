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
      const answers = sources.map(async (source) => answerOf(await source.isRevoked(token)))
      // The first that says yes decides: one that does not answer delays no refusal.
      const yes = answers.map(async (answer) => (await answer) || Promise.reject(new Error('not revoked')))
      return await Promise.any(yes).catch(async () => {
        await Promise.all(answers)
        return false
      })
    },
  }
}

/** @throws {TypeError} For what is neither true nor false. */
function answerOf(isRevoked: unknown): boolean {
  if (typeof isRevoked === 'boolean') return isRevoked
  throw new TypeError('isRevoked must resolve to true or false')
}
