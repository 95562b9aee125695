//! RSASSA-PKCS1-v1_5 and RSASSA-PSS ([RFC 7518 section 3.3], [section 3.5]).
//!
//! The whole padding is checked here; the exponentiation is the kernel's, or the host's.
//!
//! [RFC 7518 section 3.3]: https://www.rfc-editor.org/rfc/rfc7518#section-3.3
//! [section 3.5]: https://www.rfc-editor.org/rfc/rfc7518#section-3.5

use std::fmt;
use std::sync::{Arc, OnceLock};

use sha2::{Digest, Sha256, Sha384, Sha512};

use super::arithmetic::rsa::{MODULUS_OCTETS, PublicKey};
use crate::encoding::octets::same;
use crate::encoding::sha256::Message;
use crate::error::Error;
use crate::jose::alg::Alg;

/// A public key. What its exponentiation needs is computed at first use: most keys of a set are
/// never used, and preparing one of 8192 bits takes about a millisecond.
pub(super) struct Key {
    bits: u32,
    /// Big-endian, without leading zeros.
    modulus: Box<[u8]>,
    exponent: Box<[u8]>,
    /// `None` for numbers that the kernel does not take.
    public: OnceLock<Option<Box<PublicKey>>>,
    host: Option<Raised>,
}

/// Prepares the host's RSA public operation (`node:crypto`) for a modulus and an exponent; `None` if it does not support
/// them.
pub(crate) type Host = Arc<dyn Fn(&[u8], &[u8]) -> Option<Power> + Send + Sync>;

/// Raises a signature, as long as the modulus and below it, to the exponent and writes the result to as many octets; false
/// if it fails.
pub(crate) type Power = Box<dyn Fn(&[u8], &mut [u8]) -> bool + Send + Sync>;

/// A host-backed key; its result is trusted only after one agreed with the kernel's (self-test).
struct Raised {
    host: Host,
    trusted: OnceLock<Option<Power>>,
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
        let bits = u32::try_from(8 * modulus.len()).ok();
        let bits = bits.and_then(|bits| bits.checked_sub(leading));
        Ok(Self {
            bits: bits.ok_or_else(|| Error::keys("n", "a positive number"))?,
            modulus: modulus.into(),
            exponent: exponent.into(),
            public: OnceLock::new(),
            host: None,
        })
    }

    /// Delegates the exponentiation to `host`.
    #[cfg(any(test, feature = "wasm"))]
    pub(super) fn raised_by(&mut self, host: &Host) {
        self.host = Some(Raised {
            host: Arc::clone(host),
            trusted: OnceLock::new(),
        });
    }

    pub(super) fn verify(&self, alg: Alg, message: &Message<'_>, signature: &[u8]) -> Option<()> {
        let mut longest = [0; MODULUS_OCTETS];
        let encoded = longest.get_mut(..signature.len())?;
        self.power(signature, encoded)?;
        let octets = message.octets();
        match alg {
            Alg::Rs256 => check_pkcs1(encoded, &SHA256_INFO, &message.sha256()),
            Alg::Rs384 => check_pkcs1(encoded, &SHA384_INFO, &Sha384::digest(octets)),
            Alg::Rs512 => check_pkcs1(encoded, &SHA512_INFO, &Sha512::digest(octets)),
            Alg::Ps256 => check_pss(encoded, self.bits, &message.sha256(), hash::<Sha256>),
            Alg::Ps384 => check_pss(encoded, self.bits, &Sha384::digest(octets), hash::<Sha384>),
            Alg::Ps512 => check_pss(encoded, self.bits, &Sha512::digest(octets), hash::<Sha512>),
            _ => None,
        }
    }

    /// RSAVP1: puts `signature`, which is as long as the modulus and below it, to the public exponent
    /// into as many octets (RFC 8017 sections 5.2.2 and 8.2.2).
    fn power(&self, signature: &[u8], power: &mut [u8]) -> Option<()> {
        if signature.len() != self.modulus.len() || *signature >= *self.modulus {
            return None;
        }
        let host = self.host.as_ref();
        if host.is_some_and(|host| host.power(signature, power)) {
            return Some(());
        }
        let prepare = || PublicKey::new(&self.modulus, &self.exponent).map(Box::new);
        let public = self.public.get_or_init(prepare).as_ref()?;
        if !public.power(signature, power) {
            return None;
        }
        if let Some(host) = host {
            host.prove(self, signature, power);
        }
        Some(())
    }
}

