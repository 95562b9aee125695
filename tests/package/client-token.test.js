// @ts-check
/** `clientCredentials().token()`: how often it asks, what it hands out meanwhile, and what it refuses. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { ClientError, clientCredentials } from 'countersign/client'
import { granted, SECRET, serve } from './client-lib.js'

/** @typedef {import('countersign/client').ClientCredentialsOptions} Options */

/**
 * @typedef {object} Given
 * @property {() => number} now
 * @property {(seconds: number) => void} set
 * @property {import('countersign/client').TokenClient} client
 * @property {Awaited<ReturnType<typeof serve>>} endpoint
 */

/**
 * A client of an endpoint, with a clock that the test sets.
 *
 * @param {Parameters<typeof serve>[0]} handle
 * @param {(given: Given) => Promise<void>} use
 * @param {Record<string, unknown>} [options]
 */
async function withClient(handle, use, options = {}) {
  const endpoint = await serve(handle)
  let seconds = 1_800_000_000
  const client = clientCredentials(
    /** @type {Options} */ ({
      tokenUrl: `${endpoint.origin}/token`,
      clientId: 'client',
      clientSecret: SECRET,
      clock: () => seconds,
      ...options,
    }),
  )
  try {
    await use({ now: () => seconds, set: (value) => (seconds = value), client, endpoint })
  } finally {
    await endpoint.close()
  }
}

/** Until the background renewal has ended. @param {() => boolean} holds */
async function until(holds) {
  const end = Date.now() + 20_000
  while (!holds()) {
    assert.ok(Date.now() < end, 'the condition did not become true')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

test('1,000 concurrent calls cost one request and get one token', () =>
  withClient(
    async (_, count) => {
      await new Promise((resolve) => setTimeout(resolve, 30))
      return granted(count)
    },
    async ({ client, endpoint }) => {
      const tokens = await Promise.all(Array.from({ length: 1000 }, () => client.token()))
      assert.deepEqual([...new Set(tokens)], ['token-1'])
      assert.equal(endpoint.received.length, 1)
      assert.deepEqual(client.stats, { calls: 1000, requests: 1, failures: 0, storageFailures: 0 })
    },
  ))

for (const [life, most] of /** @type {const} */ ([
  [3600, 26],
  [86_400, 3],
])) {
  test(`at most two token requests in any hour, for tokens of ${life} s, and ${most} in 25 hours`, async () => {
    /** When each request arrived, by the client's clock. @type {number[]} */
    const asked = []
    let time = () => 0
    await withClient(
      (_, count) => {
        asked.push(time())
        return granted(count, { expires_in: life })
      },
      async ({ client, endpoint, set, now }) => {
        time = now
        const start = now()
        for (let second = 0; second <= 90_000; second += 30) {
          set(start + second)
          await Promise.all(Array.from({ length: 3 }, () => client.token()))
          // The clock stands still until a renewal in the background has ended.
          const { requests } = client.stats
          await until(() => endpoint.received.length === requests)
        }
      },
    )
    for (const first of asked) {
      const within = asked.filter((at) => at >= first && at < first + 3600)
      assert.ok(within.length <= 2, `${within.length} requests in an hour`)
    }
    assert.ok(asked.length <= most && asked.length >= Math.floor(90_000 / life), `${asked.length} requests`)
  })
}

test('the old token serves meanwhile: the endpoint down for the whole window fails no call', () => {
  let isDown = false
  return withClient(
    (_, count) => (isDown ? 'destroy' : granted(count)),
    async ({ client, set, now }) => {
      const start = now()
      assert.equal(await client.token(), 'token-1')
      isDown = true
      for (let second = 3460; second < 3600; second += 1) {
        set(start + second)
        assert.equal(await client.token(), 'token-1')
      }
      assert.ok(client.stats.failures > 0)
      assert.ok(client.stats.requests < 16, `${client.stats.requests} requests while the endpoint was down`)
      set(start + 3600)
      await assert.rejects(client.token(), { code: 'endpoint_unreachable', status: null })
      isDown = false
      set(start + 3640)
      assert.match(await client.token(), /^token-/)
    },
  )
})

test('renewal: before the window at once, in it in the background, in the last ten seconds the call waits', () =>
  withClient(
    (_, count) => granted(count),
    async ({ client, endpoint, set, now }) => {
      const start = now()
      await client.token()
      set(start + 3467)
      assert.equal(await client.token(), 'token-1')
      assert.equal(endpoint.received.length, 1)
      set(start + 3481)
      assert.equal(await client.token(), 'token-1')
      await until(() => endpoint.received.length === 2)
      await until(() => client.stats.requests === 2)
      assert.equal(await eventually(client, 'token-2'), 'token-2')
      set(start + 3481 + 3591)
      assert.equal(await client.token(), 'token-3')
    },
  ))

/** @param {import('countersign/client').TokenClient} client @param {string} expected */
async function eventually(client, expected) {
  let token = await client.token()
  const end = Date.now() + 20_000
  while (token !== expected && Date.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 5))
    token = await client.token()
  }
  return token
}

