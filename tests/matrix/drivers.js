// @ts-check
/**
 * Ways to run a project of the matrix: a command, a server, a page in a browser, a Worker, a compiler.
 *
 * @module
 */

import { execFile, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createServer as createListener } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The packages of Node's other versions, Deno, Bun and workerd. */
const RUNTIMES = join(dirname(fileURLToPath(import.meta.url)), '..', 'package', 'runtimes', 'node_modules')

/** How long a program may take, in milliseconds; the machine may be shared. */
const PATIENCE = 300_000

/**
 * The environment of a project's commands: its own tools first, then the Node of the row.
 *
 * @param {string} folder
 * @param {{ node?: string, env?: Record<string, string> }} [row]
 * @returns {NodeJS.ProcessEnv}
 */
export function environmentOf(folder, { node = 'node24', env = {} } = {}) {
  const own = node === 'own' ? dirname(process.execPath) : join(RUNTIMES, node, 'bin')
  const path = [join(folder, 'node_modules', '.bin'), own, join(RUNTIMES, '.bin'), process.env.PATH].join(delimiter)
  return {
    ...process.env,
    PATH: path,
    CI: 'true',
    NEXT_TELEMETRY_DISABLED: '1',
    NUXT_TELEMETRY_DISABLED: '1',
    ASTRO_TELEMETRY_DISABLED: '1',
    CLOUDFLARE_CF_FETCH_ENABLED: 'false',
    WRANGLER_SEND_METRICS: 'false',
    ...env,
  }
}

/**
 * A server that pages fetch the vectors from and post their verdicts to.
 *
 * @param {string} vectors
 */
export async function startReports(vectors) {
  /** @type {Map<string, (text: string) => void>} */
  const waiting = new Map()
  const server = createServer(async (request, response) => {
    response.setHeader('access-control-allow-origin', '*')
    if (request.method === 'GET') return response.end(vectors)
    let text = ''
    for await (const part of request.setEncoding('utf8')) text += part
    waiting.get(request.url ?? '')?.(text)
    response.end()
  })
  const port = await listen(server)
  let count = 0
  return {
    /** The next page's address for vectors and report, and its report. */
    next() {
      count += 1
      const path = `/${count}`
      const report = new Promise((resolve, reject) => {
        waiting.set(path, resolve)
        setTimeout(() => reject(new Error('the page reported nothing')), PATIENCE).unref()
      })
      return { url: `http://127.0.0.1:${port}${path}`, report: /** @type {Promise<string>} */ (report) }
    },
    close: () => new Promise((resolve) => server.close(resolve)),
  }
}

/** @param {import('node:http').Server} server @returns {Promise<number>} */
function listen(server) {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve(/** @type {import('node:net').AddressInfo} */ (server.address()).port)
    })
  })
}

/** A port that is free now. @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve) => {
    const server = createListener().listen(0, '127.0.0.1', () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
      server.close(() => resolve(port))
    })
  })
}

/**
 * @typedef {{
 *   folder: string,
 *   env: NodeJS.ProcessEnv,
 *   vectors: string,
 *   reports: Awaited<ReturnType<typeof startReports>>,
 * }} Context
 */

