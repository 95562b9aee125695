// @ts-check
/** Every program in `examples/` runs alone with the installed package, and prints what its README says. */

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const FOLDER = new URL('../../examples/', import.meta.url)
const readme = readFileSync(new URL('README.md', FOLDER), 'utf8')
const programs = readdirSync(FOLDER).filter((name) => name.endsWith('.js'))

test('there is a program for each of the four systems and for any other issuer', () => {
  for (const name of ['any-issuer', 'cashfree', 'juspay', 'publiq', 'vtex']) assert.ok(programs.includes(`${name}.js`))
})

for (const name of programs) {
  test(`${name} prints what the README says`, async () => {
    const [, printed = ''] = readme.split(`\`${name}\` prints:\n\n\`\`\`text\n`)
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [fileURLToPath(new URL(name, FOLDER))], {
      timeout: 120_000,
    })
    assert.equal(stderr, '')
    assert.equal(stdout, printed.slice(0, printed.indexOf('```')))
    assert.ok(readme.includes(`node examples/${name}`), 'the table has the command')
  })
}
