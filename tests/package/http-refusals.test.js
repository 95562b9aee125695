// @ts-check
/** Each refusal style, from the reason to the status, the headers and the body. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { guard } from 'countersign/fetch'
import { mint } from './http/cases.js'
import { NOW, orders } from './http/policy.js'

const forged = (/** @type {string} */ token) => `${token.slice(0, -4)}AAAA`
const out = { current: () => undefined, refresh: () => Promise.reject(new Error('the network is away')) }

/**
 * A reason, and what provokes it.
 *
 * @type {Record<string, { token?: string, authorization?: string, options?: object, bind?: Record<string, unknown> }>}
 */
const REASONS = {
  'no token': {},
  malformed: { authorization: 'Bearer  x' },
  'not a JWS': { token: 'opaque' },
  forged: { token: forged(await mint()) },
  expired: { token: await mint({ exp: NOW }) },
  'claim missing': { token: await mint({ iss: undefined }) },
  'wrong issuer': { token: await mint({ iss: 'https://other.example' }) },
  'wrong audience': { token: await mint({ aud: 'invoices' }) },
  'wrong audience of VTEX': {
    token: await mint({ audience: 'webstore' }),
    options: { audience: 'admin', audienceClaim: 'audience' },
  },
  'wrong account': { token: await mint({ account: 'storeb' }), options: { claims: { account: 'storea' } } },
  'wrong product': { token: await mint({ product: 'DIGILOCKER' }), options: { claims: { product: 'VKYC' } } },
  'ID token': { token: await mint({ typ: 'ID' }), options: { claims: { typ: { absentOr: 'Bearer' } } } },
  'scope lacks': { token: await mint({ scope: 'orders.write' }) },
  'one of the scopes lacks': {
    token: await mint({ scope: 'orders.write' }),
    options: { scope: { all: ['orders.list'], any: ['orders.read', 'orders.admin'] } },
  },
  'API lacks': { token: await mint({ apis: 'ups' }), options: { claims: { apis: { scope: 'entry' } } } },
  'another order': { token: await mint(), bind: { order_id: '8' } },
  'another KYC': { token: await mint({ vkyc_request_id: '1' }), bind: { vkyc_request_id: '2' } },
  'not granted': { token: await mint(), options: { grants: async () => false } },
  'bound to a key': { token: await mint({ cnf: { jkt: '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I' } }) },
  'grants out of reach': {
    token: await mint(),
    options: { grants: () => Promise.reject(new Error('the network is away')) },
  },
  'no keys': { token: await mint(), options: { keys: out } },
}

/**
 * @param {string} reason
 * @param {import('countersign/fetch').GuardOptions<Request>} options
 */
async function refusal(reason, options) {
  const { token, authorization, options: policy = {}, bind } = REASONS[reason] ?? assert.fail(reason)
  const expected = bind === undefined ? {} : { expected: () => ({ bind: /** @type {never} */ (bind) }) }
  const carried = authorization ?? (token === undefined ? undefined : `Bearer ${token}`)
  const headers = carried === undefined ? {} : { authorization: carried }
  const protect = guard(orders(policy), { ...options, ...expected })
  const found = await protect(new Request('https://api.example/', { headers }))
  assert.ok(!found.ok, reason)
  const { response, error } = found
  assert.equal(response.headers.get('cache-control'), 'no-store')
  const text = await response.text()
  // What helps an attacker is nowhere: the code of ours, the token, what the policy asks for.
  assert.ok(!text.includes(error.code), text)
  assert.ok(!token || !text.includes(token))
  const { status } = response
  const challenge = response.headers.get('www-authenticate')
  return {
    status,
    body: JSON.parse(text),
    challenge,
    retry: response.headers.get('retry-after'),
    response,
    error,
  }
}

/**
 * @param {import('countersign').RefusalStyle} style
 * @param {Record<string, [status: number, body: object]>} answers
 */
function words(style, answers) {
  test(`${style}: every reason has its status and body`, async () => {
    for (const [reason, [status, body]] of Object.entries(answers)) {
      const found = await refusal(reason, { refusal: style })
      assert.deepEqual([found.status, found.body], [status, body], `${reason}: ${found.error.code}`)
    }
  })
}

