// @ts-check
/**
 * The checks with their outcomes, in the order of the core, and the answer of a server.
 *
 * @module
 */

import { requirement, shown } from '../../pkg/dist/cli/sentences.js'
import { byId, fill, h } from './dom.js'
import { mark } from './rosette.js'
import { clock } from './time.js'

/** @typedef {import('countersign').Check} Check */

/** A sentence for each check. @type {Readonly<Record<string, string>>} */
const STEPS = {
  structure: 'The token is well formed',
  header: 'The header can be read',
  alg: 'The algorithm is allowed',
  typ: 'The type is right',
  key: 'There is a key for it',
  signature: 'That key signed it',
  claims: 'The claims can be read',
  receipt: 'The receipt is for this token',
  issuer: 'The issuer is right',
  subject: 'The subject is right',
  audience: 'It is for this server',
  claim: 'The claim has the right value',
  required_claim: 'The claim is present',
  nonce: 'The nonce is right',
  expiry: 'It has not expired',
  not_before: 'It is already valid',
  issued_at: 'It was issued in the past',
  age: 'It is not too old',
  lifetime: 'Its lifetime is not too long',
  scope: 'It has the required scope',
  bind: 'It was issued for this request',
  confirmation: 'It needs no proof of possession',
  uses: 'It may be redeemed again',
}

const OUTCOMES = { pass: 'passed', fail: 'failed', not_checked: 'not checked' }

/** Checks whose evidence is a moment. */
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
          ? 'Nothing can be checked until the policy is correct.'
          : 'Each check appears here, with the value required, the value in the token, and the code of a refusal.',
      ),
    )
    return
  }
  const open = holder.querySelector('details')?.open === true
  const distinct = checks.filter(
    (check, index) => check.outcome !== 'pass' || check.name !== checks[index + 1]?.name || check.claim !== undefined,
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
        h('summary', {}, `${passed.length} more checks that did not run with this policy and key`),
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
 * @param {boolean} first Whether it is the one that decides the verdict.
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
      Object.hasOwn(STEPS, name) ? STEPS[name] : name.replaceAll('_', ' '),
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
  const moment = (/** @type {unknown} */ value) =>
    MOMENTS.has(name) && typeof value === 'number' ? `${value} (${clock(value)})` : undefined
  return h(
    'dl.evidence',
    {},
    expected !== undefined && [
      h('dt', {}, MOMENTS.has(name) && typeof expected === 'number' ? 'now' : 'expected'),
      h('dd', {}, moment(expected) ?? requirement(expected, false)),
    ],
    actual !== undefined && [h('dt', {}, 'actual'), h('dd', {}, moment(actual) ?? shown(actual, false))],
  )
}
