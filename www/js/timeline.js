// @ts-check
/**
 * The lifetime of a token as a slider that sets “now”.
 *
 * @module
 */

import { byId } from './dom.js'
import { clock, duration, relative } from './time.js'

const STEPS = 1000

/** The range of the slider, in seconds since the epoch. @type {{ from: number, to: number } | undefined} */
let span

/**
 * Calls `moved` with the moment that the slider is set to, or with undefined for the present.
 *
 * @param {(now: number | undefined) => void} moved
 */
export function startTimeline(moved) {
  const slider = byId('now', HTMLInputElement)
  slider.addEventListener('input', () => {
    if (span === undefined) return
    moved(Math.round(span.from + ((span.to - span.from) * Number(slider.value)) / STEPS))
  })
  byId('live', HTMLButtonElement).addEventListener('click', () => {
    moved(undefined)
    slider.focus()
  })
}

/**
 * @param {import('countersign').Inspection['time']} time
 * @param {number} now
 * @param {boolean} pinned Whether the slider was moved.
 */
export function showTimeline(time, now, pinned) {
  const timeline = byId('timeline', HTMLElement)
  const begin = time?.notBefore ?? time?.issuedAt ?? null
  const end = time?.expiresAt ?? null
  timeline.hidden = time === undefined || (begin === null && end === null)
  if (timeline.hidden) {
    span = undefined
    return
  }
  span = spanOf(begin, end)
  const { from, to } = span
  const share = (/** @type {number} */ moment) => Math.min(1, Math.max(0, (moment - from) / (to - from)))
  const life = byId('life', HTMLElement)
  const [start, stop] = [share(begin ?? from), end === null ? 1 : share(end)]
  life.style.insetInlineStart = `${start * 100}%`
  life.style.inlineSize = `${(stop - start) * 100}%`
  life.classList.toggle('open', end === null)
  byId('from-label', HTMLElement).textContent =
    begin === null ? 'no start' : `${time?.notBefore === null ? 'issued' : 'valid from'} ${clock(begin)}`
  byId('to-label', HTMLElement).textContent = end === null ? 'never expires' : `expires ${clock(end)}`
  const slider = byId('now', HTMLInputElement)
  const value = String(Math.round(share(now) * STEPS))
  if (slider.value !== value) slider.value = value
  const label = pinned ? `as if it were ${clock(now)}` : `it is ${clock(now)}${outside(now, span, begin, end)}`
  slider.setAttribute(
    'aria-valuetext',
    end === null
      ? label
      : `${label}, ${relative(now - end)
          .replace('ago', 'before it expires')
          .replace(/^in (.*)/, '$1 after it expired')}`,
  )
  byId('now-label', HTMLElement).textContent = label
  byId('live', HTMLButtonElement).hidden = !pinned
}

/**
 * @param {number | null} begin
 * @param {number | null} end
 */
function spanOf(begin, end) {
  if (begin !== null && end !== null && end > begin) {
    const life = end - begin
    return { from: begin - life * 0.12, to: end + life * 0.25 }
  }
  const one = begin ?? end ?? 0
  return { from: one - (end === null ? 600 : 3600), to: one + (end === null ? 7200 : 1200) }
}

/**
 * How far the present is from the token's lifetime, if the slider does not reach it.
 *
 * @param {number} now
 * @param {{ from: number, to: number }} span
 * @param {number | null} begin
 * @param {number | null} end
 */
function outside(now, { from, to }, begin, end) {
  if (now > to) {
    return end === null
      ? `, ${duration(now - (begin ?? now))} after it was issued`
      : `, ${duration(now - end)} after it expired`
  }
  if (now >= from) return ''
  return begin === null
    ? `, ${duration((end ?? now) - now)} before it expires`
    : `, ${duration(begin - now)} before its lifetime begins`
}
