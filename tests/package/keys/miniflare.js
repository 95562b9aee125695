// @ts-check
/**
 * Serves a worker in workerd, through miniflare: as a script, or as modules in two isolates that share a KV namespace, of
 * which the first passes requests for `/other` to the second. Says where it listens, and goes on until its input ends.
 *
 * The worker's source is the file named on the command line; `script` after it chooses the older syntax.
 *
 * @module
 */

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { text } from 'node:stream/consumers'

const { Miniflare } = createRequire(`${process.env.RUNTIMES}/`)('miniflare')
const [path = '', syntax] = process.argv.slice(2)
const contents = readFileSync(path, 'utf8')
const compatibilityDate = '2025-06-01'
const isolate = {
  compatibilityDate,
  modules: [{ type: 'ESModule', path: 'worker.js', contents }],
  kvNamespaces: { KEYS: 'keys' },
}
const workers = [
  { ...isolate, name: 'one', serviceBindings: { OTHER: 'two' } },
  { ...isolate, name: 'two' },
]
const options = syntax === 'script' ? { script: contents, compatibilityDate } : { workers }
const worker = new Miniflare({ cf: false, ...options })
process.stdout.write(`${(await worker.ready).origin}\n`)
await text(process.stdin)
await worker.dispose()
