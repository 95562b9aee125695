//! Four 32-bit integers side by side (`simd128` of WebAssembly); elsewhere an array, which also panics at every overflow in
//! tests.

#[cfg(target_feature = "simd128")]
use core::arch::wasm32 as simd;
use core::fmt::Debug;

/// The operations of the SIMD multiplication: those of [`I32x4`], or in `tests/arithmetic_bounds.rs` of ranges.
///
/// A vector has four lanes of 32 bits, or eight halves of 16 bits for [`Vector::dot`] and [`Vector::mul_halves`].
pub trait Vector: Copy + Debug {
    /// The content of one lane.
    type Lane: Copy + Debug;

    fn new(lanes: [i32; 4]) -> Self;
    fn to_array(self) -> [Self::Lane; 4];

    /// The same content in all lanes.
    fn splat(lane: Self::Lane) -> Self;
    fn add(self, other: Self) -> Self;
    fn sub(self, other: Self) -> Self;
    fn and(self, other: Self) -> Self;

    /// Shifts left; the bits shifted out are lost.
    fn left<const BITS: u32>(self) -> Self;

    /// Shifts right and keeps the sign.
    fn right<const BITS: u32>(self) -> Self;

    /// Multiplies halves and adds up the two products of each lane.
    fn dot(self, other: Self) -> Self;

    /// Multiplies halves and keeps the low 16 bits of each product.
    fn mul_halves(self, other: Self) -> Self;

    /// The last lane of `before`, then the first three of this.
    fn after(self, before: Self) -> Self;

    /// The last two lanes of `before`, then the first two of this.
    fn two_after(self, before: Self) -> Self;

    /// The low halves of all lanes, which must hold their values, then those of `next`.
    fn halves(self, next: Self) -> Self;

    /// One lane, in all four.
    fn spread<const LANE: usize>(self) -> Self;

    /// Each lane as a multiple of 2^BITS, divided by 2^BITS, and a rest from 0 to 2^BITS − 1.
    #[inline(always)]
    fn floored<const BITS: u32>(self) -> (Self, Self) {
        let mask = Self::new([(1 << BITS) - 1; 4]);
        (self.right::<BITS>(), self.and(mask))
    }

    /// Each lane as the nearest multiple of 2^BITS, divided by 2^BITS, and a rest from −2^(BITS − 1) to 2^(BITS − 1) − 1.
    #[inline(always)]
    fn rounded<const BITS: u32>(self) -> (Self, Self) {
        let multiple = self.add(Self::new([1 << (BITS - 1); 4])).right::<BITS>();
        (multiple, self.sub(multiple.left::<BITS>()))
    }

    /// In the low half of each lane that lane's value, in the high half that of the lane before it.
    #[inline(always)]
    fn paired(self, before: Self) -> Self {
        let low = self.and(Self::new([0xffff; 4]));
        low.add(self.after(before).left::<16>())
    }

    /// Called with what would be carried out of the last column of a number: zero, which `tests/arithmetic_bounds.rs` checks.
    #[inline(always)]
    fn expect_zero(self) {}
}

/// Four 32-bit integers.
#[cfg(target_feature = "simd128")]
#[derive(Clone, Copy, Debug)]
pub struct I32x4(simd::v128);

#[cfg(target_feature = "simd128")]
impl Vector for I32x4 {
    type Lane = i32;

    #[inline(always)]
    fn new([a, b, c, d]: [i32; 4]) -> Self {
        Self(simd::i32x4(a, b, c, d))
    }

    #[inline(always)]
    fn to_array(self) -> [Self::Lane; 4] {
        [
            simd::i32x4_extract_lane::<0>(self.0),
            simd::i32x4_extract_lane::<1>(self.0),
            simd::i32x4_extract_lane::<2>(self.0),
            simd::i32x4_extract_lane::<3>(self.0),
        ]
    }

