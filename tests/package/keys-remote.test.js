// @ts-check
/** Keys at a URL, over real HTTP on loopback: when they are fetched, and what tokens are given meanwhile. */

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { remoteKeys, UnavailableError, Verifier } from 'countersign'
import { startSandbox } from 'countersign/sandbox'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { codes, json, origin, pause, status, tally, until } from './keys/origin.js'

/** The long form repeats the load tests with the numbers of the specification. */
const FULL = process.env.KEYS_TESTS === 'full'

/** @type {import('countersign/sandbox').Sandbox} */
let sandbox
before(async () => {
  sandbox = await startSandbox()
})
after(() => sandbox.close())

const AUDIENCE = 'https://api.example'

/** An issuer, its source and a verifier of its tokens. @param {import('countersign').RemoteKeysOptions} [options] */
function made(options = {}) {
  const issuer = sandbox.issuer({ algorithms: ['ES256'] })
  const source = remoteKeys(issuer.jwksUri, options)
  return { issuer, source, verifier: new Verifier({ issuer: issuer.issuer, audience: AUDIENCE, keys: source }) }
}

/**
 * A token whose `kid` is in no set. @param {import('countersign/sandbox').IssuerSandbox} issuer @param {number}
 * number
 */
const strange = (issuer, number) => issuer.mint({ header: { kid: `strange-${number}` } })

test('K-01: 200 tokens at once, without a set: all verified, one request', async () => {
  const { issuer, source, verifier } = made()
  assert.equal(source.stats.state, 'empty')
  assert.equal(issuer.requests, 0)
  const token = issuer.mint()
  const found = await codes(Array.from({ length: 200 }, () => verifier.verifyAsync(token)))
  assert.deepEqual(tally(found), { ok: 200 })
  assert.equal(issuer.requests, 1)
  const { lastSuccess, ...stats } = source.stats
  const counts = { looks: 1, failures: 0, storageFailures: 0, keys: 1, skipped: 0 }
  assert.deepEqual(stats, { state: 'fresh', ...counts, skippedKeys: [] })
  assert.ok(Math.abs(Number(lastSuccess) - Date.now() / 1000) < 60)
})

test('K-02: with a fresh set, tokens cost no request', async () => {
  const { issuer, source, verifier } = made()
  await source.ready()
  const token = issuer.mint()
  for (let count = FULL ? 100_000 : 2000; count > 0; count -= 1) verifier.verify(token)
  for (let count = 0; count < 1000; count += 1) await verifier.verifyAsync(token)
  assert.equal(issuer.requests, 1)
})

test('verify alone renews the set too: it begins a fetch in the background', async () => {
  const { issuer, verifier } = made()
  const token = issuer.mint()
  const first = verifier.tryVerify(token)
  assert.ok(first instanceof UnavailableError)
  await until(() => verifier.tryVerify(token).ok)
  assert.equal(issuer.requests, 1)
})

/** What the endpoint does instead of answering. @type {Record<string, import('node:http').RequestListener>} */
const OUTAGES = {
  'status 500': status(500),
  'status 404': status(404),
  'a connection that breaks': (request) => void request.socket.destroy(),
  'no answer': () => {},
  HTML: json('<!doctype html><title>Sign in</title>'),
  'an error body': json({ error: 'temporarily_unavailable' }),
  'an empty set': json({ keys: [] }),
  'a set of other keys': json({ keys: [{ kty: 'oct', k: 'c2VjcmV0' }] }),
  'a name that appears twice': json('{"keys":[],"keys":[]}'),
  'no JSON': json('{"keys":['),
  'a body of 50 MB': (_, response) => {
    response.writeHead(200)
    const part = Buffer.alloc(65_536, ' ')
    const write = (/** @type {number} */ left) => {
      if (left === 0 || response.destroyed) return void response.end()
      if (response.write(part)) setImmediate(write, left - 1)
      else response.once('drain', () => write(left - 1))
    }
    write(800)
  },
  'a body that drips': (_, response) => {
    response.writeHead(200)
    const timer = setInterval(() => response.write(' '), 20)
    response.on('close', () => clearInterval(timer))
  },
  'a redirect': status(302, { location: '/elsewhere' }),
}

