//! Kubernetes service account tokens.

use serde_json::Value;

use crate::members::{Members, object};
use crate::error::Error;

use super::parts::{
    asymmetric, is_base_url, is_segment, names, not_empty, one_of, rules, text_that,
    texts_that,
};
use super::{bearer, without_absent};

/// The profile of Kubernetes service account tokens: `{ issuer, audience, namespace?, serviceAccount? }`.
///
/// Projected tokens with an audience of their own: the default one is the API server. Tokens of old secrets
/// have neither `exp` nor `aud` and are refused. `sub` names the account.
///
/// Longer than forty lines: the policy is one table.
///
/// # Errors
///
/// [`ErrorCode::PolicyInvalid`](crate::ErrorCode::PolicyInvalid), blaming the option.
pub fn kubernetes(options: Value) -> Result<Value, Error> {
    let mut options = Members::of(options, "")?;
    let must_be = "the issuer of the cluster, an https URL, exactly as in iss";
    let is_url = |text: &str| is_base_url(text.strip_suffix('/').unwrap_or(text));
    let issuer = text_that(&mut options, "issuer", is_url, must_be)?;
    let audience = names(&mut options, "audience", "an audience of your own")?;
    let must_be = "the name of a namespace";
    let namespace = texts_that(&mut options, "namespace", is_segment, must_be)?;
    let account = texts_that(
        &mut options,
        "serviceAccount",
        is_segment,
        "the name of an account",
    )?;
    if account.is_some() && namespace.is_none() {
        return Err(options.mistake("namespace", "given, for `serviceAccount` is: it is of one"));
    }
    options.finish()?;
    let start = |start: String| object(vec![("startsWith", start.into())]);
    let sub = match (namespace.as_deref(), account.as_deref()) {
        (Some([namespace]), Some([account])) => {
            format!("system:serviceaccount:{namespace}:{account}").into()
        }
        (Some([namespace]), _) => start(format!("system:serviceaccount:{namespace}:")),
        _ => start("system:serviceaccount:".to_owned()),
    };
    let mut claims = vec![("sub", sub)];
    claims.extend(namespace.map(|all| ("/kubernetes.io/namespace", one_of(&all))));
    let name = "/kubernetes.io/serviceaccount/name";
    claims.push((name, account.map_or_else(not_empty, |all| one_of(&all))));
    let keys = object(vec![("issuer", issuer.as_str().into())]);
    Ok(without_absent(vec![
        ("issuer", issuer.into()),
        ("audience", one_of(&audience)),
        ("algorithms", asymmetric()),
        ("claims", rules(claims)),
        ("carriers", bearer()),
        ("refusal", "bearer".into()),
        ("keys", keys),
    ]))
}
