//! Points of a short Weierstrass curve, tables of a point's multiples, and sums of two multiples. Over 400 lines: the
//! formulas are bounded together.
//!
//! The formulas are those of the Explicit-Formulas Database for Jacobian coordinates, (X : Y : Z) for the affine
//! (X / Z², Y / Z³), and for XYZZ coordinates ([`Extended`]). None of them checks for special points: wherever they fail, Z
//! becomes zero and stays zero, so one check at the end is enough ([`Sum::finished`], [`sum_of_windows`]), and
//! [`sum_bit_by_bit`] then starts over with all checks.
//!
//! A sum of two multiples is computed in one of two ways: by interleaved width-w non-adjacent forms (wNAF, also called
//! Straus's or Shamir's trick), with few doublings, or from fixed-window tables without any.
//!
//! All coordinates are settled residues (see `field.rs`); a comment beside each formula gives the weights of its factors.
#![expect(
    clippy::as_conversions,
    clippy::indexing_slicing,
    reason = "every index is below a length fixed by the curve and the width of a table"
)]

use super::curve::{Coefficient, Curve};
use super::field::{Digit, Residue, digits_from_octets, is_less};
use super::recode::{Digits, Scalar};

/// An affine point other than infinity, settled.
#[derive(Clone, Copy, Debug)]
pub struct Affine<C, const N: usize, D = i32> {
    pub x: Residue<C, N, D>,
    pub y: Residue<C, N, D>,
}

/// A point in Jacobian coordinates, settled.
#[derive(Clone, Copy, Debug)]
pub struct Jacobian<C, const N: usize, D = i32> {
    pub x: Residue<C, N, D>,
    pub y: Residue<C, N, D>,
    pub z: Residue<C, N, D>,
}

/// A point in XYZZ coordinates, (X : Y : ZZ : ZZZ) for the affine (X / ZZ, Y / ZZZ) where ZZ is a square and ZZZ the cube of
/// its root. Both are settled. Additions are faster than in Jacobian coordinates, doublings slower.
#[derive(Clone, Copy, Debug)]
pub struct Extended<C, const N: usize, D = i32> {
    pub x: Residue<C, N, D>,
    pub y: Residue<C, N, D>,
    pub zz: Residue<C, N, D>,
    pub zzz: Residue<C, N, D>,
}

/// The affine multiples of one point that a method of multiplication needs.
#[derive(Debug)]
pub struct Multiples<C, const N: usize> {
    width: u32,
    /// The doublings from one base of a table of odd multiples to the next. Each base serves as many digits of a non-adjacent
    /// form.
    spacing: usize,
    points: Vec<Affine<C, N>>,
}

impl<C: Curve<N>, const N: usize> Affine<C, N> {
    /// The point with these big-endian coordinates, if each is below the modulus and they satisfy the equation of the curve.
    pub fn from_coordinates(x: &[u8], y: &[u8]) -> Option<Self> {
        let point = Self {
            x: coordinate(x)?,
            y: coordinate(y)?,
        };
        let [left, right] = point.equation();
        (left == right).then_some(point)
    }

    pub fn generator() -> Self {
        Self {
            x: Residue::from_integer(digits_from_octets(C::X)),
            y: Residue::from_integer(digits_from_octets(C::Y)),
        }
    }

    fn to_jacobian(self) -> Jacobian<C, N> {
        Jacobian {
            x: self.x,
            y: self.y,
            z: Residue::ONE,
        }
    }
}

impl<C: Curve<N>, const N: usize, D: Digit> Affine<C, N, D> {
    /// Both sides of the equation of the curve: weights 1 and at most 5.
    pub fn equation(&self) -> [Residue<C, N, D>; 2] {
        let b = Residue::from_integer(digits_from_octets(C::B).map(D::from));
        let cubic = self.x.square().mul(&self.x).add(&b);
        let right = match C::A {
            Coefficient::MinusThree => cubic.sub(&self.x.times(3)),
            Coefficient::Zero => cubic,
        };
        [self.y.square(), right]
    }

