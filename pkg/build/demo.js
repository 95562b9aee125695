// @ts-check
/**
 * Builds the demo page: `www/dist/index.html` with its script and style beside it, and `www/dist/countersign.html`, the
 * whole page in one file.
 *
 * @module
 */

import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { extname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { main, ROOT, say } from './steps.js'

const WWW = join(ROOT, 'www')
const DIST = join(WWW, 'dist')

/** The policy of both forms of the page: no connections, and no code but its own script and Wasm. */
const COMMON = [
  "default-src 'none'",
  "connect-src 'none'",
  "img-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
]

/** The policy of the served page. A `meta` element cannot contain `frame-ancestors`. */
const SERVED = [
  ...COMMON,
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "font-src 'self'",
  "frame-ancestors 'none'",
].join('; ')

const TYPES = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.woff2', 'font/woff2'],
])

/**
 * Writes `www/dist` from `www` and `pkg/dist`.
 *
 * @returns {Promise<string>} The sizes, as text.
 */
export async function buildDemo() {
  const page = readFileSync(join(WWW, 'index.html'), 'utf8')
  rmSync(DIST, { recursive: true, force: true })
  mkdirSync(DIST, { recursive: true })
  const script = await bundle('js/main.js', { alias: { countersign: join(ROOT, 'pkg', 'dist', 'index.js') } })
  const [linked, inlined] = await Promise.all([
    bundle('css/page.css', { external: ['*.woff2'] }),
    bundle('css/page.css', { loader: { '.woff2': 'dataurl' } }),
  ])
  writeFileSync(join(DIST, 'page.js'), script)
  writeFileSync(join(DIST, 'page.css'), linked.replaceAll('../fonts/', ''))
  for (const font of readdirSync(join(WWW, 'fonts'))) {
    writeFileSync(join(DIST, font), readFileSync(join(WWW, 'fonts', font)))
  }
  writeFileSync(
    join(DIST, 'index.html'),
    filled(page, '<link rel="stylesheet" href="page.css">', '<script type="module" src="page.js"></script>'),
  )
  const whole = oneFile(page, script, inlined)
  writeFileSync(join(DIST, 'countersign.html'), whole)
  return `www/dist: page ${kilobytes(script.length + linked.length)}, countersign.html ${kilobytes(whole.length)}`
}

/**
 * Serves `www/dist` on loopback.
 *
 * @param {number} [port] The preferred port. If it is busy, or 0, which is the default: any free port.
 * @returns {Promise<{ url: string, close: () => Promise<void> }>}
 */
export async function serveDemo(port = 0) {
  const names = new Set(readdirSync(DIST))
  const server = createServer((request, response) => {
    const path = (request.url ?? '/').split(/[?#]/)[0]
    const name = path === '/' ? 'index.html' : (path ?? '').slice(1)
    const readable = request.method === 'GET' || request.method === 'HEAD'
    if (!readable || !names.has(name)) {
      response.writeHead(readable ? 404 : 405, { 'Content-Type': 'text/plain' }).end()
      return
    }
    response.writeHead(200, {
      'Content-Type': TYPES.get(extname(name)) ?? 'text/plain; charset=utf-8',
      'Content-Security-Policy': SERVED,
      'Cache-Control': 'no-cache',
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Referrer-Policy': 'no-referrer',
      'X-Content-Type-Options': 'nosniff',
    })
    response.end(request.method === 'HEAD' ? undefined : readFileSync(join(DIST, name)))
  })
  await listen(server, port).catch((error) => {
    if (error.code !== 'EADDRINUSE' || port === 0) throw error
    return listen(server, 0)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('not listening on a port')
  return {
    url: `http://127.0.0.1:${address.port}/`,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error === undefined ? resolve() : reject(error)))
        server.closeAllConnections()
      }),
  }
}

/**
 * @param {import('node:http').Server} server
 * @param {number} port
 * @returns {Promise<void>}
 */
function listen(server, port) {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      server.removeListener('error', reject)
      resolve()
    })
  })
}

/**
 * @param {string} entry Relative to `www`.
 * @param {import('esbuild').BuildOptions} options
 */
async function bundle(entry, options) {
  // esbuild may have been installed after this module was loaded.
  const { build } = await import('esbuild')
  const { outputFiles } = await build({
    entryPoints: [join(WWW, entry)],
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    legalComments: 'none',
    write: false,
    logLevel: 'warning',
    ...options,
  })
  return outputFiles?.[0]?.text ?? ''
}

/**
 * @param {string} page
 * @param {string} script
 * @param {string} style
 */
function oneFile(page, script, style) {
  // These would end the element for the HTML parser, even inside a string.
  if (/<\/script|<!--/i.test(script) || /<\/style/i.test(style)) throw new Error('the page cannot hold its own script')
  const policy = [
    ...COMMON,
    `script-src '${hashOf(script)}' 'wasm-unsafe-eval'`,
    `style-src '${hashOf(style)}'`,
    'font-src data:',
  ].join('; ')
  const meta = `<meta http-equiv="Content-Security-Policy" content="${policy}">`
  return filled(page, `${meta}\n<style>${style}</style>`, `<script type="module">${script}</script>`)
}

/** @param {string} text */
function hashOf(text) {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`
}

/**
 * @param {string} page
 * @param {string} styles
 * @param {string} script
 */
function filled(page, styles, script) {
  return page.replace('<!-- styles -->', () => styles).replace('<!-- script -->', () => script)
}

/** @param {number} characters */
function kilobytes(characters) {
  return `${(characters / 1000).toFixed(0)} kB`
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await main(async () => {
    say(await buildDemo())
    if (process.argv.includes('--serve')) say((await serveDemo(4610)).url)
  })
}
