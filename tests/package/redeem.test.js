// @ts-check
/** Redemption: which uses are spent, in which order the stores are asked, and what becomes of their answers. */

import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import {
  countersign,
  denyList,
  memoryStore,
  profiles,
  receipts,
  TokenError,
  UnavailableError,
  Verifier,
} from 'countersign'
import { guard } from 'countersign/fetch'
import { SignJWT } from 'jose'

const NOW = 1_700_000_000
const SECRET = new TextEncoder().encode('a secret of thirty-two octets!!!')
const keys = { secret: SECRET }
const clock = () => NOW
const ANY = { issuer: null, audience: null, keys, clock }

/** @param {Record<string, unknown>} [claims] */
const mint = (claims = {}) =>
  new SignJWT({ iss: 'i', exp: NOW + 60, jti: 'a', ...claims }).setProtectedHeader({ alg: 'HS256' }).sign(SECRET)

const store = () => memoryStore({ clock })

/** @param {Promise<unknown>} redemption */
const codeOf = (redemption) =>
  redemption.then(
    () => 'ok',
    (error) => (error instanceof TokenError || error instanceof UnavailableError ? error.code : String(error)),
  )

const JUSPAY = /** @type {const} */ ({ merchantId: 'm', environment: 'sandbox', kind: 'order' })

/** @param {number} [uses] @param {string} [opaque] */
function receipted(uses = 30, opaque = 'tkn_0123456789abcdef0123456789abcdef') {
  const receipt = receipts.juspay({ ...JUSPAY, id: '7', expires: NOW + 900, uses, now: NOW })
  return countersign(opaque, { ...receipt, now: NOW }, { secret: SECRET })
}

test('thirty uses of a receipt are redeemed, the thirty-first is exhausted, and verify counts none', async () => {
  const verifier = new Verifier({ profile: profiles.juspay(JUSPAY), keys, clock, uses: store() })
  const expected = { bind: { order_id: '7' } }
  const token = receipted()
  for (let left = 29; left >= 0; left -= 1) {
    assert.deepEqual(verifier.verify(token, expected).uses, { limit: 30, left: null })
    assert.deepEqual((await verifier.verifyAsync(token, expected)).uses, { limit: 30, left: null })
    assert.deepEqual((await verifier.redeem(token, expected)).uses, { limit: 30, left })
  }
  await assert.rejects(verifier.redeem(token, expected), (error) => {
    assert.ok(error instanceof TokenError)
    assert.deepEqual(error.toJSON(), { code: 'uses_exhausted', status: 401 })
    assert.equal(error.expected, 30)
    return true
  })
  assert.equal(verifier.tryVerify(token, expected).ok, true)
})

test('the lower of the policy’s and the token’s limit holds', async () => {
  const expected = { bind: { order_id: '7' } }
  for (const [maxUses, uses, limit] of /** @type {const} */ ([
    [5, 30, 5],
    [30, 5, 5],
  ])) {
    const verifier = new Verifier({ profile: profiles.juspay(JUSPAY), keys, clock, maxUses, uses: store() })
    assert.deepEqual((await verifier.redeem(receipted(uses), expected)).uses, { limit, left: limit - 1 })
  }
})

test('a token without a limit under a verifier without one is not counted', async () => {
  let calls = 0
  const verifier = new Verifier({ ...ANY, uses: { spend: async () => ((calls += 1), 1) } })
  const verified = await verifier.redeem(await mint())
  assert.equal(verified.uses, undefined)
  assert.equal(calls, 0)
})

test('a limited token and no counter is store_unavailable; verify takes it', async () => {
  const verifier = new Verifier({ profile: profiles.juspay(JUSPAY), keys, clock })
  const expected = { bind: { order_id: '7' } }
  assert.equal(await codeOf(verifier.redeem(receipted(), expected)), 'store_unavailable')
  assert.equal(verifier.verify(receipted(), expected).uses?.limit, 30)
})

test('maxUses without a counter, singleUse without a store, and what is no store are TypeErrors', async () => {
  for (const [options, named] of /** @type {[any, RegExp][]} */ ([
    [{ maxUses: 3 }, /maxUses/],
    [{ maxUses: 3, replay: store() }, /maxUses/],
    [{ singleUse: true }, /singleUse/],
    [{ singleUse: true, uses: store() }, /singleUse/],
    [{ uses: undefined }, /uses/],
    [{ uses: null }, /uses/],
    [{ uses: {} }, /uses.*spend/],
    [{ uses: { spend: 5 } }, /uses.*spend/],
    [{ replay: {} }, /replay.*add/],
    [{ revocation: {} }, /revocation.*isRevoked/],
    [{ maxUses: 0, uses: store() }, /maxUses/],
  ])) {
    assert.throws(
      () => new Verifier({ ...ANY, ...options }),
      (error) => error instanceof TypeError && named.test(error.message),
      String(named),
    )
  }
  assert.throws(() => new Verifier({ profile: { issuer: null, audience: null, maxUses: 3 }, keys }), /maxUses/)
})

