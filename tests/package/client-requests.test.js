// @ts-check
/** What `clientCredentials` sends, what its options may be, and a second server that others wrote: oidc-provider. */

import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'
import { test } from 'node:test'
import { clientCredentials } from 'countersign/client'
import { startSandbox } from 'countersign/sandbox'
import { createLocalJWKSet, jwtVerify } from 'jose'
import { granted, SECRET, serve } from './client-lib.js'

/** It has no types: a name that is not a literal is not looked up. */
const OIDC_PROVIDER = 'oidc-provider'
const { default: Provider } = await import(OIDC_PROVIDER)

/** @param {string} value Form-urlencoded text. */
const decoded = (value) => decodeURIComponent(value.replaceAll('+', ' '))

/** @param {Record<string, unknown>} options @returns What the endpoint received. */
async function sent(options) {
  const endpoint = await serve((_, count) => granted(count))
  try {
    const common = { tokenUrl: `${endpoint.origin}/token`, clientId: 'a client:of ü' }
    await clientCredentials(/** @type {any} */ ({ ...common, ...options })).token()
    const [request] = endpoint.received
    assert.ok(request)
    return { ...request, endpoint: `${endpoint.origin}/token` }
  } finally {
    await endpoint.close()
  }
}

test('basic: id and secret are form-urlencoded before they are joined (RFC 6749 section 2.3.1)', async () => {
  const { headers, body, method, url } = await sent({ clientSecret: SECRET })
  assert.deepEqual([method, url, headers['content-type']], ['POST', '/token', 'application/x-www-form-urlencoded'])
  const [scheme, encoded = ''] = (headers.authorization ?? '').split(' ')
  const [id = '', secret = '', ...more] = atob(encoded).split(':')
  assert.deepEqual([scheme, decoded(id), decoded(secret), more], ['Basic', 'a client:of ü', SECRET, []])
  assert.equal(body, 'grant_type=client_credentials')
})

test('post: all in the form; resource comes several times', async () => {
  const resource = ['https://a.example/', 'https://b.example/']
  const given = { clientSecret: SECRET, auth: 'post', scope: 'a b', audience: 'x', resource, extra: { tenant: 't&u' } }
  const { headers, body } = await sent(given)
  assert.equal(headers.authorization, undefined)
  assert.deepEqual(
    [...new URLSearchParams(body)],
    [
      ['grant_type', 'client_credentials'],
      ['scope', 'a b'],
      ['audience', 'x'],
      ['resource', 'https://a.example/'],
      ['resource', 'https://b.example/'],
      ['tenant', 't&u'],
      ['client_id', 'a client:of ü'],
      ['client_secret', SECRET],
    ],
  )
})

test('json: a JSON body, as Auth0 and publiq read it', async () => {
  const { headers, body } = await sent({
    clientSecret: SECRET,
    auth: 'json',
    audience: 'x',
    resource: 'https://a.example/',
  })
  assert.equal(headers['content-type'], 'application/json')
  assert.deepEqual(JSON.parse(body), {
    grant_type: 'client_credentials',
    audience: 'x',
    resource: 'https://a.example/',
    client_id: 'a client:of ü',
    client_secret: SECRET,
  })
})

