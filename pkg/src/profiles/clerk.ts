/**
 * Clerk session tokens.
 *
 * @module
 */

import type { CompleteProfile } from '../types.js'
import { Options } from './options.js'
import { BEARER, complete, isBaseUrl, isHost, keysAt, NO_ID_TOKEN, NOT_EMPTY, oneOf, rules } from './parts.js'

/** Whose Clerk session tokens they are. Exactly one of `issuer` and `frontendApi`. */
export interface ClerkOptions {
  /** The URL of the instance's Frontend API, without a slash at its end. */
  issuer?: string
  /** The host of the instance's Frontend API. */
  frontendApi?: string
  /** The origins that `azp` may be; a token without it is refused. */
  authorizedParties: string | readonly string[]
}

/**
 * RS256 session tokens of at most a minute, in `Authorization` or the cookie `__session`. They have no audience: `azp` is in
 * its place. Tokens of a JWT template, which have no `sid`, are refused, and so are those of a pending session.
 *
 * @throws {TypeError} For options that cannot mean anything.
 */
export function clerk(options: ClerkOptions): CompleteProfile {
  const given = new Options(options)
  const url = given.text('issuer', 'the URL of the instance, without a slash at its end', isBaseUrl)
  const host = given.text('frontendApi', 'the host of the instance, such as clerk.example.com', isHost)
  if ((url === undefined) === (host === undefined))
    given.refuse('issuer', 'one string, unless `frontendApi` is given instead')
  const parties = given.someTexts(
    'authorizedParties',
    'origins such as https://app.example.com, without a slash at their end',
    isBaseUrl,
  )
  given.finish()
  const issuer = url ?? `https://${host}`
  return complete({
    issuer,
    audience: null,
    algorithms: ['RS256'],
    claims: rules({
      ...NO_ID_TOKEN,
      azp: oneOf(parties),
      sid: NOT_EMPTY,
      sub: NOT_EMPTY,
      sts: { absentOr: 'active' },
    }),
    maxLifetimeSeconds: 60,
    carriers: [...BEARER, { cookie: '__session' }],
    keys: keysAt(`${issuer}/.well-known/jwks.json`, issuer),
  })
}
