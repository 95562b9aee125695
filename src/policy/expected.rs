//! Expectations of one request, beyond the policy.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::encoding::json::Raw;
use crate::encoding::safe_integer;
use crate::error::Error;
use crate::members::Members;
use crate::proof::PresentedProof;

use super::Policy;
use super::options::claim_rules;
use super::rule::{ClaimRule, ScopeRule};
use crate::claims::confirmation::is_thumbprint;
use crate::claims::numeric_date::NumericDate;
use crate::claims::pointer::ClaimName;

#[doc = include_str!("expected.md")]
#[derive(Clone, Debug, Default)]
pub struct Expected {
    pub(crate) scope: Option<ScopeRule>,
    pub(crate) audience: Vec<String>,
    pub(crate) claims: Vec<(ClaimName, ClaimRule)>,
    pub(crate) permissions: Vec<(ClaimName, ClaimRule)>,
    /// Each name with the id that the request is about, or `None` if the request does not name one.
    pub(crate) bind: Vec<(String, Option<String>)>,
    pub(crate) nonce: Option<String>,
    /// The DPoP proof that came with the token.
    pub(crate) proof: Option<Box<PresentedProof>>,
    /// The `x5t#S256` of the client certificate of the connection.
    pub(crate) certificate_thumbprint: Option<String>,
}

/// The presentation of a token: its text, what the request expects, and when.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Presentation<'r> {
    pub(crate) token: &'r [u8],
    pub(crate) expected: &'r Expected,
    pub(crate) now: NumericDate,
}

impl Expected {
    /// What a request expects that states nothing.
    pub(crate) const NOTHING: &Self = &Self {
        scope: None,
        audience: Vec::new(),
        claims: Vec::new(),
        permissions: Vec::new(),
        bind: Vec::new(),
        nonce: None,
        proof: None,
        certificate_thumbprint: None,
    };

    /// Whether the request expects nothing of an unbound token beyond the policy.
    pub(crate) fn is_nothing(&self) -> bool {
        let Self {
            scope,
            audience,
            claims,
            permissions,
            bind,
            nonce,
            proof,
            certificate_thumbprint: _,
        } = self;
        let no_rules = claims.is_empty() && permissions.is_empty();
        let no_lists = audience.is_empty() && no_rules && bind.is_empty();
        no_lists && scope.is_none() && nonce.is_none() && proof.is_none()
    }

    /// Reads expectations from JSON text: one object with the members of [`Expected`].
    ///
    /// # Errors
    ///
    /// [`ErrorCode::PolicyInvalid`](crate::ErrorCode::PolicyInvalid), blaming the member.
    pub fn from_json(text: &str) -> Result<Self, Error> {
        let json = Raw::parse(text).ok_or_else(|| Error::policy("expected", "one JSON object"))?;
        Self::from_value(json.to_value())
    }

    /// Reads expectations as [`Self::from_json`] does, from data.
    ///
    /// # Errors
    ///
    /// As [`Self::from_json`].
    pub fn from_value(options: Value) -> Result<Self, Error> {
        let mut members = Members::of(options, "expected")?;
        let claims = members.take("claims");
        let proof = members.take("proof");
        let permissions = members.take("permissions");
        let expected = Self {
            scope: members
                .take("scope")
                .map(|scope| ScopeRule::parse(scope, "expected.scope"))
                .transpose()?,
            audience: members.texts("audience")?.unwrap_or_default(),
            claims: claim_rules(claims, "expected.claims")?,
            permissions: claim_rules(permissions, "expected.permissions")?,
            bind: match members.take("bind") {
                None => Vec::new(),
                Some(Value::Object(bind)) if !bind.is_empty() => ids(bind),
                Some(_) => {
                    let must_be = "left out, or an object of names and ids";
                    return Err(Error::policy("expected.bind", must_be));
                }
            },
            nonce: members.text("nonce")?,
            proof: proof
                .map(|proof| PresentedProof::from_value(proof, "expected.proof").map(Box::new))
                .transpose()?,
            certificate_thumbprint: members.text("certificateThumbprint")?,
        };
        let thumbprint = expected.certificate_thumbprint.as_deref();
        if thumbprint.is_some_and(|text| !is_thumbprint(text)) {
            let must_be = "the base64url text of a SHA-256, 43 characters (x5t#S256)";
            return Err(Error::policy("expected.certificateThumbprint", must_be));
        }
        members.finish()?;
        Ok(expected)
    }

    /// Checks that the expectations supply what the policy requires of every call.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::PolicyInvalid`](crate::ErrorCode::PolicyInvalid) for a name of the policy's
    /// `bind` that is missing: the caller forgot it.
    pub(crate) fn fits(&self, policy: &Policy) -> Result<(), Error> {
        let missing = policy
            .bound_names()
            .find(|name| !self.bind.iter().any(|(given, _)| given == name));
        match missing {
            None => Ok(()),
            Some(name) => Err(Error::policy(
                format!("expected.bind.{name}"),
                "the id that this request is about, or null if the request does not say",
            )),
        }
    }
}

/// The ids of `bind`. A request may hold any value in place of an id; what is not an id counts as
/// absent.
fn ids(bind: Map<String, Value>) -> Vec<(String, Option<String>)> {
    bind.into_iter()
        .map(|(name, value)| {
            let id = text_of_id(&value).map(Cow::into_owned);
            (name, id)
        })
        .collect()
}

/// The text of an id, if `value` is one: a string that is not empty, or a safe integer.
fn text_of_id(value: &Value) -> Option<Cow<'_, str>> {
    let id = match value {
        Value::String(text) => Cow::Borrowed(text.as_str()),
        Value::Number(number) => Cow::Owned(canonical_number(&number.to_string())?),
        _ => return None,
    };
    Some(id).filter(|id| !id.is_empty())
}

/// The id that a token's claim holds: a string, or a safe integer in its decimal spelling.
pub(crate) fn id(value: Raw<'_>) -> Option<Cow<'_, str>> {
    value
        .as_str()
        .or_else(|| canonical_number(value.text()).map(Cow::Owned))
}

/// Whether `value` is an id that a token can be bound to: a string that is not empty, or a safe
/// integer.
pub(crate) fn is_id(value: &Value) -> bool {
    text_of_id(value).is_some()
}

fn canonical_number(text: &str) -> Option<String> {
    safe_integer::safe_integer(text).map(str::to_owned)
}
