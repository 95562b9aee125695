// @ts-check
/** The store in memory: exact, bounded, and forgetful at the right moment alone. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { memoryStore, UnavailableError } from 'countersign'
import { FULL } from './stores/fleet.js'

const NOW = 1_700_000_000

/** A store whose clock the test sets. @param {number} [entries] */
function clocked(entries) {
  let now = NOW
  const store = memoryStore({ clock: () => now, ...(entries === undefined ? {} : { entries }) })
  return { store, at: (/** @type {number} */ seconds) => ((now = NOW + seconds), store) }
}

test('of N concurrent spends on an id with M uses, min(N, M) succeed, each with its own rest', async () => {
  const store = memoryStore()
  const left = await Promise.all(Array.from({ length: 400 }, () => store.spend('a', 30, NOW)))
  assert.deepEqual(
    left.filter((rest) => rest !== null),
    Array.from({ length: 30 }, (_, index) => 29 - index),
  )
  assert.equal(await store.spend('b', 30, NOW), 29)
})

test('uses and seen ids are separate spaces', async () => {
  const store = memoryStore()
  assert.equal(await store.add('a', NOW), true)
  assert.equal(await store.add('a', NOW), false)
  assert.equal(await store.spend('a', 1, NOW), 0)
  assert.equal(await store.spend('a', 1, NOW), null)
})

test('a lower limit than the uses already spent grants none; a higher one grants the rest', async () => {
  const store = memoryStore()
  for (let use = 0; use < 5; use += 1) await store.spend('a', 10, NOW)
  assert.equal(await store.spend('a', 5, NOW), null)
  assert.equal(await store.spend('a', 6, NOW), 0)
  assert.equal(await store.spend('a', 10, NOW), 3)
})

test('an entry is kept until 300 s after its token, and forgotten within the minute after', async () => {
  const { at } = clocked()
  assert.equal(await at(0).spend('a', 1, NOW + 100), 0)
  assert.equal(await at(399).spend('a', 1, NOW + 100), null)
  assert.equal(await at(1200).spend('a', 1, NOW + 1300), 0)
})

test('of two ends the later holds, whichever came first', async () => {
  const { at } = clocked()
  await at(0).spend('a', 1, NOW + 1000)
  await at(0).spend('a', 1, NOW + 10)
  assert.equal(await at(1200).spend('a', 1, NOW + 10), null)
  await at(1200).spend('b', 1, NOW + 1210)
  assert.equal(await at(1200).spend('b', 1, NOW + 5000), null)
  assert.equal(await at(5200).spend('b', 1, NOW + 5000), null)
})

test('an expiry in the past is kept for 300 s all the same', async () => {
  const { at } = clocked()
  assert.equal(await at(0).spend('a', 1, NOW - 5000), 0)
  assert.equal(await at(299).spend('a', 1, NOW - 5000), null)
})

test('a store that is full of live entries refuses, and takes new ones when old ones have ended', async () => {
  const { at } = clocked(3)
  for (const id of ['a', 'b', 'c']) await at(0).spend(id, 2, NOW + 10)
  await assert.rejects(at(0).spend('d', 2, NOW + 10), (error) => {
    assert.ok(error instanceof UnavailableError)
    assert.equal(error.code, 'store_unavailable')
    assert.match(String(error.cause), /full/)
    return true
  })
  assert.equal(await at(0).spend('a', 2, NOW + 10), 0, 'an entry that is there is still counted')
  assert.equal(await at(0).add('d', NOW + 10), true, 'the spaces are bounded apart')
  assert.equal(await at(400).spend('d', 2, NOW + 500), 1)
})

test('a clock that leaps forward and back grants nothing twice', async () => {
  const { at } = clocked()
  assert.equal(await at(0).spend('a', 1, NOW + 600), 0)
  assert.equal(await at(1e6).spend('b', 1, NOW + 1e6 + 600), 0)
  await assert.rejects(at(1).spend('a', 1, NOW + 600), { code: 'store_unavailable' })
  assert.equal(await at(1000).spend('c', 1, NOW + 1600), 0, 'and later tokens are counted as before')
})

test('ids that live for a minute take no more room than those alive at once', async () => {
  let now = NOW
  const store = memoryStore({ entries: 20_000, clock: () => now })
  for (let id = 0; id < (FULL ? 1_000_000 : 100_000); id += 1) {
    if (id % 1000 === 0) now += 60
    await store.spend(`id ${id}`, 30, now + 60)
  }
})

test('a clock that gives no number is store_unavailable', async () => {
  for (const clock of [() => NaN, () => '5', () => undefined]) {
    await assert.rejects(memoryStore({ clock: /** @type {any} */ (clock) }).spend('a', 1, NOW), {
      code: 'store_unavailable',
    })
  }
})

test('options and arguments that cannot mean anything are TypeErrors', async () => {
  for (const options of [
    null,
    5,
    { entry: 5 },
    { entries: 0 },
    { entries: 1.5 },
    { entries: '5' },
    { entries: undefined },
    { clock: 5 },
  ]) {
    assert.throws(() => memoryStore(/** @type {any} */ (options)), TypeError, JSON.stringify(options))
  }
  const store = memoryStore()
  for (const [id, limit, end] of /** @type {any[]} */ ([
    ['', 1, NOW],
    [5, 1, NOW],
    ['a'.repeat(257), 1, NOW],
    ['\ud800', 1, NOW],
    ['a\0', 1, NOW],
    ['a', 0, NOW],
    ['a', 1.5, NOW],
    ['a', '1', NOW],
    ['a', 2 ** 32, NOW],
    ['a', 1, NaN],
    ['a', 1, null],
    ['a', 1, -1],
    ['a', 1, Date.now()],
  ])) {
    await assert.rejects(store.spend(id, limit, end), TypeError, JSON.stringify([id, limit, end]))
  }
})

test('two stores in memory share nothing: each grants every use', async () => {
  const stores = [memoryStore(), memoryStore()]
  for (const store of stores) {
    for (const left of [1, 0, null]) assert.equal(await store.spend('a', 2, Date.now() / 1000 + 60), left)
  }
})

test('no space keeps alive the text that an id was cut from', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc')
  const { store, at } = clocked()
  const used = () => {
    collect()
    return process.memoryUsage().heapUsed
  }
  const cut = (/** @type {number} */ index) => `${index}`.padStart(2000, 'claims of a token ').slice(-43)
  const before = used()
  for (let index = 0; index < 10_000; index += 1) {
    await at(0).spend(cut(index), 2, NOW)
    await at(0).add(cut(index), NOW)
    // A later end moves the entry.
    await at(0).spend(cut(index), 2, NOW + 1000)
  }
  const octets = (used() - before) / 10_000
  assert.ok(octets > 200 && octets < 1500, `${octets} octets for an id in two spaces`)
  assert.equal(await store.spend(cut(0), 2, NOW), null)
})
