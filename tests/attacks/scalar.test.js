// @ts-check
/** The module without SIMD gives the same answers, although its arithmetic differs. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import * as slim from 'countersign/slim'
import { readCorpus } from './corpus.js'
import { hold } from './hold.js'
import { holdPrimitives } from './primitives.js'
import { anySeed } from './random.js'

slim.initSync(readFileSync(createRequire(import.meta.url).resolve('countersign/countersign-scalar.wasm')))

test('without SIMD every attack of the sample is refused for what is wrong with it, every control accepted', () => {
  const { cases, keys, now } = readCorpus(new URL('sample.json', import.meta.url), { refusals: 1, controls: 1 })
  const differences = cases.flatMap((one) =>
    hold(slim, one, keys[one.keys], now).map((what) => `${one.class} ${one.alg}, ${one.name}: ${what}`),
  )
  assert.deepEqual(differences, [])
})

test('without SIMD a signature is one where it was made to be one, and where OpenSSL says so', (t) => {
  const seed = anySeed()
  const { differences, ...counts } = holdPrimitives(slim, { seed, rounds: 1 })
  t.diagnostic(`seed ${seed}: ${JSON.stringify(counts)}`)
  assert.deepEqual(differences, [])
  assert.ok(counts.yes > 200)
})
