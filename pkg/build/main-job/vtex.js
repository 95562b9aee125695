// @ts-check
/**
 * VTEX's tokens: of an application key, an administrator and a shopper, verified with keys that
 * the caller has; and one that VTEX validated once, countersigned by the backend that asked.
 *
 * @module
 */

import { randomBytes } from 'node:crypto'

import { profiles, Verifier } from 'countersign'
import { vtexToken } from 'countersign/client'
import { startSandbox } from 'countersign/sandbox'

import { BACKEND, vtexAppToken, vtexLogin, vtexLogout } from './obtain.js'
import { afterExpiry, claimOf, splitReceipt, tamperedWith } from './token.js'

/** @typedef {import('./job.js').Job} Job */
/** @typedef {import('countersign/sandbox').VtexSandbox} VtexSandbox */

/**
 * @param {import('countersign/sandbox').Sandbox} sandbox
 * @returns {Promise<Job[]>}
 */
export async function vtexJobs({ vtex }) {
  const admin = await vtexLogin(vtex, 'admin')
  const shopper = await vtexLogin(vtex, 'shopper')
  const otherKeys = await anotherIssuersKeys(vtex.account)
  const common = { vtex, otherKeys }
  return [
    job(common, 'VTEX, app key', 'POST …/apptoken/login', await vtexAppToken(vtex), 'admin'),
    job(common, 'VTEX, admin', 'login, its cookie', admin.token, 'admin'),
    job(common, 'VTEX, shopper', 'login, its suffixed cookie', shopper.token, 'webstore'),
    await validatedOnce(vtex),
  ]
}

/**
 * @param {{ vtex: VtexSandbox, otherKeys: import('countersign').JwkSet }} common
 * @param {string} system
 * @param {string} obtained
 * @param {string} token
 * @param {'admin' | 'webstore'} audience
 * @returns {Job}
 */
function job({ vtex, otherKeys }, system, obtained, token, audience) {
  const { account, jwks: keys } = vtex
  const verifier = new Verifier({ profile: profiles.vtex({ account, audience }), keys })
  const other = audience === 'admin' ? 'webstore' : 'admin'
  const longer = tamperedWith(token, 'exp', Number(claimOf(token, 'exp')) + 3600)
  const promoted = tamperedWith(token, 'audience', other)
  /** @param {ConstructorParameters<typeof Verifier>[0]} options */
  const under = (options) => new Verifier(options).tryVerify(token)
  return {
    system,
    obtained,
    shows: `${audience}, ${account}`,
    token,
    verifier,
    refusals: [
      ['expired', 'token_expired', () => verifier.tryVerify(token, afterExpiry(token))],
      ['tampered with: longer life', 'signature_invalid', () => verifier.tryVerify(longer)],
      ['tampered with: audience', 'signature_invalid', () => verifier.tryVerify(promoted)],
      ['wrong audience', 'claim_mismatch', () => under({ profile: profiles.vtex({ account, audience: other }), keys })],
      [
        'wrong account',
        'claim_mismatch',
        () => under({ profile: profiles.vtex({ account: 'otherstore', audience }), keys }),
      ],
      [
        'another issuer’s key',
        'key_not_found',
        () => under({ profile: profiles.vtex({ account, audience }), keys: otherKeys }),
      ],
    ],
  }
}

/**
 * Without VTEX's key: the backend has VTEX validate the token once, and countersigns it for the
 * time and the purpose that it chooses. A verifier does not see the logout that follows.
 *
 * @param {VtexSandbox} vtex
 * @returns {Promise<Job>}
 */
async function validatedOnce(vtex) {
  const key = { secret: randomBytes(32) }
  const login = await vtexLogin(vtex, 'admin')
  const api = { baseUrl: vtex.url, account: vtex.account, token: login.token }
  const { token, expires, bind } = await vtexToken({ api, receipt: { issuer: BACKEND, lifetimeSeconds: 300 }, key })
  const { account, audience } = bind
  const verifier = new Verifier({
    issuer: BACKEND,
    audience: null,
    evidence: 'receipt',
    bind: ['account', 'audience'],
    keys: key,
  })
  await vtexLogout(vtex, login)
  const expected = { bind: { account, audience } }
  const { receipt } = splitReceipt(token)
  const otherToken = (await vtexLogin(vtex, 'shopper')).token
  return {
    system: 'VTEX, without key',
    obtained: 'POST …/credential/validate',
    shows: `${audience}, ${account}`,
    token,
    verifier,
    expected,
    refusals: [
      ['expired', 'token_expired', () => verifier.tryVerify(token, { ...expected, now: expires })],
      [
        'wrong account',
        'binding_mismatch',
        () => verifier.tryVerify(token, { bind: { account: 'otherstore', audience } }),
      ],
      ['receipt of another token', 'receipt_mismatch', () => verifier.tryVerify(`${receipt}~${otherToken}`, expected)],
      ['no receipt', 'receipt_missing', () => verifier.tryVerify(login.token, expected)],
    ],
  }
}

/** @param {string} account */
async function anotherIssuersKeys(account) {
  const other = await startSandbox({ vtex: { account } })
  await other.close()
  return other.vtex.jwks
}
