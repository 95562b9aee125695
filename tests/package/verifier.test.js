// @ts-check
/** The verifier around the core: its options, its keys and their sources, its clock, its end. */

import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { memoryStore, TokenError, UnavailableError, Verifier } from 'countersign'
import { startSandbox } from 'countersign/sandbox'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'

const NOW = 1_700_000_000
const SECRET = new TextEncoder().encode('a secret of thirty-two octets!!!')
const ANY = { issuer: null, audience: null }

/** @param {Record<string, unknown>} [claims] @param {Uint8Array} [secret] */
const mint = (claims = {}, secret = SECRET) =>
  new SignJWT({ iss: 'i', exp: NOW + 60, ...claims }).setProtectedHeader({ alg: 'HS256' }).sign(secret)

test('verify throws what tryVerify returns', async () => {
  const verifier = new Verifier({ ...ANY, keys: { secret: SECRET }, clock: () => NOW })
  const good = await mint()
  assert.deepEqual(verifier.verify(good), verifier.tryVerify(good))
  const refusal = verifier.tryVerify(await mint({ exp: NOW }))
  assert.ok(refusal instanceof TokenError)
  assert.throws(() => verifier.verify(null), TokenError)
})

test('many tokens are verified in order, as of one moment', async () => {
  let reads = 0
  const clock = () => ((reads += 1), NOW)
  const verifier = new Verifier({ ...ANY, keys: { secret: SECRET }, clock })
  const tokens = [await mint(), null, await mint({ exp: NOW }), 'x']
  const outcomes = verifier.tryVerifyMany(tokens)
  assert.deepEqual(
    outcomes.map((outcome) => (outcome.ok ? 'ok' : outcome.code)),
    ['ok', 'token_missing', 'token_expired', 'token_malformed'],
  )
  assert.equal(reads, 1)
})

test('verified and refused tokens are counted', async () => {
  const verifier = new Verifier({ ...ANY, keys: { secret: SECRET }, clock: () => NOW })
  verifier.verify(await mint())
  for (const token of [null, 'x', await mint({ exp: NOW })]) verifier.tryVerify(token)
  assert.equal(verifier.stats.verified, 1)
  assert.equal(verifier.stats.refused, 3)
})

test('a result is the caller’s own', async () => {
  const verifier = new Verifier({ ...ANY, keys: { secret: SECRET }, clock: () => NOW })
  const token = await mint({ roles: ['a'], ['__proto__']: { admin: true }, then: 'x', toJSON: 'y' })
  const roles = /** @type {string[]} */ (verifier.verify(token).claims.roles)
  roles.push('admin')
  const second = verifier.verify(token)
  assert.deepEqual(second.claims.roles, ['a'])
  assert.equal(/** @type {{ admin?: boolean }} */ (second.claims).admin, undefined)
  assert.equal(await second, second)
  assert.deepEqual(structuredClone(second), second)
})

test('an id names a token: by its issuer and jti, else by what was signed', async () => {
  const other = new TextEncoder().encode('another secret of 32 octets!!!!!')
  const verifier = new Verifier({ ...ANY, keys: [{ secret: SECRET }, { secret: other }], clock: () => NOW })
  const id = async (/** @type {Record<string, unknown>} */ claims, secret = SECRET) =>
    verifier.verify(await mint(claims, secret)).id
  const ids = new Set()
  for (const claims of [
    {},
    { n: 1 },
    { jti: 'a' },
    { jti: 'b' },
    { jti: 'a', iss: 'j' },
    { jti: 'a', iss: undefined },
    { iss: undefined },
  ]) {
    const named = await id(claims)
    assert.match(named, /^[\w-]{43}$/)
    assert.equal(await id(claims), named)
    assert.equal(
      new Verifier({ ...ANY, keys: { secret: SECRET }, clock: () => NOW, cache: false }).verify(await mint(claims)).id,
      named,
    )
    ids.add(named)
  }
  assert.equal(ids.size, 7)
  assert.equal(await id({ jti: 'a', n: 2 }, other), await id({ jti: 'a' }))
})

test('a key is copied: what becomes of the caller’s buffer changes nothing', async () => {
  const secret = SECRET.slice()
  const verifier = new Verifier({ ...ANY, keys: { secret }, clock: () => NOW })
  secret.fill(0)
  assert.equal(verifier.tryVerify(await mint()).ok, true)
})

