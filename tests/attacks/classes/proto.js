// @ts-check
/** Names that JavaScript gives a meaning to: in a token they are data, and no claim is inherited (CWE-1321). */

import { accepted, NOW, refused } from '../target.js'

/** What every object of JavaScript inherits. */
const INHERITED = [
  ...[
    '__proto__',
    'constructor',
    'toString',
    'valueOf',
    'hasOwnProperty',
    'isPrototypeOf',
    'toLocaleString',
    'propertyIsEnumerable',
  ],
  ...[
    '__defineGetter__',
    '__defineSetter__',
    '__lookupGetter__',
    '__lookupSetter__',
    'then',
    'toJSON',
    'prototype',
    'length',
  ],
]

/** @param {import('../target.js').Target} target */
export function* proto({ alg, issuer, audience, options, claims, sign, header, good, random }) {
  const whole = `{"iss":"${issuer}","aud":"${audience}","exp":${NOW + 600},"sub":"${random.text(6)}"}`
  yield refused('alg in __proto__', 'header_malformed alg', sign(`{"__proto__":{"alg":"${alg}"}}`, claims()))
  yield refused(
    'alg in constructor',
    'header_malformed alg',
    sign(`{"constructor":{"prototype":{"alg":"${alg}"}}}`, claims()),
  )
  yield refused(
    'none in __proto__ and none outside',
    'header_malformed alg',
    sign('{"__proto__":{"alg":"none"}}', claims()),
  )
  for (const name of ['__proto__', 'constructor', 'prototype', 'valueOf']) {
    yield refused(`all claims in ${name}`, 'claim_missing iss', sign(header(), `{"${name}":${whole}}`))
    yield refused(
      `all claims but the issuer, ${name}`,
      'claim_missing iss',
      sign(header(), `{${whole.slice(1, -1).replace('"iss"', `"${name}":{"x":1},"xiss"`)}}`),
    )
  }
  yield refused(
    'exp in __proto__',
    'claim_missing exp',
    sign(header(), `{"iss":"${issuer}","aud":"${audience}","__proto__":{"exp":${NOW + 600}}}`),
  )
  yield refused(
    'aud in __proto__',
    'claim_missing aud',
    sign(header(), `{"iss":"${issuer}","exp":${NOW + 600},"__proto__":{"aud":"${audience}"}}`),
  )
  for (const name of INHERITED) {
    const required = {
      options: { ...options, requiredClaims: [name] },
      good: { token: sign(header(), JSON.stringify(claims()).replace('{', `{"${name}":1,`)) },
    }
    yield refused(`${name} is required and inherited`, `claim_missing ${name}`, good(), required)
    const inside = {
      options: { ...options, requiredClaims: [`/a/${name}`] },
      good: { token: sign(header(), claims({ a: JSON.parse(`{"${name}":1}`) })) },
    }
    yield refused(`/a/${name} is required and inherited`, `claim_missing /a/${name}`, good({ a: {} }), inside)
    const bind = {
      options: { ...options, bind: ['o'] },
      expected: { bind: { o: name } },
      good: { token: good({ o: name }), expected: { bind: { o: name } } },
    }
    yield refused(`bound to ${name}`, 'binding_mismatch o', good({ o: {} }), bind)
    yield accepted(
      `a claim called ${name}`,
      sign(header(), JSON.stringify(claims()).replace('{', `{"${name}":{"admin":true},`)),
    )
  }
  const scope = random.text(8)
  const scoped = { options: { ...options, scope }, good: { token: good({ scope }) } }
  yield refused(
    'scope in __proto__',
    'scope_insufficient scope',
    sign(header(), JSON.stringify(claims()).replace('{', `{"__proto__":{"scope":"${scope}"},`)),
    scoped,
  )
  const admin = { options: { ...options, claims: { admin: true } }, good: { token: good({ admin: true }) } }
  yield refused(
    'admin in __proto__',
    'claim_missing admin',
    sign(header(), JSON.stringify(claims()).replace('{', '{"__proto__":{"admin":true},')),
    admin,
  )
  yield refused(
    'admin in constructor.prototype',
    'claim_missing admin',
    sign(header(), JSON.stringify(claims()).replace('{', '{"constructor":{"prototype":{"admin":true}},')),
    admin,
  )
  yield accepted(
    'nested __proto__',
    sign(header(), JSON.stringify(claims()).replace('{', '{"a":{"__proto__":{"__proto__":{"b":1}}},')),
  )
  yield accepted('__proto__ in the header', sign(`{"alg":"${alg}","__proto__":{"alg":"none","kid":"x"}}`, claims()))
}
