//! A residue modulo an odd number that is known at compile time.
//!
//! A residue is held in Montgomery form, times R = 2^(29 N), as N signed digits of 29 bits. Digits
//! are centred on zero, so sums and differences need no carry before the next multiplication, and
//! a multiplication needs no carry between its columns: WebAssembly has no carry flag.
//!
//! *Settled* means: digits of at most 2^28 in magnitude and a value of at most 0.7 times the
//! modulus. Multiplication returns settled residues. A sum of k settled residues is written as
//! having weight k; two factors may have any weights whose product is at most 13, and 6 beyond
//! nine digits (the columns then stay within 63 bits, and the value within 0.7 times the modulus).
#![expect(
    clippy::as_conversions,
    clippy::indexing_slicing,
    reason = "every index is below a constant; digits are taken from wider columns on purpose"
)]

use core::marker::PhantomData;

use super::inverse;

/// The bits of one digit.
pub(crate) const BITS: u32 = 29;
const HALF: i64 = 1 << (BITS - 1);
const MASK: i64 = (1 << BITS) - 1;

/// An odd modulus of N digits, at least 5 bits shorter than they could hold.
pub(crate) trait Modulus<const N: usize>: Copy + 'static {
    /// The modulus as centred digits, the least significant first.
    const DIGITS: [i64; N];
    /// Whether multiplication is written out in full for it: faster, and more code.
    const HOT: bool;
    /// −1 divided by the modulus, modulo 2^29, centred.
    const NEGATIVE_INVERSE: i64 = negative_inverse(Self::DIGITS[0]);
    /// R modulo the modulus.
    const R: [i32; N] = power_of_two(&Self::DIGITS, BITS * N as u32);
    /// R² modulo the modulus.
    const R_SQUARED: [i32; N] = power_of_two(&Self::DIGITS, 2 * BITS * N as u32);
}

/// A residue modulo P.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Residue<P, const N: usize>(pub(crate) [i32; N], PhantomData<P>);

/// Repeats a block once for each index, as a constant.
macro_rules! each {
    ($index:ident in [$($number:literal)*] $body:block) => {
        {
            $({
                const $index: usize = $number;
                $body
            })*
        }
    };
}

impl<P: Modulus<N>, const N: usize> Residue<P, N> {
    /// One, in Montgomery form.
    pub(crate) const ONE: Self = Self(P::R, PhantomData);
    /// What takes an integer into Montgomery form.
    const TO_MONTGOMERY: Self = Self(P::R_SQUARED, PhantomData);

    pub(crate) const fn from_digits(digits: [i32; N]) -> Self {
        Self(digits, PhantomData)
    }

    /// The residue of the integer in `digits`, in Montgomery form.
    pub(crate) fn from_integer(digits: [i32; N]) -> Self {
        Self::from_digits(digits).mul(&Self::TO_MONTGOMERY)
    }

    /// The least non-negative integer of this residue, out of Montgomery form.
    pub(crate) fn to_integer(self) -> [i32; N] {
        let mut one = [0; N];
        one[0] = 1;
        self.mul(&Self::from_digits(one)).least()
    }

    /// The least non-negative integer congruent to these very digits, which are settled.
    pub(crate) fn least(self) -> [i32; N] {
        least(&self.0, &P::DIGITS.map(|digit| digit as i32))
    }

    /// The digits of the modulus, not negative.
    pub(crate) fn modulus() -> [i32; N] {
        unsigned(&P::DIGITS.map(|digit| digit as i32))
    }

    pub(crate) fn is_zero(&self) -> bool {
        self.settle().least().iter().all(|&digit| digit == 0)
    }

    /// Adds digit by digit; the weights add up.
    #[inline(always)]
    pub(crate) fn add(&self, other: &Self) -> Self {
        Self::from_digits(core::array::from_fn(|i| self.0[i] + other.0[i]))
    }

    /// Subtracts digit by digit; the weights add up.
    #[inline(always)]
    pub(crate) fn sub(&self, other: &Self) -> Self {
        Self::from_digits(core::array::from_fn(|i| self.0[i] - other.0[i]))
    }

    /// Multiplies digit by digit; so is the weight multiplied.
    #[inline(always)]
    pub(crate) fn times(&self, factor: i32) -> Self {
        Self::from_digits(self.0.map(|digit| digit * factor))
    }

    /// Negates where `sign` is −1, and changes nothing where it is 0.
    #[inline(always)]
    pub(crate) fn negated(&self, sign: i32) -> Self {
        Self::from_digits(self.0.map(|digit| (digit ^ sign) - sign))
    }

    /// The same residue, settled, from a weight of at most 7.
    #[inline(always)]
    pub(crate) fn settle(&self) -> Self {
        let mut columns = self.0.map(i64::from);
        let excess = if N == 9 {
            let shift = 64 - 1 - P::DIGITS[N - 1].leading_zeros();
            (columns[N - 1] + (1 << (shift - 1))) >> shift
        } else {
            0
        };
        for (column, digit) in columns.iter_mut().zip(P::DIGITS) {
            *column -= excess * digit;
        }
        Self::from_digits(carry(columns))
    }