    #[inline(always)]
    pub fn negated(&self, sign: i32) -> Self {
        Self {
            x: self.x,
            y: self.y.negated(sign),
        }
    }

    /// The denominator of the slope of the line through both points, or of the tangent if they are equal: weight 2.
    pub fn run(&self, other: &Self, is_tangent: bool) -> Residue<C, N, D> {
        if is_tangent {
            self.y.times(2)
        } else {
            other.x.sub(&self.x)
        }
    }

    /// The sum of both points, given the inverse of their [`Self::run`].
    pub fn add(&self, other: &Self, is_tangent: bool, inverse_run: &Residue<C, N, D>) -> Self {
        let rise = if is_tangent {
            let square = self.x.square();
            match C::A {
                Coefficient::MinusThree => square.sub(&Residue::constant(&C::R)).times(3),
                Coefficient::Zero => square.times(3),
            }
        } else {
            other.y.sub(&self.y)
        };
        // Settled from weights of at most 6, 3 and 2.
        let slope = rise.settle().mul(inverse_run);
        let x = slope.square().sub(&self.x).sub(&other.x).settle();
        let y = slope.mul(&self.x.sub(&x)).sub(&self.y).settle();
        Self { x, y }
    }
}

impl<C: Curve<N>, const N: usize, D: Digit> Jacobian<C, N, D> {
    /// Adds an affine point, negated where `sign` is −1, for 11 multiplications ("madd").
    #[inline(never)]
    pub fn add(&mut self, other: &Affine<C, N, D>, sign: i32) {
        let z_square = self.z.square();
        let run = other.x.mul(&z_square).sub(&self.x);
        let y = other.y.negated(sign);
        let rise = y.mul(&z_square.mul(&self.z)).sub(&self.y);
        // 2 × 2, then 1 × 2.
        let run_square = run.square();
        let run_cube = run_square.mul(&run);
        let v = run_square.mul(&self.x);
        // 2 × 2, settled from 4; then 2 × 2 + 1 × 1.
        self.x = rise.square_sub(&run_cube.add(&v.times(2)));
        self.y = rise.mul_sub(&v.sub(&self.x), &self.y, &run_cube);
        self.z = self.z.mul(&run);
    }

    /// Doubles this point. Beyond nine digits the columns have room for products of weights up to 6: two factors are settled.
    #[inline(never)]
    pub fn double(&mut self) {
        let y_square = self.y.square();
        let (slope, z) = match C::A {
            Coefficient::MinusThree => {
                let z_square = self.z.square();
                // 6 × 2, beyond nine digits 1 × 2; then 2 × 2, or 1 × 2.
                let difference = self.x.sub(&z_square).times(3).settle_if_long();
                let slope = difference.mul(&self.x.add(&z_square));
                let z = if C::FUSED {
                    let both = self.y.add(&self.z);
                    both.square_sub(&y_square.add(&z_square))
                } else {
                    self.y.mul(&self.z.times(2))
                };
                (slope, z)
            }
            // 3 × 1 and 1 × 2.
            Coefficient::Zero => (self.x.times(3).mul(&self.x), self.y.mul(&self.z.times(2))),
        };
        self.z = z;
        let half = y_square.times(2).settle_if_long();
        // 1 × 4, beyond nine digits 1 × 2; settled from 3; then 1 × 2 + 2 × 4, beyond nine digits 1 × 2 + 1 × 2.
        let v = self.x.mul(&half.times(2));
        self.x = slope.square_sub(&v.times(2));
        self.y = slope.mul_sub_squares(&v.sub(&self.x), &half);
    }

    /// The affine form, given the inverse of Z.
    pub fn to_affine(&self, inverse: &Residue<C, N, D>) -> Affine<C, N, D> {
        let square = inverse.square();
        Affine {
            x: self.x.mul(&square),
            y: self.y.mul(&square.mul(inverse)),
        }
    }

