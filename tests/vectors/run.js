// @ts-check
/**
 * Holds the package against a vector, in any runtime: nothing is imported, files are fed in.
 *
 * @module
 */

/**
 * What a runner needs of the package: its main entry, or one with the same names.
 * @typedef {'Verifier' | 'TokenError' | 'countersign' | 'profiles' | 'receipts'} Names
 * @typedef {Pick<typeof import('countersign'), Names>} Package
 */

/**
 * @typedef {{ ok: Record<string, any> } | { err: Refusal } | Mistake | { refused: true }} Answer
 * @typedef {{ typeError: string | true }} Mistake
 * @typedef {{ code: string, claim?: string, expected?: unknown, actual?: unknown }} Refusal
 * @typedef {{ options: any, keys: any, expected?: any, now?: any, answer: Answer }} Check
 * @typedef {{ call?: string, arguments?: any[], then?: Check }} Call
 * @typedef {Check & Call & { name: string, only?: string[], token: any }} Vector
 */

/** Every file of vectors, beside this module. */
export const files = /** @type {const} */ ([
  'access_token.json',
  'cashfree.json',
  'dates.json',
  'dpop.json',
  'hostile.json',
  'juspay.json',
  'key_entries.json',
  'order.json',
  'policy.json',
  'profile_policies.json',
  'profiles.json',
  'publiq.json',
  'receipts.json',
  'rfc7515.json',
  'rfc7517.json',
  'rfc7518.json',
  'rfc7519.json',
  'rfc8725.json',
  'rules.json',
  'uses.json',
  'vtex.json',
])

/**
 * @param {Package} api @param {Vector} vector
 * @returns {string[]} What came out otherwise than the vector says; empty when it is obeyed.
 */
export function run(api, vector) {
  if (vector.only !== undefined && !vector.only.includes('package')) return []
  if (vector.call === undefined) return verified(api, vector, () => vector.token)
  const { call, arguments: given = [], then } = vector
  let made = ''
  const outcome = attempt(() => {
    const values = given.map((value) => revive(api, value))
    if (call !== 'countersign') return { ok: called(api, call, values[0]) }
    made = api.countersign(values[0], values[1], values[2])
    return { ok: takenApart(made) }
  })
  const differences = compare(api, vector.answer, outcome, '')
  if (then === undefined || differences.length > 0) return differences
  return verified(api, then, () => made).map((difference) => `then ${difference}`)
}

/** @param {Package} api @param {string} call @param {any} options */
function called(api, call, options) {
  if (call === 'receipts.juspay') return api.receipts.juspay(options)
  if (call === 'receipts.cashfree') return api.receipts.cashfree(options)
  const profile = /** @type {any} */ (api.profiles)[call.replace(/^profiles\./, '')]
  if (profile !== undefined) return { policy: [profile(options)] }
  throw new Error(`no vector calls ${call}`)
}

/**
 * The token held against a verifier: by every way to ask, and again, for an answer from memory.
 * @param {Package} api @param {Check} check @param {() => any} token
 */
function verified(api, check, token) {
  /** @type {any} */
  let verifier
  /** @type {any} */
  let alone
  /** @type {any} */
  let expected
  /** @type {any} */
  let text
  const built = attempt(() => {
    text = revive(api, token())
    expected = revive(api, {
      ...check.expected,
      ...(check.now === undefined ? {} : { now: check.now }),
    })
    const keys = revive(api, check.keys)
    const options = { ...revive(api, check.options), keys }
    alone = new api.Verifier({ cache: false, arithmetic: 'wasm', ...options })
    verifier = new api.Verifier(options)
    return { ok: {} }
  })
  if (verifier === undefined) return compare(api, check.answer, built, 'new Verifier')
  const ways = /** @type {[string, () => any][]} */ ([
    ['verify', () => verifier.verify(text, expected)],
    ['verify, again', () => verifier.verify(text, expected)],
    ['verify, in the core alone', () => alone.verify(text, expected)],
    ['tryVerify', () => verifier.tryVerify(text, expected)],
    ['tryVerifyMany', () => verifier.tryVerifyMany([text, text], expected)[1]],
  ])
  const differences = ways.flatMap(([way, ask]) => {
    const outcome = attempt(() => {
      const answer = ask()
      if (way.startsWith('verify') && answer?.ok !== true) throw new Error('a refusal was returned')
      return answer.ok === true ? { ok: answer } : { err: answer }
    })
    return [...compare(api, check.answer, outcome, way), ...leaks(outcome, text, way)]
  })
  if (typeof Symbol.dispose === 'symbol') for (const used of [verifier, alone]) used[Symbol.dispose]()
  return differences
}

/** @param {() => any} ask @returns {any} */
function attempt(ask) {
  try {
    return ask()
  } catch (thrown) {
    return thrown instanceof TypeError ? { typeError: thrown } : { err: thrown }
  }
}

/**
 * @param {Package} api @param {Answer} answer @param {any} outcome @param {string} way
 * @returns {string[]}
 */
