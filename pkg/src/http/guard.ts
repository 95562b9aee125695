/**
 * The request guard that every framework's adapter uses: it finds the token, verifies it for this request, words the
 * refusal.
 *
 * @module
 */

import { mustBe, unknownOption } from '../core/mistake.js'
import { encode, memberOf, members, snapshot } from '../core/snapshot.js'
import { decodeUtf8 } from '../core/text.js'
import { refuse, TokenError, UnavailableError } from '../error.js'
import { carrierOf, countsUses } from '../presentation.js'
import type { Carrier, ClaimsSet, Expected, RefusalStyle, Verified } from '../types.js'
import type { Verifier } from '../verifier.js'
import type { HeaderReader, TokenCarrier } from './carriers.js'
import { DPOP, isName, readCarriers, readToken } from './carriers.js'
import type { PresentedCertificate } from './certificate.js'
import { thumbprintOf } from './certificate.js'
import type { Answer, Wording } from './challenge.js'
import { answer, isQuotable, isStyle, PREFLIGHT, refusalHeaders, STYLE_NAMES } from './challenge.js'
import type { NonceOptions, Nonces } from './nonce.js'
import { readNonces } from './nonce.js'

/** The part of a verifier that a guard uses. */
export type Verifies<Claims extends object = ClaimsSet> = Pick<Verifier<Claims>, 'verifyAsync'> &
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
  /**
   * This server's own origin, for example `https://api.example`, and with it DPoP (RFC 9449): tokens are also accepted
   * as `Authorization: DPoP`, each with one `DPoP` header whose proof is for this origin and the path as received. It
   * may have a path, for a proxy that removes one. `Host` and `X-Forwarded-*` are never read. Default: none, and tokens
   * bound to a key are refused.
   *
   * A proof is accepted once only if the verifier has a `replay` store.
   */
  origin?: string
  /**
   * Requires a nonce of this server in every proof (RFC 9449 section 9). No state is kept: instances with the same
   * secret accept each other's nonces. Needs `origin`. Default: none.
   */
  nonce?: NonceOptions
  /**
   * The client certificate of a request, for tokens bound to one (RFC 8705 section 3): PEM text, DER octets, or
   * `{ thumbprint }`. It must be one that TLS verified; a header counts only if a proxy of yours replaces it. Default:
   * none, and such tokens are refused. What it throws is a 500.
   */
  certificate?: (request: Request) => PresentedCertificate | PromiseLike<PresentedCertificate>
}

