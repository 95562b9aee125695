// @ts-check
/**
 * Holds the package against a case: the verdict and its reason by every way to ask, nothing told that must not be, and a good
 * token verified before and after by the same verifier.
 *
 * @module
 */

import { createHmac } from 'node:crypto'
import { inspect } from 'node:util'

/** @typedef {Pick<typeof import('countersign'), 'Verifier' | 'TokenError' | 'inspect'>} Package */
/** @typedef {import('./corpus.js').Minted} Minted */

/**
 * What comes out otherwise than the case says; empty when it is obeyed.
 *
 * @param {Package} api @param {Minted} one @param {any} keys As the corpus writes them. @param {number} now
 * @returns {string[]}
 */
export function hold(api, one, keys, now) {
  // Who raises to the exponents of RSA, the core or the runtime, is of no matter to the verdict.
  const ways = /^[RP]S/.test(one.alg) ? [{}, { arithmetic: 'wasm' }] : [{}]
  return ways.flatMap((arithmetic) => heldBy(api, one, keys, now, arithmetic))
}

/** @param {Package} api @param {Minted} one @param {any} keys @param {number} now @param {object} arithmetic @returns {string[]} */
function heldBy(api, one, keys, now, arithmetic) {
  /** @type {any} */
  let verifier
  try {
    verifier = new api.Verifier({ .../** @type {any} */ (one.options), ...arithmetic, keys: revived(keys) })
  } catch (error) {
    return mistake(one, error)
  }
  const good = () => verifier.tryVerify(one.good.token, { now: one.good.now ?? now, ...one.good.expected })
  const differences = [
    ...(good().ok ? [] : [`the good token is refused before: ${good().code}`]),
    ...asked(api, one, verifier, forbidden(one, keys), one.now ?? now),
    ...(good().ok ? [] : ['the good token is refused after']),
  ]
  const { verified, refused } = verifier.stats
  if (verified + refused === 0) differences.push('nothing was counted')
  verifier[Symbol.dispose ?? Symbol.for('Symbol.dispose')]?.()
  return differences
}

/** The case by every way to ask. @param {Package} api @param {Minted} one @param {any} verifier @param {Forbidden} secrets @param {number} now */
function asked(api, one, verifier, secrets, now) {
  const { token } = one
  const expected = { now, ...one.expected }
  const ways = /** @type {[string, () => any][]} */ ([
    ['tryVerify', () => verifier.tryVerify(token, expected)],
    ['tryVerify, again', () => verifier.tryVerify(token, expected)],
    ['verify', () => thrown(() => verifier.verify(token, expected))],
    ['tryVerifyMany', () => verifier.tryVerifyMany([null, token], expected)[1]],
  ])
  const differences = ways.flatMap(([way, ask]) => {
    try {
      return compared(api, one, ask(), secrets).map((what) => `${way}: ${what}`)
    } catch (error) {
      return mistake(one, error).map((what) => `${way}: ${what}`)
    }
  })
  if ('typeError' in one.answer) return differences
  return [...differences, ...inspected(api, one, verifier, secrets, now)]
}

/** An inspection agrees with the verdict, and contains no secret. @param {Package} api @param {Minted} one @param {any} verifier @param {Forbidden} secrets @param {number} now */
function inspected(api, { token, expected, answer }, verifier, secrets, now) {
  const report = verifier.inspect(token, { now, ...expected })
  const free = api.inspect(token, { now })
  const shown = [report, free].map((inspection) => inspect(inspection, { depth: null })).join()
  const { code, claim } = 'err' in answer ? answer.err : { code: undefined, claim: undefined }
  const { error } = report
  const told = secrets.secrets.some((secret) => shown.includes(secret) && !token.includes(secret))
  return [
    ...(error?.code === code && error?.claim === claim ? [] : [`inspect: ${error?.code} ${error?.claim ?? ''}`]),
    ...(error === undefined || error instanceof api.TokenError ? [] : ['inspect: a foreign error']),
    ...(told ? ['inspect: the report holds a secret'] : []),
    ...(free.checks.length === 0 ? [] : ['inspect: a check without a policy']),
  ]
}

/** What is thrown, as verify() does with what tryVerify() returns; a TypeError goes on. @param {() => any} ask */
function thrown(ask) {
  try {
    return ask()
  } catch (error) {
    if (error instanceof TypeError) throw error
    return error
  }
}

/** @param {Minted} one @param {unknown} error */
function mistake({ answer }, error) {
  if (!(error instanceof TypeError) || error.constructor !== TypeError) return [`a foreign error: ${inspect(error)}`]
  if (!('typeError' in answer)) return [`TypeError: ${error.message}`]
  const { typeError } = answer
  return error.message.split(/[^A-Za-z0-9_]+/).includes(typeError)
    ? []
    : [`the TypeError does not name ${typeError}: ${error.message}`]
}

