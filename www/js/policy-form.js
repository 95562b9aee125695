// @ts-check
/**
 * The form for the policy.
 *
 * @module
 */

import { byId, fill, h } from './dom.js'
import { SYSTEMS, systemOf } from './systems.js'

/** @typedef {import('./systems.js').Field} Field */

/**
 * @param {(system: string) => void} chosen
 */
export function startSystems(chosen) {
  const choices = Object.entries(SYSTEMS).map(([id, { label }]) =>
    h('label.chip', {}, h('input', { type: 'radio', name: 'system', value: id, change: () => chosen(id) }), label),
  )
  byId('system-choice', HTMLFieldSetElement).append(...choices)
}

/**
 * Fills the form with the fields of a system.
 *
 * @param {string} system
 * @param {Readonly<Record<string, string>>} values
 * @param {(name: string, value: string) => void} changed
 */
export function layFields(system, values, changed) {
  const { about, fields } = systemOf(system)
  for (const radio of document.querySelectorAll('#system-choice input')) {
    if (radio instanceof HTMLInputElement) radio.checked = radio.value === system
  }
  byId('system-about', HTMLElement).textContent = about
  fill(
    byId('fields', HTMLElement),
    ...fields.map((field) => labelled(field, 'policy', values[field.name] ?? field.value, changed)),
  )
}

/**
 * The elements of a field: label, control and hint.
 *
 * @param {Field} field
 * @param {string} form A prefix for the ids, because the page has two forms.
 * @param {string} value
 * @param {(name: string, value: string) => void} changed
 */
export function labelled({ name, label, hint, choices, lines }, form, value, changed) {
  const id = `${form}-${name}`
  const described = hint === undefined ? {} : { 'aria-describedby': `${id}-hint` }
  const input = (/** @type {Event} */ { target }) => {
    if (
      target instanceof HTMLInputElement ||
      target instanceof HTMLTextAreaElement ||
      target instanceof HTMLSelectElement
    )
      changed(name, target.value)
  }
  const common = { id, ...described, input }
  const control =
    choices !== undefined
      ? h(
          'select',
          common,
          choices.map(([one, text]) => h('option', { value: one, selected: one === value }, text)),
        )
      : lines === true
        ? h('textarea', { ...common, rows: 2, spellcheck: 'false', value })
        : h('input', { ...common, spellcheck: 'false', autocomplete: 'off', autocapitalize: 'off', value })
  return h(
    'div.field',
    {},
    h('label', { for: id }, label),
    control,
    hint === undefined ? null : h('p.hint', { id: `${id}-hint` }, hint),
  )
}
