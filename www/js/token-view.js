// @ts-check
/**
 * The token in colours by part, with the trouble marked where it is.
 *
 * @module
 */

import { byId, fill, h } from './dom.js'
import { membersOf, segments } from './segments.js'
import { SYSTEMS, systemOf } from './systems.js'

/** @typedef {import('./segments.js').Segment} Segment */
/** @typedef {import('./segments.js').Member} Member */

/**
 * A token taken apart for showing.
 *
 * @typedef {object} Anatomy
 * @property {readonly Segment[]} parts
 * @property {readonly Member[]} header
 * @property {readonly Member[]} claims
 */

/** What the parts are called. */
const NAMES = {
  header: 'header',
  claims: 'claims',
  signature: 'signature',
  opaque: 'opaque, its issuer’s secret',
  encrypted: 'encrypted',
}

const KINDS = {
  jws: 'A signed token',
  jwe: 'An encrypted token',
  opaque: 'An opaque token',
  countersigned: 'A receipt, and the opaque token it vouches for',
  malformed: 'No token yet',
}

/**
 * @param {string} token
 * @param {string} kind What `inspect()` calls it.
 * @returns {Anatomy}
 */
export function anatomyOf(token, kind) {
  const parts = segments(token, kind)
  const part = (/** @type {string} */ name) => parts.find((segment) => segment.kind === name)
  return { parts, header: membersOf(token, part('header')), claims: membersOf(token, part('claims')) }
}

/**
 * Where in the token the fault lies that a check found.
 *
 * @param {Anatomy} anatomy
 * @param {import('countersign').Check} check
 * @returns {{ start: number, end: number } | undefined}
 */
export function placeOf({ parts, header, claims }, { name, claim, error }) {
  if (error === undefined) return undefined
  const part = (/** @type {string} */ kind) => parts.find((segment) => segment.kind === kind)
  if (name === 'signature') return part('signature')
  if (name === 'receipt') return part('opaque')
  if (name === 'structure') return parts.length === 0 ? undefined : { start: 0, end: parts.at(-1)?.end ?? 0 }
  if (name === 'header') return header.find((member) => member.name === claim) ?? part('header')
  if (name === 'claims') return part('claims')
  if (['alg', 'typ', 'key'].includes(name)) return header.find((member) => member.name === claim)
  const top = claim?.startsWith('/') === true ? claim.split('/')[1] : claim
  return (
    claims.find((member) => member.name === top) ??
    (name === 'bind' ? claims.find((member) => member.name === 'bind') : undefined)
  )
}

/**
 * Shows the text that was pasted: the token in colours, the rest faint.
 *
 * @param {string} text
 * @param {import('./find-token.js').Found} found
 * @param {Anatomy} anatomy
 * @param {readonly { start: number, end: number }[]} problems Places in the token.
 */
export function showInk(text, { token, start, end }, { parts, header, claims }, problems) {
  const ink = byId('ink', HTMLElement)
  const exact = text.slice(start, end) === token
  const body = exact
    ? parts.map((part) =>
        h(
          `span.${part.kind}`,
          { 'data-start': part.start },
          ...pieces(token, part, problems, [...header, ...claims]),
        ),
      )
    : [h('span.claims', {}, text.slice(start, end))]
  // The line that a final line break opens has to have a height.
  fill(ink, outside(text.slice(0, start)), body, outside(text.slice(end)), '\u200b')
}

/**
 * Lights up a stretch of the token, or nothing.
 *
 * @param {{ start: number, end: number } | undefined} place
 */
export function light(place) {
  for (const mark of document.querySelectorAll('#ink mark')) {
    const at = Number(mark.getAttribute('data-start'))
    mark.classList.toggle('lit', place !== undefined && at >= place.start && at < place.end)
  }
}

/** @param {string} text */
function outside(text) {
  return text === '' ? null : h('span.out', {}, text)
}

/**
 * A part of the token, cut where a mark begins or ends.
 *
 * @param {string} token
 * @param {Segment} part
 * @param {readonly { start: number, end: number }[]} problems
 * @param {readonly Member[]} members
 */
function pieces(token, part, problems, members) {
  const cuts = new Set([part.start, part.end])
  for (const { start, end } of [...problems, ...members]) {
    for (const cut of [start, end]) if (cut > part.start && cut < part.end) cuts.add(cut)
  }
  const places = [...cuts].sort((one, other) => one - other)
  return places.slice(0, -1).map((start, index) => {
    const wrong = problems.some((problem) => start >= problem.start && start < problem.end)
    return h(wrong ? 'mark.problem' : 'mark', { 'data-start': start }, token.slice(start, places[index + 1]))
  })
}

/** @param {string} system */
function nameOf(system) {
  return Object.hasOwn(SYSTEMS, system) ? systemOf(system).label : system
}

/**
 * Names the parts in their colours.
 *
 * @param {string} kind
 * @param {Anatomy} anatomy
 * @param {readonly string[]} looksLike
 * @param {HTMLElement | null} offer What could be done about that.
 */
export function showLegend(kind, { parts, header }, looksLike, offer) {
  const typing = kind === 'opaque' && header.length > 0
  const named = parts.filter(
    (part) => part.kind !== 'dot' && (part.kind !== 'signature' || part.end > part.start),
  )
  if (parts.length === 0) {
    fill(byId('legend', HTMLElement))
    return
  }
  const unique = [...new Set(named.map((part) => part.kind))].filter((name) => name !== 'dot')
  fill(
    byId('legend', HTMLElement),
    h(
      'span.kind',
      {},
      typing ? 'A signed token, as far as it goes' : KINDS[/** @type {keyof typeof KINDS} */ (kind)],
    ),
    unique.map((name) => h(`b.${name}`, {}, NAMES[/** @type {keyof typeof NAMES} */ (name)])),
    looksLike.length > 0 && h('span', {}, `looks like ${looksLike.map(nameOf).join(', ')}`),
    offer,
  )
}
