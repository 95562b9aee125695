//! Exponentiation modulo an odd number: what RSA needs of a method (RFC 8017 section 5.2.2).

/// The lengths of a modulus that the bounds are checked for, in bits.
pub const MODULUS_BITS: core::ops::RangeInclusive<usize> = 512..=8192;

/// The octets of the longest modulus.
pub const MODULUS_OCTETS: usize = *MODULUS_BITS.end() / 8;

/// A method of exponentiation, prepared for one modulus.
pub trait Exponentiation: Sized {
    /// Prepares an odd modulus of [`MODULUS_BITS`], big-endian, without leading zeros.
    fn new(modulus: &[u8]) -> Self;

    /// Writes `base`, as long as the modulus, to the power of an odd exponent from 3 on to as many octets. False if it is not
    /// below the modulus.
    fn power(&self, base: &[u8], exponent: u64, out: &mut [u8]) -> bool;
}

/// The inverse of an odd number modulo 2^64.
pub fn inverse(odd: u64) -> u64 {
    // Newton's iteration: each step doubles the number of correct low bits, of which the number itself has three.
    (0..5).fold(odd, |inverse, _| {
        inverse.wrapping_mul(2_u64.wrapping_sub(inverse.wrapping_mul(odd)))
    })
}
