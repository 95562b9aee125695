/**
 * The request guard that every framework's adapter uses: it finds the token, verifies it for this request, words the
 * refusal.
 *
 * @module
 */

import { isThenable } from '../core/callback.js'
import { mustBe } from '../core/mistake.js'
import { memberOf, members } from '../core/options.js'
import { decodeUtf8 } from '../core/utf8.js'
import { refuse, TokenError, type UnavailableError } from '../error.js'
import type { Expected, Verified } from '../types.js'
import type { HeaderReader, RequestReader } from './carriers.js'
import { DPOP, readToken } from './carriers.js'
import { thumbprintOf } from './certificate.js'
import type { HttpResponse, Wording } from './challenge.js'
import { answersIn, PREFLIGHT } from './challenge.js'
import type { GuardOptions, Shadowed, Soon, Verifies } from './guard-options.js'
import { readOptions } from './guard-options.js'
import { readAnswer } from './refusal-answer.js'
import type { Existing, Report, ShadowVerdict } from './shadow.js'
import { ACCEPTED, compare, verdictOn } from './shadow.js'

/** What a guard found out about a request. None of these has a prototype, so that `then` is not inherited. */
export type GuardResult<Claims extends object> =
  | {
      readonly kind: 'verified'
      readonly verified: Verified<Claims>
      /** For the response; none unless the client should take the next nonce. */
      readonly headers: NewHeaders
    }
  /** No token, and none is required. */
  | { readonly kind: 'unverified' }
  | { readonly kind: 'refused'; readonly error: TokenError | UnavailableError; readonly answer: HttpResponse }

/** Names and values. */
type NewHeaders = readonly (readonly [name: string, value: string])[]

const NO_HEADERS: NewHeaders = []

/**
 * A guard for requests of any framework. It throws and rejects only with the caller's own mistakes, and returns a promise
 * only where something has to be waited for: a promise costs more than verifying a token that is in the cache.
 */
export interface RequestGuard<Request, Claims extends object> {
  /** Whether the options have `expected`, which may need the body of a request. */
  readonly hasExpected: boolean
  /** Finds the token of a request, or the result for a request without one. */
  find(request: Request): Soon<Found | GuardResult<Claims>>
  /** Finds the token and verifies it. */
  check(request: Request): Soon<GuardResult<Claims>>
  /** Only under the option `shadow`. */
  readonly shadow: Shadow<Request> | undefined
}