for (const [name, outage] of Object.entries(OUTAGES)) {
  test(`K-03, K-04, K-05: ${name}: a stale set serves, a dead one does not, and the source recovers`, async () => {
    const { publicKey, privateKey } = await generateKeyPair('ES256')
    const jwk = { ...(await exportJWK(publicKey)), kid: 'a' }
    const sign = (/** @type {string} */ kid) =>
      new SignJWT({ iss: 'i', exp: Math.floor(Date.now() / 1000) + 600 })
        .setProtectedHeader({ alg: 'ES256', kid })
        .sign(privateKey)
    const [token, other] = await Promise.all([sign('a'), sign('b')])
    const server = await origin(json({ keys: [jwk] }))
    // Only the clock makes the set old: the test does not depend on the speed of the machine.
    let now = Date.now() / 1000
    const timing = { maxAgeSeconds: 600, staleSeconds: 1000, cooldownSeconds: 0.15, timeoutSeconds: 0.1 }
    const source = remoteKeys(`${server.url}/jwks`, { ...timing, clock: () => now })
    const verifier = new Verifier({ issuer: 'i', audience: null, keys: source })
    try {
      await verifier.verifyAsync(token)
      server.answer = outage
      now += 700
      assert.equal(source.stats.state, 'stale')
      const start = performance.now()
      const before = source.stats.looks
      let verified = 0
      while (verified < 30 || source.stats.failures < 3) {
        assert.equal((await verifier.verifyAsync(token)).ok, true)
        verified += 1
        await pause(5)
      }
      const cooldowns = (performance.now() - start) / 150
      assert.ok(source.stats.looks - before <= cooldowns + 1, `${source.stats.looks - before} looks`)
      // The last look failed, so that an unknown kid may be a key that is not fetched yet.
      const unknown = verifier.tryVerify(other)
      assert.ok(unknown instanceof UnavailableError && unknown.cause instanceof Error)
      assert.doesNotMatch(String(unknown.cause), /eyJ/)

      now += 1000
      assert.equal(source.stats.state, 'dead')
      const dead = performance.now()
      const looked = source.stats.looks
      const found = await codes(Array.from({ length: 20 }, () => verifier.verifyAsync(token)))
      assert.deepEqual(tally(found), { keys_unavailable: 20 })
      assert.equal(verifier.tryVerify(token).ok, false)
      assert.ok(source.stats.looks - looked <= (performance.now() - dead) / 150 + 1)

      server.answer = json({ keys: [jwk] })
      await until(() => verifier.tryVerify(token).ok)
      assert.equal(source.stats.state, 'fresh')
      const last = verifier.tryVerify(other)
      assert.equal(last.ok ? 'ok' : last.code, 'key_not_found')
    } finally {
      await server.close()
    }
  })
}

test('an outage while stale: 50 tokens are verified with one request', async () => {
  let now = Date.now() / 1000
  const { issuer, source, verifier } = made({ clock: () => now })
  await source.ready()
  const token = issuer.mint()
  issuer.fail()
  now += 700
  // The cooldown is measured by another clock, which nothing here moves: one look is allowed after the 30 s of the
  // first.
  const found = []
  for (let count = 0; count < 50; count += 1) found.push(...(await codes([verifier.verifyAsync(token)])))
  assert.deepEqual(tally(found), { ok: 50 })
  assert.ok(issuer.requests <= 2)
})

test('staleSeconds: 0 refuses every token once the set is too old', async () => {
  let now = Date.now() / 1000
  const { issuer, source, verifier } = made({ staleSeconds: 0, cooldownSeconds: 0.05, clock: () => now })
  await source.ready()
  issuer.fail()
  now += 601
  await assert.rejects(verifier.verifyAsync(issuer.mint()), { code: 'keys_unavailable', status: 503 })
  issuer.recover()
  await until(() => verifier.tryVerify(issuer.mint()).ok)
})

test('K-06: unknown kids cost one request per cooldown, and do good tokens no harm', async () => {
  const { issuer, source, verifier } = made({ cooldownSeconds: 0.3 })
  await source.ready()
  const good = issuer.mint()
  const start = performance.now()
  const count = FULL ? 10_000 : 300
  for (let number = 0; number < count; number += 1) {
    const [bad, fine] = await codes([verifier.verifyAsync(strange(issuer, number)), verifier.verifyAsync(good)])
    assert.equal(bad, 'key_not_found')
    assert.equal(fine, 'ok')
  }
  assert.ok(issuer.requests <= 2 + (performance.now() - start) / 300, `${issuer.requests} requests`)
  assert.equal(source.stats.failures, 0)
})

