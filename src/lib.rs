//! countersign answers one question: may this server accept this token, now?
//!
//! It answers in the process that asks, without calling the issuer, and from text alone: the core
//! reads no clock, no network and no file, keeps no log and does not panic.
//!
//! ```
//! use countersign::{Keys, KeyTags, NumericDate, Policy, Verifier, profile};
//! use serde_json::json;
//!
//! # fn main() -> Result<(), countersign::Error> {
//! let profile = profile::publiq(json!({ "environment": "production", "api": "entry" }))?;
//! let policy = Policy::from_value(json!({ "profile": profile }))?;
//! let keys = Keys::new().published_jwk_set(r#"{ "keys": [] }"#, &KeyTags::default())?;
//! let verifier = Verifier::new(policy, keys);
//!
//! let now = NumericDate::from_secs(1_700_000_000.0).unwrap();
//! match verifier.verify("not.a.token", now) {
//!     Ok(verified) => println!("for {:?}", verified.claims.get("azp")),
//!     Err(refusal) => println!("refused: {refusal}"),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! The modules, each to the right of those it uses: `error`, `encoding`, `jose`, `signature` and,
//! a stranger to those two, `claims`; `keys`, `jws_verifier`, `policy`, `profile`, `receipt`,
//! `published`, `memory`, `recent`, `preamble`, `verifier`, `inspect`, `wasm`.

mod claims;
mod encoding;
mod error;
mod inspect;
mod jose;
mod jws_verifier;
mod keys;
#[cfg(any(test, feature = "wasm"))]
mod memory;
mod policy;
mod preamble;
pub mod profile;
mod proof;
#[cfg(any(test, feature = "wasm"))]
mod published;
mod receipt;
mod recent;
mod signature;
mod verifier;
#[cfg(feature = "wasm")]
#[expect(unreachable_pub, reason = "JavaScript reaches them")]
mod wasm;

pub use claims::numeric_date::NumericDate;
pub use error::{Error, ErrorCode};
pub use inspect::{Inspection, Kind, Time, TimeState, Warning, inspect};
pub use jose::alg::Alg;
pub use jws_verifier::JwsVerifier;
pub use keys::{KeyTags, KeyUsability, Keys, key_set_usability, thumbprint};
pub use policy::expected::Expected;
pub use policy::steps::{Check, Outcome};
pub use policy::{Evidence, Policy};
pub use receipt::{Receipt, ReceiptKey, countersign};
pub use verifier::{SigningKeyName, Uses, Verified, Verifier};

/// The examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
