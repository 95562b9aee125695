// @ts-check
/**
 * Sends requests to one Worker in workerd, one after the other: a program, for miniflare needs Node 22.
 *
 * `node possession-requests.js WORKER`; each line of standard input is a request `{ path, headers, cf }`, and each line
 * of standard output its answer `{ status, headers, text }`.
 *
 * @module
 */

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'

const { Miniflare } = createRequire(`${process.env.RUNTIMES}/`)('miniflare')
const [path = ''] = process.argv.slice(2)
const worker = new Miniflare({
  cf: false,
  compatibilityDate: '2025-06-01',
  modules: [{ type: 'ESModule', path: 'worker.mjs', contents: readFileSync(path, 'utf8') }],
})
try {
  for await (const line of createInterface(process.stdin)) {
    const { path: below, headers, cf } = JSON.parse(line)
    const response = await worker.dispatchFetch(`https://worker.invalid${below}`, { headers, cf })
    const answer = {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      text: await response.text(),
    }
    process.stdout.write(`${JSON.stringify(answer)}\n`)
  }
} finally {
  await worker.dispose()
}
