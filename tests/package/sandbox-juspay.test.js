// @ts-check
/** Juspay in the sandbox: customers, orders and sessions, each with a client auth token. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { startSandbox } from 'countersign/sandbox'

const NOW = 1_700_000_000
const CREATED = '2023-11-14T22:13:20Z'
const EXPIRY = '2023-11-14T22:28:20Z'
const WANTED = { 'options.get_client_auth_token': 'true' }

/** @type {import('countersign/sandbox').Sandbox} */
let sandbox
before(async () => {
  sandbox = await startSandbox({ clock: () => NOW })
})
after(() => sandbox.close())

/**
 * @param {string} path
 * @param {{ form?: Record<string, string>, json?: unknown, headers?: Record<string, string> }} [request]
 * @returns {Promise<{ status: number, json: any }>}
 */
async function ask(path, { form, json, headers = {} } = {}) {
  const { url, apiKey, merchantId } = sandbox.juspay
  const response = await fetch(`${url}${path}`, {
    method: form === undefined && json === undefined ? 'GET' : 'POST',
    headers: {
      authorization: `Basic ${btoa(`${apiKey}:`)}`,
      'x-merchantid': merchantId,
      ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(form === undefined ? {} : { body: new URLSearchParams(form) }),
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
  })
  return { status: response.status, json: await response.json() }
}

test('a customer is created with a token for 15 minutes, in UTC', async () => {
  const form = { object_reference_id: 'customer@gmail.com', first_name: 'John', ...WANTED }
  const { status, json } = await ask('/customers', { form })
  assert.equal(status, 200)
  assert.match(json.id, /^cst_[0-9a-f]{16}$/)
  assert.equal(json.object, 'customer')
  assert.equal(json.object_reference_id, 'customer@gmail.com')
  assert.equal(json.first_name, 'John')
  assert.equal(json.date_created, CREATED)
  assert.match(json.juspay.client_auth_token, /^tkn_[0-9a-f]{32}$/)
  assert.equal(json.juspay.client_auth_token_expiry, EXPIRY)
})

test('a token comes only on request, and is another each time', async () => {
  const form = { object_reference_id: 'twice' }
  const { json: created } = await ask('/customers', { form })
  assert.equal('juspay' in created, false)
  const path = `/customers/${created.id}`
  assert.equal('juspay' in (await ask(path)).json, false)
  assert.equal('juspay' in (await ask(`${path}?options.get_client_auth_token=false`)).json, false)
  const first = await ask(`${path}?options.get_client_auth_token=true`)
  const second = await ask('/customers/twice?options.get_client_auth_token=true')
  assert.equal(second.json.id, created.id)
  assert.notEqual(first.json.juspay.client_auth_token, second.json.juspay.client_auth_token)
})

test('an order is placed with a token', async () => {
  const form = { order_id: '14183944763', amount: '100.00', customer_id: 'cst_1', ...WANTED }
  const { status, json } = await ask('/orders', { form })
  assert.equal(status, 200)
  assert.equal(json.status, 'NEW')
  assert.equal(json.status_id, 10)
  assert.match(json.id, /^ordeu_[0-9a-f]{32}$/)
  assert.equal(json.order_id, '14183944763')
  assert.equal(json.customer_id, 'cst_1')
  assert.equal(json.merchant_id, sandbox.juspay.merchantId)
  assert.equal(json.amount, 100)
  assert.deepEqual(Object.keys(json.payment_links), ['web', 'mobile', 'iframe'])
  assert.match(json.juspay.client_auth_token, /^tkn_[0-9a-f]{32}$/)
  assert.equal(json.juspay.client_auth_token_expiry, EXPIRY)
  const again = await ask('/orders/14183944763')
  assert.equal(again.json.id, json.id)
  assert.equal('juspay' in again.json, false)
})

test('a session holds the token in its payload, and says when it was issued', async () => {
  const json = { order_id: 'session-1', amount: '1.5', customer_id: 'c', options: { get_client_auth_token: true } }
  const { status, json: session } = await ask('/session', { json })
  assert.equal(status, 200)
  const { payload, currTime, service } = session.sdk_payload
  assert.equal(service, 'in.juspay.hyperpay')
  assert.equal(currTime, CREATED)
  assert.match(payload.clientAuthToken, /^tkn_[0-9a-f]{32}$/)
  assert.equal(payload.clientAuthTokenExpiry, EXPIRY)
  assert.equal(payload.orderId, 'session-1')
  assert.equal(payload.customerId, 'c')
  assert.equal(payload.merchantId, sandbox.juspay.merchantId)
  assert.equal(payload.environment, 'sandbox')
})

test('the other shape of a token has 66 characters of base64url', async () => {
  const other = await startSandbox({ clock: () => NOW, juspay: { tokenShape: 'base64url', merchantId: 'm2' } })
  const { url, apiKey, merchantId } = other.juspay
  const response = await fetch(`${url}/customers`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${apiKey}:`)}`, 'x-merchantid': merchantId },
    body: new URLSearchParams({ object_reference_id: 'x', ...WANTED }),
  })
  /** @type {any} */
  const { juspay } = await response.json()
  await other.close()
  assert.equal(merchantId, 'm2')
  assert.match(juspay.client_auth_token, /^tkn_[A-Za-z0-9_-]{66}$/)
})

