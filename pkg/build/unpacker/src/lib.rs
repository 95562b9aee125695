//! LZMA decoder: the packed core to the core's module, in one call.
//!
//! What is packed is trusted, for the package holds both. A bundler, a copy or a character set may
//! still have damaged it: nothing is read or written outside the buffers, and a checksum decides.
//!
//! The format is that of the LZMA SDK's specification with `lc` 3, `lp` 0 and `pb` 0, without a header
//! and an end marker. Eight octets come before it, little-endian: the length of the module, and its
//! checksum (FNV-1a, 32 bits).
#![no_std]

use core::arch::wasm32::{memory_grow, memory_size, unreachable};
use core::ops::Range;
use core::panic::PanicInfo;
use core::slice;

const PAGE: usize = 65_536;

/// Unpacks the `length` octets at the address `packed`. Returns the address of the module, behind
/// them, or 0 if they are damaged.
#[expect(unsafe_code, reason = "an export that is given addresses")]
#[unsafe(no_mangle)]
extern "C" fn unpack(packed: usize, length: usize) -> usize {
    // SAFETY: JavaScript has grown the memory by these octets and written them.
    let packed =
        unsafe { slice::from_raw_parts(core::ptr::with_exposed_provenance(packed), length) };
    let Some((size, checksum, stream)) = header(packed) else {
        return 0;
    };
    let address = memory_size(0) * PAGE;
    if size > MAX_OCTETS || memory_grow(0, size.div_ceil(PAGE)) == usize::MAX {
        return 0;
    }
    let module = core::ptr::with_exposed_provenance_mut(address);
    // SAFETY: the memory was just grown by as many octets, and is zero.
    let module = unsafe { slice::from_raw_parts_mut(module, size) };
    let unpacked = Decoder::new(stream).and_then(|mut decoder| decoder.fill(module));
    let is_right = unpacked.is_some() && fnv_1a(module) == checksum;
    if is_right { address } else { 0 }
}

/// A damaged length asks for no more memory than this.
const MAX_OCTETS: usize = 16_777_216;

/// The length of the module, its checksum, and the packed octets.
fn header(packed: &[u8]) -> Option<(usize, u32, &[u8])> {
    let (size, rest) = packed.split_first_chunk()?;
    let (checksum, stream) = rest.split_first_chunk()?;
    let size = usize::try_from(u32::from_le_bytes(*size)).ok()?;
    Some((size, u32::from_le_bytes(*checksum), stream))
}

fn fnv_1a(octets: &[u8]) -> u32 {
    octets.iter().fold(0x811c_9dc5, |hash, octet| {
        (hash ^ u32::from(*octet)).wrapping_mul(0x0100_0193)
    })
}

/// Where the probabilities of each kind of symbol start.
const IS_MATCH: usize = 0;
const IS_REPEAT: usize = IS_MATCH + STATES;
const IS_NOT_LAST: usize = IS_REPEAT + STATES;
const IS_NOT_SECOND: usize = IS_NOT_LAST + STATES;
const IS_NOT_THIRD: usize = IS_NOT_SECOND + STATES;
const IS_LONG: usize = IS_NOT_THIRD + STATES;
const SLOTS: usize = IS_LONG + STATES;
const SPECIAL: usize = SLOTS + 4 * 64;
const ALIGNED: usize = SPECIAL + 128;
const LENGTHS: usize = ALIGNED + 16;
const REPEATED_LENGTHS: usize = LENGTHS + LENGTH_TREES;
const LITERALS: usize = REPEATED_LENGTHS + LENGTH_TREES;
const PROBABILITIES: usize = LITERALS + 8 * LITERAL;

const STATES: usize = 12;
const LENGTH_TREES: usize = 2 + 8 + 8 + 256;
const LITERAL: usize = 0x300;

/// Half of 2^11, the scale of the probabilities.
const EVEN: u16 = 1 << 10;

/// A range decoder with its probabilities.
struct Decoder<'a> {
    stream: slice::Iter<'a, u8>,
    range: u32,
    code: u32,
    probabilities: [u16; PROBABILITIES],
}

impl<'a> Decoder<'a> {
    fn new(stream: &'a [u8]) -> Option<Self> {
        let (start, rest) = stream.split_first_chunk()?;
        let [0, code @ ..]: &[u8; 5] = start else {
            return None;
        };
        Some(Self {
            stream: rest.iter(),
            range: u32::MAX,
            code: u32::from_be_bytes(*code),
            probabilities: [EVEN; PROBABILITIES],
        })
    }

