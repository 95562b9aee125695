/**
 * The only module that calls the compiled core. What comes out of it is a plain value or a refusal.
 *
 * @module
 */

import type { TokenError } from '../error.js'
import { refuse } from '../error.js'
import type { Inspection, Jwk, KeyUsability, Presented, Profile, Receipt, Verified } from '../types.js'
import type { Dictionaries } from './decode.js'
import { decode, dictionaries, mistake, readOutput } from './decode.js'
import type { CoreVerifier } from './instance.js'
import {
  awaited,
  CoreTrap,
  core,
  generation,
  ILL_FORMED,
  octets,
  writeLengths,
  writeText,
  writeUnits,
} from './instance.js'
import { refuseDottedNames, reworded } from './mistake.js'
import type { Host } from './node-crypto.js'
import type { Plain } from './options.js'
import { encode } from './options.js'
import { MAX_TOKENS } from './protocol.js'
import type { Written } from './written.js'
import { inspection, unreadable } from './written.js'

/** A verifier in the core, with the dictionaries that its results refer to. */
export interface Handle extends Dictionaries {
  readonly verifier: CoreVerifier
  /** The instance that it lives in. */
  readonly generation: number
}

/** One entry of `keys` as the core takes it, copied from the caller's: a secret, a key or a set. */
export interface StaticKey {
  /** Where it stands among the options. */
  readonly path: string
  readonly material:
    | { readonly kind: 'secret'; readonly octets: Uint8Array }
    | { readonly kind: 'pem' | 'jwk' | 'jwkSet' | 'publishedJwkSet'; readonly text: string }
  readonly tags: Plain
}

/** How many accepted tokens a verifier caches. */
export interface Limits {
  readonly entries: number
  readonly bytes: number
}

/**
 * Builds a verifier.
 *
 * @param keys The entries of `keys`. Each is an entry of its own in the core, numbered in this order.
 * @param host The runtime's RSA exponentiation and SHA-256. Default: the core's own.
 * @throws {TypeError} When the options cannot mean anything.
 */
export function build(policy: Plain, keys: readonly StaticKey[], { entries, bytes }: Limits, host?: Host): Handle {
  const { CoreKeys, CoreVerifier } = core()
  const options = policy as { readonly [option: string]: Plain }
  refuseDottedNames(options)
  if (Object.hasOwn(options, 'profile')) refuseDottedNames(Object(options['profile']), 'profile.')
  const added = new CoreKeys()
  for (const key of keys) add(added, key)
  if (host !== undefined) entrust(added, host)
  const verifier = reworded('verifier', policy, () => new CoreVerifier(encode(policy), added, entries, bytes))
  const evidence = verifier.readsReceipts ? 'receipt' : 'signature'
  return { verifier, generation: generation(), ...dictionaries(evidence) }
}

/** What the policy of a verifier requires beside the token. */
export function requirements({ verifier }: Handle): { limitsUses: boolean; singleUse: boolean; leewaySeconds: number } {
  const { limitsUses, singleUse, leewaySeconds } = verifier
  return { limitsUses, singleUse, leewaySeconds }
}

/** Gives the host access to the core's memory, by address, for what it computes. */
function entrust(keys: Keys, host: Host): void {
  keys.raisedBy((modulus: Uint8Array, exponent: Uint8Array): ((from: number, to: number) => boolean) => {
    const power = host.powerOf(modulus, exponent)
    const { length } = modulus
    return (from, to) => {
      const raised = awaited(power, octets(from, length))
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
        return writeUnits(awaited(sha256, octets(from, length)), to, SHA256_WORDS)
      } catch {
        return false
      }
    },
  })
}

const SHA256_WORDS = 8

type Keys = InstanceType<ReturnType<typeof core>['CoreKeys']>

/** Whether the core accepts `key`: not if it is malformed, and not if the core traps on it. */
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
    reworded('key', undefined, () => {
      if (material.kind === 'secret') keys.secret(material.octets, encode(tags))
      else keys[material.kind](material.text, encode(tags))
    })
  } catch (error) {
    if (error instanceof TypeError) throw new TypeError(`${path}: ${error.message}`)
    throw error
  }
}

/** The most keys in a set. */
export function maxKeys(): number {
  return core().maxKeys()
}

/** The longest text of a set, in octets. */
export function maxKeySetBytes(): number {
  return core().maxKeySetBytes()
}

/**
 * Which members of a set a verifier can use, and why not the others.
 *
 * @throws {TypeError} For what is not a JWK Set.
 */
export function usability({ path, material }: StaticKey): readonly KeyUsability[] {
  if (material.kind !== 'jwkSet' && material.kind !== 'publishedJwkSet') {
    throw new TypeError(`${path} must be a JWK Set`)
  }
  return JSON.parse(core().keySetUsability(material.text, material.kind === 'publishedJwkSet')) as KeyUsability[]
}

