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

/**
 * @typedef {{ name: string, issuer: string, url: string, token: string, own?: boolean, isStored?: boolean,
 *   options?: object }} Order
 * @typedef {{ OTHER?: { fetch: typeof fetch }, KEYS?: { get: (name: string) => Promise<string | null>,
 *   put: (name: string, text: string) => Promise<void> } }} Bindings
 */

/** @param {Order} order @param {Bindings} bindings */
function verifierOf({ name, issuer, url, own, isStored, options }, { KEYS }) {
  const known = verifiers.get(name)
  if (known !== undefined) return known
  const storage = {
    read: async () => (await KEYS?.get(name)) ?? null,
    write: async (/** @type {string} */ text) => KEYS?.put(name, text),
  }
  const keys = own ? ownSource(url) : { url, ...options, ...(isStored && { storage }) }
  const verifier = new Verifier({ issuer, audience: null, keys })
  verifiers.set(name, verifier)
  return verifier
}

export default {
  /** @param {Request} request @param {Bindings} [bindings] */
  async fetch(request, bindings = {}) {
    const { pathname } = new URL(request.url)
    if (pathname === '/other' && bindings.OTHER !== undefined) {
      return bindings.OTHER.fetch('https://other.example/', { method: 'POST', body: await request.text() })
    }
    const order = /** @type {Order} */ (await request.json())
    const verifier = verifierOf(order, bindings)
    if (pathname === '/sync') {
      const outcome = verifier.tryVerify(order.token)
      return new Response(outcome.ok ? 'ok' : outcome.code)
    }
    const verdict = verifier.verifyAsync(order.token).then(
      () => 'ok',
      (error) => error.code ?? String(error),
    )
    if (pathname === '/leave') return new Response('left')
    const late = new Promise((resolve) => setTimeout(resolve, 50, 'late'))
    return new Response(String(await (pathname === '/race' ? Promise.race([verdict, late]) : verdict)))
  },
}
