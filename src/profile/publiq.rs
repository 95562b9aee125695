//! publiq access tokens.

use serde_json::Value;

use crate::error::Error;
use crate::members::{Members, object};
use crate::policy::rule::scope_tokens;

use super::{bearer, without_absent};

/// The claim that names the APIs a client may use.
const APIS: &str = "https://publiq.be/publiq-apis";

/// The profile of publiq access tokens: `{ environment, scope?, api?, issuedBy?, issuer?,
/// audience?, tokens? }`.
///
/// RS256, audience `https://api.publiq.be` unless `audience` says otherwise. `scope` is held
/// against the claims `scope` and `permissions`, `api` against `https://publiq.be/publiq-apis`;
/// one of them at least. `issuedBy` "keycloak" adds the issuer that a Keycloak realm of publiq
/// would have, which publiq does not document. `tokens` "client" asks for `gty`, which tokens of
/// Keycloak may not have. ID tokens are refused in any case.
///
/// Longer than forty lines: the policy is one table.
///
/// # Errors
///
/// [`ErrorCode::PolicyInvalid`](crate::ErrorCode::PolicyInvalid), blaming the option.
pub fn publiq(options: Value) -> Result<Value, Error> {
    let mut options = Members::of(options, "")?;
    let issuer = issuers(&mut options)?;
    let audience = match options.take("audience") {
        Some(Value::Null) => Value::Null,
        Some(Value::String(audience)) if !audience.is_empty() => audience.into(),
        Some(_) => return Err(options.mistake("audience", "a string, or null not to check")),
        None => "https://api.publiq.be".into(),
    };
    let scope = options.take("scope");
    let api = options.text("api")?;
    if scope.is_none() && api.is_none() {
        return Err(options.mistake("scope", "given, unless `api` is"));
    }
    let scope = scope
        .map(|scope| scope_tokens(scope, "scope"))
        .transpose()?;
    // An access token has no `nickname`, a hash of itself neither; `typ` is "ID" in Keycloak's.
    let absent = || object(vec![("absent", true.into())]);
    let mut claims = vec![
        ("typ", object(vec![("absentOr", "Bearer".into())])),
        ("nickname", absent()),
        ("at_hash", absent()),
    ];
    if let Some(api) = api {
        let [api] = <[String; 1]>::try_from(scope_tokens(api.into(), "api")?)
            .map_err(|_| options.mistake("api", "the short name of one API"))?;
        claims.push((APIS, object(vec![("scope", api.into())])));
    }
    let gty = options.choice(
        "tokens",
        &[
            ("client", Gty::Client),
            ("user", Gty::User),
            ("any", Gty::Any),
        ],
        "\"client\", \"user\" or \"any\"",
    )?;
    match gty.unwrap_or(Gty::Any) {
        Gty::Client => claims.push(("gty", "client-credentials".into())),
        Gty::User => claims.push(("gty", absent())),
        Gty::Any => {}
    }
    options.finish()?;
    Ok(without_absent(vec![
        ("issuer", issuer.into()),
        ("audience", audience),
        ("algorithms", vec!["RS256"].into()),
        ("scope", scope.into()),
        ("scopeClaims", vec!["scope", "permissions"].into()),
        ("claims", object(claims)),
        ("carriers", bearer()),
        ("refusal", "publiq".into()),
    ]))
}

/// Whose tokens are accepted, as the grant type shows it.
#[derive(Clone, Copy)]
enum Gty {
    Client,
    User,
    Any,
}

fn issuers(options: &mut Members) -> Result<Vec<String>, Error> {
    let environment = options.choice(
        "environment",
        &[
            ("production", ""),
            ("test", "-test"),
            ("acceptance", "-acc"),
        ],
        "\"test\", \"acceptance\" or \"production\"",
    )?;
    let must_be = "\"test\", \"acceptance\" or \"production\"";
    let environment = options.must("environment", environment, must_be)?;
    let keycloak = options.choice(
        "issuedBy",
        &[("auth0", false), ("keycloak", true)],
        "\"auth0\" or \"keycloak\"",
    )?;
    let issuer = options.texts("issuer")?;
    if issuer.is_some() && keycloak.is_some() {
        return Err(options.mistake("issuedBy", "left out where `issuer` is given"));
    }
    let mut documented = vec![
        format!("https://account{environment}.uitid.be/"),
        format!("https://publiq{environment}.eu.auth0.com/"),
    ];
    if keycloak == Some(true) {
        documented.push(format!(
            "https://account{environment}.uitid.be/realms/uitid"
        ));
    }
    Ok(issuer.unwrap_or(documented))
}
