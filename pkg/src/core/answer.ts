/**
 * The decoder of a call's result: a verified token, or a refusal.
 *
 * The core writes recurring values once and refers to them by number afterwards: a header with its key, a list of claim
 * names, a reason for a refusal, a cached token. `src/wasm/answer.rs` is the other side.
 *
 * @module
 */

import type { ErrorCode, TokenError } from '../error.js'
import { refuse } from '../error.js'
import type { Algorithm, ClaimsSet, JoseHeader, Verified } from '../types.js'
import type { Data } from './data.js'
import { copy, copyOf, data } from './data.js'
import { readAscii, readNumbers, readText, readWords } from './instance.js'
import { refusedOption } from './mistake.js'
import type { Shape } from './shape.js'
import { readClaims, shapeOf } from './shape.js'

/** The values that a verifier of the core has written once, by their numbers. */
export interface Tables {
  readonly evidence: Verified['evidence']
  /** Headers with the keys that signed them. */
  readonly preambles: Preamble[]
  /** Lists of Claim Names. */
  readonly shapes: Shape[]
  /** Reasons for refusals. */
  readonly reasons: Reason[]
  /** The contents of the tokens in the core's cache. */
  readonly remembered: Remembered[]
  /** How many tokens were found in the cache. */
  hits: number
  /**
   * False if a previous decode threw part-way (the stack may have run out): these tables may then differ from the core's,
   * and the verifier must be rebuilt.
   */
  isSettled: boolean
}

interface Preamble {
  readonly header: Data<JoseHeader>
  readonly kid: string | null
  readonly alg: Algorithm
}

/** The contents of a cached token, its claims as text until the first hit. */
interface Remembered {
  readonly preamble: Preamble
  readonly expiresAt: number
  readonly uses: number
  readonly id: string
  readonly scope: readonly string[]
  claims: string | Data<ClaimsSet>
}

/** A code, and the claim or option to blame. */
type Reason = readonly [code: ErrorCode | MistakeCode, claim: string | null]

/** The index of each of the core's numbers within one answer. */
const STATUS = 0
const OUTPUT = 1
const NEWS = 2
const REASON = 3
const ENTRY = 4
const PREAMBLE = 5
const EXPIRES_AT = 6
const USES = 7
const SHAPE = 8
const PLACES = 9
const DOUBLES = 10

/** The count of numbers of one answer. */
const NUMBERS = 18

/** The length of a token's id, in characters. */
const ID = 43

/** What the core writes once, or where claims have no shape: scope, names and, optionally, header, `kid` and `alg`. */
type News = readonly [readonly string[], readonly string[] | null, JoseHeader?, (string | null)?, Algorithm?]

/** Empty tables. */
export function tables(evidence: Verified['evidence']): Tables {
  return { evidence, preambles: [], shapes: [], reasons: [], remembered: [], hits: 0, isSettled: true }
}

/**
 * The answer of that number.
 *
 * @throws {TypeError} For an option that cannot mean anything.
 */
export function answer(handle: Tables, number: number): Verified | TokenError {
  const numbers = readNumbers()
  const at = number * NUMBERS
  const status = numbers[at + STATUS] as number
  if (status < 0) return refusal(handle, numbers, at, -1 - status)
  return status === 0 ? recall(handle, numbers[at + ENTRY] as number) : accepted(handle, numbers, at, status)
}

