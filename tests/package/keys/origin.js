// @ts-check
/**
 * An HTTP server on loopback whose answers a test chooses, and which counts requests.
 *
 * @module
 */

import { createServer } from 'node:http'

/**
 * @param {import('node:http').RequestListener} answer
 * @returns {Promise<{ url: string, requests: { url: string, headers: import('node:http').IncomingHttpHeaders }[],
 *   answer: import('node:http').RequestListener, close: () => Promise<void> }>}
 */
export async function origin(answer) {
  /** @type {Awaited<ReturnType<typeof origin>>} */
  const made = { url: '', requests: [], answer, close: () => closed }
  const server = createServer((request, response) => {
    made.requests.push({ url: String(request.url), headers: request.headers })
    made.answer(request, response)
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  made.url = `http://127.0.0.1:${port}`
  /** @type {Promise<void>} */
  let closed = Promise.resolve()
  made.close = () =>
    (closed = new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    }))
  return made
}

/**
 * Answers with a document.
 *
 * @param {unknown} document JSON, or text as it is.
 * @returns {import('node:http').RequestListener}
 */
export function json(document) {
  const body = typeof document === 'string' ? document : JSON.stringify(document)
  return (_, response) => void response.writeHead(200, { 'content-type': 'application/json' }).end(body)
}

/**
 * Answers with a status.
 *
 * @param {number} status
 * @param {Record<string, string>} [headers]
 * @returns {import('node:http').RequestListener}
 */
export function status(status, headers = {}) {
  return (_, response) => void response.writeHead(status, headers).end('no')
}

/** @param {number} milliseconds */
export const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds))

/**
 * Waits until `holds` is true, and fails after ten seconds.
 *
 * @param {() => boolean} holds
 */
export async function until(holds) {
  const end = performance.now() + 10_000
  while (!holds()) {
    if (performance.now() > end) throw new Error(`not within 10 s: ${holds}`)
    await pause(5)
  }
}

/**
 * The code of each refusal, or 'ok'.
 *
 * @param {readonly Promise<unknown>[]} verdicts
 */
export async function codes(verdicts) {
  const settled = await Promise.allSettled(verdicts)
  return settled.map((verdict) =>
    verdict.status === 'fulfilled' ? 'ok' : (verdict.reason.code ?? String(verdict.reason)),
  )
}

/**
 * How often each value is there.
 *
 * @param {readonly string[]} values
 */
export function tally(values) {
  /** @type {Record<string, number>} */
  const counts = {}
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1
  return counts
}
