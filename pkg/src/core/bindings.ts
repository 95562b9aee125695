/**
 * The only module that calls the compiled core. What comes out of it is a plain value or a refusal.
 *
 * @module
 */

import { refuse } from '../error.js'
import type { ErrorCode, Refusal, TokenError } from '../error.js'
import type { StaticKey } from '../keys/static.js'
import type { Algorithm, Check, ClaimsSet, Inspection, JoseHeader, Presented, Profile, Receipt, Verified } from '../types.js'
import { copy, copyOf, data } from './data.js'
import type { Data } from './data.js'
import type { Host } from './host.js'
import { CoreTrap, core, generation, ILL_FORMED, octets, readNumbers, readText, readWords, writeLengths, writeOctets, writeText } from './instance.js'
import type { CoreVerifier } from './instance.js'
import { readClaims, shapeOf } from './shape.js'
import type { Shape } from './shape.js'
import type { Plain } from './snapshot.js'

/** A verifier in the core, and what it has told once. */
export interface Handle {
  readonly verifier: CoreVerifier
  /** The instance that it lives in. */
  readonly generation: number
  readonly evidence: Verified['evidence']
  /** Headers and the keys below them, by their numbers. */
  readonly preambles: Preamble[]
  /** Claim Names, by the numbers of their shapes. */
  readonly shapes: Shape[]
  /** Why tokens are refused, by numbers. */
  readonly reasons: Reason[]
  /** What the tokens in the core's memory say, by the numbers of their entries. */
  readonly remembered: Remembered[]
  /** How many tokens were remembered when they came. */
  hits: number
  /**
   * Whether all that the core has told is known here. If not, an exception came between (the stack may have run out), and
   * what the numbers of the core mean is uncertain from then on.
   */
  isSettled: boolean
}

interface Preamble {
  readonly header: Data<JoseHeader>
  readonly kid: string | null
  readonly alg: Algorithm
}

/** What a token says, its claims as text until somebody asks again. */
interface Remembered {
  readonly preamble: Preamble
  readonly expiresAt: number
  readonly uses: number
  readonly id: string
  readonly scope: readonly string[]
  claims: string | Data<ClaimsSet>
}

/** A code, and what it blames. */
type Reason = readonly [code: ErrorCode | MistakeCode, claim: string | null]

/** How much a verifier remembers. */
export interface Limits {
  readonly entries: number
  readonly bytes: number
}

/**
 * Builds a verifier.
 *
 * @param host Whom the powers of RSA keys and what is hashed are left to. Default: nobody.
 * @throws {TypeError} When the options cannot mean anything.
 */
export function build(policy: Plain, keys: readonly StaticKey[], { entries, bytes }: Limits, host?: Host): Handle {
  const { CoreKeys, CoreVerifier } = core()
  const added = new CoreKeys()
  for (const key of keys) add(added, key)
  if (host !== undefined) entrust(added, host)
  const verifier = new CoreVerifier(policy, added, entries, bytes)
  if (verifier.needsStore) {
    verifier.free()
    throw new TypeError('maxUses and singleUse must be left out: nothing here counts')
  }
  const evidence = verifier.readsReceipts ? 'receipt' : 'signature'
  return { verifier, generation: generation(), evidence, preambles: [], shapes: [], reasons: [], remembered: [], hits: 0, isSettled: true }
}

/** Lets the host read and write the core's memory, by address. */
function entrust(keys: Keys, host: Host): void {
  keys.raisedBy((modulus: Uint8Array, exponent: Uint8Array): ((from: number, to: number) => boolean) => {
    const power = host.powerOf(modulus, exponent)
    const { length } = modulus
    return (from, to) => {
      const raised = power(octets(from, length))
      if (raised.length !== length) return false
      octets(to, length).set(raised)
      return true
    }
  })
  const { sha256 } = host
  if (sha256 === undefined) return
  keys.hashedBy({
    sha256(from: number, length: number, to: number): boolean {
      try {
        return writeOctets(sha256(octets(from, length)), to, SHA256_OCTETS)
      } catch {
        return false
      }
    },
  })
}