test('options are read once, from own members', async () => {
  let reads = 0
  const options = {
    get issuer() {
      reads += 1
      return reads === 1 ? 'i' : 'another'
    },
    audience: null,
    keys: { secret: SECRET },
    clock: () => NOW,
  }
  const verifier = new Verifier(options)
  assert.equal(verifier.tryVerify(await mint()).ok, true)
  assert.equal(reads, 1)
  const inherited = Object.assign(Object.create({ issuer: null, audience: null }), { keys: { secret: SECRET } })
  assert.throws(() => new Verifier(inherited), /plain object/)
})

test('a wrong call is a TypeError that names what is wrong', async () => {
  const keys = { secret: SECRET }
  for (const [options, named] of /** @type {const} */ ([
    [{ ...ANY, keys, isuer: 'i' }, /isuer/],
    [{ ...ANY, keys, issuer: undefined }, /issuer/],
    [{ ...ANY, keys, scope: '' }, /scope/],
    [{ ...ANY, keys, claims: {} }, /claims/],
    [{ ...ANY, keys, maxAgeSeconds: NaN }, /maxAgeSeconds/],
    [{ ...ANY, keys, leewaySeconds: 301 }, /leewaySeconds/],
    [{ ...ANY, keys, clock: 5 }, /clock/],
    [{ ...ANY, keys, maxUses: 3 }, /maxUses/],
    [{ ...ANY, keys: [] }, /keys/],
    [{ ...ANY, keys: { secret: 'short' } }, /keys.*secret/],
    [{ ...ANY, keys: { secret: SECRET, pem: 'x' } }, /keys/],
    [{ ...ANY, keys: [{ secret: SECRET, algo: 'HS256' }] }, /algo/],
    [{ ...ANY }, /keys/],
    [null, /options/],
  ])) {
    assert.throws(
      () => new Verifier(/** @type {any} */ (options)),
      (error) => error instanceof TypeError && named.test(error.message),
      String(named),
    )
  }
  const verifier = new Verifier({ ...ANY, keys, bind: ['order_id'], clock: () => NOW })
  const token = await mint({ order_id: 7 })
  for (const expected of [undefined, {}, { bind: {} }, { bind: { id: 7 } }, { bind: { order_id: 7 }, ip: '::1' }]) {
    assert.throws(() => verifier.tryVerify(token, /** @type {any} */ (expected)), TypeError)
  }
  assert.equal(verifier.tryVerify(token, { bind: { order_id: '7' } }).ok, true)
  for (const now of [NaN, -1, NOW * 1000]) {
    assert.throws(() => verifier.tryVerify(token, { bind: { order_id: 7 }, now }), TypeError)
    assert.throws(() => new Verifier({ ...ANY, keys, clock: () => now }).verify(token), TypeError)
  }
})

test('what a request holds in place of an id is a mismatch, never an exception', async () => {
  const verifier = new Verifier({ ...ANY, keys: { secret: SECRET }, bind: ['order_id'], clock: () => NOW })
  const token = await mint({ order_id: '7' })
  for (const id of [
    undefined,
    null,
    '',
    '07',
    8,
    7.5,
    NaN,
    '\ud800',
    true,
    ['7'],
    { toString: () => '7' },
    Symbol('7'),
  ]) {
    const outcome = verifier.tryVerify(token, /** @type {any} */ ({ bind: { order_id: id } }))
    assert.equal(outcome.ok ? 'ok' : outcome.code, 'binding_mismatch')
  }
})

test('what is no string is no token', () => {
  const verifier = new Verifier({ ...ANY, keys: { secret: SECRET } })
  for (const token of [
    0,
    true,
    {},
    [],
    ['a.b.c'],
    new String('a.b.c'),
    new Uint8Array(3),
    Symbol('t'),
    () => 'a.b.c',
  ]) {
    const outcome = verifier.tryVerify(/** @type {any} */ (token))
    assert.equal(outcome.ok ? 'ok' : outcome.code, 'token_malformed')
  }
})

