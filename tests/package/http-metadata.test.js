// @ts-check
/** The metadata of a protected resource (RFC 9728), what challenges say of it, and the scope that they name. */

import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { anyOf, profiles, Verifier } from 'countersign'
import * as viaFastify from 'countersign/fastify'
import * as viaFetch from 'countersign/fetch'
import * as viaHono from 'countersign/hono'
import * as viaNode from 'countersign/node'
import { fastify } from 'fastify'
import { Hono } from 'hono'
import { bridge, listen } from './http/servers.js'

const express = createRequire(import.meta.url)('express')

const ISSUER = 'https://issuer.example'
const RESOURCE = 'https://api.example/mcp'
const SECRET = 'a secret of the tests of metadata, and of nothing else'
const PATH = '/.well-known/oauth-protected-resource/mcp'

/** @param {Record<string, unknown>} [changes] */
function mint(changes = {}) {
  const claims = { iss: ISSUER, aud: RESOURCE, sub: 'ada', exp: Math.floor(Date.now() / 1000) + 600, ...changes }
  const part = (/** @type {unknown} */ data) => Buffer.from(JSON.stringify(data)).toString('base64url')
  const input = `${part({ alg: 'HS256' })}.${part(claims)}`
  return `${input}.${createHmac('sha256', SECRET).update(input).digest('base64url')}`
}

/** @param {Partial<import('countersign').VerifierOptions>} [changes] */
const verifierWith = (changes = {}) =>
  new Verifier({ issuer: ISSUER, audience: RESOURCE, keys: { secret: SECRET, alg: 'HS256' }, ...changes })

/** @typedef {import('countersign/fetch').ProtectedResourceOptions} Options */

/** A server whose every path is guarded, in each framework. @type {Record<string, (options: Options) => Promise<{ origin: string, close: () => Promise<unknown> }>>} */
const SERVERS = {
  Express: (options) => {
    const resourceMetadata = viaNode.protectedResourceMetadata(options)
    const app = express()
    app.use(resourceMetadata, viaNode.guard(verifierWith(), { resourceMetadata }))
    return listen(app)
  },
  'Express, the guard alone': (options) => {
    const app = express()
    app.use(viaNode.guard(verifierWith(), { resourceMetadata: viaNode.protectedResourceMetadata(options) }))
    return listen(app)
  },
  'Express, below a path': (options) => {
    const app = express()
    app.use('/.well-known', viaNode.protectedResourceMetadata(options))
    app.use(viaNode.guard(verifierWith(), { resourceMetadata: viaNode.protectedResourceMetadata(options) }))
    return listen(app)
  },
  'node:http': (options) => {
    const resourceMetadata = viaNode.protectedResourceMetadata(options)
    const protect = viaNode.guard(verifierWith(), { resourceMetadata })
    return listen((request, response) =>
      resourceMetadata(request, response, () => protect(request, response, () => response.end())),
    )
  },
  Hono: (options) => {
    const resourceMetadata = viaHono.protectedResourceMetadata(options)
    const app = new Hono().use(resourceMetadata).use(viaHono.guard(verifierWith(), { resourceMetadata }))
    return listen(bridge((request) => app.fetch(request)))
  },
  Fastify: async (options) => {
    const resourceMetadata = viaFastify.protectedResourceMetadata(options)
    const app = fastify({ exposeHeadRoutes: false })
    app.register(resourceMetadata)
    app.register(viaFastify.guard(verifierWith(), { resourceMetadata }))
    app.all('/*', async () => '')
    return { origin: await app.listen({ port: 0, host: '127.0.0.1' }), close: () => app.close() }
  },
  'Request and Response': (options) => {
    const resourceMetadata = viaFetch.protectedResourceMetadata(options)
    const protect = viaFetch.guard(verifierWith(), { resourceMetadata })
    return listen(
      bridge(async (request) => {
        const document = resourceMetadata(request)
        if (document !== undefined) return document
        const verified = await protect(request)
        return verified.ok ? new Response() : verified.response
      }),
    )
  },
}

