// @ts-check
/** Guards as shadows of the middleware that people have: that middleware decides, and a difference is reported. */

import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer, request as send } from 'node:http'
import { createRequire } from 'node:module'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import fastifyJwt from '@fastify/jwt'
import { memoryStore, Verifier } from 'countersign'
import * as viaFastify from 'countersign/fastify'
import * as viaFetch from 'countersign/fetch'
import * as viaHono from 'countersign/hono'
import * as viaNode from 'countersign/node'
import { expressjwt } from 'express-jwt'
import { auth } from 'express-oauth2-jwt-bearer'
import { fastify } from 'fastify'
import { Hono } from 'hono'
import { jwt } from 'hono/jwt'
import { jwtVerify } from 'jose'
import { bridge, listen } from './http/servers.js'

const untyped = createRequire(import.meta.url)
const express5 = untyped('express')
const express4 = untyped('express4')

const SECRET = 'a secret of the tests of shadows, and of nothing else'
const ISSUER = 'https://issuer.example/'
const AUDIENCE = 'https://api.example'

/** @param {Record<string, unknown>} [changes] `undefined` leaves a claim out. */
function mint(changes = {}) {
  const now = Math.floor(Date.now() / 1000)
  const claims = { iss: ISSUER, aud: AUDIENCE, sub: 'ada', iat: now, exp: now + 600, ...changes }
  const part = (/** @type {unknown} */ data) => Buffer.from(JSON.stringify(data)).toString('base64url')
  const input = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`
  return `${input}.${createHmac('sha256', SECRET).update(input).digest('base64url')}`
}

/** @typedef {import('countersign/fetch').ShadowDifference} Difference */
/** @typedef {{ origin: string, close: () => Promise<void> }} Server */

/** @param {Partial<import('countersign').VerifierOptions>} [changes] */
const verifierWith = (changes = {}) =>
  new Verifier({ issuer: ISSUER, audience: AUDIENCE, keys: { secret: SECRET, alg: 'HS256' }, ...changes })

/**
 * One server: the existing middleware of that kind, with a shadow beside it. `settings` are further options of the guard;
 * `audience` is what the existing middleware requires, none by default.
 *
 * @typedef {{ verifier: unknown, settings: Record<string, unknown>, audience?: string | undefined, ran: () => void }} Setup
 * @type {Record<string, (setup: Setup) => Promise<Server>>}
 */
const SERVERS = {
  'express-oauth2-jwt-bearer, Express 5': (setup) => withExpress(express5, setup, bearerOf(setup)),
  'express-jwt, Express 5': (setup) => withExpress(express5, setup, expressJwtOf(setup)),
  'express-jwt, Express 4': (setup) => withExpress(express4, setup, expressJwtOf(setup)),
  '@fastify/jwt, a hook': (setup) => withFastify(setup, false),
  '@fastify/jwt, a plugin': (setup) => withFastify(setup, true),
  'hono/jwt': async ({ verifier, settings, audience, ran }) => {
    const app = new Hono()
    const verification = audience === undefined ? {} : { aud: audience }
    const theirs = jwt({ secret: SECRET, alg: 'HS256', verification })
    const existing = (/** @type {any} */ c, /** @type {any} */ next) => {
      ran()
      return theirs(c, next)
    }
    const shadow = viaHono.guard(/** @type {any} */ (verifier), /** @type {any} */ ({ ...settings, shadow: existing }))
    app.use(shadow)
    app.post('/', (c) => new Response(c.req.raw.body))
    app.get('/', (c) => c.text(String(/** @type {any} */ (c).get('jwtPayload').sub)))
    return listen(bridge((request) => app.fetch(request)))
  },
  'jose, Request and Response': async ({ verifier, settings, audience, ran }) => {
    const key = new TextEncoder().encode(SECRET)
    const existing = async (/** @type {Request} */ request) => {
      ran()
      const token = request.headers.get('authorization')?.replace('Bearer ', '') ?? ''
      return (await jwtVerify(token, key, audience === undefined ? {} : { audience })).payload
    }
    const protect = /** @type {any} */ (viaFetch).guard(verifier, { ...settings, shadow: existing })
    return listen(
      bridge(async (request) => {
        try {
          const { sub } = await protect(request)
          return new Response(request.method === 'POST' ? request.body : sub)
        } catch {
          return new Response(null, { status: 401 })
        }
      }),
    )
  },
}

/** @param {Setup} setup */
function bearerOf({ audience }) {
  // It requires an audience: the one that every token of these tests has, unless another is given.
  return auth({ issuer: ISSUER, audience: audience ?? ['other', AUDIENCE], secret: SECRET, tokenSigningAlg: 'HS256' })
}

/** @param {Setup} setup */
function expressJwtOf({ audience }) {
  return expressjwt({ secret: SECRET, algorithms: ['HS256'], ...(audience === undefined ? {} : { audience }) })
}

/** @param {any} make @param {Setup} setup @param {any} theirs */
function withExpress(make, { verifier, settings, ran }, theirs) {
  const app = make()
  const existing = (/** @type {any} */ req, /** @type {any} */ res, /** @type {any} */ next) => {
    ran()
    return theirs(req, res, next)
  }
  app.use(viaNode.guard(/** @type {any} */ (verifier), /** @type {any} */ ({ ...settings, shadow: existing })))
  app.get('/', (/** @type {any} */ req, /** @type {any} */ res) => {
    assert.equal(req.verified, undefined, 'the shadow sets nothing')
    res.end((req.auth.payload ?? req.auth).sub)
  })
  app.post('/', (/** @type {any} */ req, /** @type {any} */ res) => req.pipe(res))
  app.use(errorHandler)
  return listen(app)
}

/** @type {(error: any, request: unknown, response: any, next: unknown) => void} */
function errorHandler(error, _request, response, _next) {
  response.statusCode = error.status ?? 500
  response.end()
}

/** @param {Setup} setup @param {boolean} isPlugin */
async function withFastify({ verifier, settings, audience, ran }, isPlugin) {
  const app = fastify()
  const verify = audience === undefined ? {} : { allowedAud: audience }
  await app.register(fastifyJwt, { secret: SECRET, verify })
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
  const existing = async (/** @type {any} */ request) => {
    ran()
    await request.jwtVerify()
  }
  const shadow = viaFastify.guard(/** @type {any} */ (verifier), /** @type {any} */ ({ ...settings, shadow: existing }))
  if (isPlugin) await app.register(shadow)
  const hook = isPlugin ? {} : { onRequest: shadow }
  app.get('/', hook, async (request) => String(/** @type {any} */ (request).user.sub))
  app.post('/', hook, async (request, reply) => reply.send(request.body))
  const origin = await app.listen({ port: 0, host: '127.0.0.1' })
  return { origin, close: () => app.close() }
}

/**
 * @param {string} name Of a server.
 * @param {Partial<Setup>} given
 * @param {(about: {
 *   ask: (token?: string) => Promise<[status: number, body: string]>,
 *   differences: Difference[],
 *   settled: (count: number) => Promise<void>,
 *   origin: string,
 *   runs: () => number,
 * }) => Promise<void>} use
 */
async function serving(name, given, use) {
  /** @type {Difference[]} */
  const differences = []
  let runs = 0
  const verifier = given.verifier ?? verifierWith()
  const onDifference = (/** @type {Difference} */ difference) => void differences.push(difference)
  const { origin, close } = await /** @type {any} */ (SERVERS)[name]({
    ...given,
    verifier,
    settings: { onDifference, ...given.settings },
    ran: () => (runs += 1),
  })
  const ask = async (/** @type {string | undefined} */ token) => {
    const headers = token === undefined ? undefined : { authorization: `Bearer ${token}` }
    const response = await fetch(origin, headers === undefined ? {} : { headers })
    return /** @type {[number, string]} */ ([response.status, await response.text()])
  }
  /** Until the shadow has ended as many verifications, and what follows them. */
  const settled = async (/** @type {number} */ count) => {
    const { stats } = /** @type {Verifier} */ (verifier)
    for (const until = Date.now() + 10_000; Date.now() < until; ) {
      const { verified, refused } = /** @type {Verifier} */ (verifier).stats ?? stats
      if (verified + refused >= count) break
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve))
  }
  try {
    await use({ ask, differences, settled, origin, runs: () => runs })
  } finally {
    await close()
  }
}

for (const name of Object.keys(SERVERS)) {
  test(`${name}: where both agree, nothing is reported`, () =>
    serving(name, {}, async ({ ask, differences, settled, runs }) => {
      assert.deepEqual(await ask(mint()), [200, 'ada'])
      assert.equal((await ask(mint({ exp: 1_700_000_000 })))[0], 401)
      assert.equal((await ask())[0], 401)
      await settled(2)
      assert.deepEqual(differences, [])
      assert.equal(runs(), 3)
    }))

  test(`${name}: where the guard is stricter, the request passes and the difference is reported`, () =>
    serving(name, {}, async ({ ask, differences, settled, runs }) => {
      const token = mint({ aud: 'other' })
      assert.deepEqual(await ask(token), [200, 'ada'])
      await settled(1)
      assert.deepEqual(differences, [
        {
          ours: { outcome: 'refused', status: 401, code: 'claim_mismatch', claim: 'aud' },
          theirs: { outcome: 'accepted' },
        },
      ])
      assert.equal(runs(), 1)
      for (const part of token.split('.')) assert.ok(!JSON.stringify(differences).includes(part))
    }))

  test(`${name}: where the existing side is stricter, the request is refused and the difference is reported`, () =>
    serving(name, { audience: 'other' }, async ({ ask, differences, settled }) => {
      assert.equal((await ask(mint()))[0], 401)
      await settled(1)
      const [{ ours, theirs } = assert.fail('no difference'), ...others] = differences
      assert.deepEqual(ours, { outcome: 'accepted' })
      assert.equal(theirs.outcome, 'refused')
      assert.ok([401, undefined].includes(theirs.status))
      assert.deepEqual(others, [])
    }))

  test(`${name}: an error of the guard's side, or of onDifference, does not affect the request`, async () => {
    const broken = () => {
      throw new Error('a mistake of the shadow')
    }
    const rejected = async () => broken()
    for (const settings of [{ expected: broken }, { expected: rejected }, { certificate: rejected }]) {
      await serving(name, { settings }, async ({ ask, differences, settled }) => {
        assert.deepEqual(await ask(mint()), [200, 'ada'])
        await settled(0)
        assert.deepEqual(differences, [{ ours: { outcome: 'failed' }, theirs: { outcome: 'accepted' } }])
      })
    }
    for (const onDifference of [broken, rejected]) {
      await serving(name, { settings: { onDifference } }, async ({ ask, settled }) => {
        assert.deepEqual(await ask(mint({ aud: 'other' })), [200, 'ada'])
        await settled(1)
        assert.deepEqual(await ask(mint()), [200, 'ada'])
      })
    }
    const unavailable = verifierWith({ keys: { current: () => undefined, refresh: rejected } })
    await serving(name, { verifier: unavailable }, async ({ ask, differences, settled }) => {
      assert.deepEqual(await ask(mint()), [200, 'ada'])
      await settled(1)
      assert.deepEqual(differences, [
        { ours: { outcome: 'failed', status: 503, code: 'keys_unavailable' }, theirs: { outcome: 'accepted' } },
      ])
    })
  })

  test(`${name}: the guard sends and spends nothing, and calls neither refusal nor onRefused`, () => {
    const never = () => assert.fail('called')
    const verifier = verifierWith({ audience: 'another', maxUses: 1, uses: memoryStore() })
    return serving(name, { verifier, settings: { refusal: never, onRefused: never } }, async ({ ask, settled }) => {
      assert.deepEqual(await ask(mint()), [200, 'ada'])
      await settled(1)
    })
  })

  test(`${name}: a body is streamed through, while it is still being sent`, () =>
    serving(name, {}, async ({ origin, differences }) => {
      const headers = { authorization: `Bearer ${mint({ aud: 'other' })}`, 'content-type': 'application/octet-stream' }
      const outgoing = send(origin, { method: 'POST', headers })
      outgoing.write('first ')
      const [response] = await once(outgoing, 'response')
      outgoing.end('second')
      assert.equal(await text(response), 'first second')
      assert.equal(differences.length, 1)
    }))
}

