// @ts-check
/**
 * What an attacker does to a token, and what one may read in it without trusting it.
 *
 * @module
 */

/**
 * The same JWS with one claim changed and the signature left as it was.
 *
 * @param {string} jws
 * @param {string} claim
 * @param {unknown} value
 */
export function tamperedWith(jws, claim, value) {
  const [header, payload = '', signature] = jws.split('.')
  const changed = { ...JSON.parse(decode(payload)), [claim]: value }
  return [header, Buffer.from(JSON.stringify(changed)).toString('base64url'), signature].join('.')
}

/**
 * @param {string} jws
 * @param {string} claim
 * @returns {unknown}
 */
export function claimOf(jws, claim) {
  return JSON.parse(decode(jws.split('.')[1] ?? ''))[claim]
}

/**
 * The very second at which a token has expired, as an expectation.
 *
 * @param {string} jws
 */
export function afterExpiry(jws) {
  return { now: Number(claimOf(jws, 'exp')) }
}

/**
 * A receipt and the token it is for.
 *
 * @param {string} countersigned
 */
export function splitReceipt(countersigned) {
  const at = countersigned.indexOf('~')
  return { receipt: countersigned.slice(0, at), opaque: countersigned.slice(at + 1) }
}

/** @param {string} text */
function decode(text) {
  return Buffer.from(text, 'base64url').toString('utf8')
}