/** The options of a guard that lets requests without a token pass. */
export interface OptionalCredentials {
  /** See {@link GuardOptions}. */
  credentials: 'optional'
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
export type GuardResult<Claims extends object> =
  | {
      readonly kind: 'verified'
      readonly verified: Verified<Claims>
      /** Headers for the response; empty unless the client should take the next nonce. */
      readonly headers: Readonly<Record<string, string>>
    }
  /** No token, and none is required. */
  | { readonly kind: 'unverified' }
  | { readonly kind: 'refused'; readonly error: TokenError | UnavailableError; readonly answer: Answer }

/** A guard for requests of any framework. Its promises reject only with the caller's own mistakes. */
export interface RequestGuard<Request, Claims extends object> {
  /** Whether the options have `expected`, which may need the body of a request. */
  readonly hasExpected: boolean
  /** Finds the token of a request, or the result for a request without one. */
  find(request: Request, method: unknown, header: HeaderReader): Promise<Found | GuardResult<Claims>>
  /** Finds the token and verifies it. `target` is the request target as received, or an absolute URL. */
  check(request: Request, method: unknown, header: HeaderReader, target: unknown): Promise<GuardResult<Claims>>
}

/** A guard that gives what it verified with the type of its verifier's claims. */
export interface Reads<Result> {
  /**
   * What the token of a request says, typed by the verifier. Under `credentials: 'optional'` it is undefined for a request
   * without a token.
   *
   * @throws {TypeError} For a request that has not passed this guard.
   */
  verified(request: object): Result
}

/** What one guard found out about the requests that passed it. */
export interface Results<Claims extends object> {
  /** Keeps the result for a request; undefined where there was no token. */
  keep(request: object, verified: Verified<Claims> | undefined): void
  /** See {@link Reads}. */
  readonly verified: (request: object) => Verified<Claims> | undefined
}

/** Makes the memory of one guard. A request that is collected is forgotten. */
export function resultsOf<Claims extends object>(): Results<Claims> {
  const results = new WeakMap<object, Verified<Claims> | undefined>()
  return {
    keep: (request, verified) => void results.set(request, verified),
    verified(request) {
      if (!results.has(request)) throw new TypeError('this request has not passed this guard')
      return results.get(request)
    },
  }
}

/** The token of a request, with its proof if it was sent by the scheme DPoP. */
interface Found {
  readonly token: string
  readonly proof: string | undefined
}

const OPTIONS = [
  ...['carriers', 'refusal', 'realm', 'resourceMetadata', 'expected', 'redeem', 'credentials', 'onRefused'],
  ...['origin', 'nonce', 'certificate'],
]

/**
 * Makes the guard for one verifier and its options.
 *
 * @throws {TypeError} For options that cannot be used: the message names the option.
 */
export function createGuard<Request, Claims extends object>(
  verifier: Verifies<Claims>,
  options: GuardOptions<Request>,
): RequestGuard<Request, Claims> {
  if (typeof memberOf(Object(verifier), 'verifyAsync') !== 'function') {
    throw mustBe('the first argument of guard()', 'a verifier, an object with verifyAsync()', verifier)
  }
  const { carriers, wording, write, expected, verify, isOptional, onRefused, origin, nonces, certificate } =
    readOptions(verifier, options)

  async function find(request: Request, method: unknown, header: HeaderReader): Promise<Found | GuardResult<Claims>> {
    const found = readToken(carriers, header)
    if (!(found instanceof TokenError)) {
      const proof = origin === undefined ? undefined : readProof(header)
      return proof instanceof TokenError ? await refuseWith(proof, request) : bare({ token: found, proof })
    }
    if (found.code !== 'token_missing') return await refuseWith(found, request)
    if (isOptional) return bare({ kind: 'unverified' })
    if (isPreflight(method, header)) return bare({ kind: 'refused', error: found, answer: PREFLIGHT })
    return await refuseWith(found, request)
  }

  async function check(
    request: Request,
    method: unknown,
    header: HeaderReader,
    target: unknown,
  ): Promise<GuardResult<Claims>> {
    const found = await find(request, method, header)
    if (!('token' in found)) return found
    const expectation = expected === undefined ? undefined : await expected(request)
    if (expected !== undefined && typeof expectation !== 'object') {
      throw mustBe('the result of expected()', 'an object', expectation)
    }
    const { token, proof } = found
    const possession = new Map<string, unknown>()
    const accepted = proof === undefined ? undefined : await nonces?.at(Date.now() / 1000)
    if (proof !== undefined && origin !== undefined) {
      const presented = { jwt: proof, method, url: origin + pathOf(target) }
      possession.set('proof', accepted === undefined ? presented : { ...presented, nonce: accepted })
    }
    const thumbprint = certificate === undefined ? undefined : await thumbprintOf(await certificate(request))
    if (thumbprint !== undefined) possession.set('certificateThumbprint', thumbprint)
    try {
      const verified = await verify(token, withMembers(expectation, possession))
      const isLate = proof !== undefined && accepted !== undefined && nonceOf(proof) !== accepted[0]
      return bare({ kind: 'verified', verified, headers: isLate ? nonceHeaders(accepted[0]) : {} })
    } catch (error) {
      if (error instanceof TokenError || error instanceof UnavailableError) return await refuseWith(error, request)
      throw error
    }
  }

  async function refuseWith(error: TokenError | UnavailableError, request: Request): Promise<GuardResult<Claims>> {
    await onRefused?.(error, request)
    const worded =
      write === undefined ? answer(error, wording) : readAnswer(await write(error, request), error, wording)
    if (origin === undefined || worded.status !== 401) return bare({ kind: 'refused', error, answer: worded })
    const current = (await nonces?.at(Date.now() / 1000))?.[0]
    const headers = { ...exposed(worded.headers), ...(current === undefined ? {} : { 'DPoP-Nonce': current }) }
    return bare({ kind: 'refused', error, answer: { ...worded, headers } })
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

/**
 * The proof of a request with the scheme DPoP; `undefined` for another scheme.
 *
 * The platform may have joined two headers by a comma, which no proof contains.
 */
function readProof(header: HeaderReader): string | TokenError | undefined {
  if (readToken([DPOP], header) instanceof TokenError) return undefined
  const [proof, ...others] = header('DPoP')
  if (proof === undefined) return refuse({ code: 'proof_missing', claim: 'cnf' })
  if (others.length > 0 || proof.includes(',')) return refuse({ code: 'request_malformed', claim: 'DPoP' })
  return proof
}

/**
 * The path of a request target: origin-form, or the absolute-form that proxies use (RFC 9112 section 3.2). It starts
 * with "/", so that it cannot continue the host of the origin in front of it.
 */
function pathOf(target: unknown): string {
  const path = typeof target === 'string' ? target.replace(/^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i, '') : ''
  return path.startsWith('/') ? path : `/${path.startsWith('?') ? path : ''}`
}

/** The nonce in a proof that was verified. */
function nonceOf(proof: string): unknown {
  const [, payload = ''] = proof.split('.', 2)
  const octets = Uint8Array.from(atob(payload.replace(/-/g, '+').replace(/_/g, '/')), (octet) => octet.charCodeAt(0))
  const claims: object = JSON.parse(decodeUtf8(octets))
  return memberOf(claims, 'nonce')
}

/** `expectation` with further members. */
function withMembers(expectation: Expected | undefined, further: ReadonlyMap<string, unknown>): Expected | undefined {
  if (further.size === 0) return expectation
  const own = expectation === undefined ? [] : members(expectation, 'the result of expected()')
  const all: Record<string, unknown> = Object.create(null)
  for (const [name, member] of [...own, ...further]) all[name] = member
  return all
}

/** The headers of a response that tells the client to use another nonce (RFC 9449 section 8.2). */
function nonceHeaders(nonce: string): Readonly<Record<string, string>> {
  return { 'DPoP-Nonce': nonce, 'Access-Control-Expose-Headers': 'DPoP-Nonce' }
}

/** The headers, with those of DPoP readable to scripts of other origins, unless the caller decides on that. */
function exposed(headers: Answer['headers']): Answer['headers'] {
  const isDecided = Object.keys(headers).some((name) => name.toLowerCase() === EXPOSE)
  return isDecided ? headers : { ...headers, 'Access-Control-Expose-Headers': 'DPoP-Nonce, WWW-Authenticate' }
}

const EXPOSE = 'access-control-expose-headers'

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

interface Settings<Request, Claims extends object> {
  readonly carriers: readonly TokenCarrier[]
  readonly wording: Wording
  readonly write: RefusalWriter<Request> | undefined
  readonly expected: GuardOptions<Request>['expected'] | undefined
  readonly verify: (token: string, expected: Expected | undefined) => Promise<Verified<Claims>>
  readonly isOptional: boolean
  readonly onRefused: GuardOptions<Request>['onRefused'] | undefined
  /** Without a slash at its end. */
  readonly origin: string | undefined
  readonly nonces: Nonces | undefined
  readonly certificate: GuardOptions<Request>['certificate'] | undefined
}

function readOptions<Request, Claims extends object>(
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
  const origin = readOrigin(found.get('origin'))
  if (found.has('nonce') && origin === undefined) throw new TypeError('nonce must be left out without origin')
  return {
    carriers: origin === undefined ? carriers : [...carriers, DPOP],
    wording: {
      style,
      scheme: scheme ?? (style === 'bearer' ? 'Bearer' : undefined),
      realm: readRealm(found.get('realm')),
      resourceMetadata: readResourceMetadata(found.get('resourceMetadata')),
      dpop: origin !== undefined,
    },
    write,
    expected: readFunction(found, 'expected'),
    verify: methodOf(verifier, found.get('redeem')),
    isOptional: credentials === 'optional',
    onRefused: readFunction(found, 'onRefused'),
    origin,
    nonces: origin === undefined || !found.has('nonce') ? undefined : readNonces(found.get('nonce'), origin),
    certificate: readFunction(found, 'certificate'),
  }
}

/**
 * The method that verifies the token of a request.
 *
 * @throws {TypeError} For a `redeem` that contradicts the verifier.
 */
function methodOf<Claims extends object>(
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

/** An http or https URL of an origin, and a path if a proxy removes one; returned without a slash at its end. */
function readOrigin(value: unknown): string | undefined {
  if (value === undefined) return undefined
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined
  const isPlain = url !== undefined && url.href === url.origin + url.pathname && /^https?:$/.test(url.protocol)
  if (isPlain) return url.href.replace(/\/+$/, '')
  throw mustBe('origin', 'the text of an http or https URL without a query, a fragment and a user', value)
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