test('limited uses make exp required, whatever expiry says', async () => {
  const verifier = new Verifier({ ...ANY, expiry: 'optional', maxUses: 3, uses: store() })
  assert.equal(await codeOf(verifier.redeem(await mint({ exp: undefined }))), 'claim_missing')
})

test('a token for single use is redeemed once, by its issuer and jti', async () => {
  const verifier = new Verifier({ ...ANY, singleUse: true, replay: store() })
  const first = await verifier.redeem(await mint())
  assert.deepEqual(first.uses, { limit: 1, left: 0 })
  await assert.rejects(verifier.redeem(await mint({ another: 'claim' })), (error) => {
    assert.ok(error instanceof TokenError)
    assert.deepEqual(error.toJSON(), { code: 'token_replayed', status: 401, claim: 'jti' })
    return true
  })
  assert.equal(await codeOf(verifier.redeem(await mint({ jti: 'b' }))), 'ok')
  assert.equal(await codeOf(verifier.redeem(await mint({ iss: 'j' }))), 'ok')
  assert.equal(await codeOf(verifier.verifyAsync(await mint())), 'ok', 'verifying remembers nothing')
})

test('single use makes jti required, for verify as well', async () => {
  const profile = { issuer: null, audience: null, singleUse: true }
  for (const options of [
    { ...ANY, singleUse: true },
    { profile, keys, clock },
  ]) {
    const verifier = new Verifier({ ...options, replay: store() })
    for (const claims of [{ jti: undefined }, { jti: null }, { jti: 5 }]) {
      const refusal = verifier.tryVerify(await mint(claims))
      assert.ok(refusal instanceof TokenError && refusal.claim === 'jti', JSON.stringify(claims))
    }
  }
})

test('of many concurrent redemptions of a token for single use, one succeeds', async () => {
  const verifier = new Verifier({ ...ANY, singleUse: true, replay: store(), uses: store() })
  const token = await mint()
  const codes = await Promise.all(Array.from({ length: 50 }, () => codeOf(verifier.redeem(token))))
  assert.equal(codes.filter((code) => code === 'ok').length, 1)
  assert.equal(codes.filter((code) => code === 'token_replayed').length, 49)
})

test('revocation is asked, then grants, then replay, then uses; the first that refuses is the last asked', async () => {
  /** @type {string[]} */
  let asked = []
  const token = await mint()
  /** @param {string} refusing */
  const under = (refusing) => {
    asked = []
    /** @template T @param {string} name @param {T} good @param {T} bad */
    const step = (name, good, bad) => async () => {
      asked.push(name)
      return name === refusing ? bad : good
    }
    return new Verifier({
      ...ANY,
      singleUse: true,
      revocation: { isRevoked: step('revocation', false, true) },
      grants: step('grants', true, false),
      replay: { add: step('replay', true, false) },
      uses: { spend: step('uses', /** @type {number | null} */ (0), null) },
    })
  }
  const order = ['revocation', 'grants', 'replay', 'uses']
  const codes = ['token_revoked', 'grant_missing', 'token_replayed', 'uses_exhausted']
  for (const [index, name] of order.entries()) {
    assert.equal(await codeOf(under(name).redeem(token)), codes[index])
    assert.deepEqual(asked, order.slice(0, index + 1))
  }
  assert.equal(await codeOf(under('').redeem(token)), 'ok')
  assert.deepEqual(asked, order)
  assert.equal(await codeOf(under('').verifyAsync(token)), 'ok')
  assert.deepEqual(asked, ['revocation', 'grants'], 'verifyAsync spends and remembers nothing')
  assert.equal(await codeOf(under('').redeem('x')), 'token_malformed')
  assert.equal(await codeOf(under('').redeem(await mint({ exp: NOW }))), 'token_expired')
  assert.deepEqual(asked, [], 'a token that is refused is asked about nowhere')
})

test('a token with the wrong binding spends nothing', async () => {
  const uses = store()
  const verifier = new Verifier({ profile: profiles.juspay(JUSPAY), keys, clock, uses })
  assert.equal(await codeOf(verifier.redeem(receipted(1), { bind: { order_id: '8' } })), 'binding_mismatch')
  assert.equal(await codeOf(verifier.redeem(receipted(1), { bind: { order_id: null } })), 'binding_mismatch')
  assert.equal(await codeOf(verifier.redeem(receipted(1), { bind: { order_id: '7' } })), 'ok')
  assert.equal(await codeOf(verifier.redeem(receipted(1), { bind: { order_id: '7' } })), 'uses_exhausted')
})

