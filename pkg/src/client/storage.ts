/**
 * A token kept outside the process, for other isolates of the same client.
 *
 * @module
 */

import { encodeUtf8 } from '../core/utf8.js'
import { bare } from './endpoint.js'
import type { Granted } from './granted.js'
import { isToken, MAX_LIFE_SECONDS } from './granted.js'

/**
 * Where a token is kept for other isolates: Workers KV, Redis, a file.
 *
 * What is written is a credential: protect it as the token itself.
 */
export interface TokenStorage {
  /** The text written under `key`; `null` if nothing was. */
  read(key: string): Promise<string | null>
  /** Keeps `text` under `key`. */
  write(key: string, text: string): Promise<unknown>
}

/** A token with the moment of its request, in seconds since the Unix epoch. */
export interface Stored extends Granted {
  readonly obtainedAt: number
}

/** Clocks of machines differ by less, in seconds. */
const SKEW_SECONDS = 60

/** The key of one client's token: SHA-256 over everything that decides which token it is. */
export async function storageKey(parts: readonly unknown[]): Promise<string> {
  const octets = encodeUtf8(JSON.stringify(parts))
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', octets))
  return `countersign-${Array.from(digest, (octet) => octet.toString(16).padStart(2, '0')).join('')}`
}

/** The record's text. */
export function writeStored({ token, scheme, lifeSeconds, obtainedAt }: Stored): string {
  return JSON.stringify({ token, scheme, lifeSeconds, obtainedAt })
}

/** Reads a record. Anything that is not one, and one from the future, is `undefined`. */
export function readStored(text: unknown, now: number): Stored | undefined {
  let record: Record<string, unknown>
  try {
    record = bare(JSON.parse(String(text)))
  } catch {
    return undefined
  }
  const { token, scheme, lifeSeconds, obtainedAt } = record
  const isKnown = isToken(token) && (scheme === 'Bearer' || scheme === 'DPoP')
  const isTimed = typeof lifeSeconds === 'number' && typeof obtainedAt === 'number' && obtainedAt <= now + SKEW_SECONDS
  if (!isKnown || !isTimed || !(lifeSeconds > 0 && lifeSeconds <= MAX_LIFE_SECONDS)) return undefined
  return { token, scheme, lifeSeconds, obtainedAt }
}
