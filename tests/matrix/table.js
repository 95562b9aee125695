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
 * The table: one line for each environment, its tool's version and the ways that were run; then what could not be had.
 *
 * @param {readonly import('./rows.js').Row[]} rows
 * @param {Readonly<Record<string, string>>} unavailable The reason, by name.
 * @param {Readonly<Record<string, string>>} results By the name of the row.
 * @param {Readonly<Record<string, string>>} versions Of the tools.
 */
export function table(rows, unavailable, results, versions) {
  /** @type {Map<string, string[]>} */
  const lines = new Map()
  for (const { name, tools, runtime } of rows) {
    const [where = '', how = ''] = name.split(/, (.*)/s)
    const result = results[name] ?? 'not run'
    const key = `${where} | ${versionOf(runtime ?? tools[0], versions)}`
    const said = [how, ...(result === 'ok' ? [] : [`**${result}**`])].filter((part) => part !== '').join(' ')
    lines.set(key, [...(lines.get(key) ?? []), said])
  }
  return [
    '| environment | of | how |',
    '| --- | --- | --- |',
    ...[...lines].map(([key, how]) => `| ${key} | ${how.join('; ')} |`),
    ...Object.entries(unavailable).map(([name, reason]) => `| ${name} | | not had: ${reason} |`),
  ].join('\n')
}

/**
 * A package with its version; an alias gives the name that it has in the registry.
 *
 * @param {string | undefined} name
 * @param {Readonly<Record<string, string>>} versions
 */
function versionOf(name, versions) {
  const version = versions[name ?? '']
  if (version === undefined) return ''
  const [, real = String(name), exact = version] = /^npm:(.+)@(.+)$/.exec(version) ?? []
  return `${real.replace(/-linux-x64$/, '')} ${exact}`
}

/**
 * Replaces the table of a file.
 *
 * @param {string} path
 * @param {string} text
 */
export function writeTable(path, text) {
  const { head, tail } = around(path)
  writeFileSync(path, `${head}${BEGIN}\n\n${text}\n\n${END}${tail}`)
}

/**
 * The table that a file has.
 *
 * @param {string} path
 */
export function readTable(path) {
  return around(path).text.trim()
}

/** @param {string} path */
function around(path) {
  const [head = '', rest] = readFileSync(path, 'utf8').split(BEGIN)
  const [text, tail] = rest?.split(END) ?? []
  if (text === undefined || tail === undefined) throw new Error(`${path} has no table between ${BEGIN} and ${END}`)
  return { head, text, tail }
}
