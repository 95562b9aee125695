//! SPIFFE JWT-SVIDs.

use serde_json::Value;

use crate::members::{Members, object};
use crate::error::Error;

use super::parts::{is_base_url, names, one_of, rules, text_if_given, text_that, texts_that};
use super::{bearer, without_absent};

/// The profile of SPIFFE JWT-SVIDs: `{ trustDomain, audience, id?, bundle? }`.
///
/// `id` is a SPIFFE ID of the trust domain, or several; without it every one is accepted. `bundle` is the
/// https URL of the bundle of that domain, whose keys have the use `jwt-svid`; without it the caller gives
/// `keys: { jwks: bundle, use: 'jwt-svid' }`. A JWT-SVID needs no `iss` and no `iat`.
///
/// Longer than forty lines: the policy is one table.
///
/// # Errors
///
/// [`ErrorCode::PolicyInvalid`](crate::ErrorCode::PolicyInvalid), blaming the option.
pub fn spiffe(options: Value) -> Result<Value, Error> {
    let mut options = Members::of(options, "")?;
    let is_domain = |text: &str| {
        let is_fit = |octet: u8| octet.is_ascii_lowercase() || octet.is_ascii_digit();
        !text.is_empty()
            && text
                .bytes()
                .all(|octet| is_fit(octet) || b"-._".contains(&octet))
    };
    let must_be = "the name of the trust domain, in lower case, without spiffe://";
    let domain = text_that(&mut options, "trustDomain", is_domain, must_be)?;
    let audience = names(
        &mut options,
        "audience",
        "the audience, such as your own SPIFFE ID",
    )?;
    let start = format!("spiffe://{domain}/");
    let is_id = |id: &str| id.len() > start.len() && id.starts_with(&start);
    let ids = texts_that(
        &mut options,
        "id",
        is_id,
        "a SPIFFE ID of the trust domain, or several",
    )?;
    let is_https = |url: &str| url.starts_with("https://") && is_base_url(url);
    let bundle = text_if_given(
        &mut options,
        "bundle",
        is_https,
        "the https URL of the bundle",
    )?;
    options.finish()?;
    let any = || object(vec![("startsWith", start.as_str().into())]);
    let sub = ids.map_or_else(any, |ids| one_of(&ids));
    let keys = bundle.map(|url| object(vec![("url", url.into()), ("use", "jwt-svid".into())]));
    let algorithms = [
        "RS256", "RS384", "RS512", "ES256", "ES384", "ES512", "PS256", "PS384", "PS512",
    ];
    Ok(without_absent(vec![
        ("issuer", Value::Null),
        ("audience", one_of(&audience)),
        ("algorithms", algorithms.to_vec().into()),
        ("claims", rules(vec![("sub", sub)])),
        ("carriers", bearer()),
        ("refusal", "bearer".into()),
        ("keys", keys.into()),
    ]))
}
