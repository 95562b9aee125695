//! Exponentiation in digits of 28 bits, by Montgomery multiplication, for targets without a product of 128 bits: the
//! methods that its two forms of multiplication have in common.
//!
//! Multiplication is modulo a multiple N of the modulus n that is −1 modulo 2^56. So the factor by which N clears the lowest
//! digits of a number is those digits themselves, and N + 1 ends in 56 zero bits.
//!
//! # Bounds
//!
//! - **Values.** N is below 2^56 n, and R = 2^(14 × limbs) is at least 16 × 2^56 × n, so at least 16 N. The product of
//!   values within ± 0.6 N is (a b + q N) / R with |q| ≤ 0.51 R, so within ± (0.36 / 16 + 0.51) N: no value ever needs a
//!   comparison. The first factors are non-negative and below 2^56 n; a value times such a factor is as small.
//! - **Limbs and columns**: see `montgomery_scalar.rs` and `montgomery_simd.rs`.
//! - **Sums of digits** here: a digit is below 2^28 in magnitude. [`ByDigits::reduce`] and [`times_plus_one`] add two
//!   products of them, one digit and a carry below 2^30: less than 2^58, in 64 bits. [`add`] adds two digits and a carry
//!   of ± 1: less than 2^30, in 32 bits.
//!
//! `tests/arithmetic_bounds.rs` checks all of it, for every length of a modulus.
#![expect(
    clippy::as_conversions,
    clippy::indexing_slicing,
    reason = "every index is below a length fixed by the modulus; digits are cut off on purpose"
)]

use std::sync::Mutex;

use super::exponentiation::{Exponentiation, inverse};

/// The bits of a digit, in which numbers are given: non-negative digits, the least significant first.
pub const BITS: u32 = 28;
const MASK: i64 = (1 << BITS) - 1;

/// A form of Montgomery multiplication: without SIMD `montgomery_scalar.rs`, with SIMD `montgomery_simd.rs`.
pub trait Multiplication: Sized {
    /// A factor modulo some N, or memory for one.
    type Factor: Default + 'static;

    /// Prepares multiplication modulo N, given as N + 1, with R = 2^(14 × limbs); `limbs` is a multiple of 16.
    fn new(multiple: &[i32], limbs: usize) -> Self;

    /// Gives a factor of any modulus the length of this one's.
    fn fit(&self, factor: &mut Self::Factor);

    /// Writes the number in `digits`, times 2^56 if shifted, to a factor.
    fn put(&self, digits: &[i32], is_shifted: bool, factor: &mut Self::Factor);

    /// Writes the product divided by R to a factor.
    fn mul(&self, a: &Self::Factor, b: &Self::Factor, product: &mut Self::Factor);

    /// Writes the square divided by R to a factor.
    fn square(&self, a: &Self::Factor, product: &mut Self::Factor);

    /// The digit at `index`, of any sign; zero beyond the last.
    fn digit(a: &Self::Factor, index: usize) -> i32;

    /// The pool of memory for exponentiations, one for each form.
    fn pool() -> &'static Pool<Self::Factor>;
}

/// Memory for exponentiations that are over, to be used by the next. It holds as many entries as there ever were
/// exponentiations at the same time, each as long as the longest modulus it was used with.
pub type Pool<Factor> = Mutex<Vec<Scratch<Factor>>>;

/// The memory of one exponentiation.
#[derive(Debug, Default)]
pub struct Scratch<Factor> {
    /// Those of the signature, and then those of its power.
    pub digits: Vec<i32>,
    pub base: Factor,
    pub power: Factor,
    pub next: Factor,
}

/// Exponentiation in digits of 28 bits.
#[derive(Debug)]
pub struct ByDigits<M: Multiplication> {
    /// Its digits, and a zero for the sign of a sum.
    modulus: Vec<i32>,
    /// −1 / n modulo 2^56, by which N is a multiple of n.
    cofactor: u64,
    multiplication: M,
    r_squared: M::Factor,
}

impl<M: Multiplication> Exponentiation for ByDigits<M> {
    fn new(modulus: &[u8]) -> Self {
        let bits = 8 * modulus.len() - modulus[0].leading_zeros() as usize;
        let mut digits = Vec::new();
        put_digits(modulus, &mut digits);
        let low = digits.iter().take(3).rev().fold(0_u64, |sum, &digit| {
            (sum << BITS).wrapping_add(digit as u64)
        });
        let cofactor = inverse(low).wrapping_neg() & ((1 << (2 * BITS)) - 1);
        let limbs = (bits + 60).div_ceil(14 * 16) * 16;
        let multiplication = M::new(&times_plus_one(&digits, cofactor), limbs);
        // R × 2^(14 × limbs / 32), which five squarings make R × R.
        let start = doubled(&digits, 14 * limbs + 14 * limbs / 32);
        let [mut r_squared, mut square] = [M::Factor::default(), M::Factor::default()];
        multiplication.fit(&mut r_squared);
        multiplication.fit(&mut square);
        multiplication.put(&start, false, &mut r_squared);
        for _ in 0..5 {
            multiplication.square(&r_squared, &mut square);
            (r_squared, square) = (square, r_squared);
        }
        Self {
            modulus: digits,
            cofactor,
            multiplication,
            r_squared,
        }
    }

