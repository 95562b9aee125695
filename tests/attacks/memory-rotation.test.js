// @ts-check
/** Rotating keys and short-lived verifiers leave no memory behind: the short form of `memory-rotation.js`. */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const PROGRAM = fileURLToPath(new URL('memory-rotation.js', import.meta.url))

const MEBIBYTE = 1024 * 1024

/** Twice what was measured after 2,300 rounds. The 160 verifiers of this test would take more if they were kept. */
const MOST = { dispose: 13 * MEBIBYTE, drop: 16 * MEBIBYTE }

for (const [way, sentence] of /** @type {const} */ ([
  ['dispose', 'the memory of the core levels off while keys rotate and verifiers are disposed of'],
  ['drop', 'the memory of the core levels off while keys rotate and dropped verifiers are collected'],
])) {
  test(sentence, (t) => {
    const args = ['--expose-gc', PROGRAM, '--rounds', '40', '--every', '20', '--ways', way, '--collect', '2']
    const readings = execFileSync(process.execPath, args, { encoding: 'utf8' })
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    const [, half, end] = readings
    t.diagnostic(`${half.wasm} octets after ${half.round} rounds, ${end.wasm} after ${end.round}`)
    assert.equal(end.round, 40)
    assert.equal(end.instances, 1)
    // After 40 rounds the tables of the keys are not all there: it levels off after some 300.
    assert.ok(end.wasm - half.wasm <= 3 * MEBIBYTE, `${end.wasm - half.wasm} octets more in the second half`)
    assert.ok(end.wasm <= MOST[way], `${end.wasm} octets`)
  })
}
