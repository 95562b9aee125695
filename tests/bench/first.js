// @ts-check
/**
 * The first verdict of a page and of a Worker's isolate: `npm run bench -- first`.
 *
 * Each contestant is a bundle by esbuild, minified, that verifies one ES256 token: in a page of Chromium, in a context of
 * its own, and in a Worker in workerd, in a process of its own. Processor time of all threads of the page's or the runtime's
 * process, in milliseconds, so that a busy machine adds little. In each round every contestant has a turn, each round
 * begins with another, and the time of the empty one in the same round is subtracted: the median and the quartiles of that.
 *
 * @module
 */

import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { chromium } from 'playwright-core'
import { findChromium, installRuntimes, RUNTIMES } from '../../pkg/build/runtimes.js'
import { figure } from './stats.js'

const ROUNDS = Number(process.argv[2] ?? 15)
const HERE = fileURLToPath(new URL('.', import.meta.url))
const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
const jwk = JSON.stringify(await exportJWK(publicKey))
const claims = new SignJWT({ scope: 'orders.read' })
  .setProtectedHeader({ alg: 'ES256' })
  .setIssuer('i')
  .setAudience('a')
const token = await claims.setSubject('u1').setExpirationTime('1h').sign(privateKey)

const COUNTERSIGN = `const verify = (token) =>
  new Verifier({ issuer: 'i', audience: 'a', keys: ${jwk} }).verify(token).claims.sub`

/** Each defines `verify(token)`, which gives the subject. @type {Record<string, string>} */
const CONTESTANTS = {
  countersign: `import { Verifier } from 'countersign'\n${COUNTERSIGN}`,
  'countersign/slim': `import { initSync, Verifier } from 'countersign/slim'
    import wasm from 'countersign/countersign.wasm'
    initSync(wasm)\n${COUNTERSIGN}`,
  'countersign/inspect': `import { inspect } from 'countersign/inspect'
    const verify = (token) => inspect(token).claims.sub`,
  jose: `import { importJWK, jwtVerify } from 'jose'
    const verify = async (token) => {
      const key = await importJWK(${jwk}, 'ES256')
      return (await jwtVerify(token, key, { issuer: 'i', audience: 'a' })).payload.sub
    }`,
  empty: `const verify = () => 'u1'`,
}

/** @param {string} name @param {string} rest */
async function bundle(name, rest) {
  const { outputFiles } = await build({
    stdin: { contents: `${CONTESTANTS[name]}\n${rest}`, resolveDir: HERE },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    conditions: ['worker', 'browser'],
    external: ['./countersign.wasm'],
    alias: { 'countersign/countersign.wasm': './countersign.wasm' },
  })
  return outputFiles[0]?.text ?? ''
}

/** The names, beginning with another one in each round. @param {readonly string[]} names @param {number} round */
const turns = (names, round) => names.map((_, index) => String(names[(index + round) % names.length]))

/**
 * Milliseconds that the threads of a process have computed. The times of a process itself are in ticks of 10 ms.
 *
 * @param {number} pid
 */
function processor(pid) {
  const nanoseconds = readdirSync(`/proc/${pid}/task`).map((thread) => {
    const [spent] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')
    return Number(spent)
  })
  return nanoseconds.reduce((sum, spent) => sum + spent, 0) / 1e6
}

/** The processes that descend from one. @param {number} pid @returns {number[]} */
function descendants(pid) {
  const children = readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false
    try {
      return (
        readFileSync(`/proc/${name}/stat`, 'utf8')
          .replace(/^.*\) /, '')
          .split(' ')[1] === String(pid)
      )
    } catch {
      return false
    }
  })
  return children.flatMap((child) => [Number(child), ...descendants(Number(child))])
}

/** In a page: processor time of its process from the navigation to the verdict. */
async function pages() {
  const found = await findChromium()
  if ('remedy' in found) throw new Error(found.remedy)
  const names = Object.keys(CONTESTANTS).filter((name) => name !== 'countersign/slim')
  const scripts = new Map()
  for (const name of names) {
    scripts.set(`/${name}.js`, await bundle(name, `document.title = await verify(${JSON.stringify(token)})`))
  }
  const server = createServer(({ url = '' }, response) => {
    const script = scripts.get(url)
    response.writeHead(200, { 'Content-Type': script === undefined ? 'text/html' : 'text/javascript' })
    response.end(script ?? `<!doctype html><script type="module" src="${url}.js"></script>`)
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  const browser = await chromium.launch({
    executablePath: found.path,
    args: ['--headless', '--no-sandbox', '--disable-gpu'],
  })
  /** @type {Record<string, number[]>} */
  const times = Object.fromEntries(names.map((name) => [name, []]))
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const name of turns(names, round)) {
        // A context of its own: no compiled code is kept from the last round.
        const context = await browser.newContext()
        const page = await context.newPage()
        const session = await context.newCDPSession(page)
        await page.goto(`http://127.0.0.1:${port}/nothing`)
        await session.send('Performance.enable', { timeDomain: 'threadTicks' })
        const time = async () => {
          const { metrics } = await session.send('Performance.getMetrics')
          return (metrics.find((metric) => metric.name === 'ProcessTime')?.value ?? Number.NaN) * 1000
        }
        const before = await time()
        await page.goto(`http://127.0.0.1:${port}/${name}`)
        await page.waitForFunction("document.title === 'u1'")
        times[name]?.push((await time()) - before)
        await context.close()
      }
    }
  } finally {
    await browser.close()
    server.close()
  }
  return { times, sizes: Object.fromEntries([...scripts].map(([name, text]) => [name.slice(1, -3), size(text)])) }
}

