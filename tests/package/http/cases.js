// @ts-check
/**
 * What a guarded server answers, whatever it is built with: a request a case.
 *
 * @module
 */

import assert from 'node:assert/strict'
import { request } from 'node:http'
import { SignJWT } from 'jose'
import { NOW, SECRET } from './policy.js'

/**
 * A token that opens order 7, changed by `changes`.
 *
 * @param {Record<string, unknown>} [changes]
 */
export async function mint(changes = {}) {
  return await new SignJWT({
    iss: 'https://issuer.example',
    aud: 'orders',
    sub: 'alice',
    scope: 'orders.read orders.write',
    order_id: '7',
    exp: NOW + 600,
    ...changes,
  })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(new TextEncoder().encode(SECRET))
}

/**
 * @typedef {{ status: number, headers: import('node:http').IncomingHttpHeaders, body: string }} Answer
 * @typedef {{
 *   rule: string, path?: string, method?: string, lines?: string[], body?: string,
 *   status: number, check?: (answer: Answer) => void,
 * }} Case
 */

/**
 * Sends header lines as they are, repeated ones too.
 *
 * @param {string} origin
 * @param {Pick<Case, 'path' | 'method' | 'lines' | 'body'>} call
 * @returns {Promise<Answer>}
 */
export function send(origin, { path = '/orders/7', method = 'GET', lines = [], body }) {
  return new Promise((resolve, reject) => {
    const { host } = new URL(origin)
    const length = body === undefined ? [] : ['Content-Length', String(Buffer.byteLength(body))]
    const headers = ['Host', host, 'Connection', 'close', ...length, ...lines]
    const sent = request(`${origin}${path}`, { method, headers, agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk) => (text += chunk))
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text })
      })
      response.on('error', reject)
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

/** @param {string} expected */
const challenges =
  (expected) =>
  (/** @type {Answer} */ { headers }) => {
    assert.equal(headers['www-authenticate'], expected)
    assert.equal(headers['cache-control'], 'no-store')
    // Fastify adds the charset.
    assert.match(headers['content-type'] ?? '', /^application\/json(?:; charset=utf-8)?$/)
  }

const REALM = 'Bearer realm="orders \\"1\\""'
const MALFORMED = challenges(`${REALM}, error="invalid_request"`)
const INVALID = challenges(`${REALM}, error="invalid_token"`)
const MISSING = challenges(REALM)
const SILENT = (/** @type {Answer} */ { headers, body }) => {
  assert.equal(headers['www-authenticate'], undefined)
  assert.deepEqual(JSON.parse(body), { message: 'Forbidden' })
}
const ALICE = (/** @type {Answer} */ { body }) => assert.deepEqual(JSON.parse(body), { sub: 'alice' })
const EMPTY = (/** @type {Answer} */ { body }) => assert.equal(body, '')

