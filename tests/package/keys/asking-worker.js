// @ts-check
/**
 * A worker that verifies what it is sent, for tests of requests that end before their verdict.
 *
 * @module
 */

import { Verifier } from 'countersign'

/** By the name in the request: what one test uses is not what another has fetched. @type {Map<string, Verifier>} */
const verifiers = new Map()

/** A source written by hand. @param {string} url */
function ownSource(url) {
  /** @type {import('countersign').JwkSet | undefined} */
  let set
  return {
    current: () => set,
    async refresh() {
      const found = /** @type {import('countersign').JwkSet} */ (await (await fetch(url)).json())
      return (set = found)
    },
  }
}

/** @typedef {{ name: string, issuer: string, url: string, token: string, own?: boolean, options?: object }} Order */

/** @param {Order} order */
function verifierOf({ name, issuer, url, own, options }) {
  const known = verifiers.get(name)
  if (known !== undefined) return known
  const keys = own ? ownSource(url) : { url, ...options }
  const verifier = new Verifier({ issuer, audience: null, keys })
  verifiers.set(name, verifier)
  return verifier
}

export default {
  /** @param {Request} request */
  async fetch(request) {
    const order = /** @type {Order} */ (await request.json())
    const verifier = verifierOf(order)
    const verdict = verifier.verifyAsync(order.token).then(
      () => 'ok',
      (error) => error.code ?? String(error),
    )
    const { pathname } = new URL(request.url)
    if (pathname === '/leave') return new Response('left')
    if (pathname === '/sync') {
      const outcome = verifier.tryVerify(order.token)
      return new Response(outcome.ok ? 'ok' : outcome.code)
    }
    const late = new Promise((resolve) => setTimeout(resolve, 50, 'late'))
    return new Response(String(await (pathname === '/race' ? Promise.race([verdict, late]) : verdict)))
  },
}
