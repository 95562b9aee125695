/**
 * The verdict on a token, as text for people and as JSON for programs.
 *
 * @module
 */

import type { Check, Verdict, Verified } from '../index.js'
import { TokenError } from '../index.js'
import { escaped } from './escape.js'
import type { ExitCode } from './exit.js'
import { EXIT } from './exit.js'
import { duration, relative, utc } from './moments.js'
import { refusalOf } from './refusals.js'
import { refusalSentence, requirement, shown, uncheckedSentence } from './sentences.js'
import type { Output } from './terminal.js'
import { paragraph, table } from './terminal.js'

/** The exit code that a verdict ends with. */
export function exitCodeOf(verdict: Verdict): ExitCode {
  return verdict.ok ? EXIT.accepted : verdict instanceof TokenError ? EXIT.refused : EXIT.undecidable
}

/** A verdict as data, for `--json` and `--lines`. It holds no signature. */
export function verdictData(verdict: Verdict): Record<string, unknown> {
  if (verdict.ok) {
    const { header, claims, expiresAt, scope, key, evidence, id, uses } = verdict
    return { ok: true, header, claims, expiresAt, scope, key, evidence, id, ...(uses === undefined ? {} : { uses }) }
  }
  if (!(verdict instanceof TokenError)) return { ok: false, code: verdict.code, status: verdict.status }
  const { code, status, claim, expected, actual } = verdict
  return {
    ok: false,
    code,
    status,
    ...(claim === undefined ? {} : { claim }),
    ...(expected === undefined ? {} : { expected }),
    ...(actual === undefined ? {} : { actual }),
  }
}

/** Why the token is accepted or refused, for stderr. */
export function verdictText(verdict: Verdict, checks: readonly Check[], now: number, output: Output): string {
  const { bold, green, red, yellow } = output.style
  if (verdict.ok) return `${green(bold('accepted'))}\n${paragraph(acceptance(verdict, checks, now), output, 2)}`
  if (!(verdict instanceof TokenError)) {
    const why = causesOf(verdict.cause)
    const known = refusalOf(verdict.code)
    const lines = [known?.failed ?? '', ...(why === '' ? [] : [why]), `Change: ${known?.change('') ?? ''}`]
    return `${yellow(bold(`no verdict: ${verdict.code}`))}\n${lines.map((line) => paragraph(line, output, 2)).join('')}`
  }
  const { code, claim = '' } = verdict
  const title = claim === '' ? code : `${code} (${escaped(claim)})`
  const lines = [refusalSentence(verdict, now), `Change: ${refusalOf(code)?.change(claim) ?? ''}`]
  return `${red(bold(`refused: ${title}`))}\n${lines.map((line) => paragraph(line, output, 2)).join('')}`
}

function acceptance({ evidence, key, expiresAt, uses }: Verified, checks: readonly Check[], now: number): string {
  const by = key.kid === null ? '' : ` by the key ${shown(key.kid)}`
  const sentences = [
    evidence === 'receipt'
      ? `The receipt is valid and was made for this token (${key.alg}${by}).`
      : `The ${key.alg} signature${by} is valid, and every check of the policy passed.`,
    expiresAt === null ? 'It never expires.' : expiry(expiresAt, now),
    uses === undefined
      ? ''
      : `It may be redeemed ${uses.limit === 1 ? 'once' : `${uses.limit} times`}; this did not count.`,
    uncheckedSentence(checks),
  ]
  return sentences.filter((sentence) => sentence !== '').join(' ')
}

function expiry(expiresAt: number, now: number): string {
  return expiresAt > now
    ? `It expires in ${duration(expiresAt - now)}, at ${utc(expiresAt)}.`
    : `It expired ${relative(expiresAt - now)}, within the leeway of the policy.`
}

/** Every check with its outcome. */
export function checksText(checks: readonly Check[], output: Output): string {
  const { green, red, dim } = output.style
  const mark = { pass: green, fail: red, not_checked: dim }
  const word = { pass: 'pass', fail: 'FAIL', not_checked: 'not checked' }
  const rows = checks.map((check) => ({
    name: check.name,
    text: `${word[check.outcome]}${check.outcome === 'not_checked' ? '' : evidenceOf(check)}`,
    mark: mark[check.outcome],
  }))
  return table(rows, output)
}

function evidenceOf({ outcome, claim, expected, actual, error }: Check): string {
  const words = [
    ...(claim === undefined ? [] : [claim]),
    ...(actual === undefined ? [] : [`is ${shown(actual)}`]),
    ...(expected === undefined ? [] : [`required ${requirement(expected)}`]),
    ...(outcome === 'fail' && error !== undefined ? [error.code] : []),
  ]
  return words.length === 0 ? '' : `: ${words.join(', ')}`
}

/** The messages of an error and its causes, outermost first, without repetition. */
export function causesOf(error: unknown): string {
  const messages: string[] = []
  for (let cause = error, depth = 0; cause instanceof Error && depth < 8; cause = cause.cause, depth += 1) {
    const first = cause instanceof AggregateError ? cause.errors[0] : undefined
    const { message } = cause.message === '' && first instanceof Error ? first : cause
    if (message !== '' && !messages.some((known) => known.includes(message))) messages.push(message)
  }
  return messages.join(': ')
}
