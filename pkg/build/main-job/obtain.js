// @ts-check
/**
 * Obtains tokens as a backend does: over HTTP, from each system's issuing API.
 *
 * @module
 */

/** @typedef {import('countersign/sandbox').Sandbox} Sandbox */

/** The header of a JSON body. */
const JSON_BODY = { 'content-type': 'application/json' }

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
 * A client access token of publiq.
 *
 * @param {Sandbox['publiq']} publiq
 * @param {string} [scope] The scope-tokens to ask for; without it the token names APIs.
 * @returns {Promise<string>}
 */
export async function publiqToken({ url, clientId, clientSecret, audience }, scope) {
  const body = {
    client_id: clientId,
    client_secret: clientSecret,
    audience,
    grant_type: 'client_credentials',
    ...(scope === undefined ? {} : { scope }),
  }
  const init = { method: 'POST', headers: JSON_BODY, body: JSON.stringify(body) }
  return (await ask(`${url}/oauth/token`, init)).json.access_token
}

/**
 * The same from Keycloak, where publiq's authorization server lives today.
 *
 * @param {Sandbox['publiq']} publiq
 * @returns {Promise<string>}
 */
export async function publiqKeycloakToken({ url, clientId, clientSecret }) {
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret,
  })
  const init = { method: 'POST', body }
  return (await ask(`${url}/realms/uitid/protocol/openid-connect/token`, init)).json.access_token
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
 * The token of a VTEX application key.
 *
 * @param {Sandbox['vtex']} vtex
 * @returns {Promise<string>}
 */
export async function vtexAppToken({ url, appKey, appToken }) {
  const body = JSON.stringify({ appkey: appKey, apptoken: appToken })
  const init = { method: 'POST', headers: JSON_BODY, body }
  return (await ask(`${url}/api/vtexid/apptoken/login`, init)).json.token
}

/**
 * Logs somebody in to VTEX with the code sent by e-mail.
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
 * Asks VTEX, once, whether a token stands.
 *
 * @param {Sandbox['vtex']} vtex
 * @param {string} token
 * @returns {Promise<{ account: string, audience: string, user: string }>}
 */
export async function vtexValidate({ url }, token) {
  const init = { method: 'POST', headers: JSON_BODY, body: JSON.stringify({ token }) }
  return (await ask(`${url}/api/vtexid/credential/validate`, init)).json
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
 * A client auth token of Juspay, for an order that is placed or a customer that is created.
 *
 * @param {Sandbox['juspay']} juspay
 * @param {'/orders' | '/customers'} path
 * @param {Record<string, string>} fields
 * @returns {Promise<{ id: string, token: string, expires: string }>} `id` is Juspay's own.
 */
export async function juspayToken({ url, apiKey, merchantId }, path, fields) {
  const body = new URLSearchParams({ ...fields, 'options.get_client_auth_token': 'true' })
  const authorization = `Basic ${btoa(`${apiKey}:`)}`
  const headers = { authorization, 'x-merchantid': merchantId }
  const { id, juspay } = (await ask(`${url}${path}`, { method: 'POST', headers, body })).json
  return { id, token: juspay.client_auth_token, expires: juspay.client_auth_token_expiry }
}

/**
 * A token of Cashfree's that initialises its SDK for one video KYC.
 *
 * @param {Sandbox['cashfree']} cashfree
 * @param {string} requestId
 * @param {{ type: string, value: string }} user
 * @returns {Promise<{ token: string, response: { expiry?: string, expires_at?: string } }>}
 */
export async function cashfreeToken(cashfree, requestId, user) {
  const headers = {
    ...JSON_BODY,
    'x-client-id': cashfree.clientId,
    'x-client-secret': cashfree.clientSecret,
    'x-api-version': cashfree.apiVersion,
  }
  const body = JSON.stringify({
    app_id: cashfree.appId,
    product: 'VKYC',
    metadata: { vkyc_request_id: requestId },
    authenticated_user: { identifier_type: user.type, identifier_value: user.value },
  })
  const init = { method: 'POST', headers, body }
  const { json } = await ask(`${cashfree.url}/verification/oauth/token`, init)
  const { access_token: token, ...response } = json
  return { token, response }
}
