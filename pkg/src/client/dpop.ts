/**
 * DPoP proofs of a client: its key, the proof of each request, and the nonces of servers
 * ({@link https://www.rfc-editor.org/rfc/rfc9449 RFC 9449}).
 *
 * @module
 */

import { mustBe } from '../core/mistake.js'
import { encode, own } from '../core/options.js'
import { encodeUtf8 } from '../core/utf8.js'
import { OptionsReader } from './options.js'
import type { Scheme, SigningCryptoKey } from './signing.js'
import { base64url, ES256, isCryptoKey, schemeOfKey, signJwt } from './signing.js'

/** A key pair of Web Crypto, as `crypto.subtle.generateKey` makes it. */
export interface DpopKeyPair {
  /** Signs the proofs: ECDSA on P-256 or P-384, RSASSA-PKCS1-v1_5 or RSA-PSS with SHA-256, or Ed25519. */
  readonly privateKey: SigningCryptoKey
  /** Is sent with each proof. */
  readonly publicKey: {
    /** Must be "public". */
    readonly type: string
    /** Must be true. */
    readonly extractable: boolean
  }
}

/** How a client proves possession. */
export interface DpopOptions {
  /**
   * The key that tokens are bound to. Default: a new one for ES256, made at the first use, whose private key no code can
   * read; tokens that are bound to it end with the process.
   */
  keyPair?: DpopKeyPair
}

/** A request that is to be proved. */
export interface DpopRequest {
  /** The method. Names that `fetch` writes in upper case, such as "get", are written so here; others are case-sensitive. */
  method: string
  /** The http or https URL. Query and fragment do not become part of the proof (RFC 9449 section 4.2). */
  url: string | URL
  /** The access token that is sent with the request, whose hash becomes `ath`. Default: none, as in a token request. */
  token?: string
  /** The time for `iat`, in seconds since the Unix epoch. Default: the runtime's clock. */
  now?: number
}

/** What the nonce of an answer is read from: a `Response`, or its headers alone. */
export interface DpopAnswer {
  /** The headers of the answer. */
  readonly headers: {
    /** The value of a header; `null` if it is absent. */
    get(name: string): string | null
  }
}

/** A client's key with the nonces of servers: the option `dpop` of `clientCredentials`. */
export interface Dpop {
  /**
   * The proof for one request: the value of its `DPoP` header. It contains the last nonce of the URL's origin.
   *
   * @throws {TypeError} For an unknown member, and for a URL that is not http or https.
   */
  proof(request: DpopRequest): Promise<string>
  /**
   * Takes the nonce from an answer of `url`, of any status (RFC 9449 section 8.2). The nonces of the last 100 origins
   * are kept.
   *
   * @returns Whether the answer had one.
   */
  remember(url: string | URL, answer: DpopAnswer): boolean
  /** The JWK Thumbprint of the public key, which tokens have in `cnf.jkt` (RFC 9449 section 6.1). */
  thumbprint(): Promise<string>
}

/**
 * The key and the proofs of one client, for the option `dpop` of `clientCredentials`.
 *
 * @throws {TypeError} For an unknown option, and for keys that are not a pair for ES256, ES384, RS256, PS256 or EdDSA.
 *
 * @example
 * ```js
 * const client = clientCredentials({ tokenUrl, clientId, clientSecret, origins, dpop: dpop() })
 * const response = await client.fetch('https://api.example/orders')
 * ```
 */
