// @ts-check
/**
 * The root folder of the repository, whether the tests run in place or next to the installed package.
 *
 * @module
 */

import { existsSync } from 'node:fs'

/** The root of the repository. */
export const ROOT = (() => {
  for (let folder = new URL('./', import.meta.url); ; folder = new URL('../', folder)) {
    if (existsSync(new URL('Cargo.toml', folder))) return folder
    if (new URL('../', folder).href === folder.href) throw new Error('These tests must be run inside the repository')
  }
})()
