// @ts-check
/**
 * What a verifier takes in memory, or what its key takes beside once it has proved hot: `node --expose-gc memory.js
 * verifier|hotKey ALGORITHM`, octets as JSON. One figure a process: room that one measurement gave back would hide the next.
 *
 * @module
 */

import { setImmediate } from 'node:timers/promises'
import { countersignVerifier } from './peers.js'
import { deckOf } from './tokens.js'

/** Verifiers of one key, never used. */
const VERIFIERS = 4000

/** Keys with a verifier each; more than the core's room for tables holds would tell less than a table takes. */
const KEYS = 24

/** More than a key needs to prove hot. */
const USES = 100

/** In the heap of JavaScript and outside of it, where the core's memory is. */
async function used() {
  for (let turn = 0; turn < 3; turn += 1) {
    globalThis.gc?.()
    await setImmediate()
  }
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** @param {import('./tokens.js').Algorithm} alg */
async function verifier(alg) {
  const deck = deckOf(alg)
  const held = []
  for (let warm = 0; warm < 200; warm += 1) held.push(await countersignVerifier(deck, { cache: false }))
  const before = await used()
  for (let count = 0; count < VERIFIERS; count += 1) held.push(await countersignVerifier(deck, { cache: false }))
  const after = await used()
  return held.length > 0 ? (after - before) / VERIFIERS : 0
}

/** @param {import('./tokens.js').Algorithm} alg */
async function hotKey(alg) {
  const decks = Array.from({ length: KEYS + 1 }, () => deckOf(alg, 1))
  const held = await Promise.all(decks.map((deck) => countersignVerifier(deck, { cache: false })))
  const use = (/** @type {number} */ index, /** @type {number} */ times) => {
    for (let time = 0; time < times; time += 1) held[index]?.verify(decks[index]?.tokens.good[0])
  }
  // What all keys share is made by the first; code is compiled meanwhile.
  use(0, USES * 20)
  for (const index of held.keys()) use(index, 1)
  const before = await used()
  for (const index of held.keys()) if (index > 0) use(index, USES)
  // A key without a table leaves nothing but the noise of the heap.
  return Math.max(0, (await used()) - before) / KEYS
}

const [what, alg] = process.argv.slice(2)
const measure = what === 'hotKey' ? hotKey : verifier
process.stdout.write(JSON.stringify(Math.round(await measure(/** @type {import('./tokens.js').Algorithm} */ (alg)))))
