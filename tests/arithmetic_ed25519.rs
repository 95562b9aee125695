//! The Ed25519 kernel against integers, ed25519-dalek's `verify_strict` and the Wycheproof vectors.
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

use arithmetic::ed25519::PublicKey;
use arithmetic::edwards::{Order, Prime};
use arithmetic::field::{BITS, Modulus, Residue, digits_from_octets};
use arithmetic_random::{Random, cases};
use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};
use curve25519_dalek::{EdwardsPoint, Scalar};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use num_bigint::BigUint;
use sha2::{Digest, Sha512};

/// A debug build, which also sees every overflow, takes a tenth of the cases.
const CASES: usize = if cfg!(debug_assertions) {
    100_000
} else {
    1_000_000
};
const SIGNATURES: usize = cases(20_000);

/// 2^252 + 27742317777372353535851937790883648493.
fn order() -> BigUint {
    (BigUint::from(1_u8) << 252) + 27_742_317_777_372_353_535_851_937_790_883_648_493_u128
}

fn integer<const N: usize>(digits: &[i32; N]) -> BigUint {
    digits.iter().rev().fold(BigUint::ZERO, |sum, &digit| {
        (sum << BITS) + u32::try_from(digit).unwrap()
    })
}

/// Both moduli: products fed with earlier results, and inverses.
#[cfg_attr(test, test)]
pub(crate) fn a_residue_is_its_integer_modulo_the_modulus() {
    fn agree<P: Modulus<9>>(seed: u64, modulus: &BigUint, cases: usize) {
        assert_eq!(&integer(&Residue::<P, 9>::modulus()), modulus);
        let random = &mut Random::new(seed);
        let residue = |number: &BigUint| {
            Residue::<P, 9>::from_integer(digits_from_octets(&number.to_bytes_be()))
        };
        let mut pool = vec![BigUint::ZERO, 1_u8.into(), modulus - 1_u8, modulus >> 1];
        pool.extend((0..44).map(|_| BigUint::from_bytes_be(&random.octets(32)) % modulus));
        let mut residues: Vec<_> = pool.iter().map(residue).collect();
        for case in 0..cases {
            let [a, b, c, place] = [(); 4].map(|()| random.below(pool.len()));
            let (result, expected) = match case % 3 {
                0 => (residues[a].mul(&residues[b]), &pool[a] * &pool[b]),
                1 => (residues[a].square(), &pool[a] * &pool[a]),
                _ if P::HOT => {
                    let sum = residues[a].add(&residues[b]).sub(&residues[c]);
                    let difference = &pool[a] + &pool[b] + modulus - &pool[c];
                    (sum.mul(&sum.times(1)), difference.pow(2))
                }
                _ => (residues[c].mul(&residues[b]), &pool[c] * &pool[b]),
            };
            pool[place] = expected % modulus;
            residues[place] = result;
            assert_eq!(integer(&result.to_integer()), pool[place], "case {case}");
            if case % 40 == 0 {
                pool[place] = BigUint::from_bytes_be(&random.octets(32)) % modulus;
                residues[place] = residue(&pool[place]);
            }
            if case % 50 == 0 && pool[a] != BigUint::ZERO {
                let one = residue(&pool[a]).inverse().mul(&residue(&pool[a]));
                assert_eq!(integer(&one.to_integer()), 1_u8.into());
            }
        }
    }
    let prime = (BigUint::from(1_u8) << 255) - 19_u8;
    agree::<Prime>(1, &prime, CASES);
    agree::<Order>(2, &order(), CASES / 10);
}

fn octets_32(random: &mut Random) -> [u8; 32] {
    random.octets(32).try_into().unwrap()
}

/// The verdict of ed25519-dalek, for a key in its one encoding.
fn expected(key: &[u8; 32], message: &[u8], signature: &[u8]) -> bool {
    let Ok(verifying) = VerifyingKey::from_bytes(key) else {
        return false;
    };
    let is_canonical = verifying.to_edwards().compress().as_bytes() == key;
    let Ok(signature) = Signature::from_slice(signature) else {
        return false;
    };
    is_canonical && verifying.verify_strict(message, &signature).is_ok()
}

fn verdict(key: &[u8; 32], message: &[u8], signature: &[u8]) -> bool {
    PublicKey::new(key).is_some_and(|key| key.verify(message, signature))
}

/// Good and damaged signatures, by keys that are cold and keys that are hot.
#[cfg_attr(test, test)]
pub(crate) fn a_signature_gets_the_verdict_of_the_crate() {
    let random = &mut Random::new(3);
    let mut accepted = 0;
    for _ in 0..SIGNATURES / 100 {
        let signer = SigningKey::from_bytes(&octets_32(random));
        let public = signer.verifying_key().to_bytes();
        let key = PublicKey::new(&public).unwrap();
        for _ in 0..100 {
            let length = random.below(200);
            let mut message = random.octets(length + 1);
            let mut signature = signer.sign(&message).to_bytes();
            match random.below(8) {
                0 => signature[random.below(64)] ^= 1 << random.below(8),
                1 => message[random.below(length + 1)] ^= 1 << random.below(8),
                2 => signature[..32].copy_from_slice(&octets_32(random)),
                3 => {
                    // S and the order: the same residue, in another encoding.
                    let s = BigUint::from_bytes_le(&signature[32..]) + order();
                    signature[32..].copy_from_slice(&s.to_bytes_le());
                }
                _ => {}
            }
            let expected = expected(&public, &message, &signature);
            assert_eq!(key.verify(&message, &signature), expected);
            accepted += usize::from(expected);
        }
    }
    assert!(accepted > SIGNATURES / 3);
}