test('a kid that is in the set never causes a request, whatever is wrong with the token', async () => {
  const { issuer, source, verifier } = made({ cooldownSeconds: 0.001 })
  await source.ready()
  const token = issuer.mint()
  const forged = token.replace(/\.[^.]*$/, `.${'A'.repeat(86)}`)
  const found = await codes([
    verifier.verifyAsync(forged),
    verifier.verifyAsync(issuer.mint({ claims: { exp: 1 } })),
    verifier.verifyAsync(issuer.mint({ claims: { aud: 'other' } })),
    verifier.verifyAsync('x'),
    verifier.verifyAsync(null),
  ])
  assert.deepEqual(found, ['signature_invalid', 'token_expired', 'claim_mismatch', 'token_malformed', 'token_missing'])
  assert.equal(issuer.requests, 1)
})

test('K-07: a new key verifies with the first token after the cooldown, and a withdrawn one no more', async () => {
  const { issuer, source, verifier } = made({ cooldownSeconds: 0.2 })
  await source.ready()
  const old = issuer.mint()
  issuer.rotate({ publish: false })
  const early = issuer.mint()
  await pause(220)
  await assert.rejects(verifier.verifyAsync(early), { code: 'key_not_found' })
  issuer.publish()
  // Within the cooldown nothing is fetched; after it the first token finds the key.
  await assert.rejects(verifier.verifyAsync(early), { code: 'key_not_found' })
  await pause(220)
  assert.equal((await verifier.verifyAsync(early)).ok, true)
  // What was published in the meantime holds the new key alone.
  await assert.rejects(verifier.verifyAsync(old), { code: 'key_not_found' })
})

test('K-07: another key under the same kid is accepted at the next fetch, and the old one refused', async () => {
  const pairs = await Promise.all([generateKeyPair('ES256'), generateKeyPair('ES256')])
  const [first, second] = await Promise.all(
    pairs.map(async ({ publicKey, privateKey }) => ({
      set: { keys: [{ ...(await exportJWK(publicKey)), kid: 'same' }] },
      token: await new SignJWT({ exp: Math.floor(Date.now() / 1000) + 600 })
        .setProtectedHeader({ alg: 'ES256', kid: 'same' })
        .sign(privateKey),
    })),
  )
  assert.ok(first !== undefined && second !== undefined)
  const server = await origin(json(first.set))
  let now = Date.now() / 1000
  const source = remoteKeys(server.url, { cooldownSeconds: 0.01, clock: () => now })
  const verifier = new Verifier({ issuer: null, audience: null, keys: source })
  try {
    assert.equal((await verifier.verifyAsync(first.token)).ok, true)
    server.answer = json(second.set)
    await assert.rejects(verifier.verifyAsync(second.token), { code: 'signature_invalid' })
    now += 601
    await until(() => verifier.tryVerify(second.token).ok)
    await assert.rejects(verifier.verifyAsync(first.token), { code: 'signature_invalid' })
    assert.equal(server.requests.length, 2)
  } finally {
    await server.close()
  }
})

test('keys without a kid rotate: a signature that no key verifies causes a fetch', async () => {
  const issuer = sandbox.issuer({ algorithms: ['ES256'] })
  const unnamed = () => ({ keys: issuer.jwks.keys.map(({ kid: _, ...jwk }) => jwk) })
  const server = await origin((request, response) => json(unnamed())(request, response))
  const source = remoteKeys(server.url, { cooldownSeconds: 0.05 })
  const verifier = new Verifier({ issuer: issuer.issuer, audience: AUDIENCE, keys: source })
  try {
    assert.equal((await verifier.verifyAsync(issuer.mint({ header: { kid: undefined } }))).ok, true)
    issuer.rotate({ keep: false })
    await pause(60)
    assert.equal((await verifier.verifyAsync(issuer.mint({ header: { kid: undefined } }))).ok, true)
    await pause(60)
    // The same for a token with a kid, where the set names none.
    issuer.rotate({ keep: false })
    assert.equal((await verifier.verifyAsync(issuer.mint())).ok, true)
    assert.equal(server.requests.length, 3)
  } finally {
    await server.close()
  }
})

