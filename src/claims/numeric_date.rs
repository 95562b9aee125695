//! NumericDate, the time value of `exp`, `nbf` and `iat`.
//!
//! The clock is never read here: the caller passes `now`.

use serde_json::{Number, Value};

use crate::encoding::json;
use crate::encoding::json::Raw;
use crate::error::Error;

use super::wrong_type;

/// A moment: seconds since 1970-01-01T00:00:00Z, leap seconds ignored ([RFC 7519 section 2]).
///
/// Between 0 and the end of the year 9999, so that any two moments compare and milliseconds are
/// noticed. A fraction is allowed, as the RFC allows it.
///
/// [RFC 7519 section 2]: https://www.rfc-editor.org/rfc/rfc7519#section-2
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct NumericDate(f64);

impl NumericDate {
    /// The last moment of the year 9999, in whole seconds.
    pub const LAST: f64 = 253_402_300_799.0;

    /// The moment `secs` seconds after the epoch, or `None` outside 0 to [`Self::LAST`].
    pub fn from_secs(secs: f64) -> Option<Self> {
        (0.0..=Self::LAST).contains(&secs).then_some(Self(secs))
    }

    /// Seconds since the epoch.
    pub const fn secs(self) -> f64 {
        self.0
    }

    /// Reads the claim called `name`.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::ClaimMalformed`] if `value` is not a JSON number in that range.
    ///
    /// [`ErrorCode::ClaimMalformed`]: crate::error::ErrorCode::ClaimMalformed
    #[doc(hidden)]
    pub fn from_claim(name: &'static str, value: Raw<'_>) -> Result<Self, Error> {
        value
            .as_f64()
            .and_then(Self::from_secs)
            .ok_or_else(|| wrong_type(name, "number", value))
    }

    /// How many seconds this moment lies after `earlier`; negative if before.
    #[doc(hidden)]
    pub fn secs_since(self, earlier: Self) -> f64 {
        self.0 - earlier.0
    }

    /// This moment as JSON.
    #[doc(hidden)]
    #[inline]
    pub fn to_value(self) -> Value {
        number(self.0)
    }
}

/// `secs` as a JSON number, written without a fraction if it has none.
// Compiled with the crates that call it, for size.
#[inline]
pub fn number(secs: f64) -> Value {
    if let Some(whole) = whole(secs) {
        return whole.into();
    }
    if secs.fract() != 0.0 {
        return secs.into();
    }
    // A double is written as the shortest text that parses to it, with ".0" if it has no fraction.
    let text = Number::from_f64(secs).map_or_else(String::new, |number| number.to_string());
    json::number(text.strip_suffix(".0").unwrap_or(&text))
}

/// `secs` if it is a whole number, neither negative nor beyond those that are exact.
#[inline]
fn whole(secs: f64) -> Option<u64> {
    /// The biased exponent of 1.0, and the number of bits of the significand.
    const ONE: u64 = 0x3ff;
    const FRACTION_BITS: u64 = 52;
    let bits = secs.to_bits();
    let places = (bits >> FRACTION_BITS)
        .checked_sub(ONE)
        .filter(|places| *places <= FRACTION_BITS)?;
    let digits = (bits & ((1 << FRACTION_BITS) - 1)) | (1 << FRACTION_BITS);
    let fraction = FRACTION_BITS - places;
    (digits & ((1 << fraction) - 1) == 0).then_some(digits >> fraction)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_written_without_an_empty_fraction() {
        for (secs, text) in [
            (0.0, "0"),
            (0.5, "0.5"),
            (1.0, "1"),
            (2.0, "2"),
            (3.0, "3"),
            (1_700_000_000.0, "1700000000"),
            (1_700_000_000.25, "1700000000.25"),
            (NumericDate::LAST, "253402300799"),
            (9_007_199_254_740_991.0, "9007199254740991"),
            (-5.0, "-5"),
            (-0.5, "-0.5"),
        ] {
            assert_eq!(number(secs).to_string(), text);
        }
        for bits in 0..53 {
            let power = 1_u64 << bits;
            let secs: Option<f64> = power.to_string().parse().ok();
            assert_eq!(secs.and_then(whole), Some(power));
        }
    }
}
