// @ts-check
/**
 * The store in Redis, on a real server: exact through crashes and lost replies, or refused.
 *
 * `STORES=full` runs the full form: 8 processes, 20 ids, two crashes.
 */

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { Redis as Upstash } from '@upstash/redis'
import { denyList, UnavailableError, Verifier } from 'countersign'
import { redisStore } from 'countersign/stores/redis'
import { SignJWT } from 'jose'
import { createClient, createClientPool, createCluster } from 'redis'
import { CLIENTS } from './stores/clients.js'
import { FULL, fleet, idsOf, sleep } from './stores/fleet.js'
import { REDIS, startProxy, startRedis, unless } from './stores/servers.js'

const installed = unless(REDIS, 'apt-get install redis-server')

const PROCESSES = FULL ? 8 : 4
const HALVES = Array.from({ length: PROCESSES }, (_, index) => (index % 2 === 0 ? 'redis' : 'ioredis'))

/** Long enough for a loaded machine to start a server in, in seconds: a spend that is given up may cost a use. */
const DEADLINE = 20

const IDS = idsOf(FULL ? 20 : 6)

/** Every number from 29 to 0 once. */
const EACH_ONCE = Array.from({ length: 30 }, (_, index) => 29 - index)

/** @param {number[]} left */
const sorted = (left) => [...left].sort((a, b) => b - a)

const soon = () => Date.now() / 1000 + 600

/**
 * @param {readonly string[] | undefined} settings
 * @param {(server: import('./stores/servers.js').Server, client: Awaited<ReturnType<typeof connected>>) =>
 *   Promise<void>} use
 */
async function withRedis(settings, use) {
  const server = await startRedis(settings)
  const client = await connected(server.port)
  try {
    await use(server, client)
  } finally {
    client.destroy()
    await server.stop()
  }
}

/** @param {number} port */
async function connected(port) {
  const client = createClient({ socket: { host: '127.0.0.1', port, reconnectStrategy: 20 } })
  client.on('error', () => {})
  await client.connect()
  return client
}

for (const name of ['redis', 'ioredis', 'iovalkey', 'function']) {
  test(`${name}: 30 of 50 concurrent spends are granted, each with its own rest`, installed, () =>
    withRedis(['--appendonly', 'no'], async (server) => {
      const { store, end } = await /** @type {(port: number) => Promise<any>} */ (CLIENTS[name])(server.port)
      const left = await Promise.all(Array.from({ length: 50 }, () => store.spend('a', 30, soon())))
      assert.deepEqual(sorted(left.filter((rest) => rest !== null)), EACH_ONCE)
      const seen = await Promise.all(Array.from({ length: 20 }, () => store.add('a', soon())))
      assert.equal(seen.filter(Boolean).length, 1)
      await end()
    }),
  )
}

test('exactly 30 uses of each token are granted to several processes while the server is killed twice', installed, () =>
  withRedis(['--appendonly', 'yes', '--appendfsync', 'always'], async (server) => {
    const { left, errors, slowest } = await fleet(
      { clients: HALVES, port: server.port, ids: IDS, times: FULL ? 50 : 25, timeoutSeconds: DEADLINE },
      async () => {
        for (let kill = 0; kill < 2; kill += 1) {
          await sleep(FULL ? 400 : 60)
          await server.kill()
          await sleep(100)
          await server.start()
        }
      },
    )
    for (const id of IDS) assert.equal(left[id]?.length, 30, `${id} ${JSON.stringify(errors)}`)
    for (const id of IDS) assert.deepEqual(sorted(left[id] ?? []), EACH_ONCE)
    assert.ok(slowest < DEADLINE * 1000 + 1000, `the slowest spend took ${slowest} ms`)
  }),
)

