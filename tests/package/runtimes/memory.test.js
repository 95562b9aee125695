// @ts-check
/** Memory of the core: verifiers without references are freed. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HERE, output } from './lib.js'

const COUNT = 100_000

/** Of 100,000 verifiers: less than one in a hundred could have kept its hundreds of octets. */
const GROWTH = 1024 * 1024

for (const [way, sentence] of [
  ['dispose', '100,000 verifiers disposed of leave nothing behind'],
  ['drop', '100,000 verifiers dropped leave nothing behind once collected'],
]) {
  test(sentence ?? '', async (t) => {
    const args = ['--expose-gc', `${HERE}/dropped.js`, String(way), String(COUNT)]
    const { outside, inside } = JSON.parse(await output(process.execPath, args))
    t.diagnostic(`${outside} octets more outside the heap, ${inside} inside`)
    assert.ok(outside < GROWTH, `${outside} octets more outside the heap`)
    assert.ok(inside < GROWTH, `${inside} octets more inside the heap`)
  })
}
