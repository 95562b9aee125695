//! Policy: what a resource server requires of a token.

pub(crate) mod check;
mod claim_checks;
pub(crate) mod expected;
mod issuer;
mod options;
mod possession;
mod reading;
pub(crate) mod recorder;
pub(crate) mod rule;
pub(crate) mod vouched;

use crate::claims::NumericSubject;
use crate::claims::pointer::ClaimName;
use crate::jose::alg::AlgSet;

use issuer::IssuerRule;
use rule::{ClaimRule, ScopeRule};

#[doc = include_str!("policy.md")]
#[derive(Clone, Debug)]
pub struct Policy {
    issuer: Option<Vec<IssuerRule>>,
    audience: Option<Vec<String>>,
    audience_claim: ClaimName,
    foreign_audience: ForeignAudience,
    algorithms: Option<AlgSet>,
    typ: Vec<String>,
    subject: Vec<String>,
    scopes: Vec<ScopeRule>,
    scope_claims: Vec<ClaimName>,
    claims: Vec<(ClaimName, ClaimRule)>,
    permissions: Vec<(ClaimName, ClaimRule)>,
    numeric_subject: NumericSubject,
    required_claims: Vec<ClaimName>,
    bind: Vec<Binding>,
    evidence: Evidence,
    expiry: Expiry,
    max_age_seconds: Option<u32>,
    max_lifetime_seconds: Option<u32>,
    leeway_seconds: u32,
    max_token_bytes: usize,
    max_uses: Option<u32>,
    single_use: bool,
}

/// What may vouch for a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Evidence {
    /// The issuer's signature on it.
    Signature,
    /// The receipt of the server that countersigned it.
    Receipt,
}

/// Whether a token that also names an audience outside the policy's is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ForeignAudience {
    Allow,
    Refuse,
}

/// Whether a token may be without `exp`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expiry {
    Required,
    Optional,
}

/// A name that every call supplies, and the claim of a JWT that it is held against.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Binding {
    name: String,
    claim: ClaimName,
}

impl Policy {
    /// Whether `sub` may be an integer.
    pub(crate) fn numeric_subject(&self) -> NumericSubject {
        self.numeric_subject
    }

    /// How many octets a token may have.
    pub(crate) fn max_token_bytes(&self) -> usize {
        self.max_token_bytes
    }

    /// What may vouch for a token.
    pub fn evidence(&self) -> Evidence {
        self.evidence
    }

    /// The most redemptions of one token, if the policy limits them.
    pub fn max_uses(&self) -> Option<u32> {
        self.max_uses
    }

    /// How many seconds after `exp` a token is accepted: ids of tokens are remembered as long.
    pub fn leeway_seconds(&self) -> u32 {
        self.leeway_seconds
    }

    /// Whether a token may be redeemed once only, by its `jti`.
    pub fn single_use(&self) -> bool {
        self.single_use
    }
}
