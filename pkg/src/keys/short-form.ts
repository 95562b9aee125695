/**
 * Short forms of key sources: `{ issuer: 'https://…' }` and `{ url: 'https://…' }`.
 *
 * @module
 */

import type { KeySource } from '../types.js'
import { discoverKeys } from './discover.js'
import { remoteKeys } from './remote.js'

/**
 * The source that the members of an option mean; `undefined` if it is not a short form.
 *
 * @param found Own members, read once.
 * @throws {TypeError} As {@link remoteKeys} and {@link discoverKeys} do.
 */
export function sourceOf(found: ReadonlyMap<string, unknown>): KeySource | undefined {
  if (NAMES_OF_KEYS.some((name) => found.has(name))) return undefined
  const { url, issuer, ...options } = Object.fromEntries(found)
  if (found.has('url'))
    return remoteKeys(url as string, found.has('issuer') ? { ...options, issuer: issuer as string } : options)
  return found.has('issuer') ? discoverKeys(issuer as string, options) : undefined
}

/** A member with one of these names makes an option a key. */
const NAMES_OF_KEYS = ['secret', 'pem', 'jwk', 'jwks', 'kty', 'keys']
