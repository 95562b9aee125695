// @ts-check
/** Everything that an attacker can lengthen has an end: what is just below each limit is read, what is just above is not. */

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { countersign, inspect, Verifier } from 'countersign'
import { freshKey, spki } from './keys.js'
import { toNumber, toOctets } from './numbers.js'
import { anySeed, seeded } from './random.js'
import { ROOT } from './root.js'
import { jws, signSpelled } from './sign.js'
import { NOW } from './target.js'

const random = seeded(anySeed())
const key = freshKey('HS256', random)
const pair = freshKey('ES256', random)
const ANY = { issuer: null, audience: null }
const CLAIMS = { exp: NOW + 60 }
const source = readFileSync(new URL('src/encoding/limits.rs', ROOT), 'utf8')
/** @type {Set<string>} */
const held = new Set()

/** @param {{ ok: boolean, code?: string, claim?: string }} outcome */
const said = (outcome) => (outcome.ok ? 'ok' : [outcome.code, outcome.claim].filter(Boolean).join(' '))

/** What a verifier of any policy says of a token, or that it cannot be built. @param {string} token @param {any} [options] @param {any} [expected] */
function verdict(token, options = {}, expected = {}) {
  try {
    const verifier = new Verifier({ ...ANY, keys: { secret: key.secret }, ...options })
    return said(verifier.tryVerify(token, { now: NOW, ...expected }))
  } catch (error) {
    assert.ok(error instanceof TypeError, String(error))
    return `TypeError: ${error.message}`
  }
}

/** A good token of exactly so many octets: base64url lengths of 4n + 1 do not exist, so the header fills up. @param {number} octets */
function ofLength(octets) {
  for (const pad of ['', 'x', 'xx', 'xxx']) {
    const header = { alg: 'HS256', pad }
    const bare = jws(key, header, { ...CLAIMS, a: '' })
    for (let more = Math.max(0, Math.floor(((octets - bare.length) * 3) / 4) - 4); ; more += 1) {
      const token = jws(key, header, { ...CLAIMS, a: 'x'.repeat(more) })
      if (token.length === octets) return token
      if (token.length > octets) break
    }
  }
  throw new RangeError(`no token has ${octets} octets`)
}

/**
 * One limit: its name, its reason as the source has it, the rule, and the test.
 *
 * @param {string} name @param {string} reason @param {string} rule @param {() => void | Promise<void>} work
 */
function limit(name, reason, rule, work) {
  held.add(name)
  test(`${rule} (${reason})`, async () => {
    const [, above = ''] = new RegExp(`((?:///[^\\n]*\\n)+)pub const ${name}:`).exec(source) ?? []
    const stated = above.replaceAll(/^\/\/\/ ?/gm, '').replaceAll(/\s+/g, ' ')
    assert.ok(stated.includes(reason), `${name}: the reason is stated as: ${stated}`)
    await work()
  })
}

limit('MAX_TOKEN_BYTES', 'twice what servers accept as one header field', '16,384 octets of token are read', () => {
  assert.equal(verdict(ofLength(16_384)), 'ok')
  assert.equal(verdict(ofLength(16_385)), 'token_too_large')
  assert.equal(verdict('é'.repeat(8_192)), 'token_malformed')
  assert.equal(verdict('é'.repeat(8_193)), 'token_too_large')
})

limit(
  'MAX_MAX_TOKEN_BYTES',
  'The longest token that a policy may allow',
  'a policy may allow 1 MiB, and no more',
  () => {
    assert.equal(verdict(ofLength(1_048_576), { maxTokenBytes: 1_048_576 }), 'ok')
    assert.equal(verdict(`${ofLength(1_048_576)}A`, { maxTokenBytes: 1_048_576 }), 'token_too_large')
    assert.match(verdict('', { maxTokenBytes: 1_048_577 }), /^TypeError: maxTokenBytes/)
    assert.equal(inspect('x'.repeat(1_048_577), { now: NOW }).error?.code, 'token_too_large')
  },
)

