// @ts-check
/**
 * Makes `keys.json`: TEST KEYS, published with the repository and worth nothing.
 *
 * Needs `openssl` for the certificates. Run by hand, once: other keys mean other signatures in
 * every vector.
 *
 * @module
 */

import { execFileSync } from 'node:child_process'
import { createPrivateKey, generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** @param {import('node:crypto').KeyObject} key @returns {Record<string, unknown>} */
const jwk = (key) => /** @type {Record<string, unknown>} */ (key.export({ format: 'jwk' }))
/** @param {string} [namedCurve] */
const ec = (namedCurve = 'P-256') => jwk(generateKeyPairSync('ec', { namedCurve }).privateKey)
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
  es384: ec('P-384'),
  es512: ec('P-521'),
  es256k: ec('secp256k1'),
  ed25519: ed25519(),
  ed25519Other: ed25519(),
  secret: { kty: 'oct', k: randomBytes(64).toString('base64url') },
  secretOther: { kty: 'oct', k: randomBytes(64).toString('base64url') },
}

/** A certificate of one day that a key signs for itself. @param {Record<string, unknown>} key */
function certificate(key) {
  const folder = mkdtempSync(join(tmpdir(), 'mint-'))
  const file = join(folder, 'key.pem')
  const privateKey = createPrivateKey({ key, format: 'jwk' })
  writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }))
  const subject = '/CN=countersign test certificate'
  const args = ['req', '-x509', '-key', file, '-subj', subject, '-days', '1']
  const pem = execFileSync('openssl', args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  rmSync(folder, { recursive: true })
  return pem
}
const certificates = {
  rs256: certificate(keys.rs256),
  es256: certificate(keys.es256),
  ed25519: certificate(keys.ed25519),
}

const text = JSON.stringify({ ...keys, certificates }, null, 2)
writeFileSync(new URL('keys.json', import.meta.url), `${text}\n`)
