// @ts-check
/**
 * Receipts: an opaque token verified by what was countersigned for it. Read, and made.
 *
 * @module
 */

import { b64u, err, forge, hash, keys, mint, NOW, ok, publicJwk, SAMPLE, secret, typeError, write } from './lib.js'

const REF = 'src/README.md Receipts'
const mac = keys.hs256
const opaque = 'mH5tVmtwod4J9GhCXwTuygd2zRZn4pj5'
const exp = NOW + 300
const RECEIPT = { typ: 'receipt+jwt' }
const policy = {
  issuer: 'https://backend.example',
  audience: null,
  evidence: 'receipt',
  bind: ['order_id'],
}
const expected = { bind: { order_id: 'order-1' } }

/**
 * The claims of a receipt. @param {string} token @param {object} [more]
 * @returns {Record<string, any>}
 */
const receiptOf = (token, more) => ({
  ath: hash(token),
  iss: 'https://backend.example',
  iat: NOW - 60,
  exp,
  bind: { order_id: 'order-1' },
  ...more,
})

/**
 * `receipt~token` by jose. @param {string} token @param {object} [more] @param {object} [header]
 */
const sealed = async (token, more, header) =>
  `${await mint(mac, receiptOf(token, more), { ...RECEIPT, ...header })}~${token}`

/** @type {Record<string, any>[]} */
const vectors = []

/**
 * @param {string} name @param {unknown} token @param {object} answer
 * @typedef {{ ref?: string, options?: object, keys?: unknown, expected?: object, now?: number }} Given
 * @param {Given} [given]
 */
function vector(name, token, answer, given = {}) {
  vectors.push({
    name,
    ref: given.ref ?? REF,
    options: { ...policy, ...given.options },
    keys: given.keys ?? secret(mac),
    token,
    expected: given.expected ?? expected,
    now: given.now ?? NOW,
    answer,
  })
}

// What is read
const good = await sealed(opaque)
const [receipt = ''] = good.split('~')
vector(
  'an opaque token with its receipt is verified',
  good,
  ok({
    evidence: 'receipt',
    claims: { iss: 'https://backend.example', ath: hash(opaque), bind: { order_id: 'order-1' } },
    expiresAt: exp,
    key: { kid: null, alg: 'HS256' },
    header: { typ: 'receipt+jwt', alg: 'HS256' },
  }),
)
vector(
  'a receipt by Ed25519 is verified',
  `${await mint(keys.ed25519, receiptOf(opaque), RECEIPT)}~${opaque}`,
  ok({ evidence: 'receipt', key: { alg: 'EdDSA' } }),
  { keys: { jwk: publicJwk(keys.ed25519) } },
)
vector('the type of a receipt may be written out', await sealed(opaque, {}, { typ: 'application/receipt+jwt' }), ok())
vector('a receipt is found by its kid', await sealed(opaque, {}, { kid: 'new' }), ok({ key: { kid: 'new' } }), {
  keys: [
    { ...secret(keys.hs256Other), kid: 'old' },
    { ...secret(mac), kid: 'new' },
  ],
})
vector(
  'a retired kid is not found',
  await sealed(opaque, {}, { kid: 'older' }),
  err('key_not_found', 'kid', { actual: 'older' }),
  {
    keys: [
      { ...secret(keys.hs256Other), kid: 'old' },
      { ...secret(mac), kid: 'new' },
    ],
  },
)
const jwt = await mint(keys.ed25519, { exp }, { typ: 'JWT' })
vector('a token that happens to be a JWS has a receipt too', await sealed(jwt), ok({ evidence: 'receipt' }))
for (const token of [
  'a',
  'ab~cd',
  '~',
  'a~~b',
  'tkn_24543c6a278f45d680d09edb32e78061',
  'A-Za-z0-9._~+/==',
  'x'.repeat(2000),
]) {
  vector(`a receipt is split from ${token.slice(0, 40)} at the first ~`, await sealed(token), ok(), {
    ref: 'pkg/src/receipt.ts countersign',
  })
}
vector('the whole may be as long as maxTokenBytes', good, ok(), {
  options: { maxTokenBytes: good.length },
})
vector(
  'the whole may not be longer than maxTokenBytes',
  good,
  err('token_too_large', undefined, { expected: good.length - 1, actual: good.length }),
  { options: { maxTokenBytes: good.length - 1 } },
)

