// @ts-check
/** The options of a guard, and what is a mistake in them. */

import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { connect, createServer } from 'node:http2'
import { test } from 'node:test'
import { profiles, Verifier } from 'countersign'
import * as viaFastify from 'countersign/fastify'
import * as viaFetch from 'countersign/fetch'
import * as viaHono from 'countersign/hono'
import * as viaNode from 'countersign/node'
import { fastify } from 'fastify'
import { Hono } from 'hono'
import { cors } from 'hono/cors'
import { mint } from './http/cases.js'
import { broken, orders, SECRET } from './http/policy.js'

const GUARDS = [viaFetch.guard, viaNode.guard, viaHono.guard, viaFastify.guard]
const keys = { secret: SECRET }

test('options that mean nothing are mistakes, in every guard', () => {
  for (const guard of /** @type {((verifier: unknown, options?: unknown) => unknown)[]} */ (GUARDS)) {
    const verifier = orders()
    for (const options of [
      { carrier: [] },
      { redeem: 'true' },
      { origin: 'api.example' },
      { origin: undefined },
      { nonce: { secret: 'a secret of thirty-two octets!!!' } },
      { certificate: 'pem' },
      { carriers: undefined },
      { carriers: [] },
      { carriers: {} },
      { carriers: ['Authorization'] },
      { carriers: [{}] },
      { carriers: [{ header: '' }] },
      { carriers: [{ header: 'a b' }] },
      { carriers: [{ header: 'a\r\nb' }] },
      { carriers: [{ header: 'Cookie' }] },
      { carriers: [{ header: 'Authorization', scheme: '' }] },
      { carriers: [{ header: 'Authorization', scheme: undefined }] },
      { carriers: [{ header: 'Authorization', cookie: 'a' }] },
      { carriers: [{ cookie: 'a=b' }] },
      { carriers: [{ cookie: 'a', scheme: 'Bearer' }] },
      { carriers: [{ scheme: 'Bearer' }] },
      { carriers: [{ query: 'access_token' }] },
      { refusal: undefined },
      { refusal: 'Bearer' },
      { refusal: 'toString' },
      { realm: undefined },
      { realm: '' },
      { realm: 'a\r\nSet-Cookie: b=c' },
      { realm: 'café' },
      { resourceMetadata: undefined },
      { resourceMetadata: '' },
      { resourceMetadata: '/.well-known/oauth-protected-resource' },
      { resourceMetadata: 'http://api.example/' },
      { resourceMetadata: 'javascript:alert(1)' },
      { resourceMetadata: 'https://api.example/#a' },
      { expected: undefined },
      { expected: { bind: {} } },
      { credentials: undefined },
      { credentials: 'none' },
      { credentials: false },
      { onRefused: undefined },
      { onRefused: 'log' },
      { [Symbol('a')]: 1 },
      null,
      [],
      'required',
    ]) {
      assert.throws(() => guard(verifier, options), TypeError, JSON.stringify(options))
    }
    for (const nothing of [undefined, null, {}, 'verifier', () => {}]) assert.throws(() => guard(nothing), TypeError)
    assert.doesNotThrow(() => guard(verifier))
    assert.doesNotThrow(() => guard(verifier, {}))
    assert.doesNotThrow(() => guard(verifier, { resourceMetadata: 'http://localhost:8080/metadata' }))
  }
})

test('carriers and style are the profile’s, unless the options say otherwise', async () => {
  const vtex = new Verifier({
    profile: profiles.vtex({ account: 'storea', audience: 'webstore' }),
    keys: { jwk: /** @type {never} */ (JWK) },
  })
  const answer = async (/** @type {object} */ options, /** @type {Record<string, string>} */ headers) => {
    const found = await viaFetch.guard(vtex, options)(new Request('https://api.example/', { headers }))
    return found.ok ? 'verified' : found.error.code
  }
  // Read, and no token; or not read.
  assert.equal(await answer({}, { cookie: 'VtexIdclientAutCookie_storea=x' }), 'token_malformed')
  assert.equal(await answer({}, { vtexidclientautcookie: 'x' }), 'token_malformed')
  assert.equal(await answer({}, { cookie: 'VtexIdclientAutCookie=x' }), 'token_missing')
  assert.equal(await answer({}, { cookie: 'VtexIdClientAutCookie_storea=x' }), 'token_missing')
  assert.equal(await answer({}, { authorization: 'Bearer x' }), 'token_missing')
  const bearer = { carriers: [{ header: 'Authorization', scheme: 'Bearer' }] }
  assert.equal(await answer(bearer, { authorization: 'Bearer x' }), 'token_malformed')
  assert.equal(await answer(bearer, { vtexidclientautcookie: 'x' }), 'token_missing')
})

