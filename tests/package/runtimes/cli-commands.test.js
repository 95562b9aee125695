// @ts-check
/** The command line, started by npx, bunx and Deno, and in each of them as in Node. */

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { FILES } from '../cli/files.js'
import { inFolder, PROGRAM, read, shell, transcript } from '../cli/transcripts.js'
import { PROJECT, runtime } from './lib.js'

const deno = [runtime('.bin/deno'), 'run', '--no-prompt', '--no-config', '--node-modules-dir=manual']

/** How each package runner starts it, in a project that has the package. @type {[string, string[]][]} */
const starts = [
  ['npx', ['npx', '--offline', 'countersign']],
  ['bunx', [runtime('.bin/bunx'), '--bun', '--no-install', 'countersign']],
  // No permission is granted: inspect reads standard input alone.
  ['Deno', [...deno, 'npm:countersign']],
]

for (const [name, [command = '', ...args]] of starts) {
  test(`${name} starts the installed package`, () => {
    const options = { cwd: PROJECT, input: FILES['good.txt'] ?? '', encoding: /** @type {const} */ ('utf8') }
    const { status, stdout, stderr } = spawnSync(command, [...args, 'inspect', '--json'], options)
    assert.equal(status, 0, stderr)
    assert.equal(JSON.parse(stdout).claims.sub, 'user-7')
  })
}

/** @type {[string, string][]} */
const commands = [
  ['Node 22', `"${runtime('node22/bin/node')}"`],
  ['Node 26', `"${runtime('node26/bin/node')}"`],
  ['Bun', `"${runtime('.bin/bun')}" run`],
  ['Deno', `${deno.map((word) => `"${word}"`).join(' ')} --allow-read --allow-env`],
]

for (const [name, command] of commands) {
  test(`${name} gives what the transcripts say`, () =>
    inFolder(async (folder) => {
      for (const file of ['inspect.txt', 'verify.txt', 'explain.txt', 'hostile.txt']) {
        // Runtimes word network failures differently, and Deno opens no file descriptor that it was given.
        const same = read(file).filter(({ command }) => !/127\.0\.0\.1|--secret-fd/.test(command))
        for (const { command, text } of same) assert.equal(transcript(command, await shell(folder, command)), text)
      }
    }, `${command} "${PROGRAM}"`))
}
