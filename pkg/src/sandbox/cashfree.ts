/**
 * Cashfree: the token that initialises its SDK for a video KYC.
 *
 * The request, both shapes of the answer and the errors are those of Cashfree's API reference.
 * **Assumed**, for want of a source: the lifetime, the acceptance window of `x-cf-signature`, the
 * claims of a token that is a JWT, the order of the checks, and the codes for a member that is
 * missing or unreadable, which follow the documented `x-client-id_missing` and
 * `vkyc_request_id_value_invalid`.
 *
 * Errors that depend on Cashfree's state are provoked by a `vkyc_request_id` of their own name:
 *
 * | `vkyc_request_id` | status | code |
 * | --- | --- | --- |
 * | `ip_validation_failed` | 403 | `ip_validation_failed` |
 * | `x-cf-signature_missing` | 403 | `authentication_failed` |
 * | `reference_id_not_found` | 404 | `reference_id_not_found` |
 * | `verification_id_not_found` | 404 | `verification_id_not_found` |
 * | `too_many_requests_per_operation` | 429 | `too_many_requests_per_operation` |
 * | `too_many_requests_per_ip` | 429 | `too_many_requests_per_ip` |
 * | `verification_failed` | 500 | `verification_failed` |
 *
 * @module
 */

import type { KeyObject } from 'node:crypto'
import { constants, privateDecrypt, randomBytes, randomInt, randomUUID } from 'node:crypto'

import { readOptions } from './options.js'
import type { FaultWords, Fields, SandboxRequest } from './request.js'
import { headerOf, objectOf, own, sameText, textOf } from './request.js'
import type { Route, SandboxResponse, SandboxSystem } from './server.js'
import { rsaKey, signJwsWithSecret } from './signing.js'

/** How Cashfree's sandbox is set up. */
export interface CashfreeSandboxOptions {
  /**
   * Which of the two documented fields holds the expiry: `expiry` (RFC 3339, +05:30), `expires_at`
   * (`YYYY-MM-DD HH:MM:SS IST`), or both, which then agree. Default `expiry`.
   */
  expiryField?: 'expiry' | 'expires_at' | 'both'
  /** The documented token is once 32 opaque characters and once a JWT. Default `opaque`. */
  token?: 'opaque' | 'jwt'
  /** Whether the account has two-factor authentication by public key. Default `ignored`. */
  signature?: 'ignored' | 'required'
  /** How far from the clock the time in `x-cf-signature` may be, in seconds. Default 300. */
  signatureWindowSeconds?: number
  /** How long a token lives, in seconds. Default 600. */
  lifetimeSeconds?: number
}

/** Cashfree's sandbox: where it is and what it accepts. */
export interface CashfreeSandbox {
  /** The documented path is below it: `{url}/verification/oauth/token`. */
  readonly url: string
  /** The `x-client-id` that is accepted. */
  readonly clientId: string
  /** The `x-client-secret` that is accepted. */
  readonly clientSecret: string
  /** Goes into `x-api-version`. */
  readonly apiVersion: string
  /** The `app_id` of every request. */
  readonly appId: string
  /** SPKI PEM, to encrypt `x-cf-signature` with; `null` where it is ignored. */
  readonly publicKey: string | null
  /** The lifetime of a token, in seconds. */
  readonly lifetimeSeconds: number
  /** The values of `vkyc_request_id` that provoke an error. */
  readonly triggers: readonly string[]
}

/**
 * Makes Cashfree's part of the sandbox, with new keys.
 *
 * @throws {TypeError} If a duration is not a positive whole number.
 */
export async function cashfree(given: CashfreeSandboxOptions): Promise<{
  system: SandboxSystem
  handle: (origin: string) => CashfreeSandbox
}> {
  const options = readOptions(given, 'cashfree', {
    expiryField: ['expiry', 'expires_at', 'both'],
    token: ['opaque', 'jwt'],
    signature: ['ignored', 'required'],
    signatureWindowSeconds: 'any',
    lifetimeSeconds: 'any',
  })
  const windowSeconds = positive('signatureWindowSeconds', options.signatureWindowSeconds ?? 300)
  const lifetimeSeconds = positive('lifetimeSeconds', options.lifetimeSeconds ?? 600)
  const key = options.signature === 'required' ? await rsaKey('RSA-OAEP') : null
  const issuer: Issuer = {
    signature: key && { privateKey: key.privateKey, windowSeconds },
    secret: randomBytes(32),
    token: options.token ?? 'opaque',
    expiryField: options.expiryField ?? 'expiry',
    lifetimeSeconds,
  }
  const route: Route = {
    method: 'POST',
    path: '/verification/oauth/token',
    accepts: ['application/json'],
    answer: (call) => issue(issuer, call),
  }
  return {
    system: { name: 'cashfree', routes: [route], refuse },
    handle: (origin) => ({
      url: `${origin}/cashfree`,
      clientId: CLIENT_ID,
      clientSecret: CLIENT_SECRET,
      apiVersion: API_VERSION,
      appId: APP_ID,
      publicKey: key === null ? null : key.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
      lifetimeSeconds,
      triggers: Object.keys(TRIGGERS),
    }),
  }
}

