/**
 * The error of a token request.
 *
 * @module
 */

/** Codes that issuers document; any other code in an answer becomes `request_refused`. */
const DOCUMENTED = [
  // RFC 6749 section 5.2, RFC 8707 section 2, and Auth0's and Keycloak's additions.
  'invalid_request',
  'invalid_client',
  'invalid_grant',
  'unauthorized_client',
  'unsupported_grant_type',
  'invalid_scope',
  'invalid_target',
  'access_denied',
  'server_error',
  'temporarily_unavailable',
  'too_many_requests',
  // RFC 9449 section 5 and 8.
  'invalid_dpop_proof',
  'use_dpop_nonce',
  // Juspay.
  'forbidden_resource',
  'bad_origin',
  'object_not_found',
  'Mandatory fields are missing',
  'INVALID_ORDER_ID',
  'INVALID_AMOUNT',
  'INVALID_CUSTOMER_ID',
  'EXPIRED',
  'UNAUTHORIZED',
  'UNAUTHENTICATED',
  'BAD_ORIGIN',
  'RESOURCE_NOT_FOUND',
  // Cashfree.
  'authentication_failed',
  'ip_validation_failed',
  'x-client-id_missing',
  'x-client-secret_missing',
  'x-api-version_missing',
  'x-api-version_value_invalid',
  'app_id_missing',
  'app_id_value_invalid',
  'product_missing',
  'product_value_invalid',
  'vkyc_request_id_missing',
  'vkyc_request_id_value_invalid',
  'identifier_type_value_invalid',
  'identifier_value_value_invalid',
  'phone_value_invalid',
  'email_value_invalid',
  'reference_id_not_found',
  'verification_id_not_found',
  'too_many_requests_per_operation',
  'too_many_requests_per_ip',
  'verification_failed',
  // VTEX.
  'WrongCredentials',
  'InvalidToken',
  'InvalidEmail',
] as const

/**
 * Why there is no token: a code that the issuer documents, or one of these.
 *
 * - `request_refused`: an answer with an error status and no documented code.
 * - `response_invalid`: an answer that is not the documented one: a redirect, no JSON, no token, another order's token.
 * - `endpoint_unreachable`: no answer within the timeout.
 */
export type ClientErrorCode =
  | (typeof DOCUMENTED)[number]
  | 'request_refused'
  | 'response_invalid'
  | 'endpoint_unreachable'

/**
 * A token request failed.
 *
 * It holds the code and the status, nothing else: no secret, no token, no text of the issuer's, and no `cause`, since
 * the error of a `fetch` may hold the request.
 */
export class ClientError extends Error {
  static {
    Object.defineProperty(this.prototype, 'name', { value: 'ClientError', configurable: true, writable: true })
  }
  /** The name of the class. It stays when a minifier renames the class. */
  declare readonly name: 'ClientError'
  /** The reason. */
  readonly code: ClientErrorCode
  /** The status of the answer; `null` if there was none. */
  readonly status: number | null

  /**
   * @param code The reason.
   * @param status The status of the answer; `null` if there was none.
   */
  constructor(code: ClientErrorCode, status: number | null) {
    super(status === null ? code : `${code} (${status})`)
    this.code = code
    this.status = status
  }

  /** The members that may be logged: `code` and `status`. */
  toJSON(): { code: ClientErrorCode; status: number | null } {
    return { code: this.code, status: this.status }
  }
}

/** The error of an answer whose body names `code`. */
export function refusalOf(code: unknown, status: number): ClientError {
  const unknown = status < 400 ? 'response_invalid' : 'request_refused'
  return new ClientError(DOCUMENTED.find((known) => known === code) ?? unknown, status)
}
