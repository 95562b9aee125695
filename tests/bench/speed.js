// @ts-check
/**
 * The table of speed: countersign, its peers and the limit, in every runtime at hand; and what else costs time or room.
 *
 * @module
 */

import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { availableParallelism, cpus, loadavg } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { layOut, output, placesOf, runIn } from './places.js'
import { ALGORITHMS } from './rules.js'
import { figure, line } from './stats.js'
import { held, rows, TARGETED } from './targets.js'
import { deckOf, keySetOf, tokensByLength } from './tokens.js'

/**
 * @typedef {import('./places.js').Place} Place
 * @typedef {import('./groups.js').Job} Job
 * @typedef {import('./groups.js').Work} Work
 * @typedef {import('./tokens.js').Algorithm} Algorithm
 * @typedef {import('./tokens.js').Deck} Deck
 *
 * @typedef {{
 *   places: readonly string[], processes: number, rounds: number, milliseconds: number, warmUp: number, starts: number,
 *   algorithms: readonly Algorithm[], elsewhere: readonly Algorithm[], kernels: boolean, stated: 'all' | 'here' | 'nothing'
 * }} Form `processes`: how many of them share a group's rounds in Node; `elsewhere`: the algorithms in the other runtimes;
 * `stated`: where memory and first verdicts are measured.
 *
 * @typedef {Awaited<ReturnType<typeof speed>>} Results
 */

/** @type {Record<'full' | 'quick' | 'smoke', Form>} */
export const FORMS = {
  full: {
    places: ['node', 'node24', 'deno', 'bun', 'workerd'],
    ...{ processes: 2, rounds: 11, milliseconds: 10, warmUp: 200, starts: 7, kernels: true, stated: 'all' },
    algorithms: ALGORITHMS,
    elsewhere: ALGORITHMS.slice(0, 4),
  },
  quick: {
    places: ['node', 'node24', 'deno', 'bun', 'workerd'],
    ...{ processes: 1, rounds: 5, milliseconds: 6, warmUp: 80, starts: 3, kernels: false, stated: 'here' },
    algorithms: ALGORITHMS.slice(0, 4),
    elsewhere: ALGORITHMS.slice(0, 2),
  },
  smoke: {
    places: ['node'],
    ...{ processes: 1, rounds: 1, milliseconds: 0.1, warmUp: 0.1, starts: 1, kernels: false, stated: 'nothing' },
    algorithms: ALGORITHMS.slice(0, 4),
    elsewhere: [],
  },
}

const HERE = fileURLToPath(new URL('.', import.meta.url))

/** Characters of a token, up to the longest that is read by default. */
const LENGTHS = [500, 1000, 2000, 4000, 8000, 16_000]

/** Keys in a set. */
const SETS = [1, 10, 100, 1000]

/** Whose first verdict is waited for. */
const STARTERS = ['countersign', 'fast-jwt', 'jose']

/**
 * @param {Form} form
 * @param {string} runtimes The node_modules of the other runtimes.
 * @param {(line: string) => void} say
 */
export async function speed(form, runtimes, say) {
  const [load = 0] = loadavg()
  layOut()
  const places = await placesOf(form.places, runtimes)
  const decks = new Map(form.algorithms.map((alg) => [alg, deckOf(alg)]))
  const measured = []
  for (const place of places) measured.push(await table(place, form, decks, say))
  const stated = form.stated === 'nothing' ? null : await state(form, places, decks, say)
  return {
    measured: new Date().toISOString().slice(0, 10),
    machine: {
      processor: cpus()[0]?.model.trim() ?? 'unknown',
      cores: availableParallelism(),
      platform: `${process.platform} ${process.arch}`,
      /** How many programs wanted the processor in the minute before. */
      load,
    },
    versions: versions(),
    tokens: tokensOf(decks),
    effort: { rounds: form.rounds * form.processes, milliseconds: form.milliseconds },
    places: measured,
    kernels: form.kernels ? await kernels(say) : [],
    stated,
  }
}

/**
 * @param {Place} place
 * @param {Form} form
 * @param {ReadonlyMap<Algorithm, Deck>} decks
 * @param {(line: string) => void} say
 */
