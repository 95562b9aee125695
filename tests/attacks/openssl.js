// @ts-check
/**
 * What OpenSSL says to the questions on standard input, a line of JSON each: a line of `true`, `false` or `error` for each. A
 * program of its own, because some keys end it.
 *
 * @module
 */

import { constants, createHmac, createPublicKey, timingSafeEqual, verify } from 'node:crypto'
import { writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { familyOf } from './keys.js'
import { hashOf } from './sign.js'

const PSS = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
const P1363 = /** @type {const} */ ({ dsaEncoding: 'ieee-p1363' })

/** What OpenSSL calls the keys of each family. @type {Record<string, string>} */
const TYPES = { RSA: 'rsa', EC: 'ec', OKP: 'ed25519' }

/** @param {Omit<import('./hard.js').Question, 'name'> & { pem?: string }} question */
function answered({ alg, jwk, pem, input, signature }) {
  const octets = Buffer.from(signature, 'base64url')
  const family = familyOf(alg)
  if (family === 'HMAC') {
    const tag = createHmac(hashOf(alg), Buffer.from(String(jwk.k), 'base64url'))
      .update(input)
      .digest()
    return tag.length === octets.length && timingSafeEqual(tag, octets)
  }
  const key = pem === undefined ? createPublicKey({ key: jwk, format: 'jwk' }) : createPublicKey(pem)
  if (key.asymmetricKeyType !== TYPES[family]) return false
  if (family === 'OKP') return verify(null, Buffer.from(input), key, octets)
  return verify(hashOf(alg), Buffer.from(input), { key, ...(alg.startsWith('PS') ? PSS : P1363) }, octets)
}

for await (const line of createInterface({ input: process.stdin })) {
  let answer
  try {
    answer = String(answered(JSON.parse(line)))
  } catch {
    answer = 'error'
  }
  writeSync(1, `${answer}\n`)
}