limit(
  'MAX_HEADER_CHARS',
  'room for one `x5c` chain, no more',
  '8,192 characters of header are read, x5c included',
  () => {
    const header = (/** @type {number} */ chars) => {
      const octets = (chars * 3) / 4
      const text = (/** @type {string} */ filler) => JSON.stringify({ alg: 'HS256', x5c: [filler] })
      return Buffer.from(text('A'.repeat(octets - text('').length))).toString('base64url')
    }
    const payload = Buffer.from(JSON.stringify(CLAIMS)).toString('base64url')
    assert.equal(header(8_192).length, 8_192)
    assert.equal(verdict(signSpelled(key, header(8_192), payload)), 'ok')
    assert.equal(verdict(signSpelled(key, header(8_196), payload)), 'token_too_large x5c')
    assert.equal(verdict(signSpelled(key, `${header(8_192)}A`, payload)), 'token_too_large')
  },
)

limit(
  'MAX_DEPTH',
  "far below what a parser of the same text, ours or JavaScript's, could not take",
  '256 arrays and objects nest',
  () => {
    for (const [open, close] of [
      ['[', ']'],
      ['{"a":', '}'],
    ]) {
      const deep = (/** @type {number} */ depth) => `${open?.repeat(depth - 1)}1${close?.repeat(depth - 1)}`
      const claims = (/** @type {number} */ depth) => `{"exp":${NOW + 60},"a":${deep(depth)}}`
      const header = (/** @type {number} */ depth) => `{"alg":"HS256","a":${deep(depth)}}`
      assert.equal(verdict(jws(key, { alg: 'HS256' }, claims(256))), 'ok')
      assert.equal(verdict(jws(key, { alg: 'HS256' }, claims(257))), 'claims_malformed')
      assert.equal(verdict(jws(key, header(256), CLAIMS)), 'ok')
      assert.equal(verdict(jws(key, header(257), CLAIMS)), 'header_malformed')
    }
  },
)

limit('MAX_CANDIDATES', 'an issuer rotates two or three at a time', 'eight keys of one kid are tried', () => {
  const token = jws(pair, { alg: 'ES256', kid: 'k' }, CLAIMS)
  const others = Array.from({ length: 8 }, () => freshKey('ES256', random).jwk)
  const set = (/** @type {number} */ before) => ({
    jwks: { keys: [...others.slice(0, before), pair.jwk].map((jwk) => ({ ...jwk, kid: 'k' })) },
  })
  assert.equal(verdict(token, { keys: set(7) }), 'ok')
  assert.equal(verdict(token, { keys: set(8) }), 'key_not_found kid')
  // The limit of one entry is not that of another.
  assert.equal(verdict(token, { keys: [set(8), set(0)] }), 'ok')
})

limit(
  'MAX_KEY_ENTRIES',
  'each may add [`MAX_CANDIDATES`] verifications to one token',
  'a verifier has 100 entries of keys at most',
  () => {
    const token = jws(pair, { alg: 'ES256' }, CLAIMS)
    const entries = (/** @type {number} */ before) => ({
      keys: [...Array.from({ length: before }, () => ({ secret: key.secret })), { jwk: pair.jwk }],
    })
    assert.equal(verdict(token, entries(99)), 'ok')
    assert.match(verdict(token, entries(100)), /^TypeError: keys\[100\]: .*100 entries/)
  },
)

