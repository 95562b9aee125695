/**
 * Verification of a stream of tokens, one a line: verdicts in order, in bounded memory.
 *
 * @module
 */

import type { Expected, Verdict } from '../index.js'
import { TokenError } from '../index.js'
import type { Invocation } from './call.js'
import { decide } from './call.js'
import { escapedJson } from './escape.js'
import type { ExitCode } from './exit.js'
import { EXIT } from './exit.js'
import type { Output } from './terminal.js'
import { verdictData } from './verdict.js'

/** A longer line is cut: the core refuses one that long as too large. */
const MAX_LINE = 1_048_577

/** Lines verified in one call. */
const BATCH = 512

/** Milliseconds between two reports of progress. */
const PROGRESS_MS = 1000

/** What was found so far. */
interface Count {
  accepted: number
  refused: number
  undecided: number
}

/**
 * Verifies the lines of standard input and writes one JSON object for each.
 *
 * @param isFixed Whether the moment is stated; otherwise each call is as of its own.
 * @returns 3 if any line has no verdict, else 1 if any is refused or there is no line, else 0.
 */
export async function verifyLines(call: Invocation, out: Output, err: Output, isFixed: boolean): Promise<ExitCode> {
  const count: Count = { accepted: 0, refused: 0, undecided: 0 }
  let reported = performance.now()
  let line = 0
  for await (const tokens of batches(lines())) {
    const expected: Expected = isFixed ? call.expected : { ...call.expected, now: Date.now() / 1000 }
    let text = ''
    for (const verdict of await verdicts(call, tokens, expected)) {
      line += 1
      if (verdict.ok) count.accepted += 1
      else if (verdict instanceof TokenError) count.refused += 1
      else count.undecided += 1
      text += `${escapedJson({ line, ...lineData(verdict) })}\n`
    }
    await out.write(text)
    if (performance.now() - reported < PROGRESS_MS) continue
    reported = performance.now()
    await err.write(`${summary(count)} so far\n`)
  }
  await err.write(line === 0 ? 'refused: there is no line to verify\n' : `${summary(count)}\n`)
  if (count.undecided > 0) return EXIT.undecidable
  return count.refused > 0 || line === 0 ? EXIT.refused : EXIT.accepted
}

function lineData(verdict: Verdict): object {
  return verdict.ok ? { ok: true, claims: verdict.claims } : verdictData(verdict)
}

function summary({ accepted, refused, undecided }: Count): string {
  const rest = undecided === 0 ? '' : `, ${undecided} without a verdict`
  return `${accepted} accepted, ${refused} refused${rest}`
}

/** The verdicts on tokens; keys are fetched if one of them needs any. */
async function verdicts(call: Invocation, tokens: readonly string[], expected: Expected): Promise<Verdict[]> {
  const first = call.verifier.tryVerifyMany(tokens, expected)
  const needy = call.stated.mayFetch ? first.findIndex((verdict) => !verdict.ok && KEYS_MAY_HELP.has(verdict.code)) : -1
  if (needy < 0) return first
  await decide(call, tokens[needy] ?? '')
  return call.verifier.tryVerifyMany(tokens, expected)
}

/** Refusals that other keys may turn. Sources limit how often they fetch. */
const KEYS_MAY_HELP: ReadonlySet<string> = new Set([
  'keys_unavailable',
  'key_not_found',
  'key_rejected',
  'alg_not_allowed',
])

/** The lines of standard input, without the white space around each. A line break at the end begins no line. */
async function* lines(): AsyncGenerator<string[]> {
  let rest = ''
  let isFirst = true
  for await (const part of process.stdin.setEncoding('utf8') as AsyncIterable<string>) {
    const found = (isFirst ? part.replace(/^\ufeff/, '') : part).split('\n')
    isFirst = false
    found[0] = grown(rest, found[0] ?? '')
    rest = found.pop() ?? ''
    if (found.length > 0) yield found.map((line) => line.trim())
  }
  if (rest !== '') yield [rest.trim()]
}

function grown(rest: string, part: string): string {
  return rest.length >= MAX_LINE ? rest : `${rest}${part}`
}

async function* batches(parts: AsyncIterable<readonly string[]>): AsyncGenerator<readonly string[]> {
  for await (const part of parts) {
    for (let start = 0; start < part.length; start += BATCH) yield part.slice(start, start + BATCH)
  }
}
