// @ts-check
/**
 * The files of the installed package: which of them an entry of the exports map or the command leads to.
 *
 * @module
 */

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'

const PACKAGE = dirname(createRequire(import.meta.url).resolve('countersign/package.json'))

/** Every file, relative to the package, with its octets. @returns {Map<string, number>} */
export function installed() {
  const files = readdirSync(PACKAGE, { recursive: true, encoding: 'utf8' })
  const sizes = files.map((path) => /** @type {const} */ ([path, statSync(join(PACKAGE, path))]))
  return new Map(sizes.filter(([, found]) => found.isFile()).map(([path, { size }]) => [path, size]))
}

/** The files that the manifest names, and those that they name. @returns {Set<string>} */
export function reached() {
  const manifest = readFileSync(join(PACKAGE, 'package.json'), 'utf8')
  const named = [...manifest.matchAll(/"\.\/(dist\/[^"*]+)"/g)].map(([, path]) => String(path))
  const found = new Set(named)
  for (const path of found) {
    if (!/\.(?:js|d\.ts)$/.test(path)) continue
    const text = readFileSync(join(PACKAGE, path), 'utf8')
    const modules = text.matchAll(/(?:\bfrom ?|\bimport ?\(?|\brequire\(|__dirname \+ )['"]\/?(\.[^'"?]+)[^'"]*['"]/g)
    for (const [, module = ''] of modules) {
      const file = relative(PACKAGE, join(PACKAGE, dirname(path), module))
      found.add(path.endsWith('.d.ts') ? file.replace(/\.js$/, '.d.ts') : file)
    }
  }
  return found
}
