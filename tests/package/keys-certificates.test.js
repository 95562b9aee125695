// @ts-check
/** K-17: an object of `kid` to PEM certificate, as Google and Firebase publish their keys; made by OpenSSL. */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { remoteKeys, Verifier } from 'countersign'
import { importPKCS8, SignJWT } from 'jose'
import { json, origin } from './keys/origin.js'

/**
 * A self-signed certificate, and what signs with its key.
 *
 * @param {readonly string[]} newkey Options of openssl.
 * @param {string} alg
 */
async function certificate(newkey, alg) {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-'))
  try {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
    const args = [
      'req',
      '-x509',
      ...newkey,
      '-nodes',
      '-keyout',
      key,
      '-out',
      cert,
      '-subj',
      '/CN=securetoken',
      '-days',
      '1',
    ]
    execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] })
    const privateKey = await importPKCS8(readFileSync(key, 'utf8'), alg)
    const sign = (/** @type {string} */ kid) =>
      new SignJWT({ exp: Math.floor(Date.now() / 1000) + 600 }).setProtectedHeader({ alg, kid }).sign(privateKey)
    return { pem: readFileSync(cert, 'utf8'), sign }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

test('certificates by kid are keys; what is not one is skipped', async () => {
  const [rsa, ec] = await Promise.all([
    certificate(['-newkey', 'rsa:2048'], 'RS256'),
    certificate(['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'], 'ES256'),
  ])
  const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'
  const server = await origin(json({ one: rsa.pem, two: ec.pem, three: broken }))
  try {
    const source = remoteKeys(server.url)
    const verifier = new Verifier({ issuer: null, audience: null, keys: source })
    assert.equal((await verifier.verifyAsync(await rsa.sign('one'))).key.kid, 'one')
    assert.equal((await verifier.verifyAsync(await ec.sign('two'))).key.kid, 'two')
    await assert.rejects(verifier.verifyAsync(await rsa.sign('two')))
    assert.deepEqual([source.stats.keys, source.stats.skipped], [2, 1])
    for (const document of [{ one: rsa.pem, two: 7 }, {}, { one: 'text' }, { one: broken }]) {
      server.answer = json(document)
      await assert.rejects(remoteKeys(server.url).ready(), { code: 'keys_unavailable' })
    }
  } finally {
    await server.close()
  }
})
