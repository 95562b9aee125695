/**
 * `fetch` with the token: to listed origins alone, no redirect followed, one retry after a 401.
 *
 * @module
 */

import { members } from '../core/snapshot.js'
import type { Hand, Keeps } from './keeper.js'

/** `fetch`, with the token in its Authorization header. */
export type AuthorizedFetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>

/**
 * Makes the function.
 *
 * @param origins Where the token may go.
 * @param send Sends the requests.
 */
export function authorizedFetch(
  keeper: Keeps,
  origins: ReadonlySet<string>,
  send: (input: Request | string, init: RequestInit) => Promise<Response>,
): AuthorizedFetch {
  return async (input, init) => {
    const target = input instanceof Request ? input : new URL(input).href
    const { origin } = new URL(typeof target === 'string' ? target : target.url)
    if (!origins.has(origin)) throw new TypeError('options.origins must list the origin of every request')
    const given = init === undefined ? bare({}) : bare(Object.fromEntries(members(init, 'init')))
    const canRepeat = isRepeatable(given.body ?? (typeof target === 'string' ? null : target.body))
    // Copied before the first attempt: an iterator of headers can be read once.
    const base = new Headers(given.headers ?? (typeof target === 'string' ? undefined : target.headers))
    const attempt = (hand: Hand): Promise<Response> => {
      const headers = new Headers(base)
      headers.set('authorization', `${hand.scheme} ${hand.token}`)
      return send(target, bare({ ...given, headers, redirect: 'manual' }))
    }
    const hand = await keeper.current()
    const response = await attempt(hand)
    if (response.status !== 401 || !canRepeat || !blamesToken(response)) return response
    const next = await keeper.replace(hand.token).catch(() => hand)
    if (next.token === hand.token) return response
    void response.body?.cancel().catch(() => undefined)
    return await attempt(next)
  }
}

/** The members of an init, without a prototype. */
function bare(init: RequestInit): RequestInit {
  return Object.assign(Object.create(null), init)
}

/** Whether a body can be sent twice: not a stream, and not the body of a Request, which is one. */
function isRepeatable(body: unknown): boolean {
  return (
    body === null ||
    typeof body === 'string' ||
    body instanceof ArrayBuffer ||
    ArrayBuffer.isView(body) ||
    body instanceof Blob ||
    body instanceof FormData ||
    body instanceof URLSearchParams
  )
}

/**
 * Whether a 401 is about the token: its challenge names Bearer or DPoP, or it has none. A challenge for another DPoP
 * nonce (RFC 9449 section 9) is about the proof, which the caller makes.
 */
function blamesToken(response: Response): boolean {
  const challenge = response.headers.get('www-authenticate')
  if (challenge === null) return true
  return /(?:^|,)\s*(?:bearer|dpop)(?![^\s,])/i.test(challenge) && !/error="?use_dpop_nonce/i.test(challenge)
}
