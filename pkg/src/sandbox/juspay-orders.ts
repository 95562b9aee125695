/**
 * Juspay's orders and the sessions that open a payment page on one.
 *
 * A session always holds a client auth token, an order on request.
 *
 * @module
 */

import type { Merchant, Token } from './juspay-wire.js'
import {
  FORBIDDEN_RESOURCE,
  invalid,
  LIFETIME_SECONDS,
  missing,
  newId,
  OBJECT_NOT_FOUND,
  TOKEN_OPTION,
  utc,
  wantsToken,
} from './juspay-wire.js'
import { remember } from './memory.js'
import type { Fields, SandboxRequest } from './request.js'
import { bare, headerOf, own, textOf } from './request.js'
import type { Route, SandboxResponse } from './server.js'

interface Order {
  readonly id: string
  readonly orderId: string
  readonly amount: string
  readonly created: string
  readonly optional: Readonly<Record<string, string>>
}

/** `POST /orders`, `GET /orders/{id}` and `POST /session`. */
export function orderRoutes(merchant: Merchant): readonly Route[] {
  const orders = new Map<string, Order>()

  const read = (call: SandboxRequest): SandboxResponse => {
    const order = orders.get(call.path.id ?? '')
    if (order === undefined) return OBJECT_NOT_FOUND
    const wanted = call.query.get(TOKEN_OPTION) === 'true'
    return orderAnswer(order, merchant, wanted ? merchant.tokenAt(call.now) : null)
  }

  const create = (call: SandboxRequest): SandboxResponse => {
    const order = place(orders, call)
    if ('status' in order) return order
    const wanted = wantsToken(call.fields)
    return orderAnswer(order, merchant, wanted ? merchant.tokenAt(call.now) : null)
  }

  const openSession = (call: SandboxRequest): SandboxResponse => {
    const order = place(orders, call)
    return 'status' in order ? order : sessionAnswer(order, call, merchant)
  }

  return [
    {
      method: 'POST',
      path: '/orders',
      accepts: ['application/x-www-form-urlencoded'],
      answer: (call) => merchant.refuseCaller(call) ?? create(call),
    },
    {
      method: 'GET',
      path: '/orders/{id}',
      answer: (call) =>
        headerOf(call, 'authorization') === undefined
          ? FORBIDDEN_RESOURCE
          : (merchant.refuseCaller(call) ?? read(call)),
    },
    {
      method: 'POST',
      path: '/session',
      accepts: ['application/json'],
      answer: (call) => merchant.refuseCaller(call) ?? openSession(call),
    },
  ]
}

/** The order that a request names, placed if it is new, or the refusal of the request. */
function place(orders: Map<string, Order>, call: SandboxRequest): Order | SandboxResponse {
  const { fields } = call
  if (!Object.hasOwn(fields, 'order_id')) return missing('order_id')
  if (!Object.hasOwn(fields, 'amount')) return missing('amount')
  const orderId = scalarOf(fields, 'order_id')
  const amount = scalarOf(fields, 'amount')
  if (!/^[A-Za-z0-9_-]{1,20}$/.test(orderId)) {
    return invalid('INVALID_ORDER_ID', 'order_id has at most 20 of A-Z a-z 0-9 _ -')
  }
  if (!/^\d{1,12}(\.\d{1,2})?$/.test(amount)) return invalid('INVALID_AMOUNT', 'pass amount')
  if (Object.hasOwn(fields, 'customer_id') && scalarOf(fields, 'customer_id') === '') {
    return invalid('INVALID_CUSTOMER_ID', 'pass customer_id')
  }
  const known = orders.get(orderId)
  if (known !== undefined) return known
  const present = OPTIONAL.filter((name) => Object.hasOwn(fields, name))
  const optional = bare(Object.fromEntries(present.map((name) => [name, scalarOf(fields, name)])))
  const order = { id: `ordeu_${newId()}`, orderId, amount, created: utc(call.now), optional }
  remember(orders, orderId, order)
  return order
}

/** A member as text: JSON may write an amount or an id as a number. Anything else is ''. */
function scalarOf(fields: Fields, name: string): string {
  const value = own(fields, name)
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

function orderAnswer(order: Order, { merchantId }: Merchant, token: Token | null): SandboxResponse {
  const page = `https://sandbox.invalid/orders/${order.id}`
  const { customer_id: customerId = null, return_url: returnUrl = null } = order.optional
  return {
    status: 200,
    body: {
      status: 'NEW',
      status_id: 10,
      id: order.id,
      order_id: order.orderId,
      merchant_id: merchantId,
      customer_id: customerId,
      customer_email: order.optional.customer_email ?? null,
      customer_phone: order.optional.customer_phone ?? null,
      amount: Number(order.amount),
      currency: order.optional.currency ?? 'INR',
      refunded: false,
      amount_refunded: 0,
      date_created: order.created,
      return_url: returnUrl,
      product_id: '',
      payment_links: { web: page, mobile: `${page}?mobile=true`, iframe: `${page}?iframe=true` },
      ...(token === null ? {} : { juspay: token }),
    },
  }
}

function sessionAnswer(order: Order, call: SandboxRequest, merchant: Merchant): SandboxResponse {
  const token = merchant.tokenAt(call.now)
  const expiry = utc(call.now + LIFETIME_SECONDS)
  const { customer_id: customerId, currency = 'INR' } = order.optional
  const payload = {
    clientId: textOf(call.fields, 'payment_page_client_id') ?? merchant.clientId,
    amount: order.amount,
    merchantId: merchant.merchantId,
    clientAuthToken: token.client_auth_token,
    clientAuthTokenExpiry: token.client_auth_token_expiry,
    environment: merchant.environment,
    action: textOf(call.fields, 'action') ?? 'paymentPage',
    currency,
    orderId: order.orderId,
    ...(customerId === undefined ? {} : { customerId }),
  }
  return {
    status: 200,
    body: {
      status: 'NEW',
      id: order.id,
      order_id: order.orderId,
      payment_links: { web: `https://sandbox.invalid/orders/${order.id}`, expiry },
      sdk_payload: {
        requestId: newId(),
        service: 'in.juspay.hyperpay',
        payload,
        expiry,
        currTime: utc(call.now),
        xRoutingId: headerOf(call, 'x-routing-id') ?? customerId ?? order.orderId,
      },
      order_expiry: expiry,
    },
  }
}

const OPTIONAL = ['currency', 'customer_id', 'customer_email', 'customer_phone', 'return_url']
