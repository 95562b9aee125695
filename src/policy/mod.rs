//! Policy: what a resource server requires of a token.

pub(crate) mod check;
pub(crate) mod expected;
mod hold;
mod possession;
mod requirements;
pub(crate) mod rule;
pub(crate) mod steps;
pub(crate) mod vouched;

use serde::{Deserialize, Deserializer, de};
use serde_json::Value;

use crate::claims::pointer::ClaimName;
use crate::encoding::json::Raw;
use crate::error::Error;
use crate::jose::alg::AlgSet;
use crate::members::Members;

use requirements::Requirements;
use rule::{ClaimRule, ScopeRule};

/// What a resource server requires of a token, as plain data.
///
/// Its members, their defaults and their meaning are those of `Policy` in the npm package: see
/// [`Policy::from_json`].
#[derive(Clone, Debug)]
pub struct Policy {
    issuer: Option<Vec<String>>,
    audience: Option<Vec<String>>,
    audience_claim: ClaimName,
    foreign_audience: ForeignAudience,
    algorithms: Option<AlgSet>,
    typ: Vec<String>,
    subject: Vec<String>,
    scopes: Vec<ScopeRule>,
    scope_claims: Vec<ClaimName>,
    claims: Vec<(ClaimName, ClaimRule)>,
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
    /// Reads a policy from JSON text: the members of `Policy` in the npm package, or `profile` and
    /// members that narrow it.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::PolicyInvalid`], blaming the member, for one that is unknown, of the wrong
    /// type, out of range, or that requires nothing; for `issuer` or `audience` left out; for a
    /// profile and a member beside it that contradict each other.
    ///
    /// # Examples
    ///
    /// ```
    /// use countersign::{ErrorCode, Policy};
    ///
    /// let policy = Policy::from_json(
    ///     r#"{ "issuer": "https://issuer.example", "audience": "https://api.example" }"#,
    /// );
    /// assert!(policy.is_ok());
    ///
    /// let silent = Policy::from_json(r#"{ "issuer": "https://issuer.example" }"#);
    /// assert_eq!(silent.unwrap_err().code, ErrorCode::PolicyInvalid);
    /// ```
    ///
    /// [`ErrorCode::PolicyInvalid`]: crate::ErrorCode::PolicyInvalid
    pub fn from_json(text: &str) -> Result<Self, Error> {
        let json = Raw::parse(text).ok_or_else(|| Error::policy("policy", "one JSON object"))?;
        Self::from_value(json.to_value())
    }

    /// Reads a policy as [`Self::from_json`] does, from data.
    ///
    /// # Errors
    ///
    /// As [`Self::from_json`].
    pub fn from_value(options: Value) -> Result<Self, Error> {
        let mut members = Members::of(options, "")?;
        let requirements = match members.take("profile") {
            None => Requirements::take(&mut members)?,
            Some(profile) => {
                let mut profile = Members::of(profile, "profile")?;
                // How a request carries the token and how a refusal is worded concern the guard.
                profile.take("carriers");
                profile.take("refusal");
                let whole = Requirements::take(&mut profile)?;
                profile.finish()?;
                whole
                    .spelled_out()
                    .narrowed_by(Requirements::take(&mut members)?)?
            }
        };
        members.finish()?;
        requirements.resolve()
    }

    /// How many octets a token may have.
    pub(crate) fn max_token_bytes(&self) -> usize {
        self.max_token_bytes
    }

    /// What may vouch for a token.
    pub(crate) fn evidence(&self) -> Evidence {
        self.evidence
    }

    /// The most redemptions of one token, if the policy limits them.
    pub(crate) fn max_uses(&self) -> Option<u32> {
        self.max_uses
    }

    /// How long after `exp` a token is accepted.
    #[cfg(feature = "wasm")]
    pub(crate) fn leeway_seconds(&self) -> u32 {
        self.leeway_seconds
    }

    /// Whether a token may be redeemed once only, by its `jti`.
    pub(crate) fn single_use(&self) -> bool {
        self.single_use
    }
}

impl<'de> Deserialize<'de> for Policy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_value(Value::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}
