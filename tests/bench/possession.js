// @ts-check
/**
 * `npm run bench -- possession`: a token that is bound to a key, with its DPoP proof, against an unbound token, and against
 * express-oauth2-jwt-bearer, in one process and in turns. ES256 for both; no cache of tokens. Three comparisons, by which keys
 * are new:
 *
 * - (a) none: one issuer, and one client that keeps its key.
 * - (b) all: the issuer's key is new for the unbound token; the issuer's and the client's are new for the bound one. Both sides
 *   count a key's preparation: that of the issuer's is `new Verifier`, that of the client's is a part of reading the proof.
 * - (c) the client's: one issuer, and a proof by a key that was never seen before.
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

/** As many clients take turns where each request has a new key: far more keys than are kept. */
const NEW_KEYS = 2048

/** As many issuers take turns where theirs is new. A verifier is made for each request, so a key is new each time. */
const NEW_ISSUERS = 128

/** Proofs of one key. */
const PROOFS = 64

/** @typedef {{ issuer: Pair, token: string, proof: string | undefined, request: object }} Unit */
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

/** @param {Pair} issuer @param {Pair} [key] The key that it is bound to. @param {number} [index] */
function token(issuer, key, index = 0) {
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

/** A request as Express passes it on. @param {Pair} issuer @param {string} text @param {string} [proof] @returns {Unit} */
function unit(issuer, text, proof) {
  /** @type {Record<string, string>} */
  const headers = { host: 'api.example', authorization: `${proof === undefined ? 'Bearer' : 'DPoP'} ${text}` }
  if (proof !== undefined) headers['dpop'] = proof
  const request = {
    ...{ method: 'GET', url: PATH, originalUrl: PATH, protocol: 'http', headers, query: {}, body: undefined },
    get: (/** @type {string} */ name) => headers[name.toLowerCase()],
    is: () => false,
  }
  return { issuer, token: text, proof, request }
}

/** @param {Pair} issuer @param {Pair} key @param {number} [index] */
function bound(issuer, key, index) {
  const text = token(issuer, key, index)
  return unit(issuer, text, prove(text, key))
}

const UNBOUND = 'unbound, a known issuer'
const KEPT = 'bound, a known issuer, a client that keeps its key'
const NEW_CLIENT = 'bound, a known issuer, a new client'
const UNBOUND_NEW = 'unbound, a new issuer'
const BOUND_NEW = 'bound, a new issuer, a new client'

/** The comparisons of what takes longer with what takes less time. */
const COMPARISONS = [
  { name: '(a) every key known', what: KEPT, than: UNBOUND },
  { name: '(b) every key new', what: BOUND_NEW, than: UNBOUND_NEW },
  { name: "(c) the client's key new", what: NEW_CLIENT, than: UNBOUND },
]

/** @param {import('./measure.js').Effort} effort */
export async function possession(effort) {
  const { auth } = await import(PEER)
  const known = pair()
  const issuers = Array.from({ length: NEW_ISSUERS }, pair)
  const clients = Array.from({ length: NEW_KEYS }, pair)
  const kept = pair()
  const optionsFor = (/** @type {Pair} */ { jwk }) => ({
    ...{ issuer: ISSUER, audience: AUDIENCE, keys: { jwk: { ...jwk, kid: 'k' } }, cache: /** @type {const} */ (false) },
  })
  const verifier = new Verifier(optionsFor(known))
  const remembering = new Verifier({ ...optionsFor(known), replay: { add: async () => true } })
  const protect = guard(verifier, { origin: ORIGIN })
  const recording = guard(remembering, { origin: ORIGIN })
  const peer = auth({ issuer: ISSUER, audience: AUDIENCE, publicKey: known.jwk, tokenSigningAlg: 'ES256' })
  /** @param {any} middleware @param {Unit} unit */
  const pass = (middleware, { request }) =>
    new Promise((resolve, reject) =>
      middleware(
        { ...request },
        { setHeader() {}, end: () => reject(new Error('refused')) },
        (/** @type {unknown} */ error) => (error === undefined ? resolve(1) : reject(error)),
      ),
    )
  /** @param {any} middleware */
  const through = (middleware) => (/** @type {Unit} */ one) => pass(middleware, one)
  /** @param {Verifier} by @param {Unit} unit */
  const verify = (by, { token: text, proof: jwt }) => {
    const proof = { jwt: String(jwt), method: 'GET', url: ORIGIN + PATH }
    const outcome = jwt === undefined ? by.tryVerify(text) : by.tryVerify(text, { proof })
    if (!outcome.ok) throw outcome
    return 1
  }
  const byNew = (/** @type {Unit} */ one) => {
    const made = new Verifier(optionsFor(one.issuer))
    verify(made, one)
    made[Symbol.dispose]()
    return 1
  }
  const throughNew = async (/** @type {Unit} */ one) => {
    const made = new Verifier(optionsFor(one.issuer))
    await pass(guard(made, { origin: ORIGIN }), one)
    made[Symbol.dispose]()
    return 1
  }
  const proofs = { length: PROOFS }
  const byKnown = {
    [UNBOUND]: Array.from(proofs, (_, index) => unit(known, token(known, undefined, index))),
    [KEPT]: Array.from(proofs, () => bound(known, kept)),
    [NEW_CLIENT]: clients.map((client, index) => bound(known, client, index)),
  }
  const issuerOf = (/** @type {number} */ index) => issuers[index % NEW_ISSUERS] ?? known
  const byOthers = {
    [UNBOUND_NEW]: issuers.map((issuer) => unit(issuer, token(issuer))),
    [BOUND_NEW]: clients.map((client, index) => bound(issuerOf(index), client, index)),
  }
  /** A hand at a time, so that all the new keys take turns. @param {Unit[]} all */
  const inHands = (all) => {
    let at = 0
    return () => all.slice(at, (at = (at + PROOFS) % all.length) || all.length)
  }
  /** @type {import('./measure.js').Contestant[]} */
  const contestants = [
    ...Object.entries(byKnown).flatMap(([name, all]) => [
      {
        name: `verifier, ${name}`,
        units: inHands(all),
        run: (/** @type {Unit} */ one) => verify(verifier, one),
        isAsync: false,
      },
      { name: `guard, ${name}`, units: inHands(all), run: through(protect), isAsync: true },
      { name: `guard with replay, ${name}`, units: inHands(all), run: through(recording), isAsync: true },
      { name: `${PEER}, ${name}`, units: inHands(all), run: through(peer), isAsync: true },
    ]),
    ...Object.entries(byOthers).flatMap(([name, all]) => [
      { name: `verifier, ${name}`, units: inHands(all), run: byNew, isAsync: false },
      { name: `guard, ${name}`, units: inHands(all), run: throughNew, isAsync: true },
    ]),
  ]
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
  /** @param {string} name @param {string} what @param {string} than */
  const print = (name, what, than) => {
    const { median, low, high } = timesOf(timings, what, than)
    const shown = `${median.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`
    process.stdout.write(`${shown.padStart(24)} times  ${name}: ${what} / ${than}\n`)
  }
  for (const { name, what, than } of COMPARISONS) {
    for (const by of ['verifier', 'guard']) print(name, `${by}, ${what}`, `${by}, ${than}`)
  }
  for (const what of [KEPT, NEW_CLIENT]) {
    for (const by of ['guard', 'guard with replay']) print('against the peer', `${by}, ${what}`, `${PEER}, ${what}`)
  }
}
