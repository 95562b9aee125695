// @ts-check
/** `countersign/client` in Node, Deno, Bun and workerd: how many token requests, where requests end early too. */

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, test } from 'node:test'
import { build } from 'esbuild'
import { granted, serve } from '../client-lib.js'
import { HERE, output, PROJECT, runtime } from './lib.js'

/** How long the token endpoint takes, in milliseconds: longer than the worker's race. */
const SLOW = 150

/** Requests to the token endpoint, by client. @type {Map<string, number>} */
const asked = new Map()

/** @type {Awaited<ReturnType<typeof serve>>} */
let server
before(async () => {
  server = await serve(async ({ url, headers }) => {
    if (url === '/api') return { status: headers.authorization === 'Bearer token-1' ? 401 : 200 }
    const name = url.slice('/token/'.length)
    const count = (asked.get(name) ?? 0) + 1
    asked.set(name, count)
    await new Promise((resolve) => setTimeout(resolve, SLOW))
    return name === 'down' && count > 1 ? 'destroy' : granted(count)
  })
})
beforeEach(() => asked.clear())
after(() => server.close())

const PROGRAM = join(HERE, 'client-program.js')
const DENO = ['run', '--no-prompt', '--no-config', '--node-modules-dir=manual', '--allow-net=127.0.0.1', '--allow-env']

for (const [name, command, args] of /** @type {[string, string, string[]][]} */ ([
  ['Node', process.execPath, []],
  ['Node 24', 'node24/bin/node', []],
  ['Deno', '.bin/deno', DENO],
  ['Bun', '.bin/bun', ['run']],
])) {
  test(`${name}: 1,000 calls, one request; 200 refusals, one renewal; endpoint down, no failed call`, async () => {
    const path = command.startsWith('/') ? command : runtime(command)
    const found = JSON.parse(await output(path, [...args, PROGRAM, server.origin]))
    assert.deepEqual(found, {
      herd: { tokens: 1, requests: 1 },
      storm: { good: 200, requests: 2 },
      down: { failed: 0, tried: true },
    })
    assert.deepEqual([asked.get('herd'), asked.get('storm')], [1, 2])
  })
}

/**
 * Serves the worker in workerd.
 *
 * @param {(ask: (path: string, init?: RequestInit) => Promise<Response>) => Promise<void>} use
 * @param {import('esbuild').BuildOptions} [options]
 */
