// @ts-check
/** Revocation: deny lists, status lists over real HTTP, and several sources as one. */

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { test } from 'node:test'
import { deflateSync } from 'node:zlib'
import { anySource, denyList, memoryStore, statusLists, TokenError, UnavailableError, Verifier } from 'countersign'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'

const NOW = 1_700_000_000
const SECRET = new TextEncoder().encode('a secret of thirty-two octets!!!')
const clock = () => NOW
const ANY = { issuer: null, audience: null, keys: { secret: SECRET }, clock }

/** @param {Record<string, unknown>} [claims] */
const mint = (claims = {}) =>
  new SignJWT({ iss: 'https://issuer.example', sub: 'reader', iat: NOW - 100, exp: NOW + 3600, jti: 'a', ...claims })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(SECRET)

/** @param {Promise<unknown>} verification */
const codeOf = (verification) =>
  verification.then(
    () => 'ok',
    (error) => (error instanceof TokenError || error instanceof UnavailableError ? error.code : String(error)),
  )

const ISSUER = 'https://issuer.example'
const until = NOW + 7200

test('a token that was revoked is refused in every spelling and by every verifier of the store', async () => {
  const store = memoryStore({ clock })
  const list = denyList(store)
  const verifier = new Verifier({ ...ANY, revocation: list })
  assert.equal(await codeOf(verifier.verifyAsync(await mint())), 'ok')
  await list.revoke(verifier.verify(await mint()))
  await assert.rejects(verifier.verifyAsync(await mint({ n: 1 })), (error) => {
    assert.ok(error instanceof TokenError)
    assert.deepEqual(error.toJSON(), { code: 'token_revoked', status: 401 })
    return true
  })
  assert.equal(
    await codeOf(new Verifier({ ...ANY, revocation: denyList(store) }).redeem(await mint())),
    'token_revoked',
  )
  assert.equal(await codeOf(verifier.verifyAsync(await mint({ jti: 'b' }))), 'ok')
  assert.equal(await codeOf(verifier.verifyAsync(await mint({ iss: 'https://another.example' }))), 'ok')
})

test('logged out everywhere: all tokens of a subject that were issued before the moment, and no later one', async () => {
  const list = denyList(memoryStore({ clock }))
  const verifier = new Verifier({ ...ANY, revocation: list })
  await list.revokeSubject({ issuer: ISSUER, subject: 'reader', issuedBefore: NOW, until })
  for (const [claims, code] of /** @type {const} */ ([
    [{ iat: NOW - 1 }, 'token_revoked'],
    [{ iat: NOW - 0.5 }, 'token_revoked'],
    [{ iat: NOW }, 'ok'],
    [{ iat: undefined }, 'token_revoked'],
    [{ sub: 'writer' }, 'ok'],
    [{ iss: 'https://another.example' }, 'ok'],
    [{ iss: undefined }, 'ok'],
  ])) {
    assert.equal(await codeOf(verifier.verifyAsync(await mint(claims))), code, JSON.stringify(claims))
  }
  await list.revokeSubject({ issuer: ISSUER, subject: 'reader', issuedBefore: NOW - 50, until })
  assert.equal(
    await codeOf(verifier.verifyAsync(await mint({ iat: NOW - 1 }))),
    'token_revoked',
    'a moment does not move back',
  )
})

test('a session is revoked by its sid', async () => {
  const list = denyList(memoryStore({ clock }))
  const verifier = new Verifier({ ...ANY, revocation: list })
  await list.revokeSession({ issuer: ISSUER, session: 's1', until })
  assert.equal(await codeOf(verifier.verifyAsync(await mint({ sid: 's1' }))), 'token_revoked')
  assert.equal(await codeOf(verifier.verifyAsync(await mint({ sid: 's2' }))), 'ok')
  assert.equal(await codeOf(verifier.verifyAsync(await mint({ sub: 's1' }))), 'ok', 'kinds are separate')
})

