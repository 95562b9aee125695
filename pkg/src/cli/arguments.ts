/**
 * Command line options, read with `parseArgs` of `node:util`. An unknown one is refused, with the one probably meant.
 *
 * No message repeats a value: it may be a secret in the wrong place.
 *
 * @module
 */

import { parseArgs } from 'node:util'
import { escaped } from './escape.js'
import { UsageError } from './exit.js'

/** An option of a command. */
export interface OptionSpec {
  readonly type: 'string' | 'boolean'
  /** Whether it may be given several times. */
  readonly multiple?: true
  readonly short?: string
}

/** Options by name. */
export type OptionSpecs = Readonly<Record<string, OptionSpec>>

/** The values of options. An option that was not given is not a member. */
export type Values<Specs extends OptionSpecs> = {
  readonly [Name in keyof Specs]?: Specs[Name] extends { type: 'boolean' }
    ? true
    : Specs[Name] extends { multiple: true }
      ? readonly string[]
      : string
}

/** What a command was called with. */
export interface Arguments<Specs extends OptionSpecs> {
  readonly values: Values<Specs>
  readonly positionals: readonly string[]
}

const NO_SECRET =
  'a secret must not be an argument, which every process can read: use --secret-file, --secret-env or --secret-fd'

/** Options that do not exist on purpose, with what to use. */
const REFUSED: Readonly<Record<string, string>> = {
  secret: NO_SECRET,
  'key-secret': NO_SECRET,
  token: 'pass the token on standard input, or as an argument without an option',
  insecure: 'there is no way to leave the verification out: `countersign inspect` reads a token without verifying it',
}

/** `-h` and `--help` of every command. */
export const HELP = { help: { type: 'boolean', short: 'h' } } as const satisfies OptionSpecs

/**
 * Reads `args` as options and positional arguments.
 *
 * @param positionals How many positional arguments there may be.
 * @throws {UsageError} For an unknown option, a value that is missing or too much, and an option that is repeated.
 */
export function readArguments<const Specs extends OptionSpecs>(
  args: readonly string[],
  specs: Specs,
  positionals: number,
): Arguments<Specs> {
  const options = Object.fromEntries(
    Object.entries(specs).map(([name, { type, short }]) => [name, short === undefined ? { type } : { type, short }]),
  )
  const { tokens } = parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true })
  const values: Record<string, true | string | string[]> = Object.create(null)
  const words: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value)
    if (token.kind !== 'option') continue
    const { name, rawName, value, inlineValue } = token
    const spec = Object.hasOwn(specs, name) ? specs[name] : undefined
    if (spec === undefined) throw unknown(name, rawName, Object.keys(specs))
    const known = values[name]
    if (spec.type === 'boolean') {
      if (value !== undefined) throw new UsageError(`option ${rawName} takes no value`)
      values[name] = true
      continue
    }
    if (value === undefined || value === '') throw new UsageError(`option ${rawName} needs a value`)
    if (inlineValue !== true && /^-./.test(value)) {
      throw new UsageError(`option ${rawName} needs a value; one that begins with “-” is written ${rawName}=VALUE`)
    }
    if (spec.multiple === true) values[name] = [...(Array.isArray(known) ? known : []), value]
    else if (known === undefined) values[name] = value
    else throw new UsageError(`option ${rawName} must be given once`)
  }
  if (words.length > positionals) {
    const most = positionals === 0 ? 'no argument' : positionals === 1 ? 'one argument' : `${positionals} arguments`
    throw new UsageError(`${most} is allowed beside the options; quote one that contains spaces`)
  }
  return { values: values as Values<Specs>, positionals: words }
}

function unknown(name: string, rawName: string, known: readonly string[]): UsageError {
  const shown = escaped(rawName.length <= MAX_SHOWN ? rawName : `${rawName.slice(0, MAX_SHOWN)}…`)
  if (Object.hasOwn(REFUSED, name)) return new UsageError(`unknown option ${shown}: ${REFUSED[name]}`)
  const meant = closest(name, known)
  return new UsageError(`unknown option ${shown}${meant === undefined ? '' : `, did you mean --${meant}?`}`)
}

/** A longer name of an option is cut. */
const MAX_SHOWN = 40

/** The known word that `word` probably is: the one of the fewest edits, at most a third of its letters. */
export function closest(word: string, known: readonly string[]): string | undefined {
  if (word.length > MAX_SHOWN) return undefined
  const plain = (text: string): string => text.toLowerCase().replace(/[-_]/g, '')
  const ranked = known
    .map((candidate) => ({ candidate, edits: distance(plain(word), plain(candidate)) }))
    .filter(({ candidate, edits }) => edits <= Math.max(1, Math.floor(plain(candidate).length / 3)))
    .sort((one, other) => one.edits - other.edits)
  return ranked[0]?.candidate
}

/** The edits from one word to another: letters inserted, deleted, replaced, or two neighbours swapped. */
function distance(one: string, other: string): number {
  let before: number[] = []
  let row = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (let i = 1; i <= one.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= other.length; j += 1) {
      const isSame = one[i - 1] === other[j - 1]
      const isSwapped = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]
      next[j] = Math.min(
        (row[j] ?? 0) + 1,
        (next[j - 1] ?? 0) + 1,
        (row[j - 1] ?? 0) + (isSame ? 0 : 1),
        isSwapped ? (before[j - 2] ?? 0) + 1 : Infinity,
      )
    }
    before = row
    row = next
  }
  return row[other.length] ?? 0
}
