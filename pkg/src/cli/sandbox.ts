/**
 * `countersign sandbox`: serves the issuers of the sandbox until it is interrupted.
 *
 * @module
 */

import { once } from 'node:events'
import type { IssuerAlgorithm, IssuerSandbox, Sandbox } from '../sandbox/index.js'
import { startSandbox } from '../sandbox/index.js'
import { HELP, readArguments } from './arguments.js'
import type { ExitCode } from './exit.js'
import { EXIT, UsageError } from './exit.js'
import { explained } from './systems.js'
import type { Output } from './terminal.js'

export const SANDBOX_HELP = `Usage: countersign sandbox [options]

Imitates token issuers on 127.0.0.1, for development and tests: publiq, VTEX,
Juspay, Cashfree, and a generic OpenID Connect issuer with keys and metadata.

Options:
  --port N       The port preferred (default 4600); a free one if it is busy
  --alg ALG      The generic issuer signs with this (default RS256); repeatable
  --audience A   The audience of its tokens (default https://api.example)
  -h, --help     Show this

Its keys are made at each start and its credentials are public: nothing that
trusts it belongs in production. It listens on loopback alone.
`

const DEFAULT_PORT = '4600'

/**
 * Runs the command.
 *
 * @returns 0 after SIGINT or SIGTERM.
 * @throws {UsageError} For a wrong call.
 */
export async function sandbox(args: readonly string[], out: Output): Promise<ExitCode> {
  const options = {
    ...HELP,
    port: { type: 'string' },
    alg: { type: 'string', multiple: true },
    audience: { type: 'string', multiple: true },
  } as const
  const { values } = readArguments(args, options, 0)
  if (values.help === true) {
    await out.write(SANDBOX_HELP)
    return EXIT.accepted
  }
  const port = readPort(values.port ?? DEFAULT_PORT)
  const interrupted = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
  const running = await startSandbox({ port })
  try {
    const { alg, audience } = values
    const issuer = explained('--alg', () =>
      running.issuer({
        ...(alg === undefined ? {} : { algorithms: alg as readonly IssuerAlgorithm[] }),
        ...(audience === undefined ? {} : { audience: audience.length === 1 ? String(audience[0]) : audience }),
      }),
    )
    await out.write(describe(running, issuer))
    await interrupted
  } finally {
    await running.close()
  }
  return EXIT.accepted
}

function readPort(text: string): number {
  const port = Number(text)
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port
  throw new UsageError('--port must be a number from 0 to 65535')
}

function describe(running: Sandbox, issuer: IssuerSandbox): string {
  const { origin, publiq, vtex, juspay, cashfree } = running
  const json = (value: object): string => `'${JSON.stringify(value)}'`
  const login = `${vtex.url}/api/vtexid/pub/authentication`
  const [audience] = [issuer.audience].flat()
  const sections = [
    [
      `Issuer    ${issuer.issuer}`,
      `  keys      ${issuer.jwksUri}`,
      `  token     ${issuer.mint()}`,
      `  countersign keys ${issuer.issuer}`,
      `  countersign verify --issuer ${issuer.issuer} --audience ${audience} --discover`,
    ],
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
