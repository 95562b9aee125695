// @ts-check
/**
 * A smoke run in WebKitGTK, over W3C WebDriver. It needs a display: `xvfb-run` gives it one.
 *
 * @module
 */

import { spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { smoke, startPage } from './engine.js'

const PATIENCE_MILLISECONDS = 60_000

/** @type {import('node:child_process').ChildProcess} */
let driver
/** @type {string} */
let base
/** @type {Awaited<ReturnType<typeof startPage>>} */
let page

before(async () => {
  page = await startPage()
  const port = await freePort()
  base = `http://127.0.0.1:${port}`
  driver = spawn('xvfb-run', ['-a', 'WebKitWebDriver', `--port=${port}`], {
    stdio: 'ignore',
    detached: true,
    // Its own sandbox needs rights that a container does not give.
    env: { ...process.env, WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1', LIBGL_ALWAYS_SOFTWARE: '1' },
  })
  await listening()
})

after(async () => {
  const ended = new Promise((resolve) => driver.once('exit', resolve))
  // The group: the display, the driver, the browser.
  if (driver.pid !== undefined) process.kill(-driver.pid)
  await ended
  await page.close()
})

test('in WebKit the page mints, verifies, refuses and countersigns', async () => {
  const browserOptions = { binary: miniBrowser(), args: ['--automation'] }
  const { sessionId } = /** @type {{ sessionId: string }} */ (
    await call('POST', '/session', {
      capabilities: { alwaysMatch: { 'webkitgtk:browserOptions': browserOptions } },
    })
  )
  const session = `/session/${sessionId}`
  try {
    await smoke({
      open: () => call('POST', `${session}/url`, { url: page.url }),
      run: (script) => call('POST', `${session}/execute/sync`, { script, args: [] }),
    })
  } finally {
    await call('DELETE', session)
  }
})

/**
 * @param {string} method
 * @param {string} path
 * @param {object} [body]
 * @returns {Promise<unknown>}
 */
async function call(method, path, body) {
  const response = await fetch(`${base}${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const { value } = /** @type {{ value: { error?: string, message?: string } | null }} */ (await response.json())
  if (!response.ok) throw new Error(`${value?.error}: ${value?.message}`)
  return value
}

async function listening() {
  const end = Date.now() + PATIENCE_MILLISECONDS
  for (;;) {
    try {
      await call('GET', '/status')
      return
    } catch (error) {
      if (Date.now() > end) throw error
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  }
}

/** Where Debian puts it, under the name of the architecture. */
function miniBrowser() {
  const folders = readdirSync('/usr/lib').map((name) => join('/usr/lib', name, 'webkit2gtk-4.1', 'MiniBrowser'))
  const found = folders.find((path) => existsSync(path))
  if (found === undefined) throw new Error('MiniBrowser of WebKitGTK is not installed')
  return found
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
      server.close(() => resolve(port))
    })
  })
}
