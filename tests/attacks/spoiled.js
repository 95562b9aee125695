// @ts-check
/**
 * Keys spoiled in one place, in PEM and as JWKs, held against OpenSSL: what both read as a key is the same key.
 *
 * @module
 */

import { createPublicKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { ALGORITHMS, freshKey, spki } from './keys.js'
import { theirs } from './primitives.js'
import { seeded } from './random.js'
import { ROOT } from './root.js'
import { jws, signature } from './sign.js'

/** @typedef {import('./random.js').Random} Random */
/** @typedef {import('./primitives.js').Package} Package */

/** A key that is asked about one signature, spoiled or not. @typedef {{ alg: string, form: string, key: { pem: string } | { jwk: any }, input: string, signature: string }} Spoiled */

/** What countersign reads as a key and OpenSSL does not. @type {readonly { name: string, holds: (key: { pem?: string }) => boolean, why: string }[]} */
export const LAXER = [
  {
    name: 'white space at the ends of lines',
    holds: ({ pem = '' }) => relined(pem) !== pem && isReadable(relined(pem)),
    why: 'RFC 7468 section 3: parsers take CRLF, CR and LF, blank lines, and spaces behind a line',
  },
]

/** The lines of a PEM text, one LF behind each. @param {string} pem */
const relined = (pem) => pem.trim().replaceAll(/[ \t]*(?:[\r\n][ \t]*)+/g, '\n')

/** @param {string} pem */
function isReadable(pem) {
  try {
    return createPublicKey(pem).type === 'public'
  } catch {
    return false
  }
}

/**
 * Keys, each with a signature that its unspoiled self made.
 *
 * @param {Random} random @param {number} count
 * @returns {Generator<Spoiled>}
 */
function* spoiledKeys(random, count) {
  const stored = JSON.parse(readFileSync(new URL('tests/vectors/mint/keys.json', ROOT), 'utf8'))
  const asked = ALGORITHMS.filter((alg) => !alg.startsWith('HS')).map((alg) => {
    const key = freshKey(alg, random)
    const input = jws(key, { alg }, {}).split('.').slice(0, 2).join('.')
    const pkcs1 = () =>
      String(createPublicKey({ key: key.jwk, format: 'jwk' }).export({ type: 'pkcs1', format: 'pem' }))
    const pems = [
      spki(key.jwk),
      ...(key.family === 'RSA' ? [pkcs1()] : []),
      ...Object.values(/** @type {Record<string, string>} */ (stored.certificates)),
    ]
    return { alg, input, mark: signature(key, input).toString('base64url'), pems, jwk: key.jwk }
  })
  for (let made = 0; made < count; made += 1) {
    const { alg, input, mark, pems, jwk } = random.one(asked)
    const given = { alg, input, signature: mark }
    if (random.below(3) === 0) {
      yield { ...given, form: 'JWK', key: { jwk: spoiledJwk(random, jwk) } }
    } else {
      const pem = random.one(pems)
      yield { ...given, form: String(/BEGIN ([\w ]+)/.exec(pem)?.[1]), key: { pem: spoiledPem(random, pem) } }
    }
  }
}

/** @param {Random} random @param {string} pem */
function spoiledPem(random, pem) {
  const at = random.below(pem.length)
  const [, label = ''] = /BEGIN ([\w ]+)/.exec(pem) ?? []
  const der = Buffer.from(pem.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64')
  const armoured = (/** @type {Buffer} */ octets) =>
    `-----BEGIN ${label}-----\n${(octets.toString('base64').match(/.{1,64}/g) ?? []).join('\n')}\n-----END ${label}-----\n`
  // The head of the encoding says what it is; the rest is the number.
  const place = random.one([random.below(der.length), random.below(Math.min(48, der.length))])
  return random.one([
    () => pem,
    () => `${pem.slice(0, at)}${random.one([...'A+/=-_ \n\t\r.', 'é'])}${pem.slice(at + random.below(2))}`,
    () => `${pem.slice(0, at)}${pem.slice(at + 1)}`,
    () => pem.slice(0, at),
    () =>
      armoured(
        Buffer.concat([
          der.subarray(0, place),
          Buffer.from([(der[place] ?? 0) ^ (1 << random.below(8))]),
          der.subarray(place + 1),
        ]),
      ),
    () => armoured(Buffer.concat([der.subarray(0, place), random.octets(1), der.subarray(place + 1)])),
    () => armoured(Buffer.concat([der.subarray(0, place), random.octets(1), der.subarray(place)])),
    () => armoured(Buffer.concat([der.subarray(0, place), der.subarray(place + 1)])),
    () => armoured(der.subarray(0, place)),
    () => armoured(Buffer.concat([der, random.octets(1 + random.below(4))])),
  ])()
}

/** @param {Random} random @param {Record<string, any>} jwk */
function spoiledJwk(random, jwk) {
  const name = random.one(Object.keys(jwk))
  const text = String(jwk[name])
  const at = random.below(text.length)
  const octets = Buffer.from(text, 'base64url')
  const value = random.one([
    () => text,
    () => `${text.slice(0, at)}${random.one([...'Aa09-_=+/ \n'])}${text.slice(at + random.below(2))}`,
    () => Buffer.concat([Buffer.alloc(1), octets]).toString('base64url'),
    () => Buffer.concat([octets, Buffer.alloc(1)]).toString('base64url'),
    () => octets.subarray(1).toString('base64url'),
    () =>
      Buffer.from(
        octets.map((octet, index) => (index === at % octets.length ? octet ^ (1 << random.below(8)) : octet)),
      ).toString('base64url'),
    () => octets.toString('base64'),
    () => text.toLowerCase(),
    () => random.one([null, 7, true, [text], { text }, '']),
  ])()
  return { ...jwk, [name]: value }
}

/** @param {Package} api @param {Spoiled} spoiled */
function ours({ Verifier }, { key, input, signature: mark, alg }) {
  try {
    const verifier = new Verifier({
      issuer: null,
      audience: null,
      expiry: 'optional',
      algorithms: [/** @type {any} */ (alg)],
      keys: key,
    })
    const outcome = verifier.tryVerify(`${input}.${mark}`, { now: 0 })
    verifier[Symbol.dispose ?? Symbol.for('Symbol.dispose')]?.()
    return outcome.ok ? 'true' : String(outcome.code)
  } catch (error) {
    return error instanceof TypeError && error.constructor === TypeError ? 'TypeError' : `a foreign error, ${error}`
  }
}

/**
 * @param {Package} api @param {{ seed: string, count: number }} options
 * @returns {{ asked: number, both: number, neither: number, stricter: number, laxer: number, crashes: number, differences: string[] }}
 * `stricter`: how many OpenSSL alone reads as keys; `laxer`: how many countersign alone does, by the list.
 */
export function holdSpoiled(api, { seed, count }) {
  const asked = [...spoiledKeys(seeded(seed), count)]
  const answers = theirs(asked.map(({ key, ...rest }) => ({ ...rest, ...key })))
  const found = {
    asked: count,
    both: 0,
    neither: 0,
    stricter: 0,
    laxer: 0,
    crashes: 0,
    differences: /** @type {string[]} */ ([]),
  }
  for (const [index, one] of asked.entries()) {
    const verdict = ours(api, one)
    const answer = answers[index]
    if (answer === 'crash') found.crashes += 1
    const good = answer === 'true'
    if (verdict === 'true' && good) found.both += 1
    else if (verdict === 'TypeError' && answer !== 'error') found.stricter += 1
    else if (
      verdict === 'true' &&
      answer === 'error' &&
      LAXER.some(({ holds }) => holds(/** @type {{ pem?: string }} */ (one.key)))
    )
      found.laxer += 1
    else if (['TypeError', 'signature_invalid', 'alg_not_allowed'].includes(verdict) && !good) found.neither += 1
    else
      found.differences.push(
        `seed ${seed}, ${one.alg}, ${one.form}: ${verdict}, and OpenSSL says ${answer}\n${JSON.stringify(one)}`,
      )
  }
  return found
}
