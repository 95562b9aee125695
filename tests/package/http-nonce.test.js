// @ts-check
/** DPoP nonces of three processes that share a secret and nothing else (RFC 9449 sections 8 and 9). */

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { clientCredentials, dpop } from 'countersign/client'
import { SignJWT } from 'jose'
import { serve } from './client-lib.js'

const SERVER = fileURLToPath(new URL('http/nonce-server.js', import.meta.url))
const ORIGIN = 'https://api.example'
const SLOT = 120
/** The start of a slot. */
const START = 14_166_667 * SLOT

/** @typedef {Awaited<ReturnType<typeof start>>} Instance */
/** @type {[Instance, Instance, Instance]} */
let instances
before(async () => {
  instances = await Promise.all([start(), start(), start()])
})
after(() => Promise.all(instances.map(({ stop }) => stop())))

async function start() {
  const child = spawn(process.execPath, [SERVER, ORIGIN], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  const port = Number((await lines.next()).value)
  return {
    address: `http://127.0.0.1:${port}`,
    /** @param {number} seconds */
    at: async (seconds) => {
      child.stdin.write(`${seconds}\n`)
      await lines.next()
    },
    stop: async () => {
      const ended = once(child, 'exit')
      child.stdin.end()
      await ended
    },
  }
}

const key = dpop()
const token = await new SignJWT({ cnf: { jkt: await key.thumbprint() } })
  .setProtectedHeader({ alg: 'HS256' })
  .setExpirationTime('1000y')
  .sign(new TextEncoder().encode('a secret of thirty-two octets!!!'))

/**
 * A request with a proof that has `nonce`, to one instance.
 *
 * @param {Instance} instance @param {string | null} [nonce]
 */
async function send(instance, nonce = null) {
  if (nonce !== null) key.remember(ORIGIN, new Response(null, { headers: { 'DPoP-Nonce': nonce } }))
  const proof = nonce === null ? 'a.b.c' : await key.proof({ method: 'GET', url: `${ORIGIN}/x`, token })
  const response = await fetch(`${instance.address}/x`, { headers: { authorization: `DPoP ${token}`, dpop: proof } })
  await response.text()
  return {
    status: response.status,
    nonce: response.headers.get('dpop-nonce'),
    exposed: response.headers.get('access-control-expose-headers'),
    challenge: response.headers.get('www-authenticate'),
  }
}

/** The nonce that an instance hands out at a moment. @param {Instance} instance @param {number} moment */
async function nonceAt(instance, moment) {
  await instance.at(moment)
  const { status, nonce, exposed } = await send(instance)
  assert.equal(status, 401)
  assert.equal(exposed, 'DPoP-Nonce, WWW-Authenticate')
  return String(nonce)
}

test('a nonce of one process is accepted by the others, in its slot and in the next', async () => {
  const [first, second, third] = instances
  const nonce = await nonceAt(first, START)
  assert.equal(await nonceAt(second, START + SLOT - 1), nonce)
  const next = await nonceAt(third, START + SLOT)
  assert.notEqual(next, nonce)
  for (const [moment, status, handed] of /** @type {const} */ ([
    [START - 1, 401, 'other'],
    [START, 200, null],
    [START + SLOT - 1, 200, null],
    [START + SLOT, 200, next],
    [START + 2 * SLOT - 1, 200, next],
    [START + 2 * SLOT, 401, 'other'],
  ])) {
    for (const instance of [second, third]) {
      await instance.at(moment)
      const answer = await send(instance, nonce)
      assert.equal(answer.status, status, String(moment - START))
      if (status === 200) assert.equal(answer.nonce, handed, String(moment - START))
      else assert.ok(answer.nonce !== null && answer.nonce !== nonce)
      const exposed = status === 401 ? 'DPoP-Nonce, WWW-Authenticate' : handed === null ? null : 'DPoP-Nonce'
      assert.equal(answer.exposed, exposed)
      if (status === 401) assert.match(String(answer.challenge), /^DPoP error="use_dpop_nonce", algs="/)
    }
  }
})

test('a nonce that no instance made is refused: another slot, another tag, another secret', async () => {
  const [first] = instances
  const nonce = await nonceAt(first, START)
  const [slot = '', tag = ''] = nonce.split('.')
  for (const other of [
    slot,
    tag,
    `${slot}.`,
    `.${tag}`,
    `${Number.parseInt(slot, 36).toString(36)}0.${tag}`,
    `${slot}.${tag.slice(0, -1)}${tag.endsWith('A') ? 'B' : 'A'}`,
    `${nonce}.`,
    nonce.toUpperCase(),
    'x',
  ]) {
    assert.equal((await send(first, other)).status, 401, other)
  }
  assert.equal((await send(first, nonce)).status, 200)
})

test('a client sends each request at most twice, also where the clocks of the instances differ at the edge of a slot', async () => {
  const endpoint = await serve(() => ({ body: { access_token: token, token_type: 'DPoP', expires_in: 3600 } }))
  /** @type {{ instance: number, status: number }[]} */
  const sent = []
  const client = clientCredentials({
    tokenUrl: endpoint.origin,
    clientId: 'x',
    clientSecret: 'y',
    origins: [ORIGIN],
    dpop: key,
    // A balancer that gives each request to another instance.
    fetch: async (input, init) => {
      const url = String(input)
      if (!url.startsWith(ORIGIN)) return await fetch(input, init)
      const instance = sent.length % instances.length
      const response = await fetch(url.replace(ORIGIN, instances[instance]?.address ?? ''), init)
      sent.push({ instance, status: response.status })
      return response
    },
  })
  const skews = [-2, 0, 2]
  let requests = 0
  for (let second = -4; second <= SLOT + 4; second += second < 4 || second >= SLOT - 4 ? 1 : SLOT - 8) {
    await Promise.all(instances.map((instance, index) => instance.at(START + 10 * SLOT + second + (skews[index] ?? 0))))
    for (let turn = 0; turn < 3; turn += 1) {
      const before = sent.length
      const response = await client.fetch(`${ORIGIN}/orders`)
      requests += 1
      assert.equal(response.status, 200, String(second))
      assert.ok(sent.length - before <= 2)
    }
  }
  const repeated = sent.filter(({ status }) => status === 401).length
  assert.equal(sent.length, requests + repeated)
  // The first request, and those that met an instance whose slot is not the one of the nonce.
  assert.ok(repeated < requests / 3, `${repeated} of ${requests}`)
  await endpoint.close()
})

test('a client that no instance satisfies stops after one repetition', async () => {
  let asked = 0
  const server = await serve(() => ({
    status: 401,
    headers: {
      'www-authenticate':
        'DPoP error="use_dpop_nonce", error_description="Resource server requires nonce in DPoP proof"',
      'dpop-nonce': ['eyJ7S_zG.eyJH0-Z.HX4w-7v', 'eyJ7S_zG.eyJbYu3.xQmBj-1'][(asked += 1) % 2] ?? '',
    },
  }))
  const endpoint = await serve(() => ({ body: { access_token: 't', token_type: 'DPoP', expires_in: 3600 } }))
  const { origin } = server
  const client = clientCredentials({
    tokenUrl: endpoint.origin,
    clientId: 'x',
    clientSecret: 'y',
    origins: [origin],
    dpop: dpop(),
  })
  assert.equal((await client.fetch(origin)).status, 401)
  assert.equal(asked, 2)
  await server.close()
  await endpoint.close()
})
