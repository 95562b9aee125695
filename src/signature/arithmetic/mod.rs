//! The kernels under the signatures: Montgomery multiplication, curves, tables.
//!
//! They verify and never sign: everything they are given is public, so they take as long as the
//! values at hand need, and they know no secret that their time could betray.

#[cfg(any(test, not(target_feature = "simd128")))]
pub(crate) mod columns;
pub(crate) mod curve;
#[cfg(any(test, target_feature = "simd128"))]
pub(crate) mod dots;
pub(crate) mod ecdsa;
pub(crate) mod ed25519;
pub(crate) mod edwards;
pub(crate) mod field;
mod hot;
pub(crate) mod inverse;
#[cfg(any(test, target_feature = "simd128"))]
pub(crate) mod lanes;
#[cfg(any(test, target_arch = "wasm32"))]
pub(crate) mod quad;
pub(crate) mod recode;
pub(crate) mod rsa;
pub(crate) mod weierstrass;
