//! Cloudflare Access application tokens.

use serde_json::Value;

use crate::members::Members;
use crate::error::Error;

use super::parts::{
    DAY, cookie, header, is_host, keys_at, names, not_empty, one_of, rules, text_that,
};
use super::without_absent;

/// The profile of Cloudflare Access application tokens: `{ team, audience, tokens? }`.
///
/// `audience` is the AUD tag of the application. The header comes before the cookie. `tokens` is "user"
/// (the default), "service" or "any": the token of a service has an empty `sub` and a `common_name`.
/// `type` is "app": the session of the whole organization ("org") is refused. At most 31 days.
///
/// # Errors
///
/// [`ErrorCode::PolicyInvalid`](crate::ErrorCode::PolicyInvalid), blaming the option.
pub fn cloudflare_access(options: Value) -> Result<Value, Error> {
    let mut options = Members::of(options, "")?;
    const TOKENS: &str = "\"user\", \"service\" or \"any\"";
    let is_label = |text: &str| !text.contains('.') && is_host(&format!("{text}.x"));
    let must_be = "the name of the team, the host before .cloudflareaccess.com";
    let team = text_that(&mut options, "team", is_label, must_be)?;
    let audience = names(&mut options, "audience", "the AUD tag of the application")?;
    let tokens = [
        ("user", Some("sub")),
        ("service", Some("common_name")),
        ("any", None),
    ];
    let named = options
        .choice("tokens", &tokens, TOKENS)?
        .unwrap_or(Some("sub"));
    options.finish()?;
    let issuer = format!("https://{team}.cloudflareaccess.com");
    let mut claims = vec![("type", "app".into())];
    claims.extend(named.map(|name| (name, not_empty())));
    let carriers = vec![
        header("Cf-Access-Jwt-Assertion"),
        cookie("CF_Authorization"),
    ];
    Ok(without_absent(vec![
        ("audience", one_of(&audience)),
        ("algorithms", vec!["RS256"].into()),
        ("claims", rules(claims)),
        ("maxLifetimeSeconds", (31 * DAY).into()),
        ("carriers", carriers.into()),
        ("refusal", "bearer".into()),
        (
            "keys",
            keys_at(&format!("{issuer}/cdn-cgi/access/certs"), issuer.clone()),
        ),
        ("issuer", issuer.into()),
    ]))
}
