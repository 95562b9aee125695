// @ts-check
/** Values passed in place of a token, and the ways to call a verifier. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { inspect as look, Verifier } from 'countersign'
import { ANY, clock, codeOf, GOOD, key, mint, pair, verdict, verifier, watched } from './caller.js'
import { NOW } from './target.js'

test('what is no string is no token, and is never asked for one', () => {
  const refuse = () => assert.fail('it was converted')
  const hostile = {
    toString: refuse,
    valueOf: refuse,
    toJSON: refuse,
    [Symbol.toPrimitive]: refuse,
    get length() {
      return refuse()
    },
  }
  const octets = new TextEncoder().encode(GOOD)
  for (const token of [
    new String(GOOD),
    [GOOD],
    { toString: () => GOOD },
    hostile,
    octets,
    octets.buffer,
    Buffer.from(GOOD),
    new Date(),
    /x/,
    new Map(),
    1n,
    -0,
    NaN,
    Symbol.iterator,
    Promise.resolve(GOOD),
    class {},
  ]) {
    assert.equal(verdict(token), 'token_malformed', inspect(token))
    assert.equal(look(/** @type {any} */ (token)).error?.code, 'token_malformed')
    assert.equal(verifier.inspect(/** @type {any} */ (token)).error?.code, 'token_malformed')
  }
  for (const target of [{}, [], () => GOOD]) {
    const { touched, proxy } = watched(target)
    assert.equal(verdict(proxy), 'token_malformed')
    assert.deepEqual(touched, [])
  }
  for (const token of [null, undefined, '']) assert.equal(verdict(token), 'token_missing')
  assert.equal(verdict(GOOD), 'ok')
})

test('half of a surrogate pair is refused wherever it stands, and replaced nowhere', () => {
  for (const half of ['\ud800', '\udbff', '\udc00', '\udfff', '\udc00\ud800']) {
    for (const at of [0, 1, GOOD.indexOf('.') + 1, GOOD.length - 1, GOOD.length]) {
      const token = `${GOOD.slice(0, at)}${half}${GOOD.slice(at)}`
      assert.equal(verdict(token), 'token_malformed')
      assert.equal(look(token).error?.code, 'token_malformed')
    }
  }
  assert.equal(verdict(`${GOOD}😀`), 'token_malformed')
  assert.equal(verdict(GOOD), 'ok')
})

test('code of the caller’s that runs inside a call may call again', () => {
  let depth = 0
  /** @type {string[]} */
  const inner = []
  const again = () => {
    if (depth > 3) return NOW
    depth += 1
    inner.push(String(codeOf(nested.tryVerify(depth % 2 === 0 ? GOOD : `${GOOD}x`))))
    depth -= 1
    return NOW
  }
  const nested = new Verifier({ ...ANY, keys: { secret: key.secret }, clock: () => (depth < 3 ? again() : NOW) })
  assert.equal(codeOf(nested.tryVerify(GOOD)), 'ok')
  assert.ok(inner.length > 2 && new Set(inner).size === 2)
  const expected = {
    get claims() {
      return (nested.tryVerify('x'.repeat(20_000)), { sub: 'u' })
    },
  }
  assert.equal(codeOf(verifier.tryVerify(GOOD, /** @type {any} */ (expected))), 'ok')
  const tokens = [GOOD, 'x', GOOD]
  Object.defineProperty(tokens, 1, { get: () => (verifier.tryVerify(mint({ exp: 1 })), 'x') })
  assert.deepEqual(verifier.tryVerifyMany(tokens).map(codeOf), ['ok', 'token_malformed', 'ok'])
  /** @type {Verifier | undefined} */
  let gone
  const source = {
    current: () => (gone?.[Symbol.dispose](), { keys: [pair.jwk] }),
    refresh: async () => ({ keys: [] }),
  }
  gone = new Verifier({ ...ANY, keys: source, clock })
  assert.throws(() => gone?.tryVerify(GOOD), TypeError)
  assert.equal(verdict(GOOD), 'ok')
})

test('many tokens may come in any list, and each is judged by itself', () => {
  assert.deepEqual(verifier.tryVerifyMany([]).map(codeOf), [])
  const holes = [GOOD, , GOOD]
  assert.deepEqual(verifier.tryVerifyMany(/** @type {any} */ (holes)).map(codeOf), ['ok', 'token_missing', 'ok'])
  const mixed = [GOOD, null, undefined, 7, {}, new String(GOOD), [GOOD], '\ud800', GOOD]
  assert.deepEqual(verifier.tryVerifyMany(/** @type {any} */ (mixed)).map(codeOf), [
    'ok',
    'token_missing',
    'token_missing',
    ...Array.from({ length: 5 }, () => 'token_malformed'),
    'ok',
  ])
  const outcomes = verifier.tryVerifyMany([GOOD, GOOD])
  assert.notEqual(outcomes[0], outcomes[1])
  assert.deepEqual(outcomes[0], outcomes[1])
})

test('methods taken off a verifier, and given to another object, are TypeErrors', () => {
  const { tryVerify, verify, inspect: report } = verifier
  for (const method of /** @type {Function[]} */ ([tryVerify, verify, report])) {
    assert.throws(() => method.call({}, GOOD), TypeError)
    assert.throws(() => method.call(undefined, GOOD), TypeError)
  }
  assert.equal(codeOf(tryVerify.call(verifier, GOOD)), 'ok')
})
