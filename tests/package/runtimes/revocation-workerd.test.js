// @ts-check
/** Status lists in workerd: inflated there, fetched once for all, and fetched again when the first request has ended. */

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { deflateSync } from 'node:zlib'
import { build } from 'esbuild'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { folder } from '../stores/servers.js'
import { HERE, PROJECT, runtime } from './lib.js'

const SECRET = 'a secret of thirty-two octets!!!'
const now = () => Math.floor(Date.now() / 1000)
const { path, remove } = folder('lists')
const { publicKey, privateKey } = await generateKeyPair('ES256')

/** @typedef {import('node:stream').Readable} Readable */
/** @type {import('node:child_process').ChildProcessByStdio<import('node:stream').Writable, Readable, null> | undefined} */
let workerd
let origin = ''

before(async () => {
  const outfile = join(path, 'worker.mjs')
  await build({
    entryPoints: [join(HERE, '..', 'revocation', 'lists-worker.js')],
    ...{ bundle: true, outfile, format: 'esm', conditions: ['worker', 'browser'] },
  })
  const program = join(HERE, '..', 'http', 'worker.js')
  workerd = spawn(runtime('node24/bin/node'), [program, outfile], { cwd: PROJECT, stdio: ['pipe', 'pipe', 'inherit'] })
  const [first] = await once(workerd.stdout.setEncoding('utf8'), 'data')
  origin = first.trim()
})

after(async () => {
  workerd?.stdin.end()
  if (workerd?.exitCode === null) await once(workerd, 'exit')
  remove()
})

let names = 0

/**
 * A server of lists, and what the worker says of a token in one.
 *
 * @param {(request: number) => { octets?: Uint8Array, status?: number, delay?: number }} answer
 * @param {(ask: (idx: number, path?: string) => Promise<string>, requests: () => number) => Promise<void>} use
 */
async function withLists(answer, use) {
  let requests = 0
  const server = createServer(async (request, response) => {
    const { octets = new Uint8Array(), status = 200, delay = 0 } = answer((requests += 1))
    const lst = deflateSync(octets).toString('base64url')
    const sub = `${lists}${request.url}`
    const jwt = new SignJWT({ sub, iat: now(), status_list: { bits: 1, lst } })
    const body = await jwt.setProtectedHeader({ alg: 'ES256', typ: 'statuslist+jwt' }).sign(privateKey)
    setTimeout(() => response.writeHead(status).end(body), delay)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const lists = `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`
  const name = `lists ${(names += 1)}`
  const jwk = await exportJWK(publicKey)
  const ask = async (/** @type {number} */ idx, below = '/') => {
    const status = { status_list: { uri: `${lists}/1`, idx } }
    const jwt = new SignJWT({ exp: now() + 600, status }).setProtectedHeader({ alg: 'HS256' })
    const token = await jwt.sign(new TextEncoder().encode(SECRET))
    const body = JSON.stringify({ name, token, secret: SECRET, jwk, origin: lists })
    return (await fetch(`${origin}${below}`, { method: 'POST', body })).text()
  }
  try {
    await use(ask, () => requests)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

test('a list is inflated and read, and fetched once or twice for many requests at once', () =>
  withLists(
    () => ({ octets: Uint8Array.of(0b0000_0010, 0b1000_0000) }),
    async (ask, requests) => {
      const answers = await Promise.all(Array.from({ length: 48 }, (_, index) => ask(index % 16)))
      for (const [index, answer] of answers.entries()) {
        assert.equal(answer, [1, 15].includes(index % 16) ? 'token_revoked' : 'ok', `${index % 16}`)
      }
      assert.ok(requests() <= 2, `${requests()} fetches`)
      assert.equal(await ask(16), 'token_revoked', 'out of bounds')
    },
  ))

test('a request that has ended leaves no other waiting for its fetch', () =>
  withLists(
    () => ({ octets: Uint8Array.of(0), delay: 300 }),
    async (ask, requests) => {
      assert.equal(await ask(0, '/leave'), 'left')
      assert.deepEqual(await Promise.all(Array.from({ length: 10 }, () => ask(0))), Array(10).fill('ok'))
      assert.ok(requests() <= 3, `${requests()} fetches`)
    },
  ))

test('a list that is too long after decompression, and a source that is down, are store_unavailable, asked once a cooldown', async () => {
  for (const answer of [{ octets: new Uint8Array(17 * 1024 * 1024) }, { status: 500 }, { status: 302 }]) {
    await withLists(
      () => answer,
      async (ask, requests) => {
        for (let time = 0; time < 3; time += 1) assert.equal(await ask(0), 'store_unavailable')
        assert.equal(requests(), 1)
      },
    )
  }
})
