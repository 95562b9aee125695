// @ts-check
/** What is installed: within its budget, and nothing that no entry leads to. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { installed, reached } from './installed.js'

const PACKAGE = dirname(createRequire(import.meta.url).resolve('countersign/package.json'))

/** The most octets of all files together. A commit that raises it states the reason in pkg/build/README.md. */
const UNPACKED = 2_500_000

/** The most octets of all files, each gzipped: near the size of the tarball. */
const PACKED = 960_000

const files = installed()

test(`the installed files have at most ${UNPACKED} octets`, () => {
  const octets = [...files.values()].reduce((sum, size) => sum + size, 0)
  assert.ok(octets <= UNPACKED, `${octets} octets`)
})

test(`the files have at most ${PACKED} octets, gzipped`, () => {
  const octets = gzipSync(Buffer.concat([...files.keys()].map((path) => readFileSync(join(PACKAGE, path))))).length
  assert.ok(octets <= PACKED, `${octets} octets`)
})

test('an entry or the command leads to every file of code and of declarations', () => {
  const used = reached()
  const code = [...files.keys()].filter((path) => path.startsWith('dist/') && !path.endsWith('package.json'))
  assert.ok(code.length > 200)
  assert.deepEqual(
    code.filter((path) => !used.has(path) && !path.endsWith('.query.d.ts')),
    [],
  )
})

test('a file that is named is installed', () => {
  assert.deepEqual(
    [...reached()].filter((path) => path.startsWith('dist/') && !files.has(path)),
    [],
  )
})
