// @ts-check
/**
 * RFC 7519, JSON Web Token: the Claims Set, its types, its times.
 *
 * @module
 */

import { err, forge, keys, mint, NOW, ok, publicJwk, write } from './lib.js'

const key = keys.es256
const kid = 'test-es256'
const verificationKeys = { keys: [publicJwk(key, { kid })] }
const header = { kid, typ: 'JWT' }
const open = { issuer: null, audience: null, algorithms: ['ES256'] }

/** @type {Record<string, any>[]} */
const vectors = []

/**
 * @param {string} name @param {string} ref
 * @param {Record<string, unknown> | string} claims Text is signed as it stands.
 * @param {object} answer
 * @param {{ options?: object, expected?: object, now?: number }} [given]
 */
async function vector(name, ref, claims, answer, { options = {}, expected, now = NOW } = {}) {
  vectors.push({
    name,
    ref,
    options: { ...open, ...options },
    keys: verificationKeys,
    token: await mint(key, claims, header),
    expected,
    now,
    answer,
  })
}

const S2 = 'RFC 7519 section 2'
const S4 = 'RFC 7519 section 4'
const ISS = 'RFC 7519 section 4.1.1'
const SUB = 'RFC 7519 section 4.1.2'
const AUD = 'RFC 7519 section 4.1.3'
const EXP = 'RFC 7519 section 4.1.4'
const NBF = 'RFC 7519 section 4.1.5'
const IAT = 'RFC 7519 section 4.1.6'
const PAYLOAD = 'RFC 7519 section 7.2'
const exp = NOW + 300

await vector(
  'a token that meets its policy is verified',
  'RFC 7519 section 7.2',
  { iss: 'https://issuer.example', sub: 'user-1', exp, iat: NOW, jti: 'id-1' },
  ok({
    header: { alg: 'ES256', kid, typ: 'JWT' },
    claims: { iss: 'https://issuer.example', sub: 'user-1', exp, iat: NOW, jti: 'id-1' },
    expiresAt: exp,
    scope: [],
    key: { kid, alg: 'ES256' },
    evidence: 'signature',
  }),
)

// exp
await vector('a token is good until the second before exp', EXP, { exp: NOW + 1 }, ok({ expiresAt: NOW + 1 }))
await vector(
  'a token is expired on the very second of exp',
  EXP,
  { exp: NOW },
  err('token_expired', 'exp', { expected: NOW, actual: NOW }),
)
await vector(
  'a token is expired after exp',
  EXP,
  { exp: NOW - 1 },
  err('token_expired', 'exp', { expected: NOW, actual: NOW - 1 }),
)
await vector('a fraction of a second before exp is before it', S2, { exp: NOW + 0.5 }, ok({ expiresAt: NOW + 0.5 }))
await vector('a fraction of a second past exp is past it', EXP, { exp: NOW }, err('token_expired', 'exp'), {
  now: NOW + 0.25,
})
await vector('now may hold a fraction', S2, { exp: NOW + 1 }, ok(), { now: NOW + 0.75 })
await vector('without exp a token is refused', EXP, { iat: NOW }, err('claim_missing', 'exp'))
await vector('a policy may make exp optional', EXP, { iat: NOW }, ok({ expiresAt: null }), {
  options: { expiry: 'optional' },
})
await vector('an optional exp that is there holds', EXP, { exp: NOW }, err('token_expired', 'exp'), {
  options: { expiry: 'optional' },
})
await vector('an optional exp that is there has its type', EXP, { exp: 'soon' }, err('claim_malformed', 'exp'), {
  options: { expiry: 'optional' },
})
for (const leewaySeconds of [1, 30, 300]) {
  await vector(
    `with ${leewaySeconds} s leeway exp may lie ${leewaySeconds - 1} s back`,
    EXP,
    { exp: NOW - leewaySeconds + 1 },
    ok(),
    { options: { leewaySeconds } },
  )
  await vector(
    `with ${leewaySeconds} s leeway exp may not lie ${leewaySeconds} s back`,
    EXP,
    { exp: NOW - leewaySeconds },
    err('token_expired', 'exp'),
    { options: { leewaySeconds } },
  )
}
await vector('leeway 0 is none', EXP, { exp: NOW }, err('token_expired', 'exp'), {
  options: { leewaySeconds: 0 },
})
await vector('leeway does not reach into expiresAt', EXP, { exp: NOW - 10 }, ok({ expiresAt: NOW - 10 }), {
  options: { leewaySeconds: 30 },
})