for (const [name, start] of Object.entries(SERVERS)) {
  test(`${name}: the document is at its path, readable by scripts, and nothing else is public`, async () => {
    const options = { resource: RESOURCE, issuer: ISSUER, scope: 'orders:read orders:list', name: 'Orders' }
    const { origin, close } = await start(options)
    try {
      for (const path of [PATH, `${PATH}?a=b`, `${PATH}/`]) {
        if (name === 'Fastify' && path.endsWith('/')) continue
        const response = await fetch(origin + path)
        assert.equal(response.status, 200, path)
        assert.equal(response.headers.get('content-type')?.split(';')[0], 'application/json')
        assert.equal(response.headers.get('access-control-allow-origin'), '*')
        assert.deepEqual(await response.json(), {
          resource: RESOURCE,
          authorization_servers: [ISSUER],
          scopes_supported: ['orders:read', 'orders:list'],
          bearer_methods_supported: ['header'],
          resource_name: 'Orders',
        })
      }
      const head = await fetch(origin + PATH, { method: 'HEAD' })
      assert.deepEqual([head.status, await head.text()], [200, ''])
      const headers = { origin: 'https://a.example', 'access-control-request-method': 'GET' }
      const preflight = await fetch(origin + PATH, {
        method: 'OPTIONS',
        headers: { ...headers, 'access-control-request-headers': 'mcp-protocol-version' },
      })
      assert.equal(preflight.status, 204)
      assert.equal(preflight.headers.get('access-control-allow-headers'), '*')
      assert.equal(preflight.headers.get('access-control-allow-methods'), 'GET, HEAD')
      assert.ok([401, 405].includes((await fetch(origin + PATH, { method: 'POST' })).status))
      for (const path of ['/', '/mcp', '/.well-known/oauth-protected-resource', `${PATH}x`, `${PATH}/x`, `/x${PATH}`]) {
        const response = await fetch(origin + path)
        assert.equal(response.status, 401, path)
        assert.equal(
          response.headers.get('www-authenticate'),
          `Bearer scope="orders:read orders:list", resource_metadata="https://api.example${PATH}"`,
        )
      }
    } finally {
      await close()
    }
  })
}

test('the path follows the resource: a slash after the host is removed, one at the end is not', () => {
  const { protectedResourceMetadata } = viaFetch
  for (const [resource, url] of /** @type {const} */ ([
    ['https://api.example', 'https://api.example/.well-known/oauth-protected-resource'],
    ['https://api.example/', 'https://api.example/.well-known/oauth-protected-resource'],
    ['https://api.example:8443/a/b', 'https://api.example:8443/.well-known/oauth-protected-resource/a/b'],
    ['https://api.example/a/', 'https://api.example/.well-known/oauth-protected-resource/a/'],
    ['http://localhost:3000/mcp', 'http://localhost:3000/.well-known/oauth-protected-resource/mcp'],
    ['http://[::1]/mcp', 'http://[::1]/.well-known/oauth-protected-resource/mcp'],
  ])) {
    const metadata = protectedResourceMetadata({ resource, issuer: ISSUER })
    assert.equal(metadata.url, url)
    assert.equal(metadata.document.resource, resource, 'as it was written')
  }
})

test('every member of the document follows from an option', () => {
  const { document, scope } = viaFetch.protectedResourceMetadata({
    resource: RESOURCE,
    issuer: [ISSUER, 'https://other.example/tenant/'],
    scope: { all: ['a'], any: ['b', 'a'] },
    documentation: 'https://api.example/docs',
    members: { resource_tos_uri: 'https://api.example/terms', dpop_bound_access_tokens_required: true },
  })
  assert.deepEqual(scope, ['a', 'b'])
  assert.deepEqual(
    { ...document },
    {
      resource: RESOURCE,
      authorization_servers: [ISSUER, 'https://other.example/tenant/'],
      scopes_supported: ['a', 'b'],
      bearer_methods_supported: ['header'],
      resource_documentation: 'https://api.example/docs',
      resource_tos_uri: 'https://api.example/terms',
      dpop_bound_access_tokens_required: true,
    },
  )
  assert.ok(Object.isFrozen(document))
})

