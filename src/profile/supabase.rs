//! Supabase access tokens.

use serde_json::Value;

use crate::members::Members;
use crate::error::Error;

use super::parts::{
    DAY, absent_or, is_base_url, is_host, keys_at, not_empty, one_of, refuse_id_tokens, rules,
    text_if_given,
};
use super::{bearer, without_absent};

/// The profile of Supabase access tokens: `{ ref | url, role?, anonymous? }`.
///
/// `ref` is the project's; `url` that of a custom domain or of a server of one's own. `role` is
/// "authenticated" by default. Users that signed in anonymously have that role too: they are refused
/// unless `anonymous` is "allow". ES256 or RS256: the keys `anon` and `service_role` of old projects, and
/// the tokens of projects with a shared secret, are refused. At most a week.
///
/// # Errors
///
/// [`ErrorCode::PolicyInvalid`](crate::ErrorCode::PolicyInvalid), blaming the option.
pub fn supabase(options: Value) -> Result<Value, Error> {
    let mut options = Members::of(options, "")?;
    let is_label = |text: &str| !text.contains('.') && is_host(&format!("{text}.x"));
    let project = text_if_given(&mut options, "ref", is_label, "the ref of the project")?;
    let must_be = "the URL of the project, without a slash at its end";
    let url = text_if_given(&mut options, "url", is_base_url, must_be)?;
    let base = match (project, url) {
        (Some(project), None) => format!("https://{project}.supabase.co"),
        (None, Some(url)) => url,
        _ => return Err(options.mistake("ref", "one string, unless `url` is given instead")),
    };
    let role = options.texts("role")?;
    let allow = [("refuse", false), ("allow", true)];
    let anonymous = options.choice("anonymous", &allow, "\"refuse\" or \"allow\"")?;
    options.finish()?;
    let issuer = format!("{base}/auth/v1");
    let role = role.unwrap_or_else(|| vec!["authenticated".to_owned()]);
    let mut claims = vec![("role", one_of(&role)), ("sub", not_empty())];
    if anonymous != Some(true) {
        claims.push(("is_anonymous", absent_or(false)));
    }
    refuse_id_tokens(&mut claims);
    Ok(without_absent(vec![
        ("audience", "authenticated".into()),
        ("algorithms", vec!["ES256", "RS256"].into()),
        ("claims", rules(claims)),
        ("maxLifetimeSeconds", (7 * DAY).into()),
        ("carriers", bearer()),
        ("refusal", "bearer".into()),
        (
            "keys",
            keys_at(&format!("{issuer}/.well-known/jwks.json"), issuer.clone()),
        ),
        ("issuer", issuer.into()),
    ]))
}
