// @ts-check
/** Duplicate members, at every depth and in every spelling (RFC 7515 section 4, RFC 7519 section 4). */

import { accepted, refused } from '../target.js'

/** Text with its first letter as an escape. @param {string} name */
const escaped = (name) => `\\u${name.charCodeAt(0).toString(16).padStart(4, '0')}${name.slice(1)}`

/** @param {import('../target.js').Target} target */
export function* duplicates({ alg, random, claims, sign, header }) {
  const others = JSON.stringify(claims()).slice(1, -1)
  const name = random.text(8).replaceAll('-', '_')
  const headers = [
    `{"alg":"${alg}","alg":"${alg}"}`,
    `{"alg":"none","alg":"${alg}"}`,
    `{"alg":"${alg}","alg":"none"}`,
    `{"alg":"${alg}","${escaped('alg')}":"none"}`,
    `{"${escaped('alg')}":"${alg}","alg":"${alg}"}`,
    `{"alg":"${alg}","kid":"a","kid":"b"}`,
    `{"alg":"${alg}","kid":"a","${escaped('kid')}":"a"}`,
    `{"alg":"${alg}","typ":"JWT","typ":"JWT"}`,
    `{"alg":"${alg}","crit":[],"crit":[]}`,
    `{"alg":"${alg}","jwk":{"kty":"oct","kty":"EC"}}`,
    `{"alg":"${alg}","${name}":1,"${name}":1}`,
    `{"alg":"${alg}","${name}":[{"a":1,"a":1}]}`,
    `{"alg":"${alg}","__proto__":1,"__proto__":1}`,
    `{"alg":"${alg}","":1,"":2}`,
  ]
  for (const text of headers)
    yield refused(`header ${text.replaceAll(name, 'name')}`, 'header_malformed', sign(text, claims()))
  const many = Array.from({ length: 40 }, (_, index) => `"m${index}":${index}`)
  const bodies = [
    ...['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti', 'scope', 'cnf'].map(
      (claim) => `"${claim}":"a","${claim}":"a"`,
    ),
    ...['iss', 'exp', 'aud'].map((claim) => `"${claim}":"a","${escaped(claim)}":"a"`),
    `"${name}":1,"${name}":2`,
    `"${name}":{"a":1,"b":2,"a":1}`,
    `"${name}":[[{"a":{"b":1,"b":1}}]]`,
    `"${name}":{"a":1,"${escaped('a')}":1}`,
    `"__proto__":{},"__proto__":{}`,
    `"constructor":1,"${escaped('constructor')}":1`,
    `"":1,"":1`,
    `"a\\/b":1,"a/b":1`,
    `"\\n":1,"${'\\u000a'}":1`,
    `"\\ud83d\\ude00":1,"😀":1`,
    `${many.join()},"m${random.below(40)}":true`,
    `"o":{${many.join()},"m${random.below(40)}":true}`,
    `${many.join()},"${escaped('m')}${random.below(40)}":true`,
  ]
  for (const body of bodies) {
    const shown = body.length > 60 ? `${body.slice(0, 30)}…${body.slice(-14)}` : body
    for (const text of [`{${body}}`, `{${others.replaceAll(/"(iss|sub|aud|exp|nbf|iat|jti)":/g, '"x$1":')},${body}}`]) {
      yield refused(
        `claims ${shown.replaceAll(name, 'name')}, ${text.length} characters`,
        'claims_malformed',
        sign(header(), text),
      )
    }
  }
  yield refused('two issuers, the good one last', 'claims_malformed', sign(header(), `{"iss":"x",${others}}`))
  yield refused('two issuers, the good one first', 'claims_malformed', sign(header(), `{${others},"iss":"x"}`))
  yield accepted(
    'one name at two depths',
    sign(header({ a: { a: { a: 1 } } }), `{${others},"a":{"iss":1,"a":[{"a":1},{"a":1}]}}`),
  )
  yield accepted('names that differ in case', sign(header({ Alg: 1, ALG: 2 }), `{${others},"ISS":1,"Iss":2}`))
  yield accepted('names that only normalization makes one', sign(header(), `{${others},"é":1,"e\u0301":2}`))
  yield accepted('many members', sign(header(), `{${others},${many.join()}}`))
}
