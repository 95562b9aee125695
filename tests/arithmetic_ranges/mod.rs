//! Interval arithmetic: ranges of integers in the place of machine integers, so that the kernels' own formulas compute
//! bounds. A range that leaves its machine type panics.

use crate::arithmetic::field::{BITS, Column, Digit};
use crate::arithmetic::i32x4::Vector;
use core::ops::{Add, AddAssign, Mul, Shr, Sub};

/// All integers from `low` to `high`, in a machine type of `WIDTH` bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Range<const WIDTH: u32> {
    pub(crate) low: i128,
    pub(crate) high: i128,
}

/// A digit of a residue.
pub(crate) type DigitRange = Range<32>;

impl<const WIDTH: u32> Range<WIDTH> {
    pub(crate) fn new(low: i128, high: i128) -> Self {
        let limit = 1 << (WIDTH - 1);
        assert!(low <= high, "from {low} to {high}");
        assert!(
            -limit <= low && high < limit,
            "{low} to {high} overflows {WIDTH} bits by a factor of {:.3}",
            low.unsigned_abs().max(high.unsigned_abs()) as f64 / limit as f64
        );
        Self { low, high }
    }

    /// The smallest range that holds both.
    pub(crate) fn hull(self, other: Self) -> Self {
        Self::new(self.low.min(other.low), self.high.max(other.high))
    }

    /// The greatest magnitude.
    pub(crate) fn most(self) -> u128 {
        self.low.unsigned_abs().max(self.high.unsigned_abs())
    }
}

impl<const WIDTH: u32> Add for Range<WIDTH> {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self::new(self.low + other.low, self.high + other.high)
    }
}

impl<const WIDTH: u32> AddAssign for Range<WIDTH> {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl<const WIDTH: u32> Sub for Range<WIDTH> {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self::new(self.low - other.high, self.high - other.low)
    }
}

impl<const WIDTH: u32> Mul for Range<WIDTH> {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        let ends = [self.low, self.high].map(|a| [a * other.low, a * other.high]);
        let ends = ends.as_flattened();
        Self::new(*ends.iter().min().unwrap(), *ends.iter().max().unwrap())
    }
}

impl<const WIDTH: u32> Shr<u32> for Range<WIDTH> {
    type Output = Self;

    fn shr(self, bits: u32) -> Self {
        Self::new(self.low >> bits, self.high >> bits)
    }
}

impl Mul<i32> for DigitRange {
    type Output = Self;

    fn mul(self, factor: i32) -> Self {
        self * Self::from(factor)
    }
}

impl From<i32> for DigitRange {
    fn from(value: i32) -> Self {
        Self::new(value.into(), value.into())
    }
}

impl From<i64> for Range<64> {
    fn from(value: i64) -> Self {
        Self::new(value.into(), value.into())
    }
}

impl From<DigitRange> for Range<64> {
    fn from(DigitRange { low, high }: DigitRange) -> Self {
        Self::new(low, high)
    }
}

impl Digit for DigitRange {
    type Column = Range<64>;

    fn negated(self, sign: i32) -> Self {
        if sign == 0 {
            self
        } else {
            Self::from(0) - self
        }
    }

    fn masked<const N: usize>(digits: [Self; N], _: Self) -> [Self; N] {
        digits.map(|digit| digit.hull(Self::from(0)))
    }
}

/// The rest of a division by 2^bits that rounds to the nearest.
fn rest<const WIDTH: u32>(number: Range<WIDTH>, bits: u32) -> Range<WIDTH> {
    let half = 1 << (bits - 1);
    if -half <= number.low && number.high < half {
        number
    } else {
        Range::new(-half, half - 1)
    }
}

/// The low bits, from 0 to 2^bits − 1.
fn low_bits<const WIDTH: u32>(number: Range<WIDTH>, bits: u32) -> Range<WIDTH> {
    let all = (1 << bits) - 1;
    if 0 <= number.low && number.high <= all {
        number
    } else {
        Range::new(0, all)
    }
}

impl Column<DigitRange> for Range<64> {
    fn centred_product(self, _: i64) -> Self {
        Self::new(-1 << (BITS - 1), (1 << (BITS - 1)) - 1)
    }

    fn rounded(self, bits: u32) -> (Self, Self) {
        let half = 1 << (bits - 1);
        ((self + half.into()) >> bits, rest(self, bits))
    }

    fn floored(self, bits: u32) -> (Self, Self) {
        (self >> bits, low_bits(self, bits))
    }

    fn narrowed(self) -> DigitRange {
        DigitRange::new(self.low, self.high)
    }

