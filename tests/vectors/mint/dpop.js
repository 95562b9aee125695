// @ts-check
/**
 * Proof of possession: DPoP proofs for every step of RFC 9449 section 4.3, and client certificates (RFC 8705 section 3).
 *
 * @module
 */

import { calculateJwkThumbprint } from 'jose'
import { b64u, err, forge, hash, keys, mint, NOW, ok, publicJwk, typeError, write } from './lib.js'

const issuer = keys.rs256
const options = { issuer: null, audience: null, algorithms: ['RS256'] }
const url = 'https://api.example/orders/7'
const method = 'POST'
const certificate = hash('a certificate')

/** @param {import('./lib.js').SigningKey} key */
const thumbprint = (key) => calculateJwkThumbprint(publicJwk(key))

/** @param {Record<string, unknown>} [claims] */
const token = (claims) => mint(issuer, { exp: NOW + 300, ...claims })

const key = keys.ed25519
const bound = await token({ cnf: { jkt: await thumbprint(key) } })

/**
 * @typedef {object} Proof
 * @property {import('./lib.js').SigningKey} [by]
 * @property {Record<string, unknown>} [header]
 * @property {Record<string, unknown>} [claims]
 */

/** The header and the claims of a proof for `bound`. @param {Proof} [parts] */
const parts = ({ by = key, header = {}, claims = {} } = {}) => ({
  by,
  header: { typ: 'dpop+jwt', jwk: publicJwk(by), ...header },
  claims: { jti: 'a-b-c', htm: method, htu: url, iat: NOW, ath: hash(bound), ...claims },
})

/** A proof by jose. @param {Proof} [given] */
async function proof(given) {
  const { by, header, claims } = parts(given)
  return mint(by, claims, JSON.parse(JSON.stringify(header)))
}

/** A proof by node:crypto, whatever its header says. @param {Proof} given */
function forged(given) {
  const { by, header, claims } = parts(given)
  return forge(by, JSON.stringify({ alg: by.alg, ...header }), JSON.stringify(claims))
}

/** @type {Record<string, any>[]} */
const vectors = []

/**
 * @param {string} name @param {string} step @param {unknown} jwt @param {object} answer
 * @param {{ token?: string, request?: Record<string, unknown>, certificate?: string, now?: number }} [beside]
 */
function vector(name, step, jwt, answer, beside = {}) {
  vectors.push({
    name,
    ref: step,
    options,
    keys: { jwk: publicJwk(issuer) },
    token: beside.token ?? bound,
    expected: {
      ...(jwt === undefined ? {} : { proof: { jwt, method, url, ...beside.request } }),
      ...(beside.certificate === undefined ? {} : { certificateThumbprint: beside.certificate }),
    },
    now: beside.now ?? NOW,
    answer,
  })
}

/** @param {number} step */
const rfc = (step) => `RFC 9449 section 4.3 step ${step}`
/** @param {string} [claim] */
const invalid = (claim) => err('proof_invalid', claim)
const missing = err('proof_missing', 'cnf')

const good = await proof()
vector('a bound token with its proof', 'RFC 9449 section 7.1', good, ok())
for (const by of [keys.es256, keys.es384, keys.es512, keys.rs256Other, keys.ed25519Other]) {
  const own = await token({ cnf: { jkt: await thumbprint(by) } })
  const jwt = await proof({ by, claims: { ath: hash(own) } })
  vector(`a proof by ${by.alg} of ${by.kty} for an RS256 token`, rfc(5), jwt, ok(), { token: own })
}

