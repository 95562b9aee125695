// @ts-check
/**
 * Shows outcomes in a terminal: a table where it is wide enough, otherwise a list.
 *
 * @module
 */

/** @typedef {import('./job.js').Outcome} Outcome */

/** @typedef {'plain' | 'good' | 'bad' | 'dim' | 'strong'} Ink */

/** @typedef {{ text: string, ink?: Ink, right?: boolean }} Cell */

const INKS = { plain: '', good: '32', bad: '1;31', dim: '2', strong: '1' }

const HEADINGS = ['system', 'obtained by', 'evidence', 'scope or binding', 'time left', 'verdict', 'median']

/**
 * @param {readonly Outcome[]} outcomes
 * @param {{ columns: number, colour: boolean }} screen `columns` may be Infinity.
 * @returns {string}
 */
export function table(outcomes, { columns, colour }) {
  const rows = outcomes.map(cellsOf)
  const widths = HEADINGS.map((heading, index) =>
    Math.max(heading.length, ...rows.map((row) => row[index]?.text.length ?? 0)),
  )
  const total = widths.reduce((sum, width) => sum + width + 2, -2)
  const paint = painter(colour)
  return total <= columns ? wide(outcomes, rows, widths, total, paint) : narrow(outcomes, rows, columns, paint)
}

/**
 * @param {readonly Outcome[]} outcomes
 * @param {Cell[][]} rows
 * @param {number[]} widths
 * @param {number} total
 * @param {ReturnType<typeof painter>} paint
 */
function wide(outcomes, rows, widths, total, paint) {
  const line = (/** @type {Cell[]} */ cells) =>
    cells
      .map((cell, index) => paint(padded(cell, widths[index] ?? 0), cell.ink))
      .join('  ')
      .trimEnd()
  const headings = HEADINGS.map((text, index) => ({
    text,
    ink: /** @type {const} */ ('dim'),
    right: index === HEADINGS.length - 1,
  }))
  const longest = Math.max(...outcomes.flatMap(({ refusals }) => refusals.map(({ what }) => what.length)))
  const blocks = outcomes.map((outcome, index) => {
    const refused = outcome.refusals.map(
      (refusal) => `${paint(`   ${refusal.what.padEnd(longest)}`, 'dim')}  ${refusedText(refusal, paint)}`,
    )
    return [line(rows[index] ?? []), ...refused].join('\n')
  })
  const rule = paint('─'.repeat(total), 'dim')
  return [line(headings), rule, blocks.join('\n\n'), rule].join('\n')
}

/**
 * @param {readonly Outcome[]} outcomes
 * @param {Cell[][]} rows
 * @param {number} columns
 * @param {ReturnType<typeof painter>} paint
 */
function narrow(outcomes, rows, columns, paint) {
  const rule = paint('─'.repeat(Math.min(columns, 60)), 'dim')
  const blocks = outcomes.map((outcome, index) => {
    const [system, ...details] = rows[index] ?? []
    const lines = details.map(({ text, ink }, at) => {
      const label = `  ${HEADINGS[at + 1]}`.padEnd(20)
      return label.length + text.length <= columns
        ? `${paint(label, 'dim')}${paint(text, ink)}`
        : `${paint(label.trimEnd(), 'dim')}\n    ${paint(text, ink)}`
    })
    const refused = outcome.refusals.map(
      (refusal) => `  ${paint(refusal.what, 'dim')}\n    ${refusedText(refusal, paint)}`,
    )
    return [paint(system?.text ?? '', 'strong'), ...lines, ...refused].join('\n')
  })
  return [rule, blocks.join(`\n${rule}\n`), rule].join('\n')
}

/**
 * @param {Outcome['refusals'][number]} refusal
 * @param {ReturnType<typeof painter>} paint
 */
function refusedText({ good, verdict }, paint) {
  return paint(`${mark(good)} ${verdict}`, good ? 'plain' : 'bad')
}

/**
 * @param {Outcome} outcome
 * @returns {Cell[]}
 */
function cellsOf(outcome) {
  return [
    { text: outcome.system, ink: 'strong' },
    { text: outcome.obtained },
    { text: outcome.evidence },
    { text: outcome.shows },
    { text: outcome.secondsLeft === null ? '' : duration(outcome.secondsLeft) },
    { text: `${mark(outcome.good)} ${outcome.verdict}`, ink: outcome.good ? 'good' : 'bad' },
    { text: microseconds(outcome.microseconds), right: true },
  ]
}

/** @param {boolean} good */
function mark(good) {
  return good ? '✓' : '✗'
}

/**
 * @param {Cell} cell
 * @param {number} width
 */
function padded({ text, right = false }, width) {
  return right ? text.padStart(width) : text.padEnd(width)
}

/** @param {number} seconds */
function duration(seconds) {
  const minutes = Math.round(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  const rest = minutes % 60
  return rest === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${rest} min`
}

/** @param {number} value */
function microseconds(value) {
  return `${value < 10 ? value.toFixed(1) : value.toFixed(0)} µs`
}

/** @param {boolean} colour */
function painter(colour) {
  return (/** @type {string} */ text, /** @type {Ink} */ ink = 'plain') =>
    colour && ink !== 'plain' ? `\x1b[${INKS[ink]}m${text}\x1b[0m` : text
}
