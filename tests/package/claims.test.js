// @ts-check
/** What a token says is what JSON.parse says of its payload: whether the core tells where its values stand, or not. */

import assert from 'node:assert/strict'
import { createHmac, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Verifier } from 'countersign'
import { anySeed, seeded } from '../attacks/random.js'

const NOW = 1_700_000_000
const SECRET = randomBytes(32)
const ANY = { issuer: null, audience: null, expiry: /** @type {const} */ ('optional'), clock: () => NOW }

/** @param {string} payload */
function mint(payload) {
  const input = `${Buffer.from('{"alg":"HS256"}').toString('base64url')}.${Buffer.from(payload).toString('base64url')}`
  return `${input}.${createHmac('sha256', SECRET).update(input).digest('base64url')}`
}

/** @param {Partial<import('countersign').VerifierOptions>} [options] */
const make = (options = {}) =>
  new Verifier(/** @type {import('countersign').VerifierOptions} */ ({ ...ANY, keys: { secret: SECRET }, ...options }))

/**
 * Members and their order, prototypes and what may be done with them.
 *
 * @param {unknown} claims @param {string} payload
 */
function same(claims, payload) {
  const expected = JSON.parse(payload)
  assert.deepStrictEqual(claims, expected, payload)
  assert.equal(JSON.stringify(claims), JSON.stringify(expected))
  assert.deepStrictEqual(Object.getOwnPropertyDescriptors(claims), Object.getOwnPropertyDescriptors(expected), payload)
}

const PAYLOADS = [
  '{}',
  ' { } ',
  '{"exp":1700000060}',
  '\t{ "exp" : 1700000060 ,\n "a" : "b" }\r\n',
  '{"a":"","b":[],"c":{},"d":[""],"e":["",""],"f":null,"g":true,"h":false}',
  '{"n":0,"m":-0,"o":-0.0,"p":1e3,"q":1.5,"r":-7,"s":9007199254740993,"t":123456789012345678901234567890,"u":1e-400,"v":0.1,"w":99999999999999}',
  '{"a":"\\u0041","b":"\\n","c":["\\"x"],"d":["x","\\u00e9"]}',
  '{"a":"é","b":"中","c":"😀","sub":"ü"}',
  '{"\\u0061":1,"b":2}',
  '{"__proto__":1,"constructor":2,"toString":"x","hasOwnProperty":[1]}',
  '{"__proto__":{"x":1},"a":"b"}',
  '{"constructor":2,"toString":"x","valueOf":null,"hasOwnProperty":["a"],"__defineSetter__":true}',
  '{"b":1,"10":"ten","2":"two","a":["x"],"0":"zero","-1":"no index","01":"none either"}',
  '{"":"the empty name","a":"b"}',
  '{"a":{"b":{"c":["d",{"e":null}]}},"f":[["g"],["h"]],"i":["j",1],"k":[1,2,3],"l":[true,"m"]}',
  '{"roles":["clerk"],"aud":["a","b"],"scope":"read write","scp":["x","y z"]}',
  '{"scope":"","aud":"a"}',
  '{"scp":["\\u0072ead","write"],"a":"b"}',
  '{"a":"]","b":["[","]","{","}",",",":"],"c":["\\\\"]}',
  `{${Array.from({ length: 64 }, (_, index) => `"n${index}":"v${index}"`)}}`,
  `{${Array.from({ length: 65 }, (_, index) => `"n${index}":"v${index}"`)}}`,
  `{"long":"${'x'.repeat(6000)}","list":[${Array.from({ length: 200 }, (_, index) => `"element ${index}"`)}]}`,
  // Around the longest text whose values are cut out of it, and the most numbers that cross by themselves.
  ...[2_047, 2_048, 2_049].map((octets) => `{"sub":"${'x'.repeat(octets - 16)}","b":1}`),
  ...[8, 9].map((count) => `{${Array.from({ length: count }, (_, index) => `"n${index}":${index}.5`)}}`),
  '{"exp":1700000060.25,"iat":1700000000,"nbf":1600000000,"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7}',
]

