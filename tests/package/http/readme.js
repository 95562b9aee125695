// @ts-check
/**
 * The examples of the package's README, as files beside what they import.
 *
 * @module
 */

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { countersign, receipts } from 'countersign'
import { snippetsOf } from '../snippets.js'

const HERE = dirname(fileURLToPath(import.meta.url))
const README = join(dirname(createRequire(import.meta.url).resolve('countersign/package.json')), 'README.md')

/** Every example of the README by the name in its first line. */
export const EXAMPLES = new Map(
  snippetsOf(readFileSync(README, 'utf8')).map(({ name, javascript }) => [name.replace('.ts', '.js'), javascript]),
)

/** Of these tests alone. */
const SECRET = 'a secret of the tests of the examples, and of nothing else'

/**
 * Writes the README's verifier, an example and its neighbours into a folder of their own.
 *
 * @param {string} name
 * @param {{ port?: number, neighbours?: Record<string, string> }} [options] The port that the example listens on, in place
 *   of 3000; what the example imports beside it, by name.
 * @returns {{ path: string, remove: () => void }}
 */
export function write(name, { port = 0, neighbours = {} } = {}) {
  const source = EXAMPLES.get(name) ?? assert.fail(`the README has no ${name}`)
  // Within this folder, so that the example finds the packages that these tests find.
  const folder = mkdtempSync(join(HERE, 'example-'))
  const files = {
    'keys.js': `export const keys = { secret: ${JSON.stringify(SECRET)} }\n`,
    'verifier.js': EXAMPLES.get('verifier.js') ?? assert.fail('the README has no verifier.js'),
    ...neighbours,
    // The compiler that removes types writes 3000 as 3e3.
    [name]: source.replace(/\b(?:3000|3e3)\b/, String(port)),
  }
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text)
  return { path: join(folder, name), remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** A free port. @returns {Promise<number>} */
async function freePort() {
  const server = createServer()
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** A token of Juspay's shape that opens one order of the README's shop. @param {string} id */
export function orderToken(id) {
  const expires = Math.floor(Date.now() / 1000) + 900
  const options = /** @type {const} */ ({ merchantId: 'my_shop', environment: 'production', kind: 'order' })
  const token = 'tkn_0123456789abcdef0123456789abcdef'
  return countersign(token, receipts.juspay({ ...options, id, expires }), { secret: SECRET })
}

/**
 * What every example of an order's server must answer.
 *
 * @param {(path: string, init?: RequestInit) => Response | Promise<Response>} ask
 * @param {string} [prefix] Of its paths.
 */
export async function opensItsOrderAlone(ask, prefix = '') {
  const headers = { authorization: `Bearer ${orderToken('order-7')}` }
  const good = await ask(`${prefix}/orders/order-7`, { headers })
  assert.equal(good.status, 200)
  assert.deepEqual(await good.json(), { order_id: 'order-7' })
  const other = await ask(`${prefix}/orders/order-8`, { headers })
  assert.equal(other.status, 403)
  assert.equal((await other.json()).error_code, 'forbidden_resource')
  const none = await ask(`${prefix}/orders/order-7`)
  assert.equal(none.status, 401)
  assert.deepEqual(await none.json(), { status: 'error', error_code: 'access_denied' })
}

/**
 * Runs an example that listens, and ends it after `use`.
 *
 * @param {string} name
 * @param {(ask: (path: string, init?: RequestInit) => Promise<Response>) => Promise<void>} use
 * @param {{ neighbours?: Record<string, string>, command?: string, args?: readonly string[] }} [options]
 */
export async function listening(name, use, { neighbours = {}, command = process.execPath, args = [] } = {}) {
  const port = await freePort()
  const { path, remove } = write(name, { port, neighbours })
  const child = spawn(command, [...args, path], { cwd: HERE, stdio: ['ignore', 'ignore', 'inherit'] })
  const ended = once(child, 'exit')
  try {
    await Promise.race([
      use((below, init) => patiently(`http://127.0.0.1:${port}${below}`, init)),
      ended.then(([code]) => Promise.reject(new Error(`${name} ended with ${code}`))),
    ])
  } finally {
    child.kill()
    await ended
    remove()
  }
}

/** Asks a server that may be about to listen. @param {string} url @param {RequestInit | undefined} init */
async function patiently(url, init) {
  const until = Date.now() + 30_000
  for (;;) {
    try {
      return await fetch(url, init)
    } catch (error) {
      if (Date.now() > until) throw error
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}
