/**
 * An HTTP request's members, read with limits, and the faults that end a request before its route sees it.
 *
 * @module
 */

import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'

/** The members of a request body: a JSON object, or the fields of a form, each a string. */
export type Fields = Readonly<Record<string, unknown>>

/** A body that an issuer says it reads. */
export type MediaType = 'application/json' | 'application/x-www-form-urlencoded' | 'multipart/form-data'

/**
 * The faults that end a request before its route sees it. Status, code and text are shared; each system writes them in
 * its own error shape.
 */
export const FAULTS = {
  origin_not_loopback: { status: 403, code: 'bad_origin', text: 'Host and Origin must be loopback.' },
  path_unknown: { status: 404, code: 'not_found', text: 'Not found.' },
  method_wrong: { status: 405, code: 'method_not_allowed', text: 'Method not allowed.' },
  content_type_wrong: { status: 415, code: 'unsupported_media_type', text: 'Unsupported media type.' },
  body_malformed: { status: 400, code: 'invalid_request', text: 'The body cannot be read.' },
  body_too_large: { status: 413, code: 'request_too_large', text: 'The body is too large.' },
  failed: { status: 500, code: 'internal_error', text: 'The sandbox failed.' },
} as const satisfies Record<string, FaultWords>

/** The name of a fault. */
export type Fault = keyof typeof FAULTS

/** A fault, as an answer says it. */
export interface FaultWords {
  readonly status: number
  readonly code: string
  readonly text: string
}

/** One request, read. */
export interface SandboxRequest {
  /** The variables of the route's path, percent-decoded. */
  readonly path: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  /** The body's members; none where the route takes no body. */
  readonly fields: Fields
  /** The client's address. */
  readonly remoteAddress: string
  /** Whole seconds since the Unix epoch, by the sandbox's clock. */
  readonly now: number
}

/** Sixteen kilobytes hold every documented request many times over. */
const MAX_BODY_BYTES = 16_384

/** An oversized body is read up to here, so that its sender receives the refusal. */
const MAX_DRAINED_BYTES = 1_048_576

/**
 * Reads the body as one of the media types `accepts`.
 *
 * Names that come twice in a form make it malformed, as RFC 6749 section 3.2 has it. An empty body
 * without a Content-Type has no members.
 *
 * @param several The names that may come several times in a form; such a member is an array.
 */
export async function readFields(
  request: IncomingMessage,
  accepts: readonly MediaType[],
  several: readonly string[] = [],
): Promise<Fields | Fault> {
  const body = await readBody(request)
  if (body === null) return 'body_too_large'
  const contentType = own(request.headers, 'content-type') ?? ''
  if (body.length === 0 && contentType === '') return bare({})
  const mediaType = accepts.find((type) => type === essence(contentType))
  if (mediaType === undefined) return 'content_type_wrong'
  if (mediaType === 'multipart/form-data') return readMultipart(body, contentType)
  const text = readUtf8(body)
  if (text === null) return 'body_malformed'
  return mediaType === 'application/json' ? readJson(text) : readForm(new URLSearchParams(text), several)
}

/** The own member called `name`: what `Object.prototype` holds is not read. */
export function own<Of extends object, Name extends keyof Of>(object: Of, name: Name): Of[Name] | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined
}

/** The same members in an object without a prototype. */
export function bare<Members extends object>(members: Members): Members {
  return Object.assign(Object.create(null), members)
}

/** The own member called `name`, if it is a string that is not empty. */
export function textOf(fields: Fields, name: string): string | undefined {
  const value = own(fields, name)
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** The own member called `name`, if it is a JSON object. */
export function objectOf(fields: Fields, name: string): Fields | undefined {
  const value = own(fields, name)
  return isFields(value) ? value : undefined
}

/** The header called `name` (lower case), if it came with a value. */
export function headerOf(call: SandboxRequest, name: string): string | undefined {
  const value = own(call.headers, name)
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** The first cookie called exactly `name`. */
export function cookieOf(call: SandboxRequest, name: string): string | undefined {
  const prefix = `${name}=`
  return headerOf(call, 'cookie')
    ?.split(';')
    .map((pair) => pair.trim())
    .find((pair) => pair.startsWith(prefix))
    ?.slice(prefix.length)
}

/** User and password of HTTP Basic (RFC 7617 section 2), or `null` without a readable header. */
export function basicCredentials(call: SandboxRequest): { user: string; password: string } | null {
  const encoded = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(headerOf(call, 'authorization') ?? '')?.[1]
  const text = encoded === undefined ? null : readUtf8(Buffer.from(encoded, 'base64'))
  const colon = text?.indexOf(':') ?? -1
  if (text === null || colon < 0) return null
  return { user: text.slice(0, colon), password: text.slice(colon + 1) }
}

/** Text that was form-urlencoded (RFC 6749 appendix B); `undefined` if it cannot have been. */
export function formDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}

/** Whether a credential is the one expected, in a time independent of where they differ. */
export function sameText(given: string | undefined, expected: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return given !== undefined && timingSafeEqual(digest(given), digest(expected))
}

/** The body, or `null` if it is too large. */
function readBody(request: IncomingMessage): Promise<Buffer | null> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0
    request.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length <= MAX_BODY_BYTES) chunks.push(chunk)
      if (length <= MAX_DRAINED_BYTES) return
      request.pause()
      resolve(null)
    })
    request.on('end', () => resolve(length <= MAX_BODY_BYTES ? Buffer.concat(chunks) : null))
    request.on('error', reject)
    request.on('close', () => reject(new Error('the client left')))
  })
}

function readUtf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return null
  }
}

function readJson(text: string): Fields | Fault {
  try {
    const value: unknown = JSON.parse(text)
    return isFields(value) ? value : 'body_malformed'
  } catch {
    return 'body_malformed'
  }
}

async function readMultipart(body: Buffer, contentType: string): Promise<Fields | Fault> {
  try {
    const headers = new Headers([['content-type', contentType]])
    return readForm(await new Response(new Uint8Array(body), bare({ headers })).formData())
  } catch {
    return 'body_malformed'
  }
}

function readForm(pairs: Iterable<[string, unknown]>, several: readonly string[] = []): Fields | Fault {
  const entries = [...pairs]
  if (!entries.every(([, value]) => typeof value === 'string')) return 'body_malformed'
  const values = new Map<string, unknown[]>()
  for (const [name, value] of entries) values.set(name, [...(values.get(name) ?? []), value])
  const fields: Record<string, unknown> = Object.create(null)
  for (const [name, all] of values) {
    if (all.length > 1 && !several.includes(name)) return 'body_malformed'
    fields[name] = all.length > 1 ? all : all[0]
  }
  return fields
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function essence(contentType: string): string {
  return (contentType.split(';')[0] ?? '').trim().toLowerCase()
}
