// @ts-check
/** The exports map, and the folders for those who read none. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { test } from 'node:test'

const { resolve } = createRequire(import.meta.url)
const PACKAGE = dirname(resolve('countersign/package.json'))

/** @param {string} path */
const read = (path) => JSON.parse(readFileSync(join(PACKAGE, path), 'utf8'))

const { exports, main, module, sideEffects } = read('package.json')
const entries = Object.entries(exports).filter(([, entry]) => entry.require !== undefined)

test('every entry names `node` before `module`: what a bundler traces for Node is what Node loads', () => {
  assert.ok(entries.length > 0)
  for (const [subpath, entry] of entries) {
    const conditions = Object.keys(entry).filter((name) => name !== 'workerd')
    assert.deepEqual(conditions, ['node', 'module', 'require', 'default'], subpath)
  }
})

test('workerd comes first, and its entry has the names of the main one', () => {
  const [first] = Object.keys(exports['.'])
  assert.equal(first, 'workerd')
  const text = readFileSync(join(PACKAGE, exports['.'].workerd.default), 'utf8')
  assert.match(text, /^import module from '\.\/countersign\.wasm\?module'$/m)
  assert.match(text, /^export \* from '\.\/public\.js'$/m)
  assert.ok(sideEffects.includes(exports['.'].workerd.default))
})

test('every subpath has a folder that names the same files, for resolvers that read no exports map', () => {
  for (const [subpath, { module, require }] of entries) {
    if (subpath === '.') continue
    const folder = read(join(subpath, 'package.json'))
    const named = (/** @type {string} */ path) => `./${join(subpath, path)}`
    assert.equal(named(folder.main), require.default)
    assert.equal(named(folder.module), module.default)
    assert.equal(named(folder.types), require.types)
  }
})

test('without the exports map the main entry is the same, too', () => {
  assert.equal(main, exports['.'].require.default)
  assert.equal(module, exports['.'].module.default)
})

test('each Wasm file is an entry with the query by which Next and Nitro ask for a module', async () => {
  for (const name of ['countersign.wasm', 'countersign-scalar.wasm']) {
    const plain = import.meta.resolve(`countersign/${name}`)
    assert.equal(import.meta.resolve(`countersign/${name}?module`), `${plain}?module`)
  }
})