test('K-08: what is not usable is skipped and counted; a set without a usable key is a failure', async () => {
  const issuer = sandbox.issuer({ algorithms: ['ES256'] })
  const [jwk] = issuer.jwks.keys
  const secret = { kty: 'oct', kid: 'secret', k: Buffer.alloc(32, 7).toString('base64url') }
  const hidden = { ...jwk, kid: 'private', d: 'AQ' }
  const server = await origin(json({ keys: [secret, hidden, { ...jwk, use: 'enc' }, 7, jwk], more: 1 }))
  try {
    const source = remoteKeys(server.url)
    await source.ready()
    assert.deepEqual([source.stats.keys, source.stats.skipped], [1, 4])
    const reasons = source.stats.skippedKeys.map(({ kid, reason }) => `${kid}: ${reason.split(':')[0]}`)
    assert.deepEqual(reasons, [
      'secret: kty must be RSA, EC or OKP',
      'private: d must be left out',
      `${jwk?.kid}: use must be sig`,
      'null: keys must be JWKs',
    ])
    assert.doesNotMatch(JSON.stringify(source.stats), new RegExp(secret.k))
    for (const document of [
      { keys: [] },
      { keys: [secret] },
      { keys: [hidden] },
      { keys: Array.from({ length: 5000 }, (_, index) => ({ ...jwk, kid: String(index) })) },
    ]) {
      server.answer = json(document)
      await assert.rejects(remoteKeys(server.url).refresh(), (error) => {
        assert.ok(error instanceof UnavailableError && error.cause instanceof TypeError)
        return true
      })
    }
  } finally {
    await server.close()
  }
})

for (const code of [301, 302, 303, 307, 308]) {
  test(`K-09: a redirect (${code}) to good keys is not followed`, async () => {
    const issuer = sandbox.issuer({ algorithms: ['ES256'] })
    const server = await origin(status(code, { location: issuer.jwksUri }))
    try {
      const source = remoteKeys(server.url)
      await assert.rejects(source.refresh(), (error) => {
        assert.ok(error instanceof UnavailableError)
        assert.match(String(error.cause), /redirect/)
        return true
      })
      assert.equal(issuer.requests, 0)
      // Nor is what a fetch of the caller's own has followed.
      const following = remoteKeys(server.url, { fetch: (url, init) => fetch(url, { ...init, redirect: 'follow' }) })
      await assert.rejects(
        following.refresh(),
        (error) => error instanceof UnavailableError && /redirect/.test(String(error.cause)),
      )
    } finally {
      await server.close()
    }
  })
}

test('K-12: a wall clock that steps a day does not change the number of requests under way', async () => {
  for (const step of [86_400, -86_400]) {
    let now = Date.now() / 1000
    const { issuer, source, verifier } = made({ clock: () => now })
    issuer.slow(80)
    const token = issuer.mint()
    const waiting = Array.from({ length: 20 }, () => verifier.verifyAsync(token))
    await pause(30)
    now += step
    const later = Array.from({ length: 20 }, () => verifier.verifyAsync(token))
    assert.deepEqual(tally(await codes([...waiting, ...later])), { ok: 40 })
    assert.equal(issuer.requests, 1)
    assert.equal(source.stats.state, 'fresh')
    now -= step
    assert.equal((await verifier.verifyAsync(token)).ok, true)
  }
})

test('K-13: an unchanged set stays the same object, and the verifier keeps its cache', async () => {
  const issuer = sandbox.issuer({ algorithms: ['ES256', 'RS256', 'EdDSA'] })
  const keys = issuer.jwks.keys
  const server = await origin(json({ keys }))
  let now = Date.now() / 1000
  const source = remoteKeys(server.url, { cooldownSeconds: 0.001, clock: () => now })
  const verifier = new Verifier({ issuer: issuer.issuer, audience: AUDIENCE, keys: source })
  const again = async (/** @type {import('node:http').RequestListener} */ answer) => {
    server.answer = answer
    const { length } = server.requests
    now += 601
    source.current()
    await until(() => server.requests.length > length && source.stats.state === 'fresh')
  }
  try {
    const token = issuer.mint()
    await verifier.verifyAsync(token)
    const set = source.current()
    let { cacheHits } = verifier.stats
    for (const document of [
      { keys },
      { keys: [...keys].reverse() },
      { keys: keys.map((jwk) => ({ ...jwk, x5u: 'https://unread.example', note: 1 })) },
      { keys: [...keys, { kty: 'oct', k: 'AA' }] },
    ]) {
      await again(json(document))
      assert.equal(source.current(), set)
      verifier.verify(token)
      assert.equal(verifier.stats.cacheHits, (cacheHits += 1))
      assert.equal(verifier.stats.cacheEntries, 1)
    }
    await again((_, response) => void response.writeHead(200, { etag: '"one"' }).end(JSON.stringify({ keys })))
    await again((request, response) => {
      assert.equal(request.headers['if-none-match'], '"one"')
      response.writeHead(304).end()
    })
    assert.equal(source.current(), set)
    await again(json({ keys: keys.slice(1) }))
    assert.notEqual(source.current(), set)
    await assert.rejects(verifier.verifyAsync(token), { code: 'alg_not_allowed' })
  } finally {
    await server.close()
  }
})

