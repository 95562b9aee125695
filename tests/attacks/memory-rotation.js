// @ts-check
/**
 * How much core memory a server takes whose keys rotate and whose verifiers come and go, under mixed load.
 *
 * `node --expose-gc tests/attacks/memory-rotation.js [--rounds 2000] [--every 100] [--ways dispose,drop] [--collect 0]`: in each
 * round every long-lived verifier may get a new key set, some short-lived verifiers are built, used and then disposed of or
 * dropped, and tokens of every public-key algorithm are accepted, refused and inspected. `--collect 10` runs the garbage
 * collector every ten rounds. Prints a line of JSON for each reading.
 *
 * @module
 */

import { setImmediate } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { ALGORITHMS, freshKey } from './keys.js'
import { seeded } from './random.js'
import { jws } from './sign.js'
import { NOW } from './target.js'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '2000' },
    every: { type: 'string', default: '100' },
    ways: { type: 'string', default: 'dispose,drop' },
    seed: { type: 'string', default: 'rotation' },
    collect: { type: 'string', default: '0' },
  },
})
const ways = values.ways.split(',')

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

const random = seeded(values.seed)
const ISSUER = 'https://issuer.example'
const POLICY = { issuer: ISSUER, clock: () => NOW }
const PUBLIC = ALGORITHMS.filter((alg) => !alg.startsWith('HS'))

/** RSA keys take long to make: a few, under many names. */
const RSA = [2048, 2048, 3072].map((bits) => freshKey('RS256', random, { bits }))

/** Keys to rotate through: more than the core keeps tables of. */
const POOL = Array.from({ length: 160 }, (_, index) => {
  const alg = PUBLIC[index % PUBLIC.length] ?? 'ES256'
  const key = /^[RP]S/.test(alg) ? { ...random.one(RSA), alg } : freshKey(alg, random)
  return { alg, key, kid: random.text(4 + random.below(60)) }
})

/** @typedef {(typeof POOL)[number]} Pooled */

/** @param {Pooled} pooled @param {number} length Of the longest claim. */
function token({ alg, key, kid }, length) {
  const claims = {
    iss: ISSUER,
    aud: 'api',
    exp: NOW + 600,
    sub: random.text(1 + random.below(length)),
    jti: random.text(12),
  }
  return jws(key, { alg, kid }, claims)
}

/** Tokens of each key, some of them long. */
const TOKENS = new Map(POOL.map((pooled) => [pooled, [20, 20, 200, 3000].map((length) => token(pooled, length))]))

/** @param {Pooled} pooled */
const tokensOf = (pooled) => /** @type {string[]} */ (TOKENS.get(pooled))

/** @param {readonly Pooled[]} pooled */
const setOf = (pooled) => ({
  keys: pooled.map(({ key, kid, alg }) => ({ ...key.jwk, kid, ...(random.below(2) === 0 ? { alg } : {}) })),
})

const some = (/** @type {number} */ most) => Array.from({ length: 1 + random.below(most) }, () => random.one(POOL))

/** A source whose set is replaced. */
function rotating() {
  const state = { pooled: some(12), set: setOf([]) }
  const source = { current: () => state.set, refresh: async () => undefined }
  const rotate = () => {
    state.pooled = some(12)
    state.set = setOf(state.pooled)
  }
  rotate()
  return { state, source, rotate }
}

const LIVED = [1000, 50, 5000, false].map((entries) => {
  const rotation = rotating()
  const cache = typeof entries === 'number' ? { entries, bytes: entries * 1024 } : false
  const verifier = new Verifier({ ...POLICY, audience: 'api', keys: /** @type {any} */ (rotation.source), cache })
  return { ...rotation, verifier }
})

/** A verifier for a while, of varied policy, keys and use. */
function churn() {
  const pooled = some(5)
  const audience = ['api', ...Array.from({ length: random.below(20) }, () => random.text(1 + random.below(100)))]
  const cache = /** @type {any} */ (random.one([false, { entries: 100, bytes: 100_000 }, undefined]))
  const verifier = new Verifier({
    ...POLICY,
    audience,
    keys: { jwks: setOf(pooled) },
    ...(cache === undefined ? {} : { cache }),
  })
  use(verifier, pooled, random.one([0, 5, 40]))
  if (random.one(ways) === 'dispose') verifier[Symbol.dispose]()
}

let asked = 0

/** @param {InstanceType<typeof Verifier>} verifier @param {readonly Pooled[]} pooled @param {number} times */
function use(verifier, pooled, times) {
  for (let time = 0; time < times; time += 1) {
    const one = random.one(pooled)
    const text = random.one(tokensOf(one))
    asked += 1
    switch (random.below(8)) {
      case 0:
        verifier.tryVerify(text.slice(0, -1 - random.below(100)))
        break
      case 1:
        verifier.tryVerify(`${text.slice(0, 40)}${random.text(random.below(6000))}`)
        break
      case 2:
        verifier.inspect(text)
        break
      case 3:
        verifier.tryVerifyMany(tokensOf(one))
        break
      default:
        verifier.tryVerify(text)
    }
  }
}

/** @param {number} round */
function read(round) {
  const wasm = memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0)
  const { rss, heapUsed } = process.memoryUsage()
  console.log(JSON.stringify({ round, asked, instances: memories.length, wasm, rss, heapUsed }))
}

read(0)
for (let round = 1; round <= Number(values.rounds); round += 1) {
  for (const { verifier, state, rotate } of LIVED) {
    if (random.below(2) === 0) rotate()
    use(verifier, state.pooled, 30)
  }
  for (let built = 0; built < 4; built += 1) churn()
  // Finalizers run between the turns of the event loop.
  if (Number(values.collect) > 0 && round % Number(values.collect) === 0) globalThis.gc?.()
  await setImmediate()
  if (round % Number(values.every) === 0) read(round)
}
