// @ts-check
/** RSA: keys too weak or misspelled, and signatures that only a lax reader accepts (RFC 8017, RFC 7518 sections 3.3, 3.5, 6.3). */

import { checkPrimeSync, createHash } from 'node:crypto'
import { freshKey } from '../keys.js'
import { power, toNumber, toOctets } from '../numbers.js'
import { digest, hashOf, rawRsa } from '../sign.js'
import { accepted, mistaken, refused, setOf } from '../target.js'

/** @typedef {import('../target.js').Target} Target */

/** @param {Target} target */
export function* rsa(target) {
  if (target.family !== 'RSA') return
  yield* keys(target)
  yield* signatures(target)
}

/** @param {Target} target */
function* keys({ alg, random, key, header, claims, sign, good }) {
  const { jwk } = key
  const n = toNumber(Buffer.from(jwk.n, 'base64url'))
  const text = (/** @type {bigint} */ number) => toOctets(number).toString('base64url')
  const oddOf = (/** @type {number} */ bits) =>
    (toNumber(random.octets(Math.ceil(bits / 8))) % 2n ** BigInt(bits)) | (1n << BigInt(bits - 1)) | 1n
  const zeroBefore = (/** @type {string} */ octets) =>
    Buffer.concat([Buffer.alloc(1), Buffer.from(octets, 'base64url')]).toString('base64url')
  /** @type {[string, string, object][]} */
  const members = [
    ['a modulus of 512 bits', 'n', { n: text(oddOf(512)) }],
    ['a modulus of 1024 bits', 'n', { n: text(oddOf(1024)) }],
    ['a modulus of 2047 bits', 'n', { n: text(oddOf(2047)) }],
    ['a modulus of 8193 bits', 'n', { n: text(oddOf(8193)) }],
    ['a modulus of 16384 bits', 'n', { n: text(oddOf(16384)) }],
    ['an even modulus', 'n', { n: text(n + 1n) }],
    ['a modulus whose factors can be guessed', 'n', { n: text(guessable(random)) }],
    ['a zero in front of the modulus', 'n', { n: zeroBefore(jwk.n) }],
    ['an empty modulus', 'n', { n: '' }],
    ['a modulus of zeros', 'n', { n: Buffer.alloc(256).toString('base64url') }],
    ['a padded modulus', 'n', { n: `${jwk.n}==` }],
    ['a modulus that is a number', 'n', { n: Number(n % 2n ** 40n) }],
    ['a null modulus', 'n', { n: null }],
    ...[0n, 1n, 2n, 3n, 5n, 17n, 257n, 65535n, 65536n, 65538n, 2n ** 32n + 1n, 2n ** 64n + 1n].map(
      (e) => /** @type {[string, string, object]} */ ([`an exponent of ${e}`, 'e', { e: text(e) }]),
    ),
    ['an exponent of 2048 bits', 'e', { e: text(oddOf(2048)) }],
    ['an exponent as large as the modulus', 'e', { e: jwk.n }],
    ['a zero in front of the exponent', 'e', { e: zeroBefore(jwk.e) }],
    ['an empty exponent', 'e', { e: '' }],
    ['an exponent in base64', 'e', { e: 'AQA+' }],
    ['an exponent that is a number', 'e', { e: 65537 }],
    ...['d', 'p', 'q', 'dp', 'dq', 'qi'].map(
      (name) => /** @type {[string, string, object]} */ ([`private ${name}`, name, { [name]: text(random.number(n)) }]),
    ),
    ['other primes', 'oth', { oth: [] }],
    ['for encryption', 'use', { use: 'enc' }],
    ['to encrypt', 'key_ops', { key_ops: ['encrypt'] }],
    ['alg of encryption', 'alg', { alg: 'RSA-OAEP' }],
    ['alg of SHA-1', 'alg', { alg: 'RS1' }],
  ]
  const mine = { ...jwk, kid: 'mine' }
  const goodNamed = { token: sign(header({ kid: 'mine' }), claims()) }
  for (const [name, member, changed] of members) {
    yield mistaken(`alone: ${name}`, member, { keys: { jwk: { ...jwk, ...changed } } })
    const token = sign(header({ kid: 'bad' }), claims())
    const keys = setOf(mine, { ...jwk, kid: 'bad', ...changed })
    yield refused(`in a set: ${name}`, `key_rejected ${member}`, token, { keys, good: goodNamed })
  }
  for (const name of ['n', 'e']) {
    const { [name]: _, ...without } = jwk
    yield mistaken(`alone: without ${name}`, name, { keys: { jwk: without } })
  }
  const weak = freshKey(alg, random, { bits: 1024 })
  const honest = sign(header({ kid: 'weak' }), claims(), hashOf(alg) === 'sha512' && alg.startsWith('PS') ? key : weak)
  yield refused('1024 bits, an honest signature', 'key_rejected n', honest, {
    keys: setOf(mine, { ...weak.jwk, kid: 'weak' }),
    good: goodNamed,
  })
  yield accepted('its key', good(), { keys: { jwk: { ...jwk, alg, use: 'sig', key_ops: ['verify'] } } })
}

