// @ts-check
/**
 * Asks the package for its verdict, and words it.
 *
 * The page adds one thing alone: where no key was given, keys that nobody holds stand in for it, and what a key decides
 * is shown as not checked.
 *
 * @module
 */

import { inspect, profiles, UnavailableError, Verifier } from 'countersign'
import { accepted, refused } from './sentences.js'

/** @typedef {import('./systems.js').Plan} Plan */
/** @typedef {import('countersign').Inspection} Inspection */
/** @typedef {import('countersign').Check} Check */

/**
 * @typedef {object} Verdict
 * @property {'idle' | 'accepted' | 'refused' | 'unverified' | 'mistake'} tone
 * @property {string} word
 * @property {string} sentence
 * @property {Inspection} inspection
 * @property {readonly Check[]} checks In the core's order.
 * @property {import('countersign').TokenError} [error] What a server would answer to.
 * @property {string} [refusal] The style of that answer.
 * @property {string} [mistake] What the package says against the policy or the request.
 * @property {string} [keyMistake] What it says against the key.
 */

/** Checks whose outcome is the key's. */
const OF_THE_KEY = new Set(['key', 'signature'])

/**
 * @typedef {object} Question
 * @property {string} token
 * @property {Plan} plan
 * @property {Record<string, unknown>} expected
 * @property {() => Record<string, unknown> | undefined} key The key, if one was given; throws a TypeError if it cannot be read.
 * @property {readonly Record<string, unknown>[]} standIns
 * @property {number} now
 */

/**
 * The policy as the package takes it, without keys.
 *
 * @param {Plan} plan
 * @returns {Record<string, unknown>}
 * @throws {TypeError} If it cannot mean anything.
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
  const idle = { inspection: bare, checks: bare.checks }
  /** @type {Record<string, unknown>} */
  let policy
  try {
    policy = policyOf(question.plan)
    verifier(policy, question.standIns).tryVerify('', { ...question.expected, now })
  } catch (mistake) {
    return {
      ...idle,
      tone: 'mistake',
      word: 'No verdict',
      sentence: 'The policy cannot mean anything yet.',
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
  const expected = { ...question.expected, now }
  const verdict =
    key === undefined
      ? withoutKey(verifier(policy, question.standIns), token, expected, policy, keyMistake !== undefined)
      : withKey(verifier(policy, [key]), token, expected)
  return { ...verdict, ...more, refusal: style }
}

/**
 * @param {Verifier} verifier
 * @param {string} token
 * @param {{ now: number }} expected
 * @returns {Verdict}
 */
function withKey(verifier, token, expected) {
  const outcome = verifier.tryVerify(token, expected)
  const inspection = verifier.inspect(token, expected)
  const { checks } = inspection
  if (outcome.ok)
    return {
      tone: 'accepted',
      word: 'Accepted',
      sentence: accepted(outcome, expected.now),
      inspection,
      checks,
    }
  if (outcome instanceof UnavailableError) throw outcome
  return {
    tone: 'refused',
    word: 'Refused',
    sentence: refusal(outcome, inspection, expected.now),
    error: outcome,
    inspection,
    checks,
  }
}

/**
 * @param {Verifier} verifier
 * @param {string} token
 * @param {{ now: number }} expected
 * @param {Record<string, unknown>} policy
 * @param {boolean} unusable Whether a key was given that cannot be used.
 * @returns {Verdict}
 */
function withoutKey(verifier, token, expected, policy, unusable) {
  const inspection = verifier.inspect(token, expected)
  const listed = Object.hasOwn(policy, 'algorithms') || Object.hasOwn(Object(policy['profile']), 'algorithms')
  const open = (/** @type {Check} */ { name, error }) =>
    OF_THE_KEY.has(name) || (name === 'alg' && error?.code === 'alg_not_allowed' && !listed)
  const checks = inspection.checks.map((check) => (open(check) ? unasked(check) : check))
  const error = checks.find((check) => check.error !== undefined)?.error
  if (error !== undefined) {
    return {
      tone: 'refused',
      word: 'Refused',
      sentence: `Whatever the key: ${lowered(refusal(error, inspection, expected.now))}`,
      error,
      inspection,
      checks,
    }
  }
  const sentence = unusable
    ? 'The key that you gave cannot be used, so nobody has vouched for what the token says.'
    : 'All else holds, but nobody has checked who signed it. Give the key.'
  return { tone: 'unverified', word: 'Unverified', sentence, inspection, checks }
}

/**
 * @param {import('countersign').TokenError} error
 * @param {Inspection} inspection
 * @param {number} now
 */
function refusal(error, { kind }, now) {
  if (error.code === 'token_malformed' && kind === 'opaque') {
    return 'It is opaque, and this policy asks for a signed token. A receipt can vouch for it: countersign it, below.'
  }
  return refused(error, now)
}

/**
 * @param {Check} check
 * @returns {Check}
 */
function unasked({ name, claim }) {
  return claim === undefined ? { name, outcome: 'not_checked' } : { name, outcome: 'not_checked', claim }
}

/** The verifiers of the last few questions: building one takes longer than asking it. @type {Map<string, Verifier>} */
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

/** Forgets every verifier, and the keys in them. */
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

/** @param {string} sentence */
function lowered(sentence) {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1)
}
