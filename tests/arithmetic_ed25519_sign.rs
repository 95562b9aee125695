//! Ed25519 signing against RFC 8032, Project Wycheproof, ed25519-dalek and curve25519-dalek; and the sequence of its
//! operations, which no secret changes.
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

use std::cell::Cell;
use std::ops::{Add, AddAssign, Mul, Shr, Sub};

use arithmetic::ed25519::{PublicKey, base_odd};
use arithmetic::ed25519_scalar::{self, ScalarResidue};
use arithmetic::ed25519_sign::{SecretKey, affine, least, multiple, response};
use arithmetic::edwards::Summand;
use arithmetic::field::{Column, Digit, Residue, digits_from_octets};
use arithmetic_random::{Random, cases};
use curve25519_dalek::{EdwardsPoint, Scalar};
use ed25519_dalek::{Signer, SigningKey};
use num_bigint::BigUint;
use sha2::{Digest, Sha512};

const KEYS: usize = cases(10_000);

fn octets<const N: usize>(hexadecimal: &str) -> [u8; N] {
    let number = BigUint::parse_bytes(hexadecimal.as_bytes(), 16).unwrap();
    let octets = number.to_bytes_be();
    let mut padded = [0; N];
    padded[N - octets.len()..].copy_from_slice(&octets);
    padded
}

/// The key has its public key, and its signature of `message` is that of ed25519-dalek, which our own kernel accepts.
fn agrees(seed: &[u8; 32], message: &[u8]) {
    let (key, expected) = (SecretKey::new(seed), SigningKey::from_bytes(seed));
    assert_eq!(
        key.public(),
        expected.verifying_key().as_bytes(),
        "{seed:02x?}"
    );
    let signature = key.sign(message);
    assert_eq!(signature, expected.sign(message).to_bytes(), "{seed:02x?}");
    assert!(
        PublicKey::new(key.public())
            .unwrap()
            .verify(message, &signature)
    );
}

/// RFC 8032 section 7.1: secret key, public key, signature.
const PRINTED: [[&str; 3]; 5] = [
    [
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe2465\
         5141438e7a100b",
    ],
    [
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb0\
         0d291612bb0c00",
    ],
    [
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc0\
         27beceea1ec40a",
    ],
    [
        "f5e5767cf153319517630f226876b86c8160cc583bc013744c6bf255f5cc0ee5",
        "278117fc144c72340f67d0f2316e8386ceffbf2b2428c9c51fef7c597f1d426e",
        "0aab4c900501b3e24d7cdf4663326a3a87df5e4843b2cbdb67cbf6e460fec350aa5371b1508f9f4528ecea23c436d94b5e8fcd4f681e30a6ac\
         00a9704a188a03",
    ],
    [
        "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9\
         bef1177331a704",
    ],
];

#[cfg_attr(test, test)]
pub(crate) fn a_signature_is_the_printed_one_of_rfc_8032() {
    for [seed, public, signature] in PRINTED {
        let public: [u8; 32] = octets(public);
        let message = match public[0] {
            0xd7 => Vec::new(),
            0x3d => vec![0x72],
            0xfc => vec![0xaf, 0x82],
            0x27 => long_message(&public),
            _ => Sha512::digest("abc").to_vec(),
        };
        let key = SecretKey::new(&octets(seed));
        assert_eq!(key.public(), &public);
        assert_eq!(key.sign(&message), octets::<64>(signature));
    }
}

/// The message of 1,023 octets, which Project Wycheproof has, too.
fn long_message(public: &[u8; 32]) -> Vec<u8> {
    use wycheproof::eddsa;

    let set = eddsa::TestSet::load(eddsa::TestName::Ed25519).unwrap();
    let mut groups = set.test_groups.into_iter();
    let group = groups.find(|group| group.key.pk.as_slice() == public);
    let message = group.unwrap().tests.swap_remove(0).msg.to_vec();
    assert_eq!(message.len(), 1_023);
    message
}

#[cfg_attr(test, test)]
pub(crate) fn a_signature_is_that_of_the_crate() {
    let random = &mut Random::new(6);
    for case in 0..KEYS {
        let seed = random.octets(32).try_into().unwrap();
        // Around the ends of the blocks of SHA-512, too.
        let length = [random.below(300), 64 + case % 256][case % 2];
        agrees(&seed, &random.octets(length));
    }
}

#[cfg_attr(test, test)]
pub(crate) fn seeds_and_messages_of_zeros_and_ones_are_no_exception() {
    for octet in [0, 1, 0x7f, 0x80, 0xff] {
        for length in [0, 1, 31, 32, 95, 96, 111, 112, 127, 128, 129, 5_000] {
            agrees(&[octet; 32], &vec![octet; length]);
        }
    }
}

