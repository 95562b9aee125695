/**
 * What happens between a request and its handler?
 *
 * The same for every framework: find the token, ask what the request expects, verify, word the refusal.
 *
 * @module
 */

import { members } from '../core/snapshot.js'
import { TokenError, UnavailableError } from '../error.js'
import type { Carrier, ClaimsSet, Expected, RefusalStyle, Verified } from '../types.js'
import { carrierOf, countsUses } from '../presentation.js'
import type { Verifier } from '../verifier.js'
import { readCarriers, readToken } from './carriers.js'
import type { HeaderReader } from './carriers.js'
import { PREFLIGHT, answer, isQuotable, isStyle } from './challenge.js'
import type { Answer, Wording } from './challenge.js'

/** What a guard asks of a verifier. */
export type Verifies<Claims extends ClaimsSet = ClaimsSet> = Pick<Verifier<Claims>, 'verifyAsync'> &
  Partial<Pick<Verifier<Claims>, 'redeem'>>

/** How a guard reads requests and refuses them. An unknown member, or one that is `undefined`, is a TypeError. */
export interface GuardOptions<Request> {
  /**
   * Where requests carry the token. Default: the profile's, or else `Authorization: Bearer`. All of them are read; two
   * tokens that differ are `request_malformed`. Query strings are never read.
   */
  carriers?: readonly Carrier[]
  /** How refusals are worded. Default: the profile's, or else "bearer". */
  refusal?: RefusalStyle
  /** The `realm` of challenges, in printable ASCII (RFC 9110 section 11.5). Default: none. */
  realm?: string
  /** The URL of this resource's metadata, `resource_metadata` in challenges (RFC 9728 section 5.1). Default: none. */
  resourceMetadata?: string
  /**
   * What this request expects of its token, e.g. `{ bind: { order_id } }`. Asked only where there is a token. What a client
   * can leave out or misspell belongs into `bind`, where no value is a mistake: the wrong one, or none, is
   * `binding_mismatch`. Whatever it throws is a 500.
   */
  expected?: (request: Request) => Expected | Promise<Expected>
  /**
   * Whether a request spends a use of its token, by `redeem()` instead of `verifyAsync()`. A request that the client repeats
   * spends another. Default: true if the verifier counts uses (`uses` or `singleUse`); then `false` is a TypeError.
   */
  redeem?: boolean
  /** Default "required". "optional": a request without a token passes unverified, one with a bad token never. */
  credentials?: 'required' | 'optional'
  /** Sees every refusal before it is sent, for logs and metrics. It is not waited for, and what it throws is a 500. */
  onRefused?: (error: TokenError | UnavailableError, request: Request) => void
}

/** What a guard finds. */
export type Outcome<Claims extends ClaimsSet> =
  | { readonly kind: 'verified'; readonly verified: Verified<Claims> }
  /** No token, and none required. */
  | { readonly kind: 'unverified' }
  | { readonly kind: 'refused'; readonly error: TokenError | UnavailableError; readonly answer: Answer }

/**
 * Holds a request to the verifier. It rejects with the caller's own mistakes alone: a TypeError of the verifier's, and what
 * `expected` and `onRefused` throw.
 *
 * @param method As it came.
 * @param header Reads this request's headers.
 */
export type Judge<Request, Claims extends ClaimsSet> = (
  request: Request,
  method: string | undefined,
  header: HeaderReader,
) => Promise<Outcome<Claims>>

const MEMBERS = ['carriers', 'refusal', 'realm', 'resourceMetadata', 'expected', 'redeem', 'credentials', 'onRefused']

/**
 * The sequence for one verifier and its options.
 *
 * @throws {TypeError} For options that cannot mean anything.
 */
export function judgeOf<Request, Claims extends ClaimsSet>(
  verifier: Verifies<Claims>,
  options: GuardOptions<Request>,
): Judge<Request, Claims> {
  if (typeof Object(verifier).verifyAsync !== 'function')
    throw new TypeError('the first argument must be a verifier')
  const { carriers, wording, expected, verify, optional, onRefused } = read(verifier, options)

  return async (request, method, header) => {
    const token = readToken(carriers, header)
    if (token instanceof TokenError) {
      if (token.code === 'token_missing' && optional) return { kind: 'unverified' }
      if (token.code === 'token_missing' && isPreflight(method, header)) {
        return { kind: 'refused', error: token, answer: PREFLIGHT }
      }
      return refused(token, request)
    }
    const expectation = expected === undefined ? undefined : await expected(request)
    if (expected !== undefined && typeof expectation !== 'object') {
      throw new TypeError('expected must return what the request expects: an object')
    }
    try {
      return { kind: 'verified', verified: await verify(token, expectation) }
    } catch (error) {
      if (error instanceof TokenError || error instanceof UnavailableError) return refused(error, request)
      throw error
    }
  }

  function refused(error: TokenError | UnavailableError, request: Request): Outcome<Claims> {
    onRefused?.(error, request)
    return { kind: 'refused', error, answer: answer(error, wording) }
  }
}

