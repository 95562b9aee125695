// @ts-check
/**
 * Conformance through the package: the attack sample, the controls, and tokens minted by jose as the test
 * runs. What the core alone can say is held in Rust (`tests/conformance_*.rs`).
 */

import assert from 'node:assert/strict'
import { generateKeyPairSync, KeyObject, sign as signOctets } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

import { TokenError, Verifier } from 'countersign'
import { exportJWK, exportSPKI, generateKeyPair, generateSecret, SignJWT } from 'jose'

const folder = new URL('../conformance/', import.meta.url)

/** @param {string} path @returns {any} */
const read = (path) => JSON.parse(readFileSync(new URL(path, folder), 'utf8'))

/** The key of a case, as the package takes it. @param {any} key @returns {any} */
function keyOf({ kind, b64u, ...rest }) {
  return kind === 'secret' ? { secret: new Uint8Array(Buffer.from(b64u, 'base64url')) } : rest
}

/**
 * The verdict on a token; a TypeError while building is a refusal, any other error is a defect.
 *
 * @param {any} options Of a case. @param {any} key @param {string} token
 * @returns {string} "ok", "TypeError" or a code.
 */
function verdict(options, key, token) {
  const { now, tolerance, maxTokenAge, required, ...policy } = options
  try {
    const verifier = new Verifier({
      issuer: null,
      audience: null,
      ...policy,
      ...(tolerance === undefined ? {} : { leewaySeconds: tolerance }),
      ...(maxTokenAge === undefined ? {} : { maxAgeSeconds: maxTokenAge }),
      ...(required === undefined ? {} : { requiredClaims: required }),
      keys: keyOf(key),
    })
    const verified = verifier.tryVerify(token, { now })
    return verified.ok ? 'ok' : verified.code
  } catch (error) {
    assert(error instanceof TypeError, String(error))
    return 'TypeError'
  }
}

test('every attack of the sample is refused, and every control among them accepted', () => {
  const { cases } = read('vectors/attacks/sample.json')
  const counts = { accepted: 0, refused: 0, 'not applicable': 0 }
  const control = cases.find((/** @type {any} */ { expect }) => expect === 'accept')
  for (const { id, options, key, token, expect } of cases) {
    if (key.kind === 'untyped-string') {
      counts['not applicable'] += 1
      continue
    }
    const found = verdict(options, key, token)
    // Optional: ES256K is implemented, Ed448 is not.
    const accepted = expect.endsWith('accept') || id === '00-20'
    assert.equal(found === 'ok', accepted, `${id}: ${found}`)
    assert.equal(verdict(control.options, control.key, control.token), 'ok', `after ${id}`)
    counts[accepted ? 'accepted' : 'refused'] += 1
  }
  assert.deepEqual(counts, { accepted: 43, refused: 79, 'not applicable': 2 })
})

test('every control is accepted with every form of its key', () => {
  const { cases, claims, now } = read('controls.json')
  for (const { id, alg, key, token } of cases) {
    const verifier = new Verifier({ issuer: claims.iss, audience: claims.aud, keys: keyOf(key) })
    const verified = verifier.verify(token, { now })
    assert.deepEqual(verified.claims, claims, id)
    assert.equal(verified.key.alg, alg, id)
  }
  assert.ok(cases.length > 150)
})

test('an example of the RFCs whose payload is no Claims Set is well signed and malformed', () => {
  const { jws } = read('vectors/rfc/rfc_vectors.json')
  const codes = new Set()
  for (const { id, api, expect, key, token } of jws) {
    if (api !== 'jws' || expect !== 'accept') continue
    const verifier = new Verifier({ issuer: null, audience: null, keys: { jwk: key } })
    const verified = verifier.tryVerify(token, { now: 1_300_819_379 })
    codes.add(verified.ok ? `ok ${id}` : verified.code)
  }
  const jwts = ['ok rfc7515-A.1', 'ok rfc7515-A.2', 'ok rfc7515-A.3']
  assert.deepEqual([...codes].sort(), ['claims_malformed', ...jwts])
})

