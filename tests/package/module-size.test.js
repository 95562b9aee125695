// @ts-check
/** What the compiled core weighs: a feature that adds to it is noticed. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'

const DIST = join(dirname(createRequire(import.meta.url).resolve('countersign/package.json')), 'dist')

/**
 * The most octets that each module may have, gzipped. A commit that raises a number states the reason.
 *
 * @type {Record<string, number>}
 */
const BUDGET = { 'countersign.wasm': 200_000, 'countersign-scalar.wasm': 181_000 }

for (const [name, most] of Object.entries(BUDGET)) {
  test(`${name} weighs at most ${most} octets, gzipped`, () => {
    const { length } = gzipSync(readFileSync(join(DIST, name)), { level: 9 })
    assert.ok(length <= most, `${length} octets`)
    assert.ok(length > 0.95 * most, `${length} octets: lower the budget`)
  })
}