const invalid = { message: 'Unauthorized', error: 'invalid_token' }
words('bearer', {
  'no token': [401, { message: 'Unauthorized' }],
  malformed: [400, { message: 'Bad Request', error: 'invalid_request' }],
  'not a JWS': [401, invalid],
  forged: [401, invalid],
  expired: [401, invalid],
  'wrong issuer': [401, invalid],
  'wrong audience': [401, invalid],
  'scope lacks': [403, { message: 'Forbidden', error: 'insufficient_scope' }],
  'another order': [403, { message: 'Forbidden' }],
  'not granted': [403, { message: 'Forbidden' }],
  'bound to a key': [401, invalid],
  'no keys': [503, { message: 'Service Unavailable' }],
  'grants out of reach': [503, { message: 'Service Unavailable' }],
})

test('bearer: the challenge says what RFC 6750 has it say, and the realm and the metadata where given', async () => {
  const named = {
    realm: 'a "b" \\c',
    resourceMetadata: 'https://api.example/.well-known/oauth-protected-resource',
  }
  const about = `realm="a \\"b\\" \\\\c"`
  const where = 'resource_metadata="https://api.example/.well-known/oauth-protected-resource"'
  for (const [reason, plain, full] of /** @type {const} */ ([
    ['no token', 'Bearer', `Bearer ${about}, ${where}`],
    ['forged', 'Bearer error="invalid_token"', `Bearer ${about}, error="invalid_token", ${where}`],
    ['malformed', 'Bearer error="invalid_request"', `Bearer ${about}, error="invalid_request", ${where}`],
    [
      'scope lacks',
      'Bearer error="insufficient_scope", scope="orders.read"',
      `Bearer ${about}, error="insufficient_scope", scope="orders.read", ${where}`,
    ],
    // One set that would do: all of the one kind, one of the other.
    ['one of the scopes lacks', 'Bearer error="insufficient_scope", scope="orders.list orders.read"', undefined],
    // The claim is no scope that an authorization server could be asked for.
    ['API lacks', 'Bearer error="insufficient_scope"', undefined],
    ['another order', null, null],
    ['not granted', null, null],
    ['no keys', null, null],
  ])) {
    assert.equal((await refusal(reason, {})).challenge, plain, reason)
    if (full !== undefined) assert.equal((await refusal(reason, named)).challenge, full, reason)
  }
})

test('bearer: a challenge asks for the scheme of the carrier, and for Bearer where none has one', async () => {
  const dpop = [{ header: 'Authorization', scheme: 'Token' }]
  assert.equal((await refusal('no token', { carriers: dpop })).challenge, 'Token')
  assert.equal((await refusal('no token', { carriers: [{ cookie: 'session' }] })).challenge, 'Bearer')
})

/** @type {(status: number, detail: string) => [number, object]} */
const publiq = (status, detail) => {
  const [type, title] =
    /** @type {Record<number, string[]>} */ ({
      400: ['about:blank', 'Bad Request'],
      401: ['https://api.publiq.be/probs/auth/unauthorized', 'Unauthorized'],
      403: ['https://api.publiq.be/probs/auth/forbidden', 'Forbidden'],
      503: ['about:blank', 'Service Unavailable'],
    })[status] ?? []
  return [status, { type, title, status, detail }]
}
words('publiq', {
  'no token': publiq(401, 'Authorization header missing.'),
  malformed: publiq(400, 'Authorization header must be "Bearer ", followed by your token.'),
  'not a JWS': publiq(401, 'Token is not a valid JWT.'),
  forged: publiq(401, 'Token signature verification failed. The token is likely forged or manipulated.'),
  expired: publiq(401, 'Token expired (or not yet usable).'),
  'claim missing': publiq(401, 'Token is missing one of its required claims.'),
  'wrong issuer': publiq(401, 'Token is not issued by a valid issuer.'),
  'wrong audience': publiq(401, 'Token is not meant for this API.'),
  'ID token': publiq(401, 'The given token is an id token. Please use an access token instead.'),
  'API lacks': publiq(403, 'The provided token is not allowed to access this API.'),
  'another order': publiq(403, 'The provided token is not allowed to access this API.'),
  'not granted': publiq(403, 'The provided token is not allowed to access this API.'),
  'no keys': publiq(503, 'The token cannot be verified at the moment.'),
})

