// @ts-check
/**
 * Makes `keys.json`: TEST KEYS, published with the repository and worth nothing.
 *
 * Run by hand, once: other keys mean other signatures in every vector.
 *
 * @module
 */

import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'

/** @param {import('node:crypto').KeyObject} key @returns {Record<string, unknown>} */
const jwk = (key) => /** @type {Record<string, unknown>} */ (key.export({ format: 'jwk' }))
const ec = () => jwk(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)
const ed25519 = () => jwk(generateKeyPairSync('ed25519').privateKey)
/** @param {number} bits */
const rsa = (bits) => jwk(generateKeyPairSync('rsa', { modulusLength: bits }).privateKey)

const keys = {
  note: 'TEST KEYS. They sign the vectors in this folder, are public, and must never sign anything.',
  es256: ec(),
  es256Other: ec(),
  rs256: rsa(2048),
  rs256Other: rsa(2048),
  rsa1024: rsa(1024),
  ed25519: ed25519(),
  ed25519Other: ed25519(),
  secret: { kty: 'oct', k: randomBytes(64).toString('base64url') },
  secretOther: { kty: 'oct', k: randomBytes(64).toString('base64url') },
}

writeFileSync(new URL('keys.json', import.meta.url), `${JSON.stringify(keys, null, 2)}\n`)
