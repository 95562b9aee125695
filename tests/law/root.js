// @ts-check
/**
 * The repository that these tests are of, wherever they run: as they lie, or beside the package as a user installs it.
 *
 * @module
 */

import { existsSync } from 'node:fs'

/** The root of the repository. */
export const ROOT = (() => {
  for (let folder = new URL('./', import.meta.url); ; folder = new URL('../', folder)) {
    if (existsSync(new URL('Cargo.toml', folder))) return folder
    if (new URL('../', folder).href === folder.href) throw new Error('These tests belong into the repository')
  }
})()