    /// The same point with Z times a settled factor.
    pub fn scaled(&self, factor: &Residue<C, N, D>) -> Self {
        let square = factor.square();
        Self {
            x: self.x.mul(&square),
            y: self.y.mul(&square.mul(factor)),
            z: self.z.mul(factor),
        }
    }

    /// The sum with a point of the same Z, for 8 multiplications ("zaddu"). This point takes the Z of the sum.
    pub fn add_to(&mut self, other: &Self) -> Self {
        let run = other.x.sub(&self.x);
        let rise = other.y.sub(&self.y);
        // 2 × 2, then 1 × 1.
        let run_square = run.square();
        let v = self.x.mul(&run_square);
        let w = other.x.mul(&run_square);
        // 2 × 2, settled from 3; then 1 × 2, 1 × 2 and 2 × 2.
        let x = rise.square_sub(&v.add(&w));
        *self = Self {
            y: self.y.mul(&w.sub(&v)),
            z: self.z.mul(&run),
            x: v,
        };
        let y = rise.mul(&v.sub(&x));
        Self {
            x,
            y: y.sub(&self.y).settle(),
            z: self.z,
        }
    }
}

impl<C: Curve<N>, const N: usize, D: Digit> Extended<C, N, D> {
    /// Adds an affine point, negated where `sign` is −1, for 10 multiplications ("madd-2008-s").
    #[inline(never)]
    pub fn add(&mut self, other: &Affine<C, N, D>, sign: i32) {
        let run = other.x.mul(&self.zz).sub(&self.x);
        let rise = other.y.negated(sign).mul(&self.zzz).sub(&self.y);
        // 2 × 2, then 1 × 2.
        let run_square = run.square();
        let run_cube = run_square.mul(&run);
        let v = run_square.mul(&self.x);
        // 2 × 2, settled from 4; then 2 × 2 + 1 × 1.
        self.x = rise.square_sub(&run_cube.add(&v.times(2)));
        self.y = rise.mul_sub(&v.sub(&self.x), &self.y, &run_cube);
        self.zz = self.zz.mul(&run_square);
        self.zzz = self.zzz.mul(&run_cube);
    }
}

/// The coordinate in `octets`, if it is below the modulus.
fn coordinate<C: Curve<N>, const N: usize>(octets: &[u8]) -> Option<Residue<C, N>> {
    let digits = digits_from_octets(octets);
    let fits = octets.len() == C::BITS.div_ceil(8) as usize;
    (fits && is_less(&digits, &Residue::<C, N>::modulus())).then(|| Residue::from_integer(digits))
}

/// The affine forms of points that are not infinity.
fn to_affine<C: Curve<N>, const N: usize>(points: &[Jacobian<C, N>]) -> Vec<Affine<C, N>> {
    let mut inverses: Vec<_> = points.iter().map(|point| point.z).collect();
    Residue::invert_all(&mut inverses);
    let pairs = points.iter().zip(&inverses);
    pairs
        .map(|(point, inverse)| point.to_affine(inverse))
        .collect()
}

impl<C: Curve<N>, const N: usize> Multiples<C, N> {
    /// The size of a fixed-window table, in octets.
    pub fn size(width: u32) -> usize {
        ((C::BITS.div_ceil(width) as usize) << (width - 1)) * size_of::<Affine<C, N>>()
    }

