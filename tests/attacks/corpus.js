// @ts-check
/**
 * The corpus: cases of every class of attack, for every algorithm that the class applies to, with keys made for the occasion.
 *
 * A case has the shape of a vector (`tests/vectors/README.md`) with a class, an algorithm and a good token beside it; keys
 * are written once, and cases name them.
 *
 * @module
 */

import { existsSync, readFileSync } from 'node:fs'
import { bound } from './classes/bound.js'
import { claims } from './classes/claims.js'
import { confusion } from './classes/confusion.js'
import { crit } from './classes/crit.js'
import { dates } from './classes/dates.js'
import { duplicates } from './classes/duplicates.js'
import { ecKeys } from './classes/ec-keys.js'
import { ecdsa } from './classes/ecdsa.js'
import { ed25519 } from './classes/ed25519.js'
import { hmac } from './classes/hmac.js'
import { injection } from './classes/injection.js'
import { json } from './classes/json.js'
import { memory } from './classes/memory.js'
import { none } from './classes/none.js'
import { pem } from './classes/pem.js'
import { proto } from './classes/proto.js'
import { rsa } from './classes/rsa.js'
import { sizes } from './classes/sizes.js'
import { structure } from './classes/structure.js'
import { ALGORITHMS, familyOf, freshKey } from './keys.js'
import { seeded } from './random.js'
import { NOW, targetOf } from './target.js'

/** @typedef {import('./keys.js').Key['family']} Family */
/** @typedef {import('./target.js').Case} Case */
/**
 * @typedef {Omit<Case, 'keys' | 'good'> & { class: string, alg: string, options: object, keys: number,
 *   good: import('./target.js').Good }} Minted
 * @typedef {{ seed: string, now: number, keys: any[], cases: Minted[] }} Corpus
 */

const ALL = /** @type {const} */ (['HMAC', 'RSA', 'EC', 'OKP'])

/**
 * Every class, by the name that the attack sample gives it where it has one, and the families it applies to.
 *
 * DPoP, the fetching of keys and quotas have no code yet, so no class: a bound token is refused.
 *
 * @type {Record<string, { cases: (target: import('./target.js').Target) => Iterable<Case>, families: readonly Family[] }>}
 */
export const CLASSES = {
  '01-none': { cases: none, families: ALL },
  '02-confusion': { cases: confusion, families: ALL },
  '03-keyinject': { cases: injection, families: ALL },
  '04-ecdsa': { cases: ecdsa, families: ['EC'] },
  '05-ecjwk': { cases: ecKeys, families: ['EC'] },
  '06-rsa': { cases: rsa, families: ['RSA'] },
  '07-ed25519': { cases: ed25519, families: ['OKP'] },
  '08-hmac': { cases: hmac, families: ['HMAC'] },
  '09-crit': { cases: crit, families: ALL },
  '10-duplicates': { cases: duplicates, families: ALL },
  '11-structure': { cases: structure, families: ALL },
  '12-json': { cases: json, families: ALL },
  '13-numericdate': { cases: dates, families: ALL },
  '14-claims': { cases: claims, families: ALL },
  '15-proto': { cases: proto, families: ALL },
  '16-size': { cases: sizes, families: ALL },
  '17-pem': { cases: pem, families: ['RSA', 'EC', 'OKP'] },
  '18-bound': { cases: bound, families: ALL },
  '19-memory': { cases: memory, families: ALL },
}

/** How many refusals there are of each class for each algorithm, at least; and how many controls. */
export const LEAST = { refusals: 20, controls: 1 }

/** Every class with every algorithm that it applies to. @returns {[string, string][]} */
export const PAIRS = Object.entries(CLASSES).flatMap(([name, { families }]) =>
  ALGORITHMS.filter((alg) => families.includes(familyOf(alg))).map(
    (alg) => /** @type {[string, string]} */ ([name, alg]),
  ),
)

/**
 * All cases of all classes.
 *
 * @param {string} seed Of everything but what OpenSSL draws itself.
 * @returns {Corpus}
 */
export function mintCorpus(seed) {
  const random = seeded(seed)
  const crowd = /** @type {const} */ (['HS256', 'RS256', 'ES256', 'EdDSA']).map((alg) => freshKey(alg, random))
  /** @type {Map<string, number>} */
  const numbers = new Map()
  /** @type {any[]} */
  const keys = []
  const numberOf = (/** @type {unknown} */ key) => {
    const text = JSON.stringify(key)
    const known = numbers.get(text)
    if (known !== undefined) return known
    numbers.set(text, keys.push(key) - 1)
    return keys.length - 1
  }
  const targets = Object.fromEntries(ALGORITHMS.map((alg) => [alg, targetOf(alg, random, crowd)]))
  const cases = PAIRS.flatMap(([name, alg]) => {
    const target = /** @type {import('./target.js').Target} */ (targets[alg])
    const made = [.../** @type {NonNullable<typeof CLASSES[string]>} */ (CLASSES[name]).cases(target)]
    return made.map((one) => whole(one, name, alg, target, numberOf))
  })
  return { seed, now: NOW, keys, cases }
}

/**
 * A case with what it left out.
 *
 * @param {Case} one @param {string} name @param {string} alg @param {import('./target.js').Target} target
 * @param {(keys: unknown) => number} numberOf
 * @returns {Minted}
 */
function whole(one, name, alg, target, numberOf) {
  const { options = target.options, keys = target.keys, good, ...rest } = one
  const { token, expected, now } = one
  const itself = { token, ...(expected && { expected }), ...(now !== undefined && { now }) }
  const known = good ?? ('ok' in one.answer ? itself : { token: target.good() })
  return { class: name, alg, ...rest, options, keys: numberOf(keys), good: known }
}

/**
 * The corpus in a file. One that is missing, or lacks cases of a class, is a defect, not an empty success.
 *
 * @param {string | URL} path @param {{ refusals: number, controls: number }} least
 * @returns {Corpus}
 */
export function readCorpus(path, least) {
  if (!existsSync(path)) throw new Error(`There is no corpus at ${path}: node tests/attacks/mint.js writes it`)
  const corpus = JSON.parse(readFileSync(path, 'utf8'))
  const short = shortOf(corpus, least)
  if (short.length > 0) throw new Error(`The corpus is short of ${short.join(', ')}`)
  return corpus
}

/** The pairs of class and algorithm that have too few cases. @param {Corpus} corpus @param {typeof LEAST} least */
export function shortOf({ cases }, least) {
  return PAIRS.flatMap(([name, alg]) => {
    const own = cases.filter((one) => one.class === name && one.alg === alg)
    const controls = own.filter(({ answer }) => 'ok' in answer).length
    const enough = own.length - controls >= least.refusals && controls >= least.controls
    return enough ? [] : [`${name} ${alg}: ${own.length - controls} refusals, ${controls} controls`]
  })
}
