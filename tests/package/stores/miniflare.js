// @ts-check
/**
 * Serves a Worker with Durable Objects and D1 through miniflare, on loopback: a program, for miniflare needs Node 22.
 *
 * Its argument is the bundled Worker, and a folder for what is stored. It prints the origin, and ends with its standard
 * input.
 *
 * @module
 */

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const { Miniflare } = createRequire(`${process.env.RUNTIMES}/`)('miniflare')
const [script = '', storage = ''] = process.argv.slice(2)
const server = new Miniflare({
  cf: false,
  host: '127.0.0.1',
  port: 0,
  modules: [{ type: 'ESModule', path: 'worker.mjs', contents: readFileSync(script, 'utf8') }],
  compatibilityDate: '2026-03-01',
  bindings: { SECRET: 'a secret of thirty-two octets!!!' },
  durableObjects: { USES: { className: 'UsesObject', useSQLite: true } },
  durableObjectsPersist: storage,
  d1Databases: ['DB'],
})
const url = await server.ready
process.stdout.write(`${url.origin}\n`)
process.stdin.on('end', () => void server.dispose().then(() => process.exit(0))).resume()