impl Raised {
    /// Puts the host's result into `power`, if the host is trusted with this key.
    fn power(&self, signature: &[u8], power: &mut [u8]) -> bool {
        let trusted = self.trusted.get().and_then(Option::as_ref);
        trusted.is_some_and(|raise| raise(signature, power))
    }

    /// Compares the host's result for `signature` with the `known` one; the first comparison decides
    /// whether the host is trusted with this key.
    fn prove(&self, key: &Key, signature: &[u8], known: &[u8]) {
        self.trusted.get_or_init(|| {
            let raise = (self.host)(&key.modulus, &key.exponent)?;
            let mut power = [0; MODULUS_OCTETS];
            let power = power.get_mut(..signature.len())?;
            (raise(signature, power) && power == known).then_some(raise)
        });
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({} bits)", self.bits)
    }
}

impl fmt::Debug for Raised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Raised")
    }
}

/// A hash function, of octets in parts. Behind a hash of less than 64 octets are zeros.
type Hash = fn(&[&[u8]]) -> [u8; 64];

fn hash<D: Digest>(parts: &[&[u8]]) -> [u8; 64] {
    let hash = parts
        .iter()
        .fold(D::new(), |hash, part| hash.chain_update(part));
    let mut octets = [0; 64];
    octets
        .iter_mut()
        .zip(hash.finalize())
        .for_each(|(place, octet)| *place = octet);
    octets
}

/// Whether `encoded` is the one EMSA-PKCS1-v1_5 encoding of a message of that `hash`, all of it
/// compared (RFC 8017 section 9.2).
fn check_pkcs1(encoded: &[u8], info: &[u8], hash: &[u8]) -> Option<()> {
    let padding = encoded
        .len()
        .checked_sub(info.len() + hash.len() + 3)
        .filter(|ps| *ps >= 8)?;
    let mut expected = [0xff; MODULUS_OCTETS];
    let expected = expected.get_mut(..encoded.len())?;
    let (start, rest) = expected.split_first_chunk_mut()?;
    *start = [0, 1];
    let end = [0].iter().chain(info).chain(hash);
    let places = rest.iter_mut().skip(padding);
    places.zip(end).for_each(|(place, octet)| *place = *octet);
    same(encoded, expected).then_some(())
}

/// Whether `encoded` is an EMSA-PSS encoding of a message of that hash, the salt as long as it, in
/// `modulus_bits - 1` bits (RFC 8017 section 9.1.2, whose steps are numbered below).
fn check_pss(encoded: &mut [u8], modulus_bits: u32, message_hash: &[u8], hash: Hash) -> Option<()> {
    let hash_octets = message_hash.len();
    let bits = modulus_bits.checked_sub(1)?;
    let octets = usize::try_from(bits.div_ceil(8)).ok()?;
    // One octet less than the modulus if that has 8k + 1 bits (section 8.1.2, step 2c).
    let (above, encoded) = encoded.split_at_mut_checked(encoded.len().checked_sub(octets)?)?;
    if above.iter().any(|octet| *octet != 0) {
        return None;
    }
    // Step 3.
    let padding = octets.checked_sub(2 * hash_octets + 2)?;
    // Steps 4 and 5.
    let (trailer, rest) = encoded.split_last_mut()?;
    if *trailer != 0xbc {
        return None;
    }
    let (block, seed) = rest.split_at_mut_checked(octets.checked_sub(hash_octets + 1)?)?;
    // Step 6.
    let unused_bits = (8 - bits % 8) % 8;
    let first_mask = 0xff_u8.checked_shr(unused_bits)?;
    if block.first()? & !first_mask != 0 {
        return None;
    }
    // Steps 7 to 9.
    let masked = block.iter_mut().zip(mask(seed, hash));
    masked.for_each(|(octet, mask)| *octet ^= mask);
    *block.first_mut()? &= first_mask;
    // Step 10.
    let (zeros, rest) = block.split_at_checked(padding)?;
    let (one, salt) = rest.split_first()?;
    if *one != 1 || zeros.iter().any(|octet| *octet != 0) {
        return None;
    }
    // Steps 11 to 14.
    let expected = hash(&[&[0; 8], message_hash, salt]);
    expected.starts_with(seed).then_some(())
}

