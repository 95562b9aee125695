// @ts-check
/**
 * One of many processes that spend uses of the same tokens: a program.
 *
 * Its argument is JSON: `{ client, port, ids, times, limit, timeoutSeconds }`. It prints, as JSON, the uses granted
 * of each id, what was left after each, the errors, and the longest spend in milliseconds.
 *
 * @module
 */

import { CLIENTS } from './clients.js'

const { client, port, ids, times, limit, timeoutSeconds } = JSON.parse(process.argv[2] ?? '')
const connected = await CLIENTS[client]?.(port, timeoutSeconds === undefined ? {} : { timeoutSeconds })
if (connected === undefined) throw new Error(`There is no client ${client}.`)
const { store, end } = connected
const expiresAt = Date.now() / 1000 + 600

/** @type {Record<string, number[]>} */
const left = Object.fromEntries(ids.map((/** @type {string} */ id) => [id, []]))
/** @type {Record<string, number>} */
const errors = {}
let slowest = 0

async function spend(/** @type {string} */ id) {
  const start = performance.now()
  try {
    const rest = await store.spend(id, limit, expiresAt)
    if (rest !== null) left[id]?.push(rest)
  } catch (error) {
    const { code, cause } = /** @type {{ code: string, cause: Error }} */ (error)
    const name = `${code}: ${cause?.name}`
    errors[name] = (errors[name] ?? 0) + 1
  }
  slowest = Math.max(slowest, performance.now() - start)
}

process.stdout.write('ready\n')
await new Promise((resolve) => process.stdin.once('data', resolve))
for (let time = 0; time < times; time += 1) await Promise.all(ids.map(spend))
process.stdout.write(`${JSON.stringify({ left, errors, slowest })}\n`)
await end()
process.exit(0)
