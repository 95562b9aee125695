//! Points of a curve, and tables of a point's multiples.
//!
//! The formulas are those of the Explicit-Formulas Database for Jacobian coordinates, (X : Y : Z)
//! for the affine (X / Z², Y / Z³). None of them asks whether its points are special: wherever
//! they fail, Z comes out as zero and stays zero, so one look at the end is enough
//! ([`Sum::finished`]), and [`sum_bit_by_bit`] then starts over with care.
#![expect(
    clippy::as_conversions,
    clippy::indexing_slicing,
    reason = "every index is below a length fixed by the curve and the width of a table"
)]

use super::curve::{Coefficient, Curve};
use super::field::{Residue, digits_from_octets, is_less};
use super::recode::{Digits, Scalar};

/// An affine point other than infinity, settled.
#[derive(Clone, Copy, Debug)]
pub(super) struct Affine<C, const N: usize> {
    pub(super) x: Residue<C, N>,
    pub(super) y: Residue<C, N>,
}

/// A point in Jacobian coordinates, settled.
#[derive(Clone, Copy, Debug)]
pub(super) struct Jacobian<C, const N: usize> {
    pub(super) x: Residue<C, N>,
    pub(super) y: Residue<C, N>,
    pub(super) z: Residue<C, N>,
}

/// The affine multiples of one point that a method of multiplication needs.
#[derive(Debug)]
pub(crate) struct Multiples<C, const N: usize> {
    width: u32,
    points: Vec<Affine<C, N>>,
}

impl<C: Curve<N>, const N: usize> Affine<C, N> {
    /// The point with these big-endian coordinates, if each is below the modulus and they fulfil
    /// the equation of the curve.
    pub(super) fn from_coordinates(x: &[u8], y: &[u8]) -> Option<Self> {
        let point = Self {
            x: coordinate(x)?,
            y: coordinate(y)?,
        };
        let b = Residue::<C, N>::from_integer(digits_from_octets(C::B));
        let cubic = point.x.square().mul(&point.x).add(&b);
        let right = match C::A {
            Coefficient::MinusThree => cubic.sub(&point.x.times(3)),
            Coefficient::Zero => cubic,
        };
        (point.y.square() == right).then_some(point)
    }

    pub(super) fn generator() -> Self {
        Self {
            x: Residue::from_integer(digits_from_octets(C::X)),
            y: Residue::from_integer(digits_from_octets(C::Y)),
        }
    }

    #[inline(always)]
    fn negated(&self, sign: i32) -> Self {
        Self {
            x: self.x,
            y: self.y.negated(sign),
        }
    }

    fn to_jacobian(self) -> Jacobian<C, N> {
        Jacobian {
            x: self.x,
            y: self.y,
            z: Residue::ONE,
        }
    }

    /// What the slope of the line through both points divides by; of the tangent, if they are one.
    fn run(&self, other: &Self, is_tangent: bool) -> Residue<C, N> {
        if is_tangent {
            self.y.times(2)
        } else {
            other.x.sub(&self.x)
        }
    }

    /// The sum of both points, given the inverse of their [`Self::run`].
    fn add(&self, other: &Self, is_tangent: bool, inverse_run: &Residue<C, N>) -> Self {
        let rise = if is_tangent {
            let square = self.x.square();
            match C::A {
                Coefficient::MinusThree => square.sub(&Residue::ONE).times(3),
                Coefficient::Zero => square.times(3),
            }
        } else {
            other.y.sub(&self.y)
        };
        let slope = rise.settle().mul(inverse_run);
        let x = slope.square().sub(&self.x).sub(&other.x).settle();
        let y = slope.mul(&self.x.sub(&x)).sub(&self.y).settle();
        Self { x, y }
    }
}

impl<C: Curve<N>, const N: usize> Jacobian<C, N> {
    /// The sum with an affine point, for 11 multiplications ("madd").
    #[inline(never)]
    pub(super) fn add(&self, other: &Affine<C, N>) -> Self {
        let z_square = self.z.square();
        let run = other.x.mul(&z_square).sub(&self.x);
        let rise = other.y.mul(&z_square.mul(&self.z)).sub(&self.y);
        let run_square = run.square();
        let run_cube = run_square.mul(&run);
        let v = run_square.mul(&self.x);
        let x = rise.square().sub(&run_cube).sub(&v.times(2)).settle();
        let y = rise.mul_sub(&v.sub(&x), &self.y, &run_cube);
        Self {
            x,
            y,
            z: self.z.mul(&run),
        }
    }

    /// Twice this point.
    #[inline(never)]
    pub(super) fn double(&self) -> Self {
        let y_square = self.y.square();
        let slope = match C::A {
            Coefficient::MinusThree => {
                let z_square = self.z.square();
                self.x.sub(&z_square).times(3).mul(&self.x.add(&z_square))
            }
            Coefficient::Zero => self.x.times(3).mul(&self.x),
        };
        let v = self.x.mul(&y_square.times(4));
        let x = slope.square().sub(&v.times(2)).settle();
        let fourth = y_square.times(2);
        let y = slope.mul_sub(&v.sub(&x), &fourth, &fourth.add(&fourth));
        Self {
            x,
            y,
            z: self.y.mul(&self.z.times(2)),
        }
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
        .map(|(point, inverse)| {
            let square = inverse.square();
            Affine {
                x: point.x.mul(&square),
                y: point.y.mul(&square.mul(inverse)),
            }
        })
        .collect()
}

impl<C: Curve<N>, const N: usize> Multiples<C, N> {
    /// The octets that a table of windows takes.
    pub(super) fn size(width: u32) -> usize {
        ((C::BITS.div_ceil(width) as usize) << (width - 1)) * size_of::<Affine<C, N>>()
    }

