//! Montgomery multiplication in limbs of 14 bits, eight products at a time.
//!
//! SIMD has no carries and no wide products, but a dot product of pairs of 16-bit integers. A
//! number is signed limbs of 14 bits, at most 8193 in magnitude. Four neighbouring columns of a
//! product are the four lanes of an accumulator: the pair of limbs (2j, 2j + 1) of one factor,
//! in all lanes, meets the pairs (c − 2j, c − 2j − 1) of the other, c being the column. After 12
//! such steps a lane is split into its low 14 bits and the rest, which counts for the next column.
#![expect(
    clippy::as_conversions,
    clippy::indexing_slicing,
    reason = "every index is below a length fixed by the modulus; limbs are cut off on purpose"
)]

use super::lanes::Lanes;
use std::sync::Mutex;

use super::rsa::{BITS, Multiplication, Rooms};

/// The bits of a limb.
const LIMB: u32 = BITS / 2;
/// The low bits of a lane.
const LOW: Lanes = Lanes::new([(1 << LIMB) - 1; 4]);
const HALF: Lanes = Lanes::new([1 << (LIMB - 1); 4]);
/// Rows of zeros on both sides of a factor, for columns that it does not reach.
const MARGIN: usize = 4;
/// How often each pair (s, s − 1), for s from 2v on, counts with the pair (2v, 2v + 1).
const MIDDLE: Lanes = Lanes::new([1, 2, 2 | 1 << 16, 2 | 2 << 16]);

/// The modulus N, as N + 1, and the limbs of every factor.
#[derive(Debug)]
pub(crate) struct Dots {
    multiple: Factor,
    limbs: usize,
    /// The limbs of a factor that can be other than zero; likewise of N + 1.
    used: usize,
    /// The steps of 4 pairs, which is 4 products in a lane, until a lane could overflow. It is
    /// always 3, and the compiler must not know, or it writes the steps out and runs out of
    /// registers.
    steps: usize,
}

/// A factor, in the two forms that a dot product wants.
#[derive(Debug, Default)]
pub(crate) struct Factor {
    /// The limbs in pairs, four pairs at a time: (0, 1), (2, 3), …
    pairs: Vec<[i32; 4]>,
    /// The pairs (s, s − 1), four at a time, from s = 8k + 2, 8k + 6, 8k + 4 and 8k + 8 on, with
    /// margins: in the order in which they are met.
    rows: Vec<[Lanes; 4]>,
    /// The pairs by which N + 1 was multiplied to reduce the product that this is.
    quotient: Vec<[i32; 4]>,
}

/// Four vectors of columns: sixteen neighbouring columns of a product.
#[derive(Clone, Copy)]
struct Columns {
    low: [Lanes; 4],
    /// What counts for the next column.
    high: [Lanes; 4],
}

/// What is left to carry into the next columns.
#[derive(Clone, Copy)]
struct Carry {
    high: Lanes,
    first: Lanes,
    second: Lanes,
}

impl Multiplication for Dots {
    type Factor = Factor;

    fn new(multiple: &[i32], limbs: usize) -> Self {
        let used = (2 * multiple.len()).min(limbs);
        let mut plus_one = Factor::default();
        plus_one.fit(limbs);
        plus_one.put(multiple, 0);
        Self {
            multiple: plus_one,
            limbs,
            used,
            steps: core::hint::black_box(3),
        }
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

    fn rooms() -> &'static Rooms<Factor> {
        static ROOMS: Rooms<Factor> = Mutex::new(Vec::new());
        &ROOMS
    }
}

