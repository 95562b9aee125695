// @ts-check
/**
 * The tools of the MCP server of these tests: `read` says for whom, `cancel` needs more scope.
 *
 * @module
 */

import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'

/** What each tool needs beyond the policy. */
export const SCOPES = { read: null, cancel: 'orders:write' }

/**
 * @param {{ claims: { sub?: unknown }, scope?: readonly string[] } | undefined} verified
 */
export function toolServer(verified) {
  const server = new McpServer({ name: 'orders', version: '1.0.0' })
  const text = (/** @type {string} */ content) => ({
    content: [{ type: /** @type {const} */ ('text'), text: content }],
  })
  server.registerTool('read', {}, () => text(`read by ${String(verified?.claims.sub)}`))
  server.registerTool('cancel', {}, () => text(`cancelled by ${String(verified?.claims.sub)}`))
  return server
}
