/**
 * Moments and durations, in words.
 *
 * @module
 */

const UNITS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 31_556_952],
  ['month', 2_629_746],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
]

/** The last second of the year 9999: the largest NumericDate that the core accepts. */
export const LAST_SECOND = 253_402_300_799

/** In place of a time that a refusal does not state, or that is no date. */
const UNKNOWN = 'an unknown time'

/** A NumericDate in UTC: "2023-11-14 22:13:20 UTC". */
export function utc(moment: number): string {
  if (!(moment >= 0 && moment <= LAST_SECOND)) return UNKNOWN
  return new Date(moment * 1000)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, ' UTC')
}

/**
 * "in 14 minutes", "3 hours ago".
 *
 * @param seconds From now.
 */
export function relative(seconds: number): string {
  const whole = Math.trunc(seconds)
  if (!Number.isFinite(whole)) return `at ${UNKNOWN}`
  if (whole === 0) return 'just now'
  const [unit, size] = UNITS.find(([, size]) => Math.abs(whole) >= size) ?? (['second', 1] as const)
  const count = Math.trunc(Math.abs(whole) / size)
  const words = `${count} ${unit}${count === 1 ? '' : 's'}`
  return whole < 0 ? `${words} ago` : `in ${words}`
}

/** "15 minutes", "1 day and 2 hours". */
export function duration(seconds: number): string {
  let rest = Math.abs(Math.round(seconds))
  if (!Number.isFinite(rest)) return UNKNOWN
  const words: string[] = []
  for (const [unit, size] of UNITS) {
    const count = Math.floor(rest / size)
    if (count === 0) continue
    words.push(`${count} ${unit}${count === 1 ? '' : 's'}`)
    rest -= count * size
    if (words.length === 2) break
  }
  return words.length === 0 ? '0 seconds' : words.join(' and ')
}
