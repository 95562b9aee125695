// @ts-check
/** An MCP server behind each guard: the SDK's client, the SDK's server, and oidc-provider between them. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  discoverOAuthProtectedResourceMetadata,
  extractWWWAuthenticateParams,
} from '@modelcontextprotocol/sdk/client/auth.js'
import { requireBearerAuth } from '@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js'
import { createMcpExpressApp } from '@modelcontextprotocol/sdk/server/express.js'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { REGISTERED, startAuthorizationServer } from './mcp/authorization-server.js'
import { connected, remembering } from './mcp/client.js'
import { listening, MCP_SERVERS, withAdapter } from './mcp/servers.js'

/** @type {import('./mcp/authorization-server.js').AuthorizationServer} */
let server
before(async () => {
  server = await startAuthorizationServer()
})
after(() => server.close())

const INITIALIZE = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'tests', version: '1.0.0' } },
}

/** @param {string} url @param {string | undefined} token @param {unknown} [body] */
function post(url, token, body = INITIALIZE) {
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  }
  return fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
}

for (const [name, make] of Object.entries({ ...MCP_SERVERS, 'the SDK’s middleware with the adapter': withAdapter })) {
  const isGuard = make !== withAdapter

  test(`${name}: the client discovers, authorizes and calls a tool`, async () => {
    const { origin, close } = await listening(make, server.issuer)
    const url = `${origin}/mcp`
    try {
      const refused = await post(url, undefined)
      assert.equal(refused.status, 401)
      const { resourceMetadataUrl, scope } = extractWWWAuthenticateParams(refused)
      assert.equal(resourceMetadataUrl?.href, `${origin}/.well-known/oauth-protected-resource/mcp`)
      assert.equal(scope, 'orders:read')
      const metadata = await discoverOAuthProtectedResourceMetadata(url, { resourceMetadataUrl })
      assert.equal(metadata.resource, url)
      assert.deepEqual(metadata.authorization_servers, [server.issuer])

      const provider = remembering()
      const client = await connected(url, provider)
      assert.equal(await client.call('read'), 'read by ada')
      assert.deepEqual(
        provider.opened.map(({ searchParams }) => [searchParams.get('resource'), searchParams.get('scope')]),
        [[url, 'orders:read']],
      )
      await client.close()
    } finally {
      await close()
    }
  })

  test(`${name}: a token for another MCP server is refused`, async () => {
    const mine = await listening(make, server.issuer)
    const other = await listening(make, server.issuer)
    try {
      const provider = remembering()
      await (await connected(`${other.origin}/mcp`, provider)).close()
      const token = (await provider.tokens())?.access_token
      assert.equal((await post(`${other.origin}/mcp`, token)).status, 200)
      const refused = await post(`${mine.origin}/mcp`, token)
      assert.equal(refused.status, 401)
      assert.equal(extractWWWAuthenticateParams(refused).error, 'invalid_token')
      // A query is never read.
      assert.equal((await post(`${mine.origin}/mcp?access_token=${token}`, undefined)).status, 401)
    } finally {
      await mine.close()
      await other.close()
    }
  })

  if (!isGuard) continue

  test(`${name}: a tool that needs more scope makes the client ask for all of it at once`, async () => {
    const { origin, close } = await listening(make, server.issuer)
    try {
      const provider = remembering(REGISTERED)
      const client = await connected(`${origin}/mcp`, provider)
      const token = (await provider.tokens())?.access_token
      const call = { jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'cancel', arguments: {} } }
      const refused = await post(`${origin}/mcp`, token, call)
      assert.equal(refused.status, 403)
      const { error, scope, resourceMetadataUrl } = extractWWWAuthenticateParams(refused)
      assert.deepEqual([error, scope], ['insufficient_scope', 'orders:read orders:write'])
      assert.equal(resourceMetadataUrl?.pathname, '/.well-known/oauth-protected-resource/mcp')
      assert.equal((await post(`${origin}/mcp`, token, [INITIALIZE, call])).status, 403, 'in an array of messages')
      const unlisted = { ...call, params: { name: 'forgotten' } }
      assert.equal((await post(`${origin}/mcp`, token, unlisted)).status, 403, 'a tool that is not listed')

      assert.equal(await client.call('cancel'), 'cancelled by ada')
      assert.deepEqual(
        provider.opened.map(({ searchParams }) => searchParams.get('scope')),
        ['orders:read', 'orders:read orders:write'],
      )
      await client.close()
    } finally {
      await close()
    }
  })
}

test('the SDK alone, with a verifier that checks signature and issuer, accepts a token for another server', async () => {
  const other = await listening(withAdapter, server.issuer)
  const keys = createRemoteJWKSet(new URL(`${server.issuer}/jwks`))
  const alone = await listening(async (mcp) => {
    const verifyAccessToken = async (/** @type {string} */ token) => {
      const { payload } = await jwtVerify(token, keys, { issuer: mcp.issuer })
      return { token, clientId: '', scopes: String(payload.scope).split(' '), expiresAt: payload.exp ?? 0 }
    }
    const app = createMcpExpressApp()
    app.use(requireBearerAuth({ verifier: { verifyAccessToken }, requiredScopes: ['orders:read'] }))
    app.post('/mcp', (_, res) => void res.json({}))
    return app
  }, server.issuer)
  const guarded = await listening(/** @type {never} */ (MCP_SERVERS.Express), server.issuer)
  try {
    const provider = remembering()
    await (await connected(`${other.origin}/mcp`, provider)).close()
    const token = (await provider.tokens())?.access_token
    assert.equal((await post(`${alone.origin}/mcp`, token)).status, 200)
    assert.equal((await post(`${guarded.origin}/mcp`, token)).status, 401)
  } finally {
    await Promise.all([other.close(), alone.close(), guarded.close()])
  }
})
