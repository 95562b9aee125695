// @ts-check
/** Options with getters, proxies, instances and later changes. Their meaning is tested in `tests/package/verifier.test.js`. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runInNewContext } from 'node:vm'
import { profiles, Verifier } from 'countersign'
import { ANY, CLAIMS, clock, codeOf, fickle, GOOD, key, mint, pair, verdict, verifier, watched } from './caller.js'
import { jws } from './sign.js'
import { NOW } from './target.js'

const OPTIONS = {
  ...{
    issuer: [CLAIMS.iss],
    audience: [CLAIMS.aud],
    algorithms: ['HS256'],
    subject: 'u',
    leewaySeconds: 5,
    expiry: 'required',
  },
  ...{
    claims: { sub: ['u', 'v'], missing: { absentOr: 1 } },
    requiredClaims: ['exp'],
    bind: ['id'],
    scope: { any: ['a', 'b'] },
    clock,
  },
}

test('every option, expectation and member of a key is read once, from getters and through a Proxy', () => {
  const token = mint({ ...CLAIMS, id: '7', scope: 'b' })
  const keys = { jwk: { ...key.jwk, alg: 'HS256', key_ops: ['verify'] }, kid: 'k', issuer: [CLAIMS.iss] }
  const reads = new Map()
  const built = new Verifier(fickle({ ...OPTIONS, keys }, reads))
  const expected = { bind: { id: '7' }, scope: ['b'], claims: { sub: 'u' }, now: NOW }
  assert.equal(codeOf(built.tryVerify(token, fickle(expected, reads, 'expected'))), 'ok')
  assert.deepEqual([...new Set(reads.values())], [1])
  for (const path of [
    '/issuer/0',
    '/claims/sub/1',
    '/keys/jwk/k',
    '/keys/jwk/key_ops/0',
    '/scope/any/1',
    'expected/bind/id',
    'expected/now',
  ]) {
    assert.equal(reads.get(path), 1, path)
  }
  const { touched, proxy } = watched({ ...OPTIONS, keys })
  assert.equal(codeOf(new Verifier(/** @type {any} */ (proxy)).tryVerify(token, expected)), 'ok')
  const gets = touched.filter((access) => access.startsWith('get '))
  assert.equal(new Set(gets).size, gets.length, 'a member was read twice')
  assert.deepEqual(
    touched.filter((access) => /^(?:set|defineProperty|deleteProperty) /.test(access)),
    [],
  )
})

test('a Proxy that hides, invents or breaks is a TypeError or its own error, never a wider policy', () => {
  const whole = { issuer: 'i', audience: null, keys: { secret: key.secret }, clock }
  const hidden = new Proxy(whole, { ownKeys: () => ['audience', 'keys', 'clock'] })
  assert.throws(() => new Verifier(/** @type {any} */ (hidden)), /issuer/)
  const invented = new Proxy(whole, {
    ownKeys: (target) => [...Reflect.ownKeys(target), 'extra'],
    get: (target, name) => (name === 'extra' ? 1 : Reflect.get(target, name)),
  })
  assert.throws(
    () => new Verifier(/** @type {any} */ (invented)),
    (error) => error instanceof TypeError && /extra/.test(error.message),
  )
  const undefinedAll = new Proxy(whole, { get: () => undefined })
  assert.throws(() => new Verifier(/** @type {any} */ (undefinedAll)), TypeError)
  const { proxy, revoke } = Proxy.revocable(whole, {})
  revoke()
  assert.throws(() => new Verifier(/** @type {any} */ (proxy)), TypeError)
  const own = new RangeError('of the caller')
  const throws = new Proxy(whole, {
    get: () => {
      throw own
    },
  })
  assert.throws(
    () => new Verifier(/** @type {any} */ (throws)),
    (error) => error === own,
  )
  const expected = {
    get scope() {
      throw own
    },
  }
  assert.throws(
    () => verifier.tryVerify(GOOD, /** @type {any} */ (expected)),
    (error) => error === own,
  )
  assert.equal(verdict(GOOD), 'ok')
})

test('plain options of any making are options: frozen, without a prototype, of another realm', () => {
  const secret = key.secret
  const bare = Object.assign(Object.create(null), {
    ...ANY,
    keys: Object.assign(Object.create(null), { secret }),
    clock,
  })
  const text = `({ issuer: null, audience: ['${CLAIMS.aud}'], keys: [{ secret: new Uint8Array([${[...secret]}]) }], clock: () => ${NOW} })`
  for (const options of [
    Object.freeze({ ...ANY, keys: Object.freeze({ secret }), clock }),
    bare,
    runInNewContext(text),
  ]) {
    assert.equal(codeOf(new Verifier(options).tryVerify(GOOD)), 'ok')
  }
  const foreign = runInNewContext(`new String(token)`, { token: GOOD })
  assert.equal(verdict(foreign), 'token_malformed')
})

