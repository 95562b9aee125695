/**
 * publiq's authorization server: client access tokens in the three shapes it has issued.
 *
 * The request and the answer are publiq's documented ones. Its error bodies are not documented:
 * they are **assumed** to be those of RFC 6749 section 5.2. The paths of the JWK Sets and the
 * issuer under Keycloak are **assumed** to be the usual ones of Auth0 and Keycloak.
 *
 * @module
 */

import { randomUUID } from 'node:crypto'

import { readOptions } from './options.js'
import { basicCredentials, formDecoded, headerOf, sameText, textOf } from './request.js'
import type { Call, FaultWords } from './request.js'
import type { Answer, Route, System } from './server.js'
import { rsaKey, signJws, withChanges } from './signing.js'
import type { Changes, PublicJwkSet, SigningKey } from './signing.js'

/**
 * Which generation of publiq's tokens.
 *
 * - `scopes`: Auth0, access by `permissions` and `scope`.
 * - `apis`: Auth0, access by the claim `https://publiq.be/publiq-apis`.
 * - `keycloak`: Keycloak, the same claim.
 */
export type PubliqEra = 'scopes' | 'apis' | 'keycloak'

/** How publiq's sandbox is set up. */
export interface PubliqSandboxOptions {
  /** Decides the `iss` of its tokens. Default `test`. */
  environment?: 'test' | 'acceptance' | 'production'
  /** The scope-tokens that its client may ask for. Default uitpas and uitdatabank-entry. */
  scopes?: readonly string[]
  /** The short names of the APIs that its client may use. Default `ups sapi entry`. */
  apis?: readonly string[]
}

/** publiq's sandbox: its address, its credentials and what its tokens hold. */
export interface PubliqSandbox {
  /** The documented paths are below it: `{url}/oauth/token`. */
  readonly url: string
  readonly clientId: string
  readonly clientSecret: string
  readonly environment: 'test' | 'acceptance' | 'production'
  /** The one audience of every token, `https://api.publiq.be`. */
  readonly audience: string
  readonly scopes: readonly string[]
  readonly apis: readonly string[]
  /** The `iss` of each era. */
  readonly issuers: Readonly<Record<PubliqEra, string>>
  /** Every signing key, Auth0's and Keycloak's. */
  readonly jwks: PublicJwkSet
  /** The addresses of the JWK Sets, by issuer. */
  readonly jwksUrls: { readonly auth0: string; readonly keycloak: string }
  /** A token of `era` with `changes`, signed with the key of its issuer. */
  mint(era: PubliqEra, changes?: Changes): string
}

/**
 * Makes publiq's part of the sandbox, with new keys.
 *
 * @throws {TypeError} If an option is unknown or not one of its values.
 */
export async function publiq(
  given: PubliqSandboxOptions,
  clock: () => number,
): Promise<{ system: System; handle: (origin: string) => PubliqSandbox }> {
  const options = readOptions(given, 'publiq', {
    environment: ['test', 'acceptance', 'production'],
    scopes: 'any',
    apis: 'any',
  })
  const [auth0, keycloak, encryption] = await Promise.all([
    rsaKey('RS256'),
    rsaKey('RS256'),
    rsaKey('RSA-OAEP'),
  ])
  const environment = options.environment ?? 'test'
  const scopes = options.scopes ?? DEFAULT_SCOPES
  const apis = options.apis ?? DEFAULT_APIS
  const issuers = ISSUERS[environment]
  const issuer = { auth0, keycloak, encryption, issuers, scopes, apis }
  return {
    system: { name: 'publiq', routes: routesOf(issuer), refuse },
    handle: (origin) => ({
      url: `${origin}/publiq`,
      clientId: CLIENT_ID,
      clientSecret: CLIENT_SECRET,
      environment,
      audience: AUDIENCE,
      scopes,
      apis,
      issuers,
      jwks: { keys: [auth0.jwk, keycloak.jwk] },
      jwksUrls: {
        auth0: `${origin}/publiq${AUTH0_JWKS}`,
        keycloak: `${origin}/publiq${KEYCLOAK_JWKS}`,
      },
      mint: (era, changes) => mint(issuer, era, Math.floor(clock()), scopes, changes),
    }),
  }
}