test('no use is spent by a shadow', async () => {
  const uses = memoryStore()
  const verifier = verifierWith({ maxUses: 1, uses })
  const token = mint({ jti: 'one' })
  const protect = viaFetch.guard(verifier, { shadow: () => true, onDifference: () => {} })
  const request = () => new Request('https://api.example/', { headers: { authorization: `Bearer ${token}` } })
  for (let time = 0; time < 3; time += 1) assert.equal(await protect(request()), true)
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal((await verifier.redeem(token)).uses?.left, 0)
})

test('what the existing side throws later reaches the framework, and is a verdict', async () => {
  /** @type {Difference[]} */
  const differences = []
  const onDifference = (/** @type {Difference} */ difference) => void differences.push(difference)
  const late = async () => {
    await new Promise((resolve) => setTimeout(resolve, 20))
    throw Object.assign(new Error('the existing side'), { status: 403 })
  }
  const headers = { authorization: `Bearer ${mint()}` }
  const theirs = { outcome: 'refused', status: 403 }

  const app = express5()
  app.use(viaNode.guard(verifierWith(), { shadow: late, onDifference }))
  app.use(errorHandler)
  const server = await listen(app)
  assert.equal((await fetch(server.origin, { headers })).status, 403)
  await server.close()

  const instance = fastify()
  instance.get('/', { onRequest: viaFastify.guard(verifierWith(), { shadow: late, onDifference }) }, async () => 'x')
  assert.equal((await instance.inject({ url: '/', headers })).statusCode, 403)

  const hono = new Hono().use(viaHono.guard(verifierWith(), { shadow: late, onDifference }))
  hono.onError((error, c) => c.body(null, /** @type {any} */ (error).status))
  assert.equal((await hono.request('/', { headers })).status, 403)

  const protect = viaFetch.guard(verifierWith(), { shadow: late, onDifference })
  await assert.rejects(protect(new Request('https://api.example/', { headers })), { message: 'the existing side' })
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual(
    differences.map((difference) => difference.theirs),
    [theirs, theirs, theirs, theirs],
  )
})

