//! DPoP proofs: JWTs that show possession of the key a token is bound to ([RFC 9449 section 4]).
//!
//! A proof takes the same strict path as a token. Its key comes from its own header, so a proof alone
//! authorizes nothing: it counts only beside a token whose `cnf` names that key.
//!
//! [RFC 9449 section 4]: https://www.rfc-editor.org/rfc/rfc9449#section-4

mod target_uri;

use std::borrow::Cow;

use serde_json::Value;

use crate::claims::numeric_date::NumericDate;
use crate::encoding::base64url;
use crate::encoding::json::{Object, Raw};
use crate::encoding::limits::{MAX_JTI_BYTES, MAX_PROOF_CHARS, PROOF_WINDOW_SECONDS};
use crate::encoding::sha256::{self, Message};
use crate::error::{Error, ErrorCode};
use crate::jose::alg::Alg;
use crate::jose::header::{JoseHeader, media_type};
use crate::jose::jwk::Jwk;
use crate::jose::jws::{Jws, Octets};
use crate::members::Members;
use crate::signature::{self, VerificationKey};

/// A proof as it came with a request, and what it must be about.
#[derive(Clone, Debug)]
pub(crate) struct PresentedProof {
    jwt: String,
    method: String,
    url: String,
    /// The nonces that the server accepts; empty if it asks for none.
    nonces: Vec<String>,
}

/// What a proof shows, once every check has passed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Proven {
    /// The JWK Thumbprint of its key ([RFC 7638]).
    ///
    /// [RFC 7638]: https://www.rfc-editor.org/rfc/rfc7638
    pub(crate) jkt: String,
}

/// What identifies a proof, so that it is accepted once.
#[cfg(feature = "wasm")]
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Identity {
    /// A hash of its key and its `jti`, base64url.
    id: String,
    /// `iat`, from which on the proof is remembered for its window.
    issued_at: f64,
    /// The position of its nonce among those that are expected.
    nonce: Option<usize>,
}

impl PresentedProof {
    /// Reads `{ jwt, method, url, nonce? }`.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::PolicyInvalid`], blaming the member.
    pub(crate) fn from_value(value: Value, path: &str) -> Result<Self, Error> {
        let mut members = Members::of(value, path)?;
        let jwt = members.take("jwt");
        let jwt = jwt.and_then(|jwt| jwt.as_str().map(str::to_owned));
        let method = members.text("method")?;
        let url = members.text("url")?;
        let proof = Self {
            jwt: members.must("jwt", jwt, "the value of the DPoP header, a string")?,
            method: members.must("method", method, "the request's method, a string")?,
            url: members.must("url", url, "the request's URL, a string")?,
            nonces: members.texts("nonce")?.unwrap_or_default(),
        };
        members.finish()?;
        let is_absolute = ["https://", "http://"].iter().any(|scheme| {
            let start = proof.url.get(..scheme.len());
            start.is_some_and(|start| start.eq_ignore_ascii_case(scheme))
        });
        if !is_absolute {
            let must_be = "an absolute http or https URL: the server's own origin and the path";
            return Err(Error::policy(format!("{path}.url"), must_be));
        }
        Ok(proof)
    }

    /// Checks the proof against the request and `token`, as of `now` ([RFC 9449 section 4.3]).
    ///
    /// `iat` must lie within five minutes of `now`, unless a nonce of the server's vouches for the
    /// time.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::ProofInvalid`], blaming the member that fails; [`ErrorCode::NonceRequired`] if
    /// the server asks for a nonce and the proof has another or none. The first failure decides, in
    /// the order of the RFC's list.
    ///
    /// [RFC 9449 section 4.3]: https://www.rfc-editor.org/rfc/rfc9449#section-4.3
    pub(crate) fn verify(&self, token: &[u8], now: NumericDate) -> Result<Proven, Error> {
        let malformed = || Error::new(ErrorCode::ProofInvalid);
        if self.jwt.len() > MAX_PROOF_CHARS {
            return Err(malformed());
        }
        let mut octets = Octets::default();
        let jws = Jws::parse(self.jwt.as_bytes(), &mut octets).map_err(|_| malformed())?;
        let key = verify_signature(&jws, &octets)?;
        let claims = object(&octets.payload).ok_or_else(malformed)?;

        let jti = required(&claims, "jti")?;
        if jti.is_empty() || jti.len() > MAX_JTI_BYTES {
            return Err(invalid("jti"));
        }
        if required(&claims, "htm")? != self.method {
            return Err(invalid("htm").expected(self.method.as_str()));
        }
        let uri = required(&claims, "htu")?;
        let uri = target_uri::normalize(&uri).ok_or_else(|| invalid("htu"))?;
        if target_uri::normalize_request(&self.url).as_ref() != Some(&uri) {
            return Err(invalid("htu"));
        }
        let issued_at = claims.get("iat").ok_or_else(|| invalid("iat"))?;
        let issued_at = NumericDate::from_claim("iat", issued_at).map_err(|_| invalid("iat"))?;
        if !self.nonces.is_empty() {
            self.nonce_of(&claims)
                .ok_or_else(|| Error::about(ErrorCode::NonceRequired, "nonce"))?;
        } else {
            check_window(issued_at, now)?;
        }
        let ath = base64url::encode(&sha256::digest(token));
        if required(&claims, "ath")? != ath {
            return Err(invalid("ath"));
        }
        let jkt = key.thumbprint();
        Ok(Proven { jkt })
    }

