// @ts-check
/**
 * A verdict in a sentence, made from the fields of an error and nothing else.
 *
 * @module
 */

import { clock, duration, relative } from './time.js'

/** @typedef {import('countersign').TokenError} TokenError */

/**
 * Why it is accepted, and until when.
 *
 * @param {import('countersign').Verified} verified
 * @param {number} now
 */
export function accepted({ expiresAt, evidence, uses, key }, now) {
  const who = evidence === 'receipt' ? 'Its receipt holds' : `Its ${key.alg} signature holds`
  const when =
    expiresAt === null
      ? 'and it never expires'
      : `and so does everything else, for another ${duration(expiresAt - now)}`
  const limit =
    uses === undefined ? '' : ` It may be redeemed ${uses.limit === 1 ? 'once' : `${uses.limit} times`}.`
  return `${who}, ${when}.${limit}`
}

/**
 * Why it is refused.
 *
 * @param {TokenError} error
 * @param {number} now
 */
export function refused(error, now) {
  const sentence = SENTENCES[error.code]
  return sentence === undefined ? `It is refused: ${error.code}.` : sentence(error, now)
}

/** @type {Readonly<Record<string, (error: TokenError, now: number) => string>>} */
const SENTENCES = {
  token_missing: () => 'There is no token.',
  token_too_large: () => 'It is longer than any token is allowed to be.',
  token_malformed: () => 'It is no token: not three parts of base64url, separated by dots, to the letter.',
  header_malformed: ({ claim }) =>
    claim === undefined ? 'Its header cannot be read.' : `Its header’s “${claim}” cannot be read.`,
  crit_not_supported: () => 'It demands an extension that is not understood.',
  alg_not_supported: ({ actual }) =>
    String(actual).toLowerCase() === 'none'
      ? 'It is not signed. A token without a signature proves nothing.'
      : `There is no algorithm ${shown(actual)} here.`,
  alg_not_allowed: ({ actual, expected }) =>
    `It says ${shown(actual)}. The policy and the key allow ${shown(expected, false)}.`,
  typ_mismatch: ({ actual, expected }) =>
    `It is ${actual === undefined ? 'of no stated type' : `a ${shown(actual)}`}, not a ${either(expected)}.`,
  key_not_found: ({ actual }) =>
    actual === undefined ? 'No key here fits it.' : `No key here is called ${shown(actual)}.`,
  key_rejected: ({ claim }) =>
    `The key must not be used for this${claim === undefined ? '' : `: its “${claim}” forbids it`}.`,
  signature_invalid: () => 'Your key did not sign this. It was made by someone else, or changed on its way.',
  claims_malformed: () => 'What it says cannot be read as claims.',
  claim_missing: ({ claim, expected }) =>
    claim === 'exp'
      ? 'It has no expiry.'
      : `It does not say “${claim}”${expected === undefined ? '' : `, which has to be ${either(expected)}`}.`,
  claim_malformed: ({ claim, expected }) => `Its “${claim}” has to be a ${shown(expected, false)}.`,
  claim_mismatch: ({ claim, expected, actual }) =>
    `Its “${claim}” is ${shown(actual)}; it has to be ${either(expected)}.`,
  token_expired: ({ actual }, now) =>
    `It expired ${relative(Number(actual) - now)}, at ${clock(Number(actual))}.`,
  token_not_yet_valid: ({ actual }, now) => `It does not count yet, only ${relative(Number(actual) - now)}.`,
  token_too_old: ({ actual, expected }, now) =>
    `It was issued ${relative(Number(actual) - now)}. The policy allows ${typeof expected === 'number' ? duration(expected) : 'less'}.`,
  lifetime_too_long: ({ actual, expected }) =>
    `It lives ${duration(Number(actual))}, and ${duration(Number(expected))} is the most allowed.`,
  scope_insufficient: ({ expected, actual }) =>
    `This needs ${either(expected)}${blank(actual) ? ', and it allows nothing' : `; it allows ${list(actual)}`}. Words count as a whole.`,
  binding_mismatch: ({ claim, expected, actual }) =>
    expected === undefined || expected === null
      ? `The request does not say which ${claim} it is about.`
      : `It was issued for ${claim} ${actual === undefined ? '(none)' : shown(actual)}, and the request is about ${shown(expected)}.`,
  receipt_missing: () => 'It is opaque and comes without a receipt. Countersign it when you obtain it.',
  receipt_mismatch: () => 'The receipt was made for another token.',
  proof_missing: () => 'It is bound to a key, and nothing proves possession of that key.',
  uses_exhausted: () => 'It was used as often as it may be.',
}

/**
 * A value as it stands in a token or a policy.
 *
 * @param {unknown} value
 * @param {boolean} [quoted]
 * @returns {string}
 */
export function shown(value, quoted = true) {
  if (typeof value === 'string') return quoted ? `“${value}”` : value
  if (Array.isArray(value)) return value.map((one) => shown(one, quoted)).join(', ')
  if (typeof value === 'object' && value !== null) return required(value, quoted)
  return value === undefined ? 'absent' : JSON.stringify(value)
}

/**
 * What a rule requires, where it is more than a value.
 *
 * @param {object} rule
 * @param {boolean} quoted
 */
function required(rule, quoted) {
  const words = Object.entries(rule).map(([name, value]) => {
    const text = shown(value, quoted)
    return {
      absent: 'to be absent',
      absentOr: `absent or ${text}`,
      contains: `to hold ${text}`,
      containsAny: `to hold one of ${text}`,
      scope: `the word ${text}`,
      all: text,
      any: `one of ${text}`,
    }[name]
  })
  return words.includes(undefined) ? JSON.stringify(rule) : words.filter((word) => word !== '').join(', ')
}

/** @param {unknown} value */
function either(value) {
  if (Array.isArray(value)) return value.map((one) => shown(one)).join(' or ')
  return value === undefined ? 'something else' : shown(value)
}

/** @param {unknown} value */
function list(value) {
  return typeof value === 'string'
    ? value
        .split(' ')
        .map((word) => `“${word}”`)
        .join(', ')
    : shown(value)
}

/** @param {unknown} value */
function blank(value) {
  return value === undefined || value === '' || (Array.isArray(value) && value.length === 0)
}
