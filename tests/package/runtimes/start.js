// @ts-check
/**
 * How long a process waits for its first verdict: `node start.js` prints milliseconds, as JSON;
 * `processor` is the time that all its threads computed, whatever else the machine was doing.
 *
 * @module
 */

import { readFileSync } from 'node:fs'

const file = new URL('../../vectors/rfc7519.json', import.meta.url)
const [vector] = JSON.parse(readFileSync(file, 'utf8'))
const before = process.cpuUsage()
const started = performance.now()
const { Verifier } = await import('countersign')
const imported = performance.now()
const verifier = new Verifier({ ...vector.options, keys: vector.keys })
const built = performance.now()
verifier.verify(vector.token, { now: vector.now })
const verified = performance.now()
const { user, system } = process.cpuUsage(before)
verifier.verify(vector.token, { now: vector.now })
const again = performance.now()
process.stdout.write(
  JSON.stringify({
    import: imported - started,
    build: built - imported,
    first: verified - built,
    second: again - verified,
    total: verified - started,
    processor: (user + system) / 1000,
  }),
)