/** What the programs of a row print or answer, one text for each. */
export const drivers = {
  /**
   * A command that reads the vectors from standard input and prints the verdicts.
   *
   * @param {string[]} command
   * @param {Context} context
   */
  async command([command = '', ...args], { folder, env, vectors }) {
    return [
      await new Promise((resolve, reject) => {
        const options = { cwd: folder, env, timeout: PATIENCE, maxBuffer: 2 ** 26 }
        const child = execFile(command, args, options, (error, stdout, stderr) => {
          if (error === null) resolve(stdout)
          else reject(new Error(`${command} ${args.join(' ')}: ${error.code}\n${stdout}${stderr}`))
        })
        child.stdin?.on('error', () => {})
        child.stdin?.end(vectors)
      }),
    ]
  },

  /**
   * A command whose success is the result.
   *
   * @param {string[]} command
   * @param {Context} context
   */
  async compiles(command, context) {
    await drivers.command(command, context)
    return ['compiled']
  },

  /**
   * A server, told its port by `PORT`: each path takes the vectors by POST, and each page is opened in Chromium.
   *
   * @param {{ command: string[], paths?: string[], pages?: string[] }} server
   * @param {Context} context
   */
  async server({ command: [command = '', ...given], paths = [], pages = [] }, { folder, env, vectors, reports }) {
    const port = String(await freePort())
    const args = given.map((arg) => arg.replace('PORT', port))
    const child = spawn(command, args, {
      cwd: folder,
      env: { ...env, PORT: port, HOST: '127.0.0.1', HOSTNAME: '127.0.0.1', NITRO_PORT: port, NITRO_HOST: '127.0.0.1' },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let printed = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => (printed += text))
    const base = `http://127.0.0.1:${port}`
    try {
      await answering(base, child, () => printed)
      const texts = []
      for (const path of paths) {
        const headers = { 'content-type': 'application/json' }
        const response = await fetch(`${base}${path}`, { method: 'POST', body: vectors, headers }).catch((error) => {
          throw new Error(`${path}: ${error.cause}\n${printed.slice(-3000)}`)
        })
        const text = await response.text()
        texts.push(response.ok ? text : `${response.status} ${text.slice(0, 600)}\n${printed.slice(-2000)}`)
      }
      for (const path of pages) texts.push(await opened('chromium', `${base}${path}`, reports))
      return texts
    } finally {
      end(child)
    }
  },

  /**
   * A page, opened in each engine.
   *
   * @param {{ folder: string, path?: string, engines: Engine[], headers?: Record<string, string> }} page
   * @param {Context} context
   */
  async page({ folder: served, path = '/index.html', engines, headers = {} }, { folder, reports }) {
    const server = createServer((request, response) => {
      const name = (request.url ?? '/').split('?')[0] ?? ''
      try {
        const content = readFileSync(join(folder, served, name))
        response.writeHead(200, { 'content-type': TYPES[extname(name)] ?? 'text/plain', ...headers }).end(content)
      } catch {
        response.writeHead(404).end()
      }
    })
    const port = await listen(server)
    try {
      const texts = []
      for (const engine of engines) texts.push(await opened(engine, `http://127.0.0.1:${port}${path}`, reports))
      return texts
    } finally {
      server.close()
      server.closeAllConnections()
    }
  },

  /**
   * Worker modules, run by miniflare under each compatibility date; the first is the main one.
   *
   * @param {{ modules: string[], dates: string[], flags?: string[] }} worker
   * @param {Context} context
   */
  async worker({ modules, dates, flags = [] }, context) {
    const texts = []
    for (const date of dates) {
      const options = JSON.stringify({ modules, date, flags, runtimes: RUNTIMES })
      texts.push(...(await drivers.command(['node', 'miniflare.js', options], context)))
    }
    return texts
  },
}

/** @type {Record<string, string>} */
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
}

/**
 * Waits until a server answers anything.
 *
 * @param {string} base
 * @param {import('node:child_process').ChildProcess} child
 * @param {() => string} printed
 */
async function answering(base, child, printed) {
  const end = Date.now() + PATIENCE
  while (Date.now() < end) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}\n${printed().slice(-3000)}`)
    try {
      await (await fetch(`${base}/no-such-path`)).arrayBuffer()
      return
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  }
  throw new Error(`the server did not answer\n${printed().slice(-3000)}`)
}

/** Ends a process that leads a group, and the group. @param {import('node:child_process').ChildProcess} child */
function end(child) {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
  } catch {}
}

/** @typedef {'chromium' | 'firefox' | 'webkit'} Engine */

/** The command that opens an address, given a folder of its own. @type {Record<Engine, (url: string, home: string) => string[]>} */
const ENGINES = {
  chromium: (url, home) => [
    ...[process.env.CHROMIUM ?? '/usr/bin/chromium', '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic'],
    ...['--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
    ...['--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1', `--user-data-dir=${home}`],
    ...['--remote-debugging-port=0', url],
  ],
  firefox: (url, home) => {
    const preferences = ['app.update.enabled', 'datareporting.policy.dataSubmissionEnabled']
      .concat(['network.captive-portal-service.enabled', 'network.connectivity-service.enabled'])
      .concat(['browser.shell.checkDefaultBrowser'])
      .map((name) => `user_pref("${name}", false);`)
    writeFileSync(join(home, 'user.js'), preferences.join('\n'))
    return [process.env.FIREFOX ?? '/usr/bin/firefox-esr', '--headless', '--no-remote', '--profile', home, url]
  },
  webkit: (url) => ['xvfb-run', '-a', miniBrowser(), url],
}

function miniBrowser() {
  const folder = '/usr/lib/x86_64-linux-gnu'
  const found = readdirSync(folder).filter((name) => name.startsWith('webkit2gtk'))
  return join(folder, found.sort().at(-1) ?? 'webkit2gtk-4.1', 'MiniBrowser')
}

/**
 * Opens a page and waits for its report.
 *
 * @param {Engine} engine
 * @param {string} address
 * @param {Context['reports']} reports
 */
async function opened(engine, address, reports) {
  const { url, report } = reports.next()
  const home = mkdtempSync(join(tmpdir(), 'countersign-matrix-'))
  const [command = '', ...args] = ENGINES[engine](`${address}?report=${encodeURIComponent(url)}`, home)
  const env = { ...process.env, HOME: home, WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1', LIBGL_ALWAYS_SOFTWARE: '1' }
  const child = spawn(command, args, { detached: true, stdio: 'ignore', env })
  const failure = new Promise((_, reject) => child.on('error', reject))
  try {
    return /** @type {string} */ (await Promise.race([report, failure]))
  } finally {
    const ended = new Promise((resolve) => child.once('exit', resolve))
    end(child)
    await ended
    rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
  }
}
