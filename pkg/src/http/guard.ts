/**
 * The request guard that every framework's adapter uses: it finds the token, verifies it for this request, words the
 * refusal.
 *
 * @module
 */

import { isThenable } from '../core/callback.js'
import { mustBe, unknownOption } from '../core/mistake.js'
import { encode, memberOf, members, snapshot } from '../core/options.js'
import { decodeUtf8 } from '../core/utf8.js'
import { refusalOf, refuse, TokenError, type UnavailableError } from '../error.js'
import { readScopeTokens, secureUrl } from '../resource.js'
import type { Carrier, ClaimsSet, Expected, RefusalStyle, Verdict, Verified } from '../types.js'
import type { Verifier } from '../verifier.js'
import { carrierOf, countsUses, decideOf, scopesOf } from '../verifier-facts.js'
import type { HeaderReader, RequestReader, TokenCarrier } from './carriers.js'
import { DPOP, isName, readCarriers, readToken } from './carriers.js'
import type { PresentedCertificate } from './certificate.js'
import { thumbprintOf } from './certificate.js'
import type { HttpResponse, Wording } from './challenge.js'
import { answersIn, isQuotable, isStyle, PREFLIGHT, refusalHeaders, STYLE_NAMES } from './challenge.js'
import type { PublishedMetadata, ResourceMetadata } from './metadata.js'
import { metadataOf } from './metadata.js'
import type { NonceOptions, Nonces } from './nonce.js'
import { readNonces } from './nonce.js'
import type { Existing, Report, ShadowDifference, ShadowOptions, ShadowVerdict } from './shadow.js'
import { ACCEPTED, compare, verdictOn } from './shadow.js'

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
   * This resource's metadata, `resource_metadata` in challenges (RFC 9728 section 5.1): its https URL, or what
   * `protectedResourceMetadata()` returned. Then the guard also answers a request for the document that it receives.
   * Default: none.
   */
  resourceMetadata?: string | ResourceMetadata
  /**
   * What a client should request: `scope` in the challenge of every 401 (RFC 6750 section 3). The challenge of a 403 names
   * what the request needs, all of it at once. Default: the scope of `resourceMetadata`, or else none.
   */
  scope?: string | readonly string[]
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
  readonly shadow?: never
  readonly onDifference?: never
}

/** The options of a guard that is a shadow: those of a guard, and {@link ShadowOptions}. */
export type Shadowed<Request, E> = Omit<GuardOptions<Request>, 'shadow' | 'onDifference'> & ShadowOptions<Request, E>

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
      /** For the response; none unless the client should take the next nonce. */
      readonly headers: NewHeaders
    }
  /** No token, and none is required. */
  | { readonly kind: 'unverified' }
  | { readonly kind: 'refused'; readonly error: TokenError | UnavailableError; readonly answer: HttpResponse }

/** Names and values. */
type NewHeaders = readonly (readonly [name: string, value: string])[]

const NO_HEADERS: NewHeaders = []

/** A value, as a promise only where something had to be waited for. */
export type Soon<T> = T | Promise<T>

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

const OPTIONS = [
  ...['carriers', 'refusal', 'realm', 'resourceMetadata', 'scope', 'expected', 'redeem', 'credentials', 'onRefused'],
  ...['origin', 'nonce', 'certificate', 'shadow', 'onDifference'],
]

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

interface Settings<Request, Claims extends object> {
  readonly carriers: readonly TokenCarrier[]
  readonly wording: Wording
  readonly metadata: PublishedMetadata | undefined
  readonly write: RefusalWriter<Request> | undefined
  readonly expected: GuardOptions<Request>['expected'] | undefined
  readonly decide: (token: string, expected: Expected | undefined) => Soon<Verdict<Claims>>
  readonly isOptional: boolean
  readonly onRefused: GuardOptions<Request>['onRefused'] | undefined
  /** Without a slash at its end. */
  readonly origin: string | undefined
  readonly nonces: Nonces | undefined
  readonly certificate: GuardOptions<Request>['certificate'] | undefined
  readonly existing: Existing | undefined
  readonly onDifference: ((difference: ShadowDifference, request: Request) => unknown) | undefined
}

