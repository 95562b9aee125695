// @ts-check
/**
 * Signatures and keys that a kernel is likeliest to get wrong: numbers at the edges of a limb, of a field, of an order; sums of
 * equal and of opposite points; moduli that are no product of two primes. Made with whole numbers of JavaScript and OpenSSL.
 *
 * @module
 */

import { checkPrimeSync, createECDH, createHash } from 'node:crypto'
import { freshKey } from './keys.js'
import { CURVES, inverse, power, toNumber, toOctets } from './numbers.js'
import { digest, encode, hashOf, signature } from './sign.js'

/** @typedef {import('./random.js').Random} Random */

/**
 * One question: did this key sign this? `known` is what the maker knows of the answer.
 *
 * @typedef {{ name: string, alg: string, jwk: Record<string, unknown>, input: string, signature: string, known?: boolean }} Question
 */

/** @param {Random} random @param {string} alg */
const inputOf = (random, alg) => `${encode({ alg })}.${encode({ jti: random.text(random.below(60)) })}`

/**
 * @param {Random} random @param {number} rounds
 * @returns {Generator<Question>}
 */
export function* hardQuestions(random, rounds) {
  for (let round = 0; round < rounds; round += 1) {
    for (const alg of ['HS256', 'HS384', 'HS512']) yield* hmac(random, alg)
    for (const alg of Object.keys(CURVES)) yield* ecdsa(random, alg)
    for (const alg of ['EdDSA', 'Ed25519']) yield* ed25519(random, alg)
    yield* rsa(random)
    yield* weakRsa(random)
  }
}

/** A right answer, and the same with one bit changed. @param {Random} random @param {Question} question @returns {Generator<Question>} */
function* withBit(random, question) {
  yield question
  const octets = Buffer.from(question.signature, 'base64url')
  if (octets.length === 0) return
  const at = random.below(octets.length)
  octets.writeUInt8(octets.readUInt8(at) ^ (1 << random.below(8)), at)
  yield {
    ...question,
    name: `${question.name}, one bit changed`,
    signature: octets.toString('base64url'),
    known: false,
  }
}

/** @param {Random} random @param {string} alg */
function* hmac(random, alg) {
  const least = Number(alg.slice(2)) / 8
  for (const octets of [least, 55 + random.below(20), 64, 65, 127, 128, 129, 300 + random.below(200)].filter(
    (size) => size >= least,
  )) {
    const key = freshKey(alg, random, { octets })
    for (const length of [0, 1, 30 + random.below(30), 200 + random.below(400)]) {
      const input = `${encode({ alg })}.${encode({ jti: random.text(length) })}`
      const tag = signature(key, input).toString('base64url')
      yield* withBit(random, {
        name: `a secret of ${octets} octets`,
        alg,
        jwk: key.jwk,
        input,
        signature: tag,
        known: true,
      })
    }
  }
}

