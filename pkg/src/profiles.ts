/**
 * Policies of known token systems, as plain data: what a function returns could have been written by hand.
 *
 * `import { profiles } from 'countersign'` has them all. `import * as profiles from 'countersign/profiles'` lets a bundler
 * leave out those that are not used.
 *
 * @example
 * ```js
 * new Verifier(profiles.auth0({ domain: 'tenant.eu.auth0.com', audience: 'https://api.example' }))
 * new Verifier({ profile: profiles.vtex({ account: 'store', audience: 'admin' }), keys })
 * ```
 *
 * @module
 */

import * as bindings from './core/bindings.js'
import { snapshot } from './core/options.js'
import type {
  AccessTokenOptions,
  CashfreeOptions,
  JuspayOptions,
  Profile,
  PubliqOptions,
  VtexOptions,
} from './types.js'

export type { AppleOptions } from './profiles/apple.js'
export { apple } from './profiles/apple.js'
export type { Auth0Options } from './profiles/auth0.js'
export { auth0 } from './profiles/auth0.js'
export type { ClerkOptions } from './profiles/clerk.js'
export { clerk } from './profiles/clerk.js'
export type { CloudflareAccessOptions } from './profiles/cloudflare-access.js'
export { cloudflareAccess } from './profiles/cloudflare-access.js'
export type { CognitoOptions } from './profiles/cognito.js'
export { cognito } from './profiles/cognito.js'
export type { EntraOptions } from './profiles/entra.js'
export { entra } from './profiles/entra.js'
export type { FirebaseOptions } from './profiles/firebase.js'
export { firebase } from './profiles/firebase.js'
export type { GithubActionsOptions } from './profiles/github-actions.js'
export { githubActions } from './profiles/github-actions.js'
export type { GoogleOptions } from './profiles/google.js'
export { google } from './profiles/google.js'
export type { GoogleIapOptions } from './profiles/google-iap.js'
export { googleIap } from './profiles/google-iap.js'
export type { KeycloakOptions } from './profiles/keycloak.js'
export { keycloak } from './profiles/keycloak.js'
export type { KubernetesOptions } from './profiles/kubernetes.js'
export { kubernetes } from './profiles/kubernetes.js'
export type { McpOptions, McpProfile } from './profiles/mcp.js'
export { mcp } from './profiles/mcp.js'
export type { OktaOptions } from './profiles/okta.js'
export { okta } from './profiles/okta.js'
export type { ShopifyOptions } from './profiles/shopify.js'
export { shopify } from './profiles/shopify.js'
export type { SpiffeOptions } from './profiles/spiffe.js'
export { spiffe } from './profiles/spiffe.js'
export type { SupabaseOptions } from './profiles/supabase.js'
export { supabase } from './profiles/supabase.js'

/**
 * Receipts of Juspay tokens only. Binds to `order_id` or `customer_id`, by kind.
 *
 * @throws {TypeError} For options that cannot mean anything.
 */
export function juspay(options: JuspayOptions): Profile {
  return bindings.profile('juspay', snapshot(options, 'options'))
}

/**
 * Receipts of Cashfree tokens only. Binds to `vkyc_request_id`; `identifier_type` and `identifier_value` may be expected, too.
 *
 * @throws {TypeError} For options that cannot mean anything.
 */
export function cashfree(options: CashfreeOptions): Profile {
  return bindings.profile('cashfree', snapshot(options, 'options'))
}

/**
 * VTEX user tokens: ES256, iss "token-emitter", at most 24 hours, foreign audiences refused. Keys are the caller's: VTEX
 * publishes none.
 *
 * @throws {TypeError} For options that cannot mean anything.
 */
export function vtex(options: VtexOptions): Profile {
  return bindings.profile('vtex', snapshot(options, 'options'))
}

/**
 * publiq access tokens: RS256, audience https://api.publiq.be, by scope or by API.
 *
 * @throws {TypeError} For options that cannot mean anything.
 */
export function publiq(options: PubliqOptions): Profile {
  return bindings.profile('publiq', snapshot(options, 'options'))
}

/**
 * JWT access tokens ({@link https://www.rfc-editor.org/rfc/rfc9068#section-4 RFC 9068 section 4}).
 *
 * @throws {TypeError} For options that cannot mean anything.
 */
export function accessToken(options: AccessTokenOptions): Profile {
  return bindings.profile('accessToken', snapshot(options, 'options'))
}
