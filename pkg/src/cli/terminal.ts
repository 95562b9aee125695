/**
 * Output of the commands: results on stdout, everything else on stderr; colour on terminals alone.
 *
 * @module
 */

import { escaped } from './escape.js'
import { EXIT } from './exit.js'

/** A stream of the process, with what it can show. */
export interface Output {
  /** Writes text as it is: text of a token must be escaped before. Resolves when more may be written. */
  write(text: string): Promise<void>
  /** Columns of text. */
  readonly width: number
  readonly style: TerminalStyle
}

/** Marks text, if the stream shows colours. */
export type TerminalStyle = Readonly<Record<keyof typeof CODES, (text: string) => string>>

const CODES = { bold: [1, 22], dim: [2, 22], red: [31, 39], green: [32, 39], yellow: [33, 39], cyan: [36, 39] } as const

const DEFAULT_WIDTH = 80
const MIN_WIDTH = 40

/** A stream of `process`, with the conventions of NO_COLOR, FORCE_COLOR, TERM and COLUMNS. */
export function output(stream: NodeJS.WriteStream): Output {
  const isColoured = showsColour(stream.isTTY === true)
  const style = Object.fromEntries(
    Object.entries(CODES).map(([name, [on, off]]) => [
      name,
      (text: string) => (isColoured ? `\u001b[${on}m${text}\u001b[${off}m` : text),
    ]),
  ) as TerminalStyle
  // The reader has closed the pipe (`| head`): what is left was not delivered.
  stream.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (code === 'EPIPE') process.exit(EXIT.undecidable)
  })
  return {
    write: (text) => new Promise((resolve) => (stream.write(text) ? resolve() : stream.once('drain', resolve))),
    width: Math.max(MIN_WIDTH, stream.columns ?? (Number(environment('COLUMNS')) || DEFAULT_WIDTH)),
    style,
  }
}

/** FORCE_COLOR decides, then NO_COLOR (https://no-color.org), as in Node itself; then whether it is a terminal. */
function showsColour(isTerminal: boolean): boolean {
  const force = environment('FORCE_COLOR')
  if (force !== undefined) return force !== '0' && force !== 'false'
  const isRefused = (environment('NO_COLOR') ?? '') !== ''
  return isTerminal && !isRefused && environment('TERM') !== 'dumb'
}

/** A variable; `undefined` too where Deno was not permitted to read it. */
function environment(name: string): string | undefined {
  try {
    return process.env[name]
  } catch {
    return undefined
  }
}

/** One line of a table: a name and a text, which is wrapped beside it. */
export interface TableRow {
  readonly name: string
  readonly text: string
  /** Marks the text. Default: none. */
  readonly mark?: (text: string) => string
}

/** Rows with their texts in one column, wrapped. Names and texts are escaped here. */
export function table(rows: readonly TableRow[], { width, style }: Output, indent = 2): string {
  const names = rows.map(({ name }) => escaped(name))
  const column = Math.min(MAX_NAME, Math.max(0, ...names.map((name) => name.length)))
  const left = indent + column + 2
  return rows
    .map(({ text, mark = (one) => one }, index) => {
      const name = names[index] ?? ''
      const lines = wrap(escaped(text), width - left)
      const head = `${' '.repeat(indent)}${style.cyan(name)}`
      // A longer name has a line of its own.
      const first = name.length > column ? `\n${' '.repeat(left)}` : ' '.repeat(column - name.length + 2)
      return `${head}${first}${lines.map((line) => mark(line)).join(`\n${' '.repeat(left)}`)}\n`
    })
    .join('')
}

const MAX_NAME = 24

/**
 * A paragraph, wrapped and indented. The text is escaped here.
 *
 * @param mark Marks each line. Default: none.
 */
export function paragraph(
  text: string,
  { width }: Output,
  indent = 0,
  mark: TableRow['mark'] = (line) => line,
): string {
  const lines = wrap(escaped(text), width - indent)
  return `${lines.map((line) => `${' '.repeat(indent)}${mark(line)}`).join('\n')}\n`
}

/** Lines of at most `width` characters, broken at spaces where there are some. */
function wrap(text: string, width: number): string[] {
  const most = Math.max(width, 16)
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const joined = line === '' ? word : `${line} ${word}`
    if (cells(joined) <= most) {
      line = joined
      continue
    }
    if (line !== '') lines.push(line)
    line = ''
    for (const character of word) {
      if (cells(line) + cells(character) > most) {
        lines.push(line)
        line = ''
      }
      line += character
    }
  }
  return [...lines, line]
}

/** How many columns a text takes: two for characters of East Asian width, none for combining marks. */
function cells(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length
  let count = 0
  for (const character of text) count += /\p{M}/u.test(character) ? 0 : WIDE.test(character) ? 2 : 1
  return count
}

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]|\p{Emoji_Presentation}/u