const NOW = 1_700_000_000
const CLAIMS = { iss: 'https://issuer.example', aud: 'https://api.example', exp: NOW + 600 }

/** @param {string} alg @returns {Promise<{ sign: any, forms: any[], stranger: any }>} */
async function fresh(alg) {
  if (alg.startsWith('HS')) {
    const sign = await exportJWK(await generateSecret(alg, { extractable: true }))
    const stranger = await exportJWK(await generateSecret(alg, { extractable: true }))
    const secret = new Uint8Array(Buffer.from(String(sign.k), 'base64url'))
    return { sign: secret, forms: [{ secret }, { secret, alg }, { jwk: sign }], stranger: { jwk: stranger } }
  }
  const pair = await generateKeyPair(alg, { extractable: true })
  const other = await generateKeyPair(alg, { extractable: true })
  const jwk = await exportJWK(pair.publicKey)
  const pem = await exportSPKI(pair.publicKey)
  /** @type {object[]} */
  const forms = [
    { jwk },
    { jwk: { ...jwk, alg, use: 'sig', key_ops: ['verify'] } },
    { jwks: { keys: [jwk] } },
    { pem },
    { pem, alg },
  ]
  if (jwk.kty === 'RSA') {
    const pkcs1 = KeyObject.from(pair.publicKey).export({ type: 'pkcs1', format: 'pem' })
    forms.push({ pem: pkcs1 })
  }
  return { sign: pair.privateKey, forms, stranger: { jwk: await exportJWK(other.publicKey) } }
}

/** @param {object} value */
const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')

/**
 * Holds a good token, and what an attacker makes of it, against each form of its key and a stranger's.
 *
 * @param {string} token @param {any[]} forms @param {any} stranger
 */
function hold(token, forms, stranger) {
  const [header = '', payload = '', signature = ''] = token.split('.')
  const octets = Buffer.from(signature, 'base64url')
  const forged = encode({ ...CLAIMS, sub: 'admin' })
  const shorter = octets.subarray(0, -1).toString('base64url')
  const policy = { issuer: CLAIMS.iss, audience: CLAIMS.aud }
  /** @param {any} keys @param {string} text */
  const code = (keys, text) => {
    const refused = new Verifier({ ...policy, keys }).tryVerify(text, { now: NOW })
    assert.ok(refused instanceof TokenError)
    return refused.code
  }
  for (const keys of forms) {
    const verified = new Verifier({ ...policy, keys }).verify(token, { now: NOW })
    assert.deepEqual(verified.claims, CLAIMS)
    assert.equal(code(keys, `${header}.${forged}.${signature}`), 'signature_invalid')
    assert.equal(code(keys, `${header}.${payload}.${shorter}`), 'signature_invalid')
  }
  assert.equal(code(stranger, token), 'signature_invalid')
}

const ALGORITHMS = [
  ...['HS256', 'HS384', 'HS512'],
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
]

for (const alg of ALGORITHMS) {
  test(`a token that jose signs with ${alg} is accepted with its key alone`, async () => {
    const { sign, forms, stranger } = await fresh(alg)
    const token = await new SignJWT(CLAIMS).setProtectedHeader({ alg }).sign(sign)
    hold(token, forms, stranger)
  })
}

test('a token that OpenSSL signs with ES256K is accepted with its key alone', () => {
  const pair = generateKeyPairSync('ec', { namedCurve: 'secp256k1' })
  const other = generateKeyPairSync('ec', { namedCurve: 'secp256k1' })
  const input = [{ alg: 'ES256K' }, CLAIMS].map(encode).join('.')
  const key = { key: pair.privateKey, dsaEncoding: /** @type {const} */ ('ieee-p1363') }
  const signature = signOctets('sha256', Buffer.from(input), key)
  const jwk = pair.publicKey.export({ format: 'jwk' })
  const pem = pair.publicKey.export({ type: 'spki', format: 'pem' })
  const stranger = { jwk: other.publicKey.export({ format: 'jwk' }) }
  hold(`${input}.${signature.toString('base64url')}`, [{ jwk }, { pem }], stranger)
})
