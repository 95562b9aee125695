// @ts-check
/** The memory of verified tokens: it spares the signature, and nothing else. */

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { countersign, TokenError, Verifier } from 'countersign'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'

const NOW = 1_700_000_000
const SECRET = randomBytes(32)
const ANY = { issuer: null, audience: null }

/** @typedef {import('countersign').VerifierOptions} Options */

/** @param {Record<string, unknown>} [claims] @param {Record<string, unknown>} [header] */
const mint = (claims = {}, header = {}) =>
  new SignJWT({ iss: 'i', exp: NOW + 60, ...claims }).setProtectedHeader({ alg: 'HS256', ...header }).sign(SECRET)

/** @param {Partial<Options>} [options] */
const make = (options = {}) =>
  new Verifier(/** @type {Options} */ ({ ...ANY, keys: { secret: SECRET }, clock: () => NOW, ...options }))

/** The same text, and another string. @param {string} text */
const again = (text) => Buffer.from(text).toString('latin1')

/** @param {ReturnType<Verifier['tryVerify']>} outcome */
const verdict = (outcome) => (outcome.ok ? 'ok' : outcome.code)

test('a token that comes again is remembered, and says what it said', async () => {
  const verifier = make()
  const token = await mint(
    { roles: ['a', { deep: [1, null] }], ['__proto__']: { x: 1 }, scope: 'read write' },
    { kid: undefined, typ: 'JWT' },
  )
  const first = verifier.verify(token)
  assert.deepEqual(verifier.stats, { verified: 1, refused: 0, cacheHits: 0, cacheEntries: 1 })
  for (const asked of [token, again(token)]) assert.deepEqual(verifier.verify(asked), first)
  assert.deepEqual(verifier.stats, { verified: 3, refused: 0, cacheHits: 2, cacheEntries: 1 })
  assert.deepEqual(make({ cache: false }).verify(token), first)
})

test('what is handed out is the caller’s own, every time', async () => {
  const verifier = make()
  const lists = { names: ['a', 1, null], pairs: [['k', 'v'], []], nested: { names: ['b'] } }
  const token = await mint(
    { roles: ['a', { deep: ['b'] }], scope: 'read', ...lists },
    { crit: undefined, x5c: ['MA=='] },
  )
  const fresh = JSON.stringify(make({ cache: false }).verify(token))
  for (let turn = 0; turn < 4; turn += 1) {
    const verified = /** @type {any} */ (verifier.verify(token))
    assert.equal(JSON.stringify(verified), fresh, `turn ${turn}`)
    verified.claims.roles[1].deep.push('admin')
    verified.claims.names.push('admin')
    verified.claims.pairs[0].push('admin')
    verified.claims.pairs[1].push('admin')
    verified.claims.nested.names.push('admin')
    verified.claims.sub = 'root'
    verified.header.x5c.push('x')
    verified.header.kid = 'x'
    verified.scope.push('admin')
    verified.key.alg = 'none'
    verified.ok = 'yes'
  }
})

test('time and expectations are held against a token that is remembered', async () => {
  let now = NOW
  const verifier = make({ issuer: 'i', clock: () => now, bind: ['order_id'] })
  const token = await mint({ aud: ['a', 'b'], scope: 'read', order_id: '7', nonce: 'n', nbf: NOW })
  const bind = { order_id: '7' }
  for (let turn = 0; turn < 3; turn += 1) {
    assert.equal(verdict(verifier.tryVerify(token, { bind })), 'ok')
    for (const [expected, code] of /** @type {const} */ ([
      [{ bind: { order_id: '8' } }, 'binding_mismatch'],
      [{ bind, scope: 'write' }, 'scope_insufficient'],
      [{ bind, audience: 'c' }, 'claim_mismatch'],
      [{ bind, nonce: 'm' }, 'claim_mismatch'],
      [{ bind, claims: { roles: 'x' } }, 'claim_missing'],
      [{ bind, now: NOW + 60 }, 'token_expired'],
      [{ bind, now: NOW - 1 }, 'token_not_yet_valid'],
      [{ bind, scope: 'read', audience: 'b', nonce: 'n' }, 'ok'],
    ])) {
      assert.equal(verdict(verifier.tryVerify(again(token), expected)), code)
    }
    assert.throws(() => verifier.tryVerify(token), TypeError)
    assert.throws(() => verifier.tryVerify(token, { bind, now: NaN }), TypeError)
  }
  now = NOW + 60
  assert.equal(verdict(verifier.tryVerify(token, { bind })), 'token_expired')
  now = NOW
  assert.equal(verdict(verifier.tryVerify(token, { bind })), 'ok')
})

