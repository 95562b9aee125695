// @ts-check
/** `crit` and `b64`: no extension is implemented, so none may be asked for (RFC 7515 section 4.1.11, RFC 7797). */

import { encode, signSpelled } from '../sign.js'
import { accepted, refused } from '../target.js'

/** @param {import('../target.js').Target} target */
export function* crit({ alg, random, key, claims, sign, good, header }) {
  const url = `http://example.invalid/${random.text(6)}`
  const own = `x-${random.text(6)}`
  const values = [
    ...['[]', '["exp"]', '["b64"]', '["alg"]', '["typ"]', '["kid"]', '["crit"]', '["jwk"]', '["x5c"]', '[""]', '[" "]'],
    ...[
      'null',
      'true',
      'false',
      '0',
      '1',
      '""',
      '"exp"',
      '{}',
      '{"exp":true}',
      '[null]',
      '[1]',
      '[[]]',
      '[["exp"]]',
      '[{}]',
    ],
    ...[
      '["b64","b64"]',
      '["exp","b64"]',
      `["${own}"]`,
      `["${url}"]`,
      `["${own}","${own}"]`,
      '["__proto__"]',
      '["iss","aud"]',
    ],
  ]
  const members = ['', ',"exp":1', ',"b64":true', `,"${own}":1,"${url}":1`]
  for (const [index, value] of values.entries()) {
    const text = `{"alg":"${alg}","crit":${value}${members[index % members.length]}}`
    yield refused(`crit ${value}${members[index % members.length]}`, 'crit_not_supported crit', sign(text, claims()))
    yield refused(
      `crit ${value} before alg`,
      'crit_not_supported crit',
      sign(`{"crit":${value},"alg":"${alg}"}`, claims()),
    )
  }
  yield refused(
    'crit spelled in escapes',
    'crit_not_supported crit',
    sign(`{"alg":"${alg}","\\u0063rit":["exp"]}`, claims()),
  )
  const plain = JSON.stringify(claims())
  const head = encode({ alg, b64: false, crit: ['b64'] })
  yield refused(
    'b64 false, the payload encoded',
    'crit_not_supported crit',
    sign({ alg, b64: false, crit: ['b64'] }, plain),
  )
  yield refused('b64 false without crit', 'crit_not_supported crit', sign({ alg, b64: false }, plain))
  yield refused('b64 false, the payload as it is', 'token_malformed', signSpelled(key, head, plain))
  yield refused(
    'b64 false, the payload as it is, of base64url characters',
    'crit_not_supported crit',
    signSpelled(key, head, random.text(40)),
  )
  for (const value of ['"false"', '"true"', '0', '1', 'null', '[]', '{}', '[false]']) {
    yield refused(`b64 ${value}`, 'header_malformed b64', sign(`{"alg":"${alg}","b64":${value}}`, claims()))
  }
  yield accepted('an extension that crit does not list', sign(header({ [own]: true, [url]: { a: 1 } }), claims()))
  yield accepted('a claim called crit', good({ crit: ['exp'], b64: false }))
  yield accepted('crit in another case', sign(header({ CRIT: ['exp'], Crit: [] }), claims()))
}
