// @ts-check
/** Redemption through `anyOf` and through each framework's guard: one request spends one use, and a refused one none. */

import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { anyOf, denyList, memoryStore, TokenError, UnavailableError, Verifier } from 'countersign'
import { guard as fastifyGuard } from 'countersign/fastify'
import { guard as fetchGuard } from 'countersign/fetch'
import { guard as honoGuard } from 'countersign/hono'
import { guard as nodeGuard } from 'countersign/node'
import { fastify } from 'fastify'
import { Hono } from 'hono'
import { SignJWT } from 'jose'
import { bridge, listen } from './http/servers.js'

const untyped = createRequire(import.meta.url)

const SECRET = new TextEncoder().encode('a secret of thirty-two octets!!!')
const keys = { secret: SECRET }
const soon = () => Math.floor(Date.now() / 1000) + 600

/** @param {Record<string, unknown>} [claims] */
const mint = (claims = {}) =>
  new SignJWT({ iss: 'a', exp: soon(), jti: 'one', order_id: '7', ...claims })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(SECRET)

/** @param {Promise<unknown>} redemption */
const codeOf = (redemption) =>
  redemption.then(
    () => 'ok',
    (error) => (error instanceof TokenError || error instanceof UnavailableError ? error.code : String(error)),
  )

/** Grants three uses, and counts the spends that it is asked for. */
function counting() {
  const store = memoryStore()
  const counter = {
    spends: 0,
    spend(/** @type {string} */ id, /** @type {number} */ limit, /** @type {number} */ expiresAt) {
      counter.spends += 1
      return store.spend(id, limit, expiresAt)
    },
  }
  return counter
}

/** @param {import('countersign').UseCounter} uses @param {{}} [options] */
const limited = (uses, options = {}) =>
  new Verifier({ issuer: 'a', audience: null, keys, bind: ['order_id'], maxUses: 3, uses, ...options })

/** @param {any} request */
const ofUrl = (request) => ({ bind: { order_id: new URL(request.url, 'http://localhost').pathname.split('/')[2] } })

/** @param {any} verifier @returns {import('node:http').RequestListener} */
const plainNode = (verifier) => {
  const protect = nodeGuard(verifier, { expected: ofUrl })
  return (request, response) =>
    protect(request, response, () => response.end(JSON.stringify(/** @type {any} */ (request).verified.uses)))
}

/** @param {any} make */
const middleware = (make) => (/** @type {any} */ verifier) => {
  const app = make()
  app.use(nodeGuard(verifier, { expected: ofUrl }))
  app.use((/** @type {any} */ request, /** @type {any} */ response) =>
    response.end(JSON.stringify(request.verified.uses)),
  )
  return listen(app)
}

/** @type {Record<string, (verifier: any) => Promise<{ origin: string, close: () => Promise<void> }>>} */
const GUARDS = {
  'node:http': (verifier) => listen(plainNode(verifier)),
  'Express 5': middleware(untyped('express')),
  'Express 4': middleware(untyped('express4')),
  Connect: middleware(untyped('connect')),
  Hono: (verifier) => {
    const app = /** @type {Hono<any>} */ (new Hono())
    app.use(honoGuard(verifier, { expected: ofUrl }))
    app.get('*', (c) => c.json(c.var.verified.uses))
    return listen(bridge((request) => app.fetch(request)))
  },
  'Fastify, a plugin': async (verifier) => {
    const app = fastify()
    app.register(fastifyGuard(verifier, { expected: ofUrl }))
    app.register(async (scope) => void scope.get('/orders/:id', async (request) => request.verified?.uses))
    return { origin: await app.listen({ port: 0, host: '127.0.0.1' }), close: async () => void (await app.close()) }
  },
  'Fastify, a hook': async (verifier) => {
    const app = fastify()
    const preHandler = fastifyGuard(verifier, { expected: ofUrl })
    app.get('/orders/:id', { preHandler: /** @type {any} */ (preHandler) }, async (request) => request.verified?.uses)
    return { origin: await app.listen({ port: 0, host: '127.0.0.1' }), close: async () => void (await app.close()) }
  },
  'Request and Response': (verifier) => {
    const protect = fetchGuard(verifier, { expected: ofUrl })
    return listen(
      bridge(async (request) => {
        const verified = await protect(request)
        return verified.ok ? Response.json(verified.uses) : verified.response
      }),
    )
  },
}

