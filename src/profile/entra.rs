//! Microsoft Entra access tokens.

use serde_json::Value;

use crate::members::{Members, object, texts};
use crate::error::Error;

use super::parts::{
    HOUR, contains, is_uuid, names, not_empty, one_of, refuse_id_tokens, rules, text_if_given,
};
use super::{bearer, without_absent};

/// The profile of Microsoft Entra access tokens: `{ tenant | tenants, audience, version?, scope?, roles?, app? }`.
///
/// `tenant` is the id of one tenant; `tenants` a list of ids, or "any". `version` is that of the
/// tokens, "v2" by default, which the manifest of the API decides: it goes with the issuer, with `ver`
/// and with the client's id in `azp` (v2) or `appid` (v1), which no ID token has. `scope` is held against
/// `scp`, `roles` against `roles`; `app` asks for `idtyp`, an optional claim, to be "app". At most 28
/// hours. Tokens for Microsoft Graph are for Microsoft alone and never verify.
///
/// Longer than forty lines: the policy is one table.
///
/// # Errors
///
/// [`ErrorCode::PolicyInvalid`](crate::ErrorCode::PolicyInvalid), blaming the option.
pub fn entra(options: Value) -> Result<Value, Error> {
    let mut options = Members::of(options, "")?;
    const ID: &str = "the id of a tenant, a UUID in lower case: its domain is not in the tokens";
    const VERSION: &str = "\"v2\" or \"v1\"";
    let tenant = text_if_given(&mut options, "tenant", is_uuid, ID)?;
    let tenants = match options.take("tenants") {
        Some(Value::String(any)) if any == "any" => Some(Vec::new()),
        Some(tenants) => {
            let ids = texts(tenants);
            let ids = ids.filter(|ids| ids.iter().all(|id| is_uuid(id)));
            Some(options.must(
                "tenants",
                ids,
                "ids of tenants, UUIDs in lower case, or \"any\"",
            )?)
        }
        None => None,
    };
    let tenants = match (tenant, tenants) {
        (Some(one), None) => vec![one],
        (None, Some(several)) => several,
        _ => return Err(options.mistake("tenant", "given, unless `tenants` is")),
    };
    let audience = names(
        &mut options,
        "audience",
        "the id of the API, or its URI for v1",
    )?;
    let v2 = options.choice("version", &[("v2", true), ("v1", false)], VERSION)?;
    let v2 = v2.unwrap_or(true);
    let scope = options.take("scope");
    let roles = options.texts("roles")?;
    let app = options.flag("app")?;
    options.finish()?;
    let issuer = |tenant: &str| match v2 {
        true => format!("https://login.microsoftonline.com/{tenant}/v2.0"),
        false => format!("https://sts.windows.net/{tenant}/"),
    };
    let (version, client) = if v2 { ("2.0", "azp") } else { ("1.0", "appid") };
    let mut claims = vec![("ver", version.into()), (client, not_empty())];
    claims.push((
        "tid",
        if tenants.is_empty() {
            not_empty()
        } else {
            one_of(&tenants)
        },
    ));
    if app == Some(true) {
        claims.push(("idtyp", "app".into()));
    }
    refuse_id_tokens(&mut claims);
    let (issuer, directory) = match tenants.as_slice() {
        [one] => (issuer(one), one.as_str()),
        _ => (issuer("{tid}"), "common"),
    };
    let url = format!("https://login.microsoftonline.com/{directory}/discovery/v2.0/keys");
    let permissions = roles.map(|all| ("roles", contains(all)));
    Ok(without_absent(vec![
        ("issuer", issuer.into()),
        ("audience", one_of(&audience)),
        ("algorithms", vec!["RS256"].into()),
        ("scope", scope.into()),
        ("scopeClaims", vec!["scp"].into()),
        ("claims", rules(claims)),
        ("permissions", rules(permissions.into_iter().collect())),
        ("maxLifetimeSeconds", (28 * HOUR).into()),
        ("carriers", bearer()),
        ("refusal", "bearer".into()),
        ("keys", source(&url)),
    ]))
}

/// The keys at `url`. Those of Entra name the issuer that each vouches for themselves.
fn source(url: &str) -> Value {
    object(vec![("url", url.into())])
}
