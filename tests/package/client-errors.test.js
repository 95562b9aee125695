// @ts-check
/**
 * Every error that the issuers document: what provokes it in the sandbox, and the code of the `ClientError`.
 *
 * The client checks its options before it sends anything, so some errors need a request that it would not send: those
 * rows have a `fetch` that changes it.
 *
 * @module
 */

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { cashfreeToken, clientCredentials, dpop, juspayToken, vtexToken } from 'countersign/client'
import { startSandbox } from 'countersign/sandbox'

/** @typedef {import('countersign/sandbox').Sandbox} Sandbox */

/** @type {Sandbox} */
let sandbox
/** Its clock fails, so every answer is the one of a failure. @type {Sandbox} */
let broken
before(async () => {
  sandbox = await startSandbox({ cashfree: { signature: 'required' } })
  broken = await startSandbox({ clock: () => Number.NaN })
})
after(async () => {
  await sandbox.close()
  await broken.close()
})

const KEY = { secret: randomBytes(32) }

/**
 * A `fetch` that changes a request.
 *
 * @param {(headers: Headers, body: any) => unknown} change What it returns is the body, as JSON.
 */
function changed(change) {
  return async (/** @type {Request | string} */ input, /** @type {RequestInit} */ init) => {
    const headers = new Headers(init.headers)
    const given = JSON.parse(String(init.body))
    const body = JSON.stringify(change(headers, given) ?? given)
    return await fetch(input, { ...init, headers, body })
  }
}

/** A `fetch` that hides the nonce of an answer. @param {Request | string} input @param {RequestInit} init */
async function withoutNonce(input, init) {
  const { body, status, headers } = await fetch(input, init)
  const shown = new Headers(headers)
  shown.delete('dpop-nonce')
  return new Response(body, { status, headers: shown })
}

/** @param {string} name */
const withoutHeader = (name) => changed((headers) => headers.delete(name))

/** @param {object} changes */
const withBody = (changes) => changed((_, body) => ({ ...body, ...changes }))

/** @param {any} changes @param {Sandbox} [of] */
function publiq(changes, of = sandbox) {
  const { url, clientId, clientSecret, audience } = of.publiq
  return clientCredentials({
    tokenUrl: `${url}/oauth/token`,
    clientId,
    clientSecret,
    auth: 'json',
    audience,
    ...changes,
  }).token()
}

/** @param {any} changes @param {import('countersign/sandbox').IssuerSandboxOptions} [options] */
function issuer(changes, options = {}) {
  const { tokenUrl, clientId, clientSecret } = sandbox.issuer(options)
  return clientCredentials({ tokenUrl, clientId, clientSecret, ...changes }).token()
}

/** @param {any} changes */
function juspay(changes) {
  const { url: baseUrl, apiKey, merchantId, environment } = sandbox.juspay
  const order = Object.hasOwn(changes, 'customerId') || Object.hasOwn(changes, 'customer') ? {} : { order: ORDER }
  return juspayToken({ api: { environment, baseUrl, apiKey, merchantId, ...order, ...changes }, key: KEY })
}

/** @param {any} changes */
function cashfree(changes) {
  const { url: baseUrl, clientId, clientSecret, appId, publicKey } = sandbox.cashfree
  const user = { type: 'userId', value: 7 }
  const common = { environment: 'sandbox', baseUrl, clientId, clientSecret, appId, publicKey, vkycRequestId: 1, user }
  return cashfreeToken({ api: { ...common, ...changes }, key: KEY })
}

/** @param {any} changes */
function vtex(changes) {
  const { url: baseUrl, account, appKey, appToken } = sandbox.vtex
  const keys = Object.hasOwn(changes, 'token') ? {} : { appKey, appToken }
  const receipt = { issuer: 'https://backend.example' }
  return vtexToken({ api: { baseUrl, account, ...keys, ...changes }, receipt, key: KEY })
}

const ORDER = { order_id: 'order-1', amount: 1 }

