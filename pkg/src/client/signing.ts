/**
 * JWTs that a client signs: assertions (RFC 7523) and DPoP proofs (RFC 9449), by Web Crypto.
 *
 * @module
 */

import type { Plain } from '../core/options.js'
import { encode } from '../core/options.js'
import { encodeUtf8 } from '../core/utf8.js'

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

/** The parameters of Web Crypto, for importing and for signing alike. */
export type WebCryptoAlgorithm = { name: string; hash?: string; namedCurve?: string; saltLength?: number }

/** A signature algorithm, by its name in JOSE and in Web Crypto. */
export interface Scheme {
  readonly alg: string
  readonly algorithm: WebCryptoAlgorithm
}

/** ECDSA on P-256. */
export const ES256: Scheme = { alg: 'ES256', algorithm: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } }

/** By key type, and curve or `alg`; Web Crypto's own names of a key are the algorithm's name, and curve or hash. */
const SCHEMES: readonly (readonly [jwk: string, key: string, scheme: Scheme])[] = [
  ['EC P-256', 'ECDSA P-256', ES256],
  ['EC P-384', 'ECDSA P-384', { alg: 'ES384', algorithm: { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' } }],
  ['OKP Ed25519', 'Ed25519', { alg: 'EdDSA', algorithm: { name: 'Ed25519' } }],
  [
    'RSA RS256',
    'RSASSA-PKCS1-v1_5 SHA-256',
    { alg: 'RS256', algorithm: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } },
  ],
  ['RSA PS256', 'RSA-PSS SHA-256', { alg: 'PS256', algorithm: { name: 'RSA-PSS', hash: 'SHA-256', saltLength: 32 } }],
]

/** The scheme of a JWK, named as in `SCHEMES`; `undefined` if there is none. */
export function schemeOfJwk(name: string): Scheme | undefined {
  return SCHEMES.find(([known]) => known === name)?.[2]
}

/** What a private `CryptoKey` signs with; `undefined` for anything but ES256, ES384, RS256, PS256 and EdDSA. */
export function schemeOfKey({ type, usages, algorithm }: CryptoKey): Scheme | undefined {
  const { name, namedCurve, hash } = algorithm as { name: string; namedCurve?: string; hash?: { name: string } }
  const detail = namedCurve ?? hash?.name
  const wanted = detail === undefined || name === 'Ed25519' ? name : `${name} ${detail}`
  const found = SCHEMES.find(([, known]) => known === wanted)?.[2]
  return type === 'private' && usages.includes('sign') ? found : undefined
}

/** By its internal slots: an object that only looks like one is refused. */
export function isCryptoKey(value: unknown): value is CryptoKey {
  return typeof CryptoKey === 'function' && value instanceof CryptoKey
}

/** A JWS Compact Serialization (RFC 7515 section 7.1) whose payload is `claims`. */
export async function signJwt(
  scheme: Scheme,
  key: CryptoKey,
  header: { readonly [name: string]: Plain },
  claims: { readonly [name: string]: Plain },
): Promise<string> {
  const parts = [{ alg: scheme.alg, ...header }, claims]
  const input = parts.map((part) => base64url(encodeUtf8(encode(part)))).join('.')
  const signature = await crypto.subtle.sign(scheme.algorithm, key, encodeUtf8(input))
  return `${input}.${base64url(new Uint8Array(signature))}`
}

/** Base64url without padding (RFC 7515 section 2). */
export function base64url(octets: Uint8Array): string {
  let binary = ''
  for (const octet of octets) binary += String.fromCharCode(octet)
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}
