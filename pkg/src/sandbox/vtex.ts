/**
 * VTEX ID: the application token login, the two browser logins, and the online validation.
 *
 * Requests and answers are those of VTEX's OpenAPI description. **Assumed**, for want of a source:
 * the status of a refused `apptoken/login`, the bodies for a wrong method, path or content type,
 * that an empty `scope` at `start` means the admin, and `tokenType` for application keys. VTEX
 * publishes no keys over HTTP, and neither does the sandbox: they are in its handle.
 *
 * The other documented values of `authStatus` are provoked by an `appkey` or a `token` that is one of `triggers`; their
 * status is **assumed** to be that of the browser logins.
 *
 * @module
 */

import { remember } from './memory.js'
import { readOptions } from './options.js'
import type { SandboxRequest } from './request.js'
import { cookieOf, sameText, textOf } from './request.js'
import type { Route, SandboxResponse, SandboxSystem } from './server.js'
import type { Changes, PublicJwkSet } from './signing.js'
import { es256Key, readJws } from './signing.js'
import { loginRoutes } from './vtex-login.js'
import type { VtexBearer, VtexIssuer, VtexPerson } from './vtex-tokens.js'
import { ADMIN, APP_TOKEN_SECONDS, COOKIE, mint, SHOPPER } from './vtex-tokens.js'

/** How VTEX's sandbox is set up. */
export interface VtexSandboxOptions {
  /** The account name, lower-case letters, digits and hyphens. Default `sandboxstore`. */
  account?: string
}

/** VTEX's sandbox: its address, its accounts and its key. */
export interface VtexSandbox {
  /** The documented paths are below it: `{url}/api/vtexid/apptoken/login`. */
  readonly url: string
  /** The account name. */
  readonly account: string
  /** The GUID that the second cookie of a shopper is named after. */
  readonly accountId: string
  /** The `appkey` that is accepted. */
  readonly appKey: string
  /** The `apptoken` that is accepted. */
  readonly appToken: string
  /** A user of the back office. */
  readonly admin: VtexPerson
  /** A shopper. */
  readonly shopper: VtexPerson
  /** The public keys. VTEX publishes none, so they are not served. */
  readonly jwks: PublicJwkSet
  /** Each as an `appkey`, or as a `token` to validate, provokes that `authStatus`. */
  readonly triggers: readonly string[]
  /** A token as that bearer would get it, with `changes`, signed with the same key. */
  mint(bearer: VtexBearer, changes?: Changes): string
}

/**
 * Makes VTEX's part of the sandbox, with a new key.
 *
 * @throws {TypeError} If `account` is not an account name.
 */
export async function vtex(
  given: VtexSandboxOptions,
  clock: () => number,
): Promise<{ system: SandboxSystem; handle: (origin: string) => VtexSandbox }> {
  const { account = 'sandboxstore' } = readOptions(given, 'vtex', { account: 'any' })
  if (typeof account !== 'string' || !/^[a-z0-9-]+$/.test(account)) {
    throw new TypeError('vtex.account must be an account name: a-z, 0-9 and hyphens')
  }
  const appKey = `vtexappkey-${account}-SNDBOX`
  const key = await es256Key()
  const issuer = { key, account, accountId: ACCOUNT_ID, appKey }
  const routes = [...tokenRoutes(issuer), ...loginRoutes(issuer)]
  return {
    system: { name: 'vtex', routes, refuse: ({ status, text }) => message(status, text) },
    handle: (origin) => ({
      url: `${origin}/vtex`,
      account,
      accountId: ACCOUNT_ID,
      appKey,
      appToken: APP_TOKEN,
      admin: ADMIN,
      shopper: SHOPPER,
      jwks: { keys: [key.jwk] },
      triggers: TRIGGERS,
      mint: (bearer, changes) => mint(issuer, bearer, Math.floor(clock()), changes),
    }),
  }
}

type Claims = Readonly<Record<string, unknown>>

