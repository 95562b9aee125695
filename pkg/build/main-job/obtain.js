// @ts-check
/**
 * Tokens of each system, obtained from its issuing API by `countersign/client`, and the browser logins, which it lacks.
 *
 * @module
 */

import { randomBytes } from 'node:crypto'

import { cashfreeToken, clientCredentials, vtexToken } from 'countersign/client'

import { splitReceipt } from './token.js'

/** @typedef {import('countersign/sandbox').Sandbox} Sandbox */

/**
 * @param {string} url
 * @param {RequestInit} [init]
 * @returns {Promise<{ json: any, cookies: string[] }>} The answer's JSON and its `Set-Cookie` headers.
 * @throws {Error} If the answer is not 200.
 */
async function ask(url, init) {
  const response = await fetch(url, init)
  if (response.status !== 200) throw new Error(`${new URL(url).pathname} answered ${response.status}`)
  const text = await response.text()
  return { json: text === '' ? null : JSON.parse(text), cookies: response.headers.getSetCookie() }
}

/**
 * A client of publiq's authorization server. Its tokens hold scopes or name APIs.
 *
 * @param {Sandbox['publiq']} publiq
 * @param {string} [scope] The scope-tokens to ask for; without it the token names APIs.
 * @param {Partial<import('countersign/client').ClientCredentialsCommon>} [options]
 */
export function publiqClient({ url, clientId, clientSecret, audience }, scope, options = {}) {
  return clientCredentials({
    tokenUrl: `${url}/oauth/token`,
    clientId,
    clientSecret,
    auth: 'json',
    audience,
    ...(scope === undefined ? {} : { scope }),
    ...options,
  })
}

/**
 * A client access token of publiq.
 *
 * @param {Sandbox['publiq']} publiq
 * @param {string} [scope]
 * @returns {Promise<string>}
 */
export function publiqToken(publiq, scope) {
  return publiqClient(publiq, scope).token()
}

/**
 * The same from Keycloak, publiq's authorization server today.
 *
 * @param {Sandbox['publiq']} publiq
 * @returns {Promise<string>}
 */
export function publiqKeycloakToken({ url, clientId, clientSecret }) {
  const tokenUrl = `${url}/realms/uitid/protocol/openid-connect/token`
  return clientCredentials({ tokenUrl, clientId, clientSecret, auth: 'post' }).token()
}

/**
 * The JWK Set that an issuer serves.
 *
 * @param {string} url
 * @returns {Promise<import('countersign').JwkSet>}
 */
export async function jwkSet(url) {
  return (await ask(url)).json
}

/**
 * The token of a VTEX application key, without the receipt: VTEX's key verifies it here.
 *
 * @param {Sandbox['vtex']} vtex
 * @returns {Promise<string>}
 */
export async function vtexAppToken({ url: baseUrl, account, appKey, appToken }) {
  const api = { baseUrl, account, appKey, appToken }
  const { token } = await vtexToken({ api, receipt: { issuer: BACKEND }, key: { secret: randomBytes(32) } })
  return splitReceipt(token).opaque
}

/**
 * Logs a person in to VTEX with the code sent by e-mail.
 *
 * @param {Sandbox['vtex']} vtex
 * @param {'admin' | 'shopper'} who
 * @returns {Promise<{ name: string, token: string }>} The cookie's name, and the token in it.
 */
export async function vtexLogin(vtex, who) {
  const { email, accessKey } = vtex[who]
  const login = `${vtex.url}/api/vtexid/pub/authentication`
  const scope = who === 'admin' ? '' : vtex.account
  const started = await ask(`${login}/start?scope=${scope}`)
  const headers = { cookie: (started.cookies[0] ?? '').split(';')[0] ?? '' }
  const address = encodeURIComponent(email)
  await ask(`${login}/accesskey/send?email=${address}`, { method: 'POST', headers })
  const body = new URLSearchParams({ login: email, accesskey: accessKey })
  const { cookies } = await ask(`${login}/accesskey/validate`, { method: 'POST', headers, body })
  const [name = '', token = ''] = (cookies[0] ?? '').split(';')[0]?.split('=') ?? []
  return { name, token }
}

/**
 * Logs out of VTEX with the cookie of an administrator.
 *
 * @param {Sandbox['vtex']} vtex
 * @param {{ name: string, token: string }} cookie
 */
export async function vtexLogout({ url }, { name, token }) {
  const headers = { cookie: `${name}=${token}` }
  await ask(`${url}/api/vtexid/pub/logout?scope=`, { headers })
}

/**
 * The options of every request to Juspay.
 *
 * @param {Sandbox['juspay']} juspay
 */
export function juspayApi({ url: baseUrl, apiKey, merchantId }) {
  return { environment: /** @type {const} */ ('sandbox'), baseUrl, apiKey, merchantId }
}

/**
 * A client auth token of Juspay without a receipt, for a backend that makes its own.
 *
 * @param {Sandbox['juspay']} juspay
 * @param {'/orders' | '/customers'} path
 * @param {Record<string, string>} fields
 * @returns {Promise<{ id: string, token: string, expires: string }>} `id` is Juspay's own.
 */
export async function juspayToken({ url, apiKey, merchantId }, path, fields) {
  const body = new URLSearchParams({ ...fields, 'options.get_client_auth_token': 'true' })
  const headers = { authorization: `Basic ${btoa(`${apiKey}:`)}`, 'x-merchantid': merchantId }
  const { id, juspay } = (await ask(`${url}${path}`, { method: 'POST', headers, body })).json
  return { id, token: juspay.client_auth_token, expires: juspay.client_auth_token_expiry }
}

/**
 * A token of Cashfree's that initialises its SDK for one video KYC, with its receipt.
 *
 * @param {Sandbox['cashfree']} cashfree
 * @param {string} vkycRequestId
 * @param {{ type: string, value: string }} user
 * @param {import('countersign').ReceiptKey} key
 */
export function obtainCashfree({ url: baseUrl, clientId, clientSecret, appId }, vkycRequestId, user, key) {
  const environment = /** @type {const} */ ('sandbox')
  return cashfreeToken({ api: { environment, baseUrl, clientId, clientSecret, appId, vkycRequestId, user }, key })
}

/** The `iss` of receipts that no profile names. */
export const BACKEND = 'https://backend.example'
