// @ts-check
/**
 * The requirements that every library is configured with as far as it can, and the algorithms that each library covers.
 *
 * @module
 */

/** One issuer, one audience, one scope-token. */
export const RULES = {
  issuer: 'https://issuer.example',
  audience: 'https://api.example',
  scope: 'orders.read',
}

/** The algorithms of a run, in the order of the table. */
export const ALGORITHMS = /** @type {const} */ (['HS256', 'ES256', 'EdDSA', 'RS256', 'PS256', 'ES384'])
