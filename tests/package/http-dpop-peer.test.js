// @ts-check
/**
 * Our verifier of DPoP requests beside that of oauth4webapi (`validateJwtAccessToken`): each case has both verdicts, and
 * where they differ, the reason.
 */

import assert from 'node:assert/strict'
import { createHash, randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { memoryStore, profiles, Verifier } from 'countersign'
import { dpop } from 'countersign/client'
import { guard } from 'countersign/fetch'
import * as DPoP from 'dpop'
import { base64url, calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from 'jose'
import * as oauth from 'oauth4webapi'

const ISSUER = 'https://issuer.example'
const AUDIENCE = 'https://api.example'
const URL_OF_REQUEST = 'https://api.example/orders/7?page=2'
const HTU = 'https://api.example/orders/7'
const NOW = Math.floor(Date.now() / 1000)

const issuer = await generateKeyPair('ES256')
const jwks = { keys: [{ ...(await exportJWK(issuer.publicKey)), kid: 'k', alg: 'ES256', use: 'sig' }] }

/** @param {string} alg */
async function keyOf(alg) {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  const jwk = await exportJWK(publicKey)
  return { alg, privateKey, publicKey, jwk, jkt: await calculateJwkThumbprint(jwk) }
}

const client = await keyOf('ES256')
const other = await keyOf('ES256')

/** @param {Record<string, unknown>} [claims] */
const mint = (claims) =>
  new SignJWT({ client_id: 'c', scope: 'read', ...claims })
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'k' })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setSubject('user')
    .setJti(randomUUID())
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(issuer.privateKey)

const bound = await mint({ cnf: { jkt: client.jkt } })
const unbound = await mint()

/** @param {string} token */
const athOf = (token) => createHash('sha256').update(token).digest('base64url')

/**
 * The proof of `bound`, with changes; `undefined` leaves a member out.
 *
 * @param {{ header?: Record<string, unknown>, claims?: Record<string, unknown>, key?: typeof client, token?: string }} [changes]
 */
async function prove({ header = {}, claims = {}, key = client, token = bound } = {}) {
  const all = { jti: randomUUID(), htm: 'GET', htu: HTU, iat: NOW, ath: athOf(token), ...claims }
  const protectedHeader = { alg: key.alg, typ: 'dpop+jwt', jwk: key.jwk, ...header }
  const plain = JSON.parse(JSON.stringify(protectedHeader))
  return await new SignJWT(JSON.parse(JSON.stringify(all))).setProtectedHeader(plain).sign(key.privateKey)
}

/** A JWS with these very parts, signed by the client's key. @param {string} header @param {string} claims */
async function spelled(header, claims) {
  const input = `${base64url.encode(header)}.${base64url.encode(claims)}`
  const algorithm = { name: 'ECDSA', hash: 'SHA-256' }
  const signature = await crypto.subtle.sign(algorithm, /** @type {any} */ (client.privateKey), Buffer.from(input))
  return `${input}.${base64url.encode(new Uint8Array(signature))}`
}

/** @typedef {{ method?: string, url?: string, headers: [string, string][] }} Sent */

/** @param {Sent} sent */
const requestOf = ({ method = 'GET', url = URL_OF_REQUEST, headers }) => new Request(url, { method, headers })

/** @param {string} proof @param {string} [token] @param {Partial<Sent>} [rest] @returns {Sent} */
const withProof = (proof, token = bound, rest = {}) => ({
  headers: [
    ['authorization', `DPoP ${token}`],
    ['dpop', proof],
  ],
  ...rest,
})

const ours = guard(
  new Verifier({
    profile: profiles.accessToken({ issuer: ISSUER, audience: AUDIENCE }),
    keys: { jwks },
    replay: memoryStore(),
  }),
  { origin: AUDIENCE, certificate: (/** @type {Request} */ request) => certificates.get(request) },
)

/** @type {WeakMap<Request, { thumbprint: string }>} */
const certificates = new WeakMap()

