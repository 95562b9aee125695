//! What does it say, if nobody trusts it? The same steps, all of them; never a Verified.

mod likeness;
mod warning;

use serde::Serialize;

pub use warning::Warning;

use crate::claims::ClaimsSet;
use crate::claims::numeric_date::NumericDate;
use crate::encoding::base64url;
use crate::encoding::json::{Object, Raw};
use crate::encoding::limits::MAX_MAX_TOKEN_BYTES;
use crate::error::{Error, ErrorCode};
use crate::jose::alg::Alg;
use crate::jose::header::JoseHeader;
use crate::jose::jws::{Jws, Octets, check_token};
use crate::policy::expected::Expected;
use crate::policy::steps::{Check, Steps};
use crate::receipt::is_b64token;
use crate::verifier::{Known, Verifier};

/// What a token says, not trusted. It cannot become a [`Verified`](crate::Verified).
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Inspection {
    /// What it is, by its shape.
    pub kind: Kind,
    /// The JOSE Header as it is spelled, JSON, if it can be read; of a countersigned token, its receipt's.
    #[serde(skip)]
    pub header: Option<String>,
    /// The JWT Claims Set as it is spelled, JSON, if it can be read; of a countersigned token, its
    /// receipt's.
    #[serde(skip)]
    pub claims: Option<String>,
    /// The segments as text, for display; a countersigned token is the last of its own.
    pub parts: Vec<String>,
    /// Its times, if they can be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<Time>,
    /// Every step and its outcome, where a verifier inspects.
    pub checks: Vec<Check>,
    /// What a careful reader would notice.
    pub warnings: Vec<Warning>,
    /// Token systems whose shape this is, likeliest first.
    pub looks_like: Vec<&'static str>,
    /// Why it cannot be read or, where a verifier inspects, why it is refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Error>,
}

/// What a token is, by its shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Kind {
    /// Three parts: a JWS Compact Serialization (RFC 7515 section 7.1).
    Jws,
    /// Five parts: a JWE Compact Serialization (RFC 7516 section 7.1).
    Jwe,
    /// None of those: only its issuer can tell what it means.
    Opaque,
    /// A receipt before an opaque token.
    Countersigned,
    /// No token at all.
    Malformed,
}

/// When a token counts, as of the moment of inspection.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Time {
    /// `iat`, in seconds since the epoch.
    pub issued_at: Option<f64>,
    /// `nbf`, in seconds since the epoch.
    pub not_before: Option<f64>,
    /// `exp`, in seconds since the epoch.
    pub expires_at: Option<f64>,
    /// Where now lies between them.
    pub state: TimeState,
    /// How long until `exp`; negative if it has come.
    pub seconds_left: Option<f64>,
}

/// Where now lies between the times of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TimeState {
    /// `nbf` is still to come.
    NotYetValid,
    /// Neither too early nor too late.
    Current,
    /// `exp` has come.
    Expired,
    /// There is no `exp`.
    NeverExpires,
}

/// Reads `token` as of `now` without trusting it.
pub fn inspect(token: &str, now: NumericDate) -> Inspection {
    let mut inspection = Inspection {
        kind: kind(token),
        header: None,
        claims: None,
        parts: Vec::new(),
        time: None,
        checks: Vec::new(),
        warnings: Vec::new(),
        looks_like: Vec::new(),
        error: None,
    };
    if let Err(error) = inspection.read(token, now) {
        inspection.error = Some(error);
    }
    inspection.looks_like = likeness::of(&inspection);
    inspection.warnings = warning::of(token, &inspection);
    inspection
}

impl Verifier {
    /// Takes `token` through every check as of `now`, writing each outcome down: nothing stops at
    /// the first refusal. For people; a server verifies.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::PolicyInvalid`] if `expected` leaves out what the policy binds tokens to; never
    /// for a token.
    pub fn inspect(
        &self,
        token: &str,
        expected: &Expected,
        now: NumericDate,
    ) -> Result<Inspection, Error> {
        expected.fits(self.policy())?;
        let mut inspection = inspect(token, now);
        let mut steps = Steps::Report(Vec::new());
        // What ends a report early stands in it, as its last check.
        let ended = self
            .walk(
                token.as_bytes(),
                expected,
                now,
                (Known::NOTHING, &mut Octets::default()),
                &mut steps,
            )
            .err();
        if let Steps::Report(checks) = steps {
            inspection.checks = checks;
        }
        let refusal = inspection
            .checks
            .iter()
            .find_map(|check| check.error.clone());
        inspection.error = refusal.or(ended);
        let header = members(inspection.header.as_deref());
        let alg = header.get("alg").and_then(Raw::as_str);
        let known = alg.and_then(|alg| Alg::from_name(&alg));
        if known.is_some_and(|alg| !self.can_verify(alg)) {
            let mismatch = Warning::new("alg_key_mismatch", Some("alg"));
            inspection.warnings.push(mismatch);
        }
        Ok(inspection)
    }
}