// No receipt
const missing = err('receipt_missing')
vector('no token is no token', null, err('token_missing'))
vector('empty text is no token', '', err('token_missing'))
vector('an opaque token alone is refused', opaque, missing)
vector('a bare JWS is refused', jwt, missing)
vector('a bare JWS by the receipt’s key is refused', await mint(mac, receiptOf(opaque), {}), missing)
vector('a receipt without its token is refused', receipt, missing)
vector('the sample of jwt.io is refused', SAMPLE, missing)
vector('a receipt of an empty token is refused', await sealed(''), err('token_malformed'))
vector('an empty receipt is refused', `~${opaque}`, err('token_malformed'))
vector('a receipt that is no JWS is refused', `receipt~${opaque}`, err('token_malformed'))
vector('a receipt and its token the other way round are refused', `${opaque}~${receipt}`, err('token_malformed'))
vector('a receipt twice before its token is refused', `${receipt}~${good}`, err('receipt_mismatch'))

// Another token
const mismatch = err('receipt_mismatch')
vector('a receipt before another token is refused', `${receipt}~${opaque.slice(0, -1)}6`, mismatch)
vector('a receipt before a longer token is refused', `${receipt}~${opaque}0`, mismatch)
vector('a receipt before a shorter token is refused', `${receipt}~${opaque.slice(0, -1)}`, mismatch)
vector('a receipt before its token in another case is refused', `${receipt}~${opaque.toLowerCase()}`, mismatch)
vector('a receipt before its token and padding is refused', `${receipt}~${opaque}=`, mismatch)
vector(
  'a receipt with the hash in hex is refused',
  await sealed(opaque, { ath: Buffer.from(hash(opaque), 'base64url').toString('hex') }),
  mismatch,
)
vector(
  'a receipt with half the hash is refused',
  await sealed(opaque, { ath: b64u(Buffer.from(hash(opaque), 'base64url').subarray(0, 16)) }),
  mismatch,
)
vector('a receipt with a padded hash is refused', await sealed(opaque, { ath: `${hash(opaque)}=` }), mismatch)
vector('a receipt with an empty hash is refused', await sealed(opaque, { ath: '' }), mismatch)
vector('a receipt without a hash is refused', await sealed(opaque, { ath: undefined }), mismatch)
vector('a receipt whose hash is no text is refused', await sealed(opaque, { ath: [hash(opaque)] }), mismatch)

// Characters outside b64token
for (const [what, token] of /** @type {[string, string][]} */ ([
  ['a line feed', `${opaque}\n`],
  ['a space', `${opaque} `],
  ['a Cyrillic letter', `${opaque}а`],
  ['an equals sign inside', `a=${opaque}`],
  ['a comma', `${opaque},x`],
  ['a percent sign', `${opaque}%0A`],
  ['a NUL', `${opaque}\u0000`],
  ['quotes', `"${opaque}"`],
])) {
  vector(`a token with ${what} is refused, even with its receipt`, await sealed(token), err('token_malformed'), {
    ref: 'RFC 6750 section 2.1, systems.md A I11',
  })
}

/** The receipt with a piece of its JSON text replaced. @param {string} piece @param {string} by */
const rewritten = (piece, by, header = '{"alg":"HS256","typ":"receipt+jwt"}') =>
  `${forge(mac, header, JSON.stringify(receiptOf(opaque)).replace(piece, by))}~${opaque}`

