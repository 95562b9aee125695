// @ts-check
/** The `keys` option: entries, sources and their issuers, published sets, limits, and messages for unfit keys. */

import assert from 'node:assert/strict'
import { createSign, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { test } from 'node:test'
import { UnavailableError, Verifier } from 'countersign'

const NOW = 1_700_000_000
const clock = () => NOW
const ANY = { issuer: null, audience: null }
const [A, B] = ['https://a.example', 'https://b.example']
const SECRET = 'a secret of thirty-two octets!!!'

/** An ES256 key: its public JWK, and tokens that it signs. */
function pair() {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk = publicKey.export({ format: 'jwk' })
  const text = (/** @type {object} */ value) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const token = (/** @type {object} */ header = {}, /** @type {object} */ claims = {}) => {
    const input = `${text({ alg: 'ES256', ...header })}.${text({ exp: NOW + 60, ...claims })}`
    const signature = sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' })
    return `${input}.${signature.toString('base64url')}`
  }
  return { jwk, pem: String(publicKey.export({ type: 'spki', format: 'pem' })), token }
}

const [one, two] = [pair(), pair()]

/** A source of one set, the same object each time. @param {any} set @param {object} [members] */
const source = (set, members = {}) => ({ current: () => set, refresh: async () => set, ...members })

/** @param {any} keys @param {string} token @param {object} [options] */
function verdict(keys, token, options = {}) {
  const outcome = new Verifier({ ...ANY, ...options, keys, clock }).tryVerify(token)
  return outcome.ok ? 'ok' : outcome.message
}

/** The message of the TypeError that building throws. @param {any} keys @param {object} [options] */
function mistake(keys, options = {}) {
  try {
    new Verifier({ ...ANY, ...options, keys, clock })
  } catch (error) {
    assert.ok(error instanceof TypeError, String(error))
    return error.message
  }
  return assert.fail('it was built')
}

test('what a source publishes takes no key of another entry away', () => {
  const named = one.token({ kid: 'x' })
  const own = { jwk: { ...one.jwk, kid: 'mine' } }
  const eight = Array.from({ length: 8 }, () => ({ ...pair().jwk, kid: 'x' }))
  for (const hostile of [[], [{ ...two.jwk, kid: 'x' }], [two.jwk], eight, [{ ...two.jwk, kid: 'x', use: 'enc' }]]) {
    assert.equal(verdict([{ pem: one.pem }, source({ keys: hostile })], named), 'ok')
    assert.equal(verdict([source({ keys: hostile }), { pem: one.pem }], named), 'ok')
    assert.equal(verdict([own, source({ keys: hostile })], one.token()), 'ok')
    assert.equal(verdict([source({ keys: hostile }), source({ keys: [{ ...one.jwk, kid: 'x' }] })], named), 'ok')
  }
})

test('the issuer of a source is that of all its keys', () => {
  const options = { issuer: [A, B] }
  const set = { keys: [{ ...two.jwk, kid: 'b' }] }
  const fixed = { jwks: { keys: [{ ...one.jwk, kid: 'a' }] }, issuer: A }
  const forged = two.token({ kid: 'b' }, { iss: A })
  const honest = two.token({ kid: 'b' }, { iss: B })
  class Tagged {
    issuer = B
    current = () => set
    refresh = async () => set
  }
  class Getter {
    get issuer() {
      return [B]
    }
    current = () => set
    refresh = async () => set
  }
  const inherited = Object.create(source(set, { issuer: B }))
  const beside = Object.assign(Object.create(source(set)), { issuer: B })
  const sources = [
    source(set, { issuer: B }),
    source(set, { issuer: [B] }),
    new Tagged(),
    new Getter(),
    inherited,
    beside,
  ]
  for (const tagged of sources) {
    assert.equal(verdict([fixed, tagged], forged, options), 'claim_mismatch (iss)')
    assert.equal(verdict([fixed, tagged], honest, options), 'ok')
  }
  assert.equal(verdict([fixed, source(set)], forged, options), 'ok')
})

test('the issuer of a source is read once, and not from Object.prototype', () => {
  let reads = 0
  const set = { keys: [one.jwk] }
  const verifier = new Verifier({
    ...ANY,
    keys: Object.defineProperty(source(set), 'issuer', { get: () => ((reads += 1), A) }),
    clock,
  })
  for (let round = 0; round < 3; round += 1) assert.equal(verifier.tryVerify(one.token({}, { iss: A })).ok, true)
  assert.equal(reads, 1)
  Object.defineProperty(Object.prototype, 'issuer', { value: B, configurable: true, writable: true })
  try {
    assert.equal(verdict(source(set), one.token({}, { iss: A })), 'ok')
  } finally {
    Reflect.deleteProperty(Object.prototype, 'issuer')
  }
})

test('an issuer that a source cannot have is a mistake, and so is other data beside it', () => {
  const set = { keys: [one.jwk] }
  for (const issuer of ['', [], [''], [A, 7], 7, null, {}, new URL(A), '\ud800']) {
    assert.match(mistake([{ secret: SECRET }, source(set, { issuer })]), /^keys\[1\]\.issuer/)
  }
  assert.equal(verdict(source(set, { issuer: undefined }), one.token()), 'ok')
  for (const name of ['kid', 'alg', 'isuer', 'issuers', 'maxAgeSeconds', 'jwks']) {
    assert.match(mistake(source(set, { [name]: 'x' })), new RegExp(`^keys\\.${name} must be left out`))
  }
  // Its own methods and getters are not options.
  const own = Object.defineProperty(source(set, { close: () => undefined }), 'stats', {
    get: () => assert.fail('read'),
  })
  assert.equal(verdict(own, one.token()), 'ok')
  for (const keys of [
    { jwks: source(set), issuer: A },
    { source: source(set), issuer: A },
  ]) {
    assert.match(mistake([keys]), /^keys\[0\]\..*KeySource/)
  }
})

test('a key in two entries vouches for the issuers of both, remembered or not', () => {
  const options = { issuer: [A, B, 'https://c.example'] }
  const keys = [{ jwk: one.jwk, issuer: A }, source({ keys: [one.jwk] }, { issuer: B })]
  const verifier = new Verifier({ ...ANY, ...options, keys, clock })
  for (let round = 0; round < 3; round += 1) {
    for (const [iss, wanted] of [
      [A, 'ok'],
      [B, 'ok'],
      ['https://c.example', 'claim_mismatch (iss)'],
    ]) {
      const outcomes = verifier.tryVerifyMany([one.token({}, { iss, round }), one.token({}, { iss })])
      for (const outcome of outcomes) assert.equal(outcome.ok ? 'ok' : outcome.message, wanted)
    }
  }
})

test('a published JWK may name its issuer, for the tenant of the token', () => {
  const tid = '11111111-2222-4333-8444-555555555555'
  const iss = `https://login.example/${tid}/v2.0`
  const keys = source({ keys: [{ ...one.jwk, issuer: 'https://login.example/{tenantid}/v2.0' }] })
  assert.equal(verdict(keys, one.token({}, { iss, tid })), 'ok')
  for (const claims of [{ iss }, { iss, tid: 'x' }, { iss, tid: 7 }, { iss: 'https://login.example/x/v2.0', tid }]) {
    assert.equal(verdict(keys, one.token({}, claims)), 'claim_mismatch (iss)')
  }
  assert.equal(verdict(keys, one.token({}, { tid })), 'claim_missing (iss)')
})

test('a bad published set is keys_unavailable, whatever is wrong with it', () => {
  const fine = { ...one.jwk, kid: 'k' }
  const hostile = (/** @type {() => never} */ thrown) => new Proxy({}, { ownKeys: thrown, getPrototypeOf: thrown })
  const sets = [
    { keys: [{ ...fine, note: 'x'.repeat(2_000_000) }] },
    { keys: [fine, { n: new Array(28_000_000).fill(1e20) }] },
    { keys: new Array(2_001).fill(fine) },
    { keys: Array.from({ length: 2_000 }, () => ({ kty: 'RSA', n: randomBytes(1024).toString('base64url') })), x: 1 },
    { keys: Object.assign([], { length: 4_000_000_000 }) },
    hostile(() => {
      throw new RangeError('out of range')
    }),
    hostile(() => {
      throw new Error('of the source')
    }),
    {
      get keys() {
        throw new TypeError('of the source')
      },
    },
  ]
  for (const [index, set] of sets.entries()) {
    const keys = [{ secret: SECRET }, source(set)]
    const verifier = new Verifier({ ...ANY, keys, clock })
    const outcome = verifier.tryVerify(one.token({ kid: 'k' }))
    assert.ok(outcome instanceof UnavailableError, `set ${index}`)
    assert.equal(outcome.code, 'keys_unavailable')
  }
})

test('a fixed set beyond the limits is a TypeError', () => {
  for (const keys of [
    { keys: [{ ...one.jwk, note: 'x'.repeat(2_000_000) }] },
    { jwks: { keys: [one.jwk, { n: new Array(1_100_000).fill(1) }] } },
    { jwk: { ...one.jwk, note: 'x'.repeat(2_000_000) } },
    { pem: `${one.pem}${' '.repeat(2_000_000)}` },
    { keys: new Array(2_001).fill(one.jwk) },
  ]) {
    assert.match(mistake(keys), /^keys/)
  }
})

test('a set that holds the same keys is not built again, and what is cached stays', async () => {
  let set = { keys: [{ ...one.jwk, kid: 'k' }] }
  const keys = { current: () => set, refresh: async () => (set = structuredClone(set)) }
  const verifier = new Verifier({ ...ANY, keys, clock })
  const token = one.token({ kid: 'k' })
  verifier.tryVerify(token)
  assert.equal(verifier.stats.cacheEntries, 1)
  await assert.rejects(verifier.verifyAsync(two.token({ kid: 'other' })), { code: 'key_not_found' })
  assert.equal(verifier.tryVerify(token).ok, true)
  assert.deepEqual([verifier.stats.cacheEntries, verifier.stats.cacheHits], [1, 1])
  set = { keys: [{ ...two.jwk, kid: 'k' }] }
  assert.equal(verifier.tryVerify(token).ok, false)
  assert.equal(verifier.tryVerify(two.token({ kid: 'k' })).ok, true)
  set = /** @type {any} */ ({ keys: 7 })
  assert.ok(verifier.tryVerify(token) instanceof UnavailableError)
  set = { keys: [{ ...one.jwk, kid: 'k' }] }
  assert.equal(verifier.tryVerify(token).ok, true)
})

test('a set of which no key can be used names each member and the reason', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' })
  const zero = Buffer.concat([Buffer.of(0), Buffer.from(String(rsa.n), 'base64url')]).toString('base64url')
  const message = mistake({
    keys: [
      { ...rsa, n: zero, kid: 'k1' },
      { ...one.jwk, x: Buffer.alloc(31, 7).toString('base64url') },
      { ...one.jwk, y: one.jwk.x },
      { ...one.jwk, use: 'enc' },
      { ...one.jwk, key_ops: [] },
      { ...one.jwk, d: 'AQ' },
      { kty: 'XYZ', kid: 'x'.repeat(1_000) },
    ],
  })
  for (const part of [
    /keys\[0\] \(kid "k1"\): n must be a positive number without leading zero octets/,
    /keys\[1\]: x must be as long as the field of its curve/,
    /keys\[2\]: x must be .*curve/,
    /keys\[3\]: use must be sig/,
    /keys\[4\]: key_ops must be left out or not empty/,
    /and 2 more$/,
  ]) {
    assert.match(message, part)
  }
  assert.ok(message.length < 2_000)
  for (const part of [zero, one.jwk.x, one.jwk.y]) assert.ok(!message.includes(String(part)))
  assert.match(mistake({ keys: [] }), /this one is empty/)
  assert.match(mistake({ jwks: { keys: [{ kty: 'XYZ' }] } }), /kty must be RSA, EC, OKP or oct/)
})

