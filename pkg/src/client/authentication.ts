/**
 * Client authentication at a token endpoint: a secret (RFC 6749 section 2.3.1) or a signed assertion (RFC 7523).
 *
 * @module
 */

import { mustBe, unknownOption } from '../core/mistake.js'
import { members } from '../core/options.js'
import type { Jwk } from '../types.js'
import type { Scheme, SigningCryptoKey, WebCryptoAlgorithm } from './signing.js'
import { isCryptoKey, schemeOfJwk, schemeOfKey, signJwt } from './signing.js'

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
  return async (audience, now) => {
    const issued = Math.floor(now)
    const header = { typ: 'JWT', ...(kid === undefined ? {} : { kid }) }
    const claims = {
      iss: clientId,
      sub: clientId,
      aud: audience,
      jti: crypto.randomUUID(),
      iat: issued,
      exp: issued + ASSERTION_SECONDS,
    }
    return {
      parameters: [
        ['client_id', clientId],
        ['client_assertion_type', 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'],
        ['client_assertion', await signJwt(scheme, await key(), header, claims)],
      ],
      headers: [],
    }
  }
}

/** A signing key, as it was given. */
interface AssertionSigner {
  readonly kid: string | undefined
  readonly scheme: Scheme
  readonly key: () => CryptoKey | Promise<CryptoKey>
}

function readKey(given: unknown): AssertionSigner {
  if (isCryptoKey(given)) return { kid: undefined, scheme: knownScheme(given), key: () => given }
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
  return { kid: name, scheme: knownScheme(key), key: () => key }
}

function readJwk(jwk: ReadonlyMap<string, unknown>): Pick<AssertionSigner, 'scheme' | 'key'> {
  const scheme = readScheme(jwk)
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
async function imported(jwk: JsonWebKey, algorithm: WebCryptoAlgorithm): Promise<CryptoKey> {
  try {
    return await crypto.subtle.importKey('jwk', jwk, algorithm, false, ['sign'])
  } catch {
    throw new TypeError('options.privateKey must be a key that this runtime can sign with')
  }
}

function readScheme(jwk: ReadonlyMap<string, unknown>): Scheme {
  const alg = jwk.get('alg')
  const isRsa = jwk.get('kty') === 'RSA'
  const name = `${String(jwk.get('kty'))} ${String(isRsa ? (alg ?? 'RS256') : jwk.get('crv'))}`
  const found = schemeOfJwk(name)
  const isMeant =
    found !== undefined && (alg === undefined || alg === found.alg || (alg === 'Ed25519' && found.alg === 'EdDSA'))
  if (!isMeant || typeof jwk.get('d') !== 'string') {
    throw mustBe('options.privateKey', 'a private JWK for ES256, ES384, RS256, PS256 or EdDSA')
  }
  return found
}

function knownScheme(key: CryptoKey): Scheme {
  const found = schemeOfKey(key)
  if (found !== undefined) return found
  throw mustBe('options.privateKey', 'a private CryptoKey that signs with ES256, ES384, RS256, PS256 or EdDSA')
}

function formEncoded(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1)
}
