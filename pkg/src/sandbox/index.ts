/**
 * Token issuers on loopback for development and tests: four systems imitated, and a generic one.
 *
 * @module
 */

export type { CashfreeSandbox, CashfreeSandboxOptions } from './cashfree.js'
export type { IssuerAlgorithm, IssuerSandbox, IssuerSandboxOptions } from './issuer.js'
export type { JuspaySandbox, JuspaySandboxOptions } from './juspay.js'
export type { PubliqEra, PubliqSandbox, PubliqSandboxOptions } from './publiq.js'
export type { Sandbox, SandboxOptions } from './sandbox.js'
export { startSandbox } from './sandbox.js'
export type { Changes, PublicJwk, PublicJwkSet } from './signing.js'
export type { VtexSandbox, VtexSandboxOptions } from './vtex.js'
export type { VtexBearer, VtexPerson } from './vtex-tokens.js'
