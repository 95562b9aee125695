// @ts-check
/** `dpop()` of `countersign/client` (RFC 9449): against the sandbox, our guards, oidc-provider, and servers that misbehave. */

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import { after, before, test } from 'node:test'
import { memoryStore, Verifier } from 'countersign'
import { clientCredentials, dpop } from 'countersign/client'
import { guard as fetchGuard } from 'countersign/fetch'
import { guard } from 'countersign/node'
import { startSandbox } from 'countersign/sandbox'
import { calculateJwkThumbprint, decodeJwt, decodeProtectedHeader, EmbeddedJWK, jwtVerify } from 'jose'
import { granted, serve } from './client-lib.js'

/** @type {import('countersign/sandbox').Sandbox} */
let sandbox
before(async () => {
  sandbox = await startSandbox()
})
after(() => sandbox.close())

const NONCE = { secret: 'a secret of instances, 32 octets' }
const PROOF = { typ: 'dpop+jwt' }

/** The claims of a proof that is signed by the key in its header. @param {unknown} proof */
async function proved(proof) {
  const { payload, protectedHeader } = await jwtVerify(String(proof), EmbeddedJWK, PROOF)
  return { ...payload, jkt: await calculateJwkThumbprint(/** @type {any} */ (protectedHeader.jwk)) }
}

/**
 * A client of an endpoint that grants, and of an API that answers as `handle` says.
 *
 * @param {Parameters<typeof serve>[0]} handle
 * @param {(parts: {
 *   api: Awaited<ReturnType<typeof serve>>, endpoint: Awaited<ReturnType<typeof serve>>,
 *   client: import('countersign/client').TokenClient
 * }) => Promise<unknown>} run
 * @param {Parameters<typeof serve>[0]} [grant]
 */
async function withApi(handle, run, grant = (_, count) => granted(count, { token_type: 'DPoP' })) {
  const endpoint = await serve(grant)
  const api = await serve(handle)
  const client = clientCredentials({
    tokenUrl: `${endpoint.origin}/token?tenant=1`,
    clientId: 'x',
    clientSecret: 'y',
    origins: [api.origin],
    dpop: dpop(),
  })
  try {
    await run({ api, endpoint, client })
  } finally {
    await endpoint.close()
    await api.close()
  }
}

/** @param {string} [nonce] */
const asksForNonce = (nonce) => ({
  status: 401,
  headers: {
    'www-authenticate': 'DPoP error="use_dpop_nonce", error_description="another nonce"',
    ...(nonce === undefined ? {} : { 'dpop-nonce': nonce }),
  },
})

for (const mode of /** @type {const} */ (['optional', 'required', 'nonce'])) {
  test(`the sandbox grants a bound token, and a guard accepts its proofs: ${mode}`, async () => {
    const issuer = sandbox.issuer({ dpop: mode })
    const keys = { jwks: issuer.jwks }
    const verifier = new Verifier({ issuer: issuer.issuer, audience: issuer.audience, keys, replay: memoryStore() })
    const server = createServer((request, response) => protect(request, response, () => response.end('ok')))
    await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)))
    const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
    const origin = `http://127.0.0.1:${port}`
    const protect = guard(verifier, mode === 'nonce' ? { origin, nonce: NONCE } : { origin })
    const { clientId, clientSecret } = issuer
    const key = dpop()
    const client = clientCredentials({
      issuer: issuer.issuer,
      clientId,
      clientSecret,
      origins: [origin],
      dpop: key,
    })
    try {
      assert.equal((await client.fetch(`${origin}/orders/7?page=2#top`)).status, 200)
      const many = Array.from({ length: 20 }, (_, index) =>
        client.fetch(`${origin}/orders/${index}`, { method: index % 2 === 0 ? 'post' : 'DELETE', body: 'x' }),
      )
      for (const response of await Promise.all(many)) assert.equal(response.status, 200)
      const { cnf } = decodeJwt(await client.token())
      assert.deepEqual(cnf, { jkt: await key.thumbprint() })
      assert.equal(client.stats.requests, 1)
      assert.equal(issuer.tokenRequests, mode === 'nonce' ? 2 : 1)
      // A token that is taken away is worth nothing.
      const stolen = { headers: { authorization: `DPoP ${await client.token()}` } }
      assert.equal((await fetch(origin, stolen)).status, 401)
      issuer.rotateNonce()
      await client.token({ fresh: true })
      assert.equal(client.stats.failures, 0)
    } finally {
      server.closeAllConnections()
      server.close()
    }
  })
}

