/**
 * `countersign sandbox`: serves the four issuers until it is interrupted.
 *
 * @module
 */

import { once } from 'node:events'
import { parseArgs } from 'node:util'

import { startSandbox } from '../sandbox/index.js'
import type { Sandbox } from '../sandbox/index.js'

const USAGE = `Usage: countersign sandbox [--port N]

Imitates the token issuers of publiq, VTEX, Juspay and Cashfree on 127.0.0.1, for development.

Options:
  --port N    The port preferred (default 4600). If it is busy, a free one is taken.
  -h, --help  Show this.
`

const DEFAULT_PORT = '4600'

/**
 * Runs the command.
 *
 * @returns The exit code: 0 after SIGINT or SIGTERM, 2 for invalid arguments.
 */
export async function sandbox(args: string[]): Promise<number> {
  const port = readPort(args)
  if (port === 'help') {
    process.stdout.write(USAGE)
    return 0
  }
  if (typeof port === 'string') {
    process.stderr.write(`${port}\n\n${USAGE}`)
    return 2
  }
  const interrupted = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
  const running = await startSandbox({ port })
  process.stdout.write(describe(running))
  await interrupted
  await running.close()
  return 0
}

/** The port, 'help', or the error in the arguments. */
function readPort(args: string[]): number | string {
  const { values, tokens } = parseArgs({
    args,
    options: {
      port: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
    strict: false,
    tokens: true,
  })
  for (const token of tokens) {
    if (token.kind === 'positional') return `unknown argument \`${token.value}\``
    const isUnknown = token.kind === 'option' && token.name !== 'port' && token.name !== 'help'
    if (isUnknown) return `unknown option \`${token.rawName}\``
  }
  if (Object.hasOwn(values, 'help')) return 'help'
  const text = Object.hasOwn(values, 'port') ? values.port : DEFAULT_PORT
  const isPort = typeof text === 'string' && /^\d{1,5}$/.test(text) && Number(text) <= 65_535
  return isPort ? Number(text) : '--port must be 0 to 65535'
}

function describe(running: Sandbox): string {
  const { origin, publiq, vtex, juspay, cashfree } = running
  const json = (value: object): string => `'${JSON.stringify(value)}'`
  const login = `${vtex.url}/api/vtexid/pub/authentication`
  const sections = [
    [
      `publiq    ${publiq.url}`,
      `  client    ${publiq.clientId}  ${publiq.clientSecret}`,
      `  keys      ${publiq.jwksUrls.auth0}`,
      `            ${publiq.jwksUrls.keycloak}`,
      `  curl ${publiq.url}/oauth/token --json ${json({
        grant_type: 'client_credentials',
        client_id: publiq.clientId,
        client_secret: publiq.clientSecret,
        audience: publiq.audience,
      })}`,
    ],
    [
      `VTEX      ${vtex.url}   account ${vtex.account}`,
      `  app key   ${vtex.appKey}  ${vtex.appToken}`,
      `  shopper   ${vtex.shopper.email}  ${vtex.shopper.password}  code ${vtex.shopper.accessKey}`,
      `  admin     ${vtex.admin.email}  ${vtex.admin.password}  code ${vtex.admin.accessKey}`,
      `  key       ${JSON.stringify(vtex.jwks.keys[0])}`,
      `  curl ${vtex.url}/api/vtexid/apptoken/login --json ${json({
        appkey: vtex.appKey,
        apptoken: vtex.appToken,
      })}`,
      `  curl -c vtex.txt '${login}/start?scope=${vtex.account}'`,
    ],
    [
      `Juspay    ${juspay.url}   merchant ${juspay.merchantId}`,
      `  API key   ${juspay.apiKey}`,
      `  curl ${juspay.url}/orders -u ${juspay.apiKey}: -H 'x-merchantid: ${juspay.merchantId}' ` +
        `-d order_id=14183944763 -d amount=100.00 -d options.get_client_auth_token=true`,
    ],
    [
      `Cashfree  ${cashfree.url}   app ${cashfree.appId}`,
      `  client    ${cashfree.clientId}  ${cashfree.clientSecret}`,
      `  curl ${cashfree.url}/verification/oauth/token -H 'x-client-id: ${cashfree.clientId}' ` +
        `-H 'x-client-secret: ${cashfree.clientSecret}' ` +
        `-H 'x-api-version: ${cashfree.apiVersion}' --json ${json({
          app_id: cashfree.appId,
          product: 'VKYC',
          metadata: { vkyc_request_id: '249749' },
          authenticated_user: { identifier_type: 'userId', identifier_value: '123456' },
        })}`,
    ],
  ]
  const text = sections.map((lines) => lines.join('\n')).join('\n\n')
  return `The sandbox listens on ${origin} (Ctrl+C ends it)\n\n${text}\n`
}
