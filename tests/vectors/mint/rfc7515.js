// @ts-check
/**
 * RFC 7515, JSON Web Signature: the Compact Serialization, the JOSE Header, the signature.
 *
 * @module
 */

import { b64u, err, forge, keys, mint, NOW, ok, publicJwk, secret, signature, typeError, write } from './lib.js'

const key = keys.ed25519
const open = { issuer: null, audience: null }
const alone = { jwk: publicJwk(key) }
const exp = NOW + 300
const claims = { iss: 'https://issuer.example', exp }
const payload = JSON.stringify(claims)
const good = await mint(key, claims)
const [goodHeader = '', goodPayload = '', goodSignature = ''] = good.split('.')

/** @type {Record<string, any>[]} */
const vectors = []

/**
 * @param {string} name @param {string} ref @param {unknown} token @param {object} answer
 * @param {{ options?: object, keys?: unknown, now?: number, only?: string[] }} [given]
 */
function vector(name, ref, token, answer, { options, keys: with_ = alone, now = NOW, only } = {}) {
  vectors.push({
    name,
    ref,
    only,
    options: { ...open, ...options },
    keys: with_,
    token,
    now,
    answer,
  })
}

const S3 = 'RFC 7515 section 3.1'
const HEADER = 'RFC 7515 section 4'
const CRIT = 'RFC 7515 section 4.1.11'
const ALG = 'RFC 7515 section 4.1.1'
const VERIFY = 'RFC 7515 section 5.2'
const COMPACT = 'RFC 7515 section 7.1'
const B64 = 'RFC 7515 section 2, RFC 4648 section 5'

// Printed in the RFC
const hmacKey = 'AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow'
const a1 =
  'eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
const joe = { iss: 'joe', exp: 1300819380, 'http://example.com/is_root': true }
vector(
  'the HS256 example of the RFC is verified the second before it expires',
  'RFC 7515 appendix A.1',
  a1,
  ok({ header: { typ: 'JWT', alg: 'HS256' }, claims: joe, key: { kid: null, alg: 'HS256' } }),
  { options: { issuer: 'joe' }, keys: { secret: { $b64u: hmacKey } }, now: 1300819379 },
)
vector(
  'the HS256 example of the RFC has expired on its second',
  'RFC 7515 appendix A.1',
  a1,
  err('token_expired', 'exp', { expected: 1300819380, actual: 1300819380 }),
  { options: { issuer: 'joe' }, keys: { secret: { $b64u: hmacKey } }, now: 1300819380 },
)
vector(
  'the RS256 example of the RFC is verified',
  'RFC 7515 appendix A.2',
  'eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw',
  ok({ claims: joe, key: { kid: null, alg: 'RS256' } }),
  {
    options: { issuer: 'joe' },
    keys: {
      jwk: {
        kty: 'RSA',
        n: 'ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ',
        e: 'AQAB',
      },
    },
    now: 1300819379,
  },
)
vector(
  'the ES256 example of the RFC is verified',
  'RFC 7515 appendix A.3',
  'eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q',
  ok({ claims: joe, key: { kid: null, alg: 'ES256' } }),
  {
    options: { issuer: 'joe' },
    keys: {
      jwk: {
        kty: 'EC',
        crv: 'P-256',
        x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
        y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
      },
    },
    now: 1300819379,
  },
)
vector(
  'the unsecured example of the RFC is refused',
  'RFC 7515 appendix A.5, RFC 8725 section 3.2',
  'eyJhbGciOiJub25lIn0.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.',
  err('alg_not_supported', 'alg', { actual: 'none' }),
  { options: { issuer: 'joe' }, now: 1300819379 },
)

// No token
for (const [what, token] of /** @type {const} */ ([
  ['null', null],
  ['empty text', ''],
])) {
  vector(`${what} is no token`, 'RFC 6750 section 3.1', token, err('token_missing'))
}
for (const [what, token] of /** @type {[string, unknown][]} */ ([['undefined', { $undefined: true }]])) {
  vector(`${what} is no token`, 'RFC 6750 section 3.1', token, err('token_missing'), {
    only: ['package'],
  })
}
for (const [what, token] of /** @type {[string, unknown][]} */ ([
  ['a number', 5],
  ['true', true],
  ['an object', { token: good }],
  ['an array of one token', [good]],
])) {
  vector(`${what} is not converted to a token`, COMPACT, token, err('token_malformed'), {
    only: ['package'],
  })
}

