/**
 * Shadow mode: a guard beside the middleware that it is to replace. That middleware alone decides; where the guard would
 * have decided otherwise, the caller is notified.
 *
 * @module
 */

import { memberOf } from '../core/options.js'
import type { ErrorCode } from '../error.js'
import { TokenError, UnavailableError } from '../error.js'
import { findWaitUntil } from '../wait.js'

/** What one of the two found out about a request. It contains nothing of the token. */
export interface ShadowVerdict {
  /** "failed": neither accepted nor refused, because of an error. */
  readonly outcome: 'accepted' | 'refused' | 'failed'
  /** The status of a refusal, or of a failure that has one. */
  readonly status?: number
  /** The guard's reason. */
  readonly code?: ErrorCode | UnavailableError['code']
  /** The Claim Name or Header Parameter to blame, if the guard's reason has one. */
  readonly claim?: string
}

/** Two verdicts on one request that have different outcomes. */
export interface ShadowDifference {
  /** What the guard would have done. */
  readonly ours: ShadowVerdict
  /** What the existing middleware did. */
  readonly theirs: ShadowVerdict
}

/**
 * The options that make a guard a shadow of existing middleware.
 *
 * @typeParam Request The framework's own request.
 * @typeParam Existing The type of the existing middleware.
 */
export interface ShadowOptions<Request, Existing> {
  /**
   * The middleware that decides. It runs once per request, exactly as without the guard. The guard verifies at the same
   * time: it sends nothing, sets nothing on the request, spends no use, and calls neither `refusal` nor `onRefused`.
   */
  shadow: Existing
  /**
   * Called when one of the two accepts a request and the other refuses it, or fails. Everything it throws is ignored.
   */
  onDifference: (difference: ShadowDifference, request: Request) => unknown
}

/** Takes the verdict of the existing middleware, once; later calls have no effect. */
export type Report = (theirs: ShadowVerdict) => void

/** The existing middleware of a shadow, of any framework. */
export type Existing = (...parameters: never) => unknown

/** The verdict on a request that passed. */
export const ACCEPTED: ShadowVerdict = Object.freeze({ outcome: 'accepted' })

/** The verdict of a guard that ends with `error`. */
export function verdictOn(error: TokenError | UnavailableError): ShadowVerdict {
  const { code, status } = error
  if (error instanceof UnavailableError) return { outcome: 'failed', status, code }
  return error.claim === undefined
    ? { outcome: 'refused', status, code }
    : { outcome: 'refused', status, code, claim: error.claim }
}

/** The verdict of middleware that answered with that status. */
export function verdictOfStatus(status: unknown): ShadowVerdict {
  if (typeof status !== 'number' || !Number.isInteger(status) || status < 100 || status > 599) {
    return { outcome: 'failed' }
  }
  if (status < 300) return ACCEPTED
  return { outcome: status < 500 ? 'refused' : 'failed', status }
}

/** The verdict of middleware that threw, or passed on an error: by its status, as frameworks read it. */
export function verdictOfError(thrown: unknown): ShadowVerdict {
  if (thrown instanceof TokenError || thrown instanceof UnavailableError) return verdictOn(thrown)
  for (const name of ['status', 'statusCode']) {
    let status: unknown
    try {
      status = typeof thrown === 'object' && thrown !== null ? memberOf(thrown, name) : undefined
    } catch {
      return { outcome: 'failed' }
    }
    if (status !== undefined) return typeof status === 'number' && status < 400 ? REFUSED : verdictOfStatus(status)
  }
  return REFUSED
}

/** An error without a status: the libraries that only verify (`jose`, `jsonwebtoken`) refuse a token so. */
const REFUSED: ShadowVerdict = Object.freeze({ outcome: 'refused' })

/**
 * Compares the two verdicts on a request when both are there.
 *
 * @param ours Resolves to `undefined` for a request that is not compared; never rejects.
 * @param onDifference Called with the verdicts if their outcomes differ.
 */
export function compare(
  ours: Promise<ShadowVerdict | undefined>,
  onDifference: (difference: ShadowDifference) => unknown,
): Report {
  let report: Report = () => {}
  const theirs = new Promise<ShadowVerdict>((resolve) => {
    report = resolve
  })
  const work = Promise.all([ours, theirs])
    .then(async ([mine, other]) => {
      if (mine !== undefined && mine.outcome !== other.outcome) await onDifference({ ours: mine, theirs: other })
    })
    .catch(() => {})
  // In workerd, work that no request waits for ends with the request.
  findWaitUntil().then(
    (waitUntil) => waitUntil?.(work),
    () => {},
  )
  return report
}

/**
 * Reports by its status what middleware answered that does not continue. A client that left before is not compared.
 *
 * @param response An http.ServerResponse, or what imitates one.
 */
export function reportAtClose(response: object, report: Report): void {
  const once = memberOf(response, 'once')
  if (typeof once !== 'function') return
  Reflect.apply(once, response, [
    'close',
    () => {
      if (memberOf(response, 'headersSent') === true) report(verdictOfStatus(memberOf(response, 'statusCode')))
    },
  ])
}