vector('two proofs joined by a comma', rfc(1), `${good},${good}`, invalid())
for (const [name, jwt] of Object.entries({
  'no text': '',
  'two segments': good.split('.').slice(0, 2).join('.'),
  'a fourth segment': `${good}.`,
  'a space at the end': `${good} `,
  padding: good.replace('.', '=.'),
  'octets beyond the limit': `${good}${'A'.repeat(8192)}`,
  'a payload that is not JSON': forge(key, JSON.stringify({ alg: key.alg, ...parts().header }), 'x'),
  'a header that is not JSON': forge(key, 'x', JSON.stringify(parts().claims)),
})) {
  vector(`not one JWT: ${name}`, rfc(2), jwt, invalid())
}
for (const name of ['jti', 'htm', 'htu', 'iat', 'ath']) {
  vector(`without ${name}`, rfc(3), await proof({ claims: { [name]: undefined } }), invalid(name))
  vector(`${name} is null`, rfc(3), await proof({ claims: { [name]: null } }), invalid(name))
  vector(`${name} is an array`, rfc(3), await proof({ claims: { [name]: [method] } }), invalid(name))
}
vector('an empty jti', rfc(3), await proof({ claims: { jti: '' } }), invalid('jti'))
vector('a jti of 256 octets', rfc(3), await proof({ claims: { jti: 'j'.repeat(256) } }), ok())
vector('a jti of 257 octets', rfc(3), await proof({ claims: { jti: 'j'.repeat(257) } }), invalid('jti'))
for (const typ of [undefined, 'JWT', 'at+jwt', 'dpop', 'dpop+jwt; x=y', '']) {
  vector(`typ ${typ ?? 'absent'}`, rfc(4), await proof({ header: { typ } }), invalid('typ'))
}
vector('typ as a whole media type', rfc(4), await proof({ header: { typ: 'application/DPOP+JWT' } }), ok())
vector('alg none', rfc(5), forged({ header: { alg: 'none' } }), invalid('alg'))
vector('an unknown alg', rfc(5), forged({ header: { alg: 'XS256' } }), invalid('alg'))
vector('an HMAC', rfc(5), forged({ by: keys.hs256, header: { jwk: publicJwk(keys.hs256) } }), invalid('alg'))
vector('an HMAC with a public key', rfc(5), forged({ by: keys.hs256, header: { jwk: publicJwk(key) } }), invalid('alg'))
vector('an alg of another kind of key', rfc(5), forged({ header: { alg: 'ES256' } }), invalid('alg'))
vector('signed by another key', rfc(6), forged({ by: keys.ed25519Other, header: { jwk: publicJwk(key) } }), invalid())
vector(
  'another payload',
  rfc(6),
  good.replace(/\.[^.]+\./, `.${b64u(JSON.stringify({ ...parts().claims, jti: 'x' }))}.`),
  invalid(),
)
vector('without jwk', rfc(2), await proof({ header: { jwk: undefined } }), invalid('jwk'))
vector('a jwk that is not an object', rfc(2), forged({ header: { jwk: [publicJwk(key)] } }), invalid('jwk'))
vector('a private jwk', rfc(7), forged({ header: { jwk: publicJwk(key, { d: key.jwk.d }) } }), invalid('jwk'))
vector('crit', rfc(2), forged({ header: { crit: ['exp'], exp: 1 } }), invalid('crit'))
for (const htm of ['GET', 'post', 'POST ', '']) {
  vector(`htm ${JSON.stringify(htm)}`, rfc(8), await proof({ claims: { htm } }), invalid('htm'))
}
for (const htu of [
  'https://api.example/orders/8',
  'https://api.example/orders/7/',
  'http://api.example/orders/7',
  'https://api.example:444/orders/7',
  'https://api.example.evil.example/orders/7',
  'https://evil.example/orders/7',
  'https://api.example/Orders/7',
  '/orders/7',
  '',
]) {
  vector(`htu ${htu}`, rfc(9), await proof({ claims: { htu } }), invalid('htu'))
}
for (const htu of [
  'https://user@api.example/orders/7',
  'HTTPS://API.example:443/orders/7',
  'https://api.example/x/../orders/%37',
]) {
  vector(`htu ${htu}`, rfc(9), await proof({ claims: { htu } }), ok())
}
const query = { request: { url: `${url}?page=2#top` } }
vector('the query and the fragment of the request', rfc(9), good, ok(), query)
const nonce = await proof({ claims: { nonce: 'n-2' } })
vector('a nonce that the server did not ask for', rfc(10), nonce, ok())
vector('the nonce', rfc(10), nonce, ok(), { request: { nonce: 'n-2' } })
vector('one of two nonces', rfc(10), nonce, ok(), { request: { nonce: ['n-3', 'n-2'] } })
vector('another nonce', rfc(10), nonce, err('nonce_required', 'nonce'), { request: { nonce: 'n-3' } })
vector('no nonce', rfc(10), good, err('nonce_required', 'nonce'), { request: { nonce: 'n-3' } })
const old = await proof({ claims: { nonce: 'n-2', iat: 1 } })
vector('an old iat under the nonce', rfc(11), old, ok(), { request: { nonce: 'n-2' } })
vector('an old iat and a nonce that was not asked for', rfc(11), old, invalid('iat'))
for (const [iat, answer] of /** @type {const} */ ([
  [NOW - 300, ok()],
  [NOW - 301, invalid('iat')],
  [NOW + 300, ok()],
  [NOW + 301, invalid('iat')],
  [NOW * 1000, invalid('iat')],
])) {
  vector(`iat ${iat - NOW} seconds from now`, rfc(11), await proof({ claims: { iat } }), answer)
}
vector('an iat that is text', rfc(11), await proof({ claims: { iat: `${NOW}` } }), invalid('iat'))
vector('ath of another token', rfc(12), await proof({ claims: { ath: hash('x') } }), invalid('ath'))
vector(
  'ath in hex',
  rfc(12),
  await proof({ claims: { ath: Buffer.from(hash(bound), 'base64url').toString('hex') } }),
  invalid('ath'),
)
vector('a proof by another key', rfc(12), await proof({ by: keys.ed25519Other }), invalid('jwk'))