test('a refusal and an inspection name the unfit key of a source, and the reason', () => {
  const unfit = { ...one.jwk, kid: 'k', use: 'enc' }
  const unfitAlone = source({ keys: [unfit] })
  for (const keys of [unfitAlone, source({ keys: [unfit, { kty: 'XYZ' }] }), [{ secret: SECRET }, unfitAlone]]) {
    const verifier = new Verifier({ ...ANY, keys, clock })
    const outcome = verifier.tryVerify(one.token({ kid: 'k' }))
    assert.ok(!outcome.ok && 'expected' in outcome)
    assert.deepEqual([outcome.message, outcome.expected, outcome.actual], ['key_rejected (use)', 'sig', 'enc'])
    const check = verifier.inspect(one.token({ kid: 'k' })).checks.find(({ outcome: found }) => found === 'fail')
    assert.deepEqual([check?.name, check?.claim, check?.expected], ['key', 'use', 'sig'])
  }
})

test('another look is taken where the key in hand is unfit', async () => {
  let set = { keys: [/** @type {any} */ ({ ...one.jwk, kid: 'k', use: 'enc' })] }
  const keys = { current: () => set, refresh: async () => (set = { keys: [{ ...one.jwk, kid: 'k' }] }) }
  assert.equal((await new Verifier({ ...ANY, keys, clock }).verifyAsync(one.token({ kid: 'k' }))).ok, true)
})

