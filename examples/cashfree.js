// @ts-check
/** Cashfree: an opaque token for one video KYC. The backend countersigns with Ed25519; the API holds the public key only. */

import { generateKeyPairSync } from 'node:crypto'
import { profiles, Verifier } from 'countersign'
import { cashfreeToken } from 'countersign/client'
import { guard } from 'countersign/hono'
import { startSandbox } from 'countersign/sandbox'
import { Hono } from 'hono'

const { cashfree, close } = await startSandbox()
const { url: baseUrl, clientId, clientSecret, appId } = cashfree
const pair = generateKeyPairSync('ed25519')

// The backend: asks Cashfree for a token that initialises its SDK for this request and this user.
const { token, expires } = await cashfreeToken({
  api: {
    ...{ environment: 'sandbox', baseUrl, clientId, clientSecret, appId },
    ...{ vkycRequestId: '249749', user: { type: 'userId', value: '123456' } },
  },
  key: { privateKey: pair.privateKey.export({ format: 'jwk' }) },
})

// The API.
const verifier = new Verifier({
  profile: profiles.cashfree({ appId, environment: 'sandbox' }),
  keys: { jwk: pair.publicKey.export({ format: 'jwk' }) },
})
const app = new Hono()
app.get(
  '/vkyc/:id/:user',
  guard(verifier, {
    expected: (request) => ({
      bind: {
        vkyc_request_id: request.param('id'),
        identifier_type: 'userId',
        identifier_value: request.param('user'),
      },
    }),
  }),
  (c) => c.json({ expires_at: c.var.verified.expiresAt === expires }),
)

const headers = { authorization: `Bearer ${token}` }
for (const path of ['/vkyc/249749/123456', '/vkyc/249750/123456', '/vkyc/249749/654321']) {
  const response = await app.request(path, { headers })
  console.log(`${path}: ${response.status} ${await response.text()}`)
}
const bind = { vkyc_request_id: '249749' }
for (const now of [expires - 1, expires]) {
  const verdict = verifier.tryVerify(token, { bind, now })
  console.log(now < expires ? 'a second before the end:' : 'at the end:', verdict.ok ? 'accepted' : verdict.code)
}
await close()
