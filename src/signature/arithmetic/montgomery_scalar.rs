//! Montgomery multiplication in digits of 28 bits, by product scanning (Comba's method), four columns at a time.
//!
//! # Bounds
//!
//! - **Digits.** A number is at most 296 signed digits, each rounded from its column: from −2^27 to 2^27 − 1.
//! - **Columns.** A column collects at most 296 products of digits, 296 × 2^54 < 2^62.3, in 64 bits. It is then split: its
//!   low 28 bits take the products of N + 1 with the quotient, again below 2^62.3, and the rest goes to the carry, which
//!   stays below 2^36. A square doubles half of the products, so its sums are those of a product.
//! - **The carry out of the last column** is zero: a product is within ± 0.6 N, and N < R / 16.
//!
//! `tests/arithmetic_bounds.rs` runs this code with ranges of digits, for every length of a modulus.
#![expect(
    clippy::indexing_slicing,
    reason = "every index is below a length fixed by the modulus"
)]

use std::sync::Mutex;

use super::field::{Column, Digit};
use super::montgomery::{BITS, Multiplication, Pool};

/// Rows of zeros on both sides of a factor, for columns that it does not reach.
const MARGIN: usize = 4;

/// The modulus N, as N + 1, and the digits of every factor.
#[derive(Debug)]
pub struct Sequential<D = i32> {
    multiple: Factor<D>,
    length: usize,
}

/// A factor.
#[derive(Debug)]
pub struct Factor<D = i32> {
    /// The digits in pairs: (0, 1), (2, 3), …
    pub pairs: Vec<[D; 2]>,
    /// The pairs (−1, 0), (1, 2), … with margins.
    rows: Vec<[D; 2]>,
    /// The digits by which N + 1 was multiplied to reduce the product that this factor is.
    pub quotient: Vec<[D; 2]>,
}

impl<D> Default for Factor<D> {
    fn default() -> Self {
        Self {
            pairs: Vec::new(),
            rows: Vec::new(),
            quotient: Vec::new(),
        }
    }
}

impl Multiplication for Sequential {
    type Factor = Factor;

    fn new(multiple: &[i32], limbs: usize) -> Self {
        let length = limbs / 2;
        let mut plus_one = Factor::default();
        plus_one.fit(length);
        plus_one.put(multiple, 0);
        Self::of(plus_one)
    }

    fn fit(&self, factor: &mut Factor) {
        factor.fit(self.length);
    }

    fn put(&self, digits: &[i32], is_shifted: bool, factor: &mut Factor) {
        factor.put(digits, if is_shifted { 2 } else { 0 });
    }

    fn mul(&self, a: &Factor, b: &Factor, product: &mut Factor) {
        self.multiply(a, Some(b), product);
    }

    fn square(&self, a: &Factor, product: &mut Factor) {
        self.multiply(a, None, product);
    }

    fn digit(a: &Factor, index: usize) -> i32 {
        a.pairs.as_flattened().get(index).copied().unwrap_or(0)
    }

    fn pool() -> &'static Pool<Factor> {
        static POOL: Pool<Factor> = Mutex::new(Vec::new());
        &POOL
    }
}

impl<D: Digit> Sequential<D> {
    /// Multiplication modulo N, given as N + 1.
    pub fn of(multiple: Factor<D>) -> Self {
        let length = 2 * multiple.pairs.len();
        Self { multiple, length }
    }

    /// Writes `a` times `b`, or times itself, divided by R: four columns at a time, of which the lower half is cleared by
    /// multiples of N.
    pub fn multiply(&self, a: &Factor<D>, b: Option<&Factor<D>>, product: &mut Factor<D>) {
        let (groups, pairs) = (self.length / 4, self.length / 2);
        let (mut carried, mut before) = (D::Column::from(0), D::from(0));
        for group in 0..2 * groups {
            let columns = self.columns(group, a, b);
            let end = (2 * group).min(pairs);
            let low = columns.map(|column| column.floored(BITS).1);
            let mut low = self.products(low, group, &self.multiple, &product.quotient, end);
            let mut digits = [D::from(0); 4];
            for i in 0..4 {
                // N + 1 starts with two digits that are zero: the third meets these columns.
                if i >= 2 && group < groups {
                    let [_, [_, third], [fourth, _]] = self.first_rows();
                    low[i] += D::Column::from(digits[i - 2]) * third.into();
                    if i == 3 {
                        low[i] += D::Column::from(digits[0]) * fourth.into();
                    }
                }
                let (rounded, rest) = (low[i] + carried).rounded(BITS);
                digits[i] = rest.narrowed();
                carried = rounded + columns[i].floored(BITS).0;
            }
            let [first, second, third, fourth] = digits;
            let halves = [[first, second], [third, fourth]];
            let Some(index) = group.checked_sub(groups) else {
                product.quotient[2 * group..2 * group + 2].copy_from_slice(&halves);
                continue;
            };
            product.write(index, digits, &mut before);
        }
        carried.expect_zero();
        product.finish(before);
    }

