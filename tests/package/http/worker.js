// @ts-check
/**
 * Serves one worker in workerd, through miniflare: says where it listens, and goes on until its input ends. A program, for
 * miniflare needs Node 22.
 *
 * The worker's source, as one module, is the file named on the command line.
 *
 * @module
 */

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { text } from 'node:stream/consumers'

const { Miniflare } = createRequire(`${process.env.RUNTIMES}/`)('miniflare')
const contents = readFileSync(process.argv[2] ?? '', 'utf8')
const modules = [{ type: 'ESModule', path: 'worker.js', contents }]
const worker = new Miniflare({ cf: false, compatibilityDate: '2025-06-01', modules })
process.stdout.write(`${(await worker.ready).origin}\n`)
await text(process.stdin)
await worker.dispose()