for (const [alg, make] of /** @type {const} */ ([
  ['ES256', () => generateKeyPairSync('ec', { namedCurve: 'P-256' })],
  ['ES384', () => generateKeyPairSync('ec', { namedCurve: 'P-384' })],
  ['RS256', () => generateKeyPairSync('rsa', { modulusLength: 2048 })],
  ['PS256', () => generateKeyPairSync('rsa', { modulusLength: 2048 })],
  ['EdDSA', () => generateKeyPairSync('ed25519')],
])) {
  test(`private_key_jwt: jose verifies the assertion, ${alg}`, async () => {
    const { publicKey, privateKey } = make()
    const jwk = { ...privateKey.export({ format: 'jwk' }), kid: 'k', alg }
    const { body, headers, endpoint } = await sent({ privateKey: jwk, clock: () => 1_800_000_000 })
    assert.equal(headers.authorization, undefined)
    const form = new URLSearchParams(body)
    assert.equal(form.get('client_assertion_type'), 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer')
    const { payload, protectedHeader } = await jwtVerify(form.get('client_assertion') ?? '', publicKey, {
      audience: endpoint,
      currentDate: new Date(1_800_000_000_000),
    })
    assert.deepEqual(protectedHeader, { alg, typ: 'JWT', kid: 'k' })
    assert.deepEqual(
      [payload.iss, payload.sub, payload.iat, payload.exp],
      ['a client:of ü', 'a client:of ü', 1_800_000_000, 1_800_000_060],
    )
    const issuer = 'https://issuer.example/'
    const named = new URLSearchParams((await sent({ privateKey: jwk, issuer })).body).get('client_assertion') ?? ''
    assert.equal((await jwtVerify(named, publicKey)).payload.aud, issuer)
  })
}

test('private_key_jwt: a CryptoKey that no code can read, alone and with its kid', async () => {
  const { subtle } = globalThis.crypto
  for (const [alg, algorithm] of /** @type {[string, any][]} */ ([
    ['ES256', { name: 'ECDSA', namedCurve: 'P-256' }],
    ['ES384', { name: 'ECDSA', namedCurve: 'P-384' }],
    ['RS256', { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength: 2048, publicExponent: E65537 }],
    ['PS256', { name: 'RSA-PSS', hash: 'SHA-256', modulusLength: 2048, publicExponent: E65537 }],
    ['EdDSA', { name: 'Ed25519' }],
  ])) {
    const pair = /** @type {CryptoKeyPair} */ (await subtle.generateKey(algorithm, false, ['sign', 'verify']))
    const { privateKey, publicKey } = pair
    for (const [given, kid] of /** @type {const} */ ([
      [privateKey, undefined],
      [{ key: privateKey }, undefined],
      [{ key: privateKey, kid: 'k' }, 'k'],
    ])) {
      const form = new URLSearchParams((await sent({ privateKey: given })).body)
      const { protectedHeader } = await jwtVerify(form.get('client_assertion') ?? '', publicKey)
      assert.deepEqual(protectedHeader, { alg, typ: 'JWT', ...(kid === undefined ? {} : { kid }) })
    }
    const wrongMembers = [{ key: publicKey }, { key: {} }, { key: privateKey, kid: 7 }, { key: privateKey, alg }]
    for (const wrong of [publicKey, ...wrongMembers]) {
      const options = { tokenUrl: GOOD.tokenUrl, clientId: 'x', privateKey: wrong }
      assert.throws(() => clientCredentials(/** @type {any} */ (options)), TypeError)
    }
  }
  const { privateKey: other } = /** @type {CryptoKeyPair} */ (
    await subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-521' }, false, ['sign'])
  )
  const forged = { type: 'private', extractable: false, algorithm: { name: 'Ed25519' }, usages: ['sign'] }
  for (const privateKey of [other, forged, { key: forged }]) {
    const options = /** @type {any} */ ({ tokenUrl: GOOD.tokenUrl, clientId: 'x', privateKey })
    assert.throws(() => clientCredentials(options), TypeError)
  }
})
const E65537 = new Uint8Array([1, 0, 1])

test('the sandbox’s generic issuer grants by discovery: every authentication, scope, audience, resource', async () => {
  const sandbox = await startSandbox()
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const clientKey = publicKey.export({ format: 'jwk' })
  const audience = ['https://a.example', 'https://b.example']
  const issuer = sandbox.issuer({ algorithms: ['ES256'], audience, clientKey, lifetimeSeconds: 600 })
  const { issuer: name, clientId, clientSecret, tokenUrl } = issuer
  const jwks = createLocalJWKSet(/** @type {any} */ (issuer.jwks))
  try {
    for (const [options, expected] of /** @type {[any, object][]} */ ([
      [{ issuer: name, clientSecret }, { aud: audience }],
      [
        { issuer: name, clientSecret, auth: 'post', scope: 'read write' },
        { aud: audience, scope: 'read write' },
      ],
      [{ tokenUrl, clientSecret, auth: 'json', audience: audience[1] }, { aud: audience[1] }],
      [{ tokenUrl, clientSecret, resource: audience[0] }, { aud: audience[0] }],
      [
        { tokenUrl, clientSecret, resource: audience, scope: 'read' },
        { aud: audience, scope: 'read' },
      ],
      [{ issuer: name, privateKey: privateKey.export({ format: 'jwk' }) }, { aud: audience }],
      [{ tokenUrl, privateKey: privateKey.export({ format: 'jwk' }) }, { aud: audience }],
    ])) {
      const token = await clientCredentials({ clientId, ...options }).token()
      const { payload } = await jwtVerify(token, jwks, { issuer: name })
      const { aud, scope, exp = 0, iat = 0 } = payload
      assert.deepEqual({ aud, ...(scope === undefined ? {} : { scope }), life: exp - iat }, { ...expected, life: 600 })
    }
    assert.equal(issuer.tokenRequests, 7)
    const other = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })
    for (const options of [
      { tokenUrl, privateKey: other },
      { tokenUrl, issuer: 'https://other.example', privateKey: privateKey.export({ format: 'jwk' }) },
    ]) {
      await assert.rejects(clientCredentials({ clientId, ...options }).token(), { code: 'invalid_client', status: 401 })
    }
    // An assertion is used once (RFC 7523 section 3).
    let form = ''
    await clientCredentials({
      tokenUrl,
      clientId,
      privateKey: privateKey.export({ format: 'jwk' }),
      fetch: (input, init) => {
        form = String(init.body)
        return fetch(input, init)
      },
    }).token()
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    assert.equal((await fetch(tokenUrl, { method: 'POST', headers, body: form })).status, 401)
    issuer.fail(503, { 'retry-after': '9' })
    await assert.rejects(clientCredentials({ tokenUrl, clientId, clientSecret }).token(), { status: 503 })
    issuer.recover()
    assert.equal((await fetch(tokenUrl)).status, 405)
  } finally {
    await sandbox.close()
  }
})