for (const [what, members, life] of /** @type {const} */ ([
  ['"3600"', { expires_in: '3600' }, 3600],
  ['absent', { expires_in: undefined }, 60],
  ['0', { expires_in: 0 }, 60],
  ['-1', { expires_in: -1 }, 60],
  ['no number', { expires_in: 'soon' }, 60],
  ['1e99', { expires_in: 1e99 }, 2_592_000],
  ['null', { expires_in: null }, 60],
])) {
  test(`expires_in ${what}: the token ends after ${life} s`, () =>
    withClient(
      (_, count) => granted(count, members),
      async ({ client, endpoint, set, now }) => {
        const start = now()
        await client.token()
        set(start + life / 2 - 1)
        await client.token()
        assert.equal(endpoint.received.length, 1)
        set(start + life)
        assert.equal(await client.token(), 'token-2')
      },
    ))
}

test('without expires_in the life is lifetimeSeconds, else the time to the exp of the token', async () => {
  const exp = 1_800_000_500
  const jwt = `x.${Buffer.from(JSON.stringify({ exp })).toString('base64url')}.x`
  const handle = (/** @type {unknown} */ _, /** @type {number} */ count) =>
    granted(count, { access_token: count === 1 ? jwt : `token-${count}`, expires_in: undefined })
  await withClient(handle, async ({ client, set }) => {
    assert.equal(await client.token(), jwt)
    set(exp - 60)
    assert.equal(await client.token(), jwt)
    set(exp)
    assert.equal(await client.token(), 'token-2')
  })
  await withClient(
    handle,
    async ({ client, set, now }) => {
      await client.token()
      set(now() + 999)
      assert.equal(await client.token(), 'token-2')
    },
    { lifetimeSeconds: 1000 },
  )
})

test('an endpoint that hands out one token until its end is not asked again and again', () => {
  let end = 0
  return withClient(
    (_, count) => {
      const left = end - clock
      return granted(count, left > 0 ? { access_token: 'same', expires_in: left } : { expires_in: 3600 })
    },
    async ({ client, endpoint, set, now }) => {
      const start = now()
      end = start + 3600
      clock = start
      for (let second = 0; second < 3600; second += second < 3400 ? 100 : 1) {
        clock = start + second
        set(clock)
        assert.equal(await client.token(), 'same')
        await new Promise((resolve) => setImmediate(resolve))
      }
      await until(() => client.stats.requests === endpoint.received.length)
      assert.ok(endpoint.received.length <= 2, `${endpoint.received.length} requests`)
    },
  )
})
let clock = 0

test('fresh: a storm of refusals costs one request, and a permanently refused token two in 30 s', () =>
  withClient(
    (_, count) => granted(count),
    async ({ client, endpoint, set, now }) => {
      assert.equal(await client.token(), 'token-1')
      const storm = await Promise.all(Array.from({ length: 200 }, () => client.token({ fresh: true })))
      assert.deepEqual([...new Set(storm)], ['token-2'])
      assert.equal(endpoint.received.length, 2)
      const start = now()
      for (let second = 1; second < 30; second += 1) {
        set(start + second)
        assert.equal(await client.token({ fresh: true }), 'token-2')
        assert.equal(await client.token({ refused: 'token-1' }), 'token-2')
      }
      assert.equal(endpoint.received.length, 2)
      set(start + 31)
      assert.equal(await client.token({ refused: 'token-2' }), 'token-3')
    },
  ))

test('a refusal during a renewal that began before it is not lost: the run does not count as its answer', () => {
  /** @type {(value?: unknown) => void} */
  let release = () => {}
  const held = new Promise((resolve) => (release = resolve))
  return withClient(
    async (_, count) => {
      if (count === 2) await held
      return granted(count)
    },
    async ({ client, endpoint, set, now }) => {
      await client.token()
      set(now() + 3500)
      assert.equal(await client.token(), 'token-1')
      await until(() => endpoint.received.length === 2)
      const fresh = client.token({ refused: 'token-1' })
      release()
      assert.equal(await fresh, 'token-3')
      assert.equal(await client.token(), 'token-3')
    },
  )
})

test('while a renewal after a refusal fails, other callers keep the token', () =>
  withClient(
    (_, count) => (count === 1 ? granted(count) : { status: 503 }),
    async ({ client }) => {
      await client.token()
      await assert.rejects(client.token({ fresh: true }), { code: 'request_refused', status: 503 })
      assert.equal(await client.token(), 'token-1')
    },
  ))

