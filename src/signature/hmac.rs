//! HMAC with SHA-2 ([RFC 7518 section 3.2]): whole tags, compared in constant time.
//!
//! [RFC 7518 section 3.2]: https://www.rfc-editor.org/rfc/rfc7518#section-3.2

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Sha256, Sha384, Sha512};

use crate::error::Error;
use crate::jose::alg::Alg;

/// The key schedules of a secret, one for each hash.
pub(super) struct Key {
    sha256: Hmac<Sha256>,
    sha384: Hmac<Sha384>,
    sha512: Hmac<Sha512>,
}

impl Key {
    pub(super) fn new(secret: &[u8]) -> Result<Self, Error> {
        let unusable = |_| Error::keys("k", "a secret that HMAC can use");
        Ok(Self {
            sha256: KeyInit::new_from_slice(secret).map_err(unusable)?,
            sha384: KeyInit::new_from_slice(secret).map_err(unusable)?,
            sha512: KeyInit::new_from_slice(secret).map_err(unusable)?,
        })
    }

    pub(super) fn verify(&self, alg: Alg, message: &[u8], tag: &[u8]) -> Option<()> {
        match alg {
            Alg::Hs256 => verify(&self.sha256, message, tag),
            Alg::Hs384 => verify(&self.sha384, message, tag),
            Alg::Hs512 => verify(&self.sha512, message, tag),
            _ => None,
        }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key")
    }
}

fn verify<M: Mac + Clone>(schedule: &M, message: &[u8], tag: &[u8]) -> Option<()> {
    schedule
        .clone()
        .chain_update(message)
        .verify_slice(tag)
        .ok()
}

/// The HS256 signature of `message`, for receipts.
pub(crate) fn sign_sha256(secret: &[u8], message: &[u8]) -> Result<Vec<u8>, Error> {
    let Key { sha256, .. } = Key::new(secret)?;
    Ok(sha256
        .chain_update(message)
        .finalize()
        .into_bytes()
        .to_vec())
}
