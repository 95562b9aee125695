//! Text formats: base64url, JSON, DER, decimal numbers; and the limits on what is read.

pub(crate) mod base64url;
#[cfg_attr(inspection_alone, path = "decimal/host.rs")]
pub(crate) mod decimal;
pub(crate) mod der;
pub(crate) mod json;
pub(crate) mod limits;
#[cfg(not(inspection_alone))]
pub(crate) mod members;
pub(crate) mod misspelling;
pub(crate) mod octets;
pub(crate) mod sha256;
#[cfg(target_feature = "simd128")]
mod vector;
