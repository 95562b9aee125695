// @ts-check
/** Stack exhaustion while the package decodes a result: no later verdict changes. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Verifier } from 'countersign'
import { ANY, key, mint as mintAll } from './caller.js'
import { NOW } from './target.js'

const keys = { secret: key.secret }
const clock = () => NOW

/** @param {object} claims */
const mint = (claims) => mintAll({ exp: NOW + 60, ...claims })

/** @param {number} depth Of calls. @param {() => unknown} work @returns {unknown} */
function below(depth, work) {
  return depth === 0 ? work() : below(depth - 1, work)
}

/** How deep calls go until the stack runs out, and what that comes to. @param {() => unknown} work */
function deepest(work) {
  let [fits, fails] = [1, 1_000_000]
  while (fails - fits > 1) {
    const middle = (fits + fails) >> 1
    try {
      below(middle, work)
      fits = middle
    } catch {
      fails = middle
    }
  }
  return fits
}

/** @param {Verifier} verifier @param {string} token */
const subject = (verifier, token) => {
  const outcome = verifier.tryVerify(token)
  return outcome.ok ? outcome.claims.sub : outcome.code
}

/** An array in an array in an array … */
const nested = (/** @type {number} */ depth) =>
  Array.from({ length: depth }).reduce((/** @type {unknown} */ inner) => [inner], 0)

test('the stack may run out while answers are read: the next token says what it says', () => {
  const [alice, deep] = [mint({ sub: 'alice' }), mint({ sub: 'deep', deep: nested(200) })]
  let interrupted = 0
  for (let left = 40; left < 2_400; left += 20) {
    // Measured each time: an engine that has optimised a function calls it with less.
    const room = deepest(() => 1)
    const verifier = new Verifier({ ...ANY, keys, clock, cache: { entries: 2 } })
    for (const token of [alice, deep, deep]) verifier.tryVerify(token)
    const mallory = mint({ sub: 'mallory', left })
    try {
      below(room - left, () => verifier.tryVerifyMany([deep, mallory]))
    } catch (error) {
      assert.ok(error instanceof RangeError, String(error))
      interrupted += 1
    }
    for (let turn = 0; turn < 2; turn += 1) assert.equal(subject(verifier, mallory), 'mallory', `${left} calls left`)
    assert.equal(subject(verifier, alice), 'alice')
  }
  assert.ok(interrupted > 0, 'the stack never ran out')
})

test('an exception of any kind while an answer is read leaves the tables of no verifier out of step', () => {
  const { parse } = JSON
  for (const failing of [1, 2, 3, 4, 5]) {
    const verifier = new Verifier({ ...ANY, keys, clock, issuer: ['https://issuer.example', 'i'] })
    const tokens = ['a', 'b', 'c'].map((sub) => mint({ sub, [sub]: [{ sub }], iss: 'i' }))
    const refused = mint({ sub: 'd', iss: 'other' })
    let calls = 0
    JSON.parse = (/** @type {any[]} */ ...args) => {
      calls += 1
      if (calls === failing) throw new Error('interrupted')
      return parse(.../** @type {[string]} */ (args))
    }
    try {
      verifier.tryVerifyMany([...tokens, refused])
    } catch (error) {
      assert.equal(/** @type {Error} */ (error).message, 'interrupted')
    } finally {
      JSON.parse = parse
    }
    for (let turn = 0; turn < 2; turn += 1) {
      for (const [index, token] of tokens.entries()) {
        const { claims } = verifier.verify(token)
        assert.deepEqual(
          [claims.sub, claims['abc'.charAt(index)]],
          ['abc'.charAt(index), [{ sub: 'abc'.charAt(index) }]],
        )
      }
      assert.equal(subject(verifier, refused), 'claim_mismatch')
    }
  }
})
