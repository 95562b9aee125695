// @ts-check
/**
 * The chart, the README's section on speed and the targets: `node tests/bench/report.js` writes them from results.json.
 *
 * @module
 */

import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { chart, shownIn } from './chart.js'
import { mark } from './targets.js'

/** @typedef {import('./speed.js').Results} Results */

const RESULTS = new URL('results.json', import.meta.url)
const CHART = new URL('speed.svg', import.meta.url)
const README = new URL('../../README.md', import.meta.url)
const TARGETS = new URL('README.md', import.meta.url)

/** Between these two lines a README is written by this program. */
const START = '<!-- Written by tests/bench/report.js, from here … -->'
const END = '<!-- … to here. -->'

/** Keeps results, and shows them. @param {Results} results */
export function write(results) {
  // A line for each row, so that two runs can be compared.
  writeFileSync(RESULTS, `${JSON.stringify(results, rounded).replaceAll('},{', '},\n{')}\n`)
  show(kept())
}

/** @returns {Results} */
export function kept() {
  return JSON.parse(readFileSync(RESULTS, 'utf8'))
}

/** @param {Results} results */
function show(results) {
  writeFileSync(CHART, chart(results))
  writeFileSync(README, withSection(readFileSync(README, 'utf8'), section(results)))
  writeFileSync(TARGETS, withSection(readFileSync(TARGETS, 'utf8'), targetSection(results)))
}

/** @param {string} readme @param {string} text */
export function withSection(readme, text) {
  const start = readme.indexOf(START)
  const end = readme.indexOf(END)
  if (start < 0 || end < start) throw new Error('the README has no section for the results')
  return `${readme.slice(0, start + START.length)}\n${text}${readme.slice(end)}`
}

const MARKS = { missed: ' ✗', met: ' ✓', beyond: ' ✓✓', 'not measured': '', 'no target': '' }

/** The runtimes as columns. @param {Results['places']} places */
const headsOf = (places) =>
  places.map(({ name, version }) => (name === 'workerd' ? name : `${name} ${version.split('.')[0]}`))

/**
 * The README's section: ratios in every runtime.
 *
 * @param {Results} results
 */
export function section(results) {
  const { measured, machine, tokens, places, kernels, stated } = results
  const heads = headsOf(places)
  const rows = (places[0]?.targets ?? []).map(({ what, against }, index) => {
    const cells = places.map(({ targets }) => targets[index]?.measured?.median.toFixed(2) ?? '–')
    return `| ${what} | ${against} | ${cells.join(' | ')} |`
  })
  const place = shownIn(results)
  return `
![Verifications a second in ${place.name} ${place.version}, as the table below has them](tests/bench/speed.svg)

How many times as fast countersign is as the other: 2 means half the processor time for each token.

| | against | ${heads.join(' | ')} |
| --- | --- | ${heads.map(() => '---').join(' | ')} |
${rows.join('\n')}

Measured on ${measured} (${machine.processor}, ${machine.cores} cores) by \`npm run bench\`: ${tokens.each} distinct tokens an algorithm, ${tokens.shortest} to
${tokens.longest} characters, each a new string. Every library that can checks issuer, audience, expiry and scope; seven claims are read. A figure
is the median of rounds in turn, of processor time. One key for each algorithm, used often. No cache, except in the row of remembered
tokens. \`node:crypto\` is OpenSSL in Node, and other libraries elsewhere; "signature alone" neither parses nor checks claims.

${[...kernelWords(kernels), ...memoryWords(places), ...(stated === null ? [] : statedWords(stated))].map((line) => `- ${line}`).join('\n')}

[tests/bench](tests/bench/README.md) describes the method, and has the project's own targets and all figures with their spread.

`
}

/**
 * The targets of the project, and whether they are met in Node.
 *
 * @param {Results} results
 */
export function targetSection({ places }) {
  const nodes = places.filter(({ name }) => name === 'Node')
  const rows = (nodes[0]?.targets ?? []).map(({ what, against, atLeast, beyond }, index) => {
    const cells = nodes.map(({ name, targets }) => {
      const held = targets[index]
      if (held === undefined || held.measured === null) return '–'
      return `${held.measured.median.toFixed(2)}${MARKS[mark(held, name)]}`
    })
    return `| ${what} | ${against} | ${cells.join(' | ')} | ${atLeast}, ${beyond} |`
  })
  return `
| | against | ${headsOf(nodes).join(' | ')} | target, beyond |
| --- | --- | ${nodes.map(() => '---').join(' | ')} | --- |
${rows.join('\n')}

`
}

