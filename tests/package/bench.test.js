// @ts-check
/** The benchmark times what it says: everyone verifies, the shortest form runs, and what is shown is what was measured. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { chart } from '../bench/chart.js'
import { kinds } from '../bench/cost.js'
import { measure } from '../bench/measure.js'
import { PEERS, REMEMBERING, vetted } from '../bench/peers.js'
import { kept, section, targetSection, withSection } from '../bench/report.js'
import { ALGORITHMS } from '../bench/rules.js'
import { FORMS, speed } from '../bench/speed.js'
import { line, ratio } from '../bench/stats.js'
import { mark, TARGETED } from '../bench/targets.js'
import { text } from '../bench/text.js'
import { deckOf } from '../bench/tokens.js'

const decks = ALGORITHMS.map((alg) => deckOf(alg))

for (const peer of [...PEERS, ...REMEMBERING]) {
  test(`${peer.name} accepts every token that it is timed on, and refuses what it is said to check`, async () => {
    const offered = decks.filter(({ alg }) => peer.algorithms?.includes(alg) ?? true)
    assert.notEqual(offered.length, 0)
    for (const deck of offered) await vetted(peer, deck)
  })
}

test('who verifies nothing is not timed', async () => {
  const [deck] = decks
  assert.ok(deck)
  const load = async () => (/** @type {string} */ token) =>
    JSON.parse(Buffer.from(String(token.split('.')[1]), 'base64url').toString())
  await assert.rejects(vetted({ name: 'none', checks: [], load }, deck), /signature/)
})

test('an algorithm has 64 distinct tokens of 400 to 900 characters', () => {
  for (const { alg, tokens } of decks) {
    assert.equal(new Set(tokens.good).size, 64)
    for (const { length } of tokens.good) assert.ok(length >= 390 && length <= 900, `${alg}: ${length}`)
  }
})

test('the shortest form measures everything that has a target', async () => {
  const results = await speed(FORMS.smoke, '', () => {})
  const [place] = results.places
  assert.ok(place)
  assert.deepEqual(
    place.groups.flatMap(({ leftOut }) => leftOut),
    [],
  )
  for (const { name, rows } of place.groups) {
    assert.ok(rows.length > 1, name)
    for (const row of rows) assert.ok(row.microseconds.median >= 0, `${name}: ${row.name}`)
  }
  for (const held of place.targets) assert.ok(held.measured !== null, `${held.what}, ${held.against}`)
  assert.match(text(results), /HS256/)
  assert.match(chart(results), /^<svg /)
  assert.match(section(results), /tryVerifyMany/)
})

test('a contestant that takes twice as long is half as fast', async () => {
  const spin = (/** @type {number} */ times) => {
    let sum = 0
    for (let turn = 0; turn < times; turn += 1) sum += Math.sqrt(turn)
    return sum
  }
  const of = (/** @type {string} */ name, /** @type {number} */ unit) => ({
    ...{ name, units: () => [unit, unit], run: spin, isAsync: false },
  })
  const effort = { rounds: 9, milliseconds: 5, warmUp: 20, clock: /** @type {const} */ ('processor') }
  const [once, twice] = await measure([of('once', 50_000), of('twice', 100_000)], effort)
  const { median } = ratio(twice?.microseconds ?? [], once?.microseconds ?? [])
  assert.ok(median > 1.6 && median < 2.5, String(median))
})

test('a target is met by its figure or more', () => {
  const held = { what: '', against: '', atLeast: 1.5, beyond: 2 }
  const of = (/** @type {number} */ median) => mark({ ...held, measured: { median, low: 0, high: 9 } }, 'Node')
  assert.deepEqual([1.49, 1.5, 1.99, 2].map(of), ['missed', 'met', 'met', 'beyond'])
})

test('a straight line is found through its points', () => {
  const found = line([1, 2, 3].map((x) => ({ x, y: 3 * x + 4 })))
  assert.deepEqual([found.slope, found.intercept, found.r2], [3, 4, 1])
})

test('the chart and the READMEs show the results that are kept', () => {
  const results = kept()
  assert.equal(readFileSync(new URL('../bench/speed.svg', import.meta.url), 'utf8'), chart(results))
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
  assert.equal(withSection(readme, section(results)), readme)
  const targets = readFileSync(new URL('../bench/README.md', import.meta.url), 'utf8')
  assert.equal(withSection(targets, targetSection(results)), targets)
})

test('the results that are kept are those of every runtime, and of every target in Node', () => {
  const { places } = kept()
  assert.deepEqual([...new Set(places.map(({ name }) => name))], ['Node', 'Deno', 'Bun', 'workerd'])
  for (const { name, targets, groups } of places) {
    for (const alg of TARGETED)
      assert.ok(
        groups.some((group) => group.name === `verify ${alg}`),
        `${name}: ${alg}`,
      )
    if (name === 'Node') assert.ok(targets.every(({ measured }) => measured !== null))
  }
})

test('every laborious input is read, and none of those refused is accepted', async () => {
  const all = kinds()
  assert.ok(all.length >= 7)
  for (const { kind, limit, inputs } of all) {
    assert.ok(limit > 0 && inputs.length > 0, kind)
    // Of a mebibyte, one of each is enough here.
    for (const { name, octets, run } of inputs.filter((_, index) => index === 0 || !kind.includes('1 MiB'))) {
      const outcome = await run()
      assert.ok(octets > 0, name)
      if (kind === 'a header that is not signed' || kind === 'text that is no token') assert.equal(outcome, false, name)
    }
  }
})
