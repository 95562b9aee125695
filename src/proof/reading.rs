//! Reading of a proof's JSON, and the refusal of a member.

use crate::encoding::json::Object;
use crate::error::{Error, ErrorCode};

/// The JSON object in `octets`.
pub(super) fn object(octets: &[u8]) -> Option<Object<'_>> {
    Object::parse(std::str::from_utf8(octets).ok()?)
}

pub(super) fn invalid(name: &'static str) -> Error {
    Error::about(ErrorCode::ProofInvalid, name)
}
