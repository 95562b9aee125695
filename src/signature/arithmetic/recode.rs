//! Signed-digit forms of scalars: fixed windows and the width-w non-adjacent form (wNAF). Each digit selects one entry of a
//! table of multiples.
#![expect(
    clippy::as_conversions,
    clippy::indexing_slicing,
    reason = "every index is below a constant, and every digit has fewer than 16 bits"
)]

use super::field::{BITS, Modulus, Residue, is_less, unsigned};

/// A scalar, as the magnitude of one of its representatives, and the sign of that.
#[derive(Debug)]
pub struct Scalar<const N: usize> {
    pub magnitude: [i32; N],
    /// −1 if the scalar is the negative of its magnitude, else 0.
    pub sign: i32,
}

impl<const N: usize> Scalar<N> {
    /// The least non-negative representative of digits that are not in Montgomery form.
    pub fn least<P: Modulus<N>>(digits: &Residue<P, N>) -> Self {
        Self {
            magnitude: digits.least(),
            sign: 0,
        }
    }

    /// The representative nearest to zero of digits that are not in Montgomery form.
    pub fn nearest<P: Modulus<N>>(digits: &Residue<P, N>) -> Self {
        let magnitude = digits.least();
        let order = Residue::<P, N>::modulus();
        let opposite = unsigned(&core::array::from_fn(|i| order[i] - magnitude[i]));
        if is_less(&opposite, &magnitude) {
            Self {
                magnitude: opposite,
                sign: -1,
            }
        } else {
            Self { magnitude, sign: 0 }
        }
    }
}

/// The most digits that any number is written in: one for each bit of P-521's order, and one more.
const MOST: usize = 522;

/// How many bits are searched for zeros at once.
const RUN: u32 = BITS - 1;

/// Signed digits, the least significant first.
#[derive(Debug)]
pub struct Digits {
    digits: [i16; MOST],
    length: usize,
}

impl Digits {
    /// One digit for every `width` bits, from −2^(width − 1) to 2^(width − 1).
    ///
    /// The number has at most `bits` bits, and its last digit has room for a carry.
    pub fn windows<const N: usize>(number: &[i32; N], bits: u32, width: u32) -> Self {
        let mut digits = [0; MOST];
        let length = bits.div_ceil(width) as usize;
        let mut carried = 0;
        for (i, digit) in digits.iter_mut().take(length).enumerate() {
            let value = window(number, i as u32 * width, width) + carried;
            carried = i32::from(i + 1 < length && value > 1 << (width - 1));
            *digit = (value - (carried << width)) as i16;
        }
        Self { digits, length }
    }

    /// One digit for every bit, most of them 0 and the others odd, below 2^(width − 1) in
    /// magnitude (the non-adjacent form of that width).
    pub fn sparse<const N: usize>(number: &[i32; N], bits: u32, width: u32) -> Self {
        let mut digits = [0; MOST];
        let length = bits as usize + 1;
        let (mut bit, mut carried) = (0, 0);
        while bit < length {
            // With a carry, ones of the number become zeros of the sum, and the carry goes on.
            let next = window(number, bit as u32, RUN) + carried;
            let zeros = (next | 1 << RUN).trailing_zeros();
            if zeros > 0 {
                bit += zeros as usize;
                continue;
            }
            let value = next & ((1 << width) - 1);
            carried = value >> (width - 1);
            digits[bit] = (value - (carried << width)) as i16;
            bit += width as usize;
        }
        Self { digits, length }
    }

    pub fn as_slice(&self) -> &[i16] {
        &self.digits[..self.length]
    }
}

/// The `width` bits from `start` on.
pub fn window<const N: usize>(number: &[i32; N], start: u32, width: u32) -> i32 {
    let digit = |index: usize| number.get(index).map_or(0, |&digit| i64::from(digit));
    let (index, shift) = ((start / BITS) as usize, start % BITS);
    let both = digit(index) | digit(index + 1) << BITS;
    (both >> shift) as i32 & ((1 << width) - 1)
}
