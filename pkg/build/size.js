// @ts-check
/**
 * `node pkg/build/size.js`: what the compiled core weighs, by section, by crate and by function, after a build.
 *
 * Sections are those of the module that is shipped. Functions are those of the module that cargo made, which still has
 * names; what wasm-bindgen and wasm-opt take away from it afterwards is mostly names and descriptions.
 *
 * @module
 */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { ROOT, say } from './steps.js'

const SHIPPED = 'pkg/src/core/generated/countersign.wasm'
const COMPILED = 'target/wasm/wasm32-unknown-unknown/release/countersign_core.wasm'

/** By section id: https://webassembly.github.io/spec/core/binary/modules.html#sections */
const SECTIONS = ['custom', 'type', 'import', 'function', 'table', 'memory', 'global', 'export'].concat([
  'start',
  'element',
  'code',
  'data',
  'data count',
  'tag',
])

/** How many functions are named. */
const LARGEST = 30

/** A module, read from its start. */
class Reader {
  /** @param {Buffer} bytes */
  constructor(bytes) {
    this.bytes = bytes
    this.at = 0
  }

  byte() {
    const value = this.bytes[this.at] ?? 0
    this.at += 1
    return value
  }

  /** An unsigned LEB128 number. */
  number() {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte()
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
  }

  text() {
    const length = this.number()
    this.at += length
    return this.bytes.toString('utf8', this.at - length, this.at)
  }
}

/**
 * @param {string} path Relative to the root.
 * @returns {{ sections: [string, number][], functions: [string, number][] }} Octets; functions where names are left.
 */
function measure(path) {
  const reader = new Reader(readFileSync(join(ROOT, path)))
  reader.at = 8
  /** @type {[string, number][]} */
  const sections = []
  /** @type {number[]} */
  const bodies = []
  /** @type {Map<number, string>} */
  const names = new Map()
  let imported = 0
  while (reader.at < reader.bytes.length) {
    const id = reader.byte()
    const length = reader.number()
    const end = reader.at + length
    const name = id === 0 ? `custom ${reader.text()}` : (SECTIONS[id] ?? `section ${id}`)
    sections.push([name, length])
    if (name === 'import') imported = importedFunctions(reader)
    if (name === 'code') {
      for (let count = reader.number(); count > 0; count -= 1) {
        const body = reader.number()
        bodies.push(body)
        reader.at += body
      }
    }
    if (name === 'custom name') readNames(reader, end, names)
    reader.at = end
  }
  const functions = bodies.map(
    (size, index) => /** @type {[string, number]} */ ([readable(names.get(index + imported) ?? ''), size]),
  )
  return { sections, functions: functions.filter(([name]) => name !== '') }
}

/** Only functions are imported from JavaScript: their type's index is all there is to skip. @param {Reader} reader */
function importedFunctions(reader) {
  const count = reader.number()
  for (let index = 0; index < count; index += 1) {
    reader.text()
    reader.text()
    if (reader.byte() !== 0) throw new Error('something other than a function is imported')
    reader.number()
  }
  return count
}

/** The second part of the name section names functions. @param {Reader} reader @param {number} end @param {Map<number, string>} names */
function readNames(reader, end, names) {
  while (reader.at < end) {
    const part = reader.byte()
    const after = reader.number() + reader.at
    if (part === 1) {
      for (let count = reader.number(); count > 0; count -= 1) names.set(reader.number(), reader.text())
    }
    reader.at = after
  }
}

const ESCAPES = Object.entries({ LT: '<', GT: '>', RF: '&', BP: '*', C: ',', LP: '(', RP: ')', u20: ' ' }).concat(
  Object.entries({ u7b: '{', u7d: '}', u5b: '[', u5d: ']', u3b: ';' }),
)

/** A mangled name as it is read; of the newer kind, the crate alone. @param {string} name */
function readable(name) {
  const crate = /Cs[0-9A-Za-z]*_(\d+)/.exec(name)
  if (name.startsWith('_R') && crate !== null) {
    const start = crate.index + crate[0].length
    return `${name.slice(start, start + Number(crate[1]))}::… ${name.slice(-40)}`
  }
  if (!name.startsWith('_ZN')) return name
  const parts = []
  for (let rest = name.slice(3); /^\d/.test(rest); ) {
    const length = Number.parseInt(rest, 10)
    const start = String(length).length
    parts.push(rest.slice(start, start + length))
    rest = rest.slice(start + length)
  }
  const text = parts.slice(0, -1).join('::').replace(/^_\$/, '$').replaceAll('..', '::')
  return ESCAPES.reduce((plain, [code, sign]) => plain.replaceAll(`$${code}$`, sign), text)
}

/** The crate of a readable name: of `<T as Trait>::method`, that of T. @param {string} name */
const crateOf = (name) => /[a-z][a-z0-9_]*/.exec(name.replace(/\b(?:mut|dyn|const|impl) /g, ''))?.[0] ?? ''

/** @param {readonly [string, number][]} rows */
function table(rows) {
  for (const [name, size] of rows) say(`${size.toLocaleString('en').padStart(10)}  ${name.slice(0, 100)}`)
}

/** @param {[string, number][]} rows */
const largestFirst = (rows) => rows.sort(([, a], [, b]) => b - a)

const bytes = readFileSync(join(ROOT, SHIPPED))
say(`${SHIPPED}: ${bytes.length} octets, gzip ${gzipSync(bytes, { level: 9 }).length}`)
table(largestFirst(measure(SHIPPED).sections))

const { functions } = measure(COMPILED)
/** @type {Map<string, number>} */
const crates = new Map()
for (const [name, size] of functions) {
  crates.set(crateOf(name), (crates.get(crateOf(name)) ?? 0) + size)
}
say('\nCode by crate, as compiled')
table(largestFirst([...crates]).slice(0, LARGEST))
say('\nThe largest functions')
table(largestFirst(functions).slice(0, LARGEST))
