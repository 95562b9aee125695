/**
 * The token endpoint that an issuer's metadata names (RFC 8414, OpenID Connect Discovery 1.0).
 *
 * @module
 */

import { metadataUrls } from '../keys/address.js'
import { ask } from './endpoint.js'
import { ClientError } from './error.js'
import type { Connection } from './options.js'
import { secureUrl } from './options.js'

/**
 * Finds the token endpoint of an issuer.
 *
 * The first document whose `issuer` is identical to `issuer`, as text, counts (RFC 8414 section 3.3). A document of
 * another issuer ends the search.
 *
 * @throws {ClientError} `response_invalid` if no document counts, `endpoint_unreachable` without an answer.
 */
export async function findTokenEndpoint(connection: Connection, issuer: string): Promise<string> {
  let status = 404
  for (const url of metadataUrls(new URL(issuer))) {
    const answer = await ask(connection, url, { method: 'GET', headers: [] })
    status = answer.status
    if (status !== 200) continue
    const { issuer: stated, token_endpoint: endpoint } = answer.body
    if (stated !== issuer || typeof endpoint !== 'string') break
    const { protocol } = secureUrl(endpoint) ?? {}
    // Only an issuer on loopback may name an endpoint on loopback without TLS.
    if (protocol === 'https:' || (protocol === 'http:' && issuer.startsWith('http:'))) return endpoint
    break
  }
  throw new ClientError('response_invalid', status)
}
