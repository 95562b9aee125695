//! The ECDSA kernel against independent implementations: integers, the RustCrypto curves, and the
//! Wycheproof vectors.
#![cfg_attr(
    test,
    expect(
        clippy::unwrap_used,
        clippy::indexing_slicing,
        reason = "a failed test should panic"
    )
)]

#[path = "../src/signature/arithmetic/mod.rs"]
pub mod arithmetic;
mod arithmetic_random;

use arithmetic::curve::{Curve, P256, P256Order, P384, P384Order, P521, P521Order};
use arithmetic::curve::{Secp256k1, Secp256k1Order};
use arithmetic::ecdsa::{P256PublicKey, P384PublicKey, P521PublicKey, Secp256k1PublicKey};
use arithmetic::field::{BITS, Modulus, Residue, digits_from_octets};
use arithmetic_random::{Random, cases};
use num_bigint::{BigInt, BigUint};

/// The integer of non-negative digits.
fn integer<const N: usize>(digits: &[i32; N]) -> BigUint {
    digits.iter().rev().fold(BigUint::ZERO, |sum, &digit| {
        (sum << BITS) + u32::try_from(digit).unwrap()
    })
}

/// A number below the modulus: an edge, or random.
fn below(random: &mut Random, modulus: &BigUint) -> BigUint {
    let length = usize::try_from(modulus.bits().div_ceil(8)).unwrap();
    let number = BigUint::from_bytes_be(&random.octets(length));
    let number = match random.below(24) {
        0 => BigUint::ZERO,
        1 => BigUint::from(1_u8),
        2 => modulus - 1_u8,
        3 => modulus - 2_u8,
        4 => modulus >> 1,
        5 => (modulus >> 1) + 1_u8,
        6 => BigUint::from(1_u8) << random.below(256),
        _ => number,
    };
    number % modulus
}

fn residue<P: Modulus<N>, const N: usize>(number: &BigUint) -> Residue<P, N> {
    Residue::from_integer(digits_from_octets(&number.to_bytes_be()))
}

fn field_agrees<P: Modulus<N>, const N: usize>(seed: u64, cases: usize) {
    let p = integer(&Residue::<P, N>::modulus());
    let random = &mut Random::new(seed);
    let pool: Vec<_> = (0..48).map(|_| below(random, &p)).collect();
    let residues: Vec<_> = pool.iter().map(residue::<P, N>).collect();
    // Products keep being fed with earlier results, as they are and not as canonical integers.
    let (mut pool, mut residues) = (pool, residues);
    for case in 0..cases {
        let [a, b, c, d, place] = [(); 5].map(|()| random.below(pool.len()));
        let (x, y, z, w) = (&residues[a], &residues[b], &residues[c], &residues[d]);
        let (i, j, k, l) = (&pool[a], &pool[b], &pool[c], &pool[d]);
        let (result, expected) = match case % 8 {
            0 => (x.mul(y), i * j % &p),
            1 => (x.square(), i * i % &p),
            2 => (x.sub(y).mul(&z.add(w)), (i + &p - j) * (k + l) % &p),
            3 => {
                let product = (i + &p - j) * (k + &p - l) + &p * &p - i * l;
                (x.sub(y).mul_sub(&z.sub(w), x, w), product % &p)
            }
            4 => (
                x.sub(y).sub(&z.times(2)).settle(),
                (i + &p * 3_u8 - j - k * 2_u8) % &p,
            ),
            5 => (
                // Its value is beyond those of products, with which the pool is filled: up to 2.8 p.
                x.square_sub(&y.add(&z.times(2))).mul(&Residue::ONE),
                (i * i + &p * 3_u8 - j - k * 2_u8) % &p,
            ),
            6 => (
                x.sub(y).mul_sub_squares(z, w),
                ((i + &p - j) * k + &p * &p * 2_u8 - l * l * 2_u8) % &p,
            ),
            _ if !P::HOT => (x.mul(y), i * j % &p),
            _ => (x.sub(y).square(), (i + &p - j).pow(2) % &p),
        };
        assert_eq!(integer(&result.to_integer()), expected, "case {case}");
        assert_eq!(result.is_zero(), expected == BigUint::ZERO, "case {case}");
        pool[place] = expected;
        residues[place] = result;
        if case % 40 == 0 {
            pool[place] = below(random, &p);
            residues[place] = residue(&pool[place]);
        }
    }
    for _ in 0..cases / 50 {
        let number = below(random, &p);
        let inverse = residue::<P, N>(&number).inverse();
        let expected = if number == BigUint::ZERO {
            BigUint::ZERO
        } else {
            1_u8.into()
        };
        assert_eq!(
            integer(&inverse.mul(&residue(&number)).to_integer()),
            expected
        );
    }
}

