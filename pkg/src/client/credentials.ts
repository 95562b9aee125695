/**
 * A client access token by the client credentials grant (RFC 6749 section 4.4), obtained once and kept.
 *
 * @module
 */

import type { Disposes } from '../types.js'
import type { ClientKey } from './authentication.js'
import type { AuthorizedFetch } from './authorized.js'
import { authorizedFetch } from './authorized.js'
import type { Dpop } from './dpop.js'
import type { EndpointResponse } from './endpoint.js'
import { ask } from './endpoint.js'
import { refuseBrowser } from './environment.js'
import { ClientError, refusalOf } from './error.js'
import { readGranted } from './granted.js'
import { findTokenEndpoint } from './issuer.js'
import type { Keeps, Source } from './keeper.js'
import { Keeper } from './keeper.js'
import { OptionsReader } from './options.js'
import type { ClientSettings } from './settings.js'
import { readSettings } from './settings.js'
import type { TokenStorage } from './storage.js'
import { readStored, storageKey, writeStored } from './storage.js'

/** Where a token comes from, who asks for it, and where it may go. */
export type ClientCredentialsOptions = ClientCredentialsCommon &
  (
    | {
        /** The token endpoint: https, or http on loopback. */
        tokenUrl: string
        /** With `privateKey`: the audience of the assertion. Default: `tokenUrl`. */
        issuer?: string
      }
    | {
        /** The issuer, whose metadata names the token endpoint (RFC 8414, OpenID Connect Discovery). */
        issuer: string
        tokenUrl?: never
      }
  ) &
  (
    | {
        /** The secret that the issuer gave the client (RFC 6749 section 2.3.1). */
        clientSecret: string
        /**
         * How the client authenticates: HTTP Basic, members of a form, or members of a JSON body (Auth0, publiq).
         * Default "basic".
         */
        auth?: 'basic' | 'post' | 'json'
        privateKey?: never
      }
    | {
        /**
         * Signs an assertion (`private_key_jwt`, RFC 7523) with ES256, ES384, RS256, PS256 or EdDSA: a private JWK, a
         * private `CryptoKey`, or `{ key, kid }` with the `kid` that the issuer knows a `CryptoKey` by.
         */
        privateKey: ClientKey
        clientSecret?: never
        auth?: never
      }
  )

/** The options of every client. */
export interface ClientCredentialsCommon {
  /** The client identifier that the issuer registered (RFC 6749 section 2.2). */
  clientId: string
  /** Scope-tokens, space-delimited (RFC 6749 section 3.3). */
  scope?: string
  /** The `audience` parameter of Auth0 and publiq. */
  audience?: string
  /** Target services as absolute URIs, without a fragment (RFC 8707 section 2). */
  resource?: string | readonly string[]
  /** Further parameters of the token request. */
  extra?: Readonly<Record<string, string>>
  /** The origins that `fetch` sends the token to, e.g. `https://api.example`. Default: none. */
  origins?: readonly string[]
  /** How long before its end a token is renewed, in seconds. Default: a tenth of its life, at most 120. */
  renewBeforeSeconds?: number
  /** The longest that a token request takes, in seconds. Default 5. */
  timeoutSeconds?: number
  /** The lifetime of a token whose answer has no `expires_in`, in seconds. Default: its `exp`, else 60. */
  lifetimeSeconds?: number
  /** Sends token requests and those of `fetch`. Default: the runtime's. */
  fetch?: (input: Request | string, init: RequestInit) => Promise<Response>
  /** In workerd: keeps the runtime at work after the response. Default: that of `cloudflare:workers`. */
  waitUntil?: (promise: Promise<unknown>) => void
  /**
   * Binds the token to a key (RFC 9449): `dpop()`. A token that comes back unbound is refused. Its proofs go with token
   * requests and those of `fetch`. Default: tokens are not bound.
   */
  dpop?: Dpop
  /** Keeps the token for other isolates. What is written is a credential. With `dpop` they need the same key pair. */
  storage?: TokenStorage
  /** Seconds since the Unix epoch. Default: the runtime's clock. */
  clock?: () => number
}

/** What a client has done since it was made. */
export interface ClientStats {
  /** Tokens handed out, by `token()` and `fetch`. */
  readonly calls: number
  /** Token requests. The requests for an issuer's metadata are not counted. */
  readonly requests: number
  /** Those of them that failed. */
  readonly failures: number
  /** Reads and writes of `storage` that failed. */
  readonly storageFailures: number
}

/** A token, kept. `[Symbol.dispose]` forgets it; the client cannot be used any more. */
export interface TokenClient extends Disposes {
  /**
   * An access token that is alive: at once while it is not due, and during its renewal.
   *
   * @param options `fresh`: if true, the token in hand was refused, and another one is returned, unless it replaced one less
   *   than 30 s ago. Default false. `refused`: the same, naming the token that was refused. Default: none.
   * @throws {ClientError} If there is no token, and none can be had now.
   */
  token(options?: { readonly fresh?: boolean; readonly refused?: string }): Promise<string>
  /**
   * `fetch` with the token in its Authorization header. It follows no redirect. After a 401 that is about the token, it
   * sends the request once more with another token, unless its body is a stream or that of a `Request`. With `dpop` it
   * adds a proof, and after a 401 that asks for another nonce it sends the request once more, too.
   *
   * @throws {TypeError} If the request's origin is not listed.
   * @throws {ClientError} As {@link TokenClient.token}.
   */
  readonly fetch: AuthorizedFetch
  /** What this client has done. */
  readonly stats: ClientStats
}

