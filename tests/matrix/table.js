// @ts-check
/**
 * The table of environments in `pkg/README.md`, from the results of the matrix.
 *
 * @module
 */

import { readFileSync, writeFileSync } from 'node:fs'

const BEGIN = '<!-- matrix: written by node tests/matrix/run.js --write -->'
const END = '<!-- /matrix -->'

/**
 * The table: the environments with the result of each, then what could not be had.
 *
 * @param {readonly import('./rows.js').Row[]} rows
 * @param {Readonly<Record<string, string>>} unavailable The reason, by name.
 * @param {Readonly<Record<string, string>>} results By the name of the row.
 * @param {Readonly<Record<string, string>>} versions Of the tools.
 */
export function table(rows, unavailable, results, versions) {
  /** @param {import('./rows.js').Row} row */
  const tools = ({ tools: [first] }) =>
    first === undefined ? '' : `${first} ${versions[first]?.replace(/^npm:.*@/, '')}`
  const lines = rows.map((row) => `| ${row.name} | ${tools(row)} | ${results[row.name] ?? 'not run'} |`)
  const missing = Object.entries(unavailable).map(([name, reason]) => `| ${name} | | not tried: it ${reason} |`)
  return ['| environment | tool | every vector |', '| --- | --- | --- |', ...lines, ...missing].join('\n')
}

/**
 * Replaces the table of a file.
 *
 * @param {string} path
 * @param {string} text
 */
export function writeTable(path, text) {
  const before = readFileSync(path, 'utf8')
  const [head = '', rest] = before.split(BEGIN)
  const tail = rest?.split(END)[1]
  if (tail === undefined) throw new Error(`${path} has no table between ${BEGIN} and ${END}`)
  writeFileSync(path, `${head}${BEGIN}\n\n${text}\n\n${END}${tail}`)
}