    #[inline(never)]
    pub(crate) fn mul(&self, other: &Self) -> Self {
        let (a, b) = (&self.0, &other.0);
        if N == 9 && P::HOT {
            let mut columns = [0; 18];
            each!(I in [0 1 2 3 4 5 6 7 8] {
                each!(J in [0 1 2 3 4 5 6 7 8] {
                    columns[I + J] += product(a[I], b[J]);
                });
            });
            return Self::reduced(columns);
        }
        Self::by_rows(|i, j| product(a[i], b[j]))
    }

    #[inline(never)]
    pub(crate) fn square(&self) -> Self {
        let a = &self.0;
        if N == 9 && P::HOT {
            let mut columns = [0; 18];
            each!(I in [0 1 2 3 4 5 6 7] {
                each!(J in [0 1 2 3 4 5 6 7] {
                    // Digit I with digit J + 1: above the diagonal.
                    if I.le(&J) {
                        columns[I + J + 1] += product(a[I], a[J + 1]);
                    }
                });
            });
            each!(I in [0 1 2 3 4 5 6 7 8] {
                columns[2 * I] = 2 * columns[2 * I] + product(a[I], a[I]);
                columns[2 * I + 1] *= 2;
            });
            return Self::reduced(columns);
        }
        self.mul(self)
    }

    /// `self * other - c * d` for one reduction; the products of the weights add up.
    #[inline(never)]
    pub(crate) fn mul_sub(&self, other: &Self, c: &Self, d: &Self) -> Self {
        let (a, b, c, d) = (&self.0, &other.0, &c.0, &d.0);
        if N == 9 && P::HOT {
            let mut columns = [0; 18];
            each!(I in [0 1 2 3 4 5 6 7 8] {
                each!(J in [0 1 2 3 4 5 6 7 8] {
                    columns[I + J] += product(a[I], b[J]) - product(c[I], d[J]);
                });
            });
            return Self::reduced(columns);
        }
        Self::by_rows(|i, j| product(a[i], b[j]) - product(c[i], d[j]))
    }

    /// Divides the columns of a product by R (Montgomery's reduction, nine digits).
    #[inline(always)]
    fn reduced(mut columns: [i64; 18]) -> Self {
        each!(I in [0 1 2 3 4 5 6 7 8] {
            let quotient = centred(columns[I].wrapping_mul(P::NEGATIVE_INVERSE));
            each!(J in [0 1 2 3 4 5 6 7 8] {
                if P::DIGITS[J % N] != 0 {
                    columns[I + J] += quotient * P::DIGITS[J % N];
                }
            });
            columns[I + 1] += columns[I] >> BITS;
        });
        Self::from_digits(carry(core::array::from_fn(|i| columns[(i + 9) % 18])))
    }

    /// Multiplies and reduces row by row; `term` is the product of digit i and digit j.
    #[inline(always)]
    fn by_rows(term: impl Fn(usize, usize) -> i64) -> Self {
        let mut columns = [0; N];
        for i in 0..N {
            for (j, column) in columns.iter_mut().enumerate() {
                *column += term(i, j);
            }
            let quotient = centred(columns[0].wrapping_mul(P::NEGATIVE_INVERSE));
            for (column, digit) in columns.iter_mut().zip(P::DIGITS) {
                *column += quotient * digit;
            }
            let carried = columns[0] >> BITS;
            columns.copy_within(1.., 0);
            columns[N - 1] = 0;
            columns[0] += carried;
        }
        Self::from_digits(carry(columns))
    }

    /// The inverse; zero has none, and stays zero.
    pub(crate) fn inverse(&self) -> Self {
        let integer = inverse::modulo::<P, N>(&self.to_integer());
        Self::from_integer(integer)
    }

    /// Inverts all residues for one inversion (Montgomery's trick); none may be zero.
    pub(crate) fn invert_all(residues: &mut [Self]) {
        let mut product = Self::ONE;
        let mut products = Vec::with_capacity(residues.len());
        for residue in residues.iter_mut() {
            products.push(product);
            *residue = residue.settle();
            product = product.mul(residue);
        }
        let mut inverse = product.inverse();
        for (residue, before) in residues.iter_mut().zip(&products).rev() {
            let result = inverse.mul(before);
            inverse = inverse.mul(residue);
            *residue = result;
        }
    }
}

impl<P: Modulus<N>, const N: usize> PartialEq for Residue<P, N> {
    fn eq(&self, other: &Self) -> bool {
        self.sub(other).is_zero()
    }
}