test('a request says what it wants, and carries nothing of the caller', async () => {
  const server = await origin(json(sandbox.issuer().jwks))
  try {
    await remoteKeys(`${server.url}/a?tenant=x`).ready()
    const [request] = server.requests
    assert.equal(request?.url, '/a?tenant=x')
    assert.equal(request?.headers.accept, 'application/jwk-set+json, application/json')
    assert.equal(request?.headers.cookie, undefined)
    assert.equal(request?.headers.authorization, undefined)
    assert.equal(request?.headers['if-none-match'], undefined)
  } finally {
    await server.close()
  }
})

test('304 without an ETag in hand is not an answer', async () => {
  const server = await origin(status(304))
  try {
    await assert.rejects(remoteKeys(server.url).refresh(), { code: 'keys_unavailable' })
  } finally {
    await server.close()
  }
})

test('Retry-After lengthens the wait, in seconds and as a date', async () => {
  const dates = { seconds: () => '1', date: () => new Date(Date.now() + 2000).toUTCString() }
  await Promise.all(
    Object.values(dates).map(async (date) => {
      const { issuer, source } = made({ cooldownSeconds: 0.05 })
      issuer.fail(429, { 'retry-after': date() })
      await assert.rejects(source.refresh(), UnavailableError)
      issuer.recover()
      await pause(100)
      await assert.rejects(source.refresh(), UnavailableError)
      assert.equal(issuer.requests, 1)
      await pause(2100)
      await source.refresh()
      assert.equal(issuer.requests, 2)
    }),
  )
})

test('K-16: after a blip at start-up the first token is verified a second later', async () => {
  const { issuer, source, verifier } = made()
  issuer.fail(503)
  const token = issuer.mint()
  await assert.rejects(verifier.verifyAsync(token), { code: 'keys_unavailable' })
  issuer.recover()
  const start = performance.now()
  await until(() => verifier.tryVerify(token).ok)
  // 1 s of back-off; the rest is room for a busy machine.
  assert.ok(performance.now() - start < 3000)
  assert.equal(source.stats.looks, 2)
})

test('while there is no set, waits grow from one second to the cooldown', { timeout: 30_000 }, async () => {
  const issuer = sandbox.issuer({ algorithms: ['ES256'] })
  issuer.fail()
  const source = remoteKeys(issuer.jwksUri, { cooldownSeconds: 30 })
  /** @type {number[]} */
  const starts = []
  while (starts.length < 3) {
    const { looks } = source.stats
    const start = performance.now()
    await assert.rejects(source.refresh(), UnavailableError)
    if (source.stats.looks > looks) starts.push(start)
    await pause(20)
  }
  const [first = 0, second = 0, third = 0] = starts
  assert.ok(second - first >= 950 && third - second >= 1950)
})

test('K-18: the fetches of 100 processes that start together are spread over ten minutes', async () => {
  const { jwks } = sandbox.issuer({ algorithms: ['ES256'] })
  const start = 1_700_000_000
  let now = start
  /** @type {number[]} */
  const looks = []
  const options = {
    maxAgeSeconds: 60,
    cooldownSeconds: 0.001,
    clock: () => now,
    fetch: async () => {
      looks.push(now - start)
      return Response.json(jwks)
    },
  }
  const sources = Array.from({ length: 100 }, () => remoteKeys('https://keys.example', options))
  for (; now < start + 600; now += 3) {
    for (const source of sources) source.current()
    await pause(2)
  }
  assert.ok(looks.length > 900)
  for (let from = 3; from < 600; from += 3) {
    const within = looks.filter((moment) => moment >= from && moment < from + 30)
    assert.ok(within.length <= 0.2 * looks.length, `${within.length} from ${from} s on`)
  }
})

