/**
 * `countersign inspect`: what a token says, not verified. It never opens a socket.
 *
 * @module
 */

import { findToken } from '../find-token.js'
import type { Inspection } from '../index.js'
import { inspect as inspectToken } from '../index.js'
import { isTime, meaningOf } from '../meanings.js'
import { HELP, readArguments } from './arguments.js'
import { escaped, escapedJson } from './escape.js'
import type { ExitCode } from './exit.js'
import { EXIT } from './exit.js'
import { ARGUMENT_NOTE, readMoment, readTokenText } from './input.js'
import { duration, LAST_SECOND, relative, utc } from './moments.js'
import { refusalSentence } from './sentences.js'
import type { Output, TableRow } from './terminal.js'
import { paragraph, table } from './terminal.js'

export const INSPECT_HELP = `Usage: countersign inspect [TOKEN|-] [options]

Shows what a token says, without verifying it and without the network. Reads
stdin by default: a token, or text that holds one, such as a curl command, a
header, a cookie, a URL or the JSON answer of a token endpoint.

Options:
  --json       One JSON object instead of the table
  --at TIME    Tell times from this moment: seconds since 1970, or RFC 3339
  -h, --help   Show this

The signature is never shown, so what is printed cannot be used as a token.
Exit: 0 it was read, 1 it cannot be read as a token, 2 wrong call.

  pbpaste | countersign inspect
  countersign inspect --json < token.txt | jq .claims.exp
`

/** The longest value in the table. */
const MAX_SHOWN = 2000

/** Runs the command. @throws {UsageError} For a wrong call. */
export async function inspect(args: readonly string[], out: Output, err: Output): Promise<ExitCode> {
  const options = { ...HELP, json: { type: 'boolean' }, at: { type: 'string' } } as const
  const { values, positionals } = readArguments(args, options, 1)
  if (values.help === true) {
    await out.write(INSPECT_HELP)
    return EXIT.accepted
  }
  const now = values.at === undefined ? Date.now() / 1000 : readMoment(values.at, '--at')
  const input = await readTokenText(positionals, (text) => err.write(text))
  if (input.from === 'argument') await err.write(paragraph(ARGUMENT_NOTE, err))
  const { token, notes } = findToken(input.text)
  const inspection = inspectToken(token, { now })
  // One of the notes quotes the text around the token, which may hold a client secret.
  for (const note of notes.filter((one) => !one.startsWith('left out')))
    await err.write(paragraph(`note: ${note}`, err))
  if (values.json === true) await out.write(`${escapedJson(inspectionData(inspection, token), 2)}\n`)
  else await out.write(inspectionText(inspection, token, now, out))
  return inspection.error === undefined ? EXIT.accepted : EXIT.refused
}

/** An inspection as data. The text of the token is left out, its signature with it. */
function inspectionData(inspection: Inspection, token: string): Record<string, unknown> {
  const { kind, header, claims, time, warnings, looksLike, error } = inspection
  return {
    verified: false,
    kind,
    octets: octetsOf(token),
    ...(header === undefined ? {} : { header }),
    ...(claims === undefined ? {} : { claims }),
    meanings: {
      ...(header === undefined ? {} : { header: meaningsOf('header', header) }),
      ...(claims === undefined ? {} : { claims: meaningsOf('claims', claims) }),
    },
    ...(time === undefined ? {} : { time }),
    warnings,
    looksLike,
    ...(error === undefined ? {} : { error: error.toJSON() }),
  }
}

function octetsOf(token: string): number {
  return new TextEncoder().encode(token).length
}

const KINDS: Readonly<Record<Inspection['kind'], string>> = {
  jws: 'A JWS, the form of a signed token',
  jwe: 'An encrypted token (JWE), which only its recipient can read',
  opaque: 'An opaque token: only its issuer can read it',
  countersigned: 'A countersigned token: the receipt is shown, and it vouches for the opaque token after it',
  malformed: 'Not a token',
}