/**
 * A browser's question before a request of another origin (Fetch standard, section 3.2.2). It never carries a token, and a
 * handler that does not look at the method must not answer it unverified: the guard answers, and says nothing.
 */
function isPreflight(method: string | undefined, header: HeaderReader): boolean {
  const asks = (name: string) => header(name).length > 0
  return method === 'OPTIONS' && asks('Origin') && asks('Access-Control-Request-Method')
}

interface Settings<Request, Claims extends ClaimsSet> {
  readonly carriers: readonly Carrier[]
  readonly wording: Wording
  readonly expected: GuardOptions<Request>['expected'] | undefined
  readonly verify: (token: string, expected: Expected | undefined) => Promise<Verified<Claims>>
  readonly optional: boolean
  readonly onRefused: GuardOptions<Request>['onRefused'] | undefined
}

function read<Request, Claims extends ClaimsSet>(
  verifier: Verifies<Claims>,
  options: GuardOptions<Request>,
): Settings<Request, Claims> {
  const found = members(options, 'options')
  for (const [name, member] of found) {
    if (!MEMBERS.includes(name)) throw new TypeError(`options.${name}: a guard has no such option`)
    if (member === undefined) throw new TypeError(`${name} must not be undefined: leave it out`)
  }
  const profile = carrierOf(verifier)
  const carriers = readCarriers(found.get('carriers') ?? profile.carriers)
  const style = found.get('refusal') ?? profile.refusal ?? 'bearer'
  if (!isStyle(style)) throw new TypeError('refusal must be a refusal style')
  const credentials = found.get('credentials') ?? 'required'
  if (credentials !== 'required' && credentials !== 'optional') {
    throw new TypeError('credentials must be "required" or "optional"')
  }
  const scheme = carriers.flatMap((carrier) => ('scheme' in carrier ? [carrier.scheme] : []))[0]
  return {
    carriers,
    wording: {
      style,
      scheme: scheme ?? (style === 'bearer' ? 'Bearer' : undefined),
      realm: readRealm(found.get('realm')),
      resourceMetadata: readResourceMetadata(found.get('resourceMetadata')),
    },
    expected: callable(found, 'expected'),
    verify: methodOf(verifier, found.get('redeem')),
    optional: credentials === 'optional',
    onRefused: callable(found, 'onRefused'),
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
  if (redeem !== undefined && typeof redeem !== 'boolean') throw new TypeError('redeem must be true or false')
  if (redeem === false && counts) throw new TypeError('redeem must not be false: the verifier counts uses')
  if (redeem !== true && !counts) return (token, expected) => verifier.verifyAsync(token, expected)
  if (typeof verifier.redeem !== 'function') throw new TypeError('redeem must be left out: the verifier has no such method')
  const { redeem: method } = verifier
  return (token, expected) => method.call(verifier, token, expected)
}

/** A member that is a function, or nothing. Its parameters are the types' to check. */
function callable<Type>(found: Map<string, unknown>, name: string): Type | undefined {
  if (!found.has(name)) return undefined
  const member = found.get(name)
  if (typeof member !== 'function') throw new TypeError(`${name} must be a function`)
  return member as Type
}

function readRealm(value: unknown): string | undefined {
  if (value === undefined || (typeof value === 'string' && isQuotable(value))) return value
  throw new TypeError('realm must be text in printable ASCII')
}

/** RFC 9728 section 3: an https URL, without a fragment. Development on loopback is let be. */
function readResourceMetadata(value: unknown): string | undefined {
  if (value === undefined) return undefined
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined
  const loopback = url?.protocol === 'http:' && LOOPBACK.includes(url.hostname)
  if (url !== undefined && url.hash === '' && (url.protocol === 'https:' || loopback)) return url.href
  throw new TypeError('resourceMetadata must be an https URL without a fragment')
}

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]']
