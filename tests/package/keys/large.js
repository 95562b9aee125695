// @ts-check
/**
 * Fetches bodies that are too large from the server on the command line, again and again. Prints how many fetches failed
 * and by how many octets the process grew: the least growth of several rounds, for what the runtime keeps varies.
 *
 * @module
 */

import { remoteKeys } from 'countersign'

const server = process.argv[2]
let failures = 0

/** The memory of the process, in octets, after ten fetches of each kind. */
async function round() {
  for (let count = 0; count < 10; count += 1) {
    for (const path of ['plain', 'gzip']) {
      await remoteKeys(`${server}/${path}`)
        .refresh()
        .catch(() => (failures += 1))
    }
  }
  globalThis.gc?.()
  return process.memoryUsage().rss
}

// Two rounds in which the runtime takes what it needs.
const before = Math.max(await round(), await round())
const after = [await round(), await round(), await round()]
console.log(JSON.stringify({ failures, growth: Math.min(...after) - before, before, after }))