// The range of a NumericDate
await vector('exp may be the last second of the year 9999', S2, { exp: 253402300799 }, ok({ expiresAt: 253402300799 }))
await vector(
  'exp past the year 9999 is malformed',
  S2,
  { exp: 253402300800 },
  err('claim_malformed', 'exp', { expected: 'number', actual: 253402300800 }),
)
await vector('exp in milliseconds is malformed', S2, { exp: (NOW + 300) * 1000 }, err('claim_malformed', 'exp'))
await vector('exp at the epoch has come', S2, { exp: 0 }, err('token_expired', 'exp', { expected: NOW, actual: 0 }))
await vector(
  'exp before the epoch is malformed',
  S2,
  { exp: -1 },
  err('claim_malformed', 'exp', { expected: 'number', actual: -1 }),
)
await vector('exp of 1e99 is malformed', S2, '{"exp":1e99}', err('claim_malformed', 'exp'))
await vector('exp may be written with an exponent', S2, '{"exp":17000003e2}', ok({ expiresAt: 1700000300 }))
await vector(
  'a number that no double can hold is no JSON number here',
  PAYLOAD,
  '{"exp":1e400}',
  err('claims_malformed'),
)
await vector(
  'a number that is not finite is refused in any claim',
  PAYLOAD,
  `{"exp":${exp},"other":[-1e999]}`,
  err('claims_malformed'),
)
for (const name of ['exp', 'nbf', 'iat']) {
  for (const value of [String(NOW + 300), true, null, [NOW + 300], { value: NOW + 300 }]) {
    await vector(
      `${name} of ${JSON.stringify(value)} is malformed`,
      S4,
      { exp, [name]: value },
      err('claim_malformed', name, { expected: 'number', actual: value }),
    )
  }
}
await vector('nbf past the year 9999 is malformed', S2, { exp, nbf: 253402300800 }, err('claim_malformed', 'nbf'))
await vector('nbf before the epoch is malformed', S2, { exp, nbf: -1 }, err('claim_malformed', 'nbf'))
await vector('iat in milliseconds is malformed', S2, { exp, iat: NOW * 1000 }, err('claim_malformed', 'iat'))
await vector('iat before the epoch is malformed', S2, { exp, iat: -0.5 }, err('claim_malformed', 'iat'))

// nbf
await vector('a token is good on the very second of nbf', NBF, { exp, nbf: NOW }, ok())
await vector(
  'a token is not good the second before nbf',
  NBF,
  { exp, nbf: NOW + 1 },
  err('token_not_yet_valid', 'nbf', { expected: NOW, actual: NOW + 1 }),
)
await vector(
  'a fraction of a second before nbf is before it',
  NBF,
  { exp, nbf: NOW + 0.5 },
  err('token_not_yet_valid', 'nbf'),
)
await vector('with leeway nbf may lie as far ahead', NBF, { exp, nbf: NOW + 30 }, ok(), {
  options: { leewaySeconds: 30 },
})
await vector(
  'with leeway nbf may not lie further ahead',
  NBF,
  { exp, nbf: NOW + 31 },
  err('token_not_yet_valid', 'nbf'),
  { options: { leewaySeconds: 30 } },
)