test('all spellings of a token share one count', async () => {
  const verifier = new Verifier({ ...ANY, maxUses: 1, uses: store() })
  const [header = '', payload = '', signature = ''] = (await mint({ jti: undefined })).split('.')
  assert.equal(await codeOf(verifier.redeem(`${header}.${payload}.${signature}`)), 'ok')
  const twins = [
    `${header}.${payload}.${signature.slice(0, -1)}${signature.endsWith('A') ? 'B' : 'A'}`,
    `${header}.${payload}.${signature}=`,
  ]
  for (const twin of twins) assert.notEqual(await codeOf(verifier.redeem(twin)), 'ok')
  const jti = new Verifier({ ...ANY, maxUses: 1, uses: store() })
  assert.equal(await codeOf(jti.redeem(await mint({ n: 1 }))), 'ok')
  assert.equal(await codeOf(jti.redeem(await mint({ n: 2 }))), 'uses_exhausted', 'one jti is one token')
})

test('two receipts of one token share one count', async () => {
  const verifier = new Verifier({ profile: profiles.juspay(JUSPAY), keys, clock, uses: store() })
  const expected = { bind: { order_id: '7' } }
  for (let use = 0; use < 2; use += 1) assert.equal(await codeOf(verifier.redeem(receipted(3), expected)), 'ok')
  assert.equal((await verifier.redeem(receipted(4), expected)).uses?.left, 1)
  assert.equal(await codeOf(verifier.redeem(receipted(3), expected)), 'uses_exhausted')
})

test('a counter receives the id, the limit and the last moment, leeway included', async () => {
  /** @type {unknown[]} */
  let received = []
  const verifier = new Verifier({
    ...ANY,
    leewaySeconds: 30,
    maxUses: 3,
    uses: { spend: async (...args) => ((received = args), 2) },
  })
  const { id } = await verifier.redeem(await mint())
  assert.deepEqual(received, [id, 3, NOW + 90])
})

test('whatever a store answers that is no count is store_unavailable, and so is whatever it throws', async () => {
  const token = await mint()
  const cause = new TypeError('of the store')
  for (const answer of [NaN, '5', -1, undefined, 3, 1.5, true, {}, [], Infinity, 2n]) {
    const verifier = new Verifier({ ...ANY, maxUses: 3, uses: { spend: async () => /** @type {any} */ (answer) } })
    assert.equal(await codeOf(verifier.redeem(token)), 'store_unavailable', String(answer))
  }
  for (const answer of [undefined, null, 1, 'true', {}]) {
    const replay = { add: async () => /** @type {any} */ (answer) }
    assert.equal(await codeOf(new Verifier({ ...ANY, singleUse: true, replay }).redeem(token)), 'store_unavailable')
    const revocation = { isRevoked: async () => /** @type {any} */ (answer) }
    assert.equal(await codeOf(new Verifier({ ...ANY, revocation }).verifyAsync(token)), 'store_unavailable')
  }
  for (const fail of [
    async () => {
      throw cause
    },
    () => {
      throw cause
    },
  ]) {
    for (const verifier of [
      new Verifier({ ...ANY, maxUses: 3, uses: { spend: fail } }),
      new Verifier({ ...ANY, singleUse: true, replay: { add: fail } }),
      new Verifier({ ...ANY, revocation: { isRevoked: fail } }),
    ]) {
      await assert.rejects(verifier.redeem(token), (error) => {
        assert.ok(error instanceof UnavailableError)
        assert.equal(error.code, 'store_unavailable')
        assert.equal(error.cause, cause)
        return true
      })
    }
  }
  const refusal = new TokenError({ code: 'token_expired' })
  const throwing = new Verifier({ ...ANY, maxUses: 3, uses: { spend: () => Promise.reject(refusal) } })
  assert.equal(await codeOf(throwing.redeem(token)), 'store_unavailable', 'a store does not refuse tokens')
})

test('a store that never settles is store_unavailable', async () => {
  const never = () => /** @type {Promise<any>} */ (new Promise(() => {}))
  const token = await mint()
  for (const verifier of [
    new Verifier({ ...ANY, maxUses: 3, uses: { spend: never } }),
    new Verifier({ ...ANY, singleUse: true, replay: { add: never } }),
  ]) {
    const start = performance.now()
    assert.equal(await codeOf(verifier.redeem(token)), 'store_unavailable')
    assert.ok(performance.now() - start < 10_000)
  }
})

