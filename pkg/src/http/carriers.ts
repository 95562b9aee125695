/**
 * Token carriers: the header fields and cookies of a request that hold an access token.
 *
 * A request that two readers could read in two ways is refused. What verifies here must be what the handler's own
 * cookie or header parser finds, so every reading of the parsers in use (`cookie`, `@fastify/cookie`, Hono's, Next's,
 * Koa's) is compared: they differ in the white space they remove, in which of two cookies they keep, and in what they
 * make of a pair without "=".
 *
 * Each header is scanned once, in place, up to the first contradiction.
 *
 * @module
 */

import { mustBe } from '../core/mistake.js'
import { members } from '../core/options.js'
import type { TokenError } from '../error.js'
import { refuse } from '../error.js'
import type { Carrier } from '../types.js'

/** Reads the values of a header: one for each line as it arrived, or one with commas where the platform joined them. */
export type HeaderReader = (name: string) => readonly string[]

/** How the requests of a framework are read. Only what a guard needs is read. */
export interface RequestReader<Request> {
  /** The HTTP method. */
  method(request: Request): unknown
  /** The request target as received, or an absolute URL. */
  target(request: Request): unknown
  /** The headers. */
  headers(request: Request): HeaderReader
}

/** A {@link Carrier} after it was read from the options; every member is its own. */
export interface TokenCarrier {
  readonly kind: 'header' | 'cookie'
  /** The field name, in any case; or the cookie's exact name. */
  readonly name: string
  /** The authentication scheme in front of the token, if there is one. */
  readonly scheme: string | undefined
}

/** {@link https://www.rfc-editor.org/rfc/rfc6750#section-2.1 RFC 6750 section 2.1} */
const BEARER: TokenCarrier = { kind: 'header', name: 'Authorization', scheme: 'Bearer' }

/** {@link https://www.rfc-editor.org/rfc/rfc9449#section-7.1 RFC 9449 section 7.1} */
export const DPOP: TokenCarrier = { kind: 'header', name: 'Authorization', scheme: 'DPoP' }

/**
 * Reads the `carriers` option.
 *
 * @param value `undefined` for the default, `Authorization: Bearer`.
 * @throws {TypeError} For a value that is not a list of carriers.
 */
export function readCarriers(value: unknown): readonly TokenCarrier[] {
  if (value === undefined) return [BEARER]
  if (!Array.isArray(value) || value.length === 0) throw mustBe('carriers', 'an array of at least one carrier', value)
  return Array.from({ length: value.length }, (_, index) => readCarrier(value[index], `carriers[${index}]`))
}

const CARRIER = '{ header, scheme? } or { cookie }'

function readCarrier(value: unknown, path: string): TokenCarrier {
  const found = members(value, path, CARRIER)
  const form = found.has('cookie') ? 'cookie' : 'header'
  for (const name of found.keys()) {
    if (name !== form && (form === 'cookie' || name !== 'scheme')) throw new TypeError(`${path} must be ${CARRIER}`)
  }
  const name = readName(found.get(form), `${path}.${form}`)
  if (form === 'header' && name.toLowerCase() === 'cookie') {
    throw new TypeError(`${path} must name the cookie: { cookie: 'session' }`)
  }
  return { kind: form, name, scheme: found.has('scheme') ? readName(found.get('scheme'), `${path}.scheme`) : undefined }
}

/** Whether text is a field name, a scheme or a cookie's name: each is a token of RFC 9110 section 5.6.2. */
export function isName(text: string): boolean {
  return /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(text)
}

function readName(value: unknown, path: string): string {
  if (typeof value === 'string' && isName(value)) return value
  throw mustBe(path, 'a name of letters, digits and -._~ and the like (RFC 9110 section 5.6.2)', value)
}

/** What one carrier of a request holds: a token, no token, or text that is refused. */
type Reading = string | typeof NONE | typeof MALFORMED

const NONE = Symbol('no token')
const MALFORMED = Symbol('malformed')

/**
 * Finds the one token of a request. Every carrier is read, so that a second token cannot hide behind the first.
 *
 * @returns The token; `token_missing` if no carrier holds one; `request_malformed`, with the carrier's name as its
 *   `claim`, if a carrier holds anything else or if two tokens differ. The same token twice is one token.
 */
export function readToken(carriers: readonly TokenCarrier[], header: HeaderReader): string | TokenError {
  let token: string | undefined
  for (const { kind, name, scheme } of carriers) {
    const found = kind === 'cookie' ? readCookies(header('Cookie'), name) : readFields(header(name), scheme)
    if (found === NONE) continue
    if (found === MALFORMED || (token !== undefined && token !== found)) {
      return refuse({ code: 'request_malformed', claim: name })
    }
    token = found
  }
  return token ?? refuse({ code: 'token_missing' })
}

/** RFC 6750 section 2.1. No quotes, no percent-encoding, no space, no comma: every supported token is written so. */
const B64TOKEN = /^[A-Za-z0-9\-._~+/]+=*$/

/** The text from `start` to `end`: a token; or the token `known`, if it is the same again; or malformed. */
function tokenAt(line: string, start: number, end: number, known: string | undefined): string | typeof MALFORMED {
  if (known !== undefined) return end - start === known.length && line.startsWith(known, start) ? known : MALFORMED
  const text = line.slice(start, end)
  return B64TOKEN.test(text) ? text : MALFORMED
}