    /// The four columns of `a` times `b`, or times itself, that are those of `group`.
    #[inline(always)]
    fn columns(&self, group: usize, a: &Factor<D>, b: Option<&Factor<D>>) -> [D::Column; 4] {
        let pairs = self.length / 2;
        match b {
            Some(b) => {
                let end = (2 * group + 2).min(pairs);
                self.products([0.into(); 4], group, a, &b.pairs, end)
            }
            None => {
                let end = group.min(pairs);
                let columns = self.products([0.into(); 4], group, a, &a.pairs, end);
                add_middle(columns, group, a)
            }
        }
    }

    /// The first five digits of N + 1, after one that is zero.
    #[inline(always)]
    fn first_rows(&self) -> [[D; 2]; 3] {
        [0, 1, 2].map(|row| self.multiple.rows[MARGIN + row])
    }

    /// Adds the products of a factor with the pairs of another, from the lowest that reach this
    /// group up to those before `end`.
    #[inline(always)]
    fn products(
        &self,
        [mut a, mut b, mut c, mut d]: [D::Column; 4],
        group: usize,
        factor: &Factor<D>,
        pairs: &[[D; 2]],
        end: usize,
    ) -> [D::Column; 4] {
        let start = (4 * group).saturating_sub(self.length) / 2;
        let pairs = pairs.get(start..end).unwrap_or_default();
        // Column 4 × group + t meets digit 2q + i at 4 × group + t − 2q − i.
        let rows = &factor.rows[MARGIN + 2 * group + 1 - end..];
        for (&[first, second], rows) in pairs.iter().rev().zip(rows.windows(3)) {
            let (first, second) = (D::Column::from(first), D::Column::from(second));
            let [[p, q], [r, s], [t, _]] =
                [rows[0], rows[1], rows[2]].map(|row| row.map(D::Column::from));
            a += first * q + second * p;
            b += first * r + second * q;
            c += first * s + second * r;
            d += first * t + second * s;
        }
        [a, b, c, d]
    }
}

/// Completes a square: doubles the products of different digits, of which `columns` hold each once, and adds those around
/// the middle of every column.
#[inline(always)]
fn add_middle<D: Digit>(
    columns: [D::Column; 4],
    group: usize,
    factor: &Factor<D>,
) -> [D::Column; 4] {
    let [a, b, c, d] = columns.map(|column| column + column);
    let Some(&[p, q]) = factor.pairs.get(group) else {
        return [a, b, c, d];
    };
    let next = factor.pairs.get(group + 1).copied();
    let [r, s] = next.unwrap_or([0.into(); 2]);
    let [p, q, r, s] = [p, q, r, s].map(D::Column::from);
    let twice_p = p + p;
    [
        a + p * p,
        b + twice_p * q,
        c + twice_p * r + q * q,
        d + twice_p * s + (q + q) * r,
    ]
}

impl<D: Digit> Factor<D> {
    /// Makes this factor zero, with `length` digits, unless it has as many.
    pub fn fit(&mut self, length: usize) {
        if self.pairs.len() == length / 2 {
            return;
        }
        for (places, margins) in [
            (&mut self.pairs, 0),
            (&mut self.quotient, 0),
            (&mut self.rows, 2 * MARGIN),
        ] {
            places.clear();
            places.resize(length / 2 + margins, [0.into(); 2]);
        }
    }

    /// Writes four digits; `before` is the digit before them.
    #[inline(always)]
    pub fn write(&mut self, group: usize, [a, b, c, d]: [D; 4], before: &mut D) {
        let pairs = self
            .pairs
            .get_mut(2 * group..)
            .and_then(<[_]>::first_chunk_mut);
        let rows = self
            .rows
            .get_mut(MARGIN + 2 * group..)
            .and_then(<[_]>::first_chunk_mut);
        if let (Some(pairs), Some(rows)) = (pairs, rows) {
            (*pairs, *rows) = ([[a, b], [c, d]], [[*before, a], [b, c]]);
        }
        *before = d;
    }

    /// Writes the last digit.
    pub fn finish(&mut self, last: D) {
        let row = self.rows.len() - MARGIN;
        self.rows[row] = [last, 0.into()];
    }
}

impl Factor {
    /// Writes non-negative digits, after as many zeros as `zeros` says. The carry is 0 or 1, so a value is at most 2^28.
    fn put(&mut self, digits: &[i32], zeros: usize) {
        let (mut carried, mut before) = (0, 0);
        for group in 0..self.pairs.len() / 2 {
            let four = [0, 1, 2, 3].map(|i| {
                let index = (4 * group + i).wrapping_sub(zeros);
                let digit = digits.get(index).copied().unwrap_or(0);
                let (high, rest) = (i64::from(digit) + carried).rounded(BITS);
                carried = high;
                rest.narrowed()
            });
            self.write(group, four, &mut before);
        }
        self.finish(before);
    }
}