impl Inspection {
    /// Writes it as JSON text, header and claims as they are spelled.
    ///
    /// # Errors
    ///
    /// Never: what it holds can be written.
    pub fn to_json(&self) -> serde_json::Result<String> {
        let rest = serde_json::to_string(self)?;
        let rest = rest.strip_prefix('{').unwrap_or_default();
        let part = |name, part: &Option<String>| {
            part.iter()
                .map(|part| format!("\"{name}\":{part},"))
                .collect::<String>()
        };
        let header = part("header", &self.header);
        Ok(format!("{{{header}{}{rest}", part("claims", &self.claims)))
    }

    fn read(&mut self, token: &str, now: NumericDate) -> Result<(), Error> {
        check_token(token.as_bytes(), MAX_MAX_TOKEN_BYTES)?;
        let (signed, opaque) = match (self.kind, token.split_once('~')) {
            (Kind::Countersigned, Some((receipt, opaque))) => (receipt, Some(opaque)),
            (Kind::Opaque | Kind::Malformed, _) => ("", Some(token)),
            _ => (token, None),
        };
        let segments = signed
            .split('.')
            .filter(|segment| !signed.is_empty() || !segment.is_empty());
        self.parts = segments.chain(opaque).map(str::to_owned).collect();
        match self.kind {
            Kind::Malformed => Err(Error::new(ErrorCode::TokenMalformed)),
            Kind::Opaque => Ok(()),
            Kind::Jwe => {
                let header = self.parts.first().and_then(|part| base64url::decode(part));
                let text = header.and_then(|header| String::from_utf8(header).ok());
                self.header = text.as_deref().and_then(object);
                Err(Error::new(ErrorCode::TokenMalformed))
            }
            Kind::Jws | Kind::Countersigned => self.read_jws(signed, now),
        }
    }

    fn read_jws(&mut self, jws: &str, now: NumericDate) -> Result<(), Error> {
        let mut octets = Octets::default();
        let parsed = Jws::parse(jws.as_bytes(), &mut octets);
        let text = |octets| std::str::from_utf8(octets).ok().and_then(object);
        self.header = text(&octets.header);
        self.claims = text(&octets.payload);
        parsed?;
        JoseHeader::parse(&octets.header)?;
        let claims = ClaimsSet::parse(&octets.payload, &mut octets.places)?;
        self.time = Some(Time {
            issued_at: claims.times.iat.map(NumericDate::secs),
            not_before: claims.times.nbf.map(NumericDate::secs),
            expires_at: claims.times.exp.map(NumericDate::secs),
            state: match (claims.times.nbf, claims.times.exp) {
                (_, Some(exp)) if now >= exp => TimeState::Expired,
                (Some(nbf), _) if now < nbf => TimeState::NotYetValid,
                (_, Some(_)) => TimeState::Current,
                (_, None) => TimeState::NeverExpires,
            },
            seconds_left: claims.times.exp.map(|exp| exp.secs_since(now)),
        });
        Ok(())
    }
}

fn object(text: &str) -> Option<String> {
    Object::parse(text).map(|_| text.to_owned())
}

/// The members of a part, empty if it cannot be read.
fn members(part: Option<&str>) -> Object<'_> {
    part.and_then(Object::parse).unwrap_or_default()
}

fn kind(token: &str) -> Kind {
    if !is_b64token(token.as_bytes()) {
        return Kind::Malformed;
    }
    if let Some((receipt, opaque)) = token.split_once('~') {
        let mut octets = Octets::default();
        let is_receipt = Jws::parse(receipt.as_bytes(), &mut octets).is_ok()
            && JoseHeader::parse(&octets.header).is_ok_and(|header| header.is_receipt());
        return match is_receipt && !opaque.is_empty() {
            true => Kind::Countersigned,
            false => Kind::Opaque,
        };
    }
    match token.matches('.').count() {
        2 => Kind::Jws,
        4 => Kind::Jwe,
        _ => Kind::Opaque,
    }
}
