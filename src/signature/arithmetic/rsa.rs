//! The public operation of RSA: a power modulo an odd number (RFC 8017 section 5.2.2).
#![expect(
    clippy::as_conversions,
    clippy::indexing_slicing,
    reason = "the zeros that lead a number are fewer than its octets or bits"
)]

use super::exponentiation::{Exponentiation, MODULUS_BITS};

pub use super::exponentiation::MODULUS_OCTETS;

/// The fastest method for the target.
#[cfg(all(target_pointer_width = "64", not(target_family = "wasm")))]
type Fastest = super::montgomery_wide::Wide;
#[cfg(target_feature = "simd128")]
type Fastest = super::montgomery::ByDigits<super::montgomery_simd::Simd>;
#[cfg(not(any(
    target_feature = "simd128",
    all(target_pointer_width = "64", not(target_family = "wasm"))
)))]
type Fastest = super::montgomery::ByDigits<super::montgomery_scalar::Sequential>;

/// A modulus and an exponent, prepared.
#[derive(Debug)]
pub struct PublicKey<E: Exponentiation = Fastest> {
    octets: usize,
    exponent: u64,
    exponentiation: E,
}

impl<E: Exponentiation> PublicKey<E> {
    /// The key with these big-endian numbers: an odd modulus of 512 to 8192 bits, and an odd
    /// exponent of 3 to 2^64 − 1. Leading zeros are ignored.
    pub fn new(modulus: &[u8], exponent: &[u8]) -> Option<Self> {
        let (modulus, exponent) = (trimmed(modulus), trimmed(exponent));
        let bits = 8 * modulus.len() - modulus.first()?.leading_zeros() as usize;
        if !MODULUS_BITS.contains(&bits) || exponent.len() > 8 || modulus.last()? % 2 == 0 {
            return None;
        }
        let power = exponent
            .iter()
            .fold(0, |sum, &octet| sum << 8 | u64::from(octet));
        if power < 3 || power % 2 == 0 {
            return None;
        }
        Some(Self {
            octets: modulus.len(),
            exponent: power,
            exponentiation: E::new(modulus),
        })
    }

    /// Writes `signature` to the power of the exponent to `out`, which is as long as the modulus.
    ///
    /// False if `signature` is not as long as the modulus or not below it; the content of `out` is then unspecified.
    pub fn power(&self, signature: &[u8], out: &mut [u8]) -> bool {
        signature.len() == self.octets
            && out.len() == self.octets
            && self.exponentiation.power(signature, self.exponent, out)
    }
}

fn trimmed(octets: &[u8]) -> &[u8] {
    let zeros = octets.iter().take_while(|&&octet| octet == 0).count();
    &octets[zeros..]
}

#[cfg(test)]
mod tests {
    use super::super::montgomery::{ByDigits, Multiplication};
    use super::super::{
        montgomery_scalar::Sequential, montgomery_simd::Simd, montgomery_wide::Wide,
    };
    use super::*;

    fn modulus() -> Vec<u8> {
        (0..=255)
            .map(|octet: u8| octet.wrapping_mul(77) | 1)
            .collect()
    }

    fn signature(factor: u8) -> Vec<u8> {
        (0..=255)
            .map(|octet: u8| octet.wrapping_mul(factor) >> 1)
            .collect()
    }

    fn power<E: Exponentiation>() -> Vec<u8> {
        let mut power = vec![0; 256];
        let key = PublicKey::<E>::new(&modulus(), &[1, 0, 1]);
        assert!(key.is_some_and(|key| key.power(&signature(31), &mut power)));
        power
    }

    #[test]
    fn all_methods_of_exponentiation_agree() {
        assert_eq!(power::<Wide>(), power::<ByDigits<Sequential>>());
        assert_eq!(power::<Wide>(), power::<ByDigits<Simd>>());
    }

    /// Moduli and exponents of one length beside those of another, good signatures beside refused ones.
    fn concurrent_exponentiations<E: Exponentiation + Sync>() {
        let moduli = [modulus(), [modulus(), modulus()].concat()];
        let keys: Vec<_> = moduli
            .iter()
            .flat_map(|modulus| PublicKey::<E>::new(modulus, &[1, 0, 1]))
            .collect();
        assert_eq!(keys.len(), 2);
        let power = |factor: u8| {
            let mut powers = Vec::new();
            for (key, modulus) in keys.iter().zip(&moduli) {
                let mut out = vec![0; modulus.len()];
                assert!(!key.power(modulus, &mut out));
                let signature = signature(factor).repeat(modulus.len() / 256);
                assert!(key.power(&signature, &mut out));
                powers.push(out);
            }
            powers
        };
        let expected = [3, 5, 7, 9].map(|factor| (factor, power(factor)));
        std::thread::scope(|scope| {
            for (factor, expected) in &expected {
                let power = &power;
                scope.spawn(move || {
                    for _ in 0..100 {
                        assert_eq!(power(*factor), *expected);
                    }
                });
            }
        });
    }

    #[test]
    fn concurrent_exponentiations_agree_with_sequential() {
        concurrent_exponentiations::<Wide>();
        concurrent_exponentiations::<ByDigits<Sequential>>();
        concurrent_exponentiations::<ByDigits<Simd>>();
        let pooled = [pooled::<Sequential>(), pooled::<Simd>()];
        assert!(
            pooled.iter().all(|count| (1..100).contains(count)),
            "{pooled:?}"
        );
    }

    fn pooled<M: Multiplication>() -> usize {
        M::pool().lock().map_or(0, |pool| pool.len())
    }
}
