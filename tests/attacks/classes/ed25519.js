// @ts-check
/** Ed25519: small order, second spellings, lengths (RFC 8032 sections 5.1.3, 5.1.7, RFC 8037 section 2). */

import { toNumber, toOctets } from '../numbers.js'
import { accepted, mistaken, refused, setOf } from '../target.js'

/** The order of the base point. */
const L = 2n ** 252n + 27742317777372353535851937790883648493n
const P = 2n ** 255n - 19n

/** Little-endian. @param {bigint} number @param {number} [size] */
const little = (number, size = 32) => toOctets(number, size).reverse()

/**
 * The y of the points whose order divides 8, each with either sign, and their spellings that are not reduced.
 *
 * @type {bigint[]}
 */
const SMALL = [
  0n,
  1n,
  P - 1n,
  P,
  P + 1n,
  0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n,
  P - 0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n,
]

/** @param {import('../target.js').Target} target */
export function* ed25519({ alg, family, random, unsigned, key, header, claims, sign, stranger, good }) {
  if (family !== 'OKP') return
  const { input, octets } = unsigned()
  const [r, s] = [octets.subarray(0, 32), octets.subarray(32)]
  const scalar = toNumber(Buffer.from(s).reverse())
  const other = unsigned().octets
  /** @param {string} name @param {...Uint8Array} parts */
  const bad = (name, ...parts) =>
    refused(name, 'signature_invalid', `${input}.${Buffer.concat(parts).toString('base64url')}`)
  yield bad('nothing')
  yield bad('r alone', r)
  yield bad('one octet short', octets.subarray(0, -1))
  yield bad('one octet long', octets, random.octets(1))
  yield bad('a zero behind', octets, Buffer.alloc(1))
  yield bad('twice', octets, octets)
  yield bad('as text', Buffer.from(octets.toString('hex')))
  yield bad('r and s exchanged', s, r)
  yield bad('s + L: the twin that whoever sees a signature could make', r, little(scalar + L))
  yield bad('s + 2 L', r, little(scalar + 2n * L))
  yield bad('L - s', r, little(L - scalar))
  yield bad('s is 0', r, little(0n))
  yield bad('s is L', r, little(L))
  yield bad('s is 2^256 - 1', r, Buffer.alloc(32, 0xff))
  yield bad('zeros', Buffer.alloc(64))
  yield bad('r of another token', other.subarray(0, 32), s)
  yield bad('s of another token', r, other.subarray(32))
  yield bad('of another token', other)
  yield bad('chance', random.octets(64))
  yield bad('the key as r, s 0', Buffer.from(key.jwk.x, 'base64url'), little(0n))
  for (const y of SMALL) {
    for (const sign of [0n, 1n]) {
      const point = little(y + (sign << 255n))
      const shown = point.toString('hex').slice(0, 8)
      yield bad(`r of small order, ${shown}, sign ${sign}, s 0`, point, little(0n))
      yield bad(`r of small order, ${shown}, sign ${sign}`, point, s)
    }
  }
  const mine = { ...key.jwk, kid: 'mine' }
  const goodNamed = { token: sign(header({ kid: 'mine' }), claims()) }
  const x = (/** @type {Uint8Array} */ point) => ({ x: Buffer.from(point).toString('base64url') })
  const smallOrder = SMALL.flatMap((y) => [0n, 1n].map((sign) => little(y + (sign << 255n))))
  /** @type {[string, string, object][]} */
  const members = [
    ...smallOrder.map(
      (point) =>
        /** @type {[string, string, object]} */ ([
          `small order, ${point.toString('hex').slice(0, 8)}…${point.toString('hex').slice(-2)}`,
          'x',
          x(point),
        ]),
    ),
    ...[3n, 18n].map((y) => /** @type {[string, string, object]} */ ([`not reduced, p + ${y}`, 'x', x(little(P + y))])),
    ['off the curve', 'x', x(Buffer.alloc(32, 2))],
    ['31 octets', 'x', x(Buffer.from(key.jwk.x, 'base64url').subarray(1))],
    ['33 octets', 'x', x(Buffer.concat([Buffer.from(key.jwk.x, 'base64url'), Buffer.alloc(1)]))],
    ['57 octets', 'x', x(random.octets(57))],
    ['empty', 'x', { x: '' }],
    ['padded', 'x', { x: `${key.jwk.x}=` }],
    ['with a stray bit', 'x', { x: stray(key.jwk.x) }],
    ['null', 'x', { x: null }],
    ['private', 'd', { d: random.text(43) }],
    ['for encryption', 'use', { use: 'enc' }],
    ['key_ops of a signer', 'key_ops', { key_ops: ['sign'] }],
    ['alg of another type', 'alg', { alg: 'ES256' }],
    ['alg of another curve', 'alg', { alg: 'Ed448' }],
  ]
  for (const [name, member, changed] of members) {
    yield mistaken(`alone: ${name}`, member, { keys: { jwk: { ...key.jwk, ...changed } } })
    const token = sign(header({ kid: 'bad' }), claims())
    const keys = setOf(mine, { ...key.jwk, kid: 'bad', ...changed })
    yield refused(`in a set: ${name}`, `key_rejected ${member}`, token, { keys, good: goodNamed })
  }
  for (const crv of ['ed25519', 'Ed448', 'X25519', 'P-256', '', null]) {
    yield mistaken(`alone: crv ${JSON.stringify(crv)}`, 'crv', { keys: { jwk: { ...key.jwk, crv } } })
  }
  const forged = `${input}.${Buffer.concat([little(1n), little(0n)]).toString('base64url')}`
  yield refused('the signature that any key of order 1 accepts', 'signature_invalid', forged)
  yield accepted('a signature', `${input}.${octets.toString('base64url')}`)
  yield accepted('its key', good(), { keys: { jwk: { ...key.jwk, alg, use: 'sig', key_ops: ['verify'] } } })
  yield accepted("a stranger's good key beside it", goodNamed.token, {
    keys: setOf(mine, { ...stranger.jwk, kid: 'bad' }),
  })
}

/** The same octets, spelled with a bit that encodes nothing. @param {string} text */
function stray(text) {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const last = alphabet.indexOf(text.slice(-1))
  return `${text.slice(0, -1)}${alphabet[last ^ 1]}`
}