test('options that cannot be used are mistakes, in every entry', () => {
  const good = { resource: RESOURCE, issuer: ISSUER }
  for (const { protectedResourceMetadata } of [viaFetch, viaNode, viaHono, viaFastify]) {
    assert.doesNotThrow(() => protectedResourceMetadata(good))
    for (const options of /** @type {any[]} */ ([
      undefined,
      null,
      {},
      { resource: RESOURCE },
      { issuer: ISSUER },
      { ...good, resource: 'api.example' },
      { ...good, resource: 'http://api.example' },
      { ...good, resource: 'https://api.example/mcp#a' },
      { ...good, resource: 'https://api.example/mcp?a' },
      { ...good, resource: 'https://user@api.example/mcp' },
      { ...good, resource: 'https://API.example/mcp' },
      { ...good, resource: 'https://api.example:443/mcp' },
      { ...good, resource: 'https://api.example/a/../mcp' },
      { ...good, resource: ' https://api.example/mcp' },
      { ...good, resource: new URL(RESOURCE) },
      { ...good, issuer: [] },
      { ...good, issuer: '' },
      { ...good, issuer: 'http://issuer.example' },
      { ...good, issuer: 'https://issuer.example/?a' },
      { ...good, issuer: [ISSUER, undefined] },
      { ...good, scope: '' },
      { ...good, scope: [] },
      { ...good, scope: {} },
      { ...good, scope: { any: [] } },
      { ...good, scope: 'a  b' },
      { ...good, scope: ['a b'] },
      { ...good, scope: ['a"b'] },
      { ...good, scope: undefined },
      { ...good, name: '' },
      { ...good, documentation: 'docs' },
      { ...good, members: { resource: RESOURCE } },
      { ...good, members: { a: undefined } },
      { ...good, members: { a: () => {} } },
      { ...good, authorization_servers: [ISSUER] },
      Object.create(good),
    ])) {
      assert.throws(() => protectedResourceMetadata(options), TypeError, JSON.stringify(options))
    }
  }
  assert.throws(() => viaFetch.protectedResourceMetadata({ ...good, resource: 'https://API.example/mcp' }), {
    message: 'resource must have its canonical spelling, https://api.example/mcp',
  })
})

test('Fastify: a path that its router would read as a pattern, and a prefix', async () => {
  const app = fastify()
  const metadata = viaFastify.protectedResourceMetadata({ resource: 'https://api.example/t:1/mcp', issuer: ISSUER })
  app.register(metadata)
  const path = '/.well-known/oauth-protected-resource/t:1/mcp'
  assert.equal((await app.inject(path)).statusCode, 200)
  assert.equal((await app.inject(path.replace(':1', 'x'))).statusCode, 404)
  for (const resource of ['https://api.example/caf%C3%A9/mcp', 'https://api.example/a*b/']) {
    const other = fastify()
    const { url } = viaFastify.protectedResourceMetadata({ resource, issuer: ISSUER })
    other.register(viaFastify.protectedResourceMetadata({ resource, issuer: ISSUER }))
    const status = async (/** @type {string} */ at) => (await other.inject(new URL(at).pathname)).statusCode
    assert.equal(await status(url), 200, url)
    assert.equal(await status(`${url}/more`), 404, url)
  }
  const prefixed = fastify()
  prefixed.register(async (scope) => void scope.register(metadata), { prefix: '/api' })
  await assert.rejects(async () => await prefixed.ready(), /without a prefix/)
})

test('resourceMetadata of a guard: a look-alike of what protectedResourceMetadata returned is a mistake', () => {
  const { url, scope, document } = viaFetch.protectedResourceMetadata({ resource: RESOURCE, issuer: ISSUER })
  for (const look of [{ url, scope, document }, Object.assign(() => {}, { url, scope, document })]) {
    const options = /** @type {any} */ ({ resourceMetadata: look })
    assert.throws(() => viaFetch.guard(verifierWith(), options), TypeError)
  }
})

