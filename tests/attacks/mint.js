// @ts-check
/**
 * Writes a corpus: `node tests/attacks/mint.js [--seed SEED] [--each COUNT] FILE`. Prints the seed, which makes the same one again,
 * save what OpenSSL draws itself: signatures of ECDSA and PSS, and keys of types that no algorithm here uses.
 *
 * Of each class and algorithm `COUNT` refusals are drawn, and a quarter as many controls; without it, all are written. A
 * draw of one keeps to short tokens: that is the sample that is committed.
 *
 * @module
 */

import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { parseArgs } from 'node:util'
import { LEAST, mintCorpus, PAIRS, shortOf } from './corpus.js'
import { anySeed, seeded } from './random.js'

const { values, positionals } = parseArgs({
  options: { seed: { type: 'string' }, each: { type: 'string' } },
  allowPositionals: true,
})
const [path] = positionals
if (path === undefined) throw new TypeError('A file to write must be named')

const corpus = mintCorpus(values.seed ?? anySeed())
const short = shortOf(corpus, LEAST)
if (short.length > 0) throw new Error(`Too few cases: ${short.join(', ')}`)
const written = values.each === undefined ? corpus : drawn(corpus, Number(values.each))
mkdirSync(dirname(path), { recursive: true })
writeFileSync(path, laidOut(written))
console.log(
  `seed ${corpus.seed}: ${written.cases.length} cases of ${new Set(PAIRS.map(([name]) => name)).size} classes`,
)

/** @param {import('./corpus.js').Corpus} whole @param {number} each @returns {import('./corpus.js').Corpus} */
function drawn({ seed, now, keys, cases }, each) {
  const random = seeded(`${seed}, drawn`)
  /** @template T @param {T[]} items @param {number} count */
  const draw = (items, count) => {
    const left = [...items]
    return Array.from({ length: Math.min(count, left.length) }, () => left.splice(random.below(left.length), 1)).flat()
  }
  const fits = (/** @type {import('./corpus.js').Minted} */ one) => each > 1 || one.token.length < 4000
  const chosen = PAIRS.flatMap(([name, alg]) => {
    const own = cases.filter((one) => one.class === name && one.alg === alg && fits(one))
    const controls = own.filter(({ answer }) => 'ok' in answer)
    const refusals = own.filter(({ answer }) => !('ok' in answer))
    return [...draw(refusals, each), ...draw(controls, Math.ceil(each / 4))]
  })
  const used = [...new Set(chosen.map((one) => one.keys))]
  const places = new Map(used.map((number, place) => [number, place]))
  return {
    seed,
    now,
    keys: used.map((number) => keys[number]),
    cases: chosen.map((one) => ({ ...one, keys: places.get(one.keys) ?? 0 })),
  }
}

/** A line for each key and each case. @param {import('./corpus.js').Corpus} corpus */
function laidOut({ seed, now, keys, cases }) {
  const lines = (/** @type {unknown[]} */ items) => items.map((item) => `  ${JSON.stringify(item)}`).join(',\n')
  return `{ "seed": ${JSON.stringify(seed)}, "now": ${now}, "keys": [\n${lines(keys)}\n], "cases": [\n${lines(cases)}\n] }\n`
}
