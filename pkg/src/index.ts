/**
 * countersign: verifies access tokens in the process that asks, without calling the issuer.
 *
 * Importing it makes it ready.
 *
 * @module
 */

import './core/inlined.js'

export * from './public.js'
