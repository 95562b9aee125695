/**
 * One bounded GET of a small document: no redirect, no cookie, a limit on decoded octets.
 *
 * @module
 */

import { textCodecs } from '../core/utf8.js'

/** Fetches as the global `fetch` does. */
export type FetchUrl = (url: string, init: RequestInit) => Promise<Response>

/** A response, read. */
export interface Download {
  readonly status: 200 | 304
  readonly body: string
  readonly etag: string | undefined
}

/** A document that could not be fetched. The message names origin and path, never a query. */
export class DownloadError extends Error {
  static {
    Object.defineProperty(this.prototype, 'name', { value: 'DownloadError', configurable: true, writable: true })
  }
  /** Milliseconds that the server asks to wait (RFC 9110 section 10.2.3); 0 if it does not. */
  readonly retryAfterMs: number

  constructor(url: string, problem: string, options: { cause?: unknown; retryAfterMs?: number } = {}) {
    const { origin, pathname } = new URL(url)
    super(`GET ${origin}${pathname}: ${problem}`, 'cause' in options ? { cause: options.cause } : undefined)
    this.retryAfterMs = options.retryAfterMs ?? 0
  }
}

/** What a download is bounded by. */
export interface DownloadLimits {
  readonly maxBytes: number
  readonly signal: AbortSignal
}

/**
 * Fetches `url`.
 *
 * @param fetch Default: the global one, read at each call.
 * @param etag Of the document in hand: then 304 is an answer, too.
 * @throws {DownloadError} For a status but 200 (and 304), a body that is too large or not UTF-8, and what `fetch`
 *   throws.
 */
export async function download(
  url: string,
  fetch: FetchUrl | undefined,
  { maxBytes, signal }: DownloadLimits,
  etag?: string,
): Promise<Download> {
  const headers: Record<string, string> = { accept: 'application/jwk-set+json, application/json' }
  if (etag !== undefined) headers['if-none-match'] = etag
  // workerd has no 'error' for redirects. Nothing else is set that workerd refuses at an old compatibility date.
  const init: RequestInit = { headers, redirect: 'manual', credentials: 'omit', signal }
  let response: Response
  try {
    response = await (fetch ?? globalThis.fetch)(url, init)
  } catch (cause) {
    throw new DownloadError(url, 'no response', { cause })
  }
  const { status } = response
  const isAnswer = status === 200 || (status === 304 && etag !== undefined)
  if (!isAnswer || response.redirected) {
    discard(response)
    // A browser shows a redirect that is not followed as status 0.
    const isRedirect = response.redirected || status === 0 || (status >= 300 && status < 400 && status !== 304)
    const problem = isRedirect ? `a redirect (status ${status}), which is not followed` : `status ${status}`
    throw new DownloadError(url, problem, { retryAfterMs: retryAfter(response) })
  }
  if (status === 304) {
    discard(response)
    return { status, body: '', etag }
  }
  return { status: 200, body: await readText(url, response, maxBytes), etag: response.headers.get('etag') ?? undefined }
}

async function readText(url: string, response: Response, maxBytes: number): Promise<string> {
  const decoder = new (textCodecs().TextDecoder)('utf-8', { fatal: true })
  let text = ''
  let length = 0
  const reader = response.body?.getReader()
  try {
    for (let part = await reader?.read(); part?.value !== undefined; part = await reader?.read()) {
      // An empty part counts too: a stream of them must end, and no timer runs between parts that are at hand.
      length += Math.max(part.value.length, 1)
      if (length > maxBytes) throw new DownloadError(url, `a body of more than ${maxBytes} octets`)
      text += decoder.decode(part.value, { stream: true })
    }
    return text + decoder.decode()
  } catch (error) {
    reader?.cancel().catch(() => {})
    if (error instanceof DownloadError) throw error
    const problem =
      error instanceof TypeError && response.bodyUsed && length > 0
        ? 'a body that broke off or is not UTF-8'
        : 'no body'
    throw new DownloadError(url, problem, { cause: error })
  }
}

/** Lets the connection go; what that throws does not matter. */
function discard(response: Response): void {
  response.body?.cancel().catch(() => {})
}

/** The longest wait that a server can ask for, in milliseconds. */
const MAX_RETRY_AFTER_MS = 300_000

/** `Retry-After` of 429 and 503, in seconds or as a date (RFC 9110 section 10.2.3), in milliseconds. */
function retryAfter({ status, headers }: Response): number {
  const value = status === 429 || status === 503 ? headers.get('retry-after')?.trim() : undefined
  if (value === undefined) return 0
  const wait = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now()
  return wait > 0 ? Math.min(wait, MAX_RETRY_AFTER_MS) : 0
}
