// @ts-check
/** One verifier for several issuers: `iss` selects, and nothing more. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { anyOf, countersign, profiles, receipts, Verifier } from 'countersign'
import { guard } from 'countersign/fetch'
import { startSandbox } from 'countersign/sandbox'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'

/** @type {import('countersign/sandbox').Sandbox} */
let sandbox
before(async () => {
  sandbox = await startSandbox()
})
after(() => sandbox.close())

const AUDIENCE = 'https://api.example'

/** A new issuer and its verifier. @param {Partial<import('countersign').VerifierOptions>} [options] */
function made(options = {}) {
  const issuer = sandbox.issuer({ algorithms: ['ES256'] })
  const keys = { issuer: issuer.issuer }
  return { issuer, verifier: new Verifier({ issuer: issuer.issuer, audience: AUDIENCE, keys, ...options }) }
}

test('each token goes to the verifier of its issuer, which answers', async () => {
  const [a, b] = [made(), made({ scope: 'admin' })]
  const any = anyOf([a.verifier, b.verifier])
  assert.equal((await any.verifyAsync(a.issuer.mint())).claims.iss, a.issuer.issuer)
  assert.equal(b.issuer.requests, 0)
  await assert.rejects(any.verifyAsync(b.issuer.mint()), { code: 'scope_insufficient' })
  assert.equal(any.verify(b.issuer.mint({ claims: { scope: 'admin' } })).ok, true)
  assert.throws(() => any.verify(a.issuer.mint({ claims: { exp: 1 } })), { code: 'token_expired' })
  const outcome = any.tryVerify(a.issuer.mint({ claims: { aud: 'x' } }))
  assert.equal(outcome.ok ? 'ok' : outcome.code, 'claim_mismatch')
})

test('the token of an unknown issuer is refused, and no source is asked', async () => {
  const [a, b] = [made(), made()]
  const any = anyOf([a.verifier, b.verifier])
  for (const [iss, code] of /** @type {[unknown, string][]} */ ([
    ['https://other.example', 'claim_mismatch'],
    [`${a.issuer.issuer}/`, 'claim_mismatch'],
    ['__proto__', 'claim_mismatch'],
    ['', 'claim_mismatch'],
    [undefined, 'claim_missing'],
    [7, 'claim_malformed'],
    [null, 'claim_malformed'],
    [[a.issuer.issuer], 'claim_malformed'],
  ])) {
    await assert.rejects(any.verifyAsync(a.issuer.mint({ claims: { iss } })), { code, claim: 'iss' })
  }
  for (const [token, code] of /** @type {[any, string][]} */ ([
    [null, 'token_missing'],
    [undefined, 'token_missing'],
    ['', 'token_missing'],
    [7, 'token_malformed'],
    [{}, 'token_malformed'],
    ['x', 'token_malformed'],
    ['a.b', 'token_malformed'],
    ['a.b.c.d', 'token_malformed'],
    ['eyJhbGciOiJFUzI1NiJ9.bm90IEpTT04.AAAA', 'claims_malformed'],
    [`eyJhbGciOiJFUzI1NiJ9.${Buffer.from('[]').toString('base64url')}.AAAA`, 'claims_malformed'],
    ['a.b.c'.repeat(1_000_000), 'token_too_large'],
  ])) {
    await assert.rejects(any.verifyAsync(token), { code }, String(token).slice(0, 60))
  }
  assert.equal(a.issuer.requests + b.issuer.requests, 0)
})

test('K-11: equal kids, keys swapped: a key vouches for its own issuer alone', async () => {
  const [a, b] = [made(), made()]
  for (const { issuer } of [a, b]) issuer.publish({ keys: issuer.jwks.keys.map((jwk) => ({ ...jwk, kid: 'same' })) })
  const any = anyOf([a.verifier, b.verifier])
  const header = { kid: 'same' }
  for (const { issuer } of [a, b]) assert.equal((await any.verifyAsync(issuer.mint({ header }))).ok, true)
  for (const [signer, named] of [
    [a, b],
    [b, a],
  ]) {
    const token = signer?.issuer.mint({ header, claims: { iss: named?.issuer.issuer } })
    await assert.rejects(any.verifyAsync(token), { code: 'signature_invalid' })
  }
  // Sources that were swapped by mistake: the tag of the keys refuses.
  const swapped = anyOf([
    new Verifier({ issuer: a.issuer.issuer, audience: null, keys: { issuer: b.issuer.issuer } }),
    new Verifier({ issuer: b.issuer.issuer, audience: null, keys: { issuer: a.issuer.issuer } }),
  ])
  const token = b.issuer.mint({ header, claims: { iss: a.issuer.issuer } })
  await assert.rejects(swapped.verifyAsync(token), { code: 'claim_mismatch', claim: 'iss' })
})

