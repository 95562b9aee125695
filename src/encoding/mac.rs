//! HMAC with SHA-2 ([RFC 2104], [RFC 7518 section 3.2]): whole tags, compared in constant time.
//!
//! [RFC 2104]: https://www.rfc-editor.org/rfc/rfc2104
//! [RFC 7518 section 3.2]: https://www.rfc-editor.org/rfc/rfc7518#section-3.2

use std::fmt;

use hmac::digest::CtOutput;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Sha256, Sha384, Sha512};

/// The key schedules of a secret for HS384 and HS512; those of HS256 are two states of `sha256.rs`.
pub struct Schedules {
    sha384: Hmac<Sha384>,
    sha512: Hmac<Sha512>,
}

impl Schedules {
    /// Those of `secret`, unless HMAC cannot use it.
    pub fn new(secret: &[u8]) -> Option<Self> {
        Some(Self {
            sha384: KeyInit::new_from_slice(secret).ok()?,
            sha512: KeyInit::new_from_slice(secret).ok()?,
        })
    }

    /// Whether `tag` is the HS384 tag of `message`.
    pub fn verify_hs384(&self, message: &[u8], tag: &[u8]) -> bool {
        verify(&self.sha384, message, tag)
    }

    /// Whether `tag` is the HS512 tag of `message`.
    pub fn verify_hs512(&self, message: &[u8], tag: &[u8]) -> bool {
        verify(&self.sha512, message, tag)
    }
}

impl fmt::Debug for Schedules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Schedules")
    }
}

/// Whether `tag` equals the computed tag, compared in constant time.
pub fn is_tag(made: &[u8; 32], tag: &[u8]) -> bool {
    let compared = |tag: [u8; 32]| CtOutput::<Hmac<Sha256>>::new(tag.into());
    <[u8; 32]>::try_from(tag).is_ok_and(|tag| compared(*made) == compared(tag))
}

fn verify<M: Mac + Clone>(schedule: &M, message: &[u8], tag: &[u8]) -> bool {
    let computed = schedule.clone().chain_update(message);
    computed.verify_slice(tag).is_ok()
}
