// @ts-check
/**
 * `npm run bench -- uses`: one spend in Redis against one `consume` of rate-limiter-flexible, with the same client
 * on the same server, in turns; 64 at once; and a token that is exhausted. Then one spend in a Durable Object.
 *
 * @module
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { redisStore } from 'countersign/stores/redis'
import { build } from 'esbuild'
import { RateLimiterRedis } from 'rate-limiter-flexible'
import { createClient } from 'redis'
import { installRuntimes, RUNTIMES } from '../../pkg/build/runtimes.js'
import { folder, startRedis } from '../package/stores/servers.js'

const STORES = fileURLToPath(new URL('../package/stores/', import.meta.url))

const TURNS = 3000
const WIDE_TURNS = 100
const WIDTH = 64

/** The settings of the server that the figures are taken under. */
const SETTINGS = {
  'without persistence': ['--appendonly', 'no'],
  'appendfsync always': ['--appendonly', 'yes', '--appendfsync', 'always'],
}

/** @param {number[]} times */
const median = (times) => times.sort((a, b) => a - b)[times.length >> 1] ?? NaN

/**
 * The median time of each contestant, in microseconds, in turns that change their order.
 *
 * @param {Record<string, (turn: number) => Promise<unknown>>} contestants
 * @param {number} turns
 */
async function measure(contestants, turns) {
  const names = Object.keys(contestants)
  /** @type {Record<string, number[]>} */
  const times = Object.fromEntries(names.map((name) => [name, []]))
  for (let turn = 0; turn < turns * 1.2; turn += 1) {
    for (const name of turn % 2 === 0 ? names : [...names].reverse()) {
      const start = performance.now()
      await contestants[name]?.(turn)
      // The first turns are not counted: they compile.
      if (turn >= turns * 0.2) times[name]?.push((performance.now() - start) * 1000)
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(times[name] ?? [])]))
}

/** @param {Record<string, number>} figures */
function print(/** @type {string} */ title, figures) {
  const [ours = NaN, theirs = NaN] = Object.values(figures)
  const shown = Object.entries(figures).map(([name, time]) => `${name} ${time.toFixed(1)} µs`)
  process.stdout.write(`${title}: ${shown.join(', ')}; ratio ${(ours / theirs).toFixed(3)}\n`)
}

for (const [name, settings] of Object.entries(SETTINGS)) {
  const server = await startRedis(settings)
  const client = createClient({ socket: { host: '127.0.0.1', port: server.port } })
  await client.connect()
  const store = redisStore(client)
  const limiter = new RateLimiterRedis({ storeClient: client, useRedisPackage: true, points: 1e9, duration: 900 })
  const expiresAt = Date.now() / 1000 + 900
  // A hundred spends a token, as many as a token of limited use has.
  const spend = (/** @type {number} */ turn) => store.spend(`token ${turn % 100}`, 1e6, expiresAt)
  const consume = (/** @type {number} */ turn) => limiter.consume(`token ${turn % 100}`)
  const wide = (/** @type {(turn: number) => Promise<unknown>} */ one) => (/** @type {number} */ turn) =>
    Promise.all(Array.from({ length: WIDTH }, (_, index) => one(turn * WIDTH + index)))
  print(`${name}, one at a time`, await measure({ spend, 'rate-limiter-flexible': consume }, TURNS))
  print(
    `${name}, ${WIDTH} at once`,
    await measure({ spend: wide(spend), 'rate-limiter-flexible': wide(consume) }, WIDE_TURNS),
  )
  await store.spend('exhausted', 1, expiresAt)
  await store.spend('exhausted', 1, expiresAt)
  print(
    `${name}, an exhausted token`,
    await measure({ refused: () => store.spend('exhausted', 1, expiresAt), 'a spend': spend }, TURNS),
  )
  client.destroy()
  await server.stop()
}

const missing = await installRuntimes()
if (missing === undefined) await objects()
else process.stdout.write(`Left out: Durable Objects: ${missing}\n`)

/** One spend at a time in a Durable Object, in workerd on this machine, whose clock tells whole milliseconds. */
async function objects() {
  const { path, remove } = folder('objects')
  const outfile = join(path, 'worker.mjs')
  const conditions = ['worker', 'browser']
  await build({ entryPoints: [join(STORES, 'uses-worker.js')], bundle: true, format: 'esm', outfile, conditions })
  const args = [join(STORES, 'miniflare.js'), outfile, join(path, 'storage')]
  const env = { ...process.env, RUNTIMES }
  const child = spawn(join(RUNTIMES, 'node24/bin/node'), args, { env, stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  try {
    const [origin] = await once(child.stdout.setEncoding('utf8'), 'data')
    const order = {
      id: 'a',
      limit: 1e6,
      expiresAt: Date.now() / 1000 + 900,
      turns: 500,
      options: { timeoutSeconds: 20 },
    }
    const response = await fetch(String(origin).trim(), { method: 'POST', body: JSON.stringify(order) })
    const { took, calls } = /** @type {{ took: number[], calls: number }} */ (await response.json())
    const figures = `median ${median(took.slice(100)).toFixed(0)} ms, ${calls / took.length} request a spend`
    process.stdout.write(`a Durable Object, one at a time: ${figures}\n`)
  } finally {
    child.stdin.end()
    await ended
    remove()
  }
}
