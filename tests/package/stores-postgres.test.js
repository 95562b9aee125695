// @ts-check
/**
 * The store in PostgreSQL, on a real server and in PGlite: exact through crashes and lost replies.
 *
 * `STORES=full` runs the full form.
 */

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { PGlite } from '@electric-sql/pglite'
import { denyList } from 'countersign'
import { postgresStore } from 'countersign/stores/postgres'
import pg from 'pg'
import { CLIENTS } from './stores/clients.js'
import { FULL, fleet, idsOf, sleep } from './stores/fleet.js'
import { POSTGRES, startPostgres, startProxy, startStandby, unless } from './stores/servers.js'

const installed = unless(POSTGRES, 'apt-get install postgresql')

const EACH_ONCE = Array.from({ length: 30 }, (_, index) => 29 - index)

/** @param {(number | null)[]} left */
const sorted = (left) => left.filter((rest) => rest !== null).sort((a, b) => Number(b) - Number(a))

const soon = () => Date.now() / 1000 + 600

/**
 * Starting it takes seconds: one server for all tests. @type {Promise<import('./stores/servers.js').Server> |
 * undefined}
 */
let started

/** @param {(server: import('./stores/servers.js').Server, pool: pg.Pool) => Promise<void>} use */
async function withPostgres(use) {
  started ??= startPostgres()
  const server = await started
  const pool = new pg.Pool({ host: '127.0.0.1', port: server.port, user: 'postgres', database: 'postgres', max: 8 })
  pool.on('error', () => {})
  try {
    await pool.query(postgresStore(pool).schema)
    await pool.query('TRUNCATE countersign_uses, countersign_seen')
    await use(server, pool)
  } finally {
    await pool.end()
  }
}

after(async () => (await started)?.stop())

for (const name of ['pg', 'postgres']) {
  test(`${name}: 30 of 60 concurrent spends are granted, each with its own rest`, installed, () =>
    withPostgres(async (server) => {
      const { store, end } = await /** @type {any} */ (CLIENTS[name])(server.port)
      const left = await Promise.all(Array.from({ length: 60 }, () => store.spend('a', 30, soon())))
      assert.deepEqual(sorted(left), EACH_ONCE)
      const seen = await Promise.all(Array.from({ length: 20 }, () => store.add('a', soon())))
      assert.equal(seen.filter(Boolean).length, 1)
      await end()
    }),
  )
}

test('PGlite: 30 of 60 spends are granted, each with its own rest', async () => {
  const database = new PGlite()
  const store = postgresStore(database)
  await database.exec(store.schema)
  const left = await Promise.all(Array.from({ length: 60 }, () => store.spend('a', 30, soon())))
  assert.deepEqual(sorted(left), EACH_ONCE)
  assert.deepEqual([await store.add('a', soon()), await store.add('a', soon())], [true, false])
  await database.close()
})

test('exactly 30 uses of each token are granted to several processes while the server is killed', installed, () =>
  withPostgres(async (server) => {
    const ids = idsOf(FULL ? 20 : 4)
    const clients = Array.from({ length: FULL ? 8 : 3 }, (_, index) => (index % 2 === 0 ? 'pg' : 'postgres'))
    const { left, errors } = await fleet(
      { clients, port: server.port, ids, times: FULL ? 50 : 25, timeoutSeconds: 30 },
      async () => {
        await sleep(50)
        await server.kill()
        await server.start()
      },
    )
    for (const id of ids) assert.deepEqual(sorted(left[id] ?? []), EACH_ONCE, `${id} ${JSON.stringify(errors)}`)
  }),
)

