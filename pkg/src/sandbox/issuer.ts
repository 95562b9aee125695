/**
 * Generic OpenID Connect and OAuth 2.0 issuer for tests: metadata, keys that rotate, a token endpoint, and outages.
 *
 * The token endpoint grants by client credentials: HTTP Basic, a form, JSON, and `private_key_jwt`. A `client_id` that
 * is one of `triggers` provokes that error. A request with a DPoP proof gets a token that is bound to its key.
 *
 * Over 400 lines: the endpoints share the keys, the clock and the outages of one issuer.
 *
 * @module
 */

import type { KeyObject } from 'node:crypto'
import { createHash, generateKeyPairSync, randomUUID, sign, verify } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { validateHeaderName, validateHeaderValue } from 'node:http'

import type { DpopMode } from './dpop.js'
import { DPOP_MODES, PROOF_ALGORITHMS, Proofs } from './dpop.js'
import { remember } from './memory.js'
import type { KnownClient } from './oauth.js'
import { granted, oauthError, PROVOKED, publicKeyOf, refuseClient } from './oauth.js'
import { readOptions } from './options.js'
import type { Fields, SandboxRequest } from './request.js'
import { bare, basicCredentials, FAULTS, own, readFields, textOf } from './request.js'
import type { Answers, SandboxResponse } from './server.js'
import { callOf, send } from './server.js'
import type { Changes, PublicJwk, PublicJwkSet } from './signing.js'
import { withChanges } from './signing.js'

/** How a test issuer is set up. */
export interface IssuerSandboxOptions {
  /** The `iss` of its tokens and metadata. Default: its URL on loopback, so that discovery works. */
  issuer?: string
  /** The `aud` of its tokens. Default `"https://api.example"`. */
  audience?: string | readonly string[]
  /** What its keys sign with, one key each; the first one signs unless a header says otherwise. Default `["RS256"]`. */
  algorithms?: readonly IssuerAlgorithm[]
  /** The scope-tokens that its client may ask for. Default `["read", "write"]`. */
  scopes?: readonly string[]
  /** How long its tokens live, in seconds. Default 3600. */
  lifetimeSeconds?: number
  /** The client's public JWK, which verifies its assertions (`private_key_jwt`). Default: none is accepted. */
  clientKey?: object
  /**
   * Whether token requests need a DPoP proof (RFC 9449), and whether that needs a nonce of the issuer. A token that is
   * granted with a proof is bound to its key in any case. Default "optional".
   */
  dpop?: 'optional' | 'required' | 'nonce'
}

/** An algorithm that a test issuer signs with. */
export type IssuerAlgorithm = keyof typeof ALGORITHMS

/** A running test issuer. */
export interface IssuerSandbox {
  /** The `iss` of its tokens, and what `discoverKeys` takes. */
  readonly issuer: string
  /** The `aud` of its tokens. */
  readonly audience: string | readonly string[]
  /** Where its JWK Set is, and what `remoteKeys` takes. */
  readonly jwksUri: string
  /** Where its metadata is (OpenID Connect Discovery); that of RFC 8414 is served too. */
  readonly metadataUrl: string
  /** Where its token endpoint is, and what `clientCredentials` takes; its metadata names it. */
  readonly tokenUrl: string
  /** The client that its token endpoint knows. */
  readonly clientId: string
  /** The secret of that client. */
  readonly clientSecret: string
  /** Each as the `client_id` of a token request provokes that error of RFC 6749, RFC 8707 or Auth0. */
  readonly triggers: readonly string[]
  /** What is published at this moment. */
  readonly jwks: PublicJwkSet
  /** How many requests it received. */
  readonly requests: number
  /** How many of them were for keys. */
  readonly jwksRequests: number
  /** How many of them were for tokens. */
  readonly tokenRequests: number
  /**
   * A token for an hour, or `lifetimeSeconds`, signed with the newest key of its `alg`, that differs by `changes`.
   *
   * @throws {TypeError} If no key is for the `alg` in `changes.header`.
   */
  mint(changes?: Changes): string
  /**
   * Makes new keys, which sign from now on.
   *
   * @param options `keep`: whether the old keys stay published; default true. `publish`: whether the new keys are published
   *   at once, and not only at {@link publish}; default true.
   */
  rotate(options?: { keep?: boolean; publish?: boolean }): void
  /**
   * Publishes the keys that sign; or any `document` in their place, as JSON or, if it is text, as it is.
   *
   * @throws {TypeError} If it has no JSON text.
   */
  publish(document?: unknown): void
  /**
   * Answers with `status` from now on. Default 500.
   *
   * @throws {TypeError} For a status or a header that HTTP does not have.
   */
  fail(status?: number, headers?: Readonly<Record<string, string>>): void
  /** Accepts requests and never answers, from now on. */
  hang(): void
  /** Answers `ms` milliseconds later, from now on. */
  slow(ms: number): void
  /** With `dpop: 'nonce'`: makes another nonce, and refuses proofs with the one before. */
  rotateNonce(): void
  /** Ends what {@link fail}, {@link hang} or {@link slow} began. Requests that hang stay without an answer. */
  recover(): void
}

