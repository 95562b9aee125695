//! VTEX user tokens.

use serde_json::Value;

use crate::error::Error;
use crate::members::{Members, object};
use crate::policy::rule::one_or_many;

/// The profile of VTEX user tokens: `{ account, audience }`, `account` one name or several,
/// `audience` "admin" or "webstore".
///
/// ES256 by `token-emitter`, at most 24 hours from `iat` to `exp`, for this audience alone (the
/// claim is `audience`, not `aud`) and this account. VTEX publishes no keys: they are the
/// caller's. Roles are not in the token, and a logout is not visible in it.
///
/// Longer than forty lines: the policy is one table.
///
/// # Errors
///
/// [`ErrorCode::PolicyInvalid`](crate::ErrorCode::PolicyInvalid), blaming the option.
pub fn vtex(options: Value) -> Result<Value, Error> {
    const CARRIER: &str = "VtexIdclientAutCookie";
    const DAY: u32 = 86_400;
    let mut options = Members::of(options, "")?;
    let accounts = options.texts("account")?;
    let accounts = options.must("account", accounts, "an account name, or several")?;
    let audience = options.choice(
        "audience",
        &[("admin", "admin"), ("webstore", "webstore")],
        "\"admin\" or \"webstore\"",
    )?;
    let audience = options.must("audience", audience, "\"admin\" or \"webstore\"")?;
    options.finish()?;
    let cookies: Vec<String> = if audience == "admin" {
        vec![CARRIER.to_owned()]
    } else {
        let suffixed = accounts
            .iter()
            .map(|account| format!("{CARRIER}_{account}"));
        suffixed.collect()
    };
    let carriers: Vec<Value> = std::iter::once(object(vec![("header", CARRIER.into())]))
        .chain(
            cookies
                .into_iter()
                .map(|name| object(vec![("cookie", name.into())])),
        )
        .collect();
    let account = object(vec![("account", one_or_many(&accounts))]);
    Ok(object(vec![
        ("issuer", "token-emitter".into()),
        ("audience", audience.into()),
        ("audienceClaim", "audience".into()),
        ("foreignAudience", "refuse".into()),
        ("algorithms", vec!["ES256"].into()),
        ("claims", account),
        ("maxLifetimeSeconds", DAY.into()),
        ("carriers", carriers.into()),
        ("refusal", "vtex".into()),
    ]))
}
