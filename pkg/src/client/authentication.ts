/**
 * Client authentication at a token endpoint: a secret (RFC 6749 section 2.3.1) or a signed assertion (RFC 7523).
 *
 * @module
 */

import { mustBe, unknownOption } from '../core/mistake.js'
import { members } from '../core/snapshot.js'
import { encodeUtf8 } from '../core/text.js'
import type { Jwk } from '../types.js'

/** The parameters and headers that authenticate one request. */
export interface Credentials {
  readonly parameters: readonly (readonly [name: string, value: string])[]
  readonly headers: readonly (readonly [name: string, value: string])[]
}

/** Makes the credentials of each request. The audience is the issuer, or the endpoint where no issuer is known. */
export type Authenticate = (audience: string, now: number) => Credentials | Promise<Credentials>

/** How long an assertion is valid, in seconds. */
const ASSERTION_SECONDS = 60

/** Authentication by a secret: in the header (`basic`), or in the body. */
export function secretAuthentication(clientId: string, secret: string, inHeader: boolean): Authenticate {
  const inBody: Credentials = {
    parameters: [
      ['client_id', clientId],
      ['client_secret', secret],
    ],
    headers: [],
  }
  // RFC 6749 section 2.3.1: both are form-urlencoded first, so a colon in the id is no delimiter, and all is ASCII.
  const basic = btoa(`${formEncoded(clientId)}:${formEncoded(secret)}`)
  return () => (inHeader ? { parameters: [], headers: [['authorization', `Basic ${basic}`]] } : inBody)
}

/** A `CryptoKey` of Web Crypto, by the members that are read: it needs no types of a runtime. */
export interface SigningCryptoKey {
  /** Must be "private". */
  readonly type: string
  /** Whether code can read the key. Keep it false. */
  readonly extractable: boolean
  /** Must be ECDSA, RSASSA-PKCS1-v1_5, RSA-PSS or Ed25519. */
  readonly algorithm: {
    /** As Web Crypto spells it. */
    readonly name: string
  }
  /** Must include "sign". */
  readonly usages: readonly string[]
}

/** The key that signs the assertions: a private JWK, or a private `CryptoKey`, which no code can read. */
export type ClientKey =
  | Jwk
  | SigningCryptoKey
  | {
      /** The private key. */
      readonly key: SigningCryptoKey
      /** The `kid` of the assertion's header. Default: none. */
      readonly kid?: string
    }

/**
 * Authentication by an assertion that a private key signs (RFC 7523 section 2.2).
 *
 * @throws {TypeError} If it is not a private key for ES256, ES384, RS256, PS256 or EdDSA.
 */