    /// The odd multiples below 2^(width − 1) of some bases, for a non-adjacent form ([`Digits::sparse`]): of the point, and of
    /// its products with powers of 2^spacing. With more bases a sum takes fewer doublings; making the table takes the others.
    pub fn odd(point: &Affine<C, N>, width: u32, bases: usize) -> Self {
        // A non-adjacent form has one digit more than the order has bits.
        let spacing = (C::BITS as usize + 1).div_ceil(bases);
        let size = 1 << (width - 2);
        let mut base = point.to_jacobian();
        let mut odd = Vec::with_capacity(bases * size);
        let mut runs = Vec::with_capacity(bases * size);
        let mut inverses = Vec::with_capacity(bases);
        for i in 0..bases {
            if i > 0 {
                (0..spacing).for_each(|_| base.double());
            }
            // Twice a point has the Z that the point has after this.
            let mut twice = base;
            twice.double();
            let mut last = base.scaled(&base.y.times(2).settle());
            odd.push(last);
            for _ in 1..size {
                runs.push(last.x.sub(&twice.x));
                last = twice.add_to(&last);
                odd.push(last);
            }
            runs.push(Residue::ONE);
            inverses.push(last.z);
        }
        Residue::invert_all(&mut inverses);
        // Within a base, the Z of a point is the Z of the point before it times the run between the two.
        let mut points = Vec::with_capacity(bases * size);
        for (i, (point, run)) in odd.iter().zip(&runs).enumerate().rev() {
            let inverse = &mut inverses[i / size];
            *inverse = inverse.mul(run);
            points.push(point.to_affine(inverse));
        }
        points.reverse();
        Self {
            width,
            spacing,
            points,
        }
    }

    /// The multiples 1 to 2^(width − 1) of 2^(width × i) times the point, for each window i ([`Digits::windows`]).
    pub fn windows(point: &Affine<C, N>, width: u32) -> Self {
        let (count, size) = (C::BITS.div_ceil(width) as usize, 1 << (width - 1));
        let mut bases = vec![point.to_jacobian()];
        let mut last = point.to_jacobian();
        for _ in 1..count {
            (0..width).for_each(|_| last.double());
            bases.push(last);
        }
        let mut points = Vec::with_capacity(count * size);
        for base in to_affine(&bases) {
            points.resize(points.len() + size, base);
        }
        // Adding the last of the first `known` multiples to each gives as many more: known + 1 to 2 × known.
        let mut known = 1;
        while known < size {
            let group = (256 / known).max(1) * size;
            for windows in points.chunks_mut(group) {
                add_known(windows, size, known);
            }
            known *= 2;
        }
        Self {
            width,
            spacing: 0,
            points,
        }
    }

    /// Passes the multiples in a fixed-window table that add up to a product, each with its sign, to `add`.
    fn each_window(&self, scalar: &Scalar<N>, mut add: impl FnMut(&Affine<C, N>, i32)) {
        let digits = Digits::windows(&scalar.magnitude, C::BITS, self.width);
        let size = 1 << (self.width - 1);
        for (window, &digit) in self.points.chunks_exact(size).zip(digits.as_slice()) {
            if let Some(point) = window.get((digit.unsigned_abs() as usize).wrapping_sub(1)) {
                add(point, i32::from(digit >> 15) ^ scalar.sign);
            }
        }
    }
}

/// Doubles the number of known multiples in each window of `size` multiples.
fn add_known<C: Curve<N>, const N: usize>(windows: &mut [Affine<C, N>], size: usize, known: usize) {
    let mut runs = Vec::with_capacity(windows.len() / size * known);
    for window in windows.chunks_exact(size) {
        let last = &window[known - 1];
        let run = |(i, point): (usize, &Affine<C, N>)| point.run(last, i + 1 == known);
        runs.extend(window.iter().take(known).enumerate().map(run));
    }
    Residue::invert_all(&mut runs);
    for (window, runs) in windows.chunks_exact_mut(size).zip(runs.chunks_exact(known)) {
        let last = window[known - 1];
        for (i, inverse_run) in runs.iter().enumerate() {
            window[known + i] = window[i].add(&last, i + 1 == known, inverse_run);
        }
    }
}

/// A sum of multiples; `None` is infinity before the first summand.
#[derive(Debug)]
pub struct Sum<C: Curve<N>, const N: usize>(Option<Jacobian<C, N>>);

impl<C: Curve<N>, const N: usize> Sum<C, N> {
    pub const NOTHING: Self = Self(None);

    /// Adds an affine point, negated where `sign` is −1.
    fn add(&mut self, point: &Affine<C, N>, sign: i32) {
        match &mut self.0 {
            Some(sum) => sum.add(point, sign),
            None => self.0 = Some(point.negated(sign).to_jacobian()),
        }
    }