/** @param {Request} request */
async function theirs(request) {
  const server = { issuer: ISSUER, jwks_uri: `${ISSUER}/jwks` }
  const options = { [oauth.customFetch]: async () => Response.json(jwks) }
  try {
    await oauth.validateJwtAccessToken(server, request, AUDIENCE, options)
    return true
  } catch (error) {
    // Refusals and what it does not support alike, and a URL that it cannot read, but no mistake in this file.
    if (error instanceof TypeError && !('code' in error && error.code === 'ERR_INVALID_URL')) throw error
    return false
  }
}

/** @param {Sent} sent @param {string} [thumbprint] */
async function verdicts(sent, thumbprint) {
  const request = requestOf(sent)
  if (thumbprint !== undefined) certificates.set(request, { thumbprint })
  const peers = await theirs(requestOf(sent))
  return [(await ours(request)).ok, peers]
}

test('proofs by oauth4webapi, dpop and our own client are accepted by both', async () => {
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify'])
  const handle = oauth.DPoP({}, pair)
  const token = await mint({ cnf: { jkt: await handle.calculateThumbprint() } })
  for (const [method, url] of /** @type {const} */ ([
    ['GET', URL_OF_REQUEST],
    ['POST', 'https://api.example/'],
    ['DELETE', 'https://api.example/a%20b/%7Euser'],
  ])) {
    /** @type {Request[]} */
    const requests = []
    await oauth.protectedResourceRequest(token, method, new URL(url), new Headers(), undefined, {
      DPoP: handle,
      [oauth.customFetch]: async (/** @type {string} */ target, /** @type {any} */ { method: sent, headers }) => {
        requests.push(new Request(target, { method: sent, headers }), new Request(target, { method: sent, headers }))
        return new Response()
      },
    })
    assert.equal(await theirs(/** @type {Request} */ (requests[0])), true, method)
    assert.equal((await ours(/** @type {Request} */ (requests[1]))).ok, true, method)
  }
  for (const alg of /** @type {const} */ (['ES256', 'Ed25519', 'RS256', 'PS256'])) {
    const keyPair = await DPoP.generateKeyPair(alg)
    const own = await mint({ cnf: { jkt: await DPoP.calculateThumbprint(keyPair.publicKey) } })
    const proof = await DPoP.generateProof(keyPair, HTU, 'GET', undefined, own)
    assert.deepEqual(await verdicts(withProof(proof, own)), [true, true], alg)
  }
  const key = dpop()
  const own = await mint({ cnf: { jkt: await key.thumbprint() } })
  const proof = await key.proof({ method: 'GET', url: URL_OF_REQUEST, token: own })
  assert.deepEqual(await verdicts(withProof(proof, own)), [true, true])
})

const es256k = 'ES256K is not in Web Crypto, which oauth4webapi verifies with'
const [certificate] = [createHash('sha256').update('a certificate').digest('base64url')]
const twice = await mint({ cnf: { jkt: client.jkt, 'x5t#S256': certificate } })
const certified = await mint({ cnf: { 'x5t#S256': certificate } })
const good = await prove()
const [head = '', body = '', tail = ''] = good.split('.')
const es384 = await keyOf('ES384')
const ofEs384 = await mint({ cnf: { jkt: es384.jkt } })
const { d } = await exportJWK(client.privateKey)

/**
 * What is sent, our verdict and theirs. Where they differ: why.
 *
 * @type {[string, Sent | Promise<Sent>, boolean, boolean, (string | undefined)?, string?][]}
 */
