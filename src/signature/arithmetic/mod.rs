//! The arithmetic of signatures: Montgomery multiplication, curves, tables of multiples, and four-way SHA-256.
//!
//! Except for SHA-256, all of it verifies and never signs: its inputs are public, so its running time may depend on them.
//! Every file states the bounds of its accumulators, and `tests/arithmetic_bounds.rs` checks them.

pub(crate) mod curve;
pub(crate) mod ecdsa;
pub(crate) mod ed25519;
pub(crate) mod edwards;
pub(crate) mod field;
#[cfg(any(test, target_feature = "simd128"))]
pub(crate) mod i32x4;
pub(crate) mod inverse;
mod key_tables;
#[cfg(any(
    test,
    not(all(target_pointer_width = "64", not(target_family = "wasm")))
))]
pub(crate) mod montgomery;
#[cfg(any(
    test,
    not(any(
        target_feature = "simd128",
        all(target_pointer_width = "64", not(target_family = "wasm"))
    ))
))]
pub(crate) mod montgomery_scalar;
#[cfg(any(test, target_feature = "simd128"))]
pub(crate) mod montgomery_simd;
#[cfg(any(test, all(target_pointer_width = "64", not(target_family = "wasm"))))]
pub(crate) mod montgomery_wide;
pub(crate) mod recode;
pub(crate) mod rsa;
#[cfg(any(test, target_arch = "wasm32"))]
pub(crate) mod sha256_x4;
pub(crate) mod weierstrass;
