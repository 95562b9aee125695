// @ts-check
/** Reading a token without trusting it: what it is, what is noticed, and every check with its outcome. */

import assert from 'node:assert/strict'
import { createHash, createHmac, generateKeyPairSync, sign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { countersign, inspect, profiles, receipts, TokenError, Verifier } from 'countersign'

const NOW = 1_700_000_000
const SECRET = 'a secret of thirty-two octets!!!'
const SAMPLE =
  'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ' +
  '.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c'
const OPAQUE = 'tkn_24543c6a278f45d680d09edb32e78061'

/** @param {unknown} value */
const encode = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

/**
 * A token signed by `node:crypto` with {@link SECRET}.
 *
 * @param {object | string} claims
 * @param {object | string} [header]
 */
function mint(claims, header = { alg: 'HS256', typ: 'JWT' }) {
  const input = `${encode(header)}.${encode(claims)}`
  return `${input}.${createHmac('sha256', SECRET).update(input).digest('base64url')}`
}

/** @param {string} token @param {number} [now] */
const codes = (token, now = NOW) => inspect(token, { now }).warnings.map(({ code }) => code)

const CALM = { iss: 'https://issuer.example', aud: 'api', sub: 'u1', iat: NOW, exp: NOW + 60 }

const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })

/** A token signed with ES256, its signature in this encoding. @param {'der' | 'ieee-p1363'} dsaEncoding */
function mintEs256(dsaEncoding) {
  const input = `${encode({ alg: 'ES256' })}.${encode(CALM)}`
  return `${input}.${sign('sha256', Buffer.from(input), { key: ec.privateKey, dsaEncoding }).toString('base64url')}`
}

/** As AWS load balancers write tokens: each part padded. @param {string} token */
const padded = (token) =>
  token
    .split('.')
    .map((part) => part.padEnd(Math.ceil(part.length / 4) * 4, '='))
    .join('.')

/** A token of Microsoft Entra. @param {object} header */
const entra = (header) => mint({ ...CALM, iss: 'https://sts.windows.net/tenant/' }, { alg: 'HS256', ...header })

/** What sets a text apart from the token inside it, with a text beside it that has no such fault. */
const MISSPELLED = /** @type {const} */ ([
  ['padded', padded(mint({ ...CALM, sub: 'u12' })), mint({ ...CALM, sub: 'u12' })],
  ['whitespace', `${mint(CALM)}\n`, mint(CALM)],
  ['whitespace', mint(CALM).replace('.', ' .'), mint(CALM)],
  ['scheme_prefix', `Bearer ${mint(CALM)}`, `Bearer\n${mint(CALM)}`],
  ['quoted', `"${mint(CALM)}"`, mint(CALM)],
  ['quoted', `'Bearer ${mint(CALM)}'`, mint(CALM)],
  [
    'base64_alphabet',
    mint({ ...CALM, sub: '~~~???>>>' })
      .replaceAll('_', '/')
      .replaceAll('-', '+'),
    mint({ ...CALM, sub: '~~~???>>>' }),
  ],
  ['sd_jwt', `${mint(CALM)}~WyJzYWx0IiwibmFtZSIsInZhbHVlIl0~`, 'opaque~token'],
  ['encrypted', 'eyJhbGciOiJkaXIifQ..a.b.c', 'eyJhbGciOiJkaXIifQ.a.b'],
  ['receipt_missing', OPAQUE, mint(CALM)],
])

/** A receipt before {@link OPAQUE}, for order 7. */
const countersigned = countersign(
  OPAQUE,
  {
    ...receipts.juspay({ merchantId: 'm', environment: 'sandbox', kind: 'order', id: 7, expires: NOW + 900 }),
    now: NOW,
  },
  { secret: SECRET },
)

for (const [kind, token, parts] of /** @type {const} */ ([
  ['jws', mint(CALM), 3],
  ['jws', 'no.jws.really', 3],
  ['jwe', 'eyJhbGciOiJkaXIifQ.a.b.c.d', 5],
  ['opaque', OPAQUE, 1],
  ['opaque', `${mint(CALM)}~disclosure~`, 1],
  ['opaque', `${countersigned.split('~')[0]}~`, 1],
  ['countersigned', countersigned, 4],
  ['malformed', 'two words', 1],
  ['malformed', 'ünïcode', 1],
  ['malformed', '', 0],
])) {
  test(`a token is ${kind} by its shape: ${token.slice(0, 24)}`, () => {
    const inspection = inspect(token, { now: NOW })
    assert.equal(inspection.kind, kind)
    assert.equal(inspection.parts.length, parts)
    assert.deepEqual(inspection.checks, [])
  })
}