const unbound = await token()
const forUnbound = await proof({ claims: { ath: hash(unbound) } })
vector('a bound token without a proof', 'RFC 9449 section 7.2', undefined, missing)
vector('an unbound token with a proof', 'RFC 9449 section 7.1', forUnbound, invalid('cnf'), { token: unbound })
vector('an unbound token with a certificate', 'RFC 8705 section 3', undefined, ok(), { token: unbound, certificate })
const toCertificate = await token({ cnf: { 'x5t#S256': certificate } })
const x5t = 'RFC 8705 section 3'
vector('the certificate', x5t, undefined, ok(), { token: toCertificate, certificate })
vector('another certificate', x5t, undefined, invalid('cnf'), { token: toCertificate, certificate: hash('x') })
vector('no certificate', x5t, undefined, missing, { token: toCertificate })
const alone = await proof({ claims: { ath: hash(toCertificate) } })
vector('a proof in place of a certificate', x5t, alone, missing, { token: toCertificate })
vector('a proof beside the certificate', x5t, alone, invalid('cnf'), { token: toCertificate, certificate })
const twice = await token({ cnf: { jkt: await thumbprint(key), 'x5t#S256': certificate } })
const forTwice = await proof({ claims: { ath: hash(twice) } })
const both = 'RFC 7800 section 3.1'
vector('two methods, both proved', both, forTwice, ok(), { token: twice, certificate })
vector('two methods, only the key proved', both, forTwice, missing, { token: twice })
vector('two methods, only the certificate proved', both, undefined, missing, { token: twice, certificate })
vector('two methods, another certificate', both, forTwice, invalid('cnf'), { token: twice, certificate: hash('x') })
vector('two methods, a bad proof', both, good, invalid('ath'), { token: twice, certificate })
const unknown = await token({ cnf: { jkt: await thumbprint(key), kid: 'k' } })
const forUnknown = await proof({ claims: { ath: hash(unknown) } })
vector('a method that is not understood', both, forUnknown, missing, { token: unknown })

for (const name of ['method', 'url']) {
  vector(`the call without ${name}`, 'pkg/src/types.ts Expected.proof', good, typeError(name), {
    request: { [name]: undefined },
  })
}
vector('an unknown member of the call', 'pkg/src/types.ts Expected.proof', good, typeError('htm'), {
  request: { htm: 'GET' },
})
vector('a URL that is not absolute', 'pkg/src/types.ts Expected.proof', good, typeError('url'), {
  request: { url: '/orders/7' },
})
vector(
  'a thumbprint in hex',
  'pkg/src/types.ts Expected.certificateThumbprint',
  undefined,
  typeError('certificateThumbprint'),
  {
    token: toCertificate,
    certificate: 'ab'.repeat(32),
  },
)

