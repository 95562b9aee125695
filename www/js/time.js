// @ts-check
/**
 * Moments in local time; relative times and durations as the command line words them.
 *
 * @module
 */

import { duration, LAST_SECOND, relative, utc } from '../../pkg/dist/cli/moments.js'

export { duration, relative }

const LOCAL = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'long' })
const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })
const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' })

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
  if (!(moment >= 0 && moment <= LAST_SECOND))
    return { local: 'not a date', utc: 'not a date', relative: 'out of range' }
  const date = new Date(moment * 1000)
  return {
    local: LOCAL.format(date),
    utc: utc(moment),
    relative: relative(moment - now),
  }
}

/**
 * A time of day, with the date unless it is today.
 *
 * @param {number} moment
 */
export function clock(moment) {
  if (!(Math.abs(moment) <= LAST_SECOND)) return UNKNOWN
  const date = new Date(moment * 1000)
  const today = DAY.format(date) === DAY.format(new Date())
  return today ? CLOCK.format(date) : `${DAY.format(date)}, ${CLOCK.format(date)}`
}
