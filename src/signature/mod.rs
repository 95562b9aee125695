//! Signature verification, the only entry to the cryptography ([RFC 7515 section 5.2]).
//!
//! [RFC 7515 section 5.2]: https://www.rfc-editor.org/rfc/rfc7515#section-5.2

#[cfg(not(inspection_alone))]
use countersign_arithmetic as arithmetic;

#[cfg(not(inspection_alone))]
mod ecdsa;
#[cfg(not(inspection_alone))]
mod eddsa;
#[cfg(not(inspection_alone))]
mod hmac;
#[cfg(any(test, inspection_alone))]
mod hmac_of_blocks;
#[cfg(not(inspection_alone))]
mod rsa;

#[cfg(not(inspection_alone))]
use crate::encoding::sha256::Message;
#[cfg(not(inspection_alone))]
use crate::error::Error;
#[cfg(not(inspection_alone))]
use crate::jose::alg::Alg;
#[cfg(not(inspection_alone))]
use crate::jose::jwk::Material;

#[cfg(not(inspection_alone))]
pub(crate) use eddsa::SigningKey;
#[cfg(not(inspection_alone))]
pub(crate) use hmac::{is_mac, sign_sha256 as sign_hmac_sha256};
#[cfg(inspection_alone)]
pub(crate) use hmac_of_blocks::is_mac;
#[cfg(feature = "wasm")]
pub(crate) use rsa::{Host, Power};

/// A validated key, prepared to verify many signatures.
#[cfg(not(inspection_alone))]
#[derive(Debug)]
pub(crate) struct VerificationKey(Family);

#[cfg(not(inspection_alone))]
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "keys are few, and each is asked often"
)]
enum Family {
    Hmac(hmac::Key),
    Rsa(rsa::Key),
    Ecdsa(ecdsa::Key),
    Ed25519(eddsa::Key),
}

#[cfg(not(inspection_alone))]
impl VerificationKey {
    /// Validates and prepares the key in `material`.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::KeysInvalid`](crate::error::ErrorCode::KeysInvalid), naming the invalid member: a point off its curve or of
    /// small order, a modulus whose factors are known to be guessable.
    pub(crate) fn new(material: &Material) -> Result<Self, Error> {
        Ok(Self(match material {
            Material::Secret(secret) => Family::Hmac(hmac::Key::new(secret)?),
            Material::Rsa { modulus, exponent } => Family::Rsa(rsa::Key::new(modulus, exponent)?),
            Material::Ec { curve, x, y } => Family::Ecdsa(ecdsa::Key::new(*curve, x, y)?),
            Material::Ed25519(x) => Family::Ed25519(eddsa::Key::new(x)?),
        }))
    }

    /// Delegates the exponentiation of an RSA key to `host`.
    #[cfg(feature = "wasm")]
    pub(crate) fn raised_by(&mut self, host: &Host) {
        if let Family::Rsa(key) = &mut self.0 {
            key.raised_by(host);
        }
    }
}

/// Whether [`macs`] is faster than one MAC at a time: where there are vectors. Tests use it everywhere.
pub(crate) const HAS_LANES: bool = cfg!(any(test, target_feature = "simd128"));

#[cfg(not(inspection_alone))]
/// HMAC-SHA-256 tags of messages, four at a time; `None` where the key is not a secret.
pub(crate) fn macs<'a>(
    tasks: impl Iterator<Item = Option<(&'a VerificationKey, &'a [u8])>>,
) -> Vec<Option<[u8; 32]>> {
    let secret = |(key, message): (&'a VerificationKey, _)| match &key.0 {
        Family::Hmac(key) => Some((key, message)),
        _ => None,
    };
    let tasks: Vec<_> = tasks.map(|task| task.and_then(secret)).collect();
    let mut tags = hmac::macs(tasks.iter().copied().flatten()).into_iter();
    let tag = |task: &Option<_>| task.is_some().then(|| tags.next()).flatten();
    tasks.iter().map(tag).collect()
}

/// Verifies `signature` over `signing_input` with `key` and `alg`. `None` if it is not valid, or `key` is not of the family of
/// `alg`.
#[cfg(not(inspection_alone))]
pub(crate) fn verify(
    key: &VerificationKey,
    alg: Alg,
    signing_input: &Message<'_>,
    signature: &[u8],
) -> Option<()> {
    match &key.0 {
        Family::Hmac(key) => key.verify(alg, signing_input, signature),
        Family::Rsa(key) => key.verify(alg, signing_input, signature),
        Family::Ecdsa(key) => key.verify(alg, signing_input, signature),
        Family::Ed25519(key) => key.verify(alg, signing_input.octets(), signature),
    }
}
