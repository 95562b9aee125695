//! One StringOrURI or an array of them ([RFC 7519 section 4.1.3]).
//!
//! [RFC 7519 section 4.1.3]: https://www.rfc-editor.org/rfc/rfc7519#section-4.1.3

use std::borrow::Cow;

use crate::encoding::json::Raw;
use crate::encoding::limits::MAX_AUDIENCES;
use crate::error::{Error, ErrorCode};

use super::wrong_type;

/// For whom a token was made.
#[derive(Clone, Debug)]
pub(crate) enum Audience<'a> {
    One(Cow<'a, str>),
    Many(Vec<Cow<'a, str>>),
}

impl<'a> Audience<'a> {
    /// Reads the claim called `name`.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::ClaimMalformed`] unless it is a string or an array of at least one string;
    /// [`ErrorCode::TokenTooLarge`] for more than the limit.
    pub(crate) fn from_claim(name: &str, value: Raw<'a>) -> Result<Self, Error> {
        if let Some(one) = value.as_str() {
            return Ok(Self::One(one));
        }
        match value.as_strings().filter(|many| !many.is_empty()) {
            None => Err(wrong_type(
                name.to_owned(),
                "string or array of strings",
                value,
            )),
            Some(many) if many.len() > MAX_AUDIENCES => {
                Err(Error::about(ErrorCode::TokenTooLarge, name.to_owned())
                    .expected(MAX_AUDIENCES)
                    .actual(many.len()))
            }
            Some(many) => Ok(Self::Many(many)),
        }
    }

    /// Every audience named.
    pub(crate) fn names(&self) -> &[Cow<'a, str>] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }
}
