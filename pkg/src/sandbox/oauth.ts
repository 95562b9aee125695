/**
 * Token requests by the client credentials grant (RFC 6749 section 4.4): client authentication, answers and errors.
 *
 * @module
 */

import type { JsonWebKeyInput, KeyObject } from 'node:crypto'
import { createPublicKey } from 'node:crypto'
import type { SandboxRequest } from './request.js'
import { basicCredentials, formDecoded, headerOf, sameText, textOf } from './request.js'
import type { SandboxResponse } from './server.js'

/** The client that an issuer knows. */
export interface KnownClient {
  readonly id: string
  readonly secret: string
  /** Whether the assertion is the client's own (RFC 7523 section 3); without it no client has a key. */
  acceptsAssertion?(assertion: string, now: number): boolean
}

/** The refusal of a token request that is not the client's own, or `null`. */
export function refuseClient(call: SandboxRequest, client: KnownClient, realm: string): SandboxResponse | null {
  const grantType = textOf(call.fields, 'grant_type')
  if (grantType === undefined) return oauthError(400, 'invalid_request', 'grant_type is missing')
  if (grantType !== 'client_credentials') {
    return oauthError(400, 'unsupported_grant_type', 'only client_credentials is supported')
  }
  const inHeader = headerOf(call, 'authorization') !== undefined
  const inBody = ['client_secret', 'client_assertion'].map((name) => Object.hasOwn(call.fields, name))
  // Section 2.3: not more than one method in each request.
  if ([inHeader, ...inBody].filter((isUsed) => isUsed).length > 1) {
    return oauthError(400, 'invalid_request', 'two client authentications')
  }
  if (Object.hasOwn(call.fields, 'client_assertion')) return refuseAssertion(call, client)
  // Section 2.3.1: id and secret are form-urlencoded before HTTP Basic joins them.
  const basic = inHeader ? basicCredentials(call) : null
  const id = basic === null ? textOf(call.fields, 'client_id') : formDecoded(basic.user)
  const secret = basic === null ? textOf(call.fields, 'client_secret') : formDecoded(basic.password)
  if (!inHeader && (id === undefined || secret === undefined)) {
    return oauthError(400, 'invalid_request', 'client_id or client_secret is missing')
  }
  if (sameText(id, client.id) && sameText(secret, client.secret)) return null
  const refusal = oauthError(401, 'invalid_client', 'client authentication failed')
  // Section 5.2: the answer to a request with the header names the scheme.
  return inHeader ? { ...refusal, headers: { ...NOT_CACHED, 'www-authenticate': `Basic realm="${realm}"` } } : refusal
}

function refuseAssertion(call: SandboxRequest, client: KnownClient): SandboxResponse | null {
  const id = textOf(call.fields, 'client_id') ?? client.id
  const isJwt = textOf(call.fields, 'client_assertion_type') === ASSERTION_TYPE
  const assertion = textOf(call.fields, 'client_assertion') ?? ''
  const isAccepted = isJwt && id === client.id && (client.acceptsAssertion?.(assertion, call.now) ?? false)
  return isAccepted ? null : oauthError(401, 'invalid_client', 'client authentication failed')
}

/** A successful answer (section 5.1). */
export function granted(
  token: string,
  lifetimeSeconds: number,
  scope?: string,
  type: 'Bearer' | 'DPoP' = 'Bearer',
): SandboxResponse {
  return {
    status: 200,
    headers: NOT_CACHED,
    body: {
      access_token: token,
      ...(scope === undefined ? {} : { scope }),
      expires_in: lifetimeSeconds,
      token_type: type,
    },
  }
}

/** An error answer (section 5.2). */
export function oauthError(status: number, error: string, description: string): SandboxResponse {
  return { status, headers: NOT_CACHED, body: { error, error_description: description } }
}

/** RFC 6749 section 5.1 asks for it beside `cache-control`. */
const NOT_CACHED = { pragma: 'no-cache' }

/** Errors that no request of a client provokes by itself, with their status and headers. */
export const PROVOKED: ReadonlyMap<string, SandboxResponse> = new Map(
  (
    [
      [400, 'invalid_grant'],
      [400, 'invalid_target'],
      [403, 'unauthorized_client'],
      [429, 'too_many_requests', '1'],
      [503, 'temporarily_unavailable', '1'],
    ] as const
  ).map(([status, error, retryAfter]): [string, SandboxResponse] => {
    const answer = oauthError(status, error, 'provoked by the client_id')
    const headers = retryAfter === undefined ? NOT_CACHED : { ...NOT_CACHED, 'retry-after': retryAfter }
    return [error, { ...answer, headers }]
  }),
)

/** A client's public JWK; `undefined` for any other value. */
export function publicKeyOf(jwk: unknown): KeyObject | undefined {
  try {
    const key = createPublicKey({ format: 'jwk', key: jwk as JsonWebKeyInput['key'] })
    return key.type === 'public' ? key : undefined
  } catch {
    return undefined
  }
}

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
