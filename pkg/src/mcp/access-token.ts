/**
 * `verifyAccessToken` of the MCP SDK, by a verifier.
 *
 * @module
 */

import { mustBe } from '../core/mistake.js'
import { memberOf, own } from '../core/options.js'
import { TokenError, UnavailableError } from '../error.js'
import type { ClaimsSet, Presented, Verified } from '../types.js'
import { countsUses } from '../verifier-facts.js'

/** What the SDK hands to tools as `authInfo`. */
export interface McpAuthInfo {
  /** The access token. An MCP server must not pass it on to another server. */
  token: string
  /** The client that it was issued to: `client_id`, `azp`, `cid` or `appid`, the first that is there; '' without any. */
  clientId: string
  /** Its scope-tokens. */
  scopes: string[]
  /** Its `exp`, in seconds since the Unix epoch. */
  expiresAt?: number
  /** The resource that it is for, if `aud` is one URL. */
  resource?: URL
  /** What else the token says. */
  extra: {
    /** The Claims Set. */
    claims: ClaimsSet
  }
}

/** The SDK's `OAuthTokenVerifier`, for its `requireBearerAuth`. */
export interface McpAccessTokenVerifier {
  /**
   * Verifies an access token.
   *
   * @throws One of the SDK's own errors, whose `cause` is the reason.
   */
  verifyAccessToken(token: string): Promise<McpAuthInfo>
}

/** The error classes of `@modelcontextprotocol/sdk/server/auth/errors.js`, by which `requireBearerAuth` answers. */
export interface McpErrors {
  /** The token must not be accepted: a 401. */
  InvalidTokenError: new (
    message: string,
  ) => Error
  /** The token lacks a scope-token: a 403. */
  InsufficientScopeError: new (
    message: string,
  ) => Error
  /** The token is good and does not allow the request: a 400. */
  AccessDeniedError: new (
    message: string,
  ) => Error
  /** There is no verdict: a 500. */
  ServerError: new (
    message: string,
  ) => Error
}

/** The part of a verifier that the adapter uses. */
export interface McpVerifies {
  /** As in a `Verifier`. */
  verifyAsync(token: Presented): Promise<Verified>
  /** As in a `Verifier`; used if the verifier counts uses. */
  redeem?(token: Presented): Promise<Verified>
}

/**
 * A verifier as the MCP SDK takes one. The SDK itself compares no audience unless it is asked to: the verifier's policy
 * does, for example that of `profiles.mcp`.
 *
 * @param errors The SDK's error classes: `import * as errors from '@modelcontextprotocol/sdk/server/auth/errors.js'`. Its
 *   middleware recognises them by class, and this package does not import the SDK.
 * @throws {TypeError} For anything else.
 *
 * @example
 * ```js
 * const verifier = toMcpVerifier(new Verifier(profiles.mcp({ resource, issuer })), errors)
 * app.use('/mcp', requireBearerAuth({ verifier, requiredScopes: ['tools:use'], resourceMetadataUrl: metadata.url }))
 * ```
 */
export function toMcpVerifier(verifier: McpVerifies, errors: McpErrors): McpAccessTokenVerifier {
  const method = memberOf(Object(verifier), countsUses(Object(verifier)) ? 'redeem' : 'verifyAsync')
  if (typeof method !== 'function') {
    throw mustBe('the first argument of toMcpVerifier()', 'a verifier, an object with verifyAsync()', verifier)
  }
  const classes = readErrors(errors)
  return {
    async verifyAccessToken(token) {
      let verified: Verified
      try {
        verified = await Reflect.apply(method, verifier, [token])
      } catch (error) {
        throw translated(error, classes)
      }
      return authInfo(token, verified)
    },
  }
}

function readErrors(errors: McpErrors): McpErrors {
  const read = (name: keyof McpErrors) => {
    const found = typeof errors === 'object' && errors !== null ? own(errors, name) : undefined
    if (typeof found === 'function') return found as McpErrors[typeof name]
    throw mustBe('the second argument of toMcpVerifier()', `an object with the SDK's class ${name}`, errors)
  }
  return {
    InvalidTokenError: read('InvalidTokenError'),
    InsufficientScopeError: read('InsufficientScopeError'),
    AccessDeniedError: read('AccessDeniedError'),
    ServerError: read('ServerError'),
  }
}

/** The SDK's error for a refusal. It sends the message to the client, so the message is the same for every reason. */
function translated(error: unknown, classes: McpErrors): unknown {
  let meant: Error
  if (error instanceof TokenError && error.code === 'scope_insufficient') {
    meant = new classes.InsufficientScopeError('The access token lacks a required scope')
  } else if (error instanceof TokenError && error.status === 403) {
    meant = new classes.AccessDeniedError('The access token does not allow this request')
  } else if (error instanceof TokenError) {
    meant = new classes.InvalidTokenError('The access token is not valid')
  } else if (error instanceof UnavailableError) {
    meant = new classes.ServerError('The access token cannot be verified at the moment')
  } else {
    return error
  }
  Object.defineProperty(meant, 'cause', { value: error, configurable: true, writable: true })
  return meant
}

function authInfo(token: string, { claims, scope, expiresAt }: Verified): McpAuthInfo {
  const resource = resourceOf(own(claims, 'aud'))
  return {
    token,
    clientId: CLIENT_CLAIMS.map((name) => own(claims, name)).find((id) => typeof id === 'string') ?? '',
    scopes: [...scope],
    ...(expiresAt === null ? {} : { expiresAt }),
    ...(resource === undefined ? {} : { resource }),
    extra: { claims },
  }
}

/** RFC 9068 section 2.2; OpenID Connect, Keycloak and Auth0; Okta; Microsoft Entra v1. */
const CLIENT_CLAIMS = ['client_id', 'azp', 'cid', 'appid']

function resourceOf(audience: unknown): URL | undefined {
  const only: unknown = Array.isArray(audience) && audience.length === 1 ? audience[0] : audience
  return typeof only === 'string' && URL.canParse(only) ? new URL(only) : undefined
}
