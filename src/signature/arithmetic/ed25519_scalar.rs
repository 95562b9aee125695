//! SHA-512 as scalars of Ed25519 (RFC 8032 section 5.1.6), in constant time: a nonce is secret (see `ed25519_sign.rs`).
#![expect(
    clippy::indexing_slicing,
    reason = "every index is below the length of an array"
)]

use sha2::{Digest, Sha512};

use super::edwards::Order;
use super::field::{Digit, Residue, digits_from_octets};

/// A number modulo the order of the base point.
pub type ScalarResidue<D = i32> = Residue<Order, 9, D>;

/// The SHA-512 of these texts, one after the other.
#[inline(never)]
pub fn hash(texts: &[&[u8]]) -> [u8; 64] {
    let mut hash = Sha512::new();
    for text in texts {
        hash.update(text);
    }
    hash.finalize().into()
}

/// The same hash as a scalar: a little-endian number modulo the order.
pub fn hashed(texts: &[&[u8]]) -> ScalarResidue {
    let mut octets = hash(texts);
    octets.reverse();
    let digits = digits_from_octets::<18>(&octets);
    let half = |start| core::array::from_fn(|i| digits[start + i]);
    reduced(half(0), half(9))
}

/// `low + 2^261 high` modulo the order, in Montgomery form; of weight 2.
pub fn reduced<D: Digit>(low: [D; 9], high: [D; 9]) -> ScalarResidue<D> {
    // The upper half counts R = 2^261, and Montgomery form is a multiple by R.
    let high = ScalarResidue::from_integer(ScalarResidue::from_integer(high).0);
    ScalarResidue::from_integer(low).add(&high)
}
