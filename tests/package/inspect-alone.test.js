// @ts-check
/** `countersign/inspect`, which is JavaScript, returns for every token what `inspect` of `countersign` returns. */

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createHmac, randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify, inspect as show } from 'node:util'
import * as countersign from 'countersign'
import * as alone from 'countersign/inspect'

const NOW = 1_700_000_000
const HERE = dirname(fileURLToPath(import.meta.url))
const TESTS = join(HERE, '..')

/** @param {unknown} value */
const encode = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

/**
 * An inspection as data. @param {import('countersign').Inspection} inspection
 */
function data({ error, ...rest }) {
  if (error === undefined) return rest
  assert.ok(error instanceof countersign.TokenError && error instanceof alone.TokenError)
  const { code, status, claim, expected, actual, message } = error
  return { ...rest, error: { code, status, claim, expected, actual, message } }
}

/** @param {() => import('countersign').Inspection} look */
function outcome(look) {
  try {
    return data(look())
  } catch (error) {
    assert.ok(error instanceof TypeError)
    return { mistake: error.message }
  }
}

/**
 * Holds both against one token. @param {any} token @param {any} [options]
 */
function hold(token, options = { now: NOW, maxTokenBytes: 1_048_576 }) {
  const wanted = outcome(() => countersign.inspect(token, options))
  const found = outcome(() => alone.inspect(token, options))
  assert.deepEqual(found, wanted, show([token, options], { maxStringLength: 300 }))
  return wanted
}

/** Every string of a JSON value. @param {any} value @returns {Generator<string>} */
function* strings(value) {
  if (typeof value === 'string') yield value
  else if (typeof value === 'object' && value !== null)
    for (const member of Object.values(value)) yield* strings(member)
}

/** Files of vectors and attacks, by their paths below `tests`. */
const FILES = ['vectors', 'conformance', 'attacks', 'attacks/corpus', 'conformance/vectors']
  .flatMap((folder) => {
    const path = join(TESTS, folder)
    return readdirSync(TESTS).includes(folder.split('/')[0] ?? '') ? list(path) : []
  })
  .concat(process.env['ATTACK_CORPUS'] ?? [])

/** @param {string} folder @returns {string[]} */
function list(folder) {
  let entries
  try {
    entries = readdirSync(folder, { withFileTypes: true })
  } catch {
    return []
  }
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return list(path)
    return entry.name.endsWith('.json') ? [path] : []
  })
}

test('every string of every vector and of every attack is inspected alike: 8000 at least', (t) => {
  const all = new Set(FILES.flatMap((path) => [...strings(JSON.parse(readFileSync(path, 'utf8')))]))
  t.diagnostic(`${all.size} strings of ${new Set(FILES).size} files`)
  assert.ok(all.size > 8_000)
  const kinds = new Set([...all].map((text) => /** @type {any} */ (hold(text)).kind))
  assert.deepEqual([...kinds].sort(), ['countersigned', 'jwe', 'jws', 'malformed', 'opaque'])
})

test('every JSON text of the conformance vectors is read alike as header, as claims and as a date', () => {
  const texts = [...strings(JSON.parse(readFileSync(join(TESTS, 'conformance/vectors/json/json_in_jwt.json'), 'utf8')))]
  const hexadecimal = texts.filter((text) => /^(?:[0-9a-f]{2})+$/.test(text))
  const all = [...texts, ...hexadecimal.map((text) => Buffer.from(text, 'hex')), ...NUMBERS, ...VALUES]
  assert.ok(all.length > 300)
  for (const text of all) {
    const part = Buffer.from(text).toString('base64url')
    hold(`${part}.${encode({ exp: NOW })}.AA`)
    hold(`${encode({ alg: 'HS256' })}.${part}.AA`)
    hold(`${encode(`{"alg":"HS256","kid":${text}}`)}.${encode({ exp: NOW })}.AA`)
    for (const claim of ['exp', 'nbf', 'iat', 'iss', 'aud', 'x']) {
      hold(`${encode({ alg: 'ES256' })}.${encode(`{"iat":1,"exp":${NOW + 60},"${claim}":${text}}`)}.AA`)
      hold(`${encode({ alg: 'ES256' })}.${encode(`{"${claim}":${text}}`)}.AA`)
    }
  }
})

/** Numbers at the bounds of what is read, and of what a double holds. */
const NUMBERS = [
  ...['0', '-0', '-0.0', '0.1', '1e0', '1E+2', '12345678901234', '123456789012345', '9007199254740993'],
  ...['18446744073709551615', '18446744073709551616', '253402300799', '253402300800', '253402300799.5', '1e308'],
  ...['1.7976931348623158e308', '1.7976931348623159e308', '1e309', '-1e309', '5e-324', '2.4703282292062327e-324'],
  ...[
    '2.4703282292062328e-324',
    '1e-999999999999',
    '1e999999999999',
    '0e999999999999',
    '100000000000',
    '99999999999.9',
  ],
  ...['01', '1.', '.5', '+1', '1e', '0x10', 'NaN', 'Infinity', '1_000', '1700000000.123456789'],
  ...[`1.${'7'.repeat(800)}e-300`, `0.${'1'.repeat(2_000)}`, `${'9'.repeat(309)}`, `1${'0'.repeat(400)}`],
  `${2n ** 1024n - 2n ** 970n - 1n}.${'9'.repeat(500)}`,
  `${2n ** 1024n - 2n ** 970n}`,
]

