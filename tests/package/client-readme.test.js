// @ts-check
/** Every example of the README's section about obtaining tokens, compiled as strict TypeScript. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { compile } from './compiler.js'

const README = join(dirname(createRequire(import.meta.url).resolve('countersign/package.json')), 'README.md')
const [, section = ''] = /^(## Obtaining tokens$[^]*?)^## /m.exec(readFileSync(README, 'utf8')) ?? []
const examples = [...section.matchAll(/^```[jt]s\n\/\/ ([a-z]+\.[jt]s)\n([^]*?)^```$/gm)]

test('the section has examples', () => assert.equal(examples.length, 5))

for (const [, file, source = ''] of examples) {
  test(`${file} compiles as strict TypeScript`, async () => {
    const strict = { noUncheckedIndexedAccess: true, verbatimModuleSyntax: true, types: ['node'] }
    assert.equal(await compile(source, strict, ['@types/node', 'undici-types']), '')
  })
}
