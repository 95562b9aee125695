// @ts-check
/**
 * A worker that obtains tokens, in requests some of which end early. `ORIGIN` is put in when it is bundled.
 *
 * The path is a client's name; `how` is what the request does, `at` is the time on the client's clock.
 *
 * @module
 */

import { clientCredentials } from 'countersign/client'

const { ORIGIN } = /** @type {any} */ (globalThis)

/** @type {Map<string, import('countersign/client').TokenClient>} */
const clients = new Map()
let seconds = 1_800_000_000

/** @param {string} name */
function clientOf(name) {
  const tokenUrl = `${ORIGIN}/token/${name}`
  const known = clients.get(name)
  const client =
    known ?? clientCredentials({ tokenUrl, clientId: 'client', clientSecret: 'secret', clock: () => seconds })
  clients.set(name, client)
  return client
}

export default {
  /** @param {Request} request */
  async fetch(request) {
    const { pathname, searchParams } = new URL(request.url)
    const client = clientOf(pathname.slice(1))
    seconds = Number(searchParams.get('at') ?? seconds)
    const token = client.token()
    token.catch(() => {})
    switch (searchParams.get('how')) {
      case 'leave':
        return new Response('left')
      case 'race':
        return new Response(
          await Promise.race([token, new Promise((resolve) => setTimeout(() => resolve('raced'), 50))]),
        )
      default:
        return Response.json({ token: await token, ...client.stats })
    }
  },
}