limit(
  'MAX_KEY_SET_BYTES',
  'the largest published sets have less than a tenth',
  'a set has 1,048,576 octets at most',
  () => {
    const token = jws(pair, { alg: 'ES256', kid: 'k' }, CLAIMS)
    const set = (/** @type {number} */ octets) => {
      const written = (/** @type {string} */ note) => ({ keys: [{ ...pair.jwk, kid: 'k', note }] })
      return written('x'.repeat(octets - JSON.stringify(written('')).length))
    }
    const published = (/** @type {any} */ jwks) => ({ keys: { current: () => jwks, refresh: async () => jwks } })
    assert.equal(verdict(token, { keys: set(1_048_576) }), 'ok')
    assert.match(verdict(token, { keys: set(1_048_577) }), /^TypeError: .*keys/)
    assert.equal(verdict(token, published(set(1_048_576))), 'ok')
    assert.equal(verdict(token, published(set(1_048_577))), 'keys_unavailable')
  },
)

limit('MAX_KEY_SET_BITS', '2,000 keys of 2,048 bits', 'the keys of a set have 4,194,304 bits at most', () => {
  const token = jws(pair, { alg: 'ES256', kid: 'k' }, CLAIMS)
  const n = Buffer.alloc(1024, 0xc5).toString('base64url')
  const set = (/** @type {number} */ count, /** @type {object[]} */ more) => ({
    keys: [...Array.from({ length: count }, () => ({ kty: 'RSA', n, e: 'AQAB' })), ...more],
  })
  const published = (/** @type {any} */ jwks) => ({ keys: { current: () => jwks, refresh: async () => jwks } })
  assert.equal(verdict(token, { keys: set(511, [{ ...pair.jwk, kid: 'k' }]) }), 'ok')
  assert.match(verdict(token, { keys: set(512, [{ ...pair.jwk, kid: 'k' }]) }), /^TypeError: .*bits/)
  assert.equal(verdict(token, published(set(512, [{ ...pair.jwk, kid: 'k' }]))), 'keys_unavailable')
})

limit('MAX_KEYS', 'the largest published sets hold some dozens', 'a set has 2,000 keys at most', () => {
  const token = jws(pair, { alg: 'ES256', kid: 'k' }, CLAIMS)
  const set = (/** @type {number} */ count) => {
    const others = Array.from({ length: count - 1 }, (_, index) => ({ kty: 'unknown', kid: `${index}` }))
    return { jwks: { keys: [...others, { ...pair.jwk, kid: 'k' }] } }
  }
  assert.equal(verdict(token, { keys: set(2_000) }), 'ok')
  assert.match(verdict(token, { keys: set(2_001) }), /^TypeError: .*keys/)
  const published = { current: () => set(2_001).jwks, refresh: async () => set(1).jwks }
  assert.equal(verdict(token, { keys: published }), 'keys_unavailable')
})

/** A number of exactly so many bits, odd. @param {number} bits */
const odd = (bits) =>
  (toNumber(random.octets(Math.ceil(bits / 8))) % 2n ** BigInt(bits - 1)) | (1n << BigInt(bits - 1)) | 1n

/** What becomes of an RSA key of these numbers: a signature of it is asked for that it did not make. @param {bigint} n @param {bigint} e */
function ofRsa(n, e) {
  const jwk = { kty: 'RSA', n: toOctets(n).toString('base64url'), e: toOctets(e).toString('base64url') }
  return verdict(`${Buffer.from('{"alg":"RS256"}').toString('base64url')}.e30.AA`, { keys: { jwk } })
}

limit('MIN_RSA_BITS', 'RFC 7518 section 3.3', 'an RSA modulus has 2,048 bits at least', () => {
  assert.equal(ofRsa(odd(2_048), 65_537n), 'signature_invalid')
  assert.match(ofRsa(odd(2_047), 65_537n), /^TypeError: .*\bn\b/)
})

limit('MAX_RSA_BITS', 'verification costs its square', 'an RSA modulus has 8,192 bits at most', () => {
  assert.equal(ofRsa(odd(8_192), 65_537n), 'signature_invalid')
  assert.match(ofRsa(odd(8_193), 65_537n), /^TypeError: .*\bn\b/)
})

limit('MAX_RSA_EXPONENT_BITS', 'verification costs its length', 'an RSA exponent has 32 bits at most', () => {
  assert.equal(ofRsa(odd(2_048), 2n ** 32n - 1n), 'signature_invalid')
  assert.match(ofRsa(odd(2_048), 2n ** 32n + 1n), /^TypeError: .*\be\b/)
})