/** A modulus as CVE-2017-15361 made them: a power of 65537 modulo every small prime. @param {import('../random.js').Random} random */
function guessable(random) {
  const primes = Array.from({ length: 164 }, (_, index) => BigInt(index + 3)).filter(
    (number) => number % 2n === 1n && checkPrimeSync(number),
  )
  const product = primes.reduce((all, prime) => all * prime, 1n)
  const residue = power(65537n, random.number(2n ** 64n), product)
  const least = (2n ** 2047n + random.number(2n ** 2046n)) / product
  const modulus = residue + (least + 1n) * product
  return modulus % 2n === 1n ? modulus : modulus + product
}

/** @param {Target} target */
function* signatures(target) {
  const { alg, random, key, stranger, unsigned } = target
  const n = toNumber(Buffer.from(key.jwk.n, 'base64url'))
  const size = Buffer.from(key.jwk.n, 'base64url').length
  const { input, octets } = unsigned()
  /** @param {string} name @param {Uint8Array} made */
  const bad = (name, made) => refused(name, 'signature_invalid', `${input}.${Buffer.from(made).toString('base64url')}`)
  const s = toNumber(octets)
  const numbers = { 0: 0n, 1: 1n, 2: 2n, 'n - 1': n - 1n, n, 'n - s': n - s, '2^k - 1': 2n ** BigInt(8 * size) - 1n }
  for (const [name, number] of Object.entries(numbers)) yield bad(name, toOctets(number, size))
  yield bad('s + n', toOctets(s + n, size + (s + n >= 2n ** BigInt(8 * size) ? 1 : 0)))
  yield bad('nothing', Buffer.alloc(0))
  yield bad('a zero in front', Buffer.concat([Buffer.alloc(1), octets]))
  yield bad('a zero behind', Buffer.concat([octets, Buffer.alloc(1)]))
  yield bad('one octet short', octets.subarray(1))
  yield bad('half', octets.subarray(0, size / 2))
  yield bad('twice', Buffer.concat([octets, octets]))
  yield bad('as text', Buffer.from(octets.toString('hex')))
  yield bad('of another token', unsigned().octets)
  yield bad('by a stranger', rawRsa(stranger, blockOf(alg, size, input, random)))
  yield bad('chance', random.octets(size))
  const blocks = alg.startsWith('RS') ? pkcs1(target, size, input) : pss(target, size, input)
  for (const [name, block] of blocks) yield bad(name, rawRsa(key, block))
  yield accepted('a signature', `${input}.${octets.toString('base64url')}`)
  const made = rawRsa(key, blockOf(alg, size, input, random)).toString('base64url')
  yield accepted('the one encoding, made by hand', `${input}.${made}`)
}

/** What stands before a hash in PKCS#1 (RFC 8017 section 9.2, note 1). @type {Record<string, string>} */
const INFO = {
  sha1: '3021300906052b0e03021a05000414',
  sha256: '3031300d060960864801650304020105000420',
  sha384: '3041300d060960864801650304020205000430',
  sha512: '3051300d060960864801650304020305000440',
}

/** @param {number} size @param {...Uint8Array} tail */
function padded(size, ...tail) {
  const rest = Buffer.concat(tail)
  return Buffer.concat([Buffer.from([0, 1]), Buffer.alloc(size - rest.length - 3, 0xff), Buffer.alloc(1), rest])
}

/** The one block that is right. @param {string} alg @param {number} size @param {string} input @param {import('../random.js').Random} random */
function blockOf(alg, size, input, random) {
  const hash = digest(alg, input)
  if (alg.startsWith('RS')) return padded(size, Buffer.from(String(INFO[hashOf(alg)]), 'hex'), hash)
  return encoded(hashOf(alg), size, input, { salt: random.octets(hash.length) })
}