    /// The odd multiples below 2^(width − 1), for [`Digits::sparse`].
    pub(super) fn odd(point: &Affine<C, N>, width: u32) -> Self {
        let twice = to_affine(&[point.to_jacobian().double()]);
        let mut odd = vec![point.to_jacobian()];
        for _ in 1..1 << (width - 2) {
            if let (Some(last), [twice]) = (odd.last(), twice.as_slice()) {
                odd.push(last.add(twice));
            }
        }
        Self {
            width,
            points: to_affine(&odd),
        }
    }

    /// The multiples 1 to 2^(width − 1) of the point at each window, for [`Digits::windows`].
    pub(super) fn windows(point: &Affine<C, N>, width: u32) -> Self {
        let (count, size) = (C::BITS.div_ceil(width) as usize, 1 << (width - 1));
        let mut bases = vec![point.to_jacobian()];
        let mut last = point.to_jacobian();
        for _ in 1..count {
            last = (0..width).fold(last, |last, _| last.double());
            bases.push(last);
        }
        let mut points = Vec::with_capacity(count * size);
        for base in to_affine(&bases) {
            points.resize(points.len() + size, base);
        }
        // From the first `known` multiples come as many more: known + 1 to 2 × known.
        let mut known = 1;
        while known < size {
            let group = (256 / known).max(1) * size;
            for windows in points.chunks_mut(group) {
                add_known(windows, size, known);
            }
            known *= 2;
        }
        Self { width, points }
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

/// A sum of multiples, being added up.
#[derive(Debug)]
pub(super) struct Sum<C: Curve<N>, const N: usize>(Option<Jacobian<C, N>>);

impl<C: Curve<N>, const N: usize> Sum<C, N> {
    pub(super) const NOTHING: Self = Self(None);

    /// Adds an affine point, negated where `sign` is −1.
    #[inline(always)]
    fn add(&mut self, point: &Affine<C, N>, sign: i32) {
        let point = point.negated(sign);
        self.0 = Some(match &self.0 {
            Some(sum) => sum.add(&point),
            None => point.to_jacobian(),
        });
    }

    fn double(&mut self) {
        self.0 = self.0.as_ref().map(Jacobian::double);
    }

    /// Adds a multiple from its table of windows.
    pub(super) fn add_windows(&mut self, scalar: &Scalar<N>, table: &Multiples<C, N>) {
        let digits = Digits::windows(&scalar.magnitude, C::BITS, table.width);
        let size = 1 << (table.width - 1);
        for (window, &digit) in table.points.chunks_exact(size).zip(digits.as_slice()) {
            if let Some(point) = window.get((digit.unsigned_abs() as usize).wrapping_sub(1)) {
                self.add(point, i32::from(digit >> 15) ^ scalar.sign);
            }
        }
    }

    /// Adds two multiples, doubling on the way, from tables of odd multiples.
    pub(super) fn add_interleaved(&mut self, terms: [(&Scalar<N>, &Multiples<C, N>); 2]) {
        let digits =
            terms.map(|(scalar, table)| Digits::sparse(&scalar.magnitude, C::BITS, table.width));
        for bit in (0..=C::BITS as usize).rev() {
            self.double();
            for ((scalar, table), digits) in terms.iter().zip(&digits) {
                let digit = digits.as_slice()[bit];
                if digit != 0 {
                    let point = &table.points[digit.unsigned_abs() as usize / 2];
                    self.add(point, i32::from(digit >> 15) ^ scalar.sign);
                }
            }
        }
    }

    /// The sum; `None` if it is infinity or a formula failed on the way.
    pub(super) fn finished(self) -> Option<Jacobian<C, N>> {
        self.0.filter(|sum| !sum.z.is_zero())
    }
}

/// `a` times one point plus `b` times the other, whatever they are; `None` is infinity.
pub(super) fn sum_bit_by_bit<C: Curve<N>, const N: usize>(
    terms: [(&Scalar<N>, &Affine<C, N>); 2],
) -> Option<Jacobian<C, N>> {
    let digits = terms.map(|(scalar, _)| Digits::sparse(&scalar.magnitude, C::BITS, 2));
    let mut sum: Option<Jacobian<C, N>> = None;
    for bit in (0..=C::BITS as usize).rev() {
        sum = sum.map(|sum| sum.double());
        for ((scalar, point), digits) in terms.iter().zip(&digits) {
            let digit = digits.as_slice()[bit];
            if digit != 0 {
                let point = point.negated(i32::from(digit >> 15) ^ scalar.sign);
                sum = match sum {
                    Some(sum) => add_with_care(&sum, &point),
                    None => Some(point.to_jacobian()),
                };
            }
        }
    }
    sum
}

/// The sum of two points that may be the same or opposite; `None` is infinity.
fn add_with_care<C: Curve<N>, const N: usize>(
    sum: &Jacobian<C, N>,
    point: &Affine<C, N>,
) -> Option<Jacobian<C, N>> {
    let z_square = sum.z.square();
    if point.x.mul(&z_square) != sum.x {
        return Some(sum.add(point));
    }
    (point.y.mul(&z_square.mul(&sum.z)) == sum.y).then(|| sum.double())
}
