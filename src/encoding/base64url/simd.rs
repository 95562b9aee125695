//! base64url with SIMD: sixteen characters at a time, in WebAssembly's `simd128`.
//!
//! The high nibble of a character selects what to add to it to get its six bits; both nibbles
//! together select whether it is one of the 64.

use core::arch::wasm32::{
    i8x16_swizzle, i16x8, i16x8_shl, i32x4_dot_i16x8, u8x16, u8x16_add, u8x16_eq, u8x16_gt,
    u8x16_shuffle, u8x16_splat, u16x8_shr, u16x8_splat, u32x4_shl, u32x4_shr, u32x4_splat, v128,
    v128_and, v128_any_true, v128_or,
};

use crate::encoding::vector::{OCTETS as CHARACTERS, load, store};

/// The octets that the characters of a vector encode.
const OCTETS: usize = 12;

/// Replaces `octets` by those that `text` encodes. `None` unless it is their canonical encoding.
pub fn decode_into(text: &[u8], octets: &mut Vec<u8>) -> Option<()> {
    let (blocks, rest) = text.as_chunks();
    // The last block is padded with zeros.
    let mut last = [b'A'; CHARACTERS];
    last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
    // Every octet that is kept is overwritten.
    octets.resize((blocks.len() + 1) * OCTETS + BEYOND, 0);
    // Opaque to the compiler: otherwise an engine loads each constant again for every block.
    let tables = std::hint::black_box(Tables::new());
    let strange = decode(blocks, octets, &tables);
    let end = octets.get_mut(blocks.len() * OCTETS..)?;
    let strange = v128_or(strange, decode(&[last], end, &tables));
    // A single character in the last group encodes no octet; a bit left over would be a second
    // encoding.
    let length = text.len() / 4 * 3 + text.len() % 4 * 3 / 4;
    let left_over = *octets.get(length)?;
    octets.truncate(length);
    (text.len() % 4 != 1 && left_over == 0 && !v128_any_true(strange)).then_some(())
}

/// A block is stored as a whole vector; the next one overwrites its end.
const BEYOND: usize = CHARACTERS - OCTETS;

/// The result where there is no room: nothing is decoded.
const NO_ROOM: v128 = u8x16(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1);

/// Decodes `blocks` into `octets`; returns a bit for each character outside the alphabet.
fn decode(blocks: &[[u8; CHARACTERS]], octets: &mut [u8], tables: &Tables) -> v128 {
    let mut strange = u8x16_splat(0);
    let mut left = octets;
    for block in blocks {
        let (bits, strangers) = six_bits(load(block), tables);
        strange = v128_or(strange, strangers);
        let Some(place) = left.first_chunk_mut() else {
            return NO_ROOM;
        };
        *place = store(pack(bits, tables));
        left = left.get_mut(OCTETS..).unwrap_or_default();
    }
    strange
}

/// The constants of a decoding.
#[derive(Clone, Copy)]
struct Tables {
    added: v128,
    by_high: v128,
    by_low: v128,
    half: v128,
    underscore: v128,
    four: v128,
    low_six: v128,
    weights: v128,
}

impl Tables {
    fn new() -> Self {
        // To add, by the high half: `-` 17, digits 4, upper case -65, lower case -71. The underscore,
        // in the same half as `P` to `Z`, has a place of its own, 4 further on: -32.
        let added = u8x16(0, 0, 17, 4, 191, 191, 185, 185, 0, 224, 0, 0, 0, 0, 0, 0);
        // A bit for each high half: 2 and 3, 4 and 6, 5, 7, all others; set in the low halves with
        // which it makes a stranger.
        let by_high = u8x16(16, 16, 1, 2, 4, 8, 4, 32, 16, 16, 16, 16, 16, 16, 16, 16);
        let by_low = u8x16(
            0b01_0101, 0b01_0001, 0b01_0001, 0b01_0001, 0b01_0001, 0b01_0001, 0b01_0001, 0b01_0001,
            0b01_0001, 0b01_0001, 0b01_0011, 0b11_1011, 0b11_1011, 0b11_1010, 0b11_1011, 0b11_0011,
        );
        Self {
            added,
            by_high,
            by_low,
            half: u8x16_splat(15),
            underscore: u8x16_splat(b'_'),
            four: u8x16_splat(4),
            low_six: u16x8_splat(0x3f),
            weights: i16x8(4096, 1, 4096, 1, 4096, 1, 4096, 1),
        }
    }
}

