// @ts-check
/**
 * Runs the bundled worker in workerd, through miniflare, which needs Node 22: `node workerd.js BUNDLE`, with a job on
 * standard input and what was measured on standard output. RUNTIMES names the node_modules that hold miniflare.
 *
 * @module
 */

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { text } from 'node:stream/consumers'

const { Miniflare } = createRequire(`${process.env.RUNTIMES}/`)('miniflare')
const contents = readFileSync(String(process.argv[2]), 'utf8')
const worker = new Miniflare({
  cf: false,
  compatibilityDate: '2026-07-01',
  compatibilityFlags: ['nodejs_compat'],
  modules: [{ type: 'ESModule', path: 'worker.js', contents }],
})
try {
  const body = await text(process.stdin)
  const response = await worker.dispatchFetch('http://worker.invalid/', { method: 'POST', body })
  const answer = await response.text()
  if (response.status !== 200) throw new Error(answer)
  process.stdout.write(answer)
} finally {
  await worker.dispose()
}
