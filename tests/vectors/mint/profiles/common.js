// @ts-check
/**
 * Cases of a profile: a genuine token, and the same token with one thing changed.
 *
 * @module
 */

import { err, forge, keys, mint, NOW, ok, publicJwk, secret, typeError } from '../lib.js'

export { err, keys, NOW, ok, publicJwk, typeError }

/** Every vector of every profile, in order. @type {Record<string, any>[]} */
export const vectors = []

/** @typedef {Record<string, unknown>} Data */

/**
 * The cases of one profile. `claims` are those of a genuine token; a claim that is changed to `undefined` is left out.
 *
 * @param {string} profile @param {Data} options @param {Data} claims
 * @param {{ key?: import('../lib.js').SigningKey, header?: Data, given?: unknown }} [how]
 */
export function profiled(profile, options, claims, { key = keys.rs256, header = { typ: 'JWT' }, given } = {}) {
  const kid = 'k1'
  const verificationKeys = given ?? (key.kty === 'oct' ? secret(key) : { keys: [publicJwk(key, { kid })] })
  /**
   * @param {string} name @param {Data} changes @param {object} answer
   * @param {{ options?: Data, beside?: Data, expected?: Data, token?: string, header?: Data, key?: import('../lib.js').SigningKey, keys?: unknown }} [other]
   */
  async function vector(name, changes, answer, other = {}) {
    const signer = other.key ?? key
    const named = { kid, ...header, ...other.header }
    vectors.push({
      name: `${profile}: ${name}`,
      ref: 'systems.md F',
      options: { profile: { $profile: profile, ...options, ...other.options }, ...other.beside },
      keys: other.keys ?? verificationKeys,
      token: other.token ?? (await mint(signer, JSON.parse(JSON.stringify({ ...claims, ...changes })), named)),
      expected: other.expected,
      now: NOW,
      answer,
    })
  }
  return {
    vector,
    /** A mistake in the options. @param {string} name @param {Data} changed @param {string} word */
    mistake: (name, changed, word) => vector(name, {}, typeError(word), { options: changed }),
    /**
     * What every profile refuses: another signer, another algorithm, no signature, no expiry, an expired token, an unknown
     * option, another issuer beside it.
     */
    async common() {
      await vector('a genuine token is accepted', {}, ok())
      await vector('a token of a stranger is refused', {}, err('signature_invalid'), {
        key: key.kty === 'oct' ? keys.hs256Other : key.kty === 'RSA' ? keys.rs256Other : keys.es256Other,
      })
      await vector('an unsigned token is refused', {}, err('alg_not_supported', 'alg'), {
        token: forge(keys.hs256, '{"alg":"none"}', JSON.stringify(claims)).replace(/[^.]*$/, ''),
      })
      await vector('a token under the public key as a secret is refused', {}, err('alg_not_allowed', 'alg'), {
        key: key.kty === 'oct' ? keys.ed25519 : keys.hs256,
      })
      await vector('an expired token is refused', { exp: NOW }, err('token_expired', 'exp'))
      await vector('a token without an expiry is refused', { exp: undefined }, err('claim_missing', 'exp'))
      await vector('an unknown option is a mistake', {}, typeError('domains'), { options: { domains: 'x' } })
    },
  }
}
