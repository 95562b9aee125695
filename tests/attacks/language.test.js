// @ts-check
/** The language of comments, documents and messages: phrases that they avoid, and the first line of a module. */

import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { ROOT } from './root.js'

/** Each phrase, and what to write in its place. @type {readonly [RegExp, string][]} */
const AVOIDED = [
  // After a comma or a colon it is a concessive clause, which is plain: "a refusal, whatever is wrong with the token".
  [
    /(?<![,:] )\b(?:who|what|which)ever (?:has|holds|sends|knows|makes|reads|writes|asks|can|may|is|signs|obtains)\b/i,
    'name the party',
  ],
  [/\b(?:somebody|nobody|everybody)\b/i, 'name the party'],
  [/\banew\b/i, 'again'],
  [/(?<!there )\bis none\b/i, 'say what it is, or `None`'],
  [/\bcomes? to (?:what|the same|nothing)\b/i, 'equals, returns'],
  [/\b(?:is|are|was|were|be|been) believed\b/i, 'trusted after a self-test'],
  [/\b(?:is|are|was|were|be|been|has|have|had) told\b(?! apart)/i, 'written, returned, reported'],
  [/\bstands? (?:in|at|behind|beside|apart|there|where)\b/i, 'is in, follows, is separate'],
  [/\bbelongs? into\b/i, 'belongs in'],
  [/\bthe (?:law|house)\b/i, 'the attacks, the tests, the architecture'],
]

/** Folders with sources of this project, and the documents at the root. */
const SOURCES = ['src', 'pkg/src', 'pkg/build', 'www/js', 'tests', 'examples', '.github']

const LEFT_OUT = new Set(['node_modules', 'target', 'generated', 'vectors', 'dist'])

/** @param {string} folder @returns {string[]} */
function filesIn(folder) {
  return readdirSync(new URL(`${folder}/`, ROOT), { withFileTypes: true }).flatMap((entry) => {
    if (entry.isDirectory()) return LEFT_OUT.has(entry.name) ? [] : filesIn(`${folder}/${entry.name}`)
    return /\.(?:rs|ts|js|md|yml)$/.test(entry.name) ? [`${folder}/${entry.name}`] : []
  })
}

/** The comments, documents and string literals of a file, line by line. @param {string} path */
function proseOf(path) {
  const lines = readFileSync(new URL(path, ROOT), 'utf8').split('\n')
  return lines.map((line) => (path.endsWith('.md') || /\/\/|^\s*\*|\/\*\*|['"`]/.test(line) ? line : ''))
}

test('comments, documents and messages avoid the listed phrases', () => {
  const documents = ['.', 'pkg'].flatMap((folder) =>
    readdirSync(new URL(`${folder}/`, ROOT)).flatMap((name) => (name.endsWith('.md') ? [`${folder}/${name}`] : [])),
  )
  const sources = SOURCES.filter((folder) => existsSync(new URL(folder, ROOT))).flatMap(filesIn)
  const found = [...documents, ...sources]
    .filter((path) => !path.endsWith('language.test.js'))
    .flatMap((path) =>
      proseOf(path).flatMap((line, index) =>
        AVOIDED.flatMap(([phrase, instead]) => {
          const match = phrase.exec(line)
          return match === null ? [] : [`${path}:${index + 1}: "${match[0]}": ${instead}`]
        }),
      ),
    )
  assert.deepEqual(found, [])
})

test('the first line of a module names its content', () => {
  const found = ['src', 'pkg/src'].flatMap(filesIn).flatMap((path) => {
    const [first = ''] = /(?<=^(?:\/\/! |\/\*\* ?| \* ))\S.*$/m.exec(readFileSync(new URL(path, ROOT), 'utf8')) ?? []
    const isQuestion = /\?|^(?:What|Why|Which|Where|When|Who|Whose|How|Is|Are|Do|Does|May|Can)\b/.test(first)
    return path.endsWith('.md') || (first !== '' && !isQuestion) ? [] : [`${path}: ${first}`]
  })
  assert.deepEqual(found, [])
})
