//! Auth0 access tokens.

use serde_json::Value;

use crate::members::Members;
use crate::error::Error;

use super::parts::{
    DAY, contains, is_host, keys_at, names, one_of, refuse_id_tokens, rules, text_that,
};
use super::{bearer, without_absent};

/// The profile of Auth0 access tokens: `{ domain, audience, scope?, permissions? }`.
///
/// RS256, for this API: an ID token names the client as its audience, so `audience` must be the
/// identifier of the API. `permissions` is held against the claim of that name. At most 30 days, the
/// longest lifetime that Auth0 lets an API have.
///
/// # Errors
///
/// [`ErrorCode::PolicyInvalid`](crate::ErrorCode::PolicyInvalid), blaming the option.
pub fn auth0(options: Value) -> Result<Value, Error> {
    let mut options = Members::of(options, "")?;
    let must_be = "the host of the tenant, such as tenant.eu.auth0.com, without https:// and slash";
    let domain = text_that(&mut options, "domain", is_host, must_be)?;
    let audience = names(&mut options, "audience", "the identifier of the API")?;
    let scope = options.take("scope");
    let permissions = options.texts("permissions")?;
    options.finish()?;
    let issuer = format!("https://{domain}/");
    let mut claims = Vec::new();
    refuse_id_tokens(&mut claims);
    let permissions = permissions.map(|all| ("permissions", contains(all)));
    Ok(without_absent(vec![
        ("audience", one_of(&audience)),
        ("algorithms", vec!["RS256"].into()),
        ("scope", scope.into()),
        ("scopeClaims", vec!["scope"].into()),
        ("claims", rules(claims)),
        ("permissions", rules(permissions.into_iter().collect())),
        ("requiredClaims", vec!["sub"].into()),
        ("maxLifetimeSeconds", (30 * DAY).into()),
        ("carriers", bearer()),
        ("refusal", "bearer".into()),
        (
            "keys",
            keys_at(&format!("{issuer}.well-known/jwks.json"), issuer.clone()),
        ),
        ("issuer", issuer.into()),
    ]))
}
