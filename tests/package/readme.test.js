// @ts-check
/** The READMEs' examples that print something, run unchanged; and their table of refusals. */

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { snippetsOf } from './snippets.js'

const HERE = dirname(fileURLToPath(import.meta.url))
const PACKAGE = dirname(createRequire(import.meta.url).resolve('countersign/package.json'))
const READMES = { project: join(HERE, '..', '..', 'README.md'), package: join(PACKAGE, 'README.md') }

const run = promisify(execFile)

for (const [name, path] of Object.entries(READMES)) {
  const text = readFileSync(path, 'utf8')
  const examples = snippetsOf(text).filter(({ printed }) => printed !== undefined)

  test(`the README of the ${name} has examples that print something`, () => assert.notEqual(examples.length, 0))

  for (const { name: file, javascript, printed } of examples) {
    test(`the README’s example prints what it says: ${file} of the ${name}`, async () => {
      // Within this folder, so that the example finds the package that these tests find.
      const folder = mkdtempSync(join(HERE, 'example-'))
      try {
        const path = join(folder, 'example.js')
        writeFileSync(path, javascript)
        const { stdout } = await run(process.execPath, [path])
        assert.equal(stdout, printed)
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    })
  }
}

test('the README lists the codes that the types list, with their status', async () => {
  const { TokenError } = await import('countersign')
  const types = readFileSync(join(PACKAGE, 'dist', 'cjs', 'error.d.ts'), 'utf8')
  const union = /export type ErrorCode = ([^;]+);/.exec(types)?.[1] ?? ''
  const typed = [...union.matchAll(/'([a-z_]+)'/g)].map(([, code]) => code)
  const [, section = ''] = readFileSync(READMES.package, 'utf8').split(/^## Refusals$|^## In front/m)
  const table = [...section.matchAll(/^\| `([a-z_]+)` \| .+ \| (\d{3}) \|$/gm)]
  assert.deepEqual(table.map(([, code]) => code).sort(), typed.sort())
  for (const [, code = '', status] of table) {
    const { status: actual } = new TokenError({ code: /** @type {import('countersign').ErrorCode} */ (code) })
    assert.equal(String(actual), status, code)
  }
})
