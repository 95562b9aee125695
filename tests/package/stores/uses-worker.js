// @ts-check
/**
 * A Worker over a Durable Object, and over D1, for the tests: each request is one spend, or many at once.
 *
 * @module
 */

import { UsesObject as Base, durableObjectStore } from 'countersign/stores/durable-object'
import { sqliteStore } from 'countersign/stores/sqlite'

const RealNow = Date.now

/** The class under test, whose alarm the tests set off at a time of their choice. */
export class UsesObject extends Base {
  #storage

  /** @param {any} state */
  constructor(state) {
    super(state)
    this.#storage = state.storage
  }

  /** @override @param {Request} request */
  async fetch(request) {
    const url = new URL(request.url)
    if (url.pathname !== '/alarm') return super.fetch(request)
    Date.now = () => Number(url.searchParams.get('now')) * 1000
    await this.alarm()
    Date.now = RealNow
    const tables = this.#storage.sql.exec("SELECT name FROM sqlite_master WHERE name = 'entries'").toArray()
    const rows = tables.length === 0 ? [] : this.#storage.sql.exec('SELECT id FROM entries').toArray()
    return Response.json({ rows: rows.length, tables: tables.length, alarm: await this.#storage.getAlarm() })
  }
}

export default {
  /** @param {Request} request @param {any} env */
  async fetch(request, env) {
    const { alarm, store, id, limit, expiresAt, times = 1, options = {} } = /** @type {any} */ (await request.json())
    if (alarm !== undefined) {
      const stub = env.USES.get(env.USES.idFromName('shard:0'))
      return stub.fetch(`https://test.invalid/alarm?now=${alarm}`)
    }
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