test('every value, every name and their order are those of JSON.parse', () => {
  for (const options of [{}, { cache: /** @type {const} */ (false) }]) {
    const verifier = make(options)
    for (const payload of [...PAYLOADS, ...PAYLOADS]) {
      for (const time of ['first', 'again']) {
        const verified = verifier.tryVerify(mint(payload))
        assert.ok(verified.ok, `${time}: ${payload.slice(0, 200)}`)
        same(verified.claims, payload)
      }
    }
  }
})

test('scope-tokens are those of the claims, wherever they stand', () => {
  for (const [payload, scope] of /** @type {const} */ ([
    ['{"scope":"read write"}', ['read', 'write']],
    ['{"scope":"read","scp":["write","two words"]}', ['read', 'write', 'two words']],
    ['{"scp":["a","\\u0062"]}', ['a', 'b']],
    ['{"scp":["é"]}', ['é']],
    ['{"scope":""}', []],
    ['{}', []],
  ])) {
    const verifier = make()
    for (let turn = 0; turn < 3; turn += 1) assert.deepStrictEqual(verifier.verify(mint(payload)).scope, scope, payload)
  }
})

test('random claims in random shapes, more than are remembered, are those of JSON.parse', () => {
  const seed = anySeed()
  const random = seeded(seed)
  /** @param {number} depth @returns {string} */
  const value = (depth) => {
    const texts = [
      '"x"',
      '""',
      '"a longer text, of more than a few"',
      '"\\u00e9"',
      '"\\\\\\""',
      '"ü"',
      `"${random.text(12)}"`,
    ]
    const scalars = ['0', '-1', '1.5', `${random.below(2 ** 40)}`, '1e21', 'true', 'false', 'null', ...texts]
    switch (random.below(depth > 2 ? 6 : 9)) {
      case 6:
        return `[${Array.from({ length: random.below(6) }, () => random.one(texts))}]`
      case 7:
        return `[${Array.from({ length: random.below(4) }, () => value(depth + 1))}]`
      case 8:
        return object(depth + 1)
      default:
        return random.one(scalars)
    }
  }
  const NAMES = [
    'iss',
    'sub',
    'a',
    'b',
    '7',
    '12',
    'https://issuer.example/roles',
    'a name of some length',
    'ü',
    '\\u0061b',
    'roles',
    'x5t#S256',
  ]
  /** @param {number} depth @returns {string} */
  const object = (depth) => {
    const names = NAMES.filter(() => random.below(2) === 0)
    const space = () => random.one(['', '', '', ' ', '\n'])
    const member = (/** @type {string} */ name) => {
      const text = ['iss', 'sub'].includes(name) ? `"${random.text(9)}"` : value(depth)
      return `${space()}"${name}"${space()}:${space()}${text}${space()}`
    }
    return `{${names.sort(() => random.below(3) - 1).map(member)}}`
  }
  const verifiers = [make(), make({ cache: false }), make({ cache: { entries: 3 } })]
  /** @type {string[]} */
  const asked = []
  for (let turn = 0; turn < 3_000; turn += 1) {
    const payload = asked.length > 0 && random.below(3) === 0 ? random.one(asked) : object(0)
    if (asked.length < 40) asked.push(payload)
    const token = mint(payload)
    for (const verifier of verifiers) {
      const verified = verifier.tryVerify(token)
      assert.ok(verified.ok, `seed ${seed}: ${payload}`)
      same(verified.claims, payload)
    }
  }
})

test('one verifier’s shapes are not another’s', () => {
  const [one, other] = [make(), make()]
  one.verify(mint('{"a":"1","b":"2"}'))
  other.verify(mint('{"x":"1","y":["2"]}'))
  assert.deepStrictEqual(one.verify(mint('{"a":"3","b":"4"}')).claims, { a: '3', b: '4' })
  assert.deepStrictEqual(other.verify(mint('{"x":"3","y":["4","5"]}')).claims, { x: '3', y: ['4', '5'] })
})

