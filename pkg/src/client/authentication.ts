/**
 * Client authentication at a token endpoint: a secret (RFC 6749 section 2.3.1) or a signed assertion (RFC 7523).
 *
 * @module
 */

import { members } from '../core/snapshot.js'

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

/**
 * Authentication by an assertion that a private key signs (RFC 7523 section 2.2).
 *
 * @throws {TypeError} If the JWK is not a private key for ES256, ES384, RS256, PS256 or EdDSA.
 */
export function keyAuthentication(clientId: string, privateKey: unknown): Authenticate {
  const jwk = members(privateKey, 'options.privateKey')
  const { alg, algorithm } = algorithmOf(jwk)
  const kid = jwk.get('kid')
  if (jwk.has('kid') && typeof kid !== 'string') throw new TypeError('options.privateKey.kid must be a string')
  const material = Object.fromEntries(
    ['kty', 'crv', 'x', 'y', 'd', 'n', 'e', 'p', 'q', 'dp', 'dq', 'qi'].flatMap((name) => {
      const value = jwk.get(name)
      return typeof value === 'string' ? [[name, value]] : []
    }),
  )
  let key: CryptoKey | undefined
  return async (audience, now) => {
    key ??= await imported(material, algorithm)
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
    const input = [header, claims].map((part) => base64url(new TextEncoder().encode(JSON.stringify(part)))).join('.')
    const signature = await crypto.subtle.sign(algorithm, key, new TextEncoder().encode(input))
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

/** @throws {TypeError} If the members are not those of a key, or the runtime lacks the algorithm. */
async function imported(jwk: JsonWebKey, algorithm: Algorithm): Promise<CryptoKey> {
  try {
    return await crypto.subtle.importKey('jwk', jwk, algorithm, false, ['sign'])
  } catch {
    throw new TypeError('options.privateKey must be a key that this runtime can sign with')
  }
}

/** The parameters of Web Crypto, for importing and for signing alike. */
type Algorithm = { name: string; hash?: string; namedCurve?: string; saltLength?: number }

const ALGORITHMS = new Map<string, { readonly alg: string; readonly algorithm: Algorithm }>([
  ['EC P-256', { alg: 'ES256', algorithm: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } }],
  ['EC P-384', { alg: 'ES384', algorithm: { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' } }],
  ['OKP Ed25519', { alg: 'EdDSA', algorithm: { name: 'Ed25519' } }],
  ['RSA RS256', { alg: 'RS256', algorithm: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } }],
  ['RSA PS256', { alg: 'PS256', algorithm: { name: 'RSA-PSS', hash: 'SHA-256', saltLength: 32 } }],
])

function algorithmOf(jwk: ReadonlyMap<string, unknown>): { alg: string; algorithm: Algorithm } {
  const alg = jwk.get('alg')
  const isRsa = jwk.get('kty') === 'RSA'
  const found = ALGORITHMS.get(`${String(jwk.get('kty'))} ${String(isRsa ? (alg ?? 'RS256') : jwk.get('crv'))}`)
  const isMeant =
    found !== undefined && (alg === undefined || alg === found.alg || (alg === 'Ed25519' && found.alg === 'EdDSA'))
  if (!isMeant || typeof jwk.get('d') !== 'string') {
    throw new TypeError('options.privateKey must be a private JWK for ES256, ES384, RS256, PS256 or EdDSA')
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