impl Dots {
    /// `a` times `b`, or times itself, divided by R: sixteen columns after the other, of which the
    /// lower half is cleared by multiples of N.
    fn multiply(&self, a: &Factor, b: Option<&Factor>, product: &mut Factor) {
        let (groups, blocks) = (self.limbs / 16, self.limbs / 8);
        let mut carry = Carry {
            high: Lanes::ZERO,
            first: Lanes::ZERO,
            second: Lanes::ZERO,
        };
        let mut before = [Lanes::ZERO; 2];
        for group in 0..2 * groups {
            let (pairs, end) = match b {
                Some(b) => (&b.pairs, 2 * group + 2),
                None => (&a.pairs, group),
            };
            let mut columns = self.add_products(Columns::ZERO, group, a, pairs, end.min(blocks));
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
        product.finish(before);
    }

    /// The factors of N + 1 that clear sixteen columns: their own limbs, as soon as the limbs
    /// before them are multiplied.
    #[inline(always)]
    fn clear(&self, mut columns: Columns, carry: &mut Carry) -> [Lanes; 4] {
        let rows = &self.multiple.rows[MARGIN..MARGIN + 2];
        let [a, b, c, d] = rows[0];
        let vectors = [[a, c], [b, d], [rows[1][0], rows[1][2]]];
        let mut limbs = [Lanes::ZERO; 4];
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
        mut columns: Columns,
        group: usize,
        factor: &Factor,
        pairs: &[[i32; 4]],
        end: usize,
    ) -> Columns {
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

/// Makes a square of the products of different limbs, so far counted once and not up to the
/// middle of every column.
#[inline(always)]
fn add_middle(mut columns: Columns, group: usize, factor: &Factor) -> Columns {
    let (Some(pairs), [before, row, after]) = (
        factor.pairs.get(group),
        &factor.rows[MARGIN + group - 1..][..3],
    ) else {
        return columns.doubled();
    };
    let [p, q, r, s] = pairs.map(Lanes::splat);
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
    let middle = |vector: Lanes, pair| vector.mul_halves(MIDDLE).dot(pair);
    let [a, b, c, d] = &mut columns.low;
    *a = a.add(middle(before[3], p));
    *b = b.add(middle(odd, q));
    *c = c.add(middle(even, r));
    *d = d.add(middle(odd_next, s));
    columns
}

fn first_two(places: &mut [[i32; 4]]) -> Option<&mut [[i32; 4]; 2]> {
    places.first_chunk_mut()
}

impl Columns {
    const ZERO: Self = Self {
        low: [Lanes::ZERO; 4],
        high: [Lanes::ZERO; 4],
    };

    /// Adds the products of pairs, four at a time, with the rows that they meet, and splits.
    ///
    /// The last pairs meet the first rows.
    #[inline(always)]
    fn add(self, pairs: &[[i32; 4]], rows: &[[Lanes; 4]]) -> Self {
        let ([mut a, mut b, mut c, mut d], mut high) = (self.low, self.high);
        for (pairs, rows) in pairs.iter().rev().zip(rows.windows(3)) {
            for i in [0, 1] {
                // The odd pairs with the first half of each row, the even ones with the second.
                let (first, second) = (Lanes::splat(pairs[3 - i]), Lanes::splat(pairs[1 - i]));
                let (at, next) = (2 * i, 2 * i + 1);
                a = a.add(rows[0][at].dot(first)).add(rows[0][next].dot(second));
                b = b.add(rows[0][next].dot(first)).add(rows[1][at].dot(second));
                c = c.add(rows[1][at].dot(first)).add(rows[1][next].dot(second));
                d = d.add(rows[1][next].dot(first)).add(rows[2][at].dot(second));
            }
        }
        let mut low = [a, b, c, d];
        for (low, high) in low.iter_mut().zip(&mut high) {
            *high = high.add(low.right::<LIMB>());
            *low = low.and(LOW);
        }
        Self { low, high }
    }

    #[inline(always)]
    fn doubled(self) -> Self {
        let (mut low, mut high) = (self.low, self.high);
        for (low, high) in low.iter_mut().zip(&mut high) {
            *high = high.add(low.right::<LIMB>());
            *high = high.add(*high);
            *low = low.and(LOW);
            *low = low.add(*low);
        }
        Self { low, high }
    }
}

impl Carry {
    /// Limbs of at most 8682 in magnitude from four columns, and on with what is left.
    #[inline(always)]
    fn once(&mut self, low: Lanes, high: Lanes) -> Lanes {
        let high = high.add(low.right::<LIMB>());
        let columns = low.and(LOW).add(high.after(self.high));
        let first = columns.add(HALF).right::<LIMB>();
        let limbs = columns
            .sub(first.left::<LIMB>())
            .add(first.after(self.first));
        (self.high, self.first) = (high, first);
        limbs
    }

    /// Limbs of at most 8193.
    #[inline(always)]
    fn twice(&mut self, low: Lanes, high: Lanes) -> Lanes {
        let columns = self.once(low, high);
        let second = columns.add(HALF).right::<LIMB>();
        let limbs = columns
            .sub(second.left::<LIMB>())
            .add(second.after(self.second));
        self.second = second;
        limbs
    }
}

impl Factor {
    /// Makes it zero, of so many limbs, unless it has as many.
    fn fit(&mut self, limbs: usize) {
        if self.pairs.len() == limbs / 8 {
            return;
        }
        for places in [&mut self.pairs, &mut self.quotient] {
            places.clear();
            places.resize(limbs / 8, [0; 4]);
        }
        self.rows.clear();
        self.rows.resize(limbs / 8 + 2 * MARGIN, [Lanes::ZERO; 4]);
    }

    /// Takes digits of 28 bits, after `zeros` limbs that are zero.
    fn put(&mut self, digits: &[i32], zeros: usize) {
        let mut carried = 0;
        let mut limb = |index: usize| {
            let index = index.wrapping_sub(zeros);
            let digit = digits.get(index / 2).copied().unwrap_or(0);
            let value = (digit >> (index as u32 % 2 * LIMB) & ((1 << LIMB) - 1)) + carried;
            carried = (value + (1 << (LIMB - 1))) >> LIMB;
            value - (carried << LIMB)
        };
        let mut before = [Lanes::ZERO; 2];
        for group in 0..self.pairs.len() / 2 {
            let four = |vector: usize| {
                let index = 16 * group + 4 * vector;
                Lanes::new([
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

    /// Takes sixteen limbs; `before` holds the four before them, and the pairs of those.
    #[inline(always)]
    fn write(&mut self, group: usize, limbs: [Lanes; 4], before: &mut [Lanes; 2]) {
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
        let (e, f, g, h) = (paired(a, last), paired(b, a), paired(c, b), paired(d, c));
        (first[1], first[3]) = (e.two_after(last_pairs), e);
        *second = [f.two_after(e), g.two_after(f), f, g];
        (third[0], third[2]) = (h.two_after(g), h);
        *before = [d, h];
    }

    /// Writes the pair of the last limb and the zero after it.
    fn finish(&mut self, [last, last_pairs]: [Lanes; 2]) {
        let row = self.rows.len() - MARGIN - 1;
        let pairs = paired(Lanes::ZERO, last);
        (self.rows[row][1], self.rows[row][3]) = (pairs.two_after(last_pairs), pairs);
    }
}

/// The pairs (s, s − 1) whose s are these limbs.
#[inline(always)]
fn paired(limbs: Lanes, before: Lanes) -> Lanes {
    let low = Lanes::splat(0xffff);
    limbs.and(low).add(limbs.after(before).left::<16>())
}
