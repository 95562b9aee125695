// @ts-check
/**
 * Builds verifiers and drops them, disposed or not, and says by how much the process has grown.
 *
 * `node --expose-gc dropped.js dispose|drop COUNT` prints octets, as JSON: `inside` the JavaScript heap and `outside` of
 * it, where the core's memory is.
 *
 * @module
 */

import { setImmediate } from 'node:timers/promises'
import { Verifier } from 'countersign'

const [way, count] = process.argv.slice(2)
const dispose = way === 'dispose'

const options = {
  issuer: 'https://issuer.example',
  audience: 'api',
  keys: { secret: new Uint8Array(64).fill(7) },
}

/** @param {number} number */
async function build(number) {
  for (let built = 0; built < number; built += 1) {
    const verifier = new Verifier(options)
    if (dispose) verifier[Symbol.dispose]()
    // Finalizers run between the turns of the event loop, never inside one.
    if (built % 500 === 499) {
      globalThis.gc?.()
      await setImmediate()
    }
  }
}

await build(2000)
const warm = process.memoryUsage()
await build(Number(count))
const end = process.memoryUsage()
process.stdout.write(JSON.stringify({ outside: end.external - warm.external, inside: end.heapUsed - warm.heapUsed }))