for (const [name, serve] of Object.entries(GUARDS)) {
  for (const through of ['a verifier', 'anyOf']) {
    test(`${name}, ${through}: a request spends one use, and a refused one none`, async () => {
      const uses = counting()
      const verifier = limited(uses)
      const other = new Verifier({ issuer: 'b', audience: null, keys })
      const server = await serve(through === 'anyOf' ? anyOf([verifier, other]) : verifier)
      try {
        const token = await mint()
        const get = async (/** @type {string | undefined} */ bearer, order = '7', method = 'GET') => {
          const headers = bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }
          const response = await fetch(`${server.origin}/orders/${order}`, {
            method,
            headers: /** @type {any} */ (headers),
          })
          const text = await response.text()
          return response.status === 200 ? JSON.parse(text) : response.status
        }
        assert.equal(await get(undefined), 401)
        assert.equal(await get('x'), 401)
        assert.equal(await get(await mint({ exp: 1 })), 401)
        assert.equal(await get(token, '8'), 403)
        assert.equal(uses.spends, 0, 'a refused request spends nothing')
        for (const left of [2, 1, 0]) assert.deepEqual(await get(token), { limit: 3, left })
        assert.equal(uses.spends, 3)
        assert.equal(await get(token), 401)
        assert.deepEqual(
          { verified: verifier.stats.verified, refused: verifier.stats.refused },
          { verified: 3, refused: through === 'anyOf' ? 3 : 4 },
          'each request counts once; anyOf refuses what has no issuer',
        )
      } finally {
        await server.close()
      }
    })
  }
}

test('anyOf redeems by the verifier of the token’s issuer; the others verify', async () => {
  const [first, second] = [counting(), counting()]
  const any = anyOf([
    limited(first),
    limited(second, { issuer: 'b', maxUses: 1 }),
    new Verifier({ issuer: 'c', audience: null, keys }),
  ])
  const order = { bind: { order_id: '7' } }
  assert.deepEqual((await any.redeem(await mint(), order)).uses, { limit: 3, left: 2 })
  assert.deepEqual((await any.redeem(await mint({ iss: 'b' }), order)).uses, { limit: 1, left: 0 })
  assert.equal(await codeOf(any.redeem(await mint({ iss: 'b' }), order)), 'uses_exhausted')
  assert.equal((await any.redeem(await mint({ iss: 'c' }))).uses, undefined)
  for (const [token, code] of /** @type {[any, string][]} */ ([
    [await mint({ iss: 'd' }), 'claim_mismatch'],
    [await mint({ iss: undefined }), 'claim_missing'],
    [null, 'token_missing'],
    ['x', 'token_malformed'],
  ])) {
    assert.equal(await codeOf(any.redeem(token, order)), code)
  }
  assert.deepEqual([first.spends, second.spends], [1, 2])
  assert.throws(() => fetchGuard(any, { redeem: false }), TypeError)
})

