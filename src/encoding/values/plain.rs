//! The octets of a string that need no unescaping (RFC 8259 section 7).

#[cfg(target_feature = "simd128")]
use super::vector;

/// The number of octets before the first quote, backslash or control character. Reads sixteen octets
/// at a time (SIMD).
#[cfg(target_feature = "simd128")]
#[inline]
pub fn plain_len(octets: &[u8]) -> usize {
    use core::arch::wasm32::{u8x16_bitmask, u8x16_eq, u8x16_lt, u8x16_splat, v128_or};
    let (vectors, rest) = octets.as_chunks();
    let mut plain = 0;
    for vector in vectors {
        let vector = vector::load(vector);
        let quote = u8x16_eq(vector, u8x16_splat(b'"'));
        let backslash = u8x16_eq(vector, u8x16_splat(b'\\'));
        let control = u8x16_lt(vector, u8x16_splat(0x20));
        let found = u8x16_bitmask(v128_or(v128_or(quote, backslash), control));
        if found != 0 {
            return plain + usize::try_from(found.trailing_zeros()).unwrap_or_default();
        }
        plain += vector::OCTETS;
    }
    plain + rest.iter().position(is_special).unwrap_or(rest.len())
}

/// The number of octets before the first quote, backslash or control character. Reads eight octets
/// at a time (SWAR): the lowest special octet of a word is found exactly.
#[cfg(not(target_feature = "simd128"))]
#[inline]
pub fn plain_len(octets: &[u8]) -> usize {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGH: u64 = u64::from_ne_bytes([0x80; 8]);
    let below = |word: u64, limit: u64| word.wrapping_sub(ONES * limit) & !word;
    let is = |word: u64, octet: u8| below(word ^ u64::from_ne_bytes([octet; 8]), 1);
    let mut plain = 0;
    let (words, rest) = octets.as_chunks::<8>();
    for word in words {
        let word = u64::from_le_bytes(*word);
        let found = (is(word, b'"') | is(word, b'\\') | below(word, 0x20)) & HIGH;
        if found != 0 {
            return plain + usize::try_from(found.trailing_zeros() / 8).unwrap_or_default();
        }
        plain += 8;
    }
    plain + rest.iter().position(is_special).unwrap_or(rest.len())
}

#[inline]
fn is_special(octet: &u8) -> bool {
    matches!(octet, b'"' | b'\\' | 0..0x20)
}