/// Fields and orders agree with integers.
#[cfg_attr(test, test)]
pub(crate) fn a_residue_is_its_integer_modulo_the_modulus() {
    field_agrees::<P256, 9>(1, at_least(CASES));
    field_agrees::<P384, 14>(2, at_least(CASES / 4));
    field_agrees::<P521, 19>(3, at_least(CASES / 4));
    field_agrees::<Secp256k1, 9>(4, at_least(CASES));
}

/// The orders too, with the factors of a verification: never more than one sum deep.
#[cfg_attr(test, test)]
pub(crate) fn a_scalar_is_its_integer_modulo_the_order() {
    fn agree<P: Modulus<N>, const N: usize>(seed: u64) {
        let n = integer(&Residue::<P, N>::modulus());
        let random = &mut Random::new(seed);
        for _ in 0..at_least(CASES / 20) {
            let (a, b) = (below(random, &n), below(random, &n));
            let product = residue::<P, N>(&a).mul(&residue(&b));
            assert_eq!(integer(&product.to_integer()), &a * &b % &n);
            let inverse =
                arithmetic::inverse::modulo::<P, N>(&digits_from_octets(&a.to_bytes_be()));
            let expected = if a == BigUint::ZERO {
                BigUint::ZERO
            } else {
                1_u8.into()
            };
            assert_eq!(integer(&inverse) * &a % &n, expected);
        }
    }
    agree::<P256Order, 9>(5);
    agree::<P384Order, 14>(6);
    agree::<P521Order, 19>(7);
    agree::<Secp256k1Order, 9>(8);
}

/// Digits at the ends of their ranges, of every weight that a product allows: signs chosen at random, or all the same.
fn extreme_digits_agree<P: Modulus<N>, const N: usize>(seed: u64, weights: &[[i32; 4]]) {
    let p = BigInt::from(integer(&Residue::<P, N>::modulus()));
    let top = Residue::<P, N>::modulus()[N - 1] / 10 * 7;
    let value = |residue: &Residue<P, N>| -> BigInt {
        let digits = residue.0.iter().rev();
        digits.fold(BigInt::ZERO, |sum, &digit| (sum << BITS) + digit)
    };
    let random = &mut Random::new(seed);
    for case in 0..at_least(CASES / 20) {
        let mut extreme = |weight: i32| {
            let kind = random.below(4);
            Residue::<P, N>::from_digits(core::array::from_fn(|i| {
                let most = if i + 1 == N { top } else { 1 << (BITS - 1) };
                let digit = match (kind, random.below(8)) {
                    (0, _) => -most,
                    (1, _) => most - 1,
                    (_, 0) => 0,
                    (_, even) if even % 2 == 0 => -most,
                    _ => most - 1,
                };
                weight * digit
            }))
        };
        let [a, b, c, d] = weights[case % weights.len()].map(&mut extreme);
        // The weights in a doubling: 1 × 2 + 2 × 4, beyond nine digits 1 × 2 + 1 × 2; and 3 subtracted.
        let [e, f, g, h] = [1, 2, if N == 9 { 2 } else { 1 }, 3].map(&mut extreme);
        let product = a.mul_sub(&b, &c, &d);
        let expected = value(&a) * value(&b) - value(&c) * value(&d);
        let shift = usize::try_from(BITS).unwrap() * N;
        let squares = value(&e) * value(&f) - value(&g).pow(2) * 2;
        let square = value(&g).pow(2) - (value(&h) << shift);
        let most: BigInt = &p * 7 / 10;
        let more: BigInt = &most + BigInt::from(value(&h).magnitude().clone());
        for (product, expected, most) in [
            (product, expected, &most),
            (e.mul_sub_squares(&f, &g), squares, &most),
            (g.square_sub(&h), square, &more),
        ] {
            let product = value(&product);
            let rest = ((&product << shift) - expected) % &p;
            let inputs = [&a, &b, &c, &d, &e, &f, &g, &h].map(|factor| factor.0);
            assert_eq!(rest, BigInt::ZERO, "{inputs:?}");
            assert!(product.magnitude() <= most.magnitude(), "{inputs:?}");
        }
    }
}

