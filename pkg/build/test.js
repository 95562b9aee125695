// @ts-check
/**
 * `npm test`: sets up, builds, and runs everything that must hold. `npm run check` leaves the other runtimes out.
 *
 * Stages can be chosen by name: `npm test -- clippy package`. A stage that fails does not stop those after it.
 * What could not be run is named at the end, with the remedy.
 *
 * @module
 */

import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { build } from './build.js'
import { npm } from './setup.js'
import { CACHE, ROOT, StepError, main, run, say, step } from './steps.js'

/**
 * What a stage found: tests that passed and failed, and what it printed about those that failed.
 *
 * @typedef {{ passed: number, failed: number, output: string, leftOut?: string[] }} Found
 */

const WASM = ['--target=wasm32-unknown-unknown', '--features=wasm']

/** A project outside the workspace, as a user would have it. */
const FRESH = join(CACHE, 'fresh')

/** @type {Record<string, () => Promise<Found>>} */
const STAGES = {
  fmt: () => holds('cargo', ['fmt', '--all', '--check']),
  clippy: () => holds('cargo', ['clippy', '--all-targets', '--', '-D', 'warnings']),
  'clippy-wasm': () => holds('cargo', ['clippy', ...WASM, '--all-targets', '--', '-D', 'warnings']),
  'clippy-tool': () =>
    holds('cargo', ['clippy', '--manifest-path=pkg/build/Cargo.toml', '--', '-D', 'warnings'], {
      CARGO_TARGET_DIR: join(ROOT, 'pkg', 'build', 'target'),
    }),
  cargo: () => cargoTest([]),
  doc: () => holds('cargo', ['doc', '--no-deps'], { RUSTDOCFLAGS: '-D warnings' }),
  'cargo-wasm': () =>
    cargoTest([...WASM, '--lib', ...(existsSync(join(ROOT, 'tests/wasm.rs')) ? ['--test=wasm'] : [])]),
  types: () => tool('typescript', 'tsc', ['-p', 'tsconfig.tests.json']),
  publint: () => tool('publint', 'publint', ['run', join(FRESH, 'countersign.tgz'), '--strict']),
  attw: () => tool('@arethetypeswrong/cli', 'attw', [join(FRESH, 'countersign.tgz'), '--profile', 'node16']),
  package: () => nodeTest(process.execPath, 'tests/package'),
  'main-job': () => holds(process.execPath, ['pkg/build/main-job.js', '--once']),
}

/**
 * One command that must succeed.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {Record<string, string>} [env]
 * @returns {Promise<Found>}
 */
async function holds(command, args, env = {}) {
  const { code, output } = await run(command, args, { env, mayFail: true, log: `test-${args[0]}` })
  return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, output }
}

/**
 * A tool from node_modules that must succeed.
 *
 * @param {string} name The package.
 * @param {string} bin
 * @param {readonly string[]} args
 */
function tool(name, bin, args) {
  const manifest = join(ROOT, 'node_modules', name, 'package.json')
  const bins = JSON.parse(readFileSync(manifest, 'utf8')).bin
  const path = typeof bins === 'string' ? bins : bins[bin]
  return holds(process.execPath, [join(manifest, '..', path), ...args])
}

/**
 * Counts what cargo's test harnesses say. A run without a single test is a failure: something lost them.
 *
 * @param {readonly string[]} args
 * @returns {Promise<Found>}
 */
async function cargoTest(args) {
  const { code, output } = await run('cargo', ['test', '--no-fail-fast', ...args], {
    mayFail: true,
    log: `test-cargo${args.length > 0 ? '-wasm' : ''}`,
  })
  const sum = (/** @type {RegExp} */ pattern) =>
    [...output.matchAll(pattern)].reduce((total, [, count]) => total + Number(count), 0)
  const passed = sum(/^test result: .*?(\d+) passed/gm)
  const failed = sum(/^test result: .*?(\d+) failed/gm)
  return { passed, failed: code === 0 && passed > 0 ? failed : Math.max(1, failed), output }
}

/**
 * Runs the `*.test.js` files of a folder of the fresh project.
 *
 * @param {string} node
 * @param {string} folder Relative to the fresh project.
 * @returns {Promise<Found>}
 */
async function nodeTest(node, folder) {
  const names = existsSync(join(FRESH, folder)) ? readdirSync(join(FRESH, folder)) : []
  const tests = names.filter((name) => name.endsWith('.test.js')).map((name) => join(folder, name))
  if (tests.length === 0) return { passed: 0, failed: 1, output: `No test in ${folder}.` }
  const reporters = ['--test-reporter=tap', '--test-reporter-destination=stdout']
    .concat(['--test-reporter=spec', '--test-reporter-destination=stderr'])
  const { code, stdout, output } = await run(node, ['--test', ...reporters, ...tests], {
    cwd: FRESH,
    mayFail: true,
    log: 'test-package',
  })
  const count = (/** @type {string} */ word) =>
    Number(new RegExp(`^# ${word} (\\d+)$`, 'm').exec(stdout)?.[1] ?? 0)
  const failed = count('fail') + count('cancelled')
  return {
    passed: count('pass'),
    failed: code === 0 ? failed : Math.max(1, failed),
    output: output.slice(stdout.length === output.length ? 0 : output.lastIndexOf('✖ failing tests:')),
  }
}

/** Packs the package and installs the tarball where no workspace can lend it anything; the tests move in with it. */
async function freshProject() {
  rmSync(FRESH, { recursive: true, force: true })
  mkdirSync(FRESH, { recursive: true })
  const packed = JSON.parse(await npm(['pack', '--json', '--pack-destination', FRESH], { cwd: join(ROOT, 'pkg') }))
  cpSync(join(FRESH, packed[0].filename), join(FRESH, 'countersign.tgz'))
  writeFileSync(join(FRESH, 'package.json'), '{ "name": "fresh", "private": true, "type": "module" }\n')
  await npm(['install', '--no-audit', '--no-fund', '--offline', './countersign.tgz'], { cwd: FRESH })
  for (const folder of ['package', 'vectors']) {
    const from = join(ROOT, 'tests', folder)
    if (existsSync(from)) cpSync(from, join(FRESH, 'tests', folder), { recursive: true })
  }
}

await main(async () => {
  const start = performance.now()
  const words = process.argv.slice(2).filter((word) => word !== '--quick')
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
    if (words.length > 0 && !words.includes(name)) continue
    const found = await step(name, stage, (result) => ({
      good: result.failed === 0,
      outcome: `${result.passed} passed, ${result.failed} failed`,
    }))
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
