/**
 * countersign without its WebAssembly inlined: give the module to `initSync`, or its bytes to `init`, before the first use.
 *
 * The module is `countersign/countersign.wasm`, or `countersign/countersign-scalar.wasm` for an engine without SIMD.
 *
 * @module
 */

export { init, initSync } from './core/instance.js'
export * from './public.js'