/// Of 9 digits, products of weights up to 13; of more, up to 6.
#[cfg_attr(test, test)]
pub(crate) fn a_product_of_extreme_digits_is_right() {
    const SHORT: &[[i32; 4]] = &[[1, 2, 2, 4], [6, 2, 0, 0], [1, 6, 7, 1], [3, 4, 1, 1]];
    const LONG: &[[i32; 4]] = &[[1, 2, 1, 2], [2, 3, 0, 0], [1, 2, 2, 2], [6, 1, 0, 0]];
    extreme_digits_agree::<P256, 9>(11, SHORT);
    extreme_digits_agree::<Secp256k1, 9>(12, SHORT);
    extreme_digits_agree::<P384, 14>(13, LONG);
    extreme_digits_agree::<P521, 19>(14, LONG);
}

/// Points whose doubling has extreme digits: u1 G + u2 Q is computed by the crate, and signs what follows from it.
#[cfg_attr(test, test)]
pub(crate) fn points_with_extreme_digits_get_their_verdict() {
    use ::p521::elliptic_curve::point::AffineCoordinates;
    use ::p521::elliptic_curve::{PrimeField as _, sec1::FromSec1Point as _};
    use ::p521::{AffinePoint, FieldBytes, ProjectivePoint, Scalar};

    const POINTS: &str = include_str!("arithmetic_extremes/p521.json");
    let random = &mut Random::new(15);
    let coordinates: Vec<_> = POINTS.split('"').filter(|part| part.len() == 132).collect();
    assert_eq!(coordinates.len(), 6);
    for pair in coordinates.chunks(2) {
        let [x, y] = [pair[0], pair[1]].map(|digits| {
            let octets = BigUint::parse_bytes(digits.as_bytes(), 16)
                .unwrap()
                .to_bytes_be();
            [vec![0; 66 - octets.len()], octets].concat()
        });
        let key = P521PublicKey::from_coordinates(&x, &y).unwrap();
        let encoded = [&[4], &x[..], &y[..]].concat();
        let encoded = ::p521::Sec1Point::from_bytes(encoded).unwrap();
        let point = ProjectivePoint::from(AffinePoint::from_sec1_point(&encoded).unwrap());
        let mut small = |limit: usize| {
            let mut octets = FieldBytes::default();
            octets[65 - limit..].copy_from_slice(&random.octets(limit + 1));
            Scalar::from_repr(octets).unwrap()
        };
        // Cold at first, then with the tables of a key that is used often; small factors double the point itself.
        for round in 0..40 {
            let u1 = small([0, 2, 64][round % 3]);
            let u2 = small([0, 0, 1, 64][round % 4]) + Scalar::ONE;
            let sum = (ProjectivePoint::GENERATOR * u1 + point * u2).to_affine();
            let Some(r) = Scalar::from_repr(sum.x()).into_option() else {
                continue;
            };
            let s = r * u2.invert().unwrap();
            let e: BigUint = BigUint::from_bytes_be(&(u1 * s).to_repr()) << 7;
            let e = e.to_bytes_be();
            let prehash = [vec![0; 66 - e.len()], e].concat();
            let mut signature = [r.to_repr(), s.to_repr()].concat();
            assert!(key.verify(&prehash, &signature), "{x:02x?} {round}");
            signature[100] ^= 1;
            assert!(!key.verify(&prehash, &signature), "{x:02x?} {round}");
        }
    }
}

/// Cases of each field: a debug build, which also sees every overflow, takes a tenth of them.
const CASES: usize = if cfg!(debug_assertions) {
    100_000
} else {
    1_000_000
};

/// They take so little time that `KERNEL_CASES` can make them more, and never fewer.
fn at_least(some: usize) -> usize {
    cases(some).max(some)
}

