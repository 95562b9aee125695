/**
 * The builder of claims objects: from a text and the spans of its values, which the core has found.
 *
 * `src/wasm/protocol.rs` has the table of kinds.
 *
 * @module
 */

import type { ClaimsSet } from '../types.js'
import { FALSE, JSON_TEXT, KIND_BITS, NUMBER, TEXT, TEXTS, TRUE } from './protocol.js'

/** A list of Claim Names, in the order of the text. */
export interface Layout {
  readonly names: readonly string[]
  /** Copied, so that every object of a layout has its members in the order in which JSON.parse would give them. */
  readonly blank: ClaimsSet
}

const KIND = (1 << KIND_BITS) - 1

/** The layout with these names. */
export function layoutOf(names: readonly string[]): Layout {
  const members = names.map((name) => `${JSON.stringify(name)}:null`)
  return { names, blank: JSON.parse(`{${members.join()}}`) as ClaimsSet }
}

/**
 * The scope-tokens among the claims in `text`.
 *
 * @param start The index of the first span among `words`.
 */
export function decodeScope(text: string, words: Uint32Array, start: number): string[] {
  return texts(text, words, start + 2, (words[start] as number) >>> KIND_BITS)
}

/**
 * The claims in `text`, as JSON.parse would give them.
 *
 * @param start The index of the first span among `words`.
 * @param first The index of the first of their numbers among `doubles`.
 */
export function decodeClaims(
  text: string,
  { names, blank }: Layout,
  words: Uint32Array,
  start: number,
  doubles: Float64Array,
  first: number,
): ClaimsSet {
  const claims: ClaimsSet = { ...blank }
  // The scope-tokens come first.
  let at = start + 2 + 2 * ((words[start] as number) >>> KIND_BITS)
  for (let index = 0; index < names.length; index += 1) {
    const word = words[at] as number
    const number = word >>> KIND_BITS
    const end = words[at + 1] as number
    at += 2
    let value: unknown
    switch (word & KIND) {
      case TEXT:
        value = text.substring(number, end)
        break
      case TEXTS:
        value = texts(text, words, at, number)
        at += 2 * number
        break
      case NUMBER:
        value = doubles[first + number]
        break
      case JSON_TEXT:
        value = JSON.parse(text.substring(number, end))
        break
      case TRUE:
        value = true
        break
      case FALSE:
        value = false
        break
      default:
        value = null
    }
    assign(claims, names[index] as string, value)
  }
  return claims
}

/** Sets a member that `claims` has. An engine sets one of a known name several times as fast as one whose name it reads. */
function assign(claims: { [name: string]: unknown }, name: string, value: unknown): void {
  switch (name) {
    case 'iss':
      claims['iss'] = value
      break
    case 'sub':
      claims['sub'] = value
      break
    case 'aud':
      claims['aud'] = value
      break
    case 'exp':
      claims['exp'] = value
      break
    case 'iat':
      claims['iat'] = value
      break
    case 'scope':
      claims['scope'] = value
      break
    case 'jti':
      claims['jti'] = value
      break
    case 'nbf':
      claims['nbf'] = value
      break
    default:
      claims[name] = value
  }
}

function texts(text: string, words: Uint32Array, start: number, count: number): string[] {
  // Of the final length from the start: an array that grows is copied, which takes as long as all of its texts.
  const found: string[] = new Array(count)
  for (let index = 0; index < count; index += 1) {
    const at = start + 2 * index
    found[index] = text.substring(words[at] as number, words[at + 1] as number)
  }
  return found
}
