/**
 * `countersign explain`: from a log line with a refusal, or from a token and a policy, what failed and what to change.
 *
 * @module
 */

import { findToken } from '../find-token.js'
import { TokenError } from '../index.js'
import { closest, HELP, readArguments } from './arguments.js'
import type { Invocation } from './call.js'
import { decide, readInvocation } from './call.js'
import { escaped } from './escape.js'
import type { ExitCode } from './exit.js'
import { EXIT, UsageError } from './exit.js'
import { ARGUMENT_NOTE, readTokenText } from './input.js'
import { POLICY_OPTIONS, statesPolicy } from './policy.js'
import type { Code } from './refusals.js'
import { codes, isCode, refusalOf } from './refusals.js'
import { refusalSentence } from './sentences.js'
import type { Output } from './terminal.js'
import { paragraph } from './terminal.js'
import { causesOf, exitCodeOf, verdictText } from './verdict.js'
import { KEY_OPTIONS } from './verifier-keys.js'

export const EXPLAIN_HELP = `Usage: countersign explain [CODE|-]
       countersign explain [TOKEN|-] --policy FILE KEYS

Explains a refusal: the check that failed, its common causes, and the option to
change if the token should be accepted.

Without a policy it reads a code such as token_expired, or a line of a log that
holds one: the JSON of a TokenError, by itself or inside of another object, or
its message. With a policy it verifies the token and explains every check that
fails. Policy and keys are stated as for \`countersign verify\`.

Exit: 0 explained, with a policy also accepted; 1 the token is refused; 2 wrong
call, or no code in the input; 3 no verdict.

  echo '{"code":"claim_mismatch","status":401,"claim":"aud"}' |
    countersign explain
  countersign explain --policy policy.json --jwks keys.json < token.txt
`

/** A refusal as a log line states it. */
interface Logged {
  readonly code: Code
  readonly claim: string
}

/** Runs the command. @throws {UsageError} For a wrong call. */
export async function explain(args: readonly string[], out: Output, err: Output): Promise<ExitCode> {
  const { values, positionals } = readArguments(args, { ...HELP, ...POLICY_OPTIONS, ...KEY_OPTIONS }, 1)
  if (values.help === true) {
    await out.write(EXPLAIN_HELP)
    return EXIT.accepted
  }
  if (statesPolicy(values)) return explainToken(readInvocation(values), positionals, out, err)
  const keyOption = Object.keys(KEY_OPTIONS).find((name) => values[name as keyof typeof KEY_OPTIONS] !== undefined)
  if (keyOption !== undefined) {
    throw new UsageError(`--${keyOption} needs a policy: --policy FILE, or --issuer and --audience`)
  }
  const { text } = await readTokenText(positionals, (prompt) => err.write(prompt.replace('token', 'line of the log')))
  const logged = loggedIn(text)
  if (logged === undefined) throw noCode(text)
  await out.write(explanation(logged, '', out))
  return EXIT.accepted
}

/** Verifies a token and explains every check that fails. */
async function explainToken(
  call: Invocation,
  positionals: readonly string[],
  out: Output,
  err: Output,
): Promise<ExitCode> {
  const input = await readTokenText(positionals, (text) => err.write(text))
  if (input.from === 'argument') await err.write(paragraph(ARGUMENT_NOTE, err))
  const { token } = findToken(input.text)
  if (token !== input.text.trim()) await err.write(paragraph('note: the text around the token is left out', err))
  const verdict = await decide(call, token)
  const { checks } = call.verifier.inspect(token, call.expected)
  const { now } = call.expected
  if (verdict.ok) await out.write(verdictText(verdict, checks, now, out))
  else if (verdict instanceof TokenError) {
    // The order of the checks, the one that decided first; each once.
    const errors = new Map(
      [verdict, ...checks.flatMap(({ error }) => error ?? [])].map((error) => [error.message, error]),
    )
    const texts = [...errors.values()].map((error) =>
      explanation({ code: error.code, claim: error.claim ?? '' }, refusalSentence(error, now), out),
    )
    await out.write(texts.join('\n'))
  } else await out.write(explanation({ code: verdict.code, claim: '' }, causesOf(verdict.cause), out))
  return exitCodeOf(verdict)
}

function noCode(text: string): UsageError {
  if (findToken(text).token.split('.').length === 3 && /^\s*eyJ/.test(text)) {
    return new UsageError(
      'this is a token, which is explained with a policy: --policy FILE, or --issuer, --audience and keys',
    )
  }
  const meant = closest(text.trim(), codes())
  return new UsageError(
    `there is no code of a refusal in the input${meant === undefined ? '' : `, did you mean ${meant}?`}`,
  )
}

/** @param detail What this token says and the policy requires; '' if only the code is known. */
function explanation({ code, claim }: Logged, detail: string, output: Output): string {
  const known = refusalOf(code)
  if (known === undefined) return ''
  const { bold } = output.style
  const title = claim === '' ? code : `${code} (${escaped(claim)})`
  return [
    `${bold(title)}\n`,
    paragraph(known.failed, output, 2),
    detail === '' ? '' : paragraph(detail, output, 2),
    `  ${bold('Common causes')}\n`,
    ...known.causes.map((cause) => listed(cause, output)),
    `  ${bold('To accept it')}\n`,
    paragraph(known.change(claim), output, 4),
  ].join('')
}

function listed(text: string, output: Output): string {
  return paragraph(text, output, 6).replace(/^ {6}/, '    - ')
}

/** The first refusal in the text: a member `code` of JSON, at any depth, or a code as a word with its claim. */
function loggedIn(text: string): Logged | undefined {
  for (const line of [text, ...text.split('\n')]) {
    try {
      const found = loggedAt(JSON.parse(line), 0)
      if (found !== undefined) return found
    } catch {
      // Text, not JSON.
    }
  }
  for (const { 0: word, index } of text.matchAll(/[a-z]+(?:_[a-z]+)+/g)) {
    if (!isCode(word)) continue
    const rest = text.slice(index + word.length, index + word.length + 256)
    const claim =
      /^ \(([^()\s]{1,200})\)/.exec(rest)?.[1] ??
      /^\\?"[^{}]*?\\?"claim\\?"\s*:\s*\\?"([^"\\]{1,200})\\?"/.exec(rest)?.[1]
    return { code: word, claim: claim ?? '' }
  }
  return undefined
}

/** Deeper members are not looked at. */
const MAX_DEPTH = 16

function loggedAt(value: unknown, depth: number): Logged | undefined {
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return undefined
  const member = (name: string): unknown => (Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined)
  const [code, claim] = [member('code'), member('claim')]
  if (typeof code === 'string' && isCode(code))
    return { code, claim: typeof claim === 'string' ? claim.slice(0, 200) : '' }
  for (const one of Object.values(value)) {
    const found = loggedAt(one, depth + 1)
    if (found !== undefined) return found
  }
  return undefined
}
