// @ts-check
/** What was accepted once: no other spelling of it, no other moment, no other expectation rides on it. */

import { CURVES, toNumber, toOctets } from '../numbers.js'
import { encode } from '../sign.js'
import { accepted, NOW, refused } from '../target.js'
import { stray } from './structure.js'

/** @param {import('../target.js').Target} target */
export function* memory({ alg, family, random, stranger, claims, sign, header, options, audience, issuer }) {
  const scope = random.text(6)
  const order = random.text(6)
  const own = claims({ scope, order_id: order, exp: NOW + 60 })
  const token = sign(header(), own)
  const [head = '', body = '', mark = ''] = token.split('.')
  const good = { token }
  const octets = Buffer.from(mark, 'base64url')
  const twin = (/** @type {string} */ name, /** @type {string} */ text, reason = 'signature_invalid') =>
    refused(name, reason, text, { good })
  for (let flip = 0; flip < 8; flip += 1) {
    const changed = Buffer.from(octets)
    const at = random.below(changed.length)
    changed.writeUInt8(changed.readUInt8(at) ^ (1 << flip), at)
    yield twin(`bit ${flip} of an octet of its signature`, `${head}.${body}.${changed.toString('base64url')}`)
  }
  for (const more of [
    { sub: 'admin' },
    { scope: `${scope} admin` },
    { exp: NOW + 10 ** 6 },
    { order_id: 'x' },
    { jti: random.text(8) },
    {},
  ]) {
    const spelled = encode(`${JSON.stringify({ ...own, ...more })} `)
    yield twin(`its signature over claims with ${Object.keys(more)}`, `${head}.${spelled}.${mark}`)
  }
  yield twin('its signature over another spelling of the header', `${encode(`{ "alg":"${alg}"}`)}.${body}.${mark}`)
  yield twin('its signature over a header with more', `${encode({ alg, kid: random.text(3) })}.${body}.${mark}`)
  for (const [name, part, place] of /** @type {const} */ ([
    ['header', head, 0],
    ['payload', body, 1],
    ['signature', mark, 2],
  ])) {
    const other = stray(part)
    const parts = [head, body, mark]
    if (other !== undefined) yield twin(`a stray bit in its ${name}`, swapped(parts, place, other), 'token_malformed')
    yield twin(`its ${name} padded`, swapped(parts, place, `${part}=`), 'token_malformed')
    yield twin(`white space behind its ${name}`, swapped(parts, place, `${part} `), 'token_malformed')
  }
  yield twin('a dot behind', `${token}.`, 'token_malformed')
  yield twin('a tilde behind', `${token}~`, 'token_malformed')
  yield twin('twice', `${token}${token}`, 'token_malformed')
  yield twin('the same claims by a stranger', sign(header(), own, stranger))
  yield refused('the same token when it has expired', 'token_expired exp', token, {
    now: NOW + 60,
    good: { token, now: NOW },
  })
  yield refused('the same token long after', 'token_expired exp', token, {
    now: NOW + 10 ** 8,
    good: { token, now: NOW + 59 },
  })
  const expects = (/** @type {string} */ name, /** @type {string} */ reason, /** @type {object} */ expected) =>
    refused(`the same token where ${name}`, reason, token, { expected, good: { token, expected: {} } })
  yield expects('more scope is expected', 'scope_insufficient scope', { scope: `${scope} admin` })
  yield expects('another audience is expected', 'claim_mismatch aud', { audience: `${audience}x` })
  yield expects('another claim is expected', 'claim_mismatch sub', { claims: { sub: 'admin' } })
  yield expects('a claim is expected that it lacks', 'claim_missing admin', { claims: { admin: true } })
  yield expects('a nonce is expected', 'claim_missing nonce', { nonce: random.text(8) })
  yield expects('another order is meant', 'binding_mismatch order_id', { bind: { order_id: `${order}x` } })
  yield expects('no order is said', 'binding_mismatch order_id', { bind: { order_id: null } })
  yield accepted('the same token', token, { good, ok: { claims: own } })
  yield accepted('the same token in its last moment', token, { good, now: NOW + 59.999 })
  yield accepted('the same token with all that it says', token, {
    good: { token, expected: {} },
    expected: { scope, audience, bind: { order_id: order }, claims: { iss: issuer } },
  })
  yield accepted('another token with the same claims', sign(header({ typ: 'JWT' }), own), { good, options })
  if (family !== 'EC') return
  const { size, n } = /** @type {NonNullable<typeof CURVES[string]>} */ (CURVES[alg])
  const mirrored = toOctets(n - toNumber(octets.subarray(size)), size)
  const other = Buffer.concat([octets.subarray(0, size), mirrored]).toString('base64url')
  yield accepted('its twin, under one id', `${head}.${body}.${other}`, { good })
}

/** @param {readonly string[]} parts @param {number} place @param {string} other */
const swapped = (parts, place, other) => parts.map((part, index) => (index === place ? other : part)).join('.')
