//! Montgomery multiplication in limbs of 14 bits, eight products at a time (`i32x4.dot_i16x8_s`), by product scanning.
//!
//! SIMD has no carries and no wide products, but a dot product of pairs of 16-bit integers. Four neighbouring columns of a
//! product are the four lanes of an accumulator; a group is four accumulators, A to D, or sixteen columns. The pair of
//! limbs (y_2p, y_2p+1) of one factor, in all lanes, is multiplied by the pairs (x_s, x_s−1) of the other, where
//! s = c − 2p and c is the column of the lane:
//!
//! ```text
//! lane          0                1                2                3
//! accumulator   column c         c + 1            c + 2            c + 3
//! pair p   ×    y_2p   x_s       y_2p   x_s+1     y_2p   x_s+2     y_2p   x_s+3
//!            +  y_2p+1 x_s−1     y_2p+1 x_s       y_2p+1 x_s+1     y_2p+1 x_s+2
//! ```
//!
//! So the vector of pairs from s on, V(s), meets pair p in the accumulator that starts at column s + 2p. The columns of a
//! group g start at c = 16g, so s = 16g + 4t − 2p with t = 0 to 3 for A to D. Pairs are taken four at a time, p = 8k' / 2
//! and the three x
//!
//! ```text
//!          A           B           C           D
//! 4q + 3   V(8k + 2)   V(8k + 6)   V(8k + 10)  V(8k + 14)
//! 4q + 1   V(8k + 6)   V(8k + 10)  V(8k + 14)  V(8k + 18)
//! 4q + 2   V(8k + 4)   V(8k + 8)   V(8k + 12)  V(8k + 16)
//! 4q       V(8k + 8)   V(8k + 12)  V(8k + 16)  V(8k + 20)
//! ```
//!
//! Row k of a factor holds V(8k + 2), V(8k + 6), V(8k + 4) and V(8k + 8): in the order of this table, which reads rows k,
//! k + 1 and k + 2 from the first column to the last, and the next block reads rows k + 1 to k + 3.
//!
//! # Bounds
//!
//! - **Limbs.** A limb of a factor is rounded twice: a rest from −8192 to 8191 and a carry of ± 1, at most 8193 in magnitude.
//!   A limb of the quotient is rounded once, to save a step. A column collects at most 592 products of two limbs of factors
//!   and 592 of a limb of the quotient and one of N + 1, and is divided by 2^14 twice: 592 × 8193 × (8193 + 8500) / 2^28 < 302,
//!   so with a rest of at most 8192 it is below 8500. Both fit 16 bits.
//! - **Lanes.** After three blocks, or 12 dot products, a lane is split into its low 14 bits and the rest, which counts for
//!   the next column. Until then it holds at most 24 × 8193 × 8500 + 2^14 < 1.68 × 10^9 < 2^31; a fourth block could overflow.
//!   Around the middle of a square come fewer products.
//! - **The rest** of a column, over 2 × 592 products: below 2^23, doubled in a square, in 32 bits.
//! - **The carry out of the last column** is zero: a product is within ± 0.6 N, and N < R / 16.
//!
//! `tests/arithmetic_bounds.rs` runs this code with ranges of limbs, for every length of a modulus.
//!
//! Over 400 lines: the layout above is that of every function here.
#![expect(
    clippy::as_conversions,
    clippy::indexing_slicing,
    reason = "every index is below a length fixed by the modulus; limbs are cut off on purpose"
)]

use std::sync::Mutex;

use super::i32x4::{I32x4, Vector};
use super::montgomery::{BITS, Multiplication, Pool};

/// The bits of a limb.
pub const LIMB: u32 = BITS / 2;
/// Rows of zeros on both sides of a factor, for columns that it does not reach.
const MARGIN: usize = 4;
/// How often each pair (s, s − 1), for s from 2v on, counts with the pair (2v, 2v + 1): in halves.
const MIDDLE: [i32; 4] = [1, 2, 2 | 1 << 16, 2 | 2 << 16];

/// The modulus N, as N + 1, and the limbs of every factor.
#[derive(Debug)]
pub struct Simd<V: Vector = I32x4> {
    multiple: Factor<V>,
    limbs: usize,
    /// The limbs of a factor that can be other than zero; likewise of N + 1.
    used: usize,
    /// The blocks of 4 pairs until a lane could overflow. It is always 3, and the compiler must not know, or it unrolls the
    /// blocks and runs out of registers.
    steps: usize,
}

