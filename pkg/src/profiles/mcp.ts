/**
 * Policy of an MCP server ({@link https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization Model
 * Context Protocol, Authorization}).
 *
 * @module
 */

import { missingOption, unknownOption } from '../core/mistake.js'
import { members, snapshot } from '../core/options.js'
import { readIssuer } from '../keys/address.js'
import { readResource } from '../resource.js'
import type { Policy } from '../types.js'

/** An MCP server: which resource it is, and whose access tokens it accepts. */
export interface McpOptions {
  /**
   * The canonical URI of the server, for example `https://api.example/mcp`: required among the token's audiences, compared
   * as text (RFC 8707 section 2). https, or http on loopback; no query, no fragment.
   */
  resource: string
  /** The authorization server, exactly as tokens have it in `iss`. Its keys are found through its metadata. */
  issuer: string
  /** As in a policy: what every request needs. Default: no scope is required. */
  scope?: NonNullable<Policy['scope']>
  /**
   * Required `typ` of the header, as in a policy. `null`: not checked, for an issuer that writes none. Default
   * `['at+jwt', 'JWT']`.
   */
  typ?: string | readonly string[] | null
  /** A token that also names another audience. Default "refuse": a token that others could use is not for this server. */
  foreignAudience?: 'allow' | 'refuse'
}

/** What `profiles.mcp` returns: all that a verifier needs. Members that are spread into it change the policy. */
export interface McpProfile extends Policy {
  /** The keys of the issuer, found through its metadata. */
  readonly keys: {
    /** The issuer, as in the policy. */
    readonly issuer: string
  }
}

const OPTIONS = ['resource', 'issuer', 'scope', 'typ', 'foreignAudience']

/**
 * The policy and the keys of an MCP server, as plain data.
 *
 * @throws {TypeError} For options that cannot be used.
 */
export function mcp(options: McpOptions): McpProfile {
  const found = members(options, 'options')
  for (const [name, member] of found) {
    if (!OPTIONS.includes(name)) throw unknownOption(name, OPTIONS)
    if (member === undefined) throw new TypeError(`${name} must not be undefined: leave it out`)
  }
  for (const name of ['resource', 'issuer']) {
    if (!found.has(name)) throw missingOption(name, 'the text of an https URL', found.keys())
  }
  readResource(found.get('resource'))
  readIssuer(found.get('issuer'))
  const copy = snapshot(Object.fromEntries(found), 'options') as unknown as McpOptions
  const { resource, issuer, scope, typ = ACCESS_TOKEN, foreignAudience = 'refuse' } = copy
  return {
    issuer,
    audience: resource,
    foreignAudience,
    ...(typ !== null && { typ }),
    ...(scope !== undefined && { scope }),
    claims: { ...NO_ID_TOKEN },
    keys: { issuer },
  }
}

/** `typ` of access tokens: RFC 9068 section 2.1, and that of issuers that do not follow it. */
const ACCESS_TOKEN = ['at+jwt', 'JWT']

/**
 * Claims that tell an access token from an ID token and a refresh token: OpenID Connect Core section 2, and what
 * Keycloak (`typ`) and Amazon Cognito (`token_use`) add.
 */
const NO_ID_TOKEN = {
  nonce: { absent: true },
  at_hash: { absent: true },
  typ: { absentOr: ['Bearer', 'DPoP'] },
  token_use: { absentOr: 'access' },
} as const