/** @param {Random} random @param {string} alg @returns {Generator<Question>} */
function* ecdsa(random, alg) {
  const { crv, openssl, size, n, p } = /** @type {NonNullable<typeof CURVES[string]>} */ (CURVES[alg])
  const multiple = (/** @type {bigint} */ k) => {
    const pair = createECDH(openssl)
    pair.setPrivateKey(toOctets(k, size))
    const point = pair.getPublicKey()
    return { x: point.subarray(1, 1 + size), y: point.subarray(1 + size) }
  }
  const jwkOf = (/** @type {{ x: Buffer, y: Buffer }} */ { x, y }) => ({
    kty: 'EC',
    crv,
    x: x.toString('base64url'),
    y: y.toString('base64url'),
  })
  const spelled = (/** @type {bigint} */ r, /** @type {bigint} */ s) =>
    Buffer.concat([toOctets(r, size), toOctets(s, size)]).toString('base64url')
  const input = inputOf(random, alg)
  const bits = BigInt(Math.max(0, 8 * digest(alg, input).length - n.toString(2).length))
  const z = toNumber(digest(alg, input)) >> bits
  const mod = (/** @type {bigint} */ number) => ((number % n) + n) % n
  const named = (
    /** @type {string} */ name,
    /** @type {bigint} */ d,
    /** @type {bigint} */ r,
    /** @type {bigint} */ s,
    /** @type {boolean} */ known,
  ) => /** @type {Question} */ ({ name, alg, jwk: jwkOf(multiple(d)), input, signature: spelled(r, s), known })
  const nonces = /** @type {[string, bigint][]} */ ([
    ['1', 1n],
    ['2', 2n],
    ['n - 1', n - 1n],
    ['half', (n - 1n) / 2n],
    ['chance', random.number(n)],
  ])
  for (const [name, k] of nonces) {
    const r = mod(toNumber(multiple(k).x))
    for (const [ofKey, d] of /** @type {[string, bigint][]} */ ([
      ['1', 1n],
      ['2', 2n],
      ['n - 1', n - 1n],
      ['n - 2', n - 2n],
      ['2^k', 2n ** BigInt(8 * size - 9) % n],
      ['chance', random.number(n)],
    ])) {
      const s = mod(inverse(k, n) * (z + r * d))
      if (s !== 0n) yield* withBit(random, named(`d ${ofKey}, k ${name}`, d, r, s, true))
    }
    for (const [ofS, s] of /** @type {[string, bigint][]} */ ([
      ['1', 1n],
      ['2', 2n],
      ['n - 1', n - 1n],
      ['half', (n + 1n) / 2n],
      ['2^32', 2n ** 32n],
      ['chance', random.number(n)],
    ])) {
      const d = mod((s * k - z) * inverse(r, n))
      if (d === 0n) continue
      const question = named(`s ${ofS}, k ${name}`, d, r, s, true)
      // One bit turns half the order into n - s, the twin, which is a signature too.
      yield* ofS === 'half' ? [question] : withBit(random, question)
    }
    const equal = mod(z * inverse(r, n))
    yield named(`two equal points are added, k ${name}`, equal, r, mod(2n * z * inverse(k, n)), true)
    yield named(`two opposite points are added, k ${name}`, mod(-equal), r, random.number(n), false)
    yield named(`r + 1, k ${name}`, equal, mod(r + 1n), mod(2n * z * inverse(k, n)), false)
  }
  for (const [r, s] of [
    [0n, 1n],
    [1n, 0n],
    [n, 1n],
    [1n, n],
    [n - 1n, n - 1n],
  ]) {
    yield {
      name: 'r and s at the edges',
      alg,
      jwk: jwkOf(multiple(random.number(n))),
      input,
      signature: spelled(r ?? 0n, s ?? 0n),
      known: false,
    }
  }
  for (const [name, x, y] of /** @type {[string, bigint, bigint][]} */ ([
    ['zeros', 0n, 0n],
    ['ones', 1n, 1n],
    ['p', p, p],
    ['off the curve', random.number(p), random.number(p)],
  ])) {
    const jwk = jwkOf({ x: toOctets(x, size), y: toOctets(y, size) })
    yield {
      name: `a key of ${name}`,
      alg,
      jwk,
      input,
      signature: spelled(random.number(n), random.number(n)),
      known: false,
    }
  }
}

const L = 2n ** 252n + 27742317777372353535851937790883648493n
const P = 2n ** 255n - 19n

