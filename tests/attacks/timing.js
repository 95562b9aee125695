// @ts-check
/**
 * A timing test of HMAC comparison. The built Wasm refuses tags whose first octet is wrong and tags whose last octet is
 * wrong, in random order; Welch's t compares the two groups.
 *
 * By itself: `node tests/attacks/timing.js [--count 1000000] [--seed SEED]`. With |t| below 4.5 no difference is found. The
 * controls: the same tokens under a comparison that leaks on purpose, which must be caught, and a group against itself.
 *
 * @module
 */

import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { freshKey } from './keys.js'
import { anySeed, seeded } from './random.js'
import { encode, signature } from './sign.js'
import { NOW } from './target.js'

/** What a difference is worth speaking of from: one in 100,000 by chance. */
export const SIGNIFICANT = 4.5

/** Times above this part of all are the machine's doing: an interrupt, another process. */
const KEPT = 0.9

/**
 * Welch's t of two samples: how many standard errors lie between their means.
 *
 * @param {Float64Array} first @param {Float64Array} second
 */
export function welch(first, second) {
  const [a, b] = [first, second].map((sample) => {
    const mean = sample.reduce((sum, value) => sum + value, 0) / sample.length
    const squares = sample.reduce((sum, value) => sum + (value - mean) ** 2, 0)
    return { mean, error: squares / (sample.length - 1) / sample.length }
  })
  if (a === undefined || b === undefined) throw new TypeError('two samples are needed')
  return (a.mean - b.mean) / Math.sqrt(a.error + b.error)
}

/** Both samples without what is above the same line, drawn over both. @param {Float64Array} first @param {Float64Array} second */
export function cropped(first, second) {
  const all = new Float64Array(first.length + second.length)
  all.set(first)
  all.set(second, first.length)
  const line = all.sort()[Math.floor((all.length - 1) * KEPT)] ?? Infinity
  return /** @type {const} */ ([first.filter((time) => time <= line), second.filter((time) => time <= line)])
}

/** A comparison that stops at the first difference. @param {Uint8Array} a @param {Uint8Array} b */
export function leaky(a, b) {
  for (let at = 0; at < a.length; at += 1) {
    if (a[at] !== b[at]) return false
  }
  return true
}

/** How many tokens there are of either kind: single tokens would differ in timing by their addresses. */
const TOKENS = 512

/** A refusal is a negative length. @typedef {(verifier: number, token: number, expected: number, now: number) => number} Verify */

/** The exports of the instance, and the number of the verifier that was asked last. @type {{ exports?: any, verifier: number }} */
const core = { verifier: 0 }

/** Lets the package make its instance, and keeps what it exports. */
async function instrumented() {
  const { Instance } = WebAssembly
  WebAssembly.Instance = class extends Instance {
    /** @param {WebAssembly.Module} module @param {WebAssembly.Imports} [imports] */
    constructor(module, imports) {
      super(module, imports)
      core.exports = this.exports
      /** @type {Verify} */
      const verify = (verifier, token, expected, now) => {
        core.verifier = verifier
        return core.exports.coreverifier_verify(verifier, token, expected, now)
      }
      Object.defineProperty(this, 'exports', { value: { ...this.exports, coreverifier_verify: verify } })
    }
  }
  const { Verifier } = await import('countersign')
  WebAssembly.Instance = Instance
  return Verifier
}

/**
 * Times refusals.
 *
 * @param {{ alg: string, count: number, random: import('./random.js').Random, Verifier: typeof import('countersign').Verifier }} options
 * `count`: how many of each kind.
 */
