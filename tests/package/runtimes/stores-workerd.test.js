// @ts-check
/** The stores in Durable Objects and in D1, in workerd. */

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { test } from 'node:test'
import { countersign, receipts } from 'countersign'
import { durableObjectStore } from 'countersign/stores/durable-object'
import { build } from 'esbuild'
import { write } from '../http/readme.js'
import { folder } from '../stores/servers.js'
import { HERE, PROJECT, runtime } from './lib.js'

const STORES = join(HERE, '..', 'stores')

const EACH_ONCE = Array.from({ length: 30 }, (_, index) => 29 - index)

/** @param {unknown[]} left */
const sorted = (left) => left.filter((rest) => rest !== null).sort((a, b) => Number(b) - Number(a))

const soon = () => Date.now() / 1000 + 600

/**
 * Serves a Worker, bundled as wrangler bundles it. `restart` is a new process on the same storage.
 *
 * @param {(ask: (body: unknown, init?: { path?: string, headers?: Record<string, string> }) => Promise<any>, restart: () => Promise<void>) => Promise<void>} use
 */
async function withWorker(use, entry = join(STORES, 'uses-worker.js')) {
  const { path, remove } = folder('worker')
  const outfile = join(path, 'worker.mjs')
  await build({
    entryPoints: [entry],
    bundle: true,
    format: 'esm',
    outfile,
    conditions: ['worker', 'browser'],
  })
  const start = async () => {
    const args = [join(STORES, 'miniflare.js'), outfile, join(path, 'storage')]
    const child = spawn(runtime('node24/bin/node'), args, { cwd: PROJECT, stdio: ['pipe', 'pipe', 'inherit'] })
    const [origin] = await once(child.stdout.setEncoding('utf8'), 'data')
    return { child, origin: String(origin).trim() }
  }
  const stop = async (/** @type {import('node:child_process').ChildProcess} */ child) => {
    const ended = once(child, 'exit')
    child.stdin?.end()
    await ended
  }
  let { child, origin } = await start()
  try {
    await use(
      async (body, { path: below = '/', headers = {} } = {}) =>
        (await fetch(`${origin}${below}`, { method: 'POST', headers, body: JSON.stringify(body) })).json(),
      async () => {
        await stop(child)
        ;({ child, origin } = await start())
      },
    )
  } finally {
    await stop(child)
    remove()
  }
}

for (const [name, options] of /** @type {[string, {}][]} */ ([
  ['one object a token', {}],
  ['objects shared by tokens', { shards: 2 }],
])) {
  test(`Durable Objects, ${name}: 30 of 400 concurrent spends are granted, through a restart`, () =>
    withWorker(async (ask, restart) => {
      const spend = (/** @type {number} */ times, id = 'a') =>
        ask({ id, limit: 30, expiresAt: soon(), times, options: { timeoutSeconds: 60, ...options } })
      const first = await spend(10)
      assert.equal(first.calls, 10, 'one request a spend')
      await restart()
      const answers = await Promise.all(Array.from({ length: 10 }, () => spend(39)))
      const left = [first, ...answers].flatMap((answer) => answer.left)
      assert.deepEqual(sorted(left), EACH_ONCE)
      assert.deepEqual(sorted((await spend(40, 'b')).left), EACH_ONCE, 'another token has its own')
      const seen = await ask({ id: 'a', expiresAt: soon(), times: 10, options })
      assert.equal(seen.left.filter(Boolean).length, 1)
    }))
}

test('an alarm deletes the entries that have ended, and everything with the last of them', () =>
  withWorker(async (ask) => {
    const now = Math.floor(Date.now() / 1000)
    const spend = (/** @type {string} */ id, /** @type {number} */ expiresAt) =>
      ask({ id, limit: 30, expiresAt, options: { shards: 1 } })
    await spend('late', now + 1000)
    await spend('early', now + 100)
    assert.deepEqual(await ask({ alarm: now }), { rows: 2, tables: 1, alarm: (now + 400) * 1000 })
    assert.deepEqual(await ask({ alarm: now + 400 }), { rows: 1, tables: 1, alarm: (now + 1300) * 1000 })
    assert.deepEqual((await spend('late', now + 1000)).left, [28])
    assert.deepEqual(await ask({ alarm: now + 1300 }), { rows: 0, tables: 0, alarm: null })
    assert.deepEqual((await spend('late', now + 1000)).left, [29], 'the object can be used again')
  }))

