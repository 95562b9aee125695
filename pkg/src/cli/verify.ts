/**
 * `countersign verify`: holds a token, or a line of them each, to a policy.
 *
 * @module
 */

import { findToken } from '../find-token.js'
import type { Verifier } from '../index.js'
import type { OptionSpecs, Values } from './arguments.js'
import { HELP, readArguments } from './arguments.js'
import type { Invocation } from './call.js'
import { decide, readInvocation } from './call.js'
import { escapedJson } from './escape.js'
import type { ExitCode } from './exit.js'
import { EXIT, UsageError } from './exit.js'
import { ARGUMENT_NOTE, readTokenText } from './input.js'
import { verifyLines } from './lines.js'
import { POLICY_OPTIONS } from './policy.js'
import type { Output } from './terminal.js'
import { paragraph } from './terminal.js'
import { checksText, exitCodeOf, verdictData, verdictText } from './verdict.js'
import { KEY_OPTIONS } from './verifier-keys.js'

export const VERIFY_HELP = `Usage: countersign verify [TOKEN|-] --issuer I --audience A KEYS [options]

Verifies a token, from stdin by default. The claims go to stdout, the reasons to
stderr. Exit: 0 accepted, 1 refused, 2 wrong call, 3 undecidable (no keys).

Policy  --issuer I, --no-issuer      One of each pair, unless a profile has it
        --audience A, --no-audience
        --profile NAME[:k=v,…]       Such as auth0:domain=D,audience=A
        --policy FILE                All of it as JSON, as a Verifier takes it
        --scope S, --any-scope S     --subject S  --typ T  --alg A  --nonce N
        --claim NAME=VALUE           NAME:=JSON for numbers and rules
        --bind NAME=VALUE            What the call is about, such as an order
        --leeway S  --max-age S  --max-lifetime S  --expiry-optional
Keys    --jwks FILE|URL  --discover  From the issuer’s metadata
        --key FILE                   PEM, certificate, JWK, JWK Set
        --secret-file F, --secret-env NAME, --secret-fd N  HMAC, never as an
        --secret-encoding text|raw|base64|base64url|hex    argument
        --timeout S                  For all look-ups together (default 3)
Other   --at TIME  --all-checks  --json  --quiet
        --lines                      One token a line; one JSON object a line
`

/** The options of `verify`. */
const OPTIONS = {
  ...HELP,
  ...POLICY_OPTIONS,
  ...KEY_OPTIONS,
  'all-checks': { type: 'boolean' },
  json: { type: 'boolean' },
  quiet: { type: 'boolean', short: 'q' },
  lines: { type: 'boolean' },
} as const satisfies OptionSpecs

/** Runs the command. @throws {UsageError} For a wrong call. */
export async function verify(args: readonly string[], out: Output, err: Output): Promise<ExitCode> {
  const { values, positionals } = readArguments(args, OPTIONS, 1)
  if (values.help === true) {
    await out.write(VERIFY_HELP)
    return EXIT.accepted
  }
  const call = readInvocation(values)
  const silent: Output = { ...err, write: async () => {} }
  const [results, reasons] = values.quiet === true ? [silent, silent] : [out, err]
  if (values.lines !== true) return verifyOne(call, positionals, values, results, reasons)
  const other = (['all-checks', 'json'] as const).find((name) => values[name] === true)
  if (other !== undefined) throw new UsageError(`--lines and --${other} must not be given together`)
  if (positionals.length > 0 && positionals[0] !== '-') {
    throw new UsageError('--lines reads standard input: leave the token out')
  }
  return verifyLines(call, results, reasons, values.at !== undefined)
}

/** Verifies one token and writes its claims to `out`, or with `--json` the whole verdict. */
async function verifyOne(
  call: Invocation,
  positionals: readonly string[],
  { json, 'all-checks': all }: Values<typeof OPTIONS>,
  out: Output,
  err: Output,
): Promise<ExitCode> {
  const input = await readTokenText(positionals, (text) => err.write(text))
  if (input.from === 'argument') await err.write(paragraph(ARGUMENT_NOTE, err))
  const token = input.text.trim()
  const verdict = await decide(call, token)
  const { checks } = call.verifier.inspect(token, call.expected)
  if (json === true) {
    const data = { ...verdictData(verdict), ...(all === true ? { checks: checks.map(checkData) } : {}) }
    await out.write(`${escapedJson(data, 2)}\n`)
  } else if (verdict.ok) await out.write(`${escapedJson(verdict.claims, 2)}\n`)
  await err.write(verdictText(verdict, checks, call.expected.now, err))
  if (all === true && json !== true) await err.write(checksText(checks, err))
  if (!verdict.ok && findToken(token).token !== token) await err.write(paragraph(SURROUNDED, err))
  return exitCodeOf(verdict)
}

const SURROUNDED =
  'hint: there is text around the token; `countersign inspect` finds a token in text, verify takes it alone'

function checkData({
  name,
  outcome,
  claim,
  expected,
  actual,
  error,
}: ReturnType<Verifier['inspect']>['checks'][number]): object {
  return { name, outcome, claim, expected, actual, code: error?.code }
}
