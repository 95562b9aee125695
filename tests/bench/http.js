// @ts-check
/**
 * A guarded node:http server beside an unguarded one, on loopback: requests a second, and what memory does.
 *
 *     node tests/bench/http.js [--seconds 3] [--rounds 3] [--requests 20000] [--connections 16] [--json]
 *
 * Every server is a process of its own; the load comes from this one. The ratio is that of medians of rounds in turn. The
 * server's own processor time, and its memory after garbage collection, are those of `--requests` more requests (a million
 * show more than the default does); of the two, the processor time stands still on a machine that has other work. The exit
 * code is 1 if a request got another answer than it should, or memory grew.
 *
 * @module
 */

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Verifier } from 'countersign'
import { guard } from 'countersign/node'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'

// It brings no types.
const untyped = createRequire(import.meta.url)
const autocannon = untyped('autocannon')

/** @typedef {import('countersign').Keys} Keys */

/** More than this, after so many requests and a garbage collection, is a leak and no noise. */
const MAX_GROWTH_BYTES = 8_000_000

/** @type {import('node:http').RequestListener} */
function hello(_request, response) {
  response.setHeader('Content-Type', 'application/json')
  response.end('{"hello":"world"}')
}

/** Serves until its parent ends it. @param {Keys | null} keys Of the guard; null for none. */
async function serve(keys) {
  const protect =
    keys === null ? null : guard(new Verifier({ issuer: 'https://issuer.example', audience: 'bench', keys }))
  const server = createServer(
    protect === null ? hello : (request, response) => protect(request, response, () => hello(request, response)),
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  process.on('message', () => {
    globalThis.gc?.()
    const { heapUsed, external, rss } = process.memoryUsage()
    const { user, system } = process.cpuUsage()
    process.send?.({ used: heapUsed + external, rss, cpu: user + system })
  })
  process.on('disconnect', () => process.exit())
  process.send?.({ port })
}

/**
 * What a server's process has used: octets, octets, microseconds.
 *
 * @typedef {{ used: number, rss: number, cpu: number }} Usage
 */

/**
 * @typedef {{ url: string, usage: () => Promise<Usage>, stop: () => Promise<void> }} Server
 * @param {Keys | null} keys
 * @returns {Promise<Server>}
 */
async function start(keys) {
  const child = fork(fileURLToPath(import.meta.url), ['--serve', JSON.stringify(keys)], {
    execArgv: ['--expose-gc'],
  })
  const [{ port }] = /** @type {[{ port: number }]} */ (await once(child, 'message'))
  return {
    url: `http://127.0.0.1:${port}/`,
    async usage() {
      child.send('usage')
      return (await once(child, 'message'))[0]
    },
    async stop() {
      child.disconnect()
      await once(child, 'exit')
    },
  }
}

/**
 * @typedef {{ name: string, keys: Keys | null, token: string, status: number }} Candidate
 * @returns {Promise<Candidate[]>}
 */
async function candidates() {
  const secret = 'a secret of the benchmark, and of nothing else'
  const { publicKey, privateKey } = await generateKeyPair('ES256')
  const jwk = { ...(await exportJWK(publicKey)), alg: 'ES256' }
  const hmac = new TextEncoder().encode(secret)
  const sign = async (/** @type {string} */ alg, /** @type {Parameters<SignJWT['sign']>[0]} */ key) =>
    await new SignJWT({ sub: 'alice', scope: 'orders.read orders.write' })
      .setProtectedHeader({ alg })
      .setIssuer('https://issuer.example')
      .setAudience('bench')
      .setIssuedAt()
      .setExpirationTime('2h')
      .sign(key)
  const es256 = await sign('ES256', privateKey)
  return [
    { name: 'unguarded', keys: null, token: es256, status: 200 },
    { name: 'guarded, HS256', keys: { secret, alg: 'HS256' }, token: await sign('HS256', hmac), status: 200 },
    { name: 'guarded, ES256', keys: { jwk }, token: es256, status: 200 },
    { name: 'guarded, refused', keys: { jwk }, token: 'no.such.token', status: 401 },
  ]
}

/**
 * @param {Server} server
 * @param {Candidate} candidate
 * @param {{ connections: number } & ({ duration: number } | { amount: number })} load
 */
async function press({ url }, { token, status, name }, load) {
  const result = await autocannon({ url, headers: { authorization: `Bearer ${token}` }, ...load })
  const expected = status === 200 ? result['2xx'] : result['4xx']
  const others = result.requests.total - expected
  if (result.errors > 0 || others > 0 || expected === 0) {
    throw new Error(`${name}: ${result.errors} errors, ${others} other answers, ${expected} as expected`)
  }
  return { perSecond: result.requests.total / result.duration, p99: result.latency.p99 }
}

/**
 * @param {{ seconds: number, rounds: number, requests: number, connections: number }} options
 */
export async function benchHttp({ seconds, rounds, requests, connections }) {
  const all = await candidates()
  const servers = await Promise.all(all.map(({ keys }) => start(keys)))
  try {
    const runs = all.map(() => /** @type {{ perSecond: number, p99: number }[]} */ ([]))
    for (let round = 0; round < rounds; round += 1) {
      for (const [index, candidate] of all.entries()) {
        const server = /** @type {Server} */ (servers[index])
        runs[index]?.push(await press(server, candidate, { connections, duration: seconds }))
      }
    }
    const used = /** @type {{ grown: number, rss: number, cpu: number }[]} */ ([])
    for (const [index, candidate] of all.entries()) {
      const server = /** @type {Server} */ (servers[index])
      const before = await server.usage()
      await press(server, candidate, { connections, amount: requests })
      const after = await server.usage()
      const cpu = (after.cpu - before.cpu) / requests
      used.push({ grown: after.used - before.used, rss: after.rss, cpu })
    }
    const speeds = runs.map((run) => median(run.map(({ perSecond }) => perSecond)))
    return all.map(({ name }, index) => ({
      name,
      perSecond: Math.round(speeds[index] ?? 0),
      ratio: Number(((speeds[index] ?? 0) / (speeds[0] ?? 1)).toFixed(3)),
      p99Milliseconds: median((runs[index] ?? []).map(({ p99 }) => p99)),
      cpuMicroseconds: Number((used[index]?.cpu ?? 0).toFixed(1)),
      requests,
      grownBytes: used[index]?.grown ?? 0,
      rssBytes: used[index]?.rss ?? 0,
    }))
  } finally {
    await Promise.all(servers.map(({ stop }) => stop()))
  }
}

/** @param {number[]} numbers */
function median(numbers) {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? 0
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: {
      serve: { type: 'string' },
      seconds: { type: 'string', default: '3' },
      rounds: { type: 'string', default: '3' },
      requests: { type: 'string', default: '20000' },
      connections: { type: 'string', default: '16' },
      json: { type: 'boolean', default: false },
    },
  })
  if (values.serve !== undefined) {
    await serve(JSON.parse(values.serve))
  } else {
    const { seconds, rounds, requests, connections } = values
    const rows = await benchHttp({
      seconds: Number(seconds),
      rounds: Number(rounds),
      requests: Number(requests),
      connections: Number(connections),
    })
    if (values.json) console.log(JSON.stringify(rows))
    else console.table(rows)
    if (rows.some(({ grownBytes }) => grownBytes > MAX_GROWTH_BYTES)) process.exitCode = 1
  }
}
