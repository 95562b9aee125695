// @ts-check
/**
 * The contents of a token: each member with its meaning, its place in the token, and its faults.
 *
 * @module
 */

import { addressOf, isTime, meaningOf } from '../../pkg/dist/meanings.js'
import { byId, fill, h } from './dom.js'
import { refused } from './sentences.js'
import { moment } from './time.js'
import { unsignedBecause } from './token-form.js'
import { light } from './token-view.js'

/** @typedef {import('./token-view.js').Anatomy} Anatomy */
/** @typedef {import('./segments.js').Member} Member */
/** @typedef {import('countersign').Check} Check */

/**
 * @param {Anatomy} anatomy
 * @param {import('./verdict.js').Verdict} verdict
 * @param {number} now
 */
export function showSays(anatomy, { inspection, checks, form }, now) {
  const says = byId('says', HTMLElement)
  const failed = checks.filter((check) => check.error !== undefined)
  const { kind } = inspection
  if (anatomy.parts.length === 0) {
    fill(
      says,
      h(
        'p.hint',
        {},
        'The header, the claims and the signature appear here, each claim with its meaning and its source.',
      ),
    )
    return
  }
  if (anatomy.parts[0]?.kind === 'other') {
    const why =
      form === 'malformed' ? 'There is nothing to read: this is not a token.' : 'It is too long to be shown here.'
    fill(says, h('p.hint', {}, why))
    return
  }
  const partial = inspection.header === undefined || (inspection.claims === undefined && kind !== 'jwe')
  fill(
    says,
    anatomy.header.length > 0 &&
      part(
        'header',
        kind === 'countersigned' ? 'Receipt: header' : 'Header',
        anatomy.header,
        failed,
        now,
        partial && inspection.header === undefined,
      ),
    (anatomy.claims.length > 0 || kind === 'jws' || kind === 'countersigned') &&
      part('claims', kind === 'countersigned' ? 'Receipt: claims' : 'Claims', anatomy.claims, failed, now, partial),
    signature(anatomy, inspection, form, failed, now),
    anatomy.parts.some((one) => one.kind === 'opaque') && opaque(kind, failed, now),
  )
}

/** Updates every relative time on the page. @param {number} now */
export function tick(now) {
  for (const element of document.querySelectorAll('[data-moment]')) {
    const text = moment(Number(element.getAttribute('data-moment')), now).relative
    if (element.textContent !== text) element.textContent = text
  }
}

/**
 * @param {'header' | 'claims'} where
 * @param {string} title
 * @param {readonly Member[]} members
 * @param {readonly Check[]} failed
 * @param {number} now
 * @param {boolean} partial
 */
function part(where, title, members, failed, now, partial) {
  const own = failed.filter(
    ({ name }) => (['header', 'alg', 'typ', 'key'].includes(name) ? 'header' : 'claims') === where,
  )
  const rows = members.map((member) =>
    row(
      where,
      member,
      own.filter((check) => isAbout(check, member.name)),
      now,
    ),
  )
  const names = new Set(members.map(({ name }) => name))
  const absent = own.filter(
    (check) =>
      check.claim !== undefined && !members.some(({ name }) => isAbout(check, name)) && !names.has(check.claim),
  )
  const seen = new Set()
  const ghosts = absent
    .filter(({ claim, name }) => name !== 'bind' && !seen.has(claim) && seen.add(claim))
    .map((check) => ghost(where, check, now))
  return h(
    `section.part.${where}`,
    {},
    h('h3', {}, title, partial && h('span', {}, 'the part that can be read')),
    h('dl', {}, rows, ghosts),
  )
}

/**
 * @param {Check} check
 * @param {string} name
 */
function isAbout({ name: check, claim }, name) {
  if (claim === undefined) return false
  return claim === name || claim.split('/')[1] === name || (check === 'bind' && name === 'bind')
}

/**
 * @param {'header' | 'claims'} where
 * @param {Member} member
 * @param {readonly Check[]} failed
 * @param {number} now
 */
