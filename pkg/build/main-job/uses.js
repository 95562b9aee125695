// @ts-check
/**
 * One token of limited use, redeemed by two processes that share a counter: thirty times, and refused the next time.
 *
 * @module
 */

import { fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

import { countersign, memoryStore, profiles, receipts, Verifier } from 'countersign'

import { juspayToken } from './obtain.js'
import { startShared } from './shared-store.js'

const USES = 30

/** @typedef {{ left?: number, code?: string }} Redemption */

/**
 * What was redeemed, and whether all of it is as expected.
 *
 * @typedef {object} Redeemed
 * @property {string} by
 * @property {readonly number[]} left What was left after each use, in the order of the uses.
 * @property {string} refusal The code of the refusal that followed.
 * @property {boolean} good
 */

/**
 * @param {import('countersign/sandbox').Sandbox} sandbox
 * @returns {Promise<Redeemed>}
 */
export async function redeemed({ juspay }) {
  const id = 'order-for-thirty'
  const secret = randomBytes(32)
  const options = /** @type {const} */ ({ merchantId: juspay.merchantId, environment: 'sandbox', kind: 'order' })
  const { token, expires } = await juspayToken(juspay, '/orders', { order_id: id, amount: '100.00' })
  const receipt = receipts.juspay({ ...options, id, expires, uses: USES })
  const receipted = countersign(token, receipt, { secret, kid: 'backend' })
  const start = { options, secret: secret.toString('base64'), token: receipted, id }
  const shared = await startShared()
  if (shared === undefined) return settle('two verifiers that share a memoryStore', inProcess(start))
  try {
    return await settle(`two processes that share a counter in ${shared.name}`, inProcesses(start, shared.shared))
  } finally {
    await shared.stop()
  }
}

/**
 * @param {string} by
 * @param {Promise<[Redemption[], Redemption]>} work
 * @returns {Promise<Redeemed>}
 */
async function settle(by, work) {
  const [uses, last] = await work
  const left = uses.flatMap(({ left }) => (left === undefined ? [] : [left])).sort((a, b) => b - a)
  const refusal = last.code ?? 'none'
  const isExact = left.length === USES && left.every((rest, index) => rest === USES - 1 - index)
  return { by, left, refusal, good: isExact && refusal === 'uses_exhausted' }
}

/**
 * @param {{}} start
 * @param {import('./shared-store.js').Shared} store
 * @returns {Promise<[Redemption[], Redemption]>}
 */
async function inProcesses(start, store) {
  const program = fileURLToPath(new URL('redeemer.js', import.meta.url))
  const args = [JSON.stringify({ ...start, store })]
  const children = [0, 1].map(() => fork(program, args, { execArgv: ['--no-warnings'] }))
  try {
    await Promise.all(children.map((child) => once(child, 'message')))
    const uses = await Promise.all(children.map((child) => redeem(child, USES / 2)))
    const [first] = children
    const [last = {}] = first === undefined ? [] : await redeem(first, 1)
    return [uses.flat(), last]
  } finally {
    for (const child of children) child.disconnect()
  }
}

/**
 * Has a process redeem the token so many times at once.
 *
 * @param {import('node:child_process').ChildProcess} child
 * @param {number} times
 * @returns {Promise<Redemption[]>}
 */
function redeem(child, times) {
  return new Promise((resolve, reject) => {
    /** @type {Redemption[]} */
    const found = []
    /** @param {Redemption} redemption */
    const take = (redemption) => {
      if (found.push(redemption) < times) return
      child.off('message', take)
      resolve(found)
    }
    child.on('message', take).once('exit', () => reject(new Error('a process ended before it had redeemed')))
    for (let time = 0; time < times; time += 1) child.send('redeem')
  })
}

/**
 * @param {{ options: import('countersign').JuspayOptions, secret: string, token: string, id: string }} start
 * @returns {Promise<[Redemption[], Redemption]>}
 */
async function inProcess({ options, secret, token, id }) {
  const uses = memoryStore()
  const keys = { secret: Buffer.from(secret, 'base64'), kid: 'backend' }
  const verifiers = [0, 1].map(() => new Verifier({ profile: profiles.juspay(options), keys, uses }))
  const redeem = (/** @type {number} */ time) =>
    /** @type {Verifier} */ (verifiers[time % 2]).redeem(token, { bind: { order_id: id } }).then(
      (verified) => ({ left: verified.uses?.left ?? -1 }),
      (error) => ({ code: error.code }),
    )
  const found = await Promise.all(Array.from({ length: USES }, (_, time) => redeem(time)))
  return [found, await redeem(0)]
}

/**
 * The outcome in words.
 *
 * @param {Redeemed} outcome
 */
export function usesText({ by, left, refusal, good }) {
  const mark = good ? '✓' : '✗'
  const rests = `${left[0]}, ${left[1]} … ${left.at(-1)}`
  return [
    `${mark} redeemed ${left.length} times by ${by}`,
    `  left after each use: ${rests}; then refused: ${refusal}`,
  ].join('\n')
}