/** Other values: deep, long, of many members, of names that occur twice in other spellings. */
const VALUES = [
  ...[254, 255, 256, 257].flatMap((depth) => [
    '['.repeat(depth) + ']'.repeat(depth),
    `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`,
  ]),
  ...[23, 24, 25, 26, 60, 500].flatMap((count) => {
    const names = Array.from({ length: count }, (_, index) => `"n${index}":${index}`)
    const twice = [...names, `"n${count - 1}":1`]
    return [names, [...names].reverse(), twice, ['"\\u006e0":0', ...names], ['"\\u006ex":0', ...names]].map(
      (list) => `{${list.join()}}`,
    )
  }),
  ...['"\\ud83d\\ude00"', '"\\ud83d"', '"\\ude00"', '"\\u0000"', '"é\u2028"', '"\\x"', '"\t"', 'null', 'true', 'tru'],
  ...['{"__proto__":{"exp":1}}', '{"constructor":1}', '{"toJSON":1,"then":1}', '[]', '["a","b"]', '["a",1]', '{}'],
  ...[
    '',
    ' ',
    '{',
    '}',
    '[1,]',
    '{"a":1,}',
    '{"a"}',
    '\ufeff{}',
    '{}\n',
    ' {} ',
    '{}{}',
    '[1 2]',
    `"${'x'.repeat(5_000)}"`,
  ],
]

test('every published secret is found under each algorithm, and no other', () => {
  for (const [alg, hash] of /** @type {const} */ ([
    ['HS256', 'sha256'],
    ['HS384', 'sha384'],
    ['HS512', 'sha512'],
  ])) {
    for (const secret of SECRETS) {
      for (const length of [0, 20, 40, 60, 80, 100, 120, 16_500]) {
        const input = `${encode({ alg })}.${encode({ exp: NOW + 60, aud: 'a', x: 'y'.repeat(length) })}`
        const tag = createHmac(hash, secret).update(input).digest()
        const known = secret !== 'not published' && input.length <= 16_384
        /** @param {Buffer} signature */
        const codes = (signature) => {
          const found = /** @type {any} */ (hold(`${input}.${signature.toString('base64url')}`))
          return found.warnings.map((/** @type {any} */ { code }) => code)
        }
        assert.equal(codes(tag).includes('known_secret'), known, `${alg} ${secret} ${length}`)
        assert.ok(!codes(tag.subarray(1)).includes('known_secret'))
      }
    }
  }
})

const SECRETS = [
  ...['secret', 'your-256-bit-secret', 'a-string-secret-at-least-256-bits-long', 'keyboard cat', '123456'],
  ...['a-valid-string-secret-that-is-at-least-512-bits-long-which-is-very-long', 'not published'],
]

test('texts that are no tokens, and values that are no text, are inspected alike', () => {
  const texts = [
    '',
    'a b',
    'Bearer a.b.c',
    '"a.b.c"',
    'a.b.c\n',
    '\ufeffa.b.c',
    'a=.b.c',
    'a.b+.c',
    'ünïcode',
    '\ud800',
  ]
  const values = [undefined, null, 7, true, {}, [], () => 'a.b.c', Symbol('a'), { toString: () => 'a.b.c' }]
  for (const token of [...texts, ...values, '~', '.', '..', '...', '....', 'a~b', '=', 'tkn_x', 'ek_test_1', '😀.a.b'])
    hold(token)
  for (let count = 0; count < 500; count += 1) {
    const octets = randomBytes(1 + (count % 60))
    hold(octets.toString('latin1'))
    hold(octets.toString('utf16le'))
    hold(`${encode({ alg: 'HS256' })}.${octets.toString('base64url')}.AA`)
  }
})

test('a part that is not in its one spelling is not shown, whatever of it could be decoded', () => {
  const [header, claims] = [encode({ alg: 'HS256' }), encode({ exp: NOW })]
  assert.equal(header.length % 4, 0)
  for (const end of ['+', '++++', '=', '/', '~', 'A', 'AA+A', '-']) {
    for (const [index, token] of [`${header}${end}.${claims}.AA`, `${header}.${claims}${end}.AA`].entries()) {
      const found = /** @type {any} */ (hold(token))
      if (end !== '~') assert.equal(index === 0 ? found.header : found.claims, undefined, token)
    }
  }
  // The last character has bits to spare: J and K decode alike.
  const spare = encode({ alg: 'ES256', x: 10 })
  assert.equal(spare.length % 4, 2)
  assert.equal(spare.at(-1), 'Q')
  assert.equal(/** @type {any} */ (hold(`${spare}.${claims}.AA`)).header.x, 10)
  assert.equal(/** @type {any} */ (hold(`${spare.slice(0, -1)}R.${claims}.AA`)).header, undefined)
})

