// @ts-check
/**
 * `npm test`: sets up, builds, and runs everything that must hold. `npm run check` leaves out the servers and the other
 * runtimes.
 *
 * Stages can be chosen by name: `npm test -- clippy package`. A stage that fails does not stop those after it.
 * What could not be run is named at the end, with the remedy.
 *
 * @module
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build, SIMD } from './build.js'
import { demoTests } from './engines.js'
import { FRESH, freshProject, TARBALL } from './fresh.js'
import { INSPECTION_FLAGS } from './inspection.js'
import { findChromium, findPostgres, findRedis, installRuntimes, RUNTIMES } from './runtimes.js'
import { cargoDeny, testRunner } from './setup.js'
import { CACHE, main, ROOT, run, StepError, say, step } from './steps.js'

/**
 * What a stage found: tests that passed and failed, and what it printed about those that failed.
 *
 * @typedef {{ passed: number, failed: number, output: string, leftOut?: string[] }} Found
 */

const TARGET = '--target=wasm32-unknown-unknown'

/** Every crate but that of the Wasm module, whose feature would leave profiles out of the others. */
const NATIVE = ['--workspace', '--exclude=countersign-core']

/** The crate and those below it, for JavaScript. */
const WASM = ['--workspace', TARGET, '--features=wasm']

/** Node's own resolution since 16; a `.wasm` file is nothing that require() could load. */
const ATTW = ['--profile', 'node16', '--exclude-entrypoints', './countersign.wasm', './countersign-scalar.wasm']

/** What the module that is inlined is compiled with. */
const VECTORS = { CARGO_ENCODED_RUSTFLAGS: SIMD }

/** What the inspection alone is compiled with. */
const INSPECTION = { CARGO_ENCODED_RUSTFLAGS: INSPECTION_FLAGS.join('\x1f') }

/** What unpacks the inlined module is a crate apart, too. */
const UNPACKER = '--manifest-path=pkg/build/unpacker/Cargo.toml'

/** The host tool is a crate apart, with its own target folder. */
const TOOL = '--manifest-path=pkg/build/Cargo.toml'
const TOOL_TARGET = { CARGO_TARGET_DIR: join(ROOT, 'pkg', 'build', 'target') }

/** Every stage gets its own name, for its log. @type {Record<string, (log: string) => Promise<Found>>} */
const STAGES = {
  fmt: (log) => holds(log, 'cargo', ['fmt', '--all', '--check']),
  'fmt-tool': (log) => holds(log, 'cargo', ['fmt', '--check', TOOL]),
  clippy: (log) => holds(log, 'cargo', ['clippy', ...NATIVE, '--all-targets', '--', '-D', 'warnings']),
  'clippy-wasm': (log) => holds(log, 'cargo', ['clippy', ...WASM, '--', '-D', 'warnings']),
  'clippy-wasm-simd': (log) => holds(log, 'cargo', ['clippy', ...WASM, '--', '-D', 'warnings'], VECTORS),
  'clippy-inspection': (log) => holds(log, 'cargo', ['clippy', '--lib', TARGET, '--', '-D', 'warnings'], INSPECTION),
  'clippy-unpacker': (log) => holds(log, 'cargo', ['clippy', UNPACKER, TARGET, '--', '-D', 'warnings'], TOOL_TARGET),
  'fmt-unpacker': (log) => holds(log, 'cargo', ['fmt', '--check', UNPACKER]),
  'clippy-tool': (log) => holds(log, 'cargo', ['clippy', TOOL, '--all-features', '--', '-D', 'warnings'], TOOL_TARGET),
  cargo: (log) => cargoTest(log, NATIVE),
  deny,
  doc: (log) => holds(log, 'cargo', ['doc', '--no-deps'], { RUSTDOCFLAGS: '-D warnings' }),
  'cargo-wasm': (log) => wasmTest(log, VECTORS),
  'cargo-wasm-scalar': (log) => wasmTest(log, {}),
  kernels,
  biome: (log) => tool(log, '@biomejs/biome', 'biome', ['ci']),
  types: (log) => tool(log, 'typescript', 'tsc', ['-p', 'tsconfig.tests.json']),
  publint: (log) => tool(log, 'publint', 'publint', ['run', TARBALL, '--strict']),
  attw: (log) => tool(log, '@arethetypeswrong/cli', 'attw', [TARBALL, ...ATTW]),
  package: (log) =>
    nodeTest(
      log,
      testsIn('tests/package').filter((path) => !isOfStores(path)),
      FULL_FORM,
    ),
  stores,
  attacks,
  runtimes,
  demo,
  'matrix-core': (log) => matrix(log, ['--core']),
  matrix: (log) => matrix(log, []),
  'main-job': (log) => holds(log, process.execPath, ['pkg/build/main-job.js', '--once']),
}