// The receipt as a JWS
const invalid = err('signature_invalid')
const [head = '', body = '', mark = ''] = receipt.split('.')
const flipped = b64u(Buffer.from(mark, 'base64url').map((octet, at) => (at === 0 ? octet ^ 1 : octet)))
vector('a receipt with a flipped bit is refused', `${head}.${body}.${flipped}~${opaque}`, invalid, {
  ref: 'systems.md A I7',
})
vector(
  'a receipt of somebody else is refused',
  `${await mint(keys.hs256Other, receiptOf(opaque), RECEIPT)}~${opaque}`,
  invalid,
)
vector(
  'an unsecured receipt is refused',
  `${b64u('{"alg":"none","typ":"receipt+jwt"}')}.${body}.~${opaque}`,
  err('alg_not_supported', 'alg', { actual: 'none' }),
)
vector(
  'a receipt by HS256 is refused where the key is Ed25519',
  good,
  err('alg_not_allowed', 'alg', { actual: 'HS256' }),
  { keys: { jwk: publicJwk(keys.ed25519) } },
)
for (const typ of ['JWT', 'at+jwt', 'vc+sd-jwt', 'dc+sd-jwt', 'receipt', 'jwt+receipt']) {
  vector(
    `a JWS of typ ${typ} is no receipt`,
    await sealed(opaque, {}, { typ }),
    err('typ_mismatch', 'typ', { actual: typ }),
  )
}
vector('a JWS without a typ is no receipt', await sealed(opaque, {}, { typ: undefined }), err('typ_mismatch', 'typ'))
vector(
  'an SD-JWT is no receipt',
  `${await mint(mac, { exp }, { typ: 'vc+sd-jwt' })}~WyJzYWx0IiwiYSIsMV0~`,
  err('typ_mismatch', 'typ'),
)
vector(
  'a receipt with a claim twice is refused',
  rewritten('"bind":', '"bind":{"order_id":"order-2"},"bind":'),
  err('claims_malformed'),
)
vector(
  'a receipt with a bound name twice is refused',
  rewritten('"order_id":', '"order_id":"order-2","order_id":'),
  err('claims_malformed'),
)
vector(
  'a receipt with crit is refused',
  rewritten('', '', '{"alg":"HS256","typ":"receipt+jwt","crit":["urn:x"],"urn:x":1}'),
  err('crit_not_supported', 'crit'),
)

// Claims of a receipt
vector('the second before exp a receipt is good', good, ok(), { now: exp - 1 })
vector(
  'on the second of exp a receipt has expired',
  good,
  err('token_expired', 'exp', { expected: exp, actual: exp }),
  { now: exp },
)
vector('a receipt without exp is refused', await sealed(opaque, { exp: undefined }), err('claim_missing', 'exp'))
vector(
  'a limited receipt without exp is refused where exp is optional',
  await sealed(opaque, { exp: undefined, uses: 3 }),
  err('claim_missing', 'exp'),
  { options: { expiry: 'optional' } },
)
vector(
  'a receipt of another issuer is refused',
  await sealed(opaque, { iss: 'https://other.example' }),
  err('claim_mismatch', 'iss', { actual: 'https://other.example' }),
)
vector(
  'a receipt for another audience is refused',
  await sealed(opaque, { aud: 'shop-b' }),
  err('claim_mismatch', 'aud', { actual: 'shop-b' }),
  { options: { audience: 'shop-a' } },
)
vector('a receipt for this audience is accepted', await sealed(opaque, { aud: ['shop-a', 'shop-c'] }), ok(), {
  options: { audience: 'shop-a' },
})
vector('a receipt holds a scope', await sealed(opaque, { scope: 'read write' }), ok({ scope: ['read', 'write'] }), {
  options: { scope: 'read' },
})
vector('a receipt lacks a scope', await sealed(opaque, { scope: 'write' }), err('scope_insufficient', 'scope'), {
  options: { scope: 'read' },
})
vector(
  'a receipt holds further claims',
  await sealed(opaque, { merchant_id: 'm-1' }),
  ok({ claims: { merchant_id: 'm-1' } }),
  { options: { claims: { merchant_id: 'm-1' } } },
)
vector(
  'a receipt of another merchant is refused',
  await sealed(opaque, { merchant_id: 'm-2' }),
  err('claim_mismatch', 'merchant_id', { actual: 'm-2' }),
  { options: { claims: { merchant_id: 'm-1' } } },
)
vector(
  'a receipt bound to a key is refused without its proof',
  await sealed(opaque, { cnf: { jkt: '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I' } }),
  err('proof_missing', 'cnf'),
)
vector(
  'a receipt tells how often it may be redeemed',
  await sealed(opaque, { uses: 30 }),
  ok({ uses: { limit: 30, left: null } }),
  { ref: 'pkg/src/types.ts Verified.uses' },
)
for (const uses of [0, -1, 1.5, '30', null, true, 9007199254740992]) {
  vector(
    `a receipt for ${JSON.stringify(uses)} uses is refused`,
    await sealed(opaque, { uses }),
    err('claim_malformed', 'uses'),
    { ref: 'pkg/src/types.ts Receipt.uses' },
  )
}