async function table(place, form, decks, say) {
  const inNode = place.name === 'Node'
  const algorithms = inNode ? form.algorithms : form.elsewhere
  /** @type {[string, Work][]} */
  const works = []
  for (const alg of algorithms) {
    const deck = /** @type {Deck} */ (decks.get(alg))
    works.push([`verify ${alg}`, { group: 'verify', deck }])
    if (TARGETED.includes(alg)) works.push([`refuse ${alg}`, { group: 'refuse', deck }])
    if (['HS256', 'ES256'].includes(alg)) works.push([`remember ${alg}`, { group: 'remember', deck }])
    if (alg === 'HS256') works.push(['many', { group: 'many', deck }])
  }
  /** @type {import('./targets.js').Timings} */
  const timings = {}
  /** @type {Record<string, import('./groups.js').LeftOut[]>} */
  const leftOut = {}
  for (const [name, work] of works) {
    const isTargeted = !algorithms.some((alg) => name.endsWith(alg) && !TARGETED.includes(alg))
    const processes = inNode && isTargeted ? form.processes : 1
    const result = await several(place, work, form, processes)
    timings[name] = result.timings
    leftOut[name] = result.leftOut
    say(`${place.name} ${place.version}  ${name.padEnd(15)}  ${brief(result.timings)}`)
  }
  return {
    name: place.name,
    version: place.version,
    clock: place.clock,
    groups: Object.entries(timings).map(([name, found]) => ({ name, rows: rows(found), leftOut: leftOut[name] ?? [] })),
    targets: held(timings),
  }
}

/**
 * One group in several processes, one after the other: what an engine happens to do in one of them is not what it does.
 *
 * @param {Place} place @param {Work} work @param {Form} form @param {number} processes
 */
async function several(place, work, form, processes) {
  const { rounds, warmUp, milliseconds } = form
  // A clock of whole milliseconds needs longer turns.
  const turn = place.clock === 'wall' ? Math.max(milliseconds * 4, 1) : milliseconds
  const effort = { rounds, warmUp, milliseconds: turn, clock: place.clock }
  const [first, ...others] = await inTurn(processes, () => runIn(place, { ...work, effort }))
  if (first === undefined) throw new Error('no process was run')
  for (const { timings } of others) {
    for (const [index, { microseconds, wall }] of timings.entries()) {
      first.timings[index]?.microseconds.push(...microseconds)
      first.timings[index]?.wall.push(...wall)
    }
  }
  return first
}

/** @template T @param {number} times @param {() => Promise<T>} run */
async function inTurn(times, run) {
  /** @type {T[]} */
  const results = []
  for (let time = 0; time < times; time += 1) results.push(await run())
  return results
}

/** @param {readonly import('./measure.js').Timing[]} timings */
function brief(timings) {
  return timings.map(({ name, microseconds }) => `${name} ${figure(microseconds).median.toFixed(2)}`).join(' · ')
}

/**
 * What else costs time or room.
 *
 * @param {Form} form
 * @param {readonly Place[]} places
 * @param {ReadonlyMap<Algorithm, Deck>} decks
 * @param {(line: string) => void} say
 */
async function state(form, places, decks, say) {
  const [here] = places
  if (here === undefined) throw new Error('there is no runtime')
  const byLength = tokensByLength(LENGTHS)
  const tokens = [...byLength.tokens]
  const lengths = await several(here, { group: 'length', key: byLength.key, tokens }, form, 1)
  const points = lengths.timings.map(({ microseconds }, index) => ({
    characters: mean((tokens[index]?.[1] ?? []).map(({ length }) => length)),
    microseconds: figure(microseconds).median,
  }))
  const spent = points.map(({ characters, microseconds }) => `${characters} ${microseconds.toFixed(2)}`)
  say(`by token length: ${spent.join(' · ')}`)
  const sets = await several(here, { group: 'keys', sets: SETS.map(keySetOf) }, form, 1)
  say(`by keys in a set: ${brief(sets.timings)}`)
  const memory = await octets(form.stated === 'all' ? TARGETED : ['ES256'])
  const taken = memory.map(({ alg, verifier, hotKey }) => `${alg} ${verifier}, hot ${hotKey} more`)
  say(`memory, in octets: ${taken.join(' · ')}`)
  const found = points.map(({ characters, microseconds }) => ({ x: characters, y: microseconds }))
  const { slope, intercept, r2 } = line(found)
  return {
    length: { points, nanosecondsPerCharacter: slope * 1000, microsecondsAtZero: intercept, r2 },
    keys: sets.timings.map(({ name, microseconds }) => ({ keys: Number(name), microseconds: figure(microseconds) })),
    memory,
    size: sizes(),
    start: await starts(form, places, decks, say),
  }
}

/** What a verifier takes, and its key once hot. @param {readonly string[]} algorithms */
async function octets(algorithms) {
  const found = []
  const measure = async (/** @type {string[]} */ ...args) =>
    Number(await output(process.execPath, ['--expose-gc', join(HERE, 'memory.js'), ...args]))
  for (const alg of algorithms) {
    found.push({ alg, verifier: await measure('verifier', alg), hotKey: await measure('hotKey', alg) })
  }
  return found
}

