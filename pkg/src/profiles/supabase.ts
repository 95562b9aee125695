/**
 * Supabase access tokens.
 *
 * @module
 */

import type { CompleteProfile } from '../types.js'
import { Options } from './options.js'
import { BEARER, complete, DAY, isBaseUrl, isLabel, keysAt, NO_ID_TOKEN, NOT_EMPTY, oneOf, rules } from './parts.js'

/** Whose Supabase access tokens they are. Exactly one of `ref` and `url`. */
export interface SupabaseOptions {
  /** The ref of the project. */
  ref?: string
  /** The URL of the project, without a slash at its end: a custom domain, or a server of your own. */
  url?: string
  /** The claim `role`, one of these. Default "authenticated". */
  role?: string | readonly string[]
  /** Users that signed in anonymously, who have the role "authenticated", too. Default "refuse". */
  anonymous?: 'refuse' | 'allow'
}

/**
 * ES256 or RS256 access tokens of a project that signs with asymmetric keys, of at most a week. The keys `anon` and
 * `service_role` of old projects are refused, and so are tokens of projects with a shared secret.
 *
 * @throws {TypeError} For options that cannot mean anything.
 */
export function supabase(options: SupabaseOptions): CompleteProfile {
  const given = new Options(options)
  const ref = given.text('ref', 'the ref of the project', isLabel)
  const url = given.text('url', 'the URL of the project, without a slash at its end', isBaseUrl)
  if ((ref === undefined) === (url === undefined)) given.refuse('ref', 'one string, unless `url` is given instead')
  const role = given.texts('role') ?? ['authenticated']
  const allows = given.choice('anonymous', ['refuse', 'allow'], '"refuse" or "allow"') === 'allow'
  given.finish()
  const issuer = `${url ?? `https://${ref}.supabase.co`}/auth/v1`
  return complete({
    issuer,
    audience: 'authenticated',
    algorithms: ['ES256', 'RS256'],
    claims: rules({
      ...NO_ID_TOKEN,
      role: oneOf(role),
      sub: NOT_EMPTY,
      is_anonymous: allows ? undefined : { absentOr: false },
    }),
    maxLifetimeSeconds: 7 * DAY,
    carriers: BEARER,
    keys: keysAt(`${issuer}/.well-known/jwks.json`, issuer),
  })
}
