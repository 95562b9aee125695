// @ts-check
/**
 * The tests of the demo page, and the browser engines and runtimes that they need.
 *
 * @module
 */

import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { findChromium, installRuntimes, RUNTIMES } from './runtimes.js'
import { ROOT, run, step } from './steps.js'

const FOLDER = join(ROOT, 'tests', 'demo')

/** The Debian packages of the engines other than Chromium. */
const PACKAGES = ['firefox-esr', 'webkit2gtk-driver', 'xvfb', 'xauth']

const firefox = () => existsSync(process.env.FIREFOX ?? '/usr/bin/firefox-esr')
const webkit = () => ['WebKitWebDriver', 'xvfb-run', 'xauth'].every((name) => existsSync(`/usr/bin/${name}`))

/**
 * Finds the engines and runtimes, or installs those that it may.
 *
 * @returns {Promise<{ tests: string[], leftOut: string[], env: Record<string, string> }>} The absolute paths of the
 * test files that can be run, and why others cannot.
 */
export async function demoTests() {
  const chromium = await findChromium()
  if (!firefox() || !webkit()) await install()
  const missing = await installRuntimes()
  const remedy = `on Debian: apt-get install ${PACKAGES.join(' ')}`
  const leftOut = [
    ...('remedy' in chromium ? [`the demo page in Chromium: ${chromium.remedy}`] : []),
    ...(firefox() ? [] : [`the demo page in Firefox: ${remedy}`]),
    ...(webkit() ? [] : [`the demo page in WebKit: ${remedy}`]),
    ...(missing === undefined ? [] : [`the programs of the demo page: ${missing}`]),
  ]
  const names = readdirSync(FOLDER).filter((name) => name.endsWith('.test.js'))
  const tests = names.filter((name) => {
    if (name === 'engine-firefox.test.js') return firefox()
    if (name === 'engine-webkit.test.js') return webkit()
    if (name === 'programs.test.js') return missing === undefined
    return 'path' in chromium || !IN_CHROMIUM.has(name)
  })
  const env = { RUNTIMES, ...('path' in chromium ? { CHROMIUM: chromium.path } : {}) }
  return { tests: tests.map((name) => join(FOLDER, name)), leftOut, env }
}

/** Test files that drive Chromium. */
const IN_CHROMIUM = new Set(['page.test.js', 'samples.test.js', 'enforce.test.js'])

async function install() {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return
  await step('Firefox, WebKit: apt-get install', async () => {
    const options = { mayFail: true, env: { DEBIAN_FRONTEND: 'noninteractive' }, log: 'apt' }
    await run('apt-get', ['update', '-qq'], options)
    await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...PACKAGES], options)
  })
}
