// @ts-check
/**
 * Chromium: a page and a worker, unbundled as npm installs it, and under a policy that forbids compiling.
 *
 * `npm test` names the browser in CHROMIUM.
 */

import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join, normalize } from 'node:path'
import { after, before, test } from 'node:test'
import { startSandbox } from 'countersign/sandbox'
import { build } from 'vite'
import { EXAMPLES } from '../http/readme.js'
import { json, origin } from '../keys/origin.js'
import { assertAllHeld, launchChromium, PROJECT, vectorsLiteral } from './lib.js'

const TYPES = { js: 'text/javascript', json: 'application/json', wasm: 'application/wasm', html: 'text/html' }

const IMPORTS = JSON.stringify({
  imports: {
    countersign: '/node_modules/countersign/dist/index.js',
    'countersign/slim': '/node_modules/countersign/dist/slim.js',
  },
})

const PAGE = `<!doctype html><script type="importmap">${IMPORTS}</script>`

const WORKER = `
import * as countersign from '/node_modules/countersign/dist/index.js'
import { verdicts } from '/tests/package/runtimes/verdicts.js'
onmessage = ({ data }) => postMessage(verdicts(countersign, data))
`

/** The fresh project and the two made-up files, over HTTP on loopback; `?csp=` sets a page's policy. */
const server = createServer(async (request, response) => {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1')
  const made = { '/page.html': PAGE, '/worker.js': WORKER }[url.pathname]
  const policy = url.searchParams.get('csp')
  try {
    const body = made ?? (await readFile(join(PROJECT, normalize(url.pathname))))
    const type = Object.entries(TYPES).find(([end]) => url.pathname.endsWith(`.${end}`))?.[1]
    response.writeHead(200, {
      'Content-Type': type ?? 'application/octet-stream',
      ...(policy === null ? {} : { 'Content-Security-Policy': policy }),
    })
    response.end(body)
  } catch {
    response.writeHead(404).end()
  }
})

/** @type {import('playwright-core').Browser} */
let browser

before(async () => {
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  browser = await launchChromium()
})

after(async () => {
  await browser?.close()
  server.close()
})

/** @param {string} [csp] */
async function open(csp) {
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  const page = await browser.newPage()
  const query = csp === undefined ? '' : `?csp=${encodeURIComponent(csp)}`
  await page.goto(`http://127.0.0.1:${port}/page.html${query}`)
  return page
}

/** Runs in the page: a bare import, as the import map resolves it. */
const inPage = `async (specifier, vectors) => {
  const countersign = await import(specifier)
  if (specifier.endsWith('slim')) {
    await countersign.init(await (await fetch('/node_modules/countersign/dist/countersign.wasm')).arrayBuffer())
  }
  const { verdicts } = await import('/tests/package/runtimes/verdicts.js')
  return verdicts(countersign, vectors)
}`

for (const specifier of ['countersign', 'countersign/slim']) {
  test(`Chromium gives every vector its answer in a page: ${specifier}`, async () => {
    const page = await open()
    const call = `(${inPage})('${specifier}', ${vectorsLiteral})`
    assertAllHeld(/** @type {any} */ (await page.evaluate(call)))
  })
}

test('Chromium gives every vector its answer in a worker', async () => {
  const page = await open()
  const found = await page.evaluate(`new Promise((resolve, reject) => {
    const worker = new Worker('/worker.js', { type: 'module' })
    worker.onerror = (event) => reject(new Error(event.message))
    worker.onmessage = ({ data }) => resolve(data)
    worker.postMessage(${vectorsLiteral})
  })`)
  assertAllHeld(/** @type {any} */ (found))
})

test('the README’s page fetches the bytes apart', async () => {
  const folder = join(PROJECT, 'bundles', 'page')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'page.js'), String(EXAMPLES.get('page.js')))
  await build({
    root: folder,
    base: '/bundles/page/dist/',
    configFile: false,
    logLevel: 'error',
    build: {
      target: 'es2022',
      assetsInlineLimit: 0,
      rollupOptions: {
        input: join(folder, 'page.js'),
        preserveEntrySignatures: 'strict',
        output: { entryFileNames: 'page.js' },
      },
    },
  })
  const page = await open()
  const built = FIRST_USE.replace("'countersign'", "'/bundles/page/dist/page.js'")
  assert.equal(await page.evaluate(built), 'built')
})

const FIRST_USE = `import('countersign').then(({ Verifier }) => {
  try {
    new Verifier({ issuer: null, audience: null, keys: { secret: new Uint8Array(32).fill(7) } })
    return 'built'
  } catch (error) {
    return error.name + ': ' + error.message
  }
})`

test('a page that forbids compiling imports the package, and the first use says what to do', async () => {
  const page = await open("script-src 'self' 'unsafe-inline'")
  assert.match(String(await page.evaluate(FIRST_USE)), /^Error: .*wasm-unsafe-eval.*countersign\/slim/)
})

test("a page that allows 'wasm-unsafe-eval' needs nothing else", async () => {
  const page = await open("script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'")
  assert.equal(await page.evaluate(FIRST_USE), 'built')
})

test('a page verifies with the keys of an issuer on another origin, through their rotation and an outage', async () => {
  const sandbox = await startSandbox()
  const issuer = sandbox.issuer({ algorithms: ['ES256'] })
  const allowed = { 'access-control-allow-origin': '*', 'access-control-expose-headers': 'etag' }
  let redirects = false
  // It shows its ETag to pages, and does not allow the header that makes a request conditional.
  const server = await origin((request, response) => {
    for (const [name, value] of Object.entries({ ...allowed, etag: '"1"' })) response.setHeader(name, value)
    if (request.method === 'OPTIONS') response.writeHead(405).end()
    else if (redirects) response.writeHead(302, { location: '/elsewhere' }).end()
    else json(issuer.jwks)(request, response)
  })
  const closed = await origin(json(issuer.jwks))
  try {
    const page = await open()
    await page.evaluate(`import('countersign').then(({ Verifier, remoteKeys }) => {
      const verifierOf = (url) => new Verifier({
        issuer: ${JSON.stringify(issuer.issuer)},
        audience: ${JSON.stringify(issuer.audience)},
        keys: remoteKeys(url, { cooldownSeconds: 0.2 }),
      })
      const verifiers = { open: verifierOf('${server.url}'), closed: verifierOf('${closed.url}') }
      globalThis.ask = (which, token) => verifiers[which].verifyAsync(token).then(() => 'ok', ({ code }) => code)
    })`)
    const ask = (token = issuer.mint(), which = 'open') => page.evaluate(`ask('${which}', '${token}')`)
    const pause = () => new Promise((resolve) => setTimeout(resolve, 300))
    assert.equal(await ask(), 'ok')
    assert.equal(await ask(issuer.mint(), 'closed'), 'keys_unavailable')
    issuer.rotate()
    await pause()
    // The conditional request is what the other origin does not allow; the next one is not conditional.
    assert.equal(await ask(), 'keys_unavailable')
    await pause()
    assert.equal(await ask(), 'ok')
    redirects = true
    await pause()
    assert.equal(await ask(issuer.mint({ header: { kid: 'strange' } })), 'keys_unavailable')
    assert.equal(await ask(), 'ok')
    assert.ok(server.requests.every(({ url }) => url === '/'))
  } finally {
    await Promise.all([server.close(), closed.close(), sandbox.close()])
  }
})