test('sources draw when they look again: not all at one moment', async () => {
  const issuer = sandbox.issuer({ algorithms: ['ES256'] })
  let now = 1_700_000_000
  const sources = Array.from({ length: 60 }, () => remoteKeys(issuer.jwksUri, { clock: () => now }))
  await Promise.all(sources.map((source) => source.ready()))
  const states = () => tally(sources.map(({ stats }) => stats.state))
  now += 539
  assert.deepEqual(states(), { fresh: 60 })
  now += 31
  const { fresh = 0, stale = 0 } = states()
  assert.ok(fresh > 5 && stale > 5, `${fresh} fresh, ${stale} stale`)
  now += 31
  assert.deepEqual(states(), { stale: 60 })
})

test('a set of another encoding, and one in many parts, is read', async () => {
  const issuer = sandbox.issuer({ algorithms: ['ES256'] })
  const body = Buffer.from(`\ufeff${JSON.stringify({ keys: issuer.jwks.keys, note: 'é'.repeat(50) })}`)
  const server = await origin(async (_, response) => {
    response.writeHead(200)
    for (let at = 0; at < body.length; at += 7) {
      response.write(body.subarray(at, at + 7))
      await new Promise((resolve) => setImmediate(resolve))
    }
    response.end()
  })
  try {
    await remoteKeys(server.url).ready()
    server.answer = (_, response) => void response.end(Buffer.from([0x7b, 0xff, 0x7d]))
    await assert.rejects(remoteKeys(server.url).ready(), { code: 'keys_unavailable' })
  } finally {
    await server.close()
  }
})

test('maxBytes is the last octet that is read', async () => {
  const text = JSON.stringify(sandbox.issuer({ algorithms: ['ES256'] }).jwks)
  const server = await origin(json(text))
  try {
    await remoteKeys(server.url, { maxBytes: text.length }).ready()
    await assert.rejects(remoteKeys(server.url, { maxBytes: text.length - 1 }).ready(), UnavailableError)
  } finally {
    await server.close()
  }
})

test('a fetch of the caller’s own gets the URL and the options, and its faults are keys_unavailable', async () => {
  const { jwks } = sandbox.issuer({ algorithms: ['ES256'] })
  /** @type {unknown[]} */
  const calls = []
  const source = remoteKeys('https://keys.example/jwks', {
    fetch: async (...args) => {
      calls.push(args)
      return Response.json(jwks)
    },
  })
  await source.ready()
  const [[url, init]] = /** @type {[[string, RequestInit]]} */ (calls)
  assert.equal(url, 'https://keys.example/jwks')
  assert.deepEqual(Object.keys(init).sort(), ['credentials', 'headers', 'redirect', 'signal'])
  for (const fault of [
    () => {
      throw new Error('at once')
    },
    () => Promise.reject(null),
    () => undefined,
    async () => ({}),
    async () => new Response('x', { status: 203 }),
    () => new Promise(() => {}),
  ]) {
    const broken = remoteKeys('https://keys.example/jwks', { fetch: /** @type {any} */ (fault), timeoutSeconds: 0.05 })
    const verifier = new Verifier({ issuer: null, audience: null, keys: broken })
    const token = sandbox.issuer().mint()
    await assert.rejects(verifier.verifyAsync(token), (error) => {
      assert.ok(error instanceof UnavailableError && error.cause instanceof Error, String(error))
      return true
    })
  }
})

