//! Okta access tokens.

use serde_json::Value;

use crate::members::Members;
use crate::error::Error;

use super::parts::{
    DAY, is_host, is_segment, keys_at, names, not_empty, one_of, refuse_id_tokens, rules, text_that,
};
use super::{bearer, without_absent};

/// The profile of Okta access tokens: `{ domain, authorizationServer, audience, scope?, clients? }`.
///
/// Of a custom authorization server: the tokens of the org server (`https://{domain}`) are for Okta
/// alone. `cid` is the client, which an ID token does not name; `scp` the scope. At most a day.
///
/// # Errors
///
/// [`ErrorCode::PolicyInvalid`](crate::ErrorCode::PolicyInvalid), blaming the option.
pub fn okta(options: Value) -> Result<Value, Error> {
    let mut options = Members::of(options, "")?;
    let must_be = "the host of the org, such as acme.okta.com, without https:// and slash";
    let domain = text_that(&mut options, "domain", is_host, must_be)?;
    let must_be = "the id of a custom authorization server, such as default";
    let server = text_that(&mut options, "authorizationServer", is_segment, must_be)?;
    let audience = names(
        &mut options,
        "audience",
        "the audience of the authorization server",
    )?;
    let scope = options.take("scope");
    let clients = options.texts("clients")?;
    options.finish()?;
    let issuer = format!("https://{domain}/oauth2/{server}");
    let cid = clients.map_or_else(not_empty, |clients| one_of(&clients));
    let mut claims = vec![("cid", cid)];
    refuse_id_tokens(&mut claims);
    Ok(without_absent(vec![
        ("audience", one_of(&audience)),
        ("algorithms", vec!["RS256"].into()),
        ("scope", scope.into()),
        ("scopeClaims", vec!["scp"].into()),
        ("claims", rules(claims)),
        ("maxLifetimeSeconds", DAY.into()),
        ("carriers", bearer()),
        ("refusal", "bearer".into()),
        (
            "keys",
            keys_at(&format!("{issuer}/v1/keys"), issuer.clone()),
        ),
        ("issuer", issuer.into()),
    ]))
}
