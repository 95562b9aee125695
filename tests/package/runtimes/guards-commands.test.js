// @ts-check
/** The guard for Request and Response in Deno, Bun and workerd, over real HTTP: every request gets its answer. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { build } from 'esbuild'
import { holds } from '../http/cases.js'
import { listening, opensItsOrderAlone, write } from '../http/readme.js'
import { HERE, PROJECT, runtime } from './lib.js'

const FOLDER = join(HERE, '..', 'http')

/**
 * Uses the server that a program starts, and ends it.
 *
 * @param {string} name
 * @param {string} command
 * @param {readonly string[]} args
 * @param {(origin: string) => Promise<void>} use
 */
async function serves(name, command, args, use) {
  const child = spawn(command, args, { cwd: PROJECT, stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  try {
    child.stdout.setEncoding('utf8')
    const [first] = await Promise.race([
      once(child.stdout, 'data'),
      ended.then(([code]) => Promise.reject(new Error(`${command} ended with ${code}`))),
    ])
    await use(first.trim())
  } finally {
    child.stdin.end()
    if (name !== 'workerd') child.kill()
    await ended
  }
}

const DENO = ['run', '--no-prompt', '--no-config', '--node-modules-dir=manual']

/**
 * A worker that esbuild bundles, as wrangler does.
 *
 * @param {{ contents: string, resolveDir: string } | string} source Or where it is.
 * @param {(worker: string) => Promise<void>} use
 */
async function bundled(source, use) {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-worker-'))
  try {
    const outfile = join(folder, 'worker.mjs')
    await build({
      ...(typeof source === 'string' ? { entryPoints: [source] } : { stdin: source }),
      bundle: true,
      outfile,
      format: 'esm',
      conditions: ['worker', 'browser'],
    })
    await use(outfile)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** @param {string} worker @param {(origin: string) => Promise<void>} use */
const inWorkerd = (worker, use) =>
  serves('workerd', runtime('node24/bin/node'), [join(FOLDER, 'worker.js'), worker], use)

test('a guard answers every request as it must: Deno', () => {
  const args = [...DENO, '--allow-net=127.0.0.1', join(FOLDER, 'serve.js')]
  return serves('Deno', runtime('.bin/deno'), args, (origin) => holds(origin, 'Deno'))
})

test('a guard answers every request as it must: Bun', () => {
  const args = ['run', join(FOLDER, 'serve.js')]
  return serves('Bun', runtime('.bin/bun'), args, (origin) => holds(origin, 'Bun'))
})

test('a guard answers every request as it must: workerd', () => {
  const contents = `import { app } from './fetch-app.js'\nexport default { fetch: app }`
  return bundled({ contents, resolveDir: FOLDER }, (worker) => inWorkerd(worker, (origin) => holds(origin, 'workerd')))
})

test('the README’s example opens its order alone: deno.js', () =>
  listening('deno.js', opensItsOrderAlone, { command: runtime('.bin/deno'), args: [...DENO, '--allow-net'] }))

test('the README’s example opens its order alone: bun.js', () =>
  listening('bun.js', opensItsOrderAlone, { command: runtime('.bin/bun'), args: ['run'] }))

test('the README’s example opens its order alone: worker.js', async () => {
  const { path, remove } = write('worker.js')
  try {
    await bundled(path, (worker) =>
      inWorkerd(worker, (origin) => opensItsOrderAlone((below, init) => fetch(`${origin}${below}`, init))),
    )
  } finally {
    remove()
  }
})
