// @ts-check
/**
 * The runtimes and servers that the package is tested with: which are at hand, and what to do about the others.
 *
 * @module
 */

import { existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { npm } from './setup.js'
import { hashOf, unlessSame } from './stamps.js'
import { ROOT, run, StepError, say, step } from './steps.js'

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
  return ['node22/bin/node', '.bin/deno', '.bin/bun', '.bin/workerd'].every((path) => existsSync(join(RUNTIMES, path)))
    ? undefined
    : 'the packages of the other runtimes are for Linux on x86-64: run this there'
}

/**
 * Finds Chromium, or installs Debian's where that is allowed.
 *
 * @returns {Promise<{ path: string } | { remedy: string }>}
 */
export function findChromium() {
  return findProgram('Chromium', 'chromium', 'CHROMIUM', () =>
    ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((path) => existsSync(path)),
  )
}

/** Finds Redis, or installs Debian's where that is allowed. */
export function findRedis() {
  return findProgram('Redis', 'redis-server', 'REDIS', () =>
    (process.env.PATH ?? '')
      .split(delimiter)
      .map((folder) => join(folder, 'redis-server'))
      .find((path) => existsSync(path)),
  )
}

/** Finds PostgreSQL, or installs Debian's where that is allowed. Debian keeps it outside the PATH, by version. */
export function findPostgres() {
  const folder = '/usr/lib/postgresql'
  return findProgram('PostgreSQL', 'postgresql', 'POSTGRES', () =>
    (existsSync(folder) ? readdirSync(folder) : [])
      .sort((a, b) => Number(b) - Number(a))
      .map((version) => join(folder, version, 'bin', 'postgres'))
      .find((path) => existsSync(path)),
  )
}

/**
 * Finds a program, or installs Debian's package of it where that is allowed.
 *
 * @param {string} name
 * @param {string} debian The package.
 * @param {string} variable The environment's, which may name the program.
 * @param {() => string | undefined} find
 * @returns {Promise<{ path: string } | { remedy: string }>}
 */
async function findProgram(name, debian, variable, find) {
  const path = process.env[variable] ?? find()
  if (path !== undefined) return { path }
  const remedy = `install ${name} (on Debian: apt-get install ${debian}) or name one in ${variable}`
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return { remedy }
  await step(`${name}: apt-get install`, async () => {
    // In single-user mode, a package does not start its service.
    const options = { mayFail: true, env: { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' } }
    await run('apt-get', ['update', '-qq'], { ...options, log: 'apt' })
    const packages = ['install', '-y', '-qq', '--no-install-recommends', debian]
    await run('apt-get', packages, { ...options, log: 'apt' })
  })
  const installed = find()
  return installed === undefined ? { remedy } : { path: installed }
}
