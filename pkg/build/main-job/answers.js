// @ts-check
/**
 * Shows in a terminal what guarded APIs answered: a line an answer where it is wide enough, otherwise several.
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
        if (wide.length <= columns) return wide
        return [`   ${request}`, ...wrapped(body, columns, `     ${mark} ${status}  `, 12)].join('\n')
      })
    return [paint(system, '1'), ...lines].join('\n')
  })
  return blocks.join('\n\n')
}

/**
 * Text in lines of at most `columns`, broken after spaces and commas.
 *
 * @param {string} text
 * @param {number} columns
 * @param {string} first What the first line begins with.
 * @param {number} indent How far the others are indented, and how wide `first` is shown.
 */
function wrapped(text, columns, first, indent) {
  const lines = ['']
  for (const piece of text.match(/[^ ,]*[ ,]+|[^ ,]+$/g) ?? []) {
    const last = lines.length - 1
    const line = `${lines[last]}${piece}`
    if (indent + line.trimEnd().length <= columns || lines[last] === '') lines[last] = line
    else lines.push(piece)
  }
  return lines.map((line, index) => `${index === 0 ? first : ' '.repeat(indent)}${line.trimEnd()}`)
}
