// @ts-check
/**
 * The programs under "Take it with you": each is started, exactly as it is copied, in the runtime that it is for, and
 * asked over HTTP.
 *
 * @module
 */

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { countersign, profiles, receipts, Verifier } from 'countersign'
import { build } from 'esbuild'
import { SignJWT } from 'jose'
import { LISTINGS, listing } from '../../www/js/code-view.js'
import { defaultsOf, SYSTEMS, systemOf } from '../../www/js/systems.js'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const SECRET = 'a secret of this test, which is long enough'
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const JWK = JSON.stringify({ ...publicKey.export({ format: 'jwk' }), kid: 'k', alg: 'ES256' })

const RSA = JSON.stringify(generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' }))

/** @typedef {{ file: string, command: string, args: string[], worker?: boolean }} Runtime */

/** Node's other runtimes, installed for tests/package/runtimes. @param {string} path */
const installed = (path) => join(process.env.RUNTIMES ?? '', path)

/** How the program of each tab is started. @type {Readonly<Record<string, Runtime>>} */
const RUNTIMES = {
  worker: { file: 'worker.js', command: installed('node24/bin/node'), args: [], worker: true },
  node: { file: 'server.mjs', command: process.execPath, args: [] },
  express: { file: 'server.mjs', command: process.execPath, args: [] },
  fastify: { file: 'server.mjs', command: process.execPath, args: [] },
  hono: { file: 'worker.js', command: installed('node24/bin/node'), args: [], worker: true },
  deno: { file: 'server.js', command: installed('.bin/deno'), args: ['run', '--allow-net', '--allow-env'] },
  bun: { file: 'server.js', command: installed('.bin/bun'), args: ['run'] },
}

/** A folder with the dependencies of the programs installed. @type {string} */
let folder

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-program-'))
  const modules = join(folder, 'node_modules')
  mkdirSync(modules)
  // The package is copied, because Deno does not read beyond node_modules without a permission.
  for (const name of ['package.json', 'dist']) {
    cpSync(join(ROOT, 'pkg', name), join(modules, 'countersign', name), { recursive: true })
  }
  for (const name of ['express', 'fastify', 'hono']) symlinkSync(join(ROOT, 'node_modules', name), join(modules, name))
  const dependencies = { countersign: '*', express: '*', fastify: '*', hono: '*' }
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module', private: true, dependencies }))
})

after(() => rmSync(folder, { recursive: true, force: true }))

/** @returns {Promise<number>} */
async function freePort() {
  const server = createServer()
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  await new Promise((resolve) => server.close(resolve))
  return port
}

/**
 * Writes a program into a file, bundles it if it is a Worker (as wrangler does), and gives the arguments that start it.
 *
 * @param {string} target
 * @param {string} source
 */
async function prepared(target, source) {
  const { file, args, worker } = RUNTIMES[target] ?? assert.fail(`${target} has no runtime`)
  const path = join(folder, file)
  writeFileSync(path, source)
  if (worker !== true) return [...args, path]
  const outfile = join(folder, 'bundle.mjs')
  await build({
    entryPoints: [path],
    bundle: true,
    outfile,
    format: 'esm',
    conditions: ['worker', 'browser'],
    external: ['cloudflare:workers'],
  })
  return [fileURLToPath(new URL('program-worker.js', import.meta.url)), outfile]
}

/**
 * Starts a program and uses it. `ask` sends a token and gives the status and the body.
 *
 * @param {string} target
 * @param {string} source
 * @param {Record<string, string>} variables
 * @param {(ask: (path: string, token?: string) => Promise<{ status: number, body: string }>) => Promise<void>} use
 */
