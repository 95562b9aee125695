// @ts-check
/**
 * What is timed against what, in one process: each group makes its contestants from a job, which is plain data.
 *
 * @module
 */

import { measure } from './measure.js'
import { countersignVerifier, PEERS, primitive, REMEMBERING, vetted } from './peers.js'
import { RULES } from './rules.js'

/**
 * @typedef {import('./tokens.js').Deck} Deck
 * @typedef {import('./measure.js').Contestant} Contestant
 * @typedef {import('./measure.js').Timing} Timing
 * @typedef {{ name: string, why: string }} LeftOut
 * @typedef {{ timings: Timing[], leftOut: LeftOut[] }} Result
 *
 * @typedef {{ group: 'verify' | 'remember' | 'refuse' | 'many', deck: Deck }
 *   | { group: 'length', key: import('./tokens.js').PublicKey, tokens: [number, string[]][] }
 *   | { group: 'keys', sets: { keys: import('./tokens.js').PublicKey[], tokens: string[] }[] }} Work
 * @typedef {Work & { effort: import('./measure.js').Effort }} Job
 */

/** @param {Job} job @returns {Promise<Result>} */
export async function settle(job) {
  const { contestants, leftOut } = await contestantsOf(job)
  return { timings: await measure(contestants, job.effort), leftOut }
}

/** @param {Job} job @returns {Promise<{ contestants: Contestant[], leftOut: LeftOut[] }>} */
async function contestantsOf(job) {
  switch (job.group) {
    case 'verify': {
      const { contestants, leftOut } = await peers(PEERS, job.deck)
      const alone = await signatureAlone(job.deck).catch(() => undefined)
      return { contestants: alone === undefined ? contestants : [...contestants, alone], leftOut }
    }
    case 'remember':
      return await peers([...REMEMBERING, ...PEERS.slice(0, 1)], job.deck)
    case 'refuse':
      return { contestants: await refusals(job.deck), leftOut: [] }
    case 'many':
      return { contestants: await many(job.deck), leftOut: [] }
    case 'length':
      return { contestants: await lengths(job), leftOut: [] }
    case 'keys':
      return { contestants: await keySets(job.sets), leftOut: [] }
  }
}

/**
 * @param {readonly import('./peers.js').Peer[]} all
 * @param {Deck} deck
 */
async function peers(all, deck) {
  /** @type {Contestant[]} */
  const contestants = []
  /** @type {LeftOut[]} */
  const leftOut = []
  for (const peer of all.filter(({ algorithms }) => algorithms?.includes(deck.alg) ?? true)) {
    const { name } = peer
    try {
      contestants.push(contestant(name, await vetted(peer, deck), deck.tokens.good))
    } catch (error) {
      leftOut.push({ name, why: reason(error) })
    }
  }
  return { contestants, leftOut }
}

/** @param {unknown} error */
function reason(error) {
  const text = error instanceof Error ? error.message : String(error)
  return (text.split('\n', 1)[0] ?? '').slice(0, 100)
}

/**
 * @param {string} name
 * @param {(token: string) => import('./tokens.js').Claims | Promise<import('./tokens.js').Claims>} verify
 * @param {readonly string[]} tokens
 * @returns {Contestant}
 */
function contestant(name, verify, tokens) {
  const first = verify(String(tokens[0]))
  const isAsync = first instanceof Promise
  const run = isAsync
    ? async (/** @type {string} */ token) => read(await verify(token))
    : (/** @type {string} */ token) => read(verify(token))
  return { name, units: fresh(tokens), run, isAsync }
}

/** Reads the claims that a server would. @param {any} claims */
function read({ iss, aud, sub, exp, scope, roles }) {
  return iss.length + aud.length + sub.length + exp + scope.length + roles.length + roles[roles.length - 1].length
}

/**
 * Copies of the tokens as new strings, as a socket delivers them: no engine has cached anything about them.
 *
 * @param {readonly string[]} tokens
 */
