// @ts-check
/** Every vector cites what obliges it, and every citation resolves: an RFC's section, or a place in this repository. */

import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { ROOT } from './root.js'

const STANDARD =
  /^(?:RFC \d{4,5}|OpenID Connect Core) (?:section \d+(?:\.\d+)*(?: step \d+)?|appendix [A-Z](?:\.\d+)*)$/

/** @param {string} path */
const read = (path) => readFileSync(new URL(path, ROOT), 'utf8')

/**
 * Why `ref` does not resolve; `undefined` if it does.
 *
 * @param {string} ref
 */
function fault(ref) {
  if (STANDARD.test(ref)) return undefined
  const [, file = '', place = ''] = /^(\S+\.(?:md|ts))(?: (.+))?$/.exec(ref) ?? []
  const path = file.includes('/') ? file : `tests/vectors/${file}`
  if (file === '' || !existsSync(new URL(path, ROOT))) return 'no such file, and no section of a standard'
  const text = read(path)
  if (path === 'tests/vectors/systems.md') return faultOfSystem(text, place)
  if (place === '') return undefined
  const rule = /^rule (\d+)$/.exec(place)
  if (rule !== null) return text.includes(`\n${rule[1]}. `) ? undefined : 'no such rule'
  if (path.endsWith('.md')) return new RegExp(`^#+ ${place}$`, 'm').test(text) ? undefined : 'no such heading'
  const missing = place.split('.').filter((name) => !new RegExp(`\\b${name}\\b`).test(text))
  return missing.length === 0 ? undefined : `no such declaration: ${missing.join(', ')}`
}

/** A system's letter, and one of its cases, sections or finding. @param {string} text @param {string} place */
function faultOfSystem(text, place) {
  const finding = /^\d+$/.exec(place)
  if (finding !== null) return text.includes(`\n${place}. **`) ? undefined : 'no such finding'
  const [, letter = '', part = ''] = /^([A-G])(?: (.+))?$/.exec(place) ?? []
  const section = text.split(/^## /m).find((candidate) => candidate.startsWith(`${letter}. `))
  if (letter === '' || section === undefined) return 'no such section'
  if (part === '' || /^profiles\./.test(part)) return undefined
  const found = section.includes(`\n| ${part} | `) || section.includes(`\n### ${part} `)
  return found ? undefined : 'no such case or subsection'
}

test('every reference of a vector resolves', () => {
  const folder = new URL('tests/vectors/', ROOT)
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'))
  assert.ok(files.length > 5)
  /** @param {string} file @returns {{ ref: unknown }[]} */
  const vectorsIn = (file) => JSON.parse(read(`tests/vectors/${file}`))
  const refs = new Set(files.flatMap((file) => vectorsIn(file).map(({ ref }) => ref)))
  const faults = [...refs].flatMap((ref) => {
    const found = String(ref).split(', ').map(fault)
    return found.flatMap((reason) => (reason === undefined ? [] : [`${ref}: ${reason}`]))
  })
  assert.deepEqual(faults, [])
})

test('no file of the repository cites a document that is not in it', () => {
  const documents = ['house.md', 'style.md', 'glossary.md', 'api.d.ts', 'environments.md']
  const folders = [
    'src',
    'pkg/src',
    'pkg/build',
    'tests/vectors',
    'tests/attacks',
    'tests/package',
    'tests/conformance',
  ]
  const cited = folders.flatMap((folder) =>
    readdirSync(new URL(folder, ROOT), { recursive: true, withFileTypes: true }).flatMap((entry) => {
      const path = `${entry.parentPath ?? entry.path}/${entry.name}`
      if (!entry.isFile() || /node_modules|generated|\/target\//.test(path) || entry.name === 'refs.test.js') return []
      if (!/\.(?:rs|ts|js|md)$/.test(entry.name)) return []
      const text = readFileSync(path, 'utf8')
      const cites = (/** @type {string} */ name) => new RegExp(`(?<![\\w/.-])${name.replaceAll('.', '\\.')}`).test(text)
      return documents.filter(cites).map((name) => `${path}: ${name}`)
    }),
  )
  assert.deepEqual(cited, [])
})
