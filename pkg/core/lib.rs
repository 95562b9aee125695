//! The WebAssembly module: the exports of `countersign`, with the feature `wasm`.
//!
//! The whole program is optimised at the level of the crate that is linked. This one is compiled for speed, so that only the
//! crates that `Cargo.toml` names are compiled for size.

extern crate countersign as _;
