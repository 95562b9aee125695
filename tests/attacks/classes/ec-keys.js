// @ts-check
/** EC keys that are none (RFC 7518 section 6.2). */

import { createPrivateKey } from 'node:crypto'
import { CURVES, toNumber, toOctets } from '../numbers.js'
import { accepted, mistaken, refused, setOf } from '../target.js'

/** @param {import('../target.js').Target} target */
export function* ecKeys({ alg, family, random, key, stranger, header, claims, sign, good }) {
  if (family !== 'EC') return
  const { crv, size, p, n } = /** @type {NonNullable<typeof CURVES[string]>} */ (CURVES[alg])
  const { jwk } = key
  const [x, y] = [jwk.x, jwk.y].map((text) => toNumber(Buffer.from(text, 'base64url')))
  const text = (/** @type {bigint} */ number, octets = size) => toOctets(number, octets).toString('base64url')
  const padding = '='.repeat(-jwk.x.length & 3)
  const another = Object.values(CURVES).find((curve) => curve.crv !== crv)
  /** @type {[string, string, object][]} */
  const members = [
    ['y + 1', 'x', { y: text(((y ?? 0n) + 1n) % p) }],
    ['x + 1', 'x', { x: text(((x ?? 0n) + 1n) % p), y: text(random.number(p)) }],
    ['chance', 'x', { x: text(random.number(p)), y: text(random.number(p)) }],
    ['the point of zeros', 'x', { x: text(0n), y: text(0n) }],
    ['x zero', 'x', { x: text(0n) }],
    ['y zero', 'x', { y: text(0n) }],
    ['x is p', 'x', { x: text(p) }],
    ['y is p', 'x', { y: text(p) }],
    ['x and y are p', 'x', { x: text(p), y: text(p) }],
    ['x all ones', 'x', { x: Buffer.alloc(size, 0xff).toString('base64url') }],
    ['x and y exchanged', 'x', { x: jwk.y, y: jwk.x }],
    ['x + p', 'x', { x: toOctets((x ?? 0n) + p, size + 1).toString('base64url') }],
    ['a zero in front of x', 'x', { x: text(x ?? 0n, size + 1) }],
    ['a zero in front of y', 'y', { y: text(y ?? 0n, size + 1) }],
    ['x one octet short', 'x', { x: Buffer.from(jwk.x, 'base64url').subarray(1).toString('base64url') }],
    ['y one octet short', 'y', { y: Buffer.from(jwk.y, 'base64url').subarray(0, -1).toString('base64url') }],
    ['x empty', 'x', { x: '' }],
    ['x padded', 'x', { x: `${jwk.x}${padding === '' ? '=' : padding}` }],
    [
      'x in base64',
      'x',
      {
        x: Buffer.concat([Buffer.from([0xfb, 0xff]), Buffer.alloc(size - 2)])
          .toString('base64')
          .replace(/=+$/, ''),
      },
    ],
    ['x with white space', 'x', { x: `${jwk.x}\n` }],
    ['x in hexadecimal', 'x', { x: Buffer.from(jwk.x, 'base64url').toString('hex') }],
    ['x a number', 'x', { x: 7 }],
    ['x null', 'x', { x: null }],
    ['y an array', 'y', { y: [jwk.y] }],
    ['private', 'd', { d: text(random.number(n)) }],
    ['for encryption', 'use', { use: 'enc' }],
    ['use upper case', 'use', { use: 'SIG' }],
    ['key_ops of a signer', 'key_ops', { key_ops: ['sign'] }],
    ['key_ops text', 'key_ops', { key_ops: 'verify' }],
    ['alg of another curve', 'alg', { alg: alg === 'ES256' ? 'ES384' : 'ES256' }],
    ['alg in lower case', 'alg', { alg: alg.toLowerCase() }],
    ['alg of key agreement', 'alg', { alg: 'ECDH-ES' }],
    ['kid a number', 'kid', { kid: 7 }],
    ['kid too long', 'kid', { kid: random.text(1025) }],
  ]
  const mine = { ...jwk, kid: 'mine' }
  const goodNamed = { token: sign(header({ kid: 'mine' }), claims()) }
  for (const [name, member, changed] of members) {
    yield mistaken(`alone: ${name}`, member, { keys: { jwk: { ...jwk, ...changed } } })
    if (name.startsWith('kid')) continue
    const bad = { ...jwk, kid: 'bad', ...changed }
    const token = sign(header({ kid: 'bad' }), claims())
    yield refused(`in a set: ${name}`, `key_rejected ${member}`, token, { keys: setOf(mine, bad), good: goodNamed })
  }
  for (const name of ['x', 'y']) {
    const { [name]: _, ...without } = jwk
    yield mistaken(`alone: without ${name}`, name, { keys: { jwk: without } })
  }
  const curves = [
    ...[crv.toLowerCase(), crv.toUpperCase()].filter((name) => name !== crv),
    `${crv} `,
    '',
    'P-192',
    'P-224',
    'secp256r1',
    'brainpoolP256r1',
    'Ed25519',
    'X25519',
    null,
    256,
  ]
  for (const wrong of curves) {
    yield mistaken(`alone: crv ${JSON.stringify(wrong)}`, 'crv', { keys: { jwk: { ...jwk, crv: wrong } } })
    const token = sign(header({ kid: 'bad' }), claims())
    const keys = setOf(mine, { ...jwk, crv: wrong, kid: 'bad' })
    yield refused(`in a set: crv ${JSON.stringify(wrong)}`, 'key_not_found kid', token, { keys, good: goodNamed })
  }
  yield mistaken(`alone: crv of another curve, ${another?.crv}`, 'x', { keys: { jwk: { ...jwk, crv: another?.crv } } })
  yield mistaken('alone: kty of another type', 'crv', { keys: { jwk: { ...jwk, kty: 'OKP' } } })
  yield mistaken('alone: kty RSA', 'n', { keys: { jwk: { ...jwk, kty: 'RSA' } } })
  yield mistaken('alone: kty oct', 'k', { keys: { jwk: { ...jwk, kty: 'oct' } } })
  const mirrored = { ...jwk, y: text(p - (y ?? 0n)) }
  const d = toNumber(Buffer.from(String(key.privateKey?.export({ format: 'jwk' }).d), 'base64url'))
  const opposite = createPrivateKey({ key: { ...mirrored, kty: 'EC', d: text(n - d) }, format: 'jwk' })
  const theirs = sign(header(), claims(), { ...key, privateKey: opposite })
  yield refused('the mirrored point is another key', 'signature_invalid', good(), {
    keys: { jwk: mirrored },
    good: { token: theirs },
  })
  yield accepted('its point', good(), { keys: { jwk: { ...jwk, alg, use: 'sig', key_ops: ['verify'] } } })
  yield accepted("a stranger's good key beside it", goodNamed.token, {
    keys: setOf(mine, { ...stranger.jwk, kid: 'bad' }),
  })
}