async function running(target, source, variables, use) {
  const args = await prepared(target, source)
  const port = await freePort()
  const { PATH = '', RUNTIMES: runtimes = '' } = process.env
  const env = { PATH, HOME: folder, DENO_DIR: join(folder, 'deno'), RUNTIMES: runtimes }
  const child = spawn(RUNTIMES[target]?.command ?? '', args, {
    cwd: folder,
    env: { ...env, ...variables, PORT: String(port) },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text) => (errors += text))
  const ended = once(child, 'exit')
  try {
    await Promise.race([
      use(async (path, token) => {
        const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
        const response = await patiently(`http://127.0.0.1:${port}${path}`, headers)
        return { status: response.status, body: await response.text() }
      }),
      ended.then(([code]) => Promise.reject(new Error(`${target} ended with ${code}:\n${errors}`))),
    ])
  } finally {
    child.kill()
    await ended
  }
}

/**
 * Sends a request to a server that may still be starting.
 *
 * @param {string} url
 * @param {Record<string, string>} headers
 */
async function patiently(url, headers) {
  const until = Date.now() + 60_000
  for (;;) {
    try {
      return await fetch(url, { headers })
    } catch (error) {
      if (Date.now() > until) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}

/** @param {string} issuer */
function accessToken(issuer) {
  return new SignJWT({ client_id: 'shop', scope: 'orders:read' })
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'k' })
    .setIssuer(issuer)
    .setAudience('https://api.example/')
    .setSubject('mary')
    .setIssuedAt()
    .setJti('1')
    .setExpirationTime('1h')
    .sign(privateKey)
}

/** @param {string} id */
function receiptToken(id) {
  const expires = Math.floor(Date.now() / 1000) + 900
  const receipt = receipts.juspay({ merchantId: 'acme', environment: 'sandbox', kind: 'order', id, expires })
  return countersign('tkn_0123456789abcdef0123456789abcdef', receipt, { secret: SECRET })
}

/**
 * @param {string} system
 * @param {Record<string, string>} values
 * @param {string} target
 * @param {Parameters<typeof listing>[3]} form
 */
function program(system, values, target, form) {
  const { plan, expected } = systemOf(system)
  const all = { ...defaultsOf(system), ...values }
  return listing(target, plan(all), expected(all), form)
}

test('every tab has a runtime in this test', () => {
  assert.deepEqual(Object.keys(LISTINGS), Object.keys(RUNTIMES))
})

for (const target of Object.keys(RUNTIMES)) {
  test(`the program for ${target} runs as it is copied: a public key, an access token`, async () => {
    const source = program('accessToken', { scope: 'orders:read' }, target, 'jwks')
    await running(target, source, { PUBLIC_KEYS: `{"keys":[${JWK}]}` }, async (ask) => {
      const good = await ask('/', await accessToken('https://issuer.example/'))
      assert.equal(good.status, 200, good.body)
      assert.equal(JSON.parse(good.body).sub, 'mary')
      assert.equal((await ask('/')).status, 401)
      assert.equal((await ask('/', await accessToken('https://other.example/'))).status, 401)
    })
  })

  test(`the program for ${target} runs as it is copied: a secret, a receipt bound to the request`, async () => {
    const source = program('juspay', {}, target, 'secret')
    await running(target, source, { TOKEN_SECRET: SECRET }, async (ask) => {
      const token = receiptToken('order-7')
      const good = await ask('/?order_id=order-7', token)
      assert.equal(good.status, 200, good.body)
      assert.deepEqual(JSON.parse(good.body).bind, { order_id: 'order-7' })
      for (const path of ['/?order_id=order-8', '/', '/?order_id=order-8&order_id=order-7']) {
        assert.equal((await ask(path, token)).status, 403, path)
      }
      assert.equal((await ask('/?order_id=order-7')).status, 401)
    })
  })
}

/** The text of the environment variable for each form of key. @type {Readonly<Record<string, string>>} */
const VARIABLES = {
  secret: SECRET,
  octets: Buffer.from(SECRET).toString('base64url'),
  pem: String(publicKey.export({ format: 'pem', type: 'spki' })),
  jwk: JWK,
  jwks: `{"keys":[${JWK}]}`,
  list: `[${JWK}]`,
}

/**
 * The options with which a program builds its verifier: the program up to its guard, evaluated.
 *
 * @param {string} source The program for Node.
 * @param {Record<string, string>} env
 */
