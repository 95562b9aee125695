/**
 * One request to an issuer's endpoint: no redirect is followed, and the answer has a limit.
 *
 * @module
 */

import { textCodecs } from '../core/utf8.js'
import { withDeadline } from '../wait.js'
import { ClientError } from './error.js'
import type { Connection } from './options.js'

/** An issuer's answer. */
export interface EndpointResponse {
  readonly status: number
  /** The members of the JSON object, without a prototype; none if the body is anything else. */
  readonly body: Readonly<Record<string, unknown>>
  /** The `Retry-After` header, in seconds; 0 without one. */
  readonly retryAfterSeconds: number
  readonly headers: Headers
}

/** What is sent. */
export interface Ask {
  readonly method: 'GET' | 'POST'
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body?: string
}

/** No issuer's answer is longer, in octets after decompression. */
const MAX_BODY_BYTES = 262_144

/**
 * Sends one request, once.
 *
 * @throws {ClientError} `endpoint_unreachable` without an answer in time, `response_invalid` for a redirect and for an
 *   answer that is too long.
 */
export async function ask({ send, timeoutSeconds }: Connection, url: string, request: Ask): Promise<EndpointResponse> {
  try {
    return await withDeadline((signal) => exchange(send, url, request, signal), timeoutSeconds * 1000)
  } catch (error) {
    throw error instanceof ClientError ? error : new ClientError('endpoint_unreachable', null)
  }
}

async function exchange(
  send: Connection['send'],
  url: string,
  request: Ask,
  signal: AbortSignal,
): Promise<EndpointResponse> {
  const { method, headers } = request
  const init: RequestInit = Object.assign(Object.create(null), {
    method,
    headers: new Headers([
      ['accept', 'application/json'],
      ...headers.map(([name, value]): [string, string] => [name, value]),
    ]),
    redirect: 'manual',
    signal,
    ...(request.body === undefined ? {} : { body: request.body }),
  })
  const response = await send(url, init)
  const { status } = response
  if (status < 200 || (status >= 300 && status < 400)) {
    await response.body?.cancel()
    throw new ClientError('response_invalid', status)
  }
  const body = membersOf(await readText(response))
  return { status, body, retryAfterSeconds: secondsOf(response.headers.get('retry-after')), headers: response.headers }
}

/** @throws {ClientError} If the body is longer than the limit. */
async function readText(response: Response): Promise<string> {
  if (response.body === null) return ''
  const decoder = new (textCodecs().TextDecoder)()
  const reader = response.body.getReader()
  let text = ''
  let length = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return text + decoder.decode()
    length += value.length
    if (length > MAX_BODY_BYTES) {
      await reader.cancel()
      throw new ClientError('response_invalid', response.status)
    }
    text += decoder.decode(value, { stream: true })
  }
}

function membersOf(text: string): Record<string, unknown> {
  try {
    return bare(JSON.parse(text))
  } catch {
    return Object.create(null)
  }
}

/** The own members of a JSON object, without a prototype; none of anything else. */
export function bare(value: unknown): Record<string, unknown> {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  return Object.assign(Object.create(null), isObject ? value : undefined)
}

/** Both forms of `Retry-After` (RFC 9110 section 10.2.3). */
function secondsOf(header: string | null): number {
  if (header === null) return 0
  const seconds = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1000
  // biome-ignore lint/complexity/useMathMinMax: NaN, of a date that cannot be read, is 0 too
  return seconds > 0 ? seconds : 0
}