/** @param {Random} random @param {string} alg @returns {Generator<Question>} */
function* ed25519(random, alg) {
  const little = (/** @type {bigint} */ number) => toOctets(number, 32).reverse()
  const key = freshKey(alg, random)
  const input = inputOf(random, alg)
  const octets = signature(key, input)
  const [r, s] = [octets.subarray(0, 32), octets.subarray(32)]
  const scalar = toNumber(Buffer.from(s).reverse())
  const ask = (
    /** @type {string} */ name,
    /** @type {Uint8Array[]} */ parts,
    /** @type {boolean | undefined} */ known,
    jwk = key.jwk,
  ) =>
    /** @type {Question} */ ({
      name,
      alg,
      jwk,
      input,
      signature: Buffer.concat(parts).toString('base64url'),
      ...(known !== undefined && { known }),
    })
  yield* withBit(random, ask('a signature', [octets], true))
  yield ask('s + L', [r, little(scalar + L)], false)
  for (const number of [0n, 1n, L - 1n, L, L + 1n, 2n ** 252n, 2n ** 255n, 2n ** 256n - 1n])
    yield ask('s at an edge', [r, little(number)], false)
  for (const y of [0n, 1n, 2n, P - 1n, P, P + 1n, 2n ** 255n - 1n]) {
    for (const sign of [0n, 2n ** 255n]) {
      const point = little(y + sign)
      yield ask('r at an edge', [point, s], false)
      yield ask('r at an edge, s 0', [point, little(0n)], false)
      const jwk = { kty: 'OKP', crv: 'Ed25519', x: point.toString('base64url') }
      yield ask('a key at an edge', [octets], undefined, jwk)
      yield ask('a key at an edge, r the same, s 0', [point, little(0n)], undefined, jwk)
      yield ask('a key at an edge, r one, s 0', [little(1n), little(0n)], undefined, jwk)
    }
  }
  const message = createHash('sha512')
    .update(Buffer.concat([r, Buffer.from(String(key.jwk.x), 'base64url'), Buffer.from(input)]))
    .digest()
  yield ask('the hash for s', [r, little(toNumber(message.reverse()) % L)], false)
}

/** Moduli made so far: a prime takes its time. @type {Map<string, { n: bigint, phi: bigint }>} */
const moduli = new Map()

/** The first prime from `number` on. @param {bigint} number */
function primeFrom(number) {
  let candidate = number | 1n
  while (!checkPrimeSync(candidate)) candidate += 2n
  return candidate
}

/** @type {[string, (random: Random) => { n: bigint, phi: bigint }][]} */
const MODULI = [
  ['a prime just above 2^2047', () => ofPrimes(primeFrom(2n ** 2047n + 1n))],
  ['a prime just below 2^2048', () => ofPrimes(primeFrom(2n ** 2048n - 100_000n))],
  ['a prime', (random) => ofPrimes(primeFrom(2n ** 2047n + random.number(2n ** 2046n)))],
  ['3 and a prime', (random) => ofPrimes(3n, primeFrom(2n ** 2047n / 3n + 2n ** 2040n + random.number(2n ** 2039n)))],
  [
    'three primes',
    (random) => ofPrimes(...[683n, 683n, 684n].map((bits) => primeFrom(2n ** bits - random.number(2n ** 600n)))),
  ],
  ['limbs of zeros', () => ofPrimes(primeFrom(2n ** 1023n + 2n ** 512n), primeFrom(2n ** 1024n + 2n ** 100n))],
  [
    '2049 bits',
    (random) =>
      ofPrimes(
        primeFrom(2n ** 1024n + random.number(2n ** 1020n)),
        primeFrom(2n ** 1024n + random.number(2n ** 1020n)),
      ),
  ],
  [
    '2056 bits',
    (random) =>
      ofPrimes(primeFrom(2n ** 1028n - random.number(2n ** 900n)), primeFrom(2n ** 1028n - random.number(2n ** 900n))),
  ],
  [
    '3072 bits',
    (random) =>
      ofPrimes(
        primeFrom(2n ** 1536n - random.number(2n ** 1400n)),
        primeFrom(2n ** 1536n - random.number(2n ** 1400n)),
      ),
  ],
]

/** @param {...bigint} primes */
const ofPrimes = (...primes) => ({
  n: primes.reduce((all, prime) => all * prime, 1n),
  phi: primes.reduce((all, prime) => all * (prime - 1n), 1n),
})

/** PKCS#1 (RFC 8017 section 9.2, note 1). @type {Record<string, string>} */
const INFO = {
  sha256: '3031300d060960864801650304020105000420',
  sha384: '3041300d060960864801650304020205000430',
  sha512: '3051300d060960864801650304020305000440',
}

