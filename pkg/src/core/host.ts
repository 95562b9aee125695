/**
 * What the runtime can do for the core: raise to the public exponents of RSA, and SHA-256; and make text of octets. The
 * padding, the comparison and the verdict are the core's.
 *
 * @module
 */

/** Raises octets to an exponent. */
export type Power = (octets: Uint8Array) => Uint8Array

/** The runtime's own arithmetic. */
export interface Host {
  /** Prepares raising to `exponent` modulo `modulus`. */
  powerOf(modulus: Uint8Array, exponent: Uint8Array): Power
  /** SHA-256, as text of 32 characters, one for each octet; not every runtime has it. */
  readonly sha256: ((octets: Uint8Array) => string) | undefined
}

/** What is used of `node:crypto`, where a runtime has it. */
interface Crypto {
  createPublicKey(key: { key: { kty: 'RSA'; n: string; e: string }; format: 'jwk' }): object
  publicEncrypt(key: { padding: number }, octets: Uint8Array): Uint8Array
  hash?(algorithm: 'sha256', octets: Uint8Array, encoding: 'binary'): string
  constants: { RSA_NO_PADDING: number }
}

/** Octets that text can be made of, one character for each. */
export interface Characters {
  readonly length: number
  toString(encoding: 'latin1', start: number, end: number): string
}

/** What is used of `node:buffer`, where a runtime has it. */
interface Buffers {
  Buffer?: { from(memory: ArrayBufferLike): Characters }
}

/** Of `process`, in Node and in those that imitate it. */
interface Process {
  getBuiltinModule?(name: string): unknown
  release?: { name?: string }
  versions?: Record<string, string | undefined>
}

function builtIn(name: string): unknown {
  const { process } = globalThis as { process?: Process }
  return process?.getBuiltinModule?.(name)
}

const { Buffer } = (builtIn('node:buffer') ?? {}) as Buffers

/** The octets of a memory, not copied, where the runtime makes text of them faster than a `TextDecoder` does. */
export const charactersOf = Buffer && ((memory: ArrayBufferLike): Characters => Buffer.from(memory))

/** The runtime's own arithmetic, if it has any. */
export function hostOf(): Host | undefined {
  const crypto = builtIn('node:crypto') as Partial<Crypto> | undefined
  if (crypto?.createPublicKey === undefined || crypto.publicEncrypt === undefined) return undefined
  const { createPublicKey, publicEncrypt, hash, constants } = crypto as Crypto
  return {
    powerOf(modulus, exponent) {
      const jwk = { kty: 'RSA', n: base64url(modulus), e: base64url(exponent) } as const
      // A key that says its padding itself: Node reads it there too, and in Node 24 { key, padding } costs half as much again.
      const key = Object.assign(createPublicKey({ key: jwk, format: 'jwk' }), { padding: constants.RSA_NO_PADDING })
      return (octets) => publicEncrypt(key, octets)
    },
    // In one call, and as text: an object for the hash, or a Buffer for what comes out, costs more than hashing.
    sha256: hash && ((octets) => hash('sha256', octets, 'binary')),
  }
}

/**
 * What the runtime does faster than the core: in Node and in Bun all of it, in workerd, which passes for Node, the powers
 * alone, in Deno nothing.
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
