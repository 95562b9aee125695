// @ts-check
/**
 * The page: its state, the question to the package, and the views of the answer.
 *
 * Everything is kept in memory only, and nothing is sent.
 *
 * @module
 */

import { findToken } from '../../pkg/dist/find-token.js'
import { answerTo } from './answers.js'
import { showAnswer, showChecks } from './checks-view.js'
import { showCode, startCode } from './code-panel.js'
import { startCountersign } from './countersign-view.js'
import { byId, fill, h } from './dom.js'
import { startDrops } from './drops.js'
import { immediatePlaceholders, KEY_FORMS, keyFormOf, keyMistake, keyOf, placeholderKeys } from './keys.js'
import { throwAway } from './mint.js'
import { layFields, startSystems } from './policy-form.js'
import { drawWaves } from './rosette.js'
import { SAMPLES } from './samples.js'
import { showSays, tick } from './says-view.js'
import { readLink } from './share.js'
import { defaultsOf, policyMistake, SYSTEMS, systemOf } from './systems.js'
import { showTimeline, startTimeline } from './timeline.js'
import { warningsFor } from './token-form.js'
import { anatomyOf, placeOf, showInk, showLegend } from './token-view.js'
import { forget, judge } from './verdict.js'
import { showVerdict, startStrip } from './verdict-view.js'
import { WHAT_IFS } from './what-if.js'

/** Text, as it was typed. */
const input = byId('token', HTMLTextAreaElement)
const key = byId('key', HTMLTextAreaElement)
const octets = byId('octets', HTMLInputElement)

const state = {
  system: 'custom',
  values: defaultsOf('custom'),
  /** The moment that the slider is set to; undefined for the present. @type {number | undefined} */
  pinned: undefined,
  /** @type {Set<string>} */
  whatIfs: new Set(),
  /** @type {string | undefined} */
  sample: undefined,
  /** @type {readonly Record<string, unknown>[]} */
  placeholders: immediatePlaceholders(),
  /** The verdict on screen, in short. */
  shown: '',
}

/** The question to the package, with and without the “what if” changes, and the answers. */
function ask() {
  const now = state.pinned ?? Math.floor(Date.now() / 1000)
  const found = findToken(input.value)
  const system = systemOf(state.system)
  const plan = system.plan(state.values)
  const given = { token: found.token, expected: system.expected(state.values) }
  const question = { plan, key: givenKey, placeholders: state.placeholders, now }
  const plain = judge({ ...question, ...given })
  const changed = changedBy(given, plain.inspection.kind)
  const verdict = changed === given ? plain : judge({ ...question, ...changed })
  return { now, found, plan, given, changed, plain, verdict }
}

/** The key, if one was given. */
function givenKey() {
  return key.value.trim() === '' ? undefined : keyOf(key.value, octets.checked)
}

/** Shows the current state in every view. */
function render() {
  const { now, found, plan, given, changed, plain, verdict } = ask()
  const { inspection, form } = plain
  const { looksLike, warnings } = inspection
  const same = changed.token === given.token
  const anatomy = anatomyOf(found.token, form, inspection.kind)
  const shown = same ? anatomy : anatomyOf(changed.token, verdict.form, verdict.inspection.kind)
  const places = same ? verdict.checks.flatMap((check) => placeOf(anatomy, check) ?? []) : []
  showInk(input.value, found, anatomy, places)
  showLegend(form, anatomy, looksLike, offerOf(looksLike))
  byId('found', HTMLElement).textContent = found.notes.length === 0 ? '' : `${found.notes.join('; ')}.`
  showWarnings(found.token === '' ? [] : warningsFor(form, warnings))
  showSays(shown, verdict, now)
  showNow(verdict, changed.token, now)
  showChecks(verdict)
  showAnswer(verdict.error === undefined ? undefined : answerTo(verdict.error, verdict.refusal ?? 'bearer'))
  showKey(verdict.keyMistake)
  const { mistake } = verdict
  showMistake('policy-mistake', mistake === undefined ? undefined : policyMistake(state.system, mistake))
  showCode({
    plan,
    system: state.system,
    values: state.values,
    expected: given.expected,
    keyForm: key.value.trim() === '' ? '' : keyFormOf(key.value, octets.checked),
    mistake,
  })
  state.shown = `${verdict.tone} ${verdict.error?.code}`
}

/**
 * A button for the policy of the system that a token looks like, if another system is chosen.
 *
 * @param {readonly string[]} looksLike
 */
function offerOf(looksLike) {
  const system = looksLike.find((name) => Object.hasOwn(SYSTEMS, name))
  if (system === undefined || looksLike.includes(state.system)) return null
  const click = () => {
    choose(system)
    render()
    byId('policy-title', HTMLElement).scrollIntoView({ block: 'nearest' })
    byId('token', HTMLElement).focus({ preventScroll: true })
  }
  return h('button.quiet', { type: 'button', id: 'offer', click }, `Use the policy for ${systemOf(system).label}`)
}

/** Each second: updates the times, and every view if the verdict changed. */
function onTick() {
  if (state.pinned !== undefined || document.hidden || input.value.trim() === '') return
  const { verdict, changed, now } = ask()
  if (state.shown === `${verdict.tone} ${verdict.error?.code}`) showNow(verdict, changed.token, now)
  else render()
}

/**
 * @param {import('./verdict.js').Verdict} verdict
 * @param {string} token
 * @param {number} now
 */
function showNow(verdict, token, now) {
  showVerdict(verdict, token)
  showTimeline(verdict.inspection.time, now, state.pinned !== undefined)
  tick(now)
}