/** @param {Results['kernels']} kernels */
function kernelWords(kernels) {
  const of = (/** @type {string} */ name) => kernels.find((kernel) => kernel.name === name)
  const [ecdsa, rsa] = [of('P-256'), of('RSA-2048')]
  if (ecdsa === undefined || rsa === undefined) return []
  return [
    `The arithmetic alone, in Wasm against OpenSSL's: ${ecdsa.ratio.median.toFixed(2)} for ES256 with a hot key, ${firstWords(ecdsa)}, ${rsa.ratio.median.toFixed(2)} for RS256. A
  key of ES256 is hot after 32 uses and one of EdDSA after 12, if there is room for its table: 16 MiB for those of all keys
  of a process.`,
  ]
}

/**
 * The first use of a key. Results from before 30 November 2026 have the mean of its first four uses, without OpenSSL's first.
 *
 * @param {{ openssl: number, cold?: number | null, first?: { alone: number, withImport: number } | null }} kernel
 */
function firstWords({ openssl, cold, first }) {
  if (first == null) return `${(openssl / Number(cold)).toFixed(2)} with a cold one`
  return `${first.alone.toFixed(2)} for the first use of a key and ${first.withImport.toFixed(2)} with its import`
}

/** @param {Results['places']} places */
function memoryWords(places) {
  const ratios = places.flatMap(({ name, version, groups }) => {
    const rows = groups.find((group) => group.name === 'remember ES256')?.rows
    const ratio = rows?.find((row) => row.name === 'fast-jwt, cache by the whole token')?.ratio?.median
    return ratio === undefined ? [] : [`${ratio.toFixed(2)} in ${name} ${version.split('.')[0]}`]
  })
  if (ratios.length === 0) return []
  return [
    `A remembered ES256 token against fast-jwt's cache with a \`cacheKeyBuilder\` that hashes nothing, which its documentation warns
  of: ${ratios.join(', ')}.`,
  ]
}

/** @param {NonNullable<Results['stated']>} stated */
function statedWords({ length, keys, memory, size, start }) {
  const [here] = start.filter(({ alg }) => alg === 'ES256')
  const waits = (here?.rows ?? []).map(({ name, milliseconds }) => `${name} ${milliseconds.median.toFixed(0)} ms`)
  const ecdsa = memory.find(({ alg }) => alg === 'ES256')
  const hmac = memory.find(({ alg }) => alg === 'HS256')
  const kilobytes = (/** @type {number | undefined} */ octets) => `${(Number(octets) / 1000).toFixed(1)} kB`
  const [one, most] = [keys[0], keys.at(-1)]
  const modules = size.map(
    ({ name, octets, gzipped }) => `\`${name}\` ${kilobytes(octets)}, gzipped ${kilobytes(gzipped)}`,
  )
  return [
    `Until the first verdict of a process, ES256, in ${here?.place ?? 'Node'}: ${waits.join(', ')}.`,
    `The compiled core: ${modules.join('; ')}.
  \`import 'countersign'\` brings it packed, in \`bytes.js\`; \`countersign/slim\` leaves it to you.`,
    `A verifier takes ${kilobytes(hmac?.verifier)} with a secret and ${kilobytes(ecdsa?.verifier)} with an ES256 key; that key, once hot, ${kilobytes(ecdsa?.hotKey)} more.`,
    `A character more costs ${length.nanosecondsPerCharacter.toFixed(1)} ns (HS256, R² ${length.r2.toFixed(3)} up to 16,000 characters); with ${most?.keys} keys, each with a
  \`kid\`, a token costs ${most?.microseconds.median.toFixed(1)} µs, with one key ${one?.microseconds.median.toFixed(1)} µs.`,
  ]
}

/** Four digits are more than a measurement has. @param {string} _name @param {unknown} value */
function rounded(_name, value) {
  return typeof value === 'number' ? Number(value.toPrecision(4)) : value
}

if (process.argv[1] === fileURLToPath(import.meta.url)) show(kept())
