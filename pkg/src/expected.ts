/**
 * The expectations of one call, as the core reads them.
 *
 * @module
 */

import { refuseDottedNames } from './core/mistake.js'
import type { Plain } from './core/options.js'
import { encodeMembers, members, snapshot } from './core/options.js'
import { isWellFormed } from './core/utf8.js'
import type { Expected } from './types.js'

/** What one call expects: read once, so that nothing changes it while the call waits. */
export interface Expectation {
  /** As JSON; '' for nothing. */
  readonly text: string
  /** Of `expected.proof`, what identifies it; `undefined` for none. */
  readonly proof: { readonly jwt: string; readonly isUnderNonce: boolean } | undefined
  /** `expected.now`. Without it, the clock is read at each check. */
  readonly now: number | undefined
}

const NOTHING_EXPECTED: Expectation = { text: '', proof: undefined, now: undefined }

/**
 * Reads what a call expects, each member once.
 *
 * @throws {TypeError} For a member that is unknown or of another type.
 */
export function readExpected(expected: Expected | undefined): Expectation {
  if (expected === undefined) return NOTHING_EXPECTED
  const found = members(expected, 'expected')
  const now = found.has('now') ? moment(found.get('now')) : undefined
  found.delete('now')
  const presented = found.has('proof') ? proofMembers(found.get('proof')) : undefined
  found.delete('proof')
  if (found.size === 0 && presented === undefined) return { text: '', proof: undefined, now }
  const text = found.size === 0 ? '' : encodeMembers(expectations(found), 'expected').slice(1, -1)
  if (presented === undefined) return { text: `{${text}}`, proof: undefined, now }
  const proof = `"proof":${encodeMembers(presented, 'expected.proof')}`
  return { text: text === '' ? `{${proof}}` : `{${text},${proof}}`, proof: identified(presented), now }
}

/**
 * A number of seconds; the core checks its range. Other types are not converted: an object's `valueOf` would run between
 * two steps of one call.
 */
function moment(now: unknown): number {
  if (typeof now !== 'number') throw new TypeError('now must be a number of seconds')
  return now
}

/** `found`, with the members that are held to rules of their own as data. An id of another type, or too long, is `null`. */
function expectations(found: Map<string, unknown>): ReadonlyMap<string, unknown> {
  const bind = found.get('bind')
  if (bind !== undefined) {
    const ids: { [name: string]: Plain } = Object.create(null)
    for (const [name, id] of members(bind, 'expected.bind')) ids[name] = isId(id) ? id : null
    found.set('bind', ids)
  }
  for (const name of ['claims', 'permissions']) {
    if (!found.has(name)) continue
    const rules = snapshot(found.get(name), `expected.${name}`)
    found.set(name, rules)
    refuseDottedNames({ [name]: rules }, 'expected.')
  }
  return found
}

/** The members of a proof. One of another type, or too long, is read as '': no proof is valid so. */
function proofMembers(proof: unknown): ReadonlyMap<string, unknown> {
  const found = members(proof, 'expected.proof', '{ jwt, method, url, nonce? }')
  if (found.has('jwt') && !isProof(found.get('jwt'))) found.set('jwt', '')
  return found
}

/** What identifies the proof of a call. */
function identified(proof: ReadonlyMap<string, unknown>): Expectation['proof'] {
  const jwt = proof.get('jwt')
  return { jwt: typeof jwt === 'string' ? jwt : '', isUnderNonce: proof.has('nonce') }
}

function isProof(jwt: unknown): jwt is string {
  return typeof jwt === 'string' && jwt.length <= LONGEST_PROOF && isWellFormed(jwt)
}

/** The core accepts no longer one. */
const LONGEST_PROOF = 8192

function isId(id: unknown): id is string | number {
  return typeof id === 'string' ? id.length <= LONGEST_ID && isWellFormed(id) : Number.isSafeInteger(id)
}

/** No token that is read by default holds a longer one; it bounds the core's input buffer. */
const LONGEST_ID = 16_384
