// @ts-check
/** Profiles of issuers in the package: keys that follow from options, carriers, refusals and recognition. */

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { test } from 'node:test'
import { anyOf, denyList, inspect, memoryStore, profiles, Verifier } from 'countersign'
import { guard } from 'countersign/fetch'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'

/** @type {import('../vectors/run.js').Vector[]} */
const vectors = JSON.parse(readFileSync(new URL('../vectors/profiles.json', import.meta.url), 'utf8'))

/** Every profile of an issuer, with options and the source of its keys. @type {[keyof typeof profiles, any, any][]} */
const SOURCES = [
  [
    'auth0',
    { domain: 'acme.eu.auth0.com', audience: 'api' },
    { url: 'https://acme.eu.auth0.com/.well-known/jwks.json', issuer: 'https://acme.eu.auth0.com/' },
  ],
  [
    'keycloak',
    { url: 'https://sso.example', realm: 'shop', client: 'web' },
    { url: 'https://sso.example/realms/shop/protocol/openid-connect/certs', issuer: 'https://sso.example/realms/shop' },
  ],
  [
    'okta',
    { domain: 'acme.okta.com', authorizationServer: 'default', audience: 'api' },
    { url: 'https://acme.okta.com/oauth2/default/v1/keys', issuer: 'https://acme.okta.com/oauth2/default' },
  ],
  [
    'entra',
    { tenant: '11111111-2222-4333-8444-555555555555', audience: 'api' },
    { url: 'https://login.microsoftonline.com/11111111-2222-4333-8444-555555555555/discovery/v2.0/keys' },
  ],
  [
    'entra',
    { tenants: 'any', audience: 'api' },
    { url: 'https://login.microsoftonline.com/common/discovery/v2.0/keys' },
  ],
  [
    'cognito',
    { region: 'eu-west-1', userPoolId: 'eu-west-1_A', clientId: 'x' },
    {
      url: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_A/.well-known/jwks.json',
      issuer: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_A',
    },
  ],
  [
    'google',
    { clientId: 'x' },
    {
      url: 'https://www.googleapis.com/oauth2/v3/certs',
      issuer: ['https://accounts.google.com', 'accounts.google.com'],
    },
  ],
  [
    'firebase',
    { projectId: 'p' },
    {
      url: 'https://www.googleapis.com/robot/v1/metadata/x509/securetoken@system.gserviceaccount.com',
      issuer: 'https://securetoken.google.com/p',
    },
  ],
  [
    'firebase',
    { projectId: 'p', session: true },
    {
      url: 'https://www.googleapis.com/identitytoolkit/v3/relyingparty/publicKeys',
      issuer: 'https://session.firebase.google.com/p',
    },
  ],
  [
    'cloudflareAccess',
    { team: 'acme', audience: 'x' },
    { url: 'https://acme.cloudflareaccess.com/cdn-cgi/access/certs', issuer: 'https://acme.cloudflareaccess.com' },
  ],
  [
    'googleIap',
    { audience: '/projects/1/apps/2' },
    { url: 'https://www.gstatic.com/iap/verify/public_key-jwk', issuer: 'https://cloud.google.com/iap' },
  ],
  ['apple', { clientId: 'x' }, { url: 'https://appleid.apple.com/auth/keys', issuer: 'https://appleid.apple.com' }],
  [
    'supabase',
    { ref: 'abc' },
    { url: 'https://abc.supabase.co/auth/v1/.well-known/jwks.json', issuer: 'https://abc.supabase.co/auth/v1' },
  ],
  [
    'clerk',
    { frontendApi: 'clerk.shop.example', authorizedParties: 'https://shop.example' },
    { url: 'https://clerk.shop.example/.well-known/jwks.json', issuer: 'https://clerk.shop.example' },
  ],
  ['shopify', { apiKey: 'x' }, undefined],
  [
    'githubActions',
    { audience: 'x', ownerId: '1' },
    {
      url: 'https://token.actions.githubusercontent.com/.well-known/jwks',
      issuer: 'https://token.actions.githubusercontent.com',
    },
  ],
  ['kubernetes', { issuer: 'https://cluster.example', audience: 'x' }, { issuer: 'https://cluster.example' }],
  ['spiffe', { trustDomain: 'td.example', audience: 'x' }, undefined],
  [
    'spiffe',
    { trustDomain: 'td.example', audience: 'x', bundle: 'https://td.example/bundle' },
    { url: 'https://td.example/bundle', use: 'jwt-svid' },
  ],
]