// Size
/** A good token of exactly `octets` octets. @param {number} octets */
async function sized(octets) {
  // No base64url text has a length of 4n + 1, so the header shifts what is left for the payload.
  for (const header of [{}, { typ: 'J' }, { typ: 'JW' }]) {
    const fixed = b64u(JSON.stringify({ alg: 'EdDSA', ...header })).length + goodSignature.length + 2
    const room = octets - fixed
    if (room % 4 === 1) continue
    const empty = JSON.stringify({ exp, filler: '' }).length
    return mint(key, { exp, filler: 'x'.repeat(Math.floor((room * 3) / 4) - empty) }, header)
  }
  throw new Error(`no token of ${octets} octets`)
}
const LIMIT = 'RFC 8725 section 3.11, pkg/src/types.ts Policy.maxTokenBytes'
vector('a token of 16384 octets is read', LIMIT, await sized(16384), ok({ claims: { exp } }))
vector(
  'a token of 16385 octets is not read',
  LIMIT,
  await sized(16385),
  err('token_too_large', undefined, { expected: 16384, actual: 16385 }),
)
vector(
  'what is too long is not read even if it is no token',
  LIMIT,
  'x'.repeat(16385),
  err('token_too_large', undefined, { expected: 16384, actual: 16385 }),
)
vector('what is just short enough is read', LIMIT, 'x'.repeat(16384), err('token_malformed'))
vector('a token as long as maxTokenBytes is read', LIMIT, good, ok(), {
  options: { maxTokenBytes: good.length },
})
vector(
  'a token an octet longer than maxTokenBytes is not read',
  LIMIT,
  good,
  err('token_too_large', undefined, { expected: good.length - 1, actual: good.length }),
  { options: { maxTokenBytes: good.length - 1 } },
)
vector(
  'length is counted in octets, not in characters',
  LIMIT,
  'é'.repeat(60),
  err('token_too_large', undefined, { expected: 100, actual: 120 }),
  { options: { maxTokenBytes: 100 } },
)
vector('maxTokenBytes may raise the limit', LIMIT, await sized(16385), ok(), {
  options: { maxTokenBytes: 16385 },
})

// Dots and other text
for (const [what, token] of /** @type {[string, string][]} */ ([
  ['text without a dot', 'token'],
  ['one dot', `${goodHeader}.${goodPayload}`],
  ['three dots', `${good}.${goodSignature}`],
  ['five segments, a JWE', `${goodHeader}.${goodPayload}.${goodSignature}.${goodPayload}.${goodSignature}`],
  ['a dot before', `.${good}`],
  ['a dot after', `${good}.`],
  ['a scheme before', `Bearer ${good}`],
  ['quotes around', `"${good}"`],
  ['a space before', ` ${good}`],
  ['a space after', `${good} `],
  ['a line feed after', `${good}\n`],
  ['a carriage return and line feed after', `${good}\r\n`],
  ['a NUL after', `${good}\u0000`],
  ['a line feed inside', `${goodHeader}.\n${goodPayload}.${goodSignature}`],
  ['a no-break space after', `${good}\u00a0`],
  ['a byte order mark before', `\ufeff${good}`],
  ['percent-encoded dots', good.replaceAll('.', '%2E')],
  ['full-width dots', good.replaceAll('.', '．')],
  ['a comma and another token', `${good},${good}`],
  ['the JSON Serialization', JSON.stringify({ protected: goodHeader, payload: goodPayload, signature: goodSignature })],
])) {
  vector(`${what}: no Compact Serialization`, COMPACT, token, err('token_malformed'))
}

