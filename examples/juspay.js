// @ts-check
/** Juspay: an opaque token for one order. The backend countersigns it, the API counts its 30 uses. */

import { randomBytes } from 'node:crypto'
import { memoryStore, profiles, Verifier } from 'countersign'
import { juspayToken } from 'countersign/client'
import { guard } from 'countersign/fetch'
import { startSandbox } from 'countersign/sandbox'

const { juspay, close } = await startSandbox()
const { url: baseUrl, apiKey, merchantId } = juspay
const key = { secret: randomBytes(32), kid: 'backend' }

// The backend: creates the order at Juspay, and gives the browser Juspay's token with a receipt in front.
const { token } = await juspayToken({
  api: { environment: 'sandbox', baseUrl, apiKey, merchantId, order: { order_id: '14183944763', amount: '100.00' } },
  key,
})

// The API: accepts the token for that order, 30 times. Several processes share a counter in Redis or PostgreSQL.
const verifier = new Verifier({
  profile: profiles.juspay({ merchantId, environment: 'sandbox', kind: 'order' }),
  keys: key,
  uses: memoryStore(),
})
const protect = guard(verifier, {
  expected: (request) => ({ bind: { order_id: new URL(request.url).pathname.split('/')[2] } }),
})

/** @param {string} order @param {string} presented @returns {Promise<string>} */
async function call(order, presented) {
  const headers = { authorization: `Bearer ${presented}` }
  const verified = await protect(new Request(`https://api.example/orders/${order}`, { headers }))
  if (verified.ok) return `200, ${verified.uses?.left} uses left`
  return `${verified.response.status} ${verified.error.code}`
}

console.log('the order:', await call('14183944763', token))
console.log('another order:', await call('14183944764', token))
console.log('without the receipt:', await call('14183944763', token.slice(token.indexOf('~') + 1)))
const many = await Promise.all(Array.from({ length: 100 }, () => call('14183944763', token)))
console.log('100 more at once:', many.filter((result) => result.startsWith('200')).length, 'accepted')
console.log('one more:', await call('14183944763', token))
await close()
