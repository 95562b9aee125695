//! Comparison and search of octets, several at a time. For public data only: the time they take
//! depends on the octets.

use std::cmp::Ordering;

#[cfg(target_feature = "simd128")]
use super::vector;

/// Whether `one` is `other`. Compares a chunk at a time; in WebAssembly the comparison of slices reads
/// one octet at a time.
pub fn same(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let ((chunks, rest), (others, others_rest)) = (one.as_chunks(), other.as_chunks());
    let differ = |(chunk, other): (&[u8; WIDE], &[u8; WIDE])| {
        let words = chunk.as_chunks().0.iter().zip(other.as_chunks().0);
        words.fold(0, |all, (word, other)| {
            all | u64::from_le_bytes(*word) ^ u64::from_le_bytes(*other)
        }) != 0
    };
    !chunks.iter().zip(others).any(differ) && same_short(rest, others_rest)
}

/// As [`same`], for less than a chunk.
fn same_short(one: &[u8], other: &[u8]) -> bool {
    let differ = |(word, other): (&[u8; 8], &[u8; 8])| {
        u64::from_le_bytes(*word) != u64::from_le_bytes(*other)
    };
    // The last eight octets may overlap those before them, so that no octet is left over.
    match one.last_chunk().zip(other.last_chunk()) {
        Some(ends) => {
            let words = one.as_chunks().0.iter().zip(other.as_chunks().0);
            !differ(ends) && !words.into_iter().any(differ)
        }
        None => one.iter().zip(other).all(|(octet, other)| octet == other),
    }
}

/// Whether `one` is `other`, compared as [`same`] does.
pub fn same_text(one: &str, other: &str) -> bool {
    same(one.as_bytes(), other.as_bytes())
}

/// Whether all `octets` are ASCII. Reads all of them, a vector at a time.
#[cfg(target_feature = "simd128")]
pub fn is_ascii(octets: &[u8]) -> bool {
    use core::arch::wasm32::{u8x16_bitmask, u8x16_splat, v128_or};
    let (vectors, rest) = octets.as_chunks();
    let all = vectors.iter().map(vector::load);
    let all = all.fold(u8x16_splat(0), |all, vector| v128_or(all, vector));
    u8x16_bitmask(all) == 0 && rest.is_ascii()
}

/// Whether all `octets` are ASCII. Reads all of them, which the compiler turns into vector instructions.
#[cfg(not(target_feature = "simd128"))]
pub fn is_ascii(octets: &[u8]) -> bool {
    octets.iter().fold(0, |all, octet| all | octet).is_ascii()
}

/// A hash of the end of a token, which is its signature. Tokens with the same hash differ elsewhere: equality is decided by
/// [`same`].
pub fn hash(token: &[u8]) -> u64 {
    const END: usize = 64;
    let end = token
        .last_chunk::<END>()
        .map_or(token, |end| end.as_slice());
    let (words, rest) = end.as_chunks::<8>();
    let words = words.iter().map(|word| u64::from_le_bytes(*word));
    let rest = rest.iter().map(|octet| u64::from(*octet));
    words.chain(rest).fold(0, mix)
}