// iat
await vector('iat alone says nothing against a token', IAT, { exp, iat: NOW + 60 }, ok())
const aged = { maxAgeSeconds: 3600 }
const far = NOW + 7200
await vector('under maxAgeSeconds iat may be now', IAT, { exp: far, iat: NOW }, ok(), {
  options: aged,
})
await vector('under maxAgeSeconds iat may lie exactly that far back', IAT, { exp: far, iat: NOW - 3600 }, ok(), {
  options: aged,
})
await vector(
  'under maxAgeSeconds iat may not lie a second further back',
  IAT,
  { exp: far, iat: NOW - 3601 },
  err('token_too_old', 'iat', { expected: 3600, actual: NOW - 3601 }),
  { options: aged },
)
await vector(
  'under maxAgeSeconds iat may not lie ahead',
  IAT,
  { exp: far, iat: NOW + 1 },
  err('token_not_yet_valid', 'iat', { expected: NOW, actual: NOW + 1 }),
  { options: aged },
)
await vector('under maxAgeSeconds iat is required', IAT, { exp: far }, err('claim_missing', 'iat'), { options: aged })
const lenient = { maxAgeSeconds: 3600, leewaySeconds: 30 }
await vector('leeway counts for the age', IAT, { exp: far, iat: NOW - 3630 }, ok(), {
  options: lenient,
})
await vector('leeway for the age ends', IAT, { exp: far, iat: NOW - 3631 }, err('token_too_old', 'iat'), {
  options: lenient,
})
await vector('leeway counts for an iat ahead', IAT, { exp: far, iat: NOW + 30 }, ok(), {
  options: lenient,
})
await vector('leeway for an iat ahead ends', IAT, { exp: far, iat: NOW + 31 }, err('token_not_yet_valid', 'iat'), {
  options: lenient,
})

// maxLifetimeSeconds
const short = { maxLifetimeSeconds: 600 }
const LIFETIME = 'pkg/src/types.ts Policy.maxLifetimeSeconds'
await vector('a lifetime may be exactly as long as allowed', LIFETIME, { iat: NOW - 300, exp }, ok(), {
  options: short,
})
await vector(
  'a lifetime may not be a second longer than allowed',
  LIFETIME,
  { iat: NOW - 301, exp },
  err('lifetime_too_long', 'exp', { expected: 600, actual: 601 }),
  { options: short },
)
await vector(
  'leeway does not lengthen a lifetime',
  LIFETIME,
  { iat: NOW - 301, exp },
  err('lifetime_too_long', 'exp'),
  { options: { ...short, leewaySeconds: 300 } },
)
await vector('a lifetime needs iat', LIFETIME, { exp }, err('claim_missing', 'iat'), {
  options: short,
})
await vector('a lifetime needs exp', LIFETIME, { iat: NOW }, err('claim_missing', 'exp'), {
  options: { ...short, expiry: 'optional' },
})
await vector(
  'under maxLifetimeSeconds iat may not lie ahead',
  LIFETIME,
  { iat: NOW + 1, exp },
  err('token_not_yet_valid', 'iat', { expected: NOW, actual: NOW + 1 }),
  { options: short },
)

// iss
const issued = { issuer: 'https://issuer.example' }
await vector('the issuer required is accepted', ISS, { iss: 'https://issuer.example', exp }, ok(), {
  options: issued,
})
for (const iss of [
  'https://issuer.example/',
  'https://ISSUER.example',
  'HTTPS://issuer.example',
  'https://issuer.example.evil',
  'issuer.example',
  '',
]) {
  await vector(
    `the issuer ${JSON.stringify(iss)} is another`,
    ISS,
    { iss, exp },
    err('claim_mismatch', 'iss', { actual: iss }),
    { options: issued },
  )
}
await vector('without iss a required issuer is missing', ISS, { exp }, err('claim_missing', 'iss'), { options: issued })
const issuers = { issuer: ['https://a.example', 'https://b.example'] }
await vector('any of the issuers is accepted', ISS, { iss: 'https://b.example', exp }, ok(), {
  options: issuers,
})
await vector(
  'none but the issuers is accepted',
  ISS,
  { iss: 'https://c.example', exp },
  err('claim_mismatch', 'iss', {
    expected: ['https://a.example', 'https://b.example'],
    actual: 'https://c.example',
  }),
  { options: issuers },
)
await vector('issuer null does not ask for iss', ISS, { exp }, ok())
await vector(
  'an iss that is an array is malformed',
  ISS,
  { iss: ['https://issuer.example'], exp },
  err('claim_malformed', 'iss', { expected: 'string' }),
  { options: issued },
)
await vector(
  'an iss that no policy requires has its type too',
  ISS,
  { iss: 5, exp },
  err('claim_malformed', 'iss', { expected: 'string', actual: 5 }),
)

