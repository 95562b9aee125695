//! Montgomery multiplication in digits of 28 bits, column by column.
//!
//! A number is signed digits, at most 2^27 in magnitude, so that a column of 256 products and more
//! stays within 64 bits and is carried once.
#![expect(
    clippy::as_conversions,
    clippy::indexing_slicing,
    reason = "every index is below a length fixed by the modulus; digits are cut off on purpose"
)]

use super::rsa::{BITS, Multiplication};

const HALF: i64 = 1 << (BITS - 1);

/// The modulus N, as N + 1, in as many digits as every factor.
#[derive(Debug)]
pub(crate) struct Columns {
    multiple: Vec<i32>,
}

impl Multiplication for Columns {
    type Factor = Vec<i32>;

    fn new(multiple: &[i32], limbs: usize) -> Self {
        Self {
            multiple: centred(multiple, limbs / 2, 0),
        }
    }

    fn factor(&self, digits: &[i32], is_shifted: bool) -> Vec<i32> {
        centred(digits, self.multiple.len(), if is_shifted { 2 } else { 0 })
    }

    fn mul(&self, a: &Vec<i32>, b: &Vec<i32>, product: &mut Vec<i32>) {
        self.reduce(|column| products(a, b, column), product);
    }

    fn square(&self, a: &Vec<i32>, product: &mut Vec<i32>) {
        let length = a.len();
        let square = |column: usize| {
            // Each product of different digits stands for two.
            let (start, half) = (column.saturating_sub(length - 1), column.div_ceil(2));
            let sum = match a.get(start..half) {
                Some(lower) => sum(lower, &a[column + 1 - half..=column - start]),
                None => 0,
            };
            let middle = if column.is_multiple_of(2) {
                i64::from(a[column / 2]).pow(2)
            } else {
                0
            };
            2 * sum + middle
        };
        self.reduce(square, product);
    }

    fn digits(&self, a: &Vec<i32>) -> Vec<i32> {
        a.clone()
    }
}

impl Columns {
    /// Divides the product whose columns `column_of` gives by R.
    #[inline(always)]
    fn reduce(&self, column_of: impl Fn(usize) -> i64, product: &mut [i32]) {
        let length = self.multiple.len();
        let mut quotient = vec![0; length];
        let mut carried = 0;
        for column in 0..2 * length - 1 {
            // Two steps, since a column of both might not stay within 64 bits.
            let first = carried + column_of(column);
            let second = (first & ((1 << BITS) - 1)) + products(&quotient, &self.multiple, column);
            let total = (second + HALF) >> BITS;
            let digit = (second - (total << BITS)) as i32;
            carried = (first >> BITS) + total;
            if column < length {
                quotient[column] = digit;
            } else {
                product[column - length] = digit;
            }
        }
        product[length - 1] = carried as i32;
    }
}

/// The column of a product of factors of the same length.
#[inline(always)]
fn products(a: &[i32], b: &[i32], column: usize) -> i64 {
    let start = column.saturating_sub(b.len() - 1);
    let end = (column + 1).min(a.len());
    sum(&a[start..end], &b[column + 1 - end..=column - start])
}

/// The products of the digits of `a` with those of `b`, last to first.
#[inline(always)]
fn sum(a: &[i32], b: &[i32]) -> i64 {
    let products = a.iter().zip(b.iter().rev());
    products.map(|(&a, &b)| i64::from(a) * i64::from(b)).sum()
}

/// Non-negative digits as signed ones, after `zeros` that are zero.
fn centred(digits: &[i32], length: usize, zeros: usize) -> Vec<i32> {
    let mut result = vec![0; length];
    let mut carried = 0;
    for (i, place) in result.iter_mut().skip(zeros).enumerate() {
        let value = i64::from(digits.get(i).copied().unwrap_or(0)) + carried;
        carried = (value + HALF) >> BITS;
        *place = (value - (carried << BITS)) as i32;
    }
    result
}
