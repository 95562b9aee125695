/**
 * Okta access tokens.
 *
 * @module
 */

import type { CompleteProfile, Policy } from '../types.js'
import { Options } from './options.js'
import {
  BEARER,
  complete,
  DAY,
  isHost,
  isSegment,
  keysAt,
  NO_ID_TOKEN,
  NOT_EMPTY,
  oneOf,
  rules,
  scopeOf,
} from './parts.js'

/** Whose Okta access tokens they are. */
export interface OktaOptions {
  /** The host of the org, without `https://` and slash. */
  domain: string
  /** The id of a custom authorization server, such as "default": the tokens of the org's own server are for Okta alone. */
  authorizationServer: string
  /** The audience of the authorization server, or several. */
  audience: string | readonly string[]
  /** As in a policy, held against the claim `scp`. Default: no scope is required. */
  scope?: Policy['scope']
  /** The clients (`cid`) that may call. Default: all. */
  clients?: string | readonly string[]
}

/**
 * RS256 access tokens of a custom authorization server. They name a client in `cid`, which ID tokens do not: those are
 * refused, and so are tokens of more than 24 hours.
 *
 * @throws {TypeError} For options that cannot mean anything.
 */
export function okta(options: OktaOptions): CompleteProfile {
  const given = new Options(options)
  const domain = given.oneText(
    'domain',
    'the host of the org, such as acme.okta.com, without https:// and slash',
    isHost,
  )
  const server = given.oneText(
    'authorizationServer',
    'the id of a custom authorization server, such as default',
    isSegment,
  )
  const audience = given.someTexts('audience', 'the audience of the authorization server')
  const scope = scopeOf(given)
  const clients = given.texts('clients')
  given.finish()
  const issuer = `https://${domain}/oauth2/${server}`
  return complete({
    issuer,
    audience: oneOf(audience),
    algorithms: ['RS256'],
    scope,
    scopeClaims: ['scp'],
    claims: rules({ ...NO_ID_TOKEN, cid: clients === undefined ? NOT_EMPTY : oneOf(clients) }),
    maxLifetimeSeconds: DAY,
    carriers: BEARER,
    keys: keysAt(`${issuer}/v1/keys`, issuer),
  })
}
