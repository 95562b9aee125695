// @ts-check
/** MIGRATING.md: every pair compiles, runs on the same tokens, and its table is what the two sides do. */

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createHmac, generateKeyPairSync, sign } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { transform } from 'esbuild'
import { bridge, listen } from './http/servers.js'

const HERE = dirname(fileURLToPath(import.meta.url))
const { resolve } = createRequire(import.meta.url)
const DOCUMENT = readFileSync(join(dirname(resolve('countersign/package.json')), 'MIGRATING.md'), 'utf8')

/** Every snippet, by its name. */
const SNIPPETS = new Map(
  [...DOCUMENT.matchAll(/^```ts\n\/\/ ([a-z\d-]+)\.ts\n([^]*?)^```$/gm)].map(([, name = '', source = '']) => [
    name,
    source,
  ]),
)

/** The pairs, and which tokens each is for. */
const PAIRS = /** @type {const} */ ({
  jose: ['jose', 'signed'],
  jsonwebtoken: ['jsonwebtoken', 'signed'],
  'fast-jwt': ['fast-jwt', 'signed'],
  'aws-jwt-verify': ['aws-jwt-verify', 'cognito'],
  'express-oauth2-jwt-bearer': ['express-oauth2-jwt-bearer', 'signed'],
  'express-jwt': ['express-jwt', 'secret'],
  'hono/jwt': ['hono', 'secret'],
  '@fastify/jwt': ['fastify', 'secret'],
})

const ISSUER = 'https://issuer.example'
const COGNITO = 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_example'
const AUDIENCE = 'https://api.example'
const SECRET = 'a secret of the tests of the document, and of nothing else'

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const JWKS = { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'rsa', use: 'sig', alg: 'RS256' }] }

/** The issuer of the snippets, on loopback. @type {{ origin: string, close: () => Promise<void> }} */
let issuer
let folder = ''
const fetchBefore = globalThis.fetch

before(async () => {
  issuer = await listen((request, response) => {
    const metadata = { issuer: issuer.origin, jwks_uri: `${issuer.origin}/jwks` }
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(request.url === '/jwks' ? JWKS : metadata))
  })
  const pem = publicKey.export({ type: 'spki', format: 'pem' })
  // Within this folder, so that the snippets find the packages that these tests find.
  folder = mkdtempSync(join(HERE, 'migrating-'))
  const keys = `export const publicKey = ${JSON.stringify(pem)}\nexport const secret = ${JSON.stringify(SECRET)}\n`
  writeFileSync(join(folder, 'keys.ts'), keys)
  writeFileSync(join(folder, 'keys.js'), keys)
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  for (const [name, source] of SNIPPETS) {
    const there = source.replaceAll(ISSUER, issuer.origin)
    writeFileSync(join(folder, `${name}.ts`), source)
    writeFileSync(join(folder, `${name}.js`), (await transform(there, { loader: 'ts' })).code)
  }
  // Cognito's address is fixed: its documents are these.
  globalThis.fetch = async (input, init) => {
    const url = String(input instanceof Request ? input.url : input)
    if (!url.startsWith('https://cognito-idp.')) return fetchBefore(input, init)
    return url.endsWith('/jwks.json')
      ? Response.json(JWKS)
      : Response.json({ issuer: COGNITO, jwks_uri: `${COGNITO}/.well-known/jwks.json` })
  }
})

after(async () => {
  globalThis.fetch = fetchBefore
  rmSync(folder, { recursive: true, force: true })
  await issuer.close()
})

const now = Math.floor(Date.now() / 1000)

