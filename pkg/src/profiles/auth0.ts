/**
 * Auth0 access tokens.
 *
 * @module
 */

import type { CompleteProfile, Policy } from '../types.js'
import { Options } from './options.js'
import { BEARER, complete, containsAll, DAY, isHost, keysAt, NO_ID_TOKEN, oneOf, rules, scopeOf } from './parts.js'

/** Whose Auth0 access tokens they are, and for which API. */
export interface Auth0Options {
  /** The host of the tenant or its custom domain, without `https://` and slash. */
  domain: string
  /** The identifier of the API, or several: never the id of a client, which is the audience of ID tokens. */
  audience: string | readonly string[]
  /** As in a policy, held against the claim `scope`. Default: no scope is required. */
  scope?: Policy['scope']
  /** Held against the claim `permissions`: all of them. Default: none is required. */
  permissions?: string | readonly string[]
}

/**
 * RS256 access tokens for an API. ID tokens, whose audience is a client, are refused, and so are tokens of more than 30
 * days: Auth0 lets no API have longer ones.
 *
 * @throws {TypeError} For options that cannot mean anything.
 */
export function auth0(options: Auth0Options): CompleteProfile {
  const given = new Options(options)
  const domain = given.oneText(
    'domain',
    'the host of the tenant, such as tenant.eu.auth0.com, without https:// and slash',
    isHost,
  )
  const audience = given.someTexts('audience', 'the identifier of the API')
  const scope = scopeOf(given)
  const permissions = given.texts('permissions')
  given.finish()
  const issuer = `https://${domain}/`
  return complete({
    issuer,
    audience: oneOf(audience),
    algorithms: ['RS256'],
    scope,
    scopeClaims: ['scope'],
    claims: NO_ID_TOKEN,
    permissions: rules({ permissions: containsAll(permissions) }),
    requiredClaims: ['sub'],
    maxLifetimeSeconds: 30 * DAY,
    carriers: BEARER,
    keys: keysAt(`${issuer}.well-known/jwks.json`, issuer),
  })
}