test('expected.now of another time does not change the clock of the store', async () => {
  const verifier = new Verifier({ ...ANY, maxUses: 1, uses: memoryStore() })
  assert.equal(await codeOf(verifier.redeem(await mint(), { now: NOW - 5000 })), 'ok')
  assert.equal(await codeOf(verifier.redeem(await mint(), { now: NOW - 5000 })), 'uses_exhausted')
})

test('a guard redeems when its verifier counts, and only then unless asked', async () => {
  const token = await mint()
  const request = () => new Request('https://api.example/', { headers: { authorization: `Bearer ${token}` } })
  const counting = guard(new Verifier({ ...ANY, maxUses: 1, uses: store() }))
  assert.equal((await counting(request())).ok, true)
  const refused = await counting(request())
  assert.ok(!refused.ok)
  assert.equal(refused.response.status, 401)
  assert.equal(refused.error.code, 'uses_exhausted')
  assert.match(refused.response.headers.get('www-authenticate') ?? '', /invalid_token/)
  const single = guard(new Verifier({ ...ANY, singleUse: true, replay: store() }))
  assert.equal((await single(request())).ok, true)
  assert.equal((await single(request())).ok, false)
  const plain = guard(new Verifier(ANY))
  for (let call = 0; call < 3; call += 1) assert.equal((await plain(request())).ok, true)
  const asked = guard(new Verifier(ANY), { redeem: true })
  assert.equal((await asked(request())).ok, true)
})

test('redeem: false for a verifier that counts, and anything but a boolean, are TypeErrors', () => {
  const counting = new Verifier({ ...ANY, maxUses: 1, uses: store() })
  assert.throws(() => guard(counting, { redeem: false }), TypeError)
  assert.throws(() => guard(new Verifier({ ...ANY, singleUse: true, replay: store() }), { redeem: false }), TypeError)
  assert.doesNotThrow(() => guard(new Verifier(ANY), { redeem: false }))
  for (const redeem of [undefined, null, 1, 'true']) {
    assert.throws(() => guard(new Verifier(ANY), /** @type {any} */ ({ redeem })), TypeError)
  }
})

test('an exhausted Juspay token is answered as Juspay answers', async () => {
  const verifier = new Verifier({ profile: profiles.juspay(JUSPAY), keys, clock, uses: store() })
  const protect = guard(verifier, { expected: () => ({ bind: { order_id: '7' } }) })
  const request = () => new Request('https://api.example/', { headers: { authorization: `Bearer ${receipted(1)}` } })
  assert.equal((await protect(request())).ok, true)
  const refused = await protect(request())
  assert.ok(!refused.ok)
  assert.equal(refused.response.status, 401)
  assert.deepEqual(await refused.response.json(), { status: 'error', error_code: 'access_denied' })
})

test('what was put into Object.prototype is no store, no limit and no claim', async () => {
  const token = await mint({ jti: undefined })
  const polluted = /** @type {any} */ (Object.prototype)
  const members = {
    spend: async () => 0,
    isRevoked: async () => true,
    uses: { limit: 1, left: null },
    iat: NOW,
    status: {},
  }
  const verifier = new Verifier(ANY)
  const list = denyList(memoryStore({ clock }))
  await list.revokeSubject({ issuer: 'i', subject: 's', issuedBefore: NOW, until: NOW + 60 })
  const denying = new Verifier({ ...ANY, revocation: list })
  const undated = await mint({ sub: 's' })
  Object.assign(polluted, members)
  try {
    assert.equal(await codeOf(verifier.redeem(token)), 'ok')
    assert.equal(await codeOf(denying.redeem(undated)), 'token_revoked', 'a token without iat borrows none')
    assert.throws(() => new Verifier({ ...ANY, uses: /** @type {any} */ ({}) }), TypeError)
  } finally {
    for (const name of Object.keys(members)) delete polluted[name]
  }
})

test('uses of zero, or of no whole number, in a signed receipt are claim_malformed', async () => {
  const verifier = new Verifier({ profile: profiles.juspay(JUSPAY), keys, clock, uses: store() })
  const [receipt = '', opaque = ''] = receipted().split('~')
  const [header = '', payload = ''] = receipt.split('.')
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
  for (const uses of [0, -1, 1.5, '30', null]) {
    const body = `${header}.${Buffer.from(JSON.stringify({ ...claims, uses })).toString('base64url')}`
    const forged = `${body}.${createHmac('sha256', SECRET).update(body).digest('base64url')}~${opaque}`
    const code = await codeOf(verifier.redeem(forged, { bind: { order_id: '7' } }))
    assert.equal(code, 'claim_malformed', JSON.stringify(uses))
  }
})
