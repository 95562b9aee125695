// @ts-check
/** The judge is judged: verifiers that are wrong on purpose, each in one way, are caught in it. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect, TokenError, Verifier } from 'countersign'
import { readCorpus } from './corpus.js'
import { hold } from './hold.js'

const corpus = readCorpus(new URL('sample.json', import.meta.url), { refusals: 1, controls: 1 })
const refusal = corpus.cases.find((one) => one.class === '13-numericdate' && one.alg === 'HS256' && 'err' in one.answer)
const control = corpus.cases.find((one) => one.class === '08-hmac' && one.alg === 'HS256' && 'ok' in one.answer)
const mistake = corpus.cases.find((one) => 'typeError' in one.answer)
assert.ok(refusal !== undefined && control !== undefined && mistake !== undefined)

/** What is said of `one` where tryVerify() is `wrong`. @param {import('./corpus.js').Minted} one @param {(this: Verifier, token: any, expected?: any) => any} wrong */
function said(one, wrong) {
  class Wrong extends Verifier {
    /** @override @param {any} token @param {any} [expected] @returns {any} */
    tryVerify(token, expected) {
      return wrong.call(this, token, expected)
    }
  }
  return hold(
    /** @type {any} */ ({ Verifier: Wrong, TokenError, inspect }),
    one,
    corpus.keys[one.keys],
    corpus.now,
  ).join('\n')
}

/** The right outcome. @param {Verifier} verifier @param {any} token @param {any} expected @returns {any} */
const right = (verifier, token, expected) => Verifier.prototype.tryVerify.call(verifier, token, expected)

/** A refusal, changed. @param {(error: any, token: any) => any} change */
const changed = (change) =>
  /** @this {Verifier} @param {any} token @param {any} expected */ function (token, expected) {
    const outcome = right(this, token, expected)
    return outcome.ok ? outcome : change(outcome, token)
  }

test('a verifier that is right has nothing said of it', () => {
  for (const one of [refusal, control])
    assert.equal(
      said(one, function (token, expected) {
        return right(this, token, expected)
      }),
      '',
    )
})

test('who accepts everything, refuses everything, or gives another reason is caught', () => {
  assert.match(
    said(refusal, function (_, expected) {
      return right(this, refusal.good.token, expected)
    }),
    /accepted/,
  )
  assert.match(
    said(control, () => new TokenError({ code: 'token_malformed' })),
    /the good token is refused before.*\n[^]*refused: token_malformed/,
  )
  assert.match(
    said(
      refusal,
      changed(({ claim }) => new TokenError({ code: 'signature_invalid', claim })),
    ),
    /signature_invalid .* instead of/,
  )
  assert.match(
    said(
      refusal,
      changed(({ code }) => new TokenError({ code, claim: 'x' })),
    ),
    / x instead of/,
  )
  assert.match(
    said(
      refusal,
      changed(({ code }) => new TokenError({ code })),
    ),
    /instead of/,
  )
})

test('who remembers a refusal of one token against the next is caught', () => {
  let harmed = false
  assert.match(
    said(refusal, function (token, expected) {
      const outcome = right(this, token, expected)
      harmed ||= !outcome.ok
      return harmed ? new TokenError({ code: 'token_malformed' }) : outcome
    }),
    /the good token is refused after/,
  )
})

test('a foreign error, thrown or returned, is caught', () => {
  assert.match(
    said(
      refusal,
      changed(() => new Error('x')),
    ),
    /foreign error/,
  )
  assert.match(
    said(
      refusal,
      changed(() => {
        throw new RangeError('x')
      }),
    ),
    /foreign error/,
  )
  assert.match(
    said(
      refusal,
      changed(() => {
        throw new TypeError('x')
      }),
    ),
    /TypeError: x/,
  )
})

test('a refusal that tells the token, a part of it, its signature, the secret or the right tag is caught', () => {
  const { secret } = corpus.keys[refusal.keys]
  const octets = Buffer.from(secret.$b64u, 'base64url')
  const mark = (/** @type {string} */ token) => Buffer.from(String(token.split('.')[2]), 'base64url')
  /** @type {[RegExp, (token: string) => string][]} */
  const leaks = [
    [/holds the token/, (token) => token],
    [/holds the token/, (token) => String(token.split('.')[1])],
    [/holds (?:the token|a key or a tag)/, (token) => mark(token).toString('hex')],
    [/holds (?:the token|a key or a tag)/, (token) => [...mark(token)].join(', ')],
    [/holds a key or a tag/, () => secret.$b64u],
    [/holds a key or a tag/, () => octets.toString('hex')],
    [/holds a key or a tag/, () => octets.toString('latin1')],
  ]
  for (const [caught, leak] of leaks) {
    for (const put of /** @type {((error: any, text: string) => any)[]} */ ([
      (error, text) => Object.assign(error, { message: text }),
      (error, text) => Object.assign(error, { note: text }),
      (error, text) => Object.defineProperty(error, 'actual', { value: { deep: [text] }, configurable: true }),
      (error, text) => Object.defineProperty(error, Symbol('hidden'), { value: text }),
      (error, text) => Object.assign(error, { toJSON: () => ({ text }) }),
    ])) {
      const clonable = changed((error, token) => put(error, leak(token)))
      assert.match(said(refusal, clonable), caught)
    }
  }
})

test('evidence that shows in a loop is caught', () => {
  const shown = changed((error) => Object.defineProperty(error, 'actual', { value: 1, enumerable: true }))
  assert.match(said(refusal, shown), /actual is enumerable/)
})

test('who builds a verifier of a mistake is caught', () => {
  class Lax extends Verifier {
    constructor() {
      super({ issuer: null, audience: null, keys: { secret: new Uint8Array(64).fill(1) } })
    }
  }
  const found = hold(
    /** @type {any} */ ({ Verifier: Lax, TokenError, inspect }),
    mistake,
    corpus.keys[mistake.keys],
    corpus.now,
  )
  assert.match(found.join('\n'), /instead of a TypeError/)
})
