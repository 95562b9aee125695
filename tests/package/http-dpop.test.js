// @ts-check
/** DPoP (RFC 9449) and client certificates (RFC 8705) at the guards, over real HTTP. */

import assert from 'node:assert/strict'
import { createHash, randomUUID } from 'node:crypto'
import { createServer, request as send } from 'node:http'
import { test } from 'node:test'
import { memoryStore, Verifier } from 'countersign'
import { guard as fastifyGuard } from 'countersign/fastify'
import { cloudflareCertificate, guard as fetchGuard } from 'countersign/fetch'
import { guard as honoGuard } from 'countersign/hono'
import { guard as nodeGuard } from 'countersign/node'
import * as DPoP from 'dpop'
import Fastify from 'fastify'
import { Hono } from 'hono'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from 'jose'

const SECRET = new TextEncoder().encode('a secret of thirty-two octets!!!')
const NONCE = { secret: 'a secret of instances, 32 octets', seconds: 300 }
const ORIGIN = 'https://api.example/svc2'
const { privateKey, publicKey } = await generateKeyPair('ES256')
const jwk = await exportJWK(publicKey)
const jkt = await calculateJwkThumbprint(jwk)

const verifier = () => new Verifier({ issuer: null, audience: null, keys: { secret: SECRET }, replay: memoryStore() })

/** @param {Record<string, unknown>} [claims] */
const mint = (claims) =>
  new SignJWT({ ...claims }).setProtectedHeader({ alg: 'HS256' }).setExpirationTime('15m').sign(SECRET)

const bound = await mint({ cnf: { jkt } })
const unbound = await mint()

/** @param {Record<string, unknown>} [claims] @param {string} [token] */
const prove = (claims = {}, token = bound) =>
  new SignJWT({
    jti: randomUUID(),
    htm: 'GET',
    htu: `${ORIGIN}/orders/7`,
    ath: createHash('sha256').update(token).digest('base64url'),
    ...claims,
  })
    .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk })
    .setIssuedAt()
    .sign(privateKey)

/**
 * One request with its headers as they are.
 * @param {string} base @param {string[]} headers Names and values by turns. @param {string} [path]
 * @returns {Promise<{ status: number | undefined, headers: import('node:http').IncomingHttpHeaders }>}
 */
const get = (base, headers, path = '/orders/7?page=2') =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(base)
    const lines = headers.some((name) => name === 'Host') ? headers : ['Host', 'lies.example', ...headers]
    const sent = send({ hostname, port, path, headers: lines, agent: false }, (response) => {
      response.resume().on('end', () => resolve({ status: response.statusCode, headers: response.headers }))
    })
    sent.on('error', reject).end()
  })

/** @typedef {{ origin?: string, nonce?: typeof NONCE }} Options */

/** @param {import('node:http').Server} server */
async function listening(server) {
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  return { base: `http://127.0.0.1:${port}`, close: () => new Promise((resolve) => server.close(resolve)) }
}

/** A handler of Request and Response behind node:http. @param {(request: Request) => Promise<Response>} handle */
const adapted = (handle) =>
  createServer(async (request, response) => {
    const lines = new Headers()
    for (let at = 0; at + 1 < request.rawHeaders.length; at += 2) {
      lines.append(String(request.rawHeaders[at]), String(request.rawHeaders[at + 1]))
    }
    const answer = await handle(new Request(`http://internal${request.url}`, { headers: lines }))
    response.writeHead(answer.status, Object.fromEntries(answer.headers))
    response.end(await answer.text())
  })

/** @type {Record<string, (options: Options) => Promise<{ base: string, close: () => Promise<unknown> }>>} */
const SERVERS = {
  async node(options) {
    const guard = nodeGuard(verifier(), options)
    return listening(createServer((request, response) => guard(request, response, () => response.end('ok'))))
  },
  async fastify(options) {
    const app = Fastify()
    app.register(fastifyGuard(verifier(), options))
    app.get('/orders/:id', () => 'ok')
    const base = await app.listen({ port: 0, host: '127.0.0.1' })
    return { base, close: () => app.close() }
  },
  async hono(options) {
    const app = new Hono()
    app.use(honoGuard(verifier(), options))
    app.get('/orders/:id', () => new Response('ok'))
    return listening(adapted(async (request) => app.fetch(request)))
  },
  async fetch(options) {
    const guard = fetchGuard(verifier(), options)
    return listening(
      adapted(async (request) => {
        const verified = await guard(request)
        return verified.ok ? new Response('ok', { headers: verified.responseHeaders ?? {} }) : verified.response
      }),
    )
  },
}

const ALGS = 'algs="ES256 ES384 ES512 ES256K EdDSA Ed25519 RS256 RS384 RS512 PS256 PS384 PS512"'

