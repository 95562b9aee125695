//! Points of the twisted Edwards curve −x² + y² = 1 + dx²y² modulo 2^255 − 19 (RFC 8032 section 5.1), and tables of a
//! point's multiples.
//!
//! The formulas (Hisil, Wong, Carter, Dawson: "Twisted Edwards Curves Revisited", 2008) are complete: they hold for every
//! two points. All coordinates are settled residues (see `field.rs`); a comment beside each formula gives the weights of
//! its factors, whose product may be 13 at most.
#![expect(
    clippy::as_conversions,
    clippy::indexing_slicing,
    reason = "every index is below a length fixed by the curve and the width of a table"
)]

use super::field::{Digit, Modulus, Residue, centred_digits, digits_from_octets, is_less};
use super::recode::{Digits, Scalar};

/// The modulus of the coordinates, 2^255 − 19.
#[derive(Clone, Copy, Debug)]
pub struct Prime;

/// The order of the base point.
#[derive(Clone, Copy, Debug)]
pub struct Order;

pub type Coordinate<D = i32> = Residue<Prime, 9, D>;

impl Modulus<9> for Prime {
    const DIGITS: [i64; 9] = centred_digits(&{
        let mut octets = [0xff; 32];
        octets[0] = 0x7f;
        octets[31] = 0xed;
        octets
    });
    const HOT: bool = true;
}

impl Modulus<9> for Order {
    /// 2^252 + 27742317777372353535851937790883648493.
    const DIGITS: [i64; 9] = centred_digits(&[
        0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x14, 0xde, 0xf9, 0xde, 0xa2, 0xf7,
        0x9c, 0xd6, 0x58, 0x12, 0x63, 0x1a, 0x5c, 0xf5, 0xd3, 0xed,
    ]);
    const HOT: bool = false;
}

/// The bits of a scalar. It is never replaced by another one congruent modulo the order: a point that is not a multiple of
/// the base point has another order.
pub const SCALAR_BITS: u32 = 253;

/// A point (X/Z, Y/Z), with T = XY/Z; settled.
#[derive(Clone, Copy, Debug)]
pub struct Point<D = i32> {
    pub x: Coordinate<D>,
    pub y: Coordinate<D>,
    pub z: Coordinate<D>,
    pub t: Coordinate<D>,
}

/// An affine point as a summand: y + x, y − x and 2dxy, settled.
#[derive(Clone, Copy, Debug)]
pub struct Summand<D = i32> {
    pub sum: Coordinate<D>,
    pub difference: Coordinate<D>,
    pub product: Coordinate<D>,
}

/// The multiples of one point that a method of multiplication needs.
#[derive(Debug)]
pub struct Multiples {
    width: u32,
    summands: Vec<Summand>,
}

impl Point {
    /// The neutral point.
    pub const ZERO: Self = Self {
        x: Residue::from_digits([0; 9]),
        y: Residue::ONE,
        z: Residue::ONE,
        t: Residue::from_digits([0; 9]),
    };

    /// The point that `encoding` is the canonical encoding of (RFC 8032 section 5.1.3), save that
    /// the neutral point and the one of order 2 may have either sign.
    pub fn decoded(encoding: &[u8; 32]) -> Option<Self> {
        let (y, is_odd) = digits_of(encoding);
        if !is_less(&y, &Coordinate::modulus()) {
            return None;
        }
        let y = Coordinate::from_integer(y);
        let square = y.square();
        let u = square.sub(&Residue::ONE).settle();
        let v = constant(&COEFFICIENT)
            .mul(&square)
            .add(&Residue::ONE)
            .settle();
        // A candidate for the root of u / v: u v³ (u v⁷)^((p − 5) / 8).
        let cube = v.square().mul(&v);
        let power = to_fifth_of_eighth(&u.mul(&cube.square().mul(&v)));
        let mut x = u.mul(&cube).mul(&power);
        let check = v.mul(&x.square());
        if check != u {
            if check.add(&u).is_zero() {
                x = x.mul(&constant(&ROOT_OF_MINUS_ONE));
            } else {
                return None;
            }
        }
        if (x.to_integer()[0] & 1 == 1) != is_odd {
            x = x.negated(-1);
        }
        Some(Self {
            x,
            y,
            z: Residue::ONE,
            t: x.mul(&y),
        })
    }

    /// The base point (RFC 8032 section 5.1), whose y is 4/5.
    pub fn base() -> Self {
        let mut encoding = [0x66; 32];
        encoding[0] = 0x58;
        Self::decoded(&encoding).unwrap_or(Self::ZERO)
    }

    pub fn negated(&self) -> Self {
        Self {
            x: self.x.negated(-1),
            t: self.t.negated(-1),
            ..*self
        }
    }

