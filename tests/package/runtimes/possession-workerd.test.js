// @ts-check
/** Proof of possession in workerd: certificates as Cloudflare reports them in `request.cf`, and DPoP. */

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, test } from 'node:test'
import { build } from 'esbuild'
import { SignJWT } from 'jose'
import { folder } from '../stores/servers.js'
import { HERE, PROJECT, runtime } from './lib.js'

const { path, remove } = folder('possession')
/** @typedef {import('node:stream').Readable} Readable */
/** @type {import('node:child_process').ChildProcessByStdio<import('node:stream').Writable, Readable, null> | undefined} */
let workerd
/** @type {AsyncIterator<string> | undefined} */
let lines

before(async () => {
  const outfile = join(path, 'worker.mjs')
  await build({
    entryPoints: [join(HERE, 'possession-worker.js')],
    ...{ bundle: true, outfile, format: 'esm', conditions: ['worker', 'browser'] },
  })
  const args = [join(HERE, 'possession-requests.js'), outfile]
  workerd = spawn(runtime('node24/bin/node'), args, { cwd: PROJECT, stdio: ['pipe', 'pipe', 'inherit'] })
  lines = createInterface(workerd.stdout)[Symbol.asyncIterator]()
})

after(async () => {
  workerd?.stdin.end()
  if (workerd?.exitCode === null) await once(workerd, 'exit')
  remove()
})

/**
 * @param {string} below @param {Record<string, string>} headers @param {object} [cf]
 * @returns {Promise<{ status: number, headers: Record<string, string>, text: string }>}
 */
async function ask(below, headers, cf) {
  workerd?.stdin.write(`${JSON.stringify({ path: below, headers, cf })}\n`)
  return JSON.parse(String((await lines?.next())?.value))
}

/** @param {object} cnf */
const mint = (cnf) =>
  new SignJWT({ cnf })
    .setProtectedHeader({ alg: 'HS256' })
    .setExpirationTime('10m')
    .sign(new TextEncoder().encode('a secret of thirty-two octets!!!'))

const thumbprint = createHash('sha256').update('der').digest()

/** As Cloudflare documents `request.cf.tlsClientAuth`. */
const VERIFIED = {
  certPresented: '1',
  certVerified: 'SUCCESS',
  certRevoked: '0',
  certFingerprintSHA256: thumbprint.toString('hex'),
  certFingerprintSHA1: 'ab'.repeat(20),
  certIssuerDN: 'CN=Cloudflare Managed CA',
}

test('a certificate counts if Cloudflare verified it, and it is not revoked', async () => {
  const token = await mint({ 'x5t#S256': thumbprint.toString('base64url') })
  const other = await mint({ 'x5t#S256': createHash('sha256').update('other').digest('base64url') })
  const bearer = { authorization: `Bearer ${token}` }
  /** @param {object} changes */
  const withCertificate = (changes) => ({ tlsClientAuth: { ...VERIFIED, ...changes } })
  for (const [what, status, cf, headers] of /** @type {[string, number, any, Record<string, string>?][]} */ ([
    ['verified', 200, withCertificate({})],
    [
      'verified, upper-case digits',
      200,
      withCertificate({ certFingerprintSHA256: VERIFIED.certFingerprintSHA256.toUpperCase() }),
    ],
    ['FAILED', 401, withCertificate({ certVerified: 'FAILED:self signed certificate' })],
    ['FAILED alone', 401, withCertificate({ certVerified: 'FAILED' })],
    ['NONE', 401, withCertificate({ certVerified: 'NONE' })],
    ['another word', 401, withCertificate({ certVerified: 'success' })],
    ['revoked', 401, withCertificate({ certRevoked: '1' })],
    ['not presented', 401, withCertificate({ certPresented: '0', certFingerprintSHA256: '' })],
    ['not presented, yet with a fingerprint', 401, withCertificate({ certPresented: '0' })],
    ['a short fingerprint', 401, withCertificate({ certFingerprintSHA256: 'ab' })],
    ['another certificate', 401, withCertificate({ certFingerprintSHA256: 'ab'.repeat(32) })],
    ['a token of another certificate', 401, withCertificate({}), { authorization: `Bearer ${other}` }],
    ['null', 401, { tlsClientAuth: null }],
    ['nothing in cf', 401, {}],
    ['no cf', 401, undefined],
  ])) {
    const answer = await ask('/certificate', headers ?? bearer, cf)
    assert.equal(answer.status, status, what)
    if (status === 401) assert.equal(answer.headers['www-authenticate'], 'Bearer error="invalid_token"', what)
  }
})

test('a header cannot replace what Cloudflare reports', async () => {
  const token = await mint({ 'x5t#S256': thumbprint.toString('base64url') })
  const headers = {
    authorization: `Bearer ${token}`,
    'cf-client-cert-sha256': thumbprint.toString('hex'),
    'client-cert': `:${Buffer.from('der').toString('base64')}:`,
  }
  assert.equal((await ask('/certificate', headers)).status, 401)
})

test('a key of the Worker serves all its requests, and a proof by it is accepted once', async () => {
  const { text: jkt } = await ask('/thumbprint', {})
  const token = await mint({ jkt })
  const authorization = `DPoP ${token}`
  const { text: first } = await ask('/proof', { token })
  const refused = await ask('/dpop', { authorization, dpop: first })
  assert.equal(refused.status, 401)
  assert.match(String(refused.headers['www-authenticate']), /^DPoP error="use_dpop_nonce"/)
  const nonce = String(refused.headers['dpop-nonce'])
  const { text: second } = await ask('/proof', { token, nonce })
  assert.equal((await ask('/dpop', { authorization, dpop: second })).status, 200)
  assert.equal((await ask('/dpop', { authorization, dpop: second })).status, 401)
  assert.equal((await ask('/thumbprint', {})).text, jkt)
})
