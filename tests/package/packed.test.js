// @ts-check
/** The inlined module: unpacked it is the one beside it, and damaged text is named as such. */

import assert from 'node:assert/strict'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'

const DIST = join(dirname(createRequire(import.meta.url).resolve('countersign/package.json')), 'dist')
const { unpacked } = await import(pathToFileURL(join(DIST, 'core/packed.js')).href)
const { BYTES, UNPACKER } = await import(pathToFileURL(join(DIST, 'core/generated/bytes.js')).href)

const damaged = /is damaged: its checksum differs/

test('the inlined module is octet by octet the one beside it, however base64 is decoded', () => {
  const module = readFileSync(join(DIST, 'countersign.wasm'))
  assert.ok(module.equals(unpacked(UNPACKER, BYTES)))
  const { Buffer } = globalThis
  try {
    Reflect.deleteProperty(globalThis, 'Buffer')
    assert.ok(module.equals(unpacked(UNPACKER, BYTES)))
  } finally {
    globalThis.Buffer = Buffer
  }
})

test('the packed text has at most 0.45 characters for an octet of the module', () => {
  const { length } = readFileSync(join(DIST, 'countersign.wasm'))
  assert.ok(BYTES.length < 0.45 * length, `${BYTES.length} of ${length}`)
})

/** @param {string} text @param {number} at @param {string} character */
const changed = (text, at, character) => text.slice(0, at) + character + text.slice(at + 1)

test('a packed module of which a character is changed, lost or added is damaged', () => {
  const { length } = BYTES
  for (let count = 0; count < 40; count += 1) {
    const at = Math.floor((count / 40) * (length - 8))
    for (const character of ['A', 'b', '/', 'é', '', 'AAAA']) {
      if (character === BYTES[at]) continue
      assert.throws(() => unpacked(UNPACKER, changed(BYTES, at, character)), damaged, `${at} ${character}`)
    }
  }
  for (const text of ['', 'A', 'AAAA', BYTES.slice(0, 12), BYTES.slice(0, -64), BYTES.slice(64), `//////${BYTES}`])
    assert.throws(() => unpacked(UNPACKER, text), damaged)
})

test('an import with damaged text succeeds, and the first use says what is wrong', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-'))
  try {
    const dist = join(folder, 'countersign', 'dist')
    mkdirSync(dist, { recursive: true })
    writeFileSync(join(folder, 'countersign', 'package.json'), '{ "type": "module" }')
    cpSync(DIST, dist, { recursive: true, filter: (path) => !/\/(?:cjs|node|cli|sandbox)$/.test(path) })
    const path = join(dist, 'core/generated/bytes.js')
    const text = readFileSync(path, 'utf8')
    writeFileSync(path, changed(text, text.length - 1_000, text.at(-1_000) === 'A' ? 'B' : 'A'))
    const { Verifier } = await import(pathToFileURL(join(dist, 'index.js')).href)
    const options = { issuer: null, audience: null, keys: { secret: new Uint8Array(32).fill(7) } }
    assert.throws(() => new Verifier(options), damaged)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