/** No request begins for so long after an answer that will not change by itself, in seconds. */
const HOPELESS_SECONDS = 30

/** The longest `Retry-After` that is obeyed, in seconds. */
const MAX_RETRY_AFTER_SECONDS = 300

/**
 * Obtains a client access token by the client credentials grant, keeps it, and renews it before it ends.
 *
 * Make one client and share it: each has a token of its own.
 *
 * @throws {TypeError} For an unknown option, an invalid value, and in a browser.
 *
 * @example
 * ```js
 * const publiq = clientCredentials({
 *   tokenUrl: 'https://account-test.uitid.be/oauth/token',
 *   clientId: process.env.PUBLIQ_CLIENT_ID,
 *   clientSecret: process.env.PUBLIQ_CLIENT_SECRET,
 *   auth: 'json',
 *   audience: 'https://api.publiq.be',
 *   origins: ['https://api-test.uitpas.be'],
 * })
 * const response = await publiq.fetch('https://api-test.uitpas.be/organizers')
 * ```
 */
export function clientCredentials(options: ClientCredentialsOptions): TokenClient {
  refuseBrowser()
  const settings = readSettings(options)
  const { clock, renewBeforeSeconds, waitUntil, connection, origins } = settings
  const { timeoutSeconds, send } = connection
  const keeper = new Keeper(sourceOf(settings), { clock, timeoutSeconds, renewBeforeSeconds, waitUntil })
  let calls = 0
  const counted: Keeps = {
    current: () => {
      calls += 1
      return keeper.current()
    },
    replace: (refused) => {
      calls += 1
      return keeper.replace(refused)
    },
  }
  return Object.freeze({
    token: async (given: { readonly fresh?: boolean; readonly refused?: string } = {}) => {
      const asked = new OptionsReader(given, 'options')
      const fresh = asked.flag('fresh')
      const refused = asked.optionalText('refused')
      asked.end()
      const hand = fresh || refused !== undefined ? await counted.replace(refused) : await counted.current()
      return hand.token
    },
    fetch: authorizedFetch(counted, origins, send, settings),
    get stats() {
      return { calls, ...keeper.stats }
    },
    [Symbol.dispose]: () => keeper.dispose(),
  })
}

/** The requests of a client, and its storage. */
function sourceOf(settings: ClientSettings): Source {
  const { tokenUrl, issuer, authenticate, isJson, parameters, connection, clock, lifetimeSeconds, storage } = settings
  const { clientId, dpop } = settings
  let endpoint = tokenUrl
  let retryAfterSeconds = 0
  // Not once for all: a promise of one request must not be awaited in another.
  const key = async (): Promise<string> => {
    const bound = dpop === undefined ? [] : [await dpop.thumbprint()]
    return storageKey([tokenUrl ?? issuer, clientId, parameters, ...bound])
  }
  const send = async (url: string): Promise<EndpointResponse> => {
    const { wall } = clock.now()
    const credentials = await authenticate(issuer ?? url, wall)
    const proof = await dpop?.proof({ method: 'POST', url, now: wall })
    return await ask(connection, url, {
      method: 'POST',
      headers: [
        ['content-type', isJson ? 'application/json' : FORM],
        ...credentials.headers,
        ...(proof === undefined ? [] : [['dpop', proof] as const]),
      ],
      body: bodyOf([...parameters, ...credentials.parameters], isJson),
    })
  }
  return {
    request: async () => {
      retryAfterSeconds = 0
      endpoint ??= await findTokenEndpoint(connection, issuer ?? '')
      const { wall } = clock.now()
      let answer = await send(endpoint)
      // RFC 9449 section 8: once, with the nonce of the answer.
      if (dpop?.remember(endpoint, answer) === true && answer.body.error === 'use_dpop_nonce') {
        answer = await send(endpoint)
        dpop.remember(endpoint, answer)
      }
      retryAfterSeconds = Math.min(answer.retryAfterSeconds, MAX_RETRY_AFTER_SECONDS)
      if (answer.status !== 200) throw refusalOf(answer.body.error, answer.status)
      const granted = readGranted(answer.body, answer.status, lifetimeSeconds, wall)
      // Section 5: the server does not support DPoP, and the token would be any holder's.
      if (dpop !== undefined && granted.scheme !== 'DPoP') throw new ClientError('response_invalid', answer.status)
      return granted
    },
    pauseAfter: ({ code }) =>
      code === 'invalid_client' || code === 'unauthorized_client' ? HOPELESS_SECONDS : retryAfterSeconds,
    ...(storage === undefined
      ? {}
      : {
          read: async () => {
            const stored = readStored(await storage.read(await key()), clock.now().wall)
            return dpop === undefined || stored?.scheme === 'DPoP' ? stored : undefined
          },
          write: async (record) => storage.write(await key(), writeStored(record)),
        }),
  }
}

const FORM = 'application/x-www-form-urlencoded'

/** A body with these parameters; in JSON one that comes several times is an array. */
function bodyOf(parameters: readonly (readonly [string, string])[], isJson: boolean): string {
  if (!isJson) return new URLSearchParams(parameters.map(([name, value]): [string, string] => [name, value])).toString()
  const values = new Map<string, string[]>()
  for (const [name, value] of parameters) values.set(name, [...(values.get(name) ?? []), value])
  const written = [...values].map(
    ([name, all]) => `${JSON.stringify(name)}:${JSON.stringify(all.length > 1 ? all : all[0])}`,
  )
  return `{${written.join()}}`
}
