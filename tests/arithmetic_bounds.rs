//! Every bound of the arithmetic kernels, checked by interval arithmetic: the kernels' own formulas run with ranges of
//! integers in the place of integers, from the ranges of all possible inputs until the ranges do not grow any more. Where
//! an accumulator could leave its machine type, the test panics.
//!
//! Two parts are not generic and have a checker here that repeats their sums: the division steps of `inverse.rs` and the
//! sums of digits in `montgomery.rs`. The four-way SHA-256 adds modulo 2^32 by definition: it has no bound to check.
#![cfg_attr(
    test,
    expect(
        clippy::unwrap_used,
        clippy::indexing_slicing,
        clippy::as_conversions,
        clippy::panic,
        reason = "a failed test should panic"
    )
)]

#[path = "../src/signature/arithmetic/mod.rs"]
pub mod arithmetic;
#[cfg_attr(
    test,
    expect(dead_code, reason = "this file needs numbers and no octets")
)]
mod arithmetic_random;
mod arithmetic_ranges;

use arithmetic::curve::{Curve, P256, P256Order, P384, P384Order, P521, P521Order};
use arithmetic::curve::{Secp256k1, Secp256k1Order};
use arithmetic::ecdsa::GENERATOR_WIDTH;
use arithmetic::ed25519;
use arithmetic::edwards::{Order, Point, Prime, SCALAR_BITS, Summand};
use arithmetic::field::{BITS, Modulus, Residue, unsigned};
use arithmetic::inverse::steps;
use arithmetic::montgomery_scalar::{self, Sequential};
use arithmetic::montgomery_simd::{self, LIMB, Simd};
use arithmetic::recode::Digits;
use arithmetic::weierstrass::{Affine, Extended, Jacobian};
use arithmetic::{ed25519_scalar, ed25519_sign};
use arithmetic_random::{Random, cases};
use arithmetic_ranges::{DigitRange, Lane, LaneRanges, Range};
use num_bigint::BigInt;

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

/// Checks a product, or a sum that is settled: every digit but the last is centred, and the value is at most 0.7 p for nine
/// digits; for more it is that of a table entry, below 2^10 p.
fn assert_settled<P: Modulus<N>, const N: usize>(residue: &Ranges<P, N>) {
    assert_below(residue, if N == 9 { 7 } else { 10_240 });
}

