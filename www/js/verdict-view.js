// @ts-check
/**
 * The verdict as a word and a sentence: in its section, in the bar at the foot of the page, and for screen readers.
 *
 * @module
 */

import { byId } from './dom.js'
import { drawRosette } from './rosette.js'

/** How long after the last change a screen reader is given the verdict. */
const REST_MILLISECONDS = 500

let drawn = ''
let spoken = ''
/** @type {ReturnType<typeof setTimeout> | undefined} */
let resting

/**
 * @param {import('./verdict.js').Verdict} verdict
 * @param {string} token
 */
export function showVerdict({ tone, word, sentence, error }, token) {
  const section = byId('verdict', HTMLElement)
  section.dataset['tone'] = tone
  put('word', word)
  put('sentence', sentence)
  put('code', error === undefined ? '' : `${error.code}${error.claim === undefined ? '' : ` (${error.claim})`}`)
  const strip = byId('strip', HTMLElement)
  strip.dataset['tone'] = tone
  put('strip-word', word)
  put('strip-sentence', sentence)
  const broken = tone === 'refused' || tone === 'mistake'
  if (drawn !== `${broken} ${token}`) {
    drawn = `${broken} ${token}`
    drawRosette(byId('rosette', SVGElement), token, broken)
  }
  speak(`${word} ${error?.code ?? ''}`, `${word}. ${sentence}`)
}

/** Shows the bar while the verdict is out of sight. */
export function startStrip() {
  const strip = byId('strip', HTMLElement)
  const watch = new IntersectionObserver(([entry]) => {
    strip.classList.toggle('shown', entry?.isIntersecting === false)
  })
  watch.observe(byId('word', HTMLElement))
}

/**
 * Gives screen readers the verdict when it changes, but not when only its times change.
 *
 * @param {string} what
 * @param {string} text
 */
function speak(what, text) {
  if (what === spoken) return
  spoken = what
  clearTimeout(resting)
  resting = setTimeout(() => put('spoken', text), REST_MILLISECONDS)
}

/**
 * @param {string} id
 * @param {string} text
 */
function put(id, text) {
  const element = byId(id, HTMLElement)
  if (element.textContent !== text) element.textContent = text
}
