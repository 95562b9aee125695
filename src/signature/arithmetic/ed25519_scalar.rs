//! Scalars of Ed25519, made from SHA-512 (RFC 8032 section 5.1), in constant time: some of what is hashed is secret.
#![expect(
    clippy::indexing_slicing,
    reason = "every index is below the length of an array"
)]

use sha2::{Digest, Sha512};

use super::edwards::Order;
use super::field::{Digit, Residue, digits_from_octets};

/// A number modulo the order of the base point.
pub type Scalar<D = i32> = Residue<Order, 9, D>;

/// The SHA-512 of these texts, one after the other.
#[inline(never)]
pub fn hash(texts: [&[u8]; 3]) -> [u8; 64] {
    let mut hash = Sha512::new();
    for text in texts {
        hash.update(text);
    }
    hash.finalize().into()
}

/// The same hash as a scalar: a little-endian number modulo the order.
pub fn hashed(texts: [&[u8]; 3]) -> Scalar {
    let mut octets = hash(texts);
    octets.reverse();
    let digits = digits_from_octets::<18>(&octets);
    let half = |start| core::array::from_fn(|i| digits[start + i]);
    reduced(half(0), half(9))
}

/// `low + 2^261 high` modulo the order, in Montgomery form; of weight 2.
pub fn reduced<D: Digit>(low: [D; 9], high: [D; 9]) -> Scalar<D> {
    // The upper half counts R = 2^261, and Montgomery form is a multiple by R.
    let high = Scalar::from_integer(Scalar::from_integer(high).0);
    Scalar::from_integer(low).add(&high)
}
