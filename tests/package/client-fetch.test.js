// @ts-check
/** `clientCredentials().fetch`: where the token goes, what is sent again, and how often a token is renewed. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { clientCredentials } from 'countersign/client'
import { granted, serve } from './client-lib.js'

/** @typedef {Awaited<ReturnType<typeof serve>>} Server */

/**
 * @typedef {object} Given
 * @property {Server} api
 * @property {import('countersign/client').TokenClient} client
 * @property {string} url
 * @property {() => number} asked Requests to the issuer.
 * @property {(seconds: number) => void} set
 */

/** @type {Server} */
let issuer
before(async () => {
  issuer = await serve((_, count) => granted(count))
})
after(() => issuer.close())

/**
 * An API that accepts the tokens that `accepts` names, and a client that may send it tokens.
 *
 * @param {(token: string, request: import('./client-lib.js').Received) => import('./client-lib.js').Answered} handle
 * @param {(given: Given) => Promise<void>} use
 */
async function withApi(handle, use) {
  const api = await serve((request) => handle((request.headers.authorization ?? '').replace('Bearer ', ''), request))
  const first = issuer.received.length
  let seconds = 1_800_000_000
  const client = clientCredentials({
    tokenUrl: `${issuer.origin}/token`,
    clientId: 'client',
    clientSecret: 'secret',
    origins: [api.origin],
    clock: () => seconds,
  })
  try {
    await use({
      api,
      client,
      url: `${api.origin}/x`,
      asked: () => issuer.received.length - first,
      set: (value) => (seconds = value),
    })
  } finally {
    await api.close()
  }
}

const OK = { body: { ok: true } }
const REFUSED = { status: 401, headers: { 'www-authenticate': 'Bearer error="invalid_token"' } }

test('the token goes to a listed origin, with the request as it was given', () =>
  withApi(
    () => OK,
    async ({ api, client, url, asked }) => {
      const { fetch } = client
      assert.deepEqual(
        await (
          await fetch(url, { method: 'PUT', headers: { 'x-a': 'b', authorization: 'Basic x' }, body: 'text' })
        ).json(),
        { ok: true },
      )
      await fetch(new URL(url))
      await fetch(new Request(url, { method: 'POST', headers: { 'x-c': 'd' }, body: 'request' }))
      const [first, second, third] = api.received
      assert.deepEqual([first?.method, first?.headers['x-a'], first?.body], ['PUT', 'b', 'text'])
      assert.deepEqual(
        [second?.method, third?.method, third?.headers['x-c'], third?.body],
        ['GET', 'POST', 'd', 'request'],
      )
      for (const { headers } of api.received) assert.match(headers.authorization ?? '', /^Bearer token-\d+$/)
      assert.equal(asked(), 1)
      assert.equal(client.stats.calls, 3)
    },
  ))

test('another origin gets nothing: no request leaves', () =>
  withApi(
    () => OK,
    async ({ api, client, url, asked }) => {
      const { port } = new URL(url)
      for (const target of [
        `http://localhost:${port}/x`,
        `https://127.0.0.1:${port}/x`,
        `http://127.0.0.1:${Number(port) - 1}/x`,
        `http://127.0.0.1:${port}@evil.example/x`,
        'https://evil.example/',
        'data:text/plain,x',
        'file:///etc/hosts',
        new Request('https://evil.example/'),
      ]) {
        await assert.rejects(client.fetch(target), TypeError)
      }
      await assert.rejects(client.fetch('/relative'), TypeError)
      assert.deepEqual([api.received.length, asked()], [0, 0])
    },
  ))

test('no redirect is followed: the other origin, captured, gets no request, and the caller sees the 3xx', async () => {
  const other = await serve(() => OK)
  for (const status of [301, 302, 303, 307, 308]) {
    await withApi(
      (_, request) => (request.url === '/x' ? { status, headers: { location: `${other.origin}/stolen` } } : OK),
      async ({ api, client, url }) => {
        assert.equal((await client.fetch(url, { redirect: 'follow' })).status, status)
        assert.equal((await client.fetch(new Request(url))).status, status)
        assert.equal(api.received.length, 2)
      },
    )
  }
  assert.equal(other.received.length, 0)
  await other.close()
})

test('200 parallel 401s cost one renewal and 200 retries', () => {
  /** @type {string | undefined} */
  let old
  return withApi(
    (token) => {
      old ??= token
      return token === old ? REFUSED : OK
    },
    async ({ api, client, url, asked }) => {
      const responses = await Promise.all(Array.from({ length: 200 }, () => client.fetch(url)))
      assert.ok(responses.every(({ status }) => status === 200))
      assert.deepEqual([asked(), api.received.length], [2, 400])
    },
  )
})

test('a permanently refused token costs two requests per 30 s, however many calls', () =>
  withApi(
    () => REFUSED,
    async ({ api, client, url, asked, set }) => {
      const calls = () => Promise.all(Array.from({ length: 50 }, () => client.fetch(url)))
      for (const response of await calls()) assert.equal(response.status, 401)
      await calls()
      assert.equal(asked(), 2)
      assert.ok(api.received.length <= 200)
      set(1_800_000_029)
      await calls()
      assert.equal(asked(), 2)
      set(1_800_000_031)
      await calls()
      assert.equal(asked(), 3)
    },
  ))

