// @ts-check
/** The sandbox's generic issuer: its tokens, its metadata, its rotation and its outages. */

import assert from 'node:assert/strict'
import { request } from 'node:http'
import { after, before, test } from 'node:test'
import { discoverKeys, Verifier } from 'countersign'
import { startSandbox } from 'countersign/sandbox'
import { createLocalJWKSet, createRemoteJWKSet, jwtVerify } from 'jose'

/** @type {import('countersign/sandbox').Sandbox} */
let sandbox
before(async () => {
  sandbox = await startSandbox()
})
after(() => sandbox.close())

const ALL = /** @type {const} */ ([
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
])

test('jose and countersign verify a token of every algorithm', async () => {
  const algorithms = /** @type {import('countersign/sandbox').IssuerAlgorithm[]} */ ([...ALL])
  const issuer = sandbox.issuer({ audience: ['a', 'b'], algorithms })
  const verifier = new Verifier({ issuer: issuer.issuer, audience: 'a', keys: { issuer: issuer.issuer } })
  const set = createRemoteJWKSet(new URL(issuer.jwksUri))
  for (const alg of algorithms) {
    const token = issuer.mint({ header: { alg }, claims: { scope: 'x', jti: undefined } })
    const { payload } = await jwtVerify(token, set, { issuer: issuer.issuer, audience: 'b' })
    const { claims } = await verifier.verifyAsync(token)
    assert.deepEqual(claims, payload)
    assert.deepEqual([claims.scope, claims.sub, claims.jti], ['x', 'user', undefined])
  }
  assert.throws(() => sandbox.issuer({ algorithms: ['ES256'] }).mint({ header: { alg: 'RS256' } }), TypeError)
})

test('metadata is where RFC 8414 and OpenID Connect have it, and keys are served with an ETag', async () => {
  const issuer = sandbox.issuer()
  const { origin, pathname } = new URL(issuer.issuer)
  for (const url of [
    issuer.metadataUrl,
    `${origin}/.well-known/oauth-authorization-server${pathname}`,
    `${origin}/.well-known/openid-configuration${pathname}`,
  ]) {
    const metadata = /** @type {any} */ (await (await fetch(url)).json())
    assert.deepEqual([metadata.issuer, metadata.jwks_uri], [issuer.issuer, issuer.jwksUri])
  }
  const response = await fetch(issuer.jwksUri)
  assert.deepEqual(await response.json(), issuer.jwks)
  const etag = String(response.headers.get('etag'))
  assert.equal((await fetch(issuer.jwksUri, { headers: { 'if-none-match': etag } })).status, 304)
  assert.equal((await fetch(issuer.jwksUri, { method: 'POST' })).status, 405)
  assert.equal((await fetch(`${issuer.issuer}/other`)).status, 404)
  assert.deepEqual([issuer.requests, issuer.jwksRequests], [6, 3])
})

test('keys rotate: both published, one alone, or the new ones later', async () => {
  const issuer = sandbox.issuer({ algorithms: ['ES256'] })
  const kids = () => issuer.jwks.keys.map(({ kid }) => kid)
  const verifies = (/** @type {string} */ token) =>
    jwtVerify(token, createLocalJWKSet(/** @type {any} */ (issuer.jwks))).then(
      () => true,
      () => false,
    )
  const [first] = kids()
  const old = issuer.mint()
  issuer.rotate()
  assert.equal(kids().length, 2)
  assert.deepEqual([await verifies(old), await verifies(issuer.mint())], [true, true])
  issuer.rotate({ keep: false })
  assert.equal(kids().length, 1)
  assert.equal(await verifies(old), false)
  const before = kids()
  issuer.rotate({ publish: false })
  assert.deepEqual(kids(), before)
  assert.equal(await verifies(issuer.mint()), false)
  issuer.publish()
  assert.equal(await verifies(issuer.mint()), true)
  assert.ok(!kids().includes(String(first)))
  issuer.publish('<html>')
  assert.equal(await (await fetch(issuer.jwksUri)).text(), '<html>')
})