// sub, jti
await vector('the subject required is accepted', SUB, { sub: 'user-1', exp }, ok(), {
  options: { subject: 'user-1' },
})
await vector('any of the subjects is accepted', SUB, { sub: 'user-2', exp }, ok(), {
  options: { subject: ['user-1', 'user-2'] },
})
await vector(
  'another subject is refused',
  SUB,
  { sub: 'User-1', exp },
  err('claim_mismatch', 'sub', { actual: 'User-1' }),
  { options: { subject: 'user-1' } },
)
await vector('without sub a required subject is missing', SUB, { exp }, err('claim_missing', 'sub'), {
  options: { subject: 'user-1' },
})
await vector(
  'a sub that is a number is malformed',
  SUB,
  { sub: 1, exp },
  err('claim_malformed', 'sub', { expected: 'string', actual: 1 }),
)
await vector(
  'a jti that is a number is malformed',
  'RFC 7519 section 4.1.7',
  { jti: 1, exp },
  err('claim_malformed', 'jti', { expected: 'string', actual: 1 }),
)

// aud
const api = 'https://api.example'
const aimed = { audience: api }
await vector('an aud that is a string is accepted', AUD, { aud: api, exp }, ok(), {
  options: aimed,
})
await vector(
  'an aud that is an array with the audience is accepted',
  AUD,
  { aud: ['https://other.example', api], exp },
  ok(),
  { options: aimed },
)
await vector(
  'an aud for somebody else is refused',
  AUD,
  { aud: 'https://other.example', exp },
  err('claim_mismatch', 'aud', { actual: 'https://other.example' }),
  { options: aimed },
)
await vector(
  'an array of audiences for others is refused',
  AUD,
  { aud: ['https://other.example', 'https://third.example'], exp },
  err('claim_mismatch', 'aud'),
  { options: aimed },
)
for (const aud of [`${api}/`, 'https://API.example', 'https://api.example.evil', 'https://api', `${api} `]) {
  await vector(`the audience ${JSON.stringify(aud)} is another`, AUD, { aud, exp }, err('claim_mismatch', 'aud'), {
    options: aimed,
  })
}
await vector('without aud a required audience is missing', AUD, { exp }, err('claim_missing', 'aud'), {
  options: aimed,
})
await vector('one of several audiences is enough', AUD, { aud: 'b', exp }, ok(), {
  options: { audience: ['a', 'b'] },
})
await vector('audience null does not ask for aud', AUD, { exp }, ok())
for (const aud of [5, [], [api, 5], [null], { api: true }, null, true]) {
  await vector(
    `an aud of ${JSON.stringify(aud)} is malformed`,
    AUD,
    { aud, exp },
    err('claim_malformed', 'aud', { actual: aud }),
    { options: aimed },
  )
}
for (const aud of [5, [], [api, 5], [null], { api: true }, null, true, Array(1_001).fill('a')]) {
  await vector(
    `where no audience is required, an aud of ${JSON.stringify(aud).slice(0, 40)} refuses nothing`,
    AUD,
    { aud, exp },
    ok(),
  )
}
await vector(
  'where a call expects an audience, aud has its type',
  AUD,
  { aud: 5, exp },
  err('claim_malformed', 'aud', { actual: 5 }),
  { expected: { audience: api } },
)
const strict = { audience: [api, 'https://api2.example'], foreignAudience: 'refuse' }
const FOREIGN = 'pkg/src/types.ts Policy.foreignAudience'
await vector('a foreign audience is allowed by default', FOREIGN, { aud: [api, 'https://other.example'], exp }, ok(), {
  options: aimed,
})
await vector(
  'a foreign audience may be allowed in so many words',
  FOREIGN,
  { aud: [api, 'https://other.example'], exp },
  ok(),
  { options: { ...aimed, foreignAudience: 'allow' } },
)
await vector(
  'a foreign audience may be refused',
  FOREIGN,
  { aud: [api, 'https://other.example'], exp },
  err('claim_mismatch', 'aud'),
  { options: strict },
)
await vector(
  'where foreign audiences are refused, two of ours are accepted',
  FOREIGN,
  { aud: ['https://api2.example', api], exp },
  ok(),
  { options: strict },
)
const CLAIM = 'pkg/src/types.ts Policy.audienceClaim'
const named = { audience: 'admin', audienceClaim: 'audience' }
await vector('audienceClaim names where the audience stands', CLAIM, { audience: 'admin', exp }, ok(), {
  options: named,
})
await vector(
  'under audienceClaim aud is not read',
  CLAIM,
  { aud: 'admin', audience: 'webstore', exp },
  err('claim_mismatch', 'audience', { actual: 'webstore' }),
  { options: named },
)
await vector(
  'under audienceClaim that claim is required',
  CLAIM,
  { aud: 'admin', exp },
  err('claim_missing', 'audience'),
  { options: named },
)
await vector(
  'under audienceClaim that claim has the type of aud',
  CLAIM,
  { audience: 7, exp },
  err('claim_malformed', 'audience'),
  { options: named },
)
await vector('audienceClaim may be a JSON Pointer', CLAIM, { request: { for: ['admin'] }, exp }, ok(), {
  options: { audience: 'admin', audienceClaim: '/request/for' },
})

