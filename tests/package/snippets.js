// @ts-check
/**
 * The programs in a document: its fenced blocks of JavaScript and TypeScript.
 *
 * @module
 */

import { transformSync } from 'esbuild'

/**
 * @typedef {object} Snippet
 * @property {string} name The name in its first line, or the line of the document that it starts at; it ends in ".ts".
 * @property {string} source As the document has it.
 * @property {string} javascript The same without types.
 * @property {string | undefined} printed What the document says that it prints.
 */

const BLOCK = /^```(?:js|ts)\n((?:(?!```).*\n)*)```\n(?:\n```text\n((?:(?!```).*\n)*)```$)?/gm

/** @param {string} text Markdown. @returns {Snippet[]} */
export function snippetsOf(text) {
  return [...text.matchAll(BLOCK)].map(({ index, 1: source = '', 2: printed }) => {
    const line = text.slice(0, index).split('\n').length
    const [, name = `line-${line}`] = /^\/\/ ([a-z-]+)\.[jt]s\n/.exec(source) ?? []
    const { code } = transformSync(source, { loader: 'ts', target: 'node20', charset: 'utf8', tsconfigRaw: '{}' })
    return { name: `${name}.ts`, source, javascript: code, printed }
  })
}