test('it fails, hangs, is slow, and recovers', async () => {
  const issuer = sandbox.issuer()
  issuer.fail(503, { 'retry-after': '7' })
  const failed = await fetch(issuer.jwksUri)
  assert.deepEqual([failed.status, failed.headers.get('retry-after')], [503, '7'])
  assert.equal((await fetch(issuer.metadataUrl)).status, 503)
  issuer.hang()
  await assert.rejects(fetch(issuer.jwksUri, { signal: AbortSignal.timeout(100) }))
  issuer.slow(60)
  const start = performance.now()
  assert.equal((await fetch(issuer.jwksUri)).status, 200)
  assert.ok(performance.now() - start >= 55)
  issuer.recover()
  assert.equal((await fetch(issuer.jwksUri)).status, 200)
  assert.equal(issuer.requests, 5)
})

test('an issuer of another name says so in its metadata and tokens', async () => {
  const issuer = sandbox.issuer({ issuer: 'https://issuer.example/' })
  assert.equal((await (await fetch(issuer.metadataUrl)).json()).issuer, 'https://issuer.example/')
  const location = new URL('.', issuer.jwksUri).href.replace(/\/$/, '')
  await assert.rejects(discoverKeys(location).refresh(), { code: 'keys_unavailable' })
  const verifier = new Verifier({ issuer: 'https://issuer.example/', audience: null, keys: { url: issuer.jwksUri } })
  assert.equal((await verifier.verifyAsync(issuer.mint())).claims.iss, 'https://issuer.example/')
})

test('options that cannot mean anything are TypeErrors', () => {
  for (const options of [
    { algorithms: [] },
    { algorithms: ['none'] },
    { algorithms: ['HS256'] },
    { algorithms: 'RS256' },
    { aud: 'x' },
    { issuer: '' },
    { issuer: 7 },
    { audience: [] },
    { audience: [7] },
    { audience: { 0: 'x' } },
    { scopes: 'read' },
    { lifetimeSeconds: 0 },
    { lifetimeSeconds: 1.5 },
    { lifetimeSeconds: '60' },
    { clientKey: 'x' },
    { clientKey: { kty: 'oct', k: 'x' } },
    null,
    7,
  ]) {
    assert.throws(() => sandbox.issuer(/** @type {any} */ (options)), TypeError, JSON.stringify(options))
  }
  const issuer = /** @type {any} */ (sandbox.issuer())
  for (const work of [
    () => issuer.fail(99),
    () => issuer.fail('500'),
    () => issuer.fail(500, { 'a b': 'x' }),
    () => issuer.fail(500, { a: 'x\r\ny: z' }),
    () => issuer.slow(-1),
    () => issuer.slow(1e9),
    () => issuer.publish(() => {}),
    () => issuer.publish({ x: 1n }),
    () => issuer.rotate({ kep: false }),
    () => issuer.mint({ claim: {} }),
    () => issuer.mint({ header: { alg: 'none' } }),
  ]) {
    assert.throws(work, TypeError)
  }
})

test('options are own members: what Object.prototype holds has no effect', () => {
  const inherited = { audience: 'polluted', algorithms: ['ES256'], header: { alg: 'x' }, alg: 'x' }
  for (const [name, value] of Object.entries(inherited)) {
    Object.defineProperty(Object.prototype, name, { value, configurable: true, enumerable: false, writable: true })
    try {
      const issuer = sandbox.issuer()
      assert.deepEqual([issuer.audience, issuer.jwks.keys[0]?.alg], ['https://api.example', 'RS256'])
      assert.equal(issuer.mint().split('.').length, 3)
      assert.equal(issuer.mint({ header: {} }).split('.').length, 3)
    } finally {
      delete (/** @type {any} */ (Object.prototype)[name])
    }
  }
})

test('a request for another host gets no keys and no token', async () => {
  const { jwksUri, tokenUrl } = sandbox.issuer()
  for (const url of [jwksUri, tokenUrl]) {
    for (const host of ['rebound.example', '127.0.0.1.evil.example', '[', 'localhost@evil.example']) {
      assert.ok((await statusOf(url, host)) >= 400, host)
    }
  }
  assert.equal(await statusOf(jwksUri, 'localhost'), 200)
})

/** @param {string} url @param {string} host @returns {Promise<number>} */
function statusOf(url, host) {
  return new Promise((resolve, reject) => {
    const sent = request(url, { headers: { host } }, (response) => resolve(response.resume().statusCode ?? 0))
    sent.on('error', reject).end()
  })
}
