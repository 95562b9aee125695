// @ts-check
/** Tokens bound to a key or a certificate: accepted only with proof of possession (RFC 7800, RFC 9449, RFC 8705). */

import { accepted, refused } from '../target.js'

/** @param {import('../target.js').Target} target */
export function* bound({ random, key, stranger, claims, sign, header, good, options }) {
  const thumbprint = random.text(43)
  const values = [
    { jkt: thumbprint },
    { 'x5t#S256': thumbprint },
    { jkt: thumbprint, 'x5t#S256': thumbprint },
    { jwk: stranger.jwk },
    { jwe: random.text(80) },
    { kid: random.text(8) },
    { jku: 'https://evil.example/k' },
    { jkt: '' },
    { jkt: null },
    { jkt: [] },
    { jkt: 7 },
    { unknown: true },
    JSON.parse('{"__proto__":{"jkt":"x"}}'),
    ...[{}, [], [{}], null, true, false, 0, 1, '', thumbprint],
  ]
  for (const cnf of values) {
    const shown = JSON.stringify(cnf).slice(0, 24)
    yield refused(`cnf ${shown}`, 'proof_missing cnf', good({ cnf }))
    yield refused(
      `cnf ${shown}, and DPoP in the header`,
      'proof_missing cnf',
      sign(header({ typ: 'at+jwt' }), claims({ cnf, token_type: 'DPoP' })),
    )
  }
  yield refused(
    'cnf spelled in escapes',
    'proof_missing cnf',
    sign(header(), JSON.stringify(claims({ cnf: { jkt: thumbprint } })).replace('"cnf"', '"\\u0063nf"')),
  )
  const scope = { options: { ...options, scope: 'x' }, good: { token: good({ scope: 'x' }) } }
  yield refused('cnf, and a scope too little', 'proof_missing cnf', good({ cnf: { jkt: thumbprint } }), scope)
  yield refused('cnf, and expired', 'token_expired exp', good({ cnf: { jkt: thumbprint }, exp: 1 }))
  yield refused(
    'a DPoP proof as a token',
    'claim_missing iss',
    sign(header({ typ: 'dpop+jwt', jwk: key.family === 'HMAC' ? {} : key.jwk }), {
      htm: 'GET',
      htu: 'https://api.example',
      iat: 1_700_000_000,
      jti: random.text(8),
    }),
  )
  const token = good({ cnf: { jkt: thumbprint } })
  const proof = { jwt: 'a.b.c', method: 'GET', url: 'https://api.example' }
  yield refused('a proof that is not a JWS', 'proof_invalid', token, { expected: { proof } })
  yield refused('a certificate in place of a proof', 'proof_missing cnf', token, {
    expected: { certificateThumbprint: thumbprint },
  })
  yield refused('a proof and a token that is not bound', 'proof_invalid cnf', good(), { expected: { proof } })
  const bound = good({ cnf: { 'x5t#S256': thumbprint } })
  yield accepted('the certificate that the token is bound to', bound, {
    expected: { certificateThumbprint: thumbprint },
  })
  yield refused('another certificate', 'proof_invalid cnf', bound, {
    expected: { certificateThumbprint: random.text(43) },
  })
  yield accepted('cnf of another party', good({ act: { cnf: { jkt: thumbprint } } }))
  yield accepted('cnf in another case', good({ CNF: { jkt: thumbprint } }))
}
