//! The kernels under the signatures: Montgomery multiplication, curves, tables.
//!
//! They verify and never sign: everything they are given is public, so they take as long as the
//! values at hand need, and they know no secret that their time could betray.

pub(crate) mod curve;
pub(crate) mod ecdsa;
pub(crate) mod field;
mod hot;
pub(crate) mod inverse;
mod recode;
mod weierstrass;