    /// Whether `encoding` is the canonical encoding of this point.
    pub fn is_encoded_as(&self, encoding: &[u8; 32]) -> bool {
        let (y, is_odd) = digits_of(encoding);
        let inverse = self.z.inverse();
        self.y.mul(&inverse).to_integer() == y
            && (self.x.mul(&inverse).to_integer()[0] & 1 == 1) == is_odd
    }

    /// Whether eight times this point is the neutral point: x or y is zero for those whose order
    /// is 1, 2 or 4, and the y of twice the point for those whose order is 8.
    pub fn is_of_small_order(&self) -> bool {
        let (x, y) = (self.x.square(), self.y.square());
        [x, y, x.sub(&y), x.add(&y)].iter().any(Residue::is_zero)
    }

    /// The sum with a multiple from its fixed-window table, one addition for each window.
    pub fn add_windows(mut self, scalar: &Scalar<9>, table: &Multiples) -> Self {
        let digits = Digits::windows(&scalar.magnitude, SCALAR_BITS, table.width);
        let size = 1 << (table.width - 1);
        for (window, &digit) in table.summands.chunks_exact(size).zip(digits.as_slice()) {
            if let Some(summand) = window.get((digit.unsigned_abs() as usize).wrapping_sub(1)) {
                self = self.add(summand, i32::from(digit >> 15) ^ scalar.sign);
            }
        }
        self
    }

    /// The sum of two multiples from tables of odd multiples, with one common chain of doublings (Straus–Shamir).
    pub fn interleaved(terms: [(&Scalar<9>, &Multiples); 2]) -> Self {
        let digits = terms
            .map(|(scalar, table)| Digits::sparse(&scalar.magnitude, SCALAR_BITS, table.width));
        let mut sum = Self::ZERO;
        for bit in (0..=SCALAR_BITS as usize).rev() {
            let digits = digits.each_ref().map(|digits| digits.as_slice()[bit]);
            sum = sum.double(digits != [0; 2]);
            for ((scalar, table), digit) in terms.iter().zip(digits) {
                if digit != 0 {
                    let summand = &table.summands[digit.unsigned_abs() as usize / 2];
                    sum = sum.add(summand, i32::from(digit >> 15) ^ scalar.sign);
                }
            }
        }
        sum
    }
}

impl<D: Digit> Point<D> {
    /// The sum with an affine point, negated if `sign` is −1.
    #[inline(never)]
    pub fn add(&self, other: &Summand<D>, sign: i32) -> Self {
        let (sum, difference) = match sign {
            0 => (&other.sum, &other.difference),
            _ => (&other.difference, &other.sum),
        };
        // 2 × 1, 2 × 1 and 1 × 1; then factors of weight 2, 3, 3 and 2.
        let a = self.y.sub(&self.x).mul(difference);
        let b = self.y.add(&self.x).mul(sum);
        let c = self.t.mul(&other.product).negated(sign);
        let d = self.z.times(2);
        let factors = [b.sub(&a), d.sub(&c), d.add(&c), b.add(&a)];
        Self::completed(&factors, true)
    }

    /// Twice this point. Its T is only computed if `has_t`: a doubling does not need that of its point, and an addition does.
    #[inline(never)]
    pub fn double(&self, has_t: bool) -> Self {
        let (a, b) = (self.x.square(), self.y.square());
        let c = self.z.square().times(2);
        // 2 × 2; then factors of weight 3, 4, 2 and 2.
        let e = self.x.add(&self.y).square().sub(&a).sub(&b);
        let g = b.sub(&a);
        Self::completed(&[e, g.sub(&c), g, a.add(&b).negated(-1)], has_t)
    }

    /// The point (E/G, H/F): products of weights 3 × 4, 2 × 2, 4 × 2 and 3 × 2, or 2 × 3, 3 × 2, 3 × 3 and 2 × 2.
    #[inline(always)]
    fn completed([e, f, g, h]: &[Coordinate<D>; 4], has_t: bool) -> Self {
        let x = e.mul(f);
        Self {
            x,
            y: g.mul(h),
            z: f.mul(g),
            t: if has_t { e.mul(h) } else { x },
        }
    }
}

impl Multiples {
    /// The size of a fixed-window table, in octets.
    pub fn size(width: u32) -> usize {
        ((SCALAR_BITS.div_ceil(width) as usize) << (width - 1)) * size_of::<Summand>()
    }

    /// The point itself, the first of its odd multiples and of its first window.
    pub fn point(&self) -> &Summand {
        &self.summands[0]
    }

    /// The odd multiples below 2^(width − 1), for a non-adjacent form ([`Digits::sparse`]).
    pub fn odd(point: &Point, width: u32) -> Self {
        let mut summands = summands(&[point.double(true)]);
        let mut multiples = vec![*point];
        if let Some(twice) = summands.pop() {
            while multiples.len() < 1 << (width - 2) {
                multiples.extend(multiples.last().map(|last| last.add(&twice, 0)));
            }
        }
        Self {
            width,
            summands: self::summands(&multiples),
        }
    }

