//! What became of each step of the one path?

use serde::Serialize;
use serde_json::Value;

use crate::error::Error;

/// One step and its outcome.
#[derive(Clone, Debug, Serialize)]
pub struct Check {
    /// The step: `structure`, `alg`, `signature`, `issuer`, …
    pub name: &'static str,
    /// What became of it.
    pub outcome: Outcome,
    /// The Claim Name or Header Parameter name that it looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claim: Option<String>,
    /// What the policy requires.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<Value>,
    /// What the token says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actual: Option<Value>,
    /// The refusal, if the step failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Error>,
}

/// What became of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It held.
    Pass,
    /// It refused the token.
    Fail,
    /// The policy does not ask for it, or an earlier step left nothing to look at.
    NotChecked,
}

/// The way through the steps: stopping at the first refusal, or writing down all of them.
#[derive(Debug)]
pub(crate) enum Steps {
    /// The first refusal ends the way.
    Stop,
    /// Every outcome is written down, and the way goes on.
    Report(Vec<Check>),
}

impl Steps {
    /// Takes the step called `name`, which looked at `claim`. `evidence` gives what was expected
    /// and what was found, and is asked only for a report.
    pub(crate) fn step(
        &mut self,
        name: &'static str,
        claim: Option<&str>,
        outcome: Result<(), Error>,
        evidence: impl FnOnce() -> (Option<Value>, Option<Value>),
    ) -> Result<(), Error> {
        let Self::Report(checks) = self else {
            return outcome;
        };
        let (expected, actual) = match outcome {
            Ok(()) => evidence(),
            Err(_) => (None, None),
        };
        write_down(checks, name, claim, outcome.err(), expected, actual);
        Ok(())
    }

    /// Takes a step without which there is nothing to go on with.
    pub(crate) fn need<T>(
        &mut self,
        name: &'static str,
        value: Result<T, Error>,
    ) -> Result<T, Error> {
        if let Self::Report(checks) = self {
            write_down(
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

    /// Passes over the step called `name`, which would look at `claim`.
    pub(crate) fn skip(&mut self, name: &'static str, claim: Option<&str>) {
        if let Self::Report(checks) = self {
            pass_over(checks, name, claim);
        }
    }
}

impl Check {
    fn new(name: &'static str, outcome: Outcome, claim: Option<&str>) -> Self {
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

// Few ask for a report: what writes one stands apart, once, and not at every step.

#[cold]
#[inline(never)]
fn write_down(
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
fn pass_over(checks: &mut Vec<Check>, name: &'static str, claim: Option<&str>) {
    checks.push(Check::new(name, Outcome::NotChecked, claim));
}
