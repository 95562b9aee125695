/**
 * Obtaining tokens in a backend, and keeping them: `countersign/client`.
 *
 * A bundle that imports `clientCredentials` alone holds no WebAssembly; the requests that return `receipt~token` do.
 *
 * @module
 */

export type { ClientKey } from './authentication.js'
export type { AuthorizedFetch } from './authorized.js'
export type { CashfreeTokenOptions } from './cashfree.js'
export { cashfreeToken } from './cashfree.js'
export type { ClientCredentialsCommon, ClientCredentialsOptions, ClientStats, TokenClient } from './credentials.js'
export { clientCredentials } from './credentials.js'
export type { Dpop, DpopAnswer, DpopKeyPair, DpopOptions, DpopRequest } from './dpop.js'
export { dpop } from './dpop.js'
export type { ClientErrorCode } from './error.js'
export { ClientError } from './error.js'
export type { JuspayToken, JuspayTokenOptions } from './juspay.js'
export { juspayToken } from './juspay.js'
export type { ConnectionOptions, CountersignedToken } from './receipts.js'
export type { SigningCryptoKey } from './signing.js'
export type { TokenStorage } from './storage.js'
export type { VtexToken, VtexTokenOptions } from './vtex.js'
export { vtexToken } from './vtex.js'
