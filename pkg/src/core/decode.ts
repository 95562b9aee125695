/**
 * The decoder of a call's results: a verified token, or a refusal.
 *
 * The core writes recurring values once and refers to them by number afterwards. `src/wasm/protocol.rs` specifies the
 * layout and the dictionaries.
 *
 * @module
 */

import type { ErrorCode, TokenError } from '../error.js'
import { refuse } from '../error.js'
import type { Algorithm, ClaimsSet, JoseHeader, Verified } from '../types.js'
import type { Data } from './copy.js'
import { copyOf, data, unshared } from './copy.js'
import type { Layout } from './decode-claims.js'
import { decodeClaims, decodeScope, layoutOf } from './decode-claims.js'
import { readAscii, readRecords, readText, readWords } from './instance.js'
import { refusedOption } from './mistake.js'
import {
  ADDITIONS,
  DOUBLES,
  ENTRY,
  EXPIRES_AT,
  HEADER,
  ID_LENGTH,
  LAYOUT,
  OUTPUT,
  REASON,
  RECORD,
  SPANS,
  STATUS,
  USES,
} from './protocol.js'

/** The values that a verifier of the core has written once, by their records. */
export interface Dictionaries {
  readonly evidence: Verified['evidence']
  readonly headers: SignedHeader[]
  readonly layouts: Layout[]
  readonly reasons: Reason[]
  /** The contents of the tokens in the core's cache. */
  readonly cached: CachedToken[]
  /** How many tokens were found in the cache. */
  hits: number
  /**
   * False if a previous decode threw part-way (the stack may have run out): these dictionaries may then differ from the
   * core's, and the verifier must be rebuilt.
   */
  isCurrent: boolean
}

/** A JOSE Header and the key that signed it. */
interface SignedHeader {
  readonly header: Data<JoseHeader>
  readonly kid: string | null
  readonly alg: Algorithm
}

/** The contents of a cached token, its claims as text until the first hit. */
interface CachedToken {
  readonly signed: SignedHeader
  readonly expiresAt: number
  readonly uses: number
  id: string
  readonly scope: readonly string[]
  claims: string | Data<ClaimsSet>
}

/** A code, and the claim or option to blame. */
type Reason = readonly [code: ErrorCode | MistakeCode, claim: string | null]

/** The additions of an accepted token; its scope and no names where its claims have no layout. */
type Additions = readonly [readonly string[], readonly string[] | null, JoseHeader?, (string | null)?, Algorithm?]

/** Empty dictionaries. */
export function dictionaries(evidence: Verified['evidence']): Dictionaries {
  return { evidence, headers: [], layouts: [], reasons: [], cached: [], hits: 0, isCurrent: true }
}

/**
 * The result of that number.
 *
 * @throws {TypeError} For an option that is not valid.
 */
export function decode(handle: Dictionaries, number: number): Verified | TokenError {
  const records = readRecords()
  const at = number * RECORD
  const status = records[at + STATUS] as number
  if (status < 0) return refusal(handle, records, at, -1 - status)
  return status === 0 ? recall(handle, records[at + ENTRY] as number) : accepted(handle, records, at, status)
}

/** @param length Of the claims in the output; the id and the additions follow them. */
function accepted(handle: Dictionaries, records: Float64Array, at: number, length: number): Verified {
  const output = records[at + OUTPUT] as number
  const additionsLength = records[at + ADDITIONS] as number
  const entry = records[at + ENTRY] as number
  const headerNumber = records[at + HEADER] as number
  const expiresAt = records[at + EXPIRES_AT] as number
  const uses = records[at + USES] as number
  const layout = records[at + LAYOUT] as number
  // A text that has a layout is ASCII: `length` counts its characters. It is read with the id after it in one call of the
  // runtime.
  const text = layout < 0 ? readText(output, length) : readAscii(output, length + ID_LENGTH)
  const id = layout < 0 ? readAscii(output + length, ID_LENGTH) : text.substring(length)
  const additions =
    additionsLength === 0
      ? undefined
      : (JSON.parse(readText(output + length + ID_LENGTH, additionsLength)) as Additions)
  if (additions !== undefined) learn(handle, layout, headerNumber, additions)
  const signed = handle.headers[headerNumber] as SignedHeader
  let claims: ClaimsSet
  let scope: readonly string[]
  if (layout < 0) {
    claims = JSON.parse(text) as ClaimsSet
    scope = (additions as Additions)[0]
  } else {
    const words = readWords()
    const spans = records[at + SPANS] as number
    claims = decodeClaims(text, handle.layouts[layout] as Layout, words, spans, records, at + DOUBLES)
    scope = decodeScope(text, words, spans)
  }
  if (entry >= 0) {
    const json = text.substring(0, length)
    handle.cached[entry] = { signed, expiresAt, uses, id, scope: scope.slice(), claims: json }
  }
  return verified(handle, signed, claims, id, scope, expiresAt, uses)
}

function learn(handle: Dictionaries, layout: number, number: number, [, names, header, kid, alg]: Additions): void {
  if (names !== null) handle.layouts[layout] = layoutOf(names)
  if (header === undefined || kid === undefined || alg === undefined) return
  handle.headers[number] = { header: data(header), kid, alg }
}

function recall(handle: Dictionaries, number: number): Verified {
  const entry = handle.cached[number] as CachedToken
  handle.hits += 1
  if (typeof entry.claims === 'string') {
    entry.claims = data(JSON.parse(entry.claims) as ClaimsSet)
    entry.id = unshared(entry.id)
  }
  const { signed, claims, id, scope, expiresAt, uses } = entry
  return verified(handle, signed, copyOf(claims), id, scope.slice(), expiresAt, uses)
}

function verified(
  { evidence }: Dictionaries,
  { header, kid, alg }: SignedHeader,
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
function refusal(handle: Dictionaries, records: Float64Array, at: number, length: number): TokenError {
  const { reasons } = handle
  const output = records[at + OUTPUT] as number
  const additionsLength = records[at + ADDITIONS] as number
  const number = records[at + REASON] as number
  let expected = double(records, at + DOUBLES)
  let actual = double(records, at + DOUBLES + 1)
  if (length > 0) {
    const evidence = JSON.parse(readText(output, length)) as Evidence
    // Own members only: a member of Object.prototype is not evidence.
    expected = Object.hasOwn(evidence, 'expected') ? evidence.expected : undefined
    actual = Object.hasOwn(evidence, 'actual') ? evidence.actual : undefined
  }
  if (additionsLength > 0) reasons[number] = JSON.parse(readText(output + length, additionsLength)) as Reason
  const [code, claim] = reasons[number] as Reason
  if (isMistake(code)) {
    handle.isCurrent = true
    throw mistake(claim, expected)
  }
  return refuse({ code, claim: claim ?? undefined, expected, actual })
}

interface Evidence {
  readonly expected?: unknown
  readonly actual?: unknown
}

/** Evidence that is a number; NaN where there is no evidence. */
function double(records: Float64Array, at: number): unknown {
  const number = records[at] as number
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
  return readText(readRecords()[OUTPUT] as number, length)
}
