/**
 * The claims of VTEX's tokens, and the persons they are about.
 *
 * @module
 */

import { randomUUID } from 'node:crypto'
import type { Changes, SigningKey } from './signing.js'
import { signJws, withChanges } from './signing.js'

/** Someone who can log in. */
export interface VtexPerson {
  /** The e-mail address: the user name of the login. */
  readonly email: string
  /** The `userId` of the person's tokens. */
  readonly userId: string
  /** The password of the login. */
  readonly password: string
  /** The code that VTEX would send by e-mail. */
  readonly accessKey: string
}

/** Whose token: an API key's, an administrator's or a shopper's. */
export type VtexBearer = 'apptoken' | 'admin' | 'shopper'

/** What signs the tokens, and whose they are. */
export interface VtexIssuer {
  readonly key: SigningKey
  readonly account: string
  readonly accountId: string
  readonly appKey: string
}

/** The cookie of an administrator; a shopper's have a suffix. */
export const COOKIE = 'VtexIdclientAutCookie'

/** Six hours, as in the example of VTEX's API description. */
export const APP_TOKEN_SECONDS = 21_600

/** The administrator whom the sandbox knows. */
export const ADMIN: VtexPerson = {
  email: 'admin@sandboxstore.example',
  userId: '8c3a1f90-2b47-4e6d-9d05-71e8b4a6c3f2',
  password: 'sandbox-admin-password',
  accessKey: '314159',
}

/** The shopper whom the sandbox knows. */
export const SHOPPER: VtexPerson = {
  email: 'shopper@mail.example',
  userId: 'e47b9d12-60f3-4a8c-8b1e-95d2c7f0a386',
  password: 'sandbox-shopper-password',
  accessKey: '271828',
}

/**
 * A token of `bearer`, issued at `now`, that differs by `changes`.
 *
 * @param now Seconds since the Unix epoch.
 */
export function mint({ key, account, appKey }: VtexIssuer, bearer: VtexBearer, now: number, changes?: Changes): string {
  const owner = bearer === 'apptoken' ? appClaims(appKey, now) : personClaims(bearer, now)
  const claims = { ...owner, account, iat: now, iss: 'token-emitter', jti: randomUUID() }
  return signJws(
    key,
    withChanges({ alg: 'ES256', kid: key.jwk.kid, typ: 'jwt' }, changes, 'header'),
    withChanges(claims, changes, 'claims'),
  )
}

function appClaims(appKey: string, now: number): object {
  return { sub: appKey, audience: 'admin', exp: now + APP_TOKEN_SECONDS, userId: APP_USER_ID }
}

function personClaims(bearer: 'admin' | 'shopper', now: number): object {
  const person = bearer === 'admin' ? ADMIN : SHOPPER
  return {
    sub: person.email,
    audience: bearer === 'admin' ? 'admin' : 'webstore',
    sess: randomUUID(),
    exp: now + USER_TOKEN_SECONDS,
    type: 'user',
    userId: person.userId,
  }
}

const USER_TOKEN_SECONDS = 86_400
const APP_USER_ID = '5d0e8a34-71c2-4f1b-b0a9-38c6d2e7f415'
