// @ts-check
/**
 * What the tests of hostile callers share: keys of a seed, a verifier, a good token, and objects that watch who reads them.
 *
 * @module
 */

import { Verifier } from 'countersign'
import { freshKey } from './keys.js'
import { anySeed, seeded } from './random.js'
import { jws } from './sign.js'
import { NOW } from './target.js'

const random = seeded(anySeed())

export const key = freshKey('HS256', random)
export const pair = freshKey('ES256', random)
export const ANY = { issuer: null, audience: null }
export const clock = () => NOW
export const CLAIMS = { iss: 'https://issuer.example', aud: 'https://api.example', exp: NOW + 60, sub: 'u' }

/** @param {object | string} [claims] */
export const mint = (claims = CLAIMS) => jws(key, { alg: 'HS256' }, claims)
export const GOOD = mint()
export const verifier = new Verifier({ ...ANY, keys: { secret: key.secret }, clock })

/** @param {{ ok: boolean, code?: string }} outcome */
export const codeOf = (outcome) => (outcome.ok ? 'ok' : outcome.code)

/** @param {any} token */
export const verdict = (token) => codeOf(verifier.tryVerify(token))

/** An object on which every access is counted, and none expected. @param {object} target */
export function watched(target) {
  /** @type {string[]} */
  const touched = []
  const handler = Object.fromEntries(
    Object.getOwnPropertyNames(Reflect).map((name) => [
      name,
      (/** @type {any[]} */ ...args) => {
        touched.push(`${name} ${String(args[1])}`)
        return /** @type {any} */ (Reflect)[name](...args)
      },
    ]),
  )
  return { touched, proxy: new Proxy(target, handler) }
}

/** Every member of `value` as a getter that says the truth once. @param {any} value @param {Map<string, number>} reads @param {string} path @returns {any} */
export function fickle(value, reads, path = '') {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value
  const made = Array.isArray(value) ? [] : {}
  for (const [name, member] of Object.entries(value)) {
    const where = `${path}/${name}`
    Object.defineProperty(made, name, {
      enumerable: true,
      get: () => {
        reads.set(where, (reads.get(where) ?? 0) + 1)
        return reads.get(where) === 1 ? fickle(member, reads, where) : 'a lie'
      },
    })
  }
  return made
}
