/**
 * The only module that calls the compiled core. What comes out of it is a plain value or a refusal.
 *
 * @module
 */

import { refuse } from '../error.js'
import type { Refusal, TokenError } from '../error.js'
import type { StaticKey } from '../keys/static.js'
import type { Algorithm, Check, ClaimsSet, Inspection, JoseHeader, Presented, Profile, Receipt, Verified } from '../types.js'
import { copy, copyOf, data } from './data.js'
import type { Data } from './data.js'
import type { Host } from './host.js'
import { CoreTrap, core, generation, ILL_FORMED, octets, readNumbers, readText, writeOctets, writeText } from './instance.js'
import type { CoreVerifier } from './instance.js'
import type { Plain } from './snapshot.js'

/** A verifier in the core, and what it has told once. */
export interface Handle {
  readonly verifier: CoreVerifier
  /** The instance that it lives in. */
  readonly generation: number
  readonly evidence: Verified['evidence']
  /** Headers and the keys below them, by their numbers. */
  readonly preambles: Preamble[]
  /** What the tokens in the core's memory say, by the numbers of their entries. */
  readonly remembered: Remembered[]
  /** How many tokens were remembered when they came. */
  hits: number
}

interface Preamble {
  readonly header: Data<JoseHeader>
  readonly kid: string | null
  readonly alg: Algorithm
}

/** As the core wrote it, until it is asked for. */
interface Remembered {
  readonly preamble: Preamble
  readonly expiresAt: number
  readonly uses: number
  said: string | { readonly claims: Data<ClaimsSet>; readonly id: string; readonly scope: readonly string[] }
}

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
  return { verifier, generation: generation(), evidence, preambles: [], remembered: [], hits: 0 }
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

/** Whether the handle still has its instance. */
export function isLive(handle: Handle): boolean {
  core()
  return handle.generation === generation()
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
  try {
    const written = handle.verifier.verify(length, writeExpected(expected, length), now)
    if (written < 0) return refusal(written)
    return written === 0 ? recall(handle) : accepted(handle, readText(written))
  } catch (error) {
    if (error instanceof CoreTrap) return refuse({ code: 'token_malformed' })
    throw error
  }
}

/** Where each of the core's numbers stands. */
const ENTRY = 1
const PREAMBLE = 2
const EXPIRES_AT = 3
const USES = 4

/** What the core has written: claims, id, scope and, once, header, `kid` and `alg`. */
type Said = readonly [ClaimsSet, string, readonly string[], JoseHeader, string | null, Algorithm]

function accepted(handle: Handle, text: string): Verified {
  const numbers = readNumbers()
  const entry = numbers[ENTRY] as number
  const number = numbers[PREAMBLE] as number
  const expiresAt = numbers[EXPIRES_AT] as number
  const uses = numbers[USES] as number
  const said = JSON.parse(text) as Said
  if (said.length > 3) handle.preambles[number] = { header: data(said[3]), kid: said[4], alg: said[5] }
  const preamble = handle.preambles[number] as Preamble
  if (entry >= 0) handle.remembered[entry] = { preamble, expiresAt, uses, said: text }
  return verified(handle, preamble, said[0], said[1], said[2], expiresAt, uses)
}

function recall(handle: Handle): Verified {
  const entry = handle.remembered[readNumbers()[ENTRY] as number] as Remembered
  handle.hits += 1
  if (typeof entry.said === 'string') {
    const said = JSON.parse(entry.said) as Said
    entry.said = { claims: data(said[0]), id: said[1], scope: said[2] }
  }
  const { claims, id, scope } = entry.said
  return verified(handle, entry.preamble, copyOf(claims), id, copy(scope), entry.expiresAt, entry.uses)
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

/** Writes as much of a token as is ever looked at: one octet more than the limit tells that it is too long. */
function write(token: string): number {
  longest ||= core().maxTokenBytes()
  return writeText(token.length > longest ? token.slice(0, longest + 1) : token)
}

function writeExpected(expected: string, offset: number): number {
  return expected === '' ? 0 : writeText(expected, offset)
}

function refusal(written: number): TokenError {
  const found = JSON.parse(readText(-written)) as Refusal | Mistake
  if (isMistake(found)) throw mistake(found)
  return refuse(found)
}

/** The core's word for an option that cannot mean anything. */
interface Mistake {
  readonly code: 'policy_invalid' | 'keys_invalid'
  readonly claim?: string
  readonly expected?: unknown
}

function isMistake(found: Refusal | Mistake): found is Mistake {
  return found.code === 'policy_invalid' || found.code === 'keys_invalid'
}

function mistake({ claim, expected }: Mistake): TypeError {
  return new TypeError(`${claim} must be ${String(expected)}`)
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
  if (written < 0) throw mistake(JSON.parse(readText(-written)) as Mistake)
  const inspection = JSON.parse(readText(written)) as Written
  return { ...withError(inspection), checks: inspection.checks.map(withError) }
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
