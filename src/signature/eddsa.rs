//! EdDSA on Ed25519 ([RFC 8037 section 3.1], [RFC 9864]), strictly.
//!
//! [RFC 8037 section 3.1]: https://www.rfc-editor.org/rfc/rfc8037#section-3.1
//! [RFC 9864]: https://www.rfc-editor.org/rfc/rfc9864

use std::fmt;

use super::arithmetic::ed25519::PublicKey;
use super::arithmetic::ed25519_sign::SecretKey;
use crate::encoding::json::Object;
use crate::error::Error;
use crate::jose::alg::Alg;
use crate::jose::jwk::{self, KeyType};

/// A point that is on the curve, in its one encoding, and not of small order.
#[derive(Debug)]
pub(super) struct Key(PublicKey);

impl Key {
    pub(super) fn new(x: &[u8; 32]) -> Result<Self, Error> {
        PublicKey::new(x)
            .map(Self)
            .ok_or_else(|| Error::keys("x", "a point on Ed25519 that is not of small order"))
    }

    pub(super) fn verify(&self, alg: Alg, message: &[u8], signature: &[u8]) -> Option<()> {
        if !matches!(alg, Alg::EdDsa | Alg::Ed25519) {
            return None;
        }
        self.0.verify(message, signature).then_some(())
    }
}

/// An Ed25519 private key, for receipts.
pub(crate) struct SigningKey(SecretKey);

impl SigningKey {
    /// Reads a private JWK (RFC 8037 section 2), whose `x` must be the public key of its `d`.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::KeysInvalid`](crate::ErrorCode::KeysInvalid), naming the member to blame.
    pub(crate) fn parse(object: &Object<'_>) -> Result<Self, Error> {
        if KeyType::of(object)? != KeyType::Ed25519 {
            return Err(Error::keys("kty", "OKP, on Ed25519"));
        }
        jwk::check_use(object, "sign", None)?;
        if let Some(alg) = jwk::text(object, "alg")?
            && !KeyType::Ed25519.algs().iter().any(|fit| alg == fit.name())
        {
            return Err(Error::keys("alg", "EdDSA or Ed25519"));
        }
        let d = <[u8; 32]>::try_from(jwk::octets(object, "d")?)
            .map_err(|_| Error::keys("d", "32 octets"))?;
        let key = SecretKey::new(&d);
        if jwk::octets(object, "x")? != key.public() {
            return Err(Error::keys("x", "the public key of d"));
        }
        Ok(Self(key))
    }

    /// The signature of `message`.
    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8037 appendix A.
    const PRIVATE: &str = r#"{"kty":"OKP","crv":"Ed25519",
        "d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
        "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

    fn blamed(text: &str) -> Option<String> {
        let error = SigningKey::parse(&Object::parse(text)?).err()?;
        error.into_refusal().claim.map(Into::into)
    }

    #[test]
    fn a_receipt_is_signed_as_printed_in_rfc_8037() {
        let input = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
        let signature = Object::parse(PRIVATE)
            .and_then(|object| SigningKey::parse(&object).ok())
            .map(|key| crate::encoding::base64url::encode(&key.sign(input)));
        let printed = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVv\
            pAr_MuM0KAg";
        assert_eq!(signature.as_deref(), Some(printed));
    }

    #[test]
    fn a_private_key_is_whole_and_for_signing() {
        assert_eq!(blamed(PRIVATE), None);
        let with = |members: &str| blamed(&PRIVATE.replacen('{', &format!("{{{members},"), 1));
        assert_eq!(
            with(r#""use":"sig","key_ops":["sign"],"alg":"EdDSA""#),
            None
        );
        assert_eq!(with(r#""alg":"Ed25519""#), None);
        assert_eq!(with(r#""use":"enc""#).as_deref(), Some("use"));
        assert_eq!(with(r#""key_ops":["verify"]"#).as_deref(), Some("key_ops"));
        assert_eq!(with(r#""alg":"ES256""#).as_deref(), Some("alg"));
        assert_eq!(
            blamed(&PRIVATE.replace("HURo", "HURQ")).as_deref(),
            Some("x")
        );
        assert_eq!(
            blamed(&PRIVATE.replace("\"x\"", "\"X\"")).as_deref(),
            Some("x")
        );
        assert_eq!(
            blamed(&PRIVATE.replace("\"d\"", "\"D\"")).as_deref(),
            Some("d")
        );
        assert_eq!(
            blamed(&PRIVATE.replace("OKP", "RSA")).as_deref(),
            Some("kty")
        );
        assert_eq!(
            blamed(&PRIVATE.replace("Ed25519", "Ed448")).as_deref(),
            Some("crv")
        );
    }

    #[test]
    fn a_public_key_is_a_point_in_its_one_encoding_and_of_large_order() {
        let blamed = |x: [u8; 32]| {
            Key::new(&x)
                .err()
                .and_then(|error| error.into_refusal().claim)
        };
        let with = |last, rest| {
            let mut x = [rest; 32];
            x.last_mut().into_iter().for_each(|octet| *octet = last);
            x
        };
        let mut one = [0; 32];
        one.first_mut().into_iter().for_each(|octet| *octet = 1);
        let mut three = [0; 32];
        three.first_mut().into_iter().for_each(|octet| *octet = 3);
        let mut unreduced_three = with(0x7f, 0xff);
        unreduced_three
            .first_mut()
            .into_iter()
            .for_each(|octet| *octet = 0xf0);
        assert_eq!(blamed(three), None);
        assert_eq!(blamed(unreduced_three).as_deref(), Some("x"), "p + 3");
        assert_eq!(blamed([0; 32]).as_deref(), Some("x"), "order 4");
        assert_eq!(blamed(one).as_deref(), Some("x"), "order 1");
        assert_eq!(
            blamed(with(0x7f, 0xff)).as_deref(),
            Some("x"),
            "2^255 - 1, not reduced"
        );
        assert_eq!(blamed([2; 32]).as_deref(), Some("x"), "off the curve");
    }
}
