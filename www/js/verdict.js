// @ts-check
/**
 * The verdict of the package, and the words for it.
 *
 * The page adds one thing: without a key, the package is asked with random placeholder keys, and the checks that depend
 * on the key are shown as not checked.
 *
 * @module
 */

import { inspect, profiles, UnavailableError, Verifier } from 'countersign'
import { accepted, refused, unverified } from './sentences.js'
import { faultOf, tokenFormOf, unsignedBecause } from './token-form.js'

/** @typedef {import('./systems.js').Plan} Plan */
/** @typedef {import('countersign').Inspection} Inspection */
/** @typedef {import('countersign').Check} Check */

/**
 * @typedef {object} Verdict
 * @property {'idle' | 'accepted' | 'refused' | 'unverified' | 'mistake'} tone
 * @property {string} word
 * @property {string} sentence
 * @property {Inspection} inspection
 * @property {TokenForm} form
 * @property {readonly Check[]} checks In the order of the core.
 * @property {import('countersign').TokenError} [error] The refusal that a server would answer.
 * @property {string} [refusal] The style of that answer.
 * @property {string} [mistake] Why the policy or the request cannot be used.
 * @property {string} [keyMistake] Why the key cannot be used.
 */

/** @typedef {import('./token-form.js').TokenForm} TokenForm */

/** Checks whose outcome depends on the key. */
const OF_THE_KEY = new Set(['key', 'signature'])

/**
 * @typedef {object} Question
 * @property {string} token
 * @property {Plan} plan
 * @property {Record<string, unknown>} expected
 * @property {() => Record<string, unknown> | undefined} key The key, if one was given; throws a
 *   TypeError if it cannot be read.
 * @property {readonly Record<string, unknown>[]} placeholders Random keys for a verifier without a key.
 * @property {number} now
 */

/**
 * The policy as the package takes it, without keys.
 *
 * @param {Plan} plan
 * @returns {Record<string, unknown>}
 * @throws {TypeError} If an option of the profile is invalid.
 */
export function policyOf({ profile, members }) {
  if (profile === undefined) return members
  const make = /** @type {(options: object) => object} */ (profiles[profile.name])
  return { profile: make(profile.options), ...members }
}

/**
 * @param {Question} question
 * @returns {Verdict}
 */
export function judge(question) {
  const { token, now } = question
  const bare = inspect(token, { now })
  const form = tokenFormOf(token, bare)
  const idle = { inspection: bare, checks: bare.checks, form }
  /** @type {Record<string, unknown>} */
  let policy
  try {
    policy = policyOf(question.plan)
    verifier(policy, question.placeholders).tryVerify('', { ...question.expected, now })
  } catch (mistake) {
    return {
      ...idle,
      tone: 'mistake',
      word: 'No verdict',
      sentence: 'The policy has a mistake: see below.',
      mistake: messageOf(mistake),
    }
  }
  /** @type {Record<string, unknown> | undefined} */
  let key
  let keyMistake
  try {
    key = question.key()
    if (key !== undefined) verifier(policy, [key])
  } catch (mistake) {
    key = undefined
    keyMistake = messageOf(mistake)
  }
  const style = styleOf(policy)
  const more = keyMistake === undefined ? {} : { keyMistake }
  if (token === '')
    return { ...idle, ...more, tone: 'idle', word: 'Waiting', sentence: 'Paste a token, or load a sample.' }
  const asked = { token, form, expected: { ...question.expected, now } }
  const verdict =
    key === undefined
      ? withoutKey(verifier(policy, question.placeholders), asked, policy, keyMistake !== undefined)
      : withKey(verifier(policy, [key]), asked)
  return { ...verdict, ...more, refusal: style }
}

/** @typedef {{ token: string, form: TokenForm, expected: { now: number } }} Asked */

/**
 * @param {Verifier} verifier
 * @param {Asked} asked
 * @returns {Verdict}
 */
function withKey(verifier, { token, form, expected }) {
  const outcome = verifier.tryVerify(token, expected)
  const inspection = verifier.inspect(token, expected)
  const { checks } = inspection
  const common = { inspection, checks, form }
  if (outcome.ok) {
    return { ...common, tone: 'accepted', word: 'Accepted', sentence: accepted(outcome, checks, expected.now) }
  }
  if (outcome instanceof UnavailableError) throw outcome
  const sentence = refusal(outcome, inspection, { token, form, expected })
  return { ...common, tone: 'refused', word: 'Refused', sentence, error: outcome }
}

