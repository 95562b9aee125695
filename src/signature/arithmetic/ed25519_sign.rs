//! Ed25519 signing (RFC 8032 section 5.1.6), in constant time.
//!
//! # Secrets
//!
//! Secret are the seed, its hash (the scalar and the prefix), the nonce of each signature, and all numbers that are
//! computed from these until they are published: the coordinates of a multiple of the base point, too, because its Z
//! depends on the path by which it was reached. The public key, R, S, the challenge and the message are public, and so is
//! the length of the message.
//!
//! # Constant time
//!
//! No branch, no index, no length of a loop and no divisor depends on a secret:
//!
//! - **By type.** What computes with secrets is generic over [`Digit`]. A digit cannot be compared, printed as a decision,
//!   or turned into a `bool` or an index: such code could not choose by it. The functions for a machine integer are
//!   additions, multiplications, shifts and masks (`field.rs`), and their loops run over the nine digits.
//! - **A multiple** of the base point takes one doubling and one addition for each of 253 bits. The formulas are complete:
//!   the neutral point is an operand like any other. The summand is the base point or the neutral point, chosen by a mask.
//! - **An inverse** is the power p − 2 (Fermat), by a fixed chain.
//! - **The least integer** of a residue is the residue, plus the modulus under the mask of its sign. It is in range because
//!   a product is within ± 0.7 of the modulus (see `field.rs`).
//! - **Octets** become digits by shifts whose widths depend on the place alone, and SHA-512 has neither branches nor tables
//!   that depend on what is hashed.
//!
//! `inverse.rs`, [`Residue::least`], `==` and `recode.rs` except [`window`] take variable time: nothing here uses them.
//! Where the processor multiplies 64 bits in constant time, as all that run this in practice do, so does this module.
//!
//! `tests/arithmetic_bounds.rs` runs these functions with ranges, and `tests/arithmetic_ed25519.rs` compares the operations
//! on digits for different secrets.
#![expect(
    clippy::as_conversions,
    clippy::indexing_slicing,
    reason = "every index is below a constant; an octet is the low 8 bits of a window of 8"
)]

use core::fmt;

use super::ed25519::base_odd;
use super::ed25519_scalar::{Scalar, hash, hashed};
use super::edwards::{Coordinate, Point, Prime, SCALAR_BITS, Summand, to_fifth_of_eighth};
use super::field::{BITS, Column, Digit, Modulus, Residue, digits_from_octets, unsigned};
use super::recode::window;

/// A private key: the seed's hash, and the public key.
pub struct SecretKey {
    scalar: Scalar,
    prefix: [u8; 32],
    public: [u8; 32],
}

impl SecretKey {
    /// The private key of this seed, which JWK calls `d` (RFC 8037 section 2).
    pub fn new(seed: &[u8; 32]) -> Self {
        let hash = hash([seed, &[], &[]]);
        let (mut scalar, mut prefix) = ([0; 32], [0; 32]);
        scalar.copy_from_slice(&hash[..32]);
        prefix.copy_from_slice(&hash[32..]);
        scalar[0] &= 0xf8;
        scalar[31] = scalar[31] & 0x7f | 0x40;
        scalar.reverse();
        let scalar = Scalar::from_integer(digits_from_octets(&scalar));
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
        let nonce = hashed([&self.prefix, message, &[]]);
        let r = encoded_multiple(&nonce);
        let challenge = hashed([&r, &self.public, message]);
        let mut signature = [0; 64];
        signature[..32].copy_from_slice(&r);
        signature[32..].copy_from_slice(&octets(&response(&nonce, &challenge, &self.scalar)));
        signature
    }
}

impl Drop for SecretKey {
    /// Overwrites the secrets; copies that the compiler made elsewhere remain.
    fn drop(&mut self) {
        self.scalar = Scalar::from_digits([0; 9]);
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
fn encoded_multiple(scalar: &Scalar) -> [u8; 32] {
    let [x, y] = multiple(scalar, base_odd().point());
    let mut encoding = octets(&y);
    encoding[31] |= (x[0] as u8 & 1) << 7;
    encoding
}

/// The 32 little-endian octets of non-negative digits.
fn octets(digits: &[i32; 9]) -> [u8; 32] {
    core::array::from_fn(|place| window(digits, 8 * place as u32, 8) as u8)
}

/// S = r + k a modulo the order, as the least integer.
pub fn response<D: Digit>(nonce: &Scalar<D>, challenge: &Scalar<D>, secret: &Scalar<D>) -> [D; 9] {
    least(&challenge.mul(secret).add(nonce))
}

/// The affine coordinates x and y of a multiple of the base point, as the least integers.
pub fn multiple<D: Digit>(scalar: &Scalar<D>, base: &Summand<D>) -> [[D; 9]; 2] {
    let digits = least(scalar);
    let (zero, one) = (Residue::constant(&[0; 9]), Residue::constant(&Prime::R));
    let mut point = Point {
        x: zero,
        y: one,
        z: one,
        t: zero,
    };
    for place in (0..SCALAR_BITS).rev() {
        let (above, _) = D::Column::from(digits[(place / BITS) as usize]).floored(place % BITS);
        let (_, bit) = above.floored(1);
        let mask = D::from(0) - bit.narrowed();
        // The summand of the neutral point is 1, 1 and 0.
        let summand = Summand {
            sum: selected(&one, &base.sum, mask),
            difference: selected(&one, &base.difference, mask),
            product: selected(&zero, &base.product, mask),
        };
        point = point.double().add(&summand, 0);
    }
    // Z to the power p − 2 = 8 (2^252 − 3) + 3.
    let eighth = to_fifth_of_eighth(&point.z);
    let cube = point.z.square().mul(&point.z);
    let inverse = eighth.square().square().square().mul(&cube);
    [point.x, point.y].map(|coordinate| least(&coordinate.mul(&inverse)))
}

/// The first residue if the mask is 0, the second if it is −1.
#[inline(never)]
fn selected<D: Digit>(first: &Coordinate<D>, second: &Coordinate<D>, mask: D) -> Coordinate<D> {
    first.add(&Residue::from_digits(D::masked(second.sub(first).0, mask)))
}

/// The least non-negative integer of a residue in Montgomery form.
fn least<P: Modulus<9>, D: Digit>(residue: &Residue<P, 9, D>) -> [D; 9] {
    let modulus = P::DIGITS.map(|digit| D::from(digit as i32));
    with_sign_removed(&residue.out_of_montgomery_form().0, &modulus)
}

/// The digits, plus those of the modulus if their number is negative.
#[inline(never)]
fn with_sign_removed<D: Digit>(digits: &[D; 9], modulus: &[D; 9]) -> [D; 9] {
    let digits = unsigned(digits);
    let (sign, _) = D::Column::from(digits[8]).floored(31);
    let modulus = D::masked(*modulus, sign.narrowed());
    unsigned(&core::array::from_fn(|i| digits[i] + modulus[i]))
}
