/**
 * Refusal styles: tables from (code, claim) to status, headers and body.
 *
 * An answer contains nothing of the token, the key or the request, and none of this package's codes; `onRefused` gets
 * those.
 *
 * @module
 */

import { encode, snapshot } from '../core/options.js'
import type { UnavailableError } from '../error.js'
import { TokenError } from '../error.js'
import type { RefusalStyle } from '../types.js'

/** An HTTP response, ready for any server. */
export interface HttpResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** JSON text; '' if there is no body. */
  readonly body: string
}

/** How one guard words its refusals. */
export interface Wording {
  readonly style: RefusalStyle
  /** The scheme that a challenge asks for; `undefined` if no carrier has one and the style needs none. */
  readonly scheme: string | undefined
  readonly realm: string | undefined
  /** RFC 9728 section 5.1. */
  readonly resourceMetadata: string | undefined
  /** What a client should request, in the challenge of a 401. */
  readonly scope: string | undefined
  /** The scope that this request needs, by rule: as in a policy. */
  readonly required: readonly unknown[]
  /** Whether tokens are accepted with DPoP proofs. */
  readonly dpop: boolean
}

/** The answer to a CORS preflight, without content. The code that decides on CORS adds its headers. */
export const PREFLIGHT: HttpResponse = { status: 204, headers: {}, body: '' }

/** When a client may try again, in seconds: as late as a key source does after a failure. */
const RETRY_AFTER_SECONDS = 30

/** Words the refusal of one request. */
export type WordRefusal = (error: TokenError | UnavailableError, wording: Wording) => HttpResponse

/**
 * The answers of one guard. Each is written once: that takes longer than refusing a token, and anyone can send bad ones. The
 * challenge for a scope depends on the token and on the request.
 */
export function answersIn({ style }: Wording): WordRefusal {
  const written = new Map<Row, Map<Row, HttpResponse>>()
  return (error, wording) => {
    if (error.code === 'scope_insufficient') return answer(error, wording)
    const row = rowOf(STYLES[style], error)
    const challenged = rowOf(BEARER, error)
    const known = written.get(row)?.get(challenged)
    if (known !== undefined) return known
    const made = answer(error, wording)
    written.set(row, new Map(written.get(row)).set(challenged, made))
    return made
  }
}

/** The answer that refuses a request, in the style of `wording`. */
export function answer(error: TokenError | UnavailableError, wording: Wording): HttpResponse {
  const style = STYLES[wording.style]
  const { status, body } = rowOf(style, error)
  return { status, headers: { 'Content-Type': style.type, ...refusalHeaders(error, status, wording) }, body }
}

function rowOf<R extends Row>({ rows, otherwise }: RefusalTable<R>, error: TokenError | UnavailableError): R {
  const claim = error instanceof TokenError ? error.claim : undefined
  const special = claim === undefined ? undefined : rows.get(`${error.code} ${claim}`)
  return special ?? rows.get(error.code) ?? otherwise
}

/** The headers of every refusal with that status, whatever its body. */
export function refusalHeaders(
  error: TokenError | UnavailableError,
  status: number,
  wording: Wording,
): Readonly<Record<string, string>> {
  const challenge = challengeOf(error, status, wording)
  return {
    'Cache-Control': 'no-store',
    ...(challenge === undefined ? {} : { 'WWW-Authenticate': challenge }),
    ...(status === 503 ? { 'Retry-After': String(RETRY_AFTER_SECONDS) } : {}),
  }
}

/** Whether text can be between the quotes of a challenge, once escaped (RFC 9110 section 5.6.4). */
export function isQuotable(text: string): boolean {
  return /^[ -~]+$/.test(text)
}

