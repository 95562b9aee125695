/**
 * VTEX's browser login in three requests: `start` opens it, `accesskey/send` has a code sent, and
 * `accesskey/validate` ends it and sets the cookies. `classic/validate` ends it with a password.
 *
 * @module
 */

import { randomUUID } from 'node:crypto'

import { remember } from './memory.js'
import type { SandboxRequest } from './request.js'
import { cookieOf, sameText, textOf } from './request.js'
import type { Route, SandboxResponse } from './server.js'
import type { VtexIssuer, VtexPerson } from './vtex-tokens.js'
import { ADMIN, COOKIE, mint, SHOPPER } from './vtex-tokens.js'

/** A login that was started; `sentTo` has a code. */
interface Login {
  readonly bearer: 'admin' | 'shopper'
  readonly sentTo: string | null
}

/** The routes of both logins, the administrator's and the shopper's. */
export function loginRoutes(issuer: VtexIssuer): readonly Route[] {
  const logins = new Map<string, Login>()
  const accepts = ['multipart/form-data', 'application/x-www-form-urlencoded'] as const
  const path = '/api/vtexid/pub/authentication'
  return [
    {
      method: 'GET',
      path: `${path}/start`,
      answer: (call) => start(logins, issuer.account, call),
    },
    {
      method: 'POST',
      path: `${path}/accesskey/send`,
      accepts,
      answer: (call) => send(logins, call),
    },
    {
      method: 'POST',
      path: `${path}/accesskey/validate`,
      accepts,
      answer: (call) => finish(logins, issuer, call, 'accesskey'),
    },
    {
      method: 'POST',
      path: `${path}/classic/validate`,
      accepts,
      answer: (call) => finish(logins, issuer, call, 'password'),
    },
  ]
}

function start(logins: Map<string, Login>, account: string, call: SandboxRequest): SandboxResponse {
  const scope = call.query.get('scope') ?? ''
  if (scope !== '' && scope !== account) {
    return { status: 400, body: { message: 'The scope is not this account.' } }
  }
  const token = randomUUID().replaceAll('-', '').toUpperCase()
  remember(logins, token, { bearer: scope === '' ? 'admin' : 'shopper', sentTo: null })
  return {
    status: 200,
    headers: { 'set-cookie': `_vss=${token}; Path=/; Secure; HttpOnly; SameSite=Lax` },
    body: {
      authenticationToken: token,
      oauthProviders: [],
      samlProviders: [],
      showClassicAuthentication: true,
      showAccessKeyAuthentication: true,
      showPasskeyAuthentication: false,
      authCookie: null,
      isAuthenticated: false,
      selectedProvider: null,
    },
  }
}

function send(logins: Map<string, Login>, call: SandboxRequest): SandboxResponse {
  const token = loginToken(call)
  const login = logins.get(token)
  if (login === undefined) return refused('InvalidToken')
  const email = given(call, 'email')
  if (email === undefined || !/^[^\s@]+@[^\s@]+$/.test(email)) return refused('InvalidEmail')
  remember(logins, token, { ...login, sentTo: email })
  return { status: 200 }
}

function finish(
  logins: Map<string, Login>,
  issuer: VtexIssuer,
  call: SandboxRequest,
  secretName: 'accesskey' | 'password',
): SandboxResponse {
  const token = loginToken(call)
  const login = logins.get(token)
  if (login === undefined) return refused('InvalidToken')
  const email = given(call, 'login')
  if (email === undefined) return refused('InvalidEmail')
  const person = login.bearer === 'admin' ? ADMIN : SHOPPER
  const secret = secretName === 'password' ? person.password : person.accessKey
  const sent = secretName === 'password' || login.sentTo === email
  if (email !== person.email || !sent || !sameText(given(call, secretName), secret)) {
    return refused('WrongCredentials')
  }
  logins.delete(token)
  return loggedIn(issuer, login.bearer, person, call.now)
}

/** A shopper gets two cookies with the same token, an administrator the one without a suffix. */
function loggedIn(issuer: VtexIssuer, bearer: 'admin' | 'shopper', person: VtexPerson, now: number): SandboxResponse {
  const token = mint(issuer, bearer, now)
  const { account, accountId } = issuer
  const names = bearer === 'admin' ? [COOKIE] : [`${COOKIE}_${account}`, `${COOKIE}_${accountId}`]
  const [authCookie, accountAuthCookie = null] = names.map((Name) => ({ Name, Value: token }))
  const attributes = `Path=/; Max-Age=${COOKIE_SECONDS}; Secure; HttpOnly; SameSite=Lax`
  return {
    status: 200,
    headers: { 'set-cookie': names.map((name) => `${name}=${token}; ${attributes}`) },
    body: {
      authStatus: 'Success',
      promptMFA: false,
      clientToken: null,
      authCookie,
      accountAuthCookie,
      expiresIn: COOKIE_SECONDS,
      userId: person.userId,
      phoneNumber: null,
      scope: null,
    },
  }
}

/** A refusal has the members of a success, without what they would hold. */
function refused(authStatus: 'InvalidToken' | 'InvalidEmail' | 'WrongCredentials'): SandboxResponse {
  return {
    status: 400,
    body: {
      authStatus,
      promptMFA: false,
      clientToken: null,
      authCookie: null,
      accountAuthCookie: null,
      expiresIn: 0,
      userId: null,
      phoneNumber: null,
      scope: null,
    },
  }
}

/** Names the login: the cookie that `start` set, or the parameter that clients send instead. */
function loginToken(call: SandboxRequest): string {
  return given(call, 'authenticationToken') ?? cookieOf(call, '_vss') ?? ''
}

/** A form field, or the query parameter of that name: VTEX ID reads both. */
function given(call: SandboxRequest, name: string): string | undefined {
  return textOf(call.fields, name) ?? (call.query.get(name) || undefined)
}

/** What VTEX says of the cookie, a second less than the token's life. */
const COOKIE_SECONDS = 86_399
