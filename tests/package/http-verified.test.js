// @ts-check
/** What a guard verified is read from the guard itself, typed: `protect.verified(request)`. Express 4 and 5, Fastify. */

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { test } from 'node:test'
import { Verifier } from 'countersign'
import { guard as fastifyGuard } from 'countersign/fastify'
import { guard as nodeGuard } from 'countersign/node'
import express from 'express'
import Fastify from 'fastify'
import { SignJWT } from 'jose'

// It has no types of its own, and those of Express 5 fit.
const { default: express4 } = await import(/** @type {string} */ ('express4'))

const SECRETS = ['a secret of thirty-two octets, 01', 'a secret of thirty-two octets, 02']
const [first, second] = SECRETS.map(
  (secret, index) => new Verifier({ issuer: `https://${index}.example`, audience: 'api', keys: { secret } }),
)

/** @param {number} index Of the issuer. */
async function tokenOf(index) {
  return new SignJWT({ sub: `subject of ${index}` })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuer(`https://${index}.example`)
    .setAudience('api')
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(SECRETS[index]))
}

for (const [name, make] of /** @type {const} */ ([
  ['Express 5', express],
  ['Express 4', express4],
])) {
  test(`${name}: each guard gives what it verified itself`, async (t) => {
    assert.ok(first !== undefined && second !== undefined)
    const carriers = [{ header: 'X-Second' }]
    const protect = nodeGuard(first)
    const again = nodeGuard(second, { carriers, credentials: 'optional' })
    const elsewhere = nodeGuard(second, { carriers })
    const app = /** @type {typeof express} */ (make)()
    app.get('/', protect, again, (request, response) => {
      assert.throws(() => elsewhere.verified(request), { name: 'TypeError', message: /has not passed this guard/ })
      assert.throws(() => protect.verified({}), TypeError)
      response.json([protect.verified(request).claims.sub, again.verified(request)?.claims.sub ?? null])
    })
    const server = createServer(app).listen(0, '127.0.0.1')
    t.after(() => server.close())
    await once(server, 'listening')
    const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
    /** @param {Record<string, string>} headers */
    const get = async (headers) => (await fetch(`http://127.0.0.1:${port}/`, { headers })).json()
    const authorization = `Bearer ${await tokenOf(0)}`
    assert.deepEqual(await get({ authorization }), ['subject of 0', null])
    assert.deepEqual(await get({ authorization, 'x-second': await tokenOf(1) }), ['subject of 0', 'subject of 1'])
  })
}

test('Fastify: each guard gives what it verified itself, as plugin and as hook', async (t) => {
  assert.ok(first !== undefined && second !== undefined)
  const protect = fastifyGuard(first)
  const again = fastifyGuard(second, { carriers: [{ header: 'X-Second' }], credentials: 'optional' })
  const app = Fastify()
  t.after(() => app.close())
  app.register(protect)
  app.get('/', { preHandler: again }, async (request) => [
    protect.verified(request).claims.sub,
    again.verified(request)?.claims.sub ?? null,
  ])
  app.get('/one', async (request) => {
    assert.throws(() => again.verified(request), TypeError)
    return [protect.verified(request).claims.sub]
  })
  const authorization = `Bearer ${await tokenOf(0)}`
  const answers = [
    await app.inject({ url: '/', headers: { authorization } }),
    await app.inject({ url: '/', headers: { authorization, 'x-second': await tokenOf(1) } }),
    await app.inject({ url: '/one', headers: { authorization } }),
  ]
  assert.deepEqual(
    answers.map((answer) => answer.json()),
    [['subject of 0', null], ['subject of 0', 'subject of 1'], ['subject of 0']],
  )
})

test('a guard that a request passes twice gives what it verified last', async () => {
  assert.ok(first !== undefined)
  const protect = nodeGuard(first, { credentials: 'optional' })
  const response = { headersSent: false, statusCode: 200, setHeader: () => {}, end: () => assert.fail('it is refused') }
  const request = { method: 'GET', url: '/', headers: {} }
  const through = async (/** @type {string[]} */ rawHeaders) => {
    const before = Reflect.ownKeys(request)
    await new Promise((resolve) => protect(Object.assign(request, { rawHeaders }), response, resolve))
    return Reflect.ownKeys(request).filter((key) => !before.includes(key))
  }
  assert.throws(() => protect.verified(request), TypeError)
  await through(['Authorization', `Bearer ${await tokenOf(0)}`])
  assert.equal(protect.verified(request)?.claims.sub, 'subject of 0')
  assert.deepEqual(await through([]), [], 'nothing of the guard shows on the request')
  assert.equal(protect.verified(request), undefined)
  for (const other of [undefined, null, 'a request', Object.create(request), { ...request }, new Proxy(request, {})]) {
    assert.throws(() => protect.verified(/** @type {never} */ (other)), TypeError)
  }
})