/** {@link https://www.rfc-editor.org/rfc/rfc6750#section-3 RFC 6750 section 3} */
function challengeOf(error: TokenError | UnavailableError, status: number, wording: Wording): string | undefined {
  const { scheme, realm, resourceMetadata, scope, required, dpop } = wording
  const row = rowOf(BEARER, error)
  // An answer with another status does not mean what the challenge would.
  if (row.status !== status || !row.isChallenged) return undefined
  const parameters = [
    ['realm', realm],
    ['error', row.error],
    ['scope', status === 401 ? scope : scopeOf(error, required)],
    ['resource_metadata', resourceMetadata],
  ] as const
  if (!dpop || status === 400) return scheme === undefined ? undefined : challenge(scheme, parameters)
  const withAlgorithms = challenge('DPoP', [...parameters, ['algs', PROOF_ALGORITHMS]])
  // Another proof helps under one scheme alone, another token under either.
  if (scheme === undefined || OF_PROOFS.has(row.error)) return withAlgorithms
  return `${challenge(scheme, parameters)}, ${withAlgorithms}`
}

/** One challenge (RFC 9110 section 11.3). */
function challenge(scheme: string, parameters: readonly (readonly [string, string | undefined])[]): string {
  const written = parameters.flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}="${value.replace(/["\\]/g, '\\$&')}"`],
  )
  return written.length === 0 ? scheme : `${scheme} ${written.join(', ')}`
}

/** {@link https://www.rfc-editor.org/rfc/rfc9449#section-7.1 RFC 9449 section 7.1} */
const OF_PROOFS: ReadonlySet<string | undefined> = new Set(['invalid_dpop_proof', 'use_dpop_nonce'])

/** The algorithms of proofs that the core verifies: every asymmetric one. */
const PROOF_ALGORITHMS = 'ES256 ES384 ES512 ES256K EdDSA Ed25519 RS256 RS384 RS512 PS256 PS384 PS512'

/** Claims that contain scope-tokens as an authorization server grants them. */
const SCOPE_CLAIMS: ReadonlySet<string | undefined> = new Set(['scope', 'scp', 'permissions'])

/**
 * All that the request needs, so that a client can request it at once: a scope that is sufficient for the rule that
 * refused the token and for the others.
 */