/** @returns {Promise<Case[]>} */
export async function cases() {
  const good = await mint()
  const other = await mint({ sub: 'bob' })
  const bearer = `Bearer ${good}`
  /** @type {(...values: string[]) => string[]} */
  const authorization = (...values) => values.flatMap((value) => ['Authorization', value])
  /** @type {(...values: string[]) => string[]} */
  const cookie = (...values) => values.flatMap((value) => ['Cookie', value])
  const preflight = ['Origin', 'https://shop.example', 'Access-Control-Request-Method', 'GET']
  return [
    { rule: 'a bearer token opens', lines: authorization(bearer), status: 200, check: ALICE },
    {
      rule: 'the case of the scheme is free',
      lines: authorization(`bEARER ${good}`),
      status: 200,
      check: ALICE,
    },
    { rule: 'a named header opens', lines: ['x-session-token', good], status: 200, check: ALICE },
    { rule: 'a cookie opens', lines: cookie(`a=1; session=${good}; b=2`), status: 200, check: ALICE },
    { rule: 'the same cookie twice is one', lines: cookie(`session=${good}; session=${good}`), status: 200 },
    { rule: 'an empty cookie before a full one is ignored', lines: cookie(`session=; session=${good}`), status: 200 },
    { rule: 'an empty cookie after a full one is ignored', lines: cookie(`session=${good}; session=`), status: 200 },
    {
      rule: 'the name of a cookie in a value is text',
      lines: cookie(`a=session=${other}; session=${good}`),
      status: 200,
    },
    { rule: 'white space after a cookie is not its value', lines: cookie(`session=${good} ; a=1`), status: 200 },
    {
      rule: 'the same token by two carriers is one',
      lines: [...authorization(bearer), ...cookie(`session=${good}`)],
      status: 200,
    },
    { rule: 'the same field twice is one', lines: authorization(bearer, bearer), status: 200 },

    { rule: 'no token is no error', status: 401, check: MISSING },
    { rule: 'another scheme is no token', lines: authorization('Basic YTpi'), status: 401, check: MISSING },
    {
      rule: 'a scheme of which Bearer is a prefix is another',
      lines: authorization(`Bearers ${good}`),
      status: 401,
      check: MISSING,
    },
    {
      rule: 'a query string is not read',
      path: `/orders/7?access_token=${good}`,
      status: 401,
      check: MISSING,
    },
    {
      rule: 'a cookie by its prefix is not read',
      lines: cookie(`session_2=${good}`),
      status: 401,
      check: MISSING,
    },
    {
      rule: 'a cookie in another case is not read',
      lines: cookie(`Session=${good}`),
      status: 401,
      check: MISSING,
    },
    { rule: 'an empty cookie is no token', lines: cookie('session='), status: 401, check: MISSING },

    {
      rule: 'two spaces are one too many',
      lines: authorization(`Bearer  ${good}`),
      status: 400,
      check: MALFORMED,
    },
    { rule: 'a tab is no space', lines: authorization(`Bearer\t${good}`), status: 400, check: MALFORMED },
    {
      rule: 'two tokens are one too many',
      lines: authorization(`${bearer} ${good}`),
      status: 400,
      check: MALFORMED,
    },
    {
      rule: 'a list is one too many',
      lines: authorization(`${bearer},${other}`),
      status: 400,
      check: MALFORMED,
    },
    { rule: 'a list that ends is a list', lines: authorization(`${bearer},`), status: 400, check: MALFORMED },
    { rule: 'a scheme alone is malformed', lines: authorization('Bearer'), status: 400, check: MALFORMED },
    { rule: 'quotes are no token', lines: authorization(`Bearer "${good}"`), status: 400, check: MALFORMED },
    {
      rule: 'two fields that differ are refused',
      lines: authorization(bearer, `Bearer ${other}`),
      status: 400,
      check: MALFORMED,
    },
    {
      rule: 'two schemes are refused',
      lines: authorization('Basic YTpi', bearer),
      status: 400,
      check: MALFORMED,
    },
    {
      rule: 'a named header twice is refused',
      lines: ['X-Session-Token', good, 'X-Session-Token', other],
      status: 400,
      check: MALFORMED,
    },
    {
      rule: 'two cookies that differ are refused',
      lines: cookie(`session=${good}; session=${other}`),
      status: 400,
      check: MALFORMED,
    },
    {
      rule: 'cookies in two lines that differ are refused',
      lines: cookie(`session=${good}`, `session=${other}`),
      status: 400,
      check: MALFORMED,
    },
    {
      rule: 'a cookie whose name ends with a space is refused',
      lines: cookie(`session =${other}; session=${good}`),
      status: 400,
      check: MALFORMED,
    },
    {
      rule: 'a cookie whose name begins with a tab is refused',
      lines: cookie(`session=${good};\tsession=${good}`),
      status: 400,
      check: MALFORMED,
    },
    {
      rule: 'a cookie name without "=" is refused',
      lines: cookie(`session; session=${good}`),
      status: 400,
      check: MALFORMED,
    },
    {
      rule: 'a scheme after a no-break space is refused',
      lines: authorization(`\xa0${bearer}`),
      status: 400,
      check: MALFORMED,
    },
    {
      rule: 'a scheme before a no-break space is refused',
      lines: authorization(`Bearer\xa0${good}`),
      status: 400,
      check: MALFORMED,
    },
    {
      rule: 'carriers that differ are refused',
      lines: [...authorization(bearer), ...cookie(`session=${other}`)],
      status: 400,
      check: MALFORMED,
    },
    { rule: 'a quoted cookie is refused', lines: cookie(`session="${good}"`), status: 400, check: MALFORMED },
    {
      rule: 'an escaped cookie is refused',
      lines: cookie(`session=${good.replaceAll('.', '%2E')}`),
      status: 400,
      check: MALFORMED,
    },

    {
      rule: 'a token that is no JWS is refused',
      lines: authorization('Bearer garbage'),
      status: 401,
      check: INVALID,
    },
    {
      rule: 'an expired token is refused',
      lines: authorization(`Bearer ${await mint({ exp: NOW })}`),
      status: 401,
      check: INVALID,
    },
    {
      rule: 'a scope that lacks is named',
      lines: authorization(`Bearer ${await mint({ scope: 'orders.write' })}`),
      status: 403,
      check: challenges(`${REALM}, error="insufficient_scope", scope="orders.read"`),
    },
    {
      rule: 'a token for another order is refused',
      path: '/orders/8',
      lines: authorization(bearer),
      status: 403,
      check: SILENT,
    },
    {
      rule: 'a value from the request opens',
      path: '/by-query?order_id=7',
      lines: authorization(bearer),
      status: 200,
      check: ALICE,
    },
    {
      rule: 'a value that the request lacks is refused',
      path: '/by-query',
      lines: authorization(bearer),
      status: 403,
      check: SILENT,
    },
    {
      rule: 'a value that is no id is refused',
      path: '/by-query?order_id=7&order_id=8',
      lines: authorization(bearer),
      status: 403,
      check: SILENT,
    },

    { rule: 'HEAD opens', method: 'HEAD', lines: authorization(bearer), status: 200, check: EMPTY },
    {
      rule: 'HEAD is refused without a body',
      method: 'HEAD',
      status: 401,
      check: (answer) => (EMPTY(answer), MISSING(answer)),
    },
    { rule: 'OPTIONS is refused as any method is', method: 'OPTIONS', status: 401, check: MISSING },
    {
      rule: 'a preflight is answered and goes no further',
      method: 'OPTIONS',
      lines: preflight,
      status: 204,
      check: EMPTY,
    },
    { rule: 'only OPTIONS is a preflight', lines: preflight, status: 401, check: MISSING },
    {
      rule: 'a body is left alone',
      method: 'POST',
      lines: authorization(bearer),
      body: 'as it came',
      status: 200,
      check: ({ body }) => assert.equal(body, 'as it came'),
    },

    {
      rule: 'a token may be optional',
      path: '/maybe',
      status: 200,
      check: ({ body }) => assert.deepEqual(JSON.parse(body), { sub: null }),
    },
    {
      rule: 'an optional token is read',
      path: '/maybe',
      lines: authorization(bearer),
      status: 200,
      check: ALICE,
    },
    {
      rule: 'a bad optional token is refused',
      path: '/maybe',
      lines: authorization('Bearer garbage'),
      status: 401,
      check: INVALID,
    },
    {
      rule: 'a malformed optional token is refused',
      path: '/maybe',
      lines: authorization('Bearer'),
      status: 400,
      check: MALFORMED,
    },

    {
      rule: 'a mistake of the server is no verdict',
      path: '/mistaken',
      lines: authorization(bearer),
      status: 500,
    },
    { rule: 'a mistake is not reached without a token', path: '/mistaken', status: 401, check: MISSING },
  ]
}

/**
 * Holds a server to every case.
 *
 * @param {string} origin
 * @param {string} name Of the runtime or framework.
 */
export async function holds(origin, name) {
  for (const { status, check, rule, ...call } of await cases()) {
    const answer = await send(origin, call)
    assert.equal(answer.status, status, `${name}: ${rule}: ${answer.body}`)
    try {
      check?.(answer)
    } catch (error) {
      throw new Error(`${name}: ${rule}`, { cause: error })
    }
  }
}
