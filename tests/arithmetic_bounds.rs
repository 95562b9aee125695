//! Every bound of the arithmetic kernels, checked by interval arithmetic: the kernels' own formulas run with ranges of
//! integers in the place of integers, from the ranges of all possible inputs until the ranges do not grow any more. Where
//! an accumulator could leave its machine type, the test panics.
//!
//! Two parts are not generic and have a checker here that repeats their sums: the division steps of `inverse.rs` and the
//! sums of digits in `rsa.rs`. The four-way SHA-256 adds modulo 2^32 by definition: it has no bound to check.
#![cfg_attr(
    test,
    expect(
        clippy::unwrap_used,
        clippy::indexing_slicing,
        clippy::as_conversions,
        reason = "a failed test should panic"
    )
)]

#[cfg_attr(
    test,
    expect(dead_code, reason = "this file tests the formulas of the kernels")
)]
#[path = "../src/signature/arithmetic/mod.rs"]
mod arithmetic;
mod arithmetic_ranges;

use arithmetic::curve::{Curve, P256, P384, P521, Secp256k1};
use arithmetic::edwards::{Coordinate, Order, Point, Prime, Summand};
use arithmetic::field::{BITS, Modulus, Residue, unsigned};
use arithmetic::weierstrass::{Affine, Jacobian};
use arithmetic_ranges::{DigitRange, Range};

type Ranges<P, const N: usize> = Residue<P, N, DigitRange>;

/// More rounds than any ranges need to stop growing.
const ROUNDS: usize = 30;

/// The range of every integer from 0 to 2^bits − 1, as digits that are not negative.
fn below_power<P: Modulus<N>, const N: usize>(bits: u32) -> Ranges<P, N> {
    Residue::from_digits(core::array::from_fn(|i| {
        let width = bits.saturating_sub(BITS * i as u32).min(BITS);
        DigitRange::new(0, (1 << width) - 1)
    }))
}

/// The bits of a modulus.
fn bits<P: Modulus<N>, const N: usize>() -> u32 {
    let modulus = Residue::<P, N>::modulus();
    let top = modulus.iter().rposition(|&digit| digit != 0).unwrap();
    BITS * top as u32 + 32 - modulus[top].leading_zeros()
}

/// The digits of some residues, to be compared as ranges.
fn digits<P, const N: usize, const M: usize>(residues: [&Ranges<P, N>; M]) -> [[DigitRange; N]; M] {
    residues.map(|residue| residue.0)
}

fn hull<P, const N: usize>(a: Ranges<P, N>, b: Ranges<P, N>) -> Ranges<P, N> {
    Residue::from_digits(core::array::from_fn(|i| a.0[i].hull(b.0[i])))
}

/// Every residue in Montgomery form that is made from an integer below 2^bits(p).
fn from_integers<P: Modulus<N>, const N: usize>() -> Ranges<P, N> {
    Residue::from_integer(below_power::<P, N>(bits::<P, N>()).0)
}

/// The greatest magnitude of the two highest digits together, and the same of the modulus: what a value is measured by.
fn magnitude<P: Modulus<N>, const N: usize>(digits: &[DigitRange; N]) -> [u128; 2] {
    let modulus = Residue::<P, N>::modulus().map(DigitRange::from);
    [digits, &modulus].map(|digits| (digits[N - 1].most() << BITS) + digits[N - 2].most())
}

/// `field::least` of these digits: the digits fit, and at most 2^10 additions or subtractions of the modulus are enough. Only
/// entries of tables need more than a few.
fn least<P: Modulus<N>, const N: usize>(digits: &Ranges<P, N>) {
    let modulus = Residue::<P, N>::modulus().map(DigitRange::from);
    let mut number = unsigned(&digits.0);
    // Each addition or subtraction brings the value nearer to the modulus: the last digit stays between these.
    let sum: [_; N] = core::array::from_fn(|i| number[i] + modulus[i]);
    let difference: [_; N] = core::array::from_fn(|i| number[i] - modulus[i]);
    for next in [unsigned(&sum), unsigned(&difference)] {
        for (place, next) in number.iter_mut().zip(next) {
            *place = place.hull(next);
        }
    }
    let [most, modulus] = magnitude::<P, N>(&number);
    assert!(most < modulus << 10, "{most} of {modulus}");
}

/// A comparison: `==` subtracts, settles and takes the least integer.
fn compare<P: Modulus<N>, const N: usize>(a: &Ranges<P, N>, b: &Ranges<P, N>) {
    least(&a.sub(b).settle());
}

/// Checks a coordinate of a sum: every digit but the last is centred, and the value is at most 0.7 p for nine digits; for
/// more it is that of a table entry, below 2^10 p.
fn assert_settled<P: Modulus<N>, const N: usize>(residue: &Ranges<P, N>) {
    let (_, digits) = residue.0.split_last().unwrap();
    assert!(digits.iter().all(|digit| digit.most() <= 1 << (BITS - 1)));
    let [most, modulus] = magnitude::<P, N>(&residue.0);
    let tenths = if N == 9 { 7 } else { 10_240 };
    assert!(10 * most < tenths * modulus, "{most} of {modulus}");
}

impl<C: Curve<N>, const N: usize> Affine<C, N, DigitRange> {
    fn grown(&self, other: Self) -> Self {
        Self {
            x: hull(self.x, other.x),
            y: hull(self.y, other.y),
        }
    }
}

impl<C: Curve<N>, const N: usize> Jacobian<C, N, DigitRange> {
    fn grown(&self, other: Self) -> Self {
        Self {
            x: hull(self.x, other.x),
            y: hull(self.y, other.y),
            z: hull(self.z, other.z),
        }
    }
}

