// @ts-check
/**
 * What OpenSSL says to the questions on standard input, a line of JSON each: a line of `true`, `false` or `error` for each. A
 * program of its own, because some keys end it.
 *
 * @module
 */

import { createHmac, createPublicKey, timingSafeEqual, verify } from 'node:crypto'
import { writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { familyOf } from './keys.js'
import { hashOf } from './sign.js'

/** @param {import('./hard.js').Question} question */
function answered({ alg, jwk, input, signature }) {
  const octets = Buffer.from(signature, 'base64url')
  const family = familyOf(alg)
  if (family === 'HMAC') {
    const tag = createHmac(hashOf(alg), Buffer.from(String(jwk.k), 'base64url'))
      .update(input)
      .digest()
    return tag.length === octets.length && timingSafeEqual(tag, octets)
  }
  const key = createPublicKey({ key: jwk, format: 'jwk' })
  if (family === 'OKP') return verify(null, Buffer.from(input), key, octets)
  return verify(hashOf(alg), Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }, octets)
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