/**
 * Reads the lines of one field. A field sent twice and one field with a comma are the same (RFC 9110 section 5.3), and
 * no token contains a comma.
 */
function readFields(lines: readonly string[], scheme: string | undefined): Reading {
  const wanted = scheme?.toLowerCase()
  let token: string | undefined
  let hasOther = false
  for (const line of lines) {
    for (let start = 0; start <= line.length; ) {
      const comma = line.indexOf(',', start)
      const end = comma === -1 ? line.length : comma
      const found =
        wanted === undefined ? readValue(line, start, end, token) : readCredentials(line, start, end, wanted, token)
      if (found === MALFORMED) return MALFORMED
      if (found === NONE) hasOther = true
      else token = found
      if (hasOther && token !== undefined) return MALFORMED
      start = end + 1
    }
  }
  return token ?? NONE
}

/** Reads a field value without a scheme. */
function readValue(line: string, start: number, end: number, known: string | undefined): Reading {
  const first = skipSpace(line, start, end)
  return first === end ? NONE : tokenAt(line, first, skipSpaceBack(line, first, end), known)
}

/**
 * Reads the token after `scheme` and exactly one space. The scheme's case is free (RFC 9110 section 11.1).
 *
 * @param scheme In lower case.
 * @returns `NONE` for credentials of another scheme; `MALFORMED` if a less strict reader would find this one.
 */
function readCredentials(line: string, start: number, end: number, scheme: string, known: string | undefined): Reading {
  const at = skipLoosely(line, start, end)
  const after = at + scheme.length
  if (after > end || line.slice(at, after).toLowerCase() !== scheme) return NONE
  if (after < end && isName(line.charAt(after))) return NONE
  if (at !== skipSpace(line, start, end) || line.charCodeAt(after) !== SPACE) return MALFORMED
  return tokenAt(line, after + 1, skipSpaceBack(line, after + 1, end), known)
}

/**
 * Reads the cookies called `name`. Cookie names are exact, prefixes and case included (RFC 6265 section 4.2.1).
 *
 * An empty cookie holds no token: a browser sends it where one of two cookies of the same name was cleared.
 */
function readCookies(lines: readonly string[], name: string): Reading {
  let token: string | undefined
  for (const line of lines) {
    let at = line.indexOf(name)
    for (; at !== -1; at = line.indexOf(name, at + name.length)) {
      const found = readCookie(line, at, name.length, token)
      if (found === MALFORMED) return MALFORMED
      if (found !== NONE) token = found
    }
  }
  return token ?? NONE
}

/**
 * Reads the cookie whose name is at `at`, if the text there is the name of a cookie.
 *
 * Spaces between ";" and the name are removed by every parser. With any other character there, or between the name and
 * "=", and without "=", the parsers differ.
 */
function readCookie(line: string, at: number, length: number, known: string | undefined): Reading {
  let start = at
  while (start > 0 && line.charCodeAt(start - 1) === SPACE) start -= 1
  const isExact = start === 0 || line.charCodeAt(start - 1) === SEMICOLON
  while (start > 0 && isSkipped(line.charCodeAt(start - 1))) start -= 1
  if (start > 0 && line.charCodeAt(start - 1) !== SEMICOLON) return NONE
  const after = skipLoosely(line, at + length, line.length)
  if (after === line.length || line.charCodeAt(after) === SEMICOLON) return MALFORMED
  if (line.charCodeAt(after) !== EQUALS) return NONE
  if (!isExact || after !== at + length) return MALFORMED
  const semicolon = line.indexOf(';', after)
  const end = semicolon === -1 ? line.length : semicolon
  return end === after + 1 ? NONE : tokenAt(line, after + 1, skipSpaceBack(line, after + 1, end), known)
}

const SPACE = 0x20
const TAB = 0x09
const SEMICOLON = 0x3b
const EQUALS = 0x3d

/** Optional white space of HTTP (RFC 9110 section 5.6.3). */
function isSpace(code: number): boolean {
  return code === SPACE || code === TAB
}

function skipSpace(text: string, start: number, end: number): number {
  let at = start
  while (at < end && isSpace(text.charCodeAt(at))) at += 1
  return at
}

function skipSpaceBack(text: string, start: number, end: number): number {
  let at = end
  while (at > start && isSpace(text.charCodeAt(at - 1))) at -= 1
  return at
}

/**
 * Whether any parser removes this character around a name: control characters, white space of Unicode, and the
 * character that a platform puts in place of octets that it cannot decode, which another reader may take for white
 * space.
 */
function isLooseSpace(code: number): boolean {
  if (code > 0xff) return /[\s\ufffd]/.test(String.fromCharCode(code))
  return code <= SPACE || (code >= 0x7f && code <= 0xa0)
}

/** Whether any parser skips this character in front of a cookie's name. */
function isSkipped(code: number): boolean {
  return code === EQUALS || isLooseSpace(code)
}

function skipLoosely(text: string, start: number, end: number): number {
  let at = start
  while (at < end && isLooseSpace(text.charCodeAt(at))) at += 1
  return at
}