    /// What identifies the proof. Nothing is verified: this is for a proof that [`Self::verify`]
    /// accepted.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::ProofInvalid`] for a proof that cannot be read.
    #[cfg(feature = "wasm")]
    pub(crate) fn identity(&self) -> Result<Identity, Error> {
        let malformed = || Error::new(ErrorCode::ProofInvalid);
        let mut octets = Octets::default();
        Jws::parse(self.jwt.as_bytes(), &mut octets).map_err(|_| malformed())?;
        let jkt = header_key(&octets.header)?.thumbprint();
        let claims = object(&octets.payload).ok_or_else(malformed)?;
        let jti = required(&claims, "jti")?;
        let issued_at = claims.get("iat").ok_or_else(|| invalid("iat"))?;
        let issued_at = NumericDate::from_claim("iat", issued_at).map_err(|_| invalid("iat"))?;
        let id = sha256::digest_parts("countersign proof", &[jkt.as_bytes(), jti.as_bytes()]);
        Ok(Identity {
            id: base64url::encode(&id),
            issued_at: issued_at.secs(),
            nonce: self.nonce_of(&claims),
        })
    }

    /// The position of the nonce in `claims` among those that are expected.
    fn nonce_of(&self, claims: &Object<'_>) -> Option<usize> {
        let nonce = claims.get("nonce").and_then(Raw::as_str)?;
        self.nonces.iter().position(|one| *one == nonce)
    }
}

/// Verifies the signature with the key in the header; returns that key.
fn verify_signature(jws: &Jws<'_>, octets: &Octets) -> Result<Jwk, Error> {
    let blamed = |error: Error| match error.claim {
        Some(Cow::Borrowed(name @ ("alg" | "typ" | "jwk" | "crit"))) => invalid(name),
        _ => Error::new(ErrorCode::ProofInvalid),
    };
    let header = JoseHeader::parse(&octets.header).map_err(blamed)?;
    if header.typ().map(media_type).as_deref() != Some(PROOF_TYP) {
        return Err(invalid("typ").expected(PROOF_TYP));
    }
    let alg = header.alg().map_err(blamed)?;
    let key = header_key(&octets.header)?;
    if alg.is_mac() || !key.algs.contains(alg) {
        return Err(invalid("alg").expected(Value::from_iter(key_algorithms())));
    }
    let prepared = VerificationKey::new(&key.material).map_err(|_| invalid("jwk"))?;
    let input = Message::new(jws.signing_input);
    signature::verify(&prepared, alg, &input, &octets.signature)
        .map_err(|_| Error::new(ErrorCode::ProofInvalid))?;
    Ok(key)
}

/// The public key in a decoded header.
fn header_key(header: &[u8]) -> Result<Jwk, Error> {
    let jwk = object(header).and_then(|header| header.get("jwk")?.as_object());
    jwk.and_then(|jwk| Jwk::parse(&jwk).ok())
        .ok_or_else(|| invalid("jwk"))
}

/// The JSON object in `octets`.
fn object(octets: &[u8]) -> Option<Object<'_>> {
    Object::parse(std::str::from_utf8(octets).ok()?)
}

