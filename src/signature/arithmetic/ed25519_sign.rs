//! Ed25519 signing (RFC 8032 section 5.1.6) in constant time.
//!
//! # Secrets
//!
//! The seed is secret, and so are its hash (the scalar and the prefix), the nonce of each signature, and every number
//! computed from these until it is published. The projective coordinates of a multiple of the base point are secret, too:
//! they depend on the additions that led to it. The public key, R, S, the challenge and the message are public.
//!
//! # Constant time
//!
//! No branch, no index, no length of a loop and no divisor depends on a secret. Each operation, and why:
//!
//! - **Digits.** What computes with secrets is generic over [`Digit`]. That trait has no comparison and no conversion to an
//!   integer, a `bool` or an index (`Debug` is for the tests), so such a function cannot branch on a digit. For `i32` its
//!   operations are additions, multiplications, shifts and masks of machine integers. The loops of `field.rs` and
//!   `edwards.rs` run over the nine digits. The parameter `sign` of [`Point::add`] selects a branch; it is a constant here.
//! - **Multiples of the base point**: one doubling and one addition for each of the 261 bits that nine digits have. A mask
//!   selects the summand, the base point or the neutral point. The formulas are complete, so the neutral point is not a
//!   special case.
//! - **Affine coordinates**: 1/Z is Z^(p − 2) (Fermat), by a fixed sequence of squares and products.
//! - **Least integers**: a product is within ± 0.7 of the modulus (`field.rs`). The modulus is added under the mask of the
//!   sign.
//! - **Scalars** are multiplied and reduced by Montgomery multiplication, without a division.
//! - **Octets** are read into digits, and written from them, by shifts that depend on the place alone.
//! - **SHA-512** has no branch and no table index that depends on what is hashed.
//!
//! [`Residue::least`], [`Residue::inverse`], `==` and the signed digits of `recode.rs` take variable time. Nothing here
//! calls them with a secret.
//!
//! The processor has to multiply integers of 64 bits in constant time, as those that run servers do. WebAssembly promises
//! nothing about time; engines compile the instructions used here one by one.
//!
//! `tests/arithmetic_ed25519_sign.rs` compares the sequences of operations for different secrets, and
//! `tests/arithmetic_bounds.rs` runs the same functions with ranges.
#![expect(
    clippy::as_conversions,
    clippy::indexing_slicing,
    reason = "every index is below a constant, and a window of 8 bits is an octet"
)]

use core::fmt;

use super::ed25519::base_odd;
use super::ed25519_scalar::{ScalarResidue, hash, hashed};
use super::edwards::{Coordinate, Point, Prime, Summand, to_fifth_of_eighth};
use super::field::{BITS, Column, Digit, Modulus, Residue, digits_from_octets, unsigned};
use super::recode::window;

/// A private key: the seed's hash, and the public key.
pub struct SecretKey {
    scalar: ScalarResidue,
    prefix: [u8; 32],
    public: [u8; 32],
}

impl SecretKey {
    /// The private key of this seed, which JWK calls `d` (RFC 8037 section 2).
    pub fn new(seed: &[u8; 32]) -> Self {
        let hash = hash(&[seed]);
        let (mut scalar, mut prefix) = ([0; 32], [0; 32]);
        scalar.copy_from_slice(&hash[..32]);
        prefix.copy_from_slice(&hash[32..]);
        scalar[0] &= 0xf8;
        scalar[31] = scalar[31] & 0x7f | 0x40;
        scalar.reverse();
        let scalar = ScalarResidue::from_integer(digits_from_octets(&scalar));
        Self {
            scalar,
            prefix,
            public: encoded_multiple(&scalar),
        }
    }

    /// The encoding of the public key.
    pub fn public(&self) -> &[u8; 32] {
        &self.public
    }

