// @ts-check
/** Cashfree in the sandbox: its token in both shapes, its second factor, and all its errors. */

import assert from 'node:assert/strict'
import { constants, publicEncrypt } from 'node:crypto'
import { after, before, test } from 'node:test'

import { startSandbox } from 'countersign/sandbox'
import { decodeJwt, decodeProtectedHeader } from 'jose'

const NOW = 1_700_000_000
const EXPIRY = '2023-11-15T03:53:20+05:30'
const EXPIRES_AT = '2023-11-15 03:53:20 IST'

/** @type {import('countersign/sandbox').Sandbox} */
let sandbox
/** @type {import('countersign/sandbox').Sandbox} */
let twoFactor
before(async () => {
  sandbox = await startSandbox({ clock: () => NOW })
  twoFactor = await startSandbox({
    clock: () => NOW,
    cashfree: { signature: 'required', signatureWindowSeconds: 60, expiryField: 'both', token: 'jwt' },
  })
})
after(() => Promise.all([sandbox.close(), twoFactor.close()]))

/** @param {Record<string, unknown>} [changes] Members to set; `undefined` leaves one out. */
function body(changes = {}) {
  return {
    app_id: sandbox.cashfree.appId,
    product: 'VKYC',
    metadata: { vkyc_request_id: '249749' },
    authenticated_user: { identifier_type: 'userId', identifier_value: '123456' },
    ...changes,
  }
}

/**
 * @param {unknown} members
 * @param {Record<string, string | undefined>} [changes] Headers to set; `undefined` leaves one out.
 * @param {import('countersign/sandbox').CashfreeSandbox} [cashfree]
 * @returns {Promise<{ status: number, json: any }>}
 */
async function ask(members, changes = {}, cashfree = sandbox.cashfree) {
  const headers = {
    'content-type': 'application/json',
    'x-client-id': cashfree.clientId,
    'x-client-secret': cashfree.clientSecret,
    'x-api-version': cashfree.apiVersion,
    ...changes,
  }
  const present = Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))
  const response = await fetch(`${cashfree.url}/verification/oauth/token`, {
    method: 'POST',
    headers: Object.fromEntries(present),
    body: JSON.stringify(members),
  })
  return { status: response.status, json: await response.json() }
}

/** @param {string} text */
function encrypt(text) {
  const { publicKey } = twoFactor.cashfree
  assert.ok(publicKey !== null)
  const padding = constants.RSA_PKCS1_OAEP_PADDING
  return publicEncrypt({ key: publicKey, padding }, Buffer.from(text)).toString('base64')
}

test('a token is 32 opaque characters, with its expiry in India', async () => {
  const { status, json } = await ask(body())
  assert.equal(status, 200)
  assert.deepEqual(Object.keys(json), ['access_token', 'expiry'])
  assert.match(json.access_token, /^[A-Za-z0-9]{32}$/)
  assert.equal(json.expiry, EXPIRY)
  assert.equal(Date.parse(json.expiry), (NOW + 600) * 1000)
})

test('ids may be numbers, as in the documented examples', async () => {
  const { status } = await ask(
    body({
      metadata: { vkyc_request_id: 249749 },
      authenticated_user: { identifier_type: 'userId', identifier_value: 123456 },
    }),
  )
  assert.equal(status, 200)
})

test('the other documented answer: a JWT, and the expiry as IST', async () => {
  const { cashfree } = twoFactor
  const signature = encrypt(`${cashfree.clientId}.${NOW}`)
  const { status, json } = await ask(body(), { 'x-cf-signature': signature }, cashfree)
  assert.equal(status, 200)
  assert.equal(json.expiry, EXPIRY)
  assert.equal(json.expires_at, EXPIRES_AT)
  assert.equal(decodeProtectedHeader(json.access_token).alg, 'HS256')
  assert.equal(decodeJwt(json.access_token).exp, NOW + 600)
})

test('expires_at comes alone, if that is the field', async () => {
  const other = await startSandbox({
    clock: () => NOW,
    cashfree: { expiryField: 'expires_at', lifetimeSeconds: 900 },
  })
  const { json } = await ask(body(), {}, other.cashfree)
  await other.close()
  assert.deepEqual(Object.keys(json), ['access_token', 'expires_at'])
  assert.equal(json.expires_at, '2023-11-15 03:58:20 IST')
})

test('without a second factor there is no key, and x-cf-signature is not read', async () => {
  assert.equal(sandbox.cashfree.publicKey, null)
  assert.equal((await ask(body(), { 'x-cf-signature': 'x' })).status, 200)
})

test('x-cf-signature holds within its window, on both sides', async () => {
  const { cashfree } = twoFactor
  for (const [seconds, status] of [
    [NOW - 61, 403],
    [NOW - 60, 200],
    [NOW + 60, 200],
    [NOW + 61, 403],
  ]) {
    const signature = encrypt(`${cashfree.clientId}.${seconds}`)
    const answer = await ask(body(), { 'x-cf-signature': signature }, cashfree)
    assert.equal(answer.status, status, String(seconds))
  }
})