// nonce
const NONCE = 'OpenID Connect Core section 3.1.3.7'
await vector('the nonce expected is accepted', NONCE, { nonce: 'n-1', exp }, ok(), {
  expected: { nonce: 'n-1' },
})
await vector(
  'another nonce is refused',
  NONCE,
  { nonce: 'n-2', exp },
  err('claim_mismatch', 'nonce', { expected: 'n-1', actual: 'n-2' }),
  { expected: { nonce: 'n-1' } },
)
await vector('without nonce an expected one is missing', NONCE, { exp }, err('claim_missing', 'nonce'), {
  expected: { nonce: 'n-1' },
})
await vector('a nonce that is a number is refused', NONCE, { nonce: 1, exp }, err('claim_malformed', 'nonce'), {
  expected: { nonce: '1' },
})

// The payload
const raw = (
  /** @type {string} */ name,
  /** @type {string | Uint8Array} */ payload,
  /** @type {object} */ answer,
  ref = PAYLOAD,
) =>
  vectors.push({
    name,
    ref,
    options: { issuer: null, audience: null },
    keys: { jwk: publicJwk(keys.ed25519) },
    token: forge(keys.ed25519, '{"alg":"EdDSA"}', payload),
    now: NOW,
    answer,
  })
const good = `"exp":${exp}`
for (const [what, payload] of /** @type {const} */ ([
  ['text', 'hello'],
  ['nothing', ''],
  ['an array', `[{${good}}]`],
  ['a string', '"claims"'],
  ['a number', '1700000300'],
  ['null', 'null'],
  ['an object and more', `{${good}}{}`],
  ['an object with a trailing comma', `{${good},}`],
  ['an object with a comment', `{${good}/**/}`],
  ['an object after a byte order mark', `\ufeff{${good}}`],
  ['an object whose names are unquoted', '{exp:1700000300}'],
  ['an object with a number that starts with zero', `{${good},"n":01}`],
  ['an object with NaN', `{${good},"n":NaN}`],
  ['an object with a control character in a string', `{${good},"s":"a\u0001b"}`],
  ['an object with a NUL after it', `{${good}}\u0000`],
])) {
  raw(`a payload that is ${what} is no Claims Set`, payload, err('claims_malformed'))
}
raw('a payload may have white space around its members', ` \t\r\n{ ${good} } \n`, ok({ expiresAt: exp }))
raw(
  'a payload that is not UTF-8 is no Claims Set',
  Buffer.concat([Buffer.from(`{${good},"s":"`), Buffer.from([0xff]), Buffer.from('"}')]),
  err('claims_malformed'),
)
raw(
  'a payload with an overlong UTF-8 sequence is no Claims Set',
  Buffer.concat([Buffer.from(`{${good},"s":"`), Buffer.from([0xc0, 0xaf]), Buffer.from('"}')]),
  err('claims_malformed'),
)
raw(
  'a payload with a UTF-8 surrogate is no Claims Set',
  Buffer.concat([Buffer.from(`{${good},"s":"`), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from('"}')]),
  err('claims_malformed'),
)
raw('a claim given twice is refused', `{${good},${good}}`, err('claims_malformed'), S4)
raw(
  'an unregistered claim given twice is refused',
  `{${good},"role":"user","role":"admin"}`,
  err('claims_malformed'),
  S4,
)
raw(
  'a claim given twice, once escaped, is refused',
  `{${good},"role":"user","\\u0072ole":"admin"}`,
  err('claims_malformed'),
  S4,
)
raw(
  'a member given twice inside a claim is refused',
  `{${good},"a":{"b":[{"c":1,"c":2}]}}`,
  err('claims_malformed'),
  S4,
)
raw('names that differ in case are two names', `{${good},"role":1,"Role":2}`, ok({ claims: { role: 1, Role: 2 } }), S4)
raw(
  'the same name at two depths is two members',
  `{${good},"a":{"a":{"a":1}}}`,
  ok({ claims: { a: { a: { a: 1 } } } }),
  S4,
)
const nested = (/** @type {number} */ levels) => `{${good},"a":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`
raw('a payload may nest 256 levels', nested(256), ok(), 'RFC 8259 section 9')
raw('a payload may not nest 257 levels', nested(257), err('claims_malformed'), 'RFC 8259 section 9')
raw(
  'a payload that nests 5800 levels is refused like any other',
  nested(5800),
  err('claims_malformed'),
  'RFC 8259 section 9',
)
raw(
  'a claim called __proto__ is a claim like any other',
  `{${good},"__proto__":{"admin":true}}`,
  ok({ claims: { exp } }),
  S4,
)
raw('an unpaired surrogate in an escape is no text', `{${good},"s":"\\ud800"}`, err('claims_malformed'))
raw('a pair of escaped surrogates is one character', `{${good},"s":"\\ud83d\\ude00"}`, ok({ claims: { s: '😀' } }))