const SHA256_OCTETS = 32

type Keys = InstanceType<ReturnType<typeof core>['CoreKeys']>

/** Whether a verifier can be built with `key`: not if it is a mistake, and not if the core traps over it. */
export function isUsable(key: StaticKey): boolean {
  const keys = new (core().CoreKeys)()
  try {
    add(keys, key)
    return true
  } catch (error) {
    if (error instanceof TypeError || error instanceof CoreTrap) return false
    throw error
  } finally {
    keys.free()
  }
}

function add(keys: Keys, { path, material, tags }: StaticKey): void {
  try {
    if (material.kind === 'secret') keys.secret(material.octets, tags)
    else keys[material.kind](material.text, tags)
  } catch (error) {
    if (error instanceof TypeError) throw new TypeError(`${path}: ${error.message}`)
    throw error
  }
}

/** The most keys of a set that the core looks at. */
export function maxKeys(): number {
  return core().maxKeys()
}

/** Whether the handle still has its instance, and knows what that has told. */
export function isLive(handle: Handle): boolean {
  core()
  return handle.isSettled && handle.generation === generation()
}

/** How many tokens the verifier remembers. */
export function entries(handle: Handle): number {
  return handle.verifier.entries
}

/** Frees what the handle holds. */
export function free(handle: Handle): void {
  handle.verifier.free()
}

/**
 * Verifies one token.
 *
 * @param expected What the request expects, as JSON text; '' for nothing.
 * @param now Seconds since the Unix epoch.
 * @returns What the token says, or why it is refused.
 * @throws {TypeError} For an expectation that cannot mean anything.
 */
export function check(handle: Handle, token: string, expected: string, now: number): Verified | TokenError {
  const length = write(token)
  if (length === ILL_FORMED) return refuse({ code: 'token_malformed' })
  const expectedLength = writeExpected(expected, length)
  handle.isSettled = false
  try {
    handle.verifier.verify(length, expectedLength, now)
  } catch (error) {
    if (error instanceof CoreTrap) return refuse({ code: 'token_malformed' })
    throw error
  }
  const found = answer(handle, readNumbers(), 0)
  handle.isSettled = true
  return found
}

/**
 * Verifies many tokens in one call into the core, as {@link check} would, one after the other.
 *
 * @param tokens At most {@link most} of them.
 * @returns In their order; nothing where one call cannot do it: where a token has no octets, or the core traps over one.
 * @throws {TypeError} For an expectation that cannot mean anything.
 */
export function checkMany(
  handle: Handle,
  tokens: readonly string[],
  expected: string,
  now: number,
): (Verified | TokenError)[] | undefined {
  const lengths: number[] = []
  let end = 0
  for (const token of tokens) {
    const length = writeText(cut(token), end)
    if (length === ILL_FORMED) return undefined
    lengths.push(length)
    end += length
  }
  const expectedLength = writeExpected(expected, end)
  writeLengths(lengths)
  let isAnswered: boolean
  handle.isSettled = false
  try {
    isAnswered = handle.verifier.verifyMany(lengths.length, expectedLength, now)
  } catch (error) {
    if (error instanceof CoreTrap) return undefined
    throw error
  }
  const numbers = readNumbers()
  if (!isAnswered) answer(handle, numbers, 0)
  const found = lengths.map((_, index) => answer(handle, numbers, index * NUMBERS))
  handle.isSettled = true
  return found
}

/** The most tokens of one call. */
export function most(): number {
  return core().many()
}

/** Where each of the core's numbers stands, from the first of an answer. */
const STATUS = 0
const OUTPUT = 1
const TOLD = 2
const REASON = 3
const ENTRY = 4
const PREAMBLE = 5
const EXPIRES_AT = 6
const USES = 7
const SHAPE = 8
const PLACES = 9
const DOUBLES = 10

/** How many there are of an answer. */
const NUMBERS = 18

/** The characters of the id of a token. */
const ID = 43

