// @ts-check
/**
 * `npm run bench`: the table of speed. `npm run bench -- NAME [its own options]`: another benchmark.
 *
 * @module
 */

import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { installRuntimes, RUNTIMES } from '../../pkg/build/runtimes.js'
import { write } from './report.js'
import { FORMS, speed } from './speed.js'
import { text } from './text.js'

const HELP = `npm run bench                 the table of speed, in every runtime; rewrites results.json, speed.svg
                              and the section "Speed" of the README (at most 9 minutes)
npm run bench -- --quick      a shorter form, less exact, that rewrites nothing (at most 2 minutes)
npm run bench -- --only node,node24,deno,bun,workerd
                              these runtimes alone; rewrites nothing
npm run bench -- http         a guarded server beside an unguarded one
npm run bench -- guards       processor time that a guard adds to a request, beside the guards in use today
npm run bench -- kernels      the arithmetic alone, against OpenSSL
npm run bench -- native       the crate beside jsonwebtoken and jwt-simple, natively; --write keeps the result
npm run bench -- rotation     requests to an issuer's key endpoint, and what a remote key set costs
npm run bench -- cost         the most laborious inputs, in microseconds per octet
npm run bench -- first        the first verdict of a page and of a Worker's isolate, beside jose's
npm run bench -- uses         a spend in Redis against rate-limiter-flexible's; one in a Durable Object
npm run bench -- possession   a token with a DPoP proof against one without, and against express-oauth2-jwt-bearer
node tests/bench/report.js    writes chart and README again, from results.json

Without a build: node tests/bench/index.js, with the same options.
`

/** Each a program of its own, beside this one. */
const BENCHMARKS = new Map([
  ['http', 'http.js'],
  ['guards', 'guards.js'],
  ['kernels', 'kernels/kernels.js'],
  ['native', 'native/native.js'],
  ['rotation', 'rotation.js'],
  ['cost', 'cost.js'],
  ['first', 'first.js'],
  ['uses', 'uses.js'],
  ['possession', 'possession.js'],
])

const HERE = fileURLToPath(new URL('.', import.meta.url))

const [name, ...options] = process.argv.slice(2)
if (name === undefined || name.startsWith('-')) await table()
else process.exitCode = other(name, options)

async function table() {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    process.stdout.write(HELP)
    return
  }
  const missing = await installRuntimes()
  if (missing !== undefined) process.stdout.write(`Left out: Node 24, Deno, Bun, workerd: ${missing}\n`)
  const form = values.quick ? FORMS.quick : FORMS.full
  const places = values.only === undefined ? form.places : values.only.split(',')
  const started = performance.now()
  const seconds = () => ((performance.now() - started) / 1000).toFixed(0).padStart(4)
  const results = await speed({ ...form, places }, RUNTIMES, (line) =>
    process.stdout.write(`${seconds()} s  ${line}\n`),
  )
  process.stdout.write(`\n${text(results)}`)
  if (values.quick || values.only !== undefined) {
    const path = join(HERE, '..', '..', '.cache', 'bench.json')
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, `${JSON.stringify(results, undefined, 1)}\n`)
    process.stdout.write('\nIn .cache/bench.json. Only a full run is kept.\n')
  } else {
    write(results)
    process.stdout.write('\nIn tests/bench/results.json and speed.svg, and in the README.\n')
  }
}

/** @param {string} benchmark @param {readonly string[]} args @returns The exit code. */
function other(benchmark, args) {
  const file = BENCHMARKS.get(benchmark)
  if (file === undefined) {
    process.stderr.write(`No such benchmark. There are: ${[...BENCHMARKS.keys()].join(', ')}\n\n${HELP}`)
    return 2
  }
  return spawnSync(process.execPath, [join(HERE, file), ...args], { stdio: 'inherit' }).status ?? 1
}
