/**
 * SPIFFE JWT-SVIDs.
 *
 * @module
 */

import type { CompleteProfile, Profile } from '../types.js'
import { Options } from './options.js'
import { BEARER, complete, isBaseUrl, oneOf } from './parts.js'

/** Whose SPIFFE JWT-SVIDs they are. */
export interface SpiffeOptions {
  /** The name of the trust domain, in lower case, without `spiffe://`. */
  trustDomain: string
  /** The audience, such as your own SPIFFE ID, or several. */
  audience: string | readonly string[]
  /** The SPIFFE ID that may call, or several. Default: every one of the trust domain. */
  id?: string | readonly string[]
  /** The https URL of the bundle. Default: none, and the caller gives `keys: { jwks: bundle, use: 'jwt-svid' }`. */
  bundle?: string
}

/**
 * JWT-SVIDs of a trust domain: `sub` is a SPIFFE ID of it. They need no `iss` and no `iat`. Complete with `bundle`; else the
 * caller gives `keys: { jwks: bundle, use: 'jwt-svid' }`.
 *
 * @throws {TypeError} For options that cannot mean anything.
 */
export function spiffe<Given extends SpiffeOptions>(
  options: Given,
): Given extends { bundle: string } ? CompleteProfile : Profile {
  const given = new Options(options)
  const isDomain = (text: string) => /^[a-z0-9._-]+$/.test(text)
  const domain = given.oneText(
    'trustDomain',
    'the name of the trust domain, in lower case, without spiffe://',
    isDomain,
  )
  const audience = given.someTexts('audience', 'the audience, such as your own SPIFFE ID')
  const start = `spiffe://${domain}/`
  const isId = (text: string) => text.length > start.length && text.startsWith(start)
  const ids = given.texts('id', 'a SPIFFE ID of the trust domain, or several', isId)
  const isHttps = (text: string) => text.startsWith('https://') && isBaseUrl(text)
  const bundle = given.text('bundle', 'the https URL of the bundle', isHttps)
  given.finish()
  return complete({
    issuer: null,
    audience: oneOf(audience),
    algorithms: ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512', 'PS256', 'PS384', 'PS512'],
    claims: { sub: ids === undefined ? { startsWith: start } : oneOf(ids) },
    carriers: BEARER,
    keys: bundle === undefined ? undefined : { url: bundle, use: 'jwt-svid' },
  })
}
