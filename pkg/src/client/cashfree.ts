/**
 * Cashfree's token that initialises its SDK for one video KYC.
 *
 * @module
 */

import { encodeUtf8 } from '../core/utf8.js'
import { receipts } from '../receipts.js'
import type { ReceiptKey } from '../types.js'
import { ask } from './endpoint.js'
import { refuseBrowser } from './environment.js'
import { ClientError, refusalOf } from './error.js'
import { OptionsReader } from './options.js'
import type { ConnectionOptions, CountersignedToken } from './receipts.js'
import { countersigned, readBaseUrl, readParts, tryReceipt } from './receipts.js'

/** Whose token it is, and for which verification. */
export interface CashfreeTokenOptions {
  /** The request. */
  api: ConnectionOptions & {
    /** Which of Cashfree's environments is asked. */
    environment: 'sandbox' | 'production'
    /** The `x-client-id` header. */
    clientId: string
    /** The `x-client-secret` header. */
    clientSecret: string
    /** The `app_id` of the request; the receipt contains it. */
    appId: string
    /** Default "VKYC". */
    product?: string
    /** The `vkyc_request_id` of the request; the receipt binds to it. */
    vkycRequestId: string | number
    /** The `authenticated_user`; the receipt binds to it. */
    user: {
      /** The `identifier_type`, e.g. "userId". */
      type: string
      /** The `identifier_value`. */
      value: string | number
    }
    /** Cashfree's public key for `x-cf-signature`, as SPKI PEM, where the account's second factor is a public key. */
    publicKey?: string
    /** The `x-api-version` header. Default "2024-12-01". */
    apiVersion?: string
  }
  /** Signs the receipt. */
  key: ReceiptKey
}

const HOSTS = { sandbox: 'sandbox.cashfree.com', production: 'api.cashfree.com' } as const

/**
 * Obtains a token for one video KYC and countersigns it.
 *
 * One request: nothing is sent again.
 *
 * @throws {TypeError} For an unknown option or an invalid value, before the request; and in a browser.
 * @throws {ClientError} With Cashfree's documented `code`, or a code of ours.
 */
export async function cashfreeToken(options: CashfreeTokenOptions): Promise<CountersignedToken> {
  refuseBrowser()
  const { api, receipt, key } = readParts(options)
  const environment = api.oneOf('environment', ['sandbox', 'production'])
  if (environment === undefined) throw new TypeError('options.api must have environment')
  const clientId = api.headerText('clientId')
  const clientSecret = api.headerText('clientSecret')
  const appId = api.text('appId')
  const product = api.optionalText('product') ?? 'VKYC'
  const vkycRequestId = api.id('vkycRequestId')
  const userReader = new OptionsReader(api.take('user'), 'options.api.user')
  const user = { type: userReader.text('type'), value: userReader.id('value') }
  userReader.end()
  const publicKey = api.optionalText('publicKey')
  const apiVersion = api.has('apiVersion') ? api.headerText('apiVersion') : '2024-12-01'
  const base = readBaseUrl(api, HOSTS[environment])
  const connection = api.connection()
  api.end()
  receipt.end()
  const about = { appId, environment, product, vkycRequestId, user }
  tryReceipt(receipts.cashfree({ ...about, expires: Date.now() / 1000 + 60 }), key)

  const headers: [string, string][] = [
    ['content-type', 'application/json'],
    ['x-client-id', clientId],
    ['x-client-secret', clientSecret],
    ['x-api-version', apiVersion],
  ]
  if (publicKey !== undefined)
    headers.push(['x-cf-signature', await encrypted(`${clientId}.${Math.floor(Date.now() / 1000)}`, publicKey)])
  const { status, body } = await ask(connection, `${base}/verification/oauth/token`, {
    method: 'POST',
    headers,
    body: JSON.stringify({
      app_id: appId,
      product,
      metadata: { vkyc_request_id: vkycRequestId },
      authenticated_user: { identifier_type: user.type, identifier_value: user.value },
    }),
  })
  if (status !== 200) throw refusalOf(body.code, status)
  const response = Object.fromEntries(
    (['expiry', 'expires_at'] as const).flatMap((name) => {
      const value = body[name]
      return value === undefined ? [] : [[name, typeof value === 'string' ? value : invalid(status)]]
    }),
  )
  return countersigned(body.access_token, () => receipts.cashfree({ ...about, response }), key, status)
}

/** RSA-OAEP with SHA-1, of the client id and the time: Cashfree calls it a signature. */
async function encrypted(text: string, pem: string): Promise<string> {
  const base64 = /^\s*-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\s]+)-----END PUBLIC KEY-----\s*$/.exec(pem)?.[1]
  try {
    const der = Uint8Array.from(atob((base64 ?? '-').replaceAll(/\s/g, '')), (letter) => letter.charCodeAt(0))
    const algorithm = { name: 'RSA-OAEP', hash: 'SHA-1' }
    const key = await crypto.subtle.importKey('spki', der, algorithm, false, ['encrypt'])
    const octets = await crypto.subtle.encrypt(algorithm, key, encodeUtf8(text))
    return btoa(String.fromCharCode(...new Uint8Array(octets)))
  } catch {
    throw new TypeError('options.api.publicKey must be an RSA public key as SPKI PEM')
  }
}

function invalid(status: number): never {
  throw new ClientError('response_invalid', status)
}
