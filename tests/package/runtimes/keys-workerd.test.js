// @ts-check
/** K-14 and K-15 in workerd: a promise of a request that has ended never settles, and no other request may wait for it. */

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { build } from 'esbuild'
import { startSandbox } from 'countersign/sandbox'
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
/** @type {import('node:child_process').ChildProcessByStdio<import('node:stream').Writable, Readable, null> | undefined} */
let workerd
let origin = ''

before(async () => {
  sandbox = await startSandbox()
  const outfile = join(folder, 'worker.mjs')
  await build({
    entryPoints: [join(HERE, '..', 'keys', 'asking-worker.js')],
    ...{ bundle: true, outfile, format: 'esm', conditions: ['workerd', 'worker', 'browser'] },
  })
  const program = join(HERE, '..', 'http', 'worker.js')
  workerd = spawn(runtime('node24/bin/node'), [program, outfile], { cwd: PROJECT, stdio: ['pipe', 'pipe', 'inherit'] })
  const [first] = await once(workerd.stdout.setEncoding('utf8'), 'data')
  origin = first.trim()
})

after(async () => {
  await sandbox.close()
  rmSync(folder, { recursive: true, force: true })
  workerd?.stdin.end()
  if (workerd?.exitCode === null) await once(workerd, 'exit')
})

let count = 0

/** An issuer and requests of its tokens. @param {{ own?: boolean, options?: object }} [settings] */
function asking(settings = {}) {
  const issuer = sandbox.issuer({ algorithms: ['ES256'] })
  const name = `issuer ${(count += 1)}`
  const token = issuer.mint()
  /** @param {string} [path] @param {{ signal?: AbortSignal, token?: string }} [other] */
  const ask = async (path = '/', { signal, ...other } = {}) => {
    const order = { name, issuer: issuer.issuer, url: issuer.jwksUri, token, ...settings, ...other }
    const response = await fetch(`${origin}${path}`, {
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
