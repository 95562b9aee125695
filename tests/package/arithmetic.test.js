// @ts-check
/** Who raises to the public exponents of RSA: whoever it is, the verdict is the core's. */

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { SignJWT } from 'jose'
import { Verifier } from 'countersign'

const NOW = 1_700_000_000
const ALGS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']
const ANY = { issuer: null, audience: null, clock: () => NOW, cache: /** @type {const} */ (false) }

for (const modulusLength of [2048, 2050, 3072, 4096]) {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength })
  const keys = { pem: String(publicKey.export({ type: 'spki', format: 'pem' })) }
  const verifiers = /** @type {const} */ (['wasm', 'host', 'auto']).map((arithmetic) => new Verifier({ ...ANY, keys, arithmetic }))

  test(`${modulusLength} bits: the host’s power and the core’s lead to one verdict`, async () => {
    const modulus = Buffer.from(String(publicKey.export({ format: 'jwk' }).n), 'base64url')
    for (const alg of ALGS) {
      const good = await new SignJWT({ exp: NOW + 60, n: randomBytes(9).toString('hex') }).setProtectedHeader({ alg }).sign(privateKey)
      const body = good.slice(0, good.lastIndexOf('.') + 1)
      const signature = Buffer.from(good.slice(body.length), 'base64url')
      const flipped = (/** @type {number} */ at) => signature.map((octet, index) => (index === at ? octet ^ 1 : octet))
      const bad = [
        flipped(signature.length - 1), flipped(signature.length >> 1), modulus, Buffer.alloc(signature.length),
        Buffer.alloc(signature.length, 0xff), signature.subarray(1), Buffer.concat([Buffer.alloc(1), signature]), randomBytes(signature.length),
        Buffer.concat([Buffer.alloc(signature.length - 1), Buffer.of(1)]),
      ].map((octets) => body + Buffer.from(octets).toString('base64url'))
      // The first token is the one that a host has to prove itself with.
      for (const [token, code] of [[bad[0], 'signature_invalid'], ...Array(3).fill([good, 'ok']), ...bad.map((token) => [token, 'signature_invalid'])]) {
        for (const verifier of verifiers) {
          const outcome = verifier.tryVerify(token)
          assert.equal(outcome.ok ? 'ok' : outcome.code, code, alg)
        }
      }
    }
  })
}

/**
 * What a child process prints whose `node:crypto` is `changed`, an expression over `crypto`.
 * @param {string} changed @param {string} script
 */
function withCrypto(changed, script) {
  const source = `
    const crypto = process.getBuiltinModule('node:crypto')
    const original = process.getBuiltinModule
    let asked = 0
    const changed = ${changed}
    process.getBuiltinModule = (name) => (name === 'node:crypto' ? changed : original(name))
    const { Verifier } = await import('countersign')
    const { publicKey, privateKey } = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 })
    const part = (data) => Buffer.from(JSON.stringify(data)).toString('base64url')
    const token = (claims) => {
      const input = part({ alg: 'RS256' }) + '.' + part(claims)
      return input + '.' + crypto.sign('sha256', Buffer.from(input), privateKey).toString('base64url')
    }
    const keys = { pem: publicKey.export({ type: 'spki', format: 'pem' }) }
    const make = (arithmetic) => new Verifier({ issuer: null, audience: null, expiry: 'optional', keys, cache: false, arithmetic })
    const verdict = (verifier, n) => { const found = verifier.tryVerify(token({ n })); return found.ok ? 'ok' : found.code }
    ${script}`
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '-e', source], { encoding: 'utf8', cwd: import.meta.dirname })
  assert.equal(status, 0, stderr)
  return stdout.trim()
}

const THREE = `const verifier = make('host'); console.log([1, 2, 3].map((n) => verdict(verifier, n)).join(), asked)`

test('a host that does not come to what the core comes to is not asked again', () => {
  for (const answer of ['Buffer.alloc(256)', 'undefined', '"text"', 'new Uint8Array(0)', '(() => { throw new Error("no") })()']) {
    assert.equal(withCrypto(`{ ...crypto, publicEncrypt: () => { asked += 1; return ${answer} } }`, THREE), 'ok,ok,ok 1', answer)
  }
  assert.equal(withCrypto(`{ ...crypto, createPublicKey: () => { asked += 1; throw new Error('no') } }`, THREE), 'ok,ok,ok 1')
})

test('a host that fails later is replaced by the core, and one that lies later has a token refused', () => {
  const later = (/** @type {string} */ answer) => `{ ...crypto, publicEncrypt: (...args) => ((asked += 1) === 2 ? ${answer} : crypto.publicEncrypt(...args)) }`
  assert.equal(withCrypto(later('(() => { throw new Error("no") })()'), THREE), 'ok,ok,ok 3')
  assert.equal(withCrypto(later('Buffer.alloc(256, 7)'), THREE), 'ok,signature_invalid,ok 3')
})

test('where the runtime has no RSA, the core has, and asking for the runtime’s is a TypeError', () => {
  const script = `
    console.log(verdict(make('auto'), 1), verdict(make('wasm'), 1))
    try { make('host') } catch (error) { console.log(error instanceof TypeError, error.message.includes('arithmetic')) }`
  for (const changed of ['undefined', '({})']) assert.equal(withCrypto(changed, script), 'ok ok\ntrue true')
})

test('nobody else can be asked', () => {
  for (const arithmetic of ['native', '', null, undefined, true]) {
    const options = /** @type {any} */ ({ ...ANY, keys: { secret: randomBytes(32) }, arithmetic })
    assert.throws(() => new Verifier(options), (error) => error instanceof TypeError && /arithmetic/.test(error.message))
  }
})
