// @ts-check
/**
 * Signatures by OpenSSL, through `node:crypto`, over whatever text they are asked for.
 *
 * @module
 */

import { constants, createHash, createHmac, privateEncrypt, sign as signOctets } from 'node:crypto'

/** @typedef {import('./keys.js').Key} Key */

/** The hash of an algorithm, as node:crypto calls it. @param {string} alg */
export const hashOf = (alg) => `sha${alg.slice(2, 5)}`

/** @param {string | Uint8Array | object} part Text and octets as they are; anything else as JSON. */
export function encode(part) {
  if (part instanceof Uint8Array) return Buffer.from(part).toString('base64url')
  return Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url')
}

/**
 * The signature of `key` over `input`.
 *
 * @param {Key} key @param {string} input @param {string} [alg] Another one that a key of this type can do.
 * @returns {Buffer}
 */
export function signature(key, input, alg = key.alg) {
  if (key.privateKey === undefined) return createHmac(hashOf(alg), key.secret).update(input).digest()
  const data = Buffer.from(input)
  if (key.family === 'OKP') return signOctets(null, data, key.privateKey)
  if (key.family === 'EC') return signOctets(hashOf(alg), data, { key: key.privateKey, dsaEncoding: 'ieee-p1363' })
  if (alg.startsWith('RS')) return signOctets(hashOf(alg), data, key.privateKey)
  const { RSA_PKCS1_PSS_PADDING: padding, RSA_PSS_SALTLEN_DIGEST: saltLength } = constants
  return signOctets(hashOf(alg), data, { key: key.privateKey, padding, saltLength })
}

/**
 * A JWS of two parts that are already spelled.
 *
 * @param {Key} key @param {string} header @param {string} payload @param {string} [alg]
 */
export function signSpelled(key, header, payload, alg) {
  const input = `${header}.${payload}`
  return `${input}.${signature(key, input, alg).toString('base64url')}`
}

/**
 * A JWS over any header and any payload, well formed or not.
 *
 * @param {Key} key @param {string | Uint8Array | object} header @param {string | Uint8Array | object} payload
 * @param {string} [alg]
 */
export const jws = (key, header, payload, alg) => signSpelled(key, encode(header), encode(payload), alg)

/** A block raised to the private exponent as it stands. @param {Key} key @param {Buffer} block */
export function rawRsa(key, block) {
  if (key.privateKey === undefined) throw new TypeError('a key of RSA is needed')
  return privateEncrypt({ key: key.privateKey, padding: constants.RSA_NO_PADDING }, block)
}

/** @param {string} alg @param {string | Uint8Array} data */
export const digest = (alg, data) => createHash(hashOf(alg)).update(data).digest()
