/**
 * `fetch` with the token: to listed origins alone, no redirect followed. After a 401 there is one retry with another
 * token, and one with another DPoP nonce.
 *
 * @module
 */

import { members } from '../core/options.js'
import { unlessAborted } from '../wait.js'
import type { Clock } from './clock.js'
import type { Dpop } from './dpop.js'
import type { Hand, Keeps } from './keeper.js'

/** `fetch`, with the token in its Authorization header. */
export type AuthorizedFetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>

/** Proves requests with tokens that are bound to a key. */
interface Proving {
  readonly dpop: Dpop | undefined
  readonly clock: Clock
}

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
  { dpop, clock }: Proving,
): AuthorizedFetch {
  return async (input, init) => {
    const target = input instanceof Request ? input : new URL(input).href
    const url = urlOf(target)
    if (!isListed(origins, url)) throw new TypeError('options.origins must list the origin of every request')
    const given = init === undefined ? bare({}) : bare(Object.fromEntries(members(init, 'init')))
    const method = given.method ?? (typeof target === 'string' ? 'GET' : target.method)
    const signal = given.signal ?? (typeof target === 'string' ? undefined : target.signal)
    signal?.throwIfAborted()
    const canRepeat = isRepeatable(given.body ?? (typeof target === 'string' ? null : target.body))
    // Copied before the first attempt: an iterator of headers can be read once.
    const base = new Headers(given.headers ?? (typeof target === 'string' ? undefined : target.headers))
    const attempt = async (hand: Hand): Promise<Response> => {
      const headers = new Headers(base)
      headers.set('authorization', `${hand.scheme} ${hand.token}`)
      if (dpop !== undefined) {
        const proof = dpop.proof({ method, url, token: hand.token, now: clock.now().wall })
        headers.set('dpop', await unlessAborted(proof, signal))
      }
      return await send(target, bare({ ...given, headers, redirect: 'manual' }))
    }
    let canTakeNonce = canRepeat
    const exchange = async (hand: Hand): Promise<Response> => {
      const response = await attempt(hand)
      const isAsked = dpop?.remember(url, response) === true && /use_dpop_nonce/i.test(challengeOf(response))
      if (!isAsked || !canTakeNonce || response.status !== 401) return response
      canTakeNonce = false
      release(response)
      const again = await attempt(hand)
      dpop?.remember(url, again)
      return again
    }
    const hand = await unlessAborted(keeper.current(), signal)
    const response = await exchange(hand)
    if (response.status !== 401 || !canRepeat || !blamesToken(response)) return response
    const renewed = keeper.replace(hand.token).catch(() => hand)
    const next = await unlessAborted(renewed, signal)
    if (next.token === hand.token) return response
    release(response)
    return await exchange(next)
  }
}

/** Where a request goes. By the getter of the class: a member of the object itself need not be where. */
function urlOf(target: string | Request): URL {
  return new URL(typeof target === 'string' ? target : String(Reflect.get(Request.prototype, 'url', target)))
}

/** Whether the token may go to a URL: its origin is listed, and it holds no other credentials. */
function isListed(origins: ReadonlySet<string>, url: URL): boolean {
  const isPlain = url.protocol.startsWith('http') && url.username === '' && url.password === ''
  return isPlain && origins.has(url.origin)
}

/** Ends a response whose body is not read. */
function release(response: Response): void {
  void response.body?.cancel().catch(() => undefined)
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
 * Whether a 401 is about the token: its challenge names Bearer or DPoP, or it has none. A challenge for another nonce or
 * proof (RFC 9449 section 7.1) is about the proof.
 */
function blamesToken(response: Response): boolean {
  const challenge = challengeOf(response)
  const isOfTokens = challenge === '' || /(?:^|,)\s*(?:bearer|dpop)(?![^\s,])/i.test(challenge)
  return isOfTokens && !/error\s*=\s*"?(?:use_dpop_nonce|invalid_dpop_proof)/i.test(challenge)
}

function challengeOf(response: Response): string {
  return response.headers.get('www-authenticate') ?? ''
}