test('middleware that answers by itself, without next, has a verdict by its status', async () => {
  /** @type {Difference[]} */
  const differences = []
  const onDifference = (/** @type {Difference} */ difference) => void differences.push(difference)
  const headers = { authorization: `Bearer ${mint()}` }

  const app = express5()
  const inExpress = (/** @type {any} */ _, /** @type {any} */ response) => void response.status(403).end('theirs')
  app.use(viaNode.guard(verifierWith(), { shadow: inExpress, onDifference }))
  const server = await listen(app)
  const response = await fetch(server.origin, { headers })
  assert.deepEqual([response.status, await response.text()], [403, 'theirs'])
  await server.close()

  const instance = fastify()
  const inFastify = (/** @type {any} */ _, /** @type {any} */ reply) => void reply.code(403).send('theirs')
  instance.get(
    '/',
    { onRequest: viaFastify.guard(verifierWith(), { shadow: inFastify, onDifference }) },
    async () => 'x',
  )
  const origin = await instance.listen({ port: 0, host: '127.0.0.1' })
  assert.equal(await (await fetch(origin, { headers })).text(), 'theirs')
  await instance.close()

  const inHono = async (/** @type {any} */ c) => c.text('theirs', 403)
  const hono = new Hono().use(viaHono.guard(verifierWith(), { shadow: inHono, onDifference }))
  assert.equal(await (await hono.request('/', { headers })).text(), 'theirs')

  for (const result of [
    new Response(null, { status: 403 }),
    { ok: false, response: new Response(null, { status: 403 }) },
  ]) {
    const protect = viaFetch.guard(verifierWith(), { shadow: () => result, onDifference })
    assert.equal(await protect(new Request('https://api.example/', { headers })), result)
  }
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve))
  assert.equal(differences.length, 5)
  for (const { theirs } of differences) assert.deepEqual(theirs, { outcome: 'refused', status: 403 })
})

