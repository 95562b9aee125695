// @ts-check
/**
 * HTTP servers on loopback for the tests of `countersign/client`: they record requests, and can fail.
 *
 * @module
 */

import { createServer } from 'node:http'

/**
 * One request, as the server received it.
 *
 * @typedef {object} Received
 * @property {string} method
 * @property {string} url
 * @property {import('node:http').IncomingHttpHeaders} headers
 * @property {string} body
 */

/**
 * What a handler answers. `undefined` never answers; `destroy` ends the connection.
 *
 * @typedef {{ status?: number, headers?: Record<string, string>, body?: unknown } | 'destroy' | undefined} Answered
 */

/**
 * @param {(request: Received, count: number) => Answered | Promise<Answered>} handle `count` is 1 at first.
 */
export async function serve(handle) {
  /** @type {Received[]} */
  const received = []
  const server = createServer(async (request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (chunk) => (body += chunk))
    await new Promise((resolve) => request.on('end', () => resolve(undefined)))
    const one = { method: request.method ?? '', url: request.url ?? '', headers: request.headers, body }
    received.push(one)
    const answer = await handle(one, received.length)
    if (answer === undefined) return
    if (answer === 'destroy') {
      request.socket.destroy()
      return
    }
    const { status = 200, headers = {}, body: content = {} } = answer
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(typeof content === 'string' ? content : JSON.stringify(content))
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  return {
    origin: `http://127.0.0.1:${port}`,
    received,
    /** Stops and ends the open connections. */
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve(undefined)))
    },
  }
}

/**
 * An answer of a token endpoint.
 *
 * @param {number} count
 * @param {Record<string, unknown>} [members] `undefined` leaves one out.
 */
export function granted(count, members = {}) {
  return { body: { access_token: `token-${count}`, token_type: 'Bearer', expires_in: 3600, ...members } }
}

/** Of these tests alone; each of its characters is a trap for one encoding. */
export const SECRET = 'a:secret%with+all of ü&=§"\\ 秘密'
