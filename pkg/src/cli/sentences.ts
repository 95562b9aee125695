/**
 * Refusals in sentences, made from the fields of a `TokenError`.
 *
 * The sentences hold text of the token and the policy: escape them before they are shown.
 *
 * @module
 */

import type { ErrorCode, TokenError } from '../error.js'
import type { Check } from '../types.js'
import { duration, LAST_SECOND, relative, utc } from './moments.js'

/** The longest value that is shown whole in a sentence. */
const MAX_SHOWN = 160

/**
 * Why the token is refused.
 *
 * @param at Writes a moment. Default: in UTC.
 */
export function refusalSentence(error: TokenError, now: number, at: (moment: number) => string = utc): string {
  return SENTENCES[error.code](error, now, at)
}

/** What the policy leaves unchecked; '' if that is neither the issuer nor the audience. */
export function uncheckedSentence(checks: readonly Check[]): string {
  const open = ['issuer', 'audience'].filter((name) =>
    checks.some((check) => check.name === name && check.outcome === 'not_checked'),
  )
  if (open.length === 0) return ''
  return open.length === 2
    ? 'This policy checks neither the issuer nor the audience.'
    : `This policy does not check the ${open[0]}.`
}

const SENTENCES: Readonly<
  Record<ErrorCode, (error: TokenError, now: number, at: (moment: number) => string) => string>
> = {
  token_missing: () => 'There is no token.',
  request_malformed: () => 'The request carries two different tokens, or one in the wrong form.',
  token_too_large: ({ expected }) => `It is longer than the ${shown(expected, false)} octets that the policy allows.`,
  token_malformed: ({ expected }) =>
    typeof expected === 'string'
      ? `It is not a signed token. Expected: ${cut(expected)}.`
      : 'It is not a signed token: three parts of base64url, separated by dots.',
  header_malformed: ({ claim, expected }) =>
    `${claim === undefined ? 'Its header is not a readable JSON object.' : `Its header has an unusable “${claim}”.`}` +
    `${typeof expected === 'string' ? ` Expected: ${cut(expected)}.` : ''}`,
  crit_not_supported: () => 'Its header requires an extension that countersign does not support.',
  alg_not_supported: ({ actual }) =>
    String(actual).toLowerCase() === 'none'
      ? `Its “alg” is ${shown(actual)}: it is not signed, so anyone can have written it.`
      : `Its algorithm ${shown(actual)} is not supported.`,
  alg_not_allowed: ({ actual, expected }) =>
    `Its algorithm is ${shown(actual)}. The policy and the keys allow ${requirement(expected, false)}.`,
  typ_mismatch: ({ actual, expected }) => `Its type is ${shown(actual)}; the policy requires ${requirement(expected)}.`,
  key_not_found: ({ actual }) =>
    actual === undefined ? 'No key fits its header.' : `No key has the “kid” ${shown(actual)}.`,
  key_rejected: ({ claim }) =>
    `The key must not be used for it${claim === undefined ? '' : `: the key’s “${claim}” does not allow that`}.`,
  signature_invalid: () => 'The key did not sign it: another key signed it, or it was changed afterwards.',
  claims_malformed: ({ expected }) =>
    `Its claims are not a readable JSON object.${typeof expected === 'string' ? ` Expected: ${cut(expected)}.` : ''}`,
  claim_missing: ({ claim, expected }) =>
    claim === 'exp' && expected === undefined
      ? 'It has no expiry (“exp”).'
      : `It has no “${claim}”${expected === undefined ? '' : `; the policy requires ${requirement(expected)}`}.`,
  claim_malformed: malformed,
  claim_mismatch: ({ claim, expected, actual }) =>
    `Its “${claim}” is ${shown(actual)}; the policy requires ${requirement(expected)}.`,
  token_expired: ({ actual }, now, at) => `It expired ${relative(Number(actual) - now)}, at ${at(Number(actual))}.`,
  token_not_yet_valid: ({ actual }, now, at) =>
    `It is not valid yet: it becomes valid ${relative(Number(actual) - now)}, at ${at(Number(actual))}.`,
  token_too_old: ({ actual, expected }, now) =>
    `It was issued ${relative(Number(actual) - now)}. The policy allows an age of ${duration(Number(expected))}.`,
  lifetime_too_long: ({ actual, expected }) =>
    `It is valid for ${duration(Number(actual))}. The policy allows at most ${duration(Number(expected))}.`,
  scope_insufficient: ({ expected, actual }) => {
    const has = isBlank(actual) ? 'no scope' : shown(typeof actual === 'string' ? actual.split(' ') : actual)
    const required = typeof expected === 'string' ? shown(expected.split(' ')) : requirement(expected)
    return `The scope ${required} is required, and it has ${has}. Scopes are compared as whole words.`
  },
  binding_mismatch: ({ claim, expected, actual }) =>
    expected === undefined || expected === null
      ? `The call does not state its ${claim}.`
      : `${actual === undefined ? `It has no ${claim}` : `It was issued for the ${claim} ${shown(actual)}`}, ` +
        `and the call is for ${shown(expected)}.`,
  grant_missing: () => 'Its subject does not have the right that the request needs.',
  receipt_missing: () => 'It is an opaque token without a receipt. Countersign it when you obtain it.',
  receipt_mismatch: () => 'The receipt was made for another token.',
  proof_missing: () => 'It is bound to a key, and there is no proof that the sender has that key.',
  proof_invalid: ({ claim }) =>
    `The proof of possession is not valid${claim === undefined ? '' : `: see its “${claim}”`}.`,
  proof_replayed: () => 'The proof of possession was used before.',
  nonce_required: () => 'The proof of possession lacks the nonce of the server.',
  uses_exhausted: () => 'It was already redeemed as often as it may be.',
  token_replayed: () => 'It was used before, and may be used only once.',
  token_revoked: () => 'It was revoked.',
}

