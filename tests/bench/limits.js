// @ts-check
/**
 * How long the largest and the most laborious things take to be refused: `node tests/bench/limits.js`. The first five must
 * be refused within 10 ms. Prints a table, and the same as a line of JSON.
 *
 * Time is the processor's, as elsewhere in the benches: a busy machine adds little to it.
 *
 * @module
 */

import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { Verifier } from 'countersign'
import { freshKey } from '../attacks/keys.js'
import { seeded } from '../attacks/random.js'
import { jws } from '../attacks/sign.js'

const NOW = 1_700_000_000
const RUNS = 25

/** Milliseconds. */
const LIMIT = 10

/** How many of the things are held to it. */
const HELD = 5

const random = seeded('limits')
const key = freshKey('HS256', random)
const ANY = { issuer: null, audience: null, clock: () => NOW }
const ordinary = new Verifier({ ...ANY, keys: { secret: key.secret } })
const large = new Verifier({ ...ANY, keys: { secret: key.secret }, maxTokenBytes: 1_048_576, scope: 'admin' })
const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const rsa = /** @type {import('countersign').Jwk & { n: string }} */ (publicKey.export({ format: 'jwk' }))
const ec = freshKey('ES256', random)
/** @type {any[]} */
const strangers = Array.from({ length: 8 }, () => Object.assign(freshKey('ES512', random).jwk, { kid: 'k' }))
const eight = new Verifier({ ...ANY, keys: { jwks: { keys: strangers } } })
const wide = { kty: 'RSA', n: Buffer.from(randomBytes(1024)), e: '_____w' }
wide.n[0] = (wide.n[0] ?? 0) | 0x80
wide.n[1023] = (wide.n[1023] ?? 0) | 1
const wideRsa = new Verifier({
  ...ANY,
  keys: { jwk: /** @type {any} */ ({ ...wide, n: wide.n.toString('base64url') }) },
})
const half = Buffer.from(wide.n)
half[0] = (half[0] ?? 0) & 0x7f

/** @param {object | string} claims @param {object | string} [header] */
const signed = (claims, header = { alg: 'HS256' }) => jws(key, header, claims)
const nested = (/** @type {number} */ depth) => `{"exp":${NOW + 60},"a":${'['.repeat(depth)}${']'.repeat(depth)}}`
const manyKeys = /** @type {any} */ ({
  jwks: { keys: Array.from({ length: 2_001 }, (_, index) => ({ ...ec.jwk, kid: `${index}` })) },
})
const mib = 'A'.repeat(1_048_576)

/** @param {Verifier} verifier @param {string} token */
const ask = (verifier, token) => () => {
  const outcome = verifier.tryVerify(token)
  return outcome.ok ? 'accepted' : outcome.code
}

/** @param {any} keys */
const build = (keys) => () => {
  try {
    new Verifier({ ...ANY, keys })
    return 'accepted'
  } catch (error) {
    return error instanceof TypeError ? 'TypeError' : String(error)
  }
}

/** @type {[string, string, () => string][]} */
const THINGS = [
  ['a token of 1 MiB, under the default limit', 'token_too_large', ask(ordinary, mib)],
  ['1,000,000 dots', 'token_malformed', ask(large, '.'.repeat(1_000_000))],
  ['JSON 100,000 deep', 'claims_malformed', ask(large, signed(nested(100_000)))],
  ['a set of 2,001 keys', 'TypeError', build(manyKeys)],
  ['an RSA key with an exponent of 2048 bits', 'TypeError', build({ jwk: { ...rsa, e: rsa.n } })],
  [
    'a token of 1 MiB, all of it read: well signed, wrong inside',
    'claims_malformed',
    ask(large, signed(`{"a":"${'x'.repeat(785_000)}"`)),
  ],
  [
    'a token of 1 MiB, all of it read: one bit of the signature',
    'signature_invalid',
    ask(large, `${signed({ a: 'x'.repeat(785_000) }).slice(0, -2)}AA`),
  ],
  ['1,000,000 dots, under the default limit', 'token_too_large', ask(ordinary, '.'.repeat(1_000_000))],
  [
    'JSON 100,000 members wide, two of them equal',
    'claims_malformed',
    ask(large, signed(`{${Array.from({ length: 60_000 }, (_, index) => `"m${index}":1`)},"m7":1}`)),
  ],
  ['a header at its limit', 'header_malformed', ask(ordinary, `${'A'.repeat(8_192)}.e30.AA`)],
  [
    '10,000 scope-tokens without the one',
    'scope_insufficient',
    ask(large, signed({ exp: NOW + 60, scope: 'abcdefgh '.repeat(10_000).trim() })),
  ],
  [
    'an RSA modulus of 65,536 bits',
    'TypeError',
    build({ jwk: { ...rsa, n: randomBytes(8_192).toString('base64url') } }),
  ],
  ['a PEM text of 1 MiB', 'TypeError', build({ pem: mib })],
  [
    'eight keys of P-521, none of which signed',
    'signature_invalid',
    ask(eight, jws(freshKey('ES512', random), { alg: 'ES512', kid: 'k' }, {})),
  ],
  [
    'an RSA key of 8192 bits with an exponent of 32',
    'signature_invalid',
    ask(wideRsa, `${Buffer.from('{"alg":"RS256"}').toString('base64url')}.e30.${half.toString('base64url')}`),
  ],
]

const results = THINGS.map(([name, wanted, work], index) => {
  const times = Array.from({ length: RUNS }, () => {
    const start = process.cpuUsage()
    const found = work()
    const { user, system } = process.cpuUsage(start)
    const ms = (user + system) / 1000
    if (found !== wanted) throw new Error(`${name}: ${found}, not ${wanted}`)
    return ms
  })
  const [first = 0] = times
  const sorted = [...times].sort((a, b) => a - b)
  const at = (/** @type {number} */ part) => Number((sorted[Math.floor((RUNS - 1) * part)] ?? 0).toFixed(3))
  return {
    name,
    refused: wanted,
    firstMs: Number(first.toFixed(3)),
    medianMs: at(0.5),
    worstMs: at(1),
    within: index < HELD ? at(0.5) < LIMIT : undefined,
  }
})

const width = Math.max(...results.map(({ name }) => name.length))
console.log(`${''.padEnd(width)}      first     median      worst   ms, of ${RUNS}`)
for (const { name, firstMs, medianMs, worstMs, refused } of results) {
  const figures = [firstMs, medianMs, worstMs].map((ms) => ms.toFixed(3).padStart(10)).join(' ')
  console.log(`${name.padEnd(width)} ${figures}   ${refused}`)
}
console.log(JSON.stringify({ limitMs: LIMIT, runs: RUNS, results }))