/// A factor, in the two forms that a dot product needs.
#[derive(Debug)]
pub struct Factor<V: Vector = I32x4> {
    /// The limbs in pairs, four pairs at a time: (0, 1), (2, 3), …
    pub pairs: Vec<[V::Lane; 4]>,
    /// V(8k + 2), V(8k + 6), V(8k + 4) and V(8k + 8) for each k, with margins.
    rows: Vec<[V; 4]>,
    /// The pairs by which N + 1 was multiplied to reduce the product that this factor is.
    pub quotient: Vec<[V::Lane; 4]>,
}

impl<V: Vector> Default for Factor<V> {
    fn default() -> Self {
        Self {
            pairs: Vec::new(),
            rows: Vec::new(),
            quotient: Vec::new(),
        }
    }
}

/// Four vectors of columns: sixteen neighbouring columns of a product.
#[derive(Clone, Copy)]
struct Columns<V> {
    low: [V; 4],
    /// The parts that count for the next column.
    high: [V; 4],
}

/// The carries into the next columns.
#[derive(Clone, Copy)]
struct Carry<V> {
    high: V,
    first: V,
    second: V,
}

impl Multiplication for Simd {
    type Factor = Factor;

    fn new(multiple: &[i32], limbs: usize) -> Self {
        let used = (2 * multiple.len()).min(limbs);
        let mut plus_one = Factor::default();
        plus_one.fit(limbs);
        plus_one.put(multiple, 0);
        Self::of(plus_one, used)
    }

    fn fit(&self, factor: &mut Factor) {
        factor.fit(self.limbs);
    }

    fn put(&self, digits: &[i32], is_shifted: bool, factor: &mut Factor) {
        factor.put(digits, if is_shifted { 4 } else { 0 });
    }

    fn mul(&self, a: &Factor, b: &Factor, product: &mut Factor) {
        self.multiply(a, Some(b), product);
    }

    fn square(&self, a: &Factor, product: &mut Factor) {
        self.multiply(a, None, product);
    }

    fn digit(a: &Factor, index: usize) -> i32 {
        let low = |pair: i32| i32::from(pair as i16);
        let pair = a.pairs.as_flattened().get(index);
        pair.map_or(0, |&pair| low(pair) + (low(pair >> 16) << LIMB))
    }

    fn pool() -> &'static Pool<Factor> {
        static POOL: Pool<Factor> = Mutex::new(Vec::new());
        &POOL
    }
}

impl<V: Vector> Simd<V> {
    /// Multiplication modulo N, given as N + 1, of which `used` limbs can be other than zero.
    pub fn of(multiple: Factor<V>, used: usize) -> Self {
        let limbs = 8 * multiple.pairs.len();
        Self {
            multiple,
            limbs,
            used,
            steps: core::hint::black_box(3),
        }
    }

    /// Writes `a` times `b`, or times itself, divided by R: sixteen columns at a time, of which the lower half is cleared by
    /// multiples of N.
    pub fn multiply(&self, a: &Factor<V>, b: Option<&Factor<V>>, product: &mut Factor<V>) {
        let (groups, blocks) = (self.limbs / 16, self.limbs / 8);
        let zero = V::new([0; 4]);
        let mut carry = Carry {
            high: zero,
            first: zero,
            second: zero,
        };
        let nothing = Columns {
            low: [zero; 4],
            high: [zero; 4],
        };
        let mut before = [zero; 2];
        for group in 0..2 * groups {
            let (pairs, end) = match b {
                Some(b) => (&b.pairs, 2 * group + 2),
                None => (&a.pairs, group),
            };
            let mut columns = self.add_products(nothing, group, a, pairs, end.min(blocks));
            if b.is_none() {
                columns = add_middle(columns, group, a);
            }
            let end = (2 * group).min(blocks);
            let quotient = &product.quotient;
            columns = self.add_products(columns, group, &self.multiple, quotient, end);
            if let Some([first, second]) = product.quotient.get_mut(end..).and_then(first_two) {
                let limbs = self.clear(columns, &mut carry);
                *first = limbs[0].halves(limbs[1]).to_array();
                *second = limbs[2].halves(limbs[3]).to_array();
            } else {
                let mut limbs = columns.low;
                for (limb, high) in limbs.iter_mut().zip(columns.high) {
                    *limb = carry.twice(*limb, high);
                }
                product.write(group - groups, limbs, &mut before);
            }
        }
        carry.expect_zero();
        product.finish(before);
    }

