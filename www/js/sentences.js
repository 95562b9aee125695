// @ts-check
/**
 * The verdict in sentences, made from the fields of a result or an error.
 *
 * @module
 */

import { refusalSentence, uncheckedSentence } from '../../pkg/dist/cli/sentences.js'
import { clock, duration, relative } from './time.js'

/** @typedef {import('countersign').TokenError} TokenError */
/** @typedef {import('countersign').Check} Check */

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
    uncheckedSentence(checks),
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
  const rest = uncheckedSentence(checks)
  return `${why}, so the signature was not checked. Every other check of the policy passed. ${rest}`.trimEnd()
}

/**
 * Why it is refused, with moments in local time.
 *
 * @param {TokenError} error
 * @param {number} now
 */
export function refused(error, now) {
  return refusalSentence(error, now, clock)
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
