// @ts-check
/**
 * Medians, spreads and ratios of rounds.
 *
 * @module
 */

/**
 * @typedef {{ median: number, low: number, high: number }} Figure The median, and the quartiles on either side of it.
 */

/** @param {readonly number[]} numbers At least one. @returns {Figure} */
export function figure(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b)
  return { median: at(sorted, 0.5), low: at(sorted, 0.25), high: at(sorted, 0.75) }
}

/**
 * How many times as fast as `theirs` `ours` is, round by round.
 *
 * @param {readonly number[]} theirs Time of one thing, for each round.
 * @param {readonly number[]} ours
 */
export function ratio(theirs, ours) {
  return figure(theirs.map((time, round) => time / Number(ours[round])))
}

/**
 * The straight line through points, by least squares.
 *
 * @param {readonly { x: number, y: number }[]} points
 * @returns {{ slope: number, intercept: number, r2: number }} `r2`: the share of the variance that the line explains.
 */
export function line(points) {
  const mean = (/** @type {(point: { x: number, y: number }) => number} */ read) =>
    points.reduce((total, point) => total + read(point), 0) / points.length
  const x = mean((point) => point.x)
  const y = mean((point) => point.y)
  const xx = mean((point) => (point.x - x) ** 2)
  const xy = mean((point) => (point.x - x) * (point.y - y))
  const yy = mean((point) => (point.y - y) ** 2)
  const slope = xy / xx
  return { slope, intercept: y - slope * x, r2: xy ** 2 / (xx * yy) }
}

/** @param {readonly number[]} sorted @param {number} share */
function at(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}
