/**
 * What the runtime can do for the core: raise to the public exponents of RSA. The padding and the verdict are the core's.
 *
 * @module
 */

/** Raises octets to an exponent. */
export type Power = (octets: Uint8Array) => Uint8Array

/** Prepares raising to `exponent` modulo `modulus`. */
export type Host = (modulus: Uint8Array, exponent: Uint8Array) => Power

/** What is used of `node:crypto`, where a runtime has it. */
interface Crypto {
  createPublicKey(key: { key: { kty: 'RSA'; n: string; e: string }; format: 'jwk' }): object
  publicEncrypt(key: { padding: number }, octets: Uint8Array): Uint8Array
  constants: { RSA_NO_PADDING: number }
}

/** Of `process`, in Node and in those that imitate it. */
interface Process {
  getBuiltinModule?(name: string): unknown
  release?: { name?: string }
  versions?: Record<string, string | undefined>
}

/** The runtime's own RSA, if it has one. */
export function hostOf(): Host | undefined {
  const { process } = globalThis as { process?: Process }
  const crypto = process?.getBuiltinModule?.('node:crypto') as Partial<Crypto> | undefined
  if (crypto?.createPublicKey === undefined || crypto.publicEncrypt === undefined) return undefined
  const { createPublicKey, publicEncrypt, constants } = crypto as Crypto
  return (modulus, exponent) => {
    const jwk = { kty: 'RSA', n: base64url(modulus), e: base64url(exponent) } as const
    // A key that says its padding itself: Node reads it there too, and in Node 24 { key, padding } costs half as much again.
    const key = Object.assign(createPublicKey({ key: jwk, format: 'jwk' }), { padding: constants.RSA_NO_PADDING })
    return (octets) => publicEncrypt(key, octets)
  }
}

/** Whether the runtime's own RSA is faster than the core's: in Node it is. */
export function isHostFaster(): boolean {
  const { process } = globalThis as { process?: Process }
  const { bun, deno } = process?.versions ?? {}
  return process?.release?.name === 'node' && bun === undefined && deno === undefined
}

function base64url(octets: Uint8Array): string {
  const text = btoa(String.fromCharCode(...octets))
  return text.replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')
}