test('the sandbox refuses what is no proof of the token request', async () => {
  const issuer = sandbox.issuer({ dpop: 'nonce', algorithms: ['ES256'] })
  const { clientId, clientSecret, tokenUrl } = issuer
  /** @param {string | undefined} proof */
  const ask = async (proof) => {
    const headers = { authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` }
    const body = new URLSearchParams({ grant_type: 'client_credentials' })
    const sent = { method: 'POST', body, headers: proof === undefined ? headers : { ...headers, dpop: proof } }
    const response = await fetch(tokenUrl, sent)
    const { error } = /** @type {{ error?: string }} */ (await response.json())
    return { status: response.status, error, response }
  }
  const key = dpop()
  const good = { method: 'POST', url: tokenUrl }
  for (const [proof, error] of /** @type {[string | undefined, string][]} */ ([
    [undefined, 'invalid_dpop_proof'],
    ['a.b.c', 'invalid_dpop_proof'],
    [await key.proof({ ...good, method: 'GET' }), 'invalid_dpop_proof'],
    [await key.proof({ ...good, url: `${tokenUrl}/x` }), 'invalid_dpop_proof'],
    [await key.proof({ ...good, now: Date.now() / 1000 - 400 }), 'invalid_dpop_proof'],
    [await key.proof(good), 'use_dpop_nonce'],
  ])) {
    const outcome = await ask(proof)
    assert.deepEqual([outcome.status, outcome.error], [400, error])
    assert.equal(key.remember(tokenUrl, outcome.response), true)
  }
  const proof = await key.proof(good)
  assert.equal((await ask(proof)).status, 200)
  assert.equal((await ask(proof)).error, 'invalid_dpop_proof')
  assert.throws(
    () => sandbox.issuer(/** @type {any} */ ({ dpop: 'always' })),
    /^TypeError: issuer\.dpop must be one of/,
  )
})

test('each request has a proof of its own: method, URL without query and fragment, token, time', () =>
  withApi(
    () => ({ body: {} }),
    async ({ api, endpoint, client }) => {
      const base = api.origin
      await client.fetch(`${base}/a%20b/../c?x=1#y`)
      await client.fetch(new URL(`${base}/`), { method: 'put', body: 'x' })
      await client.fetch(new Request(`${base}/r?q`, { method: 'PATCH' }))
      await client.fetch(new Request(`${base}/r`, { method: 'POST', body: 'x' }), { method: 'PROPFIND', body: 'x' })
      const [token] = endpoint.received
      const ofToken = await proved(token?.headers['dpop'])
      assert.deepEqual(
        [ofToken['htm'], ofToken['htu'], ofToken['ath']],
        ['POST', `${endpoint.origin}/token`, undefined],
      )
      const ath = createHash('sha256').update('token-1').digest('base64url')
      const sent = await Promise.all(api.received.map(({ headers }) => proved(headers['dpop'])))
      assert.deepEqual(
        sent.map((claims) => [claims['htm'], claims['htu'], claims['ath'], claims.jkt]),
        [
          ['GET', `${base}/c`, ath, ofToken.jkt],
          ['PUT', `${base}/`, ath, ofToken.jkt],
          ['PATCH', `${base}/r`, ath, ofToken.jkt],
          ['PROPFIND', `${base}/r`, ath, ofToken.jkt],
        ],
      )
      assert.deepEqual(
        api.received.map(({ method }) => method),
        sent.map(({ htm }) => htm),
      )
      assert.equal(new Set([ofToken, ...sent].map(({ jti }) => jti)).size, 5)
      assert.ok(api.received.every(({ headers }) => headers.authorization === 'DPoP token-1'))
      assert.ok(sent.every(({ iat }) => Math.abs(Number(iat) - Date.now() / 1000) < 60))
    },
  ))

test('a token that comes back unbound is refused', () =>
  withApi(
    () => ({}),
    async ({ api, client }) => {
      await assert.rejects(client.token(), { name: 'ClientError', code: 'response_invalid', status: 200 })
      await assert.rejects(client.fetch(api.origin), { code: 'response_invalid' })
      assert.equal(api.received.length, 0)
    },
    (_, count) => granted(count),
  ))

test('a token endpoint that always asks for another nonce gets two requests', () =>
  withApi(
    () => ({}),
    async ({ endpoint, client }) => {
      await assert.rejects(client.token(), { code: 'use_dpop_nonce', status: 400 })
      const nonces = endpoint.received.map(({ headers }) => decodeJwt(String(headers['dpop']))['nonce'])
      assert.deepEqual(nonces, [undefined, 'n-1'])
    },
    (_, count) => ({ status: 400, headers: { 'dpop-nonce': `n-${count}` }, body: { error: 'use_dpop_nonce' } }),
  ))

test('use_dpop_nonce without a nonce is an error, and not a loop', () =>
  withApi(
    () => ({}),
    async ({ endpoint, client }) => {
      await assert.rejects(client.token(), { code: 'use_dpop_nonce', status: 400 })
      assert.equal(endpoint.received.length, 1)
    },
    () => ({ status: 400, headers: { 'dpop-nonce': 'not a nonce' }, body: { error: 'use_dpop_nonce' } }),
  ))

test('an API that always asks for another nonce gets two requests, and the caller its 401', () =>
  withApi(
    (_, count) => asksForNonce(`n-${count}`),
    async ({ api, endpoint, client }) => {
      const response = await client.fetch(api.origin)
      assert.equal(response.status, 401)
      assert.equal(response.headers.get('dpop-nonce'), 'n-2')
      assert.equal(api.received.length, 2)
      assert.equal(endpoint.received.length, 1)
      await client.fetch(api.origin)
      const nonces = api.received.map(({ headers }) => decodeJwt(String(headers['dpop']))['nonce'])
      assert.deepEqual(nonces, [undefined, 'n-1', 'n-2', 'n-3'])
    },
  ))

test('a nonce is taken from any answer of its origin, and used for that alone', () =>
  withApi(
    ({ url }, count) => ({
      status: Number(url.slice(1)),
      headers: count === 3 ? { 'dpop-nonce': 'not a nonce' } : { 'dpop-nonce': `n-${count}` },
    }),
    async ({ api, endpoint, client }) => {
      for (const status of [200, 403, 200, 500, 200]) await client.fetch(`${api.origin}/${status}`)
      const nonces = api.received.map(({ headers }) => decodeJwt(String(headers['dpop']))['nonce'])
      assert.deepEqual(nonces, [undefined, 'n-1', 'n-2', 'n-2', 'n-4'])
      await client.token({ fresh: true })
      const ofTokens = endpoint.received.map(({ headers }) => decodeJwt(String(headers['dpop']))['nonce'])
      assert.deepEqual(ofTokens, [undefined, undefined])
    },
  ))

test('requests at once without a nonce are each sent once more, with it', () => {
  /** @param {import('./client-lib.js').Received} request */
  const nonceOf = ({ headers }) => decodeJwt(String(headers['dpop']))['nonce']
  return withApi(
    (request) => (nonceOf(request) === 'n' ? { status: 200 } : asksForNonce('n')),
    async ({ api, endpoint, client }) => {
      const all = await Promise.all(Array.from({ length: 10 }, () => client.fetch(api.origin)))
      assert.ok(all.every(({ status }) => status === 200))
      assert.ok(api.received.length <= 20)
      assert.equal(endpoint.received.length, 1)
    },
  )
})

test('a body that is a stream is not sent again for a nonce, and the next request has it', () =>
  withApi(
    (_, count) => (count === 1 ? asksForNonce('n') : { status: 200 }),
    async ({ api, client }) => {
      const stream = new Blob(['stream']).stream()
      const init = /** @type {any} */ ({ method: 'POST', body: stream, duplex: 'half' })
      assert.equal((await client.fetch(api.origin, init)).status, 401)
      assert.equal(api.received.length, 1)
      assert.equal((await client.fetch(api.origin)).status, 200)
      assert.equal(decodeJwt(String(api.received[1]?.headers['dpop']))['nonce'], 'n')
    },
  ))

test('another token, and then another nonce: three requests at most', () =>
  withApi(
    (_, count) =>
      count % 2 === 1
        ? { status: 401, headers: { 'www-authenticate': 'DPoP error="invalid_token"' } }
        : asksForNonce('n'),
    async ({ api, endpoint, client }) => {
      const response = await client.fetch(api.origin, { method: 'POST', body: 'x' })
      assert.equal(response.status, 401)
      assert.equal(api.received.length, 3)
      assert.equal(endpoint.received.length, 2)
      const tokens = api.received.map(({ headers }) => headers.authorization)
      assert.deepEqual(tokens, ['DPoP token-1', 'DPoP token-2', 'DPoP token-2'])
      assert.ok(api.received.every(({ body }) => body === 'x'))
    },
  ))

test('a proof that is refused costs no token', () =>
  withApi(
    () => ({ status: 401, headers: { 'www-authenticate': 'DPoP error="invalid_dpop_proof"' } }),
    async ({ api, endpoint, client }) => {
      assert.equal((await client.fetch(api.origin)).status, 401)
      assert.equal(api.received.length, 1)
      assert.equal(endpoint.received.length, 1)
    },
  ))

test('the nonces of the last 100 origins are kept, and none that cannot be one', async () => {
  const key = dpop()
  /** @param {string} nonce */
  const answer = (nonce) => new Response(null, { headers: { 'dpop-nonce': nonce } })
  /** @param {string} url */
  const nonceOf = async (url) => decodeJwt(await key.proof({ method: 'GET', url }))['nonce']
  for (let index = 0; index <= 100; index += 1) {
    assert.equal(key.remember(`https://${index}.example/path`, answer(`n-${index}`)), true)
  }
  assert.equal(await nonceOf('https://0.example'), undefined)
  assert.equal(await nonceOf('https://1.example/other?x'), 'n-1')
  assert.equal(await nonceOf('https://100.example'), 'n-100')
  assert.equal(await nonceOf('http://100.example'), undefined)
  for (const other of ['', 'a b', 'a"b', 'a\\b', 'n-1, n-2', 'x'.repeat(1025)]) {
    assert.equal(key.remember('https://1.example', answer(other)), false)
  }
  assert.equal(key.remember('https://1.example', new Response()), false)
  assert.equal(await nonceOf('https://1.example'), 'n-1')
  assert.equal(key.remember('https://1.example', answer('x'.repeat(1024))), true)
})

test('first uses at once have one key, which no code can read', async () => {
  const key = dpop()
  const proofs = await Promise.all(
    Array.from({ length: 8 }, () => key.proof({ method: 'GET', url: 'https://api.example' })),
  )
  const headers = proofs.map((proof) => JSON.stringify(decodeProtectedHeader(proof)))
  assert.equal(new Set(headers).size, 1)
  const { alg, jwk } = decodeProtectedHeader(String(proofs[0]))
  assert.equal(alg, 'ES256')
  assert.deepEqual(Object.keys(Object(jwk)), ['crv', 'kty', 'x', 'y'])
  assert.equal(await key.thumbprint(), await calculateJwkThumbprint(/** @type {any} */ (jwk)))
  assert.notEqual(await dpop().thumbprint(), await key.thumbprint())
})

const ALGORITHMS = /** @type {const} */ ([
  ['ES256', { name: 'ECDSA', namedCurve: 'P-256' }],
  ['ES384', { name: 'ECDSA', namedCurve: 'P-384' }],
  ['EdDSA', { name: 'Ed25519' }],
  [
    'RS256',
    { name: 'RSASSA-PKCS1-v1_5', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' },
  ],
  ['PS256', { name: 'RSA-PSS', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' }],
])

/** @param {any} algorithm @param {boolean} [extractable] @returns {Promise<any>} */
const pairOf = (algorithm, extractable = false) => crypto.subtle.generateKey(algorithm, extractable, ['sign', 'verify'])

for (const [alg, algorithm] of ALGORITHMS) {
  test(`a key pair of the caller: ${alg}`, async () => {
    const key = dpop({ keyPair: await pairOf(algorithm) })
    const issuer = sandbox.issuer({ algorithms: ['ES256'] })
    const { clientId, clientSecret, tokenUrl } = issuer
    const token = await clientCredentials({ tokenUrl, clientId, clientSecret, dpop: key }).token()
    const verifier = new Verifier({
      issuer: issuer.issuer,
      audience: null,
      keys: { jwks: issuer.jwks },
      replay: memoryStore(),
    })
    const protect = fetchGuard(verifier, { origin: 'https://api.example' })
    const url = 'https://api.example/x'
    const headers = { authorization: `DPoP ${token}`, dpop: await key.proof({ method: 'GET', url, token }) }
    assert.equal(decodeProtectedHeader(headers.dpop).alg, alg)
    assert.equal((await protect(new Request(url, { headers }))).ok, true)
    assert.equal((await protect(new Request(url, { headers }))).ok, false)
  })
}

test('a member of Object.prototype changes neither a proof nor the key', async () => {
  const pair = await pairOf(ALGORITHMS[0][1])
  const polluted = { toJSON: () => 'x', keyPair: pair, token: 'x', now: 1, d: 'x', privateKey: pair.privateKey }
  /** @type {any} */
  const prototype = Object.prototype
  try {
    Object.assign(prototype, polluted)
    const key = dpop()
    const proof = await key.proof({ method: 'GET', url: 'https://api.example/x' })
    const jkt = await key.thumbprint()
    assert.throws(() => dpop({ keyPair: /** @type {any} */ ({}) }), /^TypeError: options\.keyPair must be/)
    for (const name of Object.keys(polluted)) delete prototype[name]
    const claims = await proved(proof)
    assert.deepEqual(Object.keys(claims), ['jti', 'htm', 'htu', 'iat', 'jkt'])
    assert.equal(claims.jkt, jkt)
    assert.notEqual(jkt, await dpop({ keyPair: pair }).thumbprint())
  } finally {
    for (const name of Object.keys(polluted)) delete prototype[name]
  }
})

test('options that cannot be used are named', async () => {
  const [, p256] = ALGORITHMS[0]
  const [, p384] = ALGORITHMS[1]
  const [one, other] = [await pairOf(p256), await pairOf(p384)]
  const secret = await crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify'])
  const hidden = await crypto.subtle.importKey(
    'jwk',
    await crypto.subtle.exportKey('jwk', one.publicKey),
    p256,
    false,
    ['verify'],
  )
  for (const keyPair of [
    7,
    null,
    {},
    { privateKey: one.privateKey },
    { privateKey: one.publicKey, publicKey: one.publicKey },
    { privateKey: one.privateKey, publicKey: one.privateKey },
    { privateKey: one.privateKey, publicKey: other.publicKey },
    { privateKey: one.privateKey, publicKey: hidden },
    { privateKey: secret, publicKey: secret },
    { privateKey: { ...one.privateKey }, publicKey: { ...one.publicKey } },
  ]) {
    assert.throws(() => dpop(/** @type {any} */ ({ keyPair })), /^TypeError: options\.keyPair must be/)
  }
  assert.throws(() => dpop(/** @type {any} */ ({ keypair: one })), /keypair/)
  assert.throws(() => dpop(/** @type {any} */ ({ keyPair: undefined })), /keyPair/)
  const common = { tokenUrl: 'https://issuer.example/token', clientId: 'x', clientSecret: 'y' }
  for (const value of [true, {}, null, 'ES256', undefined, { proof() {} }]) {
    assert.throws(() => clientCredentials(/** @type {any} */ ({ ...common, dpop: value })), /^TypeError: options\.dpop/)
  }
  const key = dpop()
  for (const request of /** @type {any[]} */ ([
    {},
    { method: 'GET' },
    { method: '', url: 'https://api.example' },
    { method: 'GET', url: 'api.example' },
    { method: 'GET', url: 'file:///etc/passwd' },
    { method: 'GET', url: 'https://api.example', ath: 'x' },
    { method: 'GET', url: 'https://api.example', token: undefined },
    null,
  ])) {
    await assert.rejects(key.proof(request), TypeError)
  }
})

test('a storage is shared by those who have the key, and by no other', async () => {
  /** @type {Map<string, string>} */
  const kept = new Map()
  const storage = {
    read: async (/** @type {string} */ key) => kept.get(key) ?? null,
    write: async (/** @type {string} */ key, /** @type {string} */ text) => kept.set(key, text),
  }
  const issuer = sandbox.issuer({ dpop: 'required' })
  const { clientId, clientSecret, tokenUrl } = issuer
  const keyPair = await pairOf(ALGORITHMS[0][1])
  const client = (/** @type {import('countersign/client').Dpop} */ key) =>
    clientCredentials({ tokenUrl, clientId, clientSecret, storage, dpop: key })
  // A token is handed out before it is stored.
  const stored = async (/** @type {number} */ size) => {
    while (kept.size < size) await new Promise((resolve) => setImmediate(resolve))
  }
  const token = await client(dpop({ keyPair })).token()
  await stored(1)
  assert.equal(await client(dpop({ keyPair })).token(), token)
  assert.notEqual(await client(dpop()).token(), token)
  assert.equal(issuer.tokenRequests, 2)
  await stored(2)
  // A record of an unbound token is not taken for a bound one.
  for (const [name, text] of kept) kept.set(name, text.replace('"DPoP"', '"Bearer"'))
  assert.notEqual(await client(dpop({ keyPair })).token(), token)
})

const OIDC_PROVIDER = 'oidc-provider'

for (const requiresNonce of [false, true]) {
  test(`oidc-provider grants a bound token, and accepts it: ${requiresNonce ? 'with' : 'without'} nonces`, async () => {
    const { Provider } = await import(OIDC_PROVIDER)
    const http = createServer((request, response) => handle(request, response))
    /** @type {(request: any, response: any) => void} */
    let handle = () => {}
    await new Promise((resolve) => http.listen(0, '127.0.0.1', () => resolve(undefined)))
    const { port } = /** @type {import('node:net').AddressInfo} */ (http.address())
    const issuer = `http://127.0.0.1:${port}`
    const registered = { client_id: 'c', client_secret: 's'.repeat(40), grant_types: ['client_credentials'] }
    const provider = new Provider(issuer, {
      clients: [{ ...registered, response_types: [], redirect_uris: [], dpop_bound_access_tokens: true }],
      scopes: ['read'],
      features: {
        devInteractions: { enabled: false },
        clientCredentials: { enabled: true },
        dPoP: { enabled: true, nonceSecret: Buffer.alloc(32, 7), requireNonce: () => requiresNonce },
        resourceIndicators: {
          enabled: true,
          defaultResource: () => 'https://api.example/',
          getResourceServerInfo: () => ({
            scope: 'read',
            audience: 'https://api.example/',
            accessTokenFormat: 'jwt',
            accessTokenTTL: 600,
            jwt: { sign: { alg: 'RS256' } },
          }),
        },
      },
    })
    handle = provider.callback()
    const verifier = new Verifier({
      issuer,
      audience: 'https://api.example/',
      keys: { issuer },
      replay: memoryStore(),
    })
    const api = createServer((request, response) => protect(request, response, () => response.end('ok')))
    await new Promise((resolve) => api.listen(0, '127.0.0.1', () => resolve(undefined)))
    const address = /** @type {import('node:net').AddressInfo} */ (api.address())
    const origin = `http://127.0.0.1:${address.port}`
    const protect = guard(verifier, { origin, nonce: NONCE })
    try {
      const key = dpop()
      const client = clientCredentials({
        issuer,
        clientId: 'c',
        clientSecret: 's'.repeat(40),
        origins: [origin],
        dpop: key,
      })
      const [first] = await Promise.all(Array.from({ length: 10 }, () => client.token()))
      assert.deepEqual(decodeJwt(String(first))['cnf'], { jkt: await key.thumbprint() })
      assert.equal((await client.fetch(`${origin}/orders`)).status, 200)
      assert.notEqual(await client.token({ fresh: true }), first)
      assert.equal((await client.fetch(`${origin}/orders`)).status, 200)
      assert.deepEqual(client.stats, { calls: 13, requests: 2, failures: 0, storageFailures: 0 })
      const unbound = clientCredentials({ issuer, clientId: 'c', clientSecret: 's'.repeat(40) })
      await assert.rejects(unbound.token(), { name: 'ClientError', status: 400 })
    } finally {
      for (const server of [http, api]) {
        server.closeAllConnections()
        server.close()
      }
    }
  })
}