/**
 * @param {Verifier} verifier
 * @param {Asked} asked
 * @param {Record<string, unknown>} policy
 * @param {boolean} unusable Whether a key was given that cannot be used.
 * @returns {Verdict}
 */
function withoutKey(verifier, asked, policy, unusable) {
  const { token, form, expected } = asked
  const inspection = verifier.inspect(token, expected)
  const listed = Object.hasOwn(policy, 'algorithms') || Object.hasOwn(Object(policy['profile']), 'algorithms')
  // No key verifies an empty signature, so that failure does not depend on the key.
  const unsigned = unsignedBecause(form, inspection) !== undefined
  const open = (/** @type {Check} */ { name, error }) =>
    (OF_THE_KEY.has(name) && !(unsigned && name === 'signature')) ||
    (name === 'alg' && error?.code === 'alg_not_allowed' && !listed)
  const checks = inspection.checks.map((check) => (open(check) ? unasked(check) : check))
  const common = { inspection, checks, form }
  const error = checks.find((check) => check.error !== undefined)?.error
  if (error !== undefined) {
    const sentence = `Refused with any key. ${refusal(error, inspection, asked)}`
    return { ...common, tone: 'refused', word: 'Refused', sentence, error }
  }
  return { ...common, tone: 'unverified', word: 'Unverified', sentence: unverified(checks, unusable) }
}

/**
 * @param {import('countersign').TokenError} error
 * @param {Inspection} inspection
 * @param {Asked} asked
 */
function refusal(error, inspection, { token, form, expected }) {
  const structure = ['token_malformed', 'header_malformed', 'receipt_missing'].includes(error.code)
  const fault = structure ? faultOf(form, token) : undefined
  if (fault !== undefined) return fault
  const unsigned = unsignedBecause(form, inspection)
  if (unsigned !== undefined && ['alg_not_supported', 'signature_invalid'].includes(error.code)) return unsigned
  if (error.code === 'token_malformed' && form === 'opaque') {
    return 'It is opaque, and this policy requires a signed token. Countersign it, below, and its receipt can be verified.'
  }
  // A receipt in front of the token is refused by its type where a signed token is required.
  if (form === 'countersigned' && error.code === 'typ_mismatch' && error.expected === undefined) {
    return 'It is an opaque token with a receipt, and this policy requires a signed token.'
  }
  if (error.code === 'receipt_missing' && form !== 'opaque') return 'It has no receipt, and this policy requires one.'
  return refused(error, expected.now)
}

/**
 * @param {Check} check
 * @returns {Check}
 */
function unasked({ name, claim }) {
  return claim === undefined ? { name, outcome: 'not_checked' } : { name, outcome: 'not_checked', claim }
}

/**
 * The verifiers of the last few questions, because building one takes longer than using it.
 *
 * @type {Map<string, Verifier>}
 */
const built = new Map()

/**
 * @param {Record<string, unknown>} policy
 * @param {readonly Record<string, unknown>[]} keys
 * @returns {Verifier}
 */
function verifier(policy, keys) {
  const id = JSON.stringify([
    policy,
    keys.map((key) => (key['secret'] instanceof Uint8Array ? [...key['secret']] : key)),
  ])
  const known = built.get(id)
  if (known !== undefined) return known
  /** @type {unknown} */
  const options = { ...policy, keys }
  const made = new Verifier(/** @type {import('countersign').VerifierOptions} */ (options))
  for (const [oldest, old] of built) {
    if (built.size < 4) break
    old[Symbol.dispose]?.()
    built.delete(oldest)
  }
  built.set(id, made)
  return made
}

/** Disposes of every verifier, and of the keys in them. */
export function forget() {
  for (const old of built.values()) old[Symbol.dispose]?.()
  built.clear()
}

/** @param {Record<string, unknown>} policy */
function styleOf(policy) {
  const { refusal } = /** @type {{ refusal?: string }} */ (policy['profile'] ?? policy)
  return refusal ?? 'bearer'
}

/** @param {unknown} mistake */
function messageOf(mistake) {
  if (mistake instanceof TypeError) return mistake.message
  throw mistake
}
