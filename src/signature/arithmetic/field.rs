//! Residues modulo an odd number that is known at compile time, in Montgomery form.
//!
//! A residue is its product with R = 2^(29 N) modulo the modulus p (Montgomery form), as N signed digits of 29 bits.
//! Digits are centred on zero, so sums and differences need no carry before the next multiplication, and a
//! multiplication needs no carry between its columns: WebAssembly has no carry flag.
//!
//! Over 400 lines: the bounds below hold for every function of this file together.
//!
//! # Bounds
//!
//! A residue is *settled* if every digit but the last is from −2^28 to 2^28 − 1. A product is settled, and so is the
//! result of [`Residue::settle`]. A sum of k settled residues has *weight* k: its digits are at most k × 2^28.
//!
//! - **Digits** are 32 bits wide: 7 × 2^28 < 2^31, so weights go up to 7.
//! - **Columns** are 64 bits wide. A column collects at most N products of digits of the factors, at most
//!   w × N × 2^56 where w is the product of the weights, then at most N products of a digit of the quotient and one of
//!   the modulus, at most N × 2^56, and the carry from the column before, below 2^35. So w × N + N must stay below 128:
//!   w ≤ 13 for 9 digits (126), w ≤ 8 for 14 digits (126). The prime of P-521 has three digits other than zero, one of
//!   them −2^28 and the others ±1; w ≤ 6 for 19 digits (114 + 2). For P-256 the digits of the quotient
//!   go up to 2^29, and those of the modulus only to 2^24.
//! - **Values.** A product of values a and b is (a b + q p) / R with |q| ≤ R / 2, about a b / R + p / 2. For 9 digits
//!   R is at least 2^5 p: two factors of at most 0.7 p each and w ≤ 13 give at most (13 × 0.49 / 32 + 0.5) p < 0.7 p.
//!   [`Residue::square_sub`] subtracts up to three such values from one: at most 2.8 p. The factors of such a value are
//!   small enough for their product to stay below 0.7 p as well.
//!   For more digits R is at least 2^22 p, and a product is at most 0.51 p even if the values of its factors are many
//!   times p: [`Residue::settle`] then only carries, while for 9 digits it also subtracts the multiple of p that brings
//!   the value back to 0.6 p. The largest values are those of table entries of P-384 and P-521, below 2^10 p.
//!
//! `tests/arithmetic_bounds.rs` checks these sums. All code that could overflow is generic over [`Digit`], and the test
//! runs it with ranges of integers in the place of integers: for each curve, over the point formulas of `weierstrass.rs`
//! and `edwards.rs`, until the ranges do not grow any more. A range that leaves its machine type panics.
#![expect(
    clippy::as_conversions,
    clippy::indexing_slicing,
    reason = "every index is below a constant; digits are taken from wider columns on purpose"
)]

use core::fmt::Debug;
use core::marker::PhantomData;
use core::ops::{Add, AddAssign, Mul, Shr, Sub};

/// The bits of one digit.
pub const BITS: u32 = 29;
const HALF: i64 = 1 << (BITS - 1);
const MASK: i64 = (1 << BITS) - 1;

/// A digit of a residue: `i32`, or in `tests/arithmetic_bounds.rs` the range of values that it can have.
pub trait Digit:
    Copy + Debug + From<i32> + Add<Output = Self> + Sub<Output = Self> + Mul<i32, Output = Self>
{
    /// A sum of products of digits: `i64`, or its range.
    type Column: Column<Self>;

    /// The digit with the opposite sign if `sign` is −1, the same digit if it is 0.
    fn negated(self, sign: i32) -> Self;

    /// The same digits if `mask` is −1, zeros if it is 0: without a branch, and the compiler cannot introduce one, because it
    /// does not know that the mask has no other value.
    fn masked<const N: usize>(digits: [Self; N], mask: Self) -> [Self; N];
}