test('an issuer’s metadata names the endpoint: paths inserted and appended, the issuer identical', async () => {
  for (const [path, found] of /** @type {const} */ ([
    ['', '/.well-known/oauth-authorization-server'],
    ['', '/.well-known/openid-configuration'],
    ['/', '/.well-known/openid-configuration'],
    ['/tenant', '/.well-known/oauth-authorization-server/tenant'],
    ['/tenant/', '/.well-known/openid-configuration/tenant'],
    ['/tenant', '/tenant/.well-known/openid-configuration'],
  ])) {
    let origin = ''
    const server = await serve(({ url }, count) => {
      if (url === '/endpoint') return granted(count, { access_token: 'found' })
      if (url !== found) return { status: 404 }
      return { body: { issuer: `${origin}${path}`, token_endpoint: `${origin}/endpoint` } }
    })
    origin = server.origin
    const client = clientCredentials({ issuer: `${origin}${path}`, clientId: 'x', clientSecret: 'y' })
    assert.equal(await client.token(), 'found', found)
    await server.close()
  }
  for (const members of [
    { issuer: 'https://other.example' },
    { token_endpoint: 'http://other.example/token' },
    { token_endpoint: undefined },
  ]) {
    let origin = ''
    const server = await serve(() => ({ body: { issuer: origin, token_endpoint: `${origin}/endpoint`, ...members } }))
    origin = server.origin
    await assert.rejects(clientCredentials({ issuer: origin, clientId: 'x', clientSecret: 'y' }).token(), {
      code: 'response_invalid',
    })
    assert.equal(server.received.length, 1)
    await server.close()
  }
})

