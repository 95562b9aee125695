// @ts-check
/**
 * The token in one colour per part, with each fault marked at its place.
 *
 * @module
 */

import { byId, fill, h } from './dom.js'
import { membersOf, segments } from './segments.js'
import { SYSTEMS, systemOf } from './systems.js'
import { HEADLINES } from './token-form.js'

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

/** The longest token that is divided for display, in characters: twice what a policy allows by default. */
const MAX_DIVIDED = 32_768

/** The name of each part in the legend. */
const NAMES = {
  header: 'header',
  claims: 'claims',
  signature: 'signature',
  opaque: 'opaque token',
  encrypted: 'encrypted',
}

/**
 * @param {string} token
 * @param {import('./token-form.js').TokenForm} form
 * @param {string} kind The `kind` of its inspection.
 * @returns {Anatomy}
 */
export function anatomyOf(token, form, kind) {
  if (form === 'empty') return { parts: [], header: [], claims: [] }
  if (form === 'malformed' || form === 'opaque' || token.length > MAX_DIVIDED) {
    const only = form === 'opaque' ? 'opaque' : 'other'
    return { parts: [{ kind: only, start: 0, end: token.length }], header: [], claims: [] }
  }
  const parts = segments(token, kind)
  const part = (/** @type {string} */ name) => parts.find((segment) => segment.kind === name)
  return { parts, header: membersOf(token, part('header')), claims: membersOf(token, part('claims')) }
}

/**
 * The place in the token of the fault that a check found.
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
 * Shows the pasted text: the token in colours, the rest faint.
 *
 * @param {string} text
 * @param {import('../../pkg/dist/find-token.js').FoundToken} found
 * @param {Anatomy} anatomy
 * @param {readonly { start: number, end: number }[]} problems Places in the token.
 */
export function showInk(text, { token, start, end }, { parts, header, claims }, problems) {
  const ink = byId('ink', HTMLElement)
  const exact = text.slice(start, end) === token
  const body = exact
    ? parts.map((part) =>
        h(`span.${part.kind}`, { 'data-start': part.start }, ...pieces(token, part, problems, [...header, ...claims])),
      )
    : [h('span.claims', {}, text.slice(start, end))]
  // A line that is opened by a final line break needs a height.
  fill(ink, outside(text.slice(0, start)), body, outside(text.slice(end)), '\u200b')
}

/**
 * Highlights a range of the token, or nothing.
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
 * Shows the headline and the name of each part in its colour.
 *
 * @param {import('./token-form.js').TokenForm} form
 * @param {Anatomy} anatomy
 * @param {readonly string[]} looksLike
 * @param {HTMLElement | null} offer
 */
export function showLegend(form, { parts }, looksLike, offer) {
  if (parts.length === 0) {
    fill(byId('legend', HTMLElement))
    return
  }
  const filled = parts.filter((part) => part.kind !== 'signature' || part.end > part.start)
  const unique = [...new Set(filled.map((part) => part.kind))].filter((name) => Object.hasOwn(NAMES, name))
  fill(
    byId('legend', HTMLElement),
    h('span.kind', {}, HEADLINES[form]),
    unique.map((name) => h(`b.${name}`, {}, NAMES[/** @type {keyof typeof NAMES} */ (name)])),
    looksLike.length > 0 && h('span', {}, `looks like ${looksLike.map(nameOf).join(', ')}`),
    offer,
  )
}