test('a refusal shows code, status and claim, and keeps its evidence back', async () => {
  const verifier = new Verifier({ issuer: 'mine', audience: null, keys: { secret: SECRET }, clock: () => NOW })
  const refusal = verifier.tryVerify(await mint())
  assert.ok(!refusal.ok && refusal.code === 'claim_mismatch')
  assert.deepEqual(JSON.parse(JSON.stringify(refusal)), { code: 'claim_mismatch', status: 401, claim: 'iss' })
  assert.equal(refusal.message, 'claim_mismatch (iss)')
  assert.deepEqual({ ...refusal }, { ok: false, code: 'claim_mismatch', status: 401, claim: 'iss' })
  assert.deepEqual([refusal.expected, refusal.actual], ['mine', 'i'])
})

test('a clock that gives no number, a promise and a map are mistakes, not expectations', async () => {
  const token = await mint({ exp: NOW - 1000 })
  for (const now of [null, '', false, [], 1n, { valueOf: () => 0 }, undefined]) {
    const verifier = new Verifier({ ...ANY, keys: { secret: SECRET }, clock: /** @type {any} */ (() => now) })
    assert.throws(() => verifier.tryVerify(token), TypeError)
  }
  const verifier = new Verifier({ ...ANY, keys: { secret: SECRET }, clock: () => NOW })
  for (const expected of [Promise.resolve({ scope: 'x' }), new Map([['scope', 'x']]), new Date(), [], null, 'scope']) {
    assert.throws(() => verifier.tryVerify(token, /** @type {any} */ (expected)), TypeError)
  }
})

test('a wrong call is a TypeError, whatever comes as the token', () => {
  const verifier = new Verifier({ ...ANY, keys: { secret: SECRET }, bind: ['order_id'], clock: () => NOW })
  for (const token of [null, undefined, '', 5, 'a.b.c']) {
    assert.throws(() => verifier.tryVerify(/** @type {any} */ (token), { bind: {} }), TypeError)
    assert.throws(() => verifier.tryVerify(/** @type {any} */ (token)), TypeError)
  }
})

test('members beside a profile cannot reverse what the profile leaves to its defaults', () => {
  const profile = { issuer: 'i', audience: 'a', scope: 'admin' }
  const keys = { secret: SECRET }
  for (const beside of [{ audienceClaim: 'client_id' }, { scopeClaims: ['display'] }, { evidence: 'receipt' }]) {
    assert.throws(() => new Verifier(/** @type {any} */ ({ profile, ...beside, keys })), TypeError)
  }
  const verifier = new Verifier({ profile, expiry: 'optional', keys, clock: () => NOW })
  const input = [{ alg: 'HS256' }, { iss: 'i', aud: 'a', scope: 'admin' }]
  const [header, claims] = input.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
  const signature = createHmac('sha256', SECRET).update(`${header}.${claims}`).digest('base64url')
  const outcome = verifier.tryVerify(`${header}.${claims}.${signature}`)
  assert.equal(outcome.ok ? 'ok' : outcome.code, 'claim_missing')
})

test('an issuer beside a bare key is a mistake: it would tag nothing', () => {
  const k = Buffer.from(SECRET).toString('base64url')
  for (const keys of [
    { kty: 'oct', k, issuer: 'i' },
    { keys: [{ kty: 'oct', k }], issuer: 'i' },
  ]) {
    assert.throws(() => new Verifier({ ...ANY, keys }), /issuer/)
  }
})

test('text without UTF-8 is refused in options, and reads as no id in a request', async () => {
  assert.throws(() => new Verifier({ ...ANY, subject: '\ud800', keys: { secret: SECRET } }), /subject/)
  assert.throws(() => new Verifier({ ...ANY, keys: { secret: `${'x'.repeat(40)}\ud800` } }), /secret/)
})

test('a claim may be called what a library uses for itself', async () => {
  const name = '$serde_json::private::RawValue'
  const token = await mint({ x: { [name]: '{"a":1}' } })
  const policy = { ...ANY, claims: { x: 'y' }, keys: { secret: SECRET }, clock: () => NOW }
  const outcome = new Verifier(policy).tryVerify(token)
  assert.deepEqual(outcome.ok ? 'ok' : outcome.code === 'claim_mismatch' && outcome.actual, { [name]: '{"a":1}' })
  const bound = new Verifier({ ...ANY, bind: ['order_id'], keys: { secret: SECRET }, clock: () => NOW })
  assert.throws(() => bound.tryVerify(token, { bind: { [name]: '{"order_id":"1"}' } }), TypeError)
})

