//! The refusal of a claim of another JSON type.

use std::borrow::Cow;

use crate::encoding::json::Raw;
use crate::error::{Error, ErrorCode};

/// The refusal of a claim whose JSON type is not `json_type`.
pub fn wrong_type(name: impl Into<Cow<'static, str>>, json_type: &str, value: Raw<'_>) -> Error {
    malformed(name.into(), json_type, value)
}

#[cold]
#[inline(never)]
fn malformed(name: Cow<'static, str>, json_type: &str, value: Raw<'_>) -> Error {
    Error::about(ErrorCode::ClaimMalformed, name)
        .expected(json_type)
        .actual(value.evidence())
}