function scopeOf(error: TokenError | UnavailableError, required: readonly unknown[]): string | undefined {
  if (!(error instanceof TokenError) || error.code !== 'scope_insufficient') return undefined
  if (!SCOPE_CLAIMS.has(error.claim)) return undefined
  const granted = typeof error.actual === 'string' ? error.actual.split(' ') : []
  const scope = [...new Set([...required, error.expected].flatMap((rule) => sufficient(rule, granted)))].join(' ')
  return /^[!#-[\]-~]+( [!#-[\]-~]+)*$/.test(scope) ? scope : undefined
}

/** All of `all`, and of `any` one that was granted, or else the first. */
function sufficient(rule: unknown, granted: readonly string[]): readonly string[] {
  if (typeof rule === 'string') return rule.split(' ')
  if (Array.isArray(rule)) return rule
  const any = texts(rule, 'any')
  const chosen = any.find((token) => granted.includes(token)) ?? any[0]
  return chosen === undefined ? texts(rule, 'all') : [...texts(rule, 'all'), chosen]
}

/** The array called `name`, if `expected` has one of its own. */
function texts(expected: unknown, name: 'all' | 'any'): readonly string[] {
  if (typeof expected !== 'object' || expected === null || !Object.hasOwn(expected, name)) return []
  const list = (expected as Record<'all' | 'any', unknown>)[name]
  return Array.isArray(list) ? list : []
}

/** A style. A row is found by `code claim`, or else by `code`. */
interface RefusalTable<R extends Row> {
  readonly type: string
  readonly rows: ReadonlyMap<string, R>
  readonly otherwise: R
}

/** Every member is the row's own, so that nothing is read from a prototype. */
interface Row {
  readonly status: 400 | 401 | 403 | 503
  /** JSON text. */
  readonly body: string
}

/** A row of the style that the challenges follow too. */
interface BearerRow extends Row {
  /** The error code of RFC 6750 section 3.1 or RFC 9449 section 7.1. */
  readonly error: string | undefined
  /** False if another token of the same kind would not help. */
  readonly isChallenged: boolean
}

function row(status: Row['status'], body: object): Row {
  return { status, body: encode(snapshot(body, 'body')) }
}

const JSON_TYPE = 'application/json'

/** The same row for several codes. */
function each<R extends Row>(codes: readonly string[], row: R): readonly (readonly [string, R])[] {
  return codes.map((code) => [code, row])
}

/** Neither accepted nor refused. */
const UNAVAILABLE = ['keys_unavailable', 'store_unavailable']

/** The token is valid, and does not allow this request. */
const FORBIDDEN = ['scope_insufficient', 'binding_mismatch', 'grant_missing']

/** The token's times. */
const TIMES = ['token_expired', 'token_not_yet_valid', 'token_too_old', 'lifetime_too_long']

/** RFC 6750 section 3.1; its error codes in the body as in the challenge. */
const BEARER: RefusalTable<BearerRow> = {
  type: JSON_TYPE,
  otherwise: bearer(401, 'Unauthorized', 'invalid_token'),
  rows: new Map([
    ['token_missing', bearer(401, 'Unauthorized')],
    ['request_malformed', bearer(400, 'Bad Request', 'invalid_request')],
    ['scope_insufficient', bearer(403, 'Forbidden', 'insufficient_scope')],
    ...each(['binding_mismatch', 'grant_missing'], { ...bearer(403, 'Forbidden'), isChallenged: false }),
    ...each(['proof_missing', 'proof_invalid', 'proof_replayed'], bearer(401, 'Unauthorized', 'invalid_dpop_proof')),
    // What the token is bound to was not proved, or not by a DPoP proof: RFC 8705 section 3.
    ...each(['proof_missing cnf', 'proof_invalid cnf'], bearer(401, 'Unauthorized', 'invalid_token')),
    ['nonce_required', bearer(401, 'Unauthorized', 'use_dpop_nonce')],
    ...each(UNAVAILABLE, { ...bearer(503, 'Service Unavailable'), isChallenged: false }),
  ]),
}

function bearer(status: Row['status'], message: string, error?: string): BearerRow {
  return { ...row(status, error === undefined ? { message } : { message, error }), error, isChallenged: true }
}

const TITLES = { 400: 'Bad Request', 401: 'Unauthorized', 403: 'Forbidden', 503: 'Service Unavailable' } as const

/** {@link https://www.rfc-editor.org/rfc/rfc9457 RFC 9457}, without a problem type of its own. */
const PROBLEM: RefusalTable<Row> = {
  type: 'application/problem+json',
  otherwise: problem(401, 'The access token is not valid.'),
  rows: new Map([
    ['token_missing', problem(401, 'The request has no access token.')],
    ['request_malformed', problem(400, 'The request must have exactly one access token, spelled as documented.')],
    ...each(TIMES, problem(401, 'The access token has expired, or is not valid yet.')),
    ...each(FORBIDDEN, problem(403, 'The access token does not allow this request.')),
    ...each(UNAVAILABLE, problem(503, 'The access token cannot be verified at the moment.')),
  ]),
}

function problem(status: Row['status'], detail: string, type = 'about:blank'): Row {
  return row(status, { type, title: TITLES[status], status, detail })
}

/**
 * RFC 9457 with publiq's types and titles, and the details of publiq's own services where they have one. A wrong
 * audience is a 401, as its guideline for APIs requires.
 */
const PUBLIQ: RefusalTable<Row> = {
  type: 'application/problem+json',
  otherwise: publiq(401, 'Token is not a valid JWT.'),
  rows: new Map([
    ['token_missing', publiq(401, 'Authorization header missing.')],
    ['request_malformed', publiq(400, 'Authorization header must be "Bearer ", followed by your token.')],
    ...each(TIMES, publiq(401, 'Token expired (or not yet usable).')),
    ...each(
      ['signature_invalid', 'key_not_found', 'key_rejected', 'alg_not_allowed', 'alg_not_supported'],
      publiq(401, 'Token signature verification failed. The token is likely forged or manipulated.'),
    ),
    ['claim_missing', publiq(401, 'Token is missing one of its required claims.')],
    ['claim_mismatch', publiq(401, 'Token is not meant for this API.')],
    ['claim_mismatch iss', publiq(401, 'Token is not issued by a valid issuer.')],
    ...each(
      ['claim_mismatch typ', 'claim_mismatch nickname', 'claim_mismatch at_hash'],
      publiq(401, 'The given token is an id token. Please use an access token instead.'),
    ),
    ...each(FORBIDDEN, publiq(403, 'The provided token is not allowed to access this API.')),
    ...each(UNAVAILABLE, publiq(503, 'The token cannot be verified at the moment.')),
  ]),
}

function publiq(status: Row['status'], detail: string): Row {
  if (status !== 401 && status !== 403) return problem(status, detail)
  return problem(status, detail, `https://api.publiq.be/probs/auth/${TITLES[status].toLowerCase()}`)
}

/**
 * Juspay's order service. Assumed: that a token expired or used up is `access_denied`, that one for another order is
 * `forbidden_resource`, and the codes of 400 and 503.
 */
const JUSPAY: RefusalTable<Row> = {
  type: JSON_TYPE,
  otherwise: juspay(401, 'access_denied'),
  rows: new Map([
    ['request_malformed', juspay(400, 'invalid_request')],
    ...each(
      [...FORBIDDEN, 'claim_mismatch aud'],
      row(403, {
        status: 'Forbidden Resource',
        error_code: 'forbidden_resource',
        error_message: 'Authentication is required for fetching order details',
      }),
    ),
    ...each(UNAVAILABLE, juspay(503, 'service_unavailable')),
  ]),
}

function juspay(status: Row['status'], code: string): Row {
  return row(status, { status: 'error', error_code: code })
}

/** Cashfree's error object. Assumed: the codes of 403 and 503, and of 400 but for the request's id. */
const CASHFREE: RefusalTable<Row> = {
  type: JSON_TYPE,
  otherwise: cashfree(401, 'authentication_error', 'authentication_failed', 'Invalid or expired token'),
  rows: new Map([
    ['token_missing', cashfree(401, 'authentication_error', 'authentication_failed', 'Token is missing')],
    ['request_malformed', cashfree(400, 'validation_error', 'token_value_invalid', 'Please send one valid token')],
    ...each(
      [...FORBIDDEN, 'claim_mismatch aud', 'claim_mismatch product'],
      cashfree(403, 'authentication_error', 'access_denied', 'The token does not allow this request'),
    ),
    [
      'binding_mismatch vkyc_request_id',
      cashfree(400, 'validation_error', 'vkyc_request_id_value_invalid', 'Please enter a valid vkyc_request_id'),
    ],
    ...each(
      UNAVAILABLE,
      cashfree(503, 'internal_error', 'service_unavailable', 'The token cannot be verified at the moment'),
    ),
  ]),
}

function cashfree(status: Row['status'], type: string, code: string, message: string): Row {
  return row(status, { type, code, message })
}

/** VTEX ID's `authStatus`, and the messages of VTEX's own services. The bodies of 400 and 503 are assumed. */
const VTEX: RefusalTable<Row> = {
  type: JSON_TYPE,
  otherwise: row(401, { authStatus: 'InvalidToken' }),
  rows: new Map([
    ['token_missing', vtexCredentials('VtexIdclientAutCookie not found.')],
    ['claim_mismatch account', vtexCredentials('Could not find user specified by VtexIdclientAutCookie.')],
    ['request_malformed', row(400, { message: 'VtexIdclientAutCookie must be one token.' })],
    ...each([...FORBIDDEN, 'claim_mismatch audience'], row(403, { message: 'Access denied.' })),
    ...each(UNAVAILABLE, row(503, { message: 'Service unavailable.' })),
  ]),
}

function vtexCredentials(message: string): Row {
  return row(401, { authStatus: 'WrongCredentials', message })
}

const STYLES: Readonly<Record<RefusalStyle, RefusalTable<Row>>> = {
  bearer: BEARER,
  problem: PROBLEM,
  publiq: PUBLIQ,
  juspay: JUSPAY,
  cashfree: CASHFREE,
  vtex: VTEX,
}

/** The names of the styles, in words. */
export const STYLE_NAMES = Object.keys(STYLES)
  .map((name) => `"${name}"`)
  .join(', ')

/** Whether there is such a style. */
export function isStyle(value: unknown): value is RefusalStyle {
  return typeof value === 'string' && Object.hasOwn(STYLES, value)
}