/// Scalars whose sums, products and multiples are at the limits: around 0, the order, its half and powers of two.
fn edges() -> Vec<Scalar> {
    let two = Scalar::from(2_u8);
    let powers = (0..253).scan(Scalar::ONE, |power, _| {
        let this = *power;
        *power *= two;
        Some(this)
    });
    let small = (0..20_u8).map(Scalar::from);
    let half = two.invert();
    let clamped = [[0; 32], [0xff; 32]].map(|mut octets| {
        octets[0] &= 0xf8;
        octets[31] = octets[31] & 0x7f | 0x40;
        Scalar::from_bytes_mod_order(octets)
    });
    powers
        .chain(small)
        .chain([half, half - Scalar::ONE])
        .chain(clamped)
        .flat_map(|scalar| [scalar, -scalar, scalar - Scalar::ONE])
        .collect()
}

fn digits(mut octets: [u8; 32]) -> [i32; 9] {
    octets.reverse();
    digits_from_octets(&octets)
}

#[cfg_attr(test, test)]
pub(crate) fn a_multiple_by_a_scalar_at_the_limits_is_that_of_the_crate() {
    for scalar in edges() {
        let residue = ScalarResidue::from_integer(digits(scalar.to_bytes()));
        assert_eq!(least(&residue), digits(scalar.to_bytes()));
        let [x, y] = affine(&multiple(&residue, base_odd().point())).map(|it| least(&it));
        let mut encoding = EdwardsPoint::mul_base(&scalar).compress().to_bytes();
        assert_eq!(x[0] & 1, i32::from(encoding[31] >> 7), "{scalar:?}");
        encoding[31] &= 0x7f;
        assert_eq!(y, digits(encoding), "{scalar:?}");
    }
}

#[cfg_attr(test, test)]
pub(crate) fn a_response_at_the_limits_is_that_of_the_crate() {
    let random = &mut Random::new(7);
    let edges = edges();
    let residue = |scalar: &Scalar| ScalarResidue::from_integer(digits(scalar.to_bytes()));
    for _ in 0..KEYS {
        let [nonce, challenge, secret] = [(); 3].map(|()| &edges[random.below(edges.len())]);
        let expected = nonce + challenge * secret;
        let [r, k, a] = [nonce, challenge, secret].map(residue);
        assert_eq!(response(&r, &k, &a), digits(expected.to_bytes()));
    }
}

#[cfg_attr(test, test)]
pub(crate) fn a_hash_is_reduced_as_by_the_crate() {
    let random = &mut Random::new(8);
    for case in 0..KEYS {
        let mut hash: [u8; 64] = random.octets(64).try_into().unwrap();
        if case < 2 {
            hash = [[0; 64], [0xff; 64]][case];
        }
        let expected = Scalar::from_bytes_mod_order_wide(&hash);
        hash.reverse();
        let digits_of_hash = digits_from_octets::<18>(&hash);
        let half = |start| core::array::from_fn(|i| digits_of_hash[start + i]);
        let reduced = ed25519_scalar::reduced(half(0), half(9));
        assert_eq!(least(&reduced), digits(expected.to_bytes()));
    }
}

thread_local! {
    /// How many operations were executed, and a hash of what they were, in their order.
    static TRACE: Cell<(u64, u64)> = const { Cell::new((0, 0)) };
}

/// Records an operation and its public parameter.
fn record(operation: u8, parameter: i64) {
    let (count, hash) = TRACE.get();
    let mixed = (hash ^ u64::from(operation) ^ parameter.cast_unsigned() << 8)
        .wrapping_mul(0x9e37_79b9_7f4a_7c15);
    TRACE.set((count + 1, mixed ^ mixed >> 29));
}

/// A digit that records each operation on it.
#[derive(Clone, Copy, Debug)]
struct Traced(i32);

/// A column that records each operation on it.
#[derive(Clone, Copy, Debug)]
struct TracedColumn(i64);

impl From<i32> for Traced {
    fn from(value: i32) -> Self {
        record(1, value.into());
        Self(value)
    }
}

impl Add for Traced {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        record(2, 0);
        Self(self.0 + other.0)
    }
}

impl Sub for Traced {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        record(3, 0);
        Self(self.0 - other.0)
    }
}

impl Mul<i32> for Traced {
    type Output = Self;

    fn mul(self, factor: i32) -> Self {
        record(4, factor.into());
        Self(self.0 * factor)
    }
}

impl Digit for Traced {
    type Column = TracedColumn;