test('options and URLs that cannot mean anything are TypeErrors when the source is built', () => {
  for (const url of [
    'http://keys.example/jwks',
    'https://user@keys.example/jwks',
    'https://:secret@keys.example/jwks',
    'https://keys.example/jwks#a',
    'https://keys.example/jwks#',
    'ftp://keys.example',
    'file:///etc/passwd',
    'data:application/json,{}',
    'https:keys.example',
    ' https://keys.example',
    'https://keys.example/\n',
    'https:\\\\keys.example',
    'http://127.0.0.1.example/',
    'http://[::2]/',
    '',
    'jwks',
  ]) {
    assert.throws(() => remoteKeys(url), TypeError, url)
  }
  for (const url of [
    'https://keys.example',
    'http://127.0.0.1:1/',
    'http://localhost/',
    'http://[::1]:8080/a?b',
    'http://127.9.9.9/',
  ])
    remoteKeys(url)
  remoteKeys(new URL('https://keys.example/jwks'))
  for (const url of [undefined, null, 7, {}, ['https://keys.example']]) {
    assert.throws(() => remoteKeys(/** @type {any} */ (url)), TypeError)
  }
  for (const options of [
    { timeout: 5 },
    { timeoutSeconds: undefined },
    { timeoutSeconds: 0 },
    { timeoutSeconds: '5' },
    { timeoutSeconds: 301 },
    { maxAgeSeconds: NaN },
    { maxAgeSeconds: 0 },
    { staleSeconds: -1 },
    { staleSeconds: Infinity },
    { cooldownSeconds: 0 },
    { maxBytes: 0 },
    { fetch: 'fetch' },
    { waitUntil: {} },
    { storage: {} },
    { storage: { read() {} } },
    { clock: 7 },
    { issuer: '' },
    { issuer: [] },
    { issuer: [7] },
    null,
    7,
    [],
  ]) {
    assert.throws(
      () => remoteKeys('https://keys.example', /** @type {any} */ (options)),
      TypeError,
      JSON.stringify(options),
    )
  }
  remoteKeys('https://keys.example', { staleSeconds: 0 })
  for (const keys of [
    { url: 'http://keys.example' },
    { url: 'https://keys.example', timeout: 5 },
    { url: undefined },
    { issuer: 'keys.example' },
    { issuer: 'https://keys.example', url: 'https://keys.example', jwks: { keys: [] } },
    { kid: 'a' },
  ]) {
    assert.throws(() => new Verifier({ issuer: null, audience: null, keys: /** @type {any} */ (keys) }), TypeError)
  }
})

test('the short form { url } is a source, with its options beside it', async () => {
  const issuer = sandbox.issuer({ algorithms: ['ES256'] })
  const keys = { url: issuer.jwksUri, issuer: issuer.issuer, staleSeconds: 60 }
  const verifier = new Verifier({ issuer: null, audience: AUDIENCE, keys })
  assert.equal(issuer.requests, 0)
  assert.equal((await verifier.verifyAsync(issuer.mint())).ok, true)
  await assert.rejects(verifier.verifyAsync(issuer.mint({ claims: { iss: 'other' } })), {
    code: 'claim_mismatch',
    claim: 'iss',
  })
  const list = new Verifier({ issuer: null, audience: AUDIENCE, keys: [{ secret: new Uint8Array(32).fill(7) }, keys] })
  assert.equal((await list.verifyAsync(issuer.mint())).ok, true)
})

test('K-03: a body that drips is cut at timeoutSeconds', async () => {
  const server = await origin((request, response) => void OUTAGES['a body that drips']?.(request, response))
  const closed = new Promise((resolve) => {
    server.answer = (request, response) => {
      response.on('close', resolve)
      OUTAGES['a body that drips']?.(request, response)
    }
  })
  try {
    const source = remoteKeys(server.url, { timeoutSeconds: 0.4 })
    const start = performance.now()
    await assert.rejects(source.refresh(), UnavailableError)
    const milliseconds = performance.now() - start
    // Generous above, for a busy machine.
    assert.ok(milliseconds > 390 && milliseconds < 3000, `${milliseconds} ms`)
    await closed
  } finally {
    await server.close()
  }
})

test('K-03: bodies of 50 MB, plain or compressed, leave no more than 5 MB behind', async () => {
  const bomb = gzipSync(Buffer.alloc(50_000_000, ' '))
  const server = await origin((request, response) => {
    if (request.url === '/gzip') response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb)
    else OUTAGES['a body of 50 MB']?.(request, response)
  })
  try {
    const program = join(dirname(fileURLToPath(import.meta.url)), 'keys', 'large.js')
    const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', program, server.url])
    const { failures, growth } = JSON.parse(stdout)
    assert.equal(failures, 100)
    assert.ok(growth < 5_000_000, `${growth} octets`)
  } finally {
    await server.close()
  }
})

test('a body of endless empty parts ends as one that is too large', { timeout: 30_000 }, async () => {
  const read = async () => ({ value: new Uint8Array(0), done: false })
  const body = { getReader: () => ({ read, cancel: async () => {} }) }
  const fetch = /** @type {any} */ (async () => ({ status: 200, headers: new Headers(), body }))
  await assert.rejects(remoteKeys('https://keys.example/', { fetch, maxBytes: 1000 }).refresh(), (error) => {
    assert.ok(error instanceof UnavailableError)
    assert.match(String(error.cause), /more than 1000 octets/)
    return true
  })
})