/// A column of a product, before its carry.
pub trait Column<D>:
    Copy
    + From<i64>
    + From<D>
    + Add<Output = Self>
    + AddAssign
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Shr<u32, Output = Self>
{
    /// The low digit of `self × factor`, from −2^28 to 2^28 − 1.
    fn centred_product(self, factor: i64) -> Self;

    /// The nearest multiple of 2^bits, divided by 2^bits, and the rest, from −2^(bits − 1) to 2^(bits − 1) − 1.
    fn rounded(self, bits: u32) -> (Self, Self);

    /// The next lower multiple of 2^bits, divided by 2^bits, and the rest, from 0 to 2^bits − 1.
    fn floored(self, bits: u32) -> (Self, Self);

    /// This column as a digit, which it fits.
    fn narrowed(self) -> D;

    /// Called with the carry out of the last digit of a number: zero, which the ranges check.
    #[cfg(any(
        test,
        not(any(
            target_feature = "simd128",
            all(target_pointer_width = "64", not(target_family = "wasm"))
        ))
    ))]
    #[inline(always)]
    fn expect_zero(self) {}
}

impl Digit for i32 {
    type Column = i64;

    #[inline(always)]
    fn negated(self, sign: i32) -> Self {
        (self ^ sign) - sign
    }

    #[inline(always)]
    fn masked<const N: usize>(digits: [Self; N], mask: Self) -> [Self; N] {
        let mask = core::hint::black_box(mask);
        digits.map(|digit| digit & mask)
    }
}

impl Column<i32> for i64 {
    #[inline(always)]
    fn centred_product(self, factor: i64) -> Self {
        centred(self.wrapping_mul(factor))
    }

    #[inline(always)]
    fn rounded(self, bits: u32) -> (Self, Self) {
        let multiple = (self + (1 << (bits - 1))) >> bits;
        (multiple, self - (multiple << bits))
    }

    #[inline(always)]
    fn floored(self, bits: u32) -> (Self, Self) {
        (self >> bits, self & ((1 << bits) - 1))
    }

    #[inline(always)]
    fn narrowed(self) -> i32 {
        self as i32
    }
}

/// An odd modulus of N digits, at least 5 bits shorter than they could hold.
pub trait Modulus<const N: usize>: Copy + 'static {
    /// The modulus as centred digits, the least significant first.
    const DIGITS: [i64; N];
    /// Whether its multiplication is unrolled: faster, and more code.
    const HOT: bool;
    /// Whether it is also fused with sums where that saves a carry: faster still, and more code.
    const FUSED: bool = false;
    /// −1 divided by the modulus, modulo 2^29, centred.
    const NEGATIVE_INVERSE: i64 = negative_inverse(Self::DIGITS[0]);
    /// R modulo the modulus.
    const R: [i32; N] = power_of_two(&Self::DIGITS, BITS * N as u32);
    /// R² modulo the modulus.
    const R_SQUARED: [i32; N] = power_of_two(&Self::DIGITS, 2 * BITS * N as u32);
}

/// A residue modulo P.
#[derive(Clone, Copy, Debug)]
pub struct Residue<P, const N: usize, D = i32>(pub [D; N], PhantomData<P>);

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

impl<P, const N: usize, D> Residue<P, N, D> {
    pub const fn from_digits(digits: [D; N]) -> Self {
        Self(digits, PhantomData)
    }
}

impl<P: Modulus<N>, const N: usize> Residue<P, N> {
    /// One, in Montgomery form.
    pub const ONE: Self = Self(P::R, PhantomData);

    /// The least non-negative integer of this residue, out of Montgomery form.
    pub fn to_integer(self) -> [i32; N] {
        self.out_of_montgomery_form().least()
    }

    /// The least non-negative integer congruent to these very digits, which are settled.
    pub fn least(self) -> [i32; N] {
        least(&self.0, &P::DIGITS.map(|digit| digit as i32))
    }

    /// The digits of the modulus, not negative.
    pub fn modulus() -> [i32; N] {
        unsigned(&P::DIGITS.map(|digit| digit as i32))
    }