test('algorithms that no fixed key can verify are a mistake; a source may bring a key for them', () => {
  const options = { algorithms: ['RS256'] }
  assert.match(mistake({ jwk: one.jwk }, options), /^algorithms must be .*: they can verify ES256$/)
  assert.match(mistake([{ jwk: one.jwk }, { secret: SECRET }], { algorithms: ['HS512', 'EdDSA'] }), /HS256, ES256$/)
  assert.equal(verdict([{ jwk: one.jwk }, source({ keys: [] })], one.token(), options), 'alg_not_allowed (alg)')
  assert.equal(verdict({ jwk: one.jwk }, one.token(), { algorithms: ['RS256', 'ES256'] }), 'ok')
})

test('an RSA key is prepared at its first use: a large set costs little where it is not used', () => {
  const modulus = () => {
    const n = randomBytes(256)
    n[0] = 0xc5
    n[255] = 0xc5
    return n.toString('base64url')
  }
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const others = Array.from({ length: 1_999 }, (_, index) => ({ kty: 'RSA', n: modulus(), e: 'AQAB', kid: `${index}` }))
  const set = { keys: [...others, { ...rsa.publicKey.export({ format: 'jwk' }), kid: 'k' }] }
  const text = (/** @type {object} */ value) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const input = `${text({ alg: 'RS256', kid: 'k' })}.${text({ exp: NOW + 60 })}`
  const signature = createSign('sha256').update(input).sign(rsa.privateKey, 'base64url')
  const verifier = new Verifier({ ...ANY, keys: source(set), clock })
  for (let round = 0; round < 3; round += 1) assert.equal(verifier.tryVerify(`${input}.${signature}`).ok, true)
  assert.equal(verdict(source(set), `${input}.${signature.slice(0, -4)}AAAA`), 'signature_invalid')
})
