//! Safe integers: those that a double represents exactly, as their neighbours.

use crate::decimal::to_f64;

/// The largest integer below which every integer is exactly one double.
pub const MAX_SAFE_INTEGER: f64 = 9_007_199_254_740_991.0;

/// `text` if it is a safe integer in the only spelling that an integer has without an exponent.
pub fn safe_integer(text: &str) -> Option<&str> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_integer = text != "-0" && digits.bytes().all(|octet| octet.is_ascii_digit());
    let number = is_integer.then(|| to_f64(text)).flatten()?;
    (number.abs() <= MAX_SAFE_INTEGER).then_some(text)
}