// bind
const unbound = err('binding_mismatch', 'order_id')
vector(
  'a receipt for another order is refused',
  good,
  err('binding_mismatch', 'order_id', { expected: 'order-2', actual: 'order-1' }),
  { expected: { bind: { order_id: 'order-2' } } },
)
vector('a request that does not say for which order is refused', good, unbound, {
  expected: { bind: { order_id: '' } },
})
vector('a call that forgets the order is a mistake', good, typeError('order_id'), { expected: {} })
vector(
  'a receipt binds by bind, not by its other claims',
  await sealed(opaque, { bind: { other: 'x' }, order_id: 'order-1' }),
  unbound,
)
vector('a receipt’s other claims do not unbind it', await sealed(opaque, { order_id: 'order-2' }), ok())
vector('a receipt without bind is bound to nothing', await sealed(opaque, { bind: undefined }), unbound)
vector('a receipt binds by the name even where a claim is given for JWTs', good, ok(), {
  options: { bind: { order_id: 'order' } },
})
vector(
  'a receipt may be bound to more than is asked',
  await sealed(opaque, { bind: { order_id: 'order-1', customer_id: 'c-1' } }),
  ok(),
)
vector(
  'what a receipt is bound to beyond the policy may be asked',
  await sealed(opaque, { bind: { order_id: 'order-1', customer_id: 'c-1' } }),
  err('binding_mismatch', 'customer_id', { expected: 'c-2', actual: 'c-1' }),
  { expected: { bind: { order_id: 'order-1', customer_id: 'c-2' } } },
)
for (const bind of ['order-1', ['order-1'], null, 5]) {
  vector(`a receipt bound to ${JSON.stringify(bind)} is bound to nothing`, await sealed(opaque, { bind }), unbound)
}
vector('a receipt’s safe integer is its decimal text', await sealed(opaque, { bind: { order_id: 249749 } }), ok(), {
  expected: { bind: { order_id: '249749' } },
})
vector('a receipt’s decimal text is its safe integer', await sealed(opaque, { bind: { order_id: '249749' } }), ok(), {
  expected: { bind: { order_id: 249749 } },
})
vector(
  'a receipt’s text with a zero before it is another',
  await sealed(opaque, { bind: { order_id: '0249749' } }),
  unbound,
  { expected: { bind: { order_id: 249749 } } },
)
vector(
  'a receipt bound to an object is bound to nothing',
  await sealed(opaque, { bind: { order_id: { id: 'order-1' } } }),
  unbound,
)

// Under the policy of a JWT
vector(
  'without evidence by receipt a receipt is no token',
  good,
  err('typ_mismatch', 'typ', { actual: 'receipt+jwt' }),
  { options: { evidence: 'signature', bind: ['order_id'] } },
)
vector(
  'without evidence by receipt a stripped receipt is no token',
  receipt,
  err('typ_mismatch', 'typ', { actual: 'receipt+jwt' }),
  { options: { evidence: 'signature', bind: ['order_id'] } },
)
vector('without evidence by receipt an opaque token is no token', opaque, err('token_malformed'), {
  options: { evidence: 'signature', bind: ['order_id'] },
})

// What is made
/**
 * @param {string} name @param {unknown[]} args @param {object} answer
 * @param {{ ref?: string, then?: object, only?: string[] | undefined }} [given]
 */
