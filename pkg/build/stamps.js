// @ts-check
/**
 * Remembers from what a result was made, so that it is not made again from the same.
 *
 * @module
 */

import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { CACHE, ROOT } from './steps.js'

/**
 * The files in a folder of the repository, relative to its root, sorted; a file's own path gives itself.
 *
 * @param {string} path Relative to the root.
 * @returns {string[]}
 */
export function files(path) {
  const full = join(ROOT, path)
  if (!existsSync(full)) return []
  try {
    return readdirSync(full, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(ROOT, join(entry.parentPath ?? entry.path, entry.name)))
      .sort()
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOTDIR') return [path]
    throw error
  }
}

/**
 * The hash of what a result is made from.
 *
 * @param {readonly string[]} paths Files and folders, relative to the root.
 * @param {readonly string[]} [words] What else it depends on: versions, flags.
 */
export function hashOf(paths, words = []) {
  const hash = createHash('sha256')
  for (const word of words) hash.update(`${word}\0`)
  for (const path of paths.flatMap(files)) {
    const content = readFileSync(join(ROOT, path))
    hash.update(`${path}\0${content.length}\0`).update(content)
  }
  return hash.digest('hex')
}

/**
 * Runs `work` unless its result was made from the same before and is still there.
 *
 * @param {string} name
 * @param {string} hash From {@link hashOf}.
 * @param {readonly string[]} results What must exist for the work to be left out, relative to the root.
 * @param {() => Promise<unknown>} work
 * @returns {Promise<boolean>} Whether it ran.
 */
export async function unlessSame(name, hash, results, work) {
  const stamp = join(CACHE, 'stamps', name)
  const same = existsSync(stamp) && readFileSync(stamp, 'utf8') === hash
  if (same && results.every((path) => existsSync(join(ROOT, path)))) return false
  rmSync(stamp, { force: true })
  await work()
  mkdirSync(join(CACHE, 'stamps'), { recursive: true })
  writeFileSync(stamp, hash)
  return true
}