test('exactly 30 uses are granted through a failover to a synchronous standby', installed, async () => {
  const primary = await startPostgres()
  const standby = await startStandby(primary.port)
  const pools = [primary, standby].map(({ port }) => {
    const pool = new pg.Pool({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres', max: 4 })
    return pool.on('error', () => {})
  })
  const [first, second] = pools
  assert.ok(first && second)
  try {
    await first.query("ALTER SYSTEM SET synchronous_standby_names = '*'")
    await first.query('SELECT pg_reload_conf()')
    const isSynchronous = async () =>
      (await first.query("SELECT FROM pg_stat_replication WHERE sync_state = 'sync'")).rowCount === 1
    while (!(await isSynchronous())) await sleep(50)
    let current = first
    const store = postgresStore((text, values) => current.query(text, values), { timeoutSeconds: 30 })
    await first.query(store.schema)
    const spends = Array.from({ length: 10 }, async () => {
      const left = []
      for (let spend = 0; spend < 4; spend += 1) {
        left.push(await store.spend('a', 30, soon()))
        await sleep(20)
      }
      return left
    })
    await sleep(40)
    await primary.kill()
    await second.query('SELECT pg_promote()')
    current = second
    assert.deepEqual(sorted((await Promise.all(spends)).flat()), EACH_ONCE)
  } finally {
    await Promise.all(pools.map((pool) => pool.end()))
    await standby.stop()
    await primary.stop()
  }
})

for (const name of ['pg', 'postgres']) {
  test(`${name}: all uses are granted while replies are lost`, installed, () =>
    withPostgres(async (server) => {
      const proxy = await startProxy(server.port, 40)
      const { store, end } = await /** @type {any} */ (CLIENTS[name])(proxy.port, { timeoutSeconds: 30 })
      const uses = FULL ? 600 : 200
      let granted = 0
      for (let spend = 0; spend < uses; spend += 1) granted += (await store.spend('a', uses, soon())) === null ? 0 : 1
      assert.equal(granted, uses)
      assert.ok(proxy.lost >= 3, `${proxy.lost} replies were lost`)
      await end()
      await proxy.stop()
    }),
  )
}

test('the same proxy costs uses when an attempt is not known again', installed, () =>
  withPostgres(async (server) => {
    const proxy = await startProxy(server.port, 40)
    const pool = new pg.Pool({ host: '127.0.0.1', port: proxy.port, user: 'postgres', database: 'postgres', max: 1 })
    pool.on('error', () => {})
    let attempt = 0
    const store = postgresStore(
      (text, values) => pool.query(text, values.length === 4 ? [...values.slice(0, 3), `${(attempt += 1)}`] : values),
      { timeoutSeconds: 30 },
    )
    let granted = 0
    for (let spend = 0; spend < 200; spend += 1) granted += (await store.spend('a', 200, soon())) === null ? 0 : 1
    assert.ok(granted < 200, `${granted} were granted: the test above cannot fail`)
    await pool.end()
    await proxy.stop()
  }),
)

test('serialisation failures are tried again', installed, () =>
  withPostgres(async (server) => {
    const options = '-c default_transaction_isolation=serializable'
    const pool = new pg.Pool({
      host: '127.0.0.1',
      port: server.port,
      user: 'postgres',
      database: 'postgres',
      max: 8,
      options,
    })
    const store = postgresStore(pool, { timeoutSeconds: 30 })
    const left = await Promise.all(Array.from({ length: 40 }, () => store.spend('a', 30, soon())))
    assert.deepEqual(sorted(left), EACH_ONCE)
    await pool.end()
  }),
)

test('a missing table is store_unavailable at once, and so is a server that does not answer in time', installed, () =>
  withPostgres(async (_, pool) => {
    await assert.rejects(postgresStore(pool, { table: 'missing', timeoutSeconds: 30 }).spend('a', 1, soon()), {
      code: 'store_unavailable',
    })
    const client = await pool.connect()
    await client.query('BEGIN')
    await client.query('LOCK TABLE countersign_uses IN ACCESS EXCLUSIVE MODE')
    await assert.rejects(postgresStore(pool, { timeoutSeconds: 0.3 }).spend('a', 1, soon()), {
      code: 'store_unavailable',
    })
    await client.query('ROLLBACK')
    client.release()
  }),
)

test('the later end holds, and sweep deletes what has ended and nothing else', installed, () =>
  withPostgres(async (_, pool) => {
    const store = postgresStore(pool)
    const now = Math.floor(Date.now() / 1000)
    await store.spend('a', 1, now + 100)
    await store.spend('a', 1, now + 500)
    await store.spend('a', 1, now + 50)
    const { rows } = await pool.query('SELECT ends FROM countersign_uses')
    assert.equal(Number(rows[0].ends), now + 800)
    await pool.query(
      `INSERT INTO countersign_uses SELECT 'old' || n, 1, ${now - 1}, '' FROM generate_series(1, 2500) AS n`,
    )
    assert.equal(await store.sweep(), 2500)
    assert.equal(await store.spend('a', 1, now + 500), null)
    assert.equal(await store.sweep(), 0)
  }),
)

test('rules of deny lists are kept by their later moments', installed, () =>
  withPostgres(async (_, pool) => {
    const store = postgresStore(pool)
    const now = Math.floor(Date.now() / 1000)
    await store.deny('a', now + 0.5, now + 100)
    await store.deny('a', now - 5, now + 50)
    assert.deepEqual(await store.denied(['b', 'a']), [null, now + 0.5])
    const { rows } = await pool.query("SELECT ends FROM countersign_denied WHERE id = 'a'")
    assert.equal(Number(rows[0].ends), now + 400)
    assert.deepEqual(await store.denied([]), [])
  }),
)

test('a table may be in a schema, and a name that is no identifier is a TypeError', installed, () =>
  withPostgres(async (_, pool) => {
    await pool.query('CREATE SCHEMA IF NOT EXISTS limits')
    const store = postgresStore(pool, { table: 'limits.token' })
    await pool.query(store.schema)
    assert.equal(await store.spend('a', 2, soon()), 1)
    for (const table of ['a b', 'A', '', 'a;b', 'a"b', 'a.b.c', "a'", 5, null]) {
      assert.throws(() => postgresStore(pool, /** @type {any} */ ({ table })), TypeError, String(table))
    }
    for (const client of [null, {}, 'postgres://']) {
      assert.throws(() => postgresStore(/** @type {any} */ (client)), TypeError)
    }
  }),
)

test('a client may give the moment of a rule as text; what is no moment is never taken for none', async () => {
  const answering = (/** @type {unknown} */ before) => postgresStore(async () => [{ id: 'a', before }])
  for (const rows of [[['a', 5]], [{ ID: 'a', BEFORE: 5 }], [{ id: 'A', before: 5 }]]) {
    await assert.rejects(postgresStore(async () => rows).denied(['a']), { code: 'store_unavailable' })
  }
  assert.deepEqual(await answering('5.5').denied(['a', 'b']), [5.5, null])
  assert.deepEqual(await answering(5n).denied(['a']), [5])
  const verified = /** @type {any} */ ({ id: 'a', claims: { iat: 5 } })
  for (const before of ['x', '', undefined, true, {}, -1]) {
    const store = postgresStore(async (_, [id]) => [{ id, before }])
    await assert.rejects(denyList(store).isRevoked(verified), TypeError, String(before))
  }
})

test('rows that hold no count are never accepted', async () => {
  for (const rows of [[{}], [{ used: 'x' }], [{ used: 0 }], [null], 'x', undefined, { rows: 5 }]) {
    const store = postgresStore(async () => rows, { timeoutSeconds: 0.1 })
    await assert.rejects(store.spend('a', 30, soon()), { code: 'store_unavailable' }, JSON.stringify(rows))
  }
})
