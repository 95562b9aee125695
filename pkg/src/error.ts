/**
 * The two ways in which a token is not accepted: it must not be, or no verdict could be reached.
 *
 * @module
 */

/** Why a token is refused. The table in the README says what each code means. */
export type ErrorCode =
  | 'token_missing'
  | 'request_malformed'
  | 'token_too_large'
  | 'token_malformed'
  | 'header_malformed'
  | 'crit_not_supported'
  | 'alg_not_supported'
  | 'alg_not_allowed'
  | 'typ_mismatch'
  | 'key_not_found'
  | 'key_rejected'
  | 'signature_invalid'
  | 'claims_malformed'
  | 'claim_missing'
  | 'claim_malformed'
  | 'claim_mismatch'
  | 'token_expired'
  | 'token_not_yet_valid'
  | 'token_too_old'
  | 'lifetime_too_long'
  | 'scope_insufficient'
  | 'binding_mismatch'
  | 'grant_missing'
  | 'receipt_missing'
  | 'receipt_mismatch'
  | 'uses_exhausted'
  | 'token_replayed'
  | 'token_revoked'
  | 'proof_missing'
  | 'proof_invalid'
  | 'proof_replayed'
  | 'nonce_required'

/** What a refusal is made of. */
export interface Refusal {
  /** The reason. */
  code: ErrorCode
  /** The Claim Name or Header Parameter to blame: a registered one or one that the policy names. */
  claim?: string | undefined
  /** What the policy requires. */
  expected?: unknown
  /** What the token says. */
  actual?: unknown
}

const STATUS = new Map<ErrorCode, 400 | 403>([
  ['request_malformed', 400],
  ['scope_insufficient', 403],
  ['binding_mismatch', 403],
  ['grant_missing', 403],
])

/**
 * The token must not be accepted.
 *
 * `message` and `toJSON()` hold code, status and claim, nothing else, and may be logged; `expected` and `actual` are
 * not enumerable and may hold personal data. Never a token, a signature or a key.
 */
export class TokenError extends Error {
  static {
    Object.defineProperty(this.prototype, 'name', nameOf('TokenError'))
  }
  declare readonly name: 'TokenError'
  /** Tells a refusal from a `Verified`. */
  readonly ok = false
  /** The reason. */
  readonly code: ErrorCode
  /** The answer in the "bearer" style ({@link https://www.rfc-editor.org/rfc/rfc6750#section-3.1 RFC 6750 section 3.1}). */
  readonly status: 400 | 401 | 403
  /** The Claim Name or Header Parameter to blame: a registered one or one that the policy names, never text of the token's. */
  declare readonly claim?: string
  readonly #expected: unknown
  readonly #actual: unknown

  constructor(refusal: Refusal) {
    const { code } = refusal
    const claim = own(refusal, 'claim')
    super(claim === undefined ? code : `${code} (${claim})`)
    this.code = code
    this.status = STATUS.get(code) ?? 401
    if (claim !== undefined) this.claim = claim
    this.#expected = own(refusal, 'expected')
    this.#actual = own(refusal, 'actual')
  }

  /** What the policy requires. Not enumerable. */
  get expected(): unknown {
    return this.#expected
  }

  /** What the token says. Not enumerable. */
  get actual(): unknown {
    return this.#actual
  }

  /** What may be logged: code, status and claim. */
  toJSON(): { code: ErrorCode; status: 400 | 401 | 403; claim?: string } {
    const { code, status, claim } = this
    return claim === undefined ? { code, status } : { code, status, claim }
  }
}

/**
 * The refusal of a token. It carries no stack: it is a verdict and no fault of the program's, and whoever sends bad tokens
 * must not be able to have one written each time, which costs more than verifying.
 */
export function refuse(refusal: Refusal): TokenError {
  const { stackTraceLimit } = Error as { stackTraceLimit?: unknown }
  if (typeof stackTraceLimit !== 'number' || !Reflect.set(Error, 'stackTraceLimit', 0)) return new TokenError(refusal)
  try {
    return new TokenError(refusal)
  } finally {
    Reflect.set(Error, 'stackTraceLimit', stackTraceLimit)
  }
}

/** No verdict could be reached: keys or a store are out of reach. Worth another try; `cause` says why. */
export class UnavailableError extends Error {
  static {
    Object.defineProperty(this.prototype, 'name', nameOf('UnavailableError'))
  }
  declare readonly name: 'UnavailableError'
  /** Tells it from a `Verified`. */
  readonly ok = false
  /** What is out of reach. */
  readonly code: 'keys_unavailable' | 'store_unavailable'
  /** The answer in every style. */
  readonly status = 503

  constructor(code: 'keys_unavailable' | 'store_unavailable', options?: { cause?: unknown }) {
    super(code, options)
    this.code = code
  }
}

/** A member of the refusal itself: what somebody put into `Object.prototype` is no evidence. */
function own<Name extends keyof Refusal>(refusal: Refusal, name: Name): Refusal[Name] | undefined {
  return Object.hasOwn(refusal, name) ? refusal[name] : undefined
}

/** An error is called by its class, whatever a minifier calls that. */
function nameOf(value: string): PropertyDescriptor {
  return { value, enumerable: false, configurable: true, writable: true }
}