    fn double(&mut self) {
        if let Some(sum) = &mut self.0 {
            sum.double();
        }
    }

    /// Adds multiples from their fixed-window tables, one addition for each window.
    pub fn add_windows(&mut self, terms: [(&Scalar<N>, &Multiples<C, N>); 2]) {
        for (scalar, table) in terms {
            table.each_window(scalar, |point, sign| self.add(point, sign));
        }
    }

    /// Adds two multiples from tables of odd multiples, with one common chain of doublings for all bases of both
    /// (Straus–Shamir).
    pub fn add_interleaved(&mut self, terms: [(&Scalar<N>, &Multiples<C, N>); 2]) {
        let digits =
            terms.map(|(scalar, table)| Digits::sparse(&scalar.magnitude, C::BITS, table.width));
        let [first, second] = terms.map(|(_, table)| table.spacing);
        for place in (0..first.max(second)).rev() {
            self.double();
            for ((scalar, table), digits) in terms.iter().zip(&digits) {
                if place >= table.spacing {
                    continue;
                }
                let digits = digits.as_slice();
                let (mut place, mut base) = (place, 0);
                while let Some(&digit) = digits.get(place) {
                    if digit != 0 {
                        let point = &table.points[base + digit.unsigned_abs() as usize / 2];
                        self.add(point, i32::from(digit >> 15) ^ scalar.sign);
                    }
                    place += table.spacing;
                    base += 1 << (table.width - 2);
                }
            }
        }
    }

    /// Adds an affine point that may be the same as this sum or its opposite.
    fn add_with_care(&mut self, point: &Affine<C, N>, sign: i32) {
        if let Some(sum) = &mut self.0 {
            let z_square = sum.z.square();
            if point.x.mul(&z_square) == sum.x {
                let y = point.y.negated(sign);
                if y.mul(&z_square.mul(&sum.z)) == sum.y {
                    sum.double();
                } else {
                    self.0 = None;
                }
                return;
            }
        }
        self.add(point, sign);
    }

    /// The sum; `None` if it is infinity or a formula failed on the way.
    pub fn finished(self) -> Option<Jacobian<C, N>> {
        self.0.filter(|sum| !sum.z.is_zero())
    }
}

/// The sum of two multiples, as [`Sum::add_windows`] and then [`Sum::finished`], in XYZZ coordinates: fewer operations, but
/// code of its own.
pub fn sum_of_windows<C: Curve<N>, const N: usize>(
    terms: [(&Scalar<N>, &Multiples<C, N>); 2],
) -> Option<Extended<C, N>> {
    let mut sum: Option<Extended<C, N>> = None;
    for (scalar, table) in terms {
        table.each_window(scalar, |point, sign| match &mut sum {
            Some(sum) => sum.add(point, sign),
            None => {
                let Affine { x, y } = point.negated(sign);
                let (zz, zzz) = (Residue::ONE, Residue::ONE);
                sum = Some(Extended { x, y, zz, zzz });
            }
        });
    }
    sum.filter(|sum| !sum.zz.is_zero())
}

/// The sum of two multiples of any points, by the binary Straus–Shamir method; `None` is infinity.
pub fn sum_bit_by_bit<C: Curve<N>, const N: usize>(
    terms: [(&Scalar<N>, &Affine<C, N>); 2],
) -> Option<Jacobian<C, N>> {
    let digits = terms.map(|(scalar, _)| Digits::sparse(&scalar.magnitude, C::BITS, 2));
    let mut sum = Sum::NOTHING;
    for bit in (0..=C::BITS as usize).rev() {
        sum.double();
        for ((scalar, point), digits) in terms.iter().zip(&digits) {
            let digit = digits.as_slice()[bit];
            if digit != 0 {
                sum.add_with_care(point, i32::from(digit >> 15) ^ scalar.sign);
            }
        }
    }
    sum.0
}