/// The six bits of each character, and a bit for each character outside the alphabet.
fn six_bits(characters: v128, tables: &Tables) -> (v128, v128) {
    let Tables {
        added,
        by_high,
        by_low,
        half,
        underscore,
        four,
        ..
    } = *tables;
    let low = v128_and(characters, half);
    let high = v128_and(u16x8_shr(characters, 4), half);
    let strangers = v128_and(i8x16_swizzle(by_low, low), i8x16_swizzle(by_high, high));
    let is_underscore = u8x16_eq(characters, underscore);
    let place = u8x16_add(high, v128_and(is_underscore, four));
    (
        u8x16_add(characters, i8x16_swizzle(added, place)),
        strangers,
    )
}

/// Sixteen times six bits as twelve octets, and four more.
fn pack(bits: v128, tables: &Tables) -> v128 {
    // Two and two: the first of a pair is the low octet, and the higher bits.
    let first = i16x8_shl(v128_and(bits, tables.low_six), 6);
    let pairs = v128_or(first, u16x8_shr(bits, 8));
    let fours = i32x4_dot_i16x8(pairs, tables.weights);
    // Three octets of each, the highest first; the fourth of each is empty.
    u8x16_shuffle::<2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, 3, 7, 11, 15>(fours, fours)
}

/// The one spelling of a SHA-256.
///
/// Not inlined: its callers are compiled for size.
#[inline(never)]
pub fn encode_sha256(hash: &[u8; 32]) -> [u8; 43] {
    let mut padded = [0; 3 * OCTETS + BEYOND];
    if let Some(place) = padded.first_chunk_mut() {
        *place = *hash;
    }
    let mut text = [[0; CHARACTERS]; 3];
    for (number, place) in text.iter_mut().enumerate() {
        let octets = padded.get(number * OCTETS..).and_then(<[u8]>::first_chunk);
        *place = octets.map_or(*place, |octets| store(spell(unpack(load(octets)))));
    }
    // The last five characters encode padding.
    let all = text.as_flattened().first_chunk();
    all.copied().unwrap_or([0; 43])
}

/// The first twelve octets as sixteen times six bits.
fn unpack(octets: v128) -> v128 {
    let threes =
        u8x16_shuffle::<2, 1, 0, 15, 5, 4, 3, 15, 8, 7, 6, 15, 11, 10, 9, 15>(octets, octets);
    let bits = |place: u32| u32x4_splat(0x3f << place);
    let first = v128_and(u32x4_shr(threes, 18), bits(0));
    let second = v128_and(u32x4_shr(threes, 4), bits(8));
    let third = v128_and(u32x4_shl(threes, 10), bits(16));
    let fourth = v128_and(u32x4_shl(threes, 24), bits(24));
    v128_or(v128_or(first, second), v128_or(third, fourth))
}

/// The characters that encode six bits each.
fn spell(bits: v128) -> v128 {
    // To add: upper case 65, lower case 6 more, digits 75 less than that, `-` 13 less, `_` 49 more.
    let steps = [(25, 6), (51, 181), (61, 243), (62, 49)];
    let upper = u8x16_add(bits, u8x16_splat(b'A'));
    steps.into_iter().fold(upper, |characters, (last, step)| {
        let beyond = u8x16_gt(bits, u8x16_splat(last));
        u8x16_add(characters, v128_and(beyond, u8x16_splat(step)))
    })
}