test('a name that appears twice in the claims selects, and is refused', async () => {
  const [a, b] = [made(), made()]
  const any = anyOf([a.verifier, b.verifier])
  const [header, , signature] = a.issuer.mint().split('.')
  const payload = Buffer.from(`{"iss":"${a.issuer.issuer}","iss":"${b.issuer.issuer}"}`).toString('base64url')
  await assert.rejects(any.verifyAsync(`${header}.${payload}.${signature}`), (error) =>
    ['signature_invalid', 'claims_malformed', 'key_not_found'].includes(/** @type {any} */ (error).code),
  )
})

test('an issuer for two verifiers, one that is not checked, and what is not a verifier are TypeErrors', () => {
  const { issuer, verifier } = made()
  const of = (/** @type {any} */ options) =>
    new Verifier({ audience: null, keys: { secret: new Uint8Array(32).fill(7) }, ...options })
  for (const verifiers of [
    [],
    null,
    verifier,
    [verifier, verifier],
    [verifier, of({ issuer: [issuer.issuer, 'b'] })],
    [of({ issuer: null })],
    [{}],
    [null],
    [anyOf([verifier])],
    [of({ issuer: null, evidence: 'receipt' }), of({ issuer: null, evidence: 'receipt' })],
  ]) {
    assert.throws(() => anyOf(/** @type {any} */ (verifiers)), TypeError)
  }
  anyOf([of({ issuer: ['a', 'b'] }), of({ issuer: 'c' }), of({ issuer: 'a', evidence: 'receipt' })])
  // A profile names its issuer, too.
  const profile = profiles.accessToken({ issuer: 'a', audience: 'x' })
  const keys = { secret: new Uint8Array(32).fill(7) }
  assert.throws(() => anyOf([of({ issuer: 'a' }), new Verifier({ profile, keys })]), TypeError)
})

test('receipts are selected for by their own issuer', async () => {
  const secret = new Uint8Array(32).fill(9)
  const order = { merchantId: 'm', environment: /** @type {const} */ ('sandbox'), kind: /** @type {const} */ ('order') }
  const expires = Math.floor(Date.now() / 1000) + 600
  const juspay = new Verifier({ profile: profiles.juspay(order), keys: { secret } })
  const { issuer, verifier } = made()
  const any = anyOf([verifier, juspay])
  const receipt = receipts.juspay({ ...order, id: '7', expires, uses: 1 })
  const token = countersign('opaque', receipt, { secret })
  const bind = { order_id: '7' }
  const outcome = juspay.tryVerify(token, { bind })
  const through = any.tryVerify(token, { bind })
  assert.deepEqual(through.ok && through.claims, outcome.ok && outcome.claims)
  assert.equal((await any.verifyAsync(issuer.mint())).evidence, 'signature')
  const bare = token.slice(0, token.indexOf('~'))
  await assert.rejects(any.verifyAsync(bare), { code: 'claim_mismatch', claim: 'iss' })
  await assert.rejects(any.verifyAsync(`${bare}~other`, { bind }), { code: 'receipt_mismatch' })
  await assert.rejects(any.verifyAsync('opaque'), { code: 'token_malformed' })
  await assert.rejects(anyOf([juspay]).verifyAsync('opaque', { bind }), { code: 'receipt_missing' })

  const own = new Verifier({ issuer: null, audience: null, evidence: 'receipt', keys: { secret } })
  const both = anyOf([juspay, own])
  const without = countersign('opaque', { expires, bind: { a: '1' } }, { secret })
  assert.equal(both.verify(without, { bind: { a: '1' } }).evidence, 'receipt')
  assert.equal(both.verify(token, { bind }).evidence, 'receipt')
})

test('a guard takes it for a verifier, and its refusals are worded as the members agree', async () => {
  const [a, b] = [made(), made()]
  const protect = guard(anyOf([a.verifier, b.verifier]))
  const ask = (/** @type {string} */ token) =>
    protect(new Request('https://api.example/', { headers: { authorization: `Bearer ${token}` } }))
  assert.equal((await ask(b.issuer.mint())).ok, true)
  const refused = await ask(b.issuer.mint({ claims: { iss: 'x' } }))
  assert.equal(refused.ok ? 200 : refused.response.status, 401)
  a.issuer.fail()
  const unavailable = await ask(a.issuer.mint())
  assert.equal(unavailable.ok ? 200 : unavailable.response.status, 503)

  const pair = await generateKeyPair('ES256')
  const publicKey = /** @type {import('countersign').Jwk} */ (await exportJWK(pair.publicKey))
  const vtex = (/** @type {string} */ account) =>
    new Verifier({
      profile: profiles.vtex({ account, audience: 'admin' }),
      issuer: 'token-emitter',
      keys: publicKey,
    })
  const cookies = guard(anyOf([vtex('a')]))
  const token = await new SignJWT({}).setProtectedHeader({ alg: 'ES256' }).setIssuer('x').sign(pair.privateKey)
  const answer = await cookies(
    new Request('https://api.example/', { headers: { cookie: `VtexIdclientAutCookie=${token}` } }),
  )
  assert.equal(answer.ok ? 'ok' : answer.error.code, 'claim_mismatch')
})
