//! Clerk session tokens.

use serde_json::Value;

use crate::members::Members;
use crate::error::Error;

use super::parts::{
    absent_or, cookie, is_base_url, is_host, keys_at, not_empty, one_of, refuse_id_tokens, rules,
    text_if_given, texts_that,
};
use super::{bearer, without_absent};

/// The profile of Clerk session tokens: `{ issuer | frontendApi, authorizedParties }`.
///
/// They have no audience: `authorizedParties` are the origins that `azp` may be, and a token without it
/// is refused. `sid` tells a session token from one of a JWT template. A session that is pending (`sts`)
/// is refused. In `Authorization` and in the cookie `__session`. At most a minute.
///
/// Longer than forty lines: the policy is one table.
///
/// # Errors
///
/// [`ErrorCode::PolicyInvalid`](crate::ErrorCode::PolicyInvalid), blaming the option.
pub fn clerk(options: Value) -> Result<Value, Error> {
    let mut options = Members::of(options, "")?;
    let must_be = "the URL of the instance, without a slash at its end";
    let issuer = text_if_given(&mut options, "issuer", is_base_url, must_be)?;
    let must_be = "the host of the instance, such as clerk.example.com";
    let host = text_if_given(&mut options, "frontendApi", is_host, must_be)?;
    let issuer = match (issuer, host) {
        (Some(issuer), None) => issuer,
        (None, Some(host)) => format!("https://{host}"),
        _ => {
            return Err(options.mistake(
                "issuer",
                "one string, unless `frontendApi` is given instead",
            ));
        }
    };
    let must_be = "origins such as https://app.example.com, without a slash at their end";
    let parties = texts_that(&mut options, "authorizedParties", is_base_url, must_be)?;
    let parties = options.must("authorizedParties", parties, must_be)?;
    options.finish()?;
    let mut claims = vec![
        ("azp", one_of(&parties)),
        ("sid", not_empty()),
        ("sub", not_empty()),
        ("sts", absent_or("active")),
    ];
    refuse_id_tokens(&mut claims);
    let carriers = bearer().as_array().cloned().unwrap_or_default();
    let carriers: Vec<Value> = carriers.into_iter().chain([cookie("__session")]).collect();
    Ok(without_absent(vec![
        ("audience", Value::Null),
        ("algorithms", vec!["RS256"].into()),
        ("claims", rules(claims)),
        ("maxLifetimeSeconds", 60.into()),
        ("carriers", carriers.into()),
        ("refusal", "bearer".into()),
        (
            "keys",
            keys_at(&format!("{issuer}/.well-known/jwks.json"), issuer.clone()),
        ),
        ("issuer", issuer.into()),
    ]))
}
