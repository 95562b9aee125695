// @ts-check
/** Tokens of Juspay, Cashfree and VTEX: obtained from the sandbox, countersigned, verified; their errors as codes. */

import assert from 'node:assert/strict'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'
import { inspect } from 'node:util'
import { profiles, Verifier } from 'countersign'
import { ClientError, cashfreeToken, juspayToken, vtexToken } from 'countersign/client'
import { startSandbox } from 'countersign/sandbox'
import { serve } from './client-lib.js'

/** @type {import('countersign/sandbox').Sandbox} */
let sandbox
before(async () => {
  sandbox = await startSandbox({ cashfree: { signature: 'required' } })
})
after(() => sandbox.close())

const KEY = { secret: randomBytes(32), kid: 'backend' }

/** @param {Record<string, unknown>} [changes] */
function juspayApi(changes = {}) {
  const { url: baseUrl, apiKey, merchantId } = sandbox.juspay
  return /** @type {any} */ ({ environment: 'sandbox', baseUrl, apiKey, merchantId, ...changes })
}

/** @param {Record<string, unknown>} [changes] */
function cashfreeApi(changes = {}) {
  const { url: baseUrl, clientId, clientSecret, appId, publicKey } = sandbox.cashfree
  const user = { type: 'userId', value: 123456 }
  const given = {
    environment: 'sandbox',
    baseUrl,
    clientId,
    clientSecret,
    appId,
    publicKey,
    vkycRequestId: 249749,
    user,
    ...changes,
  }
  return /** @type {any} */ (given)
}

/** @param {Record<string, unknown>} [changes] */
function vtexApi(changes = {}) {
  const { url: baseUrl, account, appKey, appToken } = sandbox.vtex
  return /** @type {any} */ ({ baseUrl, account, appKey, appToken, ...changes })
}

const RECEIPT = { issuer: 'https://backend.example' }

test('Juspay: an order’s token opens that order, until its expiry', async () => {
  const { token, expires, id } = await juspayToken({
    api: juspayApi({ order: { order_id: 'order-1', amount: 100 } }),
    key: KEY,
  })
  assert.equal(id, 'order-1')
  const profile = profiles.juspay({ merchantId: sandbox.juspay.merchantId, environment: 'sandbox', kind: 'order' })
  const verifier = new Verifier({ profile, keys: KEY })
  assert.equal(verifier.verify(token, { bind: { order_id: 'order-1' } }).expiresAt, expires)
  assert.ok(Math.abs(expires - Date.now() / 1000 - 900) < 60)
  assert.equal(verifier.tryVerify(token, { bind: { order_id: 'order-2' } }).ok, false)
  assert.equal(verifier.tryVerify(token, { bind: { order_id: 'order-1' }, now: expires }).ok, false)
})

test('Juspay: a customer’s token, created and read, binds to Juspay’s id', async () => {
  const customer = { object_reference_id: 'customer@mail.example' }
  const created = await juspayToken({ api: juspayApi({ customer, routingId: 'x' }), receipt: { uses: 3 }, key: KEY })
  const read = await juspayToken({ api: juspayApi({ customerId: created.id }), key: KEY })
  assert.equal(read.id, created.id)
  const byReference = await juspayToken({ api: juspayApi({ customerId: 'customer@mail.example' }), key: KEY })
  assert.equal(byReference.id, created.id)
  const profile = profiles.juspay({ merchantId: sandbox.juspay.merchantId, environment: 'sandbox', kind: 'customer' })
  const verifier = new Verifier({ profile, keys: KEY })
  for (const { token } of [created, read])
    assert.ok(verifier.tryVerify(token, { bind: { customer_id: created.id } }).ok)
})