for (const [name, start] of Object.entries(SERVERS)) {
  test(`a proof is accepted once, for this origin and path: ${name}`, async () => {
    const server = await start({ origin: `${ORIGIN}/` })
    /** @param {string[]} headers @param {string} [path] */
    const status = async (headers, path) => (await get(server.base, headers, path)).status
    const dpop = ['Authorization', `DPoP ${bound}`]
    try {
      const proof = await prove()
      assert.equal(await status([...dpop, 'DPoP', proof]), 200)
      const again = await get(server.base, [...dpop, 'DPoP', proof])
      assert.equal(again.status, 401)
      assert.equal(again.headers['www-authenticate'], `DPoP error="invalid_dpop_proof", ${ALGS}`)
      assert.match(String(again.headers['access-control-expose-headers']), /WWW-Authenticate/)
      assert.equal(await status(dpop), 401)
      assert.equal(await status([...dpop, 'DPoP', await prove(), 'DPoP', await prove()]), 400)
      assert.equal(await status(['Authorization', `Bearer ${bound}`, 'DPoP', await prove()]), 401)
      assert.equal(await status(['Authorization', `Bearer ${unbound}`]), 200)
      assert.equal(await status(['Authorization', `DPoP ${unbound}`, 'DPoP', await prove({}, unbound)]), 401)
      assert.equal(await status(['Authorization', `DPoP ${bound}`, 'Authorization', `Bearer ${unbound}`]), 400)
      const open = await get(server.base, [])
      assert.equal(open.headers['www-authenticate'], `Bearer, DPoP ${ALGS}`)
      const forged = await get(server.base, ['Authorization', `DPoP ${bound.slice(0, -4)}AAAA`, 'DPoP', await prove()])
      const invalid = 'error="invalid_token"'
      assert.equal(forged.headers['www-authenticate'], `Bearer ${invalid}, DPoP ${invalid}, ${ALGS}`)
      for (const htu of [
        'http://lies.example/orders/7',
        'https://lies.example/svc2/orders/7',
        'https://api.example/orders/7',
      ]) {
        const lie = ['Host', 'lies.example', 'X-Forwarded-Host', 'lies.example', 'X-Forwarded-Prefix', '/']
        assert.equal(await status([...lie, ...dpop, 'DPoP', await prove({ htu })]), 401, htu)
      }
    } finally {
      await server.close()
    }
  })

  test(`a proof needs the nonce of the server: ${name}`, async () => {
    const server = await start({ origin: ORIGIN, nonce: NONCE })
    const dpop = ['Authorization', `DPoP ${bound}`, 'DPoP']
    try {
      const first = await get(server.base, [...dpop, await prove()])
      assert.equal(first.status, 401)
      assert.equal(first.headers['www-authenticate'], `DPoP error="use_dpop_nonce", ${ALGS}`)
      const nonce = String(first.headers['dpop-nonce'])
      assert.match(nonce, /^[!#-[\]-~]+$/)
      const proof = await prove({ nonce })
      const second = await get(server.base, [...dpop, proof])
      assert.equal(second.status, 200)
      assert.equal((await get(server.base, [...dpop, proof])).status, 401)
      assert.equal((await get(server.base, [...dpop, await prove({ nonce: `${nonce}x` })])).status, 401)
    } finally {
      await server.close()
    }
  })
}

test('a request target cannot continue the host of the origin', async () => {
  const guard = nodeGuard(verifier(), { origin: 'https://api.example' })
  const htu = 'https://api.example.evil.example/'
  for (const url of ['.evil.example/', '@evil.example/', 'http://x.example.evil.example/']) {
    const headers = { authorization: `DPoP ${bound}`, dpop: await prove({ htu }) }
    const status = await new Promise((resolve) => {
      const response = { headersSent: false, statusCode: 200, setHeader() {}, end: () => resolve(response.statusCode) }
      guard({ method: 'GET', url, headers }, response, () => resolve('passed'))
    })
    assert.equal(status, 401, url)
  }
})

test('one proof sent 50 times at once is accepted once', async () => {
  const shared = verifier()
  const proof = { jwt: await prove(), method: 'GET', url: `${ORIGIN}/orders/7` }
  const outcomes = await Promise.allSettled(Array.from({ length: 50 }, () => shared.verifyAsync(bound, { proof })))
  const refused = outcomes.filter((outcome) => outcome.status === 'rejected')
  assert.equal(refused.length, 49)
  assert.ok(refused.every(({ reason }) => reason.code === 'proof_replayed' && reason.claim === 'jti'))
})

for (const alg of /** @type {const} */ (['ES256', 'RS256', 'PS256', 'Ed25519'])) {
  test(`proofs by the package dpop are accepted: ${alg}`, async () => {
    const pair = await DPoP.generateKeyPair(alg)
    const token = await mint({ cnf: { jkt: await calculateJwkThumbprint(await exportJWK(pair.publicKey)) } })
    const url = `${ORIGIN}/orders/7`
    for (const nonce of [undefined, 'n-1']) {
      const jwt = await DPoP.generateProof(pair, url, 'GET', nonce, token)
      const proof = { jwt, method: 'GET', url, ...(nonce === undefined ? {} : { nonce }) }
      assert.equal((await verifier().verifyAsync(token, { proof })).ok, true)
    }
  })
}

test('a token that was accepted with a proof is refused without one', async () => {
  const shared = verifier()
  shared.verify(bound, { proof: { jwt: await prove(), method: 'GET', url: `${ORIGIN}/orders/7` } })
  const outcome = shared.tryVerify(bound)
  assert.equal(outcome.ok ? 'ok' : outcome.code, 'proof_missing')
})

test('what a request has in place of a proof is refused, and is no mistake of the caller', () => {
  for (const jwt of [undefined, null, 7, {}, ['a.b.c'], '\ud800', 'x'.repeat(9000)]) {
    const outcome = verifier().tryVerify(bound, { proof: { jwt, method: 'GET', url: ORIGIN } })
    assert.equal(outcome.ok ? 'ok' : outcome.code, 'proof_invalid')
  }
})

test('a certificate that Cloudflare verified proves possession', async () => {
  const thumbprint = createHash('sha256').update('der').digest()
  const token = await mint({ cnf: { 'x5t#S256': thumbprint.toString('base64url') } })
  const guard = fetchGuard(verifier(), { certificate: cloudflareCertificate })
  const auth = {
    certPresented: '1',
    certVerified: 'SUCCESS',
    certRevoked: '0',
    certFingerprintSHA256: thumbprint.toString('hex'),
  }
  for (const [changes, expected] of /** @type {const} */ ([
    [{}, 'ok'],
    [{ certVerified: 'FAILED:self signed' }, 'proof_missing'],
    [{ certRevoked: '1' }, 'proof_missing'],
    [{ certPresented: '0' }, 'proof_missing'],
    [{ certFingerprintSHA256: 'ab'.repeat(32) }, 'proof_invalid'],
  ])) {
    const request = new Request(ORIGIN, { headers: { authorization: `Bearer ${token}` } })
    const outcome = await guard(Object.assign(request, { cf: { tlsClientAuth: { ...auth, ...changes } } }))
    assert.equal(outcome.ok ? 'ok' : outcome.error.code, expected)
  }
})

test('the nonces of instances with one secret agree, and last for the slot after their own', async () => {
  const now = Date.now
  const protect = () => fetchGuard(verifier(), { origin: ORIGIN, nonce: { ...NONCE, seconds: 120 } })
  /** @param {number} moment @param {string} [nonce] */
  const at = async (moment, nonce) => {
    Date.now = () => moment * 1000
    const jwt = await prove(nonce === undefined ? {} : { nonce })
    const headers = { authorization: `DPoP ${bound}`, dpop: jwt }
    return protect()(new Request(`https://internal/orders/7`, { headers }))
  }
  const start = Math.ceil(now() / 120_000) * 120
  try {
    const first = await at(start)
    assert.ok(!first.ok)
    const nonce = String(first.response.headers.get('dpop-nonce'))
    for (const [moment, expected] of /** @type {const} */ ([
      [start - 1, 'nonce_required'],
      [start, 'current'],
      [start + 119, 'current'],
      [start + 120, 'previous'],
      [start + 239, 'previous'],
      [start + 240, 'nonce_required'],
    ])) {
      const found = await at(moment, nonce)
      const outcome = !found.ok ? found.error.code : found.responseHeaders === undefined ? 'current' : 'previous'
      assert.equal(outcome, expected, String(moment - start))
      if (found.ok && expected === 'previous') assert.notEqual(found.responseHeaders?.['DPoP-Nonce'], nonce)
    }
  } finally {
    Date.now = now
  }
})

test('options of possession that cannot be used are named', () => {
  for (const origin of [
    'api.example',
    'https://u@api.example',
    'https://api.example/?a',
    'https://api.example/#a',
    7,
    '',
  ]) {
    assert.throws(() => nodeGuard(verifier(), /** @type {any} */ ({ origin })), /^TypeError: origin must be/)
  }
  assert.throws(() => nodeGuard(verifier(), { nonce: NONCE }), /^TypeError: nonce must be left out without origin/)
  const short = { origin: ORIGIN, nonce: { secret: 'short' } }
  assert.throws(() => nodeGuard(verifier(), short), /nonce\.secret/)
})

/** The challenge of a refusal. @param {import('countersign/fetch').GuardOptions<Request>} options */
const challenged = (options) => {
  const guard = fetchGuard(verifier(), options)
  return async (/** @type {Record<string, string>} */ headers) => {
    const outcome = await guard(new Request('https://api.example/orders/7', { headers }))
    return outcome.ok ? 'ok' : [outcome.error.code, outcome.response.headers.get('www-authenticate')]
  }
}

const INVALID = 'error="invalid_token"'

test('what a certificate should have proved is invalid_token, and no proof is asked for', async () => {
  const thumbprint = createHash('sha256').update('der').digest('base64url')
  const other = createHash('sha256').update('other').digest('base64url')
  const certified = await mint({ cnf: { 'x5t#S256': thumbprint } })
  const twice = await mint({ cnf: { 'x5t#S256': thumbprint, jkt } })
  const authorization = `Bearer ${certified}`
  const presented = (/** @type {string | undefined} */ given) => () =>
    given === undefined ? undefined : { thumbprint: given }
  const bearer = `Bearer ${INVALID}`
  assert.equal(await challenged({ certificate: presented(thumbprint) })({ authorization }), 'ok')
  assert.deepEqual(await challenged({ certificate: presented(undefined) })({ authorization }), [
    'proof_missing',
    bearer,
  ])
  assert.deepEqual(await challenged({ certificate: presented(other) })({ authorization }), ['proof_invalid', bearer])
  assert.deepEqual(await challenged({})({ authorization }), ['proof_missing', bearer])
  assert.deepEqual(await challenged({})({ authorization: `Bearer ${bound}` }), ['proof_missing', bearer])
  // Another token helps under either scheme; another proof does not.
  const both = `Bearer ${INVALID}, DPoP ${INVALID}, ${ALGS}`
  const origin = 'https://api.example'
  const dpop = async () => ({
    authorization: `DPoP ${twice}`,
    dpop: await prove({ htu: 'https://api.example/orders/7' }, twice),
  })
  assert.equal(await challenged({ origin, certificate: presented(thumbprint) })(await dpop()), 'ok')
  assert.deepEqual(await challenged({ origin, certificate: presented(other) })(await dpop()), ['proof_invalid', both])
  assert.deepEqual(await challenged({ origin, certificate: presented(undefined) })(await dpop()), [
    'proof_missing',
    both,
  ])
  assert.deepEqual(await challenged({ origin })({ authorization: `Bearer ${bound}` }), ['proof_missing', both])
  const proofs = `DPoP error="invalid_dpop_proof", ${ALGS}`
  assert.deepEqual(await challenged({ origin })({ authorization: `DPoP ${bound}` }), ['proof_missing', proofs])
  const { authorization: scheme } = await dpop()
  const bad = { authorization: scheme, dpop: await prove({}, twice) }
  assert.deepEqual(await challenged({ origin, certificate: presented(thumbprint) })(bad), ['proof_invalid', proofs])
})

/** RFC 8705 appendix A: figures 5 and 6. */
const APPENDIX_A = {
  thumbprint: 'A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0',
  pem: `-----BEGIN CERTIFICATE-----
MIIBBjCBrAIBAjAKBggqhkjOPQQDAjAPMQ0wCwYDVQQDDARtdGxzMB4XDTE4MTAx
ODEyMzcwOVoXDTIyMDUwMjEyMzcwOVowDzENMAsGA1UEAwwEbXRsczBZMBMGByqG
SM49AgEGCCqGSM49AwEHA0IABNcnyxwqV6hY8QnhxxzFQ03C7HKW9OylMbnQZjjJ
/Au08/coZwxS7LfA4vOLS9WuneIXhbGGWvsDSb0tH6IxLm8wCgYIKoZIzj0EAwID
SQAwRgIhAP0RC1E+vwJD/D1AGHGzuri+hlV/PpQEKTWUVeORWz83AiEA5x2eXZOV
bUlJSGQgjwD5vaUaKlLR50Q2DmFfQj1L+SY=
-----END CERTIFICATE-----
`,
}

test('the certificate of RFC 8705 appendix A has the thumbprint of its figure, as PEM and as DER', async () => {
  const authorization = `Bearer ${await mint({ cnf: { 'x5t#S256': APPENDIX_A.thumbprint } })}`
  const der = Buffer.from(APPENDIX_A.pem.replace(/-.*-/g, ''), 'base64')
  for (const certificate of [APPENDIX_A.pem, APPENDIX_A.pem.replaceAll('\n', '\r\n'), new Uint8Array(der), der]) {
    assert.equal(await challenged({ certificate: () => certificate })({ authorization }), 'ok')
  }
  const changed = new Uint8Array(der)
  changed[100] = Number(changed[100]) ^ 1
  assert.equal((await challenged({ certificate: () => changed })({ authorization }))[0], 'proof_invalid')
})