interface Issuer {
  readonly auth0: SigningKey
  readonly keycloak: SigningKey
  /** Keycloak's set also holds an encryption key, which must never verify a token. */
  readonly encryption: SigningKey
  readonly issuers: PubliqSandbox['issuers']
  readonly scopes: readonly string[]
  readonly apis: readonly string[]
}

function routesOf(issuer: Issuer): readonly Route[] {
  const { auth0, keycloak, encryption } = issuer
  return [
    {
      method: 'POST',
      path: '/oauth/token',
      accepts: ['application/json', 'application/x-www-form-urlencoded'],
      answer: (call) => refuseClient(call) ?? fromAuth0(issuer, call),
    },
    {
      method: 'POST',
      path: `${REALM}/protocol/openid-connect/token`,
      accepts: ['application/x-www-form-urlencoded'],
      answer: (call) => refuseClient(call) ?? granted(mint(issuer, 'keycloak', call.now, [])),
    },
    {
      method: 'GET',
      path: AUTH0_JWKS,
      answer: () => ({ status: 200, body: { keys: [auth0.jwk] } }),
    },
    {
      method: 'GET',
      path: KEYCLOAK_JWKS,
      answer: () => ({ status: 200, body: { keys: [encryption.jwk, keycloak.jwk] } }),
    },
  ]
}

function fromAuth0(issuer: Issuer, call: Call): Answer {
  const audience = textOf(call.fields, 'audience')
  if (audience === undefined) return oauthError(400, 'invalid_request', 'audience is missing')
  if (audience !== AUDIENCE) return oauthError(403, 'access_denied', 'unknown audience')
  if (!Object.hasOwn(call.fields, 'scope')) return granted(mint(issuer, 'apis', call.now, []))
  const scope = textOf(call.fields, 'scope')
  if (scope === undefined) return oauthError(400, 'invalid_scope', 'scope is not readable')
  const asked = scope.split(' ')
  if (!asked.every((one) => issuer.scopes.includes(one))) {
    return oauthError(400, 'invalid_scope', 'a scope is not granted to this client')
  }
  return granted(mint(issuer, 'scopes', call.now, asked), scope)
}

function mint(
  { auth0, keycloak, issuers, apis }: Issuer,
  era: PubliqEra,
  now: number,
  scope: readonly string[],
  changes?: Changes,
): string {
  const key = era === 'keycloak' ? keycloak : auth0
  const times = { iat: now, exp: now + LIFETIME_SECONDS }
  const common = { iss: issuers[era], aud: AUDIENCE, ...times, azp: CLIENT_ID }
  return signJws(
    key,
    withChanges({ alg: 'RS256', typ: 'JWT', kid: key.jwk.kid }, changes?.header),
    withChanges({ ...common, ...claimsOf(era, scope, apis) }, changes?.claims),
  )
}

function claimsOf(era: PubliqEra, scope: readonly string[], apis: readonly string[]): object {
  const auth0 = { sub: `${CLIENT_ID}@clients`, gty: 'client-credentials' }
  const access = {
    'https://publiq.be/publiq-apis': apis.join(' '),
    'https://publiq.be/client-name': 'countersign sandbox',
  }
  switch (era) {
    case 'scopes':
      return { ...auth0, scope: scope.join(' '), permissions: scope }
    case 'apis':
      return { ...auth0, ...access }
    case 'keycloak':
      // Keycloak names the token's type in the payload.
      return { sub: SERVICE_ACCOUNT, typ: 'Bearer', jti: randomUUID(), ...access }
  }
}

