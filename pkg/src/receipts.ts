/**
 * Receipts of known token systems, which make their opaque tokens verifiable.
 *
 * @module
 */

import * as bindings from './core/bindings.js'
import { snapshot } from './core/options.js'
import type { CashfreeOptions, JuspayOptions, Receipt } from './types.js'

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