test('a preflight and a request for the metadata are not compared; the existing side answers them', async () => {
  /** @type {Difference[]} */
  const differences = []
  const resourceMetadata = viaFetch.protectedResourceMetadata({ resource: AUDIENCE, issuer: ISSUER })
  const protect = viaFetch.guard(verifierWith(), {
    resourceMetadata,
    shadow: () => 'theirs',
    onDifference: (difference) => void differences.push(difference),
  })
  const headers = { origin: 'https://a.example', 'access-control-request-method': 'GET' }
  assert.equal(await protect(new Request(AUDIENCE, { method: 'OPTIONS', headers })), 'theirs')
  assert.equal(await protect(new Request(resourceMetadata.url)), 'theirs')
  await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual(differences, [])
})

test('credentials: "optional" is the guard’s too: no token is accepted, a bad one is not', async () => {
  /** @type {Difference[]} */
  const differences = []
  const protect = viaFetch.guard(verifierWith(), {
    credentials: 'optional',
    shadow: (/** @type {Request} */ request) => request.headers.has('authorization'),
    onDifference: (difference) => void differences.push(difference),
  })
  const headers = { authorization: 'Bearer x' }
  assert.equal(await protect(new Request(AUDIENCE)), false)
  assert.equal(await protect(new Request(AUDIENCE, { headers })), true)
  await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual(differences, [
    { ours: { outcome: 'accepted' }, theirs: { outcome: 'refused' } },
    { ours: { outcome: 'refused', status: 401, code: 'token_malformed' }, theirs: { outcome: 'accepted' } },
  ])
})