/** What the core tells once, or where there is no shape: scope, names and, below them, header, `kid` and `alg`. */
type Told = readonly [readonly string[], readonly string[] | null, JoseHeader?, (string | null)?, Algorithm?]

/** @param at Where the answer starts among the numbers. */
function answer(handle: Handle, numbers: Float64Array, at: number): Verified | TokenError {
  const status = numbers[at + STATUS] as number
  if (status < 0) return refusal(handle, numbers, at, -1 - status)
  return status === 0 ? recall(handle, numbers[at + ENTRY] as number) : accepted(handle, numbers, at, status)
}

/** @param length Of the claims in the output, behind which the id stands and what is told. */
function accepted(handle: Handle, numbers: Float64Array, at: number, length: number): Verified {
  const output = numbers[at + OUTPUT] as number
  const told = numbers[at + TOLD] as number
  const entry = numbers[at + ENTRY] as number
  const number = numbers[at + PREAMBLE] as number
  const expiresAt = numbers[at + EXPIRES_AT] as number
  const uses = numbers[at + USES] as number
  const shape = numbers[at + SHAPE] as number
  const text = readText(output, length)
  const id = readText(output + length, ID)
  const news = told === 0 ? undefined : (JSON.parse(readText(output + length + ID, told)) as Told)
  if (news !== undefined) learn(handle, shape, number, news)
  const preamble = handle.preambles[number] as Preamble
  const [claims, scope] =
    shape < 0
      ? [JSON.parse(text) as ClaimsSet, (news as Told)[0]]
      : readClaims(text, handle.shapes[shape] as Shape, readWords(), numbers[at + PLACES] as number, numbers, at + DOUBLES)
  if (entry >= 0) handle.remembered[entry] = { preamble, expiresAt, uses, id, scope: copy(scope), claims: text }
  return verified(handle, preamble, claims, id, scope, expiresAt, uses)
}

function learn(handle: Handle, shape: number, preamble: number, [, names, header, kid, alg]: Told): void {
  if (names !== null) handle.shapes[shape] = shapeOf(names)
  if (header === undefined || kid === undefined || alg === undefined) return
  handle.preambles[preamble] = { header: data(header), kid, alg }
}

function recall(handle: Handle, number: number): Verified {
  const entry = handle.remembered[number] as Remembered
  handle.hits += 1
  if (typeof entry.claims === 'string') entry.claims = data(JSON.parse(entry.claims) as ClaimsSet)
  const { preamble, claims, id, scope, expiresAt, uses } = entry
  return verified(handle, preamble, copyOf(claims), id, copy(scope), expiresAt, uses)
}

