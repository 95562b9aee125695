// @ts-check
/**
 * An authorization server that others wrote, oidc-provider, on loopback: with resource indicators and dynamic registration,
 * and a user agent that signs in and consents to everything.
 *
 * @module
 */

import { createServer } from 'node:http'

/** It has no types: a name that is not a literal is not looked up. */
const OIDC_PROVIDER = 'oidc-provider'
const { default: Provider } = await import(OIDC_PROVIDER)

export const REDIRECT_URI = 'http://127.0.0.1:9/callback'

/** The id of a client that is registered already. */
export const REGISTERED = 'registered'

/** The metadata of a client. */
export const CLIENT = {
  redirect_uris: [REDIRECT_URI],
  client_name: 'tests',
  grant_types: ['authorization_code'],
  response_types: ['code'],
  token_endpoint_auth_method: 'none',
  application_type: 'native',
}

/** @typedef {Awaited<ReturnType<typeof startAuthorizationServer>>} AuthorizationServer */

export async function startAuthorizationServer() {
  const http = createServer((request, response) => void handle(request, response))
  /** @type {(request: import('node:http').IncomingMessage, response: import('node:http').ServerResponse) => unknown} */
  let handle = () => {}
  await new Promise((resolve) => http.listen(0, '127.0.0.1', () => resolve(undefined)))
  const { port } = /** @type {import('node:net').AddressInfo} */ (http.address())
  const issuer = `http://127.0.0.1:${port}`
  const provider = new Provider(issuer, {
    scopes: ['openid', 'orders:read', 'orders:write'],
    clientAuthMethods: ['none'],
    // A client that registers itself is bound to the scope that it registered with.
    clients: [{ ...CLIENT, client_id: REGISTERED }],
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    interactions: { url: (/** @type {unknown} */ _, /** @type {{ uid: string }} */ { uid }) => `/consent/${uid}` },
    features: {
      devInteractions: { enabled: false },
      registration: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (/** @type {unknown} */ _, /** @type {string} */ resource) => ({
          scope: 'orders:read orders:write',
          audience: resource,
          accessTokenFormat: 'jwt',
          accessTokenTTL: 600,
          jwt: { sign: { alg: 'ES256' } },
        }),
        useGrantedResource: () => true,
      },
    },
    jwks: { keys: [await privateKey()] },
  })
  const callback = provider.callback()
  handle = async (request, response) => {
    if (!request.url?.startsWith('/consent/')) return callback(request, response)
    const { prompt, params } = await provider.interactionDetails(request, response)
    if (prompt.name === 'login') {
      return provider.interactionFinished(request, response, { login: { accountId: 'ada' } })
    }
    const grant = new provider.Grant({ accountId: 'ada', clientId: params.client_id })
    grant.addOIDCScope(params.scope)
    for (const resource of [params.resource].flat()) grant.addResourceScope(resource, params.scope)
    return provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } })
  }
  return {
    issuer,
    close: () =>
      new Promise((resolve) => {
        http.closeAllConnections()
        http.close(() => resolve(undefined))
      }),
  }
}

async function privateKey() {
  const { exportJWK, generateKeyPair } = await import('jose')
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  return { ...(await exportJWK(privateKey)), alg: 'ES256', use: 'sig', kid: 'es' }
}

/**
 * What a browser does with an authorization URL, up to the redirect to the client.
 *
 * @param {URL} url
 * @returns {Promise<string>} The authorization code.
 */
export async function authorize(url) {
  /** @type {Map<string, string>} */
  const cookies = new Map()
  let at = url.href
  for (let step = 0; step < 12; step += 1) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(at, { redirect: 'manual', headers: { cookie } })
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';')
      const equals = pair.indexOf('=')
      if (pair.slice(equals + 1) === '') cookies.delete(pair.slice(0, equals))
      else cookies.set(pair.slice(0, equals), pair.slice(equals + 1))
    }
    const location = response.headers.get('location')
    if (location === null) throw new Error(`the user agent stopped at ${at}: ${await response.text()}`)
    at = new URL(location, at).href
    if (!at.startsWith(REDIRECT_URI)) continue
    const code = new URL(at).searchParams.get('code')
    if (code === null) throw new Error(`no code: ${at}`)
    return code
  }
  throw new Error('too many redirects')
}