function made(name, args, answer, given = {}) {
  vectors.push({
    name,
    ref: given.ref ?? 'pkg/src/receipt.ts countersign',
    only: given.only,
    call: 'countersign',
    arguments: args,
    answer,
    then: given.then,
  })
}
const key = secret(mac)
const { crv, d, x } = keys.ed25519.jwk
const privateKey = { kty: 'OKP', crv, d, x }
const data = {
  expires: exp,
  bind: { order_id: 'order-1' },
  issuer: 'https://backend.example',
  now: NOW,
}
const then = {
  options: policy,
  keys: key,
  expected,
  now: NOW,
  answer: ok({ evidence: 'receipt', expiresAt: exp }),
}
made(
  'a receipt is a JWS before its token',
  [opaque, data, key],
  ok({
    header: { alg: 'HS256', typ: 'receipt+jwt' },
    claims: {
      ath: hash(opaque),
      iss: 'https://backend.example',
      exp,
      iat: NOW,
      bind: { order_id: 'order-1' },
    },
    token: opaque,
  }),
  { then },
)
made(
  'a receipt by Ed25519 is a JWS before its token',
  [opaque, data, { privateKey }],
  ok({ header: { typ: 'receipt+jwt' }, claims: { ath: hash(opaque), exp }, token: opaque }),
  { then: { ...then, keys: { jwk: publicJwk(keys.ed25519) } } },
)
made(
  'a receipt names its kid',
  [opaque, data, { ...key, kid: 'k-1' }],
  ok({ header: { alg: 'HS256', typ: 'receipt+jwt', kid: 'k-1' } }),
  {
    then: {
      ...then,
      keys: [
        { ...secret(keys.hs256Other), kid: 'k-0' },
        { ...key, kid: 'k-1' },
      ],
      answer: ok({ key: { kid: 'k-1', alg: 'HS256' } }),
    },
  },
)
made('a receipt by Ed25519 names its kid', [opaque, data, { privateKey, kid: 'k-1' }], ok({ header: { kid: 'k-1' } }))
made(
  'a receipt holds all that it is given',
  [
    opaque,
    {
      ...data,
      audience: ['a', 'b'],
      scope: 'read write',
      uses: 3,
      claims: { merchant_id: 'm-1', nested: { a: [1] } },
    },
    key,
  ],
  ok({
    claims: {
      aud: ['a', 'b'],
      scope: 'read write',
      uses: 3,
      merchant_id: 'm-1',
      nested: { a: [1] },
    },
  }),
  {
    then: {
      options: { ...policy, audience: 'a', scope: 'write', claims: { merchant_id: 'm-1' } },
      keys: key,
      expected,
      now: NOW,
      answer: ok({ uses: { limit: 3, left: null }, scope: ['read', 'write'] }),
    },
  },
)
made(
  'a receipt expires when RFC 3339 text says',
  [opaque, { ...data, expires: '2023-11-14T22:18:20Z' }, key],
  ok({ claims: { exp } }),
  { then },
)
made('the second of its expiry a receipt made has expired', [opaque, data, key], ok(), {
  then: { ...then, now: exp, answer: err('token_expired', 'exp', { expected: exp, actual: exp }) },
})
made('a receipt made for one order is not for another', [opaque, data, key], ok(), {
  then: {
    ...then,
    expected: { bind: { order_id: 'order-2' } },
    answer: err('binding_mismatch', 'order_id'),
  },
})
made('a receipt made is not believed under another secret', [opaque, data, key], ok(), {
  then: { ...then, keys: secret(keys.hs256Other), answer: err('signature_invalid') },
})
made(
  'a token with a ~ may be countersigned',
  ['ab~cd', data, key],
  ok({ token: 'ab~cd', claims: { ath: hash('ab~cd') } }),
  { then },
)
made('a JWS may be countersigned', [jwt, data, key], ok({ token: jwt }), { then })
made(
  'a moment a second ahead is not past',
  [opaque, { ...data, expires: NOW + 1 }, key],
  ok({ claims: { exp: NOW + 1 } }),
)
made('365 days ahead are not beyond a year', [opaque, { ...data, expires: NOW + 365 * 86400 }, key], ok())
/**
 * @param {string} name @param {unknown[]} args @param {string | true} word
 * @param {string[]} [only]
 */
