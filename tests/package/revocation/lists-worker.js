// @ts-check
/**
 * A worker that verifies a token against a status list: each request names the token and how lists are read.
 *
 * @module
 */

import { statusLists, Verifier } from 'countersign'

/** By the name in the request: what one test uses is not what another has fetched. @type {Map<string, Verifier>} */
const verifiers = new Map()

/** @typedef {{ name: string, token: string, secret: string, jwk: any, origin: string, options?: {} }} Order */

/** @param {Order} order */
function verifierOf({ name, secret, jwk, origin, options }) {
  const known = verifiers.get(name)
  if (known !== undefined) return known
  const revocation = statusLists({ keys: { jwk }, uris: [origin], ...options })
  const verifier = new Verifier({ issuer: null, audience: null, keys: { secret }, revocation })
  verifiers.set(name, verifier)
  return verifier
}

export default {
  /** @param {Request} request */
  async fetch(request) {
    const order = /** @type {Order} */ (await request.json())
    const verdict = verifierOf(order)
      .verifyAsync(order.token)
      .then(
        () => 'ok',
        (error) => error.code ?? String(error),
      )
    // A promise of this request is left behind: in workerd it never settles.
    if (new URL(request.url).pathname === '/leave') return new Response('left')
    return new Response(await verdict)
  },
}