/** @param {Package} api @param {Minted} one @param {any} outcome @param {Forbidden} secrets */
function compared(api, { answer }, outcome, secrets) {
  if ('typeError' in answer) return [`${outcome.code ?? 'a result'} instead of a TypeError`]
  if ('ok' in answer) {
    if (outcome.ok !== true) return [`refused: ${outcome.code} ${outcome.claim ?? ''}`]
    const wanted = Object.entries(answer.ok)
    return wanted.every(([name, value]) => same(value, outcome[name])) ? [] : [`another result: ${inspect(outcome)}`]
  }
  if (!(outcome instanceof api.TokenError)) return [`accepted, or a foreign error: ${inspect(outcome)}`]
  const { code, claim } = answer.err
  const { status } = outcome
  const right = status === (['scope_insufficient', 'binding_mismatch'].includes(code) ? 403 : 401)
  return [
    ...(outcome.code === code && outcome.claim === claim
      ? []
      : [`${outcome.code} ${outcome.claim ?? ''} instead of ${code} ${claim ?? ''}`]),
    ...(right && outcome.ok === false ? [] : [`status ${status}`]),
    ...leaks(outcome, secrets),
  ]
}

/** @param {unknown} a @param {unknown} b */
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b)

/** Values that must not appear in any output. @typedef {{ secrets: readonly string[], numbers: readonly string[], token: readonly string[] }} Forbidden */

/** @param {Minted} one @param {any} keys @returns {Forbidden} */
function forbidden({ token }, keys) {
  const secrets = secretsIn(keys)
    .map((text) => Buffer.from(text, 'base64url'))
    .filter(({ length }) => length > 15)
  const input = token.slice(0, Math.max(0, token.lastIndexOf('.')))
  const tags = secrets.flatMap((secret) =>
    ['sha256', 'sha384', 'sha512'].map((hash) => createHmac(hash, secret).update(input).digest()),
  )
  const parts = token.split(/[.~]/).filter(({ length }) => length > 15)
  const signature = Buffer.from(parts.at(-1) ?? '', 'base64url')
  return {
    secrets: [...secrets, ...tags].flatMap(spellings),
    numbers: publicIn(keys),
    token: [...parts, ...(signature.length > 15 ? spellings(signature) : [])],
  }
}

/** Octets as a careless message would show them. @param {Buffer} octets */
const spellings = (octets) => [
  ...['hex', 'base64', 'base64url', 'latin1', 'utf8'].map((encoding) =>
    octets.toString(/** @type {BufferEncoding} */ (encoding)),
  ),
  [...octets].join(','),
  [...octets].join(', '),
  octets.toString('hex').toUpperCase(),
  String(octets.toString('hex').match(/../g)?.join(' ')),
]

/** @param {any} keys @returns {string[]} base64url. */
const secretsIn = (keys) =>
  [...JSON.stringify(keys).matchAll(/"(?:\$b64u|k)":"([\w-]+)"/g)].map(([, text]) => String(text))

/** @param {any} keys @returns {string[]} */
const publicIn = (keys) => [...JSON.stringify(keys).matchAll(/"[nxy]":"([\w-]{16,})"/g)].map(([, text]) => String(text))

/**
 * Every text inside, as it is: what prints a value escapes octets that are no letters.
 *
 * @param {unknown} value @returns {string[]}
 */
function textsIn(value) {
  if (typeof value !== 'object' || value === null) return [String(value)]
  return Reflect.ownKeys(value).flatMap((name) => [String(name), ...textsIn(/** @type {any} */ (value)[name])])
}

/** @param {Error} error @param {Forbidden} secrets */
function leaks(error, secrets) {
  const shown = [
    ...[error.message, error.stack, String(error), JSON.stringify(error), JSON.stringify({ ...error })],
    inspect(error, { depth: null, showHidden: true, maxStringLength: null, maxArrayLength: null }),
    inspect(structuredClone(error), { depth: null }),
    ...['expected', 'actual'].map((name) => JSON.stringify(/** @type {any} */ (error)[name])),
    ...textsIn(error),
    ...textsIn(/** @type {any} */ (error).toJSON()),
  ].join('\n')
  const hidden = ['expected', 'actual', 'stack', 'message', 'name'].filter((name) => Object.keys(error).includes(name))
  return [
    ...([...secrets.secrets, ...secrets.numbers].some((text) => shown.includes(text))
      ? ['the error holds a key or a tag']
      : []),
    ...(secrets.token.some((part) => shown.includes(part)) ? ['the error holds the token'] : []),
    ...hidden.map((name) => `${name} is enumerable`),
  ]
}

/** Octets where a vector writes them. @param {any} value @returns {any} */
export function revived(value) {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(revived)
  if (Object.hasOwn(value, '$b64u')) return new Uint8Array(Buffer.from(value.$b64u, 'base64url'))
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, revived(member)]))
}
