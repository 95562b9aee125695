// @ts-check
/** publiq: a client that obtains an access token once and reuses it, and an Express API that requires a scope. */

import { once } from 'node:events'
import { createServer } from 'node:http'
import { profiles, Verifier } from 'countersign'
import { clientCredentials } from 'countersign/client'
import { guard } from 'countersign/node'
import { startSandbox } from 'countersign/sandbox'
import express from 'express'

const UITPAS = 'https://api.publiq.be/auth/uitpas'

// In production: 'https://account.uitid.be', with the credentials that publiq gave you, and environment: 'production'.
const { publiq, close } = await startSandbox()
const { environment } = publiq

// The API: accepts tokens of publiq for this scope, and keeps its keys for ten minutes.
const verifier = new Verifier({
  profile: profiles.publiq({ environment, scope: UITPAS }),
  keys: { url: publiq.jwksUrls.auth0 },
})
const app = express()
app.get('/passes', guard(verifier), (_request, response) => {
  response.json({ passes: 3 })
})
const server = createServer(app).listen(0, '127.0.0.1')
await once(server, 'listening')
const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
const api = `http://127.0.0.1:${port}`

// The clients: one may use the API, the other was not granted the scope.
const common = {
  tokenUrl: `${publiq.url}/oauth/token`,
  clientId: publiq.clientId,
  clientSecret: publiq.clientSecret,
  auth: /** @type {const} */ ('json'),
  audience: publiq.audience,
  origins: [api],
}
const client = clientCredentials({ ...common, scope: UITPAS })
const other = clientCredentials({ ...common, scope: 'https://api.publiq.be/auth/uitdatabank-entry' })

for (let call = 1; call <= 3; call += 1) {
  const response = await client.fetch(`${api}/passes`)
  console.log(`call ${call}: ${response.status} ${await response.text()}`)
}
console.log(`token requests: ${client.stats.requests}`)
const refused = await other.fetch(`${api}/passes`)
console.log(`another scope: ${refused.status} ${refused.headers.get('www-authenticate')}`)

server.close()
server.closeAllConnections()
await close()
