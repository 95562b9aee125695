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
        let claim = claim.map(str::to_owned);
        checks.push(match outcome {
            Ok(()) => {
                let (expected, actual) = evidence();
                Check {
                    name,
                    outcome: Outcome::Pass,
                    claim,
                    expected,
                    actual,
                    error: None,
                }
            }
            Err(error) => Check {
                name,
                outcome: Outcome::Fail,
                claim: error.claim.as_ref().map(ToString::to_string).or(claim),
                expected: error.expected.clone(),
                actual: error.actual.clone(),
                error: Some(error),
            },
        });
        Ok(())
    }

    /// Takes a step without which there is nothing to go on with.
    pub(crate) fn need<T>(
        &mut self,
        name: &'static str,
        value: Result<T, Error>,
    ) -> Result<T, Error> {
        let outcome = value.as_ref().map(drop).map_err(Clone::clone);
        match self {
            Self::Stop => value,
            Self::Report(_) => {
                self.step(name, None, outcome, || (None, None))?;
                value
            }
        }
    }

    /// Passes over the step called `name`, which would look at `claim`.
    pub(crate) fn skip(&mut self, name: &'static str, claim: Option<&str>) {
        if let Self::Report(checks) = self {
            checks.push(Check {
                name,
                outcome: Outcome::NotChecked,
                claim: claim.map(str::to_owned),
                expected: None,
                actual: None,
                error: None,
            });
        }
    }
}
