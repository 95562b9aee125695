//! Audience: one StringOrURI or an array of them ([RFC 7519 section 4.1.3]).
//!
//! [RFC 7519 section 4.1.3]: https://www.rfc-editor.org/rfc/rfc7519#section-4.1.3

use crate::encoding::json::Raw;
use crate::encoding::limits::MAX_AUDIENCES;
use crate::error::{Error, ErrorCode};

use super::wrong_type;

/// For whom a token was made.
#[derive(Clone, Copy, Debug)]
pub struct Audience<'a>(Raw<'a>);

impl<'a> Audience<'a> {
    /// Reads the claim called `name`.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::ClaimMalformed`] unless it is a string or an array of at least one string;
    /// [`ErrorCode::TokenTooLarge`] for more than the limit.
    pub fn from_claim(name: &str, value: Raw<'a>) -> Result<Self, Error> {
        let count = match value.as_str() {
            Some(_) => Some(1),
            None => value.count_strings(),
        };
        match count {
            None | Some(0) => Err(wrong_type(
                name.to_owned(),
                "string or array of strings",
                value,
            )),
            Some(count) if count > MAX_AUDIENCES => {
                Err(Error::about(ErrorCode::TokenTooLarge, name.to_owned())
                    .expected(MAX_AUDIENCES)
                    .actual(count))
            }
            Some(_) => Ok(Self(value)),
        }
    }

    /// Whether `is` holds of any audience named.
    pub fn any(self, is: &dyn Fn(&str) -> bool) -> bool {
        let Self(value) = self;
        let is_one = |value: Raw<'_>| value.as_str().is_some_and(|name| is(&name));
        is_one(value) || value.elements().is_some_and(|mut names| names.any(is_one))
    }
}
