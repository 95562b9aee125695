//! DPoP proofs: JWTs that show possession of the key a token is bound to ([RFC 9449 section 4]).
//!
//! A proof takes the same strict path as a token. Its key comes from its own header, so a proof alone
//! authorizes nothing: it counts only beside a token whose `cnf` names that key.
//!
//! [RFC 9449 section 4]: https://www.rfc-editor.org/rfc/rfc9449#section-4

mod keys;
mod reading;
mod target_uri;

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::Value;

use crate::claims::numeric_date::NumericDate;
use crate::encoding::base64url;
use crate::encoding::json::{Object, Raw};
use crate::encoding::limits::{
    MAX_JTI_BYTES, MAX_PROOF_CHARS, PROOF_NONCE_SECONDS, PROOF_WINDOW_SECONDS,
};
use crate::encoding::sha256;
use crate::error::{Error, ErrorCode};
use crate::jose::jws::{Jws, Octets};
use crate::members::Members;

use keys::ProofKey;
use reading::{invalid, object};

/// A proof as it came with a request, and what it must be about.
#[derive(Clone, Debug)]
pub(crate) struct PresentedProof {
    jwt: String,
    method: String,
    url: String,
    /// The nonces that the server accepts; empty if it asks for none.
    nonces: Vec<String>,
}

/// What identifies a DPoP proof, so that a server accepts it once ([RFC 9449 section 11.1]): record `id` in a store that
/// all processes share, after the token is verified, and refuse the request if it is there already.
///
/// [RFC 9449 section 11.1]: https://www.rfc-editor.org/rfc/rfc9449#section-11.1
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ProofIdentity {
    /// A hash of its key and its `jti`, base64url, 43 characters.
    pub id: String,
    /// The last moment at which the proof is accepted, in seconds since the Unix epoch: until then `id` must be kept.
    pub expires_at: f64,
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

    /// Checks the proof against the request, `token` and the JWK Thumbprint `jkt` that the token is
    /// bound to, as of `now` ([RFC 9449 section 4.3]).
    ///
    /// `iat` must lie within five minutes of `now`, unless a nonce of the server's vouches for the
    /// time. `exp` and `nbf`, if the proof has them, hold in any case.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::ProofInvalid`], blaming the member that fails; [`ErrorCode::NonceRequired`] if
    /// the server asks for a nonce and the proof has another or none. The first failure decides, in
    /// the order of the RFC's list.
    ///
    /// [RFC 9449 section 4.3]: https://www.rfc-editor.org/rfc/rfc9449#section-4.3
    pub(crate) fn verify(&self, token: &[u8], jkt: &str, now: NumericDate) -> Result<(), Error> {
        let mut octets = Octets::default();
        let (jws, key) = parse(&self.jwt, &mut octets)?;
        if !key.verifies(&jws, &octets.signature) {
            return Err(Error::new(ErrorCode::ProofInvalid));
        }
        let claims = object(&octets.payload).ok_or_else(|| Error::new(ErrorCode::ProofInvalid))?;
        let jti = required(&claims, "jti")?;
        if jti.is_empty() || jti.len() > MAX_JTI_BYTES {
            return Err(invalid("jti"));
        }
        if required(&claims, "htm")? != self.method {
            return Err(invalid("htm").expected(self.method.as_str()));
        }
        let uri = required(&claims, "htu")?;
        if !target_uri::is_of_request(&uri, &self.url) {
            return Err(invalid("htu"));
        }
        let issued_at = issued_at(&claims)?;
        if self.nonces.is_empty() {
            check_window(issued_at, now)?;
        } else if !self.has_nonce(&claims) {
            return Err(Error::about(ErrorCode::NonceRequired, "nonce"));
        }
        check_times(&claims, now)?;
        let ath = base64url::encode(&sha256::digest(token));
        if required(&claims, "ath")? != ath {
            return Err(invalid("ath"));
        }
        if key.jkt != jkt {
            return Err(invalid("jwk"));
        }
        keys::remember(key);
        Ok(())
    }

    /// Whether the nonce in `claims` is one of those that are expected.
    fn has_nonce(&self, claims: &Object<'_>) -> bool {
        let nonce = claims.get("nonce").and_then(Raw::as_str);
        nonce.is_some_and(|nonce| self.nonces.iter().any(|one| *one == nonce))
    }
}

impl ProofIdentity {
    /// What identifies the proof `jwt`, which a [`Verifier`](crate::Verifier) accepted as of `now`. `is_under_nonce` says
    /// whether [`Expected`](crate::Expected) had nonces. Nothing is verified here.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::ProofInvalid`] for a proof that cannot be read.
    pub fn of(jwt: &str, is_under_nonce: bool, now: NumericDate) -> Result<Self, Error> {
        let mut octets = Octets::default();
        let (_, key) = parse(jwt, &mut octets)?;
        let claims = object(&octets.payload).ok_or_else(|| Error::new(ErrorCode::ProofInvalid))?;
        let jti = required(&claims, "jti")?;
        let id = sha256::digest_parts("countersign proof", &[key.jkt.as_bytes(), jti.as_bytes()]);
        // Under a nonce, `iat` says nothing about how long the proof is accepted.
        let expires_at = if is_under_nonce {
            now.secs() + f64::from(PROOF_NONCE_SECONDS)
        } else {
            issued_at(&claims)?.secs() + f64::from(PROOF_WINDOW_SECONDS)
        };
        Ok(Self {
            id: base64url::encode(&id),
            expires_at,
        })
    }
}

