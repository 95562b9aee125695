//! JSON values as owned data and as text, decimal numbers, escapes, and the search for a piece of text: what few
//! verifications need. Compiled for size, below the readers of `encoding`, which are compiled for speed.

#[cfg_attr(inspection_alone, path = "decimal/host.rs")]
pub mod decimal;
pub mod escape;
pub mod owned;
pub mod plain;
pub mod text;
#[cfg(target_feature = "simd128")]
pub mod vector;
pub mod write;
