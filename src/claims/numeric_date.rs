//! NumericDate, the time value of `exp`, `nbf` and `iat`.
//!
//! The clock is never read here: the caller passes `now`.

use serde_json::Value;

use crate::encoding::json::{self, Raw};
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
    /// [`ErrorCode::ClaimMalformed`]: crate::ErrorCode::ClaimMalformed
    pub(crate) fn from_claim(name: &'static str, value: Raw<'_>) -> Result<Self, Error> {
        value
            .as_f64()
            .and_then(Self::from_secs)
            .ok_or_else(|| wrong_type(name, "number", value))
    }

    /// How many seconds this moment lies after `earlier`; negative if before.
    pub(crate) fn secs_since(self, earlier: Self) -> f64 {
        self.0 - earlier.0
    }

    /// This moment as JSON.
    pub(crate) fn to_value(self) -> Value {
        number(self.0)
    }
}

/// `secs` as the number a person would write: without a fraction if it has none.
pub(crate) fn number(secs: f64) -> Value {
    // A double is written as the shortest text that reads as it, with ".0" where it has no fraction.
    let text = Value::from(secs).to_string();
    json::number(text.strip_suffix(".0").unwrap_or(&text))
}
