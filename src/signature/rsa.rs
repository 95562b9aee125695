//! RSASSA-PKCS1-v1_5 and RSASSA-PSS ([RFC 7518 section 3.3], [section 3.5]).
//!
//! The padding is checked here, as a whole; only the power is somebody else's.
//!
//! [RFC 7518 section 3.3]: https://www.rfc-editor.org/rfc/rfc7518#section-3.3
//! [section 3.5]: https://www.rfc-editor.org/rfc/rfc7518#section-3.5

use sha2::{Digest, Sha256, Sha384, Sha512};

use super::arithmetic::rsa::PublicKey;
use crate::error::Error;
use crate::jose::alg::Alg;

/// A modulus and an exponent, prepared to raise to it.
#[derive(Debug)]
pub(super) struct Key {
    bits: u32,
    public: PublicKey,
}

impl Key {
    pub(super) fn new(modulus: &[u8], exponent: &[u8]) -> Result<Self, Error> {
        if is_roca(modulus) {
            return Err(Error::keys(
                "n",
                "a modulus whose factors cannot be guessed (ROCA)",
            ));
        }
        let leading = modulus.first().map_or(0, |first| first.leading_zeros());
        let bits = u32::try_from(8 * modulus.len())
            .ok()
            .and_then(|bits| bits.checked_sub(leading));
        let public = PublicKey::new(modulus, exponent);
        bits.zip(public)
            .map(|(bits, public)| Self { bits, public })
            .ok_or_else(|| Error::keys("n", "an odd modulus"))
    }

    pub(super) fn verify(&self, alg: Alg, message: &[u8], signature: &[u8]) -> Option<()> {
        let encoded = self.power(signature)?;
        match alg {
            Alg::Rs256 => check_pkcs1::<Sha256>(&encoded, &SHA256_INFO, message),
            Alg::Rs384 => check_pkcs1::<Sha384>(&encoded, &SHA384_INFO, message),
            Alg::Rs512 => check_pkcs1::<Sha512>(&encoded, &SHA512_INFO, message),
            Alg::Ps256 => check_pss::<Sha256>(&encoded, self.bits, message),
            Alg::Ps384 => check_pss::<Sha384>(&encoded, self.bits, message),
            Alg::Ps512 => check_pss::<Sha512>(&encoded, self.bits, message),
            _ => None,
        }
    }

    /// RSAVP1: `signature`, which is as long as the modulus and below it, to the public exponent
    /// (RFC 8017 sections 5.2.2 and 8.2.2).
    fn power(&self, signature: &[u8]) -> Option<Vec<u8>> {
        let mut power = Vec::new();
        let fits = self.public.power(signature, &mut power);
        fits.then_some(power)
    }
}

/// Whether `encoded` is the one EMSA-PKCS1-v1_5 encoding of `message`, all of it compared (RFC 8017
/// section 9.2).
fn check_pkcs1<D: Digest>(encoded: &[u8], info: &[u8], message: &[u8]) -> Option<()> {
    let hash = D::digest(message);
    let padding = encoded
        .len()
        .checked_sub(info.len() + hash.len() + 3)
        .filter(|ps| *ps >= 8)?;
    let expected = [&[0, 1], &*vec![0xff; padding], &[0], info, &hash].concat();
    (encoded == expected).then_some(())
}

/// Whether `encoded` is an EMSA-PSS encoding of `message`, the salt as long as the hash, in
/// `modulus_bits - 1` bits (RFC 8017 section 9.1.2, whose steps are numbered below).
fn check_pss<D: Digest>(encoded: &[u8], modulus_bits: u32, message: &[u8]) -> Option<()> {
    let message_hash = D::digest(message);
    let hash_octets = message_hash.len();
    let bits = modulus_bits.checked_sub(1)?;
    let octets = usize::try_from(bits.div_ceil(8)).ok()?;
    // One octet less than the modulus if that has 8k + 1 bits (section 8.1.2, step 2c).
    let (above, encoded) = encoded.split_at_checked(encoded.len().checked_sub(octets)?)?;
    if above.iter().any(|octet| *octet != 0) {
        return None;
    }
    // Step 3.
    let padding = octets.checked_sub(2 * hash_octets + 2)?;
    // Steps 4 and 5.
    let (trailer, rest) = encoded.split_last()?;
    if *trailer != 0xbc {
        return None;
    }
    let (masked, hash) = rest.split_at_checked(octets.checked_sub(hash_octets + 1)?)?;
    // Step 6.
    let unused_bits = (8 - bits % 8) % 8;
    let first_mask = 0xff_u8.checked_shr(unused_bits)?;
    if masked.first()? & !first_mask != 0 {
        return None;
    }
    // Steps 7 to 9.
    let mut block: Vec<u8> = masked
        .iter()
        .zip(mask::<D>(hash))
        .map(|(octet, mask)| octet ^ mask)
        .collect();
    *block.first_mut()? &= first_mask;
    // Step 10.
    let (zeros, rest) = block.split_at_checked(padding)?;
    let (one, salt) = rest.split_first()?;
    if *one != 1 || zeros.iter().any(|octet| *octet != 0) {
        return None;
    }
    // Steps 11 to 14.
    let expected = D::new()
        .chain_update([0; 8])
        .chain_update(&message_hash)
        .chain_update(salt)
        .finalize();
    (expected.as_slice() == hash).then_some(())
}

/// MGF1: as many octets as are asked for (RFC 8017 appendix B.2.1).
fn mask<D: Digest>(seed: &[u8]) -> impl Iterator<Item = u8> {
    (0_u32..).flat_map(move |counter| {
        D::new()
            .chain_update(seed)
            .chain_update(counter.to_be_bytes())
            .finalize()
            .to_vec()
    })
}

/// Whether the factors of `modulus` are powers of 65537 modulo every small prime, as those are that
/// a widespread chip made, and that can be guessed (CVE-2017-15361, "ROCA"). By chance, one modulus
/// in more than 2^27 is.
fn is_roca(modulus: &[u8]) -> bool {
    SMALL_PRIMES.into_iter().all(|prime| {
        let residue = modulus
            .iter()
            .fold(0, |rest, octet| (rest * 256 + u32::from(*octet)) % prime);
        let mut power = 1;
        for _ in 1..prime {
            if power == residue {
                return true;
            }
            power = power * 65_537 % prime;
        }
        false
    })
}

// The DER encodings of DigestInfo up to the hash (RFC 8017 section 9.2, note 1).
const SHA256_INFO: [u8; 19] = [
    0x30, 0x31, 0x30, 0x0d, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1, 5, 0, 4, 0x20,
];
const SHA384_INFO: [u8; 19] = [
    0x30, 0x41, 0x30, 0x0d, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 2, 5, 0, 4, 0x30,
];
const SHA512_INFO: [u8; 19] = [
    0x30, 0x51, 0x30, 0x0d, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 3, 5, 0, 4, 0x40,
];

/// The primes up to 167, which divide the number that the chip's primes were built around.
const SMALL_PRIMES: [u32; 38] = [
    3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97,
    101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
];