/** The existing middleware, and the guard beside it. */
export interface Shadow<Request> {
  /** The middleware that decides. */
  readonly existing: Existing
  /** Begins to verify. `expected` is called at once, before the middleware can change the request. Never throws. */
  begin(request: Request): Report
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

/**
 * Makes the memory of one guard. A request that is collected is forgotten.
 *
 * The result is a private member of the request, which only this guard can read: a WeakMap costs a multiple of that in
 * garbage collection.
 */
export function resultsOf<Claims extends object>(): Results<Claims> {
  class Result extends Extended {
    #verified: Verified<Claims> | undefined

    static keep(request: object, verified: Verified<Claims> | undefined): void {
      const holder: object = #verified in request ? request : new Result(request)
      ;(holder as Result).#verified = verified
    }

    static verified(request: object): Verified<Claims> | undefined {
      if (#verified in Object(request)) return (request as Result).#verified
      throw new TypeError('this request has not passed this guard')
    }
  }
  return Result
}

/** Its subclasses add their private members to an object that exists. */
class Extended {
  constructor(object: object) {
    // biome-ignore lint/correctness/noConstructorReturn: this is what the class is for
    return object
  }
}

/** The token of a request, with its proof if it was sent by the scheme DPoP. */
interface Found {
  readonly kind: 'found'
  readonly token: string
  readonly proof: Proof | undefined
}

/** A proof, and what it must be for. */
interface Proof {
  readonly jwt: string
  readonly method: unknown
  readonly url: string
}

/**
 * Makes the guard for one verifier and its options.
 *
 * @throws {TypeError} For options that cannot be used: the message names the option.
 */
export function createGuard<Request, Claims extends object>(
  verifier: Verifies<Claims>,
  options: GuardOptions<Request> | Shadowed<Request, Existing>,
  reader: RequestReader<Request>,
): RequestGuard<Request, Claims> {
  if (typeof memberOf(Object(verifier), 'verifyAsync') !== 'function') {
    throw mustBe('the first argument of guard()', 'a verifier, an object with verifyAsync()', verifier)
  }
  const settings = readOptions(verifier, options)
  const { carriers, wording, metadata, write, expected, decide, isOptional, onRefused } = settings
  const { origin, nonces, certificate, existing, onDifference } = settings
  const answer = answersIn(wording)

  /** The token of a request with its proof, or the reason why it has none. */
  function read(request: Request, header: HeaderReader): Found | TokenError {
    const token = readToken(carriers, header)
    if (token instanceof TokenError) return token
    if (origin === undefined) return bare({ kind: 'found', token, proof: undefined })
    const jwt = readProof(header)
    if (jwt instanceof TokenError) return jwt
    // Read now: the caller's functions, which come next, may change the request.
    const method = reader.method(request)
    const url = origin + pathOf(reader.target(request))
    return bare({ kind: 'found', token, proof: jwt === undefined ? undefined : { jwt, method, url } })
  }

  /** The token of a request; or an answer that is no refusal; or the reason for a refusal. */
  function look(request: Request): Found | GuardResult<Claims> | TokenError {
    const document = metadata?.answer(reader.method(request), reader.target(request))
    if (document !== undefined) return bare({ kind: 'refused', error: missing(), answer: document })
    const header = reader.headers(request)
    const found = read(request, header)
    if (!(found instanceof TokenError) || found.code !== 'token_missing') return found
    if (isOptional) return bare({ kind: 'unverified' })
    if (isPreflight(reader.method(request), header)) return bare({ kind: 'refused', error: found, answer: PREFLIGHT })
    return found
  }

  function find(request: Request): Soon<Found | GuardResult<Claims>> {
    const found = look(request)
    return found instanceof TokenError ? refuseWith(found, request) : found
  }

  /** Verifies the token for this request. `expected` is called at once. */
  function judge(request: Request, found: Found): Soon<Judged<Claims>> {
    const given: unknown = expected === undefined ? undefined : expected(request)
    if (found.proof !== undefined || certificate !== undefined || isThenable(given)) {
      return judgeLater(request, found, given)
    }
    const expectation = withMembers(expectationOf(given), NO_MEMBERS)
    const scope = expectation?.scope
    return after(decide(found.token, expectation), (outcome) => ({ outcome, headers: NO_HEADERS, scope }))
  }

  async function judgeLater(request: Request, { token, proof }: Found, given: unknown): Promise<Judged<Claims>> {
    const own = expectationOf(await given)
    const possession = new Map<string, unknown>()
    const accepted = proof === undefined ? undefined : await nonces?.at(Date.now() / 1000)
    if (proof !== undefined) possession.set('proof', accepted === undefined ? proof : { ...proof, nonce: accepted })
    const thumbprint = certificate === undefined ? undefined : await thumbprintOf(await certificate(request))
    if (thumbprint !== undefined) possession.set('certificateThumbprint', thumbprint)
    const expectation = withMembers(own, possession)
    const outcome = await decide(token, expectation)
    if (!outcome.ok) return { outcome, headers: NO_HEADERS, scope: expectation?.scope }
    const isLate = proof !== undefined && accepted !== undefined && nonceOf(proof.jwt) !== accepted[0]
    return { outcome, headers: isLate ? nonceHeaders(accepted[0]) : NO_HEADERS, scope: undefined }
  }

  /** What `expected` returned. */
  function expectationOf(given: unknown): Expected | undefined {
    if (expected !== undefined && typeof given !== 'object') {
      throw mustBe('the result of expected()', 'an object', given)
    }
    return given as Expected | undefined
  }

  function check(request: Request): Soon<GuardResult<Claims>> {
    return after(find(request), (found) =>
      found.kind === 'found' ? after(judge(request, found), (judged) => conclude(request, judged)) : found,
    )
  }

  function conclude(request: Request, { outcome, headers, scope }: Judged<Claims>): Soon<GuardResult<Claims>> {
    return outcome.ok ? bare({ kind: 'verified', verified: outcome, headers }) : refuseWith(outcome, request, scope)
  }

  function refuseWith(
    error: TokenError | UnavailableError,
    request: Request,
    scope?: Expected['scope'],
  ): Soon<GuardResult<Claims>> {
    const words = scope === undefined ? wording : { ...wording, required: [...wording.required, scope] }
    if (onRefused === undefined && write === undefined && origin === undefined) {
      return bare({ kind: 'refused', error, answer: answer(error, words) })
    }
    return refuseLater(error, request, words)
  }

  async function refuseLater(
    error: TokenError | UnavailableError,
    request: Request,
    words: Wording,
  ): Promise<GuardResult<Claims>> {
    await onRefused?.(error, request)
    const worded = write === undefined ? answer(error, words) : readAnswer(await write(error, request), error, words)
    if (origin === undefined || worded.status !== 401) return bare({ kind: 'refused', error, answer: worded })
    const current = (await nonces?.at(Date.now() / 1000))?.[0]
    const headers = { ...exposed(worded.headers), ...(current === undefined ? {} : { 'DPoP-Nonce': current }) }
    return bare({ kind: 'refused', error, answer: { ...worded, headers } })
  }

  /** What the guard would do with a request; `undefined` for one that needs no token. */
  async function foresee(request: Request): Promise<ShadowVerdict | undefined> {
    try {
      const found = look(request)
      if (found instanceof TokenError) return verdictOn(found)
      if (found.kind !== 'found') return found.kind === 'unverified' ? ACCEPTED : undefined
      const { outcome } = await judge(request, found)
      return outcome.ok ? ACCEPTED : verdictOn(outcome)
    } catch {
      return { outcome: 'failed' }
    }
  }

  const begin: Shadow<Request>['begin'] = (request) =>
    compare(foresee(request), (difference) => onDifference?.(difference, request))
  const shadow = existing === undefined ? undefined : { existing, begin }
  return { hasExpected: expected !== undefined, find, check, shadow }
}

/** A verdict on a token. */
interface Judged<Claims extends object> {
  readonly outcome: Verified<Claims> | TokenError | UnavailableError
  /** Headers for the response. */
  readonly headers: NewHeaders
  /** The scope that this request expects beyond the policy, for the challenge of a refusal. */
  readonly scope: Expected['scope'] | undefined
}

/** The error of a request that has no token and needs none. */
function missing(): TokenError {
  return refuse({ code: 'token_missing' })
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
  if (proof === undefined) return refuse({ code: 'proof_missing', claim: 'DPoP' })
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

const NO_MEMBERS: ReadonlyMap<string, unknown> = new Map()

/** A copy of `expectation`, whose members are read once, with further members. */
function withMembers(expectation: Expected | undefined, further: ReadonlyMap<string, unknown>): Expected | undefined {
  if (expectation === undefined && further.size === 0) return undefined
  const own = expectation === undefined ? [] : members(expectation, 'the result of expected()')
  const all: Record<string, unknown> = Object.create(null)
  for (const [name, member] of [...own, ...further]) all[name] = member
  return all
}

/** The headers of a response that tells the client to use another nonce (RFC 9449 section 8.2). */
function nonceHeaders(nonce: string): NewHeaders {
  return [
    ['DPoP-Nonce', nonce],
    ['Access-Control-Expose-Headers', 'DPoP-Nonce'],
  ]
}

/** The headers, with those of DPoP readable to scripts of other origins, unless the caller decides on that. */
function exposed(headers: HttpResponse['headers']): HttpResponse['headers'] {
  const isDecided = Object.keys(headers).some((name) => name.toLowerCase() === EXPOSE)
  return isDecided ? headers : { ...headers, 'Access-Control-Expose-Headers': 'DPoP-Nonce, WWW-Authenticate' }
}

const EXPOSE = 'access-control-expose-headers'

/** `next` of a value: at once, unless it has to be waited for. */
function after<T, U>(value: Soon<T>, next: (value: T) => Soon<U>): Soon<U> {
  return value instanceof Promise ? value.then(next) : next(value)
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