test('x-cf-signature is refused if it is missing, unreadable or of another client', async () => {
  const { cashfree } = twoFactor
  for (const signature of [
    undefined,
    'x',
    '!',
    'A'.repeat(344),
    encrypt(''),
    encrypt(cashfree.clientId),
    encrypt(`other.${NOW}`),
    encrypt(`${cashfree.clientId}.${NOW}x`),
    encrypt(`${cashfree.clientId}.`),
  ]) {
    const { status, json } = await ask(body(), { 'x-cf-signature': signature }, cashfree)
    assert.equal(status, 403, signature)
    assert.equal(json.type, 'validation_error')
    assert.equal(json.code, 'authentication_failed')
  }
})

/** @type {[string, Record<string, string | undefined>, number, string, string][]} */
const HEADERS = [
  ['no client id', { 'x-client-id': undefined }, 400, 'validation_error', 'x-client-id_missing'],
  ['no secret', { 'x-client-secret': undefined }, 400, 'validation_error', 'x-client-secret_missing'],
  ['no version', { 'x-api-version': undefined }, 400, 'validation_error', 'x-api-version_missing'],
  ['another version', { 'x-api-version': '2023-12-18' }, 400, 'validation_error', 'x-api-version_value_invalid'],
  ['an unknown client', { 'x-client-id': 'no' }, 401, 'authentication_error', 'authentication_failed'],
  ['a wrong secret', { 'x-client-secret': 'no' }, 401, 'authentication_error', 'authentication_failed'],
]
for (const [name, changes, status, type, code] of HEADERS) {
  test(`${name}: ${status} ${code}`, async () => {
    const answer = await ask(body(), changes)
    assert.equal(answer.status, status)
    assert.equal(answer.json.type, type)
    assert.equal(answer.json.code, code)
  })
}

const PERSON = (/** @type {string} */ type, /** @type {unknown} */ value) => ({
  authenticated_user: { identifier_type: type, identifier_value: value },
})

/** @type {[string, Record<string, unknown>, string][]} */
const BODIES = [
  ['no app', { app_id: undefined }, 'app_id_missing'],
  ['another app', { app_id: 'other' }, 'app_id_value_invalid'],
  ['no product', { product: undefined }, 'product_missing'],
  ['another product', { product: 'DIGILOCKER' }, 'product_value_invalid'],
  ['no metadata', { metadata: undefined }, 'metadata_missing'],
  ['metadata that is no object', { metadata: [] }, 'metadata_value_invalid'],
  ['no request id', { metadata: {} }, 'vkyc_request_id_missing'],
  ['an empty request id', { metadata: { vkyc_request_id: '' } }, 'vkyc_request_id_value_invalid'],
  ['a request id with a space', { metadata: { vkyc_request_id: '1 2' } }, 'vkyc_request_id_value_invalid'],
  ['a fraction as request id', { metadata: { vkyc_request_id: 1.5 } }, 'vkyc_request_id_value_invalid'],
  ['no user', { authenticated_user: undefined }, 'authenticated_user_missing'],
  ['a user that is no object', { authenticated_user: 'x' }, 'authenticated_user_value_invalid'],
  ['a user without a value', { authenticated_user: { identifier_type: 'userId' } }, 'identifier_value_missing'],
  ['a user without a type', { authenticated_user: { identifier_value: 'x' } }, 'identifier_type_missing'],
  ['a short phone number', PERSON('phone', '123456789'), 'phone_value_invalid'],
  ['an e-mail address without @', PERSON('email', 'someone'), 'email_value_invalid'],
]
for (const [name, changes, code] of BODIES) {
  test(`${name}: 400 ${code}`, async () => {
    const { status, json } = await ask(body(changes))
    assert.equal(status, 400)
    assert.equal(json.type, 'validation_error')
    assert.equal(json.code, code)
  })
}

test('phone numbers and e-mail addresses are taken', async () => {
  assert.equal((await ask(body(PERSON('phone', '+919988776655')))).status, 200)
  assert.equal((await ask(body(PERSON('phone', 9988776655)))).status, 200)
  assert.equal((await ask(body(PERSON('email', 'someone@mail.example')))).status, 200)
})

test('every other documented error has a request id that provokes it', async () => {
  /** @type {Record<string, [number, string, string]>} */
  const expected = {
    ip_validation_failed: [403, 'authentication_error', 'ip_validation_failed'],
    'x-cf-signature_missing': [403, 'validation_error', 'authentication_failed'],
    reference_id_not_found: [404, 'validation_error', 'reference_id_not_found'],
    verification_id_not_found: [404, 'validation_error', 'verification_id_not_found'],
    too_many_requests_per_operation: [429, 'rate_limit_error', 'too_many_requests_per_operation'],
    too_many_requests_per_ip: [429, 'rate_limit_error', 'too_many_requests_per_ip'],
    verification_failed: [500, 'internal_error', 'verification_failed'],
  }
  assert.deepEqual([...sandbox.cashfree.triggers].sort(), Object.keys(expected).sort())
  for (const [trigger, answer] of Object.entries(expected)) {
    const { status, json } = await ask(body({ metadata: { vkyc_request_id: trigger } }))
    assert.deepEqual([status, json.type, json.code], answer)
    assert.equal(typeof json.message, 'string')
  }
})

test('a duration that is not a positive whole number is a TypeError', async () => {
  for (const lifetimeSeconds of [0, -1, 1.5, Number.NaN]) {
    await assert.rejects(startSandbox({ cashfree: { lifetimeSeconds } }), TypeError)
  }
})
