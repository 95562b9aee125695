/**
 * Juspay's formats: error bodies, times, and the option that asks for a token.
 *
 * @module
 */

import { randomUUID } from 'node:crypto'
import type { FaultWords, Fields, SandboxRequest } from './request.js'
import { bare, objectOf, own } from './request.js'
import type { SandboxResponse } from './server.js'

/** The merchant, as the routes need it. */
export interface Merchant {
  readonly merchantId: string
  readonly environment: 'sandbox' | 'production'
  readonly clientId: string
  /** A new token and its expiry, as members of an answer. */
  tokenAt(now: number): Token
  /** The refusal of a caller that is not the merchant's backend, or `null`. */
  refuseCaller(call: SandboxRequest): SandboxResponse | null
}

/** The members that an answer holds under `juspay`. */
export interface Token {
  readonly client_auth_token: string
  readonly client_auth_token_expiry: string
}

/** From an answer to the expiry of its token: 15 minutes. */
export const LIFETIME_SECONDS = 900

/** The option's name in a form and in a query; in JSON it may be nested. */
export const TOKEN_OPTION = 'options.get_client_auth_token'

/** Whether the body of a request asks for a token. */
export function wantsToken(fields: Fields): boolean {
  const nested = own(objectOf(fields, 'options') ?? bare({} as Fields), 'get_client_auth_token')
  const values = [own(fields, TOKEN_OPTION), nested]
  return values.some((value) => value === 'true' || value === true)
}

/** UTC, to the second, with `Z`. */
export function utc(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(/\.\d+Z$/, 'Z')
}

/** 32 lower-case hexadecimal digits. */
export function newId(): string {
  return randomUUID().replaceAll('-', '')
}

/** A request lacks a member. */
export function missing(name: string): SandboxResponse {
  return {
    status: 400,
    body: {
      status: 'Bad Request',
      error_code: 'Mandatory fields are missing',
      error_message: `${name} is missing`,
    },
  }
}

/** A member has an invalid value. */
export function invalid(code: string, text: string): SandboxResponse {
  return {
    status: 400,
    body: {
      status: 'invalid_request_error',
      status_id: -1,
      error_code: code,
      error_message: text,
    },
  }
}

/** A fault of a request, in Juspay's shape. */
export function refuse({ status, code }: FaultWords): SandboxResponse {
  if (status === 404) return OBJECT_NOT_FOUND
  return status === 403 ? BAD_ORIGIN : error(status, code)
}

/** The API key is wrong, or another merchant's. */
export const ACCESS_DENIED: SandboxResponse = error(401, 'access_denied')

/** The request comes from a browser. */
export const BAD_ORIGIN: SandboxResponse = {
  status: 403,
  body: {
    status: 'bad_origin',
    error_code: 'bad_origin',
    error_message: 'Bad Origin. Permission denied.',
  },
}

/** An order was asked for without any authentication. */
export const FORBIDDEN_RESOURCE: SandboxResponse = {
  status: 403,
  body: {
    status: 'Forbidden Resource',
    error_code: 'forbidden_resource',
    error_message: 'Authentication is required for fetching order details',
  },
}

/** No object has that id. */
export const OBJECT_NOT_FOUND: SandboxResponse = {
  status: 404,
  body: {
    status: 'invalid_request_error',
    error_code: 'object_not_found',
    error_message: 'Cannot find what you are looking for',
  },
}

/** Errors that depend on Juspay's state, by the id that provokes each. */
export const TRIGGERS: ReadonlyMap<string, SandboxResponse> = new Map<string, SandboxResponse>([
  ['forbidden_resource', FORBIDDEN_RESOURCE],
  ['bad_origin', BAD_ORIGIN],
  ['EXPIRED', error(401, 'EXPIRED', 'The session is expired')],
  ['UNAUTHENTICATED', error(401, 'UNAUTHENTICATED', 'Invalid authentication')],
  ['UNAUTHORIZED', error(403, 'UNAUTHORIZED', 'User is not authorized')],
  ['BAD_ORIGIN', error(403, 'BAD_ORIGIN', 'Bad origin')],
  ['RESOURCE_NOT_FOUND', error(404, 'RESOURCE_NOT_FOUND', 'Resource not found')],
])

function error(status: number, code: string, text: string | null = null): SandboxResponse {
  return { status, body: { status: 'error', error_code: code, error_message: text } }
}