    pub fn is_zero(&self) -> bool {
        self.settle().least().iter().all(|&digit| digit == 0)
    }
}

impl<P: Modulus<N>, const N: usize, D: Digit> Residue<P, N, D> {
    /// A residue whose digits are known at compile time.
    #[inline(always)]
    pub fn constant(digits: &[i32; N]) -> Self {
        Self::from_digits(digits.map(D::from))
    }

    /// The residue of the integer in `digits`, in Montgomery form.
    pub fn from_integer(digits: [D; N]) -> Self {
        Self::from_digits(digits).mul(&Self::constant(&P::R_SQUARED))
    }

    /// The integer of this residue, settled: out of Montgomery form.
    pub fn out_of_montgomery_form(&self) -> Self {
        let mut one = [0; N];
        one[0] = 1;
        self.mul(&Self::constant(&one))
    }

    /// Adds digit by digit; the weights add up.
    #[inline(always)]
    pub fn add(&self, other: &Self) -> Self {
        Self::from_digits(core::array::from_fn(|i| self.0[i] + other.0[i]))
    }

    /// Subtracts digit by digit; the weights add up.
    #[inline(always)]
    pub fn sub(&self, other: &Self) -> Self {
        Self::from_digits(core::array::from_fn(|i| self.0[i] - other.0[i]))
    }

    /// Multiplies each digit, and with it the weight.
    #[inline(always)]
    pub fn times(&self, factor: i32) -> Self {
        Self::from_digits(self.0.map(|digit| digit * factor))
    }

    /// Negates if `sign` is −1, and changes nothing if it is 0.
    #[inline(always)]
    pub fn negated(&self, sign: i32) -> Self {
        Self::from_digits(self.0.map(|digit| digit.negated(sign)))
    }

    /// The same residue, settled, from a weight of at most 7.
    #[inline(always)]
    pub fn settle(&self) -> Self {
        let mut columns = self.0.map(D::Column::from);
        if N == 9 {
            // Subtracts the multiple of the modulus that is nearest by the last digits: that of the modulus is about 2^shift.
            let shift = 63 - P::DIGITS[N - 1].leading_zeros();
            let (multiple, rest) = columns[N - 1].rounded(shift);
            columns[N - 1] = rest + multiple * ((1 << shift) - P::DIGITS[N - 1]).into();
            for (column, digit) in columns.iter_mut().zip(P::DIGITS).take(N - 1) {
                *column = *column - multiple * digit.into();
            }
        }
        Self::from_digits(carry(columns))
    }

    /// The same residue, settled if it has more than nine digits: their products leave less room for weights.
    #[inline(always)]
    pub fn settle_if_long(&self) -> Self {
        if N > 9 { self.settle() } else { *self }
    }

