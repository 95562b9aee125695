// @ts-check
/**
 * The decorations of the page. The rosette is drawn from the token, so that different tokens look different. It proves
 * nothing and is hidden from assistive technology.
 *
 * @module
 */

const SVG = 'http://www.w3.org/2000/svg'

/**
 * Draws the rosette of a text: rings of interlaced waves.
 *
 * @param {Element} svg
 * @param {string} text
 * @param {boolean} torn Whether it is drawn in two halves, for a refusal.
 */
export function drawRosette(svg, text, torn) {
  const [a, b, c] = numbersOf(text)
  const petals = 6 + (a % 8)
  const rings = [
    { radius: 78, depth: 20, petals: petals * 2, lines: 9 },
    { radius: 52, depth: 9 + (c % 9), petals: petals + 3, lines: 7 },
    { radius: 26, depth: 6 + (b % 9), petals, lines: 6 },
  ]
  svg.setAttribute('viewBox', '-104 -104 208 208')
  svg.replaceChildren(
    ...rings.flatMap(({ radius, depth, petals: waves, lines }) =>
      Array.from({ length: lines }, (_, index) => {
        const phase = (index * Math.PI * 2) / lines
        return line(
          300,
          (turn) => {
            const angle = turn * Math.PI * 2
            const reach = radius + depth * Math.sin(waves * angle + phase) * (0.75 + 0.25 * Math.cos(3 * angle + b))
            return [reach * Math.cos(angle), reach * Math.sin(angle)]
          },
          torn ? tear : undefined,
        )
      }),
    ),
  )
}

/**
 * Moves what lies below the tear.
 *
 * @param {[number, number]} point
 * @returns {{ point: [number, number], below: boolean }}
 */
function tear([x, y]) {
  const below = y > 5 * Math.sin(x / 6) - x * 0.35
  return { point: below ? [x + 7, y + 9] : [x - 5, y - 4], below }
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
 * @param {(turn: number) => [number, number]} at
 * @param {typeof tear} [cut]
 */
function line(steps, at, cut = (point) => ({ point, below: false })) {
  const path = document.createElementNS(SVG, 'path')
  const points = Array.from({ length: steps + 1 }, (_, index) => cut(at(index / steps)))
  const moves = points.map(({ point: [x, y], below }, index) => {
    const joined = index > 0 && points[index - 1]?.below === below
    return `${joined ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`
  })
  path.setAttribute('d', moves.join(''))
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