async function inWorkerd(use, options = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-client-'))
  const outfile = join(folder, 'worker.mjs')
  try {
    await build({
      entryPoints: [join(HERE, 'client-worker.js')],
      bundle: true,
      outfile,
      format: 'esm',
      conditions: ['worker', 'browser'],
      banner: { js: `globalThis.ORIGIN = ${JSON.stringify(server.origin)}` },
      ...options,
    })
    const program = join(HERE, '..', 'http', 'worker.js')
    const child = spawn(runtime('node24/bin/node'), [program, outfile], {
      cwd: PROJECT,
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const ended = once(child, 'exit')
    try {
      const [first] = await Promise.race([
        once(child.stdout.setEncoding('utf8'), 'data'),
        ended.then(([code]) => Promise.reject(new Error(`workerd ended with ${code}`))),
      ])
      await use((path, init) => fetch(`${first.trim()}${path}`, init))
    } finally {
      child.stdin.end()
      await ended
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

test('workerd: requests that end early neither hang others nor multiply token requests', () =>
  inWorkerd(async (ask) => {
    /** @param {string} name @param {number} count @param {string} [query] */
    const answers = async (name, count, query = '') => {
      const all = await Promise.all(
        Array.from({ length: count }, async () => {
          const response = await ask(`/${name}${query}`, { signal: AbortSignal.timeout(20_000) })
          assert.equal(response.status, 200, name)
          return await response.json()
        }),
      )
      for (const { token } of all) assert.match(token, /^token-\d$/)
      return all.map(({ token }) => token)
    }

    // A run that takes longer than a second is given up in workerd: on a busy machine that costs one request more.
    await answers('cold', 50)
    assert.ok((asked.get('cold') ?? 0) <= 2, `cold: ${asked.get('cold')} requests`)

    assert.equal(await (await ask('/left?how=leave')).text(), 'left')
    await answers('left', 20)
    assert.ok((asked.get('left') ?? 0) <= 3, `left: ${asked.get('left')} requests`)

    assert.equal(await (await ask('/raced?how=race')).text(), 'raced')
    await answers('raced', 20)
    assert.ok((asked.get('raced') ?? 0) <= 3, `raced: ${asked.get('raced')} requests`)

    await assert.rejects(ask('/gone', { signal: AbortSignal.timeout(30) }))
    await answers('gone', 20)
    assert.ok((asked.get('gone') ?? 0) <= 3, `gone: ${asked.get('gone')} requests`)

    // The renewal goes on after the response of the request that began it.
    assert.deepEqual(await answers('renewed', 1), ['token-1'])
    const due = '?at=1800003500'
    assert.equal(await (await ask(`/renewed${due}&how=leave`)).text(), 'left')
    const end = Date.now() + 20_000
    while ((await answers('renewed', 1, due))[0] !== 'token-2') assert.ok(Date.now() < end)
    assert.ok((asked.get('renewed') ?? 0) <= 3, `renewed: ${asked.get('renewed')} requests`)

    // Down for the whole window: the old token serves, whatever becomes of the requests.
    await answers('down', 1, '?at=1800000000')
    for (const second of [3490, 3500, 3540, 3580, 3595]) {
      assert.deepEqual(
        await answers('down', 5, `?at=${1_800_000_000 + second}`),
        Array.from({ length: 5 }, () => 'token-1'),
      )
    }
  }))

test('workerd: 1,000 calls, one request; 200 refusals, one renewal', () =>
  inWorkerd(async (ask) => {
    assert.deepEqual(await (await ask('/herd?how=herd')).json(), { tokens: 1 })
    assert.deepEqual(await (await ask('/storm?how=storm')).json(), { good: 200 })
    // As above: one more where the machine is so busy that a run takes a second.
    const [herd = 0, storm = 0] = [asked.get('herd'), asked.get('storm')]
    assert.ok(herd >= 1 && herd <= 2, `herd: ${herd} requests`)
    assert.ok(storm >= 2 && storm <= 3, `storm: ${storm} requests`)
  }))

test('workerd without waitUntil: the request that begins a renewal waits for it, or another one begins it', () =>
  inWorkerd(
    async (ask) => {
      const tokenOf = async (/** @type {string} */ path) => {
        const response = await ask(path, { signal: AbortSignal.timeout(20_000) })
        assert.equal(response.status, 200, path)
        return (await response.json()).token
      }
      assert.equal(await tokenOf('/without?at=1800000000'), 'token-1')
      // The run ends with the request that began it.
      assert.equal(await (await ask('/without?at=1800003500&how=leave')).text(), 'left')
      const parallel = await Promise.all(Array.from({ length: 20 }, () => tokenOf('/without?at=1800003500')))
      for (const token of parallel) assert.match(token, /^token-\d$/)
      const end = Date.now() + 20_000
      while ((await tokenOf('/without?at=1800003500')) === 'token-1') assert.ok(Date.now() < end)
      assert.ok((asked.get('without') ?? 0) <= 4, `without: ${asked.get('without')} requests`)
      // One request at a time: the caller gets the new token at once.
      assert.equal(await tokenOf('/alone?at=1800000000'), 'token-1')
      assert.equal(await tokenOf('/alone?at=1800003500'), 'token-2')
      assert.equal(asked.get('alone'), 2)
    },
    // Without import(), cloudflare:workers cannot be reached.
    { supported: { 'dynamic-import': false } },
  ))
