// @ts-check
/**
 * Where jobs are run: the runtimes at hand, each a command that takes a job and gives what it measured.
 *
 * @module
 */

import { spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { builtinModules, createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const HERE = fileURLToPath(new URL('.', import.meta.url))

/** Where the package and the programs lie that are timed. The peers are found further up. */
const SCRATCH = join(HERE, '..', '..', '.cache', 'bench')

/** Lays out the package as npm would install it: a link to a workspace is something else to Deno. */
export function layOut() {
  rmSync(SCRATCH, { recursive: true, force: true })
  const from = join(createRequire(import.meta.url).resolve('countersign/package.json'), '..')
  const to = join(SCRATCH, 'node_modules', 'countersign')
  mkdirSync(to, { recursive: true })
  for (const name of ['package.json', 'dist']) cpSync(join(from, name), join(to, name), { recursive: true })
  for (const name of readdirSync(HERE).filter((file) => file.endsWith('.js')))
    cpSync(join(HERE, name), join(SCRATCH, name))
  cpSync(join(HERE, '..', '..', 'package.json'), join(SCRATCH, 'package.json'))
}

/**
 * @typedef {{ id: string, name: string, version: string, command: string, args: string[], clock: 'processor' | 'wall',
 *   env: Record<string, string> }} Place
 */

/** Every place that there is a name for. */
export const PLACES = ['node', 'node24', 'deno', 'bun', 'workerd']

/**
 * @param {readonly string[]} ids Of those in {@link PLACES}.
 * @param {string} runtimes The node_modules of the other runtimes.
 * @returns {Promise<Place[]>}
 */
export async function placesOf(ids, runtimes) {
  const program = join(SCRATCH, 'program.js')
  const bin = (/** @type {string} */ path) => join(runtimes, path)
  const env = { RUNTIMES: runtimes }
  const clock = /** @type {const} */ ('processor')
  /** @type {Record<string, () => Promise<Place>>} */
  const known = {
    node: async () => ({
      ...{ id: 'node', name: 'Node', version: process.versions.node, command: process.execPath },
      ...{ args: [program], clock, env },
    }),
    node24: async () => {
      const command = bin('node24/bin/node')
      const version = (await output(command, ['--version'])).trim().slice(1)
      return { id: 'node24', name: 'Node', version, command, args: [program], clock, env }
    },
    deno: async () => {
      const command = bin('.bin/deno')
      const [, version = ''] = /deno (\S+)/.exec(await output(command, ['--version'])) ?? []
      const args = ['run', '-A', '--no-prompt', '--no-config', '--node-modules-dir=manual', program]
      return { id: 'deno', name: 'Deno', version, command, args, clock, env }
    },
    bun: async () => {
      const command = bin('.bin/bun')
      const version = (await output(command, ['--version'])).trim()
      return { id: 'bun', name: 'Bun', version, command, args: ['run', program], clock, env }
    },
    workerd: async () => {
      const { version } = JSON.parse(readFileSync(bin('workerd/package.json'), 'utf8'))
      const bundle = join(SCRATCH, 'bundle', 'worker.js')
      await bundleWorker(bundle)
      const args = [join(SCRATCH, 'workerd.js'), bundle]
      // Its clock has no processor time, and tells whole milliseconds.
      return { id: 'workerd', name: 'workerd', version, command: bin('node24/bin/node'), args, clock: 'wall', env }
    },
  }
  /** @type {Place[]} */
  const places = []
  for (const id of ids) {
    const place = await known[id]?.()
    if (place !== undefined && existsSync(place.command)) places.push(place)
  }
  return places
}

/**
 * @param {Place} place
 * @param {import('./groups.js').Job} job
 * @returns {Promise<import('./groups.js').Result>}
 */
export async function runIn({ command, args, env }, job) {
  return JSON.parse(await output(command, args, { input: JSON.stringify(job), env }))
}

/**
 * Runs a program to its end and gives what it printed.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ input?: string, env?: Record<string, string> }} [options]
 * @returns {Promise<string>}
 */
export function output(command, args, { input = '', env = {} } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: SCRATCH, env: { ...process.env, ...env } })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text))
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) resolve(stdout)
      else reject(new Error(`${command} ${args.join(' ')} ended with ${code}\n${stdout}${stderr}`))
    })
    // A program that ends before it has read everything says so by its exit code.
    child.stdin.on('error', () => {})
    child.stdin.end(input)
  })
}

/**
 * Bundles the worker as wrangler does: by esbuild, with its conditions, and Node's modules as imports wherever they are
 * required.
 *
 * @param {string} outfile
 */
async function bundleWorker(outfile) {
  const { build } = await import('esbuild')
  const isBuiltin = new RegExp(`^(?:node:.+|${builtinModules.join('|')})$`)
  await build({
    entryPoints: [join(SCRATCH, 'worker.js')],
    bundle: true,
    format: 'esm',
    outfile,
    logLevel: 'error',
    conditions: ['worker', 'browser'],
    external: ['node:*'],
    plugins: [
      {
        name: 'node',
        setup({ onResolve, onLoad }) {
          onResolve({ filter: isBuiltin }, ({ path, kind }) =>
            kind === 'require-call'
              ? { path: path.replace('node:', ''), namespace: 'node' }
              : { path: `node:${path.replace('node:', '')}`, external: true },
          )
          onLoad({ filter: /.*/, namespace: 'node' }, ({ path }) => ({
            contents: `import found from 'node:${path}'\nmodule.exports = found`,
          }))
        },
      },
    ],
  })
}
