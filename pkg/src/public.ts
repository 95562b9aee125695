/**
 * The public names, once.
 *
 * @module
 */

export { anyOf } from './any-of.js'
export type { AnyVerifier } from './any-of.js'
export { TokenError, UnavailableError } from './error.js'
export type { ErrorCode } from './error.js'
export { inspect } from './inspect.js'
export { discoverKeys } from './keys/discover.js'
export { remoteKeys } from './keys/remote.js'
export { profiles, receipts } from './profiles.js'
export { countersign } from './receipt.js'
export type * from './types.js'
export { Verifier } from './verifier.js'
