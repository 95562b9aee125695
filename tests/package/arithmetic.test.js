// @ts-check
/** Who raises to the public exponents of RSA, and who hashes: whoever it is, the verdict is the core's. */

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { Verifier } from 'countersign'
import { SignJWT } from 'jose'

const NOW = 1_700_000_000
const ALGS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']
const ANY = { issuer: null, audience: null, clock: () => NOW, cache: /** @type {const} */ (false) }

for (const modulusLength of [2048, 2050, 3072, 4096]) {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength })
  const keys = { pem: String(publicKey.export({ type: 'spki', format: 'pem' })) }
  const verifiers = /** @type {const} */ (['wasm', 'host', 'auto']).map(
    (arithmetic) => new Verifier({ ...ANY, keys, arithmetic }),
  )

  test(`${modulusLength} bits: the host’s power and the core’s lead to one verdict`, async () => {
    const modulus = Buffer.from(String(publicKey.export({ format: 'jwk' }).n), 'base64url')
    for (const alg of ALGS) {
      const good = await new SignJWT({ exp: NOW + 60, n: randomBytes(9).toString('hex') })
        .setProtectedHeader({ alg })
        .sign(privateKey)
      const body = good.slice(0, good.lastIndexOf('.') + 1)
      const signature = Buffer.from(good.slice(body.length), 'base64url')
      const flipped = (/** @type {number} */ at) => signature.map((octet, index) => (index === at ? octet ^ 1 : octet))
      const bad = [
        flipped(signature.length - 1),
        flipped(signature.length >> 1),
        modulus,
        Buffer.alloc(signature.length),
        Buffer.alloc(signature.length, 0xff),
        signature.subarray(1),
        Buffer.concat([Buffer.alloc(1), signature]),
        randomBytes(signature.length),
        Buffer.concat([Buffer.alloc(signature.length - 1), Buffer.of(1)]),
      ].map((octets) => body + Buffer.from(octets).toString('base64url'))
      // The first token is the one that a host has to prove itself with.
      for (const [token, code] of [
        [bad[0], 'signature_invalid'],
        ...Array(3).fill([good, 'ok']),
        ...bad.map((token) => [token, 'signature_invalid']),
      ]) {
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
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '-e', source], {
    encoding: 'utf8',
    cwd: import.meta.dirname,
  })
  assert.equal(status, 0, stderr)
  return stdout.trim()
}

const THREE = `const verifier = make('host'); console.log([1, 2, 3].map((n) => verdict(verifier, n)).join(), asked)`

test('a host whose result differs from the core’s is not called again', () => {
  for (const answer of [
    'Buffer.alloc(256)',
    'undefined',
    '"text"',
    'new Uint8Array(0)',
    '(() => { throw new Error("no") })()',
  ]) {
    assert.equal(
      withCrypto(`{ ...crypto, publicEncrypt: () => { asked += 1; return ${answer} } }`, THREE),
      'ok,ok,ok 1',
      answer,
    )
  }
  assert.equal(
    withCrypto(`{ ...crypto, createPublicKey: () => { asked += 1; throw new Error('no') } }`, THREE),
    'ok,ok,ok 1',
  )
})

test('a host that fails later is replaced by the core, and one that lies later has a token refused', () => {
  const later = (/** @type {string} */ answer) =>
    `{ ...crypto, publicEncrypt: (...args) => ((asked += 1) === 2 ? ${answer} : crypto.publicEncrypt(...args)) }`
  assert.equal(withCrypto(later('(() => { throw new Error("no") })()'), THREE), 'ok,ok,ok 3')
  for (const length of [0, 255, 257]) assert.equal(withCrypto(later(`Buffer.alloc(${length})`), THREE), 'ok,ok,ok 3')
  assert.equal(withCrypto(later('Buffer.alloc(256, 7)'), THREE), 'ok,signature_invalid,ok 3')
})

/** What `crypto.hash`, of Node 20.12 and later, comes to. */
const HASH = "crypto.createHash('sha256').update(args[1]).digest(args[2])"

/** Whatever a host does with the package while the core waits for it. */
const MEANWHILE = {
  'verifies another token': 'verifier.tryVerify(good)',
  'verifies with another verifier': 'other.tryVerify(good)',
  'verifies many': 'verifier.tryVerifyMany([good, good])',
  'verifies what is no text': "verifier.tryVerify(good + '\\ud800')",
  'holds a token against the policy': 'verifier.inspect(good)',
  'inspects another token': 'inspect(good)',
  'builds a verifier': 'make("wasm").tryVerify(good)',
  countersigns: "countersign('opaque', { expires: 1700000300, bind: { order_id: '1' } }, { secret: 'x'.repeat(32) })",
  'disposes of the verifier': 'verifier[Symbol.dispose]()',
}

for (const [what, act] of Object.entries(MEANWHILE)) {
  test(`a host that ${what} while it is asked has no forged token accepted`, () => {
    for (const { asked, catches } of [
      { asked: 'publicEncrypt', catches: true },
      { asked: 'publicEncrypt', catches: false },
      { asked: 'hash', catches: true },
    ]) {
      const meanwhile = catches ? `try { ${act} } catch {}` : act
      const entered = `const enter = () => { if (asks) { asks = false; ${meanwhile} } }`
      const script = `
        const { inspect, countersign } = await import('countersign')
        let asks = false
        ${entered}
        globalThis.enter = enter
        const other = make('host')
        const filler = 'x'.repeat(300)
        const good = token({ user: 'good', filler })
        const forged = good.split('.').map((one, index) => (index === 1 ? part({ user: 'admin', filler }) : one)).join('.')
        const lines = []
        for (const cache of [false, {}]) {
          for (const bad of [forged, forged.slice(0, -300) + 'A'.repeat(300)]) {
            const verifier = new Verifier({ issuer: null, audience: null, expiry: 'optional', keys, cache, arithmetic: 'host' })
            globalThis.verifier = verifier
            if (!verifier.tryVerify(token({ user: 'first', filler })).ok) lines.push('a good token was refused')
            for (const presented of [bad, good, bad]) {
              asks = true
              try {
                const found = verifier.tryVerify(presented)
                if (found.ok && (presented !== good || found.claims.user !== 'good')) lines.push('accepted as ' + found.claims.user)
              } catch (error) {
                if (!(error instanceof TypeError) || !error.message.includes('disposed')) lines.push(String(error))
              }
              asks = false
              if (other.tryVerify(bad).ok) lines.push('remembered')
              if (!other.tryVerify(good).ok) lines.push('another verifier refuses')
            }
          }
        }
        console.log(lines.join('; ') || 'held')`
      const answer = asked === 'hash' ? HASH : 'crypto.publicEncrypt(...args)'
      const changed = `{ ...crypto, hash: undefined, ${asked}: (...args) => { globalThis.enter?.(); return ${answer} } }`
      assert.equal(withCrypto(changed, script), 'held', `${asked}, ${catches}`)
    }
  })
}

test('where the runtime has no RSA, the core has, and asking for the runtime’s is a TypeError', () => {
  const script = `
    console.log(verdict(make('auto'), 1), verdict(make('wasm'), 1))
    try { make('host') } catch (error) { console.log(error instanceof TypeError, error.message.includes('arithmetic')) }`
  for (const changed of ['undefined', '({})']) assert.equal(withCrypto(changed, script), 'ok ok\ntrue true')
})

test('whoever hashes, the verdict and the id are the same', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pem = (/** @type {import('node:crypto').KeyObject} */ key) => ({
    pem: String(key.export({ type: 'spki', format: 'pem' })),
  })
  const secrets = [32, 64, 65, 200].map((octets) => randomBytes(octets))
  const signers = [
    ...secrets.map((secret) => ({ alg: 'HS256', key: secret, keys: { secret } })),
    { alg: 'ES256', key: privateKey, keys: pem(publicKey) },
    { alg: 'RS256', key: rsa.privateKey, keys: pem(rsa.publicKey) },
    { alg: 'PS256', key: rsa.privateKey, keys: pem(rsa.publicKey) },
  ]
  for (const { alg, key, keys } of signers) {
    const verifiers = /** @type {const} */ (['wasm', 'host', 'auto']).map(
      (arithmetic) => new Verifier({ ...ANY, keys, arithmetic }),
    )
    // Around the length from which a host is asked, and around the end of a block.
    for (let length = 130; length < 200; length += 1) {
      const good = await new SignJWT({ exp: NOW + 60, x: 'x'.repeat(length) }).setProtectedHeader({ alg }).sign(key)
      const last = good.lastIndexOf('.')
      const bad = [
        `${good.slice(0, 60)}${good[60] === 'B' ? 'C' : 'B'}${good.slice(61)}`,
        `${good.slice(0, last + 9)}${good[last + 9] === 'B' ? 'C' : 'B'}${good.slice(last + 10)}`,
      ]
      const [first, ...others] = verifiers.map((verifier) => verifier.verify(good))
      for (const other of others) assert.deepEqual(other, first)
      for (const token of bad) {
        const codes = verifiers.map((verifier) => /** @type {any} */ (verifier.tryVerify(token)).code)
        assert.equal(new Set(codes).size, 1, `${alg}: ${codes}`)
      }
    }
  }
})

