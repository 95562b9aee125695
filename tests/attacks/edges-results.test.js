// @ts-check
/** What comes out is plain data of the caller's own, and tells no more than it must. */

import assert from 'node:assert/strict'
import { Console } from 'node:console'
import { Writable } from 'node:stream'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { countersign, TokenError, Verifier } from 'countersign'
import { ANY, CLAIMS, clock, codeOf, fickle, GOOD, key, mint, verifier } from './caller.js'
import { jws } from './sign.js'
import { NOW } from './target.js'

test('claims with the names that JavaScript gives a meaning to are plain data, and a result is no promise', async () => {
  const text = `{"exp":${NOW + 60},"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}},"then":"t","toJSON":"j","toString":"s","valueOf":1,"hasOwnProperty":0,"ok":false,"length":9}`
  const verified = verifier.verify(mint(text))
  const { claims } = verified
  assert.equal(Object.getPrototypeOf(claims), Object.prototype)
  assert.ok(Object.hasOwn(claims, '__proto__'))
  assert.equal(/** @type {any} */ (claims).admin, undefined)
  assert.equal(/** @type {any} */ ({}).admin, undefined)
  assert.deepEqual(Object.keys(claims), Object.keys(JSON.parse(text)))
  assert.equal(await verified, verified)
  assert.equal(await claims, claims)
  assert.deepEqual(JSON.parse(JSON.stringify(claims)), JSON.parse(text))
  const header = jws(key, '{"alg":"HS256","__proto__":{"alg":"none"},"then":1,"toJSON":2}', CLAIMS)
  assert.equal(verifier.verify(header).header.alg, 'HS256')
  assert.ok(Object.hasOwn(verifier.verify(header).header, '__proto__'))
})

test('a result is the caller’s own: whatever is done to it, the next one says what the token says', () => {
  const token = mint({ ...CLAIMS, roles: ['a', { b: ['c'] }], scope: 'x y' })
  const first = /** @type {any} */ (verifier.verify(token))
  const before = structuredClone(first)
  first.claims.roles[1].b.push('admin')
  first.claims.sub = 'admin'
  first.claims.exp += 1000
  first.header.alg = 'none'
  first.scope.push('admin')
  first.key.kid = 'x'
  delete first.claims.iss
  Object.assign(first, { ok: false, id: 'x', expiresAt: null })
  assert.deepEqual(verifier.verify(token), before)
  const frozen = Object.freeze(verifier.verify(token))
  Object.freeze(frozen.claims)
  assert.deepEqual(verifier.verify(token), before)
  assert.notEqual(verifier.verify(token).claims, verifier.verify(token).claims)
})

/** What console.log would print. @param {unknown} value */
function printed(value) {
  let text = ''
  const stdout = new Writable({ write: (chunk, _, done) => ((text += chunk), done()) })
  new Console({ stdout }).log(value)
  return text
}

test('a result and a refusal pass through structuredClone, JSON, console.log and spread, and tell no more there', () => {
  const verified = verifier.verify(GOOD)
  for (const copy of [
    structuredClone(verified),
    JSON.parse(JSON.stringify(verified)),
    { ...verified },
    Object.assign({}, verified),
  ]) {
    assert.deepEqual(copy, verified)
  }
  const private_ = 'someone@example.org'
  const refusal = new Verifier({ ...ANY, subject: 'another', keys: { secret: key.secret }, clock }).tryVerify(
    mint({ ...CLAIMS, sub: private_ }),
  )
  assert.ok(refusal instanceof TokenError)
  assert.equal(refusal.actual, private_)
  const shown = { ok: false, code: 'claim_mismatch', status: 401, claim: 'sub' }
  assert.deepEqual({ ...refusal }, shown)
  assert.deepEqual(Object.entries(refusal), Object.entries(shown))
  assert.deepEqual(JSON.parse(JSON.stringify([refusal])), [{ code: 'claim_mismatch', status: 401, claim: 'sub' }])
  const cloned = structuredClone(refusal)
  assert.ok(cloned instanceof Error)
  assert.equal(cloned.message, 'claim_mismatch (sub)')
  const rethrown = new Error('outer', { cause: refusal })
  for (const text of [
    printed(refusal),
    printed(cloned),
    printed({ refusal }),
    printed(rethrown),
    String(refusal),
    JSON.stringify(cloned),
    `${refusal.stack}`,
  ]) {
    assert.ok(!text.includes(private_), text)
    for (const part of GOOD.split('.')) assert.ok(!text.includes(part))
  }
  assert.equal(Object.prototype.toString.call(refusal), '[object Error]')
  assert.equal(refusal.name, 'TokenError')
  const inspection = verifier.inspect(mint({ ...CLAIMS, exp: 1 }))
  assert.deepEqual(structuredClone(inspection).claims, inspection.claims)
  assert.deepEqual(JSON.parse(JSON.stringify(inspection)).error, { code: 'token_expired', status: 401, claim: 'exp' })
})

test('a verifier shows nothing of its keys', () => {
  const shown = [
    inspect(verifier, { depth: null, showHidden: true }),
    JSON.stringify(verifier),
    String(verifier),
    printed(verifier),
  ].join()
  for (const text of [key.secret.toString('base64url'), key.secret.toString('hex'), [...key.secret].join(', ')])
    assert.ok(!shown.includes(text))
  assert.throws(() => structuredClone(/** @type {any} */ (verifier)).verify(GOOD), TypeError)
})

test('a receipt is made of what its options say at that moment, and shows no secret when they are wrong', () => {
  const receipt = { expires: NOW + 60, bind: { order_id: 'o' }, now: NOW }
  const reads = new Map()
  const made = countersign('opaque', fickle(receipt, reads), fickle({ secret: key.secret }, reads, 'key'))
  assert.deepEqual([...new Set(reads.values())], [1])
  const reader = new Verifier({ ...ANY, evidence: 'receipt', bind: ['order_id'], keys: { secret: key.secret }, clock })
  assert.equal(codeOf(reader.tryVerify(made, { bind: { order_id: 'o' } })), 'ok')
  const short = 'short-and-secret'
  for (const secret of [short, new TextEncoder().encode(short), { secret: short }, [short]]) {
    assert.throws(
      () => countersign('opaque', receipt, /** @type {any} */ ({ secret })),
      (error) => error instanceof TypeError && !inspect(error).includes(short),
    )
  }
  for (const token of [new String('opaque'), ['opaque'], null, undefined, 7, '\ud800', '']) {
    assert.throws(() => countersign(/** @type {any} */ (token), receipt, { secret: key.secret }), TypeError)
  }
})