test('header and claims are shown in the order of the token', () => {
  const { header, claims } = inspect(mint({ z: 1, a: { y: 1, b: 2 }, exp: NOW + 1 }), { now: NOW })
  assert.deepEqual(Object.keys(header ?? {}), ['alg', 'typ'])
  assert.deepEqual(Object.keys(claims ?? {}), ['z', 'a', 'exp'])
  assert.deepEqual(Object.keys(/** @type {object} */ (claims?.a)), ['y', 'b'])
})

test('the state of a token turns on the very second', () => {
  const token = mint({ nbf: NOW, exp: NOW + 60 })
  /** @param {number} now */
  const at = (now) => inspect(token, { now }).time
  assert.equal(at(NOW - 1)?.state, 'not_yet_valid')
  assert.deepEqual(at(NOW), {
    issuedAt: null,
    notBefore: NOW,
    expiresAt: NOW + 60,
    state: 'current',
    secondsLeft: 60,
  })
  assert.equal(at(NOW + 59)?.state, 'current')
  assert.equal(at(NOW + 60)?.state, 'expired')
  assert.equal(inspect(mint({}), { now: NOW }).time?.state, 'never_expires')
  assert.equal(inspect(mint({ exp: 'soon' }), { now: NOW }).time, undefined)
})

test('a calm token gives no warning', () => assert.deepEqual(codes(mint(CALM)), []))

for (const [code, token, calm] of /** @type {const} */ ([
  ['receipt_missing', OPAQUE, countersigned],
  ['encrypted', 'eyJhbGciOiJkaXIifQ.a.b.c.d', mint(CALM)],
  ['sample_token', SAMPLE, mint({ ...CALM, sub: '1234567890' })],
  ['known_secret', SAMPLE, mint(CALM)],
  ['unsigned', `${encode({ alg: 'none' })}.${encode(CALM)}.`, mint(CALM)],
  ['alg_not_supported', mint(CALM, { alg: 'HS1' }), mint(CALM)],
  ['key_in_header', mint(CALM, { alg: 'HS256', jku: 'https://evil.example' }), mint(CALM, { alg: 'HS256', kid: 'a' })],
  ['no_expiry', mint({ ...CALM, exp: undefined }), mint(CALM)],
  ['milliseconds', mint({ ...CALM, exp: NOW * 1000 }), mint({ ...CALM, exp: 99_999_999_999 })],
  [
    'lifetime_too_long',
    mint({ ...CALM, iss: 'token-emitter', exp: NOW + 86_401 }),
    mint({ ...CALM, iss: 'token-emitter', exp: NOW + 86_400 }),
  ],
  ['no_audience', mint({ ...CALM, aud: undefined }), mint({ ...CALM, aud: undefined, audience: 'admin' })],
  ['client_access_token', mint({ ...CALM, gty: 'client-credentials' }), mint({ ...CALM, gty: 'password' })],
  ['client_access_token', mint({ ...CALM, iss: 'https://account.uitid.be/', azp: 'c' }), mint({ ...CALM, azp: 'c' })],
  ['id_token', mint({ ...CALM, at_hash: 'x' }), mint(CALM)],
  ['id_token', mint({ ...CALM, token_use: 'id' }), mint({ ...CALM, token_use: 'access' })],
  ['der_signature', mintEs256('der'), mintEs256('ieee-p1363')],
  ['microsoft_api', entra({ nonce: createHash('sha256').update('n').digest('base64url') }), entra({})],
  ['microsoft_api', entra({ nonce: 'n' }), mint(CALM, { alg: 'HS256', nonce: 'n' })],
  ...MISSPELLED,
  ['personal_data', mint({ ...CALM, email: 'a@b.example' }), mint({ ...CALM, email_verified: true })],
  ['personal_data', mint({ ...CALM, sub: 'a@b.example' }), mint(CALM)],
  ['bound', mint({ ...CALM, cnf: { jkt: 'x' } }), mint(CALM)],
])) {
  test(`${code} is noticed where it is due: ${token.slice(-24)}`, () => {
    assert.ok(codes(token).includes(code))
    assert.ok(!codes(calm).includes(code))
  })
}

