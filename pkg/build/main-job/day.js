// @ts-check
/**
 * A day of calls to an API, and how many token requests it costs: the client's clock runs through 24 hours.
 *
 * @module
 */

import { publiqClient } from './obtain.js'

/** A call every ten seconds. */
const STEP_SECONDS = 10
const DAY_SECONDS = 86_400

/**
 * @param {import('countersign/sandbox').Sandbox} sandbox
 * @returns {Promise<{ text: string, good: boolean }>} `good` if there were at most two token requests.
 */
export async function dayOfCalls({ publiq }) {
  const start = Date.now() / 1000
  let seconds = start
  const client = publiqClient(publiq, undefined, { clock: () => seconds })
  for (; seconds < start + DAY_SECONDS; seconds += STEP_SECONDS) await client.token()
  const { calls, requests } = client.stats
  const cost = `${calls.toLocaleString('en')} calls in 24 hours cost ${requests} token requests`
  const text = `${cost}: clientCredentials() keeps the token.`
  return { text, good: requests <= 2 }
}
