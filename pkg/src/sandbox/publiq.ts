/**
 * publiq's authorization server: client access tokens in the three shapes it has issued.
 *
 * The request and the answer are publiq's documented ones. Its error bodies are not documented:
 * they are **assumed** to be those of RFC 6749 section 5.2. The paths of the JWK Sets and the
 * issuer under Keycloak are **assumed** to be the usual ones of Auth0 and Keycloak.
 *
 * A `client_id` that is one of `triggers` provokes that error.
 *
 * @module
 */

import { randomUUID } from 'node:crypto'

import { granted, oauthError, PROVOKED, refuseClient } from './oauth.js'
import { readOptions } from './options.js'
import type { FaultWords, SandboxRequest } from './request.js'
import { basicCredentials, textOf } from './request.js'
import type { Route, SandboxResponse, SandboxSystem } from './server.js'
import type { Changes, PublicJwkSet, SigningKey } from './signing.js'
import { rsaKey, signJws, withChanges } from './signing.js'

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
  /** The `client_id` that is accepted. */
  readonly clientId: string
  /** The `client_secret` that is accepted. */
  readonly clientSecret: string
  /** The environment that decides the `iss` of its tokens. */
  readonly environment: 'test' | 'acceptance' | 'production'
  /** The one audience of every token, `https://api.publiq.be`. */
  readonly audience: string
  /** The scope-tokens that its client may request. */
  readonly scopes: readonly string[]
  /** The short names of the APIs that its client may use. */
  readonly apis: readonly string[]
  /** The `iss` of each era. */
  readonly issuers: Readonly<Record<PubliqEra, string>>
  /** Every signing key, Auth0's and Keycloak's. */
  readonly jwks: PublicJwkSet
  /** Each as the `client_id` of a token request provokes that error of RFC 6749, RFC 8707 or Auth0. */
  readonly triggers: readonly string[]
  /** The addresses of the JWK Sets, by issuer. */
  readonly jwksUrls: {
    /** Of the issuer on Auth0. */
    readonly auth0: string
    /** Of the issuer on Keycloak. */
    readonly keycloak: string
  }
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
): Promise<{ system: SandboxSystem; handle: (origin: string) => PubliqSandbox }> {
  const options = readOptions(given, 'publiq', {
    environment: ['test', 'acceptance', 'production'],
    scopes: 'any',
    apis: 'any',
  })
  const [auth0, keycloak, encryption] = await Promise.all([rsaKey('RS256'), rsaKey('RS256'), rsaKey('RSA-OAEP')])
  const environment = options.environment ?? 'test'
  const scopes = options.scopes ?? DEFAULT_SCOPES
  const apis = options.apis ?? DEFAULT_APIS
  const issuers = ISSUERS[environment]
  const issuer = { auth0, keycloak, encryption, issuers, scopes, apis }
  return {
    system: { name: 'publiq', routes: routesOf(issuer), refuse: refuseFault },
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
      triggers: [...PROVOKED.keys()],
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
      answer: (call) => refuse(call) ?? fromAuth0(issuer, call),
    },
    {
      method: 'POST',
      path: `${REALM}/protocol/openid-connect/token`,
      accepts: ['application/x-www-form-urlencoded'],
      answer: (call) => refuse(call) ?? granted(mint(issuer, 'keycloak', call.now, []), LIFETIME_SECONDS),
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

function fromAuth0(issuer: Issuer, call: SandboxRequest): SandboxResponse {
  const audience = textOf(call.fields, 'audience')
  if (audience === undefined) return oauthError(400, 'invalid_request', 'audience is missing')
  if (audience !== AUDIENCE) return oauthError(403, 'access_denied', 'unknown audience')
  if (!Object.hasOwn(call.fields, 'scope')) return granted(mint(issuer, 'apis', call.now, []), LIFETIME_SECONDS)
  const scope = textOf(call.fields, 'scope')
  if (scope === undefined) return oauthError(400, 'invalid_scope', 'scope is not readable')
  const asked = scope.split(' ')
  if (!asked.every((one) => issuer.scopes.includes(one))) {
    return oauthError(400, 'invalid_scope', 'a scope is not granted to this client')
  }
  return granted(mint(issuer, 'scopes', call.now, asked), LIFETIME_SECONDS, scope)
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
    withChanges({ alg: 'RS256', typ: 'JWT', kid: key.jwk.kid }, changes, 'header'),
    withChanges({ ...common, ...claimsOf(era, scope, apis) }, changes, 'claims'),
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

/** The refusal of a token request, or `null`. A client whose id is a code of {@link PROVOKED} gets that error. */
function refuse(call: SandboxRequest): SandboxResponse | null {
  const asked = basicCredentials(call)?.user ?? textOf(call.fields, 'client_id') ?? ''
  return PROVOKED.get(asked) ?? refuseClient(call, CLIENT, 'publiq')
}

/** A fault of a request, with the codes of RFC 6749: they know no other media type and no length. */
function refuseFault({ status, code, text }: FaultWords): SandboxResponse {
  const known = new Map([
    [403, 'access_denied'],
    [404, code],
    [500, 'server_error'],
  ])
  return oauthError(status === 415 ? 400 : status, known.get(status) ?? 'invalid_request', text)
}

const AUDIENCE = 'https://api.publiq.be'
const LIFETIME_SECONDS = 86_400
const CLIENT_ID = 'sandbox-publiq-client'
const CLIENT_SECRET = 'sandbox-publiq-secret'
const CLIENT = { id: CLIENT_ID, secret: CLIENT_SECRET }
const SERVICE_ACCOUNT = '7d1b5b0e-3f0a-4c6e-9a53-0d0f6a1c2e44'
const DEFAULT_SCOPES = ['https://api.publiq.be/auth/uitpas', 'https://api.publiq.be/auth/uitdatabank-entry']
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