interface Issuer {
  /** `null` where the account has no two-factor authentication by public key. */
  readonly signature: { readonly privateKey: KeyObject; readonly windowSeconds: number } | null
  readonly secret: Uint8Array
  readonly token: 'opaque' | 'jwt'
  readonly expiryField: 'expiry' | 'expires_at' | 'both'
  readonly lifetimeSeconds: number
}

function issue(issuer: Issuer, call: SandboxRequest): SandboxResponse {
  const refusal = refuseHeaders(call) ?? refuseSignature(issuer, call) ?? refuseBody(call.fields) ?? provoked(call)
  if (refusal !== null) return refusal
  const expires = call.now + issuer.lifetimeSeconds
  const claims = { sub: APP_ID, iat: call.now, exp: expires, jti: randomUUID() }
  const token =
    issuer.token === 'jwt' ? signJwsWithSecret(issuer.secret, { alg: 'HS256', typ: 'JWT' }, claims) : opaque()
  return {
    status: 200,
    body: { access_token: token, ...expiryFields(expires, issuer.expiryField) },
  }
}

function refuseHeaders(call: SandboxRequest): SandboxResponse | null {
  for (const name of ['x-client-id', 'x-client-secret', 'x-api-version']) {
    if (headerOf(call, name) === undefined) {
      return validationError(`${name}_missing`, `${name} is missing in the request.`)
    }
  }
  if (headerOf(call, 'x-api-version') !== API_VERSION) {
    const text = `provided x-api-version should be ${API_VERSION}`
    return validationError('x-api-version_value_invalid', text)
  }
  const known =
    sameText(headerOf(call, 'x-client-id'), CLIENT_ID) && sameText(headerOf(call, 'x-client-secret'), CLIENT_SECRET)
  return known ? null : AUTHENTICATION_FAILED
}

/** `x-cf-signature` is `clientId.unixSeconds`, encrypted with RSA-OAEP (SHA-1): not a signature. */
function refuseSignature({ signature: required }: Issuer, call: SandboxRequest): SandboxResponse | null {
  if (required === null) return null
  const signature = headerOf(call, 'x-cf-signature')
  if (signature === undefined) return SIGNATURE_MISSING
  const text = decrypt(signature, required.privateKey) ?? ''
  const [, clientId, seconds] = /^(.*)\.(\d{1,12})$/s.exec(text) ?? []
  const distance = Math.abs(call.now - Number(seconds))
  return clientId === CLIENT_ID && distance <= required.windowSeconds ? null : SIGNATURE_INVALID
}

function decrypt(signature: string, privateKey: KeyObject): string | null {
  try {
    const key = { key: privateKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' }
    return privateDecrypt(key, Buffer.from(signature, 'base64')).toString('utf8')
  } catch {
    return null
  }
}

function refuseBody(fields: Fields): SandboxResponse | null {
  const metadata = objectOf(fields, 'metadata')
  const user = objectOf(fields, 'authenticated_user')
  const type = user && idOf(user, 'identifier_type')
  const value = user && idOf(user, 'identifier_value')
  for (const name of ['app_id', 'product', 'metadata', 'authenticated_user']) {
    if (!Object.hasOwn(fields, name)) return memberMissing(name)
  }
  if (textOf(fields, 'app_id') !== APP_ID) return memberInvalid('app_id')
  if (textOf(fields, 'product') !== 'VKYC') return memberInvalid('product')
  if (metadata === undefined) return memberInvalid('metadata')
  if (!Object.hasOwn(metadata, 'vkyc_request_id')) return memberMissing('vkyc_request_id')
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(idOf(metadata, 'vkyc_request_id') ?? '')) {
    return memberInvalid('vkyc_request_id')
  }
  if (user === undefined) return memberInvalid('authenticated_user')
  if (!Object.hasOwn(user, 'identifier_type')) return memberMissing('identifier_type')
  if (!Object.hasOwn(user, 'identifier_value')) return memberMissing('identifier_value')
  if (type === undefined) return memberInvalid('identifier_type')
  if (value === undefined) return memberInvalid('identifier_value')
  if (type === 'phone' && !/^\+?\d{10,15}$/.test(value)) return memberInvalid('phone')
  if (type === 'email' && !/^[^\s@]{1,64}@[^\s@]{1,255}$/.test(value)) return memberInvalid('email')
  return null
}

