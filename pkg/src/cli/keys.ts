/**
 * `countersign keys`: the keys at a URL, of an issuer or in a file, each usable or why not.
 *
 * @module
 */

import { statSync } from 'node:fs'
import type { KeySource } from '../index.js'
import { discoverKeys, remoteKeys } from '../index.js'
import { withDeadline } from '../wait.js'
import { HELP, readArguments } from './arguments.js'
import { escaped, escapedJson } from './escape.js'
import type { ExitCode } from './exit.js'
import { EXIT, UsageError } from './exit.js'
import { readText } from './input.js'
import type { Document, KeyReport } from './key-report.js'
import { readDocument } from './key-report.js'
import { duration } from './moments.js'
import { explained } from './systems.js'
import type { Output } from './terminal.js'
import { paragraph, table } from './terminal.js'
import { causesOf } from './verdict.js'
import { readTimeout } from './verifier-keys.js'

export const KEYS_HELP = `Usage: countersign keys URL|ISSUER|FILE [options]

Lists the keys of a JWK Set, each with the reason if a verifier cannot use it:
at a URL, of an issuer (through its metadata), or in a file (- is stdin). Reads
JWK Sets, single JWKs, PEM text and objects of kid to PEM certificate.

Options:
  --pem        The usable keys as PEM text instead of the table
  --json       One JSON object instead of the table
  --timeout S  For all look-ups together (default 3)
  -h, --help   Show this

Exit: 0 some key is usable, 1 none is, 2 wrong call, 3 the keys cannot be had.

  countersign keys https://issuer.example
  countersign keys https://issuer.example/.well-known/jwks.json --pem
`

/** A document of keys, and where it is from. */
interface Found {
  readonly document: Document
  readonly from: string
  /** How old the answer is, in words. */
  readonly age: string
}

/** Runs the command. @throws {UsageError} For a wrong call. */
export async function keys(args: readonly string[], out: Output, err: Output): Promise<ExitCode> {
  const options = { ...HELP, pem: { type: 'boolean' }, json: { type: 'boolean' }, timeout: { type: 'string' } } as const
  const { values, positionals } = readArguments(args, options, 1)
  if (values.help === true) {
    await out.write(KEYS_HELP)
    return EXIT.accepted
  }
  const [place] = positionals
  if (place === undefined)
    throw new UsageError('there must be one argument: the URL of a key set, an issuer, or a file')
  if (values.pem === true && values.json === true) throw new UsageError('--pem and --json must not be given together')
  const timeoutSeconds = readTimeout(values.timeout)
  const found = /^https?:/i.test(place) ? await fetched(place, timeoutSeconds) : inFile(place)
  if (found instanceof Error) {
    await err.write(`${err.style.yellow('no keys')}\n${paragraph(causesOf(found), err, 2)}`)
    return EXIT.undecidable
  }
  const { document, from, age } = found
  if (document.kind !== 'keys') {
    const what = document.kind === 'metadata' ? 'metadata, not keys: give the issuer instead' : document.what
    await err.write(paragraph(`${from} holds ${what}.`, err))
    return EXIT.refused
  }
  const { keys } = document
  const usable = keys.filter((key) => key.usable)
  if (values.json === true) await out.write(`${escapedJson({ from, age, keys }, 2)}\n`)
  else if (values.pem === true) await out.write(usable.map(pemText).join(''))
  else
    await out.write(
      [
        paragraph(`${from}: ${counted(keys.length, usable.length)}; ${age}.`, out),
        ...keys.map((key) => keyText(key, out)),
      ].join(''),
    )
  if (usable.length < keys.length && values.pem === true) await err.write(`${counted(keys.length, usable.length)}\n`)
  return usable.length > 0 ? EXIT.accepted : EXIT.refused
}

function counted(all: number, usable: number): string {
  return `${all} ${all === 1 ? 'key' : 'keys'}, ${usable} usable`
}

function inFile(place: string): Found {
  const text = readText(place, 'the argument')
  const age = place === '-' ? 'read now' : `changed ${duration((Date.now() - statSync(place).mtimeMs) / 1000)} ago`
  return { document: readDocument(text), from: place === '-' ? 'standard input' : place, age }
}

/**
 * The document at a URL, or that of the issuer if the URL has no keys.
 *
 * @returns An error if neither can be had.
 */