/// A step of [`hash`].
pub fn mix(hash: u64, word: u64) -> u64 {
    (hash.rotate_left(23) ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// A total order of octets of equal length, eight at a time. It is not the lexicographic order.
pub fn order(one: &[u8], other: &[u8]) -> Ordering {
    let ((words, rest), (others, others_rest)) = (one.as_chunks::<8>(), other.as_chunks::<8>());
    let differ = words.iter().zip(others).find(|(word, other)| word != other);
    match differ {
        Some((word, other)) => u64::from_le_bytes(*word).cmp(&u64::from_le_bytes(*other)),
        None => rest.cmp(others_rest),
    }
}

/// The position of the first `octet` in `octets`. Compares a chunk at a time.
pub fn position(octets: &[u8], octet: u8) -> Option<usize> {
    let (chunks, rest) = octets.as_chunks();
    for (number, chunk) in chunks.iter().enumerate() {
        let places = places(chunk, octet);
        if places != 0 {
            return Some(number * CHUNK + as_index(places.trailing_zeros()));
        }
    }
    let at = rest.iter().position(|other| *other == octet)?;
    Some(octets.len() - rest.len() + at)
}

/// The position of the last `octet` in `octets`. Compares a chunk at a time.
pub fn last_position(octets: &[u8], octet: u8) -> Option<usize> {
    let (rest, chunks) = octets.as_rchunks();
    for (number, chunk) in chunks.iter().enumerate().rev() {
        let places = places(chunk, octet);
        if places != 0 {
            return Some(rest.len() + number * CHUNK + as_index(places.ilog2()));
        }
    }
    rest.iter().rposition(|other| *other == octet)
}

const CHUNK: usize = 16;

/// The octets that [`same`] compares before it looks at the result.
const WIDE: usize = 64;

/// A bit for each place of `chunk` that is `octet`, the first place's the lowest.
#[cfg(target_feature = "simd128")]
fn places(chunk: &[u8; CHUNK], octet: u8) -> u32 {
    use core::arch::wasm32::{u8x16_bitmask, u8x16_eq, u8x16_splat};
    u8x16_bitmask(u8x16_eq(vector::load(chunk), u8x16_splat(octet))).into()
}

#[cfg(not(target_feature = "simd128"))]
fn places(chunk: &[u8; CHUNK], octet: u8) -> u32 {
    // Vector instructions tell whether there is one.
    let is_there = chunk
        .iter()
        .fold(false, |found, other| found | (*other == octet));
    if !is_there {
        return 0;
    }
    let places = chunk.iter().rev();
    places.fold(0, |all, other| all << 1 | u32::from(*other == octet))
}

/// Lossless: a place in a chunk.
fn as_index(place: u32) -> usize {
    usize::try_from(place).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_total_and_equal_only_for_equal_octets() {
        let all: Vec<Vec<u8>> = (0..300_u32)
            .map(|n| {
                let mut octets = vec![b'a'; 19];
                let places = octets
                    .iter_mut()
                    .skip(usize::try_from(n % 17).unwrap_or_default());
                places
                    .zip(n.to_le_bytes())
                    .for_each(|(place, octet)| *place = octet);
                octets
            })
            .collect();
        for one in &all {
            for other in &all {
                assert_eq!(order(one, other) == Ordering::Equal, one == other);
                assert_eq!(order(one, other), order(other, one).reverse());
            }
        }
        let mut sorted = all.clone();
        sorted.sort_by(|one, other| order(one, other));
        let is_sorted = |pair: &[Vec<u8>]| matches!(pair, [a, b] if order(a, b).is_le());
        assert!(sorted.windows(2).all(is_sorted));
    }

    #[test]
    fn the_first_and_the_last_are_found_at_every_position() {
        for length in 0..70 {
            let mut octets = vec![b'a'; length];
            assert_eq!(position(&octets, b'.'), None);
            assert_eq!(last_position(&octets, b'.'), None);
            for first in 0..length {
                for last in first..length {
                    octets.fill(b'a');
                    for at in [first, first.midpoint(last), last] {
                        octets
                            .iter_mut()
                            .skip(at)
                            .take(1)
                            .for_each(|octet| *octet = b'.');
                    }
                    assert_eq!(position(&octets, b'.'), Some(first));
                    assert_eq!(last_position(&octets, b'.'), Some(last));
                }
            }
        }
    }

    #[test]
    fn every_octet_counts_and_so_does_the_length() {
        for length in 0..150 {
            let octets = vec![7; length];
            assert!(same(&octets, &octets.clone()));
            assert!(!same(&octets, &vec![7; length + 1]));
            for at in 0..length {
                let mut other = octets.clone();
                other
                    .iter_mut()
                    .skip(at)
                    .take(1)
                    .for_each(|octet| *octet ^= 0x80);
                assert!(!same(&octets, &other) && !same(&other, &octets));
            }
        }
    }
}