export function timed({ alg, count, random, Verifier }) {
  const key = freshKey(alg, random)
  const policy = { issuer: null, audience: null, clock: () => NOW, cache: /** @type {const} */ (false) }
  const verifier = new Verifier({ ...policy, keys: { secret: key.secret } })
  const kinds = ['first', 'last'].map(
    () => /** @type {{ token: Uint8Array, tag: Uint8Array, right: Uint8Array }[]} */ ([]),
  )
  for (let made = 0; made < TOKENS; made += 1) {
    const input = `${encode({ alg })}.${encode({ exp: NOW + 60, jti: random.text(16) })}`
    const right = signature(key, input)
    for (const [kind, at] of [0, right.length - 1].entries()) {
      const tag = Buffer.from(right)
      tag.writeUInt8(tag.readUInt8(at) ^ (1 + random.below(255)), at)
      const token = Buffer.from(`${input}.${tag.toString('base64url')}`)
      kinds[kind]?.push({ token: new Uint8Array(token), tag: new Uint8Array(tag), right: new Uint8Array(right) })
      const outcome = verifier.tryVerify(String(token))
      if (outcome.ok || outcome.code !== 'signature_invalid')
        throw new Error('a wrong tag is taken for another mistake')
    }
  }
  /** @type {{ coreverifier_verify: Verify, input: (length: number) => number, memory: WebAssembly.Memory }} */
  const { coreverifier_verify: verify, input, memory } = core.exports
  const length = Number(kinds[0]?.[0]?.token.length)
  const place = new Uint8Array(memory.buffer, input(4096), length)
  const order = random.octets(2 * count)
  const picks = random.octets(4 * count)
  /** @param {boolean} leaks Whether the tag is compared once more, by a comparison that stops early. */
  const run = (leaks) => {
    const times = [new Float64Array(count), new Float64Array(count)]
    const taken = [0, 0]
    for (let turn = 0; taken[0] !== count || taken[1] !== count; turn += 1) {
      const drawn = (order[turn % order.length] ?? 0) & 1
      const kind = taken[drawn] === count ? 1 - drawn : drawn
      const pick = kinds[kind]?.[picks.readUInt16LE((turn * 2) % (picks.length - 2)) % TOKENS]
      const { token, tag, right } = /** @type {NonNullable<typeof kinds[number]>[number]} */ (pick)
      place.set(token)
      const start = performance.now()
      const written = verify(core.verifier, length, 0, NOW)
      if (leaks && leaky(tag, right)) throw new Error('a wrong tag is right')
      const end = performance.now()
      if (written >= 0) throw new Error('a wrong tag was accepted')
      const sample = /** @type {Float64Array} */ (times[kind])
      sample[taken[kind] ?? 0] = (end - start) * 1e6
      taken[kind] = (taken[kind] ?? 0) + 1
    }
    return /** @type {const} */ ([/** @type {Float64Array} */ (times[0]), /** @type {Float64Array} */ (times[1])])
  }
  run(true)
  const [first, last] = run(false)
  const halves = [first.filter((_, index) => index % 2 === 0), first.filter((_, index) => index % 2 === 1)]
  const [leakyFirst, leakyLast] = run(true)
  const t = (/** @type {Float64Array} */ a, /** @type {Float64Array} */ b) => Number(welch(...cropped(a, b)).toFixed(2))
  const mean = (/** @type {Float64Array} */ sample) =>
    Number((sample.reduce((sum, time) => sum + time, 0) / sample.length).toFixed(1))
  const [keptFirst, keptLast] = cropped(first, last)
  const [leaks, lasts] = cropped(leakyFirst, leakyLast)
  return {
    alg,
    count,
    t: t(first, last),
    tOfItself: t(/** @type {Float64Array} */ (halves[0]), /** @type {Float64Array} */ (halves[1])),
    tOfLeaky: t(leakyFirst, leakyLast),
    nanoseconds: { first: mean(keptFirst), last: mean(keptLast), leakyFirst: mean(leaks), leakyLast: mean(lasts) },
  }
}

if (import.meta.url === pathToFileURL(String(process.argv[1])).href) {
  const { values } = parseArgs({ options: { count: { type: 'string', default: '1000000' }, seed: { type: 'string' } } })
  const seed = values.seed ?? anySeed()
  const random = seeded(seed)
  const Verifier = await instrumented()
  for (const alg of ['HS256', 'HS384', 'HS512']) {
    const found = timed({ alg, count: Number(values.count), random, Verifier })
    console.log(JSON.stringify({ seed, ...found }))
    if (Math.abs(found.t) >= SIGNIFICANT || Math.abs(found.tOfLeaky) < SIGNIFICANT) process.exitCode = 1
  }
}
