//! Text formats: base64url, JSON, DER, decimal numbers; and the limits on what is read.

#![expect(
    missing_docs,
    reason = "the crate is a part of countersign, and has no other users"
)]

// The paths of this crate are those of the module that it is for the core.
extern crate self as encoding;

pub mod base64url;
pub mod der;
pub mod json;
pub mod limits;
pub mod mac;
pub mod misspelling;
pub mod octets;
pub mod safe_integer;
pub mod sha256;

#[cfg(target_feature = "simd128")]
use countersign_values::vector;
pub use countersign_values::{decimal, text};
