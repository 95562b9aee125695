//! Interval arithmetic: ranges of integers in the place of machine integers, so that the kernels' own formulas compute
//! bounds. A range that leaves its machine type panics.

use crate::arithmetic::field::{BITS, Column, Digit};
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
}

/// The rest of a division by 2^bits that rounds to the nearest.
pub(crate) fn rest<const WIDTH: u32>(number: Range<WIDTH>, bits: u32) -> Range<WIDTH> {
    let half = 1 << (bits - 1);
    if -half <= number.low && number.high < half {
        number
    } else {
        Range::new(-half, half - 1)
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

    fn floored(self) -> (Self, Self) {
        let all = (1 << BITS) - 1;
        let is_rest = 0 <= self.low && self.high <= all;
        (self >> BITS, if is_rest { self } else { Self::new(0, all) })
    }

    fn narrowed(self) -> DigitRange {
        DigitRange::new(self.low, self.high)
    }
}
