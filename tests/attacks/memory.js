// @ts-check
/**
 * How much memory verifying takes, the millionth time as the first: that of the WebAssembly instance, and that of the process.
 *
 * `node --expose-gc tests/attacks/memory.js [--hmac 10000000] [--each 100000]`: so many HS256 tokens verified, as many refused, and
 * of each other algorithm `each` verified, in one process. Prints a line of JSON for each reading.
 *
 * @module
 */

import { parseArgs } from 'node:util'
import { ALGORITHMS, freshKey } from './keys.js'
import { seeded } from './random.js'
import { jws } from './sign.js'
import { NOW } from './target.js'

const { values } = parseArgs({
  options: { hmac: { type: 'string', default: '10000000' }, each: { type: 'string', default: '100000' } },
})

/** The memory of every instance that the package makes. @type {WebAssembly.Memory[]} */
const memories = []

WebAssembly.Instance = class extends WebAssembly.Instance {
  /** @param {WebAssembly.Module} module @param {WebAssembly.Imports} [imports] */
  constructor(module, imports) {
    super(module, imports)
    memories.push(/** @type {WebAssembly.Memory} */ (this.exports.memory))
  }
}

const { Verifier } = await import('countersign')

/** @param {string} phase @param {number} count */
function read(phase, count) {
  globalThis.gc?.()
  const { rss, heapUsed } = process.memoryUsage()
  const wasm = memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0)
  console.log(JSON.stringify({ phase, count, instances: memories.length, wasm, rss, heapUsed }))
}

/** More tokens than a verifier remembers, so that each of them makes it forget another. */
const DISTINCT = 3_000

const random = seeded('memory')
const POLICY = { issuer: 'https://issuer.example', audience: 'https://api.example', clock: () => NOW }
const claims = (/** @type {number} */ index) => ({
  ...{ iss: POLICY.issuer, aud: POLICY.audience, exp: NOW + 600, sub: `user-${index}`, jti: random.text(12) },
})

/**
 * Asks about `tokens` in turn, `count` times; every outcome must be as wanted.
 *
 * @param {string} phase @param {InstanceType<typeof Verifier>} verifier @param {readonly string[]} tokens @param {number} count
 * @param {boolean} wanted
 */
function ask(phase, verifier, tokens, count, wanted) {
  let next = 10_000
  for (let asked = 1; asked <= count; asked += 1) {
    const outcome = verifier.tryVerify(tokens[asked % tokens.length])
    if (outcome.ok !== wanted) throw new Error(`${phase} ${asked}: ${outcome.ok ? 'accepted' : outcome.code}`)
    if (asked === next || asked === count) {
      read(phase, asked)
      next *= 10
    }
  }
}

const key = freshKey('HS256', random)
const good = Array.from({ length: DISTINCT }, (_, index) => jws(key, { alg: 'HS256' }, claims(index)))
const stranger = freshKey('HS256', random)
const bad = good.map((token, index) => {
  const other = claims(index)
  const ways = [
    () => jws(stranger, { alg: 'HS256' }, other),
    () => jws(key, { alg: 'HS256' }, { ...other, exp: NOW - 1 }),
    () => jws(key, { alg: 'HS256' }, { ...other, aud: `x${index}` }),
    () => jws(key, { alg: 'none' }, other),
    () => `${token}${index}.`,
    () => token.slice(0, -1 - (index % 200)),
    () => jws(key, { alg: 'HS256', crit: ['x'] }, other),
    () => jws(key, { alg: 'HS256' }, `{"a":${index},"a":1}`),
    () => 'x'.repeat(20_000),
  ]
  return /** @type {() => string} */ (ways[index % ways.length])()
})
const verifier = new Verifier({ ...POLICY, keys: { secret: key.secret } })
read('start', 0)
ask('HS256 verified', verifier, good, Number(values.hmac), true)
ask('HS256 refused', verifier, bad, Number(values.hmac), false)
for (const alg of ALGORITHMS.filter((name) => name !== 'HS256')) {
  const own = freshKey(alg, random)
  const keys = alg.startsWith('HS') ? { secret: own.secret } : { jwk: own.jwk }
  const tokens = Array.from({ length: 100 }, (_, index) => jws(own, { alg }, claims(index)))
  // What is remembered spares the signature: here each of them is to be verified.
  const other = new Verifier({ ...POLICY, keys, cache: false })
  ask(`${alg} verified`, other, tokens, Number(values.each), true)
  other[Symbol.dispose ?? Symbol.for('Symbol.dispose')]?.()
}
read('end', 0)