for (const [name, options, keys] of SOURCES) {
  test(`the keys of profiles.${name}(${JSON.stringify(options)}) follow from its options`, () => {
    const make = /** @type {(options: any) => import('countersign').CompleteProfile} */ (profiles[name])
    const profile = make(options)
    assert.deepEqual(profile.keys, keys)
    assert.ok((profile.carriers ?? []).length > 0)
    assert.ok(profile.refusal)
    if (keys === undefined) {
      assert.throws(() => new Verifier(profile), { name: 'TypeError', message: /^keys is missing/ })
      assert.throws(() => new Verifier(/** @type {any} */ ({ profile })), { message: /^keys is missing/ })
      return
    }
    assert.ok(new Verifier(profile) instanceof Verifier)
    assert.ok(new Verifier({ profile }) instanceof Verifier)
    assert.ok(new Verifier({ profile: structuredClone(profile) }) instanceof Verifier)
    assert.throws(() => new Verifier(/** @type {any} */ ({ ...profile, leewaySeconds: 5 })), {
      name: 'TypeError',
      message: /\{ profile, keys \}/,
    })
  })
}

test('every genuine token of a profile looks like one of its system', () => {
  const genuine = vectors.filter(({ name }) => name.endsWith(': a genuine token is accepted'))
  assert.equal(genuine.length, 16)
  for (const { name, token } of genuine) assert.equal(inspect(token).looksLike[0], name.split(':')[0])
})

test('every profile has twelve vectors at least', () => {
  const counts = new Map()
  for (const { name } of vectors) counts.set(name.split(':')[0], (counts.get(name.split(':')[0]) ?? 0) + 1)
  assert.equal(counts.size, 16)
  for (const [name, count] of counts) assert.ok(count >= 12, `${name} has ${count}`)
})

/** A server of one document. @param {object} document */
async function serving(document) {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(document))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  return { url: `http://127.0.0.1:${port}`, close: () => new Promise((done) => server.close(done)) }
}

const { publicKey, privateKey } = await generateKeyPair('ES256')
const jwk = { ...(await exportJWK(publicKey)), kid: 'k1' }

/** @param {Record<string, unknown>} claims */
const minted = (claims) =>
  new SignJWT(claims)
    .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
    .setIssuedAt()
    .setExpirationTime('5m')
    .sign(privateKey)

test('a profile alone is a verifier that fetches its keys', async () => {
  const server = await serving({ keys: [jwk] })
  try {
    const profile = profiles.keycloak({ url: server.url, realm: 'shop', audience: 'orders', realmRoles: 'staff' })
    const token = (/** @type {object} */ changes) =>
      minted({
        iss: `${server.url}/realms/shop`,
        aud: 'orders',
        typ: 'Bearer',
        realm_access: { roles: ['staff'] },
        ...changes,
      })
    const verifier = new Verifier(profile)
    assert.equal((await verifier.verifyAsync(await token({}))).ok, true)
    await assert.rejects(verifier.verifyAsync(await token({ typ: 'ID' })), { code: 'claim_mismatch', claim: 'typ' })
    const poor = await token({ realm_access: { roles: [] } })
    await assert.rejects(verifier.verifyAsync(poor), { code: 'scope_insufficient', status: 403 })
    const check = guard(verifier)
    const respond = async (/** @type {string} */ text) => {
      const outcome = await check(new Request('https://api.example/', { headers: { authorization: `Bearer ${text}` } }))
      if (outcome.ok) return [200, null]
      return [outcome.response.status, outcome.response.headers.get('www-authenticate')]
    }
    assert.deepEqual(await respond(await token({})), [200, null])
    const [status, challenge] = await respond(poor)
    assert.equal(status, 403)
    assert.match(String(challenge), /error="insufficient_scope"/)
    assert.doesNotMatch(String(challenge), / scope=/)
  } finally {
    await server.close()
  }
})

