// @ts-check
/** From an issuer to its keys, over real HTTP on loopback. */

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import { discoverKeys, UnavailableError, Verifier } from 'countersign'
import { startSandbox } from 'countersign/sandbox'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { json, origin, pause, status, until } from './keys/origin.js'

/** @type {import('countersign/sandbox').Sandbox} */
let sandbox
before(async () => {
  sandbox = await startSandbox()
})
after(() => sandbox.close())

const AUDIENCE = 'https://api.example'

/**
 * A server that has documents at some paths, and 404 elsewhere.
 *
 * @param {(url: string) => Record<string, unknown>} documents
 */
async function site(documents) {
  const server = await origin((request, response) => {
    const found = documents(server.url)[String(request.url)]
    if (typeof found === 'function') found(request, response)
    else if (found === undefined) status(404)(request, response)
    else json(found)(request, response)
  })
  return server
}

/** Why a source has no keys. @param {import('countersign').RemoteKeys} source */
async function causeOf(source) {
  const error = await source.refresh().then(
    () => undefined,
    (reason) => reason,
  )
  assert.ok(error instanceof UnavailableError, String(error))
  return String(error.cause)
}

test('one line protects a server: metadata, keys, tokens of this issuer alone', async () => {
  const issuer = sandbox.issuer()
  const source = discoverKeys(issuer.issuer)
  assert.equal(source.issuer, issuer.issuer)
  const verifier = new Verifier({ issuer: null, audience: AUDIENCE, keys: source })
  assert.equal(issuer.requests, 0)
  const all = Array.from({ length: 50 }, () => verifier.verifyAsync(issuer.mint()))
  assert.equal((await Promise.all(all)).length, 50)
  assert.deepEqual([issuer.requests, issuer.jwksRequests], [2, 1])
  await assert.rejects(verifier.verifyAsync(issuer.mint({ claims: { iss: 'https://other.example' } })), {
    code: 'claim_mismatch',
    claim: 'iss',
  })
})

test('the short form { issuer } is discoverKeys, with its options beside it', async () => {
  const issuer = sandbox.issuer()
  const keys = { issuer: issuer.issuer, staleSeconds: 0 }
  const verifier = new Verifier({ issuer: issuer.issuer, audience: AUDIENCE, keys })
  assert.equal((await verifier.verifyAsync(issuer.mint())).ok, true)
  assert.throws(() => discoverKeys(issuer.issuer, /** @type {any} */ ({ issuer: 'x' })), TypeError)
})

test('K-10: metadata is looked for where RFC 8414 and OpenID Connect have it, in this order', async () => {
  const { jwks } = sandbox.issuer()
  for (const [path, paths] of /** @type {[string, string[]][]} */ ([
    ['', ['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration']],
    ['/', ['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration']],
    [
      '/realms/a',
      [
        '/.well-known/oauth-authorization-server/realms/a',
        '/.well-known/openid-configuration/realms/a',
        '/realms/a/.well-known/openid-configuration',
      ],
    ],
    [
      '/t/',
      [
        '/.well-known/oauth-authorization-server/t',
        '/.well-known/openid-configuration/t',
        '/t/.well-known/openid-configuration',
      ],
    ],
  ])) {
    for (const [index, place] of paths.entries()) {
      const server = await site((url) => ({
        [place]: { issuer: `${url}${path}`, jwks_uri: `${url}/jwks` },
        '/jwks': jwks,
      }))
      try {
        await discoverKeys(`${server.url}${path}`).ready()
        assert.deepEqual(
          server.requests.map(({ url }) => url),
          [...paths.slice(0, index + 1), '/jwks'],
        )
      } finally {
        await server.close()
      }
    }
  }
})

test('K-10: a document of another issuer ends the search, a slash more or less included', async () => {
  const { jwks } = sandbox.issuer()
  for (const [asked, named] of /** @type {[string, (url: string) => unknown][]} */ ([
    ['', (url) => `${url}/`],
    ['/', (url) => url],
    ['/a', (url) => `${url}/a/`],
    ['/a', (url) => `${url}/A`],
    ['', (url) => url.toUpperCase()],
    ['', () => 'https://issuer.example'],
  ])) {
    const server = await site((url) => ({
      [`/.well-known/oauth-authorization-server${asked === '/' ? '' : asked}`]: {
        issuer: named(url),
        jwks_uri: `${url}/jwks`,
      },
      [`/.well-known/openid-configuration${asked === '/' ? '' : asked}`]: {
        issuer: `${url}${asked}`,
        jwks_uri: `${url}/jwks`,
      },
      '/jwks': jwks,
    }))
    try {
      assert.match(await causeOf(discoverKeys(`${server.url}${asked}`)), /another issuer/)
      assert.equal(server.requests.length, 1)
    } finally {
      await server.close()
    }
  }
})