    /// The limbs of the quotient that clear sixteen columns: those columns' own limbs, once the products of the limbs before
    /// them are added.
    #[inline(always)]
    fn clear(&self, mut columns: Columns<V>, carry: &mut Carry<V>) -> [V; 4] {
        let rows = &self.multiple.rows[MARGIN..MARGIN + 2];
        let [a, b, c, d] = rows[0];
        let vectors = [[a, c], [b, d], [rows[1][0], rows[1][2]]];
        let mut limbs = [V::new([0; 4]); 4];
        for i in 0..4 {
            limbs[i] = carry.once(columns.low[i], columns.high[i]);
            let pairs = limbs[i].halves(limbs[i]);
            let (first, second) = (pairs.spread::<0>(), pairs.spread::<1>());
            for later in i + 1..4 {
                let [odd, even] = vectors[later - i - 1];
                let product = even.dot(first).add(odd.dot(second));
                columns.low[later] = columns.low[later].add(product);
            }
        }
        limbs
    }

    /// Adds the products of a factor with the pairs of another, from the lowest that reach this
    /// group up to those before `end`; places in `pairs` count eight limbs.
    #[inline(always)]
    fn add_products(
        &self,
        mut columns: Columns<V>,
        group: usize,
        factor: &Factor<V>,
        pairs: &[[V::Lane; 4]],
        end: usize,
    ) -> Columns<V> {
        let start = (16 * group).saturating_sub(self.used) / 8;
        let pairs = pairs.get(start..end).unwrap_or_default();
        // Column 16 × group + 4t meets pair 4q + i at s = 16 × group + 4t − 8q − 2i.
        let mut rows = &factor.rows[MARGIN + 2 * group - end..];
        for pairs in pairs.rchunks(self.steps) {
            columns = columns.add(pairs, rows);
            rows = &rows[pairs.len()..];
        }
        columns
    }
}

/// Completes a square: doubles the products of different limbs, of which `columns` hold each once, and adds those around the
/// middle of every column.
#[inline(always)]
fn add_middle<V: Vector>(mut columns: Columns<V>, group: usize, factor: &Factor<V>) -> Columns<V> {
    let (Some(pairs), [before, row, after]) = (
        factor.pairs.get(group),
        &factor.rows[MARGIN + group - 1..][..3],
    ) else {
        return columns.doubled();
    };
    let [p, q, r, s] = pairs.map(V::splat);
    let [odd, odd_next, even, even_next] = *row;
    let [_, b, c, d] = &mut columns.low;
    *b = b.add(even.dot(p));
    *c = c.add(even_next.dot(p)).add(odd_next.dot(q));
    *d = d
        .add(after[2].dot(p))
        .add(after[0].dot(q))
        .add(even_next.dot(r));
    columns = columns.doubled();
    // Columns 4v to 4v + 3, without what is counted above.
    let middle = |vector: V, pair| vector.mul_halves(V::new(MIDDLE)).dot(pair);
    let [a, b, c, d] = &mut columns.low;
    *a = a.add(middle(before[3], p));
    *b = b.add(middle(odd, q));
    *c = c.add(middle(even, r));
    *d = d.add(middle(odd_next, s));
    columns
}

fn first_two<T>(places: &mut [T]) -> Option<&mut [T; 2]> {
    places.first_chunk_mut()
}

impl<V: Vector> Columns<V> {
    /// Adds the products of pairs, four at a time, with the rows that they meet, and splits.
    ///
    /// The last pairs meet the first rows.
    #[inline(always)]
    fn add(self, pairs: &[[V::Lane; 4]], rows: &[[V; 4]]) -> Self {
        let ([mut a, mut b, mut c, mut d], mut high) = (self.low, self.high);
        for (pairs, rows) in pairs.iter().rev().zip(rows.windows(3)) {
            for i in [0, 1] {
                // The odd pairs with the first half of each row, the even ones with the second.
                let (first, second) = (V::splat(pairs[3 - i]), V::splat(pairs[1 - i]));
                let (at, next) = (2 * i, 2 * i + 1);
                a = a.add(rows[0][at].dot(first)).add(rows[0][next].dot(second));
                b = b.add(rows[0][next].dot(first)).add(rows[1][at].dot(second));
                c = c.add(rows[1][at].dot(first)).add(rows[1][next].dot(second));
                d = d.add(rows[1][next].dot(first)).add(rows[2][at].dot(second));
            }
        }
        let mut low = [a, b, c, d];
        for (low, high) in low.iter_mut().zip(&mut high) {
            let (carried, rest) = low.floored::<LIMB>();
            *high = high.add(carried);
            *low = rest;
        }
        Self { low, high }
    }

