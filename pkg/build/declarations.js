// @ts-check
/**
 * Declarations without what no entry leads to.
 *
 * The compiler writes a declaration file for each module, with everything that the module exports to others of the package.
 * The package keeps the declarations that an entry exports, and those that these name. This module splits a file by its
 * lines, in the form in which the compiler writes them: a declaration begins at the start of a line, all else is indented.
 *
 * @module
 */

import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Its comments, then the statement up to the next comment or statement at the start of a line. */
const STATEMENT =
  /((?:\/\*\*[^]*?\*\/\n)*)((?:export|declare|import|type|interface)\b[^]*?\n)(?=\/\*\*|(?:export|declare|import|type|interface)\b|$)/g

const DECLARES = /^(?:export )?(?:declare )?(?:abstract )?(?:class|interface|type|const|function) ([\w$]+)/

/** A statement that imports from, or exports from, another module. */
const FROM = /^(import|export) (?:type )?(\*(?: as [\w$]+)?|\{[^}]*\}) from '([^']+)';/

/** What a file keeps if it keeps anything: additions to the declarations of others, and that not all is exported. */
const STAYS = /^(?:declare (?:module|global)\b|export \{\};)/

/** A module named in place. */
const IN_PLACE = /import\('(\.[^']+)\.js'\)/g

/** @typedef {{ comments: string, text: string, name?: string | undefined, from?: From | undefined, isUsed: boolean }} Statement */
/** @typedef {{ isExport: boolean, file: string, all: boolean, names: Map<string, string>, used: Set<string> }} From */

/**
 * Removes from the files of a folder the declarations that no entry leads to, and each file that is left without any.
 *
 * @param {string} folder
 * @param {readonly string[]} entries Their declaration files, absolute.
 */
export function keepReached(folder, entries) {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.d.ts'))
  const files = new Map(paths.map((path) => [join(folder, path), statementsOf(join(folder, path))]))
  for (const entry of entries) useAll(entry)
  for (const [path, statements] of files) {
    for (const statement of statements) {
      if (STAYS.test(statement.text) && statements.some(({ isUsed }) => isUsed)) useStatement(path, statement)
    }
  }
  for (const [path, statements] of files) {
    const kept = statements.filter(({ isUsed }) => isUsed)
    if (kept.length === 0) rmSync(path)
    else writeFileSync(path, head(path) + kept.map((statement) => statement.comments + written(statement)).join(''))
  }

  /** Uses whatever a file exports. @param {string} path */
  function useAll(path) {
    for (const statement of files.get(path) ?? []) {
      if (statement.text.startsWith('export')) useStatement(path, statement)
    }
  }

  /** @param {string} path @param {Statement} statement */
  function useStatement(path, statement) {
    const { from, text } = statement
    if (from !== undefined) {
      statement.isUsed = true
      if (from.all) useAll(from.file)
      for (const name of from.names.keys()) useFrom(from, name)
    } else if (!statement.isUsed) {
      statement.isUsed = true
      const code = text.replace(/\/\*[^]*?\*\//g, '')
      for (const [, file] of code.matchAll(IN_PLACE)) useAll(join(path, '..', `${file}.d.ts`))
      for (const [name] of code.matchAll(/[\w$]+/g)) use(path, name)
    }
  }

  /** Uses a name of a file, if it has that. @param {string} path @param {string} name */
  function use(path, name) {
    for (const statement of files.get(path) ?? []) {
      const { from } = statement
      if (statement.name === name) useStatement(path, statement)
      else if (from?.names.has(name)) {
        statement.isUsed = true
        useFrom(from, name)
      } else if (from?.all === true && from.isExport && exportsName(from.file, name)) {
        statement.isUsed = true
        use(from.file, name)
      }
    }
  }

  /** @param {From} from @param {string} name As it is called where the statement is. */
  function useFrom(from, name) {
    if (from.used.has(name)) return
    from.used.add(name)
    const inside = from.names.get(name)
    if (inside === '*') useAll(from.file)
    else use(from.file, String(inside))
  }

  /** @param {string} path @param {string} name @returns {boolean} */
  function exportsName(path, name) {
    return (files.get(path) ?? []).some(
      ({ name: declared, from }) =>
        declared === name || from?.names.has(name) || (from?.all === true && exportsName(from.file, name)),
    )
  }
}

/** The comments before the first statement but for its own: that of the module. @param {string} path */
function head(path) {
  const text = readFileSync(path, 'utf8')
  const comment = /^\/\*\*[^]*?\*\/\n/.exec(text)?.[0] ?? ''
  return comment.includes('@module') ? comment : ''
}

/** @param {string} path @returns {Statement[]} */
function statementsOf(path) {
  const text = readFileSync(path, 'utf8')
  const body = text.slice(head(path).length)
  const statements = [...body.matchAll(STATEMENT)].map(([, comments = '', statement = '']) => {
    const [, name] = DECLARES.exec(statement) ?? []
    return { comments, text: statement, name, from: fromOf(path, statement), isUsed: false }
  })
  if (statements.map(({ comments, text: code }) => comments + code).join('') !== body) {
    throw new Error(`${path}: declarations.js does not know the form of these declarations.`)
  }
  return statements
}

/** @param {string} path @param {string} text @returns {From | undefined} */
function fromOf(path, text) {
  const [, kind, what = '', module = ''] = FROM.exec(text) ?? []
  if (kind === undefined && !DECLARES.test(text) && !STAYS.test(text)) {
    throw new Error(`${path}: declarations.js does not know this statement: ${text}`)
  }
  if (kind === undefined) return undefined
  // No file, for a module of Node or of a framework.
  const file = module.startsWith('.') ? join(path, '..', module.replace(/\.js$/, '.d.ts')) : ''
  const names = new Map()
  const [, namespace] = /^\* as ([\w$]+)$/.exec(what) ?? []
  if (namespace !== undefined) names.set(namespace, '*')
  for (const part of what.startsWith('{') ? what.slice(1, -1).split(',') : []) {
    const [inside = '', outside = inside] = part
      .trim()
      .replace(/^type /, '')
      .split(' as ')
    if (inside !== '') names.set(outside, inside)
  }
  return { isExport: kind === 'export', file, all: what === '*', names, used: new Set() }
}

/** A statement, its list of names reduced to those in use. @param {Statement} statement */
function written({ text, from }) {
  if (from === undefined || from.all || [...from.names.values()].includes('*')) return text
  const list = [...from.names].filter(([name]) => from.used.has(name))
  const names = list.map(([outside, inside]) => (outside === inside ? inside : `${inside} as ${outside}`))
  return text.replace(/\{[^}]*\}/, `{ ${names.join(', ')} }`)
}