/** What each row of a table presents: how the good token is changed. @type {Record<string, { claims?: Record<string, unknown>, as?: 'changed' | 'unsigned' | 'doubled' | 'query' }>} */
const TOKENS = {
  'a good token': {},
  expired: { claims: { exp: now - 60 } },
  'not valid yet': { claims: { nbf: now + 3600 } },
  'changed after it was signed': { as: 'changed' },
  'with `alg` none': { as: 'unsigned' },
  'without `exp`': { claims: { exp: undefined } },
  'with `exp` as text': { claims: { exp: String(now + 3600) } },
  'of another issuer': { claims: { iss: 'https://other.example' } },
  'without `iss`': { claims: { iss: undefined } },
  'for another API': { claims: { aud: 'https://other.example', client_id: 'other' } },
  'without an audience': { claims: { aud: undefined, client_id: undefined } },
  'an ID token': { claims: { token_use: 'id', aud: 'my-client', client_id: undefined } },
  'with two `sub` members': { as: 'doubled' },
  'without the scope': { claims: { scope: 'other' } },
  'in the query': { as: 'query' },
}

/** @param {'signed' | 'cognito' | 'secret'} kind @param {string} row */
function tokenOf(kind, row) {
  const { claims: changes = {}, as } = TOKENS[row] ?? assert.fail(`no token is called ${row}`)
  const ofCognito = { aud: undefined, client_id: 'my-client', token_use: 'access' }
  /** @type {Record<string, unknown>} */
  const claims = {
    ...{ aud: AUDIENCE, sub: 'ada', scope: 'orders:read', iat: now, exp: now + 600 },
    iss: kind === 'cognito' ? COGNITO : issuer.origin,
    ...(kind === 'cognito' ? ofCognito : {}),
    ...changes,
  }
  if (kind === 'cognito') delete claims.aud
  if (row === 'an ID token') claims.aud = 'my-client'
  const part = (/** @type {string} */ text) => Buffer.from(text).toString('base64url')
  const written = as === 'doubled' ? JSON.stringify(claims).replace('{', '{"sub":"eve",') : JSON.stringify(claims)
  const unsigned = `${part('{"alg":"none"}')}.${part(written)}.`
  if (as === 'unsigned') return unsigned
  const alg = kind === 'secret' ? 'HS256' : 'RS256'
  const input = `${part(JSON.stringify({ alg, typ: 'JWT', kid: 'rsa' }))}.${part(written)}`
  const octets =
    kind === 'secret'
      ? createHmac('sha256', SECRET).update(input).digest()
      : sign('sha256', Buffer.from(input), privateKey)
  const token = `${input}.${octets.toString('base64url')}`
  if (as !== 'changed') return token
  const [header, , signature] = token.split('.')
  return [header, part(JSON.stringify({ ...claims, sub: 'eve' })), signature].join('.')
}

/** Asks one side about a token. @typedef {(token: string, row: string) => Promise<boolean>} Ask */

/** @param {string} name Of a snippet. @returns {Promise<{ ask: Ask, close: () => Promise<void> }>} */
async function load(name) {
  const module = await import(pathToFileURL(join(folder, `${name}.js`)).href)
  if (module.verifier?.cacheJwks !== undefined) module.verifier.cacheJwks(JWKS)
  if (module.verify !== undefined) {
    const ask = async (/** @type {string} */ token) => {
      try {
        return typeof (await module.verify(token)) === 'object'
      } catch {
        return false
      }
    }
    return { ask, close: async () => {} }
  }
  const { app } = module
  const { origin, close } = await serverOf(app)
  const ask = async (/** @type {string} */ token, /** @type {string} */ row) => {
    const isInQuery = TOKENS[row]?.as === 'query'
    const headers = isInQuery ? {} : { authorization: `Bearer ${token}` }
    const response = await fetchBefore(isInQuery ? `${origin}/?access_token=${token}` : `${origin}/`, { headers })
    if (response.status !== 200) return false
    assert.ok(['ada', 'eve'].includes((await response.json()).sub))
    return true
  }
  return { ask, close }
}

/** @param {any} app Of Express, Fastify or Hono. */
async function serverOf(app) {
  if (app.addHook !== undefined) {
    return { origin: await app.listen({ port: 0, host: '127.0.0.1' }), close: async () => void (await app.close()) }
  }
  if (app.handle !== undefined) {
    app.set('env', 'test')
    return listen(app)
  }
  return listen(bridge((request) => app.fetch(request)))
}