    fn power(&self, base: &[u8], exponent: u64, out: &mut [u8]) -> bool {
        let free = M::pool().lock().ok().and_then(|mut pool| pool.pop());
        let mut scratch = free.unwrap_or_default();
        put_digits(base, &mut scratch.digits);
        let is_below = is_less(&scratch.digits, &self.modulus);
        if is_below {
            self.raise(exponent, &mut scratch);
            put_octets(&scratch.digits, out);
        }
        if let Ok(mut pool) = M::pool().lock() {
            pool.push(scratch);
        }
        is_below
    }
}

impl<M: Multiplication> ByDigits<M> {
    /// Raises the digits to the exponent.
    fn raise(&self, exponent: u64, scratch: &mut Scratch<M::Factor>) {
        let multiplication = &self.multiplication;
        let Scratch {
            digits,
            base,
            power,
            next,
        } = scratch;
        for factor in [&mut *base, power, next] {
            multiplication.fit(factor);
        }
        multiplication.put(digits, false, power);
        multiplication.mul(&self.r_squared, power, base);
        let top = exponent.ilog2();
        for bit in (1..=top).rev() {
            multiplication.square(if bit == top { base } else { power }, next);
            core::mem::swap(power, next);
            if bit > 1 && exponent >> (bit - 1) & 1 == 1 {
                multiplication.mul(power, base, next);
                core::mem::swap(power, next);
            }
        }
        // The exponent is odd: the last factor is the signature itself, not in Montgomery form, which also takes the power
        // out of it; `reduce` divides by the 2^56 in it.
        multiplication.put(digits, true, base);
        multiplication.mul(power, base, next);
        self.reduce(next, digits);
    }

    /// `number` / 2^56 modulo n, for a number between ± N.
    fn reduce(&self, number: &M::Factor, result: &mut [i32]) {
        let number = |i: usize| i64::from(M::digit(number, i));
        let low = (number(0) + (number(1) << BITS)) as u64;
        let quotient = low.wrapping_mul(self.cofactor);
        let (first, second) = (quotient as i64 & MASK, (quotient >> BITS) as i64 & MASK);
        let digit = |i: usize| self.modulus.get(i).map_or(0, |&digit| i64::from(digit));
        let mut carried = 0;
        for i in 0..self.modulus.len() + 2 {
            let before = if i == 0 { 0 } else { digit(i - 1) };
            carried += number(i) + first * digit(i) + second * before;
            if i >= 2 {
                result[i - 2] = (carried & MASK) as i32;
            }
            carried >>= BITS;
        }
        if let Some(top) = result.last_mut() {
            *top |= (carried << BITS) as i32;
        }
        while is_negative(result) {
            add(result, &self.modulus, 1);
        }
        while !is_less(result, &self.modulus) {
            add(result, &self.modulus, -1);
        }
    }
}

/// The last octets of a number that is not negative, as many as `out` has.
fn put_octets(digits: &[i32], out: &mut [u8]) {
    for (chunk, pair) in out.rchunks_mut(7).zip(digits.chunks(2)) {
        let high = pair.get(1).map_or(0, |&high| high as u64);
        let both = pair[0] as u64 | high << BITS;
        let octets = both.to_be_bytes();
        let start = octets.len() - chunk.len();
        chunk.copy_from_slice(&octets[start..]);
    }
}

/// Two digits for every 7 octets, and a zero for the sign of a sum.
fn put_digits(octets: &[u8], digits: &mut Vec<i32>) {
    digits.clear();
    digits.extend(octets.rchunks(7).flat_map(|chunk| {
        let both = chunk
            .iter()
            .fold(0, |sum, &octet| sum << 8 | i64::from(octet));
        [(both & MASK) as i32, (both >> BITS) as i32]
    }));
    digits.push(0);
}

/// Whether `a` is the smaller of two numbers with as many digits.
fn is_less(a: &[i32], b: &[i32]) -> bool {
    a.iter().rev().lt(b.iter().rev())
}

fn is_negative(number: &[i32]) -> bool {
    number.last().is_some_and(|&top| top < 0)
}

/// Adds `sign × other`; the last digit keeps the sign.
fn add(number: &mut [i32], other: &[i32], sign: i32) {
    let mut carried = 0;
    for (digit, other) in number.iter_mut().zip(other) {
        let column = *digit + sign * other + carried;
        carried = column >> BITS;
        *digit = column & MASK as i32;
    }
    if let Some(top) = number.last_mut() {
        *top |= carried << BITS;
    }
}

/// `number × factor + 1`, for a factor of two digits.
fn times_plus_one(number: &[i32], factor: u64) -> Vec<i32> {
    let (first, second) = (factor as i64 & MASK, (factor >> BITS) as i64);
    let mut carried = 1;
    let mut before = 0;
    let digits = number.iter().copied().chain([0, 0]);
    digits
        .map(|digit| {
            let digit = i64::from(digit);
            carried += first * digit + second * before;
            before = digit;
            let low = (carried & MASK) as i32;
            carried >>= BITS;
            low
        })
        .collect()
}

/// 2^exponent modulo the modulus.
fn doubled(modulus: &[i32], exponent: usize) -> Vec<i32> {
    let top = modulus.iter().rposition(|&digit| digit != 0).unwrap_or(0);
    let mut value = vec![0; modulus.len()];
    // The highest power of two below the modulus.
    let bit = 31 - modulus[top].leading_zeros();
    value[top] = 1 << bit;
    let mut half = Vec::new();
    for _ in top * BITS as usize + bit as usize..exponent {
        half.clone_from(&value);
        add(&mut value, &half, 1);
        add(&mut value, modulus, -1);
        if is_negative(&value) {
            add(&mut value, modulus, 1);
        }
    }
    value
}
