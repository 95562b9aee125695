// @ts-check
/**
 * The runtimes that the package is tested in: which are at hand, and what to do about the others.
 *
 * @module
 */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { npm } from './setup.js'
import { hashOf, unlessSame } from './stamps.js'
import { ROOT, StepError, run, say, step } from './steps.js'

const PROJECT = 'tests/package/runtimes'

/** Their node_modules, absolute. */
export const RUNTIMES = join(ROOT, PROJECT, 'node_modules')

/**
 * Installs Node's other versions, Deno, Bun and workerd, once.
 *
 * @returns {Promise<string | undefined>} Why they are not at hand, and what to do; nothing where they are.
 */
export async function installRuntimes() {
  const hash = hashOf(
    ['package.json', 'package-lock.json', '.npmrc'].map((name) => `${PROJECT}/${name}`),
    [process.platform, process.arch],
  )
  try {
    await unlessSame('runtimes', hash, [`${PROJECT}/node_modules/.package-lock.json`], () =>
      step('other runtimes: npm ci', () =>
        npm(['ci', '--no-progress'], { cwd: join(ROOT, PROJECT), log: 'npm-runtimes' }),
      ),
    )
  } catch (error) {
    if (!(error instanceof StepError)) throw error
    say(error.output.trimEnd())
    return `npm ci in ${PROJECT} failed: see above`
  }
  return ['node22/bin/node', '.bin/deno', '.bin/bun', '.bin/workerd'].every((path) =>
    existsSync(join(RUNTIMES, path)),
  )
    ? undefined
    : 'the packages of the other runtimes are for Linux on x86-64: run this there'
}

/**
 * Finds Chromium, or installs Debian's where that is allowed.
 *
 * @returns {Promise<{ path: string } | { remedy: string }>}
 */
export async function findChromium() {
  const named = process.env.CHROMIUM
  const found = () => ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((path) => existsSync(path))
  const path = named ?? found()
  if (path !== undefined) return { path }
  const remedy = 'install Chromium (on Debian: apt-get install chromium) or name one in CHROMIUM'
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return { remedy }
  await step('Chromium: apt-get install', async () => {
    const options = { mayFail: true, env: { DEBIAN_FRONTEND: 'noninteractive' } }
    await run('apt-get', ['update', '-qq'], { ...options, log: 'apt' })
    const packages = ['install', '-y', '-qq', '--no-install-recommends', 'chromium']
    await run('apt-get', packages, { ...options, log: 'apt' })
  })
  const installed = found()
  return installed === undefined ? { remedy } : { path: installed }
}