/** An id as text. The schema says string, the examples are numbers: both are taken. */
function idOf(fields: Fields, name: string): string | undefined {
  const value = own(fields, name)
  return Number.isSafeInteger(value) ? String(value) : textOf(fields, name)
}

function provoked(call: SandboxRequest): SandboxResponse | null {
  const name = textOf(objectOf(call.fields, 'metadata') ?? {}, 'vkyc_request_id') ?? ''
  const provoke = Object.hasOwn(TRIGGERS, name) ? TRIGGERS[name] : undefined
  return provoke?.(call) ?? null
}

function expiryFields(
  expires: number,
  field: 'expiry' | 'expires_at' | 'both',
): { expiry?: string; expires_at?: string } {
  // The clock of +05:30, written with the calendar of UTC.
  const local = new Date((expires + IST_SECONDS) * 1000).toISOString().slice(0, 19)
  return {
    ...(field === 'expires_at' ? {} : { expiry: `${local}+05:30` }),
    ...(field === 'expiry' ? {} : { expires_at: `${local.replace('T', ' ')} IST` }),
  }
}

function opaque(): string {
  return Array.from({ length: 32 }, () => ALPHANUMERIC[randomInt(ALPHANUMERIC.length)]).join('')
}

function positive(name: string, value: number): number {
  if (!(value > 0 && Number.isSafeInteger(value))) {
    throw new TypeError(`cashfree.${name} must be a positive whole number of seconds`)
  }
  return value
}

function memberMissing(name: string): SandboxResponse {
  return validationError(`${name}_missing`, `${name} is missing in the request.`)
}

function memberInvalid(name: string): SandboxResponse {
  return validationError(`${name}_value_invalid`, `Please enter a valid ${name}`)
}

function validationError(code: string, message: string, status = 400): SandboxResponse {
  return { status, body: { type: 'validation_error', code, message } }
}

function notFound(name: string): SandboxResponse {
  return validationError(`${name}_not_found`, `${name} does not exist.`, 404)
}

function rateLimited(per: 'operation' | 'ip', message: string): SandboxResponse {
  const code = `too_many_requests_per_${per}`
  return { status: 429, body: { type: 'rate_limit_error', code, message } }
}

function ipRefused(address: string): SandboxResponse {
  const message = `IP not whitelisted your current ip is ${address}`
  return {
    status: 403,
    body: { type: 'authentication_error', code: 'ip_validation_failed', message },
  }
}

/** A fault of a request, in Cashfree's shape. The code names the header or the body, as its documented codes do. */
function refuse({ status, code, text }: FaultWords): SandboxResponse {
  if (status === 500) return VERIFICATION_FAILED
  const named = status === 415 ? 'content-type_value_invalid' : status === 400 ? 'body_value_invalid' : code
  return validationError(named, text, status)
}

const AUTHENTICATION_FAILED: SandboxResponse = {
  status: 401,
  body: {
    type: 'authentication_error',
    code: 'authentication_failed',
    message: 'Invalid clientId and clientSecret combination',
  },
}
const SIGNATURE_MISSING = validationError('authentication_failed', 'x-cf-signature missing in the request header', 403)
const SIGNATURE_INVALID = validationError('authentication_failed', 'x-cf-signature invalid in the request header', 403)
const VERIFICATION_FAILED: SandboxResponse = {
  status: 500,
  body: {
    type: 'internal_error',
    code: 'verification_failed',
    message: 'something went wrong',
  },
}

const TRIGGERS: Readonly<Record<string, (call: SandboxRequest) => SandboxResponse>> = {
  ip_validation_failed: (call) => ipRefused(call.remoteAddress),
  'x-cf-signature_missing': () => SIGNATURE_MISSING,
  reference_id_not_found: () => notFound('reference_id'),
  verification_id_not_found: () => notFound('verification_id'),
  too_many_requests_per_operation: () =>
    rateLimited('operation', 'Too many requests for this operation, rate limit reached'),
  too_many_requests_per_ip: () => rateLimited('ip', 'Too many requests from the IP, rate limit reached'),
  verification_failed: () => VERIFICATION_FAILED,
}

/** India is five and a half hours ahead of UTC, all year. */
const IST_SECONDS = 19_800
const API_VERSION = '2024-12-01'
const CLIENT_ID = 'sandbox-cashfree-client'
const CLIENT_SECRET = 'sandbox-cashfree-secret'
const APP_ID = 'sandbox_vkyc_app'
const ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