/** What the issuers of a sandbox answer. */
export interface Issuers {
  /** Sets up one more issuer. */
  create(options: IssuerSandboxOptions, origin: string, clock: () => number): IssuerSandbox
  /** Answers a request for one of them. */
  readonly answer: Answers
}

/** No issuer yet. */
export function issuers(): Issuers {
  const all: GenericIssuer[] = []
  return {
    create(options, origin, clock) {
      const issuer = new GenericIssuer(options, `${origin}/issuer/${all.length + 1}`, clock)
      all.push(issuer)
      return issuer
    },
    answer: (...request) => all.some((issuer) => issuer.answer(...request)),
  }
}

type Trouble =
  | { readonly kind: 'fail'; readonly status: number; readonly headers: Readonly<Record<string, string>> }
  | { readonly kind: 'hang' }
  | { readonly kind: 'slow'; readonly ms: number }

interface IssuerKey {
  readonly alg: IssuerAlgorithm
  readonly jwk: PublicJwk
  readonly privateKey: KeyObject
}

class GenericIssuer implements IssuerSandbox {
  readonly issuer: string
  readonly audience: string | readonly string[]
  readonly jwksUri: string
  readonly metadataUrl: string
  readonly tokenUrl: string
  readonly clientId = CLIENT_ID
  readonly clientSecret = CLIENT_SECRET
  readonly triggers = [...PROVOKED.keys()]
  readonly #clock: () => number
  readonly #algorithms: readonly IssuerAlgorithm[]
  readonly #scopes: readonly string[]
  readonly #lifetimeSeconds: number
  readonly #client: KnownClient
  readonly #proofs: Proofs
  /** By absolute path. */
  readonly #endpoints: ReadonlyMap<string, 'keys' | 'metadata' | 'token'>
  readonly #requests = { keys: 0, metadata: 0, token: 0 }
  #signing: readonly IssuerKey[]
  #published: readonly IssuerKey[]
  /** In place of the keys. */
  #document: unknown
  #trouble: Trouble | undefined

  constructor(given: IssuerSandboxOptions, url: string, clock: () => number) {
    const options = readOptions(given, 'issuer', {
      issuer: 'any',
      audience: 'any',
      algorithms: 'any',
      scopes: 'any',
      lifetimeSeconds: 'any',
      clientKey: 'any',
      dpop: 'any',
    })
    const path = new URL(url).pathname
    this.issuer = textIn('issuer', options.issuer ?? url)
    this.audience = Array.isArray(options.audience)
      ? textsIn('audience', options.audience)
      : textIn('audience', options.audience ?? 'https://api.example')
    this.#algorithms = textsIn('algorithms', options.algorithms ?? ['RS256']) as readonly IssuerAlgorithm[]
    if (this.#algorithms.some((alg) => !Object.hasOwn(ALGORITHMS, alg))) {
      throw new TypeError(`issuer.algorithms must be of ${Object.keys(ALGORITHMS).join(', ')}`)
    }
    this.#scopes = textsIn('scopes', options.scopes ?? ['read', 'write'])
    this.#lifetimeSeconds = options.lifetimeSeconds ?? 3600
    if (!(Number.isSafeInteger(this.#lifetimeSeconds) && this.#lifetimeSeconds > 0)) {
      throw new TypeError('issuer.lifetimeSeconds must be a positive whole number of seconds')
    }
    this.#client = { id: CLIENT_ID, secret: CLIENT_SECRET, acceptsAssertion: this.#assertionCheck(options.clientKey) }
    this.#clock = clock
    this.jwksUri = `${url}/jwks`
    this.tokenUrl = `${url}/token`
    this.#proofs = new Proofs(modeIn(options.dpop ?? 'optional'), this.tokenUrl, readSigned)
    this.metadataUrl = `${url}/.well-known/openid-configuration`
    this.#endpoints = new Map([
      [`${path}/jwks`, 'keys'],
      [`${path}/token`, 'token'],
      [`/.well-known/oauth-authorization-server${path}`, 'metadata'],
      [`/.well-known/openid-configuration${path}`, 'metadata'],
      [`${path}/.well-known/openid-configuration`, 'metadata'],
    ])
    this.#signing = this.#algorithms.map(makeKey)
    this.#published = this.#signing
  }