/** @type {(status: number, title: string, detail: string) => [number, object]} */
const problem = (status, title, detail) => [status, { type: 'about:blank', title, status, detail }]
words('problem', {
  'no token': problem(401, 'Unauthorized', 'The request has no access token.'),
  malformed: problem(400, 'Bad Request', 'The request must have exactly one access token, spelled as documented.'),
  'not a JWS': problem(401, 'Unauthorized', 'The access token is not valid.'),
  forged: problem(401, 'Unauthorized', 'The access token is not valid.'),
  expired: problem(401, 'Unauthorized', 'The access token has expired, or is not valid yet.'),
  'wrong audience': problem(401, 'Unauthorized', 'The access token is not valid.'),
  'scope lacks': problem(403, 'Forbidden', 'The access token does not allow this request.'),
  'another order': problem(403, 'Forbidden', 'The access token does not allow this request.'),
  'no keys': problem(503, 'Service Unavailable', 'The access token cannot be verified at the moment.'),
})

const denied = { status: 'error', error_code: 'access_denied' }
const forbiddenResource = {
  status: 'Forbidden Resource',
  error_code: 'forbidden_resource',
  error_message: 'Authentication is required for fetching order details',
}
words('juspay', {
  'no token': [401, denied],
  malformed: [400, { status: 'error', error_code: 'invalid_request' }],
  forged: [401, denied],
  expired: [401, denied],
  'wrong issuer': [401, denied],
  'wrong audience': [403, forbiddenResource],
  'scope lacks': [403, forbiddenResource],
  'another order': [403, forbiddenResource],
  'not granted': [403, forbiddenResource],
  'no keys': [503, { status: 'error', error_code: 'service_unavailable' }],
})

/** @type {(type: string, code: string, message: string) => object} */
const cashfree = (type, code, message) => ({ type, code, message })
const failed = cashfree('authentication_error', 'authentication_failed', 'Invalid or expired token')
const elsewhere = cashfree('authentication_error', 'access_denied', 'The token does not allow this request')
words('cashfree', {
  'no token': [401, cashfree('authentication_error', 'authentication_failed', 'Token is missing')],
  malformed: [400, cashfree('validation_error', 'token_value_invalid', 'Please send one valid token')],
  forged: [401, failed],
  expired: [401, failed],
  'wrong issuer': [401, failed],
  'wrong product': [403, elsewhere],
  'another KYC': [
    400,
    cashfree('validation_error', 'vkyc_request_id_value_invalid', 'Please enter a valid vkyc_request_id'),
  ],
  'another order': [403, elsewhere],
  'not granted': [403, elsewhere],
  'no keys': [503, cashfree('internal_error', 'service_unavailable', 'The token cannot be verified at the moment')],
})

words('vtex', {
  'no token': [401, { authStatus: 'WrongCredentials', message: 'VtexIdclientAutCookie not found.' }],
  malformed: [400, { message: 'VtexIdclientAutCookie must be one token.' }],
  forged: [401, { authStatus: 'InvalidToken' }],
  expired: [401, { authStatus: 'InvalidToken' }],
  'wrong issuer': [401, { authStatus: 'InvalidToken' }],
  'wrong account': [
    401,
    { authStatus: 'WrongCredentials', message: 'Could not find user specified by VtexIdclientAutCookie.' },
  ],
  'wrong audience of VTEX': [403, { message: 'Access denied.' }],
  'another order': [403, { message: 'Access denied.' }],
  'not granted': [403, { message: 'Access denied.' }],
  'no keys': [503, { message: 'Service unavailable.' }],
})

test('a style of its own is challenged where it answers as RFC 6750 does', async () => {
  const challenge = async (/** @type {string} */ reason, /** @type {'problem' | 'cashfree' | 'vtex'} */ style) =>
    (await refusal(reason, { refusal: style })).challenge
  assert.equal(await challenge('no token', 'problem'), 'Bearer')
  assert.equal(await challenge('forged', 'cashfree'), 'Bearer error="invalid_token"')
  // RFC 6750 would have said 401 here, and 403 there.
  assert.equal(await challenge('wrong audience of VTEX', 'vtex'), null)
  assert.equal(await challenge('another KYC', 'cashfree'), null)
  const bare = await refusal('no token', { refusal: 'vtex', carriers: [{ header: 'VtexIdclientAutCookie' }] })
  assert.equal(bare.challenge, null)
})