/**
 * The tests that run in the Wasm too.
 *
 * @param {string} log
 * @param {Record<string, string>} env
 */
async function wasmTest(log, env) {
  await testRunner()
  return cargoTest(log, [...WASM, '--lib', ...wasmTests()], env)
}

/** Test files that run in the Wasm too, beside those in `src`. */
function wasmTests() {
  const names = ['wasm', 'conformance_primitives']
  return names.filter((name) => existsSync(join(ROOT, 'tests', `${name}.rs`))).map((name) => `--test=${name}`)
}

/**
 * One command that must succeed.
 *
 * @param {string} log
 * @param {string} command
 * @param {readonly string[]} args
 * @param {Record<string, string>} [env]
 * @returns {Promise<Found>}
 */
async function holds(log, command, args, env = {}) {
  const { code, output } = await run(command, args, { env, mayFail: true, log })
  return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, output }
}

/**
 * A tool from node_modules that must succeed.
 *
 * @param {string} log
 * @param {string} name The package.
 * @param {string} bin
 * @param {readonly string[]} args
 */
function tool(log, name, bin, args) {
  const manifest = join(ROOT, 'node_modules', name, 'package.json')
  const bins = JSON.parse(readFileSync(manifest, 'utf8')).bin
  const path = typeof bins === 'string' ? bins : bins[bin]
  return holds(log, process.execPath, [join(manifest, '..', path), ...args])
}

/**
 * Counts what cargo's test harnesses say. A run without a single test is a failure: something lost them.
 *
 * @param {string} log
 * @param {readonly string[]} args
 * @param {Record<string, string>} [env]
 * @returns {Promise<Found>}
 */
async function cargoTest(log, args, env = {}) {
  const { code, output } = await run('cargo', ['test', '--no-fail-fast', ...args], {
    env,
    mayFail: true,
    log,
  })
  const sum = (/** @type {RegExp} */ pattern) =>
    [...output.matchAll(pattern)].reduce((total, [, count]) => total + Number(count), 0)
  const passed = sum(/^test result: .*?(\d+) passed/gm)
  const failed = sum(/^test result: .*?(\d+) failed/gm)
  return { passed, failed: code === 0 && passed > 0 ? failed : Math.max(1, failed), output }
}

/**
 * Licences, sources and duplicates of the crate's dependencies, as `deny.toml` allows them.
 *
 * @param {string} log
 */
async function deny(log) {
  const checks = ['check', '--hide-inclusion-graph', 'licenses', 'bans', 'sources']
  return holds(log, await cargoDeny(), checks)
}

/**
 * The arithmetic kernels alone, in Wasm with SIMD and without, each against its oracle.
 *
 * @param {string} log
 * @returns {Promise<Found>}
 */
async function kernels(log) {
  const forms = [[], ['--scalar']].map((form) => {
    const name = ['kernels', ...form].join('')
    const env = { KERNEL_CASES: 'few', CARGO_TARGET_DIR: join(ROOT, 'target', name) }
    const args = ['tests/bench/kernels/kernels.js', '--test', ...form]
    return run(process.execPath, args, { env, mayFail: true, log: `${log}-${name}` })
  })
  const found = await Promise.all(forms)
  const counts = found.map(({ output }) => [...output.matchAll(/^ok test_/gm)].length)
  const failed = found.filter(({ code }, index) => code !== 0 || counts[index] === 0)
  return {
    passed: counts.reduce((total, count) => total + count, 0),
    failed: failed.length,
    output: failed.map(({ output }) => output).join('\n'),
  }
}

