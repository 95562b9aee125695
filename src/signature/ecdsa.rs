//! ECDSA on four curves ([RFC 7518 section 3.4], [RFC 8812 section 3.2]): R and S side by side, each
//! as long as the order of the curve.
//!
//! [RFC 7518 section 3.4]: https://www.rfc-editor.org/rfc/rfc7518#section-3.4
//! [RFC 8812 section 3.2]: https://www.rfc-editor.org/rfc/rfc8812#section-3.2

use p256::ecdsa::signature::Verifier;

use crate::error::Error;
use crate::jose::alg::Alg;
use crate::jose::jwk::Curve;

/// A point that is on its curve and is not the one at infinity.
#[derive(Debug)]
pub(super) enum Key {
    P256(p256::ecdsa::VerifyingKey),
    P384(p384::ecdsa::VerifyingKey),
    P521(p521::ecdsa::VerifyingKey),
    Secp256k1(k256::ecdsa::VerifyingKey),
}

impl Key {
    pub(super) fn new(curve: Curve, x: &[u8], y: &[u8]) -> Result<Self, Error> {
        let point = [&[UNCOMPRESSED], x, y].concat();
        let key = match curve {
            Curve::P256 => p256::ecdsa::VerifyingKey::from_sec1_bytes(&point).map(Self::P256),
            Curve::P384 => p384::ecdsa::VerifyingKey::from_sec1_bytes(&point).map(Self::P384),
            Curve::P521 => p521::ecdsa::VerifyingKey::from_sec1_bytes(&point).map(Self::P521),
            Curve::Secp256k1 => {
                k256::ecdsa::VerifyingKey::from_sec1_bytes(&point).map(Self::Secp256k1)
            }
        };
        key.map_err(|_| Error::keys("x", "with y, the coordinates of a point on the curve"))
    }

    pub(super) fn verify(&self, alg: Alg, message: &[u8], signature: &[u8]) -> Option<()> {
        match (alg, self) {
            (Alg::Es256, Self::P256(key)) => {
                let signature = p256::ecdsa::Signature::from_slice(signature).ok()?;
                key.verify(message, &signature).ok()
            }
            (Alg::Es384, Self::P384(key)) => {
                let signature = p384::ecdsa::Signature::from_slice(signature).ok()?;
                key.verify(message, &signature).ok()
            }
            (Alg::Es512, Self::P521(key)) => {
                let signature = p521::ecdsa::Signature::from_slice(signature).ok()?;
                key.verify(message, &signature).ok()
            }
            (Alg::Es256k, Self::Secp256k1(key)) => {
                let signature = k256::ecdsa::Signature::from_slice(signature).ok()?;
                // RFC 8812 asks for no low S; k256 does.
                key.verify(message, &signature.normalize_s()).ok()
            }
            _ => None,
        }
    }
}

/// SEC 1 section 2.3.3.
const UNCOMPRESSED: u8 = 0x04;