    #[inline(never)]
    pub fn mul(&self, other: &Self) -> Self {
        let (a, b) = (&self.0, &other.0);
        if N == 9 && P::HOT {
            let mut columns = [0.into(); 18];
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
    pub fn square(&self) -> Self {
        if N == 9 && P::HOT {
            return Self::reduced(self.square_columns());
        }
        self.mul(self)
    }

    /// The square less `other`, settled.
    #[inline(never)]
    pub fn square_sub(&self, other: &Self) -> Self {
        if N == 9 && P::FUSED {
            let mut columns = self.square_columns();
            // The upper half of the columns is what remains of a product divided by R.
            each!(I in [0 1 2 3 4 5 6 7 8] {
                columns[I + 9] = columns[I + 9] - other.0[I].into();
            });
            return Self::reduced(columns);
        }
        self.square().sub(other).settle()
    }

    /// The columns of the square of nine digits.
    #[inline(always)]
    fn square_columns(&self) -> [D::Column; 18] {
        let a = &self.0;
        let mut columns: [D::Column; 18] = [0.into(); 18];
        each!(I in [0 1 2 3 4 5 6 7] {
            each!(J in [0 1 2 3 4 5 6 7] {
                // Digit I with digit J + 1: above the diagonal.
                if I.le(&J) {
                    columns[I + J + 1] += product(a[I], a[J + 1]);
                }
            });
        });
        each!(I in [0 1 2 3 4 5 6 7 8] {
            columns[2 * I] = columns[2 * I] + columns[2 * I] + product(a[I], a[I]);
            columns[2 * I + 1] = columns[2 * I + 1] + columns[2 * I + 1];
        });
        columns
    }

    /// `self * other - c * d` with one reduction; the products of the weights add up.
    #[inline(never)]
    pub fn mul_sub(&self, other: &Self, c: &Self, d: &Self) -> Self {
        let (a, b, c, d) = (&self.0, &other.0, &c.0, &d.0);
        if N == 9 && P::FUSED {
            let mut columns = [0.into(); 18];
            each!(I in [0 1 2 3 4 5 6 7 8] {
                each!(J in [0 1 2 3 4 5 6 7 8] {
                    columns[I + J] += product(a[I], b[J]) - product(c[I], d[J]);
                });
            });
            return Self::reduced(columns);
        }
        Self::by_rows(|i, j| product(a[i], b[j]) - product(c[i], d[j]))
    }

    /// `self * other - 2 * c * c` with one reduction; the weights add up as in [`Self::mul_sub`] of c and 2 c.
    #[inline(never)]
    pub fn mul_sub_squares(&self, other: &Self, c: &Self) -> Self {
        if N == 9 && P::FUSED {
            let (a, b) = (&self.0, &other.0);
            let mut columns = c.square_columns();
            each!(I in [0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16] {
                columns[I] = D::Column::from(0) - columns[I] - columns[I];
            });
            each!(I in [0 1 2 3 4 5 6 7 8] {
                each!(J in [0 1 2 3 4 5 6 7 8] {
                    columns[I + J] += product(a[I], b[J]);
                });
            });
            return Self::reduced(columns);
        }
        self.mul_sub(other, c, &c.times(2))
    }

    /// Divides the columns of a product of nine digits by R (Montgomery reduction).
    ///
    /// Where the modulus is −1 modulo 2^29, the digit of the quotient is the low digit of its column. Only the last is
    /// centred, which suffices for a quotient within ± R / 2; the others are from 0 to 2^29 − 1, which needs fewer operations.
    #[inline(always)]
    fn reduced(mut columns: [D::Column; 18]) -> Self {
        each!(I in [0 1 2 3 4 5 6 7 8] {
            let (carried, quotient) = if P::NEGATIVE_INVERSE != 1 {
                let quotient = columns[I].centred_product(P::NEGATIVE_INVERSE);
                ((columns[I] + quotient * P::DIGITS[0].into()) >> BITS, quotient)
            } else if I < 8 {
                columns[I].floored(BITS)
            } else {
                columns[I].rounded(BITS)
            };
            each!(J in [1 2 3 4 5 6 7 8] {
                if P::DIGITS[J % N] != 0 {
                    columns[I + J] += quotient * P::DIGITS[J % N].into();
                }
            });
            columns[I + 1] += carried;
        });
        Self::from_digits(carry(core::array::from_fn(|i| columns[(i + 9) % 18])))
    }

    /// Multiplies and reduces row by row (Montgomery multiplication by operand scanning); `term` is the product of digit i
    /// and digit j.
    #[inline(always)]
    fn by_rows(term: impl Fn(usize, usize) -> D::Column) -> Self {
        let mut columns: [D::Column; N] = [0.into(); N];
        for i in 0..N {
            let first = columns[0] + term(i, 0);
            let (carried, quotient) = if P::NEGATIVE_INVERSE == 1 {
                first.rounded(BITS)
            } else {
                let quotient = first.centred_product(P::NEGATIVE_INVERSE);
                ((first + quotient * P::DIGITS[0].into()) >> BITS, quotient)
            };
            for j in 1..N {
                columns[j - 1] = columns[j] + term(i, j) + quotient * P::DIGITS[j].into();
            }
            columns[N - 1] = 0.into();
            columns[0] += carried;
        }
        Self::from_digits(carry(columns))
    }
}

impl<P: Modulus<N>, const N: usize> PartialEq for Residue<P, N> {
    fn eq(&self, other: &Self) -> bool {
        self.sub(other).is_zero()
    }
}

/// The least non-negative integer congruent to `digits`: one function for all moduli of a length.
#[inline(never)]
pub fn least<const N: usize>(digits: &[i32; N], modulus: &[i32; N]) -> [i32; N] {
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
pub fn digits_from_octets<const N: usize>(octets: &[u8]) -> [i32; N] {
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
pub fn is_less<const N: usize>(a: &[i32; N], b: &[i32; N]) -> bool {
    a.iter().rev().lt(b.iter().rev())
}

/// Carries so that every digit but the last, which keeps the sign, is from 0 to 2^29 − 1.
pub fn unsigned<D: Digit, const N: usize>(digits: &[D; N]) -> [D; N] {
    let mut carried = D::Column::from(0);
    let mut result = [0.into(); N];
    for (place, &digit) in result.iter_mut().take(N - 1).zip(digits) {
        let (high, low) = (D::Column::from(digit) + carried).floored(BITS);
        carried = high;
        *place = low.narrowed();
    }
    result[N - 1] = (D::Column::from(digits[N - 1]) + carried).narrowed();
    result
}

#[inline(always)]
fn product<D: Digit>(a: D, b: D) -> D::Column {
    D::Column::from(a) * D::Column::from(b)
}

/// The low digit of `column`, from −2^28 to 2^28 − 1.
#[inline(always)]
const fn centred(column: i64) -> i64 {
    (column << (64 - BITS)) >> (64 - BITS)
}

/// Carries so that every digit but the last is centred.
#[inline(always)]
fn carry<D: Digit, const N: usize>(columns: [D::Column; N]) -> [D; N] {
    let mut digits = [0.into(); N];
    let mut carried = D::Column::from(0);
    for (i, digit) in digits.iter_mut().enumerate() {
        let column = columns[i] + carried;
        if i == N - 1 {
            *digit = column.narrowed();
        } else {
            let (high, rest) = column.rounded(BITS);
            carried = high;
            *digit = rest.narrowed();
        }
    }
    digits
}

/// The centred digits of a number in big-endian octets.
pub const fn centred_digits<const N: usize>(octets: &[u8]) -> [i64; N] {
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

/// 2 to the power `exponent` modulo the modulus, settled: within ± half of the modulus.
const fn power_of_two<const N: usize>(modulus: &[i64; N], exponent: u32) -> [i32; N] {
    let mut value = [0i64; N];
    value[0] = 1;
    let mut step = 0;
    while step < exponent {
        value = sum(2, &value, 0, modulus);
        let sign = sign(&value);
        // Whether the value is nearer to ± the modulus than to zero.
        if self::sign(&sum(2, &value, -sign, modulus)) == sign {
            value = sum(1, &value, -sign, modulus);
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

/// `x a + y b` for small factors, centred.
const fn sum<const N: usize>(x: i64, a: &[i64; N], y: i64, b: &[i64; N]) -> [i64; N] {
    let mut digits = [0; N];
    let mut carried = 0;
    let mut i = 0;
    while i < N {
        let column = x * a[i] + y * b[i] + carried;
        carried = if i + 1 < N {
            (column + HALF) >> BITS
        } else {
            0
        };
        digits[i] = column - (carried << BITS);
        i += 1;
    }
    digits
}

/// The sign of a number of centred digits: that of its highest digit other than zero.
const fn sign<const N: usize>(digits: &[i64; N]) -> i64 {
    let mut i = N;
    while i > 0 {
        i -= 1;
        if digits[i] != 0 {
            return digits[i].signum();
        }
    }
    0
}
