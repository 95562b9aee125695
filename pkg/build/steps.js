// @ts-check
/**
 * Runs the steps of a command and shows what they are doing.
 *
 * On a terminal the running steps and their elapsed time stay on one line at the bottom; elsewhere each step prints a
 * line when it starts, every 20 seconds, and when it ends.
 *
 * @module
 */

import { spawn } from 'node:child_process'
import { createWriteStream, mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The root of the repository, absolute. */
export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

/** What the commands keep between runs: stamps, logs, the fresh project of the package tests. Not in git. */
export const CACHE = join(ROOT, '.cache')

/** A failure that is explained to the developer without a stack: what failed, and the remedy. */
export class StepError extends Error {
  /**
   * @param {string} message
   * @param {string} [output] What the tool printed.
   */
  constructor(message, output = '') {
    super(message)
    this.output = output
  }
}

const terminal = process.stdout.isTTY === true && process.env.CI === undefined

/** @type {Map<string, number>} */
const running = new Map()
let shown = false

function clear() {
  if (shown) process.stdout.write('\r\x1b[K')
  shown = false
}

function show() {
  if (!terminal || running.size === 0) return
  clear()
  const text = [...running].map(([title, start]) => `${title} (${seconds(start)})`).join(', ')
  process.stdout.write(`… ${text}`.slice(0, (process.stdout.columns || 100) - 1))
  shown = true
}

/** @param {number} start */
function seconds(start) {
  return `${((performance.now() - start) / 1000).toFixed(1)} s`
}

/**
 * Prints one line above the running steps.
 *
 * @param {string} [line]
 */
export function say(line = '') {
  clear()
  process.stdout.write(`${line}\n`)
  show()
}

/**
 * Runs one step and reports how long it took.
 *
 * @template T
 * @param {string} title What is being done, as the line shows it.
 * @param {() => Promise<T>} work
 * @param {(result: T) => { good: boolean, outcome: string }} [judge] What the line says of the result. Default: good.
 * @returns {Promise<T>} What the work resolved to.
 */
export async function step(title, work, judge = () => ({ good: true, outcome: '' })) {
  const start = performance.now()
  running.set(title, start)
  if (!terminal) say(`… ${title}`)
  const tick = terminal
    ? setInterval(show, 200)
    : setInterval(() => say(`… ${title}, ${seconds(start)} so far`), 20_000)
  show()
  try {
    const result = await work()
    running.delete(title)
    const { good, outcome } = judge(result)
    say(`${good ? '✓' : '✗'} ${title}${outcome && `: ${outcome}`} (${seconds(start)})`)
    return result
  } catch (error) {
    running.delete(title)
    say(`✗ ${title} (${seconds(start)})`)
    throw error
  } finally {
    clearInterval(tick)
  }
}

/** The environment of every tool: rustup's own folder is found even where the shell does not list it. */
export const environment = {
  ...process.env,
  PATH: [process.env.PATH ?? '', join(process.env.CARGO_HOME ?? join(homedir(), '.cargo'), 'bin')].join(delimiter),
  FORCE_COLOR: '0',
  CARGO_TERM_COLOR: 'never',
}

/**
 * Runs a tool to its end. What it prints goes to a log file and comes back as text.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {object} [options]
 * @param {string} [options.cwd] Default the root of the repository.
 * @param {Record<string, string | undefined>} [options.env] Beside the inherited environment.
 * @param {string} [options.remedy] What to do where the tool is missing.
 * @param {string} [options.log] The name of the log file in `.cache/logs`. Default the command's.
 * @param {boolean} [options.mayFail] A failure comes back in `code` instead of being thrown.
 * @param {(line: string) => void} [options.onLine] Sees every line as it comes.
 * @returns {Promise<{ code: number, stdout: string, output: string }>}
 */
export function run(command, args, options = {}) {
  const logs = join(CACHE, 'logs')
  mkdirSync(logs, { recursive: true })
  const log = createWriteStream(join(logs, `${options.log ?? command.split(/[\\/]/).at(-1)}.log`))
  const child = spawn(command, args, {
    cwd: options.cwd ?? ROOT,
    env: { ...environment, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return new Promise((resolve, reject) => {
    let stdout = ''
    let output = ''
    let rest = ''
    /** @param {string} text */
    const take = (text) => {
      output += text
      log.write(text)
      if (options.onLine === undefined) return
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) options.onLine(line)
    }
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text
      take(text)
    })
    child.stderr.setEncoding('utf8').on('data', take)
    child.on('error', (error) => {
      log.end()
      const missing = /** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT'
      reject(
        missing
          ? new StepError(`${command} is missing. ${options.remedy ?? `Install ${command} and run this again.`}`)
          : error,
      )
    })
    child.on('close', (code, signal) => {
      log.end()
      if (code === 0 || (options.mayFail === true && code !== null)) {
        resolve({ code, stdout, output })
        return
      }
      const end = signal === null ? `ended with ${code}` : `was ended by ${signal}`
      reject(new StepError(`${[command, ...args].join(' ').slice(0, 300)} ${end}.`, output))
    })
  })
}

/**
 * Runs a whole command: a {@link StepError} is printed as text, and its exit code is 1.
 *
 * @param {() => Promise<void>} work
 */
export async function main(work) {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof StepError)) throw error
    say()
    if (error.output !== '') say(error.output.trimEnd())
    say(`✗ ${error.message}`)
    process.exitCode = 1
  }
}