test('an id of any length costs no memory', async () => {
  const verifier = new Verifier({ ...ANY, keys: { secret: SECRET }, bind: ['order_id'], clock: () => NOW })
  const token = await mint({ order_id: 'x'.repeat(8_000) })
  assert.equal(verifier.tryVerify(token, { bind: { order_id: 'x'.repeat(8_000) } }).ok, true)
  const before = process.memoryUsage().rss
  for (let round = 0; round < 4; round += 1) verifier.tryVerify(token, { bind: { order_id: 'x'.repeat(2 ** 26) } })
  assert.ok(process.memoryUsage().rss - before < 2 ** 28)
})

test('one member of a published set that no JSON could hold leaves the others', async () => {
  const keys = await source()
  keys.put({ keys: [{ kty: 'EC', kid: '\ud800' }, { x: Infinity }, undefined, keys.jwk] })
  assert.equal(new Verifier({ ...ANY, keys, clock: () => NOW }).tryVerify(keys.token).ok, true)
})

test('a source that brings the key is enough, though another one fails', async () => {
  const keys = await source()
  const down = { current: () => undefined, refresh: () => Promise.reject(new Error('down')) }
  const verifier = new Verifier({ ...ANY, keys: [down, keys], clock: () => NOW })
  assert.equal((await verifier.verifyAsync(keys.token)).ok, true)
})

test('a verifier that is disposed of is not used any more', async () => {
  const verifier = new Verifier({ ...ANY, keys: { secret: SECRET }, clock: () => NOW })
  verifier[Symbol.dispose]()
  verifier[Symbol.dispose]()
  const token = await mint()
  assert.throws(() => verifier.tryVerify(token), TypeError)
})

/** A source whose set the test puts in, and the key that signs. */
async function source() {
  const { publicKey, privateKey } = await generateKeyPair('ES256')
  const jwk = { ...(await exportJWK(publicKey)), kid: 'a' }
  const token = await new SignJWT({ exp: NOW + 60 }).setProtectedHeader({ alg: 'ES256', kid: 'a' }).sign(privateKey)
  /** @type {import('countersign').JwkSet | undefined} */
  let set
  class Source {
    jwk = jwk
    token = token
    looks = 0
    current = () => set
    async refresh() {
      this.looks += 1
      return (set = { keys: [jwk] })
    }
    /** @param {any} other */
    put = (other) => (set = other)
  }
  return new Source()
}

test('without a set in hand there is no verdict; verifyAsync looks for one', async () => {
  const keys = await source()
  const verifier = new Verifier({ ...ANY, keys, clock: () => NOW })
  const outcome = verifier.tryVerify(keys.token)
  assert.ok(outcome instanceof UnavailableError)
  assert.deepEqual([outcome.code, outcome.status], ['keys_unavailable', 503])
  assert.equal((await verifier.verifyAsync(keys.token)).ok, true)
  assert.equal(verifier.tryVerify(keys.token).ok, true)
  assert.equal(keys.looks, 1)
})

test('all who wait for keys look once; whoever comes after that looks again', async () => {
  const keys = await source()
  const verifier = new Verifier({ ...ANY, keys, clock: () => NOW })
  const unknown = keys.token.replace(/\.[^.]*$/, `.${'A'.repeat(86)}`)
  const all = await Promise.allSettled([keys.token, unknown, keys.token].map((token) => verifier.verifyAsync(token)))
  assert.deepEqual(
    all.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  )
  assert.equal(keys.looks, 1)
  keys.put({ keys: [] })
  assert.equal((await verifier.verifyAsync(keys.token)).ok, true)
  assert.equal(keys.looks, 2)
})

test('a look that fails is not remembered', async () => {
  const keys = await source()
  const refresh = keys.refresh.bind(keys)
  let failures = 0
  for (const fail of [
    () => Promise.reject(new Error('down')),
    () => {
      throw new Error('down at once')
    },
  ]) {
    keys.put(undefined)
    const verifier = new Verifier({ ...ANY, keys, clock: () => NOW })
    keys.refresh = () => {
      failures += 1
      return fail()
    }
    await assert.rejects(verifier.verifyAsync(keys.token))
    keys.refresh = refresh
    assert.equal((await verifier.verifyAsync(keys.token)).ok, true)
  }
  assert.equal(failures, 2)
})