test('under everysec, a kill grants again at most the spends that the server had not yet written', installed, () =>
  withRedis(['--appendonly', 'yes', '--appendfsync', 'everysec'], async (server, client) => {
    const store = redisStore(client, { timeoutSeconds: DEADLINE })
    let granted = 0
    const spend = async (/** @type {number} */ times) => {
      for (let time = 0; time < times; time += 1) granted += (await store.spend('a', 30, soon())) === null ? 0 : 1
    }
    await spend(20)
    const isWritten = async () => {
      const info = String(await client.info('persistence'))
      return /^aof_buffer_length:0\r$/m.test(info) && /^aof_pending_bio_fsync:0\r$/m.test(info)
    }
    while (!(await isWritten())) await sleep(50)
    await spend(5)
    await server.kill()
    await server.start()
    await spend(40)
    assert.ok(granted >= 30 && granted <= 35, `${granted}`)
  }),
)

test('without persistence, a restart grants 30 uses again, as the table of guarantees says', installed, () =>
  withRedis(['--appendonly', 'no'], async (server, client) => {
    const store = redisStore(client, { timeoutSeconds: 20 })
    let granted = 0
    for (let life = 0; life < 2; life += 1) {
      for (let spend = 0; spend < 30; spend += 1) granted += (await store.spend('a', 30, soon())) === null ? 0 : 1
      await server.kill()
      await server.start()
    }
    assert.equal(granted, 60)
  }),
)

/**
 * How many of as many spends as there are uses are granted through a proxy that loses every 40th reply.
 *
 * @param {number} uses
 * @param {(port: number) => Promise<{ store: any, end: () => unknown }>} connect
 */
async function throughProxy(uses, connect) {
  const server = await startRedis(['--appendonly', 'no'])
  const proxy = await startProxy(server.port, 40)
  try {
    const { store, end } = await connect(proxy.port)
    let granted = 0
    for (let spend = 0; spend < uses; spend += 1) granted += (await store.spend('a', uses, soon())) === null ? 0 : 1
    const { lost } = proxy
    const spentInAll = uses - (await store.spend('a', uses + 1, soon()))
    await end()
    return { granted, spentInAll, lost }
  } finally {
    await proxy.stop()
    await server.stop()
  }
}

for (const name of ['redis', 'ioredis']) {
  test(`${name}: 600 of 600 uses are granted while every 40th reply is lost`, installed, async () => {
    const connect = (/** @type {number} */ port) => /** @type {any} */ (CLIENTS[name])(port, { timeoutSeconds: 20 })
    const { granted, spentInAll, lost } = await throughProxy(600, connect)
    assert.equal(granted, 600)
    assert.equal(spentInAll, 600, 'no use is spent twice')
    assert.ok(lost >= 10, `${lost} replies were lost`)
  })
}

test('the same proxy costs uses when the script does not know its attempts again', installed, async () => {
  const { granted, lost } = await throughProxy(600, async (port) => {
    const client = await connected(port)
    const send = (/** @type {readonly string[]} */ command) => {
      const [name, script = '', ...rest] = command
      if (name === 'EVALSHA') return Promise.reject(new Error('NOSCRIPT'))
      const forgetful = script.replace('if at then', 'if false then')
      assert.ok(script === forgetful ? script.includes('INFO') : true)
      return client.sendCommand(['EVAL', forgetful, ...rest])
    }
    return { store: redisStore(send, { timeoutSeconds: 20 }), end: () => client.destroy() }
  })
  assert.ok(lost >= 10)
  assert.ok(granted < 600, `${granted} were granted: the test above cannot fail`)
})

