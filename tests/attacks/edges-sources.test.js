// @ts-check
/** What a source of keys brings, and what it does instead. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { Verifier } from 'countersign'
import { ANY, CLAIMS, clock, codeOf, GOOD, key, pair } from './caller.js'
import { jws } from './sign.js'

test('what a source brings, however hostile, takes no other key away and no process down', () => {
  const token = jws(pair, { alg: 'ES256', kid: 'k' }, CLAIMS)
  const fine = { ...pair.jwk, kid: 'k' }
  const cycle = /** @type {any} */ ({ kty: 'EC' })
  cycle.self = cycle
  let deep = /** @type {any} */ ({})
  for (let level = 0; level < 10_000; level += 1) deep = { deep }
  /** Members that are no keys. @type {any[]} */
  const unfit = [
    ...[
      null,
      undefined,
      7,
      'key',
      true,
      [],
      {},
      () => fine,
      Symbol('key'),
      1n,
      NaN,
      new Date(),
      new Map(),
      Promise.resolve(fine),
    ],
    ...[
      cycle,
      deep,
      { kty: 'EC', crv: '\ud800' },
      { '\ud800': 1 },
      { ...fine, [Symbol('x')]: 1 },
      { ...pair.jwk, x: Infinity },
      { ...pair.jwk, d: 'AQ' },
    ],
    ...[
      JSON.parse('{"__proto__":{"kty":"oct"}}'),
      { kty: 'oct', k: key.jwk.k, kid: 'k' },
      { ...pair.jwk, y: pair.jwk.x, kid: 'k' },
      { ...pair.jwk, kid: 'k'.repeat(5_000) },
    ],
  ]
  const of = (/** @type {any} */ set) =>
    new Verifier({ ...ANY, keys: { current: () => set, refresh: async () => set }, clock })
  assert.equal(codeOf(of({ keys: [...unfit, fine] }).tryVerify(token)), 'ok')
  assert.equal(codeOf(of({ keys: [fine, ...unfit] }).tryVerify(token)), 'ok')
  for (const member of unfit)
    assert.equal(codeOf(of({ keys: [member, fine] }).tryVerify(token)), 'ok', inspect(member, { depth: 0 }))
  assert.equal(codeOf(of({ keys: [...unfit, fine] }).tryVerify(GOOD)), 'alg_not_allowed')
  /** What is no set: as good as none in hand, and the fixed keys stand. @type {any[]} */
  const none = [
    null,
    7,
    'set',
    [],
    [fine],
    {},
    { keys: null },
    { keys: {} },
    { keys: { length: 1e9 } },
    { keys: 'x' },
    { keys: fine },
    { jwks: [fine] },
    new Map([['keys', [fine]]]),
    { keys: [fine], [Symbol('x')]: 1 },
  ]
  for (const set of none) {
    assert.equal(codeOf(of(set).tryVerify(token)), 'keys_unavailable', inspect(set))
    const beside = new Verifier({
      ...ANY,
      keys: [{ secret: key.secret }, { current: () => set, refresh: async () => set }],
      clock,
    })
    assert.equal(codeOf(beside.tryVerify(GOOD)), 'ok')
    assert.equal(codeOf(beside.tryVerify(token)), 'keys_unavailable')
  }
})

test('a source that throws brings no keys, and the verifier goes on', async () => {
  const own = new RangeError('of the caller')
  let broken = true
  const current = () => {
    if (broken) throw own
    return { keys: [pair.jwk] }
  }
  const built = new Verifier({ ...ANY, keys: { current, refresh: () => Promise.reject(own) }, clock })
  const token = jws(pair, { alg: 'ES256' }, CLAIMS)
  const outcome = built.tryVerify(token)
  assert.equal(codeOf(outcome), 'keys_unavailable')
  assert.equal(outcome.ok ? undefined : outcome.cause, own)
  await assert.rejects(built.verifyAsync(token), (error) => codeOf(/** @type {any} */ (error)) === 'keys_unavailable')
  broken = false
  assert.equal(codeOf(built.tryVerify(token)), 'ok')
  assert.equal((await built.verifyAsync(token)).ok, true)
})

test('a current() that returns a promise is a mistake of the caller’s', () => {
  const token = jws(pair, { alg: 'ES256' }, CLAIMS)
  const current = /** @type {any} */ (async () => ({ keys: [pair.jwk] }))
  const built = new Verifier({ ...ANY, keys: { current, refresh: async () => ({ keys: [] }) }, clock })
  assert.throws(() => built.tryVerify(token), TypeError)
})