/// Splits a proof, decodes its payload and signature into `octets`, and reads its key.
fn parse<'p>(jwt: &'p str, octets: &mut Octets) -> Result<(Jws<'p>, Arc<ProofKey>), Error> {
    let malformed = || Error::new(ErrorCode::ProofInvalid);
    if jwt.len() > MAX_PROOF_CHARS {
        return Err(malformed());
    }
    let jws = Jws::split(jwt.as_bytes()).map_err(|_| malformed())?;
    let known = keys::find(jws.protected());
    if known.is_none() {
        jws.decode_header(octets).map_err(|_| malformed())?;
    }
    jws.decode_rest(octets).map_err(|_| malformed())?;
    let key = match known {
        Some(key) => key,
        None => Arc::new(ProofKey::new(jws.protected(), &octets.header)?),
    };
    Ok((jws, key))
}

/// The `iat` of a proof.
fn issued_at(claims: &Object<'_>) -> Result<NumericDate, Error> {
    time(claims, "iat")?.ok_or_else(|| invalid("iat"))
}

/// The member called `name` as a time, if it is there.
fn time(claims: &Object<'_>, name: &'static str) -> Result<Option<NumericDate>, Error> {
    let time = |value| NumericDate::from_claim(name, value).map_err(|_| invalid(name));
    claims.get(name).map(time).transpose()
}

/// Checks `exp` and `nbf`, which a proof need not have: it is a JWT ([RFC 7519 sections 4.1.4 and
/// 4.1.5]).
///
/// [RFC 7519 sections 4.1.4 and 4.1.5]: https://www.rfc-editor.org/rfc/rfc7519#section-4.1.4
fn check_times(claims: &Object<'_>, now: NumericDate) -> Result<(), Error> {
    if time(claims, "exp")?.is_some_and(|exp| exp <= now) {
        return Err(invalid("exp"));
    }
    if time(claims, "nbf")?.is_some_and(|nbf| nbf > now) {
        return Err(invalid("nbf"));
    }
    Ok(())
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

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed test should panic")]
mod tests {
    use serde_json::{Value, json};

    use super::PresentedProof;
    use crate::claims::numeric_date::NumericDate;

    /// The token of RFC 9449 figure 12.
    const TOKEN: &[u8] = b"Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";

    /// The JWK Thumbprint of its key (section 6.1).
    const JKT: &str = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";

    fn proof_of_figure(id: &str) -> String {
        let vectors = include_str!("../tests/conformance/vectors/rfc/rfc_vectors.json");
        let vectors: Value = serde_json::from_str(vectors).unwrap();
        let proofs = vectors.get("dpop").and_then(Value::as_array).unwrap();
        let figure = proofs.iter().find(|proof| proof["id"] == id);
        figure.unwrap()["proof"].as_str().unwrap().to_owned()
    }

    fn figure_12() -> String {
        proof_of_figure("rfc9449-fig12")
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
            .verify(token, JKT, now)
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn the_proof_of_rfc_9449_figure_12_holds_within_its_window() {
        let issued = 1_562_262_618.0;
        for now in [issued - 300.0, issued, issued + 300.0] {
            let now = NumericDate::from_secs(now).unwrap();
            presented(&json!({})).verify(TOKEN, JKT, now).unwrap();
            let other = JKT.replace('0', "1");
            let refusal = presented(&json!({})).verify(TOKEN, &other, now);
            assert_eq!(refusal.unwrap_err().to_string(), "proof_invalid (jwk)");
        }
        for now in [issued - 301.0, issued + 301.0] {
            assert_eq!(refusal(&json!({}), TOKEN, now), "proof_invalid (iat)");
        }
    }

    /// The proof of a token request, which has no `ath`, is valid but for that.
    #[test]
    fn the_proof_of_rfc_9449_figure_2_is_for_no_token() {
        let now = 1_562_262_616.0;
        let of_figure = |changes: Value| {
            let mut members = json!({
                "jwt": proof_of_figure("rfc9449-fig2"),
                "method": "POST",
                "url": "https://server.example.com/token",
            });
            let changes = changes.as_object().unwrap().clone();
            members.as_object_mut().unwrap().extend(changes);
            refusal(&members, TOKEN, now)
        };
        assert_eq!(of_figure(json!({})), "proof_invalid (ath)");
        assert_eq!(of_figure(json!({ "method": "GET" })), "proof_invalid (htm)");
        let other = json!({ "url": "https://server.example.com/" });
        assert_eq!(of_figure(other), "proof_invalid (htu)");
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
        assert!(presented(&query).verify(TOKEN, JKT, now).is_ok());
    }
}
