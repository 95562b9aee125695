// @ts-check
/**
 * A process that presents one proof many times at once: `node prover.js PORT TOKEN PROOF URL TIMES`. It prints "ready",
 * waits for a line, and prints how often the proof was accepted and the codes of the refusals.
 */

import { once } from 'node:events'
import { Verifier } from 'countersign'
import { redisStore } from 'countersign/stores/redis'
import { createClient } from 'redis'

const [port, token = '', jwt = '', url = '', times] = process.argv.slice(2)
const client = createClient({ socket: { host: '127.0.0.1', port: Number(port) } })
await client.connect()
const keys = { secret: 'a secret of thirty-two octets!!!' }
const verifier = new Verifier({
  issuer: null,
  audience: null,
  keys,
  replay: redisStore(client, { timeoutSeconds: 20 }),
})
process.stdout.write('ready\n')
await once(process.stdin, 'data')
const proof = { jwt, method: 'GET', url }
const calls = Array.from({ length: Number(times) }, () => verifier.verifyAsync(token, { proof }))
const outcomes = await Promise.allSettled(calls)
const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [String(outcome.reason.code)] : []))
process.stdout.write(
  `${JSON.stringify({ accepted: outcomes.length - refused.length, codes: [...new Set(refused)] })}\n`,
)
client.destroy()
process.stdin.destroy()
