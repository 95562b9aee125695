// @ts-check
/** Verifying leaves no memory behind: the short form of `memory.js`, of which only what does not depend on the machine is held. */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const PROGRAM = fileURLToPath(new URL('memory.js', import.meta.url))

test('the memory of the instance does not grow with what is verified and refused', (t) => {
  const args = ['--expose-gc', PROGRAM, '--hmac', '100000', '--each', '200']
  const readings = execFileSync(process.execPath, args, { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  const of = (/** @type {string} */ phase) => readings.filter((reading) => reading.phase === phase)
  for (const phase of ['HS256 verified', 'HS256 refused']) {
    const [first, last] = of(phase)
    t.diagnostic(`${phase}: ${first.wasm} octets after ${first.count}, ${last.wasm} after ${last.count}`)
    assert.ok(last.count === 100_000 && first.count === 10_000)
    assert.equal(last.wasm, first.wasm, phase)
  }
  assert.equal(new Set(readings.map(({ instances }) => instances)).size, 1, 'one instance, all the time')
  assert.equal(readings.filter(({ phase }) => phase.endsWith('verified')).at(-1).phase, 'Ed25519 verified')
})