/** The refusal of a token request that is not a client's own (RFC 6749 section 4.4), or `null`. */
function refuseClient(call: Call): Answer | null {
  const grantType = textOf(call.fields, 'grant_type')
  if (grantType === undefined) return oauthError(400, 'invalid_request', 'grant_type is missing')
  if (grantType !== 'client_credentials') {
    return oauthError(400, 'unsupported_grant_type', 'only client_credentials is supported')
  }
  const inBody = Object.hasOwn(call.fields, 'client_secret')
  const inHeader = headerOf(call, 'authorization') !== undefined
  // Section 2.3: not more than one method in each request.
  if (inBody && inHeader) return oauthError(400, 'invalid_request', 'two client authentications')
  // Section 2.3.1: id and secret are form-urlencoded before HTTP Basic joins them.
  const basic = inHeader ? basicCredentials(call) : null
  const id = basic === null ? textOf(call.fields, 'client_id') : formDecoded(basic.user)
  const secret = basic === null ? textOf(call.fields, 'client_secret') : formDecoded(basic.password)
  if (!inHeader && (id === undefined || secret === undefined)) {
    return oauthError(400, 'invalid_request', 'client_id or client_secret is missing')
  }
  if (sameText(id, CLIENT_ID) && sameText(secret, CLIENT_SECRET)) return null
  const refusal = oauthError(401, 'invalid_client', 'client authentication failed')
  // Section 5.2: the answer to a request with the header names the scheme.
  return inHeader ? { ...refusal, headers: { ...NOT_CACHED, 'www-authenticate': 'Basic realm="publiq"' } } : refusal
}

function granted(token: string, scope?: string): Answer {
  return {
    status: 200,
    headers: NOT_CACHED,
    body: {
      access_token: token,
      ...(scope === undefined ? {} : { scope }),
      expires_in: LIFETIME_SECONDS,
      token_type: 'Bearer',
    },
  }
}

function oauthError(status: number, error: string, description: string): Answer {
  return { status, headers: NOT_CACHED, body: { error, error_description: description } }
}

/** A fault of a request, with the codes of RFC 6749: they know no other media type and no length. */
function refuse({ status, code, text }: FaultWords): Answer {
  const known = new Map([
    [403, 'access_denied'],
    [404, code],
    [500, 'server_error'],
  ])
  return oauthError(status === 415 ? 400 : status, known.get(status) ?? 'invalid_request', text)
}

/** RFC 6749 section 5.1 asks for it beside `cache-control`. */
const NOT_CACHED = { pragma: 'no-cache' }

const AUDIENCE = 'https://api.publiq.be'
const LIFETIME_SECONDS = 86_400
const CLIENT_ID = 'sandbox-publiq-client'
const CLIENT_SECRET = 'sandbox-publiq-secret'
const SERVICE_ACCOUNT = '7d1b5b0e-3f0a-4c6e-9a53-0d0f6a1c2e44'
const DEFAULT_SCOPES = [
  'https://api.publiq.be/auth/uitpas',
  'https://api.publiq.be/auth/uitdatabank-entry',
]
const DEFAULT_APIS = ['ups', 'sapi', 'entry']

const REALM = '/realms/uitid'
const AUTH0_JWKS = '/.well-known/jwks.json'
const KEYCLOAK_JWKS = `${REALM}/protocol/openid-connect/certs`

const ISSUERS: Record<PubliqSandbox['environment'], Record<PubliqEra, string>> = {
  test: {
    scopes: 'https://publiq-test.eu.auth0.com/',
    apis: 'https://account-test.uitid.be/',
    keycloak: 'https://account-test.uitid.be/realms/uitid',
  },
  acceptance: {
    scopes: 'https://publiq-acc.eu.auth0.com/',
    apis: 'https://account-acc.uitid.be/',
    keycloak: 'https://account-acc.uitid.be/realms/uitid',
  },
  production: {
    scopes: 'https://publiq.eu.auth0.com/',
    apis: 'https://account.uitid.be/',
    keycloak: 'https://account.uitid.be/realms/uitid',
  },
}
