// @ts-check
/** VTEX: shoppers and administrators, in front of a plain node:http server. The token arrives in a cookie or a header. */

import { once } from 'node:events'
import { createServer } from 'node:http'
import { profiles, Verifier } from 'countersign'
import { guard } from 'countersign/node'
import { startSandbox } from 'countersign/sandbox'

const { vtex, close } = await startSandbox()
const { account } = vtex

// VTEX publishes no keys: `keys` is the public key that VTEX gave to your account.
const keys = vtex.jwks
const shoppers = guard(new Verifier({ profile: profiles.vtex({ account, audience: 'webstore' }), keys }))
const admins = guard(new Verifier({ profile: profiles.vtex({ account, audience: 'admin' }), keys }))

const server = createServer((request, response) => {
  const protect = request.url === '/catalog' ? admins : shoppers
  protect(request, response, () => response.end(`hello ${protect.verified(request).claims.sub}`))
}).listen(0, '127.0.0.1')
await once(server, 'listening')
const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())

/** @param {string} what @param {string} path @param {Record<string, string>} headers */
async function call(what, path, headers) {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers })
  console.log(`${what}: ${response.status} ${await response.text()}`)
}

const shopper = vtex.mint('shopper')
const admin = vtex.mint('admin')
await call('a shopper, by cookie', '/orders', { cookie: `VtexIdclientAutCookie_${account}=${shopper}` })
await call('an administrator, by header', '/catalog', { VtexIdclientAutCookie: admin })
await call('a shopper in the back office', '/catalog', { cookie: `VtexIdclientAutCookie=${shopper}` })
await call('no token', '/orders', {})
const foreign = vtex.mint('shopper', { claims: { account: 'otherstore' } })
await call('a shopper of another store', '/orders', { cookie: `VtexIdclientAutCookie_${account}=${foreign}` })

server.close()
server.closeAllConnections()
await close()
