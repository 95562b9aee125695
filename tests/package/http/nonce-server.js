// @ts-check
/**
 * One instance of a guarded API, with a clock that its parent sets: `node nonce-server.js ORIGIN`. It prints its port. Each
 * line of standard input is the time from then on, in seconds since the Unix epoch, and is answered with a line.
 */

import { createServer } from 'node:http'
import { createInterface } from 'node:readline'
import { Verifier } from 'countersign'
import { guard } from 'countersign/node'

const [origin = ''] = process.argv.slice(2)
const keys = { secret: 'a secret of thirty-two octets!!!' }
const nonce = { secret: 'a secret of instances, 32 octets', seconds: 120 }
const protect = guard(new Verifier({ issuer: null, audience: null, keys }), { origin, nonce })
const server = createServer((request, response) => protect(request, response, () => response.end('ok')))
server.listen(0, '127.0.0.1', () => {
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  process.stdout.write(`${port}\n`)
})
for await (const line of createInterface(process.stdin)) {
  Date.now = () => Number(line) * 1000
  process.stdout.write('set\n')
}
server.closeAllConnections()
server.close()
