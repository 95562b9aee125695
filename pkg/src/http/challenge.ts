/**
 * How is a refusal worded to a client?
 *
 * Each style is a table from (code, claim) to status and body. Nothing of the token, the key or the request is in an
 * answer, and no code of ours: `onRefused` sees those.
 *
 * @module
 */

import { TokenError } from '../error.js'
import type { UnavailableError } from '../error.js'
import type { RefusalStyle } from '../types.js'

/** An answer, ready for any server. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** JSON text; '' where there is none. */
  readonly body: string
}

/** What a guard says of itself in its refusals. */
export interface Wording {
  readonly style: RefusalStyle
  /** The scheme that a challenge asks for; none where no carrier has one and the style names none. */
  readonly scheme: string | undefined
  readonly realm: string | undefined
  /** RFC 9728 section 5.1. */
  readonly resourceMetadata: string | undefined
}

/** The answer to a CORS preflight: nothing. Whoever decides on CORS adds its headers. */
export const PREFLIGHT: Answer = { status: 204, headers: {}, body: '' }

/** How long a client waits before it tries again, in seconds: as long as a key source does after a failure. */
const RETRY_AFTER_SECONDS = 30

/** The answer that refuses a request. */
export function answer(error: TokenError | UnavailableError, wording: Wording): Answer {
  const { type, rows, otherwise } = STYLES[wording.style]
  const claim = error instanceof TokenError ? error.claim : undefined
  const row = rows.get(`${error.code} ${claim}`) ?? rows.get(error.code) ?? otherwise
  const challenge = challengeOf(error, row.status, wording)
  return {
    status: row.status,
    headers: {
      'Content-Type': type,
      'Cache-Control': 'no-store',
      ...(challenge === undefined ? {} : { 'WWW-Authenticate': challenge }),
      ...(row.status === 503 ? { 'Retry-After': String(RETRY_AFTER_SECONDS) } : {}),
    },
    body: JSON.stringify(row.body),
  }
}

/** Whether text can stand between the quotes of a challenge, once escaped (RFC 9110 section 5.6.4). */
export function isQuotable(text: string): boolean {
  return /^[ -~]+$/.test(text)
}

/** {@link https://www.rfc-editor.org/rfc/rfc6750#section-3 RFC 6750 section 3} */
function challengeOf(
  error: TokenError | UnavailableError,
  status: number,
  wording: Wording,
): string | undefined {
  const { scheme, realm, resourceMetadata } = wording
  const row = BEARER.rows.get(error.code) ?? BEARER.otherwise
  // A style that answers with another status says something else than the challenge would.
  if (scheme === undefined || row.status !== status || row.silent) return undefined
  const parameters = [
    ['realm', realm],
    ['error', row.body.error],
    ['scope', scopeOf(error)],
    ['resource_metadata', resourceMetadata],
  ].flatMap(([name, value]) => (value === undefined ? [] : [`${name}="${value.replace(/["\\]/g, '\\$&')}"`]))
  return parameters.length === 0 ? scheme : `${scheme} ${parameters.join(', ')}`
}

/** Claims that hold scope-tokens as an authorization server grants them. */
const SCOPE_CLAIMS: ReadonlySet<string | undefined> = new Set(['scope', 'scp', 'permissions'])

