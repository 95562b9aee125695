//! Inspection: the contents of an untrusted token, with every check, warnings and likely issuers.

mod contents;
mod likeness;
mod warning;

use serde::Serialize;

pub use contents::{Kind, Time, TimeState};
pub use warning::Warning;

use crate::claims::numeric_date::NumericDate;
use crate::encoding::limits::{MAX_SHOWN_OCTETS, MAX_TOKEN_BYTES};
use crate::error::Error;
use crate::jose::alg::Alg;
use crate::jose::jws::{Octets, check_token};
use crate::policy::expected::{Expected, Presentation};
use crate::policy::steps::{Check, Steps};
use crate::verifier::{Hints, Verifier};

use contents::Contents;

/// The contents of a token, untrusted. It cannot become a [`Verified`](crate::Verified).
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Inspection {
    /// What it is, by its shape.
    pub kind: Kind,
    /// The JOSE Header as it is spelled, JSON, if it can be read; of a countersigned token, its
    /// receipt's.
    #[serde(skip)]
    pub header: Option<String>,
    /// The JWT Claims Set as it is spelled, JSON, if it can be read and has at most 131072 octets;
    /// of a countersigned token, its receipt's.
    #[serde(skip)]
    pub claims: Option<String>,
    /// The segments as text, for display; of a countersigned token, the opaque token is the last.
    pub parts: Vec<String>,
    /// Its times, if they can be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<Time>,
    /// Every step and its outcome. Only from [`Verifier::inspect`].
    pub checks: Vec<Check>,
    /// What is unusual or unsafe about the token.
    pub warnings: Vec<Warning>,
    /// Token systems whose shape this is, likeliest first.
    pub looks_like: Vec<&'static str>,
    /// Why it cannot be read or, from [`Verifier::inspect`], why it is refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Error>,
}

/// Reads `token`, of at most 16384 octets, as of `now` without trusting it.
pub fn inspect(token: &str, now: NumericDate) -> Inspection {
    inspect_within(token, MAX_TOKEN_BYTES, now)
}

/// Reads `token` as [`inspect`] does, if it has at most `limit` octets.
pub(crate) fn inspect_within(token: &str, limit: usize, now: NumericDate) -> Inspection {
    let mut octets = Octets::default();
    let mut inspection = Inspection {
        kind: Kind::Malformed,
        header: None,
        claims: None,
        parts: Vec::new(),
        time: None,
        checks: Vec::new(),
        warnings: Vec::new(),
        looks_like: Vec::new(),
        error: check_token(token.as_bytes(), limit).err(),
    };
    if inspection.error.is_some() {
        inspection.kind = contents::shape(token);
        return inspection;
    }
    let (contents, error) = Contents::read(token, now, &mut octets);
    inspection.kind = contents.kind;
    inspection.header = contents.header.as_ref().map(|header| header.text().into());
    let claims = contents.claims.as_ref().map(|claims| claims.text());
    inspection.claims = claims
        .filter(|claims| claims.len() <= MAX_SHOWN_OCTETS)
        .map(str::to_owned);
    inspection.parts = contents.parts.iter().copied().map(str::to_owned).collect();
    inspection.looks_like = likeness::of(&contents);
    inspection.warnings = warning::of(&contents, &inspection.looks_like);
    if claims.is_some() && inspection.claims.is_none() {
        inspection
            .warnings
            .push(Warning::new("claims_not_shown", None));
    }
    inspection.time = contents.time;
    inspection.error = error;
    inspection
}

impl Verifier {
    /// Takes `token` through every check as of `now` and records each outcome: nothing stops at the
    /// first refusal. For people; a server verifies. A token beyond the policy's limit is not read.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::PolicyInvalid`](crate::ErrorCode::PolicyInvalid) if `expected` leaves out what
    /// the policy binds tokens to; never for a token.
    pub fn inspect(
        &self,
        token: &str,
        expected: &Expected,
        now: NumericDate,
    ) -> Result<Inspection, Error> {
        expected.fits(self.policy())?;
        let mut inspection = inspect_within(token, self.policy().max_token_bytes(), now);
        let mut steps = Steps::Report(Vec::new());
        let presentation = Presentation {
            token: token.as_bytes(),
            expected,
            now,
        };
        let octets = &mut Octets::default();
        let walked = self.walk(presentation, Hints::NONE, octets, &mut steps);
        inspection.error = steps.conclude().and(walked.map(drop)).err();
        if let Steps::Report(checks) = steps {
            inspection.checks = checks;
        }
        let alg = contents::alg(inspection.header.as_deref());
        if alg.is_some_and(|alg: Alg| !self.can_verify(alg)) {
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
    /// Never: each of its members can be written.
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
}