macro_rules! curve_tests {
    ($curve:ident, $name:ident, $key:ident, $length:literal, $seed:literal, $cases:literal, $wycheproof:expr) => {
        pub(crate) mod $curve {
            use super::*;
            use ::$curve::ecdsa::signature::hazmat::{PrehashSigner, PrehashVerifier};
            use ::$curve::ecdsa::{Signature, SigningKey, VerifyingKey};
            use ::$curve::elliptic_curve::PrimeField as _;
            use ::$curve::elliptic_curve::point::AffineCoordinates;
            use ::$curve::{FieldBytes, ProjectivePoint, Scalar};

            fn key_of(public: &VerifyingKey) -> $key {
                let point = public.to_sec1_point(false);
                $key::from_coordinates(point.x().unwrap(), point.y().unwrap()).unwrap()
            }

            fn field_bytes(octets: &[u8]) -> FieldBytes {
                let mut bytes = FieldBytes::default();
                bytes.copy_from_slice(octets);
                bytes
            }

            fn random_scalar(random: &mut Random) -> Scalar {
                loop {
                    let mut octets = random.octets($length);
                    if $length == 66 {
                        octets[0] &= 1;
                    }
                    if let Some(scalar) = Scalar::from_repr(field_bytes(&octets)).into_option() {
                        return scalar;
                    }
                }
            }

            fn signing_key(scalar: &Scalar) -> Option<SigningKey> {
                SigningKey::from_slice(&scalar.to_repr()).ok()
            }

            /// The hash whose leftmost bits are this scalar.
            fn prehash_of(scalar: &Scalar) -> Vec<u8> {
                let shifted = BigUint::from_bytes_be(&scalar.to_repr()) << (8 * $length - BITS);
                let bytes = shifted.to_bytes_be();
                [vec![0; $length - bytes.len()], bytes].concat()
            }

            /// The signatures below one key: some before it is hot, most after.
            const KEY_SIGNS: usize = 200;

            /// The signatures to compare.
            const SIGNATURES: usize = cases($cases);

            /// The bits of the order.
            const BITS: u32 = <$name as Curve<_>>::BITS;

            /// As the crate does it: the same verdict for good and damaged signatures.
            #[cfg_attr(test, test)]
            pub(crate) fn a_signature_gets_the_verdict_of_the_crate() {
                let random = &mut Random::new($seed);
                let mut accepted = 0;
                for _ in 0..SIGNATURES / 64 {
                    let Some(signer) = signing_key(&random_scalar(random)) else {
                        continue;
                    };
                    let key = key_of(signer.verifying_key());
                    for _ in 0..64 {
                        let mut prehash = random.octets($length.min(64));
                        let signature: Signature = signer.sign_prehash(&prehash).unwrap();
                        let mut octets = signature.to_bytes().to_vec();
                        match random.below(8) {
                            0 => octets[random.below(2 * $length)] ^= 1 << random.below(8),
                            1 => prehash[random.below($length.min(64))] ^= 1 << random.below(8),
                            2 => octets[..$length].fill(0),
                            3 => octets[$length..].fill(0),
                            4 => {
                                // The other value of s that fits.
                                let s = Scalar::from_repr(field_bytes(&octets[$length..])).unwrap();
                                octets[$length..].copy_from_slice(&(-s).to_repr());
                            }
                            _ => {}
                        }
                        let expected = Signature::from_slice(&octets).is_ok_and(|signature| {
                            let public = signer.verifying_key();
                            public.verify_prehash(&prehash, &signature).is_ok()
                                || public
                                    .verify_prehash(&prehash, &signature.normalize_s())
                                    .is_ok()
                        });
                        for key in [&key, &key_of(signer.verifying_key())] {
                            assert_eq!(key.verify(&prehash, &octets), expected, "{octets:02x?}");
                        }
                        accepted += usize::from(expected);
                    }
                }
                assert!(accepted > SIGNATURES / 3);
            }

            /// As the factors make it: u1 G + u2 Q is a point that the crate came to by one addition
            /// from the last, and one of the factors is any number, with long runs of zeros and ones.
            #[cfg_attr(test, test)]
            pub(crate) fn a_sum_of_chosen_multiples_gets_its_verdict() {
                let random = &mut Random::new($seed + 5);
                let steps: Vec<_> = (0..64)
                    .map(|_| random_scalar(random))
                    .map(|step| (step, ProjectivePoint::GENERATOR * step))
                    .collect();
                let (mut k, mut point) = steps[0];
                let mut compared = 0;
                for _ in 0..SIGNATURES / KEY_SIGNS {
                    let d = random_scalar(random);
                    let Some(signer) = signing_key(&d) else {
                        continue;
                    };
                    let key = key_of(signer.verifying_key());
                    let inverse = d.invert().unwrap();
                    for case in 0..KEY_SIGNS {
                        let (step, added) = &steps[random.below(steps.len())];
                        k += step;
                        point += added;
                        let chosen = random_scalar(random);
                        let (u1, u2) = if case % 2 == 0 {
                            (k - chosen * d, chosen)
                        } else {
                            (chosen, (k - chosen) * inverse)
                        };
                        // r is the affine x, if that is below the order.
                        let r = Scalar::from_repr(point.to_affine().x()).into_option();
                        let (Some(r), Some(divisor)) = (r, u2.invert().into_option()) else {
                            continue;
                        };
                        let s = r * divisor;
                        let mut prehash = prehash_of(&(u1 * s));
                        let mut octets = [r.to_repr(), s.to_repr()].concat();
                        let expected = match random.below(8) {
                            0 => {
                                octets[random.below(2 * $length)] ^= 1 << random.below(8);
                                false
                            }
                            1 => {
                                // Of 521 bits the last octet holds one.
                                prehash[random.below($length - 1)] ^= 1 << random.below(8);
                                false
                            }
                            2 => {
                                // The other value of s that fits.
                                octets[$length..].copy_from_slice(&(-s).to_repr());
                                true
                            }
                            _ => true,
                        };
                        for key in [&key, &key_of(signer.verifying_key())] {
                            assert_eq!(key.verify(&prehash, &octets), expected, "{octets:02x?}");
                        }
                        compared += 1;
                    }
                }
                assert!(compared > SIGNATURES / 10 * 9);
            }

            /// The points on the way meet: u1 G = u2 Q (a doubling), u1 G = −u2 Q (infinity).
            #[cfg_attr(test, test)]
            pub(crate) fn points_that_meet_are_added_all_the_same() {
                let random = &mut Random::new($seed + 1);
                for round in 0..12 {
                    let d = random_scalar(random);
                    let Some(signer) = signing_key(&d) else {
                        continue;
                    };
                    let key = key_of(signer.verifying_key());
                    for _ in 0..40 {
                        let k = random_scalar(random);
                        if k == Scalar::ZERO {
                            continue;
                        }
                        let x = (ProjectivePoint::GENERATOR * k).to_affine().x();
                        // r is the affine x, if that is below the order.
                        let Some(r) = Scalar::from_repr(x).into_option() else {
                            continue;
                        };
                        let u2 = k * (d + d).invert().unwrap();
                        let s = r * u2.invert().unwrap();
                        let e = u2 * d * s;
                        let signature = [r.to_repr(), s.to_repr()].concat();
                        assert!(key.verify(&prehash_of(&e), &signature), "round {round}");
                        let e = -(r * d);
                        assert!(!key.verify(&prehash_of(&e), &signature), "round {round}");
                    }
                }
            }

            /// The methods of the first, the second and a later use of a key, with factors at the edges: zero for the
            /// generator, keys that are the generator or its negative, sums that are infinity.
            #[cfg_attr(test, test)]
            pub(crate) fn the_first_uses_of_a_key_get_the_same_verdict() {
                let random = &mut Random::new($seed + 6);
                let (one, two) = (Scalar::ONE, Scalar::from(2_u64));
                let half = two.invert().unwrap();
                let mut edges = |zero: Option<Scalar>| {
                    let random = [(); 3].map(|()| random_scalar(random));
                    let all = [one, -one, two, -two, half, Scalar::from(u64::MAX)];
                    let all = all.into_iter().chain(random);
                    let all = all.filter(|scalar| *scalar != Scalar::ZERO);
                    all.chain(zero).collect::<Vec<_>>()
                };
                for d in edges(None) {
                    let point = ProjectivePoint::GENERATOR * d;
                    for (u1, u2) in edges(Some(Scalar::ZERO))
                        .into_iter()
                        .flat_map(|u1| edges(None).into_iter().map(move |u2| (u1, u2)))
                        .chain([(-d, one), (d, -one), (d, one)])
                    {
                        let sum = ProjectivePoint::GENERATOR * u1 + point * u2;
                        let is_infinity = u1 + u2 * d == Scalar::ZERO;
                        let r = Scalar::from_repr(sum.to_affine().x()).into_option();
                        let r = if is_infinity { Some(one) } else { r };
                        // r is the affine x, if that is below the order and not zero.
                        let Some(r) = r.filter(|r| *r != Scalar::ZERO) else {
                            continue;
                        };
                        let s = r * u2.invert().unwrap();
                        let prehash = prehash_of(&(u1 * s));
                        let mut octets = [r.to_repr(), s.to_repr()].concat();
                        let key = key_of(signing_key(&d).unwrap().verifying_key());
                        for use_of_key in 0..3 {
                            let verdict = key.verify(&prehash, &octets);
                            assert_eq!(verdict, !is_infinity, "{octets:02x?} {use_of_key}");
                        }
                        octets[2 * $length - 1] ^= 1;
                        let key = key_of(signing_key(&d).unwrap().verifying_key());
                        for use_of_key in 0..3 {
                            let verdict = key.verify(&prehash, &octets);
                            assert!(!verdict, "{octets:02x?} {use_of_key}");
                        }
                    }
                }
            }

            /// Keys whose table holds points of the generator's own table.
            #[cfg_attr(test, test)]
            pub(crate) fn a_key_may_be_a_small_multiple_of_the_generator() {
                let random = &mut Random::new($seed + 2);
                for d in [1_u64, 2, 3, 64, 128, 256, 1 << 32] {
                    for d in [Scalar::from(d), -Scalar::from(d)] {
                        let key = key_of(signing_key(&d).unwrap().verifying_key());
                        for round in 0..60_u64 {
                            // u1 and u2 small: their points are a few steps of each other.
                            let small = Scalar::from(1 + random.next() % 9);
                            let u1 = match round % 3 {
                                0 => small,
                                1 => -small * d,
                                _ => random_scalar(random),
                            };
                            let u2 = Scalar::from(1 + random.next() % 9);
                            let point = ProjectivePoint::GENERATOR * (u1 + u2 * d);
                            let x = point.to_affine().x();
                            let r = Scalar::from_repr(x).into_option().unwrap_or(Scalar::ZERO);
                            let is_infinity = u1 + u2 * d == Scalar::ZERO;
                            let r = if is_infinity { Scalar::ONE } else { r };
                            let s = r * u2.invert().unwrap();
                            let signature = [r.to_repr(), s.to_repr()].concat();
                            let expected = !is_infinity && r != Scalar::ZERO;
                            assert_eq!(key.verify(&prehash_of(&(u1 * s)), &signature), expected);
                        }
                    }
                }
            }

            /// r and s are from 1 to n − 1, in exactly as many octets as n has.
            #[cfg_attr(test, test)]
            pub(crate) fn a_signature_out_of_range_is_refused() {
                let random = &mut Random::new($seed + 3);
                let signer = signing_key(&Scalar::from(5_u64)).unwrap();
                let key = key_of(signer.verifying_key());
                let n = BigUint::from_bytes_be(&(-Scalar::ONE).to_repr()) + 1_u8;
                let octets = |number: &BigUint| {
                    let bytes = number.to_bytes_be();
                    (bytes.len() <= $length)
                        .then(|| [vec![0; $length - bytes.len()], bytes].concat())
                };
                for _ in 0..60 {
                    let prehash = random.octets($length.min(64));
                    let signature: Signature = signer.sign_prehash(&prehash).unwrap();
                    let good = signature.to_bytes().to_vec();
                    assert!(key.verify(&prehash, &good));
                    let (r, s) = good.split_at($length);
                    let (zero, one) = (BigUint::ZERO, BigUint::from(1_u8));
                    for edge in [zero, one, &n - 1_u8, n.clone(), &n + 1_u8, n.clone() << 1] {
                        let Some(edge) = octets(&edge) else { continue };
                        assert!(!key.verify(&prehash, &[&edge, s].concat()));
                        assert!(!key.verify(&prehash, &[r, &edge].concat()));
                    }
                    if let Some(more) = octets(&(BigUint::from_bytes_be(r) + &n)) {
                        assert!(!key.verify(&prehash, &[&more, s].concat()));
                    }
                    if let Some(more) = octets(&(BigUint::from_bytes_be(s) + &n)) {
                        assert!(!key.verify(&prehash, &[r, &more].concat()));
                    }
                    assert!(!key.verify(&prehash, &good[1..]));
                    assert!(!key.verify(&prehash, &[good.as_slice(), &[0]].concat()));
                }
                assert!(!key.verify(&[], &[]));
            }

            /// A public key is a point of the curve, its coordinates below the modulus.
            #[cfg_attr(test, test)]
            pub(crate) fn a_key_is_a_point_of_the_curve() {
                let random = &mut Random::new($seed + 4);
                let signer = signing_key(&Scalar::from(7_u64)).unwrap();
                let point = signer.verifying_key().to_sec1_point(false);
                let (x, y) = (point.x().unwrap().to_vec(), point.y().unwrap().to_vec());
                assert!($key::from_coordinates(&x, &y).is_some());
                for _ in 0..500 {
                    let mut wrong = y.clone();
                    wrong[random.below($length)] ^= 1 << random.below(8);
                    assert!($key::from_coordinates(&x, &wrong).is_none());
                }
                let p = integer(&Residue::<$name, _>::modulus());
                for (x, y) in [(&x, &y), (&y, &x)] {
                    let more = (BigUint::from_bytes_be(x) + &p).to_bytes_be();
                    assert!($key::from_coordinates(&more, y).is_none());
                }
                assert!($key::from_coordinates(&[0; $length], &[0; $length]).is_none());
                assert!($key::from_coordinates(&[0xff; $length], &y).is_none());
                assert!($key::from_coordinates(&x[1..], &y).is_none());
                assert!($key::from_coordinates(&x, &[&[0], y.as_slice()].concat()).is_none());
                assert!($key::from_coordinates(&[], &[]).is_none());
            }

            /// Project Wycheproof, signatures as IEEE P1363 has them.
            #[cfg_attr(test, test)]
            pub(crate) fn wycheproof_agrees() {
                use wycheproof::{TestResult, ecdsa::TestSet};
                let mut accepted = 0;
                let sets: &[(TestName, Hash)] = &$wycheproof;
                for &(name, hash) in sets {
                    let set = TestSet::load(name).unwrap();
                    for group in set.test_groups {
                        let public = &group.key.key[1..];
                        let (x, y) = public.split_at(public.len() / 2);
                        let key = $key::from_coordinates(x, y);
                        for test in &group.tests {
                            let prehash = hash(&test.msg);
                            let new_key = $key::from_coordinates(x, y);
                            let expected = test.result != TestResult::Invalid;
                            for key in [&key, &new_key] {
                                let verdict = key
                                    .as_ref()
                                    .is_some_and(|key| key.verify(&prehash, &test.sig));
                                assert_eq!(verdict, expected, "{} {}", test.tc_id, test.comment);
                            }
                            accepted += usize::from(expected);
                        }
                    }
                }
                assert!(accepted > 100);
            }
        }
    };
}

