//! Montgomery multiplication in digits of 28 bits, four columns at a time.
//!
//! A number is signed digits of at most 2^27 in magnitude, so that a column of 500 products stays
//! within 63 bits and is carried once.
#![expect(
    clippy::as_conversions,
    clippy::indexing_slicing,
    reason = "every index is below a length fixed by the modulus; digits are cut off on purpose"
)]

use std::sync::Mutex;

use super::rsa::{BITS, Multiplication, Rooms};

const HALF: i64 = 1 << (BITS - 1);
const MASK: i64 = (1 << BITS) - 1;
/// Rows of zeros on both sides of a factor, for columns that it does not reach.
const MARGIN: usize = 4;

/// The modulus N, as N + 1, and the digits of every factor.
#[derive(Debug)]
pub(crate) struct Columns {
    multiple: Factor,
    length: usize,
}

/// A factor.
#[derive(Debug, Default)]
pub(crate) struct Factor {
    /// The digits in pairs: (0, 1), (2, 3), …
    pairs: Vec<[i32; 2]>,
    /// The pairs (−1, 0), (1, 2), … with margins.
    rows: Vec<[i32; 2]>,
    /// The digits by which N + 1 was multiplied to reduce the product that this is.
    quotient: Vec<[i32; 2]>,
}

impl Multiplication for Columns {
    type Factor = Factor;

    fn new(multiple: &[i32], limbs: usize) -> Self {
        let length = limbs / 2;
        let mut plus_one = Factor::default();
        plus_one.fit(length);
        plus_one.put(multiple, 0);
        Self {
            multiple: plus_one,
            length,
        }
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

    fn rooms() -> &'static Rooms<Factor> {
        static ROOMS: Rooms<Factor> = Mutex::new(Vec::new());
        &ROOMS
    }
}

impl Columns {
    /// `a` times `b`, or times itself, divided by R: four columns after the other, of which the
    /// lower half is cleared by multiples of N.
    fn multiply(&self, a: &Factor, b: Option<&Factor>, product: &mut Factor) {
        let (groups, pairs) = (self.length / 4, self.length / 2);
        let (mut carried, mut before) = (0, 0);
        for group in 0..2 * groups {
            let columns = match b {
                Some(b) => {
                    let end = (2 * group + 2).min(pairs);
                    self.products([0; 4], group, a, &b.pairs, end)
                }
                None => {
                    let columns = self.products([0; 4], group, a, &a.pairs, group.min(pairs));
                    add_middle(columns, group, a)
                }
            };
            let end = (2 * group).min(pairs);
            let low = columns.map(|column| column & MASK);
            let mut low = self.products(low, group, &self.multiple, &product.quotient, end);
            let mut digits = [0; 4];
            for i in 0..4 {
                // N + 1 starts with two digits that are zero: the third meets these columns.
                if i >= 2 && group < groups {
                    let [_, [_, third], [fourth, _]] = self.first_rows();
                    low[i] += i64::from(digits[i - 2]) * i64::from(third);
                    if i == 3 {
                        low[i] += i64::from(digits[0]) * i64::from(fourth);
                    }
                }
                let column = low[i] + carried;
                let rounded = (column + HALF) >> BITS;
                digits[i] = (column - (rounded << BITS)) as i32;
                carried = rounded + (columns[i] >> BITS);
            }
            let [first, second, third, fourth] = digits;
            let halves = [[first, second], [third, fourth]];
            let Some(index) = group.checked_sub(groups) else {
                product.quotient[2 * group..2 * group + 2].copy_from_slice(&halves);
                continue;
            };
            product.write(index, digits, &mut before);
        }
        product.finish(before);
    }

    /// The first five digits of N + 1, after one that is zero.
    #[inline(always)]
    fn first_rows(&self) -> [[i32; 2]; 3] {
        [0, 1, 2].map(|row| self.multiple.rows[MARGIN + row])
    }

    /// Adds the products of a factor with the pairs of another, from the lowest that reach this
    /// group up to those before `end`.
    #[inline(always)]
    fn products(
        &self,
        [mut a, mut b, mut c, mut d]: [i64; 4],
        group: usize,
        factor: &Factor,
        pairs: &[[i32; 2]],
        end: usize,
    ) -> [i64; 4] {
        let start = (4 * group).saturating_sub(self.length) / 2;
        let pairs = pairs.get(start..end).unwrap_or_default();
        // Column 4 × group + t meets digit 2q + i at 4 × group + t − 2q − i.
        let rows = &factor.rows[MARGIN + 2 * group + 1 - end..];
        for (&[first, second], rows) in pairs.iter().rev().zip(rows.windows(3)) {
            let (first, second) = (i64::from(first), i64::from(second));
            let [[p, q], [r, s], [t, _]] =
                [rows[0], rows[1], rows[2]].map(|row| row.map(i64::from));
            a += first * q + second * p;
            b += first * r + second * q;
            c += first * s + second * r;
            d += first * t + second * s;
        }
        [a, b, c, d]
    }
}

/// Makes a square of the products of different digits, so far counted once and not up to the
/// middle of every column.
#[inline(always)]
fn add_middle(columns: [i64; 4], group: usize, factor: &Factor) -> [i64; 4] {
    let [a, b, c, d] = columns.map(|column| 2 * column);
    let Some(&[p, q]) = factor.pairs.get(group) else {
        return [a, b, c, d];
    };
    let [r, s] = factor.pairs.get(group + 1).copied().unwrap_or_default();
    let [p, q, r, s] = [p, q, r, s].map(i64::from);
    [
        a + p * p,
        b + 2 * p * q,
        c + 2 * p * r + q * q,
        d + 2 * (p * s + q * r),
    ]
}

impl Factor {
    /// Makes it zero, of so many digits, unless it has as many.
    fn fit(&mut self, length: usize) {
        if self.pairs.len() == length / 2 {
            return;
        }
        for (places, margins) in [
            (&mut self.pairs, 0),
            (&mut self.quotient, 0),
            (&mut self.rows, 2 * MARGIN),
        ] {
            places.clear();
            places.resize(length / 2 + margins, [0; 2]);
        }
    }

    /// Takes non-negative digits, after `zeros` that are zero.
    fn put(&mut self, digits: &[i32], zeros: usize) {
        let (mut carried, mut before) = (0, 0);
        for group in 0..self.pairs.len() / 2 {
            let four = [0, 1, 2, 3].map(|i| {
                let index = (4 * group + i).wrapping_sub(zeros);
                let value = i64::from(digits.get(index).copied().unwrap_or(0)) + carried;
                carried = (value + HALF) >> BITS;
                (value - (carried << BITS)) as i32
            });
            self.write(group, four, &mut before);
        }
        self.finish(before);
    }

    /// Takes four digits; `before` is the one before them.
    #[inline(always)]
    fn write(&mut self, group: usize, [a, b, c, d]: [i32; 4], before: &mut i32) {
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
    fn finish(&mut self, last: i32) {
        let row = self.rows.len() - MARGIN;
        self.rows[row] = [last, 0];
    }
}