test('instances, members named by symbols, unknown and undefined members are TypeErrors, at any depth', () => {
  const keys = { secret: key.secret }
  class Options {
    issuer = null
    audience = null
    keys = keys
  }
  const whole = { ...ANY, keys, clock }
  /** @type {[string, any][]} */
  const wrong = [
    ['an instance', new Options()],
    ['a member named by a symbol', { ...whole, [Symbol('x')]: 1 }],
    ['an unknown member', { ...whole, isuer: 'x' }],
    ['a member that is undefined', { ...whole, scope: undefined }],
    ['clock undefined', { ...whole, clock: undefined }],
    ['a rule that is undefined', { ...whole, claims: { sub: undefined } }],
    ['an unknown rule', { ...whole, claims: { sub: { equals: 'u' } } }],
    ['two rules in one', { ...whole, claims: { sub: { contains: 'u', absent: true } } }],
    ['an unknown member of scope', { ...whole, scope: { some: ['a'] } }],
    ['a hole in a list', { ...whole, issuer: [, 'x'] }],
    ['undefined in a list', { ...whole, issuer: ['x', undefined] }],
    ['a number in a list', { ...whole, audience: ['x', 1] }],
    ['a function', { ...whole, subject: () => 'u' }],
    ['a symbol', { ...whole, subject: Symbol('u') }],
    ['a BigInt', { ...whole, leewaySeconds: 1n }],
    ['a String object', { ...whole, issuer: new String('x') }],
    ['a Set', { ...whole, issuer: new Set(['x']) }],
    ['a Date', { ...whole, claims: { sub: new Date() } }],
    [
      'a cycle',
      {
        ...whole,
        claims: (() => {
          const cycle = /** @type {any} */ ({})
          cycle.a = cycle
          return cycle
        })(),
      },
    ],
    ['a key with an unknown tag', { ...whole, keys: { ...keys, use: 'sig' } }],
    ['a key with an undefined tag', { ...whole, keys: { ...keys, kid: undefined } }],
    ['a key with an empty kid', { ...whole, keys: { ...keys, kid: '' } }],
    ['a key of an ArrayBuffer', { ...whole, keys: { secret: new ArrayBuffer(32) } }],
    ['a key of numbers', { ...whole, keys: { secret: [...key.secret] } }],
    ['a key of a DataView', { ...whole, keys: { secret: new DataView(new ArrayBuffer(32)) } }],
    ['a key of words', { ...whole, keys: { secret: new Uint16Array(32) } }],
    ['a key that is a String object', { ...whole, keys: { secret: new String('x'.repeat(40)) } }],
    ['a key that is text', { ...whole, keys: 'x'.repeat(40) }],
    ['no key', { ...whole, keys: null }],
    ['a JWK as text', { ...whole, keys: { jwk: JSON.stringify(key.jwk) } }],
    ['half of a surrogate pair', { ...whole, subject: 'u\ud800' }],
    ['half of a surrogate pair in a name', { ...whole, claims: { '\udc00': 'u' } }],
    ['half of a surrogate pair in a secret', { ...whole, keys: { secret: `${'x'.repeat(40)}\ud800` } }],
  ]
  for (const [title, options] of wrong) {
    assert.throws(
      () => new Verifier(options),
      (error) => error instanceof TypeError && error.constructor === TypeError,
      title,
    )
  }
  for (const [title, expected] of /** @type {[string, any][]} */ ([
    ['an instance', new Date()],
    ['a member named by a symbol', { [Symbol('x')]: 1 }],
    ['an unknown member', { scopes: 'a' }],
    ['an undefined member', { scope: undefined }],
    ['now undefined', { now: undefined }],
    ['now text', { now: String(NOW) }],
    ['half of a surrogate pair', { audience: '\ud800' }],
    ['an empty bind', { bind: {} }],
    ['a Map', { claims: new Map() }],
  ])) {
    assert.throws(
      () => verifier.tryVerify(GOOD, expected),
      (error) => error instanceof TypeError && error.constructor === TypeError,
      title,
    )
  }
  assert.equal(verdict(GOOD), 'ok')
})

test('a verifier is what it was when it was built: keys, options and expectations are copied', () => {
  const secret = new Uint8Array(key.secret)
  const jwk = { ...pair.jwk }
  const options = {
    issuer: [CLAIMS.iss],
    audience: [CLAIMS.aud],
    claims: { sub: ['u'] },
    keys: [{ secret }, { jwk }],
    clock,
  }
  const built = new Verifier(options)
  secret.fill(0)
  jwk.x = 'AAAA'
  options.issuer[0] = 'x'
  options.audience.push('y')
  options.claims.sub.splice(0)
  options.keys.splice(0)
  options.clock = () => 0
  assert.equal(codeOf(built.tryVerify(GOOD)), 'ok')
  assert.equal(codeOf(built.tryVerify(jws(pair, { alg: 'ES256' }, CLAIMS))), 'ok')
  const zeros = { ...key, secret: Buffer.alloc(key.secret.length) }
  assert.equal(codeOf(built.tryVerify(jws(zeros, { alg: 'HS256' }, CLAIMS))), 'signature_invalid')
  const profile = /** @type {any} */ (profiles.vtex({ account: 'shop', audience: 'admin' }))
  const strict = new Verifier({ profile, keys: { jwk: pair.jwk }, clock })
  for (const name of Object.keys(profile)) delete profile[name]
  assert.equal(codeOf(strict.tryVerify(jws(pair, { alg: 'ES256' }, CLAIMS))), 'claim_mismatch')
  const pool = new Uint8Array(256)
  pool.set(key.secret, 100)
  const part = new Verifier({ ...ANY, keys: { secret: pool.subarray(100, 100 + key.secret.length) }, clock })
  assert.equal(codeOf(part.tryVerify(GOOD)), 'ok')
})
