// @ts-check
/**
 * The engraving: fine lines as on security paper. The rosette is drawn from the token, so that two tokens seldom look
 * alike; it proves nothing and is hidden from assistive technology.
 *
 * @module
 */

const SVG = 'http://www.w3.org/2000/svg'

/**
 * Draws the rosette of a text.
 *
 * @param {Element} svg
 * @param {string} text
 * @param {boolean} broken Shears it into bands, for what is refused.
 */
export function drawRosette(svg, text, broken) {
  const [a, b, c] = numbersOf(text)
  const petals = 7 + (a % 9)
  const inner = 3 + (b % 5)
  const depth = 0.16 + (c % 100) / 700
  svg.setAttribute('viewBox', '-110 -110 220 220')
  const paths = Array.from({ length: 7 }, (_, ring) => {
    const size = 100 - ring * 10
    const shift = (ring * Math.PI) / (petals * 3.5)
    return line(360, (turn) => {
      const angle = turn * Math.PI * 2
      const radius = size * (1 - depth + depth * Math.cos(petals * angle + shift * petals) * Math.cos(inner * angle))
      const y = radius * Math.sin(angle)
      const sheared = broken ? Math.sign(Math.sin(y / 9)) * 5 : 0
      return [radius * Math.cos(angle) + sheared, y]
    })
  })
  svg.replaceChildren(...paths)
}

/**
 * Draws the waves of the masthead.
 *
 * @param {Element} svg
 */
export function drawWaves(svg) {
  svg.setAttribute('viewBox', '0 0 900 240')
  svg.setAttribute('preserveAspectRatio', 'xMaxYMid slice')
  const waves = Array.from({ length: 26 }, (_, index) =>
    line(180, (turn) => {
      const x = turn * 900
      const phase = (index * Math.PI) / 13
      const swell = 78 * Math.sin((x / 900) * Math.PI * 2.2 + phase) * Math.sin((x / 900) * Math.PI * 1.1 + 0.4)
      return [x, 120 + swell + 26 * Math.sin((x / 900) * Math.PI * 7 - phase)]
    }),
  )
  svg.replaceChildren(...waves)
}

/**
 * @param {number} steps
 * @param {(turn: number) => [number, number]} point
 */
function line(steps, point) {
  const path = document.createElementNS(SVG, 'path')
  const points = Array.from({ length: steps + 1 }, (_, index) => point(index / steps))
  path.setAttribute('d', `M${points.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join('L')}`)
  return path
}

/**
 * A mark of the outcome of a check.
 *
 * @param {'pass' | 'fail' | 'not_checked'} outcome
 */
export function mark(outcome) {
  const shape = { pass: 'M2 9l4 4 8-10', fail: 'M3 3l10 10M13 3L3 13', not_checked: 'M4 8h8' }[outcome]
  const svg = document.createElementNS(SVG, 'svg')
  const path = document.createElementNS(SVG, 'path')
  path.setAttribute('d', shape)
  svg.setAttribute('viewBox', '0 0 16 16')
  svg.setAttribute('aria-hidden', 'true')
  svg.append(path)
  return svg
}

/**
 * Three numbers that depend on every character (FNV-1a).
 *
 * @param {string} text
 * @returns {[number, number, number]}
 */
function numbersOf(text) {
  let hash = 0x811c9dc5
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193)
  return [(hash >>> 22) & 1023, (hash >>> 11) & 1023, hash & 1023]
}
