/**
 * What one call expects of its token, as the core reads it.
 *
 * @module
 */

import { refuseDottedNames } from './core/mistake.js'
import type { Plain } from './core/options.js'
import { encode, members, own, plain } from './core/options.js'
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
  if (found.size === 0) return { text: '', proof: undefined, now }
  const expectation = expectations(found)
  return { text: encode(expectation), proof: proofIn(expectation['proof']), now }
}

/**
 * A number of seconds; the core checks its range. Other types are not converted: an object's `valueOf` would run between
 * two steps of one call.
 */
function moment(now: unknown): number {
  if (typeof now !== 'number') throw new TypeError('now must be a number of seconds')
  return now
}

/**
 * The expectations as data. An id in `bind` of another type, or too long, is read as `null`: the request names no id. A
 * proof of another type, or too long, is read as '': no proof is valid so.
 */
function expectations(found: Map<string, unknown>): { readonly [name: string]: Plain } {
  const rest = new Map(found)
  const read: { [name: string]: Plain } = Object.create(null)
  const bind = found.get('bind')
  if (bind !== undefined) {
    rest.delete('bind')
    const ids: { [name: string]: Plain } = Object.create(null)
    for (const [name, id] of members(bind, 'expected.bind')) ids[name] = isId(id) ? id : null
    read['bind'] = ids
  }
  if (found.has('proof')) {
    rest.delete('proof')
    const proof = members(found.get('proof'), 'expected.proof', '{ jwt, method, url, nonce? }')
    if (proof.has('jwt')) proof.set('jwt', isProof(proof.get('jwt')) ? proof.get('jwt') : '')
    read['proof'] = plain(proof, 'expected.proof')
  }
  const copied = Object.assign(Object.create(null), plain(rest, 'expected'), read)
  const { claims, permissions } = copied
  refuseDottedNames({ claims, permissions }, 'expected.')
  return copied
}

/** What identifies the proof of a call. */
function proofIn(proof: Plain | undefined): Expectation['proof'] {
  if (typeof proof !== 'object' || proof === null) return undefined
  const jwt = own(proof, 'jwt')
  return { jwt: typeof jwt === 'string' ? jwt : '', isUnderNonce: Object.hasOwn(proof, 'nonce') }
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