test('what is expected is read once, before anything is waited for', async () => {
  /** @type {() => void} */
  let go = () => {}
  const gate = new Promise((/** @type {(value?: undefined) => void} */ resolve) => (go = () => resolve()))
  const revocation = { isRevoked: async () => (await gate, false) }
  const reads = { bind: 0, order_id: 0 }
  const ids = {
    get order_id() {
      return (reads.order_id += 1) === 1 ? '8' : '7'
    },
  }
  const uses = counting()
  const verifier = limited(uses, { revocation })
  const changed = { bind: { order_id: '7' } }
  const redemption = verifier.redeem(await mint(), changed)
  changed.bind.order_id = '8'
  go()
  assert.equal(await codeOf(redemption), 'ok')
  const getter = {
    get bind() {
      reads.bind += 1
      return ids
    },
  }
  assert.equal(await codeOf(verifier.redeem(await mint(), getter)), 'binding_mismatch')
  assert.deepEqual(reads, { bind: 1, order_id: 1 })
  assert.equal(uses.spends, 1)
})

test('each redemption counts once in stats, with its final outcome', async () => {
  const uses = counting()
  let isRevoked = false
  const verifier = limited(uses, { revocation: { isRevoked: async () => isRevoked } })
  const order = { bind: { order_id: '7' } }
  const token = await mint()
  for (let use = 0; use < 5; use += 1) await codeOf(verifier.redeem(token, order))
  isRevoked = true
  await codeOf(verifier.redeem(token, order))
  await codeOf(verifier.redeem('x', order))
  const { verified, refused } = verifier.stats
  assert.deepEqual({ verified, refused }, { verified: 3, refused: 4 })
})

test('a store may answer with a thenable; one whose members throw, or change, grants nothing', async () => {
  const order = { bind: { order_id: '7' } }
  const token = await mint()
  /** @param {any} uses */
  const code = (uses) => codeOf(limited(uses).redeem(token, order))
  const thenable = { then: (/** @type {(left: number) => void} */ resolve) => resolve(2) }
  assert.equal(await code({ spend: () => thenable }), 'ok')
  assert.equal(
    await code({
      spend: () => ({ then: (/** @type {any} */ _, /** @type {any} */ reject) => reject(new Error('down')) }),
    }),
    'store_unavailable',
  )
  assert.equal(
    await code({
      spend: () => ({
        get then() {
          throw new Error('down')
        },
      }),
    }),
    'store_unavailable',
  )
  assert.equal(await code({ spend: () => ({ then() {} }) }), 'store_unavailable')
  let reads = 0
  const changing = {
    get spend() {
      return (reads += 1) === 1 ? async () => 2 : 5
    },
  }
  assert.equal(await code(changing), 'store_unavailable')
  assert.equal(
    await code({
      spend: () => {
        throw undefined
      },
    }),
    'store_unavailable',
  )
})

test('the token that a store is asked about is the one that was verified, whatever a source of revocations does to it', async () => {
  const uses = counting()
  const source = {
    isRevoked: async (/** @type {any} */ verified) => {
      for (const change of [
        () => (verified.id = 'x'),
        () => (verified.uses.limit = 1000),
        () => (verified.claims.iss = 'x'),
      ]) {
        try {
          change()
        } catch {
          // It is frozen.
        }
      }
      return false
    },
  }
  const verifier = limited(uses, { revocation: source })
  const token = await mint()
  const order = { bind: { order_id: '7' } }
  const codes = []
  for (let use = 0; use < 5; use += 1) codes.push(await codeOf(verifier.redeem(token, order)))
  assert.deepEqual(codes, ['ok', 'ok', 'ok', 'uses_exhausted', 'uses_exhausted'])
})

test('a deny list that is asked about a token in one store never meets its uses or its seen ids', async () => {
  const store = memoryStore()
  const list = denyList(store)
  const verifier = limited(store, { singleUse: true, maxUses: 1, replay: store, revocation: list })
  const token = await mint()
  const order = { bind: { order_id: '7' } }
  const verified = await verifier.redeem(token, order)
  assert.equal(await store.spend(verified.id, 2, soon()), 0, 'one use was spent')
  assert.equal(await codeOf(verifier.redeem(token, order)), 'token_replayed')
  await list.revoke(verified)
  assert.equal(await codeOf(verifier.redeem(token, order)), 'token_revoked')
})