/// MGF1 of a seed as long as a hash: as many octets as are asked for (RFC 8017 appendix B.2.1).
fn mask(seed: &[u8], hash: Hash) -> impl Iterator<Item = u8> {
    (0_u32..).flat_map(move |counter| {
        let hash = hash(&[seed, &counter.to_be_bytes()]);
        hash.into_iter().take(seed.len())
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

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// A modulus of 2048 bits, nothing else being asked of it here.
    const MODULUS: [u8; 256] = [0xC5; 256];
    const EXPONENT: [u8; 3] = [1, 0, 1];
    const BASE: [u8; 256] = [0x5A; 256];

    fn key() -> Option<Key> {
        Key::new(&MODULUS, &EXPONENT).ok()
    }

    fn power(key: &Key, signature: &[u8]) -> Option<Vec<u8>> {
        let mut power = vec![7; signature.len()];
        key.power(signature, &mut power).map(|()| power)
    }

    /// What three powers come to where a host gives `answers`, and how often it was asked.
    fn powers(answers: impl IntoIterator<Item = Option<Vec<u8>>>) -> (Vec<Option<Vec<u8>>>, usize) {
        let answers: Vec<_> = answers.into_iter().collect();
        let left = Arc::new(Mutex::new(
            answers
                .into_iter()
                .collect::<std::collections::VecDeque<_>>(),
        ));
        let asked = Arc::new(Mutex::new(0));
        let host: Host = {
            let (left, asked) = (Arc::clone(&left), Arc::clone(&asked));
            Arc::new(move |modulus, exponent| {
                assert_eq!((modulus, exponent), (&MODULUS[..], &EXPONENT[..]));
                let (left, asked) = (Arc::clone(&left), Arc::clone(&asked));
                let answer = move || {
                    asked.lock().map(|mut asked| *asked += 1).ok()?;
                    left.lock().ok()?.pop_front()?
                };
                Some(Box::new(move |_: &[u8], power: &mut [u8]| {
                    // What a host that fails has left in the place is not read.
                    power.fill(9);
                    answer().is_some_and(|answer| {
                        power.copy_from_slice(&answer);
                        true
                    })
                }))
            })
        };
        let mut key = key();
        if let Some(key) = &mut key {
            key.raised_by(&host);
        }
        let powers = (0..3).map(|_| power(key.as_ref()?, &BASE)).collect();
        let asked = asked.lock().map(|asked| *asked).unwrap_or_default();
        (powers, asked)
    }

    #[test]
    fn a_host_is_used_for_a_key_once_a_result_agreed_with_the_kernel() {
        let known = key().and_then(|key| power(&key, &BASE));
        assert!(known.is_some());
        let other = Some(vec![7; 256]);
        // Believed, for better and for worse.
        let (came_to, asked) = powers([known.clone(), known.clone(), other.clone()]);
        assert_eq!(
            (came_to, asked),
            (vec![known.clone(), known.clone(), other.clone()], 3)
        );
        // Not trusted, and not called again.
        for first in [other, None] {
            let (came_to, asked) = powers([first, known.clone(), known.clone()]);
            assert_eq!((came_to, asked), (vec![known.clone(); 3], 1));
        }
        // What fails is done here.
        let (came_to, asked) = powers([known.clone(), None, None]);
        assert_eq!((came_to, asked), (vec![known; 3], 3));
    }

    #[test]
    fn a_host_is_never_asked_about_what_is_no_residue() {
        let host: Host = Arc::new(|_, _| Some(Box::new(|_: &[u8], _: &mut [u8]| true)));
        let mut key = key();
        if let Some(key) = &mut key {
            key.raised_by(&host);
        }
        let long = [&[0], &BASE[..]].concat();
        for signature in [&MODULUS[..], &[0xFF; 256], &BASE[1..], &long, &[]] {
            assert_eq!(key.as_ref().and_then(|key| power(key, signature)), None);
        }
    }
}