test('the store is asked about every token unless an age is allowed; what is denied is remembered', async () => {
  const memory = memoryStore({ clock })
  let asked = 0
  const store = {
    /** @type {import('countersign').DenyStore['deny']} */
    deny: (...rule) => memory.deny(...rule),
    /** @type {import('countersign').DenyStore['denied']} */
    denied: (keys) => ((asked += 1), memory.denied(keys)),
  }
  for (const [options, expected] of /** @type {const} */ ([
    [{}, 3],
    [{ maxAgeSeconds: 60 }, 1],
  ])) {
    asked = 0
    const verifier = new Verifier({ ...ANY, revocation: denyList(store, options) })
    for (let call = 0; call < 3; call += 1) assert.equal(await codeOf(verifier.verifyAsync(await mint())), 'ok')
    assert.equal(asked, expected)
  }
  const list = denyList(store)
  const verifier = new Verifier({ ...ANY, revocation: list })
  await list.revoke(verifier.verify(await mint()))
  asked = 0
  for (let call = 0; call < 3; call += 1)
    assert.equal(await codeOf(verifier.verifyAsync(await mint())), 'token_revoked')
  assert.equal(asked, 1)
})

test('a deny list whose store fails, or answers with no rules, is store_unavailable', async () => {
  const fail = async () => {
    throw new TypeError('down')
  }
  for (const denied of [fail, async () => [], async () => null, async () => ['x', 'y'], () => new Promise(() => {})]) {
    const revocation = denyList({ deny: fail, denied: /** @type {any} */ (denied) })
    assert.equal(await codeOf(new Verifier({ ...ANY, revocation }).verifyAsync(await mint())), 'store_unavailable')
  }
})

test('any source that says yes refuses; a failure without a yes is store_unavailable', async () => {
  const yes = { isRevoked: async () => true }
  const no = { isRevoked: async () => false }
  const fails = { isRevoked: async () => Promise.reject(new Error('down')) }
  const odd = { isRevoked: async () => /** @type {any} */ ('no') }
  for (const [sources, code] of /** @type {[any[], string][]} */ ([
    [[no, yes], 'token_revoked'],
    [[fails, yes], 'token_revoked'],
    [[yes, fails], 'token_revoked'],
    [[no, no], 'ok'],
    [[no, fails], 'store_unavailable'],
    [[odd, no], 'store_unavailable'],
  ])) {
    const verifier = new Verifier({ ...ANY, revocation: anySource(...sources) })
    assert.equal(await codeOf(verifier.verifyAsync(await mint())), code)
  }
  const never = { isRevoked: () => new Promise((/** @type {(value: boolean) => void} */ _) => {}) }
  assert.equal(
    await anySource(never, fails, yes).isRevoked(/** @type {any} */ ({})),
    true,
    'a yes waits for no other source',
  )
  assert.throws(() => anySource(), TypeError)
  assert.throws(() => anySource(/** @type {any} */ ({})), TypeError)
})

// Status lists

const { publicKey, privateKey } = await generateKeyPair('ES256')
const keys = { jwk: await exportJWK(publicKey) }
const VECTORS = JSON.parse(readFileSync(new URL('revocation/status-lists.json', import.meta.url), 'utf8'))

/** @param {Uint8Array | number[]} octets */
const lstOf = (octets) => deflateSync(Uint8Array.from(octets)).toString('base64url')

/**
 * A server of status lists on loopback.
 *
 * @param {(uri: string, path: string) => Promise<{ status?: number, headers?: Record<string, string>, body?: string
 *   | Buffer } | 'never'>} respond
 * @param {(origin: string, requests: string[]) => Promise<void>} use
 */
