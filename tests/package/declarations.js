// @ts-check
/**
 * The public declarations of the installed package: the exports of its entries, their members, and which of them have a
 * doc comment.
 *
 * This is a scanner of lines, for the form in which the compiler emits declarations: one member on a line, its comment
 * before it. A member of a parameter or result, written in place, also counts as documented if the comment of the
 * function names it in backticks.
 *
 * @module
 */

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const { resolve } = createRequire(import.meta.url)

/** The folder of the installed package. */
const PACKAGE = dirname(resolve('countersign/package.json'))

const TOP = /^(?:export |declare |abstract )*(?:class|interface|type|const|function) ([\w$]+)/
const MEMBER = /^(?:static |readonly |abstract |get |set )*([\w$]+|'[^']+'|\[Symbol\.\w+\])\??(?:<[^>]*>)?\s*[:(]/

/**
 * A declaration or member.
 *
 * @typedef {{ path: string, documented: boolean }} Declared
 */

/**
 * The declarations of a file with their members, by the name of the declaration.
 *
 * @param {string} text
 * @returns {Map<string, Declared[]>}
 */
export function declarations(text) {
  const found = /** @type {Map<string, Declared[]>} */ (new Map())
  /**
   * The open braces: the name that each belongs to, and the comment if that is a function.
   *
   * @type {{ name: string, comment: string }[]}
   */
  const open = []
  let comment = ''
  let isInside = false
  for (const raw of text.split('\n')) {
    const line = raw.trim()
    if (isInside || line.startsWith('/*')) {
      comment = isInside ? `${comment}\n${line}` : line
      isInside = !line.endsWith('*/')
      continue
    }
    if (line === '' || line.startsWith('//')) continue
    const [, name] = (open.length === 0 ? TOP : MEMBER).exec(line) ?? []
    const path = [...open.map((brace) => brace.name), name ?? ''].filter((part) => part !== '')
    if (name !== undefined && !/\?: never;$/.test(line)) {
      const top = String(path[0])
      if (!found.has(top)) found.set(top, [])
      const documented = comment !== '' || open.some((brace) => brace.comment.includes(`\`${name}\``))
      found.get(top)?.push({ path: path.join('.'), documented })
    }
    const code = line.replace(/'[^']*'|"[^"]*"/g, '')
    let closed
    for (const brace of code.match(/[{}]/g) ?? []) {
      // After `} | {` the members are of the same declaration.
      if (brace === '}') closed = open.pop()
      else if (name === undefined && closed !== undefined) open.push(closed)
      else open.push({ name: name ?? '', comment: line.includes('(') ? comment : '' })
    }
    comment = ''
  }
  return found
}

/**
 * The exported declarations of one module, with those that it exports from others.
 *
 * @param {string} file
 * @returns {Map<string, Declared[]>}
 */
function exportsOf(file) {
  const text = readFileSync(file, 'utf8')
  const own = declarations(text)
  const found = /** @type {Map<string, Declared[]>} */ (new Map())
  const direct = /^export (?:declare |abstract )*(?:class|interface|type|const|function) ([\w$]+)/gm
  for (const [, name = ''] of text.matchAll(direct)) found.set(name, own.get(name) ?? [])
  for (const [, names, from] of text.matchAll(/^export (?:type )?(?:\*|\{([^}]*)\})(?: from '([^']+)')?;/gm)) {
    const others = from === undefined ? own : exportsOf(join(dirname(file), from.replace(/\.js$/, '.d.ts')))
    if (names === undefined) for (const [name, members] of others) found.set(name, members)
    for (const part of names?.split(',') ?? []) {
      const [name = ''] = part
        .trim()
        .replace(/^type /, '')
        .split(' as ')
      if (name !== '') found.set(name, others.get(name) ?? [])
    }
  }
  return found
}

/**
 * The entries of the package, and what each exports.
 *
 * @returns {ReadonlyMap<string, ReadonlyMap<string, readonly Declared[]>>}
 */
export function publicDeclarations() {
  const { exports } = JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8'))
  const entries = Object.entries(exports).flatMap(([entry, conditions]) => {
    const types = conditions.module?.types
    return types === undefined ? [] : [/** @type {const} */ ([entry, exportsOf(join(PACKAGE, types))])]
  })
  return new Map(entries)
}
