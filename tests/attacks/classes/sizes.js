// @ts-check
/** Size limits: just above each one a refusal, just below none (`src/encoding/limits.rs`). */

import { encode } from '../sign.js'
import { accepted, mistaken, refused, setOf, taken } from '../target.js'

/** @param {import('../target.js').Target} target */
export function* sizes({ random, header, claims, sign, good, options, key, stranger }) {
  const base = good().length
  const large = { options: { ...options, maxTokenBytes: 1_048_576 } }
  /** A good token of so many octets, or of a few less: three octets of JSON make four characters. @param {number} octets */
  const ofLength = (octets) => {
    let token = ''
    for (let text = Math.floor(((octets - base) * 3) / 4) - 16; token.length < octets; text += 1) {
      const longer = good({ a: 'x'.repeat(Math.max(0, text)) })
      if (longer.length > octets) break
      token = longer
    }
    return token
  }
  for (const limit of [base + 100 + random.below(200), base + 500 + random.below(500)]) {
    const token = ofLength(limit)
    const small = { options: { ...options, maxTokenBytes: token.length }, good: { token } }
    yield accepted(`as long as the policy allows, ${limit}`, token, small)
    yield refused(
      `beyond what the policy allows, ${limit}`,
      'token_too_large',
      good({ a: 'x'.repeat(token.length) }),
      small,
    )
    for (const text of ['a', '.', '\0', 'é', '😀', ' ', '~', '{']) {
      const junk = text.repeat(token.length + 1)
      yield refused(`${JSON.stringify(text)}, ${limit} times and once`, 'token_too_large', junk, small)
    }
    yield refused('dots, as many as are allowed', 'token_malformed', '.'.repeat(token.length), small)
  }
  for (const more of [1, 1 + random.below(3000)]) {
    yield refused(
      `${more} octets beyond the default`,
      'token_too_large',
      `${good()}${'A'.repeat(16_384 + more)}`.slice(0, 16_384 + more),
    )
  }
  yield refused('dots beyond the default', 'token_too_large', '.'.repeat(16_385))
  yield refused(
    'a header beyond its limit',
    'token_too_large',
    sign(header({ a: 'x'.repeat(6200 + random.below(900)) }), claims()),
  )
  yield refused('a header of one character too many', 'token_too_large', `${'A'.repeat(8193)}.${encode(claims())}.`)
  yield refused(
    'a header of as many as are allowed, and nothing',
    'header_malformed',
    `${'A'.repeat(8192)}.${encode(claims())}.`,
  )
  yield refused(
    'an x5c beyond the limit',
    'token_too_large x5c',
    sign(header({ x5c: Array.from({ length: 6 }, () => random.text(1200)) }), claims()),
  )
  for (const octets of [1025, 1100 + random.below(2000)]) {
    yield refused(
      `a kid of ${octets} octets`,
      'token_too_large kid',
      sign(header({ kid: random.text(octets) }), claims()),
    )
  }
  yield refused(
    'a kid of 1026 octets, in 513 characters',
    'token_too_large kid',
    sign(header({ kid: 'é'.repeat(513) }), claims()),
  )
  const named = taken(key, { kid: random.text(1024) })
  yield accepted(
    'a kid as long as allowed',
    sign(header({ kid: /** @type {{ kid: string }} */ (/** @type {unknown} */ (named)).kid }), claims()),
    { keys: named },
  )
  const audiences = (/** @type {number} */ count) => Array.from({ length: count }, (_, index) => `${index}`)
  for (const count of [1001, 1002 + random.below(500)]) {
    yield refused(`${count} audiences`, 'token_too_large aud', good({ aud: audiences(count) }), large)
  }
  yield accepted('1000 audiences', good({ aud: [...audiences(999), options.audience] }), large)
  const scopes = (/** @type {number} */ count) => Array.from({ length: count }, () => 'a').join(' ')
  yield refused('10,001 scope-tokens', 'token_too_large scope', good({ scope: scopes(10_001) }), large)
  yield refused(
    '10,001 scope-tokens in two claims',
    'token_too_large scp',
    good({ scope: scopes(9_000), scp: scopes(1_001).split(' ') }),
    large,
  )
  yield accepted('10,000 scope-tokens', good({ scope: scopes(10_000) }), large)
  const many = (/** @type {number} */ place, /** @type {number} */ count) =>
    setOf(...Array.from({ length: count }, (_, index) => ({ ...(index === place ? key.jwk : stranger.jwk), kid: 'k' })))
  const first = { keys: many(8, 9), good: { token: sign(header({ kid: 'k' }), claims(), stranger) } }
  yield refused('the ninth key of its kid', 'key_not_found kid', sign(header({ kid: 'k' }), claims()), first)
  yield accepted('the eighth key of its kid', sign(header({ kid: 'k' }), claims()), { keys: many(7, 8) })
  for (const value of [0, -1, 1_048_577, 0.5, '5', null, true]) {
    yield mistaken(`maxTokenBytes ${JSON.stringify(value)}`, 'maxTokenBytes', {
      options: { ...options, maxTokenBytes: value },
    })
  }
  yield accepted('an ordinary token under the largest limit', good(), large)
}
