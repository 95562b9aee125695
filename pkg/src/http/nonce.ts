/**
 * DPoP nonces without state: an HMAC over a time slot, equal on every instance that has the secret
 * ({@link https://www.rfc-editor.org/rfc/rfc9449#section-9 RFC 9449 section 9}).
 *
 * @module
 */

import { mustBe, unknownOption } from '../core/mistake.js'
import { members } from '../core/options.js'
import { encodeUtf8, isWellFormed } from '../core/utf8.js'

/** How a guard makes DPoP nonces. */
export interface NonceOptions {
  /** At least 32 octets, the same on every instance. A string is its UTF-8 octets. */
  secret: string | Uint8Array
  /** The length of a time slot, in seconds, 10 to 300. Default 120. A nonce is accepted in its slot and in the next. */
  seconds?: number
}

/** The nonces of one origin. */
export interface Nonces {
  /**
   * The nonces that are accepted at `now`, the current one first.
   *
   * @param now Seconds since the Unix epoch.
   */
  at(now: number): Promise<readonly [current: string, previous: string]>
}

/**
 * Reads the option `nonce` of a guard.
 *
 * @param origin The server's own; nonces of other origins differ.
 * @throws {TypeError} For a short secret, a slot out of range, an unknown member.
 */
export function readNonces(value: unknown, origin: string): Nonces {
  const found = members(value, 'nonce', '{ secret, seconds? }')
  const secret = readSecret(found.get('secret'))
  const seconds = found.has('seconds') ? found.get('seconds') : SLOT_SECONDS
  if (typeof seconds !== 'number' || !(seconds >= 10 && seconds <= 300)) {
    throw mustBe('nonce.seconds', 'a number from 10 to 300', seconds)
  }
  for (const name of found.keys()) {
    if (name !== 'secret' && name !== 'seconds') throw unknownOption(`nonce.${name}`, ['secret', 'seconds'])
  }
  const key = async (): Promise<CryptoKey> =>
    crypto.subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  const nonce = async (slot: number, hmac: CryptoKey): Promise<string> => {
    const text = encodeUtf8(`${DOMAIN}\0${origin}\0${slot}`)
    const tag = new Uint8Array(await crypto.subtle.sign('HMAC', hmac, text)).subarray(0, TAG_OCTETS)
    return `${slot.toString(36)}.${base64url(tag)}`
  }
  let made: { readonly slot: number; readonly nonces: readonly [string, string] } | undefined
  return {
    async at(now) {
      const slot = Math.floor(now / seconds)
      if (made?.slot === slot) return made.nonces
      const hmac = await key()
      const nonces = [await nonce(slot, hmac), await nonce(slot - 1, hmac)] as const
      made = { slot, nonces }
      return nonces
    },
  }
}

/** A copy of the secret, in octets. */
function readSecret(value: unknown): Uint8Array<ArrayBuffer> {
  const isOctets = Object.prototype.toString.call(value) === '[object Uint8Array]'
  const isText = typeof value === 'string' && isWellFormed(value)
  if (!isOctets && !isText) throw mustBe('nonce.secret', 'a Uint8Array or a string', value)
  const octets = isText ? encodeUtf8(value) : new Uint8Array(value as Uint8Array)
  if (octets.length >= LEAST_SECRET) return octets
  throw new TypeError(`nonce.secret must have at least ${LEAST_SECRET} octets`)
}

/** base64url without padding (RFC 7515 section 2). */
export function base64url(octets: Uint8Array): string {
  let binary = ''
  for (const octet of octets) binary += String.fromCharCode(octet)
  return btoa(binary).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')
}

const DOMAIN = 'countersign dpop nonce'

const LEAST_SECRET = 32

const SLOT_SECONDS = 120

/** Half of the hash: 128 bits cannot be guessed within a slot. */
const TAG_OCTETS = 16
