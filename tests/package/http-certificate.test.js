// @ts-check
/** Certificate-bound tokens (RFC 8705) over real TLS, with client certificates that OpenSSL made. */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash, X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, request as send } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { Verifier } from 'countersign'
import { guard, nodeCertificate } from 'countersign/node'
import { SignJWT } from 'jose'

const SECRET = new TextEncoder().encode('a secret of thirty-two octets!!!')

/** @param {string} folder @param {string} name */
function makeCertificate(folder, name) {
  const [key, cert] = [join(folder, `${name}.key`), join(folder, `${name}.crt`)]
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
  execFileSync('openssl', ['req', '-x509', ...curve, '-subj', `/CN=${name}`, '-keyout', key, '-out', cert], {
    stdio: 'pipe',
  })
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') }
}

/** @param {string} cert */
const bound = (cert) =>
  new SignJWT({ cnf: { 'x5t#S256': createHash('sha256').update(new X509Certificate(cert).raw).digest('base64url') } })
    .setProtectedHeader({ alg: 'HS256' })
    .setExpirationTime('5m')
    .sign(SECRET)

test('a token is accepted over the connection of its certificate alone', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-'))
  const server = makeCertificate(folder, 'localhost')
  const first = makeCertificate(folder, 'first')
  const second = makeCertificate(folder, 'second')
  rmSync(folder, { recursive: true })
  const verifier = new Verifier({ issuer: null, audience: null, keys: { secret: SECRET } })
  for (const [selfSigned, ca, isTrusted] of /** @type {const} */ ([
    [false, first.cert + second.cert, true],
    [false, server.cert, false],
    [true, server.cert, true],
  ])) {
    const protect = guard(verifier, { certificate: nodeCertificate({ selfSigned }) })
    const listener = createServer(
      { ...server, ca, requestCert: true, rejectUnauthorized: false },
      (request, response) => protect(request, response, () => response.end()),
    )
    await new Promise((resolve) => listener.listen(0, '127.0.0.1', () => resolve(undefined)))
    const { port } = /** @type {import('node:net').AddressInfo} */ (listener.address())
    /** @param {{ key: string, cert: string } | undefined} client @param {string} token @returns {Promise<number | undefined>} */
    const status = (client, token) =>
      new Promise((resolve, reject) => {
        const headers = { authorization: `Bearer ${token}` }
        const options = {
          host: '127.0.0.1',
          port,
          ca: server.cert,
          servername: 'localhost',
          agent: false,
          headers,
          ...client,
        }
        const sent = send(options, (response) => response.resume().on('end', () => resolve(response.statusCode)))
        sent.on('error', reject).end()
      })
    try {
      const toFirst = await bound(first.cert)
      const toSecond = await bound(second.cert)
      assert.equal(await status(first, toFirst), isTrusted ? 200 : 401)
      assert.equal(await status(second, toSecond), isTrusted ? 200 : 401)
      assert.equal(await status(first, toSecond), 401)
      assert.equal(await status(second, toFirst), 401)
      assert.equal(await status(undefined, toFirst), 401)
    } finally {
      await new Promise((resolve) => listener.close(resolve))
    }
  }
})
