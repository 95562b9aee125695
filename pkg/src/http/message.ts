/**
 * What do Node's messages have to do with a guard?
 *
 * @module
 */

import type { HeaderReader } from './carriers.js'
import type { Answer } from './challenge.js'

/** What a guard needs of an http.IncomingMessage. */
export interface NodeRequest {
  readonly method?: string | undefined
  /** Names and values by turns, as they came. */
  readonly rawHeaders: readonly string[]
}

/** What a guard needs of an http.ServerResponse. */
export interface NodeResponse {
  readonly headersSent: boolean
  statusCode: number
  setHeader(name: string, value: string): unknown
  end(body?: string): unknown
}

/** Reads the headers of a message, line by line. */
export function linesOf({ rawHeaders }: NodeRequest): HeaderReader {
  return (name) => {
    const wanted = name.toLowerCase()
    const lines: string[] = []
    for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
      if (rawHeaders[index]?.toLowerCase() === wanted) lines.push(rawHeaders[index + 1] ?? '')
    }
    return lines
  }
}

/** Sends the answer, unless somebody else has answered meanwhile (a timeout). */
export function settle(response: NodeResponse, { status, headers, body }: Answer): void {
  if (response.headersSent) return
  response.statusCode = status
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  response.end(body)
}
