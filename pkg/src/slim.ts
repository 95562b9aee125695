/**
 * countersign without the inlined WebAssembly core.
 *
 * Before the first use, pass the compiled module to `initSync`, or module or bytes to `init`. The module is `countersign/countersign.wasm`, or `countersign/countersign-scalar.wasm` for an engine without SIMD.
 *
 * @module
 */

export { init, initSync } from './core/instance.js'
export * from './public.js'
