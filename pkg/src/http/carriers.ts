/**
 * How does a request carry a token?
 *
 * @module
 */

import { members } from '../core/snapshot.js'
import { refuse } from '../error.js'
import type { TokenError } from '../error.js'
import type { Carrier } from '../types.js'

/** The values of a header, one for each line as it came; joined by commas where the platform has joined them. */
export type HeaderReader = (name: string) => readonly string[]

/** {@link https://www.rfc-editor.org/rfc/rfc6750#section-2.1 RFC 6750 section 2.1} */
const BEARER: Carrier = { header: 'Authorization', scheme: 'Bearer' }

/**
 * Carriers as the options name them.
 *
 * @param value What stands under `carriers`; `undefined` for the default, `Authorization: Bearer`.
 * @throws {TypeError} For what names no carrier.
 */
export function readCarriers(value: unknown): readonly Carrier[] {
  if (value === undefined) return [BEARER]
  if (!Array.isArray(value) || value.length === 0)
    throw new TypeError('carriers must be at least one carrier')
  return Array.from({ length: value.length }, (_, index) => readCarrier(value[index], `carriers[${index}]`))
}

function readCarrier(value: unknown, path: string): Carrier {
  const found = members(value, path)
  const [form, ...others] = [...found.keys()].sort()
  if (form === 'cookie' && others.length === 0) return { cookie: name(found.get('cookie'), `${path}.cookie`) }
  if (form !== 'header' || others.some((member) => member !== 'scheme')) {
    throw new TypeError(`${path} must be { header, scheme? } or { cookie }`)
  }
  const header = name(found.get('header'), `${path}.header`)
  if (header.toLowerCase() === 'cookie') throw new TypeError(`${path} must name the cookie`)
  return others.length === 0 ? { header } : { header, scheme: name(found.get('scheme'), `${path}.scheme`) }
}

/** A field name, a scheme, a cookie's name: each is a token of RFC 9110 section 5.6.2. */
function name(value: unknown, path: string): string {
  if (typeof value === 'string' && /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(value)) return value
  throw new TypeError(`${path} must be a name that HTTP allows`)
}

/**
 * The one token that a request carries. Every carrier is read, so that a second token cannot hide behind the first.
 *
 * @returns The token; `token_missing` where no carrier holds any; `request_malformed` where one holds something else, or
 *   where two differ. A repetition of the same is no second token.
 */
export function readToken(carriers: readonly Carrier[], header: HeaderReader): string | TokenError {
  const tokens = new Set<string>()
  for (const carrier of carriers) {
    const values = 'cookie' in carrier ? cookies(header, carrier.cookie) : fields(header, carrier)
    for (const value of values) tokens.add(value)
  }
  const [token, ...others] = tokens
  if (token === undefined || (token === '' && others.length === 0))
    return refuse({ code: 'token_missing' })
  return others.length === 0 && B64TOKEN.test(token) ? token : refuse({ code: 'request_malformed' })
}

/** RFC 6750 section 2.1. No quotes, no percent-encoding, no space, no comma: every token here is spelled so. */
const B64TOKEN = /^[A-Za-z0-9\-._~+/]+=*$/

/** What stands for itself where a field of the carrier's scheme holds no token after one space. */
const NO_TOKEN = ' '

function fields(
  header: HeaderReader,
  { header: field, scheme }: { header: string; scheme?: string },
): string[] {
  // A field sent twice and the same field with a comma are one thing (RFC 9110 section 5.3), and no token holds a comma.
  const values = header(field).flatMap((line) => line.split(',').map(trim))
  if (scheme === undefined) return values
  if (!values.some((value) => follows(value, scheme))) return []
  return values.map((value) => {
    const rest = value.slice(scheme.length)
    return follows(value, scheme) && rest.startsWith(' ') ? rest.slice(1) : NO_TOKEN
  })
}

/** Whether credentials are of this scheme, whatever its case (RFC 9110 section 11.1). */
function follows(value: string, scheme: string): boolean {
  const next = value.charAt(scheme.length)
  return value.slice(0, scheme.length).toLowerCase() === scheme.toLowerCase() && /^[ \t]?$/.test(next)
}

/** Cookie names are exact, prefixes and cases included (RFC 6265 section 4.2.1). */
function cookies(header: HeaderReader, cookie: string): string[] {
  const pairs = header('Cookie').flatMap((line) => line.split(';').map(trim))
  return pairs.filter((pair) => pair.startsWith(`${cookie}=`)).map((pair) => pair.slice(cookie.length + 1))
}

/** Optional white space around, and no other (RFC 9110 section 5.6.3). */
function trim(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isSpace(text.charCodeAt(start))) start += 1
  while (end > start && isSpace(text.charCodeAt(end - 1))) end -= 1
  return text.slice(start, end)
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09
}
