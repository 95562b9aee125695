// @ts-check
/**
 * A Worker over a Durable Object, and over D1, for the tests: each request is one spend, or many at once.
 *
 * @module
 */

import { durableObjectStore } from 'countersign/stores/durable-object'
import { sqliteStore } from 'countersign/stores/sqlite'

export { UsesObject } from 'countersign/stores/durable-object'

export default {
  /** @param {Request} request @param {any} env */
  async fetch(request, env) {
    const { store, id, limit, expiresAt, times = 1, options = {} } = /** @type {any} */ (await request.json())
    let calls = 0
    const counting = {
      idFromName: (/** @type {string} */ name) => env.USES.idFromName(name),
      get: (/** @type {any} */ objectId) => ((calls += 1), env.USES.get(objectId)),
    }
    const found = store === 'd1' ? sqliteStore(env.DB, options) : durableObjectStore(counting, options)
    const left = await Promise.all(
      Array.from({ length: times }, () =>
        (limit === undefined ? found.add(id, expiresAt) : found.spend(id, limit, expiresAt)).catch(
          (/** @type {any} */ error) => `${error.code}: ${error.cause}`,
        ),
      ),
    )
    return Response.json({ left, calls })
  },
}
