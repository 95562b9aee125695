// @ts-check
/**
 * Results, for a terminal.
 *
 * @module
 */

import { PEERS } from './peers.js'
import { mark } from './targets.js'

/**
 * @typedef {import('./speed.js').Results} Results
 * @typedef {Results['places'][number]} PlaceResults
 * @typedef {import('./stats.js').Figure} Figure
 */

/** @param {Results} results */
export function text(results) {
  const { machine, tokens, effort, places, kernels, stated } = results
  const lines = [
    `${results.measured}, ${machine.processor}, ${machine.cores} cores, ${machine.platform}`,
    `load before: ${machine.load.toFixed(1)}; medians of ${effort.rounds} rounds in turn in Node`,
    `${tokens.each} tokens an algorithm, ${tokens.shortest} to ${tokens.longest} characters`,
    ...places.flatMap((place) => [...verifying(place), ...others(place), ...targets(place)]),
    ...arithmetic(kernels),
    ...(stated === null ? [] : costs(stated)),
  ]
  return `${lines.join('\n')}\n`
}

/** A column for each algorithm: microseconds, and how many times as fast countersign is. @param {PlaceResults} place */
function verifying({ name, version, clock, groups }) {
  const columns = groups.filter((group) => group.name.startsWith('verify '))
  const names = [...new Set(columns.flatMap(({ rows }) => rows.map((row) => row.name)))]
  const cell = (/** @type {PlaceResults['groups'][number]} */ { rows }, /** @type {string} */ contestant) => {
    const row = rows.find((found) => found.name === contestant)
    if (row === undefined) return ''
    return `${row.microseconds.median.toFixed(2)}${contestant === 'countersign' ? '' : ` × ${row.ratio.median.toFixed(2)}`}`
  }
  const heads = columns.map((group) => group.name.replace('verify ', '').padEnd(16)).join('')
  const body = names.map(
    (contestant) => `  ${contestant.padEnd(34)}${columns.map((group) => cell(group, contestant).padEnd(16)).join('')}`,
  )
  return [
    `\n${name} ${version}: one verification, µs of ${clock} time × how many times as fast countersign is\n`,
    `  ${''.padEnd(34)}${heads}`,
    ...body,
    ...leftOut(columns),
  ]
}

/** Who is not there, and why, a line each. @param {PlaceResults['groups']} groups */
function leftOut(groups) {
  const algorithms = groups.map((group) => group.name.replace('verify ', ''))
  const unoffered = PEERS.filter(({ name }) => !name.startsWith('countersign')).flatMap(
    ({ name, algorithms: offered }) => {
      const missing = algorithms.filter((alg) => !(offered?.includes(alg) ?? true))
      return missing.length === 0 ? [] : [`  ${name} does not offer ${missing.join(', ')}`]
    },
  )
  /** @type {Map<string, string[]>} */
  const reasons = new Map()
  for (const group of groups) {
    for (const { name, why } of group.leftOut) {
      const key = `${name}: ${why}`
      reasons.set(key, [...(reasons.get(key) ?? []), group.name.replace('verify ', '')])
    }
  }
  const known = [...reasons].map(([key, from]) => `  left out of ${from.join(', ')}: ${key}`)
  return [...known, ...unoffered]
}

/** @param {PlaceResults} place */
function others({ groups }) {
  const rest = groups.filter((group) => !group.name.startsWith('verify '))
  const lines = rest.map(
    ({ name, rows }) =>
      `  ${name.padEnd(18)}${rows.map((row) => `${row.name} ${row.microseconds.median.toFixed(2)}`).join(' · ')}`,
  )
  return ['', ...lines]
}

const MARKS = { missed: '✗', met: '✓', beyond: '✓✓', 'not measured': '–', 'no target': '' }

/** @param {PlaceResults} place */
function targets({ name, version, targets: all }) {
  const lines = all.map((held) => {
    const what = `${held.what}${held.note === undefined ? '' : ` (${held.note})`}`
    const figure = held.measured === null ? 'not measured here' : shown(held.measured)
    const columns = [MARKS[mark(held, name)].padEnd(3), what.padEnd(58), held.against.padEnd(32), figure.padEnd(22)]
    return `  ${columns.join('')}${held.atLeast}, ${held.beyond}`
  })
  const legend = name === 'Node' ? ': ✓ met, ✓✓ beyond, ✗ missed' : ' in Node'
  return [`\n${name} ${version}: ratio (quartiles); at least, beyond${legend}\n`, ...lines]
}

/** @param {Figure} figure */
function shown({ median, low, high }) {
  return `${median.toFixed(2)} (${low.toFixed(2)}–${high.toFixed(2)})`
}

/** @param {Results['kernels']} kernels */
function arithmetic(kernels) {
  if (kernels.length === 0) return []
  const lines = kernels.map(({ name, ratio }) => `  ${name.padEnd(12)}${shown(ratio)}`)
  return ["\nThe arithmetic alone, against OpenSSL's\n", ...lines]
}

/** @param {NonNullable<Results['stated']>} stated */
function costs({ length, keys, memory, size, start }) {
  const bySet = keys.map(({ keys: count, microseconds }) => `${count}: ${microseconds.median.toFixed(2)} µs`)
  const waits = start.map(({ place, alg, rows }) => {
    const each = rows.map(({ name, milliseconds }) => `${name} ${milliseconds.median.toFixed(1)} ms`)
    return `  first verdict in ${place}, ${alg}: ${each.join(', ')}`
  })
  return [
    '\nWhat else costs\n',
    `  a character more: ${length.nanosecondsPerCharacter.toFixed(2)} ns (R² ${length.r2.toFixed(4)})`,
    `  keys in a set: ${bySet.join(', ')}`,
    ...memory.map(
      ({ alg, verifier, hotKey }) =>
        `  memory, ${alg}: ${verifier} octets a verifier, ${hotKey} more once its key is hot`,
    ),
    ...size.map(({ name, octets, gzipped }) => `  ${name}: ${octets} octets, ${gzipped} gzipped`),
    ...waits,
  ]
}