test('who keeps one claim of a long token keeps little more than that', () => {
  setFlagsFromString('--expose-gc')
  /** @type {() => void} */
  const collect = runInNewContext('gc')
  const verifier = make({ cache: false })
  const filler = 'x'.repeat(8_000)
  const octets = () => (collect(), process.memoryUsage().heapUsed)
  const before = octets()
  /** @type {unknown[]} */
  const kept = []
  for (let turn = 0; turn < 2_000; turn += 1) {
    const { claims, scope, id } = verifier.verify(
      mint(`{"jti":"an id of its own, ${turn}","scope":"a:scope-of-some-length","filler":"${filler}"}`),
    )
    kept.push(claims.jti, scope[0], id)
  }
  const each = (octets() - before) / kept.length
  assert.ok(each < 1_000, `${each} octets each`)
})

test('claims that are changed change no other token’s', () => {
  const verifier = make({ cache: false })
  for (let turn = 0; turn < 3; turn += 1) {
    const { claims, scope } = /** @type {any} */ (verifier.verify(mint('{"a":"1","roles":["r"],"scope":"s"}')))
    assert.deepStrictEqual([claims, scope], [{ a: '1', roles: ['r'], scope: 's' }, ['s']])
    claims.a = 'changed'
    claims.roles.push('admin')
    claims.more = 1
    delete claims.scope
    scope.push('admin')
  }
})

test('a refusal has its evidence, whether its reason crossed before or not', () => {
  const verifier = make({
    issuer: 'i',
    claims: { tier: ['gold', 'silver'] },
    requiredClaims: ['tenant'],
    maxLifetimeSeconds: 60,
  })
  const base = { iss: 'i', tier: 'gold', tenant: 't', exp: NOW + 50, iat: NOW - 10 }
  /** @type {[object, object][]} */
  const cases = [
    [
      { ...base, exp: NOW },
      { code: 'token_expired', claim: 'exp', expected: NOW, actual: NOW },
    ],
    [
      { ...base, exp: NOW - 0.5 },
      { code: 'token_expired', claim: 'exp', expected: NOW, actual: NOW - 0.5 },
    ],
    [
      { ...base, iss: 'other' },
      { code: 'claim_mismatch', claim: 'iss', expected: 'i', actual: 'other' },
    ],
    [
      { ...base, iss: 7 },
      { code: 'claim_malformed', claim: 'iss', expected: 'string', actual: 7 },
    ],
    [
      { ...base, tier: 3 },
      { code: 'claim_mismatch', claim: 'tier', expected: ['gold', 'silver'], actual: 3 },
    ],
    [
      { ...base, tenant: null },
      { code: 'claim_malformed', claim: 'tenant', expected: 'any but null', actual: null },
    ],
    [
      { ...base, tenant: undefined },
      { code: 'claim_missing', claim: 'tenant', expected: undefined, actual: undefined },
    ],
    [
      { ...base, iat: NOW - 11 },
      { code: 'lifetime_too_long', claim: 'exp', expected: 60, actual: 61 },
    ],
    [
      { ...base, nbf: NOW + 1 },
      { code: 'token_not_yet_valid', claim: 'nbf', expected: NOW, actual: NOW + 1 },
    ],
  ]
  for (let turn = 0; turn < 3; turn += 1) {
    for (const [claims, wanted] of cases) {
      const refusal = verifier.tryVerify(mint(JSON.stringify(claims)))
      assert.ok(!refusal.ok)
      const { code, claim, expected, actual } = /** @type {import('countersign').TokenError} */ (refusal)
      assert.deepStrictEqual({ code, claim, expected, actual }, wanted)
    }
    assert.equal(verifier.tryVerify(mint(JSON.stringify(base))).ok, true)
  }
})
