// @ts-check
/** An API that accepts the tokens of one issuer. The issuer's keys are found, fetched, kept, and rotate. */

import { Verifier } from 'countersign'
import { guard } from 'countersign/fetch'
import { startSandbox } from 'countersign/sandbox'

// In production: the issuer's URL, which serves /.well-known/openid-configuration.
const sandbox = await startSandbox()
const issuer = sandbox.issuer()

const verifier = new Verifier({
  issuer: issuer.issuer,
  audience: 'https://api.example',
  scope: 'orders:read',
  keys: { issuer: issuer.issuer, cooldownSeconds: 1 },
})
const protect = guard(verifier)

/** @param {Request} request */
async function handle(request) {
  const verified = await protect(request)
  if (!verified.ok) return verified.response
  return Response.json({ orders: [], of: verified.claims.sub })
}

/** @param {string} what @param {Record<string, string>} claims Changes to those of a good token. */
async function call(what, claims) {
  const headers = { authorization: `Bearer ${issuer.mint({ claims })}` }
  const response = await handle(new Request('https://api.example/orders', { headers }))
  console.log(`${what}: ${response.status}`, response.headers.get('www-authenticate') ?? (await response.text()))
}

const good = { sub: 'alice', aud: 'https://api.example', scope: 'orders:read' }
await call('a token', good)
await call('a token without the scope', { ...good, scope: 'profile' })
await call('a token for another API', { ...good, aud: 'https://other.example' })
await new Promise((resolve) => setTimeout(resolve, 1000)) // the cooldown above; 30 s by default
issuer.rotate()
await call('a token with a new key', good)
console.log(`requests to the issuer: ${issuer.requests}`)
await sandbox.close()
