/**
 * What do Request and Response have to do with a guard?
 *
 * @module
 */

import type { HeaderReader } from './carriers.js'
import type { Answer } from './challenge.js'

/** Reads the headers of a Request, which joins those that were sent twice. */
export function headersOf(request: Request): HeaderReader {
  return (name) => {
    const value = request.headers.get(name)
    return value === null ? [] : [value]
  }
}

/** The answer as a Response to that method. */
export function respond({ status, headers, body }: Answer, method: string): Response {
  return new Response(body === '' || method === 'HEAD' ? null : body, { status, headers })
}