/**
 * The test files of a folder of the fresh project.
 *
 * @param {string} folder
 */
function testsIn(folder) {
  const names = existsSync(join(FRESH, folder)) ? readdirSync(join(FRESH, folder)) : []
  return names.filter((name) => name.endsWith('.test.js')).map((name) => join(folder, name))
}

/**
 * Runs test files in the fresh project. A run without a single test is a failure.
 *
 * @param {string} log
 * @param {readonly string[]} tests Relative to the fresh project, or absolute.
 * @param {Record<string, string>} [env]
 * @returns {Promise<Found>}
 */
async function nodeTest(log, tests, env = {}) {
  if (tests.length === 0) return { passed: 0, failed: 1, output: 'There is no test.' }
  const reporters = ['tap', 'stdout', 'spec', 'stderr'].map((value, index) =>
    index % 2 === 0 ? `--test-reporter=${value}` : `--test-reporter-destination=${value}`,
  )
  const { code, stdout, output } = await run(process.execPath, ['--test', ...reporters, ...tests], {
    cwd: FRESH,
    env,
    mayFail: true,
    log,
  })
  const count = (/** @type {string} */ word) => Number(new RegExp(`^# ${word} (\\d+)$`, 'm').exec(stdout)?.[1] ?? 0)
  const failed = count('fail') + count('cancelled')
  return {
    passed: count('pass'),
    failed: code === 0 && count('pass') > 0 ? failed : Math.max(1, failed),
    output: output.slice(output.lastIndexOf('✖ failing tests:')),
  }
}

/**
 * Attacks minted for this run, against the core and the package; then the other tests in `tests/attacks`.
 *
 * @param {string} log
 * @returns {Promise<Found>}
 */
async function attacks(log) {
  const env = { ATTACK_CORPUS: join(CACHE, 'attacks', 'corpus.json') }
  const minted = await holds(`${log}-mint`, process.execPath, [
    'tests/attacks/mint.js',
    '--each',
    '20',
    env.ATTACK_CORPUS,
  ])
  if (minted.failed > 0) return minted
  const [core, tests] = await Promise.all([
    cargoTest(`${log}-core`, ['--test=attacks'], env),
    nodeTest(log, testsIn('tests/attacks'), env),
  ])
  return {
    passed: core.passed + tests.passed,
    failed: core.failed + tests.failed,
    output: `${core.failed > 0 ? core.output : ''}${tests.output}`,
  }
}

/** @param {string} path A test of the stores that need a server. */
function isOfStores(path) {
  return /stores-(?:redis|postgres)\.test\.js$/.test(path)
}

/** In CI the tests of the stores run with as many processes, crashes and lost replies as their guarantees name. */
const FULL_FORM = process.env.CI === undefined ? {} : { STORES: 'full' }

/**
 * The stores in Redis and PostgreSQL; a server that cannot be had is named at the end, with the remedy.
 *
 * @param {string} log
 */
async function stores(log) {
  const servers = { Redis: await findRedis(), PostgreSQL: await findPostgres() }
  const leftOut = Object.entries(servers).flatMap(([name, server]) =>
    'remedy' in server ? [`${name}: ${server.remedy}`] : [],
  )
  const path = (/** @type {{ path: string } | { remedy: string }} */ server) => ('path' in server ? server.path : '')
  const env = { REDIS: path(servers.Redis), POSTGRES: path(servers.PostgreSQL), ...FULL_FORM }
  return { ...(await nodeTest(log, testsIn('tests/package').filter(isOfStores), env)), leftOut }
}

/**
 * The vectors in each runtime; one that cannot be had is named at the end, with the remedy.
 *
 * @param {string} log
 */