/** A scope that would do; of alternatives, the first. */
function scopeOf(error: TokenError | UnavailableError): string | undefined {
  if (!(error instanceof TokenError) || error.code !== 'scope_insufficient') return undefined
  if (!SCOPE_CLAIMS.has(error.claim)) return undefined
  const scope = typeof error.expected === 'string' ? error.expected : sufficient(error.expected)
  return /^[!#-[\]-~]+( [!#-[\]-~]+)*$/.test(scope) ? scope : undefined
}

function sufficient(expected: unknown): string {
  const { all = [], any = [] } = Object(expected) as { all?: readonly string[]; any?: readonly string[] }
  return [...new Set([...all, ...any.slice(0, 1)])].join(' ')
}

/** A style: its rows by `code` or `code claim`, the latter first. */
interface Style<Body> {
  readonly type: string
  readonly rows: ReadonlyMap<string, Row<Body>>
  readonly otherwise: Row<Body>
}

interface Row<Body> {
  readonly status: 400 | 401 | 403 | 503
  readonly body: Body
  /** Refused without a challenge: another token of the same kind would not help. */
  readonly silent?: boolean
}

const JSON_TYPE = 'application/json'

/** The same row for several codes. */
function each<Body>(codes: readonly string[], row: Row<Body>): readonly (readonly [string, Row<Body>])[] {
  return codes.map((code) => [code, row])
}

/** No verdict. */
const UNAVAILABLE = ['keys_unavailable', 'store_unavailable']

/** The token is good, and good for something else. */
const FORBIDDEN = ['scope_insufficient', 'binding_mismatch', 'grant_missing']

/** RFC 6750 section 3.1; its error codes in the body as in the challenge. */
const BEARER: Style<{ readonly message: string; readonly error?: string }> = {
  type: JSON_TYPE,
  otherwise: bearer(401, 'Unauthorized', 'invalid_token'),
  rows: new Map([
    ['token_missing', bearer(401, 'Unauthorized')],
    ['request_malformed', bearer(400, 'Bad Request', 'invalid_request')],
    ['scope_insufficient', bearer(403, 'Forbidden', 'insufficient_scope')],
    ...each(['binding_mismatch', 'grant_missing'], { ...bearer(403, 'Forbidden'), silent: true }),
    ...each(
      ['proof_missing', 'proof_invalid', 'proof_replayed'],
      bearer(401, 'Unauthorized', 'invalid_dpop_proof'),
    ),
    ['nonce_required', bearer(401, 'Unauthorized', 'use_dpop_nonce')],
    ...each(UNAVAILABLE, { ...bearer(503, 'Service Unavailable'), silent: true }),
  ]),
}

function bearer(
  status: 400 | 401 | 403 | 503,
  message: string,
  error?: string,
): Row<{ message: string; error?: string }> {
  return { status, body: error === undefined ? { message } : { message, error } }
}

/**
 * RFC 9457 with publiq's types and titles, and the details of publiq's own services where they have one. A wrong audience
 * is a 401, as its guideline for APIs has it.
 */
const PROBLEM: Style<unknown> = {
  type: 'application/problem+json',
  otherwise: problem(401, 'Token is not a valid JWT.'),
  rows: new Map([
    ['token_missing', problem(401, 'Authorization header missing.')],
    ['request_malformed', problem(400, 'Authorization header must be "Bearer ", followed by your token.')],
    ...each(
      ['token_expired', 'token_not_yet_valid', 'token_too_old', 'lifetime_too_long'],
      problem(401, 'Token expired (or not yet usable).'),
    ),
    ...each(
      ['signature_invalid', 'key_not_found', 'key_rejected', 'alg_not_allowed', 'alg_not_supported'],
      problem(401, 'Token signature verification failed. The token is likely forged or manipulated.'),
    ),
    ['claim_missing', problem(401, 'Token is missing one of its required claims.')],
    ['claim_mismatch', problem(401, 'Token is not meant for this API.')],
    ['claim_mismatch iss', problem(401, 'Token is not issued by a valid issuer.')],
    ...each(
      ['claim_mismatch typ', 'claim_mismatch nickname', 'claim_mismatch at_hash'],
      problem(401, 'The given token is an id token. Please use an access token instead.'),
    ),
    ...each(FORBIDDEN, problem(403, 'The provided token is not allowed to access this API.')),
    ...each(UNAVAILABLE, problem(503, 'The token cannot be verified at the moment.')),
  ]),
}

function problem(status: 400 | 401 | 403 | 503, detail: string): Row<unknown> {
  const [type, title] = {
    400: ['about:blank', 'Bad Request'],
    401: ['https://api.publiq.be/probs/auth/unauthorized', 'Unauthorized'],
    403: ['https://api.publiq.be/probs/auth/forbidden', 'Forbidden'],
    503: ['about:blank', 'Service Unavailable'],
  }[status]
  return { status, body: { type, title, status, detail } }
}

/**
 * Juspay's order service. Assumed: that a token expired or used up is `access_denied`, that one for another order is
 * `forbidden_resource`, and the codes of 400 and 503.
 */
const JUSPAY: Style<unknown> = {
  type: JSON_TYPE,
  otherwise: juspay(401, 'access_denied'),
  rows: new Map([
    ['request_malformed', juspay(400, 'invalid_request')],
    ...each([...FORBIDDEN, 'claim_mismatch aud'], {
      status: 403,
      body: {
        status: 'Forbidden Resource',
        error_code: 'forbidden_resource',
        error_message: 'Authentication is required for fetching order details',
      },
    } as const),
    ...each(UNAVAILABLE, juspay(503, 'service_unavailable')),
  ]),
}

function juspay(status: 400 | 401 | 503, code: string): Row<unknown> {
  return { status, body: { status: 'error', error_code: code } }
}

/** Cashfree's error object. Assumed: the codes of 403 and 503, and of 400 but for the request's id. */
const CASHFREE: Style<unknown> = {
  type: JSON_TYPE,
  otherwise: cashfree(401, 'authentication_error', 'authentication_failed', 'Invalid or expired token'),
  rows: new Map([
    ['token_missing', cashfree(401, 'authentication_error', 'authentication_failed', 'Token is missing')],
    [
      'request_malformed',
      cashfree(400, 'validation_error', 'token_value_invalid', 'Please send one valid token'),
    ],
    ...each(
      [...FORBIDDEN, 'claim_mismatch aud', 'claim_mismatch product'],
      cashfree(403, 'authentication_error', 'access_denied', 'The token does not allow this request'),
    ),
    [
      'binding_mismatch vkyc_request_id',
      cashfree(
        400,
        'validation_error',
        'vkyc_request_id_value_invalid',
        'Please enter a valid vkyc_request_id',
      ),
    ],
    ...each(
      UNAVAILABLE,
      cashfree(503, 'internal_error', 'service_unavailable', 'The token cannot be verified at the moment'),
    ),
  ]),
}

function cashfree(status: 400 | 401 | 403 | 503, type: string, code: string, message: string): Row<unknown> {
  return { status, body: { type, code, message } }
}

/** VTEX ID's `authStatus`, and the messages of VTEX's own services. The bodies of 400 and 503 are assumed. */
const VTEX: Style<unknown> = {
  type: JSON_TYPE,
  otherwise: { status: 401, body: { authStatus: 'InvalidToken' } },
  rows: new Map<string, Row<unknown>>([
    ['token_missing', vtexCredentials('VtexIdclientAutCookie not found.')],
    ['claim_mismatch account', vtexCredentials('Could not find user specified by VtexIdclientAutCookie.')],
    ['request_malformed', { status: 400, body: { message: 'VtexIdclientAutCookie must be one token.' } }],
    ...each([...FORBIDDEN, 'claim_mismatch audience'], { status: 403, body: { message: 'Access denied.' } }),
    ...each(UNAVAILABLE, { status: 503, body: { message: 'Service unavailable.' } }),
  ]),
}

function vtexCredentials(message: string): Row<unknown> {
  return { status: 401, body: { authStatus: 'WrongCredentials', message } }
}

const STYLES = { bearer: BEARER, problem: PROBLEM, juspay: JUSPAY, cashfree: CASHFREE, vtex: VTEX } as const

/** Whether there is such a style. */
export function isStyle(value: unknown): value is RefusalStyle {
  return typeof value === 'string' && Object.hasOwn(STYLES, value)
}