function fresh(tokens) {
  const encoder = new TextEncoder()
  const decoder = new TextDecoder()
  const bytes = tokens.map((token) => encoder.encode(token))
  return () => bytes.map((octets) => decoder.decode(octets))
}

/**
 * The runtime's own verification and nothing else, of octets that are laid out.
 *
 * @param {Deck} deck
 * @returns {Promise<Contestant>}
 */
async function signatureAlone(deck) {
  const isSigned = await primitive(deck)
  const units = deck.tokens.good.map((token) => {
    const last = token.lastIndexOf('.')
    return { input: Buffer.from(token.slice(0, last)), signature: Buffer.from(token.slice(last + 1), 'base64url') }
  })
  if (!units.every(isSigned)) throw new Error('it refuses a good signature')
  return { name: 'node:crypto, signature alone', units: () => units, run: isSigned, isAsync: false }
}

/** A good token beside each kind of bad one. @param {Deck} deck @returns {Promise<Contestant[]>} */
async function refusals({ tokens, ...deck }) {
  const verifier = await countersignVerifier({ ...deck, tokens }, { cache: false })
  return Object.entries(tokens).map(([name, some]) => {
    const isWrong = (/** @type {string} */ token) => verifier.tryVerify(token).ok !== (name === 'good')
    if (some.some(isWrong)) throw new Error(`${name}: another verdict`)
    const run = (/** @type {string} */ token) => {
      const outcome = verifier.tryVerify(token)
      return outcome.ok ? read(outcome.claims) : outcome.code.length
    }
    return { name, units: fresh(some), run, isAsync: false }
  })
}

/** How many tokens go into one call. */
const MANY = 1000

/** One call for many tokens, and a call for each of them. @param {Deck} deck @returns {Promise<Contestant[]>} */
async function many(deck) {
  const verifier = await countersignVerifier(deck, { cache: false })
  const good = deck.tokens.good
  const strings = fresh(Array.from({ length: MANY }, (_, index) => String(good[index % good.length])))
  const units = () => [strings()]
  const claimsOf = (/** @type {ReturnType<typeof verifier.tryVerify>} */ outcome) => {
    if (!outcome.ok) throw outcome
    return read(outcome.claims)
  }
  const add = (/** @type {number} */ total, /** @type {ReturnType<typeof verifier.tryVerify>} */ outcome) =>
    total + claimsOf(outcome)
  return [
    {
      name: 'tryVerify',
      units,
      each: MANY,
      isAsync: false,
      run: (/** @type {string[]} */ tokens) => {
        let total = 0
        for (const token of tokens) total += claimsOf(verifier.tryVerify(token))
        return total
      },
    },
    {
      name: 'tryVerifyMany',
      units,
      each: MANY,
      isAsync: false,
      run: (/** @type {string[]} */ tokens) => verifier.tryVerifyMany(tokens).reduce(add, 0),
    },
  ]
}

/** @param {{ key: import('./tokens.js').PublicKey, tokens: [number, string[]][] }} job */
async function lengths({ key, tokens }) {
  const verifier = await verifierOf([key])
  return tokens.map(([length, some]) => contestant(String(length), claimsBy(verifier), some))
}

/** @param {readonly { keys: import('./tokens.js').PublicKey[], tokens: string[] }[]} sets */
async function keySets(sets) {
  const all = sets.map(async ({ keys, tokens }) =>
    contestant(String(keys.length), claimsBy(await verifierOf(keys)), tokens),
  )
  return await Promise.all(all)
}

/** @param {readonly import('./tokens.js').PublicKey[]} keys HS256. */
async function verifierOf(keys) {
  const { Verifier } = await import('countersign')
  const jwks = { keys: keys.map(({ kid, secret = '' }) => ({ kty: 'oct', k: secret, kid, alg: 'HS256' })) }
  return new Verifier({ ...RULES, keys: { jwks }, cache: false })
}

/** @param {import('countersign').Verifier} verifier */
function claimsBy(verifier) {
  return (/** @type {string} */ token) => /** @type {import('./tokens.js').Claims} */ (verifier.verify(token).claims)
}
