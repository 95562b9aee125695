// @ts-check
/** alg none, and algorithms that are no text or no algorithm (RFC 7515 section 4.1.1, RFC 8725 section 3.1). */

import { ALGORITHMS } from '../keys.js'
import { encode } from '../sign.js'
import { accepted, mistaken, refused } from '../target.js'

/** @param {string} name */
const isAlgorithm = (name) => ALGORITHMS.some((alg) => alg === name)

/** @param {import('../target.js').Target} target */
export function* none({ alg, random, good, sign, claims, unsigned }) {
  const signatures = [
    ['no signature', () => ''],
    ['chance', () => random.octets(random.one([1, 32, 64, 256])).toString('base64url')],
    ['a good signature', () => unsigned().octets.toString('base64url')],
  ]
  const spellings = [
    ...['none', 'None', 'NONE', 'nOnE', 'none ', ' none', 'none\0', 'NONE\n', 'nоne', 'none,none', '', ' '],
    ...[alg.toLowerCase(), ` ${alg}`, `${alg} `, `${alg}\0`, `${alg}\0none`, `${alg},none`, `none,${alg}`],
    ...[
      alg.replace('S', 'Ｓ').replace('d', 'ｄ'),
      alg.slice(0, -1),
      `${alg}${alg}`,
      'null',
      'HS1',
      'RS1',
      'ES257',
      'A256GCM',
    ],
  ]
  for (const [index, spelling] of spellings.filter((name) => !isAlgorithm(name)).entries()) {
    const [title, make] = /** @type {[string, () => string]} */ (signatures[index % 3])
    const token = `${encode({ alg: spelling })}.${encode(claims())}.${make()}`
    yield refused(`alg ${JSON.stringify(spelling)}, with ${title}`, 'alg_not_supported alg', token)
  }
  for (const [title, make] of signatures) {
    const token = `${encode({ typ: 'JWT', alg: 'none' })}.${encode(claims())}.${/** @type {() => string} */ (make)()}`
    yield refused(`alg none, with ${title}`, 'alg_not_supported alg', token)
  }
  for (const value of ['null', '0', '1', 'true', 'false', '[]', `["${alg}"]`, '{}', `{"alg":"${alg}"}`]) {
    yield refused(`alg ${value}, well signed`, 'header_malformed alg', sign(`{"alg":${value}}`, claims()))
  }
  for (const header of ['{}', '{"typ":"JWT"}', `{"Alg":"${alg}"}`, `{"ALG":"${alg}"}`, `{"alg ":"${alg}"}`]) {
    yield refused(`header ${header}, well signed`, 'header_malformed alg', sign(header, claims()))
  }
  for (const algorithms of [['none'], [alg, 'none'], [], [''], [null], [alg.toLowerCase()], 'none', null]) {
    const options = { issuer: null, audience: null, algorithms }
    yield mistaken(`a policy of algorithms ${JSON.stringify(algorithms)}`, 'algorithms', { options })
  }
  const escaped = [...alg].map((letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')
  yield accepted('alg spelled in escapes', sign(`{"\\u0061lg":"${escaped}"}`, claims()))
  yield accepted('an ordinary token', good())
}