test('problems have a type of their own, and no verdict has a time for the next try', async () => {
  const { response } = await refusal('forged', { refusal: 'problem' })
  assert.equal(response.headers.get('content-type'), 'application/problem+json')
  assert.equal((await refusal('forged', {})).retry, null)
  for (const style of /** @type {const} */ (['bearer', 'problem', 'publiq', 'juspay', 'cashfree', 'vtex'])) {
    assert.match((await refusal('no keys', { refusal: style })).retry ?? '', /^[1-9][0-9]*$/)
  }
})

test('onRefused gets the reason, and the client does not', async () => {
  /** @type {string[]} */
  const seen = []
  const options = { onRefused: (/** @type {Error} */ error) => void seen.push(error.message) }
  for (const reason of ['no token', 'malformed', 'wrong issuer', 'no keys']) await refusal(reason, options)
  assert.deepEqual(seen, [
    'token_missing',
    'request_malformed (Authorization)',
    'claim_mismatch (iss)',
    'keys_unavailable',
  ])
})

test('every error that onRefused gets can be logged by its toJSON, without cause and evidence', async () => {
  /** @type {string[]} */
  const lines = []
  const onRefused = (/** @type {import('countersign').TokenError | import('countersign').UnavailableError} */ error) =>
    void lines.push(`${JSON.stringify(error)} ${JSON.stringify(error.toJSON())} ${error.message}`)
  for (const reason of ['wrong issuer', 'no keys', 'grants out of reach']) await refusal(reason, { onRefused })
  const issuer = '{"code":"claim_mismatch","status":401,"claim":"iss"}'
  const keys = '{"code":"keys_unavailable","status":503}'
  const store = '{"code":"store_unavailable","status":503}'
  assert.deepEqual(lines, [
    `${issuer} ${issuer} claim_mismatch (iss)`,
    `${keys} ${keys} keys_unavailable`,
    `${store} ${store} store_unavailable`,
  ])
})

for (const options of [{}, { realm: 'orders', scope: 'orders.list' }, { origin: 'https://api.example' }]) {
  for (const style of /** @type {const} */ (['bearer', 'problem', 'publiq', 'juspay', 'cashfree', 'vtex'])) {
    test(`${style}, ${JSON.stringify(options)}: a guard answers each request as if it were its first`, async () => {
      const verifier = () => orders({ scope: { all: ['orders.list'], any: ['orders.read', 'orders.admin'] } })
      const make = () => guard(verifier(), { ...options, refusal: style })
      const tokens = [
        ...[forged(await mint()), 'opaque', await mint({ exp: NOW }), await mint({ iss: undefined }), ''],
        ...[await mint({ scope: 'orders.list' }), await mint({ scope: 'orders.admin' }), await mint({ scope: 'x' })],
        ...[await mint({ iss: 'https://other.example' }), await mint({ cnf: { jkt: 'x'.repeat(43) } }), 'a b'],
      ]
      const requests = [
        ...tokens.map((token) => ({ authorization: `Bearer ${token}` })),
        ...[{}, { authorization: `DPoP ${await mint()}` }, { authorization: `DPoP ${await mint()}`, dpop: 'x' }],
      ]
      /** @param {ReturnType<typeof make>} protect @param {Record<string, string>} headers */
      const answerOf = async (protect, headers) => {
        const result = await protect(new Request('https://api.example/orders/7', { headers }))
        if (result.ok) return assert.fail('it passed')
        const { status, headers: written } = result.response
        return { status, headers: [...written], body: await result.response.text() }
      }
      const first = []
      for (const headers of requests) first.push(await answerOf(make(), headers))
      const protect = make()
      for (const order of [requests, [...requests].reverse(), requests]) {
        for (const headers of order) {
          assert.deepEqual(await answerOf(protect, headers), first[requests.indexOf(headers)])
        }
      }
    })
  }
}
