//! The arithmetic of signatures: Montgomery multiplication, curves, tables of multiples, and four-way SHA-256.
//!
//! `ed25519_sign.rs` signs, and runs in constant time with the parts that it names. SHA-256 is computed in constant time,
//! too. All else verifies: its inputs are public, so its running time may depend on them.
//! Every file states the bounds of its accumulators, and `tests/arithmetic_bounds.rs` checks them.

#![expect(
    missing_docs,
    reason = "the crate is a part of countersign, and has no other users"
)]

pub mod curve;
pub mod ecdsa;
pub mod ed25519;
pub mod ed25519_scalar;
pub mod ed25519_sign;
pub mod edwards;
pub mod exponentiation;
pub mod field;
#[cfg(any(test, target_feature = "simd128"))]
pub mod i32x4;
pub mod inverse;
mod key_tables;
#[cfg(any(
    test,
    not(all(target_pointer_width = "64", not(target_family = "wasm")))
))]
pub mod montgomery;
#[cfg(any(
    test,
    not(any(
        target_feature = "simd128",
        all(target_pointer_width = "64", not(target_family = "wasm"))
    ))
))]
pub mod montgomery_scalar;
#[cfg(any(test, target_feature = "simd128"))]
pub mod montgomery_simd;
#[cfg(any(test, all(target_pointer_width = "64", not(target_family = "wasm"))))]
pub mod montgomery_wide;
pub mod recode;
pub mod rsa;
pub mod sha256_x4;
pub mod weierstrass;
