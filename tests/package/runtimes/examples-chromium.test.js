// @ts-check
/**
 * The examples of `countersign/inspect` in Chromium: plain HTML as npm installs the package, React and Vue as Vite bundles
 * them, each under `script-src 'self'` and without WebAssembly.
 *
 * `npm test` names the browser in CHROMIUM.
 */

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname, join, normalize } from 'node:path'
import { after, before, test } from 'node:test'
import { build } from 'vite'
import { launchChromium, PROJECT } from './lib.js'

/** @type {Record<string, string>} */
const TYPES = { '.js': 'text/javascript', '.html': 'text/html', '.css': 'text/css' }

const encode = (/** @type {object} */ value) => Buffer.from(JSON.stringify(value)).toString('base64url')
const CLAIMS = { iss: 'https://issuer.example', sub: 'u1', aud: 'api', exp: 4_000_000_000, name: '<b>Zoë</b>' }
const TOKEN = `${encode({ alg: 'ES256' })}.${encode(CLAIMS)}.AA`

/** The folders of the fresh project that are served: as they are, or as Vite built them. */
const FOLDERS = new Map([
  ['/html/', join(PROJECT, 'examples', 'inspect-html')],
  ['/react/', join(PROJECT, 'bundles', 'inspect-react')],
  ['/vue/', join(PROJECT, 'bundles', 'inspect-vue')],
  ['/node_modules/', join(PROJECT, 'node_modules')],
])

const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url ?? '/', 'http://127.0.0.1')
  const [start, folder] = [...FOLDERS].find(([start]) => pathname.startsWith(start)) ?? ['', '']
  const path = join(folder, normalize(`/${pathname.slice(start.length) || 'index.html'}`))
  try {
    const body = await readFile(path)
    const policy = "script-src 'self'"
    response.writeHead(200, { 'Content-Type': TYPES[extname(path)] ?? '', 'Content-Security-Policy': policy })
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

for (const name of ['html', 'react', 'vue']) {
  test(`the example in ${name} shows what is in a token, with no WebAssembly and no inline script`, async () => {
    if (name !== 'html') {
      await build({
        root: join(PROJECT, 'examples', `inspect-${name}`),
        base: `/${name}/`,
        configFile: false,
        logLevel: 'error',
        build: { outDir: join(PROJECT, 'bundles', `inspect-${name}`), emptyOutDir: true, modulePreload: false },
      })
    }
    const page = await browser.newPage()
    await page.addInitScript('delete globalThis.WebAssembly')
    /** @type {string[]} */
    const failures = []
    page.on('pageerror', ({ message }) => failures.push(message))
    page.on('console', (message) => {
      if (message.type() === 'error' && !message.location().url.endsWith('/favicon.ico')) failures.push(message.text())
    })
    const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
    await page.goto(`http://127.0.0.1:${port}/${name}/`)
    assert.equal(await page.evaluate('typeof WebAssembly'), 'undefined')
    await page.getByLabel('Access token').fill(`  ${TOKEN}\n`)
    const text = (/** @type {string} */ id) => page.locator(`#${id}`).textContent()
    await page.getByText('current').waitFor()
    assert.deepEqual(JSON.parse(String(await text('claims'))), CLAIMS)
    assert.match(String(await text('warnings')), /identifies a person/)
    await page.getByLabel('Access token').fill('not a token')
    await page.getByText('token_malformed').waitFor()
    assert.equal(await text('claims'), '')
    assert.deepEqual(failures, [])
    await page.close()
  })
}