test('oidc-provider grants: basic with hard characters, post, private_key_jwt by discovery, resource', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const hard = ':%+&= "\\~*-._!\'()'
  const http = createServer((request, response) => void handle(request, response))
  /** @type {(request: import('node:http').IncomingMessage, response: import('node:http').ServerResponse) => unknown} */
  let handle = () => {}
  await new Promise((resolve) => http.listen(0, '127.0.0.1', () => resolve(undefined)))
  const { port } = /** @type {import('node:net').AddressInfo} */ (http.address())
  const issuer = `http://127.0.0.1:${port}`
  const common = { grant_types: ['client_credentials'], response_types: [], redirect_uris: [] }
  const provider = new Provider(issuer, {
    clients: /** @type {any} */ ([
      { ...common, client_id: 'basic', client_secret: hard, token_endpoint_auth_method: 'client_secret_basic' },
      { ...common, client_id: 'post', client_secret: hard, token_endpoint_auth_method: 'client_secret_post' },
      {
        ...common,
        client_id: 'key',
        token_endpoint_auth_method: 'private_key_jwt',
        jwks: { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k' }] },
      },
    ]),
    scopes: ['read', 'write'],
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => 'urn:none',
        getResourceServerInfo: (/** @type {unknown} */ _, /** @type {string} */ resource) => ({
          scope: 'read write',
          audience: resource,
          accessTokenFormat: 'jwt',
          accessTokenTTL: 600,
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
  })
  handle = provider.callback()
  try {
    const jwks = createLocalJWKSet(await (await fetch(`${issuer}/jwks`)).json())
    const resource = 'https://api.example/'
    for (const options of [
      { tokenUrl: `${issuer}/token`, clientId: 'basic', clientSecret: hard },
      { tokenUrl: `${issuer}/token`, clientId: 'post', clientSecret: hard, auth: /** @type {const} */ ('post') },
      { issuer, clientId: 'key', privateKey: { ...privateKey.export({ format: 'jwk' }), kid: 'k' } },
    ]) {
      const client = clientCredentials(/** @type {any} */ ({ ...options, resource, scope: 'read' }))
      const tokens = await Promise.all(Array.from({ length: 20 }, () => client.token()))
      assert.equal(new Set(tokens).size, 1)
      const { payload } = await jwtVerify(tokens[0] ?? '', jwks, { audience: resource, issuer })
      assert.deepEqual([payload.client_id, payload.scope], [options.clientId, 'read'])
      assert.equal(client.stats.requests, 1)
    }
    const wrong = clientCredentials({ tokenUrl: `${issuer}/token`, clientId: 'basic', clientSecret: 'wrong' })
    await assert.rejects(wrong.token(), { code: 'invalid_client', status: 401 })
  } finally {
    http.closeAllConnections()
    http.close()
  }
})

test('the sandbox grants in all eras, and its documented errors are codes', async () => {
  const sandbox = await startSandbox()
  const { url, clientId, clientSecret, audience, scopes } = sandbox.publiq
  const auth0 = { tokenUrl: `${url}/oauth/token`, clientId, clientSecret, auth: /** @type {const} */ ('json') }
  try {
    for (const options of [
      { ...auth0, audience },
      { ...auth0, audience, scope: scopes[0] ?? '' },
      { ...auth0, audience, auth: /** @type {const} */ ('basic') },
      { ...auth0, audience, auth: /** @type {const} */ ('post') },
      { tokenUrl: `${url}/realms/uitid/protocol/openid-connect/token`, clientId, clientSecret },
    ]) {
      assert.equal((await clientCredentials(options).token()).split('.').length, 3)
    }
    for (const [changes, code, status] of /** @type {const} */ ([
      [{ clientSecret: 'wrong' }, 'invalid_client', 401],
      [{ clientSecret: 'wrong', auth: 'basic' }, 'invalid_client', 401],
      [{ audience: 'https://other.example' }, 'access_denied', 403],
      [{ scope: 'https://api.publiq.be/auth/other' }, 'invalid_scope', 400],
      [{ tokenUrl: `${url}/oauth/other` }, 'request_refused', 404],
    ])) {
      await assert.rejects(clientCredentials({ ...auth0, audience, ...changes }).token(), { code, status })
    }
  } finally {
    await sandbox.close()
  }
})

test('a key that cannot sign is a TypeError, and nothing is sent', async () => {
  const endpoint = await serve((_, count) => granted(count))
  const jwk = { ...P256.privateKey.export({ format: 'jwk' }), d: 'AAAA' }
  const client = clientCredentials({ tokenUrl: endpoint.origin, clientId: 'x', privateKey: jwk })
  await assert.rejects(client.token(), TypeError)
  assert.equal(endpoint.received.length, 0)
  await endpoint.close()
})

test('only an issuer on loopback may name an endpoint on loopback without TLS', async () => {
  const issuer = 'https://issuer.example'
  const fetch = async () => Response.json({ issuer, token_endpoint: 'http://127.0.0.1:1/token' })
  const client = clientCredentials({ issuer, clientId: 'x', clientSecret: 'y', fetch })
  await assert.rejects(client.token(), { code: 'response_invalid' })
})

/** Checked by the compiler, and not called. */
// biome-ignore lint/suspicious/noExportsInTest: an unused function is an error of the compiler
export function types() {
  const { privateKey } = P256
  const common = { clientId: 'x', tokenUrl: 'https://issuer.example' }
  clientCredentials({ ...common, clientSecret: 'y', auth: 'json', resource: ['urn:x'], extra: { a: 'b' } })
  clientCredentials({ issuer: 'https://issuer.example', clientId: 'x', privateKey: { kty: 'EC' } })
  // @ts-expect-error A secret or a key is required.
  clientCredentials(common)
  // @ts-expect-error Not both.
  clientCredentials({ ...common, clientSecret: 'y', privateKey: { kty: 'EC' } })
  // @ts-expect-error The endpoint or the issuer is required.
  clientCredentials({ clientId: 'x', clientSecret: 'y' })
  // @ts-expect-error A typing mistake.
  clientCredentials({ ...common, clientSecret: 'y', audiance: 'x' })
  clientCredentials({ ...common, privateKey: /** @type {CryptoKey} */ (/** @type {unknown} */ (privateKey)) })
  // @ts-expect-error A JWK or a CryptoKey, not a KeyObject.
  clientCredentials({ ...common, privateKey })
}

const GOOD = { tokenUrl: 'https://issuer.example/token', clientId: 'x', clientSecret: 'y' }
const P256 = generateKeyPairSync('ec', { namedCurve: 'P-256' })

test('an option that is unknown, undefined or invalid is a TypeError, which holds no secret', () => {
  const jwk = P256.privateKey.export({ format: 'jwk' })
  for (const changes of /** @type {Record<string, unknown>[]} */ ([
    { clientID: 'x' },
    { renewBefore: 1 },
    { tokenUrl: undefined },
    { tokenUrl: 'http://issuer.example/token' },
    { tokenUrl: 'https://user:pass@issuer.example/token' },
    { tokenUrl: 'https://issuer.example/token#x' },
    { tokenUrl: 'ftp://issuer.example/token' },
    { tokenUrl: new URL('https://issuer.example/token') },
    { tokenUrl: 'http://localhost.evil.example/' },
    { tokenUrl: 'http://127.0.0.1.evil.example/' },
    { issuer: 'https://issuer.example?x' },
    { issuer: 7 },
    { clientId: '' },
    { clientSecret: undefined },
    { clientSecret: '' },
    { clientSecret: 7 },
    { privateKey: jwk },
    { auth: 'Basic' },
    { auth: undefined },
    { scope: ['a'] },
    { audience: null },
    { resource: 'not a uri' },
    { resource: 'https://x.example/#x' },
    { resource: [7] },
    { extra: { grant_type: 'password' } },
    { extra: { client_secret: 'x' } },
    { extra: { x: {} } },
    { extra: 'x' },
    { extra: { x: '\ud800' } },
    { origins: 'https://api.example' },
    { origins: ['https://api.example/path'] },
    { origins: ['http://api.example'] },
    { origins: ['*'] },
    { origins: ['https://*.example'] },
    { origins: [undefined] },
    { renewBeforeSeconds: 0 },
    { renewBeforeSeconds: '120' },
    { renewBeforeSeconds: Number.NaN },
    { timeoutSeconds: -1 },
    { timeoutSeconds: 601 },
    { timeoutSeconds: Number.POSITIVE_INFINITY },
    { lifetimeSeconds: null },
    { fetch: 'fetch' },
    { waitUntil: 1 },
    { storage: {} },
    { storage: { read: 1, write: 1 } },
    { storage: null },
    { clock: 5 },
  ])) {
    const options = { ...GOOD, clientSecret: SECRET, ...changes }
    assert.throws(
      () => clientCredentials(/** @type {any} */ (options)),
      (error) => error instanceof TypeError && !error.message.includes('a:secret'),
      JSON.stringify(changes),
    )
  }
  for (const options of [
    undefined,
    null,
    7,
    [],
    'x',
    new Map(),
    new (class {})(),
    {},
    { tokenUrl: GOOD.tokenUrl, clientId: 'x' },
    { clientId: 'x', clientSecret: 'y' },
  ]) {
    assert.throws(() => clientCredentials(/** @type {any} */ (options)), TypeError)
  }
  const { clientSecret: _, ...keyed } = GOOD
  for (const privateKey of [
    P256.publicKey.export({ format: 'jwk' }),
    { kty: 'oct', k: 'x' },
    { ...jwk, alg: 'RS256' },
    { ...jwk, kid: 7 },
    'x',
    null,
  ]) {
    assert.throws(() => clientCredentials(/** @type {any} */ ({ ...keyed, privateKey })), TypeError)
  }
  assert.throws(() => clientCredentials(/** @type {any} */ ({ ...keyed, privateKey: jwk, auth: 'post' })), TypeError)
  assert.throws(() => clientCredentials(/** @type {any} */ ({ ...GOOD, clientID: 'x' })), {
    message: 'unknown option `options.clientID`: did you mean `clientId`?',
  })
})

test('options of token() are checked', async () => {
  const client = clientCredentials(GOOD)
  for (const options of [{ fresh: 1 }, { refresh: true }, { refused: '' }, null]) {
    await assert.rejects(client.token(/** @type {any} */ (options)), TypeError)
  }
})

test('options are own members, each read once; what Object.prototype holds has no effect', async () => {
  /** @type {Record<string, number>} */
  const reads = {}
  const counted = (/** @type {Record<string, unknown>} */ options) =>
    Object.defineProperties(
      {},
      Object.fromEntries(
        Object.entries(options).map(([name, value]) => [
          name,
          {
            enumerable: true,
            get: () => {
              reads[name] = (reads[name] ?? 0) + 1
              return value
            },
          },
        ]),
      ),
    )
  const endpoint = await serve((_, count) => granted(count))
  const inherited = {
    scope: 'polluted',
    audience: 'polluted',
    extra: { polluted: '1' },
    auth: 'json',
    privateKey: {},
    fresh: true,
    refused: 'x',
    storage: {},
    clock: () => 0,
    expires_in: 1,
    issuer: 'https://evil.example',
    lifetimeSeconds: 1,
    renewBeforeSeconds: 1,
  }
  for (const [name, value] of Object.entries(inherited)) {
    Object.defineProperty(
      Object.prototype,
      name,
      Object.assign(Object.create(null), { value, configurable: true, writable: true, enumerable: true }),
    )
  }
  let token
  try {
    const client = clientCredentials(
      /** @type {any} */ (counted({ ...GOOD, tokenUrl: `${endpoint.origin}/token`, origins: [endpoint.origin] })),
    )
    token = await client.token()
    await client.token()
  } finally {
    for (const name of Object.keys(inherited)) delete (/** @type {any} */ (Object.prototype)[name])
  }
  assert.equal(token, 'token-1')
  assert.equal(endpoint.received.length, 1)
  assert.equal(endpoint.received[0]?.body, 'grant_type=client_credentials')
  assert.deepEqual(reads, { tokenUrl: 1, clientId: 1, clientSecret: 1, origins: 1 })
  await endpoint.close()
})

test('a browser is refused: a page, and a worker of one', () => {
  const define = (/** @type {string} */ name, /** @type {unknown} */ value) => {
    const before = Object.getOwnPropertyDescriptor(globalThis, name)
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true })
    return () => {
      delete (/** @type {any} */ (globalThis)[name])
      if (before !== undefined) Object.defineProperty(globalThis, name, before)
    }
  }
  const page = define('document', {})
  assert.throws(() => clientCredentials(GOOD), /browser/)
  page()
  const scope = define('WorkerGlobalScope', class {})
  const navigator = define('navigator', { userAgent: 'Mozilla/5.0' })
  assert.throws(() => clientCredentials(GOOD), /browser/)
  navigator()
  const workerd = define('navigator', { userAgent: 'Cloudflare-Workers' })
  clientCredentials(GOOD)
  workerd()
  scope()
  clientCredentials(GOOD)
})
