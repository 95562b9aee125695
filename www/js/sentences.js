// @ts-check
/**
 * The verdict in sentences, made from the fields of a result or an error.
 *
 * @module
 */

import { clock, duration, relative } from './time.js'

/** @typedef {import('countersign').TokenError} TokenError */
/** @typedef {import('countersign').Check} Check */

/** The last second of the year 9999: the largest NumericDate that the core accepts. */
const LAST_SECOND = 253_402_300_799

/** The longest value that is shown whole in a sentence. */
const MAX_SHOWN = 160

/**
 * Why it is accepted, until when, and what the policy leaves unchecked.
 *
 * @param {import('countersign').Verified} verified
 * @param {readonly Check[]} checks
 * @param {number} now
 */
export function accepted({ expiresAt, evidence, uses, key }, checks, now) {
  const sentences = [
    evidence === 'receipt'
      ? 'The receipt is valid and was made for this token.'
      : `The ${key.alg} signature is valid, and every check of the policy passed.`,
    expiry(expiresAt, now),
    uses === undefined ? '' : `It may be redeemed ${uses.limit === 1 ? 'once' : `${uses.limit} times`}.`,
    unchecked(checks),
  ]
  return sentences.filter((sentence) => sentence !== '').join(' ')
}

/**
 * Why there is no verdict on the signature although nothing else failed.
 *
 * @param {readonly Check[]} checks
 * @param {boolean} unusable Whether a key was given that cannot be used.
 */
export function unverified(checks, unusable) {
  const why = unusable ? 'The key cannot be used' : 'No key was given'
  const rest = unchecked(checks)
  return `${why}, so the signature was not checked. Every other check of the policy passed. ${rest}`.trimEnd()
}

/**
 * Why it is refused.
 *
 * @param {TokenError} error
 * @param {number} now
 */
export function refused(error, now) {
  const sentence = Object.hasOwn(SENTENCES, error.code) ? SENTENCES[error.code] : undefined
  return sentence === undefined ? `It is refused with the code ${error.code}.` : sentence(error, now)
}

/**
 * @param {number | null} expiresAt
 * @param {number} now
 */
function expiry(expiresAt, now) {
  if (expiresAt === null) return 'It never expires.'
  if (expiresAt > now) return `It expires in ${duration(expiresAt - now)}.`
  return `It expired ${expiresAt === now ? 'just now' : relative(expiresAt - now)}, within the leeway of the policy.`
}

/** @param {readonly Check[]} checks */
function unchecked(checks) {
  const open = ['issuer', 'audience'].filter((name) =>
    checks.some((check) => check.name === name && check.outcome === 'not_checked'),
  )
  if (open.length === 0) return ''
  return open.length === 2
    ? 'This policy checks neither the issuer nor the audience.'
    : `This policy does not check the ${open[0]}.`
}