test('a token cut, or changed in one character, is inspected alike', () => {
  const token = `${encode({ alg: 'HS256', typ: 'at+jwt' })}.${encode({ iss: 'https://sts.windows.net/t/', exp: NOW })}.AAAA`
  for (let at = 0; at <= token.length; at += 1) {
    hold(token.slice(0, at))
    for (const character of ['.', '~', '=', 'A', '_', ' ', '\0', 'é', '"']) {
      hold(token.slice(0, at) + character + token.slice(at + 1))
      hold(token.slice(0, at) + character + token.slice(at))
    }
  }
})

test('the options mean the same, and mistakes in them have the same messages', () => {
  const token = `${encode({ alg: 'HS256' })}.${encode({ nbf: 10, iat: 10, exp: 20.5 })}.AA`
  const moments = [0, -0, 9.99, 10, 20, 20.5, 20.6, 1e9, 253_402_300_799, 253_402_300_799.5, -1, NaN, Infinity, 1e13]
  for (const now of [...moments, '1', null, undefined, {}, 1n]) {
    for (const maxTokenBytes of [1, 16_384, 0, 1_048_577, 1.5, NaN, '1', undefined]) hold(token, { now, maxTokenBytes })
    hold(token, { now })
    hold(undefined, { now })
    hold(7, { now })
    hold('\ud800', { now })
  }
  for (const options of [null, 7, 'x', [], new Date(), { then: 1 }, { now: 1, clock: () => 1 }, { [Symbol('a')]: 1 }])
    hold(token, options)
  assert.equal(alone.inspect(token, { now: 11 }).time?.secondsLeft, 9.5)
  assert.equal(alone.inspect(token).time?.state, 'expired')
})

test('a token is read up to the limit, and longer ones alike; memory of long ones is given back', () => {
  for (const [limit, options] of /** @type {const} */ ([
    [16_384, { now: NOW }],
    [1_048_576, { now: NOW, maxTokenBytes: 1_048_576 }],
  ])) {
    for (const octets of [limit - 1, limit, limit + 1, limit + 2]) {
      hold(`${`${encode({ alg: 'HS256' })}.`.padEnd(octets - 3, 'A')}.AA`, options)
      hold('é'.repeat(octets / 2), options)
    }
  }
  const claims = JSON.stringify({
    exp: NOW,
    list: Array.from({ length: 60_000 }, (_, index) => ({ [`n${index}`]: 1 })),
  })
  const long = `${encode({ alg: 'HS256' })}.${encode(claims).slice(0, 1_000_000)}.AA`
  hold(long)
  hold(long)
  for (const octets of [131_072, 131_073]) {
    const claims = { exp: NOW + 60, x: 'a'.repeat(octets - JSON.stringify({ exp: NOW + 60, x: '' }).length) }
    hold(`${encode({ alg: 'HS256' })}.${encode(claims)}.AA`)
  }
})

test('what was put into Object.prototype is in no inspection', async () => {
  const program = `
    import { inspect } from 'countersign/inspect'
    const names = ['error', 'time', 'claim', 'header', 'claims', 'now', 'maxTokenBytes', 'expected', 'actual', 'number']
    for (const name of names) Object.prototype[name] = 'polluted'
    const found = inspect('a.b.c', { now: 1 })
    const own = Object.fromEntries(Object.entries(found).map(([name, value]) => [name, value]))
    console.log(Object.keys(own).sort().join(), found.error.code, Object.hasOwn(found.error, 'claim'))`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], { cwd: HERE })
  assert.equal(stdout, 'checks,error,kind,looksLike,parts,warnings token_malformed false\n')
})

test('it needs no WebAssembly, in ES modules and CommonJS', async () => {
  const check = `if (typeof WebAssembly !== 'undefined') throw new Error('there is WebAssembly')
    console.log(inspect('a.b.c').error.code)`
  for (const [type, first] of /** @type {const} */ ([
    ['module', "import { inspect } from 'countersign/inspect'"],
    ['commonjs', "const { inspect } = require('countersign/inspect')"],
  ])) {
    const args = ['--jitless', `--input-type=${type}`, '-e', `${first}\n${check}`]
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: HERE })
    assert.equal(stdout, 'token_malformed\n')
  }
})

test('import and require give the same names and the same classes', () => {
  const required = createRequire(import.meta.url)('countersign/inspect')
  assert.deepEqual(Object.keys(alone).sort(), ['TokenError', 'inspect'])
  assert.equal(required.inspect, alone.inspect)
  assert.equal(alone.TokenError, countersign.TokenError)
})