test('a key that leaves the set verifies nothing any more', async () => {
  const keys = await source()
  const verifier = new Verifier({ ...ANY, keys, clock: () => NOW })
  await verifier.verifyAsync(keys.token)
  keys.put({ keys: [] })
  const outcome = verifier.tryVerify(keys.token)
  assert.equal(outcome.ok ? 'ok' : outcome.code, 'alg_not_allowed')
})

test('what is no JWK Set is as good as none in hand', async () => {
  const keys = await source()
  const verifier = new Verifier({ ...ANY, keys, clock: () => NOW })
  for (const set of [{ keys: 5 }, {}, [], 'x']) {
    keys.put(set)
    assert.ok(verifier.tryVerify(keys.token) instanceof UnavailableError)
  }
})

test('a published secret is a TypeError', async () => {
  const keys = await source()
  keys.put({ keys: [{ kty: 'oct', k: Buffer.from(SECRET).toString('base64url') }] })
  const outcome = new Verifier({ ...ANY, keys, clock: () => NOW }).tryVerify(await mint())
  assert.equal(outcome.ok ? 'ok' : outcome.code, 'alg_not_allowed')
})

test('a source that fails gives no verdict where it might have held the key', async () => {
  const cause = new Error('no network')
  const keys = { current: () => undefined, refresh: () => Promise.reject(cause) }
  const verifier = new Verifier({ ...ANY, keys, clock: () => NOW })
  await assert.rejects(verifier.verifyAsync(await mint()), (error) => {
    return error instanceof UnavailableError && error.cause === cause
  })
})

test('grants have the last word, and only true is a yes', async () => {
  const token = await mint({ sub: 'u1' })
  for (const said of [false, undefined, 'yes', 1]) {
    const grants = () => Promise.resolve(/** @type {any} */ (said))
    const verifier = new Verifier({ ...ANY, keys: { secret: SECRET }, grants, clock: () => NOW })
    await assert.rejects(verifier.verifyAsync(token), { code: 'grant_missing', status: 403 })
  }
  /** @type {unknown[]} */
  const asked = []
  const grants = async (/** @type {import('countersign').Verified} */ verified) => asked.push(verified.claims.sub) === 1
  const verifier = new Verifier({ ...ANY, keys: { secret: SECRET }, grants, clock: () => NOW })
  assert.equal((await verifier.verifyAsync(token)).ok, true)
  assert.deepEqual(asked, ['u1'])
  await assert.rejects(verifier.verifyAsync(await mint({ exp: NOW })), { code: 'token_expired' })
  assert.deepEqual(asked, ['u1'])
  const failing = new Verifier({
    ...ANY,
    keys: { secret: SECRET },
    grants: () => Promise.reject(new Error('down')),
    clock: () => NOW,
  })
  await assert.rejects(failing.verifyAsync(token), { code: 'store_unavailable', status: 503 })
})

test('a clock that returns a promise is a TypeError, and its rejection is handled', async () => {
  /** @type {unknown[]} */
  const unhandled = []
  const note = (/** @type {unknown} */ reason) => unhandled.push(reason)
  process.on('unhandledRejection', note)
  try {
    const clock = /** @type {any} */ (() => Promise.reject(new Error('of the clock')))
    const token = await mint()
    const verifier = new Verifier({ ...ANY, keys: { secret: SECRET }, clock })
    const expected = {
      name: 'TypeError',
      message: 'the result of clock() must be a number of seconds, not a Promise: await it first',
    }
    assert.throws(() => verifier.tryVerify(token), expected)
    assert.throws(() => verifier.tryVerifyMany([token]), expected)
    assert.throws(() => verifier.inspect(token), expected)
    await assert.rejects(verifier.verifyAsync(token), expected)
    await assert.rejects(verifier.redeem(token), expected)
    await assert.rejects(memoryStore({ clock }).spend('a', 1, NOW + 60), { code: 'store_unavailable' })
    const sandbox = await startSandbox({ clock })
    assert.throws(() => sandbox.issuer().mint(), expected)
    await sandbox.close()
    await new Promise((resolve) => setTimeout(resolve, 20))
    assert.deepEqual(unhandled, [])
  } finally {
    process.off('unhandledRejection', note)
  }
})
