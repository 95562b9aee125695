// @ts-check
/**
 * The README's chart and section on speed: `node tests/bench/report.js` writes both from results.json.
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

/** Between these two lines the README is written by this program. */
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
  const readme = readFileSync(README, 'utf8')
  writeFileSync(README, withSection(readme, section(results)))
}

/** @param {string} readme @param {string} text */
export function withSection(readme, text) {
  const start = readme.indexOf(START)
  const end = readme.indexOf(END)
  if (start < 0 || end < start) throw new Error('the README has no place for the results')
  return `${readme.slice(0, start + START.length)}\n${text}${readme.slice(end)}`
}

const MARKS = { missed: ' ✗', met: ' ✓', beyond: ' ✓✓', 'not measured': '', 'no target': '' }

/**
 * What stands between the two lines.
 *
 * @param {Results} results
 */
export function section(results) {
  const { measured, machine, tokens, places, kernels, stated } = results
  const heads = places.map(({ name, version }) => (name === 'workerd' ? name : `${name} ${version.split('.')[0]}`))
  const [first] = places
  const rows = (first?.targets ?? []).map(({ what, against, atLeast, beyond }, index) => {
    const cells = places.map(({ name, targets }) => {
      const held = targets[index]
      if (held === undefined || held.measured === null) return '–'
      return `${held.measured.median.toFixed(2)}${MARKS[mark(held, name)]}`
    })
    return `| ${what} | ${against} | ${cells.join(' | ')} | ${atLeast}, ${beyond} |`
  })
  const place = shownIn(results)
  return `
![Verifications a second in ${place.name} ${place.version}, as the table below has them](tests/bench/speed.svg)

How many times as fast countersign is as the other. In Node: ✓ the target is met, ✓✓ and the one beyond it, ✗ missed.

| | against | ${heads.join(' | ')} | target, beyond |
| --- | --- | ${heads.map(() => '---').join(' | ')} | --- |
${rows.join('\n')}

Measured on ${measured} (${machine.processor}, ${machine.cores} cores) by \`npm run bench\`: ${tokens.each} distinct tokens an algorithm, ${tokens.shortest} to
${tokens.longest} characters, every one of them a string not seen before; issuer, audience, expiry and scope checked by whoever can; claims
read; medians of rounds in turn, of the processor's time. One key an algorithm, in use for long. Nothing is remembered, save where it says
so. \`node:crypto\` is OpenSSL in Node and something else elsewhere; "signature alone" leaves it neither parsing nor checking to do. Where
the target is below 1, it is how much slower countersign may be.

${[...kernelWords(kernels), ...memoryWords(places), ...(stated === null ? [] : statedWords(stated))].map((line) => `- ${line}`).join('\n')}

[tests/bench](tests/bench/README.md) says how, and holds all figures with their spread.

`
}

/** @param {Results['kernels']} kernels */
function kernelWords(kernels) {
  const of = (/** @type {string} */ name) => kernels.find((kernel) => kernel.name === name)
  const [ecdsa, rsa] = [of('P-256'), of('RSA-2048')]
  if (ecdsa === undefined || rsa === undefined || ecdsa.cold === null) return []
  const cold = (ecdsa.openssl / ecdsa.cold).toFixed(2)
  return [
    `The arithmetic alone, in Wasm against OpenSSL's: ${ecdsa.ratio.median.toFixed(2)} for ES256 with a hot key, ${cold} with a cold one, ${rsa.ratio.median.toFixed(2)} for RS256. A
  key of ES256 or EdDSA is hot after 12 uses, if there is room for its table: 16 MiB for those of all keys of a process.`,
  ]
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
  const modules = size.map(({ name, octets, gzipped }) => `\`${name}\` ${kilobytes(octets)}, gzipped ${kilobytes(gzipped)}`)
  return [
    `Until the first verdict of a process, ES256, in ${here?.place ?? 'Node'}: ${waits.join(', ')}.`,
    `The compiled core: ${modules.join('; ')}.
  \`import 'countersign'\` brings it as base64, in \`bytes.js\`; \`countersign/slim\` leaves it to you.`,
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
