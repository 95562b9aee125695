// @ts-check
/**
 * Serves a Worker in workerd on PORT until it is ended. A program of its own, because miniflare needs Node 22 or later.
 *
 * The bundled Worker is the file named on the command line; its environment is that of this process.
 *
 * @module
 */

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const { Miniflare } = createRequire(`${process.env.RUNTIMES}/`)('miniflare')
const contents = readFileSync(process.argv[2] ?? '', 'utf8')
const worker = new Miniflare({
  cf: false,
  host: '127.0.0.1',
  port: Number(process.env.PORT),
  compatibilityDate: '2025-06-01',
  modules: [{ type: 'ESModule', path: 'worker.js', contents }],
  bindings: { ...process.env },
})
await worker.ready
