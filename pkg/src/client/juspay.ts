/**
 * Juspay's client auth token, of an order or a customer.
 *
 * @module
 */

import { receipts } from '../receipts.js'
import type { ReceiptKey } from '../types.js'
import { ask, bare } from './endpoint.js'
import { refuseBrowser } from './environment.js'
import { ClientError, refusalOf } from './error.js'
import type { ConnectionOptions, CountersignedToken } from './receipts.js'
import { countersigned, readBaseUrl, readParts, tryReceipt } from './receipts.js'

/** Whose token it is, and for what. */
export interface JuspayTokenOptions {
  /** The request. One of `order`, `customer` and `customerId`. */
  api: ConnectionOptions & {
    /** Which of Juspay's environments is asked. */
    environment: 'sandbox' | 'production'
    /** The user name of HTTP Basic authentication; the password is empty. */
    apiKey: string
    /** The `x-merchantid` header; the receipt contains it. */
    merchantId: string
    /** The `x-routing-id` header. */
    routingId?: string
  } & (
      | {
          /** Places an order: the fields of `POST /orders`, with `order_id` and `amount`. */
          order: Readonly<Record<string, string | number>>
          customer?: never
          customerId?: never
        }
      | {
          /** Creates a customer: the fields of `POST /customers`, with `object_reference_id`. */
          customer: Readonly<Record<string, string | number>>
          order?: never
          customerId?: never
        }
      | {
          /** Reads a customer: `GET /customers/{id}`. */
          customerId: string
          order?: never
          customer?: never
        }
    )
  /** What the receipt holds beside. */
  receipt?: {
    /** How many times the token may be redeemed. Default 30, as Juspay's. */
    uses?: number
  }
  /** Signs the receipt. */
  key: ReceiptKey
}

/** A client auth token with its receipt. */
export interface JuspayToken extends CountersignedToken {
  /** The `order_id`, or Juspay's id of the customer: what the receipt binds to. */
  readonly id: string
}

const HOSTS = { sandbox: 'sandbox.juspay.in', production: 'api.juspay.in' } as const

const TOKEN_OPTION = 'options.get_client_auth_token'

/**
 * Places an order, or creates or reads a customer, and countersigns its client auth token.
 *
 * One request: nothing is sent again, since an order is not idempotent. After `endpoint_unreachable` the order may
 * exist.
 *
 * @throws {TypeError} For an unknown option or an invalid value, before the request; and in a browser.
 * @throws {ClientError} With Juspay's documented `error_code`, or a code of ours.
 */
export async function juspayToken(options: JuspayTokenOptions): Promise<JuspayToken> {
  refuseBrowser()
  const { api, receipt, key } = readParts(options)
  const environment = api.oneOf('environment', ['sandbox', 'production']) ?? missing('environment')
  const apiKey = api.headerText('apiKey')
  // RFC 7617 section 2: a user name that holds a colon would be another one.
  if (apiKey.includes(':')) throw new TypeError('options.api.apiKey must not contain a colon')
  const merchantId = api.headerText('merchantId')
  const routingId = api.has('routingId') ? api.headerText('routingId') : undefined
  const order = api.fields('order')
  const customer = api.fields('customer')
  const customerId = api.optionalText('customerId')
  // As a segment of a path these name its parent and itself.
  if (customerId === '.' || customerId === '..') throw new TypeError('options.api.customerId must be an id')
  if ([order, customer, customerId].filter((given) => given !== undefined).length !== 1)
    missing('order, customer or customerId')
  const base = readBaseUrl(api, HOSTS[environment])
  const connection = api.connection()
  const uses = receipt.take('uses') as number | undefined
  api.end()
  receipt.end()

  const kind = order === undefined ? 'customer' : 'order'
  const receiptOf = (id: string, expires: number | string) =>
    receipts.juspay({ merchantId, environment, kind, id, expires, ...(uses === undefined ? {} : { uses }) })
  const orderId = order?.get('order_id')
  if (order !== undefined && (orderId === undefined || orderId === '')) missing('order.order_id')
  tryReceipt(receiptOf(orderId ?? customerId ?? 'id', Date.now() / 1000 + 60), key)

  const fields = order ?? customer
  const headers: [string, string][] = [
    ['authorization', `Basic ${btoa(`${apiKey}:`)}`],
    ['x-merchantid', merchantId],
    ...(routingId === undefined ? [] : [['x-routing-id', routingId] as [string, string]]),
  ]
  const answer =
    fields === undefined
      ? await ask(connection, `${base}/customers/${encodeURIComponent(customerId ?? '')}?${TOKEN_OPTION}=true`, {
          method: 'GET',
          headers,
        })
      : await ask(connection, `${base}/${kind}s`, {
          method: 'POST',
          headers: [...headers, ['content-type', 'application/x-www-form-urlencoded']],
          body: new URLSearchParams([...new Map(fields).set(TOKEN_OPTION, 'true')]).toString(),
        })
  const { status, body } = answer
  if (status !== 200) throw refusalOf(body.error_code, status)
  // The answer must be about what was asked for: the receipt binds to it.
  const isAsked =
    (orderId === undefined || body.order_id === orderId) &&
    (body.merchant_id === undefined || body.merchant_id === merchantId) &&
    (customerId === undefined || body.id === customerId || body.object_reference_id === customerId)
  const id = orderId ?? body.id
  if (!isAsked || typeof id !== 'string' || id === '') throw new ClientError('response_invalid', status)
  const { client_auth_token: token, client_auth_token_expiry: expiry } = bare(body.juspay)
  if (typeof expiry !== 'string') throw new ClientError('response_invalid', status)
  return { ...countersigned(token, () => receiptOf(id, expiry), key, status), id }
}

function missing(what: string): never {
  throw new TypeError(`options.api must have ${what}`)
}
