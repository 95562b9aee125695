/**
 * Signing for the issuers that issue a JWT.
 *
 * It shares no code with the core that verifies them.
 *
 * @module
 */

import type { KeyObject } from 'node:crypto'
import { createHash, createHmac, generateKeyPair, sign, verify } from 'node:crypto'
import { promisify } from 'node:util'

/** A public key with what an issuer's JWK Set says of it (RFC 7517 section 4). */
export interface PublicJwk {
  /** The key type. */
  readonly kty: string
  /** The key's identifier. */
  readonly kid: string
  /** The algorithm. */
  readonly alg: string
  /** The intended use: "sig" for keys that sign tokens. */
  readonly use: 'sig' | 'enc'
  /** The curve of an EC or OKP key. */
  readonly crv?: string
  /** The x coordinate of an EC key, or an OKP key's octets, base64url. */
  readonly x?: string
  /** The y coordinate of an EC key, base64url. */
  readonly y?: string
  /** The modulus of an RSA key, base64url. */
  readonly n?: string
  /** The exponent of an RSA key, base64url. */
  readonly e?: string
}

/** RFC 7517 section 5. */
export interface PublicJwkSet {
  /** The keys. */
  readonly keys: readonly PublicJwk[]
}

/** How a deviant token differs from the one that the issuer would issue. */
export interface Changes {
  /** Header Parameters to set; `undefined` leaves one out. */
  readonly header?: Readonly<Record<string, unknown>>
  /** Claims to set; `undefined` leaves one out. */
  readonly claims?: Readonly<Record<string, unknown>>
}

/** A key pair of one issuer, made when the sandbox starts and gone with it. */
export interface SigningKey {
  readonly jwk: PublicJwk
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}

const makeKeyPair = promisify(generateKeyPair)

/** An RSA key pair of 2048 bits. */
export async function rsaKey(alg: 'RS256' | 'RSA-OAEP'): Promise<SigningKey> {
  const { publicKey, privateKey } = await makeKeyPair('rsa', { modulusLength: 2048 })
  const kid = keyHash(publicKey, 'sha256').toString('base64url')
  const use = alg === 'RS256' ? 'sig' : 'enc'
  return { jwk: toJwk(publicKey, { kid, alg, use }), publicKey, privateKey }
}

/** A P-256 key pair. Its `kid` is 40 upper-case hexadecimal digits, as in VTEX's tokens. */
export async function es256Key(): Promise<SigningKey> {
  const { publicKey, privateKey } = await makeKeyPair('ec', { namedCurve: 'P-256' })
  const kid = keyHash(publicKey, 'sha1').toString('hex').toUpperCase()
  return { jwk: toJwk(publicKey, { kid, alg: 'ES256', use: 'sig' }), publicKey, privateKey }
}

/** A JWS Compact Serialization (RFC 7515 section 7.1), signed with RS256 or ES256. */
export function signJws(key: SigningKey, header: object, claims: object): string {
  const input = signingInput(header, claims)
  const options = { key: key.privateKey, dsaEncoding: 'ieee-p1363' as const }
  return `${input}.${sign('sha256', Buffer.from(input), options).toString('base64url')}`
}

/** The same with HS256. */
export function signJwsWithSecret(secret: Uint8Array, header: object, claims: object): string {
  const input = signingInput(header, claims)
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
}

/** The claims of a JWS that `key` signed, or `null`. The caller checks what they say. */
export function readJws(key: SigningKey, token: string): Record<string, unknown> | null {
  const [header = '', payload = '', signature = '', ...rest] = token.split('.')
  if (rest.length > 0) return null
  const options = { key: key.publicKey, dsaEncoding: 'ieee-p1363' as const }
  const octets = Buffer.from(signature, 'base64url')
  // One spelling only: what Node reads leniently must be written back the same.
  if (octets.toString('base64url') !== signature) return null
  if (!verify('sha256', Buffer.from(`${header}.${payload}`), options, octets)) return null
  const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'))
  return typeof claims === 'object' && claims !== null ? Object.assign(Object.create(null), claims) : null
}

/** The own members of one part of `changes` over those of `members`; a member that is `undefined` is left out. */
export function withChanges(members: object, changes: Changes | undefined, part: keyof Changes): object {
  const entries = Object.entries({ ...members, ...changed(changes, part) })
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined))
}

/** One part of `changes`, if it is an own member. */
function changed<Part extends keyof Changes>(changes: Changes | undefined, part: Part): Changes[Part] | undefined {
  return changes !== undefined && Object.hasOwn(changes, part) ? changes[part] : undefined
}

function signingInput(header: object, claims: object): string {
  const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url')
  return `${encode(header)}.${encode(claims)}`
}

function keyHash(publicKey: KeyObject, hash: 'sha1' | 'sha256'): Buffer {
  return createHash(hash)
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest()
}

function toJwk(publicKey: KeyObject, tags: Pick<PublicJwk, 'kid' | 'alg' | 'use'>): PublicJwk {
  const { kty = '', crv, x, y, n, e } = publicKey.export({ format: 'jwk' })
  const members = { crv, x, y, n, e }
  const present = Object.entries(members).filter(([, value]) => value !== undefined)
  return { kty, ...tags, ...Object.fromEntries(present) }
}
