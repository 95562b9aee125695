// @ts-check
/**
 * `npm run bench -- possession`: a token that is bound to a key, with its DPoP proof, against the same token without, and
 * against express-oauth2-jwt-bearer, in one process and in turns. ES256 for both; no cache of tokens.
 *
 * @module
 */

import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import { pathToFileURL } from 'node:url'
import { Verifier } from 'countersign'
import { guard } from 'countersign/node'
import { measure } from './measure.js'
import { figure, ratio } from './stats.js'

/** Not in the workspace of the types: it is CommonJS, and its types want those of Express. */
const PEER = 'express-oauth2-jwt-bearer'

const ISSUER = 'https://issuer.example'
const AUDIENCE = 'https://api.example'
const ORIGIN = 'http://api.example'
const PATH = '/orders/7'

/** As many keys as this come by turns where each request has a new one: far more than are kept. */
const NEW_KEYS = 2000

/** Proofs of one key. */
const PROOFS = 64

/** @typedef {{ token: string, proof: string | undefined, request: object }} Unit */
/** @typedef {ReturnType<typeof pair>} Pair */

function pair() {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { kty, crv, x, y } = publicKey.export({ format: 'jwk' })
  const jwk = { kty, crv, x, y }
  return { privateKey, jwk }
}

/** @param {Pair} key @param {object} header @param {object} claims */
function jws({ privateKey }, header, claims) {
  const parts = [{ alg: 'ES256', ...header }, claims]
  const input = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  const signature = sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' })
  return `${input}.${signature.toString('base64url')}`
}

const issuer = pair()

/** @param {Pair} [key] The key that it is bound to. @param {number} [index] */
function token(key, index = 0) {
  const now = Math.floor(Date.now() / 1000)
  const { crv, kty, x, y } = key?.jwk ?? {}
  const jkt = createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url')
  const claims = { iss: ISSUER, aud: AUDIENCE, sub: `user-${index}`, iat: now, exp: now + 3600, scope: 'orders:read' }
  return jws(issuer, { typ: 'at+jwt', kid: 'k' }, key === undefined ? claims : { ...claims, cnf: { jkt } })
}

/** @param {string} text @param {Pair} key */
function prove(text, key) {
  const ath = createHash('sha256').update(text).digest('base64url')
  const iat = Math.floor(Date.now() / 1000)
  const claims = { jti: randomUUID(), htm: 'GET', htu: ORIGIN + PATH, iat, ath }
  return jws(key, { typ: 'dpop+jwt', jwk: key.jwk }, claims)
}

/** A request as Express passes it on. @param {string} text @param {string} [proof] @returns {Unit} */
function unit(text, proof) {
  /** @type {Record<string, string>} */
  const headers = { host: 'api.example', authorization: `${proof === undefined ? 'Bearer' : 'DPoP'} ${text}` }
  if (proof !== undefined) headers['dpop'] = proof
  const request = {
    ...{ method: 'GET', url: PATH, originalUrl: PATH, protocol: 'http', headers, query: {}, body: undefined },
    get: (/** @type {string} */ name) => headers[name.toLowerCase()],
    is: () => false,
  }
  return { token: text, proof, request }
}

/** @returns {Record<'without' | 'the same key' | 'a new key', Unit[]>} */
function units() {
  const key = pair()
  const bound = token(key)
  const keys = Array.from({ length: NEW_KEYS }, pair)
  return {
    without: Array.from({ length: PROOFS }, (_, index) => unit(token(undefined, index))),
    'the same key': Array.from({ length: PROOFS }, () => unit(bound, prove(bound, key))),
    'a new key': keys.map((one, index) => {
      const text = token(one, index)
      return unit(text, prove(text, one))
    }),
  }
}

/** @param {import('./measure.js').Effort} effort */
export async function possession(effort) {
  const { auth } = await import(PEER)
  const options = { issuer: ISSUER, audience: AUDIENCE, keys: { jwk: { ...issuer.jwk, kid: 'k' } } }
  const verifier = new Verifier({ ...options, cache: false })
  const remembering = new Verifier({ ...options, cache: false, replay: { add: async () => true } })
  const protect = guard(verifier, { origin: ORIGIN })
  const recording = guard(remembering, { origin: ORIGIN })
  const peer = auth({ issuer: ISSUER, audience: AUDIENCE, publicKey: issuer.jwk, tokenSigningAlg: 'ES256' })
  /** @param {any} middleware */
  const through =
    (middleware) =>
    (/** @type {Unit} */ { request }) =>
      new Promise((resolve, reject) =>
        middleware(
          { ...request },
          { setHeader() {}, end: () => reject(new Error('refused')) },
          (/** @type {unknown} */ error) => (error === undefined ? resolve(1) : reject(error)),
        ),
      )
  const verify = (/** @type {Unit} */ { token: text, proof: jwt }) => {
    const proof = { jwt: String(jwt), method: 'GET', url: ORIGIN + PATH }
    const outcome = jwt === undefined ? verifier.tryVerify(text) : verifier.tryVerify(text, { proof })
    if (!outcome.ok) throw outcome
    return 1
  }
  /** @type {import('./measure.js').Contestant[]} */
  const contestants = Object.entries(units()).flatMap(([name, all]) => {
    let at = 0
    // A hand at a time, so that all the new keys come by.
    const next = () => all.slice(at, (at = (at + PROOFS) % all.length) || all.length)
    return [
      { name: `verifier, ${name}`, units: next, run: verify, isAsync: false },
      { name: `guard, ${name}`, units: next, run: through(protect), isAsync: true },
      { name: `guard with replay, ${name}`, units: next, run: through(recording), isAsync: true },
      { name: `${PEER}, ${name}`, units: next, run: through(peer), isAsync: true },
    ]
  })
  return await measure(contestants, effort)
}

/** How much more `what` takes than `than`, by rounds. @param {Awaited<ReturnType<typeof possession>>} timings */
export function timesOf(timings, /** @type {string} */ what, /** @type {string} */ than) {
  const of = (/** @type {string} */ name) => timings.find((timing) => timing.name === name)?.microseconds ?? []
  return ratio(of(what), of(than))
}

if (import.meta.url === pathToFileURL(String(process.argv[1])).href) {
  const timings = await possession({ rounds: 9, milliseconds: 40, warmUp: 150, clock: 'processor' })
  for (const { name, microseconds } of timings) {
    process.stdout.write(`${figure(microseconds).median.toFixed(1).padStart(8)} µs  ${name}\n`)
  }
  for (const kind of ['the same key', 'a new key']) {
    for (const [what, than] of [
      [`verifier, ${kind}`, 'verifier, without'],
      [`guard, ${kind}`, 'guard, without'],
      [`guard, ${kind}`, `${PEER}, ${kind}`],
      [`guard with replay, ${kind}`, `${PEER}, ${kind}`],
    ]) {
      const { median, low, high } = timesOf(timings, String(what), String(than))
      const shown = `${median.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`
      process.stdout.write(`${shown.padStart(24)} times  ${what} / ${than}\n`)
    }
  }
}
