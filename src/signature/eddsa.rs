//! EdDSA on Ed25519 ([RFC 8037 section 3.1], [RFC 9864]), strictly.
//!
//! [RFC 8037 section 3.1]: https://www.rfc-editor.org/rfc/rfc8037#section-3.1
//! [RFC 9864]: https://www.rfc-editor.org/rfc/rfc9864

use std::fmt;

use ed25519_dalek::{Signature, Signer, VerifyingKey};

use crate::encoding::json::Object;
use crate::error::Error;
use crate::jose::alg::Alg;
use crate::jose::jwk::{self, Kind};

/// A point that is on the curve, in its one encoding, and not of small order.
#[derive(Debug)]
pub(super) struct Key(VerifyingKey);

impl Key {
    pub(super) fn new(x: &[u8; 32]) -> Result<Self, Error> {
        VerifyingKey::from_bytes(x)
            .ok()
            // A y that is not reduced decodes, and encodes differently (RFC 8032 section 5.1.3).
            .filter(|key| key.to_edwards().compress().as_bytes() == x)
            .filter(|key| !key.is_weak())
            .map(Self)
            .ok_or_else(|| Error::keys("x", "a point on Ed25519 that is not of small order"))
    }

    pub(super) fn verify(&self, alg: Alg, message: &[u8], signature: &[u8]) -> Option<()> {
        if !matches!(alg, Alg::EdDsa | Alg::Ed25519) {
            return None;
        }
        let signature = Signature::from_slice(signature).ok()?;
        self.0.verify_strict(message, &signature).ok()
    }
}

/// An Ed25519 private key, for receipts.
pub(crate) struct SigningKey(ed25519_dalek::SigningKey);

impl SigningKey {
    /// Reads a private JWK (RFC 8037 section 2), whose `x` must be the public key of its `d`.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::KeysInvalid`](crate::ErrorCode::KeysInvalid), naming the member to blame.
    pub(crate) fn parse(object: &Object<'_>) -> Result<Self, Error> {
        if Kind::of(object)? != Kind::Ed25519 {
            return Err(Error::keys("kty", "OKP, on Ed25519"));
        }
        jwk::check_use(object, "sign")?;
        if let Some(alg) = jwk::text(object, "alg")?
            && !Kind::Ed25519.algs().iter().any(|fit| alg == fit.name())
        {
            return Err(Error::keys("alg", "EdDSA or Ed25519"));
        }
        let d = <[u8; 32]>::try_from(jwk::octets(object, "d")?)
            .map_err(|_| Error::keys("d", "32 octets"))?;
        let key = ed25519_dalek::SigningKey::from_bytes(&d);
        if jwk::octets(object, "x")? != key.verifying_key().as_bytes() {
            return Err(Error::keys("x", "the public key of d"));
        }
        Ok(Self(key))
    }

    /// The signature of `message`.
    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey")
    }
}