export function dpop(options: DpopOptions = {}): Dpop {
  const reader = new OptionsReader(options, 'options')
  const given = readKeyPair(reader.take('keyPair'))
  reader.end()
  const nonces = new Map<string, string>()
  let signer: ProofSigner | undefined
  // Of two first uses at once, both take the key that is there first. No promise is shared between requests.
  const current = async (): Promise<ProofSigner> => {
    if (signer !== undefined) return signer
    const made = await signerOf(
      given ?? (await crypto.subtle.generateKey(ES256.algorithm as EcKeyGenParams, false, ['sign', 'verify'])),
    )
    signer ??= made
    return signer
  }
  return Object.freeze({
    proof: async (request: DpopRequest): Promise<string> => {
      const asked = new OptionsReader(request, 'request')
      const method = asked.text('method')
      const url = httpUrl(asked.take('url'))
      const token = asked.optionalText('token')
      const now = asked.seconds('now') ?? Date.now() / 1000
      asked.end()
      const { scheme, privateKey, jwk } = await current()
      const nonce = nonces.get(url.origin)
      const claims = {
        jti: crypto.randomUUID(),
        htm: /^(?:delete|get|head|options|post|put)$/i.test(method) ? method.toUpperCase() : method,
        htu: url.origin + url.pathname,
        iat: Math.floor(now),
        ...(token === undefined ? {} : { ath: await digest(token) }),
        ...(nonce === undefined ? {} : { nonce }),
      }
      return await signJwt(scheme, privateKey, { typ: 'dpop+jwt', jwk }, claims)
    },
    remember: (address: string | URL, answer: DpopAnswer): boolean => {
      const { origin } = httpUrl(address)
      const nonce = answer.headers.get('dpop-nonce')
      // NQCHAR of RFC 6749 appendix A. A header that came twice was joined by a comma and a space.
      if (nonce === null || nonce.length > MAX_NONCE_LENGTH || !/^[!#-[\]-~]+$/.test(nonce)) return false
      nonces.delete(origin)
      nonces.set(origin, nonce)
      const [oldest] = nonces.keys()
      if (nonces.size > MAX_ORIGINS && oldest !== undefined) nonces.delete(oldest)
      return true
    },
    thumbprint: async (): Promise<string> => digest(encode((await current()).jwk)),
  })
}

/** Of so many origins the nonces are kept; one more forgets the one that changed the longest time ago. */
const MAX_ORIGINS = 100

/** A longer nonce is not one: it would be sent with every request. */
const MAX_NONCE_LENGTH = 1024

interface ProofSigner {
  readonly scheme: Scheme
  readonly privateKey: CryptoKey
  /** The members that RFC 7638 requires, in its order. */
  readonly jwk: Readonly<Record<string, string>>
}

interface Pair {
  readonly privateKey: CryptoKey
  readonly publicKey: CryptoKey
}

/** @throws {TypeError} If it is not a pair of keys of one algorithm. */
function readKeyPair(value: unknown): Pair | undefined {
  if (value === undefined) return undefined
  const [privateKey, publicKey] = [own(Object(value), 'privateKey'), own(Object(value), 'publicKey')]
  const isPair = isCryptoKey(privateKey) && isCryptoKey(publicKey) && schemeOfKey(privateKey) !== undefined
  if (!isPair || publicKey.type !== 'public' || !publicKey.extractable || !isSame(privateKey, publicKey)) {
    throw mustBe(
      'options.keyPair',
      'a CryptoKeyPair for ES256, ES384, RS256, PS256 or EdDSA, the public key extractable',
    )
  }
  return { privateKey, publicKey }
}

/** Whether both keys are of one algorithm, with the same curve or hash. */
function isSame(one: CryptoKey, other: CryptoKey): boolean {
  return JSON.stringify(parametersOf(one)) === JSON.stringify(parametersOf(other))
}

function parametersOf({ algorithm }: CryptoKey): readonly unknown[] {
  const { name, namedCurve, hash, modulusLength } = algorithm as Partial<EcKeyAlgorithm & RsaHashedKeyAlgorithm>
  return [name, namedCurve, hash?.name, modulusLength]
}

async function signerOf({ privateKey, publicKey }: Pair): Promise<ProofSigner> {
  const scheme = schemeOfKey(privateKey) ?? ES256
  const exported: Record<string, unknown> = { ...(await crypto.subtle.exportKey('jwk', publicKey)) }
  const names = ['crv', 'e', 'kty', 'n', 'x', 'y'].filter((name) => typeof exported[name] === 'string')
  return { scheme, privateKey, jwk: Object.fromEntries(names.map((name) => [name, String(exported[name])])) }
}

/** @throws {TypeError} For anything but an http or https URL. */
function httpUrl(value: unknown): URL {
  const text = value instanceof URL ? value.href : value
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') throw mustBe('request.url', 'an http or https URL')
  return url
}

/** Base64url of the SHA-256 of a text. */
async function digest(text: string): Promise<string> {
  return base64url(new Uint8Array(await crypto.subtle.digest('SHA-256', encodeUtf8(text))))
}
