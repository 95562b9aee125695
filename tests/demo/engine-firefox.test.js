// @ts-check
/**
 * A smoke run in Firefox, over Marionette: the protocol that the browser itself speaks.
 *
 * @module
 */

import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createConnection, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { smoke, startPage } from './engine.js'

const FIREFOX = process.env.FIREFOX ?? '/usr/bin/firefox-esr'
const PATIENCE_MILLISECONDS = 60_000

/** @type {import('node:child_process').ChildProcess} */
let firefox
/** @type {string} */
let profile
/** @type {import('node:net').Socket} */
let socket
/** @type {Awaited<ReturnType<typeof startPage>>} */
let page

before(async () => {
  page = await startPage()
  profile = mkdtempSync(join(tmpdir(), 'countersign-firefox-'))
  const port = await freePort()
  writeFileSync(
    join(profile, 'user.js'),
    [
      `user_pref("marionette.port", ${port});`,
      'user_pref("app.update.enabled", false);',
      'user_pref("datareporting.policy.dataSubmissionEnabled", false);',
      'user_pref("network.captive-portal-service.enabled", false);',
      'user_pref("network.connectivity-service.enabled", false);',
    ].join('\n'),
  )
  const args = ['--headless', '--marionette', '--no-remote', '--profile', profile]
  firefox = spawn(FIREFOX, args, { stdio: 'ignore', env: { ...process.env, HOME: profile } })
  socket = await connected(port)
})

after(async () => {
  socket?.destroy()
  const ended = new Promise((resolve) => firefox.once('exit', resolve))
  firefox.kill()
  await ended
  await page.close()
  rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
})

test('in Firefox the page mints, verifies, refuses and countersigns', async () => {
  const command = commands()
  await command('WebDriver:NewSession', { capabilities: {} })
  await smoke({
    open: () => command('WebDriver:Navigate', { url: page.url }),
    run: async (script) =>
      /** @type {{ value: unknown }} */ (await command('WebDriver:ExecuteScript', { script, args: [] })).value,
  })
})

/** Each command is answered in order: `length:[type, id, error, result]`. */
function commands() {
  /** @type {Map<number, { resolve: (result: unknown) => void, reject: (error: Error) => void }>} */
  const waiting = new Map()
  let buffered = Buffer.alloc(0)
  let last = 0
  socket.on('data', (chunk) => {
    buffered = Buffer.concat([buffered, chunk])
    for (;;) {
      const colon = buffered.indexOf(':')
      const length = Number(buffered.subarray(0, Math.max(colon, 0)).toString())
      if (colon < 0 || buffered.length < colon + 1 + length) return
      const message = JSON.parse(buffered.subarray(colon + 1, colon + 1 + length).toString())
      buffered = buffered.subarray(colon + 1 + length)
      // The first thing that the browser says is a greeting, no answer.
      if (!Array.isArray(message)) continue
      const [, id, error, result] = message
      if (error === null) waiting.get(id)?.resolve(result)
      else waiting.get(id)?.reject(new Error(`${error.error}: ${error.message}`))
    }
  })
  return (/** @type {string} */ name, /** @type {object} */ parameters) =>
    new Promise((resolve, reject) => {
      last += 1
      waiting.set(last, { resolve, reject })
      const text = JSON.stringify([0, last, name, parameters])
      socket.write(`${Buffer.byteLength(text)}:${text}`)
    })
}

/**
 * @param {number} port
 * @returns {Promise<import('node:net').Socket>}
 */
async function connected(port) {
  const end = Date.now() + PATIENCE_MILLISECONDS
  for (;;) {
    try {
      return await new Promise((resolve, reject) => {
        const one = createConnection(port, '127.0.0.1', () => resolve(one))
        one.once('error', reject)
      })
    } catch (error) {
      if (Date.now() > end) throw error
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  }
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
