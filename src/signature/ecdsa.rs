//! ECDSA on four curves ([RFC 7518 section 3.4], [RFC 8812 section 3.2]): R and S side by side, each
//! as long as the order of the curve.
//!
//! [RFC 7518 section 3.4]: https://www.rfc-editor.org/rfc/rfc7518#section-3.4
//! [RFC 8812 section 3.2]: https://www.rfc-editor.org/rfc/rfc8812#section-3.2

use countersign_rare_curves as rare;

use super::arithmetic::ecdsa::P256Key;
use crate::encoding::sha256::Message;
use crate::error::Error;
use crate::jose::alg::Alg;
use crate::jose::jwk::NamedCurve;

/// A point that is on its curve and is not the one at infinity.
#[derive(Debug)]
pub(super) enum Key {
    P256(P256Key),
    Rare(rare::Key),
}

impl Key {
    pub(super) fn new(curve: NamedCurve, x: &[u8], y: &[u8]) -> Result<Self, Error> {
        let key = match curve {
            NamedCurve::P256 => P256Key::from_coordinates(x, y).map(Self::P256),
            NamedCurve::P384 => rare::Key::p384(x, y).map(Self::Rare),
            NamedCurve::P521 => rare::Key::p521(x, y).map(Self::Rare),
            NamedCurve::Secp256k1 => rare::Key::secp256k1(x, y).map(Self::Rare),
        };
        key.ok_or_else(|| Error::keys("x", "with y, the coordinates of a point on the curve"))
    }

    pub(super) fn verify(&self, alg: Alg, message: &Message<'_>, signature: &[u8]) -> Option<()> {
        let verified = match (alg, self) {
            (Alg::Es256, Self::P256(key)) => key.verify(&message.sha256(), signature),
            (Alg::Es384, Self::Rare(key)) => key.verify_es384(message.octets(), signature),
            (Alg::Es512, Self::Rare(key)) => key.verify_es512(message.octets(), signature),
            (Alg::Es256k, Self::Rare(key)) => key.verify_es256k(&message.sha256(), signature),
            _ => false,
        };
        verified.then_some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// G of P-256 (SEC 2 section 2.4.2).
    const X: [u8; 32] = [
        0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47, 0xf8, 0xbc, 0xe6, 0xe5, 0x63, 0xa4, 0x40,
        0xf2, 0x77, 0x03, 0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0, 0xf4, 0xa1, 0x39, 0x45, 0xd8, 0x98,
        0xc2, 0x96,
    ];
    const Y: [u8; 32] = [
        0x4f, 0xe3, 0x42, 0xe2, 0xfe, 0x1a, 0x7f, 0x9b, 0x8e, 0xe7, 0xeb, 0x4a, 0x7c, 0x0f, 0x9e,
        0x16, 0x2b, 0xce, 0x33, 0x57, 0x6b, 0x31, 0x5e, 0xce, 0xcb, 0xb6, 0x40, 0x68, 0x37, 0xbf,
        0x51, 0xf5,
    ];

    #[test]
    fn a_point_is_on_its_curve() {
        let blamed = |x, y| {
            Key::new(NamedCurve::P256, x, y)
                .err()
                .and_then(|error| error.into_refusal().claim)
        };
        assert_eq!(blamed(&X, &Y), None);
        assert_eq!(blamed(&Y, &X).as_deref(), Some("x"));
        assert_eq!(blamed(&[0; 32], &[0; 32]).as_deref(), Some("x"));
        assert_eq!(blamed(&[0xff; 32], &Y).as_deref(), Some("x"));
    }
}
