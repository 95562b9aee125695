// @ts-check
/**
 * Whole numbers as keys and signatures spell them, and the constants of the curves.
 *
 * @module
 */

/** @param {Buffer | Uint8Array} octets Big-endian. */
export const toNumber = (octets) => BigInt(`0x${Buffer.from(octets).toString('hex') || '0'}`)

/**
 * Big-endian, in `size` octets, or in as few as it takes.
 *
 * @param {bigint} number @param {number} [size]
 */
export function toOctets(number, size) {
  const digits = number.toString(16)
  const least = Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex')
  if (size === undefined) return least
  if (least.length > size) throw new RangeError(`the number takes more than ${size} octets`)
  return Buffer.concat([Buffer.alloc(size - least.length), least])
}

/** @param {bigint} base @param {bigint} exponent @param {bigint} modulus */
export function power(base, exponent, modulus) {
  let result = 1n
  for (let square = base % modulus; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = (result * square) % modulus
    square = (square * square) % modulus
  }
  return result
}

/** @param {bigint} number @param {bigint} modulus */
export function inverse(number, modulus) {
  let [a, b, x, y] = [((number % modulus) + modulus) % modulus, modulus, 1n, 0n]
  while (b > 0n) {
    const quotient = a / b
    ;[a, b, x, y] = [b, a - quotient * b, y, x - quotient * y]
  }
  return ((x % modulus) + modulus) % modulus
}

/**
 * SEC 2: the field prime and the order of each curve, and how many octets a number below either takes.
 *
 * @type {Record<string, { crv: string, openssl: string, size: number, p: bigint, n: bigint }>}
 */
export const CURVES = {
  ES256: {
    crv: 'P-256',
    openssl: 'prime256v1',
    size: 32,
    p: 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n,
    n: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  },
  ES384: {
    crv: 'P-384',
    openssl: 'secp384r1',
    size: 48,
    p: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
    n: BigInt('0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973'),
  },
  ES512: {
    crv: 'P-521',
    openssl: 'secp521r1',
    size: 66,
    p: 2n ** 521n - 1n,
    n: BigInt(
      '0x01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa' +
        '51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409',
    ),
  },
  ES256K: {
    crv: 'secp256k1',
    openssl: 'secp256k1',
    size: 32,
    p: 2n ** 256n - 2n ** 32n - 977n,
    n: 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n,
  },
}
