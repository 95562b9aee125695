// @ts-check
/** HMAC: tags cut short or grown, and secrets that are none (RFC 7518 section 3.2, RFC 8725 section 3.5). */

import { createHash, createHmac } from 'node:crypto'
import { hashOf } from '../sign.js'
import { accepted, mistaken, refused, secretOf, setOf, taken } from '../target.js'

/** What documentation, debuggers and default settings show. */
const KNOWN = [
  ...['a-string-secret-at-least-256-bits-long', 'a-valid-string-secret-that-is-at-least-256-bits-long'],
  ...['super-secret-jwt-token-with-at-least-32-characters-long', '0123456789abcdef0123456789abcdef'],
  ...[
    'your-256-bit-secret-your-256-bit-secret',
    'secretsecretsecretsecretsecretsecret',
    'your-256-bit-secret',
    'secret',
  ],
]

/** @param {import('../target.js').Target} target */
export function* hmac({ alg, family, random, key, stranger, unsigned, header, claims, sign, good, options }) {
  if (family !== 'HMAC') return
  const { input, octets } = unsigned()
  const size = octets.length
  /** @param {string} name @param {Uint8Array} made */
  const bad = (name, made) => refused(name, 'signature_invalid', `${input}.${Buffer.from(made).toString('base64url')}`)
  for (let length = 0; length < size; length += length < 16 || length > size - 4 ? 1 : 4) {
    yield bad(`the first ${length} octets of the tag`, octets.subarray(0, length))
  }
  for (const length of [1, 16, size - 1])
    yield bad(`the last ${length} octets of the tag`, octets.subarray(size - length))
  yield bad('a zero behind', Buffer.concat([octets, Buffer.alloc(1)]))
  yield bad('a zero in front', Buffer.concat([Buffer.alloc(1), octets]))
  yield bad('chance behind', Buffer.concat([octets, random.octets(random.one([1, 16, 32]))]))
  yield bad('twice', Buffer.concat([octets, octets]))
  yield bad('in hexadecimal', Buffer.from(octets.toString('hex')))
  yield bad('in base64url, twice', Buffer.from(octets.toString('base64url')))
  yield bad('back to front', Buffer.from(octets).reverse())
  yield bad('zeros', Buffer.alloc(size))
  yield bad('ones', Buffer.alloc(size, 0xff))
  yield bad('chance', random.octets(size))
  for (const position of [0, 1, size >> 1, size - 2, size - 1]) {
    const flipped = Buffer.from(octets)
    flipped.writeUInt8(flipped.readUInt8(position) ^ (1 << random.below(8)), position)
    yield bad(`one bit of octet ${position}`, flipped)
  }
  for (const other of ['sha1', 'md5', 'sha224', 'sha256', 'sha384', 'sha512', 'sha512-256'].filter(
    (name) => name !== hashOf(alg),
  )) {
    yield bad(`with ${other}`, createHmac(other, key.secret).update(input).digest())
  }
  yield bad('a hash without a key', createHash(hashOf(alg)).update(input).digest())
  yield bad('a hash of key and text', createHash(hashOf(alg)).update(key.secret).update(input).digest())
  yield bad('of an empty secret', createHmac(hashOf(alg), '').update(input).digest())
  yield bad(
    'of the secret as base64url text',
    createHmac(hashOf(alg), key.secret.toString('base64url')).update(input).digest(),
  )
  yield bad('of half the secret', createHmac(hashOf(alg), key.secret.subarray(0, 32)).update(input).digest())
  yield bad('of another token', unsigned().octets)
  yield bad('by a stranger', createHmac(hashOf(alg), stranger.secret).update(input).digest())
  const least = Number(alg.slice(2)) / 8
  for (const length of [0, 1, 16, 31]) {
    yield mistaken(`a secret of ${length} octets`, 'secret', { keys: secretOf(random.octets(length)) })
    yield mistaken(`a JWK of ${length} octets`, 'k', {
      keys: { jwk: { kty: 'oct', k: random.octets(length).toString('base64url') } },
    })
  }
  for (const known of KNOWN) yield mistaken(`the secret ${known}`, 'secret', { keys: secretOf(Buffer.from(known)) })
  yield mistaken('a secret too short for the algorithm it is named for', 'secret', {
    keys: { ...secretOf(random.octets(least - 1)), alg },
  })
  if (least > 32) {
    const short = { ...key, secret: random.octets(least - 1) }
    const keys = taken(short)
    const hs256 = `${Buffer.from('{"alg":"HS256"}').toString('base64url')}.${input.split('.')[1]}`
    const token = `${hs256}.${createHmac('sha256', short.secret).update(hs256).digest('base64url')}`
    yield refused('a secret good for a shorter hash alone', 'alg_not_allowed alg', sign(header(), claims(), short), {
      keys,
      good: { token },
    })
  }
  /** @type {[string, unknown][]} */
  const spelled = [
    ['padded', `${random.octets(64).toString('base64url')}==`],
    ['in base64', `${random.text(60)}+/+/`],
    ['empty', ''],
    ['null', null],
    ['a number', 7],
    ['with white space', `${random.text(64)}\n`],
  ]
  for (const [name, k] of spelled) yield mistaken(`k ${name}`, 'k', { keys: { jwk: { kty: 'oct', k } } })
  yield mistaken('without k', 'k', { keys: { jwk: { kty: 'oct' } } })
  const mine = { ...key.jwk, kid: 'mine' }
  const goodNamed = { token: sign(header({ kid: 'mine' }), claims()) }
  const named = sign(header({ kid: 'bad' }), claims())
  for (const [name, member, changed] of /** @type {[string, string, object][]} */ ([
    ['a short secret', 'k', { k: random.octets(31).toString('base64url') }],
    ['k padded', 'k', { k: `${key.jwk.k}==` }],
    ['a known secret', 'k', { k: Buffer.from(String(KNOWN[0])).toString('base64url') }],
    ['for encryption', 'use', { use: 'enc' }],
    ['key_ops of a signer', 'key_ops', { key_ops: ['sign'] }],
  ])) {
    const keys = setOf(mine, { ...key.jwk, kid: 'bad', ...changed })
    yield refused(`in a set: ${name}`, `key_rejected ${member}`, named, { keys, good: goodNamed })
  }
  yield accepted('a tag', `${input}.${octets.toString('base64url')}`)
  const exact = { ...key, secret: random.octets(least) }
  yield accepted('a secret as long as its hash', sign(header(), claims(), exact), { keys: taken(exact), options })
  yield accepted('a JWK', good(), { keys: { jwk: { ...key.jwk, alg, use: 'sig', key_ops: ['verify'] } } })
}
