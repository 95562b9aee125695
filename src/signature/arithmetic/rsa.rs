//! The public operation of RSA: a power modulo an odd number (RFC 8017 section 5.2.2).
//!
//! Montgomery's multiplication, modulo a multiple N of the modulus n that is −1 modulo 2^56. So the
//! factor by which N clears the lowest digits of a number is those digits themselves, and
//! N + 1 ends in 56 zero bits. R is 2^(14 × limbs), at least 16 × 2^56 × n, so that no value ever
//! needs a comparison: they stay between ± 0.6 N.
#![expect(
    clippy::as_conversions,
    clippy::indexing_slicing,
    reason = "every index is below a length fixed by the modulus; digits are cut off on purpose"
)]

/// The bits of a digit; a number is non-negative digits, the least significant first.
pub(super) const BITS: u32 = 28;
const MASK: i64 = (1 << BITS) - 1;

/// The moduli that the kernels' columns have room for, in bits.
const MODULUS_BITS: core::ops::RangeInclusive<usize> = 512..=8192;

/// A way to multiply.
pub(crate) trait Multiplication: Sized {
    /// A factor.
    type Factor;

    /// Modulo N, given as N + 1, by R = 2^(14 × limbs); `limbs` is a multiple of 16.
    fn new(multiple: &[i32], limbs: usize) -> Self;

    /// The factor that `digits` are, times 2^56 if `shifted`.
    fn factor(&self, digits: &[i32], is_shifted: bool) -> Self::Factor;

    /// The product divided by R, in the place of another factor.
    fn mul(&self, a: &Self::Factor, b: &Self::Factor, product: &mut Self::Factor);

    /// The square divided by R, likewise.
    fn square(&self, a: &Self::Factor, product: &mut Self::Factor);

    /// The digits, of any sign.
    fn digits(&self, a: &Self::Factor) -> Vec<i32>;
}

#[cfg(target_feature = "simd128")]
type Fastest = super::dots::Dots;
#[cfg(not(target_feature = "simd128"))]
type Fastest = super::columns::Columns;

/// A modulus and an exponent, prepared.
#[derive(Debug)]
pub(crate) struct PublicKey<M: Multiplication = Fastest> {
    octets: usize,
    modulus: Vec<i32>,
    exponent: u64,
    /// −1 / n modulo 2^56, by which N is a multiple of n.
    cofactor: u64,
    multiplication: M,
    r_squared: M::Factor,
}

impl<M: Multiplication> PublicKey<M> {
    /// The key with these big-endian numbers: an odd modulus of 512 to 8192 bits, and an odd
    /// exponent of 3 to 2^64 − 1. Leading zeros count for nothing.
    pub(crate) fn new(modulus: &[u8], exponent: &[u8]) -> Option<Self> {
        let (modulus, exponent) = (trimmed(modulus), trimmed(exponent));
        let bits = 8 * modulus.len() - modulus.first()?.leading_zeros() as usize;
        if !MODULUS_BITS.contains(&bits) || exponent.len() > 8 || modulus.last()? % 2 == 0 {
            return None;
        }
        let power = exponent
            .iter()
            .fold(0, |sum, &octet| sum << 8 | u64::from(octet));
        if power < 3 || power % 2 == 0 {
            return None;
        }
        let digits = digits_of(modulus);
        let low = digits.iter().take(3).rev().fold(0_u64, |sum, &digit| {
            (sum << BITS).wrapping_add(digit as u64)
        });
        let cofactor = inverse(low).wrapping_neg() & ((1 << (2 * BITS)) - 1);
        let limbs = (bits + 60).div_ceil(14 * 16) * 16;
        let multiplication = M::new(&times_plus_one(&digits, cofactor), limbs);
        // R × 2^(14 × limbs / 32), which five squarings make R × R.
        let start = doubled(&digits, 14 * limbs + 14 * limbs / 32);
        let mut r_squared = multiplication.factor(&start, false);
        let mut square = multiplication.factor(&[], false);
        for _ in 0..5 {
            multiplication.square(&r_squared, &mut square);
            (r_squared, square) = (square, r_squared);
        }
        Some(Self {
            octets: modulus.len(),
            modulus: digits,
            exponent: power,
            cofactor,
            multiplication,
            r_squared,
        })
    }

    /// Puts `signature` to the exponent into `out`, as long as the modulus.
    ///
    /// False, and `out` empty, if `signature` is not as long as the modulus or not below it.
    pub(crate) fn power(&self, signature: &[u8], out: &mut Vec<u8>) -> bool {
        out.clear();
        if signature.len() != self.octets {
            return false;
        }
        let base = digits_of(signature);
        if !is_less(&base, &self.modulus) {
            return false;
        }
        let multiplication = &self.multiplication;
        let [mut factor, mut power, mut next] = [(); 3].map(|()| multiplication.factor(&[], false));
        multiplication.mul(
            &self.r_squared,
            &multiplication.factor(&base, false),
            &mut factor,
        );
        let top = 63 - self.exponent.leading_zeros();
        for bit in (1..=top).rev() {
            let before = if bit == top { &factor } else { &power };
            multiplication.square(before, &mut next);
            (power, next) = (next, power);
            if bit > 1 && self.exponent >> (bit - 1) & 1 == 1 {
                multiplication.mul(&power, &factor, &mut next);
                (power, next) = (next, power);
            }
        }
        // The exponent is odd: the last factor is the signature itself, which also takes the
        // power out of Montgomery's form; the 2^56 in it is what `reduced` divides by.
        multiplication.mul(&power, &multiplication.factor(&base, true), &mut next);
        self.write(&self.reduced(&multiplication.digits(&next)), out);
        true
    }