/**
 * The case with every selected “what if” change. Shows the changes that apply to this case.
 *
 * @param {{ token: string, expected: Record<string, unknown> }} given
 * @param {string} kind
 */
function changedBy(given, kind) {
  let changed = given
  for (const [id, { fits, change }] of Object.entries(WHAT_IFS)) {
    const box = byId(`what-if-${id}`, HTMLInputElement)
    const fitting = given.token !== '' && fits(given, kind)
    byId(`chip-${id}`, HTMLElement).hidden = !fitting
    box.checked = state.whatIfs.has(id) && fitting
    if (box.checked) changed = change(changed, kind)
  }
  byId('what-ifs', HTMLElement).hidden = Object.keys(WHAT_IFS).every((id) => byId(`chip-${id}`, HTMLElement).hidden)
  return changed
}

/** @param {readonly { code: string, claim?: string, message: string }[]} warnings */
function showWarnings(warnings) {
  const grave = new Set(['client_access_token', 'known_secret', 'unsigned', 'sample_token', 'key_in_header'])
  const lines = warnings.map(({ code, claim, message }) =>
    h(
      grave.has(code) ? 'li.grave' : 'li',
      { 'data-warning': code },
      h('span', {}, message, claim === undefined ? null : ' ', claim === undefined ? null : h('code', {}, claim)),
    ),
  )
  fill(byId('warnings', HTMLElement), lines)
}

/** @param {string | undefined} mistake */
function showKey(mistake) {
  const empty = key.value.trim() === ''
  const form = keyFormOf(key.value, octets.checked)
  byId('key-form', HTMLElement).textContent = empty
    ? 'No key: the signature is not checked.'
    : `Read as ${KEY_FORMS[form]}.`
  byId('octets-label', HTMLElement).hidden = empty || !['secret', 'octets'].includes(form)
  showMistake('key-mistake', mistake === undefined ? undefined : keyMistake(mistake))
}

/**
 * @param {string} id
 * @param {string | undefined} mistake
 */
function showMistake(id, mistake) {
  const element = byId(id, HTMLElement)
  element.hidden = mistake === undefined
  if (element.textContent !== (mistake ?? '')) element.textContent = mistake ?? ''
}

/**
 * @param {string} system
 * @param {Readonly<Record<string, string>>} [values]
 */
function choose(system, values = {}) {
  state.system = system
  state.values = { ...defaultsOf(system), ...values }
  layFields(system, state.values, (name, value) => {
    state.values = { ...state.values, [name]: value }
    render()
  })
}

/** @param {import('./samples.js').Loaded} loaded */
function load({ token, system, values, key: text, look }) {
  if (look !== undefined) byId('look', HTMLElement).textContent = look
  input.value = token
  key.value = text
  octets.checked = false
  state.pinned = undefined
  state.whatIfs.clear()
  choose(system, values)
  render()
}

/** @param {string | undefined} id */
function markSample(id) {
  state.sample = id
  for (const button of document.querySelectorAll('.samples button')) {
    button.setAttribute('aria-pressed', String(button.getAttribute('data-sample') === id))
  }
  byId('look', HTMLElement).textContent = SAMPLES.find((sample) => sample.id === id)?.look ?? ''
}

function startSamples() {
  for (const { id, label, trap, load: make } of SAMPLES) {
    const click = async () => {
      markSample(id)
      const loaded = await make()
      // Another sample may have been chosen while this one was made.
      if (state.sample === id) load(loaded)
    }
    const button = h('button', { type: 'button', 'aria-pressed': 'false', 'data-sample': id, click }, label)
    byId(trap ? 'traps' : 'systems', HTMLElement).append(h('li', {}, button))
  }
}

function startWhatIfs() {
  for (const [id, { label, about }] of Object.entries(WHAT_IFS)) {
    const change = () => {
      if (!state.whatIfs.delete(id)) state.whatIfs.add(id)
      render()
    }
    const box = h('input', { type: 'checkbox', id: `what-if-${id}`, change })
    byId('what-ifs', HTMLElement).append(h('label.chip', { id: `chip-${id}`, title: about }, box, label))
  }
}

/** @param {() => void} layReceipt */
function clearAll(layReceipt) {
  input.value = ''
  key.value = ''
  octets.checked = false
  state.pinned = undefined
  state.whatIfs.clear()
  markSample(undefined)
  forget()
  throwAway()
  choose(state.system)
  layReceipt()
  history.replaceState(null, '', location.pathname + location.search)
  render()
  input.focus()
}

/** @param {readonly HTMLElement[]} elements */
function renderOnInput(elements) {
  for (const element of elements) element.addEventListener('input', render)
}

function start() {
  drawWaves(byId('engraving', SVGElement))
  startSystems((system) => {
    choose(system)
    render()
  })
  startSamples()
  startWhatIfs()
  startTimeline((now) => {
    state.pinned = now
    render()
  })
  startStrip()
  const layReceipt = startCountersign((loaded) => {
    markSample(undefined)
    load(loaded)
    byId('verdict', HTMLElement).focus({ preventScroll: true })
    byId('verdict', HTMLElement).scrollIntoView({ block: 'center' })
  })
  startCode(render)
  renderOnInput([input, key, octets])
  input.addEventListener('input', () => {
    state.pinned = undefined
    markSample(undefined)
  })
  startDrops({ input, key, changed: render })
  byId('clear', HTMLButtonElement).addEventListener('click', () => clearAll(layReceipt))
  const shared = readLink(location.hash)
  choose(shared?.system ?? state.system, shared?.values)
  render()
  setInterval(onTick, 1000)
  void placeholderKeys().then((made) => {
    state.placeholders = made
    render()
  })
}

start()