function verified(
  { evidence }: Handle,
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

/** As {@link check}, with every check and its outcome. */
export function report(handle: Handle, token: Presented, expected: string, now: number): Inspection {
  return read(token, (length) => handle.verifier.inspect(length, writeExpected(expected, length), now))
}

/** Reads a token without trusting it. */
export function look(token: Presented, now: number): Inspection {
  return read(token, (length) => core().inspectToken(length, now))
}

/**
 * The profile called `name`.
 *
 * @throws {TypeError} When the options cannot mean anything.
 */
export function profile(name: string, options: Plain): Profile {
  return JSON.parse(core().profileOf(name, options)) as Profile
}

/**
 * The receipt for tokens of the system called `name`.
 *
 * @throws {TypeError} When the options cannot mean anything.
 */
export function receipt(name: string, options: Plain): Receipt {
  return JSON.parse(core().receiptOf(name, options)) as Receipt
}

/** What countersigns, as the core takes it. */
export type Signer = { readonly kid: string | undefined } & (
  | { readonly secret: Uint8Array }
  | { readonly privateKey: string }
)

/**
 * Countersigns `token`.
 *
 * @throws {TypeError} When token, receipt or key cannot be used.
 */
export function countersign(token: string, receipt: Plain, signer: Signer, now: number): string {
  return 'secret' in signer
    ? core().countersignWithSecret(token, receipt, signer.secret, signer.kid, now)
    : core().countersignWithPrivateJwk(token, receipt, signer.privateKey, signer.kid, now)
}

let longest = 0

/** As much of a token as is ever looked at: one character more than the limit tells that it is too long. */
function cut(token: string): string {
  longest ||= core().maxTokenBytes()
  return token.length > longest ? token.slice(0, longest + 1) : token
}

function write(token: string): number {
  return writeText(cut(token))
}

function writeExpected(expected: string, offset: number): number {
  return expected === '' ? 0 : writeText(expected, offset)
}

/** @param length Of the evidence in the output, behind which the reason stands if it is told. */
function refusal(handle: Handle, numbers: Float64Array, at: number, length: number): TokenError {
  const { reasons } = handle
  const output = numbers[at + OUTPUT] as number
  const told = numbers[at + TOLD] as number
  const number = numbers[at + REASON] as number
  const evidence = length === 0 ? numeric(numbers, at) : (JSON.parse(readText(output, length)) as Evidence)
  if (told > 0) reasons[number] = JSON.parse(readText(output + length, told)) as Reason
  const [code, claim] = reasons[number] as Reason
  if (isMistake(code)) {
    handle.isSettled = true
    throw mistake(claim, evidence.expected)
  }
  // Spread: what somebody put into Object.prototype is no evidence.
  return refuse({ ...evidence, code, claim: claim ?? undefined })
}

interface Evidence {
  readonly expected?: unknown
  readonly actual?: unknown
}

/** Evidence that is nothing but numbers, if anything. */
function numeric(numbers: Float64Array, at: number): Evidence {
  const expected = numbers[at + DOUBLES] as number
  const actual = numbers[at + DOUBLES + 1] as number
  return { expected: Number.isNaN(expected) ? undefined : expected, actual: Number.isNaN(actual) ? undefined : actual }
}

/** The core's words for an option that cannot mean anything. */
type MistakeCode = 'policy_invalid' | 'keys_invalid'

function isMistake(code: ErrorCode | MistakeCode): code is MistakeCode {
  return code === 'policy_invalid' || code === 'keys_invalid'
}

function mistake(option: string | null, mustBe: unknown): TypeError {
  return new TypeError(`${option} must be ${String(mustBe)}`)
}

/** An inspection as the core writes it: its refusals are not errors yet. */
type Written = Omit<Inspection, 'error' | 'checks'> & {
  error?: Refusal
  checks: readonly (Omit<Check, 'error'> & { error?: Refusal })[]
}

function read(token: Presented, look: (length: number) => number): Inspection {
  if (token !== null && token !== undefined && typeof token !== 'string') return unreadable('token_malformed')
  const length = write(token ?? '')
  if (length === ILL_FORMED) return unreadable('token_malformed')
  const written = unlessTrapped(() => look(length))
  if (written === undefined) return unreadable('token_malformed')
  if (written < 0) {
    const { claim, expected } = JSON.parse(readOutput(-written)) as { claim: string; expected: unknown }
    throw mistake(claim, expected)
  }
  const inspection = JSON.parse(readOutput(written)) as Written
  return { ...withError(inspection), checks: inspection.checks.map(withError) }
}

/** The text of `length` octets that a call has left and nothing else. */
function readOutput(length: number): string {
  return readText(readNumbers()[OUTPUT] as number, length)
}

/** What the core wrote, its refusal an error. A refusal that somebody put into `Object.prototype` is none. */
function withError<T extends { error?: Refusal }>(written: T): Omit<T, 'error'> & { error?: TokenError } {
  const { error, ...rest } = written
  return error !== undefined && Object.hasOwn(written, 'error') ? { ...rest, error: refuse(error) } : rest
}

/** What `work` returns; nothing if the core traps over it. */
function unlessTrapped(work: () => number): number | undefined {
  try {
    return work()
  } catch (error) {
    if (error instanceof CoreTrap) return undefined
    throw error
  }
}

function unreadable(code: 'token_malformed'): Inspection {
  return { kind: 'malformed', parts: [], checks: [], warnings: [], looksLike: [], error: refuse({ code }) }
}
