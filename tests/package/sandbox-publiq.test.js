// @ts-check
/** publiq's issuer in the sandbox: three eras of tokens, and the errors of RFC 6749 section 5.2. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { startSandbox } from 'countersign/sandbox'
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose'

const NOW = 1_700_000_000
const AT_NOW = new Date(NOW * 1000)

/** @type {import('countersign/sandbox').Sandbox} */
let sandbox
before(async () => {
  sandbox = await startSandbox({ clock: () => NOW })
})
after(() => sandbox.close())

/** @param {Record<string, unknown>} [changes] Members to set; `undefined` leaves one out. */
function body(changes = {}) {
  const { clientId, clientSecret, audience } = sandbox.publiq
  return {
    client_id: clientId,
    client_secret: clientSecret,
    audience,
    grant_type: 'client_credentials',
    ...changes,
  }
}

/**
 * @param {unknown} members
 * @returns {Promise<{ status: number, headers: Headers, json: any }>}
 */
async function askAuth0(members) {
  const response = await fetch(`${sandbox.publiq.url}/oauth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof members === 'string' ? members : JSON.stringify(members),
  })
  return { status: response.status, headers: response.headers, json: await response.json() }
}

/**
 * @param {Record<string, string>} fields
 * @param {Record<string, string>} [headers]
 * @returns {Promise<{ status: number, headers: Headers, json: any }>}
 */
async function askKeycloak(fields, headers = {}) {
  const url = `${sandbox.publiq.url}/realms/uitid/protocol/openid-connect/token`
  const response = await fetch(url, {
    method: 'POST',
    headers,
    body: new URLSearchParams(fields),
  })
  return { status: response.status, headers: response.headers, json: await response.json() }
}

test('a request with scopes gets a token with scope and permissions', async () => {
  const { scopes, issuers, jwksUrls } = sandbox.publiq
  const { status, headers, json } = await askAuth0(body({ scope: scopes.join(' ') }))
  assert.equal(status, 200)
  assert.equal(headers.get('cache-control'), 'no-store')
  assert.equal(json.token_type, 'Bearer')
  assert.equal(json.expires_in, 86_400)
  assert.equal(json.scope, scopes.join(' '))
  const { payload, protectedHeader } = await jwtVerify(json.access_token, createRemoteJWKSet(new URL(jwksUrls.auth0)), {
    issuer: issuers.scopes,
    audience: 'https://api.publiq.be',
    algorithms: ['RS256'],
    currentDate: AT_NOW,
  })
  assert.equal(protectedHeader.alg, 'RS256')
  assert.equal(payload.iat, NOW)
  assert.equal(payload.exp, NOW + 86_400)
  assert.equal(payload.scope, scopes.join(' '))
  assert.deepEqual(payload.permissions, scopes)
  assert.equal(payload.gty, 'client-credentials')
  assert.equal(payload.sub, `${sandbox.publiq.clientId}@clients`)
})

test('a request with one scope gets a token with that scope alone', async () => {
  const [scope = ''] = sandbox.publiq.scopes
  const { json } = await askAuth0(body({ scope }))
  const { payload } = await jwtVerify(json.access_token, createRemoteJWKSet(new URL(sandbox.publiq.jwksUrls.auth0)), {
    currentDate: AT_NOW,
  })
  assert.equal(payload.scope, scope)
  assert.deepEqual(payload.permissions, [scope])
})

test('a request without a scope gets a token that names the APIs', async () => {
  const { issuers, jwksUrls, apis } = sandbox.publiq
  const { status, json } = await askAuth0(body())
  assert.equal(status, 200)
  assert.equal('scope' in json, false)
  const { payload } = await jwtVerify(json.access_token, createRemoteJWKSet(new URL(jwksUrls.auth0)), {
    issuer: issuers.apis,
    audience: 'https://api.publiq.be',
    currentDate: AT_NOW,
  })
  assert.equal(payload['https://publiq.be/publiq-apis'], apis.join(' '))
  assert.equal('scope' in payload, false)
  assert.equal('permissions' in payload, false)
})

test('the Keycloak form gets a token of the realm', async () => {
  const { clientId, clientSecret, issuers, jwksUrls } = sandbox.publiq
  const { status, json } = await askKeycloak({
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret,
  })
  assert.equal(status, 200)
  assert.deepEqual(Object.keys(json).sort(), ['access_token', 'expires_in', 'token_type'])
  const { payload } = await jwtVerify(json.access_token, createRemoteJWKSet(new URL(jwksUrls.keycloak)), {
    issuer: issuers.keycloak,
    audience: 'https://api.publiq.be',
    currentDate: AT_NOW,
  })
  assert.equal(payload.typ, 'Bearer')
  assert.equal(payload.azp, clientId)
  assert.equal(payload['https://publiq.be/publiq-apis'], 'ups sapi entry')
})

test('a client may authenticate with HTTP Basic instead, not with both', async () => {
  const { clientId, clientSecret } = sandbox.publiq
  const authorization = `Basic ${btoa(`${clientId}:${clientSecret}`)}`
  const grant = { grant_type: 'client_credentials' }
  assert.equal((await askKeycloak(grant, { authorization })).status, 200)
  const wrong = await askKeycloak(grant, { authorization: `Basic ${btoa(`${clientId}:no`)}` })
  assert.equal(wrong.status, 401)
  assert.equal(wrong.json.error, 'invalid_client')
  assert.match(wrong.headers.get('www-authenticate') ?? '', /^Basic /)
  const both = await askKeycloak({ ...grant, client_secret: clientSecret }, { authorization })
  assert.equal(both.status, 400)
  assert.equal(both.json.error, 'invalid_request')
})

test('the two issuers sign with different keys, and Keycloak also shows one for encryption', async () => {
  const { jwks, jwksUrls } = sandbox.publiq
  const [auth0, keycloak] = await Promise.all(
    [jwksUrls.auth0, jwksUrls.keycloak].map(async (url) => (await fetch(url)).json()),
  )
  const ids = (/** @type {{ keys: { kid: string }[] }} */ set) => set.keys.map(({ kid }) => kid)
  assert.equal(new Set([...ids(auth0), ...ids(keycloak)]).size, 3)
  assert.deepEqual(
    keycloak.keys.map((/** @type {{ use: string }} */ { use }) => use),
    ['enc', 'sig'],
  )
  assert.deepEqual(jwks.keys, [auth0.keys[0], keycloak.keys[1]])
  for (const key of [...auth0.keys, ...keycloak.keys]) {
    assert.deepEqual(Object.keys(key).sort(), ['alg', 'e', 'kid', 'kty', 'n', 'use'])
  }
})

/** @type {[string, Record<string, unknown>, number, string][]} */
const REFUSALS = [
  ['a wrong secret', { client_secret: 'no' }, 401, 'invalid_client'],
  ['an unknown client', { client_id: 'no' }, 401, 'invalid_client'],
  ['no client_id', { client_id: undefined }, 400, 'invalid_request'],
  ['no client_secret', { client_secret: undefined }, 400, 'invalid_request'],
  ['a secret that is no string', { client_secret: 1 }, 400, 'invalid_request'],
  ['no grant_type', { grant_type: undefined }, 400, 'invalid_request'],
  ['another grant_type', { grant_type: 'password' }, 400, 'unsupported_grant_type'],
  ['no audience', { audience: undefined }, 400, 'invalid_request'],
  ['another audience', { audience: 'https://api.publiq.be/' }, 403, 'access_denied'],
  ['a scope that is not granted', { scope: 'https://api.publiq.be/auth/other' }, 400, 'invalid_scope'],
  ['an empty scope', { scope: '' }, 400, 'invalid_scope'],
  ['two spaces between scopes', { scope: 'a  b' }, 400, 'invalid_scope'],
]
for (const [name, changes, status, error] of REFUSALS) {
  test(`${name}: ${status} ${error}`, async () => {
    const answer = await askAuth0(body(changes))
    assert.equal(answer.status, status)
    assert.equal(answer.json.error, error)
    assert.equal(typeof answer.json.error_description, 'string')
    assert.equal('access_token' in answer.json, false)
  })
}

test('a body that is no JSON object is an invalid request', async () => {
  for (const text of ['', '{', '[]', 'null', '"x"', '\u{feff}{}']) {
    const { status, json } = await askAuth0(text)
    assert.equal(status, 400, text)
    assert.equal(json.error, 'invalid_request', text)
  }
})

test('a minted token has the changes, signed with the same key', async () => {
  const { publiq } = sandbox
  const token = publiq.mint('apis', {
    header: { typ: undefined },
    claims: { exp: NOW - 1, aud: ['https://other.example'], gty: undefined },
  })
  const { payload } = await jwtVerify(token, createRemoteJWKSet(new URL(publiq.jwksUrls.auth0)), {
    currentDate: new Date((NOW - 10) * 1000),
  })
  assert.equal(payload.exp, NOW - 1)
  assert.deepEqual(payload.aud, ['https://other.example'])
  assert.equal('gty' in payload, false)
  assert.equal('typ' in decodeProtectedHeader(token), false)
})