async function fetched(place: string, timeoutSeconds: number): Promise<Found | Error> {
  const answers: FetchedDocument[] = []
  // The sources bound what they read, and keep what is usable alone: the whole document is kept here.
  const options = { timeoutSeconds, fetch: recorder(answers) }
  const source = explained('the argument', () => remoteKeys(place, options))
  return withDeadline(async (): Promise<Found | Error> => {
    const failure = await look(source)
    const direct = foundIn(answers.at(-1))
    if (direct !== undefined && direct.document.kind !== 'other') return direct
    // A host that does not answer has no metadata either.
    if (failure?.cause !== undefined) return failure
    answers.length = 0
    let issuer: KeySource
    try {
      issuer = discoverKeys(place, options)
    } catch {
      return direct ?? failure ?? new Error('there was no answer')
    }
    const second = await look(issuer)
    const discovered = foundIn(answers.at(-1))
    if (discovered?.document.kind === 'keys') return discovered
    const cause = new Error(`${causesOf(failure)}; ${causesOf(second)}`)
    return new Error('there is no key set, neither at the URL nor through metadata', { cause })
  }, timeoutSeconds * 1000).catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))))
}

async function look(source: KeySource): Promise<Error | undefined> {
  try {
    await source.refresh()
    return undefined
  } catch (error) {
    if (!(error instanceof Error)) return new Error(String(error))
    return error.cause instanceof Error ? error.cause : error
  }
}

/** What a server answered. */
interface FetchedDocument {
  readonly url: string
  readonly body: string
  readonly headers: Headers
}

/** The largest document that is kept. */
const MAX_OCTETS = 1024 * 1024

/** The global `fetch`, which keeps what was answered with status 200 in `answers`. */
function recorder(answers: FetchedDocument[]): (url: string, init: RequestInit) => Promise<Response> {
  return async (url, init) => {
    const response = await fetch(url, init)
    if (response.status !== 200 || response.body === null) return response
    const parts: Uint8Array[] = []
    let length = 0
    for await (const part of response.body as unknown as AsyncIterable<Uint8Array>) {
      parts.push(part)
      length += part.length
      if (length > MAX_OCTETS) break
    }
    const octets = Buffer.concat(parts)
    answers.push({ url, body: octets.toString('utf8'), headers: response.headers })
    return new Response(octets, { status: 200, headers: { etag: response.headers.get('etag') ?? '' } })
  }
}

function foundIn(answer: FetchedDocument | undefined): Found | undefined {
  if (answer === undefined) return undefined
  const { url, body, headers } = answer
  // A query may hold a secret.
  const { origin, pathname } = new URL(url)
  return { document: readDocument(body), from: `${origin}${pathname}`, age: ageOf(headers) }
}

/** The age of an answer (RFC 9111 section 5.1), and how long it may be cached. */
function ageOf(headers: Headers): string {
  const age = headers.get('age')
  const maxAge = /(?:^|[\s,])max-age=(\d{1,9})/i.exec(headers.get('cache-control') ?? '')?.[1]
  const words = [
    age !== null && /^\d{1,9}$/.test(age) ? `answered by a cache, ${duration(Number(age))} old` : 'answered now',
  ]
  if (maxAge !== undefined) words.push(`to be cached for ${duration(Number(maxAge))}`)
  return words.join(', ')
}

function keyText({ kid, kty, alg, use, algorithms, usable, reason, thumbprint }: KeyReport, output: Output): string {
  const { bold, green, red, dim } = output.style
  const title = kid === null ? dim('no kid') : bold(escaped(kid))
  const stated = [kty ?? 'no kty', alg ?? 'no alg', use === null ? 'no use' : `use ${use}`].join(', ')
  const rows = [
    { name: 'key', text: stated },
    ...(usable
      ? [{ name: 'usable', text: algorithms.length === 0 ? 'yes' : `for ${algorithms.join(', ')}`, mark: green }]
      : []),
    ...(usable ? [] : [{ name: 'unusable', text: reason ?? 'for no stated reason', mark: red }]),
    ...(thumbprint === null ? [] : [{ name: 'thumbprint', text: thumbprint }]),
  ]
  return `\n${title}\n${table(rows, output)}`
}

function pemText({ kid, kty, alg, thumbprint, pem }: KeyReport): string {
  const words = [kid === null ? 'no kid' : `kid ${kid}`, kty, alg, `thumbprint ${thumbprint}`].filter(
    (word) => word !== null,
  )
  return `# ${escaped(words.join(', '))}\n${pem ?? '# this runtime cannot write this key as PEM text\n'}`
}
