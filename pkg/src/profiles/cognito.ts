/**
 * Amazon Cognito user pool tokens.
 *
 * @module
 */

import type { CompleteProfile, Policy } from '../types.js'
import { Options } from './options.js'
import { BEARER, complete, containsAll, DAY, isSegment, keysAt, oneOf, rules, scopeOf } from './parts.js'

/** Whose Amazon Cognito tokens they are. */
export interface CognitoOptions {
  /** The region of the user pool, such as "eu-west-1". */
  region: string
  /** The id of the user pool, which begins with its region. */
  userPoolId: string
  /** The id of the app client, or several. */
  clientId: string | readonly string[]
  /** Access tokens or ID tokens; the other kind is refused. Default "access". */
  use?: 'access' | 'id'
  /** Held against `cognito:groups`: all of them. Default: none is required. */
  groups?: string | readonly string[]
  /** As in a policy, held against the claim `scope` of access tokens. Default: no scope is required. */
  scope?: Policy['scope']
}

/**
 * RS256 access tokens by `client_id`, or ID tokens by `aud`, of at most a day. `token_use` tells them apart.
 *
 * @throws {TypeError} For options that cannot mean anything.
 */
export function cognito(options: CognitoOptions): CompleteProfile {
  const given = new Options(options)
  const region = given.oneText('region', 'a region, such as eu-west-1', isSegment)
  const isPool = (id: string) => id.startsWith(`${region}_`) && isSegment(id)
  const pool = given.oneText('userPoolId', 'the id of a user pool of this region, such as eu-west-1_Abc123', isPool)
  const clients = given.someTexts('clientId', 'the id of the app client, or several')
  const use = given.choice('use', ['access', 'id'], '"access" or "id"') ?? 'access'
  const groups = given.texts('groups')
  const scope = scopeOf(given)
  if (scope !== undefined && use === 'id') given.refuse('scope', 'left out: an ID token has no scope')
  given.finish()
  const issuer = `https://cognito-idp.${region}.amazonaws.com/${pool}`
  return complete({
    issuer,
    audience: oneOf(clients),
    audienceClaim: use === 'access' ? 'client_id' : 'aud',
    algorithms: ['RS256'],
    scope,
    scopeClaims: ['scope'],
    claims: { token_use: use },
    permissions: rules({ 'cognito:groups': containsAll(groups) }),
    requiredClaims: ['sub'],
    maxLifetimeSeconds: DAY,
    carriers: BEARER,
    keys: keysAt(`${issuer}/.well-known/jwks.json`, issuer),
  })
}
