/**
 * A token endpoint's answer (RFC 6749 section 5.1): the token, its scheme and its lifetime.
 *
 * @module
 */

import { decodeUtf8 } from '../core/utf8.js'
import { ClientError } from './error.js'

/** A token as it was granted. */
export interface Granted {
  readonly token: string
  readonly scheme: 'Bearer' | 'DPoP'
  /** From the start of the request. */
  readonly lifeSeconds: number
}

/** A longer lifetime is taken for this one, in seconds: 30 days. */
export const MAX_LIFE_SECONDS = 2_592_000

/** The lifetime of a token that states none, in seconds. */
const UNSTATED_SECONDS = 60

/** The longest token; headers of more than 16 KiB are refused by most servers. */
const MAX_TOKEN_LENGTH = 16_384

/**
 * Reads a successful answer.
 *
 * The lifetime is `expires_in`, a number or decimal text; else `lifetimeSeconds`; else the time to the token's own
 * `exp`; else 60 s. A value that is not positive states nothing.
 *
 * @param now Seconds since the Unix epoch.
 * @throws {ClientError} `response_invalid` without a token of type Bearer or DPoP.
 */
export function readGranted(
  body: Readonly<Record<string, unknown>>,
  status: number,
  lifetimeSeconds: number | undefined,
  now: number,
): Granted {
  const { access_token: token, token_type: type, expires_in: stated } = body
  const scheme = typeof type === 'string' ? SCHEMES.get(type.toLowerCase()) : undefined
  if (!isToken(token) || scheme === undefined) throw new ClientError('response_invalid', status)
  const life = positive(numberOf(stated)) ?? lifetimeSeconds ?? positive(Number(payloadOf(token).exp) - now)
  return { token, scheme, lifeSeconds: Math.min(life ?? UNSTATED_SECONDS, MAX_LIFE_SECONDS) }
}

/** Whether a value can be sent in an Authorization header as a token. */
export function isToken(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_TOKEN_LENGTH && /^[\x21-\x7e]+$/.test(value)
}

/** The claims of our own token, as a hint and not verified; none if it is not a JWT. */
export function payloadOf(token: string): Readonly<Record<string, unknown>> {
  const claims: Record<string, unknown> = Object.create(null)
  try {
    const binary = atob((token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/'))
    const text = decodeUtf8(Uint8Array.from(binary, (letter) => letter.charCodeAt(0)))
    return Object.assign(claims, JSON.parse(text))
  } catch {
    return claims
  }
}

function numberOf(value: unknown): number {
  if (typeof value === 'number') return value
  return typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN
}

function positive(value: number): number | undefined {
  return value > 0 ? value : undefined
}

const SCHEMES = new Map<string, Granted['scheme']>([
  ['bearer', 'Bearer'],
  ['dpop', 'DPoP'],
])