/// The entries of a fixed-window table: each comes from the first by at most as many additions one after the other as the
/// widest table (8 bits) has doublings of its known entries.
fn table<C: Curve<N>, const N: usize>(
    first: Affine<C, N, DigitRange>,
    inverse: &Ranges<C, N>,
) -> Affine<C, N, DigitRange> {
    let mut entries = first;
    for _ in 0..7 {
        let [secant, tangent] = [false, true].map(|is_tangent| {
            let run = entries.run(&entries, is_tangent).settle();
            // The products of `invert_all`.
            let inverse_run = inverse.mul(&run).mul(inverse);
            entries.add(&entries, is_tangent, &inverse_run)
        });
        entries = entries.grown(secant).grown(tangent);
    }
    entries
}

fn curve_is_bounded<C: Curve<N>, const N: usize>() {
    // Inverses are integers below the modulus, too.
    let integer = from_integers::<C, N>();
    let one = Ranges::<C, N>::constant(&C::R);
    let key = Affine {
        x: integer,
        y: integer,
    };
    let [left, right] = key.equation();
    compare(&left, &right);
    let mut sum = Jacobian {
        x: integer,
        y: integer,
        z: hull(integer, one),
    };
    for round in 0.. {
        assert!(round < ROUNDS, "the ranges keep growing");
        let before = digits([&sum.x, &sum.y, &sum.z]);
        let square = integer.square();
        let first = key.grown(Affine {
            x: sum.x.mul(&square),
            y: sum.y.mul(&square.mul(&integer)),
        });
        let entries = table(first, &integer);
        for sign in [0, -1] {
            let Affine { x, y } = entries.negated(sign);
            sum = sum.grown(Jacobian { x, y, z: one });
            sum = sum.grown(sum.add(&Affine { x, y }));
        }
        sum = sum.grown(sum.double());
        let square = sum.z.square();
        compare(&key.x.mul(&square), &sum.x);
        compare(&key.y.mul(&square.mul(&sum.z)), &sum.y);
        compare(&integer.mul(&square), &sum.x);
        least(&sum.z.settle());
        if before == digits([&sum.x, &sum.y, &sum.z]) {
            break;
        }
    }
    for residue in [&sum.x, &sum.y, &sum.z] {
        assert_settled(residue);
    }
    scalar_is_bounded::<C::Order, N>(bits::<C::Order, N>());
}

/// Products of scalars: of integers below 2^bits with residues made from integers.
fn scalar_is_bounded<P: Modulus<N>, const N: usize>(bits: u32) {
    let inverse = from_integers::<P, N>();
    assert_settled(&inverse);
    least(&below_power::<P, N>(bits).mul(&inverse));
}

#[test]
fn the_formulas_of_each_curve_stay_in_range() {
    curve_is_bounded::<P256, 9>();
    curve_is_bounded::<P384, 14>();
    curve_is_bounded::<P521, 19>();
    curve_is_bounded::<Secp256k1, 9>();
}

impl Point<DigitRange> {
    fn grown(&self, other: Self) -> Self {
        Self {
            x: hull(self.x, other.x),
            y: hull(self.y, other.y),
            z: hull(self.z, other.z),
            t: hull(self.t, other.t),
        }
    }
}

#[test]
fn the_formulas_of_ed25519_stay_in_range() {
    let integer = from_integers::<Prime, 9>();
    let one = Ranges::constant(&Prime::R);
    // d is a product of −121665, as a digit, and an inverse.
    let mut small = [DigitRange::from(0); 9];
    small[0] = DigitRange::new(-121_665, 121_666);
    let d = Coordinate::from_integer(small).mul(&integer);
    let twice_d = d.times(2).settle();
    // The candidates for x when a point is decoded.
    let square = integer.square();
    let u = square.sub(&one).settle();
    let v = d.mul(&square).add(&one).settle();
    let mut power = hull(u, hull(v, one.times(2).settle()));
    for _ in 0..ROUNDS {
        power = hull(power, hull(power.square(), power.mul(&power)));
    }
    assert_eq!(power.0, hull(power, power.square()).0);
    compare(&power, &u);
    least(&power.add(&u).settle());
    let x = hull(power, power.negated(-1));
    let mut point = Point {
        x,
        y: hull(integer, one),
        z: one,
        t: x.mul(&integer),
    };
    for round in 0.. {
        assert!(round < ROUNDS, "the ranges keep growing");
        let before = digits([&point.x, &point.y, &point.z, &point.t]);
        let (x, y) = (point.x.mul(&integer), point.y.mul(&integer));
        let summand = Summand::from_affine(&x, &y, &twice_d);
        for sign in [0, -1] {
            point = point.grown(point.add(&summand, sign));
        }
        point = point.grown(point.double());
        point = point.grown(Point {
            x: point.x.negated(-1),
            t: point.t.negated(-1),
            ..point
        });
        let (x, y) = (point.x.square(), point.y.square());
        for zero in [x, y, x.sub(&y), x.add(&y)] {
            least(&zero.settle());
        }
        for coordinate in [x, y] {
            least(&coordinate.mul(&integer).out_of_montgomery_form());
        }
        if before == digits([&point.x, &point.y, &point.z, &point.t]) {
            break;
        }
    }
    for residue in [&point.x, &point.y, &point.z, &point.t] {
        assert_settled(residue);
    }
    // A hash of 512 bits modulo the order, in halves of 261 and 251 bits.
    let from = |bits| Ranges::<Order, 9>::from_integer(below_power::<Order, 9>(bits).0);
    least(&from(261).out_of_montgomery_form());
    let low = below_power::<Order, 9>(bits::<Order, 9>());
    least(&from(251).add(&low));
}