    fn expect_zero(self) {
        assert_eq!(self, 0.into(), "a carry out of the last digit");
    }
}

/// The content of a lane: one integer of 32 bits, or two of 16 bits, the low one first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lane {
    Whole(Range<32>),
    Halves([Range<16>; 2]),
}

impl Lane {
    pub(crate) fn whole(self) -> Range<32> {
        match self {
            Lane::Whole(range) => range,
            Lane::Halves(halves) => panic!("{halves:?} is no single integer"),
        }
    }

    /// The halves. Of a single integer, only those of a constant are known.
    pub(crate) fn halves(self) -> [Range<16>; 2] {
        match self {
            Lane::Halves(halves) => halves,
            Lane::Whole(Range { low, high }) => {
                assert_eq!(low, high, "the halves of a range");
                let high = (low + (1 << 15)) >> 16;
                [low - (high << 16), high].map(|half| Range::new(half, half))
            }
        }
    }
}

/// Four lanes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LaneRanges(pub(crate) [Lane; 4]);

impl LaneRanges {
    fn map(self, with: impl Fn(Range<32>) -> Range<32>) -> Self {
        Self(self.0.map(|lane| Lane::Whole(with(lane.whole()))))
    }

    fn zip(self, other: Self, with: impl Fn(Lane, Lane) -> Lane) -> Self {
        Self(core::array::from_fn(|i| with(self.0[i], other.0[i])))
    }
}

impl Vector for LaneRanges {
    type Lane = Lane;

    fn new(lanes: [i32; 4]) -> Self {
        Self(lanes.map(|lane| Lane::Whole(lane.into())))
    }

    fn to_array(self) -> [Lane; 4] {
        self.0
    }

    fn splat(lane: Lane) -> Self {
        Self([lane; 4])
    }

    fn add(self, other: Self) -> Self {
        self.zip(other, |a, b| Lane::Whole(a.whole() + b.whole()))
    }

    fn sub(self, other: Self) -> Self {
        self.zip(other, |a, b| Lane::Whole(a.whole() - b.whole()))
    }

    fn and(self, _: Self) -> Self {
        panic!("only as a part of other operations")
    }

    fn left<const BITS: u32>(self) -> Self {
        panic!("only as a part of other operations")
    }

    fn right<const BITS: u32>(self) -> Self {
        self.map(|range| range >> BITS)
    }

    fn dot(self, other: Self) -> Self {
        self.zip(other, |a, b| {
            let wide = |Range { low, high }: Range<16>| Range::<32>::new(low, high);
            let ([a, b], [c, d]) = (a.halves().map(wide), b.halves().map(wide));
            Lane::Whole(a * c + b * d)
        })
    }

    fn mul_halves(self, other: Self) -> Self {
        self.zip(other, |a, b| {
            let ([a, b], [c, d]) = (a.halves(), b.halves());
            Lane::Halves([a * c, b * d])
        })
    }

    fn after(self, Self([.., last]): Self) -> Self {
        let [a, b, c, _] = self.0;
        Self([last, a, b, c])
    }

    fn two_after(self, Self([.., c, d]): Self) -> Self {
        let [a, b, ..] = self.0;
        Self([c, d, a, b])
    }

    fn halves(self, next: Self) -> Self {
        let [a, b, c, d, e, f, g, h] = core::array::from_fn(|i| {
            let Range { low, high } = [self.0, next.0].as_flattened()[i].whole();
            Range::new(low, high)
        });
        Self([[a, b], [c, d], [e, f], [g, h]].map(Lane::Halves))
    }

    fn spread<const LANE: usize>(self) -> Self {
        Self([self.0[LANE]; 4])
    }

    fn floored<const BITS: u32>(self) -> (Self, Self) {
        (
            self.right::<BITS>(),
            self.map(|range| low_bits(range, BITS)),
        )
    }

    fn rounded<const BITS: u32>(self) -> (Self, Self) {
        let half = Self::new([1 << (BITS - 1); 4]);
        (
            self.add(half).right::<BITS>(),
            self.map(|range| rest(range, BITS)),
        )
    }

    fn paired(self, before: Self) -> Self {
        let half = |lane: Lane| {
            let Range { low, high } = lane.whole();
            Range::new(low, high)
        };
        self.zip(self.after(before), |own, last| {
            Lane::Halves([half(own), half(last)])
        })
    }

    fn expect_zero(self) {
        self.0[3].whole().expect_zero();
    }
}

impl DigitRange {
    fn expect_zero(self) {
        assert_eq!(self, 0.into(), "a carry out of the last limb");
    }
}
