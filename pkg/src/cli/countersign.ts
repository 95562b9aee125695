/**
 * `countersign countersign`: makes the receipt of an opaque token.
 *
 * @module
 */

import type { Receipt, ReceiptKey } from '../index.js'
import { countersign as countersignToken, receipts } from '../index.js'
import type { OptionSpecs, Values } from './arguments.js'
import { HELP, readArguments } from './arguments.js'
import type { ExitCode } from './exit.js'
import { EXIT, UsageError } from './exit.js'
import { readJson, readMoment, readOctets, readTokenText } from './input.js'
import { assignments, explained, readSystem } from './systems.js'
import type { Output } from './terminal.js'
import { decodeSecret, privateJwkIn, readSecret, SECRET_OPTIONS } from './verifier-keys.js'

export const COUNTERSIGN_HELP = `Usage: countersign countersign --system SYSTEM KEY RECEIPT [options]

Countersigns an opaque token: prints receipt~token, which the profile of the
same system accepts. The token is read from stdin, or from --token-file.

System   --system juspay:merchantId=M,environment=sandbox|production,
                  kind=order|customer
         --system cashfree:appId=A,environment=sandbox|production
Receipt  --id ID          The order, customer or VKYC request it was issued for
         --expires TIME   As the issuer wrote it: RFC 3339, seconds since 1970,
                          or (Cashfree) “YYYY-MM-DD HH:MM:SS IST”
         --response FILE  Cashfree: its answer, in place of --expires
         --user TYPE=VALUE  Cashfree: the authenticated user
         --uses N         Juspay: how often it may be redeemed (default 30)
Key      --key-file FILE  A private Ed25519 JWK, or a secret of 32 octets
         --secret-env NAME, --secret-fd N, --secret-encoding ENCODING
         --kid KID        The name of the key
         --token-file FILE
         --at TIME        The moment in place of now

Exit: 0 countersigned, 2 wrong call.
`

const SYSTEMS = ['juspay', 'cashfree']

const OPTIONS = {
  ...HELP,
  system: { type: 'string' },
  id: { type: 'string' },
  expires: { type: 'string' },
  response: { type: 'string' },
  user: { type: 'string' },
  uses: { type: 'string' },
  'token-file': { type: 'string' },
  'key-file': { type: 'string' },
  kid: { type: 'string' },
  at: { type: 'string' },
  ...SECRET_OPTIONS,
} as const satisfies OptionSpecs

type CountersignValues = Values<typeof OPTIONS>

/** Runs the command. @throws {UsageError} For a wrong call. */
export async function countersign(args: readonly string[], out: Output, err: Output): Promise<ExitCode> {
  const { values, positionals } = readArguments(args, OPTIONS, 1)
  if (values.help === true) {
    await out.write(COUNTERSIGN_HELP)
    return EXIT.accepted
  }
  if (positionals.length > 0 && positionals[0] !== '-') {
    throw new UsageError('the token must not be an argument: pass it on standard input, or by --token-file')
  }
  const receipt = readReceipt(values)
  const key = readKey(values)
  const path = values['token-file']
  const text =
    path === undefined
      ? (await readTokenText([], (prompt) => err.write(prompt))).text
      : readOctets(path, '--token-file').toString('utf8')
  const countersigned = explained('the receipt', () => countersignToken(text.trim(), receipt, key))
  await out.write(`${countersigned}\n`)
  return EXIT.accepted
}

function readReceipt(values: CountersignValues): Receipt {
  if (values.system === undefined)
    throw new UsageError(`--system is missing: one of ${SYSTEMS.join(', ')}, with its options`)
  const { name, options } = readSystem(values.system, '--system', SYSTEMS)
  const { id } = values
  if (id === undefined)
    throw new UsageError('--id is missing: the order, customer or request that the token was issued for')
  const now = values.at === undefined ? {} : { now: readMoment(values.at, '--at') }
  const foreign = (name === 'juspay' ? (['response', 'user'] as const) : (['uses'] as const)).find(
    (one) => values[one] !== undefined,
  )
  if (foreign !== undefined) throw new UsageError(`--${foreign} must be left out: it does not apply to ${name}`)
  const given =
    name === 'juspay' ? { ...options, id, ...usesOf(values) } : { ...options, vkycRequestId: id, ...userOf(values) }
  const make = (name === 'juspay' ? receipts.juspay : receipts.cashfree) as (options: unknown) => Receipt
  return explained(`--system ${name}`, () => make({ ...given, ...expiryOf(values), ...now }))
}

function expiryOf({ expires, response }: CountersignValues): object {
  if (expires !== undefined && response !== undefined)
    throw new UsageError('--expires and --response must not be given together')
  if (response !== undefined) return { response: ofResponse(readJson(response, '--response')) }
  if (expires === undefined)
    throw new UsageError('--expires is missing: until when the token is valid, as its issuer wrote it')
  return { expires: /^\d+(?:\.\d+)?$/.test(expires) ? Number(expires) : expires }
}

/** The two members of an answer that state its expiry. */
function ofResponse(value: unknown): object {
  if (typeof value !== 'object' || value === null)
    throw new UsageError('--response: the file must hold the JSON object that the issuer answered')
  return Object.fromEntries(Object.entries(value).filter(([name]) => name === 'expiry' || name === 'expires_at'))
}

function usesOf({ uses }: CountersignValues): object {
  if (uses === undefined) return {}
  if (!/^[1-9]\d{0,8}$/.test(uses)) throw new UsageError('--uses must be a whole number from 1')
  return { uses: Number(uses) }
}

function userOf({ user }: CountersignValues): object {
  if (user === undefined) return {}
  const [[type, value] = []] = assignments([user], '--user')
  return { user: { type, value } }
}

/** The key that signs the receipt. */
function readKey(values: CountersignValues): ReceiptKey {
  const { kid, 'key-file': path } = values
  const name = kid === undefined ? {} : { kid }
  if (path === undefined) {
    const secret = readSecret(values)
    if (secret !== undefined) return { secret, ...name }
    throw new UsageError('no key is stated: --key-file FILE, --secret-env NAME or --secret-fd N')
  }
  const another = (['secret-file', 'secret-env', 'secret-fd'] as const).find((option) => values[option] !== undefined)
  if (another !== undefined) throw new UsageError(`--key-file and --${another} must not be given together`)
  const octets = readOctets(path, '--key-file', true)
  const privateKey = privateJwkIn(octets)
  if (privateKey !== undefined) return { privateKey, ...name }
  return { secret: decodeSecret(octets, values['secret-encoding'], '--key-file'), ...name }
}
