/**
 * Tokens of Google's Identity-Aware Proxy.
 *
 * @module
 */

import type { CompleteProfile } from '../types.js'
import { Options } from './options.js'
import { complete, keysAt, NOT_EMPTY, oneOf, rules } from './parts.js'

/** For which resource tokens of Google's Identity-Aware Proxy are. */
export interface GoogleIapOptions {
  /** `/projects/…/apps/…` or `/projects/…/global/backendServices/…`, or several. */
  audience: string | readonly string[]
  /** The Workspace domain, or several, held against `hd`. Default: every account. */
  hostedDomain?: string | readonly string[]
}

/**
 * ES256 tokens in the header `x-goog-iap-jwt-assertion`, of at most ten minutes and twice the thirty seconds by which
 * Google's clocks may differ.
 *
 * @throws {TypeError} For options that cannot mean anything.
 */
export function googleIap(options: GoogleIapOptions): CompleteProfile {
  const given = new Options(options)
  const isPath = (text: string) => text.startsWith('/projects/')
  const audience = given.someTexts(
    'audience',
    'the path of the resource: /projects/…/apps/… or /projects/…/backendServices/…',
    isPath,
  )
  const domains = given.texts('hostedDomain')
  given.finish()
  const issuer = 'https://cloud.google.com/iap'
  return complete({
    issuer,
    audience: oneOf(audience),
    algorithms: ['ES256'],
    claims: rules({ sub: NOT_EMPTY, hd: domains && oneOf(domains) }),
    maxLifetimeSeconds: 660,
    carriers: [{ header: 'x-goog-iap-jwt-assertion' }],
    keys: keysAt('https://www.gstatic.com/iap/verify/public_key-jwk', issuer),
  })
}
