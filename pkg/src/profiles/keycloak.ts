/**
 * Keycloak access tokens.
 *
 * @module
 */

import type { CompleteProfile, Policy } from '../types.js'
import { Options } from './options.js'
import {
  ASYMMETRIC,
  BEARER,
  complete,
  containsAll,
  isBaseUrl,
  isSegment,
  keysAt,
  NO_ID_TOKEN,
  rules,
  scopeOf,
} from './parts.js'

/** Whose Keycloak access tokens they are. At least one of `audience` and `client`. */
export interface KeycloakOptions {
  /** The URL of the server as browsers see it, without a slash at its end. */
  url: string
  /** The name of the realm. */
  realm: string
  /** Held against `aud`, which Keycloak fills only where a mapper says so. Default: `client`, held against `azp`. */
  audience?: string
  /** The client that asked for the token, held against `azp`. Default: every client, if `audience` is given. */
  client?: string
  /** Roles of the client called as `audience`, or else as `client`: all of them. Default: none is required. */
  roles?: string | readonly string[]
  /** Roles of the realm: all of them. Default: none is required. */
  realmRoles?: string | readonly string[]
  /** As in a policy, held against the claim `scope`. Default: no scope is required. */
  scope?: Policy['scope']
}

/**
 * Access tokens of a realm, by audience or by client. The claim `typ` is Bearer: ID tokens and refresh tokens are refused.
 *
 * @throws {TypeError} For options that cannot mean anything.
 */
export function keycloak(options: KeycloakOptions): CompleteProfile {
  const given = new Options(options)
  const url = given.oneText('url', 'the URL of the server as browsers see it, without a slash at its end', isBaseUrl)
  const realm = given.oneText('realm', 'the name of a realm', isSegment)
  const audience = given.text('audience')
  const client = given.text('client')
  const roles = given.texts('roles')
  const realmRoles = given.texts('realmRoles')
  const scope = scopeOf(given)
  const ofRoles = audience ?? client ?? given.refuse('audience', 'given, unless `client` is')
  given.finish()
  const issuer = `${url}/realms/${realm}`
  return complete({
    issuer,
    audience: ofRoles,
    audienceClaim: audience === undefined ? 'azp' : 'aud',
    algorithms: ASYMMETRIC,
    scope,
    scopeClaims: ['scope'],
    claims: rules({ ...NO_ID_TOKEN, typ: 'Bearer', azp: audience === undefined ? undefined : client }),
    permissions: rules({
      [`/resource_access/${escaped(ofRoles)}/roles`]: containsAll(roles),
      '/realm_access/roles': containsAll(realmRoles),
    }),
    carriers: BEARER,
    keys: keysAt(`${issuer}/protocol/openid-connect/certs`, issuer),
  })
}

/** A Reference Token of a JSON Pointer (RFC 6901 section 3). */
function escaped(name: string): string {
  return name.replace(/~/g, '~0').replace(/\//g, '~1')
}
