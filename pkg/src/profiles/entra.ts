/**
 * Microsoft Entra access tokens.
 *
 * @module
 */

import type { CompleteProfile, Policy } from '../types.js'
import { Options } from './options.js'
import { BEARER, complete, containsAll, HOUR, isUuid, NO_ID_TOKEN, NOT_EMPTY, oneOf, rules, scopeOf } from './parts.js'

/** Whose Microsoft Entra access tokens they are. Exactly one of `tenant` and `tenants`. */
export interface EntraOptions {
  /** The id of the tenant, a UUID in lower case. */
  tenant?: string
  /** The ids of several tenants, or "any". */
  tenants?: readonly string[] | 'any'
  /** The client id of the API (v2), or its URI (v1). */
  audience: string | readonly string[]
  /** The version of the tokens, which the API's manifest decides (`requestedAccessTokenVersion`). Default "v2". */
  version?: 'v1' | 'v2'
  /** As in a policy, held against `scp`: what a user has delegated. Default: no scope is required. */
  scope?: Policy['scope']
  /** Held against `roles`: all of them. Default: none is required. */
  roles?: string | readonly string[]
  /** Whether `idtyp`, an optional claim, must be "app". Default false. */
  app?: boolean
}

/**
 * RS256 access tokens of one tenant, of several or of any. `azp` (v2) or `appid` (v1) names the client, which ID tokens do
 * not: those are refused, and so are tokens of more than 28 hours. Tokens for Microsoft Graph are for Microsoft alone and
 * never verify.
 *
 * @throws {TypeError} For options that cannot mean anything.
 */
export function entra(options: EntraOptions): CompleteProfile {
  const given = new Options(options)
  const one = given.text('tenant', TENANT, isUuid)
  const several = given.take('tenants') === 'any' ? [] : given.texts('tenants', TENANTS, isUuid)
  if ((one === undefined) === (several === undefined)) given.refuse('tenant', 'given, unless `tenants` is')
  const tenants = one === undefined ? (several ?? []) : [one]
  const audience = given.someTexts('audience', 'the id of the API, or its URI for v1')
  const isV1 = given.choice('version', ['v2', 'v1'], '"v2" or "v1"') === 'v1'
  const scope = scopeOf(given)
  const roles = given.texts('roles')
  const isApp = given.flag('app')
  given.finish()
  const tenant = tenants.length === 1 ? tenants[0] : '{tid}'
  const directory = tenants.length === 1 ? tenant : 'common'
  return complete({
    issuer: isV1 ? `https://sts.windows.net/${tenant}/` : `https://login.microsoftonline.com/${tenant}/v2.0`,
    audience: oneOf(audience),
    algorithms: ['RS256'],
    scope,
    scopeClaims: ['scp'],
    claims: rules({
      ...NO_ID_TOKEN,
      ver: isV1 ? '1.0' : '2.0',
      [isV1 ? 'appid' : 'azp']: NOT_EMPTY,
      tid: tenants.length === 0 ? NOT_EMPTY : oneOf(tenants),
      idtyp: isApp ? 'app' : undefined,
    }),
    permissions: rules({ roles: containsAll(roles) }),
    maxLifetimeSeconds: 28 * HOUR,
    carriers: BEARER,
    // The keys of Entra name the issuer that each vouches for themselves.
    keys: { url: `https://login.microsoftonline.com/${directory}/discovery/v2.0/keys` },
  })
}

const TENANT = 'the id of a tenant, a UUID in lower case: its domain is not in the tokens'
const TENANTS = 'ids of tenants, UUIDs in lower case, or "any"'