// base64url, one spelling only
const segments = /** @type {const} */ (['JOSE Header', 'payload', 'signature'])
segments.forEach((segment, at) => {
  const parts = [goodHeader, goodPayload, goodSignature]
  const spelled = (/** @type {(text: string) => string} */ change) =>
    parts.map((part, index) => (index === at ? change(part) : part)).join('.')
  const spellings = /** @type {[string, string][]} */ ([
    ['a padded', spelled((text) => text + '='.repeat((4 - (text.length % 4)) % 4 || 4))],
    ['a plus in the', spelled((text) => `+${text.slice(1)}`)],
    ['a slash in the', spelled((text) => `/${text.slice(1)}`)],
    ['a space in the', spelled((text) => `${text.slice(0, 4)} ${text.slice(4)}`)],
    ['an asterisk in the', spelled((text) => `${text.slice(0, -1)}*`)],
    ['a letter outside ASCII in the', spelled((text) => `${text.slice(0, -1)}é`)],
    ['an impossible length of the', spelled((text) => `${text}${'A'.repeat((5 - (text.length % 4)) % 4)}`)],
  ])
  for (const [what, token] of spellings) {
    vector(`${what} ${segment} is refused`, B64, token, err('token_malformed'))
  }
})
/** The same octets with a bit set that decoding drops. @param {string} text */
function stray(text) {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const last = alphabet.indexOf(text.slice(-1))
  return `${text.slice(0, -1)}${alphabet[last | 1]}`
}
const spareHeader = b64u('{"alg":"EdDSA" }')
const sparePayload = b64u(`{"exp":${exp} }`)
const spareInput = `${spareHeader}.${sparePayload}`
const spareSignature = signature(key, spareInput)
vector('a token whose segments leave bits over is verified', B64, `${spareInput}.${spareSignature}`, ok())
vector(
  'stray bits in the JOSE Header are refused',
  B64,
  `${stray(spareHeader)}.${sparePayload}.${spareSignature}`,
  err('token_malformed'),
)
vector(
  'stray bits in the payload are refused',
  B64,
  `${spareHeader}.${stray(sparePayload)}.${spareSignature}`,
  err('token_malformed'),
)
vector('stray bits in the signature are refused', B64, `${spareInput}.${stray(spareSignature)}`, err('token_malformed'))

// The JOSE Header
const headed = (
  /** @type {string} */ name,
  /** @type {string | Uint8Array} */ header,
  /** @type {object} */ answer,
  ref = HEADER,
) => vector(name, ref, forge(key, header, payload), answer)
headed('a JOSE Header may have white space', ' { "alg" : "EdDSA" }\r\n', ok({ header: { alg: 'EdDSA' } }))
for (const [what, header] of /** @type {[string, string | Uint8Array][]} */ ([
  ['text', 'EdDSA'],
  ['an array', '["EdDSA"]'],
  ['a string', '"EdDSA"'],
  ['null', 'null'],
  ['cut short', '{"alg":"EdDSA"'],
  ['an object and more', '{"alg":"EdDSA"}x'],
  ['after a byte order mark', '\ufeff{"alg":"EdDSA"}'],
  ['not UTF-8', Buffer.from([...Buffer.from('{"alg":"EdDSA","x":"'), 0xff, ...Buffer.from('"}')])],
  ['with a trailing comma', '{"alg":"EdDSA",}'],
  ['with single quotes', "{'alg':'EdDSA'}"],
  ['deeper than 256 levels', `{"alg":"EdDSA","x":${'['.repeat(256)}${']'.repeat(256)}}`],
])) {
  headed(`a JOSE Header that is ${what} is refused`, header, err('header_malformed'))
}
headed('a JOSE Header may nest 256 levels', `{"alg":"EdDSA","x":${'['.repeat(255)}${']'.repeat(255)}}`, ok())
headed('a Header Parameter given twice is refused', '{"alg":"EdDSA","alg":"EdDSA"}', err('header_malformed'))
headed(
  'an unregistered Header Parameter given twice is refused',
  '{"alg":"EdDSA","x":1,"x":2}',
  err('header_malformed'),
)
headed(
  'a Header Parameter given twice, once escaped, is refused',
  '{"alg":"EdDSA","\\u0061lg":"none"}',
  err('header_malformed'),
)
headed(
  'a member given twice inside a Header Parameter is refused',
  '{"alg":"EdDSA","x":{"y":1,"y":2}}',
  err('header_malformed'),
)
headed('an escaped name is the same name', '{"\\u0061lg":"EdDSA"}', ok({ header: { alg: 'EdDSA' } }))
headed('a JOSE Header without alg is refused', '{}', err('header_malformed', 'alg'), ALG)
for (const [name, value] of /** @type {[string, unknown][]} */ ([
  ['alg', 5],
  ['alg', null],
  ['alg', ['EdDSA']],
  ['kid', 5],
  ['kid', null],
  ['kid', { kid: 'a' }],
  ['typ', true],
  ['typ', null],
  ['typ', ['JWT']],
])) {
  headed(
    `${name} of ${JSON.stringify(value)} is malformed`,
    JSON.stringify({ alg: 'EdDSA', [name]: value }),
    err('header_malformed', name, { expected: 'string' }),
  )
}
headed('an unknown Header Parameter is ignored', '{"alg":"EdDSA","x-own":{"a":[1]}}', ok(), HEADER)

