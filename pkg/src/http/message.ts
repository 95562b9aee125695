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
  readonly rawHeaders?: readonly string[]
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
}

/** What a guard needs of an http.ServerResponse. */
export interface NodeResponse {
  readonly headersSent: boolean
  statusCode: number
  setHeader(name: string, value: string): unknown
  end(body: string): unknown
}

/**
 * Reads the headers of a message, line by line.
 *
 * node:http keeps one of two `Authorization` lines in `headers`, and both in `rawHeaders`. What no HTTP parser has made (a
 * serverless platform's event in the shape of a request) has `headers` alone.
 */
export function linesOf({ rawHeaders = [], headers }: NodeRequest): HeaderReader {
  const pairs = rawHeaders.length > 0 ? rawPairs(rawHeaders) : Object.entries(headers)
  return (name) => {
    const wanted = name.toLowerCase()
    return pairs.flatMap(([found, value = []]) => (found.toLowerCase() === wanted ? value : []))
  }
}

function rawPairs(raw: readonly string[]): [string, string][] {
  const pairs: [string, string][] = []
  for (let index = 0; index + 1 < raw.length; index += 2) pairs.push([raw[index] ?? '', raw[index + 1] ?? ''])
  return pairs
}

/** Sends the answer, unless somebody else has answered meanwhile (a timeout). */
export function settle(response: NodeResponse, { status, headers, body }: Answer): void {
  if (response.headersSent) return
  response.statusCode = status
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  response.end(body)
}
