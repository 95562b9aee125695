// @ts-check
/**
 * Every attack of the corpus is refused for the right reason, and every control accepted, through the package.
 *
 * `ATTACK_CORPUS` names a corpus made for this run; without it the committed sample is held.
 */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as countersign from 'countersign'
import { CLASSES, LEAST, readCorpus } from './corpus.js'
import { hold, revived } from './hold.js'

const { ATTACK_CORPUS } = process.env
const path = ATTACK_CORPUS ?? new URL('sample.json', import.meta.url)
const corpus = readCorpus(path, ATTACK_CORPUS === undefined ? { refusals: 1, controls: 1 } : LEAST)

/** Held after every case: what one verifier refuses is of no matter to another. */
const standing = corpus.cases.find(({ answer }) => 'ok' in answer)
assert.ok(standing !== undefined)
const { options, expected, now = corpus.now, token } = standing
const other = new countersign.Verifier({ .../** @type {any} */ (options), keys: revived(corpus.keys[standing.keys]) })

for (const name of Object.keys(CLASSES)) {
  test(`${name}: every attack is refused for what is wrong with it, every control accepted`, (t) => {
    const cases = corpus.cases.filter((one) => one.class === name)
    const differences = cases.flatMap((one) => {
      const found = hold(countersign, one, corpus.keys[one.keys], corpus.now)
      const stands = other.tryVerify(token, { now, ...expected }).ok
      return [...found, ...(stands ? [] : ['another verifier is harmed'])].map(
        (what) => `${one.alg}, ${one.name}: ${what}`,
      )
    })
    const controls = cases.filter(({ answer }) => 'ok' in answer).length
    t.diagnostic(`seed ${corpus.seed}: ${cases.length - controls} attacks, ${controls} controls`)
    assert.equal(differences.length, 0, `${differences.length} differences:\n${differences.slice(0, 20).join('\n')}`)
  })
}