test('keys beside a profile replace those of the profile', async () => {
  const profile = profiles.keycloak({ url: 'http://127.0.0.1:9', realm: 'shop', audience: 'orders' })
  const verifier = new Verifier({ profile, keys: { jwks: { keys: [jwk] } } })
  const token = await minted({ iss: 'http://127.0.0.1:9/realms/shop', aud: 'orders', typ: 'Bearer' })
  assert.equal(verifier.tryVerify(token).ok, true)
})

test('published keys of another use are fetched by their tag', async () => {
  const server = await serving({ keys: [{ ...jwk, use: 'jwt-svid' }], spiffe_sequence: 1 })
  try {
    const profile = profiles.spiffe({ trustDomain: 'td.example', audience: 'api' })
    const token = await minted({ sub: 'spiffe://td.example/web', aud: ['api'] })
    const tagged = new Verifier({ profile, keys: { url: server.url, use: 'jwt-svid' } })
    assert.equal((await tagged.verifyAsync(token)).ok, true)
    const untagged = new Verifier({ profile, keys: { url: server.url } })
    await assert.rejects(untagged.verifyAsync(token), { code: 'keys_unavailable' })
    const set = { keys: [{ ...jwk, use: 'jwt-svid' }] }
    const source = { current: () => set, refresh: async () => set, use: 'jwt-svid' }
    assert.equal(new Verifier({ profile, keys: source }).tryVerify(token).ok, true)
    for (const use of ['enc', '', 5]) {
      const wrong = /** @type {any} */ ({ ...source, use })
      assert.throws(() => new Verifier({ profile, keys: wrong }), { name: 'TypeError', message: /use/ })
      assert.throws(() => new Verifier({ profile, keys: /** @type {any} */ ({ url: server.url, use }) }), TypeError)
    }
  } finally {
    await server.close()
  }
})

test('anyOf takes no verifier whose issuer is made of claims', () => {
  const verifier = new Verifier(profiles.entra({ tenants: 'any', audience: 'api' }))
  assert.throws(() => anyOf([verifier]), { name: 'TypeError', message: /made of claims/ })
})

test('a numeric subject is denied by its digits', async () => {
  const revocation = denyList(memoryStore(), { maxAgeSeconds: 3600 })
  const verifier = new Verifier({
    issuer: null,
    audience: null,
    numericSubject: 'allow',
    keys: { jwk },
    revocation,
  })
  const token = await minted({ sub: /** @type {any} */ (42) })
  assert.equal((await verifier.verifyAsync(token)).ok, true)
  await revocation.revokeSubject({
    issuer: null,
    subject: '42',
    issuedBefore: Date.now() / 1000 + 5,
    until: Date.now() / 1000 + 3600,
  })
  await assert.rejects(verifier.verifyAsync(token), { code: 'token_revoked' })
})

test('options are own members of a plain object, whatever was put into Object.prototype', () => {
  const root = /** @type {Record<string, unknown>} */ (Object.prototype)
  root['domain'] = 'evil.example'
  root['keys'] = { secret: 'x'.repeat(32) }
  try {
    assert.throws(() => profiles.auth0(/** @type {any} */ ({ audience: 'x' })), { message: /^domain is missing/ })
    const profile = profiles.shopify({ apiKey: 'x' })
    assert.throws(() => new Verifier(/** @type {any} */ ({ profile })), { message: /^keys is missing/ })
  } finally {
    delete root['domain']
    delete root['keys']
  }
  const inherited = Object.create({ domain: 'a.example', audience: 'x' })
  for (const options of [null, undefined, [], 'a', inherited, { domain: 'a.example', audience: undefined }])
    assert.throws(() => profiles.auth0(/** @type {any} */ (options)), TypeError)
})

test('an unknown option of a profile is not suggested as itself', () => {
  assert.throws(() => profiles.auth0(/** @type {any} */ ({ domain: 'a.example', audience: 'x', realm: 'y' })), {
    name: 'TypeError',
    message: /unknown option `realm`(?!: did you mean `realm`)/,
  })
})