test('Cashfree: with x-cf-signature, both forms of the expiry, signed with Ed25519', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const key = { privateKey: privateKey.export({ format: 'jwk' }), kid: 'k' }
  for (const expiryField of /** @type {const} */ (['expiry', 'expires_at', 'both'])) {
    const other = await startSandbox({ cashfree: { expiryField, signature: 'required' } })
    const { url: baseUrl, publicKey: pem } = other.cashfree
    const { token, expires } = await cashfreeToken({ api: cashfreeApi({ baseUrl, publicKey: pem }), key })
    await other.close()
    const profile = profiles.cashfree({ appId: sandbox.cashfree.appId, environment: 'sandbox' })
    const verifier = new Verifier({ profile, keys: { jwk: publicKey.export({ format: 'jwk' }), kid: 'k' } })
    const bind = { vkyc_request_id: '249749', identifier_type: 'userId', identifier_value: '123456' }
    assert.equal(verifier.verify(token, { bind }).expiresAt, expires)
    assert.ok(Math.abs(expires - Date.now() / 1000 - 600) < 60)
    assert.equal(verifier.tryVerify(token, { bind: { ...bind, identifier_type: 'phone' } }).ok, false)
  }
})

test('VTEX: an application’s token, and a shopper’s that VTEX validates', async () => {
  const { account, appKey, shopper } = sandbox.vtex
  const keys = KEY
  const verifier = new Verifier({
    ...RECEIPT,
    audience: null,
    evidence: 'receipt',
    bind: ['account', 'audience'],
    keys,
  })
  const application = await vtexToken({ api: vtexApi(), receipt: RECEIPT, key: KEY })
  assert.deepEqual(application.bind, { account, audience: 'admin', user: appKey })
  assert.ok(Math.abs(application.expires - Date.now() / 1000 - 21_600) < 60)
  assert.ok(verifier.tryVerify(application.token, { bind: { account, audience: 'admin' } }).ok)
  const api = vtexApi({ appKey: undefined, appToken: undefined, token: sandbox.vtex.mint('shopper') })
  delete api.appKey
  delete api.appToken
  const validated = await vtexToken({ api, receipt: { ...RECEIPT, lifetimeSeconds: 60 }, key: KEY })
  assert.deepEqual(validated.bind, { account, audience: 'webstore', user: shopper.email })
  assert.ok(Math.abs(validated.expires - Date.now() / 1000 - 60) < 30)
  assert.equal(verifier.tryVerify(validated.token, { bind: { account, audience: 'admin' } }).ok, false)
  const soon = Math.floor(Date.now() / 1000) + 30
  api.token = sandbox.vtex.mint('shopper', { claims: { exp: soon } })
  assert.equal((await vtexToken({ api, receipt: RECEIPT, key: KEY })).expires, soon)
})

test('documented errors are codes, with their status', async () => {
  const order = { order_id: 'order-1', amount: '1' }
  for (const [changes, code, status] of /** @type {[Record<string, unknown>, string, number][]} */ ([
    [{ order, apiKey: 'wrong' }, 'access_denied', 401],
    [{ order, merchantId: 'other' }, 'access_denied', 401],
    [{ order: { order_id: 'order-9' } }, 'Mandatory fields are missing', 400],
    [{ order: { order_id: 'x'.repeat(30), amount: 1 } }, 'INVALID_ORDER_ID', 400],
    [{ order: { ...order, amount: 'x' } }, 'INVALID_AMOUNT', 400],
    [{ order: { ...order, customer_id: '' } }, 'INVALID_CUSTOMER_ID', 400],
    [{ customerId: 'cst_none' }, 'object_not_found', 404],
    [{ customer: { first_name: 'x' } }, 'Mandatory fields are missing', 400],
  ])) {
    await assert.rejects(juspayToken({ api: juspayApi(changes), key: KEY }), { name: 'ClientError', code, status })
  }
  for (const [changes, code, status] of /** @type {[Record<string, unknown>, string, number][]} */ ([
    [{ clientSecret: 'wrong' }, 'authentication_failed', 401],
    [{ apiVersion: '2023-01-01' }, 'x-api-version_value_invalid', 400],
    [{ appId: 'other' }, 'app_id_value_invalid', 400],
    [{ product: 'DIGILOCKER' }, 'product_value_invalid', 400],
    [{ vkycRequestId: '!' }, 'vkyc_request_id_value_invalid', 400],
    [{ user: { type: 'phone', value: 'x' } }, 'phone_value_invalid', 400],
    [{ user: { type: 'email', value: 'x' } }, 'email_value_invalid', 400],
    [{ vkycRequestId: 'ip_validation_failed' }, 'ip_validation_failed', 403],
    [{ vkycRequestId: 'x-cf-signature_missing' }, 'authentication_failed', 403],
    [{ vkycRequestId: 'reference_id_not_found' }, 'reference_id_not_found', 404],
    [{ vkycRequestId: 'verification_id_not_found' }, 'verification_id_not_found', 404],
    [{ vkycRequestId: 'too_many_requests_per_operation' }, 'too_many_requests_per_operation', 429],
    [{ vkycRequestId: 'too_many_requests_per_ip' }, 'too_many_requests_per_ip', 429],
    [{ vkycRequestId: 'verification_failed' }, 'verification_failed', 500],
  ])) {
    await assert.rejects(cashfreeToken({ api: cashfreeApi(changes), key: KEY }), { name: 'ClientError', code, status })
  }
  const unsigned = cashfreeApi()
  delete unsigned.publicKey
  await assert.rejects(cashfreeToken({ api: unsigned, key: KEY }), { code: 'authentication_failed', status: 403 })
  await assert.rejects(vtexToken({ api: vtexApi({ appToken: 'wrong' }), receipt: RECEIPT, key: KEY }), {
    code: 'WrongCredentials',
    status: 401,
  })
  const { url: baseUrl, account } = sandbox.vtex
  const api = { baseUrl, account, token: sandbox.vtex.mint('shopper', { claims: { exp: 1 } }) }
  await assert.rejects(vtexToken({ api, receipt: RECEIPT, key: KEY }), { code: 'WrongCredentials', status: 401 })
})