/** @type {Readonly<Record<string, (error: TokenError, now: number) => string>>} */
const SENTENCES = {
  token_missing: () => 'There is no token.',
  request_malformed: () => 'The request carries two different tokens, or one in the wrong form.',
  token_too_large: ({ expected }) => `It is longer than the ${shown(expected, false)} octets that the policy allows.`,
  token_malformed: () => 'It is not a signed token: three parts of base64url, separated by dots.',
  header_malformed: ({ claim }) =>
    claim === undefined ? 'Its header is not a readable JSON object.' : `Its header has an unusable “${claim}”.`,
  crit_not_supported: () => 'Its header requires an extension that countersign does not support.',
  alg_not_supported: ({ actual }) =>
    String(actual).toLowerCase() === 'none'
      ? `Its “alg” is ${shown(actual)}: it is not signed, so anyone can have written it.`
      : `Its algorithm ${shown(actual)} is not supported.`,
  alg_not_allowed: ({ actual, expected }) =>
    `Its algorithm is ${shown(actual)}. The policy and the key allow ${requirement(expected, false)}.`,
  typ_mismatch: ({ actual, expected }) => `Its type is ${shown(actual)}; the policy requires ${requirement(expected)}.`,
  key_not_found: ({ actual }) =>
    actual === undefined ? 'No key fits its header.' : `No key has the “kid” ${shown(actual)}.`,
  key_rejected: ({ claim }) =>
    `The key must not be used for it${claim === undefined ? '' : `: the key’s “${claim}” does not allow that`}.`,
  signature_invalid: () => 'The key did not sign it: another key signed it, or it was changed afterwards.',
  claims_malformed: () => 'Its claims are not a readable JSON object.',
  claim_missing: ({ claim, expected }) =>
    claim === 'exp' && expected === undefined
      ? 'It has no expiry (“exp”).'
      : `It has no “${claim}”${expected === undefined ? '' : `; the policy requires ${requirement(expected)}`}.`,
  claim_malformed: malformed,
  claim_mismatch: ({ claim, expected, actual }) =>
    `Its “${claim}” is ${shown(actual)}; the policy requires ${requirement(expected)}.`,
  token_expired: ({ actual }, now) => `It expired ${relative(Number(actual) - now)}, at ${clock(Number(actual))}.`,
  token_not_yet_valid: ({ actual }, now) => `It is not valid yet: it becomes valid ${relative(Number(actual) - now)}.`,
  token_too_old: ({ actual, expected }, now) =>
    `It was issued ${relative(Number(actual) - now)}. The policy allows an age of ${duration(Number(expected))}.`,
  lifetime_too_long: ({ actual, expected }) =>
    `It is valid for ${duration(Number(actual))}. The policy allows at most ${duration(Number(expected))}.`,
  scope_insufficient: ({ expected, actual }) => {
    const has = blank(actual) ? 'no scope' : list(actual)
    return `The scope ${requirement(expected)} is required, and it has ${has}. Scopes are compared as whole words.`
  },
  binding_mismatch: ({ claim, expected, actual }) =>
    expected === undefined || expected === null
      ? `The request does not state its ${claim}.`
      : `${actual === undefined ? `It has no ${claim}` : `It was issued for the ${claim} ${shown(actual)}`}, ` +
        `and the request is for ${shown(expected)}.`,
  grant_missing: () => 'Its subject does not have the right that the request needs.',
  receipt_missing: () => 'It is an opaque token without a receipt. Countersign it when you obtain it.',
  receipt_mismatch: () => 'The receipt was made for another token.',
  proof_missing: () => 'It is bound to a key, and the request does not prove possession of that key.',
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

/** @param {TokenError} error */
function malformed({ claim, expected, actual }) {
  if (!TIMES.includes(claim ?? '') || typeof actual !== 'number') {
    return `Its “${claim}” is ${shown(actual)}, which has the wrong form. Expected: ${shown(expected, false)}.`
  }
  if (actual > LAST_SECOND && actual <= LAST_SECOND * 1000) {
    const seconds = Math.floor(actual / 1000)
    return `Its “${claim}” is ${actual}, which reads as milliseconds. It must be in seconds: ${seconds}.`
  }
  return `Its “${claim}” is ${actual}. It must be seconds since 1970, from 0 to ${LAST_SECOND} (the year 9999).`
}

/**
 * A value from a token or a policy, as text. Long ones are cut.
 *
 * @param {unknown} value
 * @param {boolean} [quoted]
 * @returns {string}
 */
export function shown(value, quoted = true) {
  if (typeof value === 'string') return quoted ? `“${cut(value)}”` : cut(value)
  if (Array.isArray(value)) return value.length === 0 ? '[]' : cut(value.map((one) => shown(one, quoted)).join(', '))
  return value === undefined ? 'absent' : cut(JSON.stringify(value))
}

/**
 * What a policy requires, as text: a value, one of several, or a rule.
 *
 * @param {unknown} expected
 * @param {boolean} [quoted]
 * @returns {string}
 */
export function requirement(expected, quoted = true) {
  if (expected === undefined) return 'another value'
  if (Array.isArray(expected)) return expected.map((one) => shown(one, quoted)).join(' or ')
  if (typeof expected !== 'object' || expected === null) return shown(expected, quoted)
  const words = Object.entries(expected).map(([name, value]) => {
    const all = shown(value, quoted)
    const any = requirement(value, quoted)
    return {
      absent: 'it to be absent',
      absentOr: `it to be absent or ${any}`,
      contains: `an array with ${all}`,
      containsAny: `an array with ${any}`,
      scope: `the scope ${all}`,
      all,
      any: `one of ${all}`,
    }[name]
  })
  return words.includes(undefined) ? JSON.stringify(expected) : words.filter((word) => word !== '').join(', ')
}

/** @param {unknown} value */
function list(value) {
  return typeof value === 'string' ? shown(value.split(' ')) : shown(value)
}

/** @param {unknown} value */
function blank(value) {
  return value === undefined || value === '' || (Array.isArray(value) && value.length === 0)
}

/** @param {string} text */
function cut(text) {
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN)}… (${text.length} characters)`
}
