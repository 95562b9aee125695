//! Amazon Cognito user pool tokens.

use serde_json::Value;

use crate::members::Members;
use crate::error::Error;

use super::parts::{DAY, contains, is_segment, keys_at, names, one_of, rules, text_that};
use super::{bearer, without_absent};

/// The profile of Amazon Cognito user pool tokens: `{ region, userPoolId, clientId, use?, groups?, scope? }`.
///
/// `use` is "access" (the default) or "id". An access token names the client in `client_id` and has no
/// `aud`; `token_use` tells the two apart. `clientId` may be several. `groups` is held against
/// `cognito:groups`. At most a day.
///
/// Longer than forty lines: the policy is one table.
///
/// # Errors
///
/// [`ErrorCode::PolicyInvalid`](crate::ErrorCode::PolicyInvalid), blaming the option.
pub fn cognito(options: Value) -> Result<Value, Error> {
    let mut options = Members::of(options, "")?;
    const USE: &str = "\"access\" or \"id\"";
    let region = text_that(
        &mut options,
        "region",
        is_segment,
        "a region, such as eu-west-1",
    )?;
    let of_region =
        |id: &str| is_segment(&id.replacen('_', "-", 1)) && id.starts_with(&format!("{region}_"));
    let must_be = "the id of a user pool of this region, such as eu-west-1_Abc123";
    let pool = text_that(&mut options, "userPoolId", of_region, must_be)?;
    let clients = names(
        &mut options,
        "clientId",
        "the id of the app client, or several",
    )?;
    let uses = [("access", ("access", "client_id")), ("id", ("id", "aud"))];
    let (token_use, audience_claim) = options
        .choice("use", &uses, USE)?
        .unwrap_or(("access", "client_id"));
    let groups = options.texts("groups")?;
    let scope = options.take("scope");
    if scope.is_some() && token_use == "id" {
        return Err(options.mistake("scope", "left out: an ID token has no scope"));
    }
    options.finish()?;
    let issuer = format!("https://cognito-idp.{region}.amazonaws.com/{pool}");
    let permissions = groups.map(|all| ("cognito:groups", contains(all)));
    Ok(without_absent(vec![
        ("audience", one_of(&clients)),
        ("audienceClaim", audience_claim.into()),
        ("algorithms", vec!["RS256"].into()),
        ("scope", scope.into()),
        ("scopeClaims", vec!["scope"].into()),
        ("claims", rules(vec![("token_use", token_use.into())])),
        ("permissions", rules(permissions.into_iter().collect())),
        ("requiredClaims", vec!["sub"].into()),
        ("maxLifetimeSeconds", DAY.into()),
        ("carriers", bearer()),
        ("refusal", "bearer".into()),
        (
            "keys",
            keys_at(&format!("{issuer}/.well-known/jwks.json"), issuer.clone()),
        ),
        ("issuer", issuer.into()),
    ]))
}
