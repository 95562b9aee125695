//! Date texts as NumericDates: RFC 3339, and Cashfree's `… IST`.
//!
//! A text without a zone, a date that does not exist, a leap second and hour 24 are refused: an
//! expiry is read exactly or not at all.

use serde_json::Value;

use crate::claims::numeric_date::NumericDate;
use crate::encoding::decimal;

const MINUTE: i64 = 60;
const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;

/// Indian Standard Time, five and a half hours ahead of UTC, all year.
const INDIA: i64 = 5 * HOUR + 30 * MINUTE;

/// Reads a moment from options: a NumericDate, or text as [`rfc3339`] reads it.
pub(crate) fn from_value(value: &Value) -> Option<NumericDate> {
    match value {
        Value::Number(seconds) => seconds.as_f64().and_then(NumericDate::from_secs),
        Value::String(text) => rfc3339(text),
        _ => None,
    }
}

/// Reads an [RFC 3339] `date-time`: `2025-05-05T18:01:05.25+05:30`.
///
/// [RFC 3339]: https://www.rfc-editor.org/rfc/rfc3339#section-5.6
pub(crate) fn rfc3339(text: &str) -> Option<NumericDate> {
    let (date, time) = text.split_at_checked(10)?;
    let time = time.strip_prefix(['T', 't'])?;
    let (clock, rest) = time.split_at_checked(8)?;
    let (fraction, zone) = match rest.strip_prefix('.') {
        None => (0.0, rest),
        Some(rest) => {
            let end = rest.find(|c: char| !c.is_ascii_digit())?;
            let (digits, zone) = rest.split_at_checked(end)?;
            (!digits.is_empty()).then_some(())?;
            (decimal::to_f64(&format!("0.{digits}"))?, zone)
        }
    };
    moment(seconds(date, clock)? - offset(zone)?, fraction)
}

/// Reads Cashfree's `YYYY-MM-DD HH:MM:SS IST`, in which `IST` is +05:30. Elsewhere those three
/// letters also name the time of Israel and of Ireland.
pub(crate) fn cashfree(text: &str) -> Option<NumericDate> {
    let (date, clock) = text.strip_suffix(" IST")?.split_once(' ')?;
    moment(seconds(date, clock)? - INDIA, 0.0)
}

fn moment(seconds: i64, fraction: f64) -> Option<NumericDate> {
    let seconds = decimal::to_f64(&seconds.to_string())?;
    NumericDate::from_secs(seconds + fraction)
}

/// The seconds from the epoch to `YYYY-MM-DD` and `HH:MM:SS` as a clock without a zone shows them.
fn seconds(date: &str, clock: &str) -> Option<i64> {
    let [year, month, day] = fields(date, '-', [4, 2, 2])?;
    let [hour, minute, second] = fields(clock, ':', [2, 2, 2])?;
    let valid = (1..=12).contains(&month)
        && (1..=days_in(year, month)).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60;
    valid.then(|| days(year, month, day) * DAY + hour * HOUR + minute * MINUTE + second)
}

/// The seconds by which `Z` or `±HH:MM` is ahead of UTC.
fn offset(zone: &str) -> Option<i64> {
    if zone == "Z" || zone == "z" {
        return Some(0);
    }
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let [hour, minute] = fields(zone.strip_prefix(['+', '-'])?, ':', [2, 2])?;
    (hour < 24 && minute < 60).then(|| sign * (hour * HOUR + minute * MINUTE))
}

/// Decimal fields of exactly `widths` digits with `separator` between them.
fn fields<const N: usize>(text: &str, separator: char, widths: [usize; N]) -> Option<[i64; N]> {
    let mut parts = text.split(separator);
    let mut numbers = [0; N];
    for (number, width) in numbers.iter_mut().zip(widths) {
        let part = parts.next()?;
        let digits = part.len() == width && part.bytes().all(|octet| octet.is_ascii_digit());
        *number = digits.then(|| part.parse().ok()).flatten()?;
    }
    parts.next().is_none().then_some(numbers)
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn is_leap(year: i64) -> bool {
    (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
}

/// The days from the epoch to a date of the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let leap_days_before = |year: i64| (year - 1) / 4 - (year - 1) / 100 + (year - 1) / 400;
    let years = (year - 1970) * 365 + leap_days_before(year) - leap_days_before(1970);
    let months: i64 = (1..month).map(|month| days_in(year, month)).sum();
    years + months + day - 1
}
