/**
 * Headers of a Request, and answers as a Response.
 *
 * @module
 */

import type { HeaderReader, RequestReader } from './carriers.js'
import type { HttpResponse } from './challenge.js'

/** How a Request is read. */
export const REQUEST_READER: RequestReader<Request> = {
  method: (request) => request.method,
  target: (request) => request.url,
  headers: headersOf,
}

/** Reads the headers of a Request. The platform joins the lines of a header that was sent twice. */
export function headersOf(request: Request): HeaderReader {
  return (name) => {
    const value = request.headers.get(name)
    return value === null ? [] : [value]
  }
}

/** The answer as a Response to that method. */
export function respond({ status, headers, body }: HttpResponse, method: string): Response {
  // Without a prototype: a Response reads `statusText` from wherever it is inherited.
  const init = { __proto__: null, status, headers } as ResponseInit
  return new Response(body === '' || method === 'HEAD' ? null : body, init)
}
