// @ts-check
/**
 * Chance that can be had again: octets, numbers and choices from a seed.
 *
 * @module
 */

import { createCipheriv, createHash, randomBytes } from 'node:crypto'

/**
 * @typedef {object} Random
 * @property {(count: number) => Buffer} octets
 * @property {(limit: number) => number} below A whole number, 0 included, `limit` excluded.
 * @property {<T>(items: readonly T[]) => T} one
 * @property {(count: number) => string} text base64url characters.
 * @property {(limit: bigint) => bigint} number From 1, `limit` excluded.
 */

/** A seed for a run that is given none. */
export const anySeed = () => randomBytes(8).toString('hex')

/**
 * The same for the same seed: the key stream of AES-256 in counter mode.
 *
 * @param {string} seed
 * @returns {Random}
 */
export function seeded(seed) {
  const key = createHash('sha256').update(seed).digest()
  const stream = createCipheriv('aes-256-ctr', key, Buffer.alloc(16))
  const octets = (/** @type {number} */ count) => stream.update(Buffer.alloc(count))
  const below = (/** @type {number} */ limit) => octets(6).readUIntBE(0, 6) % limit
  return {
    octets,
    below,
    one: (items) => /** @type {any} */ (items[below(items.length)]),
    text: (count) => octets(count).toString('base64url').slice(0, count),
    number: (limit) => {
      const size = Math.ceil(limit.toString(16).length / 2) + 8
      return (BigInt(`0x${octets(size).toString('hex')}`) % (limit - 1n)) + 1n
    },
  }
}
