/**
 * The parts that all token requests of the payment, identity and commerce systems share.
 *
 * @module
 */

import '../core/inlined.js'

import { members } from '../core/options.js'
import { countersign } from '../receipt.js'
import type { Receipt, ReceiptKey } from '../types.js'
import { ClientError } from './error.js'
import { payloadOf } from './granted.js'
import { OptionsReader } from './options.js'

/** A token with its receipt, ready to be handed to a client. */
export interface CountersignedToken {
  /** `receipt~token`. */
  readonly token: string
  /** When both end, in seconds since the Unix epoch. */
  readonly expires: number
}

/** How requests of every system are sent. */
export interface ConnectionOptions {
  /** Replaces the host of the environment: the sandbox's, in tests. https, or http on loopback. */
  baseUrl?: string
  /** The longest that the request takes, in seconds. Default 5. */
  timeoutSeconds?: number
  /** Sends the request. Default: the runtime's `fetch`. */
  fetch?: (input: Request | string, init: RequestInit) => Promise<Response>
}

/** What a system's token request is made of. */
export interface Parts {
  readonly api: OptionsReader
  readonly receipt: OptionsReader
  readonly key: ReceiptKey
}

/** Reads `{ api, receipt, key }`. */
export function readParts(options: unknown): Parts {
  const reader = new OptionsReader(options, 'options')
  const api = new OptionsReader(reader.take('api'), 'options.api')
  const receipt = new OptionsReader(reader.has('receipt') ? reader.take('receipt') : {}, 'options.receipt')
  const key = readKey(reader.take('key'))
  reader.end()
  return { api, receipt, key }
}

/** A copy of the key: it is used before the request and after it, and must be the same. */
function readKey(value: unknown): ReceiptKey {
  const copied = [...members(value, 'options.key')].map(([name, member]) => {
    // Not slice(): a Buffer's shares its memory.
    if (member instanceof Uint8Array) return [name, Uint8Array.from(member)]
    return [name, name === 'privateKey' ? Object.fromEntries(members(member, 'options.key.privateKey')) : member]
  })
  return Object.fromEntries(copied) as ReceiptKey
}

/** The base URL of the requests, without a slash at its end. */
export function readBaseUrl(api: OptionsReader, host: string): string {
  const base = api.url('baseUrl')?.href ?? `https://${host}`
  if (base.includes('?')) throw new TypeError('options.api.baseUrl must be a URL without a query')
  return base.replace(/\/+$/, '')
}

/**
 * Makes a receipt once before the request, so that a mistake in the options is found before an order is placed.
 *
 * @throws {TypeError} If the options or the key cannot make a receipt.
 */
export function tryReceipt(receipt: Receipt, key: ReceiptKey): void {
  countersign('tkn_try', receipt, key)
}

/**
 * The token with its receipt.
 *
 * @throws {ClientError} `response_invalid` if the issuer's expiry cannot be read or is in the past.
 */
export function countersigned(
  token: unknown,
  make: () => Receipt,
  key: ReceiptKey,
  status: number,
): CountersignedToken {
  if (typeof token !== 'string' || token === '') throw new ClientError('response_invalid', status)
  try {
    const text = countersign(token, make(), key)
    return { token: text, expires: Number(payloadOf(text).exp) }
  } catch {
    // The options made a receipt before the request: what is left is the issuer's answer.
    throw new ClientError('response_invalid', status)
  }
}
