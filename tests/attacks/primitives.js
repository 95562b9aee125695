// @ts-check
/**
 * Signatures alone, held against OpenSSL: random keys, keys at the edges, hostile keys.
 *
 * @module
 */

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { hardQuestions } from './hard.js'
import { seeded } from './random.js'

/** @typedef {import('./hard.js').Question} Question */
/** @typedef {Pick<typeof import('countersign'), 'Verifier' | 'TokenError'>} Package */

const OPENSSL = fileURLToPath(new URL('openssl.js', import.meta.url))

/** Where OpenSSL says yes and countersign no. @type {readonly { name: string, holds: (question: Question) => boolean, why: string }[]} */
export const STRICTER = [
  {
    name: 'RSA: keys that are too weak',
    holds: ({ name }) => name.startsWith('weak: '),
    why: 'RFC 7518 section 3.3: 2048 bits at least; FIPS 186-5 appendix A.1.1: an exponent of 65537 at least',
  },
  {
    name: 'Ed25519: points of small order, or not reduced',
    holds: ({ alg, name }) => alg.startsWith('Ed') && / at an edge/.test(name),
    why: 'RFC 8032 section 5.1.7 leaves it open; such a key, or such an R, makes one signature good for many texts',
  },
]

/**
 * The verdict, whoever raises to the exponents of RSA.
 *
 * @param {Package} api @param {Question} question @returns {boolean | string}
 */
function ours(api, question) {
  const [first, second] = /** @type {const} */ (['auto', 'wasm']).map((arithmetic) => oursBy(api, question, arithmetic))
  return first === second && first !== undefined ? first : `the runtime says ${first}, the core ${second}`
}

/** @param {Package} api @param {Question} question @param {'auto' | 'wasm'} arithmetic @returns {boolean | string} */
function oursBy({ Verifier, TokenError }, { jwk, input, signature, alg }, arithmetic) {
  const keys = { jwk: /** @type {import('countersign').Jwk} */ ({ ...jwk, alg }) }
  try {
    const verifier = new Verifier({ issuer: null, audience: null, expiry: 'optional', keys, cache: false, arithmetic })
    const outcome = verifier.tryVerify(`${input}.${signature}`, { now: 0 })
    verifier[Symbol.dispose ?? Symbol.for('Symbol.dispose')]?.()
    if (outcome.ok) return true
    return outcome instanceof TokenError && outcome.code === 'signature_invalid' ? false : String(outcome)
  } catch (error) {
    return error instanceof TypeError ? false : String(error)
  }
}

/** OpenSSL's answers; one that ends the program is `crash`, and the rest is asked of another. @param {readonly object[]} questions */
export function theirs(questions) {
  /** @type {string[]} */
  const answers = []
  while (answers.length < questions.length) {
    const input = questions
      .slice(answers.length)
      .map((question) => `${JSON.stringify(question)}\n`)
      .join('')
    const { stdout, status } = spawnSync(process.execPath, [OPENSSL], { input, encoding: 'utf8', maxBuffer: 2 ** 28 })
    answers.push(...stdout.split('\n').slice(0, -1))
    if (status !== 0 && answers.length < questions.length) answers.push('crash')
    else if (answers.length < questions.length) throw new Error('OpenSSL left questions unanswered')
  }
  return answers
}

/**
 * @param {Package} api @param {{ seed: string, rounds: number }} options
 * @returns {{ asked: number, yes: number, crashes: number, exceptions: Record<string, number>, differences: string[] }}
 */
export function holdPrimitives(api, { seed, rounds }) {
  const questions = [...hardQuestions(seeded(seed), rounds)]
  const answers = theirs(questions)
  /** @type {Record<string, number>} */
  const exceptions = Object.fromEntries(STRICTER.map(({ name }) => [name, 0]))
  /** @type {string[]} */
  const differences = []
  let yes = 0
  for (const [index, question] of questions.entries()) {
    const found = ours(api, question)
    const wanted = answers[index] === 'true'
    if (found === true) yes += 1
    const say = (/** @type {string} */ what) =>
      differences.push(`seed ${seed}, ${question.alg}, ${question.name}: ${what}\n${JSON.stringify(question)}`)
    if (typeof found === 'string') say(found)
    else if (question.known !== undefined && found !== question.known)
      say(`${found}, and it was made to be ${question.known}`)
    else if (found !== wanted) {
      const known = STRICTER.find(({ holds }) => !found && holds(question))
      if (known === undefined) say(`${found}, and OpenSSL says ${answers[index]}`)
      else exceptions[known.name] = (exceptions[known.name] ?? 0) + 1
    }
  }
  return {
    asked: questions.length,
    yes,
    crashes: answers.filter((answer) => answer === 'crash').length,
    exceptions,
    differences,
  }
}
