// @ts-check
/**
 * What the project wants to be, in ratios, and what was measured of it.
 *
 * @module
 */

import { figure, ratio } from './stats.js'

/**
 * @typedef {import('./stats.js').Figure} Figure
 * @typedef {Record<string, import('./measure.js').Timing[]>} Timings By group: `verify HS256`, `remember ES256`, `many`, …
 * @typedef {{
 *   what: string, against: string, atLeast: number, beyond: number, measured: Figure | null, note?: string
 * }} Held `measured`: how many times as fast as the other countersign is; null where one of the two was not measured.
 */

/** @type {readonly { what: string, alg: string, ours?: string, against: string, atLeast: number, beyond: number }[]} */
const PAIRS = [
  { what: 'HS256', alg: 'HS256', against: 'fast-jwt', atLeast: 2, beyond: 2.2 },
  { what: 'HS256', alg: 'HS256', against: 'jose', atLeast: 5, beyond: 6 },
  { what: 'ES256', alg: 'ES256', against: 'fast-jwt', atLeast: 1.1, beyond: 1.5 },
  { what: 'ES256', alg: 'ES256', against: 'jose', atLeast: 1.6, beyond: 2.2 },
  { what: 'EdDSA', alg: 'EdDSA', against: 'fast-jwt', atLeast: 1.6, beyond: 2 },
  { what: 'EdDSA', alg: 'EdDSA', against: 'jose', atLeast: 2, beyond: 2.5 },
  { what: 'RS256', alg: 'RS256', against: 'fast-jwt', atLeast: 1, beyond: 1.1 },
  { what: 'RS256', alg: 'RS256', against: 'jose', atLeast: 1.2, beyond: 1.5 },
  {
    what: 'RS256, arithmetic in Wasm, the whole verification',
    ...{ alg: 'RS256', ours: 'countersign, arithmetic wasm', against: 'node:crypto, signature alone' },
    ...{ atLeast: 0.36, beyond: 0.5 },
  },
  {
    what: 'ES256, the whole verification',
    ...{ alg: 'ES256', against: 'node:crypto, signature alone', atLeast: 1, beyond: 1.3 },
  },
]

/** The algorithms of the targets. */
export const TARGETED = ['HS256', 'ES256', 'EdDSA', 'RS256']

/** The words for each kind of token that must be refused. */
const REFUSED = { badSignature: 'a bad signature', expired: 'an expired token', garbage: 'garbage' }

/** @param {Timings} timings Of one place. @returns {Held[]} */
export function held(timings) {
  const pairs = PAIRS.map(({ alg, ours = 'countersign', ...pair }) => ({
    ...pair,
    measured: between(timings[`verify ${alg}`], pair.against, ours),
  }))
  return [
    ...pairs,
    {
      what: 'a remembered ES256 token',
      against: 'fast-jwt, cache',
      ...{ atLeast: 2, beyond: 3 },
      measured: between(timings['remember ES256'], 'fast-jwt, cache', 'countersign, remembered'),
    },
    {
      what: 'tryVerifyMany of 1,000 HS256, each',
      against: 'one tryVerify',
      ...{ atLeast: 1.4, beyond: 2 },
      measured: between(timings['many'], 'tryVerify', 'tryVerifyMany'),
    },
    ...Object.entries(REFUSED).map(([kind, words]) => refusal(timings, kind, words)),
  ]
}

/**
 * The algorithm whose refusal is the slowest beside its verification.
 *
 * @param {Timings} timings @param {string} kind @param {string} words
 * @returns {Held}
 */
function refusal(timings, kind, words) {
  const all = TARGETED.map((alg) => ({ alg, measured: between(timings[`refuse ${alg}`], 'good', kind) }))
  const known = all.flatMap(({ alg, measured }) => (measured === null ? [] : [{ alg, measured }]))
  const [worst] = known.sort((a, b) => a.measured.median - b.measured.median)
  return {
    what: `refusing ${words}`,
    against: 'verifying',
    ...{ atLeast: 1, beyond: 1.5 },
    measured: worst?.measured ?? null,
    ...(worst === undefined ? {} : { note: `the slowest of four: ${worst.alg}` }),
  }
}

/**
 * @param {import('./measure.js').Timing[] | undefined} timings
 * @param {string} theirs
 * @param {string} ours
 */
function between(timings, theirs, ours) {
  const of = (/** @type {string} */ name) => timings?.find((timing) => timing.name === name)?.microseconds
  const [their, our] = [of(theirs), of(ours)]
  return their === undefined || our === undefined ? null : ratio(their, our)
}

/**
 * Met, beyond it, or missed. The targets are those of Node.
 *
 * @param {Held} held @param {string} place Its name.
 */
export function mark({ measured, atLeast, beyond }, place) {
  if (measured === null) return 'not measured'
  if (place !== 'Node') return 'no target'
  if (measured.median >= beyond) return 'beyond'
  return measured.median >= atLeast ? 'met' : 'missed'
}

/** Medians of every contestant of a group. @param {readonly import('./measure.js').Timing[]} timings */
export function rows(timings) {
  const ours = timings[0]?.microseconds ?? []
  return timings.map(({ name, microseconds, wall }) => ({
    name,
    microseconds: figure(microseconds),
    wall: figure(wall).median,
    ratio: ratio(microseconds, ours),
  }))
}