limit(
  'MIN_RSA_EXPONENT',
  'smaller ones turned every lapse in padding into a forgery',
  'an RSA exponent is 65537 at least',
  () => {
    assert.equal(ofRsa(odd(2_048), 65_537n), 'signature_invalid')
    assert.match(ofRsa(odd(2_048), 65_535n), /^TypeError: .*\be\b/)
  },
)

limit('MAX_PEM_BYTES', 'a certificate with many names, several times over', '65,536 octets of PEM are read', () => {
  const token = jws(pair, { alg: 'ES256' }, CLAIMS)
  const text = spki(pair.jwk)
  assert.equal(verdict(token, { keys: { pem: text.padEnd(65_536, '\n') } }), 'ok')
  assert.match(verdict(token, { keys: { pem: text.padEnd(65_537, '\n') } }), /^TypeError: .*pem/)
})

/** An element of DER of less than 64 KiB. @param {number} tag @param {...Uint8Array} contents */
function element(tag, ...contents) {
  const inside = Buffer.concat(contents)
  const { length } = inside
  const digits = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255]
  return Buffer.concat([Buffer.from([tag, ...digits]), inside])
}

limit('MAX_DER_DEPTH', 'certificates need about eight', 'elements of DER nest 16 deep', () => {
  const [, base64 = ''] = /-----\n([^-]+)-----/.exec(spki(pair.jwk)) ?? []
  const empty = element(0x30)
  /** A certificate whose issuer, itself three deep, has so many levels inside. @param {number} levels */
  const certificate = (levels) => {
    let issuer = empty
    for (let level = 0; level < levels; level += 1) issuer = element(0x30, issuer)
    const body = [element(2, Buffer.from([1])), empty, issuer, empty, empty, Buffer.from(base64, 'base64')]
    const der = element(0x30, element(0x30, ...body), empty, element(3, Buffer.alloc(1)))
    return `-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----\n`
  }
  const token = jws(pair, { alg: 'ES256' }, CLAIMS)
  assert.equal(verdict(token, { keys: { pem: certificate(13) } }), 'ok')
  assert.match(verdict(token, { keys: { pem: certificate(14) } }), /^TypeError: .*pem/)
})

limit('MAX_KID_BYTES', 'it is compared and copied before anything is signed', 'a kid has 1,024 octets at most', () => {
  for (const [below, above] of [
    ['k'.repeat(1_024), 'k'.repeat(1_025)],
    ['é'.repeat(512), `${'é'.repeat(512)}k`],
  ]) {
    assert.equal(verdict(jws(key, { alg: 'HS256', kid: below }, CLAIMS)), 'ok')
    assert.equal(verdict(jws(key, { alg: 'HS256', kid: above }, CLAIMS)), 'token_too_large kid')
    assert.equal(
      verdict(jws(pair, { alg: 'ES256', kid: below }, CLAIMS), { keys: { jwk: { ...pair.jwk, kid: below } } }),
      'ok',
    )
    assert.match(verdict('', { keys: { jwk: { ...pair.jwk, kid: above } } }), /^TypeError: .*kid/)
  }
})

limit('MAX_AUDIENCES', 'The most audiences in a token', 'a token has 1,000 audiences at most', () => {
  const token = (/** @type {number} */ count) =>
    jws(key, { alg: 'HS256' }, { ...CLAIMS, aud: Array.from({ length: count }, (_, index) => `${index}`) })
  assert.equal(verdict(token(1_000), { audience: '999' }), 'ok')
  assert.equal(verdict(token(1_001), { audience: '999' }), 'token_too_large aud')
  assert.equal(verdict(token(1_001)), 'ok', 'an audience that nothing requires is not counted')
})

