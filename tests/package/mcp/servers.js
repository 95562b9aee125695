// @ts-check
/**
 * The MCP server of these tests, in each framework: the SDK's server behind a guard, or behind the SDK's own middleware with
 * the adapter.
 *
 * @module
 */

import { createServer } from 'node:http'
import * as errors from '@modelcontextprotocol/sdk/server/auth/errors.js'
import { requireBearerAuth } from '@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js'
import { createMcpExpressApp } from '@modelcontextprotocol/sdk/server/express.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js'
import { profiles, Verifier } from 'countersign'
import * as viaFastify from 'countersign/fastify'
import * as viaHono from 'countersign/hono'
import { toMcpVerifier, toolScope } from 'countersign/mcp'
import * as viaNode from 'countersign/node'
import { fastify } from 'fastify'
import { Hono } from 'hono'
import { bridge } from '../http/servers.js'
import { fetchApp } from './fetch-app.js'
import { SCOPES, toolServer } from './tools.js'

/** @typedef {{ resource: string, issuer: string, scope: string }} Mcp */
/** @typedef {(mcp: Mcp) => Promise<import('node:http').RequestListener>} Make */

/** @param {any} request @param {any} response @param {any} verified */
async function serve(request, response, verified) {
  const transport = new StreamableHTTPServerTransport()
  await toolServer(verified).connect(/** @type {never} */ (transport))
  await transport.handleRequest(request, response, request.body)
}

/** @type {Record<string, Make>} */
export const MCP_SERVERS = {
  Express: async (mcp) => {
    const resourceMetadata = viaNode.protectedResourceMetadata(mcp)
    const expected = (/** @type {any} */ request) => toolScope(request.body, SCOPES)
    const app = createMcpExpressApp()
    app.use(resourceMetadata)
    app.post('/mcp', viaNode.guard(new Verifier(profiles.mcp(mcp)), { resourceMetadata, expected }), (req, res) =>
      serve(req, res, /** @type {any} */ (req).verified),
    )
    return app
  },
  'Request and Response': async (mcp) => bridge(fetchApp(mcp)),
  Hono: async (mcp) => {
    const resourceMetadata = viaHono.protectedResourceMetadata(mcp)
    const app = /** @type {Hono<{ Variables: { verified: import('countersign').Verified } }>} */ (new Hono())
    app.use(resourceMetadata)
    const expected = async (/** @type {import('hono').HonoRequest} */ request) =>
      toolScope(await request.raw.clone().json(), SCOPES)
    app.post('/mcp', viaHono.guard(new Verifier(profiles.mcp(mcp)), { resourceMetadata, expected }), async (c) => {
      const transport = new WebStandardStreamableHTTPServerTransport()
      await toolServer(c.var.verified).connect(/** @type {never} */ (transport))
      return await transport.handleRequest(c.req.raw)
    })
    return bridge((request) => app.fetch(request))
  },
  Fastify: async (mcp) => {
    const resourceMetadata = viaFastify.protectedResourceMetadata(mcp)
    const expected = (/** @type {any} */ request) => toolScope(request.body, SCOPES)
    const app = fastify()
    app.register(resourceMetadata)
    const preHandler = viaFastify.guard(new Verifier(profiles.mcp(mcp)), { resourceMetadata, expected })
    app.post('/mcp', { preHandler }, async (request, reply) => {
      reply.hijack()
      await serve(Object.assign(request.raw, { body: request.body }), reply.raw, request.verified)
    })
    await app.ready()
    return (request, response) => void app.routing(request, response)
  },
}

/** The SDK's own middleware, which compares no audience, with the adapter. @type {Make} */
export async function withAdapter(mcp) {
  const verifier = toMcpVerifier(new Verifier(profiles.mcp(mcp)), errors)
  const resourceMetadata = viaNode.protectedResourceMetadata(mcp)
  const requiredScopes = ['orders:read']
  const app = createMcpExpressApp()
  app.use(resourceMetadata)
  app.use('/mcp', requireBearerAuth({ verifier, requiredScopes, resourceMetadataUrl: resourceMetadata.url }))
  app.post('/mcp', (req, res) => serve(req, res, /** @type {any} */ (req).auth.extra))
  return app
}

/**
 * A server on loopback, whose own URL is the resource.
 *
 * @param {(mcp: Mcp) => Promise<import('node:http').RequestListener>} make
 * @param {string} issuer
 */
export async function listening(make, issuer) {
  /** @type {import('node:http').RequestListener} */
  let listener = () => {}
  const server = createServer((request, response) => listener(request, response))
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  const origin = `http://127.0.0.1:${port}`
  listener = await make({ resource: `${origin}/mcp`, issuer, scope: 'orders:read' })
  return {
    origin,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve(undefined))
      }),
  }
}