    #[inline(always)]
    fn splat(value: i32) -> Self {
        Self(simd::i32x4_splat(value))
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self(simd::i32x4_add(self.0, other.0))
    }

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self(simd::i32x4_sub(self.0, other.0))
    }

    #[inline(always)]
    fn and(self, other: Self) -> Self {
        Self(simd::v128_and(self.0, other.0))
    }

    #[inline(always)]
    fn left<const BITS: u32>(self) -> Self {
        Self(simd::i32x4_shl(self.0, BITS))
    }

    #[inline(always)]
    fn right<const BITS: u32>(self) -> Self {
        Self(simd::i32x4_shr(self.0, BITS))
    }

    #[inline(always)]
    fn dot(self, other: Self) -> Self {
        Self(simd::i32x4_dot_i16x8(self.0, other.0))
    }

    #[inline(always)]
    fn mul_halves(self, other: Self) -> Self {
        Self(simd::i16x8_mul(self.0, other.0))
    }

    #[inline(always)]
    fn after(self, before: Self) -> Self {
        Self(simd::i32x4_shuffle::<3, 4, 5, 6>(before.0, self.0))
    }

    #[inline(always)]
    fn two_after(self, before: Self) -> Self {
        Self(simd::i32x4_shuffle::<2, 3, 4, 5>(before.0, self.0))
    }

    #[inline(always)]
    fn halves(self, next: Self) -> Self {
        Self(simd::i16x8_narrow_i32x4(self.0, next.0))
    }

    #[inline(always)]
    fn spread<const LANE: usize>(self) -> Self {
        Self(simd::i32x4_shuffle::<LANE, LANE, LANE, LANE>(
            self.0, self.0,
        ))
    }
}

/// Four 32-bit integers.
#[cfg(not(target_feature = "simd128"))]
#[derive(Clone, Copy, Debug)]
pub struct I32x4([i32; 4]);

#[cfg(not(target_feature = "simd128"))]
#[expect(clippy::indexing_slicing, reason = "lanes are four")]
impl I32x4 {
    fn map(self, other: Self, both: impl Fn(i32, i32) -> i32) -> Self {
        Self(core::array::from_fn(|i| both(self.0[i], other.0[i])))
    }
}

#[cfg(not(target_feature = "simd128"))]
#[expect(
    clippy::as_conversions,
    clippy::indexing_slicing,
    reason = "halves are cut off on purpose, and lanes are four"
)]
impl Vector for I32x4 {
    type Lane = i32;

    fn new(lanes: [i32; 4]) -> Self {
        Self(lanes)
    }

    fn to_array(self) -> [i32; 4] {
        self.0
    }

    fn splat(value: i32) -> Self {
        Self([value; 4])
    }

    fn add(self, other: Self) -> Self {
        self.map(other, |a, b| a + b)
    }

    fn sub(self, other: Self) -> Self {
        self.map(other, |a, b| a - b)
    }

    fn and(self, other: Self) -> Self {
        self.map(other, |a, b| a & b)
    }

    fn left<const BITS: u32>(self) -> Self {
        self.map(self, |a, _| a << BITS)
    }

    fn right<const BITS: u32>(self) -> Self {
        self.map(self, |a, _| a >> BITS)
    }

    fn dot(self, other: Self) -> Self {
        let half = |a: i32, shift: u32| i32::from((a >> shift) as i16);
        self.map(other, |a, b| {
            half(a, 0) * half(b, 0) + half(a, 16) * half(b, 16)
        })
    }

    fn mul_halves(self, other: Self) -> Self {
        let half = |a: i32, shift: u32| i32::from((a >> shift) as i16);
        let product = |a, b, shift| half(a, shift) * half(b, shift);
        self.map(other, |a, b| {
            product(a, b, 0) & 0xffff | product(a, b, 16) << 16
        })
    }

    fn after(self, before: Self) -> Self {
        Self([before.0[3], self.0[0], self.0[1], self.0[2]])
    }

    fn two_after(self, before: Self) -> Self {
        Self([before.0[2], before.0[3], self.0[0], self.0[1]])
    }

    fn halves(self, next: Self) -> Self {
        let pair = |a: i32, b: i32| a & 0xffff | b << 16;
        let ([a, b, c, d], [e, f, g, h]) = (self.0, next.0);
        Self([pair(a, b), pair(c, d), pair(e, f), pair(g, h)])
    }

    fn spread<const LANE: usize>(self) -> Self {
        Self([self.0[LANE]; 4])
    }
}