// crit, b64
for (const [what, header] of /** @type {[string, string][]} */ ([
  ['an extension that nobody knows', '{"alg":"EdDSA","crit":["urn:x"],"urn:x":1}'],
  ['an extension that is absent', '{"alg":"EdDSA","crit":["urn:x"]}'],
  ['b64', '{"alg":"EdDSA","crit":["b64"],"b64":false}'],
  ['b64, although it is true', '{"alg":"EdDSA","crit":["b64"],"b64":true}'],
  ['exp', '{"alg":"EdDSA","crit":["exp"],"exp":1}'],
  ['alg', '{"alg":"EdDSA","crit":["alg"]}'],
  ['nothing', '{"alg":"EdDSA","crit":[]}'],
  ['null', '{"alg":"EdDSA","crit":null}'],
  ['text', '{"alg":"EdDSA","crit":"b64"}'],
  ['a number', '{"alg":"EdDSA","crit":[1]}'],
  ['empty text', '{"alg":"EdDSA","crit":[""],"":1}'],
  ['an extension twice', '{"alg":"EdDSA","crit":["urn:x","urn:x"],"urn:x":1}'],
])) {
  headed(`crit that names ${what} is refused`, header, err('crit_not_supported', 'crit'), CRIT)
}
headed(
  'b64 false without crit is refused',
  '{"alg":"EdDSA","b64":false}',
  err('crit_not_supported'),
  'RFC 7797 section 6',
)
vector(
  'a token with its payload unencoded is refused',
  'RFC 7797 section 3',
  (() => {
    const header = b64u('{"alg":"EdDSA","b64":false,"crit":["b64"]}')
    return `${header}.plain.${signature(key, `${header}.plain`)}`
  })(),
  // Five base64url characters leave over less than an octet: no spelling of anything.
  err('token_malformed'),
)

// alg
for (const alg of ['none', 'None', 'NONE', 'eddsa', 'EdDSA ', 'HS257', 'RSA1_5', 'dir', '', 'x'.repeat(64)]) {
  headed(
    `the algorithm ${JSON.stringify(alg)} is not supported`,
    JSON.stringify({ alg }),
    err('alg_not_supported', 'alg', { actual: alg }),
    ALG,
  )
}
headed(
  'of an algorithm that is too long 64 characters are told',
  JSON.stringify({ alg: 'x'.repeat(65) }),
  err('alg_not_supported', 'alg', { actual: 'x'.repeat(64) }),
  ALG,
)
vector(
  'an unsecured token is refused',
  'RFC 8725 section 3.2',
  `${b64u('{"alg":"none"}')}.${goodPayload}.`,
  err('alg_not_supported', 'alg', { actual: 'none' }),
)
vector(
  'an unsecured token with a signature is refused',
  'RFC 8725 section 3.2',
  `${b64u('{"alg":"none"}')}.${goodPayload}.${goodSignature}`,
  err('alg_not_supported', 'alg', { actual: 'none' }),
)