test('failures: 1, 2, 4 … 30 s without a request; Retry-After and invalid_client lengthen it', async () => {
  await withClient(
    () => ({ status: 500 }),
    async ({ client, endpoint, set, now }) => {
      const start = now()
      for (let second = 0; second < 120; second += 1) {
        set(start + second)
        await assert.rejects(client.token(), ClientError)
      }
      assert.deepEqual(endpoint.received.length, 8)
    },
  )
  for (const [answer, pause] of /** @type {const} */ ([
    [{ status: 401, body: { error: 'invalid_client' } }, 30],
    [{ status: 400, body: { error: 'unauthorized_client' } }, 30],
    [{ status: 429, headers: { 'retry-after': '120' } }, 120],
    [{ status: 503, headers: { 'retry-after': '86400' } }, 300],
    [{ status: 503, headers: { 'retry-after': '9'.repeat(400) } }, 300],
  ])) {
    await withClient(
      () => answer,
      async ({ client, endpoint, set, now }) => {
        const start = now()
        await assert.rejects(client.token(), { status: answer.status })
        set(start + pause - 1)
        await assert.rejects(client.token(), { status: answer.status })
        assert.equal(endpoint.received.length, 1)
        set(start + pause)
        await assert.rejects(client.token(), { status: answer.status })
        assert.equal(endpoint.received.length, 2)
      },
    )
  }
})

test('a wall clock that steps back changes nothing', () =>
  withClient(
    (_, count) => granted(count),
    async ({ client, endpoint, set, now }) => {
      await client.token()
      set(now() - 86_400)
      await client.token()
      assert.equal(endpoint.received.length, 1)
    },
  ))

test('an answer that is not the documented one is response_invalid, and holds nothing of the answer', async () => {
  for (const answer of [
    { body: '' },
    { body: 'null' },
    { body: '[]' },
    { body: '<html>' },
    { body: { token_type: 'Bearer' } },
    { body: { access_token: 'x' } },
    { body: { access_token: 7, token_type: 'Bearer' } },
    { body: { access_token: '', token_type: 'Bearer' } },
    { body: { access_token: 'a b', token_type: 'Bearer' } },
    { body: { access_token: 'a\r\nx: y', token_type: 'Bearer' } },
    { body: { access_token: 'x', token_type: 'mac' } },
    { body: { access_token: 'x', token_type: ['Bearer'] } },
    { body: { access_token: 'x'.repeat(16_385), token_type: 'Bearer' } },
    { body: ' '.repeat(300_000) },
    { status: 201, body: { access_token: 'x', token_type: 'Bearer' } },
    { status: 204, body: '' },
    { status: 302, headers: { location: '/token' } },
    { status: 307, headers: { location: '/token' } },
  ]) {
    await withClient(
      () => answer,
      async ({ client, endpoint }) => {
        await assert.rejects(client.token(), {
          name: 'ClientError',
          code: 'response_invalid',
          status: answer.status ?? 200,
        })
        assert.equal(endpoint.received.length, 1)
      },
    )
  }
})

test('an endpoint that never answers, and one that drips, end at timeoutSeconds', async () => {
  await withClient(
    () => undefined,
    async ({ client }) => {
      await assert.rejects(client.token(), { code: 'endpoint_unreachable', status: null })
    },
    { timeoutSeconds: 0.2 },
  )
  // A `fetch` that ignores its signal.
  await withClient(
    () => undefined,
    async ({ client }) => {
      await assert.rejects(client.token(), { code: 'endpoint_unreachable' })
      await assert.rejects(client.token(), { code: 'endpoint_unreachable' })
      assert.equal(client.stats.requests, 1)
    },
    { timeoutSeconds: 0.2, fetch: () => new Promise(() => {}) },
  )
})

