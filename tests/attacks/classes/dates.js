// @ts-check
/** NumericDate: types, boundaries, overflow, and the settings about time (RFC 7519 sections 2, 4.1.4 to 4.1.6). */

import { accepted, mistaken, NOW, refused } from '../target.js'

/** No number. */
const TYPES = [
  '"1700000600"',
  '"2023-11-14T22:28:20Z"',
  'null',
  'true',
  'false',
  '[]',
  '[1700000600]',
  '{}',
  '{"$date":1}',
  '""',
  '"NaN"',
  '"Infinity"',
]

/** Numbers outside NumericDate. */
const OUTSIDE = [
  '-1',
  '-0.001',
  '-1e300',
  '253402300799.001',
  '253402300800',
  '1700000600000',
  '9007199254740993',
  '1e308',
  '18446744073709551616',
  '-9223372036854775808',
  '4294967296e9',
]

/** @param {import('../target.js').Target} target */
export function* dates({ random, claims, sign, header, options, good }) {
  const text = (/** @type {string} */ name, /** @type {string} */ value) => {
    const { [name]: _, ...others } = /** @type {Record<string, unknown>} */ (claims())
    return sign(header(), `{"${name}":${value},${JSON.stringify(others).slice(1)}`)
  }
  for (const name of ['exp', 'nbf', 'iat']) {
    for (const value of [...TYPES, ...OUTSIDE])
      yield refused(`${name} ${value}`, `claim_malformed ${name}`, text(name, value))
  }
  const long = random.below(10 ** 6) + 1
  for (const past of [0, 0.001, 0.5, 1, long])
    yield refused(`exp ${past} s ago`, 'token_expired exp', good({ exp: NOW - past }))
  yield refused('exp at the epoch', 'token_expired exp', good({ exp: 0 }))
  yield refused('exp -0', 'token_expired exp', text('exp', '-0'))
  yield refused('exp 1e-999', 'token_expired exp', text('exp', '1e-999'))
  yield refused('exp absent', 'claim_missing exp', good({ exp: undefined }))
  for (const ahead of [0.001, 1, long])
    yield refused(`nbf in ${ahead} s`, 'token_not_yet_valid nbf', good({ nbf: NOW + ahead }))
  yield refused('nbf at the end of time', 'token_not_yet_valid nbf', good({ nbf: 253402300799 }))
  const leeway = 1 + random.below(300)
  const tolerant = { options: { ...options, leewaySeconds: leeway }, good: { token: good({ exp: NOW }) } }
  yield refused('exp as long ago as the leeway', 'token_expired exp', good({ exp: NOW - leeway }), tolerant)
  yield refused('nbf beyond the leeway', 'token_not_yet_valid nbf', good({ nbf: NOW + leeway + 0.5 }), tolerant)
  yield accepted('exp just within the leeway', good({ exp: NOW - leeway + 0.5 }), tolerant)
  yield accepted('nbf as far ahead as the leeway', good({ nbf: NOW + leeway }), tolerant)
  const age = 1 + random.below(10_000)
  const young = { options: { ...options, maxAgeSeconds: age }, good: { token: good({ iat: NOW }) } }
  yield refused('older than it may be', 'token_too_old iat', good({ iat: NOW - age - 0.5 }), young)
  yield refused('issued in the future', 'token_not_yet_valid iat', good({ iat: NOW + 0.5 }), young)
  yield refused('no iat where an age is asked for', 'claim_missing iat', good({ iat: undefined }), young)
  yield accepted('as old as it may be', good({ iat: NOW - age }), young)
  yield accepted('issued in this second', good({ iat: NOW }), young)
  const life = 100 + random.below(10_000)
  const short = { options: { ...options, maxLifetimeSeconds: life }, good: { token: good({ iat: NOW, exp: NOW + 1 }) } }
  yield refused('a life too long', 'lifetime_too_long exp', good({ iat: NOW, exp: NOW + life + 0.5 }), short)
  yield refused('no iat where a lifetime is asked for', 'claim_missing iat', good({ iat: undefined }), short)
  yield refused('a life begun in the future', 'token_not_yet_valid iat', good({ iat: NOW + 1, exp: NOW + 2 }), short)
  yield accepted('a life as long as it may be', good({ iat: NOW, exp: NOW + life }), short)
  const settings = /** @type {const} */ ([
    ['leewaySeconds', [301, 2 ** 53 + 2, -1, 0.5, '5', null, true, [1], 1e300]],
    ['maxAgeSeconds', [0, -1, 0.5, 2 ** 32, '5', null, true, {}]],
    ['maxLifetimeSeconds', [0, -1, 0.5, 2 ** 32, '5', null, true, []]],
    ['expiry', ['never', '', null, true, false, 0, ['optional']]],
  ])
  for (const [name, values] of settings) {
    for (const value of values) {
      yield mistaken(`${name} ${JSON.stringify(value)}`, name, { options: { ...options, [name]: value } })
    }
  }
  for (const now of [-1, 253402300800, 1700000000000, 1e300]) {
    yield mistaken(`the time is ${now}`, 'now', { now })
  }
  const optional = { ...options, expiry: 'optional' }
  yield accepted('no exp where none is required', good({ exp: undefined }), { options: optional })
  yield refused('exp gone by where none is required', 'token_expired exp', good({ exp: NOW }), { options: optional })
  yield accepted('exp in a moment', good({ exp: NOW + 0.001 }))
  yield accepted('exp with an exponent', text('exp', '1.7000006e9'))
  yield accepted('exp at the end of time', good({ exp: 253402300799 }))
  yield accepted('nbf in this second', good({ nbf: NOW }))
  yield accepted('iat in the future where no age is asked for', good({ iat: NOW + 1000 }))
}
