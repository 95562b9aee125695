// @ts-check
/**
 * What JavaScript lets a caller, or whoever got at its prototypes, pass in and do with what comes out. What the options
 * themselves mean is held in `tests/package/verifier.test.js`.
 */

import assert from 'node:assert/strict'
import { Console } from 'node:console'
import { Writable } from 'node:stream'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { runInNewContext } from 'node:vm'
import { TokenError, Verifier, countersign, inspect as look, profiles } from 'countersign'
import { freshKey } from './keys.js'
import { anySeed, seeded } from './random.js'
import { jws } from './sign.js'
import { NOW } from './target.js'

const seed = anySeed()
const random = seeded(seed)
const key = freshKey('HS256', random)
const pair = freshKey('ES256', random)
const ANY = { issuer: null, audience: null }
const clock = () => NOW
const CLAIMS = { iss: 'https://issuer.example', aud: 'https://api.example', exp: NOW + 60, sub: 'u' }

/** @param {object | string} [claims] */
const mint = (claims = CLAIMS) => jws(key, { alg: 'HS256' }, claims)
const GOOD = mint()
const verifier = new Verifier({ ...ANY, keys: { secret: key.secret }, clock })

/** @param {{ ok: boolean, code?: string }} outcome */
const codeOf = (outcome) => (outcome.ok ? 'ok' : outcome.code)

/** @param {any} token */
const verdict = (token) => codeOf(verifier.tryVerify(token))

/** An object on which every access is counted, and none expected. @param {object} target */
function watched(target) {
  /** @type {string[]} */
  const touched = []
  const handler = Object.fromEntries(
    Object.getOwnPropertyNames(Reflect).map((name) => [
      name,
      (/** @type {any[]} */ ...args) => {
        touched.push(`${name} ${String(args[1])}`)
        return /** @type {any} */ (Reflect)[name](...args)
      },
    ]),
  )
  return { touched, proxy: new Proxy(target, handler) }
}

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

/** Every member of `value` as a getter that says the truth once. @param {any} value @param {Map<string, number>} reads @param {string} path @returns {any} */
function fickle(value, reads, path = '') {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value
  const made = Array.isArray(value) ? [] : {}
  for (const [name, member] of Object.entries(value)) {
    const where = `${path}/${name}`
    Object.defineProperty(made, name, {
      enumerable: true,
      get: () => {
        reads.set(where, (reads.get(where) ?? 0) + 1)
        return reads.get(where) === 1 ? fickle(member, reads, where) : 'a lie'
      },
    })
  }
  return made
}

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

/** Runs `work` while every object inherits `members`. @template T @param {Record<string, unknown>} members @param {() => T} work @returns {T} */
function polluted(members, work) {
  for (const [name, value] of Object.entries(members)) {
    Object.defineProperty(Object.prototype, name, Object.assign(Object.create(null), { value, ...INHERITED }))
  }
  try {
    return work()
  } finally {
    for (const name of Object.keys(members)) delete (/** @type {any} */ (Object.prototype)[name])
  }
}

/** Lasts until it is deleted, and shows in every loop. */
const INHERITED = { configurable: true, writable: true, enumerable: true }

const POLLUTION = {
  ...{ get: () => 'x', set: () => 'x', value: 'x', writable: false, enumerable: true, configurable: false },
  ...{
    name: 'x',
    message: 'x',
    stack: 'x',
    cause: 'x',
    kind: 'x',
    text: 'x',
    octets: new Uint8Array(3),
    entries: () => [],
  },
  ...{
    issuer: null,
    audience: null,
    audienceClaim: 'sub',
    algorithms: ['none'],
    typ: 'x',
    subject: 'x',
    scope: 'x',
    scopeClaims: ['x'],
    claims: { x: 1 },
  },
  ...{
    requiredClaims: ['x'],
    bind: { id: '7' },
    evidence: 'receipt',
    expiry: 'optional',
    maxAgeSeconds: 1,
    leewaySeconds: 300,
    maxTokenBytes: 1,
    profile: {},
  },
  ...{
    keys: { secret: new Uint8Array(32) },
    secret: new Uint8Array(32),
    pem: 'x',
    jwk: {},
    jwks: { keys: [] },
    kid: 'x',
    alg: 'none',
    kty: 'oct',
    k: 'AAAA',
  },
  ...{
    now: 1,
    nonce: 'x',
    clock: () => 1,
    grants: async () => true,
    cache: { entries: 1 },
    uses: {},
    code: 'ok',
    claim: 'x',
    error: { code: 'token_expired' },
  },
  ...{
    expected: 'x',
    actual: 'x',
    status: 200,
    header: {},
    exp: 1,
    iss: 'x',
    aud: 'x',
    sub: 'x',
    carriers: [],
    refusal: 'x',
    current: () => ({ keys: [] }),
    refresh: async () => ({ keys: [] }),
  },
  ...{
    toJSON: () => 'x',
    then: (/** @type {(value: unknown) => void} */ settle) => settle('x'),
    0: 'x',
    length: 7,
    checks: [],
    warnings: [],
    generation: 1,
    verifier: {},
    path: 'x',
    material: {},
    tags: {},
  },
}

