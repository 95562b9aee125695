// @ts-check
/**
 * Dates by table, both sides of each rule: RFC 3339 for every receipt, `… IST` for Cashfree's.
 *
 * @module
 */

import { keys, NOW, ok, secret, typeError, write } from './lib.js'

const key = secret(keys.hs256)

/** @type {Record<string, any>[]} */
const vectors = []

/**
 * A receipt that expires at `text`, made five minutes before.
 * @param {string} text @param {number | undefined} seconds What it means, or undefined for nothing.
 * @param {string} why @param {string} [ref] @param {number} [now]
 */
function date(text, seconds, why, ref = 'RFC 3339 section 5.6', now = (seconds ?? 1706875200) - 300) {
  vectors.push({
    name: `${JSON.stringify(text)}: ${why}`,
    ref,
    call: 'countersign',
    arguments: ['opaque', { expires: text, bind: { id: '1' }, now }, key],
    answer: seconds === undefined ? typeError('expires') : ok({ claims: { exp: seconds } }),
  })
}

/**
 * The same for `receipts.cashfree`. @param {string} text @param {number | undefined} seconds
 * @param {string} why @param {string} [ref]
 */
function cashfree(text, seconds, why, ref = 'systems.md B') {
  const now = (seconds ?? 1706875200) - 300
  vectors.push({
    name: `Cashfree’s ${JSON.stringify(text)}: ${why}`,
    ref,
    call: 'receipts.cashfree',
    arguments: [{ appId: 'app-1', environment: 'sandbox', vkycRequestId: '1', expires: text, now }],
    answer: seconds === undefined ? typeError('expires') : ok({ expires: seconds }),
  })
}

/** @param {string} text */
const utc = (text) => Date.parse(text) / 1000
const AT = 1706875200

// A moment and its spellings
date('2024-02-02T12:00:00Z', AT, 'UTC')
date('2024-02-02t12:00:00z', AT, 'lower case is allowed')
date('2024-02-02T12:00:00z', AT, 'a lower-case zone is allowed')
date('2024-02-02T17:30:00+05:30', AT, 'an offset ahead of UTC')
date('2024-02-02T04:00:00-08:00', AT, 'an offset behind UTC')
date('2024-02-02T12:00:00+00:00', AT, 'an offset of nothing')
date('2024-02-02T12:00:00-00:00', AT, 'UTC from nowhere in particular', 'RFC 3339 section 4.3')
date('2024-02-03T11:59:00+23:59', AT, 'the largest offset')
date('2024-02-01T12:01:00-23:59', AT, 'the smallest offset')
date('2024-02-02T12:00:00.5Z', AT + 0.5, 'a fraction')
date('2024-02-02T12:00:00.000Z', AT, 'a fraction of nothing')
date('2024-02-02T12:00:00.250+00:00', AT + 0.25, 'a fraction and an offset')
date('2024-02-02T12:00:00.000000000Z', AT, 'nanoseconds')

// No zone, no answer
for (const text of [
  '2024-02-02T12:00:00',
  '2024-02-02 12:00:00',
  '2024-02-02',
  '2024-02-02T12:00:00.5',
  '20240202T120000',
]) {
  date(text, undefined, 'no zone, no answer', 'pkg/src/types.ts Receipt.expires')
}
for (const zone of [
  'IST',
  ' IST',
  'UTC',
  ' UTC',
  'GMT',
  ' +05:30',
  '+0530',
  '+05',
  '+5:30',
  '+05:3',
  '+05:30Z',
  'Z+05:30',
  'ZZ',
  '05:30',
  '−05:30',
  '+24:00',
  '+05:60',
  '+99:99',
  '+05:30:00',
  'A',
  '[Asia/Kolkata]',
  'Z[UTC]',
  '+05.30',
]) {
  date(`2024-02-02T12:00:00${zone}`, undefined, 'no zone of RFC 3339')
}
date('2024-02-02 17:30:00 IST', undefined, 'IST is Cashfree’s alone', 'pkg/src/receipts.ts receipts.cashfree')