test('the README lists the codes of every warning', () => {
  const folder = dirname(createRequire(import.meta.url).resolve('countersign/package.json'))
  const [, section = ''] = readFileSync(join(folder, 'README.md'), 'utf8').split(/^## Inspection$|^## Limited use$/m)
  const listed = [...section.matchAll(/^\| `([a-z0-9_]+)` \|/gm)].map(([, code]) => code).sort()
  const rs = mint(CALM, { alg: 'RS256' })
  const mismatch = new Verifier({ issuer: null, audience: null, keys: { secret: SECRET } }).inspect(rs, { now: NOW })
  const seen = new Set(mismatch.warnings.map(({ code }) => code))
  const long = inspect(mint({ x: 'a'.repeat(131_072) }), { maxTokenBytes: 1_048_576 })
  for (const { code } of long.warnings) seen.add(code)
  const texts = MISSPELLED.map(([, token]) => token)
  for (const token of [
    ...texts,
    mintEs256('der'),
    entra({ nonce: 'n' }),
    SAMPLE,
    `${encode({ alg: 'none' })}.${encode({})}.`,
  ]) {
    for (const code of codes(token)) seen.add(code)
  }
  const all = { email: 'x', cnf: {}, at_hash: 'x', gty: 'client-credentials', account: 'a', audience: 'admin' }
  const loud = mint({ ...CALM, ...all, nbf: 1e12, exp: NOW + 90_000 }, { alg: 'HS1', jwk: {} })
  for (const code of codes(loud)) seen.add(code)
  for (const code of codes(mint({ ...CALM, ...all, exp: NOW + 90_000 }))) seen.add(code)
  assert.deepEqual([...seen].sort(), listed)
})

for (const [first, token] of /** @type {const} */ ([
  ['vtex', mint({ iss: 'token-emitter' })],
  ['vtex', mint({ audience: 'webstore', account: 'store' })],
  ['publiq', mint({ iss: 'https://account-test.uitid.be/' })],
  ['auth0', mint({ iss: 'https://tenant.eu.auth0.com/' })],
  ['keycloak', mint({ iss: 'https://id.example/realms/shop' })],
  ['accessToken', mint({}, { alg: 'HS256', typ: 'at+jwt' })],
  ['jwt.io', SAMPLE],
  ['juspay', OPAQUE],
  ['juspay', countersigned],
  ['cashfree', 'mH5tVmtwod4J9GhCXwTuygd2zRZn4pj5'],
])) {
  test(`${first} is recognised: ${token.slice(0, 24)}`, () => assert.equal(inspect(token).looksLike[0], first))
}

for (const [code, token] of MISSPELLED) {
  test(`a token with the warning ${code} is refused, and the evidence names the fault: ${token.slice(-16)}`, () => {
    const verifier = new Verifier({ issuer: null, audience: null, keys: { secret: SECRET } })
    const verdict = verifier.tryVerify(token, { now: NOW })
    assert.ok(verdict instanceof TokenError)
    assert.equal(verdict.code, 'token_malformed')
    assert.equal(typeof verdict.expected, 'string')
    assert.equal(verdict.actual, undefined)
    const { error, warnings } = verifier.inspect(token, { now: NOW })
    assert.deepEqual([error?.code, error?.expected], [verdict.code, verdict.expected])
    assert.ok(warnings.some((warning) => warning.code === code))
  })
}

test('a token signed in DER is refused without evidence, and a verifier’s inspection names the encoding', () => {
  const keys = /** @type {import('countersign').Jwk} */ (ec.publicKey.export({ format: 'jwk' }))
  const verifier = new Verifier({ issuer: null, audience: null, keys })
  const verdict = verifier.tryVerify(mintEs256('der'), { now: NOW })
  assert.ok(verdict instanceof TokenError)
  assert.deepEqual([verdict.code, verdict.expected, verdict.actual], ['signature_invalid', undefined, undefined])
  assert.ok(verifier.tryVerify(mintEs256('ieee-p1363'), { now: NOW }).ok)
  const { warnings } = verifier.inspect(mintEs256('der'), { now: NOW })
  assert.deepEqual(
    warnings.map(({ code }) => code),
    ['der_signature'],
  )
})

test('an inspection reads no more than its limit', () => {
  /** A token of so many octets. @param {number} octets */
  const ofLength = (octets) => `${`${encode({ alg: 'HS256' })}.`.padEnd(octets - 3, 'A')}.AA`
  for (const [limit, options] of /** @type {const} */ ([
    [16_384, {}],
    [20_000, { maxTokenBytes: 20_000 }],
    [1_048_576, { maxTokenBytes: 1_048_576 }],
  ])) {
    const [within, beyond] = [ofLength(limit), ofLength(limit + 1)]
    assert.notEqual(inspect(within, options).error?.code, 'token_too_large')
    const unread = inspect(beyond, options)
    assert.deepEqual([unread.error?.code, unread.error?.expected], ['token_too_large', limit])
    assert.deepEqual([unread.kind, unread.parts, unread.header, unread.claims], ['jws', [], undefined, undefined])
    const verifier = new Verifier({ issuer: null, audience: null, keys: { secret: SECRET }, maxTokenBytes: limit })
    assert.equal(verifier.inspect(beyond).error?.code, 'token_too_large')
    assert.notEqual(verifier.inspect(within).error?.code, 'token_too_large')
  }
  for (const maxTokenBytes of [0, -1, 1.5, 1_048_577, NaN, '100', null, undefined]) {
    assert.throws(() => inspect(SAMPLE, { maxTokenBytes: /** @type {any} */ (maxTokenBytes) }), /maxTokenBytes/)
  }
})

test('publiq of Auth0 looks like publiq first, and like Auth0', () =>
  assert.deepEqual(inspect(mint({ iss: 'https://publiq-test.eu.auth0.com/' })).looksLike, ['publiq', 'auth0']))

test('what is no token is said so, and nothing is thrown', () => {
  for (const [code, token] of /** @type {const} */ ([
    ['token_missing', undefined],
    ['token_missing', null],
    ['token_missing', ''],
    ['token_malformed', 'a b'],
    ['token_malformed', '\ud800'],
    ['token_malformed', /** @type {any} */ (7)],
    ['token_malformed', /** @type {any} */ ({ toString: () => SAMPLE })],
    ['token_malformed', 'a.b.c'],
    ['header_malformed', `${encode('[]')}.${encode({})}.AA`],
    ['claims_malformed', mint('[]')],
    ['claim_malformed', mint({ exp: 'soon' })],
    ['token_too_large', 'a'.repeat(1_048_577)],
  ])) {
    const { error } = inspect(token)
    assert.ok(error instanceof TokenError, code)
    assert.equal(error.code, code)
  }
})

test('an inspection is no verified token, and its options are held to', () => {
  assert.equal('ok' in inspect(SAMPLE), false)
  // @ts-expect-error An unknown option.
  assert.throws(() => inspect(SAMPLE, { then: 1 }), TypeError)
  assert.throws(() => inspect(SAMPLE, { now: NaN }), TypeError)
  assert.throws(() => inspect(SAMPLE, { now: /** @type {any} */ (undefined) }), TypeError)
  assert.throws(() => inspect(SAMPLE, { now: NOW * 1000 }), TypeError)
})

test('a verifier writes down every check, in order, past the first refusal', () => {
  const verifier = new Verifier({
    issuer: 'https://issuer.example',
    audience: 'api',
    scope: 'orders:read',
    maxLifetimeSeconds: 60,
    keys: { secret: SECRET },
  })
  const good = verifier.inspect(mint({ ...CALM, scope: 'orders:read' }), { now: NOW })
  assert.equal(good.error, undefined)
  assert.deepEqual(
    good.checks.filter(({ outcome }) => outcome === 'pass').map(({ name }) => name),
    ['structure', 'header', 'alg', 'key', 'signature', 'claims', 'issuer', 'audience', 'expiry', 'issued_at'].concat([
      'lifetime',
      'scope',
    ]),
  )
  const bad = verifier.inspect(mint({ ...CALM, aud: 'other', exp: NOW }).slice(0, -2), { now: NOW })
  assert.deepEqual(
    bad.checks.filter(({ outcome }) => outcome === 'fail').map(({ name, error }) => [name, error?.code]),
    [['structure', 'token_malformed']],
  )
  const forged = `${mint({ ...CALM, aud: 'other', exp: NOW })
    .split('.')
    .slice(0, 2)
    .join('.')}.${encode('x'.repeat(32))}`
  const { checks, error } = verifier.inspect(forged, { now: NOW })
  assert.deepEqual(
    checks.filter(({ outcome }) => outcome === 'fail').map(({ name, error }) => [name, error?.code]),
    [
      ['signature', 'signature_invalid'],
      ['audience', 'claim_mismatch'],
      ['expiry', 'token_expired'],
      ['scope', 'scope_insufficient'],
    ],
  )
  assert.equal(error?.code, 'signature_invalid')
  const audience = checks.find(({ name }) => name === 'audience')
  assert.deepEqual([audience?.claim, audience?.expected, audience?.actual], ['aud', 'api', 'other'])
})

test('what a verifier inspects without a refusal is what it verifies', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const keys = /** @type {import('countersign').Jwk} */ (publicKey.export({ format: 'jwk' }))
  const verifier = new Verifier({ profile: profiles.vtex({ account: 'store', audience: 'admin' }), keys })
  const claims = { iss: 'token-emitter', audience: 'admin', account: 'store', iat: NOW, exp: NOW + 86_400 }
  for (const changes of [{}, { audience: 'webstore' }, { account: 'other' }, { exp: NOW }, { exp: NOW + 86_401 }]) {
    const input = `${encode({ alg: 'ES256' })}.${encode({ ...claims, ...changes })}`
    const signature = sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' })
    const token = `${input}.${signature.toString('base64url')}`
    const verdict = verifier.tryVerify(token, { now: NOW })
    const { error } = verifier.inspect(token, { now: NOW })
    assert.deepEqual(error?.code, verdict.ok ? undefined : verdict.code)
  }
})

