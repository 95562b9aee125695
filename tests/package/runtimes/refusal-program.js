// @ts-check
/** Prints what a refusal is, as JSON: returned, thrown, and made by the constructor. */

import { TokenError, Verifier } from 'countersign'

const verifier = new Verifier({ issuer: null, audience: null, keys: { secret: new Uint8Array(32) } })

/** @param {unknown} error */
function seen(error) {
  if (!(error instanceof TokenError)) return null
  const { code, status, name, message, expected } = error
  const member = (/** @type {string} */ of) => {
    const { enumerable, value } = Object.getOwnPropertyDescriptor(error, of) ?? {}
    return { enumerable, isText: typeof (value ?? Reflect.get(error, of)) === 'string' }
  }
  return {
    ...{ isError: error instanceof Error, prototype: Object.getPrototypeOf(error) === TokenError.prototype },
    ...{ code, status, name, message, hasExpected: expected !== undefined, text: String(error) },
    ...{ json: JSON.stringify(error), spread: { ...error }, ofMessage: member('message') },
    hasOwnClaim: Object.hasOwn(error, 'claim'),
    // Without a frame: no line of it names a place.
    ...{ stack: String(error.stack).split('\n')[0], isShort: !/\bat |@/.test(String(error.stack)) },
  }
}

/** @param {() => unknown} work */
function thrownBy(work) {
  try {
    return work()
  } catch (error) {
    return error
  }
}

const limit = Error.stackTraceLimit
const returned = verifier.tryVerify('x')
const thrown = thrownBy(() => verifier.verify('x'))
const rejected = await verifier.verifyAsync('x').catch((error) => error)
class Own extends TokenError {}
const own = new Own({ code: 'token_expired', claim: 'exp', actual: 1 })
console.log(
  JSON.stringify({
    ...{ returned: seen(returned), thrown: seen(thrown), rejected: seen(rejected) },
    isLimitKept: Error.stackTraceLimit === limit,
    own: [
      own instanceof Own,
      own.actual,
      Object.prototype.toString.call(own),
      /refusal-program/.test(String(own.stack)),
    ],
  }),
)
