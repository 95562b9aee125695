/**
 * Cloudflare Access application tokens.
 *
 * @module
 */

import type { CompleteProfile } from '../types.js'
import { Options } from './options.js'
import { complete, DAY, isLabel, keysAt, NOT_EMPTY, oneOf, rules } from './parts.js'

/** Whose Cloudflare Access application tokens they are. */
export interface CloudflareAccessOptions {
  /** The name of the team, the host before `.cloudflareaccess.com`. */
  team: string
  /** The AUD tag of the application, or several. */
  audience: string | readonly string[]
  /** Tokens of users, of services (an empty `sub`, and `common_name`), or both. Default "user". */
  tokens?: 'user' | 'service' | 'any'
}

/**
 * RS256 application tokens, in the header `Cf-Access-Jwt-Assertion` or the cookie `CF_Authorization`, of at most 31 days.
 * The session token of the whole organization (`type` "org") is refused.
 *
 * @throws {TypeError} For options that cannot mean anything.
 */
export function cloudflareAccess(options: CloudflareAccessOptions): CompleteProfile {
  const given = new Options(options)
  const team = given.oneText('team', 'the name of the team, the host before .cloudflareaccess.com', isLabel)
  const audience = given.someTexts('audience', 'the AUD tag of the application')
  const tokens = given.choice('tokens', ['user', 'service', 'any'], '"user", "service" or "any"') ?? 'user'
  given.finish()
  const issuer = `https://${team}.cloudflareaccess.com`
  return complete({
    issuer,
    audience: oneOf(audience),
    algorithms: ['RS256'],
    claims: rules({
      type: 'app',
      sub: tokens === 'user' ? NOT_EMPTY : undefined,
      common_name: tokens === 'service' ? NOT_EMPTY : undefined,
    }),
    maxLifetimeSeconds: 31 * DAY,
    carriers: [{ header: 'Cf-Access-Jwt-Assertion' }, { cookie: 'CF_Authorization' }],
    keys: keysAt(`${issuer}/cdn-cgi/access/certs`, issuer),
  })
}
