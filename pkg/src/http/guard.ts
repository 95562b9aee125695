/**
 * The request guard that every framework's adapter uses: it finds the token, verifies it for this request, words the
 * refusal.
 *
 * @module
 */

import { mustBe, unknownOption } from '../core/mistake.js'
import { encode, memberOf, members, snapshot } from '../core/snapshot.js'
import { TokenError, UnavailableError } from '../error.js'
import type { Carrier, ClaimsSet, Expected, RefusalStyle, Verified } from '../types.js'
import { carrierOf, countsUses } from '../presentation.js'
import type { Verifier } from '../verifier.js'
import { isName, readCarriers, readToken } from './carriers.js'
import type { HeaderReader, TokenCarrier } from './carriers.js'
import { PREFLIGHT, STYLE_NAMES, answer, isQuotable, isStyle, refusalHeaders } from './challenge.js'
import type { Answer, Wording } from './challenge.js'

/** The part of a verifier that a guard uses. */
export type Verifies<Claims extends ClaimsSet = ClaimsSet> = Pick<Verifier<Claims>, 'verifyAsync'> &
  Partial<Pick<Verifier<Claims>, 'redeem'>>

/**
 * The options of a guard. Each is read once, when the guard is made; an unknown option, or one that is `undefined`, is
 * a TypeError.
 *
 * The functions `expected`, `onRefused` and `refusal` may return a promise. It is awaited, and a rejection is handled
 * exactly as if the function had thrown: it is the server's own mistake, a 500 by the framework's error handler.
 *
 * @typeParam Request The framework's own request.
 */
export interface GuardOptions<Request> {
  /**
   * Where requests carry the token. Default: those of the verifier's profile, or else `Authorization: Bearer`.
   *
   * All of them are read. Two tokens that differ are `request_malformed`, and so is a header or cookie that two parsers
   * read differently. Query strings are never read.
   */
  carriers?: readonly Carrier[]
  /**
   * How refusals are worded: a style, or a function that returns status, headers and body. Default: the style of the
   * verifier's profile, or else "bearer".
   *
   * A function that throws its `error` passes the refusal on to the framework's error handler.
   */
  refusal?: RefusalStyle | RefusalWriter<Request>
  /** The `realm` of challenges, in printable ASCII (RFC 9110 section 11.5). Default: none. */
  realm?: string
  /**
   * The https URL of this resource's metadata, `resource_metadata` in challenges (RFC 9728 section 5.1). Default:
   * none.
   */
  resourceMetadata?: string
  /**
   * What this request expects of its token, for example `{ bind: { order_id } }`. Default: nothing beyond the policy.
   *
   * It is called only for a request with a token. Put what a client can leave out or misspell into `bind`: there a
   * wrong value, or none, is `binding_mismatch`. Everything it throws is a 500.
   */
  expected?: (request: Request) => Expected | PromiseLike<Expected>
  /**
   * Whether a request spends a use of its token, by `redeem()` instead of `verifyAsync()`. A request that the client
   * repeats spends another. Default: true if the verifier counts uses (`uses` or `singleUse`); then `false` is a
   * TypeError.
   */
  redeem?: boolean
  /**
   * Default "required". With "optional" a request without a token passes unverified; one with a bad token is refused in
   * either case.
   */
  credentials?: 'required' | 'optional'
  /**
   * Called with every refusal before it is sent, for logs and metrics. Default: none.
   *
   * The refusal is sent after a promise that it returns has settled: return none to not delay it. Everything it throws
   * is a 500 in place of the refusal.
   */
  onRefused?: (error: TokenError | UnavailableError, request: Request) => unknown
}

/** Words one refusal. Everything it throws is a 500, or goes to the framework's error handler. */
export type RefusalWriter<Request> = (
  error: TokenError | UnavailableError,
  request: Request,
) => RefusalAnswer | PromiseLike<RefusalAnswer>

/** A refusal in the caller's own words. */
export interface RefusalAnswer {
  /** From 300 to 599, but not 304: a refusal is never a success. */
  status: number
  /**
   * Added to `Cache-Control: no-store`, the challenge of RFC 6750 if the status is the one that it requires, and
   * `Retry-After` for a 503; a header of the same name replaces it.
   */
  headers?: Readonly<Record<string, string>>
  /** Text, or plain data that is sent as JSON. Default: no body. */
  body?: unknown
}

