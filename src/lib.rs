//! In-process verification and inspection of access tokens: JWTs, and opaque tokens with a receipt.
//!
//! A token is verified without calling its issuer. The core reads no clock, no network and no file,
//! keeps no log and does not panic; the caller passes keys and time.
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
//! `src/README.md` in the repository describes the modules and how to add to them.

#![cfg_attr(
    inspection_alone,
    expect(dead_code, reason = "only what inspects a token is reached")
)]

use countersign_claims as claims;
use countersign_encoding as encoding;
use countersign_error as error;

#[cfg(not(inspection_alone))]
mod date_time;
#[cfg(not(inspection_alone))]
mod fifo;
mod inspect;
#[cfg(inspection_alone)]
mod inspection;
mod jose;
#[cfg(not(inspection_alone))]
mod jws_verifier;
#[cfg(not(inspection_alone))]
mod keys;
#[cfg(not(inspection_alone))]
mod members;
#[cfg(not(inspection_alone))]
mod policy;
pub mod profile;
#[cfg(not(inspection_alone))]
mod proof;
// The package downloads key sets; a Rust server passes them to `Keys` itself.
#[cfg(any(test, feature = "wasm"))]
mod published;
#[cfg(not(inspection_alone))]
mod receipt;
#[cfg(not(inspection_alone))]
mod session;
mod signature;
#[cfg(not(inspection_alone))]
mod verifier;
// Needs `wasm-bindgen`.
#[cfg(feature = "wasm")]
#[expect(unreachable_pub, reason = "JavaScript reaches them")]
mod wasm;

#[doc(inline)]
pub use countersign_claims::numeric_date::NumericDate;
#[doc(inline)]
pub use countersign_error::{Error, ErrorCode, Refusal};
pub use inspect::{Inspection, Kind, Time, TimeState, Warning, inspect};
pub use jose::alg::Alg;
#[cfg(not(inspection_alone))]
pub use {
    jws_verifier::JwsVerifier,
    keys::{KeyTags, KeyUsability, Keys, key_set_usability, thumbprint},
    policy::expected::Expected,
    policy::recorder::{Check, Outcome},
    policy::{Evidence, Policy},
    proof::ProofIdentity,
    receipt::{Receipt, ReceiptKey, countersign},
    session::{CacheLimits, Session},
    verifier::{SigningKeyName, Uses, Verified, Verifier},
};

/// The examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
