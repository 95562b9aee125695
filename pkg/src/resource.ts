/**
 * Resource identifiers ({@link https://www.rfc-editor.org/rfc/rfc8707#section-2 RFC 8707 section 2}), and scope-tokens as
 * a list.
 *
 * @module
 */

import { kindOf, mustBe } from './core/mistake.js'
import { members } from './core/options.js'

/**
 * The identifier of a resource server: an https URL without user information, query and fragment; http on loopback.
 *
 * Tokens contain it as text and are compared with it as text, so only its canonical spelling is accepted. With and
 * without a slash at its end, it is two different identifiers.
 *
 * @throws {TypeError} For another one; if only the spelling is wrong, with the right one.
 */
export function readResource(value: unknown): URL {
  const url = secureUrl(value)
  if (url === undefined || url.username !== '' || url.password !== '' || /[?#]/.test(url.href)) {
    throw mustBe('resource', 'the text of an https URL without a query, a fragment and a user', value)
  }
  if (value === url.href || `${String(value)}/` === url.href) return url
  const spelled = url.pathname === '/' ? url.origin : url.href
  throw new TypeError(`resource must have its canonical spelling, ${spelled}`)
}

/** An https URL, or one of http on loopback, for development; `undefined` for another value. */
export function secureUrl(value: unknown): URL | undefined {
  if (typeof value !== 'string' || !URL.canParse(value)) return undefined
  const url = new URL(value)
  const isLoopback = url.protocol === 'http:' && LOOPBACK.includes(url.hostname)
  return url.protocol === 'https:' || isLoopback ? url : undefined
}

/** As `URL` spells them. */
const LOOPBACK: readonly string[] = ['localhost', '127.0.0.1', '[::1]']

/**
 * The scope-tokens in a `scope` option: text, texts, or `{ all, any }`, of which every one is returned.
 *
 * @throws {TypeError} For another value, and for text that is not scope-tokens (RFC 6749 section 3.3).
 */
export function readScopeTokens(value: unknown): readonly string[] {
  if (typeof value === 'string') return tokensOf(value.split(' '), 'scope')
  if (Array.isArray(value)) return tokensOf(Array.from(value), 'scope')
  const found = members(value, 'scope', 'text, texts, or { all, any }')
  const lists = [...found].map(([name, list]) => {
    if (!['all', 'any'].includes(name) || !Array.isArray(list)) throw mustBe('scope', 'text, texts, or { all, any }')
    return tokensOf(Array.from(list), `scope.${name}`)
  })
  if (lists.length === 0) throw mustBe('scope', 'text, texts, or { all, any }')
  return [...new Set(lists.flat())]
}

function tokensOf(list: readonly unknown[], path: string): readonly string[] {
  if (list.length === 0) throw mustBe(path, 'at least one scope-token', list)
  return [
    ...new Set(
      list.map((token) => {
        if (typeof token === 'string' && SCOPE_TOKEN.test(token)) return token
        throw new TypeError(`${path} must be scope-tokens (RFC 6749 section 3.3), one of them is ${kindOf(token)}`)
      }),
    ),
  ]
}

const SCOPE_TOKEN = /^[!#-[\]-~]+$/
