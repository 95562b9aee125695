// @ts-check
/** K-15: a storage keeps the last good set beyond the process. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { discoverKeys, remoteKeys, UnavailableError, Verifier } from 'countersign'
import { startSandbox } from 'countersign/sandbox'
import { origin, pause, status, until } from './keys/origin.js'

/** @type {import('countersign/sandbox').Sandbox} */
let sandbox
before(async () => {
  sandbox = await startSandbox()
})
after(() => sandbox.close())

/** @param {string | null} [text] */
const kept = (text = null) => ({
  text,
  reads: 0,
  writes: 0,
  async read() {
    this.reads += 1
    return this.text
  },
  /** @param {string} written */
  async write(written) {
    this.writes += 1
    this.text = written
  },
})

/** @param {import('countersign/sandbox').IssuerSandbox} issuer @param {import('countersign').RemoteKeys} keys */
const verifierOf = (issuer, keys) => new Verifier({ issuer: issuer.issuer, audience: null, keys })

test('another process verifies at once while the endpoint is down, and asks it in the background', async () => {
  for (const make of [
    (/** @type {any} */ issuer, /** @type {any} */ options) => remoteKeys(issuer.jwksUri, options),
    (/** @type {any} */ issuer, /** @type {any} */ options) => discoverKeys(issuer.issuer, options),
  ]) {
    const issuer = sandbox.issuer({ algorithms: ['ES256'] })
    const storage = kept()
    await make(issuer, { storage }).ready()
    await until(() => storage.writes === 1)
    assert.equal(storage.reads, 1)
    issuer.hang()
    const { requests } = issuer
    const source = make(issuer, { storage })
    assert.equal((await verifierOf(issuer, source).verifyAsync(issuer.mint())).ok, true)
    assert.equal(source.stats.state, 'fresh')
    assert.equal(issuer.requests, requests)
    // By its age it is stale: it serves, and the endpoint is asked in the background.
    const later = make(issuer, { storage, clock: () => Date.now() / 1000 + 700, timeoutSeconds: 0.1 })
    const start = performance.now()
    assert.equal((await verifierOf(issuer, later).verifyAsync(issuer.mint())).ok, true)
    assert.equal(later.stats.state, 'stale')
    assert.ok(performance.now() - start < 5000)
    assert.equal((await verifierOf(issuer, later).verifyAsync(issuer.mint())).ok, true)
    await until(() => later.stats.failures === 1)
  }
})

test('a record of another URL, of the future, too old, or that is no record is ignored', async () => {
  const issuer = sandbox.issuer({ algorithms: ['ES256'] })
  const good = kept()
  await remoteKeys(issuer.jwksUri, { storage: good }).ready()
  const record = JSON.parse(String(good.text))
  assert.deepEqual(Object.keys(record), ['url', 'at', 'etag', 'body'])
  issuer.fail()
  const now = Date.now() / 1000
  for (const text of [
    JSON.stringify({ ...record, url: 'https://other.example/' }),
    JSON.stringify({ ...record, at: now + 120 }),
    JSON.stringify({ ...record, at: now - 100_000 }),
    JSON.stringify({ ...record, at: String(record.at) }),
    JSON.stringify({ ...record, body: JSON.parse(record.body) }),
    JSON.stringify({ ...record, body: '{"keys":[]}' }),
    JSON.stringify([record]),
    'null',
    '7',
    'garbage',
    '',
    'x'.repeat(10_000_000),
  ]) {
    const source = remoteKeys(issuer.jwksUri, { storage: kept(text) })
    await assert.rejects(source.refresh(), UnavailableError, text.slice(0, 80))
    assert.equal(source.stats.state, 'empty')
  }
  // The clocks of two machines may differ by a minute.
  await remoteKeys(issuer.jwksUri, { storage: kept(JSON.stringify({ ...record, at: now + 50 })) }).refresh()
})

test('a storage that hangs or fails costs its time once, and is counted', async () => {
  const issuer = sandbox.issuer({ algorithms: ['ES256'] })
  for (const [read, write] of /** @type {[() => any, () => any][]} */ ([
    [() => new Promise(() => {}), async () => {}],
    [() => Promise.reject(new Error('down')), () => Promise.reject(new Error('down'))],
    [
      () => {
        throw new Error('at once')
      },
      () => {
        throw new Error('at once')
      },
    ],
    [async () => 7, () => undefined],
  ])) {
    const source = remoteKeys(issuer.jwksUri, { storage: { read, write }, timeoutSeconds: 0.3 })
    const start = performance.now()
    assert.equal((await verifierOf(issuer, source).verifyAsync(issuer.mint())).ok, true)
    assert.ok(performance.now() - start < 3000)
    await pause(10)
    assert.equal(source.stats.failures, 0)
  }
})

test('it is written after a change, and otherwise once per half of maxAgeSeconds', async () => {
  const issuer = sandbox.issuer({ algorithms: ['ES256'] })
  const storage = kept()
  const source = remoteKeys(issuer.jwksUri, { storage, cooldownSeconds: 0.01 })
  for (let count = 0; count < 5; count += 1) {
    await source.refresh()
    await pause(15)
  }
  assert.deepEqual([source.stats.looks, storage.writes], [5, 1])
  issuer.rotate()
  await source.refresh()
  assert.equal(storage.writes, 2)
  const short = kept()
  const often = remoteKeys(issuer.jwksUri, { storage: short, cooldownSeconds: 0.01, maxAgeSeconds: 0.02 })
  for (let count = 0; count < 3; count += 1) {
    await often.refresh()
    await pause(15)
  }
  assert.equal(short.writes, 3)
})

test('the ETag that was kept makes the first request conditional', async () => {
  const issuer = sandbox.issuer({ algorithms: ['ES256'] })
  const body = JSON.stringify(issuer.jwks)
  const server = await origin((_, response) => void response.writeHead(200, { etag: 'W/"1"' }).end(body))
  const storage = kept()
  try {
    await remoteKeys(server.url, { storage }).ready()
    server.answer = (request, response) =>
      void (request.headers['if-none-match'] === 'W/"1"'
        ? response.writeHead(304).end()
        : status(500)(request, response))
    const source = remoteKeys(server.url, { storage, cooldownSeconds: 0.01 })
    await source.ready()
    const set = source.current()
    await source.refresh()
    assert.equal(source.current(), set)
    assert.deepEqual([server.requests.length, source.stats.failures], [2, 0])
  } finally {
    await server.close()
  }
})
