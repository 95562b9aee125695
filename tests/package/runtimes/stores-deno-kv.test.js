// @ts-check
/** The store in Deno KV: processes that share one file. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { denoKvStore } from 'countersign/stores/deno-kv'
import { FULL } from '../stores/fleet.js'
import { folder } from '../stores/servers.js'
import { HERE, output, runtime } from './lib.js'

const soon = () => Date.now() / 1000 + 600

test('exactly 30 uses are granted to Deno processes that share a file', async () => {
  const { path, remove } = folder('deno')
  try {
    const processes = FULL ? 8 : 3
    const flags = ['run', '--unstable-kv', '-A', '--no-prompt', '--no-config', '--node-modules-dir=manual']
    const args = [...flags, `${HERE}/../stores/deno-spender.js`, `${path}/uses.db`, 'a', FULL ? '50' : '20']
    const texts = await Promise.all(Array.from({ length: processes }, () => output(runtime('.bin/deno'), args)))
    const found = texts.map((text) => JSON.parse(text))
    const left = found.flatMap((one) => one.left).filter((rest) => rest !== null)
    assert.deepEqual(
      left.sort((a, b) => b - a),
      Array.from({ length: 30 }, (_, index) => 29 - index),
    )
    assert.equal(
      found.reduce((sum, { seen }) => sum + seen, 0),
      5,
    )
  } finally {
    remove()
  }
})

/** A Deno.Kv of one key whose commits fail as the test says. @param {(commit: number) => 'ok' | 'conflict' | 'lost' | 'locked'} outcome */
function kvThat(outcome, /** @type {unknown} */ value = null) {
  /** @type {{ value: unknown, versionstamp: string | null }} */
  let stored = { value, versionstamp: null }
  let commits = 0
  return {
    get: async () => stored,
    atomic() {
      /** @type {unknown} */
      let value
      const operation = {
        check: () => operation,
        set(/** @type {unknown} */ _, /** @type {unknown} */ set) {
          value = set
          return operation
        },
        async commit() {
          const found = outcome((commits += 1))
          if (found === 'locked') throw new TypeError('database is locked')
          if (found === 'conflict') return { ok: false }
          stored = { value, versionstamp: `${commits}` }
          if (found === 'lost') throw new Error('connection reset')
          return { ok: true }
        },
      }
      return operation
    },
  }
}

test('a commit whose reply is lost is recognised, and conflicts and a locked database are tried again', async () => {
  for (const outcome of /** @type {const} */ (['lost', 'conflict', 'locked'])) {
    const store = denoKvStore(
      kvThat((commit) => (commit === 1 ? outcome : 'ok')),
      { timeoutSeconds: 30 },
    )
    assert.equal(await store.spend('a', 30, soon()), 29, outcome)
    assert.equal(await store.spend('a', 30, soon()), 28, outcome)
  }
})

test('a database that never commits is store_unavailable at the deadline', async () => {
  const store = denoKvStore(
    kvThat(() => 'conflict'),
    { timeoutSeconds: 0.3 },
  )
  await assert.rejects(store.spend('a', 30, soon()), { code: 'store_unavailable' })
})

test('a key that holds something else is store_unavailable', async () => {
  for (const value of [
    'x',
    5,
    {},
    { used: '1', ends: 5, attempts: '' },
    { used: NaN, ends: 5, attempts: '' },
    { used: 1, ends: 5 },
  ]) {
    await assert.rejects(denoKvStore(kvThat(() => 'ok', value)).spend('a', 30, soon()), { code: 'store_unavailable' })
  }
})

test('what is no Deno.Kv, and options that cannot mean anything, are TypeErrors', () => {
  for (const kv of [null, {}]) assert.throws(() => denoKvStore(/** @type {any} */ (kv)), TypeError)
  for (const options of [{ prefx: 'a' }, { prefix: 5 }]) {
    assert.throws(
      () =>
        denoKvStore(
          kvThat(() => 'ok'),
          /** @type {any} */ (options),
        ),
      TypeError,
    )
  }
})