test('a page in place of metadata, and metadata without an issuer or keys, is passed over', async () => {
  const { jwks } = sandbox.issuer()
  for (const first of ['<!doctype html>', '[]', {}, { issuer: 7 }, 'issuer']) {
    const server = await site((url) => ({
      '/.well-known/oauth-authorization-server': first,
      '/.well-known/openid-configuration': { issuer: url, jwks_uri: `${url}/jwks` },
      '/jwks': jwks,
    }))
    await discoverKeys(server.url).ready()
    await server.close()
  }
  const server = await site((url) => ({ '/.well-known/openid-configuration': { issuer: url } }))
  assert.match(await causeOf(discoverKeys(server.url)), /no metadata/)
  await server.close()
})

test('a jwks_uri must be https, public unless its issuer is not, and of a listed origin', async () => {
  for (const jwksUri of [
    'http://keys.example/jwks',
    'https://user@keys.example/',
    'https://keys.example/#a',
    'file:///etc/passwd',
    'https://10.0.0.1/',
    'https://172.16.0.1/',
    'https://192.168.1.1/',
    'https://100.64.0.1/',
    'https://169.254.169.254/latest',
    'https://0.0.0.0/',
    'https://[fd00::1]/',
    'https://[fe80::1]/',
    'https://[::ffff:10.0.0.1]/',
    'https://[64:ff9b::a00:1]/',
    'https://0x0a000001/',
    'https://metadata.google.internal/',
    'https://printer.local/',
    'https://intranet/',
    7,
    null,
    '',
  ]) {
    const server = await site((url) => ({
      '/.well-known/oauth-authorization-server': { issuer: url, jwks_uri: jwksUri },
    }))
    assert.match(await causeOf(discoverKeys(server.url)), /jwks_uri/, String(jwksUri))
    assert.equal(server.requests.length, 1)
    await server.close()
  }
  const { jwks } = sandbox.issuer()
  /** @type {string[]} */
  const asked = []
  /** Serves a public issuer whose keys are elsewhere. @param {string} jwksUri */
  const fetchOf = (jwksUri) => async (/** @type {string} */ url) => {
    asked.push(url)
    return Response.json(url.includes('well-known') ? { issuer: 'https://issuer.example/', jwks_uri: jwksUri } : jwks)
  }
  const of = (/** @type {string} */ jwksUri, /** @type {string[] | undefined} */ origins) =>
    discoverKeys('https://issuer.example/', { fetch: fetchOf(jwksUri), ...(origins && { origins }) })
  await of('https://keys.example/jwks', undefined).ready()
  await of('https://keys.example/jwks', ['https://keys.example']).ready()
  for (const jwksUri of [
    'https://127.0.0.1/',
    'https://localhost/',
    'https://[::1]/',
    'https://a.localhost./',
    'https://10.1.2.3/',
  ]) {
    assert.match(await causeOf(of(jwksUri, undefined)), /address space/, jwksUri)
  }
  assert.match(await causeOf(of('https://keys.example:8443/jwks', ['https://keys.example'])), /origins/)
  assert.equal(asked[0], 'https://issuer.example/.well-known/oauth-authorization-server')
  for (const origins of [[], 'https://a.example', ['https://a.example/'], ['a.example'], [7]]) {
    assert.throws(() => discoverKeys('https://issuer.example', /** @type {any} */ ({ origins })), TypeError)
  }
})

test('a redirect of metadata is not followed', async () => {
  const issuer = sandbox.issuer()
  const server = await site(() => ({
    '/.well-known/oauth-authorization-server': status(302, { location: issuer.metadataUrl }),
    '/.well-known/openid-configuration': status(307, { location: issuer.metadataUrl }),
  }))
  assert.match(await causeOf(discoverKeys(server.url)), /no metadata/)
  assert.equal(issuer.requests, 0)
  await server.close()
})

test('metadata costs no request per rotation', async () => {
  const issuer = sandbox.issuer({ algorithms: ['ES256'] })
  const verifier = new Verifier({
    issuer: issuer.issuer,
    audience: AUDIENCE,
    keys: { issuer: issuer.issuer, cooldownSeconds: 0.02 },
  })
  for (let rotation = 0; rotation < 4; rotation += 1) {
    assert.equal((await verifier.verifyAsync(issuer.mint())).ok, true)
    issuer.rotate()
    await pause(30)
  }
  assert.deepEqual([issuer.requests, issuer.jwksRequests], [5, 4])
})