// Steps that have more than one way to fail.
for (const [name, header] of /** @type {const} */ ([
  ['a jwk without kty', { jwk: { crv: 'Ed25519', x: publicJwk(key)['x'] } }],
  ['a jwk for encryption', { jwk: publicJwk(key, { use: 'enc' }) }],
  ['a jwk that may not verify', { jwk: publicJwk(key, { key_ops: ['sign'] }) }],
  ['a point that is not on its curve', { jwk: { ...publicJwk(keys.es256), y: publicJwk(keys.es256Other)['y'] } }],
])) {
  vector(
    name,
    rfc(2),
    forged({ header: { alg: name.includes('point') ? 'ES256' : key.alg, ...header } }),
    invalid('jwk'),
  )
}
for (const member of ['d', 'p', 'q', 'dp', 'dq', 'qi']) {
  const jwk = publicJwk(keys.rs256Other, { [member]: 'AQAB' })
  vector(`an RSA jwk with ${member}`, rfc(7), forged({ by: keys.rs256Other, header: { jwk } }), invalid('jwk'))
}
const secret = forged({ by: keys.hs256, header: { alg: key.alg, jwk: { kty: 'oct', k: 'AAAA' } } })
vector('a jwk that is a secret', rfc(7), secret, invalid('jwk'))
vector(
  'a member twice in the header',
  rfc(2),
  forge(
    key,
    `{"alg":"${key.alg}","typ":"dpop+jwt","typ":"dpop+jwt","jwk":${JSON.stringify(publicJwk(key))}}`,
    JSON.stringify(parts().claims),
  ),
  invalid(),
)
vector(
  'a member twice in the claims',
  rfc(2),
  forge(
    key,
    JSON.stringify({ alg: key.alg, ...parts().header }),
    JSON.stringify(parts().claims).replace('{', '{"htm":"GET",'),
  ),
  invalid(),
)
for (const htu of [`${url}?page=2`, `${url}#top`, `${url}?`, `${url}#`]) {
  vector(`htu ${htu}`, rfc(9), await proof({ claims: { htu } }), ok())
}
for (const [own, other] of /** @type {const} */ ([
  ['https://API.example/orders/7', ok()],
  ['https://api.example:443/orders/7', ok()],
  ['https://api.example/orders/%37', ok()],
  ['https://api.example/orders//7', invalid('htu')],
  ['https://api.example/orders/7/', invalid('htu')],
  ['https://api.example//orders/7', invalid('htu')],
  ['https://api.example:8443/orders/7', invalid('htu')],
])) {
  vector(`a request for ${own}`, rfc(9), good, other, { request: { url: own } })
}
for (const [name, value] of /** @type {const} */ ([
  ['a number', 7],
  ['an array', ['n-2']],
  ['null', null],
  ['empty', ''],
  ['in other case', 'N-2'],
])) {
  const jwt = await proof({ claims: { nonce: value } })
  vector(`a nonce that is ${name}`, rfc(10), jwt, err('nonce_required', 'nonce'), { request: { nonce: 'n-2' } })
}
const times = 'RFC 7519 section 4.1.4'
for (const [name, claims, answer] of /** @type {const} */ ([
  ['exp in the future', { exp: NOW + 1 }, ok()],
  ['exp now', { exp: NOW }, invalid('exp')],
  ['exp that is text', { exp: `${NOW + 60}` }, invalid('exp')],
  ['nbf now', { nbf: NOW }, ok()],
  ['nbf in the future', { nbf: NOW + 1 }, invalid('nbf')],
  ['iat with a fraction, on the last second', { iat: NOW - 300.5 }, invalid('iat')],
  ['iat below zero', { iat: -1 }, invalid('iat')],
])) {
  vector(`a proof with ${name}`, times, await proof({ claims }), answer)
}
const expired = await proof({ claims: { nonce: 'n-2', iat: 1, exp: 2 } })
vector('an expired proof under the nonce', times, expired, invalid('exp'), { request: { nonce: 'n-2' } })
for (const [name, cnf] of /** @type {const} */ ([
  ['empty', {}],
  ['null', null],
  ['text', 'jkt'],
  ['an array', [{ jkt: 'x' }]],
  ['a jkt that is not text', { jkt: 7 }],
  ['a jkt of another length', { jkt: 'AAAA' }],
  ['a jwk', { jwk: publicJwk(key) }],
])) {
  const own = await token({ cnf })
  const jwt = await proof({ claims: { ath: hash(own) } })
  vector(`a cnf that is ${name}`, both, jwt, missing, { token: own, certificate })
  vector(`a cnf that is ${name}, without a proof`, both, undefined, missing, { token: own })
}
vector('the certificate in other case', x5t, undefined, invalid('cnf'), {
  token: toCertificate,
  certificate: certificate.toLowerCase() === certificate ? certificate.toUpperCase() : certificate.toLowerCase(),
})

for (const [name, more] of Object.entries({
  'd that is null': { d: null },
  'an empty d': { d: '' },
  'a member of RSA': { p: 'AQ' },
  'a member of secrets': { k: 'AQ' },
})) {
  vector(`a jwk with ${name}`, rfc(7), forged({ header: { jwk: publicJwk(key, more) } }), invalid('jwk'))
}

write('dpop.json', vectors)
