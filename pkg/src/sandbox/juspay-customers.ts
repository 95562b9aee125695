/**
 * Juspay's customers: created, read, each with a client auth token on request.
 *
 * @module
 */

import type { Merchant } from './juspay-wire.js'
import { missing, newId, OBJECT_NOT_FOUND, TOKEN_OPTION, utc, wantsToken } from './juspay-wire.js'
import { remember } from './memory.js'
import type { SandboxRequest } from './request.js'
import { textOf } from './request.js'
import type { Route, SandboxResponse } from './server.js'

type Customer = Readonly<Record<string, string>> & { readonly id: string }

/** `POST /customers` and `GET /customers/{id}`, by Juspay's id or the merchant's reference. */
export function customerRoutes(merchant: Merchant): readonly Route[] {
  const byId = new Map<string, Customer>()
  const byReference = new Map<string, Customer>()

  const answerWith = (customer: Customer, wanted: boolean, now: number): SandboxResponse => ({
    status: 200,
    body: wanted ? { ...customer, juspay: merchant.tokenAt(now) } : customer,
  })

  const create = (call: SandboxRequest): SandboxResponse => {
    const reference = textOf(call.fields, 'object_reference_id')
    if (reference === undefined) return missing('object_reference_id')
    const known = byReference.get(reference)
    const customer = known ?? newCustomer(reference, call)
    if (known === undefined) {
      remember(byReference, reference, customer)
      remember(byId, customer.id, customer)
    }
    return answerWith(customer, wantsToken(call.fields), call.now)
  }

  const read = (call: SandboxRequest): SandboxResponse => {
    const id = call.path.id ?? ''
    const customer = byId.get(id) ?? byReference.get(id)
    if (customer === undefined) return OBJECT_NOT_FOUND
    return answerWith(customer, call.query.get(TOKEN_OPTION) === 'true', call.now)
  }

  return [
    {
      method: 'POST',
      path: '/customers',
      accepts: ['application/x-www-form-urlencoded'],
      answer: (call) => merchant.refuseCaller(call) ?? create(call),
    },
    {
      method: 'GET',
      path: '/customers/{id}',
      answer: (call) => merchant.refuseCaller(call) ?? read(call),
    },
  ]
}

function newCustomer(reference: string, call: SandboxRequest): Customer {
  const created = utc(call.now)
  const optional = OPTIONAL.map((name) => [name, textOf(call.fields, name) ?? ''])
  return {
    id: `cst_${newId().slice(0, 16)}`,
    object: 'customer',
    object_reference_id: reference,
    ...Object.fromEntries(optional),
    date_created: created,
    last_updated: created,
  }
}

const OPTIONAL = ['mobile_country_code', 'mobile_number', 'email_address', 'first_name', 'last_name']
