//! Inspection: the contents of an untrusted token, with every check, warnings and likely issuers.

#[cfg(not(inspection_alone))]
mod checks;
mod contents;
mod systems;
mod warning;

pub use contents::{Kind, Time, TimeState};
pub use warning::Warning;

use crate::claims::numeric_date::NumericDate;
use crate::encoding::json::write::{name_member, write_array, write_error, write_string};
#[cfg(not(inspection_alone))]
use crate::encoding::json::write::{write_blame, write_evidence};
use crate::encoding::limits::{MAX_SHOWN_OCTETS, MAX_TOKEN_BYTES};
use crate::error::Error;
use crate::jose::jws::{Octets, check_token};
#[cfg(not(inspection_alone))]
use crate::policy::recorder::Check;

use contents::Contents;

/// The contents of a token, untrusted. It cannot become a [`Verified`](crate::Verified).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Inspection {
    /// What it is, by its shape.
    pub kind: Kind,
    /// The JOSE Header as it is spelled, JSON, if it can be read; of a countersigned token, its
    /// receipt's.
    pub header: Option<String>,
    /// The JWT Claims Set as it is spelled, JSON, if it can be read and has at most 131072 octets;
    /// of a countersigned token, its receipt's.
    pub claims: Option<String>,
    /// The segments as text, for display; of a countersigned token, the opaque token is the last.
    pub parts: Vec<String>,
    /// Its times, if they can be read.
    pub time: Option<Time>,
    /// Every step and its outcome. Only from [`Verifier::inspect`](crate::Verifier::inspect).
    #[cfg(not(inspection_alone))]
    pub checks: Vec<Check>,
    /// What is unusual or unsafe about the token.
    pub warnings: Vec<Warning>,
    /// Token systems whose shape this is, likeliest first.
    pub looks_like: Vec<&'static str>,
    /// Why it cannot be read or, from [`Verifier::inspect`](crate::Verifier::inspect), why it is refused.
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
        #[cfg(not(inspection_alone))]
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
    inspection.looks_like = systems::of(&contents);
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

impl Inspection {
    /// Writes it as JSON text, header and claims as they are spelled.
    ///
    /// # Errors
    ///
    /// Never: each of its members can be written.
    #[cfg(not(inspection_alone))]
    pub fn to_json(&self) -> serde_json::Result<String> {
        let mut json = String::from("{");
        self.write(&mut json);
        if let Some(time) = &self.time {
            name_member("time", &mut json);
            time.write(&mut json);
        }
        name_member("checks", &mut json);
        write_array(&self.checks, &mut json, write_check);
        json.push('}');
        Ok(json)
    }

    /// Writes its members but `time` and `checks` as those of a JSON object.
    pub(crate) fn write(&self, json: &mut String) {
        name_member("kind", json);
        write_string(self.kind.name(), json);
        for (name, part) in [("header", &self.header), ("claims", &self.claims)] {
            if let Some(part) = part {
                name_member(name, json);
                json.push_str(part);
            }
        }
        name_member("parts", json);
        write_array(&self.parts, json, |part, json| write_string(part, json));
        name_member("looksLike", json);
        write_array(&self.looks_like, json, |name, json| {
            write_string(name, json)
        });
        name_member("warnings", json);
        write_array(&self.warnings, json, Warning::write);
        if let Some(error) = &self.error {
            name_member("error", json);
            write_error(error, json);
        }
    }
}

#[cfg(not(inspection_alone))]
impl Time {
    fn write(&self, json: &mut String) {
        let member = |name, moment: Option<f64>, json: &mut String| {
            name_member(name, json);
            write_evidence(&moment.into(), json);
        };
        json.push('{');
        member("issuedAt", self.issued_at, json);
        member("notBefore", self.not_before, json);
        member("expiresAt", self.expires_at, json);
        name_member("state", json);
        write_string(self.state.name(), json);
        member("secondsLeft", self.seconds_left, json);
        json.push('}');
    }
}

#[cfg(not(inspection_alone))]
fn write_check(check: &Check, json: &mut String) {
    json.push('{');
    name_member("name", json);
    write_string(check.name, json);
    name_member("outcome", json);
    write_string(check.outcome.name(), json);
    write_blame(
        check.claim.as_deref(),
        [&check.expected, &check.actual],
        json,
    );
    if let Some(error) = &check.error {
        name_member("error", json);
        write_error(error, json);
    }
    json.push('}');
}