/** Claims that hold a NumericDate. */
const TIMES = ['exp', 'nbf', 'iat']

function malformed({ claim, expected, actual }: TokenError): string {
  if (!TIMES.includes(claim ?? '') || typeof actual !== 'number') {
    return `Its “${claim}” is ${shown(actual)}, which has the wrong form. Expected: ${shown(expected, false)}.`
  }
  if (actual > LAST_SECOND && actual <= LAST_SECOND * 1000) {
    const seconds = Math.floor(actual / 1000)
    return `Its “${claim}” is ${actual}, which reads as milliseconds. It must be in seconds: ${seconds}.`
  }
  return `Its “${claim}” is ${actual}. It must be seconds since 1970, from 0 to ${LAST_SECOND} (the year 9999).`
}

/** A value from a token or a policy, as text. A long one is cut. */
export function shown(value: unknown, isQuoted = true): string {
  if (typeof value === 'string') return isQuoted ? `“${cut(value)}”` : cut(value)
  if (Array.isArray(value)) return value.length === 0 ? '[]' : cut(value.map((one) => shown(one, isQuoted)).join(', '))
  return value === undefined ? 'absent' : cut(JSON.stringify(value))
}

/** What a policy requires, as text: a value, one of several, or a rule. */
export function requirement(expected: unknown, isQuoted = true): string {
  if (expected === undefined) return 'another value'
  if (Array.isArray(expected)) return cut(expected.map((one) => shown(one, isQuoted)).join(' or '))
  if (typeof expected !== 'object' || expected === null) return shown(expected, isQuoted)
  const words = Object.entries(expected).map(([name, value]: [string, unknown]) => {
    const all = shown(value, isQuoted)
    const any = requirement(value, isQuoted)
    return new Map([
      ['absent', 'it to be absent'],
      ['absentOr', `it to be absent or ${any}`],
      ['contains', `an array with ${all}`],
      ['containsAny', `an array with ${any}`],
      ['scope', `the scope ${all}`],
      ['all', all],
      ['any', `one of ${all}`],
    ]).get(name)
  })
  return words.includes(undefined) ? cut(JSON.stringify(expected)) : words.filter((word) => word !== '').join(', ')
}

function isBlank(value: unknown): boolean {
  return value === undefined || value === '' || (Array.isArray(value) && value.length === 0)
}

function cut(text: string): string {
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN)}… (${text.length} characters)`
}
