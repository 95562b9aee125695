// @ts-check
/**
 * The numbers of `countersign/client` in one runtime, printed as JSON. The origin of the servers is its argument.
 *
 * @module
 */

import { clientCredentials } from 'countersign/client'

const origin = process.argv[2] ?? ''

/** @param {string} name @param {Partial<import('countersign/client').ClientCredentialsCommon>} [options] */
function client(name, options = {}) {
  const common = { tokenUrl: `${origin}/token/${name}`, clientId: 'client', clientSecret: 'secret', origins: [origin] }
  return clientCredentials({ ...common, ...options })
}

const herd = client('herd')
const tokens = new Set(await Promise.all(Array.from({ length: 1000 }, () => herd.token())))

const storm = client('storm')
const responses = await Promise.all(Array.from({ length: 200 }, () => storm.fetch(`${origin}/api`)))

let seconds = 1_800_000_000
const down = client('down', { clock: () => seconds })
const first = await down.token()
let failed = 0
for (let left = 140; left > 0; left -= 1) {
  seconds = 1_800_000_000 + 3600 - left
  failed += (await down.token().catch(() => '')) === first ? 0 : 1
}

console.log(
  JSON.stringify({
    herd: { tokens: tokens.size, requests: herd.stats.requests },
    storm: { good: responses.filter(({ status }) => status === 200).length, requests: storm.stats.requests },
    down: { failed, tried: down.stats.failures > 0 },
  }),
)