/** @param length Of the claims in the output; the id follows them, and then the values written once. */
function accepted(handle: Tables, numbers: Float64Array, at: number, length: number): Verified {
  const output = numbers[at + OUTPUT] as number
  const newsLength = numbers[at + NEWS] as number
  const entry = numbers[at + ENTRY] as number
  const number = numbers[at + PREAMBLE] as number
  const expiresAt = numbers[at + EXPIRES_AT] as number
  const uses = numbers[at + USES] as number
  const shape = numbers[at + SHAPE] as number
  // What has a shape is ASCII.
  const text = shape < 0 ? readText(output, length) : readAscii(output, length)
  const id = readAscii(output + length, ID)
  const news = newsLength === 0 ? undefined : (JSON.parse(readText(output + length + ID, newsLength)) as News)
  if (news !== undefined) learn(handle, shape, number, news)
  const preamble = handle.preambles[number] as Preamble
  const [claims, scope] =
    shape < 0
      ? [JSON.parse(text) as ClaimsSet, (news as News)[0]]
      : readClaims(
          text,
          handle.shapes[shape] as Shape,
          readWords(),
          numbers[at + PLACES] as number,
          numbers,
          at + DOUBLES,
        )
  if (entry >= 0) handle.remembered[entry] = { preamble, expiresAt, uses, id, scope: copy(scope), claims: text }
  return verified(handle, preamble, claims, id, scope, expiresAt, uses)
}

function learn(handle: Tables, shape: number, preamble: number, [, names, header, kid, alg]: News): void {
  if (names !== null) handle.shapes[shape] = shapeOf(names)
  if (header === undefined || kid === undefined || alg === undefined) return
  handle.preambles[preamble] = { header: data(header), kid, alg }
}

function recall(handle: Tables, number: number): Verified {
  const entry = handle.remembered[number] as Remembered
  handle.hits += 1
  if (typeof entry.claims === 'string') entry.claims = data(JSON.parse(entry.claims) as ClaimsSet)
  const { preamble, claims, id, scope, expiresAt, uses } = entry
  return verified(handle, preamble, copyOf(claims), id, copy(scope), expiresAt, uses)
}

function verified(
  { evidence }: Tables,
  { header, kid, alg }: Preamble,
  claims: ClaimsSet,
  id: string,
  scope: readonly string[],
  expiresAt: number,
  uses: number,
): Verified {
  const found = {
    ok: true,
    header: copyOf(header),
    claims,
    expiresAt: Number.isNaN(expiresAt) ? null : expiresAt,
    scope,
    key: { kid, alg },
    evidence,
    id,
  } as const
  return uses === 0 ? found : { ...found, uses: { limit: uses, left: null } }
}

/** @param length Of the evidence in the output; the reason follows it if it is new. */
function refusal(handle: Tables, numbers: Float64Array, at: number, length: number): TokenError {
  const { reasons } = handle
  const output = numbers[at + OUTPUT] as number
  const newsLength = numbers[at + NEWS] as number
  const number = numbers[at + REASON] as number
  let expected = double(numbers, at + DOUBLES)
  let actual = double(numbers, at + DOUBLES + 1)
  if (length > 0) {
    const evidence = JSON.parse(readText(output, length)) as Evidence
    // Own members only: a member of Object.prototype is not evidence.
    expected = Object.hasOwn(evidence, 'expected') ? evidence.expected : undefined
    actual = Object.hasOwn(evidence, 'actual') ? evidence.actual : undefined
  }
  if (newsLength > 0) reasons[number] = JSON.parse(readText(output + length, newsLength)) as Reason
  const [code, claim] = reasons[number] as Reason
  if (isMistake(code)) {
    handle.isSettled = true
    throw mistake(claim, expected)
  }
  return refuse({ code, claim: claim ?? undefined, expected, actual })
}

interface Evidence {
  readonly expected?: unknown
  readonly actual?: unknown
}

/** Evidence that is a number; NaN where there is no evidence. */
function double(numbers: Float64Array, at: number): unknown {
  const number = numbers[at] as number
  return Number.isNaN(number) ? undefined : number
}

/** The core's codes for an option that is a mistake. */
type MistakeCode = 'policy_invalid' | 'keys_invalid'

function isMistake(code: ErrorCode | MistakeCode): code is MistakeCode {
  return code === 'policy_invalid' || code === 'keys_invalid'
}

/** The error for an option that is a mistake of the caller. */
export function mistake(option: string | null, mustBe: unknown): TypeError {
  return refusedOption('expected', String(option), String(mustBe))
}

/** The text of `length` octets that an inspection has left. */
export function readOutput(length: number): string {
  return readText(readNumbers()[OUTPUT] as number, length)
}
