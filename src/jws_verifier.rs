//! Signature verification alone: no policy, no claims.

use crate::encoding::limits::{MAX_TOKEN_BYTES, truncate};
use crate::encoding::sha256::Message;
use crate::error::{Error, ErrorCode};
use crate::jose::alg::Alg;
use crate::jose::header::{JoseHeader, KeyHint};
use crate::jose::jws::{Jws, Octets, check_token};
use crate::keys::{KeyRing, Keys, no_signer};

/// Verifies the signature of a JWS and nothing else: no policy, no claim, no time.
///
/// For a JWS whose JWS Payload is not a JWT Claims Set. An access token is for a
/// [`Verifier`](crate::Verifier): here a token never expires and may be from any issuer for any
/// audience.
#[derive(Debug)]
pub struct JwsVerifier {
    keys: KeyRing,
}

impl JwsVerifier {
    /// The verifier with these keys.
    pub fn new(keys: Keys) -> Self {
        Self { keys: keys.into() }
    }

    /// Verifies the signature of `token`, of at most 16384 octets, and returns the octets of its
    /// JWS Payload ([RFC 7515 section 5.2]).
    ///
    /// # Errors
    ///
    /// The refusal of the first step that fails, from [`ErrorCode::TokenMalformed`] to
    /// [`ErrorCode::SignatureInvalid`]: the codes of [`Verifier::verify`](crate::Verifier::verify)
    /// up to there.
    ///
    /// # Examples
    ///
    /// ```
    /// use countersign::{JwsVerifier, KeyTags, Keys};
    ///
    /// // RFC 8037 appendix A
    /// let key = r#"{ "kty": "OKP", "crv": "Ed25519",
    ///     "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" }"#;
    /// let verifier = JwsVerifier::new(Keys::new().jwk(key, &KeyTags::default())?);
    /// let payload = verifier.verify(concat!(
    ///     "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.",
    ///     "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5B",
    ///     "hVsPt9g7sVvpAr_MuM0KAg",
    /// ))?;
    /// assert_eq!(payload, b"Example of Ed25519 signing");
    /// # Ok::<(), countersign::Error>(())
    /// ```
    ///
    /// [RFC 7515 section 5.2]: https://www.rfc-editor.org/rfc/rfc7515#section-5.2
    pub fn verify(&self, token: &str) -> Result<Vec<u8>, Error> {
        check_token(token.as_bytes(), MAX_TOKEN_BYTES)?;
        let mut octets = Octets::default();
        let jws = Jws::parse(token.as_bytes(), &mut octets)?;
        let header = JoseHeader::parse(&octets.header)?;
        let alg = header.alg()?;
        let input = self.keys.message(jws.signing_input(), None);
        self.check(alg, header.key_hint(), &input, &octets.signature)?;
        Ok(octets.payload)
    }

    /// Verifies `signature` over `message` by `alg`, outside any JWS.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::AlgNotAllowed`] if no key fits `alg`, and [`ErrorCode::SignatureInvalid`].
    pub fn verify_signature(
        &self,
        alg: Alg,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), Error> {
        let hint = KeyHint::default();
        self.check(alg, hint, &self.keys.message(message, None), signature)
    }

    fn check(
        &self,
        alg: Alg,
        hint: KeyHint<'_>,
        message: &Message<'_>,
        signature: &[u8],
    ) -> Result<(), Error> {
        if !self.keys.algs().contains(alg) {
            let allowed: Vec<_> = self.keys.algs().iter().map(Alg::name).collect();
            return Err(Error::about(ErrorCode::AlgNotAllowed, "alg")
                .expected(allowed)
                .actual(truncate(alg.name())));
        }
        let candidates = self.keys.select(alg, hint)?;
        let signer = self.keys.signer(candidates, alg, message, signature);
        signer
            .map(drop)
            .ok_or_else(|| no_signer(self.keys.has_more(alg, hint)))
    }
}
