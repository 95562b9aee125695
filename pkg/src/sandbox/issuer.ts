/**
 * Generic OpenID Connect and OAuth 2.0 issuer for tests: metadata, a JWK Set with rotation, and outages.
 *
 * @module
 */

import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'

import { withChanges } from './signing.js'
import type { Changes, PublicJwk, PublicJwkSet } from './signing.js'

/** How a test issuer is set up. */
export interface IssuerSandboxOptions {
  /** The `iss` of its tokens and metadata. Default: its URL on loopback, so that discovery works. */
  issuer?: string
  /** The `aud` of its tokens. Default `"https://api.example"`. */
  audience?: string | readonly string[]
  /** What its keys sign with, one key each; the first one signs unless a header says otherwise. Default `["RS256"]`. */
  algorithms?: readonly IssuerAlgorithm[]
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
  /** What is published at this moment. */
  readonly jwks: PublicJwkSet
  /** How many requests it received, for keys and for metadata. */
  readonly requests: number
  /** How many of them were for keys. */
  readonly jwksRequests: number
  /**
   * A token for an hour, signed with the newest key of its `alg`, that differs by `changes`.
   *
   * @throws {TypeError} If no key is for the `alg` in `changes.header`.
   */
  mint(changes?: Changes): string
  /**
   * Makes new keys, which sign from now on.
   *
   * @param options `keep: false` withdraws the old keys at once; `publish: false` publishes the new ones only at
   *   {@link publish}. Default: both are published.
   */
  rotate(options?: { keep?: boolean; publish?: boolean }): void
  /** Publishes the keys that sign; or any `document` in their place, as JSON or, if it is text, as it is. */
  publish(document?: unknown): void
  /** Answers with `status` from now on. Default 500. */
  fail(status?: number, headers?: Readonly<Record<string, string>>): void
  /** Accepts requests and never answers, from now on. */
  hang(): void
  /** Answers `ms` milliseconds later, from now on. */
  slow(ms: number): void
  /** Ends what {@link fail}, {@link hang} or {@link slow} began. Requests that hang stay without an answer. */
  recover(): void
}

/** What the issuers of a sandbox answer. */
export interface Issuers {
  /** Sets up one more issuer. */
  create(options: IssuerSandboxOptions, origin: string, clock: () => number): IssuerSandbox
  /** Answers a request for one of them; `false` for another request. */
  answer(request: IncomingMessage, response: ServerResponse): boolean
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
    answer: (request, response) => all.some((issuer) => issuer.answer(request, response)),
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
  readonly #clock: () => number
  readonly #algorithms: readonly IssuerAlgorithm[]
  /** Absolute paths. */
  readonly #jwksPath: string
  readonly #metadataPaths: readonly string[]
  #signing: readonly IssuerKey[]
  #published: readonly IssuerKey[]
  /** In place of the keys. */
  #document: unknown
  #trouble: Trouble | undefined
  #jwksRequests = 0
  #metadataRequests = 0

  constructor(options: IssuerSandboxOptions, url: string, clock: () => number) {
    for (const name of Object.keys(options)) {
      if (!['issuer', 'audience', 'algorithms'].includes(name)) throw new TypeError(`issuer.${name}: no such option`)
    }
    const { issuer = url, audience = 'https://api.example', algorithms = ['RS256'] } = options
    if (algorithms.length === 0 || algorithms.some((alg) => !Object.hasOwn(ALGORITHMS, alg))) {
      throw new TypeError(`issuer.algorithms: of ${Object.keys(ALGORITHMS).join(', ')}`)
    }
    const path = new URL(url).pathname
    this.issuer = issuer
    this.audience = audience
    this.#algorithms = [...algorithms]
    this.#clock = clock
    this.jwksUri = `${url}/jwks`
    this.metadataUrl = `${url}/.well-known/openid-configuration`
    this.#jwksPath = `${path}/jwks`
    this.#metadataPaths = [
      `/.well-known/oauth-authorization-server${path}`,
      `/.well-known/openid-configuration${path}`,
      `${path}/.well-known/openid-configuration`,
    ]
    this.#signing = this.#algorithms.map(makeKey)
    this.#published = this.#signing
  }

  get jwks(): PublicJwkSet {
    return { keys: this.#published.map(({ jwk }) => jwk) }
  }

  get requests(): number {
    return this.#jwksRequests + this.#metadataRequests
  }

  get jwksRequests(): number {
    return this.#jwksRequests
  }

  mint(changes?: Changes): string {
    const wanted = changes?.header?.['alg'] ?? this.#algorithms[0]
    const key = this.#signing.find(({ alg }) => alg === wanted)
    if (key === undefined) throw new TypeError(`alg: of ${this.#algorithms.join(', ')}`)
    const now = Math.floor(this.#clock())
    const times = { iat: now, exp: now + LIFETIME_SECONDS }
    const claims = { iss: this.issuer, aud: this.audience, sub: 'user', jti: randomUUID(), ...times }
    const header = withChanges({ alg: key.alg, typ: 'JWT', kid: key.jwk.kid }, changes?.header)
    return signAs(key, header, withChanges(claims, changes?.claims))
  }

  rotate({ keep = true, publish = true }: { keep?: boolean; publish?: boolean } = {}): void {
    const old = this.#signing
    this.#signing = this.#algorithms.map(makeKey)
    this.#document = undefined
    if (publish) this.#published = keep ? [...this.#signing, ...old] : this.#signing
    else if (!keep) this.#published = []
  }

  publish(document?: unknown): void {
    this.#published = this.#signing
    this.#document = document
  }

  fail(status = 500, headers: Readonly<Record<string, string>> = {}): void {
    this.#trouble = { kind: 'fail', status, headers }
  }

  hang(): void {
    this.#trouble = { kind: 'hang' }
  }

  slow(ms: number): void {
    this.#trouble = { kind: 'slow', ms }
  }

  recover(): void {
    this.#trouble = undefined
  }

  /** Answers a request that is for this issuer. */
  answer(request: IncomingMessage, response: ServerResponse): boolean {
    const [path = ''] = (request.url ?? '').split('?')
    const isForKeys = path === this.#jwksPath
    if (!isForKeys && !this.#metadataPaths.includes(path)) return false
    if (isForKeys) this.#jwksRequests += 1
    else this.#metadataRequests += 1
    const trouble = this.#trouble
    if (trouble?.kind === 'hang') return true
    if (trouble?.kind === 'fail') {
      response.writeHead(trouble.status, { 'content-type': 'text/plain', ...trouble.headers }).end('out of order\n')
      return true
    }
    const send = () => this.#send(request, response, isForKeys)
    if (trouble?.kind === 'slow') setTimeout(send, trouble.ms).unref()
    else send()
    return true
  }

  #send(request: IncomingMessage, response: ServerResponse, isForKeys: boolean): void {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end()
      return
    }
    const document = isForKeys ? (this.#document ?? this.jwks) : this.#metadata()
    const body = typeof document === 'string' ? document : JSON.stringify(document)
    const etag = `"${createHash('sha256').update(body).digest('base64url')}"`
    if (request.headers['if-none-match'] === etag) {
      response.writeHead(304, { etag }).end()
      return
    }
    const type = isForKeys ? 'application/jwk-set+json' : 'application/json'
    response.writeHead(200, { 'content-type': type, etag, 'cache-control': 'public, max-age=60' })
    response.end(request.method === 'HEAD' ? undefined : body)
  }

  #metadata(): object {
    return {
      issuer: this.issuer,
      jwks_uri: this.jwksUri,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: this.#algorithms,
    }
  }
}

const LIFETIME_SECONDS = 3600

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