    /// The multiples 1 to 2^(width − 1) of 2^(width × i) times the point, for each window i ([`Digits::windows`]).
    pub fn windows(point: &Point, width: u32) -> Self {
        let (count, size) = (SCALAR_BITS.div_ceil(width) as usize, 1 << (width - 1));
        let mut bases = vec![*point];
        while bases.len() < count {
            bases.extend(
                bases
                    .last()
                    .map(|last| (0..width).fold(*last, |sum, _| sum.double(true))),
            );
        }
        let steps = summands(&bases);
        let mut table = Vec::with_capacity(count * size);
        for (base, step) in bases.iter().zip(&steps) {
            let mut multiple = *base;
            let mut multiples = Vec::with_capacity(size);
            for _ in 0..size {
                multiples.push(multiple);
                multiple = multiple.add(step, 0);
            }
            table.extend(summands(&multiples));
        }
        Self {
            width,
            summands: table,
        }
    }
}

impl<D: Digit> Summand<D> {
    /// The summand of an affine point.
    pub fn from_affine(x: &Coordinate<D>, y: &Coordinate<D>, twice_d: &Coordinate<D>) -> Self {
        Self {
            sum: y.add(x).settle(),
            difference: y.sub(x).settle(),
            product: x.mul(y).mul(twice_d),
        }
    }
}

/// The points as summands.
fn summands(points: &[Point]) -> Vec<Summand> {
    let mut inverses: Vec<_> = points.iter().map(|point| point.z).collect();
    Residue::invert_all(&mut inverses);
    let twice_d = constant(&COEFFICIENT).times(2).settle();
    let pairs = points.iter().zip(&inverses);
    pairs
        .map(|(point, inverse)| {
            Summand::from_affine(&point.x.mul(inverse), &point.y.mul(inverse), &twice_d)
        })
        .collect()
}

/// The y of an encoding, which may be the modulus or more, and whether its x is odd.
fn digits_of(encoding: &[u8; 32]) -> ([i32; 9], bool) {
    let mut octets = *encoding;
    octets.reverse();
    let is_odd = octets[0] >> 7 == 1;
    octets[0] &= 0x7f;
    (digits_from_octets(&octets), is_odd)
}

/// The coefficient d = −121665 / 121666 (RFC 8032 section 5.1).
const COEFFICIENT: [u8; 32] = [
    0x52, 0x03, 0x6c, 0xee, 0x2b, 0x6f, 0xfe, 0x73, 0x8c, 0xc7, 0x40, 0x79, 0x77, 0x79, 0xe8, 0x98,
    0x00, 0x70, 0x0a, 0x4d, 0x41, 0x41, 0xd8, 0xab, 0x75, 0xeb, 0x4d, 0xca, 0x13, 0x59, 0x78, 0xa3,
];

/// A root of −1: 2 to the power (p − 1) / 4 (RFC 8032 section 5.1.3).
const ROOT_OF_MINUS_ONE: [u8; 32] = [
    0x2b, 0x83, 0x24, 0x80, 0x4f, 0xc1, 0xdf, 0x0b, 0x2b, 0x4d, 0x00, 0x99, 0x3d, 0xfb, 0xd7, 0xa7,
    0x2f, 0x43, 0x18, 0x06, 0xad, 0x2f, 0xe4, 0x78, 0xc4, 0xee, 0x1b, 0x27, 0x4a, 0x0e, 0xa0, 0xb0,
];

fn constant(octets: &[u8; 32]) -> Coordinate {
    Coordinate::from_integer(digits_from_octets(octets))
}

/// The residue to the power (p − 5) / 8 = 2^252 − 3.
pub fn to_fifth_of_eighth<D: Digit>(residue: &Coordinate<D>) -> Coordinate<D> {
    // The power 2^n − 1 of each n, from those of two summands of n.
    let joined = |a: &Coordinate<D>, b: &Coordinate<D>, length: usize| {
        (0..length).fold(*a, |power, _| power.square()).mul(b)
    };
    let of_5 = (1..5).fold(*residue, |power, _| joined(&power, residue, 1));
    let of_10 = joined(&of_5, &of_5, 5);
    let of_20 = joined(&of_10, &of_10, 10);
    let of_40 = joined(&of_20, &of_20, 20);
    let of_50 = joined(&of_40, &of_10, 10);
    let of_100 = joined(&of_50, &of_50, 50);
    let of_200 = joined(&of_100, &of_100, 100);
    let of_250 = joined(&of_200, &of_50, 50);
    // 2^250 − 1, doubled twice, plus one.
    joined(&of_250, residue, 2)
}
