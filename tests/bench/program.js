// @ts-check
/**
 * One group, in a process of its own: a job on standard input, what was measured on standard output, both JSON.
 *
 * @module
 */

import process from 'node:process'
import { text } from 'node:stream/consumers'
import { settle } from './groups.js'

// Deno and Bun have it as a global too.
globalThis.process ??= process
process.stdout.write(JSON.stringify(await settle(JSON.parse(await text(process.stdin)))))
