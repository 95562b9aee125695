//! Four 32-bit integers side by side, as WebAssembly's `simd128` has them; elsewhere an array, which
//! also sees every overflow in tests.

#[cfg(target_feature = "simd128")]
use core::arch::wasm32 as simd;

/// Four 32-bit integers, or eight of 16 bits for [`Lanes::dot`] and [`Lanes::mul_halves`].
#[cfg(target_feature = "simd128")]
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lanes(simd::v128);

#[cfg(target_feature = "simd128")]
impl Lanes {
    pub(crate) const ZERO: Self = Self(simd::i32x4(0, 0, 0, 0));

    #[inline(always)]
    pub(crate) const fn new([a, b, c, d]: [i32; 4]) -> Self {
        Self(simd::i32x4(a, b, c, d))
    }

    #[inline(always)]
    pub(crate) fn to_array(self) -> [i32; 4] {
        [
            simd::i32x4_extract_lane::<0>(self.0),
            simd::i32x4_extract_lane::<1>(self.0),
            simd::i32x4_extract_lane::<2>(self.0),
            simd::i32x4_extract_lane::<3>(self.0),
        ]
    }

    #[inline(always)]
    pub(crate) fn splat(value: i32) -> Self {
        Self(simd::i32x4_splat(value))
    }

    #[inline(always)]
    pub(crate) fn add(self, other: Self) -> Self {
        Self(simd::i32x4_add(self.0, other.0))
    }

    #[inline(always)]
    pub(crate) fn sub(self, other: Self) -> Self {
        Self(simd::i32x4_sub(self.0, other.0))
    }

    #[inline(always)]
    pub(crate) fn and(self, other: Self) -> Self {
        Self(simd::v128_and(self.0, other.0))
    }

    /// Shifts left; bits that leave are lost.
    #[inline(always)]
    pub(crate) fn left<const BITS: u32>(self) -> Self {
        Self(simd::i32x4_shl(self.0, BITS))
    }

    /// Shifts right and keeps the sign.
    #[inline(always)]
    pub(crate) fn right<const BITS: u32>(self) -> Self {
        Self(simd::i32x4_shr(self.0, BITS))
    }

    /// Multiplies halves and adds up the two products of each lane.
    #[inline(always)]
    pub(crate) fn dot(self, other: Self) -> Self {
        Self(simd::i32x4_dot_i16x8(self.0, other.0))
    }

    /// Multiplies halves; only the low 16 bits of each product stay.
    #[inline(always)]
    pub(crate) fn mul_halves(self, other: Self) -> Self {
        Self(simd::i16x8_mul(self.0, other.0))
    }

    /// The last lane of `before`, then the first three of this.
    #[inline(always)]
    pub(crate) fn after(self, before: Self) -> Self {
        Self(simd::i32x4_shuffle::<3, 4, 5, 6>(before.0, self.0))
    }

    /// The last two lanes of `before`, then the first two of this.
    #[inline(always)]
    pub(crate) fn two_after(self, before: Self) -> Self {
        Self(simd::i32x4_shuffle::<2, 3, 4, 5>(before.0, self.0))
    }

    /// The low halves of all lanes, which must hold their values, then those of `next`.
    #[inline(always)]
    pub(crate) fn halves(self, next: Self) -> Self {
        Self(simd::i16x8_narrow_i32x4(self.0, next.0))
    }

    /// One lane, in all four.
    #[inline(always)]
    pub(crate) fn spread<const LANE: usize>(self) -> Self {
        Self(simd::i32x4_shuffle::<LANE, LANE, LANE, LANE>(
            self.0, self.0,
        ))
    }
}

/// Four 32-bit integers.
#[cfg(not(target_feature = "simd128"))]
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lanes([i32; 4]);

#[cfg(not(target_feature = "simd128"))]
#[expect(
    clippy::as_conversions,
    clippy::indexing_slicing,
    reason = "halves are cut off on purpose, and lanes are four"
)]
impl Lanes {
    pub(crate) const ZERO: Self = Self([0; 4]);

    pub(crate) const fn new(lanes: [i32; 4]) -> Self {
        Self(lanes)
    }

    pub(crate) fn to_array(self) -> [i32; 4] {
        self.0
    }

    pub(crate) fn splat(value: i32) -> Self {
        Self([value; 4])
    }

    fn map(self, other: Self, both: impl Fn(i32, i32) -> i32) -> Self {
        Self(core::array::from_fn(|i| both(self.0[i], other.0[i])))
    }

    pub(crate) fn add(self, other: Self) -> Self {
        self.map(other, |a, b| a + b)
    }

    pub(crate) fn sub(self, other: Self) -> Self {
        self.map(other, |a, b| a - b)
    }

    pub(crate) fn and(self, other: Self) -> Self {
        self.map(other, |a, b| a & b)
    }

    pub(crate) fn left<const BITS: u32>(self) -> Self {
        self.map(self, |a, _| a << BITS)
    }

    pub(crate) fn right<const BITS: u32>(self) -> Self {
        self.map(self, |a, _| a >> BITS)
    }

    pub(crate) fn dot(self, other: Self) -> Self {
        let half = |a: i32, shift: u32| i32::from((a >> shift) as i16);
        self.map(other, |a, b| {
            half(a, 0) * half(b, 0) + half(a, 16) * half(b, 16)
        })
    }

    pub(crate) fn mul_halves(self, other: Self) -> Self {
        let half = |a: i32, shift: u32| i32::from((a >> shift) as i16);
        let product = |a, b, shift| half(a, shift) * half(b, shift);
        self.map(other, |a, b| {
            product(a, b, 0) & 0xffff | product(a, b, 16) << 16
        })
    }

    pub(crate) fn after(self, before: Self) -> Self {
        Self([before.0[3], self.0[0], self.0[1], self.0[2]])
    }

    pub(crate) fn two_after(self, before: Self) -> Self {
        Self([before.0[2], before.0[3], self.0[0], self.0[1]])
    }

    pub(crate) fn halves(self, next: Self) -> Self {
        let pair = |a: i32, b: i32| a & 0xffff | b << 16;
        let ([a, b, c, d], [e, f, g, h]) = (self.0, next.0);
        Self([pair(a, b), pair(c, d), pair(e, f), pair(g, h)])
    }

    pub(crate) fn spread<const LANE: usize>(self) -> Self {
        Self([self.0[LANE]; 4])
    }
}