    #[inline(always)]
    fn doubled(self) -> Self {
        let (mut low, mut high) = (self.low, self.high);
        for (low, high) in low.iter_mut().zip(&mut high) {
            let (carried, rest) = low.floored::<LIMB>();
            *high = high.add(carried);
            *high = high.add(*high);
            *low = rest.add(rest);
        }
        Self { low, high }
    }
}

impl<V: Vector> Carry<V> {
    /// Limbs of four columns, rounded once: below 8500 in magnitude.
    #[inline(always)]
    fn once(&mut self, low: V, high: V) -> V {
        let (carried, rest) = low.floored::<LIMB>();
        let high = high.add(carried);
        let (first, limbs) = rest.add(high.after(self.high)).rounded::<LIMB>();
        let limbs = limbs.add(first.after(self.first));
        (self.high, self.first) = (high, first);
        limbs
    }

    /// Limbs of four columns, rounded twice: at most 8193 in magnitude.
    #[inline(always)]
    fn twice(&mut self, low: V, high: V) -> V {
        let (second, limbs) = self.once(low, high).rounded::<LIMB>();
        let limbs = limbs.add(second.after(self.second));
        self.second = second;
        limbs
    }

    /// The last lanes are what a number's last column carries out.
    #[inline(always)]
    fn expect_zero(self) {
        self.high.expect_zero();
        self.first.expect_zero();
        self.second.expect_zero();
    }
}

impl<V: Vector> Factor<V> {
    /// Makes this factor zero, with so many limbs, unless it has as many.
    pub fn fit(&mut self, limbs: usize) {
        if self.pairs.len() == limbs / 8 {
            return;
        }
        let zero = V::new([0; 4]);
        for places in [&mut self.pairs, &mut self.quotient] {
            places.clear();
            places.resize(limbs / 8, zero.to_array());
        }
        self.rows.clear();
        self.rows.resize(limbs / 8 + 2 * MARGIN, [zero; 4]);
    }

    /// Writes sixteen limbs; `before` holds the four before them, and the pairs of those.
    #[inline(always)]
    pub fn write(&mut self, group: usize, limbs: [V; 4], before: &mut [V; 2]) {
        let pairs = self
            .pairs
            .get_mut(2 * group..)
            .and_then(<[_]>::first_chunk_mut);
        let rows = self
            .rows
            .get_mut(MARGIN + 2 * group - 1..)
            .and_then(<[_]>::first_chunk_mut);
        let (Some(pairs), Some([first, second, third])) = (pairs, rows) else {
            return;
        };
        let [a, b, c, d] = limbs;
        *pairs = [a.halves(b).to_array(), c.halves(d).to_array()];
        let [last, last_pairs] = *before;
        let (e, f, g, h) = (a.paired(last), b.paired(a), c.paired(b), d.paired(c));
        (first[1], first[3]) = (e.two_after(last_pairs), e);
        *second = [f.two_after(e), g.two_after(f), f, g];
        (third[0], third[2]) = (h.two_after(g), h);
        *before = [d, h];
    }

    /// Writes the pair of the last limb and the zero after it.
    pub fn finish(&mut self, [last, last_pairs]: [V; 2]) {
        let row = self.rows.len() - MARGIN - 1;
        let pairs = V::new([0; 4]).paired(last);
        (self.rows[row][1], self.rows[row][3]) = (pairs.two_after(last_pairs), pairs);
    }
}

impl Factor {
    /// Writes non-negative digits of 28 bits, after `zeros` limbs that are zero. The carry is 0 or 1: limbs are from −2^13 to
    /// 2^13 − 1.
    fn put(&mut self, digits: &[i32], zeros: usize) {
        let mut carried = 0;
        let mut limb = |index: usize| {
            let index = index.wrapping_sub(zeros);
            let digit = digits.get(index / 2).copied().unwrap_or(0);
            let value = (digit >> (index as u32 % 2 * LIMB) & ((1 << LIMB) - 1)) + carried;
            carried = (value + (1 << (LIMB - 1))) >> LIMB;
            value - (carried << LIMB)
        };
        let mut before = [I32x4::new([0; 4]); 2];
        for group in 0..self.pairs.len() / 2 {
            let four = |vector: usize| {
                let index = 16 * group + 4 * vector;
                I32x4::new([
                    limb(index),
                    limb(index + 1),
                    limb(index + 2),
                    limb(index + 3),
                ])
            };
            self.write(group, [0, 1, 2, 3].map(four), &mut before);
        }
        self.finish(before);
    }
}