test('options are read once: who changes them later changes nothing', async () => {
  const carriers = [{ cookie: 'session' }]
  const protect = viaFetch.guard(orders(), { carriers })
  carriers[0] = { cookie: 'other' }
  const found = await protect(new Request('https://api.example/', { headers: { cookie: `session=${await mint()}` } }))
  assert.equal(found.ok, true)
})

test('without a profile the carrier is Authorization: Bearer', async () => {
  const protect = viaFetch.guard(new Verifier({ issuer: null, audience: null, keys }))
  const found = await protect(new Request('https://api.example/', { headers: { authorization: 'Bearer x' } }))
  assert.equal(found.ok ? '' : found.error.code, 'token_malformed')
})

test('expected is asked once there is a token, and never about another request', async () => {
  let asked = 0
  const expected = async (/** @type {Request} */ request) => {
    asked += 1
    return { bind: { order_id: new URL(request.url).searchParams.get('id') } }
  }
  const protect = viaFetch.guard(orders(), { expected })
  const ask = async (/** @type {string} */ id, /** @type {string} */ authorization) =>
    await protect(new Request(`https://api.example/?id=${id}`, { headers: { authorization } }))
  const token = await mint()
  assert.equal((await ask('7', '')).ok, false)
  assert.equal(asked, 0)
  const found = await Promise.all([ask('7', `Bearer ${token}`), ask('8', `Bearer ${token}`)])
  assert.deepEqual(
    found.map(({ ok }) => ok),
    [true, false],
  )
  assert.equal(asked, 2)
})

test('a mistake is no verdict: fetch guards reject', async () => {
  const request = new Request('https://api.example/', {
    headers: { authorization: `Bearer ${await mint()}` },
  })
  for (const options of [
    { expected: broken },
    { expected: () => /** @type {never} */ ({ bound: {} }) },
    { expected: () => /** @type {never} */ (null) },
    { expected: () => ({ now: Date.now() }) },
  ]) {
    await assert.rejects(viaFetch.guard(orders(), options)(request), TypeError)
  }
  const forgetful = viaFetch.guard(orders({ bind: ['order_id'] }))
  await assert.rejects(forgetful(request), TypeError)
})

/** What a guard needs of a response, and when it ended. */
function observed() {
  const events = new EventEmitter()
  return {
    headersSent: false,
    statusCode: 0,
    setHeader: () => {},
    end() {
      this.headersSent = true
      events.emit('end')
    },
    ended: once(events, 'end'),
  }
}

test('a next that takes an error receives mistakes, and one that does not is never called', async () => {
  const protect = viaNode.guard(orders(), { expected: broken })
  const request = { method: 'GET', headers: { authorization: `Bearer ${await mint()}` } }
  const told = await new Promise((resolve) => protect(request, observed(), (error) => resolve(error)))
  assert.ok(told instanceof TypeError)
  const response = observed()
  const warned = once(process, 'warning')
  protect(request, response, () => assert.fail('a handler must not run'))
  await response.ended
  assert.equal(response.statusCode, 500)
  assert.ok((await warned)[0] instanceof TypeError)
})

test('a response that was already sent is left alone', async () => {
  const response = observed()
  response.headersSent = true
  response.end = () => assert.fail('sent twice')
  const seen = new Promise((resolve) => {
    viaNode.guard(orders(), { onRefused: (error) => resolve(error) })({ method: 'GET', headers: {} }, response, () =>
      assert.fail('a handler must not run'),
    )
  })
  assert.equal(/** @type {import('countersign').TokenError} */ (await seen).code, 'token_missing')
  await new Promise((resolve) => setImmediate(resolve))
})

/**
 * @param {import('countersign/node').NodeRequest} request
 * @returns {Promise<string>} What became of it.
 */
function outcome(request) {
  return new Promise((resolve) => {
    const protect = viaNode.guard(orders(), { onRefused: (error) => resolve(error.code) })
    protect(request, observed(), () => resolve('verified'))
  })
}

