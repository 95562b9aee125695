// @ts-check
/**
 * The smoke run, for engines that are driven by script alone.
 *
 * @module
 */

import assert from 'node:assert/strict'
import { serveDemo } from '../../pkg/build/demo.js'

const PATIENCE_MILLISECONDS = 20_000

/** Serves the page that was built. */
export function startPage() {
  return serveDemo()
}

/**
 * @typedef {object} Engine
 * @property {() => Promise<unknown>} open Opens the page.
 * @property {(script: string) => Promise<unknown>} run Runs the body of a function in it, and gives what that returns.
 */

/**
 * Loads samples of each algorithm and each outcome, countersigns, and drags the timeline.
 *
 * @param {Engine} engine
 */
export async function smoke({ open, run }) {
  await open()
  const word = "return document.getElementById('word').textContent + ' ' + document.getElementById('code').textContent"
  await eventually(run, word, 'Waiting ')
  for (const [sample, verdict] of [
    ['juspay', 'Accepted '],
    ['publiq', 'Accepted '],
    ['shopper', 'Refused claim_mismatch (audience)'],
    ['accessToken', 'Accepted '],
  ]) {
    await run(`document.querySelector('[data-sample="${sample}"]').click()`)
    await eventually(run, word, String(verdict))
  }
  await run("const now = document.getElementById('now'); now.value = '1000'; now.dispatchEvent(new Event('input'))")
  await eventually(run, word, 'Refused token_expired (exp)')
  await run("document.getElementById('verify-receipt').click()")
  await eventually(run, word, 'Accepted ')
  const wide = await run('return document.documentElement.scrollWidth > window.innerWidth')
  assert.equal(wide, false)
  const requests = await run(
    "return performance.getEntriesByType('resource').map((entry) => new URL(entry.name).pathname)",
  )
  const own = ['/page.css', '/page.js', '/besley.woff2', '/instrument-sans.woff2', '/spline-sans-mono.woff2']
  assert.deepEqual(
    /** @type {string[]} */ (requests).filter((path) => !own.includes(path)),
    [],
  )
}

/**
 * @param {Engine['run']} run
 * @param {string} script
 * @param {string} expected
 */
async function eventually(run, script, expected) {
  const end = Date.now() + PATIENCE_MILLISECONDS
  let found
  while (Date.now() < end) {
    found = await run(script)
    if (found === expected) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  assert.equal(found, expected)
}
