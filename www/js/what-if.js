// @ts-check
/**
 * “What if?”: changes to the token or the request that an attack or a mistake would make.
 *
 * @module
 */

import { base64url } from './keys.js'
import { membersOf, segments } from './segments.js'

/** @typedef {{ token: string, expected: Record<string, unknown> }} Case */

/**
 * @typedef {object} WhatIf
 * @property {string} label
 * @property {string} about
 * @property {(given: Case, kind: string) => boolean} fits Whether it applies to this case.
 * @property {(given: Case, kind: string) => Case} change
 */

/** @type {Readonly<Record<string, WhatIf>>} */
export const WHAT_IFS = {
  otherBinding: {
    label: 'another order',
    about: 'The request is for another order, customer or verification.',
    fits: ({ expected }) => Object.keys(bindOf(expected)).length > 0,
    change: ({ token, expected }) => ({
      token,
      expected: {
        ...expected,
        bind: Object.fromEntries(Object.entries(bindOf(expected)).map(([name, id]) => [name, other(id)])),
      },
    }),
  },
  otherScope: {
    label: 'another scope',
    about: 'The route requires a scope that the token does not have.',
    fits: (_, kind) => isSigned(kind),
    change: ({ token, expected }) => ({ token, expected: { ...expected, scope: 'orders:refund' } }),
  },
  tampered: {
    label: 'tampered',
    about: 'The expiry is moved by a day, and the signature is kept.',
    fits: ({ token }, kind) => isSigned(kind) || (kind === 'opaque' && token !== ''),
    change: ({ token, expected }, kind) => ({ token: tampered(token, kind), expected }),
  },
  algNone: {
    label: 'alg none',
    about: 'The header says “alg”: “none”, and the signature is removed.',
    fits: (_, kind) => isSigned(kind),
    change: ({ token, expected }, kind) => ({ token: unsigned(token, kind), expected }),
  },
}

/** @param {string} kind */
function isSigned(kind) {
  return kind === 'jws' || kind === 'countersigned'
}

/** @param {Record<string, unknown>} expected */
function bindOf(expected) {
  return /** @type {Record<string, unknown>} */ (expected['bind'] ?? {})
}

/** @param {unknown} id */
function other(id) {
  const text = String(id ?? '')
  return text.endsWith('4') ? `${text.slice(0, -1)}5` : `${text.slice(0, -1)}4`
}

/**
 * @param {string} token
 * @param {string} kind
 */
function tampered(token, kind) {
  const parts = segments(token, kind)
  const payload = parts.find((part) => part.kind === 'claims')
  if (payload === undefined) return `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`
  const claims = Object.fromEntries(membersOf(token, payload).map(({ name, value }) => [name, value]))
  const changed =
    typeof claims['exp'] === 'number' ? { ...claims, exp: claims['exp'] + 86_400 } : { ...claims, admin: true }
  return token.slice(0, payload.start) + encoded(changed) + token.slice(payload.end)
}

/**
 * @param {string} token
 * @param {string} kind
 */
function unsigned(token, kind) {
  const parts = segments(token, kind)
  const header = parts.find((part) => part.kind === 'header')
  const signature = parts.find((part) => part.kind === 'signature')
  if (header === undefined || signature === undefined) return token
  const members = Object.fromEntries(membersOf(token, header).map(({ name, value }) => [name, value]))
  return encoded({ ...members, alg: 'none' }) + token.slice(header.end, signature.start) + token.slice(signature.end)
}

/** @param {unknown} json */
function encoded(json) {
  return base64url(new TextEncoder().encode(JSON.stringify(json)))
}