// The calendar
date('2024-02-29T00:00:00Z', utc('2024-02-29T00:00:00Z'), 'a leap year has a 29 February')
date('2023-02-29T00:00:00Z', undefined, 'another year has none')
date('2024-02-30T00:00:00Z', undefined, 'February has no 30th')
date('2000-02-29T00:00:00Z', utc('2000-02-29T00:00:00Z'), 'a century that 400 divides is a leap year')
date('2100-02-28T00:00:00Z', utc('2100-02-28T00:00:00Z'), 'the last February day of 2100')
date('2100-02-29T00:00:00Z', undefined, 'another century is none', undefined, utc('2100-02-28T00:00:00Z'))
date('2024-12-31T23:59:59Z', utc('2024-12-31T23:59:59Z'), 'the last second of a year')
date('2025-01-01T00:00:00Z', utc('2025-01-01T00:00:00Z'), 'the first second of a year')
date('2024-03-01T00:00:00Z', utc('2024-03-01T00:00:00Z'), 'the day after 29 February')
for (const [month, last] of /** @type {[string, number][]} */ ([
  ['01', 31],
  ['03', 31],
  ['04', 30],
  ['05', 31],
  ['06', 30],
  ['07', 31],
  ['08', 31],
  ['09', 30],
  ['10', 31],
  ['11', 30],
  ['12', 31],
])) {
  date(`2024-${month}-${last}T12:00:00Z`, utc(`2024-${month}-${last}T12:00:00Z`), 'the last day of its month')
  date(`2024-${month}-${last + 1}T12:00:00Z`, undefined, 'no day of its month')
}
date('2024-00-10T12:00:00Z', undefined, 'no month 0')
date('2024-13-10T12:00:00Z', undefined, 'no month 13')
date('2024-02-00T12:00:00Z', undefined, 'no day 0')
date('2024-02-03T04:59:00+23:59', utc('2024-02-02T05:00:00Z'), 'an offset across midnight')
date('2024-03-01T01:00:00+05:30', utc('2024-02-29T19:30:00Z'), 'an offset across 29 February')
date('2024-12-31T20:00:00-08:00', utc('2025-01-01T04:00:00Z'), 'an offset across a year')

// The clock
date('2024-02-02T23:59:59Z', utc('2024-02-02T23:59:59Z'), 'the last second of a day')
date('2024-02-02T00:00:00Z', utc('2024-02-02T00:00:00Z'), 'the first second of a day')
date('2024-02-02T24:00:00Z', undefined, 'no hour 24')
date('2024-02-02T24:00:01Z', undefined, 'no second after hour 24')
date('2024-02-02T12:60:00Z', undefined, 'no minute 60')
date('2024-02-02T12:00:60Z', undefined, 'no leap second at noon')
date('2024-02-02T12:00:61Z', undefined, 'no second 61')
date('2024-02-02T23:59:60Z', undefined, 'no leap second on that day')

date('2024-06-30T23:59:60Z', undefined, 'no leap second on that day, at the end of a half-year')
date('2016-12-31T23:59:60Z', undefined, 'a leap second has no NumericDate', 'RFC 7519 section 2', 1483228000)
date('2016-12-31T23:59:59Z', 1483228799, 'the second before a leap second')

// The form
for (const text of [
  '',
  '2024-02-02 12:00:00Z',
  ' ',
  'soon',
  '1706875200',
  '1706875200Z',
  '2024-02-02T12:00Z',
  '2024-02-02T12Z',
  '2024-2-2T12:00:00Z',
  '24-02-02T12:00:00Z',
  '02024-02-02T12:00:00Z',
  '+2024-02-02T12:00:00Z',
  '-2024-02-02T12:00:00Z',
  '2024/02/02T12:00:00Z',
  '2024-02-02T12.00.00Z',
  '2024-02-02T1:00:00Z',
  '2024-02-02T12:00:0Z',
  '2024-02-02T12:00:00.Z',
  '2024-02-02T12:00:00,5Z',
  '2024-02-02T12:00:00.5.5Z',
  ' 2024-02-02T12:00:00Z',
  '2024-02-02T12:00:00Z ',
  '2024-02-02T12:00:00Z\n',
  '2024-02-02T12:00:00 Z',
  '2024-02-02TT12:00:00Z',
  '2024-02-02_12:00:00Z',
  '2024-033T12:00:00Z',
  '2024-W05-5T12:00:00Z',
  'Fri, 02 Feb 2024 12:00:00 GMT',
  'Fri Feb 02 2024 12:00:00 GMT+0000',
  '02/02/2024 12:00:00',
  '２０２４-02-02T12:00:00Z',
  '2024-02-02T12:00:00Ｚ',
  '2024-02-02T-1:00:00Z',
  '2024-02-02T12:00:+1Z',
]) {
  date(text, undefined, 'not the form of RFC 3339')
}
date('0000-01-01T00:00:00Z', undefined, 'before the epoch', 'RFC 7519 section 2', 0)
date('1969-12-31T23:59:59Z', undefined, 'before the epoch', 'RFC 7519 section 2', 0)
date('1970-01-01T00:00:01Z', 1, 'a second after the epoch', 'RFC 7519 section 2', 0)
date('9999-12-31T23:59:59Z', 253402300799, 'the last second there is', 'RFC 7519 section 2')
date('9999-12-31T23:59:59-00:01', undefined, 'past the last second there is', 'RFC 7519 section 2', 253402300700)