const wrong = (name, args, word, only) => made(name, args, typeError(word), only === undefined ? {} : { only })
wrong('a moment past is refused', [opaque, { ...data, expires: NOW - 1 }, key], 'expires')
wrong('a moment past in text is refused', [opaque, { ...data, expires: '2023-11-14T22:13:19Z' }, key], 'expires')
wrong('367 days ahead are beyond a year', [opaque, { ...data, expires: NOW + 367 * 86400 }, key], 'expires')
wrong('milliseconds are refused', [opaque, { ...data, expires: exp * 1000 }, key], 'expires')
wrong('a negative moment is refused', [opaque, { ...data, expires: -1 }, key], 'expires')
wrong('a receipt without expires is refused', [opaque, { ...data, expires: undefined }, key], 'expires')
wrong('expires of null is refused', [opaque, { ...data, expires: null }, key], 'expires')
wrong('expires of NaN is refused', [opaque, { ...data, expires: { $number: 'NaN' } }, key], 'expires', ['package'])
wrong('now in milliseconds is refused', [opaque, { ...data, now: NOW * 1000 }, key], 'now')
wrong('a receipt without bind is refused', [opaque, { ...data, bind: undefined }, key], 'bind')
wrong('a receipt bound to nothing is refused', [opaque, { ...data, bind: {} }, key], 'bind')
for (const id of ['', null, true, 1.5, 9007199254740992, {}, []]) {
  wrong(
    `an order of ${JSON.stringify(id)} is not countersigned`,
    [opaque, { ...data, bind: { order_id: id } }, key],
    'bind',
  )
}
for (const uses of [0, -1, 1.5, '30', null]) {
  wrong(`a receipt for ${JSON.stringify(uses)} uses is refused when made`, [opaque, { ...data, uses }, key], 'uses')
}
for (const scope of ['', 'read  write', 'read\twrite', 5]) {
  wrong(`a receipt with the scope ${JSON.stringify(scope)} is refused`, [opaque, { ...data, scope }, key], 'scope')
}
wrong('a receipt with an empty issuer is refused', [opaque, { ...data, issuer: '' }, key], 'issuer')
wrong('a receipt with an empty audience is refused', [opaque, { ...data, audience: [] }, key], 'audience')
wrong('a receipt with an unknown member is refused', [opaque, { ...data, expiry: exp }, key], 'expiry')
for (const name of ['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti', 'ath', 'bind', 'uses', 'scope', 'cnf']) {
  wrong(`a further claim may not be called ${name}`, [opaque, { ...data, claims: { [name]: 'x' } }, key], name)
}
wrong('a receipt that grows too long is refused', [opaque, { ...data, claims: { note: 'x'.repeat(2048) } }, key], true)
wrong('an empty token is not countersigned', ['', data, key], 'token')
for (const token of [`${opaque}\n`, ` ${opaque}`, `${opaque},`, 'ключ', `a=b`, '===']) {
  wrong(`the token ${JSON.stringify(token)} is not countersigned`, [token, data, key], 'token')
}
wrong('null is not countersigned', [null, data, key], 'token', ['package'])
wrong('a number is not countersigned', [5, data, key], 'token', ['package'])
wrong('a secret of 31 octets does not countersign', [opaque, data, secret(mac, 31)], 'secret')
made('a secret of 32 octets countersigns', [opaque, data, secret(mac, 32)], ok(), {
  then: { ...then, keys: secret(mac, 32) },
})
wrong(
  'the secret that everyone knows does not countersign',
  [opaque, data, { secret: 'a-string-secret-at-least-256-bits-long' }],
  'secret',
)
wrong('a public key does not countersign', [opaque, data, { privateKey: publicJwk(keys.ed25519) }], 'd')
wrong('an EC key does not countersign', [opaque, data, { privateKey: keys.es256.jwk }], 'kty')
wrong('an RSA key does not countersign', [opaque, data, { privateKey: keys.rs256.jwk }], 'kty')
wrong(
  'a private key whose halves differ does not countersign',
  [opaque, data, { privateKey: { ...privateKey, x: keys.ed25519Other.jwk.x } }],
  'x',
)
wrong('a key nobody knows does not countersign', [opaque, data, { pem: 'x' }], true, ['package'])
wrong('two keys at once do not countersign', [opaque, data, { ...key, privateKey }], true, ['package'])

write('receipts.json', vectors)
