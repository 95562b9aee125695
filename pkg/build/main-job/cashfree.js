// @ts-check
/**
 * Cashfree's token for one video KYC: countersigned with Ed25519, so that whoever verifies it
 * cannot countersign.
 *
 * @module
 */

import { generateKeyPairSync } from 'node:crypto'

import { Verifier, countersign, profiles, receipts } from 'countersign'

import { cashfreeToken } from './obtain.js'
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

  const answer = await cashfreeToken(cashfree, REQUEST_ID, USER)
  const about = { ...options, vkycRequestId: REQUEST_ID, user: USER, response: answer.response }
  const token = countersign(answer.token, receipts.cashfree(about), signer)

  const under = (/** @type {Partial<import('countersign').CashfreeOptions>} */ changes) =>
    new Verifier({ profile: profiles.cashfree({ ...options, ...changes }), keys })
  const verifier = under({})
  const bind = { vkyc_request_id: REQUEST_ID }
  const asPhone = { ...bind, identifier_type: 'phone', identifier_value: USER.value }
  const { receipt } = splitReceipt(token)
  const other = await cashfreeToken(cashfree, REQUEST_ID, USER)
  return [
    {
      system: 'Cashfree, VKYC',
      obtained: 'POST …/oauth/token',
      shows: `vkyc_request_id ${REQUEST_ID}`,
      token,
      verifier,
      expected: { bind },
      refusals: [
        [
          `expired at ${answer.response.expires_at}`,
          'token_expired',
          () => verifier.tryVerify(token, { bind, now: istSeconds(answer.response.expires_at) }),
        ],
        [
          'another request',
          'binding_mismatch',
          () => verifier.tryVerify(token, { bind: { vkyc_request_id: '249750' } }),
        ],
        [
          'the user’s phone, same value',
          'binding_mismatch',
          () => verifier.tryVerify(token, { bind: asPhone }),
        ],
        [
          'another product',
          'claim_mismatch',
          () => under({ product: 'DIGILOCKER' }).tryVerify(token, { bind }),
        ],
        [
          'in production',
          'claim_mismatch',
          () => under({ environment: 'production' }).tryVerify(token, { bind }),
        ],
        [
          'receipt of another token',
          'receipt_mismatch',
          () => verifier.tryVerify(`${receipt}~${other.token}`, { bind }),
        ],
        ['no receipt', 'receipt_missing', () => verifier.tryVerify(answer.token, { bind })],
      ],
    },
  ]
}

/**
 * Reads `YYYY-MM-DD HH:MM:SS IST` without the package's help, so that one checks the other.
 *
 * @param {string | undefined} text
 * @returns {number} Seconds since the Unix epoch.
 */
function istSeconds(text = '') {
  return Date.parse(text.replace(' IST', '+05:30').replace(' ', 'T')) / 1000
}
