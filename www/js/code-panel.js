// @ts-check
/**
 * The panel with the program for each platform, and the link that shares the policy.
 *
 * @module
 */

import { LISTINGS, listing } from './code-view.js'
import { copy } from './countersign-view.js'
import { byId, fill, h } from './dom.js'
import { linkTo } from './share.js'

/** The text in place of a program while the policy has a mistake. */
const NO_PROGRAM = '// The policy above has a mistake. Correct it first.\n'

let target = 'worker'

/** @param {() => void} changed */
export function startCode(changed) {
  const tabs = byId('tabs', HTMLElement)
  const ids = Object.keys(LISTINGS)
  const choose = (/** @type {string} */ id) => {
    target = id
    for (const tab of tabs.children) {
      const selected = tab.id === `tab-${id}`
      tab.setAttribute('aria-selected', String(selected))
      tab.setAttribute('tabindex', selected ? '0' : '-1')
    }
    byId('listing', HTMLElement).setAttribute('aria-labelledby', `tab-${id}`)
    changed()
  }
  const keydown = (/** @type {KeyboardEvent} */ event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    if (step === undefined) return
    event.preventDefault()
    const next = ids[(ids.indexOf(target) + step + ids.length) % ids.length] ?? target
    choose(next)
    byId(`tab-${next}`, HTMLElement).focus()
  }
  for (const id of ids) {
    tabs.append(
      h(
        'button',
        {
          type: 'button',
          role: 'tab',
          id: `tab-${id}`,
          'aria-controls': 'listing',
          click: () => choose(id),
          keydown,
        },
        LISTINGS[id]?.label,
      ),
    )
  }
  const status = byId('copied', HTMLElement)
  byId('copy-code', HTMLElement).addEventListener(
    'click',
    () => void copy(byId('listing', HTMLElement).textContent ?? '', status),
  )
  byId('copy-link', HTMLElement).addEventListener(
    'click',
    () => void copy(byId('link', HTMLInputElement).value, byId('link-copied', HTMLElement)),
  )
  choose(target)
}

/**
 * @param {object} page
 * @param {import('./systems.js').Plan} page.plan
 * @param {string} page.system
 * @param {Readonly<Record<string, string>>} page.values
 * @param {Record<string, unknown>} page.expected
 * @param {import('./keys.js').KeyForm | ''} page.keyForm
 * @param {string | undefined} page.mistake Why the policy cannot be used: then there is no program.
 */
export function showCode({ plan, system, values, expected, keyForm, mistake }) {
  const text = mistake === undefined ? listing(target, plan, expected, keyForm) : NO_PROGRAM
  const holder = byId('listing', HTMLElement)
  if (holder.textContent !== text) fill(holder, h('pre', {}, ...coloured(text)))
  byId('copied', HTMLElement).textContent = ''
  byId('link-copied', HTMLElement).textContent = ''
  const link = byId('link', HTMLInputElement)
  const address = linkTo(location.href, system, values)
  if (link.value !== address) link.value = address
}

/**
 * The program with its strings and keywords in colour.
 *
 * @param {string} text
 */
function coloured(text) {
  return text
    .split(/('(?:[^'\\\n]|\\.)*'|\b(?:import|from|const|await|async|return|export|default|new|if)\b)/)
    .map((piece, index) => {
      if (index % 2 === 0) return piece
      return h(piece.startsWith("'") ? 'span.string' : 'span.keyword', {}, piece)
    })
}