const CASES = [
  ['the proof of the request', withProof(good), true, true],
  ['the same proof again', withProof(good), false, true, 'oauth4webapi keeps no jti (RFC 9449 section 11.1)'],
  ['no DPoP header', { headers: [['authorization', `DPoP ${bound}`]] }, false, false],
  ['a bound token as Bearer', { headers: [['authorization', `Bearer ${bound}`]] }, false, false],
  ['a bound token as Bearer, with its proof', withBearer(prove()), false, false],
  ['an unbound token as DPoP', sent(prove({ token: unbound }), unbound), false, false],
  ['an unbound token as Bearer', { headers: [['authorization', `Bearer ${unbound}`]] }, true, true],
  [
    'an unbound token as Bearer, with a stray DPoP header',
    withBearer(prove({ token: unbound }), unbound),
    true,
    false,
    'a Bearer token needs no proof, and RFC 9449 section 7.1 says nothing of a stray header',
  ],
  ['two proofs in two headers', twoProofs(), false, false],
  ['no JWT', withProof('a.b'), false, false],
  ['an empty header', withProof(''), false, false],
  ['typ JWT', sent(prove({ header: { typ: 'JWT' } })), false, false],
  ['no typ', sent(prove({ header: { typ: undefined } })), false, false],
  ['typ in full', sent(prove({ header: { typ: 'application/dpop+jwt' } })), true, true],
  ['no jwk', sent(prove({ header: { jwk: undefined } })), false, false],
  ['a jwk that is text', sent(prove({ header: { jwk: 'x' } })), false, false],
  ['a private jwk', sent(prove({ header: { jwk: { ...client.jwk, d } } })), false, false],
  [
    'alg none',
    sent(spelled(`{"alg":"none","typ":"dpop+jwt","jwk":${JSON.stringify(client.jwk)}}`, '{}')),
    false,
    false,
  ],
  ['signed by another key', sent(prove({ header: { jwk: client.jwk }, key: other })), false, false],
  ['another signature', withProof(`${head}.${body}.${tail.slice(0, -4)}AAAA`), false, false],
  ['a proof by a key that the token is not bound to', sent(prove({ key: other })), false, false],
  ['ES384', sent(prove({ key: es384, token: ofEs384 }), ofEs384), true, true],
  ...['htm', 'htu', 'iat', 'jti', 'ath'].map(
    (name) =>
      /** @type {[string, Promise<Sent>, boolean, boolean]} */ ([
        `no ${name}`,
        sent(prove({ claims: { [name]: undefined } })),
        false,
        false,
      ]),
  ),
  ['another method', sent(prove({ claims: { htm: 'POST' } })), false, false],
  ['the method in lower case', sent(prove({ claims: { htm: 'get' } })), false, false],
  ['another path', sent(prove({ claims: { htu: `${HTU}/` } })), false, false],
  ['another host', sent(prove({ claims: { htu: 'https://evil.example/orders/7' } })), false, false],
  ['http in place of https', sent(prove({ claims: { htu: HTU.replace('https', 'http') } })), false, false],
  ['htu with a query', sent(prove({ claims: { htu: URL_OF_REQUEST } })), true, true],
  [
    'htu with upper-case host and default port',
    sent(prove({ claims: { htu: 'HTTPS://API.example:443/orders/7' } })),
    true,
    true,
  ],
  ['htu with dot segments', sent(prove({ claims: { htu: 'https://api.example/x/../orders/7' } })), true, true],
  [
    'htu with an escaped digit',
    sent(prove({ claims: { htu: 'https://api.example/orders/%37' } })),
    true,
    false,
    'RFC 3986 section 6.2.2.2: an escaped unreserved character is that character; WHATWG URLs keep the escape',
  ],
  ['htu that is no URL', sent(prove({ claims: { htu: '/orders/7' } })), false, false],
  [
    'a request whose own URL is another: a proxy, or a Host header that lies',
    sent(prove(), bound, { url: 'http://internal:8080/orders/7' }),
    true,
    false,
    'our origin is an option and never read from the request; theirs is the URL of the Request',
  ],
  [
    'a proof for the URL that the Host header makes up',
    sent(prove({ claims: { htu: 'http://internal:8080/orders/7' } }), bound, { url: 'http://internal:8080/orders/7' }),
    false,
    true,
    'the same',
  ],
  ['iat 200 seconds ago', sent(prove({ claims: { iat: NOW - 200 } })), true, true],
  ['iat 310 seconds ago', sent(prove({ claims: { iat: NOW - 310 } })), false, false],
  ['iat in 290 seconds', sent(prove({ claims: { iat: NOW + 290 } })), true, true],
  ['iat in 400 seconds', sent(prove({ claims: { iat: NOW + 400 } })), false, false],
  ['iat that is text', sent(prove({ claims: { iat: String(NOW) } })), false, false],
  ['an expired proof', sent(prove({ claims: { exp: NOW - 100 } })), false, false],
  [
    'a proof that expired this minute',
    sent(prove({ claims: { exp: NOW - 10 } })),
    false,
    true,
    'oauth4webapi tolerates 30 seconds',
  ],
  ['a proof that is not valid yet', sent(prove({ claims: { nbf: NOW + 100 } })), false, false],
  ['a jti that is not text', sent(prove({ claims: { jti: 7 } })), false, false],
  [
    'an empty jti',
    sent(prove({ claims: { jti: '' } })),
    false,
    true,
    'a jti identifies the proof (RFC 9449 section 4.2); oauth4webapi keeps none',
  ],
  [
    'a jti of 257 octets',
    sent(prove({ claims: { jti: 'x'.repeat(257) } })),
    false,
    true,
    'what a client may have remembered is limited: 256 octets',
  ],
  ['ath of another token', sent(prove({ token: unbound })), false, false],
  ['a nonce that was not asked for', sent(prove({ claims: { nonce: 'n' } })), true, true],
  ['an unknown header parameter', sent(prove({ header: { x: 1 } })), true, true],
  [
    'crit',
    sent(spelled(JSON.stringify({ alg: 'ES256', typ: 'dpop+jwt', jwk: client.jwk, crit: ['x'], x: 1 }), proofClaims())),
    false,
    false,
  ],
  [
    'a claim that comes twice',
    sent(
      spelled(
        JSON.stringify({ alg: 'ES256', typ: 'dpop+jwt', jwk: client.jwk }),
        proofClaims().replace('{', '{"htm":"POST",'),
      ),
    ),
    false,
    true,
    'RFC 7519 section 4 lets a parser refuse duplicates, and two parsers may read two requests; JSON.parse takes the last',
  ],
  ['a token of two methods, and a proof of one', sent(prove({ token: twice }), twice), false, false],
  [
    'a token of two methods, both proved',
    sent(prove({ token: twice }), twice),
    true,
    false,
    'oauth4webapi supports one confirmation method, jkt',
    certificate,
  ],
  [
    'a token of a certificate',
    { headers: [['authorization', `Bearer ${certified}`]] },
    true,
    false,
    'oauth4webapi does not support RFC 8705',
    certificate,
  ],
  [
    'a token of another certificate',
    { headers: [['authorization', `Bearer ${certified}`]] },
    false,
    false,
    undefined,
    athOf('x'),
  ],
  ['ES256K', ofEs256k(), true, false, es256k],
]