function row(where, member, failed, now) {
  const { name, value } = member
  const [sentence, source] = meaningOf(where, name)
  return h(
    failed.length > 0 ? 'div.row.problem' : 'div.row',
    { 'data-name': name, mouseenter: () => light(member), mouseleave: () => light(undefined) },
    h('dt', {}, name),
    h('dd.value', {}, isTime(name, value) ? time(value, now) : written(value)),
    reasons(failed, now),
    h('dd.means', {}, `${sentence} `, reference(source)),
  )
}

/**
 * A required claim that is absent.
 *
 * @param {'header' | 'claims'} where
 * @param {Check} check
 * @param {number} now
 */
function ghost(where, check, now) {
  const name = check.claim ?? ''
  const [sentence, source] = meaningOf(where, name)
  return h(
    'div.row.problem.ghost',
    { 'data-name': name },
    h('dt', {}, name),
    h('dd.value', {}, 'absent'),
    reasons([check], now),
    h('dd.means', {}, `${sentence} `, reference(source)),
  )
}

/**
 * @param {readonly Check[]} failed
 * @param {number} now
 */
function reasons(failed, now) {
  return failed.flatMap(({ error }) => (error === undefined ? [] : [h('dd.why', {}, refused(error, now))]))
}

/**
 * @param {Anatomy} anatomy
 * @param {import('countersign').Inspection} inspection
 * @param {import('./token-form.js').TokenForm} form
 * @param {readonly Check[]} failed
 * @param {number} now
 */
function signature({ parts, header }, inspection, form, failed, now) {
  const segment = parts.find((one) => one.kind === 'signature')
  if (segment === undefined) return null
  const octets = Math.floor(((segment.end - segment.start) * 3) / 4)
  const alg = header.find(({ name }) => name === 'alg')?.value
  const size = `${octets} octets${typeof alg === 'string' ? `. The header states ${alg}` : ''}.`
  const unsigned = unsignedBecause(form, inspection)
  const text = unsigned ?? `${size} A signature covers everything before the last dot.`
  const wrong = unsigned === undefined ? failed.filter(({ name }) => name === 'signature') : []
  return h(
    'section.part.signature',
    {},
    h('h3', {}, inspection.kind === 'countersigned' ? 'Receipt: signature' : 'Signature'),
    h('p', {}, text),
    paragraphs(wrong, now),
  )
}

/**
 * @param {string} kind
 * @param {readonly Check[]} failed
 * @param {number} now
 */
function opaque(kind, failed, now) {
  const text =
    kind === 'countersigned'
      ? 'Only its issuer knows what it means. The receipt contains its hash, so the receipt is for this token only.'
      : 'Only its issuer knows what it means. Countersign it, below, and it can be verified without asking the issuer.'
  const wrong = failed.filter(({ name }) => name === 'receipt')
  return h('section.part.opaque', {}, h('h3', {}, 'Opaque token'), h('p', {}, text), paragraphs(wrong, now))
}

/**
 * @param {readonly Check[]} failed
 * @param {number} now
 */
function paragraphs(failed, now) {
  return failed.flatMap(({ error }) => (error === undefined ? [] : [h('p.mistake', {}, refused(error, now))]))
}

/**
 * @param {number} value
 * @param {number} now
 */
function time(value, now) {
  const { local, utc, relative } = moment(value, now)
  return h(
    'span.moment',
    {},
    h('b', { 'data-moment': value }, relative),
    h('span', {}, local),
    h('span', {}, `${utc} · ${value}`),
  )
}

/** @param {unknown} value */
function written(value) {
  return typeof value === 'string' ? value : (JSON.stringify(value, null, 1)?.replace(/\n\s*/g, ' ') ?? '')
}

/** @param {string} source */
function reference(source) {
  const address = addressOf(source)
  if (address === undefined) return source === '' ? null : h('span', {}, source)
  return h('a', { href: address, rel: 'noreferrer noopener', target: '_blank' }, source)
}