    /// `number` / 2^56 modulo n, for a number between ± N.
    fn reduced(&self, number: &[i32]) -> Vec<i32> {
        let (low, next) = (i64::from(number[0]), i64::from(number[1]));
        let low = (low + (next << BITS)) as u64;
        let quotient = low.wrapping_mul(self.cofactor);
        let (first, second) = (quotient as i64 & MASK, (quotient >> BITS) as i64 & MASK);
        let digit = |i: usize| self.modulus.get(i).map_or(0, |&digit| i64::from(digit));
        let mut carried = 0;
        let mut result = vec![0; self.modulus.len() + 1];
        for i in 0..self.modulus.len() + 3 {
            let before = if i == 0 { 0 } else { digit(i - 1) };
            carried += number.get(i).map_or(0, |&digit| i64::from(digit));
            carried += first * digit(i) + second * before;
            if i >= 2 {
                result[i - 2] = (carried & MASK) as i32;
            }
            carried >>= BITS;
        }
        if let Some(top) = result.last_mut() {
            *top |= (carried << BITS) as i32;
        }
        let mut modulus = self.modulus.clone();
        modulus.push(0);
        while result.last().is_some_and(|&top| top < 0) {
            result = sum(&result, &modulus, 1);
        }
        while !is_less(&result, &modulus) {
            result = sum(&result, &modulus, -1);
        }
        result
    }

    fn write(&self, digits: &[i32], out: &mut Vec<u8>) {
        out.resize(self.octets, 0);
        for (chunk, pair) in out.rchunks_mut(7).zip(digits.chunks(2)) {
            let high = pair.get(1).map_or(0, |&high| high as u64);
            let both = pair[0] as u64 | high << BITS;
            let octets = both.to_be_bytes();
            let start = octets.len() - chunk.len();
            chunk.copy_from_slice(&octets[start..]);
        }
    }
}

fn trimmed(octets: &[u8]) -> &[u8] {
    let zeros = octets.iter().take_while(|&&octet| octet == 0).count();
    &octets[zeros..]
}

/// Two digits for every 7 octets.
fn digits_of(octets: &[u8]) -> Vec<i32> {
    let mut digits = Vec::with_capacity(octets.len().div_ceil(7) * 2);
    for chunk in octets.rchunks(7) {
        let both = chunk
            .iter()
            .fold(0, |sum, &octet| sum << 8 | i64::from(octet));
        digits.push((both & MASK) as i32);
        digits.push((both >> BITS) as i32);
    }
    digits
}

/// Whether `a` is the smaller of two numbers with as many digits.
fn is_less(a: &[i32], b: &[i32]) -> bool {
    a.iter().rev().lt(b.iter().rev())
}

/// `a + sign × b`; the last digit keeps the sign.
fn sum(a: &[i32], b: &[i32], sign: i32) -> Vec<i32> {
    let mut carried = 0;
    let mut result: Vec<i32> = a
        .iter()
        .zip(b)
        .map(|(&a, &b)| {
            let column = a + sign * b + carried;
            carried = column >> BITS;
            column & MASK as i32
        })
        .collect();
    if let Some(top) = result.last_mut() {
        *top |= carried << BITS;
    }
    result
}

/// The inverse of an odd number modulo 2^64.
fn inverse(odd: u64) -> u64 {
    // Each step doubles the bits that are right, of which the number itself has three.
    (0..5).fold(odd, |inverse, _| {
        inverse.wrapping_mul(2_u64.wrapping_sub(inverse.wrapping_mul(odd)))
    })
}

/// `number × factor + 1`, for a factor of two digits.
fn times_plus_one(number: &[i32], factor: u64) -> Vec<i32> {
    let (first, second) = (factor as i64 & MASK, (factor >> BITS) as i64);
    let mut carried = 1;
    let mut before = 0;
    let digits = number.iter().copied().chain([0, 0, 0]);
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
    let mut modulus = modulus.to_vec();
    modulus.push(0);
    let top = modulus.iter().rposition(|&digit| digit != 0).unwrap_or(0);
    let mut value = vec![0; modulus.len()];
    // The highest power of two below the modulus.
    let bit = 31 - modulus[top].leading_zeros();
    value[top] = 1 << bit;
    for _ in top * BITS as usize + bit as usize..exponent {
        let twice = sum(&value, &value, 1);
        let less = sum(&twice, &modulus, -1);
        value = if less.last().is_some_and(|&top| top < 0) {
            twice
        } else {
            less
        };
    }
    value
}

#[cfg(test)]
mod tests {
    use super::super::{columns::Columns, dots::Dots};
    use super::*;

    #[test]
    fn both_ways_to_multiply_agree() {
        let modulus: Vec<u8> = (0..=255)
            .map(|octet: u8| octet.wrapping_mul(77) | 1)
            .collect();
        let signature: Vec<u8> = (0..=255)
            .map(|octet: u8| octet.wrapping_mul(31) >> 1)
            .collect();
        let (mut columns, mut dots) = (Vec::new(), Vec::new());
        let by_columns = PublicKey::<Columns>::new(&modulus, &[1, 0, 1]);
        let by_dots = PublicKey::<Dots>::new(&modulus, &[1, 0, 1]);
        assert!(by_columns.is_some_and(|key| key.power(&signature, &mut columns)));
        assert!(by_dots.is_some_and(|key| key.power(&signature, &mut dots)));
        assert_eq!(columns, dots);
    }
}