export function keyAuthentication(clientId: string, privateKey: unknown): Authenticate {
  const { kid, scheme, key } = readKey(privateKey)
  const { alg, algorithm } = scheme
  return async (audience, now) => {
    const issued = Math.floor(now)
    const header = { alg, typ: 'JWT', ...(kid === undefined ? {} : { kid }) }
    const claims = {
      iss: clientId,
      sub: clientId,
      aud: audience,
      jti: crypto.randomUUID(),
      iat: issued,
      exp: issued + ASSERTION_SECONDS,
    }
    const input = [header, claims].map((part) => base64url(encodeUtf8(JSON.stringify(part)))).join('.')
    const signature = await crypto.subtle.sign(algorithm, await key(), encodeUtf8(input))
    return {
      parameters: [
        ['client_id', clientId],
        ['client_assertion_type', 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'],
        ['client_assertion', `${input}.${base64url(new Uint8Array(signature))}`],
      ],
      headers: [],
    }
  }
}

/** A signing key, as it was given. */
interface Signer {
  readonly kid: string | undefined
  readonly scheme: Scheme
  readonly key: () => CryptoKey | Promise<CryptoKey>
}

function readKey(given: unknown): Signer {
  if (isCryptoKey(given)) return { kid: undefined, scheme: schemeOfKey(given), key: () => given }
  const found = members(given, 'options.privateKey')
  const kid = found.get('kid')
  if (found.has('kid') && typeof kid !== 'string') throw mustBe('options.privateKey.kid', 'a string', kid)
  const name = typeof kid === 'string' ? kid : undefined
  if (!found.has('key')) return { kid: name, ...readJwk(found) }
  const key = found.get('key')
  for (const member of found.keys()) {
    if (member !== 'key' && member !== 'kid') throw unknownOption(`options.privateKey.${member}`, ['key', 'kid'])
  }
  if (!isCryptoKey(key)) throw mustBe('options.privateKey.key', 'a private CryptoKey', key)
  return { kid: name, scheme: schemeOfKey(key), key: () => key }
}

function readJwk(jwk: ReadonlyMap<string, unknown>): Pick<Signer, 'scheme' | 'key'> {
  const scheme = schemeOfJwk(jwk)
  const material = Object.fromEntries(
    ['kty', 'crv', 'x', 'y', 'd', 'n', 'e', 'p', 'q', 'dp', 'dq', 'qi'].flatMap((name) => {
      const value = jwk.get(name)
      return typeof value === 'string' ? [[name, value]] : []
    }),
  )
  let key: CryptoKey | undefined
  return { scheme, key: async () => (key ??= await imported(material, scheme.algorithm)) }
}

/** @throws {TypeError} If the members are not those of a key, or the runtime lacks the algorithm. */
async function imported(jwk: JsonWebKey, algorithm: Algorithm): Promise<CryptoKey> {
  try {
    return await crypto.subtle.importKey('jwk', jwk, algorithm, false, ['sign'])
  } catch {
    throw new TypeError('options.privateKey must be a key that this runtime can sign with')
  }
}

/** By its internal slots: an object that only looks like one is refused. */
function isCryptoKey(value: unknown): value is CryptoKey {
  return typeof CryptoKey === 'function' && value instanceof CryptoKey
}

/** The parameters of Web Crypto, for importing and for signing alike. */
type Algorithm = { name: string; hash?: string; namedCurve?: string; saltLength?: number }

/** A signature algorithm, by its name in JOSE and in Web Crypto. */
interface Scheme {
  readonly alg: string
  readonly algorithm: Algorithm
}

/** By key type, and curve or `alg`; Web Crypto's own names of a key are the algorithm's name, and curve or hash. */
const SCHEMES: readonly (readonly [jwk: string, key: string, scheme: Scheme])[] = [
  ['EC P-256', 'ECDSA P-256', { alg: 'ES256', algorithm: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } }],
  ['EC P-384', 'ECDSA P-384', { alg: 'ES384', algorithm: { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' } }],
  ['OKP Ed25519', 'Ed25519', { alg: 'EdDSA', algorithm: { name: 'Ed25519' } }],
  [
    'RSA RS256',
    'RSASSA-PKCS1-v1_5 SHA-256',
    { alg: 'RS256', algorithm: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } },
  ],
  ['RSA PS256', 'RSA-PSS SHA-256', { alg: 'PS256', algorithm: { name: 'RSA-PSS', hash: 'SHA-256', saltLength: 32 } }],
]

function schemeOfJwk(jwk: ReadonlyMap<string, unknown>): Scheme {
  const alg = jwk.get('alg')
  const isRsa = jwk.get('kty') === 'RSA'
  const name = `${String(jwk.get('kty'))} ${String(isRsa ? (alg ?? 'RS256') : jwk.get('crv'))}`
  const found = SCHEMES.find(([known]) => known === name)?.[2]
  const isMeant =
    found !== undefined && (alg === undefined || alg === found.alg || (alg === 'Ed25519' && found.alg === 'EdDSA'))
  if (!isMeant || typeof jwk.get('d') !== 'string') {
    throw mustBe('options.privateKey', 'a private JWK for ES256, ES384, RS256, PS256 or EdDSA')
  }
  return found
}

/** A `CryptoKey` says what it signs with. */
function schemeOfKey({ type, usages, algorithm }: CryptoKey): Scheme {
  const { name, namedCurve, hash } = algorithm as { name: string; namedCurve?: string; hash?: { name: string } }
  const detail = namedCurve ?? hash?.name
  const wanted = detail === undefined || name === 'Ed25519' ? name : `${name} ${detail}`
  const found = SCHEMES.find(([, known]) => known === wanted)?.[2]
  if (found === undefined || type !== 'private' || !usages.includes('sign')) {
    throw mustBe('options.privateKey', 'a private CryptoKey that signs with ES256, ES384, RS256, PS256 or EdDSA')
  }
  return found
}

function formEncoded(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1)
}

/** Base64url without padding (RFC 7515 section 2). */
export function base64url(octets: Uint8Array): string {
  let binary = ''
  for (const octet of octets) binary += String.fromCharCode(octet)
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}
