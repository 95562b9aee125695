// @ts-check
/** K-14 and K-15 in workerd: a promise of a request that has ended never settles, and no other request may wait for it. */

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { startSandbox } from 'countersign/sandbox'
import { build } from 'esbuild'
import { pause, tally, until } from '../keys/origin.js'
import { HERE, PROJECT, runtime } from './lib.js'

/**
 * Requests are answered within this, in milliseconds, on a busy machine too. One that waits for a dead one hangs for
 * good.
 */
const ANSWERED_MS = 3000

const folder = mkdtempSync(join(tmpdir(), 'countersign-worker-'))
/** @type {import('countersign/sandbox').Sandbox} */
let sandbox
/** @typedef {import('node:stream').Readable} Readable */
/** @type {import('node:child_process').ChildProcessByStdio<import('node:stream').Writable, Readable, null>[]} */
const children = []
/** The worker as modules, and as a script, in which no `waitUntil` is found. */
const origins = { modules: '', script: '' }

/** @param {'modules' | 'script'} syntax @param {string} entry */
async function serve(syntax, entry) {
  const outfile = join(folder, `${syntax}.js`)
  await build({
    entryPoints: [join(HERE, '..', 'keys', entry)],
    bundle: true,
    outfile,
    format: syntax === 'script' ? 'iife' : 'esm',
    conditions: ['worker', 'browser'],
  })
  const args = [join(HERE, '..', 'keys', 'miniflare.js'), outfile, syntax]
  const child = spawn(runtime('node24/bin/node'), args, { cwd: PROJECT, stdio: ['pipe', 'pipe', 'inherit'] })
  children.push(child)
  const [first] = await once(child.stdout.setEncoding('utf8'), 'data')
  origins[syntax] = first.trim()
}

before(async () => {
  sandbox = await startSandbox()
  await serve('modules', 'asking-worker.js')
  await serve('script', 'script-worker.js')
})

after(async () => {
  await sandbox.close()
  rmSync(folder, { recursive: true, force: true })
  for (const child of children) {
    child.stdin.end()
    if (child.exitCode === null) await once(child, 'exit')
  }
})

let count = 0

/** An issuer and requests of its tokens. @param {{ own?: boolean, isStored?: boolean, options?: object }} [settings] */
function asking(settings = {}, syntax = /** @type {keyof typeof origins} */ ('modules')) {
  const issuer = sandbox.issuer({ algorithms: ['ES256'] })
  const name = `issuer ${(count += 1)}`
  const token = issuer.mint()
  /** @param {string} [path] @param {{ signal?: AbortSignal, token?: string }} [other] */
  const ask = async (path = '/', { signal, ...other } = {}) => {
    const order = { name, issuer: issuer.issuer, url: issuer.jwksUri, token, ...settings, ...other }
    const response = await fetch(`${origins[syntax]}${path}`, {
      method: 'POST',
      body: JSON.stringify(order),
      ...(signal && { signal }),
    })
    return await response.text()
  }
  /** @param {number} number */
  const many = async (number) => {
    const start = performance.now()
    const answers = await Promise.all(Array.from({ length: number }, () => ask()))
    return { answers: tally(answers), milliseconds: performance.now() - start }
  }
  return { issuer, ask, many }
}

for (const own of [false, true]) {
  const kind = own ? 'a source of the caller’s own' : 'remoteKeys'

  test(`K-14 (i), ${kind}: 50 requests without a set are answered, with two fetches at most`, async () => {
    const { issuer, many } = asking({ own })
    const { answers } = await many(50)
    assert.deepEqual(answers, { ok: 50 })
    assert.ok(issuer.requests <= 2, `${issuer.requests} requests`)
  })

  for (const [how, begin] of /** @type {[string, (asked: ReturnType<typeof asking>) => Promise<unknown>][]} */ ([
    ['(ii) returns without waiting', ({ ask }) => ask('/leave')],
    ['(iii) waits for 50 ms', ({ ask }) => ask('/race')],
    ['(iv) loses its client', ({ ask }) => ask('/', { signal: AbortSignal.timeout(50) }).catch(() => {})],
  ])) {
    test(`K-14, ${kind}: after a request that ${how}, 20 others are answered in time`, async () => {
      const asked = asking({ own })
      asked.issuer.slow(200)
      await begin(asked)
      const { answers, milliseconds } = await asked.many(20)
      assert.deepEqual(answers, { ok: 20 })
      assert.ok(milliseconds < ANSWERED_MS, `${milliseconds} ms`)
    })
  }
}

