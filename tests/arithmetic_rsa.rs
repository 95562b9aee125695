//! The RSA kernel, all methods of exponentiation, against integers and the Wycheproof vectors.
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

use arithmetic::exponentiation::Exponentiation;
use arithmetic::montgomery::ByDigits;
use arithmetic::rsa::PublicKey;
use arithmetic_random::{Random, cases};
use num_bigint::BigUint;

#[cfg(any(test, not(target_feature = "simd128")))]
use arithmetic::montgomery_scalar::Sequential;
#[cfg(any(test, target_feature = "simd128"))]
use arithmetic::montgomery_simd::Simd;
#[cfg(any(test, all(target_pointer_width = "64", not(target_family = "wasm"))))]
use arithmetic::montgomery_wide::Wide;

/// Moduli to try, each with [`POWERS`].
const MODULI: usize = cases(POWERS * 3_000) / POWERS;
const POWERS: usize = 6;

/// Octets whose limbs of 14 bits are all the same: the extremes of a signed limb are among them.
fn monotonous(random: &mut Random, length: usize) -> Vec<u8> {
    let limb = [0x1fff, 0x2000, 0x2001, 0x3fff, 0, 1, 0x1000][random.below(7)];
    let limbs = (0..length * 8 / 14 + 1).map(|_| limb);
    let number = limbs.fold(BigUint::ZERO, |sum, limb: u16| (sum << 14) + limb);
    let mut octets = number.to_bytes_le();
    octets.resize(length, 0);
    octets.reverse();
    octets
}

fn octets(random: &mut Random, length: usize) -> Vec<u8> {
    if random.below(4) == 0 {
        monotonous(random, length)
    } else {
        random.octets(length)
    }
}

/// As long as the modulus, if it is not longer.
fn padded(number: &BigUint, length: usize) -> Vec<u8> {
    let octets = number.to_bytes_be();
    [vec![0; length - octets.len()], octets].concat()
}

fn powers_agree<E: Exponentiation>(seed: u64, least: usize, most: usize, moduli: usize) {
    let random = &mut Random::new(seed);
    for _ in 0..moduli {
        let bits = least + random.below(most - least + 1);
        let length = bits.div_ceil(8);
        let mut modulus = octets(random, length);
        modulus[0] = modulus[0] >> (8 * length - bits) | 1 << ((bits - 1) % 8);
        modulus[0] &= 0xff >> (8 * length - bits);
        modulus[length - 1] |= 1;
        match random.below(12) {
            // The multiple that is −1 modulo 2^56 is then the modulus itself, or the longest.
            0 => modulus[length - 8..].fill(0xff),
            1 => modulus[length - 8..].copy_from_slice(&1_u64.to_be_bytes()),
            _ => {}
        }
        let exponent = match random.below(6) {
            0 => 3,
            1 => 5 + 2 * (random.next() % 200),
            2 => u64::MAX,
            3 => random.next() | 1,
            _ => 65_537,
        };
        let key = PublicKey::<E>::new(&modulus, &exponent.to_be_bytes()).unwrap();
        let n = BigUint::from_bytes_be(&modulus);
        for case in 0..POWERS {
            let base = match case {
                0 => BigUint::from_bytes_be(&[0, 1, 2, 0xff][random.below(4)..][..1]),
                1 => &n - 1_u8 - random.below(3),
                _ => BigUint::from_bytes_be(&octets(random, length)) % &n,
            };
            let mut power = vec![7; length];
            assert!(key.power(&padded(&base, length), &mut power));
            let expected = base.modpow(&exponent.into(), &n);
            assert_eq!(
                power,
                padded(&expected, length),
                "{base} ^ {exponent} mod {n}"
            );
        }
        no_residue_has_a_power(&key, &n, length);
    }
}

/// What is not below the modulus `n`, or not as long as it.
fn no_residue_has_a_power<E: Exponentiation>(key: &PublicKey<E>, n: &BigUint, length: usize) {
    for base in [
        n.clone(),
        n + 1_u8,
        (BigUint::from(1_u8) << (8 * length)) - 1_u8,
    ] {
        if base.to_bytes_be().len() == length && base >= *n {
            assert!(!key.power(&base.to_bytes_be(), &mut vec![0; length]));
        }
    }
    let one = padded(&1_u8.into(), length);
    let long = [&[0], one.as_slice()].concat();
    for (signature, out) in [
        (&one[1..], length - 1),
        (&one[1..], length),
        (&long, length),
        (&long, length + 1),
        (&one, length - 1),
        (&one, length + 1),
    ] {
        assert!(!key.power(signature, &mut vec![0; out]));
    }
    // What the refusals left in the room is no part of the next power.
    let mut power = vec![7; length];
    assert!(key.power(&one, &mut power));
    assert_eq!(power, one);
}