limit('MAX_SCOPE_TOKENS', 'The most scope-tokens in a token', 'a token has 10,000 scope-tokens at most', () => {
  const token = (/** @type {number} */ count) =>
    jws(key, { alg: 'HS256' }, { ...CLAIMS, scope: 'a '.repeat(count).trim() })
  const large = { maxTokenBytes: 65_536 }
  assert.equal(verdict(token(10_000), large), 'ok')
  assert.equal(verdict(token(10_001), large), 'token_too_large scope')
})

/** A receipt of about so many characters. @param {number} filler */
const receipt = (filler) =>
  countersign(
    'opaque',
    { expires: NOW + 60, now: NOW, bind: { order_id: 'o' }, claims: { a: 'x'.repeat(filler) } },
    { secret: key.secret },
  )

limit(
  'MAX_RECEIPT_CHARS',
  'it travels beside the token in one header field',
  'a receipt has 2,048 characters at most',
  () => {
    let filler = 0
    const size = () => receipt(filler).indexOf('~')
    while (size() < 2_044) filler += 1
    let longest = receipt(filler)
    for (;;) {
      filler += 1
      try {
        longest = receipt(filler)
      } catch (error) {
        assert.ok(error instanceof TypeError && /receipt/.test(error.message))
        break
      }
    }
    assert.ok(longest.indexOf('~') <= 2_048 && longest.indexOf('~') >= 2_046)
    const options = { evidence: 'receipt', bind: ['order_id'] }
    const expected = { bind: { order_id: 'o' } }
    assert.equal(verdict(longest, options, expected), 'ok')
    const grown = jws(key, { alg: 'HS256', typ: 'receipt+jwt' }, { ...CLAIMS, ath: 'x', a: 'x'.repeat(1_600) })
    assert.ok(grown.length > 2_048)
    assert.equal(verdict(`${grown}~opaque`, options, expected), 'token_too_large')
    assert.equal(verdict(`${'A'.repeat(2_049)}~opaque`, options, expected), 'token_too_large')
    assert.equal(verdict(`${'A'.repeat(2_048)}~opaque`, options, expected), 'token_malformed')
  },
)

limit('MAX_RECEIPT_SECONDS', 'a year, leap day included', 'a receipt ends within a year', () => {
  const until = (/** @type {number} */ expires) => () =>
    countersign('opaque', { expires, now: NOW, bind: { order_id: 'o' } }, { secret: key.secret })
  assert.doesNotThrow(until(NOW + 366 * 86_400))
  assert.throws(until(NOW + 366 * 86_400 + 1), (error) => error instanceof TypeError && /expires/.test(error.message))
})

limit('MAX_LEEWAY_SECONDS', 'no more than a few minutes', 'a policy gives 300 seconds of leeway at most', () => {
  const late = jws(key, { alg: 'HS256' }, { exp: NOW - 299 })
  assert.equal(verdict(late, { leewaySeconds: 300 }), 'ok')
  assert.match(verdict(late, { leewaySeconds: 301 }), /^TypeError: leewaySeconds/)
})

limit(
  'MAX_EVIDENCE_CHARS',
  'How much of an unsigned header value is shown',
  '64 characters of an unsigned value are evidence',
  () => {
    const verifier = new Verifier({ ...ANY, keys: { secret: key.secret }, clock: () => NOW })
    for (const length of [64, 65, 500]) {
      const alg = random.text(length)
      const outcome = verifier.tryVerify(jws(key, { alg }, CLAIMS))
      assert.ok(!outcome.ok && outcome.code === 'alg_not_supported')
      assert.equal(outcome.actual, alg.slice(0, 64))
    }
  },
)

