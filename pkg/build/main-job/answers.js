// @ts-check
/**
 * Shows in a terminal what guarded APIs answered: a line an answer where it is wide enough, otherwise two.
 *
 * @module
 */

/** @typedef {import('../guarded-apis.js').Row} Row */

/**
 * @param {readonly Row[]} rows
 * @param {{ columns: number, colour: boolean }} screen `columns` may be Infinity.
 * @returns {string}
 */
export function answers(rows, { columns, colour }) {
  const paint = (/** @type {string} */ text, /** @type {string} */ ink) =>
    colour ? `\x1b[${ink}m${text}\x1b[0m` : text
  const longest = Math.max(...rows.map(({ request }) => request.length))
  const systems = [...new Set(rows.map(({ system }) => system))]
  const blocks = systems.map((system) => {
    const lines = rows
      .filter((row) => row.system === system)
      .map(({ request, status, body, good }) => {
        const mark = good ? '✓' : paint('✗ unexpected:', '1;31')
        const wide = `   ${request.padEnd(longest)}  ${mark} ${status}  ${body}`
        return wide.length <= columns ? wide : `   ${request}\n     ${mark} ${status}  ${body}`
      })
    return [paint(system, '1'), ...lines].join('\n')
  })
  return blocks.join('\n\n')
}
