// @ts-check
/**
 * The MCP server of these tests, for platforms of Request and Response.
 *
 * @module
 */

import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js'
import { profiles, Verifier } from 'countersign'
import { guard, protectedResourceMetadata } from 'countersign/fetch'
import { toolScope } from 'countersign/mcp'
import { SCOPES, toolServer } from './tools.js'

/**
 * @param {{ resource: string, issuer: string, scope: string }} mcp
 * @returns {(request: Request) => Promise<Response>}
 */
export function fetchApp(mcp) {
  const resourceMetadata = protectedResourceMetadata(mcp)
  const protect = guard(new Verifier(profiles.mcp(mcp)), {
    resourceMetadata,
    expected: async (request) => (request.method === 'POST' ? toolScope(await request.clone().json(), SCOPES) : {}),
  })
  return async (request) => {
    const verified = await protect(request)
    if (!verified.ok) return verified.response
    if (request.method !== 'POST') return new Response(null, { status: 405 })
    const transport = new WebStandardStreamableHTTPServerTransport()
    await toolServer(verified).connect(/** @type {never} */ (transport))
    return await transport.handleRequest(request)
  }
}