// The signature
const invalid = err('signature_invalid')
/** @param {string} text */
const flipped = (text) => b64u(Buffer.from(text, 'base64url').map((octet, at) => (at === 5 ? octet ^ 1 : octet)))
const octets = Buffer.from(goodSignature, 'base64url')
vector(
  'a signature with one bit flipped is refused',
  VERIFY,
  `${goodHeader}.${goodPayload}.${flipped(goodSignature)}`,
  invalid,
)
vector('a signature of all zeros is refused', VERIFY, `${goodHeader}.${goodPayload}.${b64u(Buffer.alloc(64))}`, invalid)
vector('no signature is refused', VERIFY, `${goodHeader}.${goodPayload}.`, invalid)
vector(
  'a signature an octet short is refused',
  VERIFY,
  `${goodHeader}.${goodPayload}.${b64u(octets.subarray(0, 63))}`,
  invalid,
)
vector(
  'a signature an octet long is refused',
  VERIFY,
  `${goodHeader}.${goodPayload}.${b64u(Buffer.concat([octets, Buffer.from([0])]))}`,
  invalid,
)
vector(
  'a payload changed after signing is refused',
  VERIFY,
  `${goodHeader}.${b64u(payload.replace(String(exp), String(exp + 1)))}.${goodSignature}`,
  invalid,
)
vector(
  'a JOSE Header changed after signing is refused',
  VERIFY,
  `${b64u('{"alg":"EdDSA","typ":"JWT"}')}.${goodPayload}.${goodSignature}`,
  invalid,
)
vector('a token signed with another key is refused', VERIFY, await mint(keys.ed25519Other, claims), invalid)
vector(
  'a payload that is no Claims Set is not read before the signature stands',
  VERIFY,
  `${goodHeader}.${b64u('hello')}.${goodSignature}`,
  invalid,
)

const EC = 'RFC 7518 section 3.4'
const ecAlone = { keys: { jwk: publicJwk(keys.es256) } }
const ecGood = await mint(keys.es256, claims)
const [ecHeader = '', ecPayload = '', ecSignature = ''] = ecGood.split('.')
const ecOctets = Buffer.from(ecSignature, 'base64url')
/** DER of (r, s). @param {Buffer} rs */
function der(rs) {
  const integer = (/** @type {Buffer} */ part) => {
    let start = 0
    while (start < part.length - 1 && part[start] === 0) start += 1
    const body = part.subarray(start)
    const padded = (body[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), body]) : body
    return Buffer.concat([Buffer.from([2, padded.length]), padded])
  }
  const both = Buffer.concat([integer(rs.subarray(0, 32)), integer(rs.subarray(32))])
  return Buffer.concat([Buffer.from([0x30, both.length]), both])
}
const n = Buffer.from('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551', 'hex')
vector('a token signed with ES256 is verified', EC, ecGood, ok({ key: { alg: 'ES256' } }), ecAlone)
for (const [what, bytes] of /** @type {[string, Buffer][]} */ ([
  ['in DER', der(ecOctets)],
  ['of 63 octets', ecOctets.subarray(0, 63)],
  ['of 66 octets', Buffer.concat([ecOctets, Buffer.from([0, 0])])],
  ['with r of zero', Buffer.concat([Buffer.alloc(32), ecOctets.subarray(32)])],
  ['with s of zero', Buffer.concat([ecOctets.subarray(0, 32), Buffer.alloc(32)])],
  ['with r and s of zero', Buffer.alloc(64)],
  ['with r of the order', Buffer.concat([n, ecOctets.subarray(32)])],
  ['with s of the order', Buffer.concat([ecOctets.subarray(0, 32), n])],
  ['of all ones', Buffer.alloc(64, 0xff)],
  ['with r and s exchanged', Buffer.concat([ecOctets.subarray(32), ecOctets.subarray(0, 32)])],
])) {
  vector(`an ES256 signature ${what} is refused`, EC, `${ecHeader}.${ecPayload}.${b64u(bytes)}`, invalid, ecAlone)
}

