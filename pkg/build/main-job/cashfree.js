// @ts-check
/**
 * Cashfree's token for one video KYC: countersigned with Ed25519, so that a verifier cannot countersign.
 *
 * @module
 */

import { generateKeyPairSync } from 'node:crypto'

import { profiles, Verifier } from 'countersign'

import { obtainCashfree } from './obtain.js'
import { splitReceipt } from './token.js'

/** @typedef {import('./job.js').Job} Job */

const REQUEST_ID = '249749'
const USER = { type: 'userId', value: '123456' }

/**
 * @param {import('countersign/sandbox').Sandbox} sandbox
 * @returns {Promise<Job[]>}
 */
export async function cashfreeJobs({ cashfree }) {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const signer = { privateKey: privateKey.export({ format: 'jwk' }), kid: 'backend' }
  const keys = { jwk: publicKey.export({ format: 'jwk' }), kid: 'backend' }
  const options = /** @type {const} */ ({ appId: cashfree.appId, environment: 'sandbox' })

  const { token, expires } = await obtainCashfree(cashfree, REQUEST_ID, USER, signer)

  const under = (/** @type {Partial<import('countersign').CashfreeOptions>} */ changes) =>
    new Verifier({ profile: profiles.cashfree({ ...options, ...changes }), keys })
  const verifier = under({})
  const bind = { vkyc_request_id: REQUEST_ID }
  const asPhone = { ...bind, identifier_type: 'phone', identifier_value: USER.value }
  const { receipt, opaque } = splitReceipt(token)
  const other = await obtainCashfree(cashfree, REQUEST_ID, USER, signer)
  return [
    {
      system: 'Cashfree, VKYC',
      obtained: 'POST …/oauth/token',
      shows: `vkyc_request_id ${REQUEST_ID}`,
      token,
      verifier,
      expected: { bind },
      refusals: [
        [`expired at ${istText(expires)}`, 'token_expired', () => verifier.tryVerify(token, { bind, now: expires })],
        [
          'another request',
          'binding_mismatch',
          () => verifier.tryVerify(token, { bind: { vkyc_request_id: '249750' } }),
        ],
        ['the user’s phone, same value', 'binding_mismatch', () => verifier.tryVerify(token, { bind: asPhone })],
        ['another product', 'claim_mismatch', () => under({ product: 'DIGILOCKER' }).tryVerify(token, { bind })],
        ['in production', 'claim_mismatch', () => under({ environment: 'production' }).tryVerify(token, { bind })],
        [
          'receipt of another token',
          'receipt_mismatch',
          () => verifier.tryVerify(`${receipt}~${splitReceipt(other.token).opaque}`, { bind }),
        ],
        ['no receipt', 'receipt_missing', () => verifier.tryVerify(opaque, { bind })],
      ],
    },
  ]
}

/**
 * A moment as Cashfree writes it, made without the package's help, so that one checks the other.
 *
 * @param {number} seconds Since the Unix epoch.
 */
function istText(seconds) {
  return `${new Date((seconds + 19_800) * 1000).toISOString().slice(0, 19).replace('T', ' ')} IST`
}