function optionsOf(source, env) {
  const [, literal = ''] = /const verifier = new Verifier\((\{\n.*?\n\})\)\n/s.exec(source) ?? []
  return new Function('process', 'profiles', `return ${literal}`)({ env }, profiles)
}

for (const [form, text] of Object.entries(VARIABLES)) {
  test(`the verifier of a program takes a key of the form ${form}`, async () => {
    const source = program('custom', {}, 'node', /** @type {Parameters<typeof listing>[3]} */ (form))
    const [, variable = ''] = /process\.env\.([A-Z_]+KEYS?|[A-Z_]+SECRET)/.exec(source) ?? []
    const verifier = new Verifier(optionsOf(source, { [variable]: text }))
    const signed = new SignJWT({}).setExpirationTime('1h')
    const token = ['secret', 'octets'].includes(form)
      ? await signed.setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from(SECRET))
      : await signed.setProtectedHeader({ alg: 'ES256' }).sign(privateKey)
    assert.equal(verifier.tryVerify(token).ok, true)
    assert.throws(() => new Verifier(optionsOf(source, {})), { name: /TypeError|SyntaxError/ })
  })
}

test('the program for every system builds its verifier', () => {
  for (const system of Object.keys(SYSTEMS)) {
    const source = program(system, {}, 'node', '')
    const env = { TOKEN_SECRET: SECRET, PUBLIC_KEYS: `{"keys":[${JWK}]}` }
    const isRsa = ['publiq', 'auth0', 'entra', 'cognito'].includes(system)
    const options = optionsOf(source, isRsa ? { PUBLIC_KEYS: `{"keys":[${RSA}]}` } : env)
    assert.ok(new Verifier(options))
  }
})

test('without a key on the page, a program takes the kind of key that its system needs', () => {
  for (const system of Object.keys(SYSTEMS)) {
    const receipt = ['juspay', 'cashfree', 'receipt'].includes(system)
    assert.match(program(system, {}, 'node', ''), receipt ? /TOKEN_SECRET/ : /PUBLIC_KEYS/)
  }
})

test('an issuer or audience that is not checked is marked in the program', () => {
  const source = program('custom', {}, 'node', 'jwk')
  assert.match(source, /issuer: null, \/\/ not checked\n {2}audience: null, \/\/ not checked\n/)
})

/** Text that must stay text in a program. */
const HOSTILE = [
  "'",
  "\\'",
  '\\',
  "'); process.exit(1); ('",
  '`${process.exit(1)}`',
  '"',
  '\\"',
  '*/ // <!--',
  '\u2028\u2029\u0000',
  '\ud800',
  '$KEY $& $1',
  '</script>',
  '__proto__',
  'constructor',
  'an-issuer',
  '1',
  'é',
]

test('text from the page is only text in every program, and is read back as it was', async () => {
  const { transform } = await import('esbuild')
  for (const text of HOSTILE) {
    const values = { issuer: text, audience: text, bind: `${text}=1` }
    for (const target of Object.keys(LISTINGS)) {
      const source = program('custom', values, target, 'secret')
      const { code } = await transform(source, { loader: 'js', format: 'esm' })
      assert.doesNotMatch(code, /^\s*process\.exit/m, target)
    }
    const options = optionsOf(program('custom', values, 'node', 'secret'), { TOKEN_SECRET: SECRET })
    const trimmed = text.trim()
    assert.deepEqual([options.issuer, options.audience], [trimmed, trimmed])
    assert.deepEqual(options.bind, [trimmed])
    const source = program('custom', values, 'node', 'secret')
    const [, expected = ''] = /guard\(verifier, \{\n {2}expected: (\(request\) => .*?),\n\}\)\n/s.exec(source) ?? []
    const query = new URLSearchParams([[trimmed, 'found']])
    const { bind } = new Function(`return ${expected}`)()({ url: `/?${query}` })
    // A lone surrogate cannot be sent in an address.
    if (text !== '\ud800') assert.deepEqual(Object.entries(bind), [[trimmed, 'found']])
  }
})
