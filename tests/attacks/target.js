// @ts-check
/**
 * What the attacks of one algorithm are held against: a server with its policy and key, its good tokens, and the attacker,
 * who has a key of his own.
 *
 * @module
 */

import { freshKey } from './keys.js'
import { encode, jws, signature, signSpelled } from './sign.js'

/** @typedef {import('./keys.js').Key} Key */
/** @typedef {import('./random.js').Random} Random */

/** The moment every case is held at, unless it says otherwise. */
export const NOW = 1_700_000_000

/**
 * One case, as a class states it. What it leaves out is the target's own: its policy, its keys, its good token.
 *
 * @typedef {object} Case
 * @property {string} name
 * @property {string} token
 * @property {Answer} answer
 * @property {object} [options]
 * @property {unknown} [keys]
 * @property {object} [expected]
 * @property {number} [now]
 * @property {Good} [good] What the same verifier must accept before and after.
 *
 * @typedef {{ token: string, expected?: object, now?: number }} Good
 * @typedef {{ ok: object } | { err: { code: string, claim?: string } } | { typeError: string }} Answer
 * @typedef {Partial<Omit<Case, 'name' | 'answer'>>} Beside
 */

/**
 * A case that must be refused with this code, and this claim or none.
 *
 * @param {string} name @param {string} reason The code, and behind a space the claim.
 * @param {string} token @param {Beside} [beside]
 * @returns {Case}
 */
export function refused(name, reason, token, beside = {}) {
  const [code = '', claim] = reason.split(' ')
  return { name, token, answer: { err: claim === undefined ? { code } : { code, claim } }, ...beside }
}

/**
 * A case in which the verifier itself, or the call, is a mistake that names `word`.
 *
 * @param {string} name @param {string} word @param {Beside} beside
 * @returns {Case}
 */
export const mistaken = (name, word, beside) => ({ name, token: '', answer: { typeError: word }, ...beside })

/**
 * A control: a token that must be accepted.
 *
 * @param {string} name @param {string} token @param {Beside & { ok?: object }} [beside]
 * @returns {Case}
 */
export const accepted = (name, token, { ok = {}, ...beside } = {}) => ({ name, token, answer: { ok }, ...beside })

/** The octets of a secret, as vectors write them. @param {Uint8Array} octets */
export const secretOf = (octets) => ({ secret: { $b64u: Buffer.from(octets).toString('base64url') } })

/** A key as a verifier takes it, alone. @param {Key} key @param {object} [tags] */
export const taken = ({ family, secret, jwk }, tags = {}) =>
  family === 'HMAC' ? { ...secretOf(secret), ...tags } : { jwk, ...tags }

/** A JWK Set. @param {...object} keys */
export const setOf = (...keys) => ({ jwks: { keys } })

/** @typedef {ReturnType<typeof targetOf>} Target */

/**
 * @param {string} alg @param {Random} random
 * @param {readonly Key[]} crowd Keys of other algorithms, one of each family at least.
 */
export function targetOf(alg, random, crowd) {
  const key = freshKey(alg, random)
  const stranger = freshKey(alg, random)
  const issuer = `https://${random.text(12).toLowerCase()}.example`
  const audience = `https://api.example/${random.text(8)}`
  const options = { issuer, audience }
  /** @param {object} [more] */
  const claims = (more = {}) => ({
    iss: issuer,
    aud: audience,
    sub: random.text(10),
    iat: NOW - random.below(1000),
    exp: NOW + 60 + random.below(1000),
    jti: random.text(16),
    ...more,
  })
  /** @param {object} [more] */
  const header = (more = {}) => ({ alg, ...more })
  return {
    alg,
    family: key.family,
    random,
    key,
    stranger,
    /** Another key of another family. */
    other: /** @type {Key} */ (crowd.find(({ family }) => family !== key.family)),
    crowd: crowd.filter(({ alg: theirs }) => theirs !== alg),
    issuer,
    audience,
    options,
    keys: taken(key),
    claims,
    header,
    /** A token of the key's own, over any header and any payload. @type {(header: any, payload: any, by?: Key) => string} */
    sign: (head, payload, by = key) => jws(by, head, payload),
    /** The same, of parts already spelled. @type {(header: string, payload: string) => string} */
    signSpelled: (head, payload) => signSpelled(key, head, payload),
    /** A good token. @type {(more?: object, headerMore?: object) => string} */
    good: (more, headerMore) => jws(key, header(headerMore), claims(more)),
    /** What a token's signature is made over, and a good signature of it. */
    unsigned: (/** @type {object} */ more = {}) => {
      const input = `${encode(header())}.${encode(claims(more))}`
      return { input, octets: signature(key, input) }
    },
  }
}
