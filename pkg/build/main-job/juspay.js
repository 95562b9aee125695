// @ts-check
/**
 * Juspay's client auth tokens: opaque, countersigned by the backend that obtained them.
 *
 * @module
 */

import { randomBytes } from 'node:crypto'

import { profiles, Verifier } from 'countersign'
import { juspayToken } from 'countersign/client'

import { juspayApi } from './obtain.js'
import { splitReceipt, tamperedWith } from './token.js'

/** @typedef {import('./job.js').Job} Job */

const ORDER_ID = '14183944763'

/**
 * @param {import('countersign/sandbox').Sandbox} sandbox
 * @returns {Promise<Job[]>}
 */
export async function juspayJobs({ juspay }) {
  const key = { secret: randomBytes(32), kid: 'backend' }
  const api = juspayApi(juspay)
  const order = await juspayToken({ api: { ...api, order: { order_id: ORDER_ID, amount: '100.00' } }, key })
  const reference = { object_reference_id: 'customer@mail.example' }
  const customer = await juspayToken({ api: { ...api, customer: reference }, key })
  const { merchantId } = juspay
  const environment = /** @type {const} */ ('sandbox')
  const forOrder = /** @type {const} */ ({ merchantId, environment, kind: 'order' })
  const forCustomer = /** @type {const} */ ({ merchantId, environment, kind: 'customer' })
  return [
    job(juspay, 'Juspay, order', 'POST /orders', order.token, customer.token, key, {
      options: forOrder,
      bind: { order_id: ORDER_ID },
      otherBind: { order_id: '14183944764' },
      expires: order.expires,
    }),
    job(juspay, 'Juspay, customer', 'POST /customers', customer.token, order.token, key, {
      options: forCustomer,
      bind: { customer_id: customer.id },
      otherBind: { customer_id: 'cst_another' },
      expires: customer.expires,
    }),
  ]
}

/**
 * @param {import('countersign/sandbox').JuspaySandbox} juspay
 * @param {string} system
 * @param {string} obtained
 * @param {string} token The token with its receipt.
 * @param {string} otherToken One of the other kind.
 * @param {{ secret: Uint8Array, kid: string }} key
 * @param {object} about
 * @param {import('countersign').JuspayOptions} about.options
 * @param {Record<string, string>} about.bind
 * @param {Record<string, string>} about.otherBind
 * @param {number} about.expires
 * @returns {Job}
 */
function job(juspay, system, obtained, token, otherToken, key, about) {
  const { options, bind, otherBind, expires } = about
  const under = (/** @type {Partial<import('countersign').JuspayOptions>} */ changes) =>
    new Verifier({ profile: profiles.juspay({ ...options, ...changes }), keys: key })
  const verifier = under({})
  const { receipt, opaque } = splitReceipt(token)
  const forged = `${tamperedWith(receipt, 'bind', otherBind)}~${opaque}`
  const other = options.kind === 'order' ? 'a customer’s receipt' : 'an order’s receipt'
  const [name = '', id = ''] = Object.entries(bind)[0] ?? []
  return {
    system,
    obtained,
    shows: `${name} ${id.length > 12 ? `${id.slice(0, 8)}…` : id}`,
    token,
    verifier,
    expected: { bind },
    refusals: [
      ['expired', 'token_expired', () => verifier.tryVerify(token, { bind, now: expires })],
      [`another ${options.kind}`, 'binding_mismatch', () => verifier.tryVerify(token, { bind: otherBind })],
      [other, 'binding_mismatch', () => verifier.tryVerify(otherToken, { bind })],
      [
        'another merchant',
        'claim_mismatch',
        () => under({ merchantId: `not_${juspay.merchantId}` }).tryVerify(token, { bind }),
      ],
      ['in production', 'claim_mismatch', () => under({ environment: 'production' }).tryVerify(token, { bind })],
      ['tampered with', 'signature_invalid', () => verifier.tryVerify(forged, { bind: otherBind })],
      [
        'receipt of another token',
        'receipt_mismatch',
        () => verifier.tryVerify(`${receipt}~${splitReceipt(otherToken).opaque}`, { bind }),
      ],
      ['no receipt', 'receipt_missing', () => verifier.tryVerify(opaque, { bind })],
    ],
  }
}