/**
 * @param {Form} form
 * @param {readonly Place[]} places
 * @param {ReadonlyMap<Algorithm, Deck>} decks
 * @param {(line: string) => void} say
 */
async function starts(form, places, decks, say) {
  const commands = form.stated === 'all' ? places.filter(({ id }) => id !== 'workerd') : places.slice(0, 1)
  const found = []
  for (const { name, version, command, args, env } of commands) {
    for (const alg of TARGETED) {
      const deck = decks.get(/** @type {Algorithm} */ (alg))
      if (deck === undefined) continue
      const peers = name === 'Node' ? STARTERS : STARTERS.slice(0, 1)
      const program = args.map((arg) => arg.replace(/program\.js$/, 'start.js'))
      const input = JSON.stringify(deck)
      const runs = peers.map((peer) => ({ peer, runs: /** @type {{ wall: number, processor: number }[]} */ ([]) }))
      for (let run = 0; run < form.starts; run += 1) {
        for (const { peer, runs: done } of runs) {
          done.push(JSON.parse(await output(command, [...program, peer], { input, env })))
        }
      }
      const rows = runs.map(({ peer, runs: done }) => ({
        name: peer,
        milliseconds: figure(done.map(({ wall }) => wall)),
        processor: figure(done.map(({ processor }) => processor)).median,
      }))
      found.push({ place: `${name} ${version}`, alg, rows })
      const waits = rows.map((row) => `${row.name} ${row.milliseconds.median.toFixed(1)}`)
      say(`${name} ${version}  first verdict ${alg}, ms: ${waits.join(' · ')}`)
    }
  }
  return found
}

/** The compiled core, in every form that the package holds: the last is what `import 'countersign'` brings. */
function sizes() {
  const dist = join(createRequire(import.meta.url).resolve('countersign/package.json'), '..', 'dist')
  return ['countersign.wasm', 'countersign-scalar.wasm', 'core/generated/bytes.js'].map((path) => {
    const bytes = readFileSync(join(dist, path))
    return { name: basename(path), octets: bytes.length, gzipped: gzipSync(bytes, { level: 9 }).length }
  })
}

/**
 * The kernels alone, in Wasm, against OpenSSL: what `npm run bench -- kernels` prints.
 *
 * @param {(line: string) => void} say
 */
async function kernels(say) {
  const path = join(HERE, 'kernels', 'kernels.js')
  if (!existsSync(path)) return []
  try {
    const text = await output(process.execPath, [path])
    const pattern =
      /^(\S+) +ours ([\d.]+) +OpenSSL ([\d.]+) +ratio ([\d.]+) \(([\d.]+)–([\d.]+)\) *(?:first ([\d.]+), with import ([\d.]+))?/gm
    const found = [...text.matchAll(pattern)].map(
      ([, name = '', ours, openssl, median, low, high, first, imported]) => ({
        name,
        microseconds: Number(ours),
        // How many times as fast as OpenSSL the first use of a key is, without its import and with it; not measured for RSA.
        first: first === undefined ? null : { alone: Number(first), withImport: Number(imported) },
        openssl: Number(openssl),
        ratio: { median: Number(median), low: Number(low), high: Number(high) },
      }),
    )
    const times = found.map(({ name, microseconds, openssl }) => `${name} ${microseconds}, OpenSSL ${openssl}`)
    say(`kernels: ${times.join(' · ')}`)
    return found
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    say(`kernels: left out, for they could not be built: ${why.slice(0, 200)}`)
    return []
  }
}

/** Of countersign and its peers. */
function versions() {
  const require = createRequire(import.meta.url)
  const names = ['countersign', 'fast-jwt', 'jose', 'jsonwebtoken', 'hono', 'aws-jwt-verify']
  const all = [...names, '@node-rs/jsonwebtoken-linux-x64-gnu'].map((name) => {
    const entry = require.resolve.paths(name)?.map((folder) => join(folder, name, 'package.json')) ?? []
    const path = entry.find((file) => existsSync(file))
    return [name, path === undefined ? null : String(JSON.parse(readFileSync(path, 'utf8')).version)]
  })
  return {
    .../** @type {Record<string, string | null>} */ (Object.fromEntries(all)),
    OpenSSL: process.versions.openssl,
  }
}

/** @param {ReadonlyMap<Algorithm, Deck>} decks */
function tokensOf(decks) {
  const lengths = [...decks.values()].flatMap(({ tokens }) => tokens.good.map(({ length }) => length))
  const [first] = decks.values()
  return { each: first?.tokens.good.length ?? 0, shortest: Math.min(...lengths), longest: Math.max(...lengths) }
}

/** @param {readonly number[]} numbers */
function mean(numbers) {
  return Math.round(numbers.reduce((total, number) => total + number, 0) / numbers.length)
}