fn hash<D: sha2::Digest>(message: &[u8]) -> Vec<u8> {
    D::digest(message).to_vec()
}

type Hash = fn(&[u8]) -> Vec<u8>;
use sha2::{Sha256, Sha384, Sha512};
use wycheproof::ecdsa::TestName;

curve_tests!(
    p256,
    P256,
    P256PublicKey,
    32,
    100,
    20_000,
    [
        (TestName::EcdsaSecp256r1Sha256P1363, hash::<Sha256>),
        (TestName::EcdsaSecp256r1Sha512P1363, hash::<Sha512>),
    ]
);
curve_tests!(
    p384,
    P384,
    P384PublicKey,
    48,
    200,
    4_000,
    [
        (TestName::EcdsaSecp384r1Sha384P1363, hash::<Sha384>),
        (TestName::EcdsaSecp384r1Sha512P1363, hash::<Sha512>),
    ]
);
curve_tests!(
    p521,
    P521,
    P521PublicKey,
    66,
    300,
    4_000,
    [(TestName::EcdsaSecp521r1Sha512P1363, hash::<Sha512>),]
);
curve_tests!(
    k256,
    Secp256k1,
    Secp256k1PublicKey,
    32,
    400,
    20_000,
    [
        (TestName::EcdsaSecp256k1Sha256P1363, hash::<Sha256>),
        (TestName::EcdsaSecp256k1Sha512P1363, hash::<Sha512>),
    ]
);
