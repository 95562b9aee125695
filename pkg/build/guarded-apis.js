// @ts-check
/**
 * A guarded API of each system's, called over HTTP with each carrier, as it must be and as it must not.
 *
 * @module
 */

import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'

import { profiles, Verifier } from 'countersign'
import { juspayToken } from 'countersign/client'
import { guard } from 'countersign/node'

import {
  juspayApi as juspayRequests,
  jwkSet,
  obtainCashfree,
  publiqToken,
  vtexAppToken,
  vtexLogin,
} from './main-job/obtain.js'
import { splitReceipt, tamperedWith } from './main-job/token.js'

/** @typedef {import('countersign/sandbox').Sandbox} Sandbox */

/**
 * One call and what came back.
 *
 * @typedef {object} Row
 * @property {string} system
 * @property {string} request What the request carried.
 * @property {number} status
 * @property {string} body
 * @property {boolean} good Whether the status is the expected one.
 */

/**
 * @typedef {object} Api
 * @property {string} system
 * @property {Verifier} verifier
 * @property {string} path
 * @property {(request: import('node:http').IncomingMessage) => import('countersign').Expected} [expected]
 * @property {[request: string, status: number, headers: Record<string, string>, path?: string][]} calls
 */

/**
 * Starts a guarded API per system, calls it, and stops it.
 *
 * @param {Sandbox} sandbox Where the tokens come from.
 * @returns {Promise<Row[]>}
 */
export async function guardedApis(sandbox) {
  const apis = await Promise.all([
    publiqApi(sandbox),
    vtexApi(sandbox, 'admin'),
    vtexApi(sandbox, 'webstore'),
    juspayApi(sandbox),
    cashfreeApi(sandbox),
  ])
  return (await Promise.all(apis.map(call))).flat()
}

/**
 * @param {Api} api
 * @returns {Promise<Row[]>}
 */
async function call({ system, verifier, path, expected, calls }) {
  const protect = guard(verifier, expected === undefined ? {} : { expected })
  const server = createServer((request, response) =>
    protect(request, response, () => {
      response.setHeader('Content-Type', 'application/json')
      response.end('{"hello":"the bearer of this token"}')
    }),
  )
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  try {
    /** @type {Row[]} */
    const rows = []
    for (const [request, status, headers, otherPath] of calls) {
      const answer = await fetch(`http://127.0.0.1:${port}${otherPath ?? path}`, { headers })
      const good = answer.status === status
      rows.push({ system, request, status: answer.status, body: await answer.text(), good })
    }
    return rows
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

/** @param {Sandbox} sandbox @returns {Promise<Api>} */
async function publiqApi({ publiq }) {
  const keys = await jwkSet(publiq.jwksUrls.auth0)
  const { environment, scopes } = publiq
  const token = await publiqToken(publiq)
  const scoped = await publiqToken(publiq, scopes[0])
  return {
    system: 'publiq',
    verifier: new Verifier({ profile: profiles.publiq({ environment, api: 'entry' }), keys }),
    path: '/events',
    calls: [
      ['Authorization: Bearer', 200, bearer(token)],
      ['no token', 401, {}],
      ['two spaces', 400, { authorization: `Bearer  ${token}` }],
      ['another key’s signature', 401, bearer(tamperedWith(token, 'azp', 'another client'))],
      ['expired', 401, bearer(publiq.mint('apis', { claims: { exp: Math.floor(Date.now() / 1000) } }))],
      ['a scope, but not the API', 403, bearer(scoped)],
    ],
  }
}

/** @param {Sandbox} sandbox @param {'admin' | 'webstore'} audience @returns {Promise<Api>} */
async function vtexApi({ vtex }, audience) {
  const { account, jwks: keys } = vtex
  const shopper = await vtexLogin(vtex, 'shopper')
  const admin = await vtexLogin(vtex, 'admin')
  const ofApp = await vtexAppToken(vtex)
  const [mine, other] = audience === 'admin' ? [admin, shopper] : [shopper, admin]
  const cookie = (/** @type {string} */ name, /** @type {string} */ token) => ({ cookie: `${name}=${token}` })
  const foreign = vtex.mint(audience === 'admin' ? 'admin' : 'shopper', { claims: { account: 'otherstore' } })
  return {
    system: `VTEX, ${audience}`,
    verifier: new Verifier({ profile: profiles.vtex({ account, audience }), keys }),
    path: '/orders',
    calls: [
      [`cookie ${mine.name}`, 200, cookie(mine.name, mine.token)],
      ['header VtexIdclientAutCookie', 200, { VtexIdclientAutCookie: audience === 'admin' ? ofApp : mine.token }],
      ['no token', 401, {}],
      ['a cookie whose name is longer', 401, cookie(`${mine.name}2`, mine.token)],
      ['header and cookie that differ', 400, { VtexIdclientAutCookie: ofApp, ...cookie(mine.name, mine.token) }],
      [`token for the other audience`, 403, cookie(mine.name, other.token)],
      ['token of another account', 401, cookie(mine.name, foreign)],
    ],
  }
}

/** @param {Sandbox} sandbox @returns {Promise<Api>} */
async function juspayApi({ juspay }) {
  const key = { secret: randomBytes(32) }
  const id = '14183944763'
  const options = /** @type {const} */ ({
    merchantId: juspay.merchantId,
    environment: 'sandbox',
    kind: 'order',
  })
  const order = { order_id: id, amount: '100.00' }
  const { token } = await juspayToken({ api: { ...juspayRequests(juspay), order }, key })
  return {
    system: 'Juspay',
    verifier: new Verifier({ profile: profiles.juspay(options), keys: key }),
    path: `/orders/${id}`,
    expected: ({ url = '' }) => ({ bind: { order_id: url.split('/')[2] } }),
    calls: [
      ['Authorization: Bearer', 200, bearer(token)],
      ['no token', 401, {}],
      ['token without its receipt', 401, bearer(splitReceipt(token).opaque)],
      ['another order', 403, bearer(token), '/orders/14183944764'],
      ['no order', 403, bearer(token), '/'],
    ],
  }
}

/** @param {Sandbox} sandbox @returns {Promise<Api>} */
async function cashfreeApi({ cashfree }) {
  const key = { secret: randomBytes(32) }
  const vkycRequestId = '249751'
  const user = { type: 'userId', value: '123456' }
  const options = /** @type {const} */ ({ appId: cashfree.appId, environment: 'sandbox' })
  const { token } = await obtainCashfree(cashfree, vkycRequestId, user, key)
  const { opaque } = splitReceipt(token)
  return {
    system: 'Cashfree',
    verifier: new Verifier({ profile: profiles.cashfree(options), keys: key }),
    path: `/vkyc/${vkycRequestId}`,
    expected: ({ url = '' }) => ({ bind: { vkyc_request_id: url.split('/')[2] } }),
    calls: [
      ['Authorization: Bearer', 200, bearer(token)],
      ['no token', 401, {}],
      ['two tokens', 400, { authorization: `Bearer ${token},${opaque}` }],
      ['token without its receipt', 401, bearer(opaque)],
      ['another request', 400, bearer(token), '/vkyc/249752'],
    ],
  }
}

/** @param {string} token */
function bearer(token) {
  return { authorization: `Bearer ${token}` }
}