test('a body that can be sent again is, and no other', async () => {
  const form = new FormData()
  form.set('a', 'b')
  const stream = () => new Blob(['stream']).stream()
  for (const [what, init, times, expected] of /** @type {[string, any, number, string | RegExp][]} */ ([
    ['none', {}, 2, ''],
    ['text', { body: 'text' }, 2, 'text'],
    ['bytes', { body: new TextEncoder().encode('bytes') }, 2, 'bytes'],
    ['a buffer', { body: new TextEncoder().encode('buffer').buffer }, 2, 'buffer'],
    ['a Blob', { body: new Blob(['blob']) }, 2, 'blob'],
    ['URLSearchParams', { body: new URLSearchParams('a=b') }, 2, 'a=b'],
    ['FormData', { body: form }, 2, /name="a"\r\n\r\nb\r\n/],
    ['a stream', { body: stream(), duplex: 'half' }, 1, 'stream'],
    [
      'an iterable',
      {
        body: (async function* () {
          yield new TextEncoder().encode('iterable')
        })(),
        duplex: 'half',
      },
      1,
      'iterable',
    ],
  ])) {
    await withApi(
      () => REFUSED,
      async ({ api, client, url }) => {
        const response = await client.fetch(url, { method: what === 'none' ? 'GET' : 'POST', ...init })
        assert.equal(response.status, 401)
        assert.equal(api.received.length, times, what)
        for (const { body } of api.received)
          typeof expected === 'string' ? assert.equal(body, expected) : assert.match(body, expected)
      },
    )
  }
  await withApi(
    () => REFUSED,
    async ({ api, client, url }) => {
      await client.fetch(new Request(url, { method: 'POST', body: 'x' }))
      assert.equal(api.received.length, 1)
      const used = new Request(url, { method: 'POST', body: 'x' })
      await used.text()
      await assert.rejects(client.fetch(used), TypeError)
      await client.fetch(new Request(url, { method: 'POST', body: 'x' }), { body: 'of init' })
      assert.deepEqual(
        api.received.slice(1).map(({ body }) => body),
        ['of init', 'of init'],
      )
    },
  )
})

test('a 401 about the token is retried; one about another scheme, a 403 and a 500 are not', async () => {
  for (const [status, challenge, times] of /** @type {const} */ ([
    [401, 'Bearer', 2],
    [401, 'bearer realm="x"', 2],
    [401, 'Basic realm="x", Bearer', 2],
    [401, 'DPoP algs="ES256"', 2],
    [401, undefined, 2],
    [401, 'Basic realm="x"', 1],
    [401, 'Bearerish', 1],
    [401, 'DPoP error="use_dpop_nonce"', 1],
    [403, 'Bearer error="insufficient_scope"', 1],
    [500, undefined, 1],
  ])) {
    await withApi(
      () => ({ status, headers: challenge === undefined ? {} : { 'www-authenticate': challenge } }),
      async ({ api, client, url }) => {
        assert.equal((await client.fetch(url)).status, status)
        assert.equal(api.received.length, times, challenge)
      },
    )
  }
})

test('a renewal that fails after a 401 gives the 401, and the next call still has its token', async () => {
  const endpoint = await serve((_, count) => (count === 1 ? granted(count) : { status: 500 }))
  const api = await serve(() => REFUSED)
  const client = clientCredentials({
    tokenUrl: endpoint.origin,
    clientId: 'x',
    clientSecret: 'y',
    origins: [`${api.origin}/`],
  })
  assert.equal((await client.fetch(api.origin)).status, 401)
  assert.equal((await client.fetch(api.origin)).status, 401)
  assert.equal(await client.token(), 'token-1')
  assert.equal(endpoint.received.length, 2)
  await endpoint.close()
  await api.close()
})

test('the scheme is that of token_type', async () => {
  for (const [type, scheme] of /** @type {const} */ ([
    ['bearer', 'Bearer'],
    ['BEARER', 'Bearer'],
    ['DPoP', 'DPoP'],
  ])) {
    const endpoint = await serve((_, count) => granted(count, { token_type: type }))
    const api = await serve(() => OK)
    const client = clientCredentials({
      tokenUrl: endpoint.origin,
      clientId: 'x',
      clientSecret: 'y',
      origins: [api.origin],
    })
    await client.fetch(api.origin)
    assert.equal(api.received[0]?.headers.authorization, `${scheme} token-1`)
    await endpoint.close()
    await api.close()
  }
})

test('an init that is not a plain object is a TypeError: the members of a Request would be lost', () =>
  withApi(
    () => OK,
    async ({ api, client, url }) => {
      for (const init of [new Request(url, { method: 'DELETE' }), 'x', 7, [], null]) {
        await assert.rejects(client.fetch(url, /** @type {any} */ (init)), TypeError)
      }
      assert.equal(api.received.length, 0)
    },
  ))

test('headers from an iterator are sent again too', () =>
  withApi(
    () => REFUSED,
    async ({ api, client, url }) => {
      const headers = new Map([['x-a', 'b']]).entries()
      await client.fetch(url, { headers: /** @type {any} */ (headers) })
      assert.deepEqual(
        api.received.map((request) => request.headers['x-a']),
        ['b', 'b'],
      )
    },
  ))

test('without origins, fetch sends nothing', async () => {
  const client = clientCredentials({ tokenUrl: issuer.origin, clientId: 'x', clientSecret: 'y' })
  await assert.rejects(client.fetch(issuer.origin), { name: 'TypeError', message: /origins/ })
})
