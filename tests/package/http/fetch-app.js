// @ts-check
/**
 * The guarded server of these tests for whatever speaks Request and Response.
 *
 * @module
 */

import { guard } from 'countersign/fetch'
import { broken, COMMON, orders } from './policy.js'

const verifier = orders()

const order = guard(verifier, {
  ...COMMON,
  expected: (request) => ({ bind: { order_id: new URL(request.url).pathname.split('/')[2] } }),
})

const byQuery = guard(verifier, {
  ...COMMON,
  expected: async (request) => {
    const ids = new URL(request.url).searchParams.getAll('order_id')
    return { bind: { order_id: ids.length === 1 ? ids[0] : null } }
  },
})

const maybe = guard(verifier, { ...COMMON, credentials: 'optional' })

const mistaken = guard(verifier, { ...COMMON, expected: broken })

/**
 * @param {Request} request
 * @returns {Promise<Response>}
 */
export async function app(request) {
  const { pathname } = new URL(request.url)
  if (pathname === '/maybe') {
    const found = await maybe(request)
    if (found === null) return Response.json({ sub: null })
    return found.ok ? Response.json({ sub: found.claims.sub }) : found.response
  }
  if (pathname === '/mistaken') {
    try {
      const found = await mistaken(request)
      return found.ok ? Response.json({ sub: found.claims.sub }) : found.response
    } catch {
      return new Response(null, { status: 500 })
    }
  }
  const found = await (pathname === '/by-query' ? byQuery : order)(request)
  if (!found.ok) return found.response
  if (request.method === 'POST') return new Response(request.body)
  return Response.json({ sub: found.claims.sub })
}