/**
 * The numbers of those entries of `keys` that another set could help to verify a token: the ones in which no key has
 * its `kid`. None for a token that no key can make good.
 */
export function lacking(handle: Handle, token: string): readonly number[] {
  const length = write(token)
  if (length === ILL_FORMED) return []
  try {
    return Array.from(handle.verifier.lacking(length))
  } catch (error) {
    if (error instanceof CoreTrap) return []
    throw error
  }
}

/** Whether the handle's instance is alive and its dictionaries are in step with the core's. */
export function isLive(handle: Handle): boolean {
  core()
  return handle.isCurrent && handle.generation === generation()
}

/** How many tokens the verifier remembers. */
export function entries(handle: Handle): number {
  return handle.verifier.entries
}

/** Frees the verifier. If the core traps, the verifier is gone with its instance. */
export function free(handle: Handle): void {
  try {
    handle.verifier.free()
  } catch (error) {
    if (!(error instanceof CoreTrap)) throw error
  }
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
  handle.isCurrent = false
  try {
    handle.verifier.verify(length, expectedLength, now)
  } catch (error) {
    if (error instanceof CoreTrap) return refuse({ code: 'token_malformed' })
    throw error
  }
  const found = decode(handle, 0)
  handle.isCurrent = true
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
  handle.isCurrent = false
  try {
    isAnswered = handle.verifier.verifyMany(lengths.length, expectedLength, now)
  } catch (error) {
    if (error instanceof CoreTrap) return undefined
    throw error
  }
  if (!isAnswered) decode(handle, 0)
  const found = lengths.map((_, index) => decode(handle, index))
  handle.isCurrent = true
  return found
}

/** What identifies a proof that was accepted. */
export interface ProofIdentity {
  /** A hash of its key and its `jti`, unlike any id of a token. */
  readonly id: string
  /** The last moment at which it is accepted, in seconds since the Unix epoch. */
  readonly expiresAt: number
}

/**
 * What identifies a proof that {@link check} has accepted.
 *
 * @param isUnderNonce Whether a nonce was expected of it.
 * @param now The moment that it was accepted as of.
 */
export function proofIdentity(jwt: string, isUnderNonce: boolean, now: number): ProofIdentity {
  return JSON.parse(core().proofIdentity(jwt, isUnderNonce, now)) as ProofIdentity
}

/** The most tokens of one call. */
export function most(): number {
  return MAX_TOKENS
}

/** As {@link check}, with every check and its outcome. */
export function report(handle: Handle, token: Presented, expected: string, now: number): Inspection {
  return read(token, (length) => handle.verifier.inspect(length, writeExpected(expected, length), now))
}

/** Reads a token of at most `limit` octets without trusting it. */
export function look(token: Presented, limit: number, now: number): Inspection {
  return read(token, (length) => core().inspectToken(length, limit, now))
}

/**
 * The profile called `name`.
 *
 * @throws {TypeError} When the options cannot mean anything.
 */
export function profile(name: string, options: Plain): Profile {
  return JSON.parse(reworded('profile', options, () => core().profileOf(name, encode(options)))) as Profile
}

/**
 * The receipt for tokens of the system called `name`.
 *
 * @throws {TypeError} When the options cannot mean anything.
 */
export function receipt(name: string, options: Plain): Receipt {
  return JSON.parse(reworded('receipt', options, () => core().receiptOf(name, encode(options)))) as Receipt
}

/**
 * The usable keys of a published document.
 *
 * @param use What the `use` of each must be. Default: `sig`, or none.
 * @returns Two documents with the same `identities`, in whatever order, differ in nothing that decides about tokens.
 * @throws {TypeError} For what is neither a JWK Set nor an object of `kid` to PEM text, and if the core traps over it.
 */
export function publishedKeys(
  text: string,
  use?: string,
): {
  keys: Jwk[]
  identities: string[]
  skipped: { kid: string | null; reason: string }[]
} {
  try {
    return JSON.parse(core().publishedKeys(text, use)) as ReturnType<typeof publishedKeys>
  } catch (error) {
    if (error instanceof CoreTrap) throw new TypeError('the core cannot read it')
    throw error
  }
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
  const sign = (): string =>
    'secret' in signer
      ? core().countersignWithSecret(token, encode(receipt), signer.secret, signer.kid, now)
      : core().countersignWithPrivateJwk(token, encode(receipt), signer.privateKey, signer.kid, now)
  return reworded('receipt', receipt, sign)
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

function read(token: Presented, look: (length: number) => number): Inspection {
  if (token !== null && token !== undefined && typeof token !== 'string') return unreadable()
  const length = write(token ?? '')
  if (length === ILL_FORMED) return unreadable()
  const written = unlessTrapped(() => look(length))
  if (written === undefined) return unreadable()
  if (written < 0) {
    const { claim, expected } = JSON.parse(readOutput(-written)) as { claim: string; expected: unknown }
    throw mistake(claim, expected)
  }
  return inspection(JSON.parse(readOutput(written)) as Written)
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
