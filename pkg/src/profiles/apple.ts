/**
 * ID tokens of Sign in with Apple.
 *
 * @module
 */

import type { CompleteProfile } from '../types.js'
import { Options } from './options.js'
import { BEARER, complete, keysAt, NOT_EMPTY, oneOf, rules } from './parts.js'

/** For whom ID tokens of Sign in with Apple are. */
export interface AppleOptions {
  /** The Services ID or the bundle id, or several. */
  clientId: string | readonly string[]
  /** Whether `email_verified` must be true, which Apple writes as a boolean or as a string. Default false. */
  emailVerified?: boolean
}

/**
 * RS256 ID tokens of Sign in with Apple; expect their `nonce`.
 *
 * @throws {TypeError} For options that cannot mean anything.
 */
export function apple(options: AppleOptions): CompleteProfile {
  const given = new Options(options)
  const clients = given.someTexts('clientId', 'the Services ID or the bundle id, or several')
  const isVerified = given.flag('emailVerified')
  given.finish()
  const issuer = 'https://appleid.apple.com'
  return complete({
    issuer,
    audience: oneOf(clients),
    algorithms: ['RS256'],
    claims: rules({ sub: NOT_EMPTY, email_verified: isVerified ? [true, 'true'] : undefined }),
    carriers: BEARER,
    keys: keysAt(`${issuer}/auth/keys`, issuer),
  })
}
