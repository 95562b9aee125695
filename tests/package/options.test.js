// @ts-check
/** The README's tables of options name every option of a verifier and of a policy, and no other. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { test } from 'node:test'
import { publicDeclarations } from './declarations.js'

const root = createRequire(import.meta.url).resolve('countersign/package.json')
const readme = readFileSync(join(root, '..', 'README.md'), 'utf8')

/** @param {string} name Of a type. @returns {string[]} The paths of its members. */
function members(name) {
  const found = publicDeclarations().get('.')?.get(name) ?? []
  return found.flatMap(({ path }) => (path.startsWith(`${name}.`) ? [path.slice(name.length + 1)] : []))
}

/** @param {string} title Of the first column. @returns {string[][]} The cells of each row. */
function rows(title) {
  const [, table = ''] = readme.split(`\n| ${title} | meaning | unit or form | default |\n`)
  const lines = table.split('\n').slice(1)
  const end = lines.findIndex((line) => !line.startsWith('|'))
  return lines.slice(0, end).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
}

for (const [title, types] of /** @type {const} */ ([
  ['option of a verifier', ['ProfileOptions', 'VerifierOptions']],
  ['option of a policy', ['Policy']],
])) {
  test(`the table "${title}" has a row for each member of ${types.join(' and ')}, in its order`, () => {
    const options = types.flatMap(members)
    assert.ok(options.length > 8)
    assert.deepEqual(
      rows(title).map(([name]) => name),
      options.map((option) => `\`${option}\``),
    )
    for (const cells of rows(title)) {
      assert.equal(cells.length, 4, cells.join(' | '))
      assert.ok(
        cells.every((cell) => cell !== ''),
        cells.join(' | '),
      )
    }
  })
}