const HMAC = 'RFC 7518 section 3.2'
const macAlone = { keys: secret(keys.hs256) }
const macGood = await mint(keys.hs256, claims)
const [macHeader = '', macPayload = '', mac = ''] = macGood.split('.')
const macOctets = Buffer.from(mac, 'base64url')
vector('a token signed with HS256 is verified', HMAC, macGood, ok({ key: { alg: 'HS256' } }), macAlone)
vector(
  'a MAC is never truncated',
  HMAC,
  `${macHeader}.${macPayload}.${b64u(macOctets.subarray(0, 16))}`,
  invalid,
  macAlone,
)
vector(
  'a MAC is never longer',
  HMAC,
  `${macHeader}.${macPayload}.${b64u(Buffer.concat([macOctets, macOctets]))}`,
  invalid,
  macAlone,
)
vector('a MAC is never empty', HMAC, `${macHeader}.${macPayload}.`, invalid, macAlone)
vector(
  'a MAC differs in the last bit',
  HMAC,
  `${macHeader}.${macPayload}.${b64u(macOctets.map((o, at) => (at === 31 ? o ^ 1 : o)))}`,
  invalid,
  macAlone,
)

const RSA = 'RFC 7518 section 3.3'
const rsaAlone = { keys: { jwk: publicJwk(keys.rs256) } }
const rsaGood = await mint(keys.rs256, claims)
const [rsaHeader = '', rsaPayload = '', rsaSignature = ''] = rsaGood.split('.')
const rsaOctets = Buffer.from(rsaSignature, 'base64url')
vector('a token signed with RS256 is verified', RSA, rsaGood, ok({ key: { alg: 'RS256' } }), rsaAlone)
vector(
  'an RS256 signature an octet short is refused',
  RSA,
  `${rsaHeader}.${rsaPayload}.${b64u(rsaOctets.subarray(1))}`,
  invalid,
  rsaAlone,
)
vector(
  'an RS256 signature with a zero before it is refused',
  RSA,
  `${rsaHeader}.${rsaPayload}.${b64u(Buffer.concat([Buffer.from([0]), rsaOctets]))}`,
  invalid,
  rsaAlone,
)
vector(
  'an RS256 signature of one is refused',
  RSA,
  `${rsaHeader}.${rsaPayload}.${b64u(Buffer.concat([Buffer.alloc(255), Buffer.from([1])]))}`,
  invalid,
  rsaAlone,
)
vector(
  'an RS256 signature of all ones is refused',
  RSA,
  `${rsaHeader}.${rsaPayload}.${b64u(Buffer.alloc(256, 0xff))}`,
  invalid,
  rsaAlone,
)
vector(
  'an RS256 signature under another alg is refused',
  RSA,
  `${b64u('{"alg":"RS256","typ":"JWT"}')}.${rsaPayload}.${rsaSignature}`,
  invalid,
  rsaAlone,
)

vector(
  'a payload may be empty for a JWS, but not for a token',
  'RFC 7519 section 7.2',
  forge(key, '{"alg":"EdDSA"}', ''),
  err('claims_malformed'),
)
vector('an empty JOSE Header is none', S3, `.${goodPayload}.${goodSignature}`, err('header_malformed'))

// Options about size
for (const maxTokenBytes of [0, -1, 1.5, 1048577, '100', null]) {
  vector(`maxTokenBytes of ${JSON.stringify(maxTokenBytes)} is a mistake`, LIMIT, good, typeError('maxTokenBytes'), {
    options: { maxTokenBytes },
  })
}
vector('maxTokenBytes may be 1048576', LIMIT, good, ok(), { options: { maxTokenBytes: 1048576 } })

