// @ts-check
/**
 * The answer of a server that uses the package's guards, in the style of the system.
 *
 * @module
 */

// No export of the package makes a refusal into a response, so the page uses the module of the guards.
import { answer } from '../../pkg/dist/http/challenge.js'

/**
 * @typedef {{ status: number, reason: string, headers: Readonly<Record<string, string>>, body: string }} Answer
 */

/** @type {Readonly<Record<number, string>>} */
const REASONS = { 400: 'Bad Request', 401: 'Unauthorized', 403: 'Forbidden', 503: 'Service Unavailable' }

/**
 * @param {import('countersign').TokenError} error
 * @param {string} style
 * @returns {Answer}
 */
export function answerTo(error, style) {
  const scheme = style === 'vtex' ? undefined : 'Bearer'
  const wording = {
    style: /** @type {import('countersign').RefusalStyle} */ (style),
    scheme,
    realm: undefined,
    resourceMetadata: undefined,
    scope: undefined,
    required: [],
    dpop: false,
  }
  const { status, headers, body } = answer(error, wording)
  return { status, reason: REASONS[status] ?? '', headers, body: pretty(body) }
}

/** @param {string} body */
function pretty(body) {
  return body === '' ? '' : JSON.stringify(JSON.parse(body), null, 2)
}
