// @ts-check
/** One algorithm's token for another's, and public keys taken for secrets (RFC 8725 sections 2.1, 3.1). */

import { createHmac } from 'node:crypto'
import { ALGORITHMS, publicOf, spki } from '../keys.js'
import { encode, hashOf } from '../sign.js'
import { accepted, mistaken, refused, secretOf, taken } from '../target.js'

/** Which algorithms the key alone would allow. @type {Record<string, RegExp>} */
const ALLOWED = { HMAC: /^HS/, RSA: /^[RP]S/, OKP: /^Ed/ }

/** @param {import('../target.js').Target} target */
export function* confusion(target) {
  const { alg, family, key, options, good, sign, claims, header, other } = target
  for (const claimed of ALGORITHMS.filter((name) => name !== alg)) {
    const token = sign({ alg: claimed }, claims())
    const listed = { ...options, algorithms: [alg] }
    yield refused(`${alg} under the name ${claimed}, not listed`, 'alg_not_allowed alg', token, { options: listed })
    if (family === 'OKP' && ALLOWED.OKP?.test(claimed)) {
      yield accepted(`${alg} under its other name ${claimed}`, token)
      continue
    }
    const fits = ALLOWED[family]?.test(claimed) ?? false
    yield refused(`${alg} under the name ${claimed}`, fits ? 'signature_invalid' : 'alg_not_allowed alg', token)
    const both = { ...options, algorithms: [alg, claimed] }
    const reason = fits ? 'signature_invalid' : 'alg_not_allowed alg'
    yield refused(`${alg} under the name ${claimed}, both listed`, reason, token, { options: both })
  }
  const named = { keys: taken(key, { alg }) }
  for (const claimed of ALGORITHMS.filter((name) => name !== alg && ALLOWED[family]?.test(name))) {
    yield refused(`${claimed} with a key for ${alg}`, 'alg_not_allowed alg', sign({ alg: claimed }, claims()), named)
  }
  yield mistaken('a key for an algorithm of another type', 'alg', { keys: taken(key, { alg: other.alg }) })
  yield mistaken('a key for no algorithm', 'alg', { keys: taken(key, { alg: 'none' }) })
  yield accepted('a key that is named for its algorithm', good(), named)
  yield accepted('a policy that lists its algorithm', sign(header(), claims()), {
    options: { ...options, algorithms: [alg] },
  })
  if (family !== 'HMAC') yield* publicKeysAsSecrets(target)
}

/** @param {import('../target.js').Target} target */
function* publicKeysAsSecrets({ alg, key, options, claims, header, other, sign }) {
  const pem = spki(key.jwk)
  const der = publicOf(key).export({ type: 'spki', format: 'der' })
  const [, ...body] = pem.split('\n').slice(0, -2)
  const number = String(key.jwk.n ?? key.jwk.x)
  /** @type {[string, string | Buffer][]} */
  const texts = [
    ['its PEM', pem],
    ['its PEM without the last line end', pem.trimEnd()],
    ['its PEM with CRLF', pem.replaceAll('\n', '\r\n')],
    ['its PEM on one line', pem.replaceAll('\n', '')],
    ['its PEM with escaped line ends', pem.replaceAll('\n', '\\n')],
    ['the base64 of its PEM', body.join('')],
    ['the base64 of its PEM, in lines', `${body.join('\n')}\n`],
    ['its DER', der],
    ['its JWK', JSON.stringify(key.jwk)],
    ['its number as base64url', number],
    ['its number', Buffer.from(number, 'base64url')],
    ['nothing', ''],
  ]
  for (const [title, secret] of texts) {
    for (const hs of ['HS256', 'HS384', 'HS512']) {
      const input = `${encode({ alg: hs })}.${encode(claims())}`
      const token = `${input}.${createHmac(hashOf(hs), secret).update(input).digest('base64url')}`
      const both = { ...options, algorithms: [alg, hs] }
      yield refused(`${hs} keyed with ${title}`, 'alg_not_allowed alg', token, { options: both })
    }
  }
  const untagged = ['PEM', 'JWK', 'JWK Set']
  for (const [index, text] of [pem, JSON.stringify(key.jwk), JSON.stringify({ keys: [key.jwk] })].entries()) {
    for (const around of ['', ' ', '\n', '\ufeff']) {
      const secret = secretOf(Buffer.from(`${around}${text}`))
      yield mistaken(`${JSON.stringify(around)} and its ${untagged[index]} as a secret`, 'secret', { keys: secret })
    }
  }
  const secret = Buffer.from(number, 'base64url')
  if (other.family === 'HMAC') {
    const keys = [taken(key), taken(other)]
    const input = `${encode({ alg: other.alg })}.${encode(claims())}`
    const token = `${input}.${createHmac(hashOf(other.alg), secret).update(input).digest('base64url')}`
    yield refused('keyed with its number, beside a secret', 'signature_invalid', token, { keys })
    yield accepted('beside a secret', sign(header(), claims()), { keys })
  }
}