test('nothing is sent twice; a redirect and an answer about something else are response_invalid', async () => {
  const soon = new Date(Date.now() + 900_000).toISOString()
  const good = {
    order_id: 'o',
    merchant_id: 'm',
    id: 'i',
    juspay: { client_auth_token: 'tkn_x', client_auth_token_expiry: soon },
  }
  for (const [answer, code] of /** @type {[import('./client-lib.js').Answered, string][]} */ ([
    [{ status: 500 }, 'request_refused'],
    [{ status: 503, headers: { 'retry-after': '0' } }, 'request_refused'],
    [{ status: 429 }, 'request_refused'],
    ['destroy', 'endpoint_unreachable'],
    [undefined, 'endpoint_unreachable'],
    [{ status: 307, headers: { location: '/elsewhere' } }, 'response_invalid'],
    [{ body: '<html>' }, 'response_invalid'],
    [{ body: { ...good, order_id: 'another' } }, 'response_invalid'],
    [{ body: { ...good, merchant_id: 'another' } }, 'response_invalid'],
    [{ body: { ...good, juspay: undefined } }, 'response_invalid'],
    [{ body: { ...good, juspay: { ...good.juspay, client_auth_token: 'a b' } } }, 'response_invalid'],
    [
      { body: { ...good, juspay: { ...good.juspay, client_auth_token_expiry: '2025-06-12 12:49:48' } } },
      'response_invalid',
    ],
    [
      { body: { ...good, juspay: { ...good.juspay, client_auth_token_expiry: '2020-03-17T14:28:37Z' } } },
      'response_invalid',
    ],
    [{ body: { ...good, juspay: { ...good.juspay, client_auth_token_expiry: 1e99 } } }, 'response_invalid'],
  ])) {
    const server = await serve(() => answer)
    const api = juspayApi({
      baseUrl: server.origin,
      merchantId: 'm',
      order: { order_id: 'o', amount: 1 },
      timeoutSeconds: answer === undefined ? 0.5 : 60,
    })
    await assert.rejects(juspayToken({ api, key: KEY }), { code })
    assert.equal(server.received.length, 1, code)
    await server.close()
  }
  for (const response of [
    { access_token: 'x', expiry: soon, expires_at: '2099-02-02 17:30:00 IST' },
    { access_token: 'x', expires_at: '2099-02-02 17:30:00' },
    { access_token: 'x' },
    { access_token: 7, expiry: soon },
    { expiry: soon },
  ]) {
    const server = await serve(() => ({ body: response }))
    await assert.rejects(cashfreeToken({ api: cashfreeApi({ baseUrl: server.origin }), key: KEY }), {
      code: 'response_invalid',
    })
    assert.equal(server.received.length, 1)
    await server.close()
  }
})