    /// Fills `output`.
    fn fill(&mut self, output: &mut [u8]) -> Option<()> {
        let mut at = 0;
        let mut state = 0;
        let mut distances = [1; 4];
        while at < output.len() {
            let [last, second, third, fourth] = distances;
            if self.bit(IS_MATCH + state)? == 0 {
                let octet = self.literal(output, at, (state >= 7).then_some(last))?;
                *output.get_mut(at)? = octet;
                at += 1;
                state = match state {
                    0..4 => 0,
                    4..10 => state - 3,
                    _ => state - 6,
                };
                continue;
            }
            let after_literal = state < 7;
            let length = if self.bit(IS_REPEAT + state)? == 0 {
                state = if after_literal { 7 } else { 10 };
                let length = self.length(LENGTHS)?;
                distances = [self.distance(length)?, last, second, third];
                length
            } else {
                let is_last = self.bit(IS_NOT_LAST + state)? == 0;
                if is_last && self.bit(IS_LONG + state)? == 0 {
                    state = if after_literal { 9 } else { 11 };
                    at = copy(output, at, last, 1)?;
                    continue;
                }
                if is_last {
                } else if self.bit(IS_NOT_SECOND + state)? == 0 {
                    distances = [second, last, third, fourth];
                } else if self.bit(IS_NOT_THIRD + state)? == 0 {
                    distances = [third, last, second, fourth];
                } else {
                    distances = [fourth, last, second, third];
                }
                state = if after_literal { 8 } else { 11 };
                self.length(REPEATED_LENGTHS)?
            };
            at = copy(output, at, distances[0], length + 2)?;
        }
        Some(())
    }

    /// The octet at `at`. `distance` leads to the octet that a match would have had there.
    #[inline(always)]
    fn literal(&mut self, output: &[u8], at: usize, distance: Option<usize>) -> Option<u8> {
        let before = at.checked_sub(1).and_then(|before| output.get(before));
        let base = LITERALS + LITERAL * usize::from(before.map_or(0, |before| before >> 5));
        let mut node = 1;
        if let Some(distance) = distance {
            let mut expected = usize::from(*output.get(at.checked_sub(distance)?)?);
            let mut offset = 0x100;
            while node < 0x100 {
                expected <<= 1;
                let expected_bit = expected & offset;
                let bit = self.bit(base + offset + expected_bit + node)?;
                node = node << 1 | bit;
                // Once a bit differs, the rest of the octet is read as without a match.
                offset &= if bit == 0 {
                    !expected_bit
                } else {
                    expected_bit
                };
            }
        } else {
            while node < 0x100 {
                node = node << 1 | self.bit(base + node)?;
            }
        }
        u8::try_from(node & 0xff).ok()
    }

    /// The length of a match, less 2.
    #[inline(never)]
    fn length(&mut self, base: usize) -> Option<usize> {
        if self.bit(base)? == 0 {
            return self.tree(base + 2, 3);
        }
        if self.bit(base + 1)? == 0 {
            return Some(8 + self.tree(base + 10, 3)?);
        }
        Some(16 + self.tree(base + 18, 8)?)
    }

    /// The distance of a match of this `length`.
    fn distance(&mut self, length: usize) -> Option<usize> {
        let slot = self.tree(SLOTS + 64 * length.min(3), 6)?;
        if slot < 4 {
            return Some(slot + 1);
        }
        let bits = (slot >> 1) - 1;
        let start = (2 | slot & 1) << bits;
        let rest = if slot < 14 {
            self.reversed(SPECIAL + start - slot, bits)?
        } else {
            let mut direct = 0;
            for _ in 4..bits {
                direct = direct << 1 | self.even_bit()?;
            }
            direct << 4 | self.reversed(ALIGNED, 4)?
        };
        start.checked_add(rest)?.checked_add(1)
    }

    /// The symbol of so many bits, the highest first, in the tree at `base`.
    #[inline(never)]
    fn tree(&mut self, base: usize, bits: usize) -> Option<usize> {
        let mut node = 1;
        for _ in 0..bits {
            node = node << 1 | self.bit(base + node)?;
        }
        Some(node - (1 << bits))
    }

    /// The symbol of so many bits, the lowest first, in the tree at `base`.
    #[inline(never)]
    fn reversed(&mut self, base: usize, bits: usize) -> Option<usize> {
        let (mut node, mut symbol) = (1, 0);
        for place in 0..bits {
            let bit = self.bit(base + node)?;
            node = node << 1 | bit;
            symbol |= bit << place;
        }
        Some(symbol)
    }

    #[inline(always)]
    fn bit(&mut self, index: usize) -> Option<usize> {
        let probability = self.probabilities.get_mut(index)?;
        let bound = (self.range >> 11) * u32::from(*probability);
        let bit = if self.code < bound {
            self.range = bound;
            *probability += (2 * EVEN - *probability) >> 5;
            0
        } else {
            self.range -= bound;
            self.code -= bound;
            *probability -= *probability >> 5;
            1
        };
        self.normalize()?;
        Some(bit)
    }

    /// A bit that is as often 0 as 1.
    fn even_bit(&mut self) -> Option<usize> {
        self.range >>= 1;
        let bit = self.code >= self.range;
        if bit {
            self.code -= self.range;
        }
        self.normalize()?;
        Some(usize::from(bit))
    }

    #[inline(always)]
    fn normalize(&mut self) -> Option<()> {
        if self.range < 1 << 24 {
            self.range <<= 8;
            self.code = self.code << 8 | u32::from(*self.stream.next()?);
        }
        Some(())
    }
}

/// Copies `length` octets from `distance` before `at`, one after the other; returns the end.
#[inline(always)]
fn copy(output: &mut [u8], at: usize, distance: usize, length: usize) -> Option<usize> {
    let Range { start, end } = at..at.checked_add(length)?;
    for at in start..end {
        let octet = *output.get(at.checked_sub(distance)?)?;
        *output.get_mut(at)? = octet;
    }
    Some(end)
}

/// Nothing above panics.
#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    unreachable()
}
