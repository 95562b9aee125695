/**
 * Firebase ID tokens and session cookies.
 *
 * @module
 */

import type { CompleteProfile } from '../types.js'
import { Options } from './options.js'
import { BEARER, complete, DAY, HOUR, isSegment, keysAt, NOT_EMPTY } from './parts.js'

/** Whose Firebase tokens they are. */
export interface FirebaseOptions {
  /** The id of the project. */
  projectId: string
  /** Session cookies in place of ID tokens: another issuer, other keys. Default false. */
  session?: boolean
  /** The name of the session cookie. Default "session". */
  cookie?: string
}

/**
 * RS256 ID tokens of at most an hour, or session cookies of at most 14 days. One kind is never accepted as the other.
 *
 * @throws {TypeError} For options that cannot mean anything.
 */
export function firebase(options: FirebaseOptions): CompleteProfile {
  const given = new Options(options)
  const project = given.oneText('projectId', 'the id of the project', isSegment)
  const isSession = given.flag('session')
  const cookie = given.text('cookie')
  if (cookie !== undefined && !isSession) given.refuse('cookie', 'left out, unless `session` is true')
  given.finish()
  const issuer = isSession
    ? `https://session.firebase.google.com/${project}`
    : `https://securetoken.google.com/${project}`
  return complete({
    issuer,
    audience: project,
    algorithms: ['RS256'],
    claims: { sub: NOT_EMPTY },
    requiredClaims: ['auth_time'],
    maxLifetimeSeconds: isSession ? 14 * DAY : HOUR,
    carriers: isSession ? [{ cookie: cookie ?? 'session' }] : BEARER,
    keys: keysAt(isSession ? SESSION_KEYS : ID_TOKEN_KEYS, issuer),
  })
}

// Objects of `kid` to certificate.
const ID_TOKEN_KEYS = 'https://www.googleapis.com/robot/v1/metadata/x509/securetoken@system.gserviceaccount.com'
const SESSION_KEYS = 'https://www.googleapis.com/identitytoolkit/v3/relyingparty/publicKeys'