function compare(api, answer, outcome, way) {
  const wanted = /** @type {any} */ (revive(api, answer))
  const say = (/** @type {string} */ what) => [`${way}: ${what}`]
  if (wanted.typeError !== undefined) {
    if (outcome.typeError === undefined) return say(`${shown(outcome)} instead of a TypeError`)
    const { message } = outcome.typeError
    const named = wanted.typeError === true || words(message).includes(wanted.typeError)
    return named ? [] : say(`the TypeError does not name ${wanted.typeError}: ${message}`)
  }
  if (wanted.ok !== undefined) {
    if (outcome.ok === undefined) return say(`${shown(outcome)} instead of a result`)
    return differing(wanted.ok, outcome.ok, '').flatMap(say)
  }
  const error = outcome.err
  if (!(error instanceof api.TokenError)) return say(`${shown(outcome)} instead of a refusal`)
  const status = statusOf(error.code)
  if (error.ok !== false || error.status !== status) {
    return say(`${error.code} with ok ${error.ok} and status ${error.status}`)
  }
  if (wanted.refused === true) return []
  const fields = ['code', 'claim', 'expected', 'actual'].filter((field) => field in wanted.err)
  return fields.flatMap((field) => {
    const value = /** @type {any} */ (error)[field]
    return same(wanted.err[field], value)
      ? []
      : say(`${field} ${JSON.stringify(value)} instead of ${JSON.stringify(wanted.err[field])}`)
  })
}

/** The status of a refusal in the bearer style. @param {string} code */
function statusOf(code) {
  if (code === 'request_malformed') return 400
  return ['scope_insufficient', 'binding_mismatch', 'grant_missing'].includes(code) ? 403 : 401
}

/**
 * What a refusal tells that it must not. @param {any} outcome @param {any} token
 * @param {string} way
 */
function leaks(outcome, token, way) {
  const error = outcome.err
  if (error === undefined || !(error instanceof Error)) return []
  const shownOf = Object.keys(error).filter((name) => name === 'expected' || name === 'actual')
  const text = `${error.message} ${error.stack} ${JSON.stringify(error)}`
  const pieces = typeof token === 'string' ? token.split(/[.~]/).filter((part) => part.length > 15) : []
  const code = /** @type {any} */ (error).code
  const silent = ['signature_invalid', 'receipt_mismatch', 'claims_malformed']
  const evidence = 'expected' in error || 'actual' in error
  // What a misspelled token must be is fixed text; nothing of the token is shown.
  const isShown = code === 'token_malformed' && /** @type {any} */ (error).actual !== undefined
  return [
    ...shownOf.map((name) => `${way}: ${name} is enumerable`),
    ...(pieces.some((piece) => text.includes(piece)) ? [`${way}: the error holds the token`] : []),
    ...(((silent.includes(code) && evidence) || isShown) && !bare(error) ? [`${way}: ${code} has evidence`] : []),
  ]
}

/** @param {any} error */
const bare = (error) => error.expected === undefined && error.actual === undefined

/** @param {any} outcome */
function shown(outcome) {
  if (outcome.ok !== undefined) return 'a result'
  const error = outcome.err ?? outcome.typeError
  return `${error?.name} ${error?.code ?? ''} ${error?.claim ?? ''} (${error?.message})`
}

/** The names in a message. @param {string} message */
const words = (message) => message.split(/[^A-Za-z0-9_]+/)

/** A receipt made, taken apart. @param {string} text */
function takenApart(text) {
  const at = text.indexOf('~')
  const [header = '', claims = ''] = text.slice(0, at).split('.')
  return { header: decoded(header), claims: decoded(claims), token: text.slice(at + 1) }
}

/** @param {string} segment */
function decoded(segment) {
  return JSON.parse(new TextDecoder().decode(octets(segment)))
}

/** @param {string} base64url */
function octets(base64url) {
  const binary = atob(base64url.replaceAll('-', '+').replaceAll('_', '/'))
  return Uint8Array.from(binary, (character) => character.charCodeAt(0))
}

/**
 * A value as a vector writes it, as JavaScript has it.
 * @param {Package} api @param {any} value @returns {any}
 */
function revive(api, value) {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item) => revive(api, item))
  if (Object.hasOwn(value, '$undefined')) return undefined
  if (Object.hasOwn(value, '$number')) return Number(value.$number)
  if (Object.hasOwn(value, '$b64u')) return octets(value.$b64u)
  const { $profile, $receipt, ...members } = value
  if ($profile !== undefined) return /** @type {any} */ (api.profiles)[$profile](revive(api, members))
  if ($receipt !== undefined) return /** @type {any} */ (api.receipts)[$receipt](revive(api, members))
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, revive(api, item)]))
}

/**
 * Where `actual` lacks what `wanted` holds: objects may hold more, all else is compared whole.
 * @param {any} wanted @param {any} actual @param {string} path @returns {string[]}
 */
function differing(wanted, actual, path) {
  if (!plain(wanted) || !plain(actual)) {
    return same(wanted, actual) ? [] : [`${path} is ${JSON.stringify(actual)}, not ${JSON.stringify(wanted)}`]
  }
  return Object.keys(wanted).flatMap((name) =>
    differing(wanted[name], Object.hasOwn(actual, name) ? actual[name] : undefined, `${path}/${name}`),
  )
}

/** @param {any} value */
const plain = (value) => typeof value === 'object' && value !== null && !Array.isArray(value)

/** @param {any} a @param {any} b @returns {boolean} */
function same(a, b) {
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, at) => same(item, b[at]))
  }
  if (!plain(a) || !plain(b)) return Object.is(a, b)
  const names = Object.keys(a)
  return (
    names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name) && same(a[name], b[name]))
  )
}