/** What a guard found out about a request. None of these has a prototype, so that `then` is not inherited. */
export type GuardResult<Claims extends ClaimsSet> =
  | { readonly kind: 'verified'; readonly verified: Verified<Claims> }
  /** No token, and none is required. */
  | { readonly kind: 'unverified' }
  | { readonly kind: 'refused'; readonly error: TokenError | UnavailableError; readonly answer: Answer }

/** A guard for requests of any framework. Its promises reject only with the caller's own mistakes. */
export interface RequestGuard<Request, Claims extends ClaimsSet> {
  /** Whether the options have `expected`, which may need the body of a request. */
  readonly hasExpected: boolean
  /** Finds the token of a request, or the result for a request without one. */
  find(request: Request, method: unknown, header: HeaderReader): Promise<{ token: string } | GuardResult<Claims>>
  /** Finds the token and verifies it. */
  check(request: Request, method: unknown, header: HeaderReader): Promise<GuardResult<Claims>>
}

const OPTIONS = ['carriers', 'refusal', 'realm', 'resourceMetadata', 'expected', 'redeem', 'credentials', 'onRefused']

/**
 * Makes the guard for one verifier and its options.
 *
 * @throws {TypeError} For options that cannot be used: the message names the option.
 */
export function createGuard<Request, Claims extends ClaimsSet>(
  verifier: Verifies<Claims>,
  options: GuardOptions<Request>,
): RequestGuard<Request, Claims> {
  if (typeof memberOf(Object(verifier), 'verifyAsync') !== 'function') {
    throw mustBe('the first argument of guard()', 'a verifier, an object with verifyAsync()', verifier)
  }
  const { carriers, wording, write, expected, verify, isOptional, onRefused } = readOptions(verifier, options)

  async function find(
    request: Request,
    method: unknown,
    header: HeaderReader,
  ): Promise<{ token: string } | GuardResult<Claims>> {
    const found = readToken(carriers, header)
    if (!(found instanceof TokenError)) return bare({ token: found })
    if (found.code !== 'token_missing') return await refuse(found, request)
    if (isOptional) return bare({ kind: 'unverified' })
    if (isPreflight(method, header)) return bare({ kind: 'refused', error: found, answer: PREFLIGHT })
    return await refuse(found, request)
  }

  async function check(request: Request, method: unknown, header: HeaderReader): Promise<GuardResult<Claims>> {
    const found = await find(request, method, header)
    if (!('token' in found)) return found
    const expectation = expected === undefined ? undefined : await expected(request)
    if (expected !== undefined && typeof expectation !== 'object') {
      throw mustBe('the result of expected()', 'an object', expectation)
    }
    try {
      return bare({ kind: 'verified', verified: await verify(found.token, expectation) })
    } catch (error) {
      if (error instanceof TokenError || error instanceof UnavailableError) return await refuse(error, request)
      throw error
    }
  }

  async function refuse(error: TokenError | UnavailableError, request: Request): Promise<GuardResult<Claims>> {
    await onRefused?.(error, request)
    if (write === undefined) return bare({ kind: 'refused', error, answer: answer(error, wording) })
    return bare({ kind: 'refused', error, answer: readAnswer(await write(error, request), error, wording) })
  }

  return { hasExpected: expected !== undefined, find, check }
}

/**
 * What a caller's function threw, for a framework's error handler. Frameworks continue with the handler if there is
 * `undefined` or null in place of an error, and Express takes some texts for instructions.
 */
export function faultOf(thrown: unknown): object {
  if (typeof thrown === 'object' && thrown !== null) return thrown
  return new Error('a function among the options of a guard threw a value that is not an error', { cause: thrown })
}

/** The same members in an object without a prototype. */
function bare<T extends object>(result: T): T {
  return Object.assign(Object.create(null), result)
}

/**
 * Whether the request is a CORS preflight (Fetch standard, section 3.2.2). A browser sends it without a token, and a
 * handler that ignores the method must not answer it unverified: the guard answers it, without content.
 */
function isPreflight(method: unknown, header: HeaderReader): boolean {
  const has = (name: string) => header(name).length > 0
  return method === 'OPTIONS' && has('Origin') && has('Access-Control-Request-Method')
}