/// Checks that every digit but the last is centred, and that the value is at most so many tenths of p.
fn assert_below<P: Modulus<N>, const N: usize>(residue: &Ranges<P, N>, tenths: u128) {
    let (_, digits) = residue.0.split_last().unwrap();
    assert!(digits.iter().all(|digit| digit.most() <= 1 << (BITS - 1)));
    let [most, modulus] = magnitude::<P, N>(&residue.0);
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

impl<C: Curve<N>, const N: usize> Extended<C, N, DigitRange> {
    fn grown(&self, other: Self) -> Self {
        Self {
            x: hull(self.x, other.x),
            y: hull(self.y, other.y),
            zz: hull(self.zz, other.zz),
            zzz: hull(self.zzz, other.zzz),
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
    let mut inverse = integer;
    for round in 0.. {
        assert!(round < ROUNDS, "the ranges keep growing");
        let before = digits([&sum.x, &sum.y, &sum.z, &inverse]);
        // The inverse of one Z is that of the next times the run between their points.
        inverse = hull(inverse, inverse.mul(&sum.x.sub(&sum.x)));
        let first = key.grown(sum.to_affine(&inverse));
        let entries = table(first, &integer);
        for sign in [0, -1] {
            let Affine { x, y } = entries.negated(sign);
            sum = sum.grown(Jacobian { x, y, z: one });
            let mut next = sum;
            next.add(&entries, sign);
            sum = sum.grown(next);
        }
        let mut twice = sum;
        twice.double();
        sum = sum.grown(twice);
        // The points of a table of odd multiples, for any two points of the same Z.
        let mut step = sum;
        let next = step.add_to(&sum);
        sum = sum.grown(next).grown(step);
        sum = sum.grown(sum.scaled(&sum.y.times(2).settle()));
        let square = sum.z.square();
        compare(&key.x.mul(&square), &sum.x);
        compare(&key.y.mul(&square.mul(&sum.z)), &sum.y);
        compare(&integer.mul(&square), &sum.x);
        least(&sum.z.settle());
        if before == digits([&sum.x, &sum.y, &sum.z, &inverse]) {
            break;
        }
    }
    for (residue, tenths) in [(&sum.x, 28), (&sum.y, 7), (&sum.z, 28)] {
        assert_below(residue, if N == 9 { tenths } else { 10_240 });
    }
    windows_are_bounded(&table(key.grown(sum.to_affine(&inverse)), &integer));
    scalar_is_bounded::<C::Order, N>(bits::<C::Order, N>());
}

/// A sum of entries of fixed-window tables.
fn windows_are_bounded<C: Curve<N>, const N: usize>(entries: &Affine<C, N, DigitRange>) {
    let one = Ranges::<C, N>::constant(&C::R);
    let Affine { x, y } = entries.grown(entries.negated(-1));
    let mut sum = Extended {
        x,
        y,
        zz: one,
        zzz: one,
    };
    for round in 0.. {
        assert!(round < ROUNDS, "the ranges keep growing");
        let before = digits([&sum.x, &sum.y, &sum.zz, &sum.zzz]);
        for sign in [0, -1] {
            let mut next = sum;
            next.add(entries, sign);
            sum = sum.grown(next);
        }
        compare(&from_integers::<C, N>().mul(&sum.zz), &sum.x);
        least(&sum.zz.settle());
        if before == digits([&sum.x, &sum.y, &sum.zz, &sum.zzz]) {
            break;
        }
    }
    for (residue, tenths) in [(&sum.x, 28), (&sum.y, 7), (&sum.zz, 7), (&sum.zzz, 7)] {
        assert_below(residue, if N == 9 { tenths } else { 10_240 });
    }
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
    let d = integer;
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
        point = point.grown(point.double(true)).grown(point.double(false));
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
    least(&hash_as_scalar().out_of_montgomery_form());
}

/// A hash of 512 bits modulo the order, in halves of 261 and 251 bits.
fn hash_as_scalar() -> Ranges<Order, 9> {
    let [low, high] = [261, 251].map(|bits| below_power::<Order, 9>(bits).0);
    ed25519_scalar::reduced(low, high)
}

/// A product of residues is greater than −p and less than p out of Montgomery form, so that p is added at most once.
fn assert_reduced_once<P: Modulus<9>>(residue: &Ranges<P, 9>) {
    assert_settled(&residue.out_of_montgomery_form());
}

#[test]
fn the_formulas_of_ed25519_signing_stay_in_range() {
    let nonce = hash_as_scalar();
    let secret = Ranges::from_integer(below_power::<Order, 9>(255).0);
    assert_reduced_once(&nonce);
    assert_reduced_once(&nonce.mul(&secret).add(&nonce));
    ed25519_sign::response(&nonce, &nonce, &secret);
    let base = ed25519::base_odd().point();
    let [sum, difference, product] =
        [base.sum, base.difference, base.product].map(|residue| Ranges::constant(&residue.0));
    let base = Summand {
        sum,
        difference,
        product,
    };
    let point = ed25519_sign::multiple(&nonce, &base);
    for coordinate in [point.x, point.y, point.z, point.t] {
        assert_settled(&coordinate);
    }
    let affine = ed25519_sign::affine(&point);
    for coordinate in affine {
        assert_reduced_once(&coordinate);
        ed25519_sign::least(&coordinate);
    }
}

/// The lengths of a modulus of RSA in bits, one for each length of R: the longest, whose ranges hold those of all others. With
/// each the length of N + 1 and of R, in limbs.
fn rsa_lengths() -> Vec<[usize; 3]> {
    let lengths = |bits: usize| {
        // As `ByDigits::new` has them: two digits for seven octets, one more, and two for the factor of N.
        let digits = 2 * bits.div_ceil(8).div_ceil(7) + 3;
        let limbs = (bits + 60).div_ceil(14 * 16) * 16;
        [bits, (2 * digits).min(limbs), limbs]
    };
    let all: Vec<_> = (512..=8192).map(lengths).collect();
    let groups = all.chunk_by(|one, next| one[2] == next[2]);
    groups.map(|group| *group.last().unwrap()).collect()
}

/// Digits of `width` bits in all numbers from 0 to 2^bits − 1, rounded to the nearest: the last takes a carry.
fn rounded_digits(bits: usize, width: u32, zeros: usize, length: usize) -> Vec<DigitRange> {
    let width = width as usize;
    let digit = |i: usize| {
        let left = bits.saturating_sub(width * i);
        match (i < zeros, left) {
            (true, _) => 0.into(),
            // A carry only comes from a digit that was rounded up.
            (_, 0) => DigitRange::new(0, i128::from(i > 0 && bits == width * i)),
            (_, left) if left < width => DigitRange::new(0, 1 << left),
            _ => DigitRange::new(-1 << (width - 1), (1 << (width - 1)) - 1),
        }
    };
    (0..length).map(digit).collect()
}

/// Multiplies and squares factors whose digits are in `start`, until the ranges of the digits do not grow any more: these, and
/// those of the digits of the quotients. `multiply` multiplies by itself or by another factor.
fn grow(
    start: Vec<DigitRange>,
    multiply: impl Fn(&[DigitRange], bool) -> [Vec<DigitRange>; 2],
) -> [Vec<DigitRange>; 2] {
    let mut factor = start;
    for _ in 0..ROUNDS {
        let before = factor.clone();
        let [[product, other], [square, quotient]] =
            [false, true].map(|is_square| multiply(&before, is_square));
        for products in [product, square] {
            for (digit, product) in factor.iter_mut().zip(products) {
                *digit = digit.hull(product);
            }
        }
        if factor == before {
            let quotient = quotient.iter().zip(other).map(|(a, b)| a.hull(b));
            return [factor, quotient.collect()];
        }
    }
    panic!("the ranges keep growing")
}

/// The greatest magnitude of digits.
fn most(digits: &[DigitRange]) -> u128 {
    digits.iter().map(|digit| digit.most()).max().unwrap()
}

fn scalar_factor(digits: &[DigitRange]) -> montgomery_scalar::Factor<DigitRange> {
    let mut factor = montgomery_scalar::Factor::default();
    factor.fit(digits.len());
    let mut before = 0.into();
    for (group, four) in digits.chunks(4).enumerate() {
        factor.write(group, four.try_into().unwrap(), &mut before);
    }
    factor.finish(before);
    factor
}

/// The sums of digits in `montgomery.rs`, repeated: `times_plus_one`, `reduce` and `add`.
#[test]
fn the_sums_of_digits_of_rsa_stay_in_range() {
    let digit = DigitRange::new(0, (1 << 28) - 1);
    let signed = DigitRange::new(-1 << 27, 1 << 27);
    let product = Range::<64>::from(digit) * digit.into();
    let mut carried = Range::<64>::new(0, 1);
    let mut sign = DigitRange::new(-1, 1);
    // One digit after the other, for the longest modulus.
    for _ in 0..300 {
        let column = carried + signed.into() + product + product;
        carried = carried.hull(column >> 28);
        let column = (digit + digit).hull(digit - digit) + sign;
        sign = sign.hull(column >> 28);
    }
    assert!(carried.most() < 1 << 30 && sign.most() == 1);
}

#[test]
fn the_scalar_multiplication_of_rsa_stays_in_range() {
    for [bits, _, limbs] in rsa_lengths() {
        let length = limbs / 2;
        let modulo = Sequential::of(scalar_factor(&rounded_digits(bits + 56, 28, 2, length)));
        let multiply = |factor: &[DigitRange], is_square: bool| {
            let factor = scalar_factor(factor);
            let mut product = scalar_factor(&vec![0.into(); length]);
            modulo.multiply(&factor, (!is_square).then_some(&factor), &mut product);
            [product.pairs, product.quotient].map(|pairs| pairs.as_flattened().to_vec())
        };
        let [factor, quotient] = grow(rounded_digits(bits + 56, 28, 0, length), multiply);
        assert!(most(&factor) <= 1 << 27 && most(&quotient) <= 1 << 27);
    }
}

fn simd_factor(limbs: &[DigitRange]) -> montgomery_simd::Factor<LaneRanges> {
    let mut factor = montgomery_simd::Factor::default();
    factor.fit(limbs.len());
    let zero = LaneRanges([Lane::Whole(0.into()); 4]);
    let mut before = [zero; 2];
    for (group, limbs) in limbs.chunks(16).enumerate() {
        let four = |i: usize| LaneRanges(core::array::from_fn(|j| Lane::Whole(limbs[4 * i + j])));
        factor.write(group, [0, 1, 2, 3].map(four), &mut before);
    }
    factor.finish(before);
    factor
}

#[test]
fn the_simd_multiplication_of_rsa_stays_in_range() {
    for [bits, used, limbs] in rsa_lengths() {
        let multiple = simd_factor(&rounded_digits(bits + 56, LIMB, 4, limbs));
        let modulo = Simd::of(multiple, used);
        let multiply = |factor: &[DigitRange], is_square: bool| {
            let factor = simd_factor(factor);
            let mut product = simd_factor(&vec![0.into(); limbs]);
            modulo.multiply(&factor, (!is_square).then_some(&factor), &mut product);
            [product.pairs, product.quotient].map(|pairs| {
                let halves = pairs.as_flattened().iter().flat_map(|lane| lane.halves());
                halves
                    .map(|half| DigitRange::new(half.low, half.high))
                    .collect()
            })
        };
        let [factor, quotient] = grow(rounded_digits(bits + 56, LIMB, 0, limbs), multiply);
        assert!(most(&factor) <= 8193, "{}", most(&factor));
        assert!(most(&quotient) < 8500, "{}", most(&quotient));
        // The digits of 28 bits that `reduce` reads are two limbs each.
        assert!(most(&factor) * ((1 << LIMB) + 1) < 1 << 28);
    }
}

/// The sums of the division steps, repeated: `Matrix::apply` and `Matrix::apply_exactly` on numbers whose last digits are
/// those of −2 p to p.
fn division_sums_stay_in_range<P: Modulus<N>, const N: usize>() {
    let modulus = Residue::<P, N>::modulus();
    let steps = 1 << BITS;
    let last = i128::from(modulus[N - 1]) + 1;
    let numbers: [_; N] = core::array::from_fn(|i| match i + 1 == N {
        true => Range::<64>::new(-2 * last, last),
        false => Range::new(0, steps - 1),
    });
    // u d + v e and u f + v g, where |u| + |v| is at most 2^29.
    let sums = numbers.map(|digit| {
        let most = steps * i128::try_from(digit.most()).unwrap();
        Range::<64>::new(-most, most)
    });
    let factor = Range::<64>::new(-steps, steps) - Range::new(0, steps - 1);
    let (mut carried, mut exactly) = (Range::<64>::from(0), Range::<64>::from(0));
    for i in 0..N {
        carried += sums[i] + factor * i64::from(modulus[i]).into();
        exactly += sums[i];
        (carried, exactly) = (carried >> BITS, exactly >> BITS);
    }
    // They become the last digits, of 32 bits.
    for last in [carried, exactly] {
        DigitRange::new(last.low, last.high);
    }
}

/// The bounds that `inverse.rs` derives for matrices and numbers, on inversions of edges and of random numbers.
fn division_steps_stay_in_range<P: Modulus<N>, const N: usize>(seed: u64) {
    let digits = Residue::<P, N>::modulus();
    let value = |number: &[i32; N]| -> BigInt {
        let digits = number.iter().rev();
        digits.fold(BigInt::ZERO, |sum, &digit| (sum << BITS) + digit)
    };
    let p = value(&digits);
    let random = &mut Random::new(seed);
    for case in 0..cases(4_000) {
        let mut number = core::array::from_fn(|i| match (case % 4, i + 1 == N) {
            (0, _) => digits[i] - i32::from(i == 0) * (1 + case as i32 / 4),
            (1, _) => i32::from(i == case / 4 % N) << (case % 29),
            (_, true) => random.below(digits[N - 1].max(1) as usize) as i32,
            _ => random.below(1 << BITS) as i32,
        });
        number = unsigned(&number);
        let (mut f, mut g) = (digits, number);
        let (mut d, mut e) = ([0; N], [0; N]);
        e[0] = 1;
        let mut eta = -1;
        while g.iter().any(|&digit| digit != 0) {
            let matrix = steps(&mut eta, f[0] as u32, g[0] as u32);
            for [a, b] in [[matrix.u, matrix.v], [matrix.q, matrix.r]] {
                assert!(a.abs() + b.abs() <= 1 << BITS, "{matrix:?}");
            }
            matrix.apply(&mut d, &mut e, &digits, P::NEGATIVE_INVERSE);
            matrix.apply_exactly(&mut f, &mut g);
            for number in [&d, &e].map(value) {
                assert!(number > &p * -2 && number < p, "{number}");
            }
            for number in [&f, &g].map(value) {
                assert!(number >= -&p && number <= p, "{number}");
            }
        }
    }
}

#[test]
fn the_division_steps_stay_in_range() {
    fn check<P: Modulus<N>, const N: usize>(seed: u64) {
        division_sums_stay_in_range::<P, N>();
        division_steps_stay_in_range::<P, N>(seed);
    }
    check::<P256, 9>(1);
    check::<P256Order, 9>(2);
    check::<P384, 14>(3);
    check::<P384Order, 14>(4);
    check::<P521, 19>(5);
    check::<P521Order, 19>(6);
    check::<Secp256k1, 9>(7);
    check::<Secp256k1Order, 9>(8);
    check::<Prime, 9>(9);
    check::<Order, 9>(10);
}

/// Digits of scalars pick entries of tables that exist: those of the scalars nearest to zero, and of all scalars of Ed25519.
#[test]
fn the_digits_of_scalars_are_entries_of_their_tables() {
    fn check<const N: usize>(most: [i32; N], bits: u32, widths: [u32; 2]) {
        let random = &mut Random::new(u64::from(bits));
        for case in 0..2_000 {
            let number: [_; N] = core::array::from_fn(|i| match case {
                0 => most[i],
                1 => most[i].max(i32::from(i + 1 < N) * ((1 << BITS) - 1)),
                _ => most[i] & [random.next() as i32, -1, 0][random.below(3)],
            });
            let is_most = number.iter().rev().gt(most.iter().rev());
            let number = if is_most { most } else { number };
            for width in widths {
                let digits = Digits::windows(&number, bits, width);
                assert!(
                    digits
                        .as_slice()
                        .iter()
                        .all(|digit| digit.unsigned_abs() <= 1 << (width - 1))
                );
            }
            for width in 2..8 {
                let digits = Digits::sparse(&number, bits, width);
                let mut digits = digits.as_slice().iter().filter(|digit| **digit != 0);
                assert!(
                    digits.all(|digit| digit % 2 != 0 && digit.unsigned_abs() < 1 << (width - 1))
                );
            }
        }
    }
    fn nearest<C: Curve<N>, const N: usize>() {
        // Half of the order, rounded down.
        let mut carried = 0;
        let mut half = Residue::<C::Order, N>::modulus();
        for digit in half.iter_mut().rev() {
            let both = carried << BITS | i64::from(*digit);
            (*digit, carried) = ((both >> 1) as i32, both & 1);
        }
        check(half, C::BITS, [C::WIDTH, GENERATOR_WIDTH]);
    }
    nearest::<P256, 9>();
    nearest::<P384, 14>();
    nearest::<P521, 19>();
    nearest::<Secp256k1, 9>();
    check(Residue::<Order, 9>::modulus(), SCALAR_BITS, ed25519::WIDTHS);
}
