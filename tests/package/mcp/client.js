// @ts-check
/**
 * The MCP SDK's client, with a person who consents.
 *
 * @module
 */

import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { authorize, CLIENT, REDIRECT_URI } from './authorization-server.js'

/**
 * What one client remembers, and the authorization URLs that it opened.
 *
 * @param {string} [registered] The id of a client that is registered already. Default: it registers itself.
 * @returns {import('@modelcontextprotocol/sdk/client/auth.js').OAuthClientProvider & { opened: URL[] }}
 */
export function remembering(registered) {
  /** @type {any} */
  let client = registered === undefined ? undefined : { client_id: registered }
  /** @type {any} */
  let tokens
  let verifier = ''
  /** @type {URL[]} */
  const opened = []
  return {
    opened,
    redirectUrl: REDIRECT_URI,
    clientMetadata: CLIENT,
    clientInformation: () => client,
    saveClientInformation: (information) => void (client = information),
    tokens: () => tokens,
    saveTokens: (saved) => void (tokens = saved),
    redirectToAuthorization: (url) => void opened.push(url),
    saveCodeVerifier: (text) => void (verifier = text),
    codeVerifier: () => verifier,
  }
}

/**
 * Connects; where the server asks for authorization, the person consents and the client connects again.
 *
 * @param {string} url
 * @param {ReturnType<typeof remembering>} provider
 */
export async function connected(url, provider) {
  const begin = async () => {
    const transport = new StreamableHTTPClientTransport(new URL(url), { authProvider: provider })
    const client = new Client({ name: 'tests', version: '1.0.0' })
    try {
      await client.connect(/** @type {never} */ (transport))
      return { client, transport }
    } catch (error) {
      if (!(error instanceof UnauthorizedError)) throw error
      await transport.finishAuth(await authorize(/** @type {URL} */ (provider.opened.at(-1))))
      await client.close()
      return undefined
    }
  }
  const found = (await begin()) ?? (await begin())
  if (found === undefined) throw new Error('the client is not authorized')
  const { client, transport } = found
  /** @param {string} name Of a tool. */
  const call = async (name) => {
    const run = () => client.callTool({ name, arguments: {} })
    let result
    try {
      result = await run()
    } catch (error) {
      if (!(error instanceof UnauthorizedError)) throw error
      await transport.finishAuth(await authorize(/** @type {URL} */ (provider.opened.at(-1))))
      result = await run()
    }
    const [content] = /** @type {{ text: string }[]} */ (result.content)
    return content?.text
  }
  return { call, close: () => client.close() }
}