/// The algorithms that proofs may be signed with: every asymmetric one that is implemented
/// ([RFC 9449 section 4.3], step 5).
///
/// [RFC 9449 section 4.3]: https://www.rfc-editor.org/rfc/rfc9449#section-4.3
pub(crate) fn key_algorithms() -> impl Iterator<Item = &'static str> {
    let asymmetric = Alg::ALL.into_iter().filter(|alg| !alg.is_mac());
    asymmetric.map(Alg::name)
}

fn check_window(issued_at: NumericDate, now: NumericDate) -> Result<(), Error> {
    if now.secs_since(issued_at).abs() <= f64::from(PROOF_WINDOW_SECONDS) {
        return Ok(());
    }
    Err(invalid("iat")
        .expected(now.to_value())
        .actual(issued_at.to_value()))
}

/// The text of the member called `name`.
fn required<'a>(claims: &Object<'a>, name: &'static str) -> Result<Cow<'a, str>, Error> {
    claims
        .get(name)
        .and_then(Raw::as_str)
        .ok_or_else(|| invalid(name))
}

fn invalid(name: &'static str) -> Error {
    Error::about(ErrorCode::ProofInvalid, name)
}

/// The `typ` of a proof (RFC 9449 section 4.2).
const PROOF_TYP: &str = "dpop+jwt";

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed test should panic")]
mod tests {
    use serde_json::{Value, json};

    use super::PresentedProof;
    use crate::claims::numeric_date::NumericDate;

    /// The token of RFC 9449 figure 12.
    const TOKEN: &[u8] = b"Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";

    fn figure_12() -> String {
        let vectors = include_str!("../tests/conformance/vectors/rfc/rfc_vectors.json");
        let vectors: Value = serde_json::from_str(vectors).unwrap();
        let proofs = vectors.get("dpop").and_then(Value::as_array).unwrap();
        let figure = proofs.iter().find(|proof| proof["id"] == "rfc9449-fig12");
        figure.unwrap()["proof"].as_str().unwrap().to_owned()
    }

    fn presented(members: &Value) -> PresentedProof {
        let mut proof = json!({
            "jwt": figure_12(),
            "method": "GET",
            "url": "https://resource.example.org/protectedresource",
        });
        let given = members.as_object().unwrap().clone();
        proof.as_object_mut().unwrap().extend(given);
        PresentedProof::from_value(proof, "expected.proof").unwrap()
    }

    fn refusal(members: &Value, token: &[u8], now: f64) -> String {
        let now = NumericDate::from_secs(now).unwrap();
        presented(members)
            .verify(token, now)
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn the_proof_of_rfc_9449_figure_12_holds_within_its_window() {
        let issued = 1_562_262_618.0;
        for now in [issued - 300.0, issued, issued + 300.0] {
            let now = NumericDate::from_secs(now).unwrap();
            let proven = presented(&json!({})).verify(TOKEN, now).unwrap();
            assert_eq!(proven.jkt, "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");
        }
        for now in [issued - 301.0, issued + 301.0] {
            assert_eq!(refusal(&json!({}), TOKEN, now), "proof_invalid (iat)");
        }
    }

    #[test]
    fn a_proof_is_for_one_request_and_one_token() {
        let now = 1_562_262_618.0;
        for (members, token, expected) in [
            (json!({ "method": "POST" }), TOKEN, "proof_invalid (htm)"),
            (json!({ "method": "get" }), TOKEN, "proof_invalid (htm)"),
            (
                json!({ "url": "https://resource.example.org/" }),
                TOKEN,
                "proof_invalid (htu)",
            ),
            (
                json!({ "url": "http://resource.example.org/protectedresource" }),
                TOKEN,
                "proof_invalid (htu)",
            ),
            (json!({}), b"another".as_slice(), "proof_invalid (ath)"),
            (json!({ "nonce": "n" }), TOKEN, "nonce_required (nonce)"),
            (json!({ "jwt": "a.b.c" }), TOKEN, "proof_invalid"),
            (
                json!({ "jwt": format!("{},{}", figure_12(), figure_12()) }),
                TOKEN,
                "proof_invalid",
            ),
        ] {
            assert_eq!(refusal(&members, token, now), expected, "{members}");
        }
        let query = json!({ "url": "HTTPS://Resource.example.org:443/protectedresource?a=b#c" });
        let now = NumericDate::from_secs(now).unwrap();
        assert!(presented(&query).verify(TOKEN, now).is_ok());
    }
}
