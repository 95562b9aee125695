//! Sixteen octets side by side, in a vector of WebAssembly (`simd128`).

use core::arch::wasm32::{u8x16, u8x16_extract_lane as octet, v128};

/// The octets of a vector.
pub const OCTETS: usize = 16;

/// The vector that holds `octets`.
#[inline(always)]
pub fn load(octets: &[u8; OCTETS]) -> v128 {
    let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = *octets;
    u8x16(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p)
}

/// The octets that `vector` holds.
#[inline(always)]
pub fn store(vector: v128) -> [u8; OCTETS] {
    let v = vector;
    [
        octet::<0>(v),
        octet::<1>(v),
        octet::<2>(v),
        octet::<3>(v),
        octet::<4>(v),
        octet::<5>(v),
        octet::<6>(v),
        octet::<7>(v),
        octet::<8>(v),
        octet::<9>(v),
        octet::<10>(v),
        octet::<11>(v),
        octet::<12>(v),
        octet::<13>(v),
        octet::<14>(v),
        octet::<15>(v),
    ]
}
