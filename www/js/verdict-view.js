// @ts-check
/**
 * The verdict: one word and one sentence, on the page, in the strip at its foot, and spoken once.
 *
 * @module
 */

import { byId } from './dom.js'
import { drawRosette } from './rosette.js'

/** How long typing has to rest before the verdict is spoken. */
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
  put(
    'code',
    error === undefined ? '' : `${error.code}${error.claim === undefined ? '' : ` (${error.claim})`}`,
  )
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

/** Shows the strip while the verdict itself is out of sight. */
export function startStrip() {
  const strip = byId('strip', HTMLElement)
  const watch = new IntersectionObserver(([entry]) => {
    strip.classList.toggle('shown', entry?.isIntersecting === false)
  })
  watch.observe(byId('word', HTMLElement))
}

/**
 * Speaks when the verdict changes, not when its seconds do.
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
