/**
 * The scope that the messages of an MCP request need, by tool.
 *
 * @module
 */

import { kindOf, mustBe } from '../core/mistake.js'
import { members, own } from '../core/options.js'
import type { Expected } from '../types.js'

/** The scope-tokens that each tool needs beyond the policy, by the tool's name; `null`: none. */
export type ToolScopes = Readonly<Record<string, string | readonly string[] | null>>

/**
 * What the body of a request expects of its token: the scope of every tool that it calls. A body may be one message or an
 * array of them. A tool that `scopes` does not list is refused (`binding_mismatch`, 403), so that none is forgotten.
 *
 * For the option `expected` of a guard that runs after the body was parsed.
 *
 * @param body The parsed JSON.
 * @throws {TypeError} For scopes that cannot be used, and for a body that was not parsed: otherwise a guard before the
 *   parser would require nothing.
 *
 * @example
 * ```js
 * const scopes = { list_orders: null, cancel_order: 'orders:write' }
 * app.post('/mcp', guard(verifier, { resourceMetadata, expected: (req) => toolScope(req.body, scopes) }), handler)
 * ```
 */
export function toolScope(body: unknown, scopes: ToolScopes): Expected {
  const known = members(scopes, 'scopes')
  if (typeof body !== 'object' || body === null) {
    throw mustBe('the first argument of toolScope()', 'a parsed JSON object or array', body)
  }
  const messages: readonly unknown[] = Array.isArray(body) ? Array.from(body) : [body]
  const needed = new Set<string>()
  for (const message of messages) {
    const called = calledTool(message)
    if (called === undefined) continue
    if (typeof called !== 'string' || !known.has(called)) return { bind: { tool: null } }
    for (const token of tokensOf(known.get(called), called)) needed.add(token)
  }
  return needed.size === 0 ? {} : { scope: [...needed] }
}

/** The name in a message that calls a tool; `undefined` for any other message, `null` for a call without a name. */
function calledTool(message: unknown): unknown {
  if (typeof message !== 'object' || message === null || own(message, 'method') !== 'tools/call') return undefined
  const params = own(message, 'params')
  return typeof params === 'object' && params !== null ? (own(params, 'name') ?? null) : null
}

function tokensOf(value: unknown, tool: string): readonly string[] {
  if (value === null) return []
  const list: readonly unknown[] = typeof value === 'string' ? value.split(' ') : Array.isArray(value) ? value : [value]
  const texts = list.filter((token) => typeof token === 'string')
  if (list.length > 0 && texts.length === list.length) return texts
  throw new TypeError(`scopes.${tool} must be scope-tokens or null, not ${kindOf(value)}`)
}