async function serving(respond, use) {
  /** @type {string[]} */
  const requests = []
  const server = createServer(async (request, response) => {
    requests.push(String(request.url))
    const found = await respond(`${origin}${request.url}`, String(request.url))
    if (found === 'never') return
    response.writeHead(found.status ?? 200, { 'content-type': 'application/statuslist+jwt', ...found.headers })
    response.end(found.body)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`
  try {
    await use(origin, requests)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

/**
 * @param {string} uri
 * @param {Record<string, unknown>} [claims]
 * @param {{ typ?: string, key?: any, alg?: string }} [by]
 */
const listToken = (uri, claims = {}, { typ = 'statuslist+jwt', key = privateKey, alg = 'ES256' } = {}) =>
  new SignJWT({ sub: uri, iat: NOW - 10, status_list: { bits: 1, lst: 'eNrbuRgAAhcBXQ' }, ...claims })
    .setProtectedHeader({ alg, typ })
    .sign(key)

/** @param {string} uri @param {number} idx */
const referring = (uri, idx) => mint({ status: { status_list: { uri, idx } } })

/** @param {string} origin @param {{}} [options] */
const under = (origin, options = {}) =>
  new Verifier({ ...ANY, revocation: statusLists({ keys, uris: [origin], clock, ...options }) })

for (const { bits, lst, statuses } of VECTORS) {
  test(`the draft’s list of ${bits} bits with ${statuses.length} statuses is read as the draft reads it`, () =>
    serving(
      async (uri) => ({ body: await listToken(uri, { status_list: { bits, lst } }) }),
      async (origin, requests) => {
        const source = statusLists({ keys, uris: [origin], clock })
        for (const [idx, status] of statuses) {
          const token = /** @type {any} */ ({ claims: { status: { status_list: { uri: `${origin}/1`, idx } } } })
          assert.equal(await source.isRevoked(token), status !== 0, `${idx}`)
        }
        assert.equal(requests.length, 1)
      },
    ))
}

test('anything but 0 is token_revoked and blames status; 0 passes', () =>
  serving(
    async (uri) => ({ body: await listToken(uri, { status_list: { bits: 2, lst: lstOf([0b11_10_01_00]) } }) }),
    async (origin) => {
      const verifier = under(origin)
      assert.equal(await codeOf(verifier.verifyAsync(await referring(`${origin}/1`, 0))), 'ok')
      for (const idx of [1, 2, 3]) {
        await assert.rejects(verifier.verifyAsync(await referring(`${origin}/1`, idx)), (error) => {
          assert.ok(error instanceof TokenError)
          assert.deepEqual(error.toJSON(), { code: 'token_revoked', status: 401, claim: 'status' })
          return true
        })
      }
      assert.equal(
        await codeOf(verifier.verifyAsync(await referring(`${origin}/1`, 4))),
        'token_revoked',
        'out of bounds',
      )
    },
  ))

test('a token that is refused for another reason causes no fetch', () =>
  serving(
    async (uri) => ({ body: await listToken(uri) }),
    async (origin, requests) => {
      const verifier = under(origin)
      assert.equal(
        await codeOf(
          verifier.verifyAsync(await mint({ exp: NOW, status: { status_list: { uri: `${origin}/1`, idx: 1 } } })),
        ),
        'token_expired',
      )
      assert.deepEqual(requests, [])
    },
  ))

test('a status that cannot be read, and a list of a foreign origin, refuse the token without a fetch', () =>
  serving(
    async (uri) => ({ body: await listToken(uri) }),
    async (origin, requests) => {
      const verifier = under(origin)
      const uri = `${origin}/1`
      for (const status of [
        null,
        5,
        [],
        { status_list: null },
        { status_list: { uri } },
        { status_list: { idx: 1 } },
        { status_list: { uri, idx: -1 } },
        { status_list: { uri, idx: 1.5 } },
        { status_list: { uri, idx: '1' } },
        { status_list: { uri, idx: 2 ** 53 } },
        { status_list: { uri: 'https://foreign.example/1', idx: 1 } },
        { status_list: { uri: uri.replace('http', 'ftp'), idx: 1 } },
        { status_list: { uri: uri.replace('//', '//user@'), idx: 1 } },
        { status_list: { uri: 'no url', idx: 1 } },
        { status_list: { uri: `${uri}?${'a'.repeat(2048)}`, idx: 1 } },
      ]) {
        assert.equal(
          await codeOf(verifier.verifyAsync(await mint({ status }))),
          'token_revoked',
          JSON.stringify(status).slice(0, 80),
        )
      }
      for (const claims of [{}, { status: {} }, { status: { another: {} } }]) {
        assert.equal(await codeOf(verifier.verifyAsync(await mint(claims))), 'token_revoked')
        assert.equal(await codeOf(under(origin, { missing: 'accept' }).verifyAsync(await mint(claims))), 'ok')
      }
      assert.deepEqual(requests, [])
      const byIssuer = new Verifier({ ...ANY, revocation: statusLists({ keys, clock }) })
      assert.equal(
        await codeOf(byIssuer.verifyAsync(await mint({ iss: origin, status: { status_list: { uri, idx: 1 } } }))),
        'ok',
      )
      assert.equal(
        await codeOf(byIssuer.verifyAsync(await mint({ status: { status_list: { uri, idx: 1 } } }))),
        'token_revoked',
      )
      assert.equal(requests.length, 1)
    },
  ))

test('a list that fails a check is store_unavailable', async () => {
  const other = await generateKeyPair('ES256')
  const big = deflateSync(new Uint8Array(17 * 1024 * 1024)).toString('base64url')
  /** @type {[string, (uri: string) => any][]} */
  const lists = [
    ['another subject', async (uri) => ({ body: await listToken(uri, { sub: `${uri}/` }) })],
    ['another typ', async (uri) => ({ body: await listToken(uri, {}, { typ: 'JWT' }) })],
    ['another key', async (uri) => ({ body: await listToken(uri, {}, { key: other.privateKey }) })],
    ['another algorithm', async (uri) => ({ body: await listToken(uri, {}, { alg: 'HS256', key: SECRET }) })],
    ['expired', async (uri) => ({ body: await listToken(uri, { exp: NOW }) })],
    ['no iat', async (uri) => ({ body: await listToken(uri, { iat: undefined }) })],
    ['no list', async (uri) => ({ body: await listToken(uri, { status_list: undefined }) })],
    [
      'three bits',
      async (uri) => ({ body: await listToken(uri, { status_list: { bits: 3, lst: 'eNrbuRgAAhcBXQ' } }) }),
    ],
    ['no zlib stream', async (uri) => ({ body: await listToken(uri, { status_list: { bits: 1, lst: 'AAAA' } }) })],
    [
      'a cut zlib stream',
      async (uri) => ({ body: await listToken(uri, { status_list: { bits: 1, lst: 'eNrbuRgA' } }) }),
    ],
    [
      'no base64url',
      async (uri) => ({ body: await listToken(uri, { status_list: { bits: 1, lst: 'eNrb+RgAAhcBXQ==' } }) }),
    ],
    ['a zip bomb', async (uri) => ({ body: await listToken(uri, { status_list: { bits: 1, lst: big } }) })],
    ['ttl of zero', async (uri) => ({ body: await listToken(uri, { ttl: 0 }) })],
    ['ttl as text', async (uri) => ({ body: await listToken(uri, { ttl: '60' }) })],
    ['not found', async () => ({ status: 404, body: 'x' })],
    ['a redirect', async (uri) => ({ status: 302, headers: { location: `${uri}0` } })],
    ['no token', async () => ({ body: '<html>' })],
    ['nothing', async () => ({ body: '' })],
    ['too long', async () => ({ body: Buffer.alloc(1024 * 1024 + 1, 'a') })],
    ['no answer', async () => 'never'],
  ]
  await serving(
    async (uri, path) => lists[Number(path.slice(1))]?.[1](uri) ?? { status: 500 },
    async (origin, requests) => {
      const verifier = under(origin, { timeoutSeconds: 0.5 })
      for (const [index, [name]] of lists.entries()) {
        assert.equal(
          await codeOf(verifier.verifyAsync(await referring(`${origin}/${index}`, 0))),
          'store_unavailable',
          name,
        )
      }
      assert.equal(requests.length, lists.length, 'no redirect is followed')
    },
  )
})

test('a thousand tokens cause one fetch, and while the source is down one a cooldown', async () => {
  let now = NOW
  let up = true
  await serving(
    async (uri) => (up ? { body: await listToken(uri, { ttl: 60 }) } : { status: 500 }),
    async (origin, requests) => {
      const revocation = statusLists({ keys, uris: [origin], clock: () => now, staleSeconds: 100 })
      const verifier = new Verifier({ ...ANY, clock: () => now, revocation })
      const token = await referring(`${origin}/1`, 1)
      const many = async () => {
        const codes = await Promise.all(Array.from({ length: 300 }, () => codeOf(verifier.verifyAsync(token))))
        return [...new Set(codes)]
      }
      assert.deepEqual(await many(), ['ok'])
      now += 59
      assert.deepEqual(await many(), ['ok'])
      assert.equal(requests.length, 1, 'within its ttl a list serves')
      up = false
      now += 1
      assert.deepEqual(await many(), ['ok'], 'a stale list serves for as long as it may')
      assert.equal(requests.length, 2)
      now += 29
      assert.deepEqual(await many(), ['ok'])
      assert.equal(requests.length, 2, 'no fetch within the cooldown')
      now += 100
      assert.deepEqual(await many(), ['store_unavailable'])
      assert.equal(requests.length, 3)
      assert.deepEqual(await many(), ['store_unavailable'])
      assert.equal(requests.length, 3)
      up = true
      now += 30
      assert.deepEqual(await many(), ['ok'])
      assert.equal(requests.length, 4)
    },
  )
})

test('a ttl is held between 30 s and a day, and a list never serves beyond its exp', async () => {
  let now = NOW
  await serving(
    async (uri, path) => {
      const claims = { '/short': { ttl: 1 }, '/long': { ttl: 1e12 }, '/exp': { ttl: 600, exp: NOW + 40 } }[path] ?? {}
      return now < NOW + 41 || path !== '/exp' ? { body: await listToken(uri, claims) } : { status: 500 }
    },
    async (origin, requests) => {
      const revocation = statusLists({ keys, uris: [origin], clock: () => now, staleSeconds: 1000 })
      /** @param {string} path */
      const ask = (path) =>
        revocation.isRevoked(
          /** @type {any} */ ({ claims: { status: { status_list: { uri: origin + path, idx: 1 } } } }),
        )
      for (const [path, seconds] of /** @type {const} */ ([
        ['/short', 30],
        ['/long', 86_400],
      ])) {
        now = NOW
        requests.length = 0
        await ask(path)
        now = NOW + seconds - 1
        await ask(path)
        assert.equal(requests.length, 1, path)
        now = NOW + seconds
        await ask(path)
        assert.equal(requests.length, 2, path)
      }
      now = NOW
      await ask('/exp')
      now = NOW + 41
      await assert.rejects(ask('/exp'), { code: 'store_unavailable' })
    },
  )
})

test('more than a thousand lists in use are refused; those that no longer serve make room', async () => {
  let now = NOW
  let fetches = 0
  const fetch = async (/** @type {string} */ uri) => ((fetches += 1), new Response(await listToken(uri)))
  const revocation = statusLists({ keys, uris: ['https://lists.example'], clock: () => now, fetch })
  /** @param {number} list */
  const ask = (list) =>
    revocation.isRevoked(
      /** @type {any} */ ({ claims: { status: { status_list: { uri: `https://lists.example/${list}`, idx: 1 } } } }),
    )
  for (let list = 0; list < 1000; list += 1) await ask(list)
  await assert.rejects(ask(1000), { code: 'store_unavailable' })
  now += 300
  assert.equal(await ask(1000), false)
  assert.equal(fetches, 1001)
})

test('options that cannot mean anything are TypeErrors', () => {
  for (const options of [
    undefined,
    {},
    { keys, uri: [] },
    { keys, uris: [] },
    { keys, uris: ['https://a.example/lists'] },
    { keys, uris: ['http://a.example'] },
    { keys, uris: 'https://a.example' },
    { keys, missing: 'ignore' },
    { keys, maxAgeSeconds: 5 },
    { keys, staleSeconds: -1 },
    { keys, maxBytes: 2 ** 21 },
    { keys, fetch: 5 },
    { keys, issuer: '' },
  ]) {
    assert.throws(() => statusLists(/** @type {any} */ (options)), TypeError, JSON.stringify(options))
  }
  for (const [store, options] of /** @type {any[]} */ ([
    [{}, {}],
    [memoryStore(), { maxAge: 5 }],
    [memoryStore(), { maxAgeSeconds: -1 }],
  ])) {
    assert.throws(() => denyList(store, options), TypeError)
  }
})