test('a mistake in the options is a TypeError before anything is sent', async () => {
  const server = await serve(() => ({}))
  const baseUrl = server.origin
  const order = { order_id: 'o', amount: 1 }
  for (const options of /** @type {any[]} */ ([
    { api: juspayApi({ baseUrl, order }), key: { secret: 'short' } },
    { api: juspayApi({ baseUrl, order }), key: {} },
    { api: juspayApi({ baseUrl, order }) },
    { api: juspayApi({ baseUrl, order }), key: KEY, receipt: { uses: 0 } },
    { api: juspayApi({ baseUrl, order }), key: KEY, receipt: { use: 1 } },
    { api: juspayApi({ baseUrl, order }), key: KEY, receipts: {} },
    { api: juspayApi({ baseUrl, order, customerId: 'x' }), key: KEY },
    { api: juspayApi({ baseUrl }), key: KEY },
    { api: juspayApi({ baseUrl, order: { amount: 1 } }), key: KEY },
    { api: juspayApi({ baseUrl, order: { ...order, x: {} } }), key: KEY },
    { api: juspayApi({ baseUrl, order, apiKey: 'a\r\nx: y' }), key: KEY },
    { api: juspayApi({ baseUrl, order, environment: 'prod' }), key: KEY },
    { api: juspayApi({ baseUrl, order, apiKey: 'user:password' }), key: KEY },
    { api: juspayApi({ baseUrl, customerId: '..' }), key: KEY },
    { api: juspayApi({ baseUrl, customerId: '\ud800' }), key: KEY },
    { api: juspayApi({ baseUrl: `${baseUrl}/?x=`, order }), key: KEY },
    { api: juspayApi({ baseUrl: 'http://juspay.example', order }), key: KEY },
    { api: juspayApi({ baseUrl, order, retries: 3 }), key: KEY },
  ])) {
    await assert.rejects(juspayToken(options), TypeError)
  }
  for (const changes of [
    { publicKey: 'x' },
    { publicKey: '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----' },
    { user: { type: 'x' } },
    { user: { type: 'x', value: 1, more: 1 } },
    { vkycRequestId: 1.5 },
    { vkycRequestId: '\ud800' },
    { environment: undefined },
  ]) {
    await assert.rejects(cashfreeToken({ api: cashfreeApi({ baseUrl, ...changes }), key: KEY }), TypeError)
  }
  for (const changes of [{ account: 'evil.example/' }, { token: 'x' }, { appToken: '' }]) {
    await assert.rejects(vtexToken({ api: vtexApi({ baseUrl, ...changes }), receipt: RECEIPT, key: KEY }), TypeError)
  }
  assert.equal(server.received.length, 0)
  await server.close()
})

test('the key is read once: what its owner does with it during the request changes nothing', async () => {
  const secret = randomBytes(32)
  const keys = { secret: Uint8Array.from(secret) }
  const order = { order_id: 'order-1', amount: 1 }
  const pending = juspayToken({ api: juspayApi({ order }), key: { secret } })
  secret.fill(0)
  const { token } = await pending
  const { merchantId } = sandbox.juspay
  const verifier = new Verifier({
    profile: profiles.juspay({ merchantId, environment: 'sandbox', kind: 'order' }),
    keys,
  })
  assert.ok(verifier.tryVerify(token, { bind: { order_id: 'order-1' } }).ok)
})

test('no secret and no token in the errors', async () => {
  const server = await serve(({ headers, body }) => ({
    status: 400,
    body: { error_code: headers.authorization, code: headers['x-client-secret'], authStatus: body },
  }))
  const baseUrl = server.origin
  const secret = 'a-secret-of-this-test'
  for (const work of [
    () => juspayToken({ api: juspayApi({ baseUrl, apiKey: secret, order: { order_id: 'o' } }), key: KEY }),
    () => cashfreeToken({ api: cashfreeApi({ baseUrl, clientSecret: secret }), key: KEY }),
    () => vtexToken({ api: vtexApi({ baseUrl, appToken: secret }), receipt: RECEIPT, key: KEY }),
  ]) {
    const error = await work().catch((/** @type {unknown} */ caught) => caught)
    assert.ok(error instanceof ClientError)
    assert.deepEqual({ ...error.toJSON() }, { code: 'request_refused', status: 400 })
    const text = inspect(error, { showHidden: true, depth: 9 })
    assert.ok(!text.includes(secret) && !text.includes(btoa(`${secret}:`)), text)
  }
  await server.close()
})