test('D1: 30 of 60 concurrent spends are granted', () =>
  withWorker(async (ask) => {
    const ask20 = () =>
      ask({ store: 'd1', id: 'a', limit: 30, expiresAt: soon(), times: 20, options: { timeoutSeconds: 60 } })
    const answers = await Promise.all([ask20(), ask20(), ask20()])
    assert.deepEqual(sorted(answers.flatMap(({ left }) => left)), EACH_ONCE)
    const seen = await ask({ store: 'd1', id: 'a', expiresAt: soon(), times: 10 })
    assert.equal(seen.left.filter(Boolean).length, 1)
    assert.deepEqual(await ask({ store: 'rules', expiresAt: soon() }), { denied: [null, 7.5] })
  }))

test('the README’s Worker lets a token through as often as its receipt says', async () => {
  const { path, remove } = write('redeem.js')
  try {
    await withWorker(async (ask) => {
      const juspay = /** @type {const} */ ({ merchantId: 'my_shop', environment: 'production', kind: 'order' })
      const receipt = receipts.juspay({ ...juspay, id: 'order-7', expires: Date.now() / 1000 + 900 })
      const secret = 'a secret of thirty-two octets!!!'
      const token = countersign('tkn_24543c6a278f45d680d09edb32e78061', receipt, { secret })
      const call = (order = 'order-7') =>
        ask({}, { path: `/orders/${order}`, headers: { authorization: `Bearer ${token}` } })
      assert.equal((await call('order-8')).error_code, 'forbidden_resource')
      const answers = await Promise.all(Array.from({ length: 40 }, () => call()))
      const left = answers.flatMap((answer) => ('left' in answer ? [answer.left] : []))
      assert.deepEqual(sorted(left), EACH_ONCE)
      assert.deepEqual(await call(), { status: 'error', error_code: 'access_denied' })
    }, path)
  } finally {
    remove()
  }
})

test('an error that the platform calls retryable is tried again with the same attempt, an overloaded object is not', async () => {
  /** @type {string[]} */
  let bodies = []
  /** @param {object} failure */
  const failing = (failure) => {
    bodies = []
    return durableObjectStore({
      idFromName: (name) => name,
      get: () => ({
        async fetch(_, { body }) {
          bodies.push(body)
          if (bodies.length === 1) throw Object.assign(new Error('lost'), failure)
          return new Response('29')
        },
      }),
    })
  }
  assert.equal(await failing({ retryable: true }).spend('a', 30, soon()), 29)
  assert.equal(bodies.length, 2)
  assert.equal(bodies[0], bodies[1])
  for (const failure of [{ retryable: true, overloaded: true }, {}]) {
    await assert.rejects(failing(failure).spend('a', 30, soon()), { code: 'store_unavailable' })
    assert.equal(bodies.length, 1)
  }
})

test('an answer that is no count is never accepted', async () => {
  for (const text of ['', ' ', 'x', '30', '-2', '1.5', '0x1', 'null']) {
    const stub = { fetch: async () => new Response(text) }
    const store = durableObjectStore({ idFromName: () => '', get: () => stub })
    await assert.rejects(store.spend('a', 30, soon()), { code: 'store_unavailable' }, JSON.stringify(text))
  }
})

test('what is no namespace, and options that cannot mean anything, are TypeErrors', () => {
  for (const namespace of [null, {}]) assert.throws(() => durableObjectStore(/** @type {any} */ (namespace)), TypeError)
  const namespace = { idFromName: () => '', get: () => ({ fetch: async () => new Response('0') }) }
  for (const options of [{ shard: 1 }, { shards: 0 }, { shards: 1.5 }, { shards: 65_537 }]) {
    assert.throws(() => durableObjectStore(namespace, /** @type {any} */ (options)), TypeError)
  }
})
