// @ts-check
/** Reads tokens from the standard input, one on each line, and prints what `countersign/inspect` finds in them. */

import { readFileSync } from 'node:fs'
import { inspect } from 'countersign/inspect'

if (process.argv.includes('--without') && typeof WebAssembly !== 'undefined') throw new Error('there is WebAssembly')
const tokens = readFileSync(0, 'utf8').split('\n')
console.log(JSON.stringify(tokens.map((token) => inspect(token, { now: 1_700_000_000 }))))