limit(
  'MAX_GUESSED_BYTES',
  'each of some thirty secrets hashes it as a whole',
  '16,384 octets of signing input are held against the published secrets',
  () => {
    const published = { ...key, secret: Buffer.from('your-256-bit-secret') }
    const warned = (/** @type {number} */ octets) => {
      const input = `${Buffer.from('{"alg":"HS256"}').toString('base64url')}.`.padEnd(octets, 'A')
      const [header = '', payload = ''] = input.split('.')
      const { warnings } = inspect(signSpelled(published, header, payload), { now: NOW, maxTokenBytes: 20_000 })
      return warnings.some(({ code }) => code === 'known_secret')
    }
    // 21 characters of header and dot; 4n + 1 characters of payload do not exist.
    assert.equal(warned(16_384), true)
    assert.equal(warned(16_385), false)
  },
)

limit(
  'MAX_LAYOUT_OCTETS',
  'JavaScript builds claims from the layout of short texts alone',
  'claims of 2,048 octets are built from their layout, and longer ones are the same claims',
  () => {
    const verifier = new Verifier({ ...ANY, keys: { secret: key.secret }, clock: () => NOW, cache: false })
    for (const length of [2_047, 2_048, 2_049, 5_000]) {
      const claims = { ...CLAIMS, list: ['a', 'b'], mixed: ['a', 1, 'b'], scope: 'read write', pad: '' }
      claims.pad = 'x'.repeat(length - JSON.stringify(claims).length)
      for (let again = 0; again < 3; again += 1) {
        const outcome = verifier.tryVerify(jws(key, { alg: 'HS256' }, claims))
        assert.ok(outcome.ok)
        assert.deepEqual(outcome.claims, claims)
        assert.deepEqual(outcome.scope, ['read', 'write'])
      }
    }
  },
)

limit(
  'MAX_EVIDENCE_OCTETS',
  'Evidence is converted to data several times',
  'a claim of 16,384 octets of JSON is evidence, and of a longer one its length is',
  () => {
    const verifier = new Verifier({
      ...ANY,
      claims: { role: 'clerk' },
      maxTokenBytes: 65_536,
      keys: { secret: key.secret },
    })
    for (const octets of [16_384, 16_385]) {
      const role = 'x'.repeat(octets - 2)
      const outcome = verifier.tryVerify(jws(key, { alg: 'HS256' }, { ...CLAIMS, role }), { now: NOW })
      assert.ok(!outcome.ok && outcome.code === 'claim_mismatch')
      assert.equal(outcome.actual, octets === 16_384 ? role : '16385 octets of JSON')
    }
  },
)

limit(
  'MAX_SHOWN_OCTETS',
  'the JSON parsers of JavaScript take up to 0.1 microseconds for an octet',
  'claims of 131,072 octets are shown as data, longer ones are not',
  () => {
    for (const octets of [131_072, 131_073]) {
      const claims = { pad: 'x'.repeat(octets - '{"pad":""}'.length) }
      const inspection = inspect(jws(key, { alg: 'HS256' }, claims), { now: NOW, maxTokenBytes: 1_048_576 })
      const isShown = octets === 131_072
      assert.equal(inspection.claims !== undefined, isShown)
      assert.equal(
        inspection.warnings.some(({ code }) => code === 'claims_not_shown'),
        !isShown,
      )
    }
  },
)

/** The verdict on a token bound to `pair`, with a proof that has these members. @param {any} header @param {any} claims */
function proved(header, claims) {
  const { kty, crv, x, y } = pair.jwk
  const jkt = createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url')
  const token = jws(key, { alg: 'HS256' }, { ...CLAIMS, cnf: { jkt } })
  const ath = createHash('sha256').update(token).digest('base64url')
  const url = 'https://api.example/'
  const jwt = jws(
    pair,
    { alg: 'ES256', typ: 'dpop+jwt', jwk: { kty, crv, x, y }, ...header },
    { jti: 'a', htm: 'GET', htu: url, iat: NOW, ath, ...claims },
  )
  return { length: jwt.length, said: verdict(token, {}, { proof: { jwt, method: 'GET', url } }) }
}

