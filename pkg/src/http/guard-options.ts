/**
 * The options of a guard: their types, and their reading.
 *
 * @module
 */

import { mustBe, unknownOption } from '../core/mistake.js'
import { memberOf, members } from '../core/options.js'
import { refusalOf, type TokenError, type UnavailableError } from '../error.js'
import { readScopeTokens, secureUrl } from '../resource.js'
import type { Carrier, ClaimsSet, Expected, RefusalStyle, Verdict, Verified } from '../types.js'
import type { Verifier } from '../verifier.js'
import { carrierOf, countsUses, decideOf, scopesOf } from '../verifier-facts.js'
import type { TokenCarrier } from './carriers.js'
import { DPOP, readCarriers } from './carriers.js'
import type { PresentedCertificate } from './certificate.js'
import type { Wording } from './challenge.js'
import { isQuotable, isStyle, STYLE_NAMES } from './challenge.js'
import type { PublishedMetadata, ResourceMetadata } from './metadata.js'
import { metadataOf } from './metadata.js'
import type { NonceOptions, Nonces } from './nonce.js'
import { readNonces } from './nonce.js'
import type { Existing, ShadowDifference, ShadowOptions } from './shadow.js'

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

/** A value, as a promise only where something had to be waited for. */
export type Soon<T> = T | Promise<T>

const OPTIONS = [
  ...['carriers', 'refusal', 'realm', 'resourceMetadata', 'scope', 'expected', 'redeem', 'credentials', 'onRefused'],
  ...['origin', 'nonce', 'certificate', 'shadow', 'onDifference'],
]

/** The options, read. */
export interface GuardSettings<Request, Claims extends object> {
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

/**
 * Reads the options of a guard, each once.
 *
 * @throws {TypeError} For an option that cannot be used.
 */
export function readOptions<Request, Claims extends object>(
  verifier: Verifies<Claims>,
  options: GuardOptions<Request> | Shadowed<Request, Existing>,
): GuardSettings<Request, Claims> {
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
): GuardSettings<unknown, Claims>['decide'] {
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
