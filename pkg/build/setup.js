// @ts-check
/**
 * Sets up what the build needs and the machine lacks: the Wasm target, the npm packages, the host tool.
 *
 * @module
 */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { hashOf, unlessSame } from './stamps.js'
import { CACHE, ROOT, run, StepError, step } from './steps.js'

/** The host tool of `Cargo.toml` beside this file, relative to the root. */
export const HOST_TOOL = `pkg/build/target/debug/countersign-build${process.platform === 'win32' ? '.exe' : ''}`

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
  const hash = hashOf(['pkg/build/Cargo.toml', 'pkg/build/Cargo.lock', 'pkg/build/src'], [rustc])
  await unlessSame('host-tool', hash, [HOST_TOOL], async () => {
    if (process.platform === 'linux' || process.platform === 'darwin') {
      await run('cc', ['--version'], { remedy: LINKER[process.platform] })
    }
    await step('host tool: cargo build of wasm-bindgen’s post-processing', async () => {
      await run('cargo', ['build', '--locked', '--manifest-path', 'pkg/build/Cargo.toml'], {
        remedy: RUSTUP,
        log: 'host-tool',
        env: { CARGO_TARGET_DIR: join(ROOT, 'pkg', 'build', 'target') },
      })
    })
  })
}

/** The version of cargo-deny that checks the crate's dependencies. */
const CARGO_DENY = '0.20.2'

/**
 * cargo-deny, built once.
 *
 * @returns {Promise<string>} Its path.
 */
export async function cargoDeny() {
  const tool = `.cache/cargo-deny/bin/cargo-deny${process.platform === 'win32' ? '.exe' : ''}`
  await unlessSame('cargo-deny', CARGO_DENY, [tool], () =>
    step('cargo-deny: cargo install', () =>
      run(
        'cargo',
        ['install', 'cargo-deny', '--version', CARGO_DENY, '--locked', '--root', join(CACHE, 'cargo-deny')],
        {
          log: 'cargo-deny',
          remedy: RUSTUP,
        },
      ),
    ),
  )
  return join(ROOT, tool)
}
