// @ts-check
/**
 * A lenient parser of the parts and members of a token, for display: it also reads a token that is still being typed.
 *
 * It verifies nothing. The core decides whether a token is valid.
 *
 * @module
 */

/**
 * A range of the token text.
 *
 * @typedef {{ kind: 'header' | 'claims' | 'signature' | 'opaque' | 'encrypted' | 'other' | 'dot', start: number, end: number }} Segment
 */

/**
 * A member of a JSON object and its place in the token.
 *
 * @typedef {{ name: string, value: unknown, start: number, end: number }} Member `start` and `end` count characters of the
 * token text.
 */

/**
 * Divides a token into its parts.
 *
 * @param {string} token
 * @param {string} kind The `kind` of its inspection.
 * @returns {Segment[]}
 */
export function segments(token, kind) {
  if (kind === 'opaque' && !token.startsWith('eyJ')) return [{ kind: 'opaque', start: 0, end: token.length }]
  const tilde = kind === 'countersigned' ? token.indexOf('~') : -1
  const signed = tilde < 0 ? token : token.slice(0, tilde)
  /** @type {Segment[]} */
  const found = []
  let start = 0
  for (const [index, text] of signed.split('.').entries()) {
    if (index > 0) found.push({ kind: 'dot', start: start - 1, end: start })
    found.push({ kind: kindOf(index, kind), start, end: start + text.length })
    start += text.length + 1
  }
  if (tilde >= 0) {
    found.push({ kind: 'dot', start: tilde, end: tilde + 1 })
    found.push({ kind: 'opaque', start: tilde + 1, end: token.length })
  }
  return found
}

/**
 * @param {number} index
 * @param {string} kind
 * @returns {Segment['kind']}
 */
function kindOf(index, kind) {
  if (index === 0) return 'header'
  if (kind === 'jwe') return 'encrypted'
  return index === 1 ? 'claims' : 'signature'
}

/**
 * The members of a base64url segment that are complete, in their order, with their places.
 *
 * @param {string} token
 * @param {Segment | undefined} segment
 * @returns {Member[]}
 */
export function membersOf(token, segment) {
  if (segment === undefined) return []
  const octets = decoded(token.slice(segment.start, segment.end))
  return scan(octets).map(({ name, value, start, end }) => ({
    name,
    value,
    start: segment.start + Math.floor((start * 4) / 3),
    end: Math.min(segment.end, segment.start + Math.ceil((end * 4) / 3)),
  }))
}

/**
 * Base64url to octets. An incomplete last group gives the octets that it has.
 *
 * @param {string} text
 */
function decoded(text) {
  const clean = /^[\w-]*/.exec(text)?.[0] ?? ''
  const usable = clean.length % 4 === 1 ? clean.slice(0, -1) : clean
  const binary = atob(usable.replaceAll('-', '+').replaceAll('_', '/'))
  return Uint8Array.from(binary, (character) => character.charCodeAt(0))
}

/**
 * The complete members of a JSON object that may be cut off.
 *
 * @param {Uint8Array} octets
 * @returns {Member[]}
 */
function scan(octets) {
  // One character per octet, so that places count octets. Values are decoded as UTF-8.
  const text = Array.from(octets, (octet) => String.fromCharCode(octet)).join('')
  /** @type {Member[]} */
  const found = []
  let at = skip(text, 0, /[\s{]/)
  while (at < text.length && text[at] === '"') {
    const nameEnd = valueEnd(text, at)
    const colon = nameEnd === undefined ? -1 : skip(text, nameEnd, /\s/)
    if (nameEnd === undefined || text[colon] !== ':') break
    const start = skip(text, colon + 1, /\s/)
    const end = valueEnd(text, start)
    if (end === undefined) break
    const [name, value] = [parsed(octets.slice(at, nameEnd)), parsed(octets.slice(start, end))]
    if (typeof name !== 'string' || value === undefined) break
    found.push({ name, value, start: at, end })
    at = skip(text, end, /[\s,]/)
  }
  return found
}

/** @param {Uint8Array} octets @returns {unknown} */
function parsed(octets) {
  try {
    return JSON.parse(new TextDecoder().decode(octets))
  } catch {
    return undefined
  }
}

/**
 * Where the JSON value at `start` ends; undefined if it is cut off.
 *
 * @param {string} text
 * @param {number} start
 * @returns {number | undefined}
 */
function valueEnd(text, start) {
  let depth = 0
  let quoted = false
  for (let at = start; at < text.length; at += 1) {
    const character = text[at] ?? ''
    if (quoted) {
      if (character === '\\') at += 1
      else if (character === '"') quoted = false
      if (!quoted && depth === 0 && character === '"') return at + 1
    } else if (character === '"') quoted = true
    else if ('{['.includes(character)) depth += 1
    else if ('}]'.includes(character)) {
      if (depth === 0) return at > start ? at : undefined
      depth -= 1
      if (depth === 0) return at + 1
    } else if (depth === 0 && /[,\s]/.test(character)) return at > start ? at : undefined
  }
  return undefined
}

/**
 * @param {string} text
 * @param {number} from
 * @param {RegExp} what
 */
function skip(text, from, what) {
  let at = from
  while (at < text.length && what.test(text[at] ?? '')) at += 1
  return at
}
