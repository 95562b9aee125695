// @ts-check
/** Many tokens in few calls get the verdicts that each of them gets alone. */

import assert from 'node:assert/strict'
import { createHmac, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { test } from 'node:test'
import { countersign, TokenError, Verifier } from 'countersign'
import { anySeed, seeded } from '../attacks/random.js'

const NOW = 1_700_000_000
const ANY = { issuer: null, audience: null, clock: () => NOW }
const [FIRST, SECOND] = [randomBytes(32), randomBytes(100)]
const { publicKey, privateKey } = generateKeyPairSync('ed25519')
const KEYS = [
  ...[FIRST, SECOND].map((secret, index) => ({ secret, kid: `s${index}` })),
  { pem: String(publicKey.export({ type: 'spki', format: 'pem' })), kid: 'ed' },
]

/** @typedef {import('countersign').VerifierOptions} Options */
/** @typedef {ReturnType<Verifier['tryVerify']>} Outcome */

/** With all memory, little or none; hashing one by one in the runtime, and four at a time in the core. */
const WAYS = ['auto', 'wasm'].flatMap((arithmetic) =>
  [{}, { cache: { entries: 5 } }, { cache: false }].map(
    (options) => /** @type {Partial<Options>} */ ({ ...options, arithmetic }),
  ),
)

/** @param {Partial<Options>} [options] */
const make = (options = {}) => new Verifier(/** @type {Options} */ ({ ...ANY, keys: KEYS, ...options }))

const part = (/** @type {unknown} */ value) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** @param {object} claims @param {{ alg?: string, kid?: string, secret?: Buffer }} [by] */
function mint(claims, { alg = 'HS256', kid = 's0', secret = FIRST } = {}) {
  const input = `${part({ alg, kid })}.${part({ exp: NOW + 60, ...claims })}`
  const signature =
    alg === 'EdDSA'
      ? sign(null, Buffer.from(input), privateKey)
      : createHmac(alg.replace('HS', 'sha'), secret).update(input).digest()
  return `${input}.${signature.toString('base64url')}`
}

/** @param {Outcome} outcome All of it. */
function plain(outcome) {
  if (outcome.ok) return outcome
  assert.ok(outcome instanceof TokenError)
  const { code, claim, status, expected, actual, message } = outcome
  return { code, claim, status, expected, actual, message }
}

/** A token of any kind, good or bad. @param {import('../attacks/random.js').Random} random @returns {any} */
function anyToken(random) {
  const claims = {
    sub: random.text(random.below(12)),
    list: Array.from({ length: random.below(30) }, () => random.text(9)),
  }
  const good = mint(claims)
  return random.one([
    () => good,
    () => good,
    () => good,
    () => mint({ ...claims, x: 'é' }),
    () => mint(claims, { kid: 's1', secret: SECOND }),
    () => mint(claims, { kid: 's1', secret: FIRST }),
    () => mint(claims, { alg: 'HS512' }),
    () => mint(claims, { alg: 'EdDSA', kid: 'ed' }),
    () => mint(claims, { kid: 'unknown' }),
    () => mint({ ...claims, exp: NOW }),
    () => mint({ ...claims, exp: 'soon' }),
    () => `${good.slice(0, -2)}${good.endsWith('AA') ? 'BA' : 'AA'}`,
    () => good.slice(0, -1),
    () => `${good}.`,
    () => good.replace('.', '..'),
    () => `${good}~x`,
    () => `é${good}`,
    () => `${good}\ud800`,
    () => random.text(60),
    () => '',
    () => null,
    () => undefined,
    () => 7,
    () => 'x'.repeat(20_000),
  ])()
}

test('random tokens, good and bad, get alone and together the same answers', () => {
  const seed = anySeed()
  const random = seeded(seed)
  for (const options of WAYS) {
    const [together, alone] = [make(options), make(options)]
    /** @type {any[]} */
    const asked = []
    for (const count of [0, 1, 2, 3, 4, 5, 63, 64, 65, 130, 300]) {
      const tokens = Array.from({ length: count }, () =>
        asked.length > 0 && random.below(4) === 0 ? random.one(asked) : anyToken(random),
      )
      asked.push(...tokens.slice(0, 20))
      const found = together.tryVerifyMany(tokens).map(plain)
      const expected = tokens.map((token) => plain(alone.tryVerify(token)))
      assert.deepStrictEqual(found, expected, `seed ${seed}, ${count} tokens`)
    }
    assert.deepStrictEqual(together.stats, alone.stats, `seed ${seed}`)
  }
})

test('receipts are verified together, each with its token', () => {
  const key = { secret: FIRST }
  const verifier = make({ evidence: 'receipt', keys: key, bind: ['order_id'], arithmetic: 'wasm' })
  const receipt = (/** @type {number} */ index) =>
    countersign(`token${index}`, { expires: NOW + 60, bind: { order_id: index % 2 }, now: NOW }, key)
  const tokens = Array.from({ length: 100 }, (_, index) => receipt(index))
  for (let turn = 0; turn < 2; turn += 1) {
    const swapped = [...tokens.slice(0, 98), String(tokens[98]).replace('~token98', '~token99'), 'token99']
    const codes = verifier
      .tryVerifyMany(swapped, { bind: { order_id: 0 } })
      .map((outcome) => (outcome.ok ? 'ok' : outcome.code))
    const expected = tokens.slice(0, 98).map((_, index) => (index % 2 === 0 ? 'ok' : 'binding_mismatch'))
    assert.deepEqual(codes, [...expected, 'receipt_mismatch', 'receipt_missing'])
  }
})

test('a signature that one secret made is not another’s, however many are verified', () => {
  const verifier = make({ cache: false, arithmetic: 'wasm' })
  const good = Array.from({ length: 64 }, (_, index) => mint({ index }))
  verifier.tryVerifyMany(good)
  const stolen = good.map((token, index) => {
    const other = String(good[(index + 1) % 64])
    return token.slice(0, token.lastIndexOf('.')) + other.slice(other.lastIndexOf('.'))
  })
  const mixed = good.flatMap((token, index) => [token, String(stolen[index])])
  const codes = verifier.tryVerifyMany(mixed).map((outcome) => (outcome.ok ? 'ok' : outcome.code))
  assert.deepEqual(
    codes,
    good.flatMap(() => ['ok', 'signature_invalid']),
  )
})

test('a mistake is a TypeError, whether there are tokens or not', () => {
  const verifier = make({ bind: ['order_id'] })
  for (const tokens of [[], [mint({})], ['x'], [null]]) {
    assert.throws(() => verifier.tryVerifyMany(tokens), TypeError)
    assert.throws(
      () => verifier.tryVerifyMany(tokens, /** @type {any} */ ({ bind: { order_id: '1' }, audiense: 'x' })),
      TypeError,
    )
    assert.throws(() => verifier.tryVerifyMany(tokens, { bind: { order_id: '1' }, now: NOW * 1000 }), TypeError)
  }
  assert.deepEqual(verifier.tryVerifyMany([], { bind: { order_id: '1' } }), [])
  assert.deepEqual(verifier.stats, { verified: 0, refused: 0, cacheHits: 0, cacheEntries: 0 })
})

test('a token alone is no list of tokens', () => {
  const verifier = new Verifier({
    issuer: null,
    audience: null,
    keys: { secret: 'a secret of at least thirty-two octets' },
  })
  for (const tokens of ['a.b.c', undefined, null, 7]) {
    assert.throws(() => verifier.tryVerifyMany(/** @type {any} */ (tokens)), {
      name: 'TypeError',
      message: 'tokens must be an array',
    })
  }
})

test('any iterable is read once, before the first token is verified', () => {
  const verifier = make()
  const token = mint({})
  const read = /** @type {number[]} */ ([])
  function* tokens() {
    for (let index = 0; index < 70; index += 1) {
      read.push(verifier.stats.verified)
      yield token
    }
  }
  assert.equal(verifier.tryVerifyMany(/** @type {any} */ (tokens())).length, 70)
  assert.deepEqual(read, Array(70).fill(0))
})
