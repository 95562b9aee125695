// @ts-check
/**
 * Every check with its outcome, in the core's order, and what a server would answer.
 *
 * @module
 */

import { byId, fill, h } from './dom.js'
import { mark } from './rosette.js'
import { shown } from './sentences.js'
import { clock } from './time.js'

/** @typedef {import('countersign').Check} Check */

/** The steps, in words. @type {Readonly<Record<string, string>>} */
const STEPS = {
  structure: 'It is a token by its shape',
  header: 'Its header can be read',
  alg: 'The algorithm is allowed',
  typ: 'It is of the right type',
  key: 'There is a key for it',
  signature: 'That key signed it',
  claims: 'Its claims can be read',
  receipt: 'The receipt is for this token',
  issuer: 'The right issuer',
  subject: 'The right subject',
  audience: 'Meant for this server',
  claim: 'A claim has its value',
  required_claim: 'A claim is there',
  nonce: 'The right nonce',
  expiry: 'Not expired',
  not_before: 'Not too early',
  issued_at: 'Issued in the past',
  age: 'Not too old',
  lifetime: 'Not too long a life',
  scope: 'It allows this',
  bind: 'Issued for this request',
  confirmation: 'Possession proved, if it must be',
  uses: 'Not used up',
}

const OUTCOMES = { pass: 'holds', fail: 'fails', not_checked: 'not checked' }

/** Steps whose evidence is moments. */
const MOMENTS = new Set(['expiry', 'not_before', 'issued_at'])

/** @param {import('./verdict.js').Verdict} verdict */
export function showChecks({ checks, tone }) {
  const holder = byId('checks', HTMLElement)
  if (checks.length === 0) {
    fill(
      holder,
      h(
        'p.hint',
        {},
        tone === 'mistake'
          ? 'Nothing can be checked until the policy means something.'
          : 'What was checked stands here: what was expected, what the token says, and the code of each refusal.',
      ),
    )
    return
  }
  const open = holder.querySelector('details')?.open === true
  const distinct = checks.filter(
    (check, index) =>
      check.outcome !== 'pass' || check.name !== checks[index + 1]?.name || check.claim !== undefined,
  )
  const asked = distinct.filter(({ outcome }) => outcome !== 'not_checked')
  const passed = distinct.filter(({ outcome }) => outcome === 'not_checked')
  const first = asked.find(({ outcome }) => outcome === 'fail')
  fill(
    holder,
    h(
      'ol',
      { role: 'list', class: 'plain' },
      asked.map((check) => line(check, check === first)),
    ),
    passed.length > 0 &&
      h(
        'details',
        { open },
        h('summary', {}, `${passed.length} more that this policy or key leaves unchecked`),
        h(
          'ul',
          {},
          passed.map((check) => line(check, false)),
        ),
      ),
  )
}

/**
 * @param {import('./answers.js').Answer | undefined} answer
 */
export function showAnswer(answer) {
  const holder = byId('answer', HTMLElement)
  byId('answer-sheet', HTMLElement).hidden = answer === undefined
  if (answer === undefined) {
    fill(holder)
    return
  }
  const headers = Object.entries(answer.headers).map(([name, value]) => `${name}: ${value}\n`)
  fill(
    holder,
    h(
      'pre',
      { tabindex: 0 },
      h('b', {}, `HTTP/1.1 ${answer.status} ${answer.reason}`),
      `\n${headers.join('')}\n${answer.body}`,
    ),
  )
}

/**
 * @param {Check} check
 * @param {boolean} first Whether it is the one that decides.
 */
function line(check, first) {
  const { name, outcome, claim, error } = check
  return h(
    `li.check.${outcome}${first ? '.first' : ''}`,
    { 'data-check': name },
    h('span', {}, mark(outcome), h('span.visually-hidden', {}, OUTCOMES[outcome])),
    h(
      'span.what',
      {},
      STEPS[name] ?? name,
      claim === undefined ? null : ' ',
      claim === undefined ? null : h('code', {}, claim),
    ),
    error === undefined ? null : h('code', {}, error.code),
    evidence(check),
  )
}

/** @param {Check} check */
function evidence({ name, expected, actual, outcome }) {
  if (outcome === 'not_checked' || (expected === undefined && actual === undefined)) return null
  const text = (/** @type {unknown} */ value) =>
    MOMENTS.has(name) && typeof value === 'number' ? `${value} (${clock(value)})` : shown(value, false)
  const rows = [
    [MOMENTS.has(name) ? 'now' : 'expected', expected],
    ['actual', actual],
  ].flatMap(([label, value]) =>
    value === undefined ? [] : [h('dt', {}, String(label)), h('dd', {}, text(value))],
  )
  return h('dl.evidence', {}, rows)
}
