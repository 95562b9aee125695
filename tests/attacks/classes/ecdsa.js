// @ts-check
/** ECDSA: edge values, lengths and encodings of R and S (RFC 7518 section 3.4, CVE-2022-21449). */

import { createHash, sign as signOctets } from 'node:crypto'
import { CURVES, toNumber, toOctets } from '../numbers.js'
import { accepted, refused } from '../target.js'

/** @param {import('../target.js').Target} target */
export function* ecdsa({ alg, family, random, unsigned, key, stranger }) {
  if (family !== 'EC' || key.privateKey === undefined) return
  const { size, p, n } = /** @type {NonNullable<typeof CURVES[string]>} */ (CURVES[alg])
  const { input, octets } = unsigned()
  const other = unsigned()
  const [r, s] = [octets.subarray(0, size), octets.subarray(size)]
  const low = toNumber(s)
  const fits = (/** @type {bigint} */ number) => number < 2n ** BigInt(8 * size)
  /** @type {[string, bigint][]} */
  const edges = [
    ['0', 0n],
    ['1', 1n],
    ['n - 1', n - 1n],
    ['n', n],
    ['n + 1', n + 1n],
    ['p - n', p - n],
    ['p', p],
    ['2^k - 1', 2n ** BigInt(8 * size) - 1n],
  ]
  const usable = edges
    .filter(([, number]) => number >= 0n && fits(number))
    .map(([name, number]) => ({ name, octets: toOctets(number, size) }))
  /** @param {string} name @param {...Uint8Array} parts */
  const bad = (name, ...parts) =>
    refused(name, 'signature_invalid', `${input}.${Buffer.concat(parts).toString('base64url')}`)
  for (const [index, edge] of usable.entries()) {
    yield bad(`r and s are ${edge.name}`, edge.octets, edge.octets)
    yield bad(`r is ${edge.name}`, edge.octets, s)
    yield bad(`s is ${edge.name}`, r, edge.octets)
    const another = /** @type {{ name: string, octets: Buffer }} */ (
      usable[(index + 1 + random.below(usable.length - 1)) % usable.length]
    )
    yield bad(`r is ${edge.name} and s is ${another.name}`, edge.octets, another.octets)
  }
  const above = (/** @type {Buffer} */ part) => {
    const number = toNumber(part) + n
    return fits(number) ? toOctets(number, size) : toOctets(number)
  }
  yield bad('r + n', above(r), s)
  yield bad('s + n', r, above(s))
  yield bad('r and s exchanged', s, r)
  yield bad('nothing')
  yield bad('r alone', r)
  yield bad('one octet short', octets.subarray(0, -1))
  yield bad('one octet short in front', octets.subarray(1))
  yield bad('one octet long', octets, random.octets(1))
  yield bad('a zero behind', octets, Buffer.alloc(1))
  yield bad('a zero in front', Buffer.alloc(1), octets)
  yield bad('a zero in front of each', Buffer.alloc(1), r, Buffer.alloc(1), s)
  yield bad('twice', octets, octets)
  yield bad('as hexadecimal text', Buffer.from(octets.toString('hex')))
  yield bad('as base64url text', Buffer.from(octets.toString('base64url')))
  yield bad('chance', random.octets(2 * size))
  yield bad('of another token', other.octets)
  yield bad('r of another token', other.octets.subarray(0, size), s)
  yield bad('s of another token', r, other.octets.subarray(size))
  const der = signOctets(`sha${alg.slice(2, 5)}`, Buffer.from(input), key.privateKey)
  yield bad('in DER', der)
  yield bad('in DER, cut to its length', der.subarray(0, 2 * size))
  yield bad('in DER, filled up', der, Buffer.alloc(Math.max(1, 2 * size - der.length)))
  for (const hash of ['sha1', 'sha224', 'sha256', 'sha384', 'sha512', 'sha3-256'].filter(
    (name) => name !== `sha${alg.slice(2, 5)}`,
  )) {
    const made = signOctets(hash, Buffer.from(input), { key: key.privateKey, dsaEncoding: 'ieee-p1363' })
    yield bad(`over ${hash}`, made)
  }
  const hashed = createHash(`sha${alg.slice(2, 5)}`)
    .update(input)
    .digest('hex')
  const twice = signOctets(`sha${alg.slice(2, 5)}`, Buffer.from(hashed), {
    key: key.privateKey,
    dsaEncoding: 'ieee-p1363',
  })
  yield bad('over the hash as text', twice)
  if (stranger.privateKey !== undefined) {
    yield bad(
      'by a stranger',
      signOctets(`sha${alg.slice(2, 5)}`, Buffer.from(input), { key: stranger.privateKey, dsaEncoding: 'ieee-p1363' }),
    )
  }
  for (const position of [0, size - 1, size, 2 * size - 1]) {
    const flipped = Buffer.from(octets)
    flipped.writeUInt8(flipped.readUInt8(position) ^ (1 << random.below(8)), position)
    yield bad(`one bit of octet ${position}`, flipped)
  }
  yield accepted('s', `${input}.${octets.toString('base64url')}`)
  yield accepted(
    'n - s: the twin that whoever sees a signature can make',
    `${input}.${Buffer.concat([r, toOctets(n - low, size)]).toString('base64url')}`,
  )
}
