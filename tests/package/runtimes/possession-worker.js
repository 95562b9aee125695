// @ts-check
/**
 * A Worker whose tokens are bound: at `/certificate` to a client certificate, at `/dpop` to a key that the Worker itself
 * has. A request to `/proof` is answered with a proof by that key.
 */

import { memoryStore, Verifier } from 'countersign'
import { dpop } from 'countersign/client'
import { cloudflareCertificate, guard } from 'countersign/fetch'

const ORIGIN = 'https://api.example'
const keys = { secret: 'a secret of thirty-two octets!!!' }
const options = { issuer: null, audience: null, keys }
const certified = guard(new Verifier(options), { certificate: cloudflareCertificate })
const proved = guard(new Verifier({ ...options, replay: memoryStore() }), {
  origin: ORIGIN,
  nonce: { secret: 'a secret of instances, 32 octets' },
})
const key = dpop()

export default {
  /** @param {Request} request */
  async fetch(request) {
    const { pathname } = new URL(request.url)
    if (pathname === '/thumbprint') return new Response(await key.thumbprint())
    if (pathname === '/proof') {
      const nonce = request.headers.get('nonce')
      if (nonce !== null) key.remember(ORIGIN, new Response(null, { headers: { 'DPoP-Nonce': nonce } }))
      const token = String(request.headers.get('token'))
      return new Response(await key.proof({ method: 'GET', url: `${ORIGIN}/dpop`, token }))
    }
    const verified = await (pathname === '/dpop' ? proved : certified)(request)
    return verified.ok ? new Response('ok') : verified.response
  },
}