interface Settings<Request, Claims extends ClaimsSet> {
  readonly carriers: readonly TokenCarrier[]
  readonly wording: Wording
  readonly write: RefusalWriter<Request> | undefined
  readonly expected: GuardOptions<Request>['expected'] | undefined
  readonly verify: (token: string, expected: Expected | undefined) => Promise<Verified<Claims>>
  readonly isOptional: boolean
  readonly onRefused: GuardOptions<Request>['onRefused'] | undefined
}

function readOptions<Request, Claims extends ClaimsSet>(
  verifier: Verifies<Claims>,
  options: GuardOptions<Request>,
): Settings<Request, Claims> {
  const found = members(options, 'options')
  for (const [name, member] of found) {
    if (!OPTIONS.includes(name)) throw unknownOption(name, OPTIONS)
    if (member === undefined) throw new TypeError(`${name} must not be undefined: leave it out`)
  }
  const profile = carrierOf(verifier)
  const carriers = readCarriers(found.get('carriers') ?? profile.carriers)
  const refusal = found.get('refusal') ?? profile.refusal ?? 'bearer'
  const write = typeof refusal === 'function' ? (refusal as RefusalWriter<Request>) : undefined
  const style = write === undefined ? refusal : (profile.refusal ?? 'bearer')
  if (!isStyle(style)) throw mustBe('refusal', `a function, or one of ${STYLE_NAMES}`, refusal)
  const credentials = found.get('credentials') ?? 'required'
  if (credentials !== 'required' && credentials !== 'optional') {
    throw mustBe('credentials', '"required" or "optional"', credentials)
  }
  const scheme = carriers.find((carrier) => carrier.scheme !== undefined)?.scheme
  return {
    carriers,
    wording: {
      style,
      scheme: scheme ?? (style === 'bearer' ? 'Bearer' : undefined),
      realm: readRealm(found.get('realm')),
      resourceMetadata: readResourceMetadata(found.get('resourceMetadata')),
    },
    write,
    expected: readFunction(found, 'expected'),
    verify: methodOf(verifier, found.get('redeem')),
    isOptional: credentials === 'optional',
    onRefused: readFunction(found, 'onRefused'),
  }
}

/**
 * The method that verifies the token of a request.
 *
 * @throws {TypeError} For a `redeem` that contradicts the verifier.
 */
function methodOf<Claims extends ClaimsSet>(
  verifier: Verifies<Claims>,
  redeem: unknown,
): Settings<unknown, Claims>['verify'] {
  const counts = countsUses(verifier)
  if (redeem !== undefined && typeof redeem !== 'boolean') throw mustBe('redeem', 'true or false', redeem)
  if (redeem === false && counts) throw new TypeError('redeem must not be false: the verifier counts uses')
  const name = redeem === true || counts ? 'redeem' : 'verifyAsync'
  const method = memberOf(verifier, name)
  if (typeof method !== 'function') throw new TypeError('redeem must be left out: the verifier has no such method')
  return (token, expected) => method.call(verifier, token, expected)
}

/** An option that is a function, if it is there. The types check its parameters. */
function readFunction<Type>(found: Map<string, unknown>, name: string): Type | undefined {
  if (!found.has(name)) return undefined
  const member = found.get(name)
  if (typeof member !== 'function') throw mustBe(name, 'a function', member)
  return member as Type
}

function readRealm(value: unknown): string | undefined {
  if (value === undefined || (typeof value === 'string' && isQuotable(value))) return value
  throw mustBe('realm', 'text in printable ASCII', value)
}

/** RFC 9728 section 3: an https URL without a fragment; http is allowed for loopback, for development. */
function readResourceMetadata(value: unknown): string | undefined {
  if (value === undefined) return undefined
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined
  const isLoopback = url?.protocol === 'http:' && LOOPBACK.includes(url.hostname)
  if (url !== undefined && url.hash === '' && (url.protocol === 'https:' || isLoopback)) return url.href
  throw mustBe('resourceMetadata', 'the text of an https URL without a fragment', value)
}

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]']

/** Whether a header can have that value (RFC 9110 section 5.5). */
function isFieldValue(text: string): boolean {
  return /^[\t -~\x80-\xff]*$/.test(text)
}

/**
 * Reads the answer that the caller's `refusal` function returned.
 *
 * @throws {TypeError} For an answer that cannot be sent.
 */
function readAnswer(value: unknown, error: TokenError | UnavailableError, wording: Wording): Answer {
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
