/**
 * The HTTP server on loopback: routes each request to its system and sends the answer.
 *
 * @module
 */

import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Fault, FaultWords, Fields, MediaType, SandboxRequest } from './request.js'
import { bare, FAULTS, own, readFields } from './request.js'

/** A system's response to one request. */
export interface SandboxResponse {
  readonly status: number
  /** Sent as JSON; without it the body is empty. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
}

/** One documented endpoint. */
export interface Route {
  readonly method: 'GET' | 'POST'
  /** As documented, variables in braces: `/customers/{id}`. */
  readonly path: string
  /** The media types of its body; without them the body is not read. */
  readonly accepts?: readonly MediaType[]
  answer(call: SandboxRequest): SandboxResponse
}

/** A token system: its endpoints, and the shape of its errors. */
export interface SandboxSystem {
  /** The first path segment of its base URL. */
  readonly name: string
  readonly routes: readonly Route[]
  refuse(fault: FaultWords): SandboxResponse
}

/**
 * Answers a request from a loopback host by itself; `false` leaves it to the systems.
 *
 * @param path The path of its target.
 */
export type Answers = (path: string, request: IncomingMessage, response: ServerResponse, clock: () => number) => boolean

/**
 * Serves `systems` on 127.0.0.1, each below `/{name}`.
 *
 * @param port The port preferred; where it is busy, and for 0, a free one is taken.
 * @param clock Seconds since the Unix epoch.
 */
export async function serve(
  systems: readonly SandboxSystem[],
  port: number,
  clock: () => number,
  answersItself: Answers = () => false,
): Promise<{ origin: string; close: () => Promise<void> }> {
  const server = createServer(LIMITS, (request, response) => {
    void respond(systems, clock, answersItself, request, response)
  })
  server.on('clientError', refuseUnreadable)
  const address = await listen(server, port)
  return {
    origin: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function respond(
  systems: readonly SandboxSystem[],
  clock: () => number,
  answersItself: Answers,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = parseTarget(request)
  if (url !== null && !isLoopback(url, request)) {
    const [, name = ''] = url.pathname.split('/')
    const foreign = systems.find((candidate) => candidate.name === name)
    const { status, text } = FAULTS.origin_not_loopback
    send(response, foreign?.refuse(FAULTS.origin_not_loopback) ?? { status, body: { message: text } })
    return
  }
  if (url !== null && answersItself(url.pathname, request, response, clock)) return
  const [, name = '', rest = ''] = /^\/([^/]*)(.*)$/s.exec(url?.pathname ?? '') ?? []
  const system = systems.find((candidate) => candidate.name === name)
  if (url === null || system === undefined) {
    send(response, { status: 404, body: { systems: systems.map((known) => `/${known.name}`) } })
    return
  }
  try {
    send(response, await answer(system, rest, url.searchParams, clock, request))
  } catch {
    send(response, system.refuse(FAULTS.failed))
  }
}

async function answer(
  system: SandboxSystem,
  path: string,
  query: URLSearchParams,
  clock: () => number,
  request: IncomingMessage,
): Promise<SandboxResponse> {
  const here = system.routes.flatMap((route) => {
    const variables = match(route.path, path)
    return variables === null ? [] : [{ route, variables }]
  })
  const found = here.find(({ route }) => route.method === request.method)
  if (found === undefined) {
    if (here.length === 0) return system.refuse(FAULTS.path_unknown)
    const refusal = system.refuse(FAULTS.method_wrong)
    const allow = here.map(({ route }) => route.method).join(', ')
    return { ...refusal, headers: { ...own(refusal, 'headers'), allow } }
  }
  const { route, variables } = found
  const accepts = own(route, 'accepts')
  const fields: Fields | Fault = accepts === undefined ? bare({}) : await readFields(request, accepts)
  if (typeof fields === 'string') return system.refuse(FAULTS[fields])
  return route.answer(callOf(request, variables, query, fields, clock))
}

/** One request, with its body's members. */
export function callOf(
  request: IncomingMessage,
  path: SandboxRequest['path'],
  query: URLSearchParams,
  fields: Fields,
  clock: () => number,
): SandboxRequest {
  const remoteAddress = request.socket.remoteAddress ?? ''
  return { path, query, headers: bare(request.headers), fields, remoteAddress, now: readClock(clock) }
}

/** The variables of `template` in `path`, or `null` if it is another path. */
function match(template: string, path: string): Record<string, string> | null {
  const names = template.split('/')
  const segments = path.split('/')
  if (names.length !== segments.length) return null
  const variables: Record<string, string> = Object.create(null)
  for (const [index, name] of names.entries()) {
    const segment = decode(segments[index] ?? '')
    if (segment === null) return null
    if (!name.startsWith('{')) {
      if (name !== segment) return null
    } else if (segment === '') {
      return null
    } else {
      variables[name.slice(1, -1)] = segment
    }
  }
  return variables
}

function decode(segment: string): string | null {
  try {
    return decodeURIComponent(segment)
  } catch {
    return null
  }
}

/**
 * The target in origin-form or absolute-form (RFC 9112 section 3.2), with the host that the request is for. Two slashes
 * at the start of a path name no host.
 */
function parseTarget({ url = '', headers }: IncomingMessage): URL | null {
  try {
    return new URL(url.startsWith('/') ? `http://${own(headers, 'host') ?? ''}${url}` : url)
  } catch {
    return null
  }
}

/**
 * Whether a request is for a loopback host, and not from another site's page. A page whose name was rebound to
 * 127.0.0.1 sends its own name as Host; any other page sends its own origin.
 */
function isLoopback(url: URL, { headers }: IncomingMessage): boolean {
  const host = own(headers, 'host') ?? ''
  const origin = own(headers, 'origin')
  const isSameSite = origin === undefined || isLoopbackUrl(origin)
  return isSameSite && isLoopbackName(url.hostname) && isLoopbackUrl(`http://${host}`)
}

function isLoopbackUrl(text: string): boolean {
  try {
    return isLoopbackName(new URL(text).hostname)
  } catch {
    return false
  }
}

function isLoopbackName(name: string): boolean {
  return name === 'localhost' || name === '[::1]' || /^127(\.\d{1,3}){3}$/.test(name)
}

function readClock(clock: () => number): number {
  const now = clock()
  if (!(now >= 0 && now <= LAST_SECOND)) {
    throw new TypeError('clock: not in seconds since the Unix epoch')
  }
  return Math.floor(now)
}

/** Sends an answer, unless one was sent. */
export function send(response: ServerResponse, answered: SandboxResponse): void {
  if (response.headersSent || response.destroyed) return
  const { status } = answered
  const body = own(answered, 'body')
  const headers = own(answered, 'headers')
  const text = body === undefined ? '' : JSON.stringify(body)
  response.statusCode = status
  // RFC 6749 section 5.1: a response that may hold a token is not stored.
  response.setHeader('cache-control', 'no-store')
  if (text !== '') response.setHeader('content-type', 'application/json; charset=utf-8')
  for (const [name, value] of Object.entries(headers ?? {})) {
    response.setHeader(name, typeof value === 'string' ? value : [...value])
  }
  // The rest of an unread body would be parsed as the next request.
  if (hasUnreadBody(response.req)) response.setHeader('connection', 'close')
  response.end(text)
}

function hasUnreadBody(request: IncomingMessage): boolean {
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = bare(request.headers)
  return !request.complete && (encoding !== undefined || length !== '0')
}

function refuseUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable) {
    socket.destroy()
    return
  }
  const status =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? '431 Request Header Fields Too Large'
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? '408 Request Timeout'
        : '400 Bad Request'
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

async function listen(server: Server, port: number): Promise<AddressInfo> {
  try {
    return await listenOn(server, port)
  } catch (error) {
    const busy = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
    if (!busy) throw error
    return await listenOn(server, 0)
  }
}

function listenOn(server: Server, port: number): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => {
      server.off('error', reject)
      const address = server.address()
      if (address === null || typeof address === 'string') reject(new Error('no port was given'))
      else resolve(address)
    })
  })
}

/** A slower request than this, in milliseconds, is cut off. */
const LIMITS = {
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 16_384,
}

/** The end of the year 9999: anything later is milliseconds. */
const LAST_SECOND = 253_402_300_799