test('of many requests at once, some end early or lose their client: the others are answered', async () => {
  const { issuer, ask } = asking()
  issuer.slow(100)
  const start = performance.now()
  const all = Array.from({ length: 40 }, (_, index) => {
    if (index % 4 === 0) return ask('/leave')
    if (index % 4 === 1) return ask('/race')
    if (index % 4 === 2) return ask('/', { signal: AbortSignal.timeout(20) }).catch(() => 'gone')
    return ask()
  })
  const answers = tally(await Promise.all(all))
  assert.ok(Number(answers.ok) >= 10, JSON.stringify(answers))
  assert.ok(performance.now() - start < 2 * ANSWERED_MS)
})

test('a stale set serves at once and is renewed in the background', async () => {
  const { issuer, ask } = asking({ options: { maxAgeSeconds: 0.05, cooldownSeconds: 0.05 } })
  assert.equal(await ask(), 'ok')
  await pause(100)
  issuer.slow(300)
  const start = performance.now()
  assert.equal(await ask(), 'ok')
  assert.ok(performance.now() - start < 300)
  await until(() => issuer.requests === 2)
})

test('unknown kids cost one request per cooldown', async () => {
  const { issuer, ask } = asking({ options: { cooldownSeconds: 60 } })
  assert.equal(await ask(), 'ok')
  const tokens = Array.from({ length: 30 }, (_, index) => issuer.mint({ header: { kid: `strange-${index}` } }))
  assert.deepEqual(tally(await Promise.all(tokens.map((token) => ask('/', { token })))), { key_not_found: 30 })
  assert.equal(issuer.requests, 1)
})

test('an endpoint that is down, or redirects, is keys_unavailable', async () => {
  const { issuer, ask } = asking()
  issuer.fail(302, { location: issuer.jwksUri })
  assert.equal(await ask(), 'keys_unavailable')
  const down = asking({ options: { timeoutSeconds: 0.2 } })
  down.issuer.hang()
  assert.equal(await down.ask(), 'keys_unavailable')
})

test('K-15: an isolate without a set takes it from the storage while the endpoint is down', async () => {
  const { issuer, ask } = asking({ isStored: true, options: { timeoutSeconds: 0.3 } })
  assert.equal(await ask(), 'ok')
  issuer.hang()
  // The first isolate's record may be written a moment after its answer.
  let answer = ''
  for (let count = 0; count < 20 && answer !== 'ok'; count += 1) answer = await ask('/other')
  assert.equal(answer, 'ok')
  assert.equal(await ask('/other', { token: issuer.mint({ header: { kid: 'strange' } }) }), 'keys_unavailable')
  assert.equal(await ask(), 'ok')
})

test('without waitUntil, one request a cooldown waits for the look that a stale set needs, after its verdict', async () => {
  const options = { maxAgeSeconds: 0.05, cooldownSeconds: 3 }
  const { issuer, ask, many } = asking({ options }, 'script')
  assert.equal(await ask(), 'ok')
  await pause(3200)
  // Nothing would carry a look beyond this request: none begins.
  assert.equal(await ask('/sync'), 'ok')
  assert.equal(issuer.requests, 1)
  issuer.slow(200)
  const { answers } = await many(10)
  assert.deepEqual(answers, { ok: 10 })
  assert.equal(issuer.requests, 2)
})

test('without waitUntil, requests that end early leave the others their answer', async () => {
  const { issuer, ask, many } = asking({}, 'script')
  issuer.slow(200)
  await ask('/leave')
  await ask('/race')
  assert.deepEqual((await many(20)).answers, { ok: 20 })
})
