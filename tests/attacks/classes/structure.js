// @ts-check
/** Dots, base64url and everything around a token (RFC 7515 sections 2, 7.1). */

import { encode, signSpelled } from '../sign.js'
import { accepted, refused } from '../target.js'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/**
 * The same octets in another spelling: bits behind the last octet are set. Undefined where there are none.
 *
 * @param {string} part
 */
export function stray(part) {
  const free = { 2: 15, 3: 3 }[part.length % 4]
  if (free === undefined) return undefined
  const last = ALPHABET.indexOf(part.slice(-1))
  return `${part.slice(0, -1)}${ALPHABET[last | free] === part.slice(-1) ? ALPHABET[last - 1] : ALPHABET[last | free]}`
}

const AROUND = [
  ' ',
  '\t',
  '\n',
  '\r',
  '\r\n',
  '\0',
  '\v',
  '\f',
  '\u00a0',
  '\u0085',
  '\u200b',
  '\u2028',
  '\ufeff',
  '"',
  "'",
  ',',
  ';',
]
const FOREIGN = ['=', '+', '/', '%', ' ', '\n', '\0', '!', '*', ':', '\u00a0', 'é', 'а', '＝', '．', '😀']

/** @param {import('../target.js').Target} target */
export function* structure({ alg, key, random, good, sign, header, claims, other }) {
  const token = good()
  const parts = token.split('.')
  const [head = '', body = '', mark = ''] = parts
  const bad = (/** @type {string} */ name, /** @type {string} */ text, reason = 'token_malformed') =>
    refused(name, reason, text)
  yield bad('nothing', '', 'token_missing')
  for (const text of [
    '.',
    '..',
    '...',
    '....',
    'a',
    'a.b',
    head,
    `${head}.${body}`,
    `${head}${body}.${mark}`,
    `${token}.`,
    `.${token}`,
    `${token}.${mark}`,
    `${token}..`,
  ]) {
    const reason = text === '..' ? 'header_malformed' : 'token_malformed'
    yield bad(`${text.split('.').length - 1} dots, ${text.length} characters`, text, reason)
  }
  yield bad('five parts', `${head}..${random.text(16)}.${body}.${random.text(22)}`)
  for (const text of AROUND) {
    const shown = JSON.stringify(text)
    yield bad(`${shown} behind`, `${token}${text}`)
    yield bad(`${shown} in front`, `${text}${token}`)
    yield bad(`${shown} around a dot`, `${head}.${text}${body}.${mark}`)
  }
  for (const [index, name] of ['header', 'payload', 'signature'].entries()) {
    const part = parts[index] ?? ''
    /** @param {string} spelled Signed as it is spelled. */
    const respelled = (spelled) => {
      if (index === 2) return `${head}.${body}.${spelled}`
      return index === 0 ? signSpelled(key, spelled, body) : signSpelled(key, head, spelled)
    }
    for (const text of FOREIGN) {
      const at = random.below(part.length)
      yield bad(`${JSON.stringify(text)} in the ${name}`, respelled(`${part.slice(0, at)}${text}${part.slice(at + 1)}`))
    }
    yield bad(`the ${name} padded`, respelled(`${part}${'='.repeat(-part.length & 3) || '='}`))
    yield bad(`the ${name} padded once too often`, respelled(`${part}${'='.repeat((-part.length & 3) + 1)}`))
    const other = stray(part)
    if (other !== undefined) yield bad(`a stray bit in the ${name}`, respelled(other))
    const cut = part.slice(0, part.length - ((part.length - 1) & 3))
    yield bad(`a ${name} of a length that encodes nothing`, respelled(cut))
    yield bad(`the ${name} percent-encoded`, respelled(`%${part.charCodeAt(0).toString(16)}${part.slice(1)}`))
  }
  yield bad('standard base64', signSpelled(key, head, Buffer.from([0xfb, 0xff, 0xfe]).toString('base64')))
  yield bad('percent-encoded dots', token.replaceAll('.', '%2E'))
  yield bad('wholly percent-encoded', [...token].map((letter) => `%${letter.charCodeAt(0).toString(16)}`).join(''))
  yield bad('in quotes', JSON.stringify(token))
  yield bad('with its scheme', `Bearer ${token}`)
  yield bad('two of them', `${token} ${token}`)
  yield bad('two of them, with a comma', `${token},${token}`)
  yield bad('in base64url', encode(token))
  yield bad('the Flattened JSON Serialization', JSON.stringify({ protected: head, payload: body, signature: mark }))
  yield bad(
    'the General JSON Serialization',
    JSON.stringify({ payload: body, signatures: [{ protected: head, signature: mark }] }),
  )
  yield bad('a header that is not encoded', `{"alg":"${alg}"}.${body}.${mark}`)
  yield bad('behind a tilde', `${token}~${random.text(20)}`)
  yield bad('before a tilde', `${random.text(20)}~${token}`)
  yield bad('a tilde alone', `${token}~`)
  yield bad('a detached payload', `${head}..${mark}`, 'signature_invalid')
  yield bad('no signature', `${head}.${body}.`, 'signature_invalid')
  yield bad('no header', `.${body}.${mark}`, 'header_malformed')
  yield bad('header and payload exchanged', `${body}.${head}.${mark}`, 'header_malformed alg')
  yield bad('payload and signature exchanged', `${head}.${mark}.${body}`, 'signature_invalid')
  yield bad(
    'the header of another token',
    `${encode({ alg, typ: 'JWT', a: random.text(4) })}.${body}.${mark}`,
    'signature_invalid',
  )
  yield bad('the payload of another token', `${head}.${encode(claims())}.${mark}`, 'signature_invalid')
  yield bad('the signature of another token', `${head}.${body}.${good().split('.')[2]}`, 'signature_invalid')
  yield bad('of another algorithm', sign({ alg: other.alg }, claims(), other), 'alg_not_allowed alg')
  const upper = mark.toUpperCase() === mark ? mark.toLowerCase() : mark.toUpperCase()
  const reason = stray(mark) === undefined ? 'signature_invalid' : undefined
  if (reason !== undefined) yield bad('the signature in capitals', `${head}.${body}.${upper}`, reason)
  yield accepted('an ordinary token', sign(header({ typ: 'JWT' }), claims()))
  yield accepted(
    'a token whose octets need every character',
    sign(header({ a: '\u00ff~?>' }), claims({ b: '???>>>~~~' })),
  )
}
