// @ts-check
/**
 * The page in a real Chromium, and a witness of everything that it does beside showing things.
 *
 * @module
 */

import { after, before } from 'node:test'
import { chromium } from 'playwright-core'
import { serveDemo } from '../../pkg/build/demo.js'

const ARGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
]

/**
 * What a page did: requests after it had loaded, what it said, what its policy forbade, what went wrong.
 *
 * @typedef {{ requests: string[], console: string[], violations: string[], errors: string[] }} Witness
 */

/** @typedef {import('playwright-core').Page & { witness: Witness }} WatchedPage */

/** @type {import('playwright-core').Browser} */
let browser
/** @type {Awaited<ReturnType<typeof serveDemo>>} */
let server

/** Serves the page that was built and starts Chromium, for the tests of a file. */
export function inChromium() {
  before(async () => {
    server = await serveDemo()
    browser = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: ARGS,
    })
  })
  after(async () => {
    await browser.close()
    await server.close()
  })
}

/**
 * Opens the page, watched.
 *
 * @param {import('playwright-core').BrowserContextOptions & { url?: string, fragment?: string, script?: string }} [options]
 * `url`: another address than the server's. `script`: what runs before the page does.
 * @returns {Promise<WatchedPage>}
 */
export async function open({ url = server.url, fragment = '', script, ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options })
  if (script !== undefined) await context.addInitScript(script)
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      console.error(`violation: ${event.violatedDirective} ${event.blockedURI}`)
    })
  })
  // A machine that is busy with other stages is slow, not wrong.
  context.setDefaultTimeout(120_000)
  const page = await context.newPage()
  /** @type {Witness} */
  const witness = { requests: [], console: [], violations: [], errors: [] }
  page.on('console', (message) => {
    const text = message.text()
    if (/violation:|Content Security Policy|Trusted/.test(text)) witness.violations.push(text)
    else witness.console.push(text)
  })
  page.on('pageerror', (error) => witness.errors.push(String(error)))
  await page.goto(`${url}${fragment}`)
  // Fonts come with the first paint, from the same place.
  await page.evaluate(async () => {
    await document.fonts.ready
  })
  page.on('request', (request) => witness.requests.push(request.url()))
  return Object.assign(page, { witness })
}

/**
 * @param {import('playwright-core').Page} page
 * @param {string} id
 */
export function text(page, id) {
  return page.locator(`#${id}`).innerText()
}

/**
 * Loads a sample, and waits until it is on the page.
 *
 * @param {import('playwright-core').Page} page
 * @param {string} id
 */
export async function loadSample(page, id) {
  await page.locator('#token').fill('')
  await page.click(`[data-sample="${id}"]`)
  await page.waitForFunction(() => /** @type {HTMLTextAreaElement} */ (document.getElementById('token')).value !== '')
}

/**
 * The verdict: its word, and the error code with the claim, as the page shows it.
 *
 * @param {import('playwright-core').Page} page
 */
export async function verdict(page) {
  return { word: await text(page, 'word'), code: await text(page, 'code') }
}

/** The page's address. */
export function address() {
  return server.url
}