// What is around a token, or another encoding: refused, and named
const dots = (/** @type {string} */ text) => text.split('.')
const standard = forge(key, '{"alg":"EdDSA","x":"~~~???>>>"}', `{"exp":${exp},"x":"~~~???>>>"}`)
for (const [name, token, expected] of /** @type {const} */ ([
  ['a line end after a token', `${good}\n`, 'the token alone, without white space or line ends'],
  ['a space before a token', ` ${good}`, 'the token alone, without white space or line ends'],
  ['a byte order mark before a token', `\ufeff${good}`, 'the token alone, without white space or line ends'],
  ['a line end inside a token', good.replace('.', '.\n'), 'the token alone, without white space or line ends'],
  ['quotes around a token', `"${good}"`, 'the token alone, without quotes around it'],
  [
    'the scheme Bearer before a token',
    `Bearer ${good}`,
    'the token alone, without the authentication scheme before it',
  ],
  [
    'padding after each part',
    dots(good)
      .map((part) => `${part}==`.slice(0, Math.ceil(part.length / 4) * 4))
      .join('.'),
    'base64url without padding (RFC 7515 section 2)',
  ],
  [
    'base64 in place of base64url',
    standard.replaceAll('-', '+').replaceAll('_', '/'),
    'base64url, with - and _ in place of + and / (RFC 4648 section 5)',
  ],
  [
    'an opaque token',
    'tkn_24543c6a278f45d680d09edb32e78061',
    'three parts with a dot between each two (RFC 7515 section 7.1)',
  ],
  [
    'an encrypted token',
    'eyJhbGciOiJkaXIifQ..a.b.c',
    'a signed token; five parts are an encrypted one (RFC 7516 section 7.1)',
  ],
  [
    'an SD-JWT',
    `${good}~WyJzYWx0IiwibmFtZSIsInZhbHVlIl0~`,
    "a JWS alone, without the text after ~ (an SD-JWT, RFC 9901, or a receipt's token)",
  ],
])) {
  vector(
    `${name} is refused, and the evidence names it`,
    COMPACT,
    token,
    err('token_malformed', undefined, { expected }),
  )
}
vector(
  'a signature in DER is refused',
  'RFC 7518 section 3.4',
  // The header and payload of a token signed with ES256, and a DER SEQUENCE of two INTEGERs.
  `${b64u('{"alg":"ES256"}')}.${goodPayload}.${b64u(Buffer.from('3006020101020101', 'hex'))}`,
  err('signature_invalid'),
  { keys: { jwk: publicJwk(keys.es256) } },
)

// Numbers whose size or precision a double does not have
const most = 2n ** 1024n - 2n ** 970n
for (const [name, number, isReadable] of /** @type {const} */ ([
  ['the largest double', '1.7976931348623157e308', true],
  ['the largest number that rounds to a double', `${most - 1n}`, true],
  ['the smallest number that rounds to infinity', `${most}`, false],
  ['that number with a point before its digits', `0.${most}E+309`, false],
  ['a number just below it, by its last digit of 1,000', `${most - 1n}.${'9'.repeat(691)}`, true],
  ['a number below every double', '2.4703282292062327208e-324', true],
  ['zero with a large exponent', '0e999999999999999999999', true],
  ['one with an exponent of 21 digits', '1e999999999999999999999', false],
  ['one with a small exponent of 21 digits', '1e-999999999999999999999', true],
])) {
  vector(
    `a JOSE Header may hold finite numbers alone: ${name}`,
    'RFC 8259 section 6',
    forge(key, `{"alg":"EdDSA","x":[${number},-${number}]}`, payload),
    isReadable ? ok() : err('header_malformed'),
  )
}
vector(
  'a kid beside names that are escaped is found',
  HEADER,
  forge(key, '{"\\u006b\\u0069d":"a","\\u006b":1,"ki":2,"kid\\u0000":3,"alg":"EdDSA"}', payload),
  ok({ header: { alg: 'EdDSA', kid: 'a' } }),
)
vector(
  'two names that escapes make equal are refused',
  HEADER,
  forge(key, '{"\\u006bid":"a","k\\u0069d":"a","alg":"EdDSA"}', payload),
  err('header_malformed'),
)

write('rfc7515.json', vectors)
