// @ts-check
/**
 * Moments and durations, in words.
 *
 * @module
 */

/** @type {readonly [Intl.RelativeTimeFormatUnit, number][]} */
const UNITS = [
  ['year', 31_556_952],
  ['month', 2_629_746],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
]

const RELATIVE = new Intl.RelativeTimeFormat('en', { numeric: 'always' })
const LOCAL = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'long' })
const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })
const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' })

/** The last second of the year 9999: the largest NumericDate that the core accepts. */
const LAST = 253_402_300_799

/** In place of a time that a refusal does not state, or that is no date. */
const UNKNOWN = 'an unknown time'

/**
 * A moment in local time, in UTC, and from `now`.
 *
 * @param {number} moment Seconds since the Unix epoch.
 * @param {number} now
 * @returns {{ local: string, utc: string, relative: string }}
 */
export function moment(moment, now) {
  if (!(moment >= 0 && moment <= LAST)) return { local: 'not a date', utc: 'not a date', relative: 'out of range' }
  const date = new Date(moment * 1000)
  return {
    local: LOCAL.format(date),
    utc: date
      .toISOString()
      .replace('T', ' ')
      .replace('.000Z', ' UTC')
      .replace(/\.\d+Z$/, ' UTC'),
    relative: relative(moment - now),
  }
}

/**
 * A time of day, with the date unless it is today.
 *
 * @param {number} moment
 */
export function clock(moment) {
  if (!(Math.abs(moment) <= LAST)) return UNKNOWN
  const date = new Date(moment * 1000)
  const today = DAY.format(date) === DAY.format(new Date())
  return today ? CLOCK.format(date) : `${DAY.format(date)}, ${CLOCK.format(date)}`
}

/**
 * "in 14 minutes", "3 hours ago".
 *
 * @param {number} seconds From now.
 */
export function relative(seconds) {
  const whole = Math.trunc(seconds)
  if (!Number.isFinite(whole)) return `at ${UNKNOWN}`
  const [unit, size] = UNITS.find(([, size]) => Math.abs(whole) >= size) ?? ['second', 1]
  return RELATIVE.format(Math.trunc(whole / size), unit)
}

/**
 * "15 minutes", "1 day and 2 hours".
 *
 * @param {number} seconds
 */
export function duration(seconds) {
  let rest = Math.abs(Math.round(seconds))
  if (!Number.isFinite(rest)) return UNKNOWN
  const words = []
  for (const [unit, size] of UNITS) {
    const count = Math.floor(rest / size)
    if (count === 0) continue
    words.push(`${count} ${unit}${count === 1 ? '' : 's'}`)
    rest -= count * size
    if (words.length === 2) break
  }
  return words.length === 0 ? '0 seconds' : words.join(' and ')
}