test('@upstash/redis: 30 of 50 concurrent spends are granted over HTTP', installed, () =>
  withRedis(['--appendonly', 'no'], async (_, client) => {
    // Upstash's REST API: a command in, as JSON, and its reply out; under /pipeline, several of them.
    const run = (/** @type {unknown[]} */ command) =>
      client.sendCommand(command.map(String)).then(
        (result) => ({ result }),
        (error) => ({ error: String(error.message) }),
      )
    const server = createServer(async (request, response) => {
      const body = JSON.parse(await text(request))
      const answer = request.url === '/pipeline' ? await Promise.all(body.map(run)) : await run(body)
      response.writeHead('error' in answer ? 400 : 200, { 'content-type': 'application/json' })
      response.end(JSON.stringify(answer))
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
    try {
      const url = `http://127.0.0.1:${port}`
      const upstash = new Upstash({ url, token: 'token', enableTelemetry: false, responseEncoding: false })
      const store = redisStore(upstash, { timeoutSeconds: 20 })
      const left = await Promise.all(Array.from({ length: 50 }, () => store.spend('a', 30, soon())))
      assert.deepEqual(sorted(left.filter((rest) => rest !== null)), EACH_ONCE)
      assert.deepEqual([await store.add('a', soon()), await store.add('a', soon())], [true, false])
      await store.deny('a', 1_700_000_000.5, soon())
      assert.deepEqual(await store.denied(['b', 'a']), [null, 1_700_000_000.5])
    } finally {
      server.closeAllConnections()
      server.close()
    }
  }),
)

test('a pool of node-redis is a client', installed, () =>
  withRedis(['--appendonly', 'no'], async (server) => {
    const pool = createClientPool({ socket: { host: '127.0.0.1', port: server.port } })
    await pool.connect()
    const left = await Promise.all(Array.from({ length: 40 }, () => redisStore(pool).spend('a', 30, soon())))
    assert.deepEqual(sorted(left.filter((rest) => rest !== null)), EACH_ONCE)
    pool.destroy()
  }),
)

test('a script cache that is flushed costs nothing', installed, () =>
  withRedis(['--appendonly', 'no'], async (server, client) => {
    const { store, end } = await /** @type {any} */ (CLIENTS.ioredis)(server.port)
    for (let use = 29; use >= 0; use -= 1) {
      if (use % 5 === 0) await client.scriptFlush()
      assert.equal(await store.spend('a', 30, soon()), use)
    }
    assert.equal(await store.spend('a', 30, soon()), null)
    await end()
  }),
)

test(
  'a server that does not answer costs the deadline and no more, and nothing is granted beyond the limit',
  installed,
  () =>
    withRedis(['--appendonly', 'no'], async (server) => {
      for (const name of ['redis', 'ioredis']) {
        const { store, end } = await /** @type {any} */ (CLIENTS[name])(server.port, { timeoutSeconds: 0.5 })
        assert.equal(await store.spend(name, 30, soon()), 29)
        server.signal('SIGSTOP')
        const start = performance.now()
        const paused = await Promise.allSettled(Array.from({ length: 10 }, () => store.spend(name, 30, soon())))
        const seconds = (performance.now() - start) / 1000
        server.signal('SIGCONT')
        for (const spend of paused) {
          assert.ok(spend.status === 'rejected' && spend.reason instanceof UnavailableError)
          assert.equal(spend.reason.code, 'store_unavailable')
        }
        assert.ok(seconds < 10, `${seconds} s`)
        let granted = 1
        for (let spend = 0; spend < 40; spend += 1) {
          // The server may still be busy with what was sent while it was stopped.
          const left = await store.spend(name, 30, soon()).catch(() => null)
          if (left !== null) granted += 1
        }
        assert.ok(granted <= 30 && granted >= 20, `${granted}`)
        await end()
      }
    }),
)

test('a server that evicts is refused at the first use, and accepted on request', installed, () =>
  withRedis(['--maxmemory', '2mb', '--maxmemory-policy', 'volatile-lru'], async (_, client) => {
    const store = redisStore(client)
    assert.equal(store.evicts, 'unknown')
    await assert.rejects(store.spend('a', 30, soon()), (error) => {
      assert.ok(error instanceof UnavailableError)
      assert.match(String(error.cause), /noeviction/)
      return true
    })
    assert.equal(await client.dbSize(), 0)
    assert.equal(store.evicts, 'yes')
    assert.equal(await redisStore(client, { eviction: 'accept' }).spend('a', 30, soon()), 29)
  }),
)

test('a server that does not say whether it evicts is used, and evicts is "unknown"', installed, () =>
  withRedis(['--appendonly', 'no'], async (server, client) => {
    await client.sendCommand(['ACL', 'SETUSER', 'app', 'on', '>secret', '~*', '+@all', '-info'])
    const app = createClient({ username: 'app', password: 'secret', socket: { host: '127.0.0.1', port: server.port } })
    await app.connect()
    const store = redisStore(app)
    assert.equal(await store.spend('a', 30, soon()), 29)
    assert.equal(store.evicts, 'unknown')
    app.destroy()
  }),
)

test('an entry outlives its token by 300 s; of two ends the later holds', installed, () =>
  withRedis(['--appendonly', 'no'], async (_, client) => {
    const store = redisStore(client)
    const now = Math.floor(Date.now() / 1000)
    const ends = async (/** @type {string} */ id) =>
      Math.round((await client.pExpireTime(`countersign:u:${id}`)) / 1000)
    await store.spend('a', 2, now + 100)
    assert.equal(await ends('a'), now + 400)
    await store.spend('a', 2, now + 50)
    assert.equal(await ends('a'), now + 400, 'an end does not move back')
    assert.equal(await store.spend('a', 2, now + 500), null)
    assert.equal(await ends('a'), now + 800, 'a refused spend moves it on, too')
    assert.equal(await store.spend('a', 2, now + 900), null)
    assert.equal(await ends('a'), now + 1200, 'and so does one that is known to be refused')
    await store.spend('past', 2, now - 1000)
    assert.ok((await ends('past')) >= now + 300)
    assert.equal(await store.spend('far', 2, 253_402_300_799), 1)
    assert.equal(await ends('far'), 253_402_300_799 + 300)
  }),
)

test('the hash that is sent is the script’s, and a key holds nothing of a token', installed, () =>
  withRedis(['--appendonly', 'no'], async (_, client) => {
    /** @type {string[][]} */
    const sent = []
    const store = redisStore(
      (command) => {
        sent.push([...command])
        return client.sendCommand([...command])
      },
      { prefix: 'p:' },
    )
    await store.spend('a', 30, soon())
    await store.spend('a', 30, soon())
    await store.add('a', soon())
    assert.deepEqual(
      sent.map(([name]) => name),
      ['EVAL', 'EVALSHA', 'EVAL', 'EVALSHA', 'EVALSHA'],
    )
    const script = sent[2]?.[1] ?? ''
    assert.equal(createHash('sha1').update(script).digest('hex'), sent[1]?.[1])
    assert.deepEqual((await client.keys('*')).sort(), ['p:s:a', 'p:u:a'])
    assert.match(String(await client.get('p:u:a')), /^\d{15}0{10}(?:[\w+/]{11}=){2}$/)
  }),
)

test('an entry remembers its last 64 attempts', installed, () =>
  withRedis(['--appendonly', 'no'], async (_, client) => {
    const store = redisStore(client)
    const end = soon()
    for (let use = 0; use < 100; use += 1) assert.equal(await store.spend('a', 100, end), 99 - use)
    assert.equal(await store.spend('a', 100, end), null)
    const entry = String(await client.get('countersign:u:a'))
    assert.equal(entry.slice(15, 25), '0000000036')
    assert.equal(entry.length, 15 + 10 + 64 * 12)
  }),
)

test('an attempt that is sent again gets the answer that it got, until 64 others came after it', installed, () =>
  withRedis(['--appendonly', 'no'], async (_, client) => {
    /** @type {string[][]} */
    const sent = []
    const store = redisStore((command) => {
      sent.push([...command])
      return client.sendCommand([...command])
    })
    const end = soon()
    await store.spend('a', 200, end)
    const again = async (/** @type {number} */ index) => client.sendCommand(sent[index] ?? [])
    sent.length = 0
    for (let use = 1; use < 100; use += 1) await store.spend('a', 200, end)
    for (const [index, left] of [
      [98, 100],
      [97, 101],
      [35, 163],
    ])
      assert.equal(await again(Number(index)), left)
    assert.equal(await again(34), 99, 'this one is forgotten, and counts again')
  }),
)

test('a key that holds something else is store_unavailable at once', installed, () =>
  withRedis(['--appendonly', 'no'], async (_, client) => {
    const store = redisStore(client, { timeoutSeconds: 30 })
    await client.set('countersign:u:a', 'something else')
    await client.lPush('countersign:u:b', 'a list')
    for (const id of ['a', 'b']) await assert.rejects(store.spend(id, 30, soon()), { code: 'store_unavailable' })
    for (const entry of [
      '',
      '1',
      '1'.repeat(24),
      '1'.repeat(26),
      `${'x'.repeat(15)}0000000000`,
      `${'1'.repeat(15)}xxxxxxxxxx`,
    ]) {
      await client.set('countersign:u:c', entry)
      await assert.rejects(store.spend('c', 30, soon()), { code: 'store_unavailable' }, entry)
    }
    await client.set('countersign:u:c', `${'1'.repeat(15)}4294967295`)
    assert.equal(await store.spend('c', 30, soon()), null, 'more spends than the limit leave nothing')
  }),
)

test('an exhausted token costs the server nothing more; another limit is asked about', installed, () =>
  withRedis(['--appendonly', 'no'], async (_, client) => {
    let commands = 0
    const store = redisStore((command) => ((commands += 1), client.sendCommand([...command])))
    const end = soon()
    assert.equal(await store.spend('a', 1, end), 0)
    assert.equal(await store.spend('a', 1, end), null)
    const before = commands
    for (let spend = 0; spend < 1000; spend += 1) assert.equal(await store.spend('a', 1, end), null)
    assert.equal(commands, before)
    await store.spend('a', 1, end + 1)
    assert.equal(commands, before + 1, 'a later end goes to the server')
    assert.equal(await store.spend('a', 2, end), 0)
  }),
)

test('a token that is refused causes no command', installed, () =>
  withRedis(['--appendonly', 'no'], async (_, client) => {
    const secret = 'a secret of at least thirty-two octets'
    const sign = (/** @type {{}} */ claims) =>
      new SignJWT({ order_id: '7', ...claims })
        .setProtectedHeader({ alg: 'HS256' })
        .sign(new TextEncoder().encode(secret))
    let granted = false
    let isRevoked = false
    const store = redisStore(client)
    const verifier = new Verifier({
      issuer: null,
      audience: null,
      bind: ['order_id'],
      keys: { secret },
      maxUses: 2,
      singleUse: true,
      uses: store,
      replay: store,
      grants: async () => granted,
      revocation: { isRevoked: async () => isRevoked },
    })
    const good = await sign({ exp: soon(), jti: 'a' })
    const order = { bind: { order_id: '7' } }
    const scripts = async () => /cmdstat_eval/.test(await client.info('commandstats'))
    const refusals = /** @type {const} */ ([
      ['token_malformed', 'x', order],
      ['token_missing', null, order],
      ['signature_invalid', `${good.slice(0, -8)}AAAAAAAA`, order],
      ['token_expired', await sign({ exp: 1, jti: 'a' }), order],
      ['claim_missing', await sign({ exp: soon() }), order],
      ['binding_mismatch', good, { bind: { order_id: '8' } }],
      ['grant_missing', good, order],
    ])
    for (const [code, token, expected] of refusals) await assert.rejects(verifier.redeem(token, expected), { code })
    granted = true
    isRevoked = true
    await assert.rejects(verifier.redeem(good, order), { code: 'token_revoked' })
    assert.equal(await scripts(), false)
    isRevoked = false
    await verifier.redeem(good, order)
    assert.equal(await scripts(), true)
  }),
)

test('a cluster counts exactly while a slot moves', installed, async () => {
  const settings = ['--cluster-enabled', 'yes', '--appendonly', 'no', '--cluster-node-timeout', '2000']
  const servers = await Promise.all([0, 1, 2].map(() => startRedis([...settings])))
  const clients = await Promise.all(servers.map(({ port }) => connected(port)))
  try {
    const [first, second] = clients
    assert.ok(first && second)
    const per = Math.ceil(16_384 / 3)
    for (const [index, client] of clients.entries()) {
      const [from, to] = [index * per, Math.min(16_384, (index + 1) * per) - 1]
      await client.sendCommand(['CLUSTER', 'ADDSLOTSRANGE', `${from}`, `${to}`])
      await client.sendCommand(['CLUSTER', 'SET-CONFIG-EPOCH', `${index + 1}`])
    }
    for (const { port } of servers.slice(1)) await first.sendCommand(['CLUSTER', 'MEET', '127.0.0.1', `${port}`])
    for (const client of clients) {
      while (!String(await client.sendCommand(['CLUSTER', 'INFO'])).includes('cluster_state:ok')) await sleep(50)
    }
    while (!String(await first.sendCommand(['CLUSTER', 'INFO'])).includes('cluster_known_nodes:3')) await sleep(50)
    const cluster = createCluster({ rootNodes: servers.map(({ port }) => ({ url: `redis://127.0.0.1:${port}` })) })
    cluster.on('error', () => {})
    await cluster.connect()
    const store = redisStore(cluster, { timeoutSeconds: 10 })
    const slot = Number(await first.sendCommand(['CLUSTER', 'KEYSLOT', 'countersign:u:a']))
    const home = Math.floor(slot / per)
    const [from, to] = [clients[home], clients[(home + 1) % 3]]
    assert.ok(from && to)
    const [fromId, toId] = await Promise.all([from, to].map((client) => client.sendCommand(['CLUSTER', 'MYID'])))
    /** @type {(number | null)[]} */
    const left = []
    for (let spend = 0; spend < 40; spend += 1) {
      if (spend === 10) {
        await to.sendCommand(['CLUSTER', 'SETSLOT', `${slot}`, 'IMPORTING', String(fromId)])
        await from.sendCommand(['CLUSTER', 'SETSLOT', `${slot}`, 'MIGRATING', String(toId)])
        const { port } = /** @type {import('./stores/servers.js').Server} */ (servers[(home + 1) % 3])
        await from.sendCommand(['MIGRATE', '127.0.0.1', `${port}`, 'countersign:u:a', '0', '1000'])
      }
      if (spend === 20) {
        for (const client of [to, from])
          await client.sendCommand(['CLUSTER', 'SETSLOT', `${slot}`, 'NODE', String(toId)])
      }
      left.push(await store.spend('a', 30, soon()))
    }
    assert.deepEqual(left, [...EACH_ONCE, ...Array(10).fill(null)])
    cluster.destroy()
  } finally {
    for (const client of clients) client.destroy()
    await Promise.all(servers.map((server) => server.stop()))
  }
})

test('a failover grants again at most the spends that the replica had not received', installed, async () => {
  const primary = await startRedis(['--appendonly', 'no', '--repl-diskless-sync-delay', '0'])
  const replica = await startRedis(['--appendonly', 'no', '--replicaof', '127.0.0.1', `${primary.port}`])
  const [first, second] = await Promise.all([connected(primary.port), connected(replica.port)])
  try {
    while (!String(await second.info('replication')).includes('master_link_status:up')) await sleep(50)
    const store = redisStore(first)
    for (let spend = 0; spend < 20; spend += 1) await store.spend('a', 30, soon())
    while (Number(await first.sendCommand(['WAIT', '1', '1000'])) !== 1) await sleep(10)
    // The replica is cut off, and the old primary goes on answering.
    await second.sendCommand(['REPLICAOF', 'NO', 'ONE'])
    let unreplicated = 0
    for (let spend = 0; spend < 5; spend += 1) unreplicated += (await store.spend('a', 30, soon())) === null ? 0 : 1
    const promoted = redisStore(second)
    let granted = 20 + unreplicated
    for (let spend = 0; spend < 40; spend += 1) granted += (await promoted.spend('a', 30, soon())) === null ? 0 : 1
    assert.equal(granted, 30 + unreplicated)
  } finally {
    first.destroy()
    second.destroy()
    await replica.stop()
    await primary.stop()
  }
})

test('rules of deny lists are kept by their later moments, and forgotten 300 s after', installed, () =>
  withRedis(['--appendonly', 'no'], async (_, client) => {
    const store = redisStore(client)
    const now = Math.floor(Date.now() / 1000)
    await store.deny('a', now + 0.5, now + 100)
    await store.deny('a', now - 5, now + 50)
    assert.deepEqual(await store.denied(['b', 'a']), [null, now + 0.5])
    assert.equal(Math.round((await client.pExpireTime('countersign:d:a')) / 1000), now + 400)
    await store.deny('a', 253_402_300_800, now + 200)
    assert.deepEqual(await store.denied(['a']), [253_402_300_800])
    const evicting = redisStore(async (command) => (command.length === 4 ? 'maxmemory_policy:allkeys-lru\r\n' : ''))
    await assert.rejects(evicting.denied(['a']), { code: 'store_unavailable' })
  }),
)

test('a key that holds no rule is store_unavailable, and never a token that is not denied', installed, () =>
  withRedis(['--appendonly', 'no'], async (_, client) => {
    const store = redisStore(client)
    for (const value of ['', 'x', '5', 'nan 5', '5 x', ' 5', '-1 5', '0x5 5']) {
      await client.set('countersign:d:a', value)
      await assert.rejects(store.denied(['a']), { code: 'store_unavailable' }, value)
      await assert.rejects(store.deny('a', 5, soon()), { code: 'store_unavailable' }, value)
    }
    await client.del('countersign:d:a')
    await store.deny('a', 0.00001, soon())
    await store.deny('a', 0, soon())
    assert.deepEqual(await store.denied(['a']), [0.00001])
    for (const reply of [null, undefined, false, [], {}, 'x', -1, Buffer.from('')]) {
      const odd = redisStore(async (command) => (command.length === 4 && command[1]?.includes('INFO') ? '' : reply))
      const verified = /** @type {any} */ ({ id: 'a', claims: { iat: 5 } })
      await assert.rejects(denyList(odd).isRevoked(verified), TypeError, String(reply))
    }
  }),
)

test('options and clients that cannot mean anything are TypeErrors', () => {
  const send = async () => 0
  for (const options of [
    { prefx: '' },
    { prefix: 5 },
    { eviction: 'yes' },
    { timeoutSeconds: 0 },
    { timeoutSeconds: '2' },
    { timeoutSeconds: 61 },
  ]) {
    assert.throws(() => redisStore(send, /** @type {any} */ (options)), TypeError, JSON.stringify(options))
  }
  for (const client of [null, undefined, {}, 'redis://', { eval: send }]) {
    assert.throws(() => redisStore(/** @type {any} */ (client)), TypeError)
  }
})

test('a reply that is no count is never accepted', async () => {
  for (const reply of [NaN, '5x', -2, 30, 1.5, undefined, null, {}, [], true, Buffer.from('5')]) {
    const store = redisStore(async () => reply)
    await assert.rejects(store.spend('a', 30, soon()), { code: 'store_unavailable' }, String(reply))
  }
})
