// @ts-check
/**
 * What the runtimes' tests share: the vectors, where things are, how a program is run and its verdicts read.
 *
 * @module
 */

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { files } from '../../vectors/run.js'

/** This folder, in the fresh project. */
export const HERE = dirname(fileURLToPath(import.meta.url))

/** The fresh project that the tarball is installed in. */
export const PROJECT = join(HERE, '..', '..', '..')

/** Every vector, by file name. */
export const vectors = Object.fromEntries(
  files.map((name) => [name, JSON.parse(readFileSync(join(HERE, '..', '..', 'vectors', name), 'utf8'))]),
)

/** As a literal of JavaScript: an object literal would take a member called `__proto__` for the prototype. */
export const vectorsLiteral = `JSON.parse(${JSON.stringify(JSON.stringify(vectors))})`

/** Chromium, which `npm test` finds and names in CHROMIUM. It reaches nothing but loopback. */
export async function launchChromium() {
  const { chromium } = await import('playwright-core')
  return await chromium.launch({
    executablePath: String(process.env.CHROMIUM),
    args: [
      ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
      '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
    ],
  })
}

/**
 * A program of the runtimes' own project, which `npm test` installs and names in RUNTIMES.
 *
 * @param {string} path Below its node_modules.
 */
export function runtime(path) {
  const { RUNTIMES } = process.env
  assert.ok(RUNTIMES, 'RUNTIMES names the node_modules of the runtimes: run these tests by npm test')
  return join(RUNTIMES, path)
}

/**
 * Runs a program to its end and gives what it printed.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ input?: string, cwd?: string, env?: Record<string, string> }} [options]
 * @returns {Promise<string>}
 */
export function output(command, args, { input = '', cwd = PROJECT, env = {} } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env } })
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
 * Every vector was obeyed, and none was lost on the way.
 *
 * @param {import('./verdicts.js').Verdicts} found
 */
export function assertAllHeld(found) {
  const { length } = found.differences
  assert.equal(length, 0, `${length} differ, such as:\n${found.differences.slice(0, 5).join('\n')}`)
  assert.equal(found.held, Object.values(vectors).flat().length)
}