function readOptions<Request, Claims extends object>(
  verifier: Verifies<Claims>,
  options: GuardOptions<Request> | Shadowed<Request, Existing>,
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
  const { resourceMetadata, scope, metadata } = readMetadata(found)
  const decide = methodOf(verifier, found.get('redeem'), found.has('shadow'))
  const existing = readFunction<Existing>(found, 'shadow')
  if (found.has('onDifference') !== (existing !== undefined)) {
    throw new TypeError('shadow and onDifference must be given together')
  }
  return {
    carriers: origin === undefined ? carriers : [...carriers, DPOP],
    wording: {
      style,
      scheme: scheme ?? (style === 'bearer' ? 'Bearer' : undefined),
      realm: readRealm(found.get('realm')),
      resourceMetadata,
      scope,
      required: scopesOf(verifier),
      dpop: origin !== undefined,
    },
    metadata,
    write,
    expected: readFunction(found, 'expected'),
    // A shadow changes nothing: it spends no use.
    decide,
    isOptional: credentials === 'optional',
    onRefused: readFunction(found, 'onRefused'),
    origin,
    nonces: origin === undefined || !found.has('nonce') ? undefined : readNonces(found.get('nonce'), origin),
    certificate: readFunction(found, 'certificate'),
    existing,
    onDifference: readFunction(found, 'onDifference'),
  }
}

/** What the options say for challenges: where the metadata is, and what to request. */
function readMetadata(found: ReadonlyMap<string, unknown>): {
  readonly resourceMetadata: string | undefined
  readonly scope: string | undefined
  readonly metadata: PublishedMetadata | undefined
} {
  const given = found.get('resourceMetadata')
  const metadata = metadataOf(given)
  const tokens = found.has('scope') ? readScopeTokens(found.get('scope')) : (metadata?.scope ?? [])
  return {
    resourceMetadata: metadata?.url ?? readResourceMetadata(given),
    scope: tokens.length === 0 ? undefined : tokens.join(' '),
    metadata,
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
  isShadow: boolean,
): Settings<unknown, Claims>['decide'] {
  const counts = countsUses(verifier)
  if (redeem !== undefined && typeof redeem !== 'boolean') throw mustBe('redeem', 'true or false', redeem)
  if (redeem === false && counts) throw new TypeError('redeem must not be false: the verifier counts uses')
  const redeems = redeem === true || counts
  const wanted = memberOf(verifier, redeems ? 'redeem' : 'verifyAsync')
  if (typeof wanted !== 'function') throw new TypeError('redeem must be left out: the verifier has no such method')
  // A shadow spends nothing: the existing middleware decides.
  const spends = redeems && !isShadow
  const decide = decideOf(verifier)
  if (decide !== undefined) {
    return (token, expected) => decide(token, expected, spends) as Soon<Verdict<Claims>>
  }
  const method = spends ? wanted : memberOf(verifier, 'verifyAsync')
  return async (token, expected) => {
    try {
      return (await Reflect.apply(method as typeof verifier.verifyAsync, verifier, [
        token,
        expected,
      ])) as Verified<Claims>
    } catch (error) {
      return refusalOf(error)
    }
  }
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
  const url = secureUrl(value)
  if (url?.hash === '') return url.href
  throw mustBe('resourceMetadata', 'the text of an https URL without a fragment', value)
}

/** Whether a header can have that value (RFC 9110 section 5.5). */
function isFieldValue(text: string): boolean {
  return /^[\t -~\x80-\xff]*$/.test(text)
}

/**
 * Reads the answer that the caller's `refusal` function returned.
 *
 * @throws {TypeError} For an answer that cannot be sent.
 */
function readAnswer(value: unknown, error: TokenError | UnavailableError, wording: Wording): HttpResponse {
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