/// A signature of which only the low-order parts of A and R decide.
fn with_torsion(random: &mut Random, key: EdwardsPoint, nonce: EdwardsPoint) -> [Vec<u8>; 3] {
    let (a, r) = (scalar(random), scalar(random));
    let public = (ED25519_BASEPOINT_POINT * a + key).compress();
    let point = (ED25519_BASEPOINT_POINT * r + nonce).compress();
    let message = random.octets(20);
    let hash = Sha512::new()
        .chain_update(point.as_bytes())
        .chain_update(public.as_bytes())
        .chain_update(&message);
    let k = Scalar::from_bytes_mod_order_wide(&hash.finalize().into());
    let s = r + k * a;
    let signature = [point.as_bytes().as_slice(), s.as_bytes()].concat();
    [public.as_bytes().to_vec(), message, signature]
}

fn scalar(random: &mut Random) -> Scalar {
    match random.below(8) {
        0 => Scalar::ZERO,
        1 => Scalar::from(random.next() % 5),
        2 => -Scalar::from(random.next() % 5),
        _ => Scalar::from_bytes_mod_order(octets_32(random)),
    }
}

/// The equation holds without the cofactor, and points of small order are refused.
#[cfg_attr(test, test)]
pub(crate) fn points_of_small_order_sign_nothing() {
    let random = &mut Random::new(4);
    let mut accepted = 0;
    for _ in 0..SIGNATURES / 8 {
        let (key, nonce) = (
            EIGHT_TORSION[random.below(8)],
            EIGHT_TORSION[random.below(8)],
        );
        let [public, message, signature] = with_torsion(random, key, nonce);
        let public = <[u8; 32]>::try_from(public).unwrap();
        let expected = expected(&public, &message, &signature)
            && !VerifyingKey::from_bytes(&public).unwrap().is_weak();
        assert_eq!(verdict(&public, &message, &signature), expected);
        accepted += usize::from(expected);
    }
    assert!(accepted > SIGNATURES / 160);
    for point in EIGHT_TORSION {
        assert!(PublicKey::new(point.compress().as_bytes()).is_none());
    }
}

/// A public key is in its one encoding, on the curve and not of small order.
#[cfg_attr(test, test)]
pub(crate) fn a_key_is_a_point_in_its_one_encoding() {
    let random = &mut Random::new(5);
    let mut accepted = 0;
    for case in 0..SIGNATURES / 2 {
        let mut encoding = octets_32(random);
        if case % 4 == 0 {
            // Around the modulus, 2^255 − 19, and around zero.
            encoding = [[0; 32], [0xff; 32]][random.below(2)];
            encoding[0] = encoding[0].wrapping_add(random.next().to_le_bytes()[0]);
            encoding[31] ^= [0, 0x80][random.below(2)];
        }
        let expected = VerifyingKey::from_bytes(&encoding)
            .is_ok_and(|key| key.to_edwards().compress().as_bytes() == &encoding && !key.is_weak());
        assert_eq!(
            PublicKey::new(&encoding).is_some(),
            expected,
            "{encoding:02x?}"
        );
        accepted += usize::from(expected);
    }
    assert!(accepted > SIGNATURES / 10);
}

/// A signature is 64 octets.
#[cfg_attr(test, test)]
pub(crate) fn a_signature_has_one_length() {
    let signer = SigningKey::from_bytes(&[7; 32]);
    let key = PublicKey::new(&signer.verifying_key().to_bytes()).unwrap();
    let signature = signer.sign(b"message").to_bytes();
    assert!(key.verify(b"message", &signature));
    assert!(!key.verify(b"message", &signature[..63]));
    assert!(!key.verify(b"message", &[&signature[..], &[0]].concat()));
    assert!(!key.verify(b"message", &[]));
    assert!(!key.verify(b"message", &[0; 64]));
    assert!(!key.verify(b"message", &[0xff; 64]));
}

/// Project Wycheproof.
#[cfg_attr(test, test)]
pub(crate) fn wycheproof_agrees() {
    use wycheproof::{TestResult, eddsa};

    let set = eddsa::TestSet::load(eddsa::TestName::Ed25519).unwrap();
    let (mut accepted, mut refused) = (0, 0);
    for group in set.test_groups {
        let public = <[u8; 32]>::try_from(group.key.pk.as_slice()).unwrap();
        for test in &group.tests {
            let verdict = verdict(&public, &test.msg, &test.sig);
            let is_valid = test.result == TestResult::Valid;
            assert_eq!(verdict, is_valid, "{} {}", test.tc_id, test.comment);
            if verdict { accepted += 1 } else { refused += 1 }
        }
    }
    assert!(accepted > 50 && refused > 40, "{accepted} {refused}");
}
