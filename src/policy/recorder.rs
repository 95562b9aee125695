//! Checks of a verification: stopping at the first refusal, or recording every outcome.

use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::error::Error;

/// Every name of a check, as the TypeScript type `CheckName` lists them.
const CHECKS: [&str; 25] = [
    "structure",
    "header",
    "alg",
    "typ",
    "key",
    "signature",
    "claims",
    "receipt",
    "uses",
    "issuer",
    "key_issuer",
    "subject",
    "audience",
    "required_claim",
    "claim",
    "nonce",
    "expiry",
    "not_before",
    "issued_at",
    "age",
    "lifetime",
    "confirmation",
    "scope",
    "permission",
    "bind",
];

/// One check and its outcome.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Check {
    /// The check: `structure`, `alg`, `signature`, `issuer`, …
    pub name: &'static str,
    /// Its outcome.
    pub outcome: Outcome,
    /// The Claim Name or Header Parameter name that it read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claim: Option<String>,
    /// What the policy requires.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<Value>,
    /// What the token says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actual: Option<Value>,
    /// The refusal, if the check failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Error>,
}

/// The outcome of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// The token meets the requirement.
    Pass,
    /// The token is refused.
    Fail,
    /// The policy does not require it, or an earlier check left nothing to read.
    NotChecked,
}

impl Outcome {
    /// The name, as reports have it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::NotChecked => "not_checked",
        }
    }
}

impl Serialize for Outcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// What a verification does with the outcome of each check.
#[derive(Debug)]
pub(crate) enum Recorder {
    /// The first refusal ends the verification.
    Off,
    /// Every outcome is recorded, and the verification goes on.
    On(Vec<Check>),
}

impl Recorder {
    /// Whether outcomes are recorded.
    pub(crate) const fn is_on(&self) -> bool {
        matches!(self, Self::On(_))
    }

    /// Handles the outcome of the check called `name`, which read `claim`. `evidence` returns what
    /// was expected and what was found; only a report calls it.
    #[inline(always)]
    pub(crate) fn step(
        &mut self,
        name: &'static str,
        claim: Option<&str>,
        outcome: Result<(), Error>,
        evidence: impl FnOnce() -> (Option<Value>, Option<Value>),
    ) -> Result<(), Error> {
        match (self, outcome) {
            // A result of its own: moving the whole outcome costs more than most checks.
            (Self::Off, Ok(())) => Ok(()),
            (Self::Off, refusal) => refusal,
            (Self::On(checks), outcome) => {
                report(checks, name, claim, outcome, evidence);
                Ok(())
            }
        }
    }

    /// Handles the outcome of a check that has a value, as [`Self::step`] does. The outer error
    /// ends the verification; a report goes on with the inner outcome.
    pub(crate) fn value<T>(
        &mut self,
        name: &'static str,
        claim: Option<&str>,
        outcome: Result<T, Error>,
        evidence: impl FnOnce(&T) -> (Option<Value>, Option<Value>),
    ) -> Result<Result<T, Error>, Error> {
        if let Self::On(checks) = self {
            let (expected, actual) = outcome.as_ref().map(evidence).unwrap_or_default();
            let error = outcome.as_ref().err().cloned();
            record(checks, name, claim, error, expected, actual);
        }
        self.carry(outcome)
    }

    /// Returns a refusal at once; a report, which has recorded it, carries it along to the steps that need the value.
    pub(crate) fn carry<T>(&self, outcome: Result<T, Error>) -> Result<Result<T, Error>, Error> {
        match self {
            Self::Off => outcome.map(Ok),
            Self::On(_) => Ok(outcome),
        }
    }

    /// Refuses a token if any check of its report failed.
    ///
    /// # Errors
    ///
    /// The first refusal.
    pub(crate) fn conclude(&self) -> Result<(), Error> {
        let Self::On(checks) = self else {
            return Ok(());
        };
        let refusal = checks.iter().find_map(|check| check.error.clone());
        refusal.map_or(Ok(()), Err)
    }

    /// Makes a check that later checks depend on: a failure ends a report too.
    pub(crate) fn need<T>(
        &mut self,
        name: &'static str,
        check: impl FnOnce() -> Result<T, Error>,
    ) -> Result<T, Error> {
        let value = check();
        if let Self::On(checks) = self {
            record(
                checks,
                name,
                None,
                value.as_ref().err().cloned(),
                None,
                None,
            );
        }
        value
    }

    /// Records that the check called `name`, which would read `claim`, is not made.
    pub(crate) fn skip(&mut self, name: &'static str, claim: Option<&str>) {
        if let Self::On(checks) = self {
            record_skipped(checks, name, claim);
        }
    }
}

impl Check {
    fn new(name: &'static str, outcome: Outcome, claim: Option<&str>) -> Self {
        debug_assert!(CHECKS.contains(&name), "{name} is not listed");
        Self {
            name,
            outcome,
            claim: claim.map(str::to_owned),
            expected: None,
            actual: None,
            error: None,
        }
    }
}

// Reports are rare: their code is kept out of line so that the verifying path stays small.

#[cold]
#[inline(never)]
fn report(
    checks: &mut Vec<Check>,
    name: &'static str,
    claim: Option<&str>,
    outcome: Result<(), Error>,
    evidence: impl FnOnce() -> (Option<Value>, Option<Value>),
) {
    let (expected, actual) = match outcome {
        Ok(()) => evidence(),
        Err(_) => (None, None),
    };
    record(checks, name, claim, outcome.err(), expected, actual);
}

#[cold]
#[inline(never)]
fn record(
    checks: &mut Vec<Check>,
    name: &'static str,
    claim: Option<&str>,
    error: Option<Error>,
    expected: Option<Value>,
    actual: Option<Value>,
) {
    let outcome = match error {
        None => Outcome::Pass,
        Some(_) => Outcome::Fail,
    };
    let mut check = Check::new(name, outcome, claim);
    (check.expected, check.actual) = (expected, actual);
    if let Some(error) = error {
        let blamed = error.claim.as_ref().map(ToString::to_string);
        check.claim = blamed.or(check.claim);
        (check.expected, check.actual) = (error.expected.clone(), error.actual.clone());
        check.error = Some(error);
    }
    checks.push(check);
}

#[cold]
#[inline(never)]
fn record_skipped(checks: &mut Vec<Check>, name: &'static str, claim: Option<&str>) {
    checks.push(Check::new(name, Outcome::NotChecked, claim));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::members::union_members;

    #[test]
    fn the_package_lists_every_check() {
        let mut listed = union_members("CheckName");
        listed.sort_unstable();
        let mut checks = CHECKS.to_vec();
        checks.sort_unstable();
        assert_eq!(listed, checks);
    }
}
