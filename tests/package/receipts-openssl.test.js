// @ts-check
/** Receipts signed with Ed25519 (RFC 8037 section 3.1) against OpenSSL. */

import assert from 'node:assert/strict'
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto'
import { test } from 'node:test'
import { countersign } from 'countersign'

const EXPIRES = Math.floor(Date.now() / 1000) + 3600

/** What a PKCS #8 file of an Ed25519 key has before the seed (RFC 8410 section 7). */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex')

/** The key of a seed. @param {Buffer} seed */
const keyOf = (seed) => createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' })

/**
 * Holds one receipt to OpenSSL: its signature is accepted, and is the one that OpenSSL makes.
 *
 * @param {import('node:crypto').KeyObject} key @param {number} index Makes texts of different lengths.
 */
function agrees(key, index) {
  const { d, x, kty, crv } = key.export({ format: 'jwk' })
  const receipt = { expires: EXPIRES, bind: { order_id: '7'.repeat(1 + (index % 200)) } }
  const privateKey = /** @type {any} */ ({ kty, crv, d, x })
  const [jws = ''] = countersign(`token${index}`, receipt, { privateKey }).split('~')
  const [input = '', signature = ''] = [jws.slice(0, jws.lastIndexOf('.')), jws.slice(jws.lastIndexOf('.') + 1)]
  assert.ok(verify(null, Buffer.from(input), createPublicKey(key), Buffer.from(signature, 'base64url')), d)
  assert.equal(signature, sign(null, Buffer.from(input), key).toString('base64url'), d)
}

test('the signature of a receipt is the one that OpenSSL makes', () => {
  for (let index = 0; index < 300; index += 1) agrees(generateKeyPairSync('ed25519').privateKey, index)
})

test('a seed of zeros, of ones, or with one bit set signs as in OpenSSL', () => {
  for (const octet of [0, 0xff]) agrees(keyOf(Buffer.alloc(32, octet)), octet)
  for (let bit = 0; bit < 256; bit += 7) {
    const seed = Buffer.alloc(32)
    seed.writeUInt8(1 << (bit % 8), bit >> 3)
    agrees(keyOf(seed), bit)
  }
})

test('a key that cannot sign is refused with its path', () => {
  const [one, other] = [0, 1].map(() => generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }))
  const receipt = { expires: EXPIRES, bind: { order_id: '1' } }
  /** @type {[object, string][]} */
  const refused = [
    [{ privateKey: { ...one, x: other?.x } }, 'key.privateKey.x must be the public key of d'],
    [{ privateKey: { ...one, d: 'AAAA' } }, 'key.privateKey.d must be 32 octets'],
    [{ privateKey: { ...one, alg: 'ES256' } }, 'key.privateKey.alg must be EdDSA or Ed25519'],
    [{ privateKey: 'text' }, 'key.privateKey must be an Ed25519 private JWK'],
    [{ secret: 'short' }, 'key.secret must be at least as long as the hash'],
  ]
  for (const [key, message] of refused) {
    const call = () => countersign('token', receipt, /** @type {any} */ (key))
    assert.throws(call, (error) => error instanceof TypeError && error.message.startsWith(message), message)
  }
  const withoutSeed = /** @type {any} */ ({ privateKey: { ...one, d: undefined } })
  assert.throws(() => countersign('token', receipt, withoutSeed), TypeError)
})