  get jwks(): PublicJwkSet {
    return { keys: this.#published.map(({ jwk }) => jwk) }
  }

  get requests(): number {
    return this.#requests.keys + this.#requests.metadata + this.#requests.token
  }

  get jwksRequests(): number {
    return this.#requests.keys
  }

  get tokenRequests(): number {
    return this.#requests.token
  }

  mint(changes?: Changes): string {
    const given = readOptions<Changes>(changes ?? {}, 'changes', { header: 'any', claims: 'any' })
    const wanted = own(given.header ?? {}, 'alg') ?? this.#algorithms[0]
    const key = this.#signing.find(({ alg }) => alg === wanted)
    if (key === undefined) throw new TypeError(`changes.header.alg must be one of ${this.#algorithms.join(', ')}`)
    const now = Math.floor(this.#clock())
    const times = { iat: now, exp: now + this.#lifetimeSeconds }
    const claims = { iss: this.issuer, aud: this.audience, sub: 'user', jti: randomUUID(), ...times }
    const header = withChanges({ alg: key.alg, typ: 'JWT', kid: key.jwk.kid }, given, 'header')
    return signAs(key, header, withChanges(claims, given, 'claims'))
  }

  rotate(options: { keep?: boolean; publish?: boolean } = {}): void {
    const { keep = true, publish = true } = readOptions(options, 'rotate', { keep: 'any', publish: 'any' })
    const old = this.#signing
    this.#signing = this.#algorithms.map(makeKey)
    this.#document = undefined
    if (publish) this.#published = keep ? [...this.#signing, ...old] : this.#signing
    else if (!keep) this.#published = []
  }

  publish(document?: unknown): void {
    if (document !== undefined && JSON.stringify(document) === undefined) {
      throw new TypeError('document must be text or JSON data')
    }
    this.#published = this.#signing
    this.#document = document
  }

  rotateNonce(): void {
    this.#proofs.rotate()
  }

  fail(status = 500, headers: Readonly<Record<string, string>> = {}): void {
    if (!Number.isInteger(status) || status < 200 || status > 599) throw new TypeError('status must be 200 to 599')
    for (const [name, value] of Object.entries(headers)) {
      validateHeaderName(name)
      validateHeaderValue(name, value)
    }
    this.#trouble = { kind: 'fail', status, headers: { ...headers } }
  }

  hang(): void {
    this.#trouble = { kind: 'hang' }
  }

  slow(ms: number): void {
    if (!(ms >= 0 && ms <= LONGEST_MS)) throw new TypeError(`ms must be 0 to ${LONGEST_MS}`)
    this.#trouble = { kind: 'slow', ms }
  }

  recover(): void {
    this.#trouble = undefined
  }

  /** Answers a request that is for this issuer. */
  answer: Answers = (path, request, response, clock) => {
    const endpoint = this.#endpoints.get(path)
    if (endpoint === undefined) return false
    this.#requests[endpoint] += 1
    const trouble = this.#trouble
    if (trouble?.kind === 'hang') return true
    if (trouble?.kind === 'fail') {
      response.writeHead(trouble.status, { 'content-type': 'text/plain', ...trouble.headers }).end('out of order\n')
      return true
    }
    const reply = () => {
      if (endpoint === 'token') void this.#grant(request, response, clock)
      else this.#publishTo(request, response, endpoint)
    }
    if (trouble?.kind === 'slow') setTimeout(reply, trouble.ms).unref()
    else reply()
    return true
  }

  #publishTo(request: IncomingMessage, response: ServerResponse, endpoint: 'keys' | 'metadata'): void {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end()
      return
    }
    const document = endpoint === 'keys' ? (this.#document ?? this.jwks) : this.#metadata()
    const body = typeof document === 'string' ? document : JSON.stringify(document)
    const etag = `"${createHash('sha256').update(body).digest('base64url')}"`
    if (request.headers['if-none-match'] === etag) {
      response.writeHead(304, { etag }).end()
      return
    }
    const type = endpoint === 'keys' ? 'application/jwk-set+json' : 'application/json'
    response.writeHead(200, { 'content-type': type, etag, 'cache-control': 'public, max-age=60' })
    response.end(request.method === 'HEAD' ? undefined : body)
  }

  async #grant(request: IncomingMessage, response: ServerResponse, clock: () => number): Promise<void> {
    if (request.method !== 'POST') {
      send(response, { status: 405, headers: { allow: 'POST' } })
      return
    }
    try {
      const accepts = ['application/x-www-form-urlencoded', 'application/json'] as const
      const fields = await readFields(request, accepts, ['resource'])
      if (typeof fields === 'string') {
        send(response, oauthError(FAULTS[fields].status, 'invalid_request', FAULTS[fields].text))
        return
      }
      const answered = this.#answerTo(callOf(request, {}, new URLSearchParams(), fields, clock))
      send(response, { ...answered, headers: { ...answered.headers, ...this.#proofs.headers } })
    } catch {
      send(response, oauthError(500, 'server_error', FAULTS.failed.text))
    }
  }

  #answerTo(call: SandboxRequest): SandboxResponse {
    const id = basicCredentials(call)?.user ?? textOf(call.fields, 'client_id') ?? ''
    const refusal = PROVOKED.get(id) ?? refuseClient(call, this.#client, 'issuer')
    if (refusal !== null) return refusal
    const proof = this.#proofs.read(call)
    if ('status' in proof) return proof
    const { jkt } = proof
    const audience = targetsOf(call.fields, 'audience')
    const resource = targetsOf(call.fields, 'resource')
    const known = [this.audience].flat()
    if (!audience.every((one) => known.includes(one))) return oauthError(403, 'access_denied', 'unknown audience')
    if (!resource.every((one) => known.includes(one))) return oauthError(400, 'invalid_target', 'unknown resource')
    const scope = textOf(call.fields, 'scope')
    if (Object.hasOwn(call.fields, 'scope') && !this.#grants(scope ?? '')) {
      return oauthError(400, 'invalid_scope', 'a scope is not granted to this client')
    }
    const targets = [...new Set([...audience, ...resource])]
    const aud = targets.length === 0 ? {} : { aud: targets.length === 1 ? targets[0] : targets }
    const cnf = jkt === undefined ? {} : { cnf: { jkt } }
    const claims = { sub: CLIENT_ID, client_id: CLIENT_ID, ...(scope === undefined ? {} : { scope }), ...aud, ...cnf }
    return granted(this.mint({ claims }), this.#lifetimeSeconds, scope, jkt === undefined ? 'Bearer' : 'DPoP')
  }

  #grants(scope: string): boolean {
    return scope.split(' ').every((one) => this.#scopes.includes(one))
  }

  /** RFC 7523 section 3: signed by the client, issued and about it, for this issuer, not expired, used once. */
  #assertionCheck(jwk: unknown): (assertion: string, now: number) => boolean {
    if (jwk === undefined) return () => false
    const key = publicKeyOf(jwk)
    if (key === undefined) throw new TypeError('issuer.clientKey must be a public JWK')
    const used = new Map<string, true>()
    return (assertion, now) => {
      const claims = readSigned(key, assertion)
      const { iss, sub, aud, exp, jti } = claims ?? {}
      const isMeant = iss === CLIENT_ID && sub === CLIENT_ID && (aud === this.issuer || aud === this.tokenUrl)
      if (!isMeant || typeof exp !== 'number' || exp <= now || typeof jti !== 'string' || used.has(jti)) return false
      remember(used, jti, true)
      return true
    }
  }

  #metadata(): object {
    return {
      issuer: this.issuer,
      jwks_uri: this.jwksUri,
      token_endpoint: this.tokenUrl,
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
      token_endpoint_auth_signing_alg_values_supported: ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA'],
      dpop_signing_alg_values_supported: PROOF_ALGORITHMS,
      grant_types_supported: ['client_credentials'],
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: this.#algorithms,
    }
  }
}

const CLIENT_ID = 'sandbox-issuer-client'
const CLIENT_SECRET = 'sandbox-issuer-secret'

/** The longest delay of an answer: a minute. */
const LONGEST_MS = 60_000

function textIn(name: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value
  throw new TypeError(`issuer.${name} must be a string that is not empty`)
}

function modeIn(value: unknown): DpopMode {
  const mode = DPOP_MODES.find((known) => known === value)
  if (mode !== undefined) return mode
  throw new TypeError(`issuer.dpop must be one of ${DPOP_MODES.join(', ')}`)
}

function textsIn(name: string, value: unknown): readonly string[] {
  const all: unknown[] = Array.isArray(value) ? Array.from(value) : []
  if (all.length === 0) throw new TypeError(`issuer.${name} must be an array that is not empty`)
  return all.map((text) => textIn(name, text))
}

/** A member that comes once or several times. */
function targetsOf(fields: Fields, name: string): readonly string[] {
  const value = own(fields, name)
  return value === undefined ? [] : [value].flat().map(String)
}

/** The claims of a JWS that the client signed; `undefined` for any other. */
function readSigned(key: KeyObject, token: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const [header = '', payload = '', signature = ''] = token.split('.')
    const { alg } = JSON.parse(Buffer.from(header, 'base64url').toString('utf8'))
    if (typeof alg !== 'string' || !Object.hasOwn(ALGORITHMS, alg)) return undefined
    const { hash, how, type } = ALGORITHMS[alg as IssuerAlgorithm]
    if (key.asymmetricKeyType !== type) return undefined
    const options = { key, dsaEncoding: 'ieee-p1363' as const, ...how }
    const isSigned = verify(hash, Buffer.from(`${header}.${payload}`), options, Buffer.from(signature, 'base64url'))
    return isSigned ? bare(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'))) : undefined
  } catch {
    return undefined
  }
}

const RSA = { type: 'rsa', options: { modulusLength: 2048 } }
const PSS = { padding: 6 /* RSA_PKCS1_PSS_PADDING */, saltLength: -1 /* RSA_PSS_SALTLEN_DIGEST */ }
const ec = (namedCurve: string) => ({ type: 'ec', options: { namedCurve } })

/** Per algorithm: the key pair, the hash, and how Node signs with it. */
const ALGORITHMS = {
  RS256: { ...RSA, hash: 'sha256', how: {} },
  RS384: { ...RSA, hash: 'sha384', how: {} },
  RS512: { ...RSA, hash: 'sha512', how: {} },
  PS256: { ...RSA, hash: 'sha256', how: PSS },
  PS384: { ...RSA, hash: 'sha384', how: PSS },
  PS512: { ...RSA, hash: 'sha512', how: PSS },
  ES256: { ...ec('P-256'), hash: 'sha256', how: {} },
  ES384: { ...ec('P-384'), hash: 'sha384', how: {} },
  ES512: { ...ec('P-521'), hash: 'sha512', how: {} },
  EdDSA: { type: 'ed25519', options: {}, hash: null, how: {} },
  Ed25519: { type: 'ed25519', options: {}, hash: null, how: {} },
}

function makeKey(alg: IssuerAlgorithm): IssuerKey {
  const { type, options } = ALGORITHMS[alg]
  // The overloads want literal types, one call per type of key.
  const { publicKey, privateKey } = generateKeyPairSync(type as 'rsa', options as { modulusLength: number })
  const { kty = '', crv, x, y, n, e } = publicKey.export({ format: 'jwk' })
  const numbers = Object.fromEntries(Object.entries({ crv, x, y, n, e }).filter(([, value]) => value !== undefined))
  const kid = createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64url')
  return { alg, jwk: { kty, kid, alg, use: 'sig', ...numbers }, privateKey }
}

function signAs({ alg, privateKey }: IssuerKey, header: object, claims: object): string {
  const input = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  const { hash, how } = ALGORITHMS[alg]
  const options = { key: privateKey, dsaEncoding: 'ieee-p1363' as const, ...how }
  return `${input}.${sign(hash, Buffer.from(input), options).toString('base64url')}`
}
