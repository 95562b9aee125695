// @ts-check
/** Every promise of SECURITY.md is held by tests that exist. */

import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { ROOT } from './root.js'

const text = readFileSync(new URL('SECURITY.md', ROOT), 'utf8')
const [, table = ''] = /\n\| promise \| held by \|\n\| --- \| --- \|\n((?:\|.*\n)+)/.exec(text) ?? []
const rows = table
  .trimEnd()
  .split('\n')
  .map((row) => row.split(' | '))

test('every promise names the test that holds it, and every test that is named exists', () => {
  assert.ok(rows.length > 15)
  for (const [promise = '', holder = '', ...more] of rows) {
    assert.equal(more.length, 0, promise)
    const files = [...holder.matchAll(/`([^`]+)`/g)].map(([, path]) => String(path))
    assert.ok(files.length > 0, promise)
    for (const path of files) assert.ok(existsSync(new URL(path, ROOT)), `${path}, of: ${promise}`)
    for (const [, path = '', name = ''] of holder.matchAll(/`([^`]+)`: "([^"]+)"/g)) {
      const source = readFileSync(new URL(path, ROOT), 'utf8')
      assert.ok(source.includes(`test('${name}'`), `${path} has no test called: ${name}`)
    }
  }
})

const [, counters = ''] =
  /\n\| engine and setting \| uses granted \| held by \|\n\| --- \| --- \| --- \|\n((?:\|.*\n)+)/.exec(text) ?? []
const promises = counters.trimEnd().split('\n')

test('every promise of a counter names its test, or says that there is none', () => {
  assert.ok(promises.length > 10)
  for (const promise of promises) {
    const holder = promise.split(' | ')[2] ?? ''
    if (holder.startsWith('not tested: ')) continue
    const [, path = '', name] = /^`(tests[^`]+)`(?:: "([^"]+)")? \|$/.exec(holder) ?? []
    assert.ok(existsSync(new URL(path || 'none', ROOT)), promise)
    const source = readFileSync(new URL(path, ROOT), 'utf8')
    if (name !== undefined) assert.ok(source.includes(`test('${name}'`), `${path} has no test called: ${name}`)
  }
})

test('the README of the package promises of each counter what SECURITY.md promises', () => {
  const readme = readFileSync(new URL('pkg/README.md', ROOT), 'utf8')
  const [, rows = ''] = /\n\| engine and setting \| uses granted \|\n\| --- \| --- \|\n((?:\|.*\n)+)/.exec(readme) ?? []
  const expected = promises.map((promise) => `${promise.split(' | ').slice(0, 2).join(' | ')} |`)
  assert.deepEqual(rows.trimEnd().split('\n'), expected)
})

test('SECURITY.md says how to report, what an attacker may do, and what is not promised', () => {
  for (const title of [
    'Reporting',
    'The threat model',
    'What is promised, and what holds it',
    'What is not promised',
  ]) {
    assert.ok(text.includes(`\n## ${title}\n`), title)
  }
})