test('a request that no HTTP parser made is read from its headers', async () => {
  const [good, other] = [`Bearer ${await mint()}`, `Bearer ${await mint({ sub: 'bob' })}`]
  assert.equal(await outcome({ headers: { authorization: good } }), 'verified')
  assert.equal(await outcome({ rawHeaders: [], headers: { Authorization: [good] } }), 'verified')
  assert.equal(await outcome({ headers: { authorization: [good, other] } }), 'request_malformed')
  assert.equal(await outcome({ headers: { Authorization: good, authorization: other } }), 'request_malformed')
  assert.equal(await outcome({ headers: { authorization: undefined } }), 'token_missing')
})

test('what came over the wire counts, where it is known', async () => {
  const headers = { authorization: `Bearer ${await mint()}` }
  assert.equal(await outcome({ rawHeaders: ['Host', 'api.example'], headers }), 'token_missing')
})

test('Fastify’s own injected requests are guarded', async () => {
  const app = fastify()
  app.register(viaFastify.guard(orders()))
  app.get('/', async (request) => ({ sub: request.verified?.claims.sub }))
  const good = await app.inject({ url: '/', headers: { authorization: `Bearer ${await mint()}` } })
  assert.deepEqual(good.json(), { sub: 'alice' })
  assert.equal((await app.inject('/')).statusCode, 401)
  assert.equal((await app.inject('/no-such-route')).statusCode, 401)
})

test('two guards of Fastify stand side by side, and a route outside both is open', async () => {
  const app = fastify()
  app.register(async (scope) => {
    scope.register(viaFastify.guard(orders()))
    scope.get('/one', async () => 'one')
  })
  app.register(async (scope) => {
    scope.register(viaFastify.guard(orders(), { credentials: 'optional' }))
    scope.get('/two', async (request) => String(request.verified))
  })
  app.get('/open', async (request) => String(request.verified))
  assert.equal((await app.inject('/one')).statusCode, 401)
  assert.equal((await app.inject('/two')).body, 'null')
  assert.equal((await app.inject('/open')).statusCode, 200)
})

test('what decides on CORS stands before the guard: it answers preflights, and its headers are on refusals', async () => {
  const app = new Hono().use(cors({ origin: 'https://shop.example' })).use(viaHono.guard(orders()))
  app.get('/', (c) => c.text('verified'))
  const headers = { origin: 'https://shop.example' }
  const asks = {
    ...headers,
    'access-control-request-method': 'GET',
    'access-control-request-headers': 'authorization',
  }
  const preflight = await app.request('/', { method: 'OPTIONS', headers: asks })
  assert.equal(preflight.status, 204)
  assert.equal(preflight.headers.get('access-control-allow-headers'), 'authorization')
  const refused = await app.request('/', { headers })
  assert.equal(refused.status, 401)
  assert.equal(refused.headers.get('access-control-allow-origin'), 'https://shop.example')
  const good = await app.request('/', { headers: { ...headers, authorization: `Bearer ${await mint()}` } })
  assert.equal(await good.text(), 'verified')
})

test('a preflight never reaches a handler, and is no refusal to be logged', async () => {
  const headers = { origin: 'https://shop.example', 'access-control-request-method': 'GET' }
  const asks = { method: 'OPTIONS', headers }
  const options = { onRefused: () => assert.fail('logged') }
  const app = new Hono().use(viaHono.guard(orders(), options)).all('*', (c) => c.text('secret'))
  const answer = await app.request('/', asks)
  assert.deepEqual([answer.status, await answer.text()], [204, ''])
  const withToken = { ...asks, headers: { ...headers, authorization: `Bearer ${await mint()}` } }
  assert.equal(await (await app.request('/', withToken)).text(), 'secret')
  const maybe = new Hono().use(viaHono.guard(orders(), { credentials: 'optional' })).all('*', (c) => c.text('open'))
  assert.equal(await (await maybe.request('/', asks)).text(), 'open')
})

test('a server of HTTP/2 is guarded', async () => {
  const protect = viaNode.guard(orders())
  const server = createServer((request, response) => protect(request, response, () => response.end('verified')))
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  const client = connect(`http://127.0.0.1:${port}`)
  try {
    for (const [headers, status] of /** @type {const} */ ([
      [{ authorization: `Bearer ${await mint()}` }, 200],
      [{}, 401],
    ])) {
      const stream = client.request({ ':path': '/', ...headers }).end()
      const [answer] = await once(stream, 'response')
      stream.resume()
      assert.equal(answer[':status'], status)
      await once(stream, 'close')
    }
  } finally {
    client.close()
    server.close()
  }
})

/** A public key that signed nothing here. */
const JWK = {
  kty: 'EC',
  crv: 'P-256',
  x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
  y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
}