/** @param {unknown} verifier @param {object} options @param {string} [token] */
async function challenge(verifier, options, token) {
  const headers = token === undefined ? undefined : { authorization: `Bearer ${token}` }
  const request = new Request(RESOURCE, headers === undefined ? {} : { headers })
  const found = await /** @type {any} */ (viaFetch).guard(verifier, options)(request)
  assert.equal(found.ok, false)
  return /** @type {string | null} */ (found.response.headers.get('www-authenticate'))
}

test('a 401 names the scope to request, a 403 all that the request needs at once', async () => {
  const verifier = verifierWith({ scope: 'orders:read' })
  const expected = () => ({ scope: ['orders:write'] })
  assert.equal(await challenge(verifier, { expected }), 'Bearer')
  assert.equal(await challenge(verifier, { expected, scope: 'orders:read' }), 'Bearer scope="orders:read"')
  assert.equal(
    await challenge(verifier, { expected, scope: ['a', 'b'] }, 'not-a-token'),
    'Bearer error="invalid_token", scope="a b"',
  )
  const needed = 'Bearer error="insufficient_scope", scope="orders:read orders:write"'
  assert.equal(await challenge(verifier, { expected, scope: 'a' }, mint({ scope: 'orders:read' })), needed)
  assert.equal(await challenge(verifier, { expected }, mint({ scope: 'orders:write' })), needed)
  assert.equal(await challenge(verifier, { expected }, mint({ scope: '' })), needed)
  assert.equal(await challenge(verifier, { expected }, mint()), needed)
})

test('of alternatives, a 403 names one that the token has, or else the first; profile and members count together', async () => {
  const profile = profiles.accessToken({ issuer: ISSUER, audience: RESOURCE, scope: { any: ['a', 'b'] } })
  const { typ: _, requiredClaims: __, ...plain } = /** @type {any} */ (profile)
  const verifier = new Verifier({ profile: plain, scope: { all: ['c'], any: ['d', 'e'] }, keys: { secret: SECRET } })
  const expected = () => ({ scope: { all: ['f'] } })
  for (const [scope, named] of /** @type {const} */ ([
    ['', 'a c d f'],
    ['b', 'b c d f'],
    ['b c e', 'b c e f'],
    ['a b c d e', 'a c d f'],
  ])) {
    const found = await challenge(verifier, { expected }, mint({ scope }))
    assert.equal(found, `Bearer error="insufficient_scope", scope="${named}"`, scope)
  }
})

test('a verifier for several issuers names what the refused rule and the request need', async () => {
  const verifier = anyOf([verifierWith({ scope: 'a' }), verifierWith({ issuer: 'https://b.example', scope: 'b' })])
  const expected = () => ({ scope: 'c' })
  assert.equal(
    await challenge(verifier, { expected }, mint({ scope: 'c' })),
    'Bearer error="insufficient_scope", scope="c a"',
  )
})

test('members of expected() are read once, and only own ones', async () => {
  let reads = 0
  const expected = () =>
    Object.create(null, {
      scope: { enumerable: true, get: () => ((reads += 1) === 1 ? 'orders:write' : 'orders:read') },
    })
  const found = await challenge(verifierWith(), { expected }, mint({ scope: 'orders:read' }))
  assert.equal(found, 'Bearer error="insufficient_scope", scope="orders:write"')
  assert.equal(reads, 1)
})

test('node:http without Express: an absolute-form target', async () => {
  const metadata = viaNode.protectedResourceMetadata({ resource: RESOURCE, issuer: ISSUER })
  const server = createServer((request, response) => {
    request.url = `http://api.example${PATH}`
    metadata(request, response, () => response.writeHead(404).end())
  })
  const { origin, close } = await listen((request, response) => void server.emit('request', request, response))
  assert.equal((await fetch(origin)).status, 200)
  await close()
})