/// The least non-negative integer congruent to `digits`: one function for all moduli of a length.
#[inline(never)]
fn least<const N: usize>(digits: &[i32; N], modulus: &[i32; N]) -> [i32; N] {
    let mut digits = unsigned(digits);
    while digits[N - 1] < 0 {
        digits = unsigned(&core::array::from_fn(|i| digits[i] + modulus[i]));
    }
    loop {
        let less = unsigned(&core::array::from_fn(|i| digits[i] - modulus[i]));
        if less[N - 1] < 0 {
            return digits;
        }
        digits = less;
    }
}

/// Reads big-endian octets into non-negative digits; more than N digits hold is cut off.
#[inline(never)]
pub(crate) fn digits_from_octets<const N: usize>(octets: &[u8]) -> [i32; N] {
    let mut digits = [0; N];
    for (place, &octet) in octets.iter().rev().enumerate() {
        let (index, shift) = (place * 8 / BITS as usize, place as u32 * 8 % BITS);
        let spread = i64::from(octet) << shift;
        if let Some(digit) = digits.get_mut(index) {
            *digit |= (spread & MASK) as i32;
        }
        if let Some(digit) = digits.get_mut(index + 1) {
            *digit |= (spread >> BITS) as i32;
        }
    }
    digits
}

/// Whether the non-negative digits of `a` are a smaller number than those of `b`.
pub(crate) fn is_less<const N: usize>(a: &[i32; N], b: &[i32; N]) -> bool {
    a.iter().rev().lt(b.iter().rev())
}

/// Carries so that every digit but the last, which keeps the sign, is from 0 to 2^29 − 1.
pub(crate) fn unsigned<const N: usize>(digits: &[i32; N]) -> [i32; N] {
    let mut carried = 0;
    let mut result = [0; N];
    for (place, &digit) in result.iter_mut().take(N - 1).zip(digits) {
        let column = i64::from(digit) + carried;
        carried = column >> BITS;
        *place = (column & MASK) as i32;
    }
    result[N - 1] = (i64::from(digits[N - 1]) + carried) as i32;
    result
}

#[inline(always)]
fn product(a: i32, b: i32) -> i64 {
    i64::from(a) * i64::from(b)
}

/// The low digit of `column`, from −2^28 to 2^28 − 1.
#[inline(always)]
const fn centred(column: i64) -> i64 {
    (column << (64 - BITS)) >> (64 - BITS)
}

/// Carries so that every digit but the last is centred.
#[inline(always)]
fn carry<const N: usize>(columns: [i64; N]) -> [i32; N] {
    let mut digits = [0; N];
    let mut carried = 0;
    for (i, digit) in digits.iter_mut().enumerate() {
        let column = columns[i] + carried;
        if i == N - 1 {
            *digit = column as i32;
        } else {
            carried = (column + HALF) >> BITS;
            *digit = (column - (carried << BITS)) as i32;
        }
    }
    digits
}

/// The centred digits of a number in big-endian octets.
pub(crate) const fn centred_digits<const N: usize>(octets: &[u8]) -> [i64; N] {
    let mut digits = [0; N];
    let mut bit = 0;
    while bit < 8 * octets.len() {
        let octet = octets[octets.len() - 1 - bit / 8];
        digits[bit / BITS as usize] |= ((octet >> (bit % 8) & 1) as i64) << (bit % BITS as usize);
        bit += 1;
    }
    let mut i = 0;
    while i + 1 < N {
        if digits[i] >= HALF {
            digits[i] -= 1 << BITS;
            digits[i + 1] += 1;
        }
        i += 1;
    }
    digits
}

const fn negative_inverse(digit: i64) -> i64 {
    let mut inverse = digit;
    let mut bits = 3;
    while bits < BITS {
        inverse = centred(inverse.wrapping_mul(2 - centred(inverse.wrapping_mul(digit))));
        bits *= 2;
    }
    centred(-inverse)
}

/// 2 to the power `exponent` modulo the modulus, centred.
const fn power_of_two<const N: usize>(modulus: &[i64; N], exponent: u32) -> [i32; N] {
    let mut value = [0i64; N];
    value[0] = 1;
    let mut step = 0;
    while step < exponent {
        // Doubles, then takes the modulus away if the value is above zero: it stays within ± it.
        let mut top = N - 1;
        while top > 0 && value[top] == 0 {
            top -= 1;
        }
        let sign = if value[top] > 0 { 1 } else { -1 };
        let mut i = 0;
        while i < N {
            value[i] = 2 * value[i] - sign * modulus[i];
            i += 1;
        }
        i = 0;
        while i + 1 < N {
            let carried = (value[i] + HALF) >> BITS;
            value[i] -= carried << BITS;
            value[i + 1] += carried;
            i += 1;
        }
        step += 1;
    }
    let mut digits = [0; N];
    let mut i = 0;
    while i < N {
        digits[i] = value[i] as i32;
        i += 1;
    }
    digits
}
