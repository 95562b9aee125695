/**
 * Functions of the runtime that the core uses: RSA's public operation and SHA-256 of `node:crypto`, and text from
 * octets.
 *
 * Nothing is looked for before its first use. Padding, comparison and the decision stay in the core.
 *
 * @module
 */

import { builtIn } from './utf8.js'

/** Raises octets to an exponent. */
export type Power = (octets: Uint8Array) => Uint8Array

/** RSA's public operation and SHA-256 as the runtime has them. */
export interface Host {
  /** Prepares raising to `exponent` modulo `modulus`. */
  powerOf(modulus: Uint8Array, exponent: Uint8Array): Power
  /**
   * SHA-256 as text of 16 characters, one for two octets, the first of them the lower half; `undefined` in a runtime
   * without `crypto.hash`.
   */
  readonly sha256: ((octets: Uint8Array) => string) | undefined
}

/** The part of `node:crypto` that is used. */
interface Crypto {
  createPublicKey(key: { key: { kty: 'RSA'; n: string; e: string }; format: 'jwk' }): object
  publicEncrypt(key: { padding: number }, octets: Uint8Array): Uint8Array
  hash?(algorithm: 'sha256', octets: Uint8Array, encoding: 'utf16le'): string
  constants: { RSA_NO_PADDING: number }
}

/** A view of octets that can be read as text, one character for each octet. */
export interface Characters {
  readonly length: number
  /** As `toString('latin1', start, end)`, which checks its arguments and calls this. */
  latin1Slice(start: number, end: number): string
}

/** The part of `node:buffer` that is used. */
interface Buffers {
  Buffer?: { from(memory: ArrayBufferLike): Characters; readonly prototype: Partial<Characters> }
}

/** The part of `process` that is used, in Node and in the runtimes that imitate it. */
interface Process {
  release?: { name?: string }
  versions?: Record<string, string | undefined>
}

/** `Buffer.from`, after it was looked for; null if the runtime has none. */
let bufferFrom: ((memory: ArrayBufferLike) => Characters) | null | undefined

/**
 * The octets of a memory, not copied, if the runtime makes text of them faster than a `TextDecoder` does.
 */
export function charactersOf(memory: ArrayBufferLike): Characters | undefined {
  if (bufferFrom === undefined) {
    const { Buffer } = (builtIn('node:buffer') ?? {}) as Buffers
    bufferFrom = Buffer?.prototype.latin1Slice === undefined ? null : (octets) => Buffer.from(octets)
  }
  return bufferFrom?.(memory)
}

/** The functions of `node:crypto`; `undefined` in a runtime without them. */
export function hostOf(): Host | undefined {
  const crypto = builtIn('node:crypto') as Partial<Crypto> | undefined
  if (crypto?.createPublicKey === undefined || crypto.publicEncrypt === undefined) return undefined
  const { createPublicKey, publicEncrypt, hash, constants } = crypto as Crypto
  return {
    powerOf(modulus, exponent) {
      const jwk = { kty: 'RSA', n: base64url(modulus), e: base64url(exponent) } as const
      // Node also reads `padding` from the key itself; in Node 24, passing { key, padding } makes a call 1.5 times as
      // slow.
      const key = Object.assign(createPublicKey({ key: jwk, format: 'jwk' }), { padding: constants.RSA_NO_PADDING })
      return (octets) => publicEncrypt(key, octets)
    },
    // One call that returns text: a Hash object, or a Buffer for the result, costs more than the hashing.
    sha256: hash && ((octets) => hash('sha256', octets, 'utf16le')),
  }
}

/**
 * The functions that are faster than the core's: in Node and Bun all of them, in workerd, which imitates Node, RSA's
 * public operation only, in Deno none.
 */
export function fasterHost(): Host | undefined {
  const { process, navigator } = globalThis as { process?: Process; navigator?: { userAgent?: string } }
  if (process?.release?.name !== 'node' || process.versions?.['deno'] !== undefined) return undefined
  const host = hostOf()
  return host && { ...host, sha256: navigator?.userAgent === 'Cloudflare-Workers' ? undefined : host.sha256 }
}

function base64url(octets: Uint8Array): string {
  const text = btoa(String.fromCharCode(...octets))
  return text.replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')
}