function tokenRoutes(issuer: VtexIssuer): readonly Route[] {
  const loggedOut = new Map<string, true>()

  /** The claims of a valid token: signed here, not expired, not logged out. */
  const claimsIn = (token: string | null | undefined, now: number): Claims | null => {
    const claims = readJws(issuer.key, token ?? '')
    if (claims === null || typeof claims.exp !== 'number' || claims.exp <= now) return null
    return loggedOut.has(String(claims.jti)) ? null : claims
  }

  return [
    {
      method: 'POST',
      path: '/api/vtexid/apptoken/login',
      accepts: ['application/json'],
      answer: (call) => logAppIn(issuer, call),
    },
    {
      method: 'POST',
      path: '/api/vtexid/credential/validate',
      accepts: ['application/json'],
      answer: (call) => provoked(call, 'token') ?? validated(claimsIn(textOf(call.fields, 'token'), call.now)),
    },
    {
      method: 'GET',
      path: '/api/vtexid/pub/authenticated/user',
      answer: (call) => userOf(claimsIn(call.query.get('authToken'), call.now)),
    },
    {
      method: 'GET',
      path: '/api/vtexid/pub/logout',
      answer: (call) => {
        const names = cookieNames(issuer)
        for (const name of names) {
          const claims = claimsIn(cookieOf(call, name), call.now)
          if (claims !== null) remember(loggedOut, String(claims.jti), true)
        }
        const gone = names.map((name) => `${name}=; Path=/; Max-Age=0; Secure; HttpOnly`)
        return { status: 200, headers: { 'set-cookie': gone } }
      },
    },
  ]
}

/** The answer that a member provokes by its value, or `null`. */
function provoked(call: SandboxRequest, name: string): SandboxResponse | null {
  const authStatus = TRIGGERS.find((trigger) => trigger === textOf(call.fields, name))
  return authStatus === undefined ? null : { status: 400, body: { authStatus } }
}

function logAppIn(issuer: VtexIssuer, call: SandboxRequest): SandboxResponse {
  const refusal = provoked(call, 'appkey')
  if (refusal !== null) return refusal
  const appKey = textOf(call.fields, 'appkey')
  const appToken = textOf(call.fields, 'apptoken')
  if (appKey === undefined || appToken === undefined) {
    return message(400, 'The appkey or the apptoken is missing.')
  }
  const account = call.query.get('an') ?? issuer.account
  const known = sameText(appKey, issuer.appKey) && sameText(appToken, APP_TOKEN)
  if (!known || account !== issuer.account) return WRONG_CREDENTIALS
  const token = mint(issuer, 'apptoken', call.now)
  const expires = call.now + APP_TOKEN_SECONDS
  return { status: 200, body: { authStatus: 'Success', token, expires } }
}

function validated(claims: Claims | null): SandboxResponse {
  if (claims === null) return WRONG_CREDENTIALS
  const { userId: id, sub: user, account, audience, type: tokenType = 'appkey' } = claims
  const body = { authStatus: 'Success', id, user, account, audience, tokenType }
  return { status: 200, body }
}

function userOf(claims: Claims | null): SandboxResponse {
  const body = claims && { userId: claims.userId, user: claims.sub, userType: 'F' }
  return { status: 200, body }
}

function cookieNames({ account, accountId }: VtexIssuer): readonly string[] {
  return [COOKIE, `${COOKIE}_${account}`, `${COOKIE}_${accountId}`]
}

function message(status: number, text: string): SandboxResponse {
  return { status, body: { message: text } }
}

const WRONG_CREDENTIALS: SandboxResponse = { status: 401, body: { authStatus: 'WrongCredentials' } }
const ACCOUNT_ID = '2f6c1d7e-9b0a-4d58-8e21-6a4f0c3b5d19'
const APP_TOKEN = 'sandbox-vtex-apptoken'
const TRIGGERS: readonly string[] = ['InvalidToken', 'InvalidEmail']