/** @param {Random} random @returns {Generator<Question>} */
function* rsa(random) {
  const alg = random.one(['RS256', 'RS384', 'RS512'])
  const [name, make] = random.one(MODULI)
  const { n, phi } = moduli.get(name) ?? make(random)
  moduli.set(name, { n, phi })
  const size = Math.ceil(n.toString(2).length / 8)
  const text = (/** @type {bigint} */ number) => toOctets(number).toString('base64url')
  const input = inputOf(random, alg)
  const block = blockOf(alg, input, size)
  for (const e of [65537n, 2n ** 32n - 5n, 65537n + 2n * random.number(2n ** 30n)]) {
    if (gcd(e, phi) !== 1n) continue
    const s = power(toNumber(block), inverse(e, phi), n)
    const jwk = { kty: 'RSA', n: text(n), e: text(e) }
    const ask = (/** @type {string} */ how, /** @type {bigint} */ number, known = false) =>
      /** @type {Question} */ ({
        name: `${name}, e ${e}, ${how}`,
        alg,
        jwk,
        input,
        signature: toOctets(number, size).toString('base64url'),
        known,
      })
    yield* withBit(random, ask('a signature', s, true))
    for (const [how, number] of /** @type {[string, bigint][]} */ ([
      ['0', 0n],
      ['1', 1n],
      ['n - 1', n - 1n],
      ['n', n],
      ['n - s', n - s],
      ['all ones', 2n ** BigInt(8 * size) - 1n],
      ['chance', random.number(n)],
    ])) {
      yield ask(how, number)
    }
    if (s + n < 2n ** BigInt(8 * size)) yield ask('s + n', s + n)
  }
}

/** @param {string} alg @param {string} input @param {number} size */
function blockOf(alg, input, size) {
  const tail = Buffer.concat([Buffer.from(String(INFO[hashOf(alg)]), 'hex'), digest(alg, input)])
  return Buffer.concat([Buffer.from([0, 1]), Buffer.alloc(size - tail.length - 3, 0xff), Buffer.alloc(1), tail])
}

/** Keys that must not be used, some of them with good signatures. @param {Random} random @returns {Generator<Question>} */
function* weakRsa(random) {
  const alg = 'RS256'
  const input = inputOf(random, alg)
  const whole = freshKey(alg, random).jwk
  const n = toNumber(Buffer.from(whole.n, 'base64url'))
  const block = toNumber(blockOf(alg, input, 256))
  const text = (/** @type {bigint} */ number) => toOctets(number).toString('base64url')
  const ask = (
    /** @type {string} */ name,
    /** @type {bigint} */ modulus,
    /** @type {bigint} */ e,
    /** @type {bigint} */ s,
    size = 256,
  ) =>
    /** @type {Question} */ ({
      name: `weak: ${name}`,
      alg,
      jwk: { kty: 'RSA', n: text(modulus), e: text(e) },
      input,
      signature: toOctets(s, size).toString('base64url'),
      known: false,
    })
  yield ask('e 1, the block itself', n, 1n, block)
  for (const e of [0n, 2n, 3n, 17n, 2n ** 32n + 15n, 2n ** 64n + 13n, n - 2n])
    yield ask(`e ${String(e).slice(0, 24)}`, n, e, random.number(n))
  for (const modulus of [0n, 1n, 2n, 3n, 255n, n - 1n, 2n ** 2047n, 2n ** 2048n - 2n])
    yield ask('an impossible modulus', modulus, 65537n, 1n)
  const [p, q] = [primeFrom(2n ** 511n + random.number(2n ** 510n)), primeFrom(2n ** 512n - random.number(2n ** 510n))]
  const short = toNumber(blockOf(alg, input, 128))
  const d = inverse(65537n, (p - 1n) * (q - 1n))
  yield ask('1024 bits, a good signature', p * q, 65537n, power(short, d, p * q), 128)
  const cubed = [p, q].some((prime) => prime % 3n === 1n) ? undefined : inverse(3n, (p - 1n) * (q - 1n))
  if (cubed !== undefined) yield ask('1024 bits, e 3, a good signature', p * q, 3n, power(short, cubed, p * q), 128)
}

/** @param {bigint} a @param {bigint} b @returns {bigint} */
const gcd = (a, b) => (b === 0n ? a : gcd(b, a % b))