// Near and far
date('2023-11-14T22:13:21Z', NOW + 1, 'a second ahead', 'pkg/src/types.ts Receipt.expires', NOW)
date(
  '2023-11-14T22:13:20Z',
  undefined,
  'this very second, on which it expires',
  'pkg/src/types.ts Receipt.expires',
  NOW,
)
date('2023-11-14T22:13:19Z', undefined, 'a second past', 'pkg/src/types.ts Receipt.expires', NOW)
date('2024-11-13T22:13:20Z', utc('2024-11-13T22:13:20Z'), '365 days ahead', 'pkg/src/types.ts Receipt.expires', NOW)
date('2024-11-14T22:13:20Z', utc('2024-11-14T22:13:20Z'), 'a year ahead', 'pkg/src/types.ts Receipt.expires', NOW)
date('2024-11-14T22:13:21Z', undefined, 'a second beyond a year', 'pkg/src/types.ts Receipt.expires', NOW)

// Cashfree's own form
cashfree('2024-02-02 17:30:00 IST', AT, 'India’s time, +05:30', 'systems.md B V2')
cashfree('2024-02-02 00:00:00 IST', AT - 63000, 'a midnight in India is the day before in UTC')
cashfree('2024-02-29 23:59:59 IST', utc('2024-02-29T18:29:59Z'), 'a leap year has a 29 February')
cashfree('2024-01-01 05:29:59 IST', utc('2023-12-31T23:59:59Z'), 'a second before UTC’s new year')
cashfree('2024-01-01 05:30:00 IST', utc('2024-01-01T00:00:00Z'), 'UTC’s new year')
cashfree('2025-05-05T18:01:05+05:30', 1746448265, 'RFC 3339 is read too', 'systems.md B V1')
cashfree('2024-02-02T12:00:00Z', AT, 'RFC 3339 in UTC is read too')
const I9 = 'systems.md B I9'
for (const text of [
  '2024-02-30 17:30:00 IST',
  '2023-02-29 17:30:00 IST',
  '2024-02-02 24:00:01 IST',
  '2024-02-02 24:00:00 IST',
  '2024-02-02 17:30:60 IST',
  '2024-02-02 17:60:00 IST',
  '2024-13-02 17:30:00 IST',
  '2024-00-02 17:30:00 IST',
  '2024-02-02 17:30 IST',
  '2024-02-02 5:30 PM IST',
  '2024-02-02 05:30:00 PM IST',
]) {
  cashfree(text, undefined, 'no such moment', I9)
}
const I10 = 'systems.md B I10'
for (const text of [
  '2024-02-02 17:30:00 ist',
  '2024-02-02 17:30:00 Ist',
  '2024-02-02 17:30:00\u00a0IST',
  '2024-02-02 17:30:00\tIST',
  '2024-02-02 17:30:00  IST',
  '2024-02-02  17:30:00 IST',
  '2024-02-02 17:30:00IST',
  ' 2024-02-02 17:30:00 IST',
  '2024-02-02 17:30:00 IST ',
  '2024-02-02 17:30:00 IST\n',
  '2024-02-02 17:30:00',
  '2024-02-02T17:30:00',
  '2024-02-02T17:30:00 IST',
  '2024-02-02 17:30:00 UTC',
  '2024-02-02 17:30:00 GMT',
  '2024-02-02 17:30:00 IDT',
  '2024-02-02 17:30:00 +05:30 IST',
  '2024-02-02 17:30:00 IST+05:30',
  '2024-02-02T17:30:00+0530',
  '2024-02-02T17:30:00+05:30Z',
  '24-02-02 17:30:00 IST',
  '02-02-2024 17:30:00 IST',
  '2024/02/02 17:30:00 IST',
  '2024-02-02 17:30:00 ΙST',
]) {
  cashfree(text, undefined, 'not the form that Cashfree writes', I10)
}

write('dates.json', vectors)