test('keys that moved are found again, and an issuer that is down gets one request per look', async () => {
  const { jwks } = sandbox.issuer({ algorithms: ['ES256'] })
  let place = '/jwks-1'
  const server = await site((url) => ({
    '/.well-known/openid-configuration': { issuer: url, jwks_uri: `${url}${place}` },
    [place]: jwks,
  }))
  let now = Date.now() / 1000
  const source = discoverKeys(server.url, { cooldownSeconds: 0.01, clock: () => now })
  try {
    await source.ready()
    place = '/jwks-2'
    now += 700
    await until(() => source.current() !== undefined && source.stats.state === 'fresh')
    assert.equal(source.stats.failures, 2)
    assert.equal(server.requests.filter(({ url }) => url.includes('openid')).length, 2)
    server.answer = status(503)
    now += 700
    const [requests, looks] = [server.requests.length, source.stats.looks]
    await until(() => source.current() !== undefined && source.stats.looks >= looks + 6)
    assert.ok(server.requests.length - requests <= source.stats.looks - looks)
  } finally {
    await server.close()
  }
})

test('an issuer is an https URL without query and fragment, exactly as tokens have it', () => {
  for (const issuer of [
    'issuer.example',
    'http://issuer.example',
    'https://issuer.example?a',
    'https://issuer.example/?',
    'https://issuer.example#a',
    'https://user@issuer.example',
    ' https://issuer.example',
    'https://issuer.example\\a',
    '',
    7,
    undefined,
    new URL('https://issuer.example'),
  ]) {
    assert.throws(() => discoverKeys(/** @type {any} */ (issuer)), TypeError, String(issuer))
  }
  for (const issuer of [
    'https://issuer.example',
    'https://issuer.example/',
    'https://Issuer.example:443/a/',
    'http://[::1]:80',
  ]) {
    assert.equal(discoverKeys(issuer).issuer, issuer)
  }
})

test('the time for metadata is bounded, too', async () => {
  const issuer = sandbox.issuer()
  issuer.hang()
  const start = performance.now()
  const source = discoverKeys(issuer.issuer, { timeoutSeconds: 0.2 })
  await assert.rejects(source.ready(), UnavailableError)
  assert.ok(performance.now() - start < 2000)
  assert.equal(issuer.requests, 1)
})

test('Entra: the keys of one tenant’s issuer, and their own issuer with {tenantid} in it', async () => {
  const [mine, theirs] = [randomUUID(), randomUUID()]
  const { publicKey, privateKey } = await generateKeyPair('RS256')
  const { jwks } = sandbox.issuer()
  const server = await site((url) => {
    const key = { ...exported, kid: 'entra', issuer: `${url}/{tenantid}/v2.0` }
    const metadata = (/** @type {string} */ tenant) => ({ issuer: `${url}/${tenant}/v2.0`, jwks_uri: `${url}/keys` })
    return {
      [`/${mine}/v2.0/.well-known/openid-configuration`]: metadata(mine),
      '/common/v2.0/.well-known/openid-configuration': metadata('{tenantid}'),
      '/keys': { keys: [...jwks.keys, key] },
    }
  })
  const exported = await exportJWK(publicKey)
  const issuerOf = (/** @type {string} */ tenant) => `${server.url}/${tenant}/v2.0`
  /** @param {string} iss @param {string} [tid] */
  const sign = (iss, tid) =>
    new SignJWT({ ...(tid !== undefined && { tid }), exp: Math.floor(Date.now() / 1000) + 600 })
      .setProtectedHeader({ alg: 'RS256', kid: 'entra' })
      .setIssuer(issuerOf(iss))
      .sign(privateKey)
  const wrong = { code: 'claim_mismatch', claim: 'iss' }
  try {
    const one = new Verifier({ issuer: issuerOf(mine), audience: null, keys: { issuer: issuerOf(mine) } })
    assert.equal((await one.verifyAsync(await sign(mine, mine))).ok, true)
    for (const [iss, tid] of /** @type {[string, string?][]} */ ([[mine, theirs], [mine], [theirs, theirs]])) {
      await assert.rejects(one.verifyAsync(await sign(iss, tid)), wrong)
    }

    // The keys of all tenants are at one URL. Each vouches for the issuer of the tenant that the token is of.
    const issuer = [issuerOf(mine), issuerOf(theirs)]
    const many = new Verifier({ issuer, audience: null, keys: { url: `${server.url}/keys` } })
    assert.equal((await many.verifyAsync(await sign(mine, mine))).ok, true)
    assert.equal((await many.verifyAsync(await sign(theirs, theirs))).ok, true)
    for (const [iss, tid] of /** @type {[string, string?][]} */ ([[mine, theirs], [theirs, mine], [mine]])) {
      await assert.rejects(many.verifyAsync(await sign(iss, tid)), wrong)
    }

    // Metadata of all tenants is not that of the issuer asked for.
    assert.match(await causeOf(discoverKeys(issuerOf('common'))), /of all tenants.*remoteKeys/)
  } finally {
    await server.close()
  }
})
