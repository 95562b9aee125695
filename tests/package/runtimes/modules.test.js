// @ts-check
/** Both module systems end in one set of classes. */

import assert from 'node:assert/strict'
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { test } from 'node:test'
import { build } from 'esbuild'
import { assertAllHeld, HERE, output, PROJECT, runtime, vectors } from './lib.js'

const input = JSON.stringify(vectors)

for (const [name, node] of [
  [`Node ${process.versions.node}`, process.execPath],
  ['Node 26', runtime('node26/bin/node')],
]) {
  test(`${name} gets by require() the classes that it gets by import`, async () => {
    assertAllHeld(JSON.parse(await output(String(node), [`${HERE}/modules.cjs`], { input })))
  })
}

test('the required package needs no Wasm file beside its code', async () => {
  const folder = join(PROJECT, 'alone')
  const filter = (/** @type {string} */ path) => !path.endsWith('.wasm')
  cpSync(join(PROJECT, 'node_modules', 'countersign'), folder, { recursive: true, filter })
  const program = `
    const { Verifier } = require('./dist/cjs/index.js')
    const { options, keys, token, now } = ${JSON.stringify(vectors['rfc7519.json']?.[0])}
    process.stdout.write(new Verifier({ ...options, keys }).verify(token, { now }).claims.iss)`
  for (const node of [process.execPath, runtime('node26/bin/node')]) {
    const issuer = await output(node, ['--no-warnings', '-e', program], { cwd: folder })
    assert.equal(issuer, 'https://issuer.example')
  }
})

test('Jest requires the package', async () => {
  const folder = join(PROJECT, 'jest')
  mkdirSync(folder, { recursive: true })
  await build({
    entryPoints: [join(HERE, 'verdicts.js')],
    bundle: true,
    format: 'cjs',
    outfile: join(folder, 'verdicts.cjs'),
  })
  writeFileSync(join(folder, 'vectors.json'), input)
  writeFileSync(join(folder, 'jest.config.json'), '{ "testMatch": ["**/*.spec.cjs"] }')
  writeFileSync(
    join(folder, 'vectors.spec.cjs'),
    `const { verdicts } = require('./verdicts.cjs')
test('every vector gives its answer', () => {
  const vectors = require('./vectors.json')
  const found = verdicts(require('countersign'), vectors)
  expect(found.differences).toEqual([])
  expect(found.held).toBe(Object.values(vectors).flat().length)
})
`,
  )
  const jest = createRequire(import.meta.url).resolve('jest/bin/jest')
  await output(process.execPath, [jest, '--no-watchman', '--rootDir', folder])
})
