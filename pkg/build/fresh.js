// @ts-check
/**
 * A project as a user would have it: the packed tarball installed where no workspace can lend it anything.
 *
 * @module
 */

import { cpSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { npm } from './setup.js'
import { CACHE, ROOT } from './steps.js'

/** Where it is, absolute. */
export const FRESH = join(CACHE, 'fresh')

/** The tarball, absolute. */
export const TARBALL = join(FRESH, 'countersign.tgz')

/** What the tests of the package read, relative to `tests/`. */
const FOLDERS = ['package', 'vectors', 'conformance', 'attacks', 'bench']

/** What is made, not written. */
const MADE = ['node_modules', 'target']

/** Packs, installs, and lets the tests move in, so that what they import is what was installed. */
export async function freshProject() {
  rmSync(FRESH, { recursive: true, force: true })
  mkdirSync(FRESH, { recursive: true })
  const pack = ['pack', '--json', '--pack-destination', FRESH]
  const [{ filename }] = JSON.parse(await npm(pack, { cwd: join(ROOT, 'pkg') }))
  renameSync(join(FRESH, filename), TARBALL)
  const manifest = { name: 'fresh', private: true, type: 'module' }
  writeFileSync(join(FRESH, 'package.json'), JSON.stringify(manifest))
  cpSync(join(ROOT, 'README.md'), join(FRESH, 'README.md'))
  cpSync(join(ROOT, 'examples'), join(FRESH, 'examples'), {
    recursive: true,
    filter: (path) => !MADE.includes(basename(path)),
  })
  await npm(['install', '--no-audit', '--no-fund', '--offline', TARBALL], { cwd: FRESH })
  for (const folder of FOLDERS.filter((name) => existsSync(join(ROOT, 'tests', name)))) {
    cpSync(join(ROOT, 'tests', folder), join(FRESH, 'tests', folder), {
      recursive: true,
      filter: (path) => !MADE.includes(basename(path)),
    })
  }
}