test('no secret and no token in an error, its JSON, or what util.inspect prints of error and client', async () => {
  for (const answer of [
    { status: 400, body: { error: SECRET, error_description: SECRET } },
    { status: 401, body: { error: 'invalid_client', error_description: SECRET } },
    { body: { access_token: 'very-secret-token' } },
  ]) {
    await withClient(
      () => answer,
      async ({ client }) => {
        const error = await client.token().catch((/** @type {unknown} */ caught) => caught)
        assert.ok(error instanceof ClientError)
        const printed = [
          inspect(error, { showHidden: true, depth: 9 }),
          JSON.stringify(error),
          String(error),
          error.stack,
        ]
        printed.push(inspect(client, { showHidden: true, depth: 9 }), JSON.stringify(client))
        for (const text of printed) {
          assert.ok(!text?.includes('a:secret') && !text?.includes('very-secret') && !text?.includes('秘密'), text)
        }
      },
    )
  }
  await withClient(
    (_, count) => granted(count, { access_token: 'very-secret-token' }),
    async ({ client }) => {
      await client.token()
      const text = inspect(client, { showHidden: true, depth: 9, getters: true })
      assert.ok(!text.includes('very-secret') && !text.includes('a:secret'), text)
    },
  )
  // The error of a caller's `fetch` may hold the request: it is not kept.
  await withClient(
    () => undefined,
    async ({ client }) => {
      const error = await client.token().catch((/** @type {unknown} */ caught) => caught)
      assert.ok(!inspect(error, { showHidden: true }).includes('a%3Asecret'))
    },
    {
      fetch: (/** @type {unknown} */ _, /** @type {RequestInit} */ init) =>
        Promise.reject(Object.assign(new Error(String(init.body)), { init })),
      auth: 'post',
    },
  )
})

test('after disposal the token is gone and the client refuses', () =>
  withClient(
    (_, count) => granted(count),
    async ({ client }) => {
      await client.token()
      client[Symbol.dispose]()
      await assert.rejects(client.token(), TypeError)
      await assert.rejects(client.token({ fresh: true }), TypeError)
    },
  ))

/** What a storage of the next test holds. */
let record = ''

test('storage: another isolate uses the token; a due or refused one is not used; failures cost no call', async () => {
  /** @type {Map<string, string>} */
  const kept = new Map()
  const storage = {
    read: async (/** @type {string} */ key) => kept.get(key) ?? null,
    write: async (/** @type {string} */ key, /** @type {string} */ text) => void kept.set(key, text),
  }
  await withClient(
    (_, count) => granted(count),
    async ({ client, endpoint, set, now }) => {
      assert.equal(await client.token(), 'token-1')
      await until(() => kept.size === 1)
      const [key = ''] = kept.keys()
      assert.match(key, /^countersign-[0-9a-f]{64}$/)
      const options = /** @type {const} */ ({
        tokenUrl: `${endpoint.origin}/token`,
        clientId: 'client',
        clientSecret: 'x',
        storage,
      })
      const other = clientCredentials({ ...options, clock: now })
      assert.equal(await other.token(), 'token-1')
      assert.equal(endpoint.received.length, 1)
      assert.equal(await other.token({ refused: 'token-1' }), 'token-2')
      assert.equal(await clientCredentials({ ...options, scope: 'x', clock: now }).token(), 'token-3')
      set(now() + 3500)
      assert.equal(await clientCredentials({ ...options, clock: now }).token(), 'token-4')
    },
    { storage },
  )
  await withClient(
    (_, count) => granted(count),
    async ({ client, set, now }) => {
      assert.equal(await client.token(), 'token-1')
      const newer = { token: 'newer', scheme: 'Bearer', lifeSeconds: 3600, obtainedAt: now() + 1 }
      record = JSON.stringify({ ...newer, token: 'older', obtainedAt: now() - 1 })
      assert.equal(await client.token({ refused: 'token-1' }), 'token-2')
      record = JSON.stringify(newer)
      set(now() + 31)
      assert.equal(await client.token({ refused: 'token-2' }), 'newer')
      assert.equal(await client.token(), 'newer')
      assert.equal(client.stats.requests, 2)
    },
    { storage: { read: async () => record, write: async () => {} } },
  )
  for (const text of [
    '',
    '{',
    'null',
    '{"token":"evil"}',
    '{"token":"a b","scheme":"Bearer","lifeSeconds":60,"obtainedAt":1}',
  ]) {
    await withClient(
      (_, count) => granted(count),
      async ({ client }) => assert.equal(await client.token(), 'token-1'),
      { storage: { read: async () => text, write: async () => {} } },
    )
  }
  const future = { token: 'evil', scheme: 'Bearer', lifeSeconds: 3600, obtainedAt: 1_800_000_000 + 3600 }
  for (const read of [
    async () => JSON.stringify(future),
    async () => JSON.stringify({ ...future, obtainedAt: 1_700_000_000 }),
    async () => JSON.stringify({ ...future, obtainedAt: 1_800_000_000, lifeSeconds: 1e99 }),
    () => Promise.reject(new Error('down')),
    () => {
      throw new Error('down')
    },
    () => new Promise(() => {}),
  ]) {
    await withClient(
      (_, count) => granted(count),
      async ({ client }) => {
        assert.equal(await client.token(), 'token-1')
        await until(() => client.stats.storageFailures > 0 || read.length === 0)
      },
      { storage: { read, write: () => Promise.reject(new Error('down')) } },
    )
  }
})
