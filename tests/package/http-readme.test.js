// @ts-check
/** The README's examples of guarded servers, run unchanged. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startSandbox } from 'countersign/sandbox'
import { EXAMPLES, listening, opensItsOrderAlone, orderToken, write } from './http/readme.js'

/** Run here, in `runtimes/guards-commands.test.js` or in `runtimes/stores-workerd.test.js`. */
const TESTED = ['verifier', 'worker', 'deno', 'bun', 'middleware', 'express', 'http', 'hono', 'fastify']
  .concat(['contradictions', 'roles', 'shoppers', 'redeem'])
  .map((name) => `${name}.js`)

test('every example of a guarded server is tested', () => {
  for (const name of TESTED) assert.ok(EXAMPLES.has(name), `the README has no ${name}`)
  for (const [name, source] of EXAMPLES) {
    if (/countersign\/(?:fetch|node|hono|fastify)'/.test(source)) assert.ok(TESTED.includes(name), name)
  }
})

/**
 * @param {string} name
 * @param {Record<string, string>} [neighbours]
 */
async function load(name, neighbours = {}) {
  const { path, remove } = write(name, { neighbours })
  try {
    return await import(path)
  } finally {
    remove()
  }
}

for (const name of ['express.js', 'http.js', 'fastify.js']) {
  test(`the README’s example opens its order alone: ${name}`, () => listening(name, opensItsOrderAlone))
}

test('the README’s example opens its order alone: express.js with Express 4', async () => {
  const four = /** @type {string} */ (EXAMPLES.get('express.js')).replace('from "express"', 'from "express4"')
  EXAMPLES.set('express-4.js', four)
  await listening('express-4.js', opensItsOrderAlone)
})

test('the README’s example opens its order alone: hono.js', async () => {
  const { default: app } = await load('hono.js')
  await opensItsOrderAlone((path, init) => app.request(path, init))
})

test('the README’s example opens its order alone: worker.js, as a service worker would ask it', async () => {
  const { default: worker } = await load('worker.js')
  await opensItsOrderAlone((path, init) => worker.fetch(new Request(`https://api.example${path}`, init)))
})

test('the README’s example opens its order alone: middleware.js', async () => {
  const { middleware } = await load('middleware.js')
  await opensItsOrderAlone(async (path, init) => {
    const refused = await middleware(new Request(`https://shop.example${path}`, init))
    // Next goes on to the route when its middleware returns nothing.
    return refused ?? Response.json({ order_id: 'order-7' })
  }, '/api')
})

test('the README’s example refuses ids that contradict each other: contradictions.js', () =>
  listening('contradictions.js', async (ask) => {
    const refund = async (/** @type {string} */ path, /** @type {object} */ body) => {
      const headers = { authorization: `Bearer ${orderToken('7')}`, 'content-type': 'application/json' }
      return (await ask(path, { method: 'POST', headers, body: JSON.stringify(body) })).status
    }
    assert.equal(await refund('/orders/7/refunds', {}), 200)
    assert.equal(await refund('/orders/7/refunds?order_id=7', { order_id: '7' }), 200)
    assert.equal(await refund('/orders/7/refunds', { order_id: 7 }), 200)
    assert.equal(await refund('/orders/7/refunds', { order_id: '8' }), 403)
    assert.equal(await refund('/orders/8/refunds', { order_id: '7' }), 403)
    assert.equal(await refund('/orders/7/refunds?order_id=8', {}), 403)
    assert.equal(await refund('/orders/7/refunds?order_id=7&order_id=8', {}), 403)
    assert.equal(await refund('/orders/7/refunds', { order_id: null }), 403)
    assert.equal(await refund('/orders/7/refunds', { order_id: ['7'] }), 403)
    assert.equal(await refund('/orders/7/refunds', { order_id: '07' }), 403)
  }))

/** @type {Awaited<ReturnType<typeof startSandbox>>} */
let sandbox
before(async () => {
  sandbox = await startSandbox({ vtex: { account: 'storea' } })
})
after(() => sandbox.close())

test('the README’s example asks License Manager, and remembers: roles.js', async () => {
  const { vtex } = sandbox
  const { verifier } = await load('roles.js', {
    'keys.js': `export const keys = ${JSON.stringify(vtex.jwks)}`,
    'license-manager.js': `export const asked = (globalThis.asked = [])
export async function askLicenseManager(email, resource) {
  asked.push([email, resource])
  return email === ${JSON.stringify(vtex.admin.email)}
}`,
  })
  const { asked } = /** @type {any} */ (globalThis)
  const admin = vtex.mint('admin')
  assert.equal((await verifier.verifyAsync(admin)).claims.sub, vtex.admin.email)
  assert.equal((await verifier.verifyAsync(admin)).claims.sub, vtex.admin.email)
  const other = vtex.mint('admin', { claims: { sub: 'other@storea.example' } })
  await assert.rejects(verifier.verifyAsync(other), { code: 'grant_missing', status: 403 })
  await assert.rejects(verifier.verifyAsync(vtex.mint('shopper')), { code: 'claim_mismatch' })
  assert.deepEqual(asked, [
    [vtex.admin.email, 'Edit catalog'],
    ['other@storea.example', 'Edit catalog'],
  ])
})

test('the README’s example shows shoppers their own orders, each account its own: shoppers.js', async () => {
  const { vtex } = sandbox
  const neighbours = {
    'keys.js': `export const keys = ${JSON.stringify(vtex.jwks)}`,
    'orders.js': `export async function findOrder(account, id) {
  if (id === 'broken') throw new Error('the database is away')
  return { 'storea 1': { userId: ${JSON.stringify(vtex.shopper.userId)} }, 'storea 2': { userId: 'another' } }[account + ' ' + id]
}`,
  }
  await listening(
    'shoppers.js',
    async (ask) => {
      const mine = vtex.mint('shopper')
      const ofStoreB = vtex.mint('shopper', { claims: { account: 'storeb' } })
      const status = async (/** @type {string} */ path, /** @type {string} */ cookie) =>
        (await ask(path, { headers: { cookie } })).status
      const a = `VtexIdclientAutCookie_storea=${mine}`
      assert.equal(await status('/storea/orders/1', a), 200)
      // The cookie of the other account is that account's affair.
      assert.equal(await status('/storea/orders/1', `VtexIdclientAutCookie_storeb=${ofStoreB}; ${a}`), 200)
      assert.equal(await status('/storea/orders/2', a), 403)
      assert.equal(await status('/storea/orders/no-such-order', a), 403)
      assert.equal(await status('/storeb/orders/1', a), 401)
      assert.equal(await status('/storea/orders/1', `VtexIdclientAutCookie_storea=${ofStoreB}`), 401)
      assert.equal(await status('/storec/orders/1', a), 404)
      assert.equal(await status('/storea/orders/broken', a), 500)
    },
    { neighbours },
  )
})

test('a shopper may be bound to their e-mail address too, and administrators work in several accounts', async () => {
  const { Verifier, profiles } = await import('countersign')
  const { vtex } = sandbox
  const keys = /** @type {never} */ (vtex.jwks)
  const shopper = new Verifier({ profile: profiles.vtex({ account: 'storea', audience: 'webstore' }), keys })
  const token = vtex.mint('shopper')
  assert.equal(shopper.tryVerify(token, { bind: { sub: vtex.shopper.email } }).ok, true)
  assert.equal(shopper.tryVerify(token, { bind: { sub: 'another@mail.example' } }).ok, false)
  const both = profiles.vtex({ account: ['storea', 'storeb'], audience: 'admin' })
  const admin = new Verifier({ profile: both, keys })
  for (const [account, ok] of /** @type {const} */ ([
    ['storea', true],
    ['storeb', true],
    ['storec', false],
  ])) {
    assert.equal(admin.tryVerify(vtex.mint('admin', { claims: { account } })).ok, ok)
  }
})