    /// The signature of `message`.
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        let nonce = hashed(&[&self.prefix, message]);
        let r = encoded_multiple(&nonce);
        let challenge = hashed(&[&r, &self.public, message]);
        let mut signature = [0; 64];
        signature[..32].copy_from_slice(&r);
        signature[32..].copy_from_slice(&octets(&response(&nonce, &challenge, &self.scalar)));
        signature
    }
}

impl Drop for SecretKey {
    /// Overwrites the secrets; copies that the compiler made elsewhere remain.
    fn drop(&mut self) {
        self.scalar = ScalarResidue::from_digits([0; 9]);
        self.prefix = [0; 32];
        core::hint::black_box(self);
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey")
    }
}

/// The encoding of a multiple of the base point (RFC 8032 section 5.1.2).
fn encoded_multiple(scalar: &ScalarResidue) -> [u8; 32] {
    let [x, y] = affine(&multiple(scalar, base_odd().point())).map(|coordinate| least(&coordinate));
    let mut encoding = octets(&y);
    encoding[31] |= (x[0] as u8 & 1) << 7;
    encoding
}

/// The 32 little-endian octets of non-negative digits.
fn octets(digits: &[i32; 9]) -> [u8; 32] {
    core::array::from_fn(|place| window(digits, 8 * place as u32, 8) as u8)
}

/// S = r + k a modulo the order, as the least integer.
pub fn response<D: Digit>(
    nonce: &ScalarResidue<D>,
    challenge: &ScalarResidue<D>,
    secret: &ScalarResidue<D>,
) -> [D; 9] {
    least(&challenge.mul(secret).add(nonce))
}

/// A multiple of the base point.
pub fn multiple<D: Digit>(scalar: &ScalarResidue<D>, base: &Summand<D>) -> Point<D> {
    let (zero, one) = (Residue::constant(&[0; 9]), Residue::constant(&Prime::R));
    let mut point = Point {
        x: zero,
        y: one,
        z: one,
        t: zero,
    };
    for &digit in least(scalar).iter().rev() {
        for place in (0..BITS).rev() {
            let (above, _) = D::Column::from(digit).floored(place);
            let (_, bit) = above.floored(1);
            let mask = D::from(0) - bit.narrowed();
            // The summand of the neutral point is 1, 1 and 0.
            let summand = Summand {
                sum: selected(&one, &base.sum, mask),
                difference: selected(&one, &base.difference, mask),
                product: selected(&zero, &base.product, mask),
            };
            point = point.double(true).add(&summand, 0);
        }
    }
    point
}

/// The affine coordinates x and y.
pub fn affine<D: Digit>(point: &Point<D>) -> [Coordinate<D>; 2] {
    // p − 2 = 8 (2^252 − 3) + 3.
    let eighth = to_fifth_of_eighth(&point.z);
    let cube = point.z.square().mul(&point.z);
    let inverse = eighth.square().square().square().mul(&cube);
    [point.x, point.y].map(|coordinate| coordinate.mul(&inverse))
}

/// The first residue if the mask is 0, the second if it is −1.
#[inline(never)]
fn selected<D: Digit>(first: &Coordinate<D>, second: &Coordinate<D>, mask: D) -> Coordinate<D> {
    first.add(&Residue::from_digits(D::masked(second.sub(first).0, mask)))
}

/// The least non-negative integer of a residue in Montgomery form.
pub fn least<P: Modulus<9>, D: Digit>(residue: &Residue<P, 9, D>) -> [D; 9] {
    let modulus = P::DIGITS.map(|digit| D::from(digit as i32));
    non_negative(&residue.out_of_montgomery_form().0, &modulus)
}

/// The digits, plus those of the modulus if their number is negative.
#[inline(never)]
fn non_negative<D: Digit>(digits: &[D; 9], modulus: &[D; 9]) -> [D; 9] {
    let digits = unsigned(digits);
    let (sign, _) = D::Column::from(digits[8]).floored(31);
    let modulus = D::masked(*modulus, sign.narrowed());
    unsigned(&core::array::from_fn(|i| digits[i] + modulus[i]))
}
