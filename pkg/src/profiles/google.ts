/**
 * Google ID tokens.
 *
 * @module
 */

import type { CompleteProfile } from '../types.js'
import { Options } from './options.js'
import { BEARER, complete, DAY, keysAt, NOT_EMPTY, oneOf, rules } from './parts.js'

/** For whom Google ID tokens are. */
export interface GoogleOptions {
  /** The id of the client, or several. */
  clientId: string | readonly string[]
  /** The Workspace domain, or several, held against `hd`. Default: every account. */
  hostedDomain?: string | readonly string[]
  /** Whether `email_verified` must be true. Default false. */
  emailVerified?: boolean
}

/**
 * RS256 ID tokens of a sign-in with Google, of at most a day; expect their `nonce`. The access tokens of Google are opaque.
 * The domain of an e-mail address proves no membership: `hostedDomain` does.
 *
 * @throws {TypeError} For options that cannot mean anything.
 */
export function google(options: GoogleOptions): CompleteProfile {
  const given = new Options(options)
  const clients = given.someTexts('clientId', 'the id of the client, or several')
  const domains = given.texts('hostedDomain')
  const isVerified = given.flag('emailVerified')
  given.finish()
  const issuers = ['https://accounts.google.com', 'accounts.google.com']
  return complete({
    issuer: issuers,
    audience: oneOf(clients),
    algorithms: ['RS256'],
    claims: rules({
      sub: NOT_EMPTY,
      hd: domains && oneOf(domains),
      email_verified: isVerified ? true : undefined,
    }),
    maxLifetimeSeconds: DAY,
    carriers: BEARER,
    keys: keysAt('https://www.googleapis.com/oauth2/v3/certs', issuers),
  })
}
