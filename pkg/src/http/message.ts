/**
 * Header lines of Node's messages, and answers through Node's responses.
 *
 * @module
 */

import { memberOf } from '../core/options.js'
import type { HeaderReader, RequestReader } from './carriers.js'
import type { HttpResponse } from './challenge.js'

/** The part of an http.IncomingMessage that a guard reads. */
export interface NodeRequest {
  /** The HTTP method: a CORS preflight is recognised by it. */
  readonly method?: string | undefined
  /** The request target, with its query. */
  readonly url?: string | undefined
  /** Names and values by turns, as they arrived. */
  readonly rawHeaders?: readonly string[]
  /** Header values by lower-case name. Read if there are no `rawHeaders`. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
}

/** The part of an http.ServerResponse that a guard writes. */
export interface NodeResponse {
  /** Whether an answer was already sent: then the guard writes nothing. */
  readonly headersSent: boolean
  /** The status to send. */
  statusCode: number
  /** The value of a header that is set already. */
  getHeader?(name: string): unknown
  /** Sets a header. */
  setHeader(name: string, value: string): unknown
  /** Sends the body and ends the response. */
  end(body: string): unknown
}

/**
 * Reads the headers of a message, line by line.
 *
 * `headers` of node:http has one of two `Authorization` lines, `rawHeaders` has both. A message that no HTTP parser
 * made (a serverless platform's event in the form of a request) has `headers` only.
 */
export function linesOf(request: NodeRequest): HeaderReader {
  const raw = memberOf(request, 'rawHeaders')
  if (Array.isArray(raw) && raw.length > 0) return (name) => rawLines(raw, name)
  const headers = memberOf(request, 'headers')
  return (name) => parsedLines(headers, name)
}

function rawLines(raw: readonly unknown[], name: string): readonly string[] {
  const wanted = name.toLowerCase()
  const lines: string[] = []
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const value = raw[index + 1]
    if (isNamed(raw[index], wanted) && typeof value === 'string') lines.push(value)
  }
  return lines
}

function parsedLines(headers: unknown, name: string): readonly string[] {
  if (typeof headers !== 'object' || headers === null) return []
  const wanted = name.toLowerCase()
  return Object.entries(headers).flatMap(([found, value]: [string, unknown]) => {
    if (!isNamed(found, wanted)) return []
    return (Array.isArray(value) ? value : [value]).filter((line) => typeof line === 'string')
  })
}

/** @param wanted In lower case. */
function isNamed(found: unknown, wanted: string): boolean {
  return typeof found === 'string' && found.length === wanted.length && found.toLowerCase() === wanted
}

/** How requests of node:http are read, and those of Express. */
export const NODE_READER: RequestReader<NodeRequest> = {
  method: (request) => memberOf(request, 'method'),
  target: targetOf,
  headers: linesOf,
}

/** The request target as received: `originalUrl` of Express and Fastify, where a router has changed `url`. */
export function targetOf(request: object): unknown {
  return memberOf(request, 'originalUrl') ?? memberOf(request, 'url')
}

/** The value of a header that a list of names is added to. */
export function joined(before: unknown, name: string, value: string): string {
  const isList = name === 'Access-Control-Expose-Headers' && typeof before === 'string' && before !== ''
  return isList ? `${before}, ${value}` : value
}

/** Sends the answer, unless another one was sent meanwhile, by a timeout for example. */
export function send(response: NodeResponse, { status, headers, body }: HttpResponse): void {
  if (response.headersSent) return
  response.statusCode = status
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  response.end(body)
}