async function runtimes(log) {
  /** @type {string[]} */
  const leftOut = []
  const missing = await installRuntimes()
  const browser = await findChromium()
  if (missing !== undefined) leftOut.push(`Node 22 to 26, Deno, Bun, workerd, Jest: ${missing}`)
  if ('remedy' in browser) leftOut.push(`Chromium: ${browser.remedy}`)
  const tests = testsIn('tests/package/runtimes').filter((path) => {
    if (path.endsWith('chromium.test.js')) return 'path' in browser
    if (/(?:commands|modules|workerd|sqlite|deno-kv)\.test\.js$/.test(path)) return missing === undefined
    return true
  })
  const env = { RUNTIMES, ...FULL_FORM, ...('path' in browser ? { CHROMIUM: browser.path } : {}) }
  return { ...(await nodeTest(log, tests, env)), leftOut }
}

/**
 * The demo page in each browser engine; one that cannot be had is named at the end, with the remedy.
 *
 * @param {string} log
 */
async function demo(log) {
  const { tests, leftOut, env } = await demoTests()
  return { ...(await nodeTest(log, tests, env)), leftOut }
}

/**
 * The matrix of environments: the rows that CI runs, or all.
 *
 * @param {string} log
 * @param {string[]} args
 * @returns {Promise<Found>}
 */
async function matrix(log, args) {
  const missing = await installRuntimes()
  const browser = await findChromium()
  const leftOut = [
    ...(missing === undefined ? [] : [`the matrix: ${missing}`]),
    ...('remedy' in browser ? [`the matrix: ${browser.remedy}`] : []),
  ]
  if (leftOut.length > 0 || !('path' in browser)) return { passed: 0, failed: 0, output: '', leftOut }
  // Firefox and WebKit, which only the whole matrix needs.
  if (args.length === 0) await demoTests()
  const options = { env: { CHROMIUM: browser.path }, mayFail: true, log }
  const { code, output } = await run(process.execPath, ['tests/matrix/run.js', ...args], options)
  const count = (/** @type {RegExp} */ mark) => [...output.matchAll(mark)].length
  const failed = count(/^✗ /gm)
  return { passed: count(/^✓ /gm), failed: code === 0 ? failed : Math.max(1, failed), output }
}

/** What runs only when it is named. */
const NAMED = ['matrix']

/** What `npm run check` leaves out: servers, other runtimes, browsers. */
const SLOW = ['stores', 'runtimes', 'demo', 'matrix-core']

await main(async () => {
  const start = performance.now()
  const words = process.argv.slice(2).filter((word) => word !== '--quick')
  const quick = process.argv.includes('--quick')
  const unknown = words.filter((word) => !Object.hasOwn(STAGES, word))
  if (unknown.length > 0) {
    throw new StepError(`No such stage: ${unknown.join(', ')}. There are: ${Object.keys(STAGES).join(', ')}.`)
  }
  await build()
  await step('fresh project: npm pack, npm install', freshProject)
  let passed = 0
  let failed = 0
  /** @type {string[]} */
  const broken = []
  /** @type {string[]} */
  const leftOut = []
  for (const [name, stage] of Object.entries(STAGES)) {
    if (words.length > 0 ? !words.includes(name) : NAMED.includes(name) || (quick && SLOW.includes(name))) continue
    const found = await step(
      name,
      () => stage(`test-${name}`),
      (result) => ({
        good: result.failed === 0,
        outcome: `${result.passed} passed, ${result.failed} failed`,
      }),
    )
    passed += found.passed
    failed += found.failed
    leftOut.push(...(found.leftOut ?? []))
    if (found.failed > 0) {
      broken.push(name)
      say(found.output.trimEnd())
    }
  }
  say()
  for (const line of leftOut) say(`Left out: ${line}`)
  if (broken.length > 0) say(`Failed: ${broken.join(', ')}. The logs are in .cache/logs.`)
  say(`In ${((performance.now() - start) / 1000).toFixed(0)} s.`)
  say(`${passed} passed, ${failed} failed`)
  process.exitCode = failed === 0 ? 0 : 1
})