limit(
  'MAX_PROOF_CHARS',
  'an RSA-4096 key and signature with room to spare',
  '8,192 characters of a proof are read',
  () => {
    // Three octets of payload are four characters.
    const short = 8_192 - proved({}, { pad: '' }).length
    const pads = Array.from({ length: 8 }, (_, index) => 'x'.repeat(Math.floor((short * 3) / 4) - 4 + index))
    const found = pads.map((pad) => proved({}, { pad }))
    assert.ok(
      found.some(({ length }) => length > 8_180 && length <= 8_192) && found.some(({ length }) => length > 8_192),
    )
    for (const { length, said } of found) assert.equal(said, length <= 8_192 ? 'ok' : 'proof_invalid', String(length))
  },
)

limit('MAX_JTI_BYTES', 'several times a UUID', 'the jti of a proof has at most 256 octets', () => {
  assert.equal(proved({}, { jti: 'x'.repeat(256) }).said, 'ok')
  assert.equal(proved({}, { jti: 'x'.repeat(257) }).said, 'proof_invalid jti')
  assert.equal(proved({}, { jti: '\u00e9'.repeat(129) }).said, 'proof_invalid jti')
})

limit('PROOF_WINDOW_SECONDS', 'seconds or minutes', 'the iat of a proof lies within 300 seconds', () => {
  for (const sign of [-1, 1]) {
    assert.equal(proved({}, { iat: NOW + sign * 300 }).said, 'ok')
    assert.equal(proved({}, { iat: NOW + sign * 301 }).said, 'proof_invalid iat')
  }
})

/** `proved`, with another key; returns the ends that a store receives. @param {{ own?: typeof pair, nonce?: string, claims?: object }} [given] */
async function recorded({ own = pair, nonce, claims = {} } = {}) {
  const { kty, crv, x, y } = own.jwk
  const jkt = createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url')
  const token = jws(key, { alg: 'HS256' }, { ...CLAIMS, cnf: { jkt } })
  const ath = createHash('sha256').update(token).digest('base64url')
  const url = 'https://api.example/'
  const all = { jti: 'a', htm: 'GET', htu: url, iat: NOW, ath, nonce, ...claims }
  const jwt = jws(own, { alg: 'ES256', typ: 'dpop+jwt', jwk: { kty, crv, x, y } }, all)
  /** @type {number[]} */
  const ends = []
  const replay = { add: async (/** @type {string} */ _, /** @type {number} */ end) => ends.push(end) > 0 }
  const verifier = new Verifier({ ...ANY, keys: { secret: key.secret }, replay })
  const proof = { jwt, method: 'GET', url, ...(nonce === undefined ? {} : { nonce }) }
  await verifier.verifyAsync(token, { now: NOW, proof })
  return ends
}

limit(
  'PROOF_NONCE_SECONDS',
  'two time slots of the longest length that a guard allows',
  'a proof under a nonce is remembered for 600 seconds, any other for 300 after its iat',
  async () => {
    assert.deepEqual(await recorded(), [NOW + 300])
    assert.deepEqual(await recorded({ claims: { iat: NOW - 200 } }), [NOW + 100])
    assert.deepEqual(await recorded({ nonce: 'n' }), [NOW + 600])
    assert.deepEqual(await recorded({ nonce: 'n', claims: { iat: 1 } }), [NOW + 600])
  },
)

limit(
  'MAX_PROOF_KEYS',
  'Their tables take at most half of the memory',
  'the proofs of 48 keys by turns are accepted, though 32 keys are kept',
  async () => {
    const pairs = Array.from({ length: 48 }, () => freshKey('ES256', random))
    for (let turn = 0; turn < 3; turn += 1) {
      for (const own of pairs) assert.deepEqual(await recorded({ own }), [NOW + 300])
    }
  },
)

test('every limit in the source is held here', () => {
  const names = [...source.matchAll(/^pub const (\w+):/gm)].map(([, name]) => name)
  assert.ok(names.length > 15)
  assert.deepEqual([...held].sort(), names.sort())
})
