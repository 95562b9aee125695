/**
 * The public names, once.
 *
 * @module
 */

export { TokenError, UnavailableError } from './error.js'
export type { ErrorCode } from './error.js'
export { inspect } from './inspect.js'
export { profiles, receipts } from './profiles.js'
export { countersign } from './receipt.js'
export { memoryStore } from './stores/memory.js'
export type { MemoryStoreOptions } from './stores/memory.js'
export type * from './types.js'
export { Verifier } from './verifier.js'
