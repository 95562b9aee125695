/**
 * The answer that a caller's `refusal` function returns.
 *
 * @module
 */

import { mustBe, unknownOption } from '../core/mistake.js'
import { encode, members, snapshot } from '../core/options.js'
import type { TokenError, UnavailableError } from '../error.js'
import { isName } from './carriers.js'
import type { HttpResponse, Wording } from './challenge.js'
import { refusalHeaders } from './challenge.js'

/** Whether a header can have that value (RFC 9110 section 5.5). */
function isFieldValue(text: string): boolean {
  return /^[\t -~\x80-\xff]*$/.test(text)
}

/**
 * Reads the answer that the caller's `refusal` function returned.
 *
 * @throws {TypeError} For an answer that cannot be sent.
 */
export function readAnswer(value: unknown, error: TokenError | UnavailableError, wording: Wording): HttpResponse {
  const found = members(value, 'the result of refusal()', '{ status, headers?, body? }')
  for (const name of found.keys()) {
    if (!['status', 'headers', 'body'].includes(name)) throw unknownOption(name, ['status', 'headers', 'body'])
  }
  const status = found.get('status')
  if (typeof status !== 'number' || !Number.isInteger(status) || status < 300 || status > 599 || status === 304) {
    throw mustBe('status', 'an integer from 300 to 599 other than 304', status)
  }
  const body = found.get('body')
  const type = typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json'
  const own = found.get('headers') === undefined ? new Map<string, unknown>() : members(found.get('headers'), 'headers')
  const replaced = new Set([...own.keys()].map((name) => name.toLowerCase()))
  const headers: Record<string, string> = Object.create(null)
  const usual = body === undefined ? {} : { 'Content-Type': type }
  for (const [name, text] of Object.entries({ ...usual, ...refusalHeaders(error, status, wording) })) {
    if (!replaced.has(name.toLowerCase())) headers[name] = text
  }
  for (const [name, text] of own) {
    if (!isName(name)) throw new TypeError('headers must have names that HTTP allows')
    if (typeof text !== 'string' || !isFieldValue(text)) throw mustBe(`headers.${name}`, 'text that HTTP allows', text)
    headers[name] = text
  }
  if (body === undefined) return { status, headers, body: '' }
  return { status, headers, body: typeof body === 'string' ? body : encode(snapshot(body, 'body')) }
}