test('options of a shadow that cannot be used are mistakes, in every guard; only own members count', async () => {
  const verifier = verifierWith()
  const onDifference = () => {}
  const shadow = () => {}
  for (const guard of /** @type {((verifier: unknown, options: unknown) => unknown)[]} */ (
    [viaFetch, viaNode, viaHono, viaFastify].map((entry) => entry.guard)
  )) {
    for (const options of [
      { shadow },
      { onDifference },
      { shadow: undefined, onDifference },
      { shadow, onDifference: undefined },
      { shadow: {}, onDifference },
      { shadow, onDifference: 'log' },
      { shadow, onDifference, onDiffernce: onDifference },
      Object.create({ shadow, onDifference }),
      Object.assign(Object.create({ shadow }), { onDifference }),
    ]) {
      assert.throws(() => guard(verifier, options), TypeError)
    }
    assert.doesNotThrow(() => guard(verifier, { shadow, onDifference }))
  }
})

test('expected sees the request as it was when the existing side began', async () => {
  /** @type {unknown[]} */
  const seen = []
  const shadow = (/** @type {any} */ request, /** @type {any} */ _, /** @type {() => void} */ next) => {
    request.about = 'changed'
    next()
  }
  const expected = (/** @type {any} */ request) => {
    seen.push(request.about)
    return {}
  }
  const protect = viaNode.guard(verifierWith(), { shadow, expected, onDifference: () => {} })
  const server = createServer((request, response) => {
    Object.assign(request, { about: 'before' })
    protect(request, response, () => response.end())
  })
  const { origin, close } = await listen((request, response) => void server.emit('request', request, response))
  await fetch(origin, { headers: { authorization: `Bearer ${mint()}` } })
  await close()
  assert.deepEqual(seen, ['before'])
})