test('a token that was refused is not remembered', async () => {
  const verifier = make()
  const good = await mint()
  const forged = `${good.slice(0, -4)}${good.endsWith('AAAA') ? 'BBBB' : 'AAAA'}`
  for (const token of [forged, 'x', '', await mint({ exp: NOW })]) {
    for (let turn = 0; turn < 2; turn += 1) assert.ok(verifier.tryVerify(token) instanceof TokenError)
  }
  assert.deepEqual(verifier.stats, { verified: 0, refused: 8, cacheHits: 0, cacheEntries: 0 })
})

test('one octet more, less or other is another token', async () => {
  const verifier = make()
  const token = await mint()
  verifier.verify(token)
  const others = Array.from(
    token,
    (letter, at) => token.slice(0, at) + (letter === 'A' ? 'B' : 'A') + token.slice(at + 1),
  )
  for (const other of [
    ...others,
    `${token}=`,
    ` ${token}`,
    token.slice(0, -1),
    `${token}~`,
    token.replace('.', '..'),
  ]) {
    assert.ok(verifier.tryVerify(other) instanceof TokenError, other)
    assert.equal(verifier.tryVerify(token).ok, true)
  }
  assert.equal(verifier.stats.cacheHits, token.length + 5)
})

test('two spellings of one signature are two tokens of one id', async () => {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
  const token = await new SignJWT({ exp: NOW + 60 }).setProtectedHeader({ alg: 'ES256' }).sign(privateKey)
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
  const [header, payload, signature] = token.split('.')
  const octets = Buffer.from(String(signature), 'base64url')
  const s = order - BigInt(`0x${octets.subarray(32).toString('hex')}`)
  octets.set(Buffer.from(s.toString(16).padStart(64, '0'), 'hex'), 32)
  const verifier = make({ keys: { jwk: await exportJWK(publicKey) } })
  const twins = [token, `${header}.${payload}.${octets.toString('base64url')}`, token].map((twin) =>
    verifier.verify(twin),
  )
  assert.equal(new Set(twins.map(({ id }) => id)).size, 1)
  assert.equal(verifier.stats.cacheEntries, 2)
  assert.equal(verifier.stats.cacheHits, 1)
})

test('a memory holds as many tokens as it may, and lets go of one that is not asked for', async () => {
  const verifier = make({ cache: { entries: 2 } })
  const [often, ...others] = await Promise.all(Array.from({ length: 8 }, (_, n) => mint({ n })))
  verifier.verify(often)
  for (const other of others) {
    verifier.verify(other)
    assert.equal(verifier.verify(often).claims.n, 0)
    assert.ok(verifier.stats.cacheEntries <= 2)
  }
  assert.equal(verifier.stats.cacheHits, others.length)
  for (const [n, other] of others.entries()) assert.equal(verifier.verify(other).claims.n, n + 1)
})

test('a memory takes no more octets than it may', async () => {
  const big = await mint({ text: 'x'.repeat(3000) })
  const small = make({ cache: { bytes: 1000 } })
  for (let turn = 0; turn < 2; turn += 1) small.verify(big)
  assert.deepEqual(small.stats, { verified: 2, refused: 0, cacheHits: 0, cacheEntries: 0 })
  const roomy = make({ cache: { bytes: 20_000 } })
  const tokens = await Promise.all(Array.from({ length: 9 }, (_, n) => mint({ n, text: 'x'.repeat(3000) })))
  for (const token of tokens) roomy.verify(token)
  assert.equal(roomy.stats.cacheEntries, 2)
})

