// @ts-check
/**
 * Holds a package against all vectors and says what came out otherwise, in any runtime: nothing here is Node's.
 *
 * @module
 */

import { run } from '../../vectors/run.js'

/**
 * @typedef {{ held: number, differences: string[] }} Verdicts How many vectors were obeyed, and what the others did.
 */

/**
 * @param {import('../../vectors/run.js').Package} api
 * @param {Record<string, import('../../vectors/run.js').Vector[]>} vectors By file name.
 * @returns {Verdicts}
 */
export function verdicts(api, vectors) {
  /** @type {Verdicts} */
  const found = { held: 0, differences: [] }
  for (const [file, list] of Object.entries(vectors)) {
    for (const vector of list) {
      const differences = run(api, vector)
      if (differences.length === 0) found.held += 1
      else found.differences.push(`${file}: ${vector.name}: ${differences.join('; ')}`)
    }
  }
  return found
}