test('the sample of jwt.io is refused by every system, and the reason is said', () => {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const keys = /** @type {import('countersign').Jwk} */ (publicKey.export({ format: 'jwk' }))
  const vtex = new Verifier({ profile: profiles.vtex({ account: 'store', audience: 'admin' }), keys }).inspect(SAMPLE)
  assert.equal(vtex.error?.code, 'alg_not_allowed')
  const cashfree = new Verifier({
    profile: profiles.cashfree({ appId: 'app', environment: 'sandbox' }),
    keys: { secret: SECRET },
  }).inspect(SAMPLE, { bind: { vkyc_request_id: '1' } })
  assert.equal(cashfree.error?.code, 'receipt_missing')
  for (const { warnings } of [vtex, cashfree]) {
    const found = warnings.map(({ code }) => code)
    for (const code of /** @type {const} */ (['sample_token', 'known_secret', 'no_expiry']))
      assert.ok(found.includes(code))
  }
  for (const secret of ['your-256-bit-secret', 'a-string-secret-at-least-256-bits-long']) {
    assert.throws(() => new Verifier({ issuer: null, audience: null, keys: { secret } }), TypeError)
  }
})

test('an inspection shows claims of at most 131072 octets as data, longer ones as text alone', () => {
  const limits = { now: NOW, maxTokenBytes: 1_048_576 }
  const rest = JSON.stringify({ ...CALM, x: '' }).length
  for (const [octets, isShown] of /** @type {const} */ ([
    [131_072, true],
    [131_073, false],
  ])) {
    const claims = { ...CALM, x: 'a'.repeat(octets - rest) }
    const { claims: shown, parts, time, warnings, error } = inspect(mint(claims), limits)
    assert.deepEqual(shown, isShown ? claims : undefined)
    assert.equal(parts[1], encode(claims))
    assert.deepEqual([time?.state, error], ['current', undefined])
    assert.equal(
      warnings.some(({ code }) => code === 'claims_not_shown'),
      !isShown,
    )
  }
})

test('evidence of more than 16384 octets of JSON is its length in words', () => {
  const options = { issuer: null, audience: null, keys: { secret: SECRET }, maxTokenBytes: 1_048_576 }
  const verifier = new Verifier(options)
  for (const octets of [16_384, 16_385]) {
    const exp = ['a'.repeat(octets - 4)]
    const token = mint({ exp })
    const actual = octets > 16_384 ? '16385 octets of JSON' : exp
    const refusal = verifier.tryVerify(token)
    assert.ok(refusal instanceof TokenError)
    assert.deepEqual([refusal.code, refusal.actual], ['claim_malformed', actual])
    const inspection = verifier.inspect(token)
    assert.deepEqual(
      inspection.checks.find(({ name }) => name === 'expiry' || name === 'claims')?.error?.actual,
      actual,
    )
  }
})
