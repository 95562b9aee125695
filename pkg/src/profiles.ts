/**
 * Policies of known token systems, and the receipts that make their opaque tokens verifiable.
 *
 * @module
 */

import * as bindings from './core/bindings.js'
import { snapshot } from './core/snapshot.js'
import { mcp } from './profiles/mcp.js'
import type {
  AccessTokenOptions,
  CashfreeOptions,
  JuspayOptions,
  Profile,
  PubliqOptions,
  Receipt,
  VtexOptions,
} from './types.js'

/**
 * Policies of known token systems, as plain data: what comes back could have been written by hand.
 *
 * Each throws a TypeError for options that cannot mean anything.
 *
 * @example
 * ```js
 * new Verifier({ profile: profiles.vtex({ account: 'store', audience: 'admin' }), keys })
 * ```
 */
export const profiles = {
  /** Receipts only. Binds to `order_id` or `customer_id`, by kind. */
  juspay: (options: JuspayOptions): Profile => bindings.profile('juspay', snapshot(options, 'options')),
  /** Receipts only. Binds to `vkyc_request_id`; `identifier_type` and `identifier_value` may be expected too. */
  cashfree: (options: CashfreeOptions): Profile => bindings.profile('cashfree', snapshot(options, 'options')),
  /** ES256, iss "token-emitter", at most 24 hours, foreign audiences refused. Keys are the caller's: VTEX publishes none. */
  vtex: (options: VtexOptions): Profile => bindings.profile('vtex', snapshot(options, 'options')),
  /** RS256, audience https://api.publiq.be, by scope or by API. */
  publiq: (options: PubliqOptions): Profile => bindings.profile('publiq', snapshot(options, 'options')),
  /** JWT access tokens ({@link https://www.rfc-editor.org/rfc/rfc9068#section-4 RFC 9068 section 4}). */
  accessToken: (options: AccessTokenOptions): Profile => bindings.profile('accessToken', snapshot(options, 'options')),
  /**
   * Access tokens for an MCP server, with the keys of their issuer: `new Verifier(profiles.mcp({ resource, issuer, scope
   * }))`. The audience is the canonical URI of the server and no other; ID tokens are refused.
   */
  mcp,
} as const

/**
 * What a system's tokens are countersigned with, so that its profile accepts them: the profile's options and what the
 * issuer answered.
 *
 * Each throws a TypeError for options that cannot mean anything, an expiry that cannot be read exactly among them.
 */
export const receipts = {
  /**
   * The receipt of a Juspay client auth token.
   *
   * `id`: the order's or customer's id, by kind. `expires`: NumericDate in seconds, or RFC 3339 text with a zone. `uses`: how
   * many times the token may be redeemed; default 30, as Juspay's. `now`: seconds since the Unix epoch; default: the
   * runtime's clock.
   */
  juspay: (
    options: JuspayOptions & { id: string | number; expires: number | string; uses?: number; now?: number },
  ): Receipt => bindings.receipt('juspay', snapshot(options, 'options')),
  /**
   * The receipt of a Cashfree SDK auth token.
   *
   * `vkycRequestId`: the request that the token is for. `user`: the `type` and `value` of the user's identifier; default:
   * not bound. `expires`: the expiry as the issuer wrote it, RFC 3339 or `YYYY-MM-DD HH:MM:SS IST`, which here, and only
   * here, means +05:30. In its place, `response`: the issuer's answer with `expiry`, `expires_at` or both; a TypeError if
   * they differ. `now`: seconds since the Unix epoch; default: the runtime's clock.
   */
  cashfree: (
    options: CashfreeOptions & {
      vkycRequestId: string | number
      user?: { type: string; value: string | number }
      now?: number
    } & ({ expires: number | string } | { response: { expiry?: string; expires_at?: string } }),
  ): Receipt => bindings.receipt('cashfree', snapshot(options, 'options')),
} as const