/// Small moduli many times, large ones sometimes.
#[cfg_attr(test, test)]
pub(crate) fn a_power_is_the_power_of_integers() {
    #[cfg(any(test, not(target_feature = "simd128")))]
    {
        powers_agree::<ByDigits<Sequential>>(1, 512, 1_100, MODULI);
        powers_agree::<ByDigits<Sequential>>(2, 2_040, 4_100, MODULI / 20);
        powers_agree::<ByDigits<Sequential>>(3, 8_100, 8_192, MODULI / 100);
    }
    #[cfg(any(test, target_feature = "simd128"))]
    {
        powers_agree::<ByDigits<Simd>>(4, 512, 1_100, MODULI);
        powers_agree::<ByDigits<Simd>>(5, 2_040, 4_100, MODULI / 20);
        powers_agree::<ByDigits<Simd>>(6, 8_100, 8_192, MODULI / 100);
    }
    #[cfg(any(test, all(target_pointer_width = "64", not(target_family = "wasm"))))]
    {
        powers_agree::<Wide>(7, 512, 1_100, MODULI);
        powers_agree::<Wide>(8, 2_040, 4_100, MODULI / 20);
        powers_agree::<Wide>(9, 8_100, 8_192, MODULI / 100);
    }
}

/// A modulus is odd and of 512 to 8192 bits, an exponent odd and of 3 to 2^64 − 1.
#[cfg_attr(test, test)]
pub(crate) fn a_key_has_an_odd_modulus_and_an_odd_exponent() {
    let is_key = |modulus: &[u8], exponent: &[u8]| -> bool {
        let key: Option<PublicKey> = PublicKey::new(modulus, exponent);
        key.is_some()
    };
    let modulus = [0xff; 256];
    assert!(is_key(&modulus, &[1, 0, 1]));
    assert!(is_key(&modulus, &[0, 0, 0, 0, 0, 0, 0, 0, 3]));
    assert!(is_key(&modulus, &[0xff; 8]));
    assert!(is_key(&[[0].as_slice(), &modulus].concat(), &[3]));
    assert!(is_key(&[0xff; 1024], &[3]));
    for exponent in [&[][..], &[0], &[1], &[2], &[1, 0], &[0xff; 9]] {
        assert!(!is_key(&modulus, exponent));
    }
    for modulus in [&[][..], &[0], &[0; 300], &[3], &[0xff; 63], &[0xff; 1025]] {
        assert!(!is_key(modulus, &[3]));
    }
    assert!(!is_key(&[modulus.as_slice(), &[0xfe]].concat(), &[3]));
}

/// Project Wycheproof, with the one encoding that EMSA-PKCS1-v1_5 allows (RFC 8017 section 9.2).
#[cfg_attr(test, test)]
pub(crate) fn wycheproof_agrees() {
    use sha2::{Digest, Sha256, Sha384, Sha512};
    use wycheproof::{HashFunction, TestResult, rsa_pkcs1_verify::TestName};

    let (mut accepted, mut refused) = (0, 0);
    for name in TestName::all() {
        let set = wycheproof::rsa_pkcs1_verify::TestSet::load(name).unwrap();
        for group in set.test_groups {
            let key: PublicKey = match PublicKey::new(&group.key.n, &group.key.e) {
                Some(key) => key,
                None => continue,
            };
            for test in &group.tests {
                let (info, hash) = match group.hash {
                    HashFunction::Sha2_256 => (1, Sha256::digest(&test.msg).to_vec()),
                    HashFunction::Sha2_384 => (2, Sha384::digest(&test.msg).to_vec()),
                    HashFunction::Sha2_512 => (3, Sha512::digest(&test.msg).to_vec()),
                    _ => continue,
                };
                let length = u8::try_from(hash.len()).unwrap();
                let prefix = [
                    0x30,
                    17 + length,
                    0x30,
                    13,
                    6,
                    9,
                    0x60,
                    0x86,
                    0x48,
                    1,
                    0x65,
                    3,
                    4,
                    2,
                    info,
                    5,
                    0,
                    4,
                    length,
                ];
                let end = [&[0], prefix.as_slice(), &hash].concat();
                let mut encoded =
                    vec![0; group.key.n.iter().skip_while(|octet| **octet == 0).count()];
                let fits = key.power(&test.sig, &mut encoded);
                let padding = vec![0xff; encoded.len().saturating_sub(end.len() + 2)];
                let expected = [&[0, 1], padding.as_slice(), &end].concat();
                let verdict = fits && encoded == expected;
                if test.result != TestResult::Acceptable {
                    let is_valid = test.result == TestResult::Valid;
                    assert_eq!(verdict, is_valid, "{:?} {}", test.tc_id, test.comment);
                }
                if verdict { accepted += 1 } else { refused += 1 }
            }
        }
    }
    assert!(accepted > 50 && refused > 500, "{accepted} {refused}");
}