// Evidence: the value as it was signed, whatever its depth and its numbers
for (const value of [
  JSON.parse(`${'{"a":'.repeat(30)}[1,"x",null,true,{"b":[]}]${'}'.repeat(30)}`),
  JSON.parse(`${'['.repeat(60)}{}${']'.repeat(60)}`),
  ['é\n"\\', '\u{1f600}', -0.5, 1e21, 5e-324, 1.7976931348623157e308, 0.1, 123456789.125, 9007199254740991],
]) {
  await vector(
    `an exp of ${JSON.stringify(value).slice(0, 40)} is evidence as a whole`,
    EXP,
    { exp: value },
    err('claim_malformed', 'exp', { expected: 'number', actual: value }),
  )
}
for (const [spelled, number] of /** @type {const} */ ([
  ['1700000300.000000000000000000000000000001', 1_700_000_300],
  ['17000003e2', 1_700_000_300],
  ['170000030000000000000000000000e-20', 1_700_000_300],
  ['1700000300.12500011920928955078125', 1_700_000_300.125],
  ['0.17000003001250001192092895507812500000000000000000000000000000000001e10', 1_700_000_300.125_000_2],
])) {
  await vector(
    `an exp spelled ${spelled} is the nearest double`,
    'RFC 8259 section 6',
    `{"exp":${spelled}}`,
    ok({ expiresAt: number }),
  )
}
const depth = 200
await vector(
  'a JSON Pointer leads 200 levels down',
  'RFC 6901 section 4',
  `{"exp":${exp},"a":${'{"b":"x","a":['.repeat(depth / 2)}"found"${']}'.repeat(depth / 2)}}`,
  ok(),
  { options: { claims: { [`/a${'/a/0'.repeat(depth / 2)}`]: 'found' } } },
)

write('rfc7519.json', vectors)