/** @param {string} text */
const size = (text) => gzipSync(text, { level: 9 }).length

/** In a Worker: processor time of workerd from its start to its first answer. */
async function workers() {
  await installRuntimes()
  const node = join(RUNTIMES, 'node24/bin/node')
  const wasm = readFileSync(createRequire(import.meta.url).resolve('countersign/countersign.wasm'), 'base64')
  const names = Object.keys(CONTESTANTS)
  /** @type {Record<string, number[]>} */
  const times = Object.fromEntries(names.map((name) => [name, []]))
  const jobs = new Map()
  for (const name of names) {
    const rest = `export default { fetch: async () => new Response(await verify(${JSON.stringify(token)})) }`
    const modules = [{ type: 'ESModule', path: 'worker.js', contents: await bundle(name, rest) }]
    if (name === 'countersign/slim') modules.push({ type: 'CompiledWasm', path: 'countersign.wasm', contents: wasm })
    jobs.set(name, JSON.stringify(modules))
  }
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const name of turns(names, round)) times[name]?.push(await isolate(node, String(jobs.get(name))))
  }
  return times
}

const ISOLATE = `
const { Miniflare } = require('miniflare')
process.stdin.setEncoding('utf8')
let input = ''
process.stdin.on('data', (text) => (input += text)).on('end', async () => {
  const modules = JSON.parse(input).map((module) => ({
    ...module,
    contents: module.type === 'CompiledWasm' ? Buffer.from(module.contents, 'base64') : module.contents,
  }))
  const worker = new Miniflare({ cf: false, compatibilityDate: '2026-07-01', modules })
  const response = await worker.dispatchFetch('http://worker.invalid/')
  process.stdout.write(await response.text())
  process.stdin.on('data', () => {})
  process.on('SIGTERM', async () => { await worker.dispose(); process.exit() })
  setTimeout(() => process.exit(1), 60_000)
})`

/** @param {string} node @param {string} modules @returns {Promise<number>} */
function isolate(node, modules) {
  return new Promise((resolve, reject) => {
    const child = spawn(node, ['-e', ISOLATE], { cwd: join(RUNTIMES, '..'), stdio: ['pipe', 'pipe', 'inherit'] })
    let milliseconds = Number.NaN
    child.on('error', reject)
    child.stdout.setEncoding('utf8').on('data', (text) => {
      if (text !== 'u1') reject(new Error(text))
      const runtime = descendants(Number(child.pid))
      milliseconds = runtime.reduce((sum, pid) => sum + processor(pid), 0)
      child.kill('SIGTERM')
    })
    child.on('close', () => resolve(milliseconds))
    child.stdin.end(modules)
  })
}

/** @param {string} title @param {Record<string, readonly number[]>} times @param {Record<string, number>} [sizes] */
function show(title, times, sizes) {
  const { empty = [], ...others } = times
  const base = figure([...empty])
  const spread = `${base.median.toFixed(1)}, quartiles ${base.low.toFixed(1)} to ${base.high.toFixed(1)}`
  console.log(`${title}, processor time in ms beyond an empty one (${spread}), ${ROUNDS} rounds`)
  for (const [name, values] of Object.entries(others)) {
    const { median, low, high } = figure(values.map((value, round) => value - (empty[round] ?? Number.NaN)))
    const quartiles = `${low.toFixed(1)} to ${high.toFixed(1)}`
    const weight = sizes?.[name] === undefined ? '' : `  ${(sizes[name] / 1000).toFixed(1).padStart(6)} kB gzipped`
    console.log(`  ${name.padEnd(22)} ${median.toFixed(1).padStart(8)}  ${quartiles.padEnd(16)}${weight}`)
  }
}

const { times, sizes } = await pages()
show('A page of Chromium', times, sizes)
show('A Worker in workerd', await workers())
