// @ts-check
/**
 * Two verifiers that know nothing of each other agree, save where a list says why not: tokens against `jose`, signatures
 * against OpenSSL. The same with 100,000 tokens: `node tests/attacks/differential.js`.
 */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as countersign from 'countersign'
import { differ, LAXER, STRICTER } from './differential.js'
import { holdPrimitives, STRICTER as STRICTER_SIGNATURES } from './primitives.js'
import { anySeed } from './random.js'
import { holdSpoiled, LAXER as LAXER_KEYS } from './spoiled.js'

test('what countersign accepts jose accepts, with equal claims; what jose alone accepts is on the list', async (t) => {
  const { differences, seed, ...counts } = await differ({ seed: anySeed(), count: 3_000 })
  t.diagnostic(`seed ${seed}: ${JSON.stringify(counts)}`)
  assert.deepEqual(differences, [])
  assert.ok(counts.both > 100 && counts.neither > 1_000)
})

test('a signature is one where it was made to be one, and where OpenSSL says so', (t) => {
  const seed = anySeed()
  const { differences, ...counts } = holdPrimitives(countersign, { seed, rounds: 1 })
  t.diagnostic(`seed ${seed}: ${JSON.stringify(counts)}`)
  assert.deepEqual(differences, [])
  assert.ok(counts.yes > 200 && counts.asked - counts.yes > 200)
})

test('what countersign reads as a key OpenSSL reads as the same key', (t) => {
  const seed = anySeed()
  const { differences, ...counts } = holdSpoiled(countersign, { seed, count: 3_000 })
  t.diagnostic(`seed ${seed}: ${JSON.stringify(counts)}`)
  assert.deepEqual(differences, [])
  assert.ok(counts.both > 50 && counts.neither > 1_000)
})

test('every exception has a name of its own and says why', () => {
  for (const list of [[...STRICTER, ...LAXER], STRICTER_SIGNATURES, LAXER_KEYS]) {
    assert.equal(new Set(list.map(({ name }) => name)).size, list.length)
    for (const { name, why } of list) assert.match(why, /RFC|FIPS|limits\.rs/, name)
  }
})
