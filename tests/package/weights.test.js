// @ts-check
/** What each entry adds to a bundle: within its budget, and as the READMEs state it. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { ENTRIES, stated, weights } from './weights.js'

const require = createRequire(import.meta.url)
const rows = await weights()

for (const { entry, imports, budget, octets } of rows) {
  test(`${imports ?? 'all'} of ${entry} is at most ${budget} kB, gzipped`, () => {
    assert.ok(octets <= budget * 1000, `${octets} octets`)
  })
}

test('every entry has a budget', () => {
  const { exports } = require('countersign/package.json')
  const entries = Object.keys(exports).filter((name) => !/\.(?:wasm\*?|json)$/.test(name) && name !== './sandbox')
  const named = new Set(ENTRIES.map(({ entry }) => entry.replace('countersign', '.')))
  assert.deepEqual([...named].sort(), entries.sort())
})

test('the READMEs state the weights, to 5 % or 0.3 kB', () => {
  for (const readme of [
    require.resolve('countersign/package.json').replace('package.json', 'README.md'),
    new URL('../../README.md', import.meta.url),
  ]) {
    const weights = stated(readFileSync(readme, 'utf8'))
    assert.equal(weights.length, ENTRIES.length, 'run: node tests/package/weights.js --write')
    for (const [index, { entry, octets }] of rows.entries()) {
      const difference = Math.abs((weights[index] ?? 0) - octets / 1000)
      const most = Math.max(0.3, (octets / 1000) * 0.05)
      assert.ok(difference <= most, `${entry}: ${octets} octets; run: node tests/package/weights.js --write`)
    }
  }
})