test('what somebody put into Object.prototype has no effect', () => {
  const strict = { issuer: CLAIMS.iss, audience: CLAIMS.aud, keys: { jwk: pair.jwk }, clock }
  const token = jws(pair, { alg: 'ES256' }, CLAIMS)
  const others = [
    mint(),
    jws(pair, { alg: 'ES256' }, { ...CLAIMS, exp: NOW }),
    jws(pair, { alg: 'ES256' }, { exp: NOW + 60 }),
    'x',
    null,
    '',
  ]
  const ask = () => {
    const built = new Verifier(strict)
    return [token, ...others].map((one) => {
      const outcome = built.tryVerify(one, { scope: 'a' })
      const free = built.tryVerify(one)
      return [outcome, free].map((found) => [
        found.ok,
        Object.hasOwn(found, 'code') && /** @type {any} */ (found).code,
        found instanceof TokenError && Object.hasOwn(found, 'claim') && found.claim,
      ])
    })
  }
  const plain = ask()
  assert.deepEqual(polluted(POLLUTION, ask), plain)
  for (const [name, value] of Object.entries(POLLUTION)) assert.deepEqual(polluted({ [name]: value }, ask), plain, name)
  const missing = polluted(POLLUTION, () => {
    const wrong = /** @type {any[]} */ ([
      {},
      { ...ANY },
      { issuer: null, keys: strict.keys },
      { audience: null, keys: strict.keys },
      { ...ANY, keys: {} },
      { ...ANY, keys: [{}] },
    ])
    return wrong.map((options) => {
      try {
        return Boolean(new Verifier(options))
      } catch (error) {
        return error instanceof TypeError
      }
    })
  })
  assert.deepEqual(missing, [true, true, true, true, true, true])
  for (const options of /** @type {any[]} */ ([
    {},
    { ...ANY },
    { issuer: null, keys: strict.keys },
    { ...ANY, keys: {} },
  ])) {
    polluted(POLLUTION, () => {
      let built = true
      try {
        new Verifier(options)
      } catch {
        built = false
      }
      if (built) throw new Error('an option was inherited')
    })
  }
})

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

test('methods taken off a verifier, and given to another object, are TypeErrors', () => {
  const { tryVerify, verify, inspect: report } = verifier
  for (const method of /** @type {Function[]} */ ([tryVerify, verify, report])) {
    assert.throws(() => method.call({}, GOOD), TypeError)
    assert.throws(() => method.call(undefined, GOOD), TypeError)
  }
  assert.equal(codeOf(tryVerify.call(verifier, GOOD)), 'ok')
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
    Promise.resolve({ keys: [fine] }),
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

test('a source that throws is the caller’s own error, and the verifier goes on', async () => {
  const own = new RangeError('of the caller')
  let broken = true
  const current = () => {
    if (broken) throw own
    return { keys: [pair.jwk] }
  }
  const built = new Verifier({ ...ANY, keys: { current, refresh: () => Promise.reject(own) }, clock })
  const token = jws(pair, { alg: 'ES256' }, CLAIMS)
  assert.throws(
    () => built.tryVerify(token),
    (error) => error === own,
  )
  await assert.rejects(built.verifyAsync(token), (error) => error === own)
  broken = false
  assert.equal(codeOf(built.tryVerify(token)), 'ok')
  assert.equal((await built.verifyAsync(token)).ok, true)
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
