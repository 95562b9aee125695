/**
 * Options of token requests: own members alone, each read once, checked before the first request.
 *
 * @module
 */

import { missingOption, mustBe, unknownOption } from '../core/mistake.js'
import { members } from '../core/options.js'
import { isWellFormed } from '../core/utf8.js'

/** What sends requests: `fetch`, or a function with its parameters and result. */
export type Fetch = (input: Request | string, init: RequestInit) => Promise<Response>

/** The longest timeout, in seconds: timers hold 31 bits of milliseconds. */
const MAX_TIMEOUT_SECONDS = 600

/** An options object, taken member by member; what is left at the end is unknown. */
export class OptionsReader {
  readonly #path: string
  readonly #found: Map<string, unknown>
  /** Every option that exists. */
  readonly #known = new Set<string>()

  /**
   * @param path The object's name, for messages.
   * @throws {TypeError} If it is not a plain object.
   */
  constructor(value: unknown, path: string) {
    this.#path = path
    this.#found = members(value, path)
  }

  /** Whether the option is there. */
  has(name: string): boolean {
    return this.#found.has(name)
  }

  /** The option's value; `undefined` if it is left out. */
  take(name: string): unknown {
    this.#known.add(name)
    const value = this.#found.get(name)
    if (this.#found.delete(name) && value === undefined) throw this.#error(name, 'left out rather than undefined')
    return value
  }

  /** A text that is not empty. */
  text(name: string): string {
    const found = this.optionalText(name)
    if (found !== undefined) return found
    throw missingOption(`${this.#path}.${name}`, 'a string that is not empty', this.#found.keys())
  }

  /** A text that is not empty, if it is there. */
  optionalText(name: string): string | undefined {
    const value = this.take(name)
    if (value === undefined || (typeof value === 'string' && value !== '' && isWellFormed(value))) return value
    throw this.#error(name, 'a string that is not empty', value)
  }

  /** A text of printable ASCII: it is sent as a header. */
  headerText(name: string): string {
    const value = this.text(name)
    if (!/^[\x21-\x7e]+$/.test(value)) throw this.#error(name, 'printable ASCII without spaces')
    return value
  }

  /** A text or a whole number, as text. */
  id(name: string): string {
    const value = this.take(name)
    if (typeof value === 'string' && value !== '' && isWellFormed(value)) return value
    if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value)
    throw this.#error(name, 'a string that is not empty, or a whole number', value)
  }

  /** One of these texts. */
  oneOf<const Text extends string>(name: string, texts: readonly Text[]): Text | undefined {
    const value = this.take(name)
    if (value === undefined) return undefined
    return (
      texts.find((text) => text === value) ?? fail(this.#error(name, texts.map((text) => `'${text}'`).join(' or ')))
    )
  }

  /** A boolean; `false` if it is left out. */
  flag(name: string): boolean {
    const value = this.take(name)
    if (value === undefined || typeof value === 'boolean') return value ?? false
    throw this.#error(name, 'a boolean', value)
  }

  /** A positive number of seconds. */
  seconds(name: string, longest = Number.MAX_SAFE_INTEGER): number | undefined {
    const value = this.take(name)
    if (value === undefined || (typeof value === 'number' && value > 0 && value <= longest)) return value
    throw this.#error(name, `a positive number of seconds, at most ${longest}`, value)
  }

  /** A function. */
  callable<Callable>(name: string): Callable | undefined {
    const value = this.take(name)
    if (value === undefined || typeof value === 'function') return value as Callable | undefined
    throw this.#error(name, 'a function', value)
  }

  /** Text members with text or number values. */
  fields(name: string): ReadonlyMap<string, string> | undefined {
    const value = this.take(name)
    if (value === undefined) return undefined
    const path = `${this.#path}.${name}`
    const entries = [...members(value, path)].map(([member, content]): [string, string] => {
      const isNumber = typeof content === 'number' && Number.isFinite(content)
      if ((typeof content === 'string' && isWellFormed(content)) || isNumber) return [member, String(content)]
      throw mustBe(`${path}.${member}`, 'a string or a number', content)
    })
    return new Map(entries)
  }

  /** A URL that credentials may be sent to: https, or http on loopback. */
  url(name: string): URL | undefined {
    const value = this.optionalText(name)
    if (value === undefined) return undefined
    return secureUrl(value) ?? fail(this.#error(name, 'an https URL without user, password and fragment'))
  }

  /** The options of every token request. */
  connection(): Connection {
    return {
      send: this.callable<Fetch>('fetch') ?? ((url, init) => fetch(url, init)),
      timeoutSeconds: this.seconds('timeoutSeconds', MAX_TIMEOUT_SECONDS) ?? 5,
    }
  }

  /**
   * Every option was taken.
   *
   * @throws {TypeError} If one is left.
   */
  end(): void {
    for (const name of this.#found.keys()) throw unknownOption(`${this.#path}.${name}`, [...this.#known])
  }

  #error(name: string, expected: string, ...given: readonly [unknown?]): TypeError {
    return mustBe(`${this.#path}.${name}`, expected, ...given)
  }
}

/** How requests are sent. */
export interface Connection {
  readonly send: Fetch
  readonly timeoutSeconds: number
}

/** The URL, if credentials may be sent there: https, or http on loopback; no user, no password, no fragment. */
export function secureUrl(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || url.username !== '' || url.password !== '' || url.href.includes('#')) return undefined
  const isLoopback = /^(?:localhost|\[::1\]|127(?:\.\d{1,3}){3})$/.test(url.hostname)
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback) ? url : undefined
}

function fail(error: Error): never {
  throw error
}
