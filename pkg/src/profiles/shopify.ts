/**
 * Shopify session tokens.
 *
 * @module
 */

import type { Profile } from '../types.js'
import { Options } from './options.js'
import { BEARER, isHost, NOT_EMPTY, oneOf, withKeysFromCaller } from './parts.js'

/** For which app Shopify session tokens are. */
export interface ShopifyOptions {
  /** The client id of the app. */
  apiKey: string
  /** The host of the shop, or several. Default: every shop; `claims.dest` says which. */
  shop?: string | readonly string[]
}

/**
 * HS256 session tokens of at most a minute; `iss` and `dest` are of the same shop. The key is the app's secret, which the
 * caller gives: `keys: { secret }`.
 *
 * @throws {TypeError} For options that cannot mean anything.
 */
export function shopify(options: ShopifyOptions): Profile {
  const given = new Options(options)
  const apiKey = given.oneText('apiKey', 'the client id of the app')
  const hosts = given.texts('shop', 'the host of the shop, such as example.myshopify.com, or several', isHost)
  given.finish()
  const shops = hosts?.map((host) => `https://${host}`)
  return withKeysFromCaller({
    issuer: shops === undefined ? '{dest}/admin' : oneOf(shops.map((shop) => `${shop}/admin`)),
    audience: apiKey,
    algorithms: ['HS256'],
    claims: { dest: shops === undefined ? NOT_EMPTY : oneOf(shops) },
    requiredClaims: ['nbf', 'jti'],
    maxLifetimeSeconds: 60,
    carriers: BEARER,
  })
}
