/**
 * Juspay: customers, orders and sessions, each with a client auth token on request.
 *
 * Requests and answers are those of Juspay's API reference. **Assumed**, for want of a source: that
 * a request from a browser (one with an `Origin`) is the bad origin, that a merchant id other than
 * the API key's is denied access, that an id used again returns what it named, the statuses of the codes in capital
 * letters, and the bodies for a wrong method, path or content type.
 *
 * Errors that depend on Juspay's state are provoked by an `order_id`, an `object_reference_id` or a customer's id that
 * is one of `triggers`.
 *
 * @module
 */

import { randomBytes } from 'node:crypto'

import { customerRoutes } from './juspay-customers.js'
import { orderRoutes } from './juspay-orders.js'
import { ACCESS_DENIED, BAD_ORIGIN, LIFETIME_SECONDS, missing, newId, refuse, TRIGGERS, utc } from './juspay-wire.js'
import { readOptions } from './options.js'
import type { SandboxRequest } from './request.js'
import { basicCredentials, headerOf, sameText, textOf } from './request.js'
import type { SandboxResponse, SandboxSystem } from './server.js'

/** How Juspay's sandbox is set up. */
export interface JuspaySandboxOptions {
  /** Default `sandbox_merchant`. */
  merchantId?: string
  /** The `environment` member of a session. Default `sandbox`. */
  environment?: 'sandbox' | 'production'
  /** What follows `tkn_`: 32 hexadecimal digits, or 66 base64url characters. Default `hex`. */
  tokenShape?: 'hex' | 'base64url'
}

/** Juspay's sandbox: its address and its credentials. */
export interface JuspaySandbox {
  /** The documented paths are below it: `{url}/customers`. */
  readonly url: string
  /** The user name of HTTP Basic; the password is empty. */
  readonly apiKey: string
  /** Goes into `x-merchantid`. */
  readonly merchantId: string
  /** The `environment` member of a session. */
  readonly environment: 'sandbox' | 'production'
  /** The `payment_page_client_id` of a session. */
  readonly clientId: string
  /** From the answer to the token's expiry: 900. */
  readonly lifetimeSeconds: number
  /** Each as an `order_id`, an `object_reference_id` or a customer's id provokes that error. */
  readonly triggers: readonly string[]
}

/** Makes Juspay's part of the sandbox. */
export function juspay(given: JuspaySandboxOptions): {
  system: SandboxSystem
  handle: (origin: string) => JuspaySandbox
} {
  const options = readOptions(given, 'juspay', {
    merchantId: 'any',
    environment: ['sandbox', 'production'],
    tokenShape: ['hex', 'base64url'],
  })
  const merchantId = options.merchantId ?? 'sandbox_merchant'
  const environment = options.environment ?? 'sandbox'
  const shape = options.tokenShape ?? 'hex'
  const tokenAt = (now: number) => ({
    client_auth_token: newToken(shape),
    client_auth_token_expiry: utc(now + LIFETIME_SECONDS),
  })
  const refuseCaller = (call: SandboxRequest): SandboxResponse | null => refuseMerchant(call, merchantId)
  const merchant = { merchantId, environment, clientId: CLIENT_ID, tokenAt, refuseCaller }
  return {
    system: {
      name: 'juspay',
      routes: [...customerRoutes(merchant), ...orderRoutes(merchant)],
      refuse,
    },
    handle: (origin) => ({
      url: `${origin}/juspay`,
      apiKey: API_KEY,
      merchantId,
      environment,
      clientId: CLIENT_ID,
      lifetimeSeconds: LIFETIME_SECONDS,
      triggers: [...TRIGGERS.keys()],
    }),
  }
}

/** The refusal of a caller that is not this merchant's backend, or `null`. */
function refuseMerchant(call: SandboxRequest, merchantId: string): SandboxResponse | null {
  if (headerOf(call, 'origin') !== undefined) return BAD_ORIGIN
  const basic = basicCredentials(call)
  if (basic === null || !sameText(basic.user, API_KEY) || basic.password !== '') {
    return ACCESS_DENIED
  }
  const claimed = headerOf(call, 'x-merchantid')
  if (claimed === undefined) return missing('x-merchantid')
  if (claimed !== merchantId) return ACCESS_DENIED
  const names = [textOf(call.fields, 'order_id'), textOf(call.fields, 'object_reference_id'), call.path.id]
  return names.flatMap((name) => TRIGGERS.get(name ?? '') ?? [])[0] ?? null
}

function newToken(shape: 'hex' | 'base64url'): string {
  return shape === 'hex' ? `tkn_${newId()}` : `tkn_${randomBytes(50).toString('base64url').slice(0, 66)}`
}

const API_KEY = 'sandbox-juspay-api-key'
const CLIENT_ID = 'sandbox_client'