/** @type {readonly (readonly [code: string, status: number, work: () => Promise<unknown>])[]} */
const ROWS = [
  // publiq, Auth0 and the generic issuer: RFC 6749 section 5.2, RFC 8707 section 2.
  ['invalid_request', 400, () => publiq({ fetch: withBody({ audience: undefined }) })],
  ['invalid_client', 401, () => publiq({ clientSecret: 'wrong' })],
  ['invalid_client', 401, () => issuer({ clientSecret: 'wrong' })],
  ['invalid_grant', 400, () => publiq({ clientId: 'invalid_grant' })],
  ['unauthorized_client', 403, () => publiq({ clientId: 'unauthorized_client' })],
  ['unauthorized_client', 403, () => issuer({ clientId: 'unauthorized_client' })],
  ['unsupported_grant_type', 400, () => publiq({ fetch: withBody({ grant_type: 'password' }) })],
  ['invalid_scope', 400, () => publiq({ scope: 'other' })],
  ['invalid_scope', 400, () => issuer({ scope: 'read other' })],
  ['invalid_target', 400, () => issuer({ resource: 'https://other.example' })],
  ['access_denied', 403, () => publiq({ audience: 'https://other.example' })],
  ['access_denied', 403, () => issuer({ audience: 'https://other.example' })],
  ['server_error', 500, () => publiq({}, broken)],
  ['temporarily_unavailable', 503, () => publiq({ clientId: 'temporarily_unavailable' })],
  ['too_many_requests', 429, () => publiq({ clientId: 'too_many_requests' })],
  // Juspay.
  ['access_denied', 401, () => juspay({ apiKey: 'wrong' })],
  ['access_denied', 401, () => juspay({ merchantId: 'other' })],
  ['Mandatory fields are missing', 400, () => juspay({ order: { order_id: 'x' } })],
  ['Mandatory fields are missing', 400, () => juspay({ customer: { first_name: 'x' } })],
  ['INVALID_ORDER_ID', 400, () => juspay({ order: { ...ORDER, order_id: 'x'.repeat(21) } })],
  ['INVALID_AMOUNT', 400, () => juspay({ order: { ...ORDER, amount: 'x' } })],
  ['INVALID_CUSTOMER_ID', 400, () => juspay({ order: { ...ORDER, customer_id: '' } })],
  ['object_not_found', 404, () => juspay({ customerId: 'cst_none' })],
  ['forbidden_resource', 403, () => juspay({ order: { ...ORDER, order_id: 'forbidden_resource' } })],
  ['bad_origin', 403, () => juspay({ customerId: 'bad_origin' })],
  ['EXPIRED', 401, () => juspay({ customer: { object_reference_id: 'EXPIRED' } })],
  ['UNAUTHORIZED', 403, () => juspay({ customer: { object_reference_id: 'UNAUTHORIZED' } })],
  ['UNAUTHENTICATED', 401, () => juspay({ customer: { object_reference_id: 'UNAUTHENTICATED' } })],
  ['BAD_ORIGIN', 403, () => juspay({ order: { ...ORDER, order_id: 'BAD_ORIGIN' } })],
  ['RESOURCE_NOT_FOUND', 404, () => juspay({ customerId: 'RESOURCE_NOT_FOUND' })],
  // Cashfree.
  ['x-client-id_missing', 400, () => cashfree({ fetch: withoutHeader('x-client-id') })],
  ['x-client-secret_missing', 400, () => cashfree({ fetch: withoutHeader('x-client-secret') })],
  ['x-api-version_missing', 400, () => cashfree({ fetch: withoutHeader('x-api-version') })],
  ['x-api-version_value_invalid', 400, () => cashfree({ apiVersion: '2023-01-01' })],
  ['authentication_failed', 401, () => cashfree({ clientSecret: 'wrong' })],
  ['authentication_failed', 403, () => cashfree({ fetch: withoutHeader('x-cf-signature') })],
  ['authentication_failed', 403, () => cashfree({ vkycRequestId: 'x-cf-signature_missing' })],
  ['app_id_missing', 400, () => cashfree({ fetch: withBody({ app_id: undefined }) })],
  ['app_id_value_invalid', 400, () => cashfree({ appId: 'other' })],
  ['product_missing', 400, () => cashfree({ fetch: withBody({ product: undefined }) })],
  ['product_value_invalid', 400, () => cashfree({ product: 'DIGILOCKER' })],
  ['vkyc_request_id_missing', 400, () => cashfree({ fetch: withBody({ metadata: {} }) })],
  ['vkyc_request_id_value_invalid', 400, () => cashfree({ vkycRequestId: '!' })],
  ['identifier_type_value_invalid', 400, () => cashfree({ fetch: withBody({ authenticated_user: user({}, '') }) })],
  ['identifier_value_value_invalid', 400, () => cashfree({ fetch: withBody({ authenticated_user: user('x', '') }) })],
  ['phone_value_invalid', 400, () => cashfree({ user: { type: 'phone', value: 'x' } })],
  ['email_value_invalid', 400, () => cashfree({ user: { type: 'email', value: 'x' } })],
  ['ip_validation_failed', 403, () => cashfree({ vkycRequestId: 'ip_validation_failed' })],
  ['reference_id_not_found', 404, () => cashfree({ vkycRequestId: 'reference_id_not_found' })],
  ['verification_id_not_found', 404, () => cashfree({ vkycRequestId: 'verification_id_not_found' })],
  ['too_many_requests_per_operation', 429, () => cashfree({ vkycRequestId: 'too_many_requests_per_operation' })],
  ['too_many_requests_per_ip', 429, () => cashfree({ vkycRequestId: 'too_many_requests_per_ip' })],
  ['verification_failed', 500, () => cashfree({ vkycRequestId: 'verification_failed' })],
  // DPoP.
  ['invalid_dpop_proof', 400, () => issuer({}, { dpop: 'required' })],
  ['use_dpop_nonce', 400, () => issuer({ dpop: dpop(), fetch: withoutNonce }, { dpop: 'nonce' })],
  // VTEX.
  ['WrongCredentials', 401, () => vtex({ appToken: 'wrong' })],
  ['WrongCredentials', 401, () => vtex({ token: 'not.a.token' })],
  ['InvalidToken', 400, () => vtex({ token: 'InvalidToken' })],
  ['InvalidEmail', 400, () => vtex({ appKey: 'InvalidEmail' })],
]

