// @ts-check
/**
 * The MCP server of these tests as a worker. Each request says in headers which resource and issuer it is about, so that
 * one worker serves every test.
 *
 * @module
 */

import { fetchApp } from './fetch-app.js'

/** @type {Map<string, (request: Request) => Promise<Response>>} */
const apps = new Map()

export default {
  /** @param {Request} request @param {{ ISSUER: string }} env */
  async fetch(request, env) {
    const resource = `${new URL(request.url).origin}/mcp`
    const app = apps.get(resource) ?? fetchApp({ resource, issuer: env.ISSUER, scope: 'orders:read' })
    apps.set(resource, app)
    return await app(request)
  },
}