test('a caller that is not the merchant is denied access', async () => {
  const { apiKey } = sandbox.juspay
  const basic = (/** @type {string} */ text) => ({ authorization: `Basic ${btoa(text)}` })
  for (const headers of [
    basic('no:'),
    basic(`${apiKey}:password`),
    basic(apiKey),
    { authorization: `Bearer ${apiKey}` },
    { authorization: 'Basic ///' },
    { authorization: '' },
    { 'x-merchantid': 'another' },
  ]) {
    const { status, json } = await ask('/customers/x', { headers })
    assert.equal(status, 401)
    assert.equal(json.status, 'error')
    assert.equal(json.error_code, 'access_denied')
  }
})

test('an order without any authentication is a forbidden resource', async () => {
  const response = await fetch(`${sandbox.juspay.url}/orders/14183944763`)
  assert.equal(response.status, 403)
  assert.equal((await response.json()).error_code, 'forbidden_resource')
})

test('a browser is a bad origin', async () => {
  const headers = { origin: 'https://shop.example' }
  const { status, json } = await ask('/customers/x', { headers })
  assert.equal(status, 403)
  assert.equal(json.error_code, 'bad_origin')
})

test('an object that was not created is not found', async () => {
  for (const path of ['/customers/absent', '/customers/__proto__', '/orders/nothing']) {
    const { status, json } = await ask(path)
    assert.equal(status, 404)
    assert.equal(json.status, 'invalid_request_error')
    assert.equal(json.error_code, 'object_not_found')
  }
})

/** @type {[string, string, Record<string, string>, string][]} */
const MISSING_OR_INVALID = [
  ['no reference', '/customers', {}, 'Mandatory fields are missing'],
  ['an empty reference', '/customers', { object_reference_id: '' }, 'Mandatory fields are missing'],
  ['no order_id', '/orders', { amount: '1' }, 'Mandatory fields are missing'],
  ['no amount', '/orders', { order_id: 'a' }, 'Mandatory fields are missing'],
  ['an empty customer_id', '/orders', { order_id: 'a', amount: '1', customer_id: '' }, 'INVALID_CUSTOMER_ID'],
  ['a negative amount', '/orders', { order_id: 'a', amount: '-1' }, 'INVALID_AMOUNT'],
  ['an order_id of 21 characters', '/orders', { order_id: 'a'.repeat(21), amount: '1' }, 'INVALID_ORDER_ID'],
]
for (const [name, path, form, code] of MISSING_OR_INVALID) {
  test(`${name}: 400 ${code}`, async () => {
    const { status, json } = await ask(path, { form })
    assert.equal(status, 400)
    assert.equal(json.error_code, code)
    assert.equal(typeof json.error_message, 'string')
  })
}

test('an order_id of 20 characters is accepted', async () => {
  const { status } = await ask('/orders', { form: { order_id: 'a'.repeat(20), amount: '1' } })
  assert.equal(status, 200)
})

test('of more than 1000 customers the oldest is forgotten', async () => {
  const other = await startSandbox()
  const { url, apiKey, merchantId } = other.juspay
  const headers = { authorization: `Basic ${btoa(`${apiKey}:`)}`, 'x-merchantid': merchantId }
  const create = async (/** @type {number} */ index) => {
    const body = new URLSearchParams({ object_reference_id: `c${index}` })
    await (await fetch(`${url}/customers`, { method: 'POST', headers, body })).json()
  }
  await create(0)
  for (let first = 1; first <= 1000; first += 100) {
    await Promise.all(Array.from({ length: 100 }, (_, index) => create(first + index)))
  }
  const statusOf = async (/** @type {string} */ id) => (await fetch(`${url}/customers/${id}`, { headers })).status
  const statuses = await Promise.all(['c0', 'c1000', 'c999'].map(statusOf))
  await other.close()
  assert.deepEqual(statuses, [404, 200, 200])
})

test('a missing merchant id is a missing field', async () => {
  const { url, apiKey } = sandbox.juspay
  const authorization = `Basic ${btoa(`${apiKey}:`)}`
  const response = await fetch(`${url}/customers/x`, { headers: { authorization } })
  assert.equal(response.status, 400)
  assert.equal((await response.json()).error_code, 'Mandatory fields are missing')
})
