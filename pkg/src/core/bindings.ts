/**
 * The only module that calls the compiled core. What comes out of it is a plain value or a refusal.
 *
 * @module
 */

import { TokenError } from '../error.js'
import type { Refusal } from '../error.js'
import type { StaticKey } from '../keys/static.js'
import type { Check, Inspection, Presented, Profile, Receipt, Verified } from '../types.js'
import { CoreTrap, core, generation, ILL_FORMED, readText, writeText } from './instance.js'
import type { CoreVerifier } from './instance.js'
import type { Plain } from './snapshot.js'

/** A verifier in the core. */
export interface Handle {
  readonly verifier: CoreVerifier
  /** The instance that it lives in. */
  readonly generation: number
}

/**
 * Builds a verifier.
 *
 * @throws {TypeError} When the options cannot mean anything.
 */
export function build(policy: Plain, keys: readonly StaticKey[]): Handle {
  const { CoreKeys, CoreVerifier } = core()
  const added = new CoreKeys()
  for (const key of keys) add(added, key)
  const verifier = new CoreVerifier(policy, added)
  if (verifier.needsStore) {
    verifier.free()
    throw new TypeError('maxUses and singleUse must be left out: nothing here counts')
  }
  return { verifier, generation: generation() }
}

/** Whether a verifier can be built with `key`. */
export function isUsable(key: StaticKey): boolean {
  const keys = new (core().CoreKeys)()
  try {
    add(keys, key)
    return true
  } catch (error) {
    if (error instanceof TypeError) return false
    throw error
  } finally {
    keys.free()
  }
}

function add(keys: InstanceType<ReturnType<typeof core>['CoreKeys']>, { path, material, tags }: StaticKey): void {
  try {
    if (material.kind === 'secret') keys.secret(material.octets, tags)
    else keys[material.kind](material.text, tags)
  } catch (error) {
    if (error instanceof TypeError) throw new TypeError(`${path}: ${error.message}`)
    throw error
  }
}

/** Whether the handle still has its instance. */
export function isLive(handle: Handle): boolean {
  core()
  return handle.generation === generation()
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
  if (length === ILL_FORMED) return new TokenError({ code: 'token_malformed' })
  try {
    const written = handle.verifier.verify(length, writeExpected(expected, length), now)
    return written > 0 ? (JSON.parse(readText(written)) as Verified) : refusal(written)
  } catch (error) {
    if (error instanceof CoreTrap) return new TokenError({ code: 'token_malformed' })
    throw error
  }
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
  return new TokenError(found)
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
  const written = look(length)
  if (written < 0) throw mistake(JSON.parse(readText(-written)) as Mistake)
  const inspection = JSON.parse(readText(written)) as Written
  return { ...withError(inspection), checks: inspection.checks.map(withError) }
}

/** What the core wrote, its refusal an error. A refusal that somebody put into `Object.prototype` is none. */
function withError<T extends { error?: Refusal }>(written: T): Omit<T, 'error'> & { error?: TokenError } {
  const { error, ...rest } = written
  return error !== undefined && Object.hasOwn(written, 'error') ? { ...rest, error: new TokenError(error) } : rest
}

function unreadable(code: 'token_malformed'): Inspection {
  return { kind: 'malformed', parts: [], checks: [], warnings: [], looksLike: [], error: new TokenError({ code }) }
}
