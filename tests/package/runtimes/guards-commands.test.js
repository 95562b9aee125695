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
import { HERE, PROJECT, runtime } from './lib.js'

const FOLDER = join(HERE, '..', 'http')

/**
 * Holds a server that a program starts to every case.
 *
 * @param {string} name
 * @param {string} command
 * @param {readonly string[]} args
 */
async function serves(name, command, args) {
  const child = spawn(command, args, { cwd: PROJECT, stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  try {
    child.stdout.setEncoding('utf8')
    const [first] = await Promise.race([
      once(child.stdout, 'data'),
      ended.then(([code]) => Promise.reject(new Error(`${command} ended with ${code}`))),
    ])
    await holds(first.trim(), name)
  } finally {
    child.stdin.end()
    if (name !== 'workerd') child.kill()
    await ended
  }
}

test('a guard answers every request as it must: Deno', async () => {
  const permissions = ['--no-prompt', '--allow-net=127.0.0.1']
  const flags = ['--no-config', '--node-modules-dir=manual']
  await serves('Deno', runtime('.bin/deno'), ['run', ...permissions, ...flags, join(FOLDER, 'serve.js')])
})

test('a guard answers every request as it must: Bun', async () => {
  await serves('Bun', runtime('.bin/bun'), ['run', join(FOLDER, 'serve.js')])
})

test('a guard answers every request as it must: workerd', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-worker-'))
  try {
    const worker = join(folder, 'worker.mjs')
    await build({
      stdin: {
        contents: `import { app } from './fetch-app.js'\nexport default { fetch: app }`,
        resolveDir: FOLDER,
      },
      bundle: true,
      outfile: worker,
      format: 'esm',
      conditions: ['workerd', 'worker', 'browser'],
    })
    await serves('workerd', runtime('node24/bin/node'), [join(FOLDER, 'worker.js'), worker])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
