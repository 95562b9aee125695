// @ts-check
/**
 * The form of a token: what kind of text it is, before any policy or key is considered.
 *
 * The headline, the warnings and the sentences of the page all depend on this one value, so that they cannot contradict
 * each other. It refines `inspect().kind`, which counts dots only.
 *
 * @module
 */

import { membersOf, segments } from './segments.js'

/** @typedef {import('countersign').Inspection} Inspection */

/**
 * @typedef {'empty' | 'signed' | 'unsigned' | 'unreadable' | 'encrypted' | 'countersigned' | 'unsigned-receipt' |
 *   'incomplete' | 'suffixed' | 'padded' | 'opaque' | 'malformed'} TokenForm
 */

/** The headline for each form. @type {Readonly<Record<TokenForm, string>>} */
export const HEADLINES = {
  empty: '',
  signed: 'A signed token',
  unsigned: 'An unsigned token',
  unreadable: 'Three parts, but not a readable token',
  encrypted: 'An encrypted token (JWE)',
  countersigned: 'A receipt, and the opaque token it was made for',
  'unsigned-receipt': 'An unsigned receipt, and an opaque token',
  incomplete: 'Not a complete token',
  suffixed: 'A signed token with other text after “~”',
  padded: 'A signed token with “=” in it',
  opaque: 'An opaque token',
  malformed: 'Not a token',
}

/**
 * @param {string} token
 * @param {Inspection} inspection
 * @returns {TokenForm}
 */
export function tokenFormOf(token, { kind, header }) {
  if (token === '') return 'empty'
  if (kind === 'jwe') return 'encrypted'
  if (kind === 'countersigned') return isUnsigned(token, header) ? 'unsigned-receipt' : 'countersigned'
  if (kind === 'jws') return header === undefined ? 'unreadable' : isUnsigned(token, header) ? 'unsigned' : 'signed'
  if (kind === 'malformed') return isPadded(token) ? 'padded' : 'malformed'
  if (!beginsWithHeader(token)) return 'opaque'
  return token.includes('~') ? 'suffixed' : 'incomplete'
}

/**
 * Why a token of this form cannot be verified, whatever the policy requires; undefined if its form is not the reason.
 *
 * @param {TokenForm} form
 * @param {string} token
 * @returns {string | undefined}
 */
export function faultOf(form, token) {
  switch (form) {
    case 'encrypted':
      return 'It is an encrypted token (JWE). Only its recipient can read it, and countersign verifies only signed ones.'
    case 'incomplete':
      return incomplete(token.split('.').length)
    case 'suffixed':
      return 'It is a signed token with other text after “~”, and the signed token is not a receipt. SD-JWT is not supported.'
    case 'padded':
      return 'It contains “=”. The parts of a signed token are base64url without padding (RFC 7515 §2).'
    case 'malformed':
      return /^https?:\/\//i.test(token)
        ? 'It is an address, not a token.'
        : 'It is not a token: it contains characters that no token contains, such as spaces.'
    case 'unreadable':
      return 'It has the three parts of a signed token, but they are not base64url of JSON.'
    default:
      return undefined
  }
}

/**
 * Why nothing in this text can be verified as a signature; undefined if there is a signature to verify.
 *
 * @param {TokenForm} form
 * @param {Inspection} inspection
 * @returns {string | undefined}
 */
export function unsignedBecause(form, { header }) {
  if (form !== 'unsigned' && form !== 'unsigned-receipt') return undefined
  return isNone(header)
    ? `Its “alg” is “${header?.alg}”: it is not signed, so anyone can have written it.`
    : 'Its signature is empty: it is not signed, so anyone can have written it.'
}

/**
 * The warnings of `inspect()` that apply to this form. An incomplete token counts as opaque for `inspect()`, which then
 * recommends a receipt.
 *
 * @template {{ code: string }} W
 * @param {TokenForm} form
 * @param {readonly W[]} warnings
 * @returns {readonly W[]}
 */
export function warningsFor(form, warnings) {
  return form === 'opaque' ? warnings : warnings.filter(({ code }) => code !== 'receipt_missing')
}

/** @param {number} parts */
function incomplete(parts) {
  if (parts === 1) return 'It is the beginning of a signed token. A signed token has three parts, separated by dots.'
  if (parts === 2) return 'It has two parts. A signed token has three: the signature is missing.'
  return `It has ${parts} parts. A signed token has three, and an encrypted one five.`
}

/**
 * Whether a text that is not a complete token begins with a JOSE Header: a JSON object in base64url, before a dot or
 * with members of a JOSE Header.
 *
 * @param {string} token
 */
function beginsWithHeader(token) {
  if (!token.startsWith('eyJ')) return false
  const [header] = segments(token, 'opaque')
  return token.includes('.') || membersOf(token, header).some(({ name }) => ['alg', 'typ', 'kid'].includes(name))
}

/** @param {string} token */
function isPadded(token) {
  return /^eyJ[\w-]*={0,2}(?:\.[\w-]*={0,2}){2}$/.test(token)
}

/**
 * @param {string} token
 * @param {Inspection['header']} header
 */
function isUnsigned(token, header) {
  return isNone(header) || /^[^.]*\.[^.]*\.(?:~|$)/.test(token)
}

/** @param {Inspection['header']} header */
function isNone(header) {
  return String(header?.alg).toLowerCase() === 'none'
}
