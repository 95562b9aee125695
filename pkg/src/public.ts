/**
 * The public names, once.
 *
 * @module
 */

export type { AnyVerifier } from './any-of.js'
export { anyOf } from './any-of.js'
export type { ErrorCode } from './error.js'
export { TokenError, UnavailableError } from './error.js'
export { inspect } from './inspect.js'
export { discoverKeys } from './keys/discover.js'
export { remoteKeys } from './keys/remote.js'
export { profiles, receipts } from './profiles.js'
export { countersign } from './receipt.js'
export type { DenyList, DenyListOptions } from './revocation/deny-list.js'
export { denyList } from './revocation/deny-list.js'
export { anySource } from './revocation/source.js'
export type { StatusListOptions } from './revocation/status-lists.js'
export { statusLists } from './revocation/status-lists.js'
export type { MemoryStoreOptions } from './stores/memory.js'
export { memoryStore } from './stores/memory.js'
export type * from './types.js'
export type { VerifierConstructor } from './verifier.js'
export { Verifier } from './verifier.js'