test('an entry dies with its key', async () => {
  const pairs = await Promise.all(
    ['a', 'b'].map(async (kid) => ({ kid, ...(await generateKeyPair('EdDSA', { extractable: true })) })),
  )
  const sets = await Promise.all(
    pairs.map(async ({ kid, publicKey }) => ({ keys: [{ ...(await exportJWK(publicKey)), kid }] })),
  )
  let current = sets[0]
  const source = { current: () => current, refresh: async () => /** @type {any} */ (current) }
  const verifier = make({ keys: source })
  const [first] = pairs
  const token = await new SignJWT({ exp: NOW + 60 })
    .setProtectedHeader({ alg: 'EdDSA', kid: 'a' })
    .sign(/** @type {any} */ (first).privateKey)
  for (let turn = 0; turn < 2; turn += 1) assert.equal(verdict(verifier.tryVerify(token)), 'ok')
  assert.equal(verifier.stats.cacheHits, 1)
  current = sets[1]
  assert.equal(verdict(verifier.tryVerify(token)), 'key_not_found')
  current = sets[0]
  assert.equal(verdict(verifier.tryVerify(token)), 'ok')
  assert.deepEqual(verifier.stats, { verified: 3, refused: 1, cacheHits: 1, cacheEntries: 1 })
})

test('a receipt is remembered with its token alone', () => {
  const options = /** @type {const} */ ({ ...ANY, evidence: 'receipt', bind: ['order_id'] })
  const verifier = make(options)
  const expected = { bind: { order_id: '1' } }
  const receipt = countersign(
    'opaque',
    { expires: NOW + 60, bind: { order_id: '1' }, uses: 3, now: NOW },
    { secret: SECRET },
  )
  const [first, second] = [verifier.verify(receipt, expected), verifier.verify(receipt, expected)]
  assert.deepEqual(second, first)
  assert.deepEqual(second.uses, { limit: 3, left: null })
  assert.equal(second.evidence, 'receipt')
  assert.equal(verifier.stats.cacheHits, 1)
  assert.equal(verdict(verifier.tryVerify(`${receipt}2`, expected)), 'receipt_mismatch')
  assert.equal(verdict(verifier.tryVerify(receipt, { bind: { order_id: '2' } })), 'binding_mismatch')
})

test('headers and keys that take turns are told apart', async () => {
  const kids = Array.from({ length: 12 }, (_, n) => `k${n}`)
  const verifier = make({
    keys: [{ secret: SECRET }, ...kids.map((kid) => ({ secret: SECRET, kid }))],
    cache: { entries: 3 },
  })
  const tokens = await Promise.all([...kids, 'unknown'].map((kid) => mint({ kid }, { kid, typ: `t${kid}` })))
  for (let turn = 0; turn < 3; turn += 1) {
    for (const token of [...tokens, ...tokens.slice().reverse()]) {
      const { header, claims, key } = verifier.verify(token)
      assert.equal(header.kid, claims.kid)
      assert.equal(header.typ, `t${String(claims.kid)}`)
      assert.equal(key.kid, claims.kid === 'unknown' ? null : claims.kid)
    }
  }
})

test('what the memory may hold is said in whole numbers', async () => {
  for (const cache of [
    true,
    null,
    undefined,
    5,
    { entries: 0 },
    { entries: 1.5 },
    { entries: '5' },
    { bytes: -1 },
    { entries: 2e6 },
    { size: 5 },
    { entries: undefined },
  ]) {
    assert.throws(
      () => make(/** @type {any} */ ({ cache })),
      (error) => error instanceof TypeError && /cache/.test(error.message),
    )
  }
  const verifier = make({ cache: {} })
  const token = await mint()
  for (let turn = 0; turn < 2; turn += 1) verifier.verify(token)
  assert.equal(verifier.stats.cacheHits, 1)
  verifier[Symbol.dispose]()
  assert.deepEqual(verifier.stats, { verified: 2, refused: 0, cacheHits: 1, cacheEntries: 0 })
})