/** @param {unknown} type @param {unknown} value */
function user(type, value) {
  return { identifier_type: type, identifier_value: value }
}

for (const [code, status, work] of ROWS) {
  test(`${code} (${status})`, async () => {
    await assert.rejects(work(), { name: 'ClientError', code, status, message: `${code} (${status})` })
  })
}

test('every documented code that the types list is provoked here', () => {
  const types = join(
    dirname(createRequire(import.meta.url).resolve('countersign/package.json')),
    'dist',
    'cjs',
    'client',
  )
  const [, list = ''] = /DOCUMENTED: readonly \[([^\]]+)\]/.exec(readFileSync(join(types, 'error.d.ts'), 'utf8')) ?? []
  const documented = [...list.matchAll(/['"]([^'"]+)['"]/g)].map(([, code]) => code)
  assert.ok(documented.length > 40)
  assert.deepEqual([...new Set(ROWS.map(([code]) => code))].sort(), documented.sort())
})

test('every trigger that the sandbox names is a code that the client knows', () => {
  const codes = new Set(ROWS.map(([code]) => code))
  const { publiq: ofPubliq, juspay: ofJuspay, cashfree: ofCashfree, vtex: ofVtex } = sandbox
  const named = [ofPubliq, ofJuspay, ofCashfree, ofVtex, sandbox.issuer()].flatMap(({ triggers }) => triggers)
  assert.deepEqual(
    named.filter((name) => !codes.has(name)),
    ['x-cf-signature_missing'],
  )
})
