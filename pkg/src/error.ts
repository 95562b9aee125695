/**
 * Errors for a token that is not accepted: `TokenError` if it must not be, `UnavailableError` if that could not be
 * decided.
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

/** The members of a refusal. */
export interface Refusal {
  /** The reason. */
  code: ErrorCode
  /**
   * The Claim Name or Header Parameter to blame: a registered one or one that the policy names. For
   * `request_malformed`, the header or cookie.
   */
  claim?: string | undefined
  /** What the policy requires. */
  expected?: unknown
  /** What the token contains. */
  actual?: unknown
}

/**
 * Whether this is Deno. There the engine walks the stack for every error that is made, to be prepared for one that is not
 * caught, whatever `stackTraceLimit` is: that takes longer than verifying a token.
 */
const ALWAYS_CAPTURES = 'Deno' in globalThis

/**
 * What {@link TokenError} extends in Deno in place of `Error`: the same, but as a {@link Refused} it has the members and the
 * prototypes of an error without being one for the engine.
 */
function ErrorOfDeno(message: string): object {
  return (new.target as unknown) === Refused
    ? Object.defineProperty(Object.create(TokenError.prototype), 'message', hidden(message))
    : Reflect.construct(Error, [message], new.target as unknown as typeof TokenError)
}

/** What {@link refuse} constructs a TokenError as, in Deno. */
function Refused(): void {}

const STATUS = new Map<ErrorCode, 400 | 403>([
  ['request_malformed', 400],
  ['scope_insufficient', 403],
  ['binding_mismatch', 403],
  ['grant_missing', 403],
])

/**
 * The token must not be accepted.
 *
 * `message` and `toJSON()` contain code, status and claim, nothing else, and may be logged; `expected` and `actual` are
 * not enumerable and may contain personal data. An error never contains a token, a signature or a key.
 */
export class TokenError extends Error {
  static {
    Object.defineProperty(this.prototype, 'name', hidden('TokenError'))
    // Where an error has no `claim`, none is read from `Object.prototype`.
    Object.defineProperty(this.prototype, 'claim', hidden(undefined))
    // Where the engine writes none, for want of a trace, `stack` is the first line alone.
    Object.defineProperty(this.prototype, 'stack', {
      configurable: true,
      get(this: object): string {
        return Reflect.get(Error.prototype, 'stack', this) ?? String(this)
      },
      set(this: object, stack: unknown) {
        Object.defineProperty(this, 'stack', hidden(stack))
      },
    })
    if (ALWAYS_CAPTURES) Object.setPrototypeOf(this, ErrorOfDeno)
  }
  /** The name of the class. It stays when a minifier renames the class. */
  declare readonly name: 'TokenError'
  /** Always false; in a `Verified` it is true. */
  readonly ok = false
  /** The reason. */
  readonly code: ErrorCode
  /**
   * The answer in the "bearer" style ({@link https://www.rfc-editor.org/rfc/rfc6750#section-3.1 RFC 6750 section
   * 3.1}).
   */
  readonly status: 400 | 401 | 403
  /**
   * The Claim Name or Header Parameter to blame: a registered one or one that the policy names, never text of the
   * token's. For `request_malformed`, the header or cookie that contradicts.
   */
  declare readonly claim?: string
  readonly #expected: unknown
  readonly #actual: unknown

  /** @param refusal The code, and optionally the claim to blame, what is required and what was found. */
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

  /** What the token contains. Not enumerable. */
  get actual(): unknown {
    return this.#actual
  }

  /** The members that may be logged: `code`, `status` and `claim`. */
  toJSON(): { code: ErrorCode; status: 400 | 401 | 403; claim?: string } {
    const { code, status, claim } = this
    return claim === undefined ? { code, status } : { code, status, claim }
  }
}

/** The refusal that was thrown, for those who return one. Any other error is thrown again: it is not about a token. */
export function refusalOf(thrown: unknown): TokenError | UnavailableError {
  if (thrown instanceof TokenError || thrown instanceof UnavailableError) return thrown
  throw thrown
}

/**
 * The refusal of a token, without a stack trace: writing one costs more than verifying, and anyone can send bad tokens.
 */
export function refuse(refusal: Refusal): TokenError {
  if (ALWAYS_CAPTURES) return Reflect.construct(TokenError, [refusal], Refused)
  const errors = Error as { stackTraceLimit?: unknown }
  const { stackTraceLimit } = errors
  if (typeof stackTraceLimit !== 'number') return new TokenError(refusal)
  // Assigned: Reflect.set takes a quarter of the time of an error without a stack.
  try {
    errors.stackTraceLimit = 0
  } catch {
    // It is read-only where `Error` is frozen.
    return new TokenError(refusal)
  }
  try {
    return new TokenError(refusal)
  } finally {
    errors.stackTraceLimit = stackTraceLimit
  }
}

/**
 * The token could be neither accepted nor refused, because keys or a store cannot be reached. A retry may succeed.
 *
 * `message` and `toJSON()` contain code and status, nothing else, and may be logged. `cause` is the failure itself,
 * whose text is not this package's.
 */
export class UnavailableError extends Error {
  static {
    Object.defineProperty(this.prototype, 'name', hidden('UnavailableError'))
  }
  /** The name of the class. It stays when a minifier renames the class. */
  declare readonly name: 'UnavailableError'
  /** Always false; in a `Verified` it is true. */
  readonly ok = false
  /** What cannot be reached. */
  readonly code: 'keys_unavailable' | 'store_unavailable'
  /** The answer in every style. */
  readonly status = 503

  /**
   * @param code What cannot be reached.
   * @param options `cause`: the failure itself. Default: none.
   */
  constructor(code: 'keys_unavailable' | 'store_unavailable', options?: { cause?: unknown }) {
    super(code, options)
    this.code = code
  }

  /** The members that may be logged: `code` and `status`. */
  toJSON(): { code: 'keys_unavailable' | 'store_unavailable'; status: 503 } {
    return { code: this.code, status: this.status }
  }
}

/** A member of the refusal itself, and not one that another module put into `Object.prototype`. */
function own<Name extends keyof Refusal>(refusal: Refusal, name: Name): Refusal[Name] | undefined {
  return Object.hasOwn(refusal, name) ? refusal[name] : undefined
}

/** A member of a class that does not show in a loop. The `name` stays when a minifier renames the class. */
function hidden(value: unknown): PropertyDescriptor {
  return { value, enumerable: false, configurable: true, writable: true }
}