/** @param {Promise<string>} proof @param {string} [token] @param {Partial<Sent>} [rest] */
async function sent(proof, token, rest) {
  return withProof(await proof, token, rest)
}

/** @param {Promise<string>} proof @returns {Promise<Sent>} */
async function withBearer(proof, token = bound) {
  const headers = /** @type {[string, string][]} */ ([
    ['authorization', `Bearer ${token}`],
    ['dpop', await proof],
  ])
  return { headers }
}

async function twoProofs() {
  const { headers } = withProof(await prove())
  return { headers: [...headers, /** @type {[string, string]} */ (['dpop', await prove()])] }
}

function proofClaims() {
  return JSON.stringify({ jti: randomUUID(), htm: 'GET', htu: HTU, iat: NOW, ath: athOf(bound) })
}

/** By node:crypto: jose has no ES256K. @returns {Promise<Sent>} */
async function ofEs256k() {
  const { generateKeyPairSync, sign } = await import('node:crypto')
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'secp256k1' })
  const { kty, crv, x, y } = publicKey.export({ format: 'jwk' })
  const jkt = createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url')
  const token = await mint({ cnf: { jkt } })
  const header = { alg: 'ES256K', typ: 'dpop+jwt', jwk: { kty, crv, x, y } }
  const claims = { jti: randomUUID(), htm: 'GET', htu: HTU, iat: NOW, ath: athOf(token) }
  const input = [header, claims].map((part) => base64url.encode(JSON.stringify(part))).join('.')
  const signature = sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' })
  return withProof(`${input}.${signature.toString('base64url')}`, token)
}

for (const [what, given, we, they, why, thumbprint] of CASES) {
  test(`${what}: ${we ? 'accepted' : 'refused'}${we === they ? '' : `, by oauth4webapi ${they ? 'accepted' : 'refused'}`}`, async () => {
    assert.deepEqual(await verdicts(await given, thumbprint), [we, they], why)
    assert.equal(why !== undefined, we !== they, 'each difference has its reason')
  })
}
