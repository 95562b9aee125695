// @ts-check
/**
 * Many processes that spend uses of the same tokens at once.
 *
 * @module
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

const SPENDER = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, 'spender.js')

/** Whether the full form of the tests runs: as many processes, crashes and lost replies as the issue names. */
export const FULL = process.env.STORES === 'full'

/**
 * @param {object} work
 * @param {readonly string[]} work.clients One process each.
 * @param {number} work.port
 * @param {readonly string[]} work.ids
 * @param {number} work.times How often each process spends a use of each id.
 * @param {number} [work.limit]
 * @param {number} [work.timeoutSeconds]
 * @param {() => Promise<void>} [meanwhile]
 */
export async function fleet({ clients, ...work }, meanwhile = async () => {}) {
  const processes = clients.map((client) => {
    const child = spawn(process.execPath, [SPENDER, JSON.stringify({ limit: 30, ...work, client })], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    let text = ''
    child.stdout.setEncoding('utf8').on('data', (chunk) => (text += chunk))
    return { child, ready: once(child.stdout, 'data'), ended: once(child, 'close').then(() => text) }
  })
  await Promise.all(processes.map(({ ready }) => ready))
  for (const { child } of processes) child.stdin.end('go\n')
  const [texts] = await Promise.all([Promise.all(processes.map(({ ended }) => ended)), meanwhile()])
  /** @type {Record<string, number[]>} */
  const left = Object.fromEntries(work.ids.map((id) => [id, []]))
  /** @type {Record<string, number>} */
  const errors = {}
  let slowest = 0
  for (const text of texts) {
    const found = JSON.parse(text.split('\n')[1] ?? 'null')
    for (const [id, some] of Object.entries(found.left)) left[id]?.push(.../** @type {number[]} */ (some))
    for (const [name, count] of Object.entries(found.errors)) errors[name] = (errors[name] ?? 0) + Number(count)
    slowest = Math.max(slowest, found.slowest)
  }
  return { left, errors, slowest }
}

/** So many ids. @param {number} count */
export const idsOf = (count) => Array.from({ length: count }, (_, index) => `token-${index}`)

/** @param {number} milliseconds */
export const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds))