    fn negated(self, sign: i32) -> Self {
        record(5, sign.into());
        Self(self.0.negated(sign))
    }

    fn masked<const N: usize>(digits: [Self; N], mask: Self) -> [Self; N] {
        record(6, i64::try_from(N).unwrap());
        i32::masked(digits.map(|digit| digit.0), mask.0).map(Self)
    }
}

impl From<i64> for TracedColumn {
    fn from(value: i64) -> Self {
        record(7, value);
        Self(value)
    }
}

impl From<Traced> for TracedColumn {
    fn from(Traced(value): Traced) -> Self {
        record(8, 0);
        Self(value.into())
    }
}

impl Add for TracedColumn {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        record(9, 0);
        Self(self.0 + other.0)
    }
}

impl AddAssign for TracedColumn {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for TracedColumn {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        record(10, 0);
        Self(self.0 - other.0)
    }
}

impl Mul for TracedColumn {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        record(11, 0);
        Self(self.0 * other.0)
    }
}

impl Shr<u32> for TracedColumn {
    type Output = Self;

    fn shr(self, bits: u32) -> Self {
        record(12, bits.into());
        Self(self.0 >> bits)
    }
}

impl Column<Traced> for TracedColumn {
    fn centred_product(self, factor: i64) -> Self {
        record(13, factor);
        Self(self.0.centred_product(factor))
    }

    fn rounded(self, bits: u32) -> (Self, Self) {
        record(14, bits.into());
        let (multiple, rest) = self.0.rounded(bits);
        (Self(multiple), Self(rest))
    }

    fn floored(self, bits: u32) -> (Self, Self) {
        record(15, bits.into());
        let (multiple, rest) = self.0.floored(bits);
        (Self(multiple), Self(rest))
    }

    fn narrowed(self) -> Traced {
        record(16, 0);
        Traced(self.0.narrowed())
    }
}

/// What was recorded while a key with this secret scalar signed a message with this hash for its nonce: the same functions as
/// `SecretKey` calls, and S, which must be right.
fn trace(secret: &Scalar, nonce: [u8; 64], challenge: &Scalar) -> (u64, u64) {
    let traced = |integer: [i32; 9]| integer.map(Traced);
    let constant = |residue: &Residue<_, 9>| Residue::from_digits(traced(residue.0));
    let base = base_odd().point();
    let base = Summand {
        sum: constant(&base.sum),
        difference: constant(&base.difference),
        product: constant(&base.product),
    };
    let expected = Scalar::from_bytes_mod_order_wide(&nonce) + challenge * secret;
    let mut octets = nonce;
    octets.reverse();
    let hash = digits_from_octets::<18>(&octets);
    let half = |start| traced(core::array::from_fn(|i| hash[start + i]));
    TRACE.set((0, 0));
    let secret = ScalarResidue::from_integer(traced(digits(secret.to_bytes())));
    let [x, y] = affine(&multiple(&secret, &base));
    let public = [least(&x), least(&y)];
    let nonce = ed25519_scalar::reduced(half(0), half(9));
    let [x, y] = affine(&multiple(&nonce, &base));
    let r = [least(&x), least(&y)];
    let challenge = ScalarResidue::from_integer(traced(digits(challenge.to_bytes())));
    let s = response(&nonce, &challenge, &secret);
    assert_eq!(s.map(|digit| digit.0), digits(expected.to_bytes()));
    assert!(
        [public, r]
            .as_flattened()
            .as_flattened()
            .iter()
            .all(|digit| digit.0 >= 0)
    );
    TRACE.get()
}

/// Edges of scalars, and random ones.
#[cfg_attr(test, test)]
pub(crate) fn the_operations_on_digits_are_the_same_for_every_secret() {
    let random = &mut Random::new(9);
    let challenge = Scalar::from_bytes_mod_order(random.octets(32).try_into().unwrap());
    let expected = trace(&Scalar::ONE, [1; 64], &challenge);
    assert!(expected.0 > 1_000_000, "{expected:?}");
    let edges = edges();
    for case in 0..40 {
        let secret = match case % 3 {
            0 => Scalar::from_bytes_mod_order(random.octets(32).try_into().unwrap()),
            _ => edges[random.below(edges.len())],
        };
        let nonce = match case {
            0 => [0; 64],
            1 => [0xff; 64],
            _ => random.octets(64).try_into().unwrap(),
        };
        assert_eq!(trace(&secret, nonce, &challenge), expected, "case {case}");
    }
    for secret in [Scalar::ZERO, Scalar::ONE, -Scalar::ONE] {
        assert_eq!(trace(&secret, [0; 64], &challenge), expected, "{secret:?}");
    }
}
