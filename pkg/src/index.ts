/**
 * Verification and inspection of access tokens, without calling the issuer.
 *
 * The WebAssembly core is inlined and ready after the import.
 *
 * @module
 */

import './core/inlined.js'

export * from './public.js'