/** @param {Target} target @param {number} size @param {string} input @returns {Generator<[string, Buffer]>} */
function* pkcs1({ alg, random }, size, input) {
  const hash = digest(alg, input)
  const info = Buffer.from(String(INFO[hashOf(alg)]), 'hex')
  const good = padded(size, info, hash)
  const changed = (/** @type {number} */ at, /** @type {number} */ octet) => {
    const block = Buffer.from(good)
    block.writeUInt8(octet, at)
    return block
  }
  yield ['a block of type 0', changed(1, 0)]
  yield ['a block of type 2', changed(1, 2)]
  yield ['a zero in the padding', changed(2 + random.below(100), 0)]
  yield ['an fe in the padding', changed(2 + random.below(100), 0xfe)]
  yield ['no zero after the padding', changed(size - info.length - hash.length - 1, 0xff)]
  yield ['the hash alone', padded(size, hash)]
  yield [
    'a DigestInfo of SHA-1',
    padded(size, Buffer.from(String(INFO.sha1), 'hex'), createHash('sha1').update(input).digest()),
  ]
  yield ['the name of SHA-1 before this hash', padded(size, Buffer.from(String(INFO.sha1), 'hex'), hash)]
  const without = Buffer.from(info.toString('hex').replace('0500', ''), 'hex')
  without.writeUInt8(without.readUInt8(1) - 2, 1)
  without.writeUInt8(without.readUInt8(3) - 2, 3)
  yield ['a DigestInfo without NULL', padded(size, without, hash)]
  const long = Buffer.concat([Buffer.from([0x30, 0x81]), info.subarray(1)])
  yield ['a DigestInfo in BER', padded(size, long, hash)]
  const short = Buffer.concat([Buffer.from([0, 1]), Buffer.alloc(8, 0xff), Buffer.alloc(1), info, hash])
  yield ['chance behind the hash', Buffer.concat([short, random.octets(size - short.length)])]
  yield ['zeros behind the hash', Buffer.concat([short, Buffer.alloc(size - short.length)])]
  const inside = random.octets(size - 3 - 8 - info.length - hash.length)
  yield [
    'chance between padding and hash',
    Buffer.concat([Buffer.from([0, 1]), Buffer.alloc(8, 0xff), Buffer.alloc(1), inside, info, hash]),
  ]
  yield ['the hash twice', padded(size, info, hash, hash)]
  yield ['half the hash', padded(size, info, hash.subarray(0, hash.length / 2))]
  yield ['the hash of another text', padded(size, info, digest(alg, `${input} `))]
  yield ['a block of PSS', encoded(hashOf(alg), size, input, { salt: random.octets(hash.length) })]
}

/** @param {Target} target @param {number} size @param {string} input @returns {Generator<[string, Buffer]>} */
function* pss({ alg, random }, size, input) {
  const name = hashOf(alg)
  const { length } = digest(alg, input)
  const salt = random.octets(length)
  for (const octets of [0, 1, length - 1, length + 1, size - length - 2]) {
    yield [`a salt of ${octets} octets`, encoded(name, size, input, { salt: random.octets(octets) })]
  }
  for (const hash of ['sha1', 'sha224', 'sha256', 'sha384', 'sha512'].filter((other) => other !== name)) {
    yield [`a mask of ${hash}`, encoded(name, size, input, { salt, mask: hash })]
  }
  for (const trailer of [0, 0xcc, 0xbd])
    yield [`a trailer of ${trailer}`, encoded(name, size, input, { salt, trailer })]
  yield ['a one in the padding', encoded(name, size, input, { salt, padding: 1 })]
  yield ['no separator', encoded(name, size, input, { salt, separator: 0 })]
  yield ['a separator of 2', encoded(name, size, input, { salt, separator: 2 })]
  yield ['another text', encoded(name, size, `${input} `, { salt })]
  yield ['a block of PKCS#1', padded(size, Buffer.from(String(INFO[name]), 'hex'), digest(alg, input))]
}

/**
 * EMSA-PSS (RFC 8017 section 9.1.1), right or wrong in one place.
 *
 * @param {string} name @param {number} size @param {string} input
 * @param {{ salt: Buffer, mask?: string, trailer?: number, padding?: number, separator?: number }} how
 */
function encoded(name, size, input, { salt, mask = name, trailer = 0xbc, padding = 0, separator = 1 }) {
  const message = createHash(name).update(input).digest()
  const hash = createHash(name).update(Buffer.alloc(8)).update(message).update(salt).digest()
  const zeros = Buffer.alloc(size - hash.length - salt.length - 2)
  if (zeros.length > 0) zeros.writeUInt8(padding, zeros.length - 1)
  const block = Buffer.concat([zeros, Buffer.from([separator]), salt])
  const over = masking(mask, hash, block.length)
  const octets = block.map((octet, index) => octet ^ (over[index] ?? 0))
  octets[0] = (octets[0] ?? 0) & 0x7f
  return Buffer.concat([octets, hash, Buffer.from([trailer])])
}

/** @param {string} name @param {Buffer} seed @param {number} count */
function masking(name, seed, count) {
  const blocks = []
  for (let counter = 0; counter * 20 < count; counter += 1) {
    blocks.push(
      createHash(name)
        .update(seed)
        .update(toOctets(BigInt(counter), 4))
        .digest(),
    )
  }
  return Buffer.concat(blocks).subarray(0, count)
}