/** @param {string} library @returns {[row: string, before: string, after: string][]} */
function tableOf(library) {
  const [, table = ''] = DOCUMENT.split(`\n| token | ${library} | countersign |\n| --- | --- | --- |\n`)
  const lines = table.split('\n')
  return lines
    .slice(
      0,
      lines.findIndex((line) => !line.startsWith('|')),
    )
    .map((line) => {
      const [row = '', old = '', made = ''] = line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim())
      return [row, old, made]
    })
}

test('every snippet compiles as strict TypeScript', async () => {
  const compilerOptions = {
    ...{ strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, verbatimModuleSyntax: true },
    ...{ target: 'es2022', lib: ['es2022', 'dom', 'esnext.disposable'], module: 'nodenext', noEmit: true },
    ...{ skipLibCheck: true, types: ['node'] },
  }
  const files = ['keys', ...SNIPPETS.keys()].map((name) => `${name}.ts`)
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }))
  const { bin } = JSON.parse(readFileSync(resolve('typescript/package.json'), 'utf8'))
  const tsc = join(dirname(resolve('typescript/package.json')), bin.tsc)
  const result = await promisify(execFile)(process.execPath, [tsc, '-p', folder]).catch((error) => error)
  assert.equal(result.stdout, '')
})

for (const [library, [name, kind]] of Object.entries(PAIRS)) {
  test(`${library}: both sides, on the same tokens`, async () => {
    const old = await load(`${name}-before`)
    const made = await load(`${name}-after`)
    try {
      const rows = tableOf(library)
      assert.deepEqual(rows[0], ['a good token', 'accepted', 'accepted'])
      assert.ok(rows.length > 6)
      for (const [row, before, after] of rows) {
        const token = tokenOf(kind, row)
        const found = [await old.ask(token, row), await made.ask(token, row)]
        assert.deepEqual(
          found.map((isAccepted) => (isAccepted ? 'accepted' : 'refused')),
          [before, after],
          row,
        )
      }
      assert.ok(
        rows.some(([, before, after]) => before !== after),
        'something was left unchecked',
      )
    } finally {
      await old.close()
      await made.close()
    }
  })
}

test('express-jwt: a preflight reaches the handler, and does not behind the guard', async () => {
  const headers = { 'access-control-request-headers': 'authorization', 'access-control-request-method': 'GET' }
  /** @type {string[]} */
  const reached = []
  for (const side of ['before', 'after']) {
    const { app } = await import(pathToFileURL(join(folder, `express-jwt-${side}.js`)).href)
    app.options('/', (/** @type {unknown} */ _, /** @type {import('node:http').ServerResponse} */ response) => {
      reached.push(side)
      response.end()
    })
    const { origin, close } = await listen(app)
    await fetchBefore(origin, { method: 'OPTIONS', headers: { ...headers, origin: 'https://page.example' } })
    await close()
  }
  assert.deepEqual(reached, ['before'])
})

test('the shadow of the document passes what the existing side accepts, and reports the difference', async () => {
  const lines = /** @type {string[]} */ ([])
  const log = console.log
  console.log = (...parts) => void lines.push(parts.join(' '))
  const { ask, close } = await load('shadow')
  try {
    assert.equal(await ask(tokenOf('signed', 'a good token'), 'a good token'), true)
    assert.equal(await ask(tokenOf('signed', 'without the scope'), 'without the scope'), true)
    assert.equal(await ask(tokenOf('signed', 'expired'), 'expired'), false)
    for (let turn = 0; turn < 100 && lines.length === 0; turn += 1) await new Promise((done) => setTimeout(done, 10))
  } finally {
    console.log = log
    await close()
  }
  assert.deepEqual(lines, ['accepted → refused scope_insufficient scope'])
})
