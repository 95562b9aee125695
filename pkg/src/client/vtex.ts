/**
 * VTEX's user token: of an application key, or one that VTEX validates.
 *
 * @module
 */

import type { ReceiptKey } from '../types.js'
import { ask } from './endpoint.js'
import { refuseBrowser } from './environment.js'
import { ClientError, refusalOf } from './error.js'
import { payloadOf } from './granted.js'
import type { ConnectionOptions, CountersignedToken } from './receipts.js'
import { countersigned, readBaseUrl, readParts, tryReceipt } from './receipts.js'

/** Whose token it is. */
export interface VtexTokenOptions {
  /** The request. */
  api: ConnectionOptions & {
    /** The account name: a-z, 0-9 and hyphens. The receipt binds to it. */
    account: string
  } & (
      | {
          /** Logs an application in: `POST /api/vtexid/apptoken/login`. */
          appKey: string
          /** The application's secret, sent as `appToken`. */
          appToken: string
          token?: never
        }
      | {
          /** A user's token, which VTEX validates: `POST /api/vtexid/credential/validate`. */
          token: string
          appKey?: never
          appToken?: never
        }
    )
  /** What the receipt holds beside. */
  receipt: {
    /** The receipt's `iss`: this backend. */
    issuer: string
    /**
     * How long the receipt is valid, in seconds, at most until the token ends. A logout in this time is not seen.
     * Default: until the token ends, for an application; 300 for a user's token.
     */
    lifetimeSeconds?: number
  }
  /** Signs the receipt. */
  key: ReceiptKey
}

/** A user token with its receipt. */
export interface VtexToken extends CountersignedToken {
  /** What the receipt binds to: `account`, `audience` ("admin" or "webstore") and `user`. */
  readonly bind: {
    /** The account name. */
    readonly account: string
    /** "admin" or "webstore". */
    readonly audience: string
    /** The user: `user` of VTEX's answer, or `sub` of an application's token. */
    readonly user: string
  }
}

/** The receipt's lifetime for a user's token, in seconds. */
const VALIDATED_SECONDS = 300

/**
 * Logs an application in, or has VTEX validate a user's token once, and countersigns the token.
 *
 * One request: nothing is sent again. VTEX publishes no keys, so the receipt is what others verify:
 * `new Verifier({ issuer, audience: null, evidence: 'receipt', bind: ['account', 'audience'], keys })`.
 *
 * @throws {TypeError} For an unknown option or an invalid value, before the request; and in a browser.
 * @throws {ClientError} With VTEX's documented `authStatus`, or a code of ours.
 */
export async function vtexToken(options: VtexTokenOptions): Promise<VtexToken> {
  refuseBrowser()
  const { api, receipt, key } = readParts(options)
  const account = api.text('account')
  if (!/^[a-z0-9-]+$/.test(account))
    throw new TypeError('options.api.account must be an account name: a-z, 0-9 and hyphens')
  const given = api.optionalText('token')
  const application = given === undefined ? { appkey: api.text('appKey'), apptoken: api.text('appToken') } : undefined
  const base = readBaseUrl(api, `${account}.vtexcommercestable.com.br`)
  const connection = api.connection()
  const issuer = receipt.text('issuer')
  const longest =
    receipt.seconds('lifetimeSeconds') ?? (given === undefined ? Number.MAX_SAFE_INTEGER : VALIDATED_SECONDS)
  api.end()
  receipt.end()
  tryReceipt({ issuer, expires: Date.now() / 1000 + 60, bind: { account } }, key)

  const path = given === undefined ? 'apptoken/login' : 'credential/validate'
  const { status, body } = await ask(connection, `${base}/api/vtexid/${path}`, {
    method: 'POST',
    headers: [['content-type', 'application/json']],
    body: JSON.stringify(application ?? { token: given }),
  })
  if (status !== 200 || body.authStatus !== 'Success') throw refusalOf(body.authStatus, status)
  const token = given ?? body.token
  if (typeof token !== 'string') throw new ClientError('response_invalid', status)
  const claims = payloadOf(token)
  // VTEX itself has just issued or validated the token: its claims need no signature here.
  const { account: owner, audience, user } = given === undefined ? { ...claims, user: claims.sub } : body
  const ends = Number(given === undefined ? body.expires : claims.exp)
  if (owner !== account || typeof audience !== 'string' || typeof user !== 'string' || !(ends > 0)) {
    throw new ClientError('response_invalid', status)
  }
  const bind = { account, audience, user }
  const expires = Math.floor(Math.min(ends, Date.now() / 1000 + longest))
  return { ...countersigned(token, () => ({ issuer, expires, bind }), key, status), bind }
}
