// @ts-check
/**
 * `npm run bench -- native`: the crate beside jsonwebtoken (with aws-lc and with the RustCrypto crates) and jwt-simple, natively.
 *
 * Builds `main.rs` twice, since jsonwebtoken has one cryptography in a process, and gives each library a turn in every
 * round, in an order shuffled for that round. Building takes minutes the first time, measuring half a minute. `--write` keeps
 * the result in `results.json` beside this file and in the table of `../README.md`.
 *
 * @module
 */

import { execFileSync, spawn } from 'node:child_process'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { RULES } from '../rules.js'
import { figure, ratio } from '../stats.js'
import { deckOf } from '../tokens.js'

/**
 * @typedef {import('../stats.js').Figure} Figure
 * @typedef {{ alg: string, name: string, microseconds: Figure, ratio: Figure }} Row `ratio`: the time of countersign is 1.
 * @typedef {{ measured: string, processor: string, versions: Record<string, string>, rounds: number, rows: Row[] }} Results
 * @typedef {(line: object) => Promise<any>} Ask
 */

const ALGORITHMS = /** @type {const} */ (['HS256', 'ES256', 'EdDSA', 'RS256'])
const CRYPTOGRAPHY = ['aws_lc_rs', 'rust_crypto']
const ROUNDS = 25
/** Of the processor, for each library and round. */
const SECONDS = 0.01

const HERE = fileURLToPath(new URL('.', import.meta.url))
const RESULTS = join(HERE, 'results.json')
const README = join(HERE, '..', 'README.md')
const MARKS = ['<!-- Written by tests/bench/native/native.js, from here … -->', '<!-- … to here, natively. -->']

const results = await measure(CRYPTOGRAPHY.map(build))
process.stdout.write(table(results))
if (process.argv.includes('--write')) {
  writeFileSync(RESULTS, `${JSON.stringify(results, undefined, 1)}\n`)
  writeFileSync(README, between(readFileSync(README, 'utf8'), table(results)))
}

/** @param {string} cryptography @returns The program. */
function build(cryptography) {
  const target = process.env['CARGO_TARGET_DIR'] ?? join(HERE, '..', '..', '..', 'target', 'native')
  execFileSync('cargo', ['build', '--release', '--locked', '--features', cryptography], {
    cwd: HERE,
    stdio: 'inherit',
    env: { ...process.env, CARGO_TARGET_DIR: target },
  })
  const program = join(target, 'release', 'countersign-native-bench')
  copyFileSync(program, `${program}-${cryptography}`)
  return `${program}-${cryptography}`
}

/** @param {readonly string[]} programs @returns {Promise<Results>} */
async function measure(programs) {
  const [first, ...others] = programs.map(start)
  if (first === undefined) throw new Error('there is no program')
  const rows = []
  for (const alg of ALGORITHMS) {
    const line = { deck: { ...deckOf(alg), rules: RULES } }
    /** @type {Map<string, Ask>} */
    const libraries = new Map()
    for (const ask of [...others, first].map(({ ask }) => ask)) {
      for (const name of await ask(line)) libraries.set(name, ask)
    }
    rows.push(...(await rowsOf(alg, libraries)))
  }
  for (const { end } of [first, ...others]) end()
  const [processor] = cpus()
  return {
    measured: new Date().toISOString().slice(0, 10),
    processor: processor?.model ?? 'unknown',
    versions: versions(),
    rounds: ROUNDS,
    rows,
  }
}

/** @param {string} alg @param {ReadonlyMap<string, Ask>} libraries @returns {Promise<Row[]>} */
async function rowsOf(alg, libraries) {
  const times = new Map([...libraries.keys()].sort().map((name) => [name, /** @type {number[]} */ ([])]))
  for (let round = -1; round < ROUNDS; round += 1) {
    for (const [name, ask] of shuffled([...libraries])) {
      const time = await ask({ turn: name, seconds: SECONDS })
      // The first round warms up: it makes the tables of keys.
      if (round >= 0) times.get(name)?.push(time)
    }
  }
  const ours = times.get('countersign')
  if (ours === undefined) throw new Error(`countersign does not decide as it should: ${alg}`)
  return [...times].map(([name, taken]) => ({ alg, name, microseconds: figure(taken), ratio: ratio(taken, ours) }))
}

/** A program that answers each line with one. @param {string} program @returns {{ ask: Ask, end: () => void }} */
function start(program) {
  const { stdin, stdout } = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]()
  return {
    async ask(line) {
      stdin.write(`${JSON.stringify(line)}\n`)
      const { value, done } = await lines.next()
      if (done) throw new Error('the program ended')
      return JSON.parse(value)
    },
    end: () => stdin.end(),
  }
}

/** @template T @param {T[]} items */
function shuffled(items) {
  for (let i = items.length - 1; i > 0; i -= 1) {
    const j = Math.floor(Math.random() * (i + 1))
    const [a, b] = [items[i], items[j]]
    if (a !== undefined && b !== undefined) [items[i], items[j]] = [b, a]
  }
  return items
}

/** As locked. @returns {Record<string, string>} */
function versions() {
  const lock = readFileSync(join(HERE, 'Cargo.lock'), 'utf8')
  const names = ['jsonwebtoken', 'aws-lc-rs', 'jwt-simple', 'rsa', 'p256', 'ed25519-dalek']
  const all = names.map((name) => [name, lock.match(`name = "${name}"\nversion = "([^"]+)"`)?.[1] ?? 'unknown'])
  return Object.fromEntries(all)
}

/** @param {Results} results */
function table({ measured, processor, versions, rounds, rows }) {
  const names = [...new Set(rows.map(({ name }) => name))]
  const cell = (/** @type {string} */ alg, /** @type {string} */ name) => {
    const row = rows.find((found) => found.alg === alg && found.name === name)
    if (row === undefined) return '–'
    return `${row.microseconds.median.toFixed(1)} (${row.ratio.median.toFixed(2)} ×)`
  }
  const lines = ALGORITHMS.map((alg) => `| ${[alg, ...names.map((name) => cell(alg, name))].join(' | ')} |`)
  const of = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  return `
Measured ${measured}, ${processor}; ${of.join(', ')}; medians of ${rounds} rounds.

| µs | ${names.join(' | ')} |
| --- |${' --- |'.repeat(names.length)}
${lines.join('\n')}

`
}

/** @param {string} text @param {string} part @returns The text with that part between the marks. */
function between(text, part) {
  const [start = '', end = ''] = MARKS
  const from = text.indexOf(start)
  const to = text.indexOf(end)
  if (from < 0 || to < from) throw new Error('the README has no place for the table')
  return `${text.slice(0, from + start.length)}\n${part}${text.slice(to)}`
}
