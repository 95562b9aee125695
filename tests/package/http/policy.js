// @ts-check
/**
 * What the guarded servers of these tests require, in whatever runtime they run.
 *
 * @module
 */

import { Verifier } from 'countersign'

/** The moment of every verdict. */
export const NOW = 1_700_000_000

/** Of these tests alone. */
export const SECRET = 'a secret of the tests of the guards, and of nothing else'

/** @param {Partial<import('countersign').VerifierOptions>} [changes] */
export function orders(changes = {}) {
  return new Verifier({
    issuer: 'https://issuer.example',
    audience: 'orders',
    scope: 'orders.read',
    keys: { secret: SECRET, alg: 'HS256' },
    clock: () => NOW,
    ...changes,
  })
}

/** Every kind of carrier at once. */
export const CARRIERS = [
  { header: 'Authorization', scheme: 'Bearer' },
  { header: 'X-Session-Token' },
  { cookie: 'session' },
]

/** What all the guards here have in common. */
export const COMMON = /** @type {const} */ ({ carriers: CARRIERS, realm: 'orders "1"' })

/** A mistake of the server's own. @returns {never} */
export function broken() {
  throw new TypeError('the server has a mistake')
}