const HASHED = `
  const secret = Buffer.alloc(32, 7)
  const signed = (n) => {
    const input = part({ alg: 'HS256' }) + '.' + part({ n, x: 'x'.repeat(300) })
    return input + '.' + crypto.createHmac('sha256', secret).update(input).digest('base64url')
  }
  const verifier = new Verifier({ issuer: null, audience: null, expiry: 'optional', keys: { secret }, cache: false, arithmetic: 'host' })
  const verdicts = [1, 2, 3].map((n) => { const found = verifier.tryVerify(signed(n)); return found.ok ? 'ok' : found.code })
  console.log(verdicts.join(), asked)`

test('a host that hashes wrongly, or not at all, is not asked for what is signed', () => {
  const answers = [
    '"x".repeat(16)',
    '"\\u0100".repeat(16)',
    '"x".repeat(32)',
    '""',
    'undefined',
    '7',
    'Buffer.alloc(32)',
    '(() => { throw new Error("no") })()',
  ]
  for (const answer of answers) {
    assert.equal(
      withCrypto(`{ ...crypto, hash: () => { asked += 1; return ${answer} } }`, HASHED),
      'ok,ok,ok 1',
      answer,
    )
  }
  assert.equal(withCrypto('{ ...crypto, hash: undefined }', HASHED), 'ok,ok,ok 0')
})

test('a host that fails to hash later is replaced by the core, and one that lies later has a token refused', () => {
  // It is asked four times to prove itself, and once for each token.
  const sixth = (/** @type {string} */ answer) =>
    `{ ...crypto, hash: (...args) => ((asked += 1) === 6 ? ${answer} : ${HASH}) }`
  assert.equal(withCrypto(sixth(HASH), HASHED), 'ok,ok,ok 7')
  assert.equal(withCrypto(sixth('(() => { throw new Error("no") })()'), HASHED), 'ok,ok,ok 7')
  assert.equal(withCrypto(sixth('""'), HASHED), 'ok,ok,ok 7')
  assert.equal(withCrypto(sixth('"x".repeat(16)'), HASHED), 'ok,signature_invalid,ok 7')
})

test('an unknown arithmetic is a TypeError', () => {
  for (const arithmetic of ['native', '', null, undefined, true]) {
    const options = /** @type {any} */ ({ ...ANY, keys: { secret: randomBytes(32) }, arithmetic })
    assert.throws(
      () => new Verifier(options),
      (error) => error instanceof TypeError && /arithmetic/.test(error.message),
    )
  }
})
