/**
 * Policies of known token systems, and the receipts that make their opaque tokens verifiable.
 *
 * @module
 */

import * as bindings from './core/bindings.js'
import { snapshot } from './core/snapshot.js'
import { markComplete } from './presentation.js'
import type {
  AccessTokenOptions,
  AppleOptions,
  Auth0Options,
  CashfreeOptions,
  ClerkOptions,
  CloudflareAccessOptions,
  CognitoOptions,
  CompleteProfile,
  EntraOptions,
  FirebaseOptions,
  GithubActionsOptions,
  GoogleIapOptions,
  GoogleOptions,
  JuspayOptions,
  KeycloakOptions,
  KubernetesOptions,
  OktaOptions,
  Profile,
  PubliqOptions,
  Receipt,
  ShopifyOptions,
  SpiffeOptions,
  SupabaseOptions,
  VtexOptions,
} from './types.js'

/** The profile called `name`, whose keys follow from `options`. */
function complete(name: string, options: unknown): CompleteProfile {
  const profile = bindings.profile(name, snapshot(options, 'options')) as CompleteProfile
  markComplete(profile)
  return profile
}

/**
 * Policies of known token systems, as plain data: what comes back could have been written by hand.
 *
 * Each throws a TypeError for options that cannot mean anything.
 *
 * @example
 * ```js
 * new Verifier(profiles.auth0({ domain: 'tenant.eu.auth0.com', audience: 'https://api.example' }))
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
  /** RS256 access tokens for an API; ID tokens, whose audience is a client, are refused. */
  auth0: (options: Auth0Options): CompleteProfile => complete('auth0', options),
  /** Access tokens of a realm, by audience or by client; `typ` is Bearer. */
  keycloak: (options: KeycloakOptions): CompleteProfile => complete('keycloak', options),
  /** RS256 access tokens of a custom authorization server, which name a client in `cid`. */
  okta: (options: OktaOptions): CompleteProfile => complete('okta', options),
  /** RS256 access tokens of one tenant, of several or of any; `azp` or `appid` tells them from ID tokens. */
  entra: (options: EntraOptions): CompleteProfile => complete('entra', options),
  /** RS256 access tokens by `client_id`, or ID tokens by `aud`; `token_use` tells them apart. */
  cognito: (options: CognitoOptions): CompleteProfile => complete('cognito', options),
  /** RS256 ID tokens of a sign-in with Google. */
  google: (options: GoogleOptions): CompleteProfile => complete('google', options),
  /** RS256 ID tokens of at most an hour, or session cookies of at most 14 days. */
  firebase: (options: FirebaseOptions): CompleteProfile => complete('firebase', options),
  /** RS256 application tokens, in `Cf-Access-Jwt-Assertion` or the cookie `CF_Authorization`. */
  cloudflareAccess: (options: CloudflareAccessOptions): CompleteProfile => complete('cloudflareAccess', options),
  /** ES256, in `x-goog-iap-jwt-assertion`, at most eleven minutes. */
  googleIap: (options: GoogleIapOptions): CompleteProfile => complete('googleIap', options),
  /** RS256 ID tokens of Sign in with Apple; expect their `nonce`. */
  apple: (options: AppleOptions): CompleteProfile => complete('apple', options),
  /** ES256 or RS256 access tokens of a project that signs with asymmetric keys. */
  supabase: (options: SupabaseOptions): CompleteProfile => complete('supabase', options),
  /** RS256 session tokens of at most a minute, by their `azp`. */
  clerk: (options: ClerkOptions): CompleteProfile => complete('clerk', options),
  /** RS256 ID tokens of a workflow, by ids of repository or owner. */
  githubActions: (options: GithubActionsOptions): CompleteProfile => complete('githubActions', options),
  /** Projected service account tokens, with an audience of your own. */
  kubernetes: (options: KubernetesOptions): CompleteProfile => complete('kubernetes', options),
  /** HS256 session tokens of at most a minute. The key is the app's secret, which the caller gives. */
  shopify: (options: ShopifyOptions): Profile => bindings.profile('shopify', snapshot(options, 'options')),
  /** JWT-SVIDs of a trust domain. Complete with `bundle`; else give `keys: { jwks: bundle, use: 'jwt-svid' }`. */
  spiffe: <Options extends SpiffeOptions>(
    options: Options,
  ): Options extends { bundle: string } ? CompleteProfile : Profile => complete('spiffe', options),
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
