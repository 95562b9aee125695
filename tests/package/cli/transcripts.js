// @ts-check
/**
 * Transcripts of the command line: a shell command, and the exit code, stdout and stderr that it must give.
 *
 * A file holds several, each as a command after `$ `, then the exit code, then what came on each stream, line by line
 * after `1| ` and `2| `; a last line without a line break is marked by `1\ ` or `2\ `. `node
 * tests/package/cli/record.js` writes them again from what the built package prints: read the difference before it is committed.
 *
 * @module
 */

import { spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { writeFiles } from './files.js'

/** Where the transcripts are. */
export const FOLDER = join(dirname(fileURLToPath(import.meta.url)), 'transcripts')

/** The program that npm links as `countersign`. */
export const PROGRAM = join(
  dirname(createRequire(import.meta.url).resolve('countersign/package.json')),
  'dist',
  'cli',
  'index.js',
)

/**
 * What a command gave.
 *
 * @typedef {{ code: number | null, stdout: string, stderr: string }} Ended
 */

/**
 * Runs `work` with a folder that holds the files, and the command `countersign` in `bin`.
 *
 * @template T
 * @param {(folder: string) => Promise<T>} work
 * @param {string} [command] What `countersign` runs. Default: the installed program, by this Node.
 */
export async function inFolder(work, command = `"${process.execPath}" "${PROGRAM}"`) {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-cli-'))
  try {
    writeFiles(folder)
    writeFileSync(join(folder, 'countersign'), `#!/bin/sh\nexec ${command} "$@"\n`)
    chmodSync(join(folder, 'countersign'), 0o755)
    return await work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * Runs a shell command in the folder.
 *
 * @param {string} folder
 * @param {string} command
 * @param {Record<string, string | undefined>} [env]
 * @returns {Promise<Ended>}
 */
export function shell(folder, command, env = {}) {
  const inherited = {
    ...process.env,
    NO_COLOR: undefined,
    FORCE_COLOR: undefined,
    COLUMNS: undefined,
    NODE_OPTIONS: undefined,
  }
  const PATH = `${folder}${delimiter}${process.env.PATH}`
  const child = spawn('sh', ['-c', command], {
    cwd: folder,
    env: { ...inherited, PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return new Promise((resolve, reject) => {
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stdout, stderr }))
  })
}

/**
 * The transcript of a command.
 *
 * @param {string} command
 * @param {Ended} ended
 */
export function transcript(command, { code, stdout, stderr }) {
  return `$ ${command}\nexit ${code}\n${marked('1', stdout)}${marked('2', stderr)}`
}

/** @param {string} stream @param {string} text */
function marked(stream, text) {
  if (text === '') return ''
  const lines = text.split('\n')
  const last = lines.pop()
  const whole = lines.map((line) => `${stream}| ${line}\n`)
  return `${whole.join('')}${last === '' ? '' : `${stream}\\ ${last}\n`}`
}

/** The names of the files of transcripts. */
export const names = () =>
  readdirSync(FOLDER)
    .filter((name) => name.endsWith('.txt'))
    .sort()

/**
 * The transcripts of a file, each with its command.
 *
 * @param {string} name
 */
export function read(name) {
  const text = readFileSync(join(FOLDER, name), 'utf8')
  const all = text.split(/^(?=\$ )/m).map((one) => one.replace(/\n\n$/, '\n'))
  return all.map((one) => ({ command: /^\$ (.*)$/m.exec(one)?.[1] ?? '', text: one }))
}