function inspectionText(inspection: Inspection, token: string, now: number, output: Output): string {
  const { kind, header, claims, time, warnings, looksLike, error } = inspection
  const { bold, yellow, red } = output.style
  const system = looksLike.length === 0 ? '' : ` Its shape is that of ${looksLike.join(', ')}.`
  const parts = [
    paragraph(`${KINDS[kind]}, ${octetsOf(token)} octets.${system}`, output),
    kind === 'malformed' ? '' : paragraph(NOT_VERIFIED, output, 0, yellow),
  ]
  if (error !== undefined) parts.push(paragraph(`${error.message}: ${refusalSentence(error, now)}`, output, 0, red))
  if (header !== undefined) parts.push(`\n${bold('Header')}\n${membersText(header, now, output)}`)
  if (claims !== undefined) parts.push(`\n${bold('Claims')}\n${membersText(claims, now, output)}`)
  const meanings = [...meaningRows('header', header), ...meaningRows('claims', claims)]
  if (meanings.length > 0) parts.push(`\n${bold('Meaning')}\n${table(meanings, output)}`)
  if (time !== undefined) parts.push(`\n${bold('Time')}\n${paragraph(timeText(time), output, 2)}`)
  if (warnings.length > 0) {
    const rows = warnings.map(({ code, claim, message }) => ({
      name: claim === undefined ? code : `${code} (${claim})`,
      text: message,
    }))
    const column = rows.map(({ name, text }) => `  ${yellow(escaped(name))}\n${paragraph(text, output, 4)}`)
    parts.push(`\n${bold('Warnings')}\n${column.join('')}`)
  }
  return parts.join('')
}

const NOT_VERIFIED = 'Not verified: anyone can have written this. `countersign verify` verifies it.'

function membersText(members: Readonly<Record<string, unknown>>, now: number, output: Output): string {
  const rows = rowsOf(members, now)
  return rows.length === 0 ? '  none\n' : table(rows, output)
}

function rowsOf(members: Readonly<Record<string, unknown>>, now: number): TableRow[] {
  return Object.entries(members).map(([name, value]) => ({
    name,
    text: `${valueText(value)}${momentText(name, value, now)}`,
  }))
}

/** The meaning of each member of a part, with its source. */
function meaningRows(where: 'header' | 'claims', members: Readonly<Record<string, unknown>> | undefined): TableRow[] {
  return Object.keys(members ?? {}).map((name) => {
    const [sentence, source] = meaningOf(where, name)
    return { name, text: source === '' ? sentence : `${sentence} (${source})` }
  })
}

/** The meanings of a part as data. */
function meaningsOf(where: 'header' | 'claims', members: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const entries = Object.keys(members).map((name) => {
    const [meaning, source] = meaningOf(where, name)
    return [name, source === '' ? { meaning } : { meaning, source }]
  })
  return Object.fromEntries(entries)
}

function valueText(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN)}… (${text.length} characters; --json shows all)`
}

function momentText(name: string, value: unknown, now: number): string {
  if (!isTime(name, value) || !(value >= 0 && value <= LAST_SECOND)) return ''
  return `  ${utc(value)}, ${relative(value - now)}`
}

function timeText({ state, secondsLeft, issuedAt, expiresAt }: NonNullable<Inspection['time']>): string {
  const life = issuedAt === null || expiresAt === null ? '' : ` Its whole life is ${duration(expiresAt - issuedAt)}.`
  switch (state) {
    case 'never_expires':
      return 'It never expires.'
    case 'expired':
      return `It has expired${secondsLeft === null ? '' : ` ${relative(secondsLeft)}`}.${life}`
    case 'not_yet_valid':
      return `It is not valid yet.${life}`
    case 'current':
      return `It is current${secondsLeft === null ? '' : ` for another ${duration(secondsLeft)}`}.${life}`
  }
}
